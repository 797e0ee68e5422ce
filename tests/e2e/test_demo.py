"""`hertzd demo`: no hardware, no root, no files; ends by itself when told to."""
import os
import re
import signal
import subprocess
import time

import hz


def start(*args, **kw):
    env = {**os.environ, **kw.pop("env", {})}
    return subprocess.Popen([hz.BIN, "demo", *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env, **kw)


def test_ends_after_its_seconds(tmp_path):
    began = time.monotonic()
    p = start("--seconds", "3", env={"XDG_RUNTIME_DIR": str(tmp_path)})
    out, err = p.communicate(timeout=hz.PATIENCE)
    took = time.monotonic() - began
    text = out.decode()
    assert p.returncode == 0, err
    assert 3 <= took < (20 if hz.SANITIZED else 5)
    for word in ("127.0.0.1:7373", "127.0.0.1:7380", ".sock"):
        assert word in text, text[:600]
    # aircraft, more than a few: six hex digits in a row of their own
    assert len(set(re.findall(r"\b[0-9a-f]{6}\b", text))) >= 3, text[:2000]
    assert re.search(r" ais .*mmsi=\d{9}", text), "ships, of the second receiver"
    assert "\x1b" not in text, "colour is for terminals"


def test_control_c(tmp_path):
    p = start(env={"XDG_RUNTIME_DIR": str(tmp_path)})
    while re.search(rb"\b[0-9a-f]{6}\b", line := p.stdout.readline()) is None:
        assert line, p.stderr.read()
    p.send_signal(signal.SIGINT)
    _, err = p.communicate(timeout=hz.PATIENCE)
    assert p.returncode == 0, err
    assert not list(tmp_path.glob("*.sock")), "the control socket is left behind"


def test_wrong_usage():
    for args in (["--seconds", "soon"], ["--seconds", "-1"], ["now"]):
        p = start(*args)
        out, err = p.communicate(timeout=hz.PATIENCE)
        assert p.returncode == 2 and err and not out
