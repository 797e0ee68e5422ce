"""`hertzd demo`: no hardware, no root, no files; ends by itself when told to."""
import fcntl
import os
import pty
import re
import shutil
import signal
import socket
import struct
import subprocess
import termios
import time

import hz
import pytest
import websockets

PROTOCOLS = ["adsb", "ais", "aprs", "ax25-9600", "pocsag", "flex", "vdl2", "acars", "rs41", "sensors", "nfm", "am"]


def start(tmp_path, *args, **kw):
    env = {**os.environ, "XDG_RUNTIME_DIR": str(tmp_path), **kw.pop("env", {})}
    kw = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **kw}
    return subprocess.Popen([hz.BIN, "demo", *args], env=env, **kw)


class Demo:
    """A demo that runs: what its head tells, line by line."""

    def __init__(self, tmp_path):
        self.process = start(tmp_path)
        self.head = []
        while not self.head or not self.head[-1].startswith("TIME UTC"):
            line = self.process.stdout.readline().decode()
            assert line, self.process.stderr.read()
            self.head.append(line)
        text = "".join(self.head)
        self.json = "127.0.0.1", int(re.search(r"JSON lines +127\.0\.0\.1:(\d+)", text)[1])
        self.web = "127.0.0.1", int(re.search(r"ws://127\.0\.0\.1:(\d+)/stream", text)[1])
        self.control = re.search(r"control +(.*)\n", text)[1].split()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGINT)
        _, err = self.process.communicate(timeout=hz.PATIENCE)
        assert self.process.returncode == 0, err


def test_ends_after_its_seconds(tmp_path):
    began = time.monotonic()
    p = start(tmp_path, "--seconds", "3")
    out, err = p.communicate(timeout=hz.PATIENCE)
    took = time.monotonic() - began
    text = out.decode()
    assert p.returncode == 0, err
    assert 3 <= took < hz.PATIENCE
    for word in ("JSON lines  127.0.0.1:", "ws://127.0.0.1:", "http://127.0.0.1:", "control"):
        assert word in text, text[:600]
    # aircraft, more than a few: six hex digits in a row of their own
    assert len(set(re.findall(r"\b[0-9a-f]{6}\b", text))) >= 3, text[:2000]
    assert re.search(r" ais .* \d{9}\b", text), "ships, of the second receiver"
    assert "\x1b" not in text, "colour is for terminals"
    lines = [l for l in text.splitlines() if re.match(r"\d\d:\d\d:\d\d ", l)]
    assert max(map(len, lines)) <= 80
    # in balance: the 190 messages a second of aircraft leave the others their place
    shown = {name: [l.split()[1] for l in lines].count(name) for name in PROTOCOLS}
    assert 3 <= shown["adsb"] <= 10 and shown["ais"] >= 2, shown


def test_says_what_to_try_next_and_that_is_there(tmp_path):
    p = start(tmp_path, "--seconds", "1")
    out, _ = p.communicate(timeout=hz.PATIENCE)
    head, _, tail = out.decode().partition("What to try next:\n")
    counts = re.search(r"(\d+) messages: (.*)", head)
    each = dict(re.findall(r"([a-z0-9-]+) (\d+)", counts[2]))
    assert list(each) == PROTOCOLS and sum(map(int, each.values())) == int(counts[1])
    commands = [l.split()[0] for l in tail.splitlines()]
    commands += re.findall(r"(?:(?<=  )|(?<=control     ))(nc|socat|curl|\S*hertzctl) ", head)
    assert len(commands) >= 4
    for command in commands:
        assert shutil.which(command), command


@pytest.mark.parametrize("path", ["", "only"])
def test_no_command_is_shown_that_is_not_there(tmp_path, path):
    if path:
        (tmp_path / "socat").write_text("#!/bin/sh\n")
        (tmp_path / "socat").chmod(0o755)
    p = start(tmp_path, "--seconds", "0.1", env={"PATH": str(tmp_path)})
    text = p.communicate(timeout=hz.PATIENCE)[0].decode()
    assert not re.search(r"\b(nc|curl) ", text), text
    assert ("socat - TCP:127.0.0.1:" in text) == bool(path)


def test_works_beside_a_service_and_another_demo(tmp_path):
    """The usual ports and the usual socket are taken: the demo takes others, and shows them."""
    held = []
    for port in 7373, 7380:
        s = socket.socket()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections of an earlier demo may linger
        try:
            s.bind(("127.0.0.1", port))
            s.listen()
        except OSError:
            pass  # taken by somebody else: as good
        held.append(s)
    with Demo(tmp_path) as one, Demo(tmp_path) as two:
        ports = {one.json[1], one.web[1], two.json[1], two.web[1]}
        assert len(ports) == 4 and not ports & {7373, 7380}
        for d in one, two:
            client = hz.Lines(d.json)
            assert client.next()["kind"] == "hello"
            client.close()
            assert hz.http(d.web, "/healthz")[0] in (200, 503)
            done = subprocess.run(d.control, capture_output=True, text=True, timeout=hz.PATIENCE,
                                  env={**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)})
            assert done.returncode == 0 and f"127.0.0.1:{d.json[1]}" in done.stdout, done
    for s in held:
        s.close()


def test_pages_of_this_machine_may_watch(tmp_path):
    with Demo(tmp_path) as d:
        for origin in f"http://127.0.0.1:{d.web[1]}", "http://localhost:3000", "http://[::1]:8080":
            client = hz.Web(d.web, origin=origin)
            assert client.next()["kind"] == "hello"
            client.close()
        for origin in "http://evil.example", "null", "http://localhost.evil.example":
            with pytest.raises(websockets.exceptions.InvalidHandshake):
                hz.Web(d.web, origin=origin)


def on_terminal(tmp_path, rows, columns, wanted):
    """What a demo on such a terminal writes, until wanted(text); the demo is ended then."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    p = start(tmp_path, stdout=theirs)
    os.close(theirs)
    text, signalled = b"", False
    while True:
        try:
            text += os.read(ours, 65536)
        except OSError:  # EIO: nobody writes any more
            break
        if not signalled and wanted(text.decode(errors="replace")):
            p.send_signal(signal.SIGINT)
            signalled = True
    _, err = p.communicate(timeout=hz.PATIENCE)
    os.close(ours)
    assert signalled and p.returncode == 0, err
    return text.decode().replace("\r\n", "\n")


@pytest.mark.parametrize("rows,columns", [(24, 80), (50, 120)])
def test_on_a_terminal_the_addresses_stay(tmp_path, rows, columns):
    """The screen is drawn anew in its own place: nothing scrolls away."""
    up = re.compile(r"\x1b\[(\d+)A")
    text = on_terminal(tmp_path, rows, columns, lambda t: len(up.findall(t)) >= 4)
    screens = up.split(text)[::2]
    heights = [int(n) for n in up.findall(text)]
    for screen, height in zip(screens, heights):
        lines = re.sub(r"\x1b\[[0-9]*[A-Za-z]", "", screen).split("\n")[:-1]
        assert len(lines) == height < rows, "the next one begins where this one began"
        assert max(map(len, lines)) <= columns
        for word in ("127.0.0.1:", "ws://", "control", "Ctrl-C"):
            assert any(word in l for l in lines), lines
        names = [l.split()[0] for l in lines if " messages " in l]
        assert names == PROTOCOLS
        assert any(re.match(r"  \d\d:\d\d:\d\d  ", l) for l in lines)
    assert "What to try next" in text


def test_a_low_terminal_gets_lines(tmp_path):
    text = on_terminal(tmp_path, 10, 80, lambda t: len(re.findall(r" adsb ", t)) >= 3)
    assert "\x1b[" not in text and "TIME UTC" in text


def test_control_c(tmp_path):
    p = start(tmp_path)
    while re.search(rb"\b[0-9a-f]{6}\b", line := p.stdout.readline()) is None:
        assert line, p.stderr.read()
    p.send_signal(signal.SIGINT)
    _, err = p.communicate(timeout=hz.PATIENCE)
    assert p.returncode == 0, err
    assert not list(tmp_path.glob("*.sock")), "the control socket is left behind"


def test_wrong_usage(tmp_path):
    for args in (["--seconds", "soon"], ["--seconds", "-1"], ["now"]):
        p = start(tmp_path, *args)
        out, err = p.communicate(timeout=hz.PATIENCE)
        assert p.returncode == 2 and err and not out
