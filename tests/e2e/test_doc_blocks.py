"""Every code block of the documents is true: configurations pass `hertzd check`, commands run against
a daemon, JSON parses. A command that cannot run here is listed in NOT_RUN with the reason."""
import json
import os
import re
import shlex
import stat
import subprocess
import sys

import numpy as np
import pytest

import hz
import modes
from test_rtl_tcp import Server

DOCUMENTS = [hz.ROOT / "README.md", *sorted((hz.ROOT / "docs").glob("*.md"))]
LANGUAGES = {"sh", "ini", "json", "c", "text", "nginx", "caddy", "python"}  # test_proxy.py runs the last two

# The first words of a command, and why it is not run.
NOT_RUN = {
    "sudo": "needs root, and changes the system",
    "systemctl": "needs the installed service: tests/systemd runs it",
    "make demo": "runs until Ctrl-C: test_demo.py runs it",
    "make test": "is this very suite",
    "make test-sanitized": "is this very suite, too",
    "make test-all": "is this very suite, too",
    "build/hertzctl top": "draws until q is pressed: test_hertzctl.py runs it",
    "hertzctl top": "draws until q is pressed: test_hertzctl.py runs it",
    "ffmpeg": "records for a minute: it was tried by hand",
    "nats stream add": "is a tool that Debian 12 does not have: test_nats.py makes streams",
    "mpv": "is a player with a window",
    "vlc": "is a player with a window",
    "curl -sN http://127.0.0.1:7380/audio/voice.wav": "does not end: test_sound.py listens",
    "make unit-bin": "needs the decoder of the guide in the tree: test_docs.py compiles it",
    "build/hertzd decoders --markdown": "writes a document: test_docs.py compares it",
    "build/hertzd decoders carrier --schema": "needs the decoder of the guide: test_docs.py compares those of the tree",
    "build/hertzd decode -d carrier": "needs the decoder of the guide: test_docs.py runs its tests",
    "make && make deb": "makes a package, which needs debhelper: make installed uses it",
    "make deb-arm64 deb-armhf": "unpacks a cross compiler from the network",
    "podman": "needs podman, which builds from the network",
    "hertzd setup": "looks for dongles: test_first_run.py runs it",
    "hertzctl scan": "needs a tuner: test_first_run.py runs it",
    "build/hertzctl why": "its exit code tells of the daemon: test_why.py runs it",
    "hertzctl why": "its exit code tells of the daemon: test_why.py runs it",
    "hertzctl report": "asks the machine's journal: test_manual.py runs it",
    "curl -s http://127.0.0.1:7380/metrics | promtool": "needs Prometheus's tool: test_metrics.py runs it",
    "hertzd decode -r 2400k -f 1090M --set": "needs a radio: test_soapy.py runs it",
    "build/hertzd -c FILE": "runs until it is stopped: it is the daemon of this test",
}
# Configurations that `hertzd check` cannot pass, by a line that they contain.
NOT_CHECKED = {"decoder = carrier": "needs the decoder of the guide, which is not in the tree"}


def blocks():
    """(document, number of the line, language, text) of each fenced block."""
    out = []
    for path in DOCUMENTS:
        text = path.read_text()
        for m in re.finditer(r"^```(\w*)\n(.*?)^```$", text, re.M | re.S):
            out.append((path, text[:m.start()].count("\n") + 2, m[1], m[2]))
    return out


def of(language):
    found = [(f"{path.name}:{line}", text) for path, line, kind, text in blocks() if kind == language]
    return {"argvalues": [text for _, text in found], "ids": [name for name, _ in found]}


def commands():
    """The commands of all sh blocks, without comments: ids and texts for parametrize."""
    out = {}
    for path, line, kind, text in blocks():
        if kind == "sh":
            for at, command in enumerate(text.splitlines()):
                command = re.sub(r"(^|\s)#\s.*", "", command).strip()
                if command:
                    out[f"{path.name}:{line + at}"] = command
    return {"argvalues": list(out.values()), "ids": list(out)}


def why_not(command):
    return next((why for begin, why in NOT_RUN.items() if re.match(re.escape(begin) + r"(\s|$)", command)), None)


@pytest.mark.plain
@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: p.name)
def test_every_block_says_its_language(path):
    text = path.read_text()
    assert {kind for p, _, kind, _ in blocks() if p == path} <= LANGUAGES
    outside = re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S)
    indented = [l for l in re.findall(r"\n\n( {4}\S.*)", outside)]
    assert not indented, "these are blocks without a language, which no test runs"


@pytest.mark.plain
@pytest.mark.parametrize("text", **of("ini"))
def test_configurations_pass_check(text, tmp_path):
    if any(line in text for line in NOT_CHECKED):
        text = text.replace("decoder = carrier", "decoder = nfm\nfrequency = 144.8M")
    if "[sensor " in text and "[receiver " not in text:  # of a file in sensors.d
        (tmp_path / "sensors.d").mkdir()
        (tmp_path / "sensors.d/mine.conf").write_text(text)
        text = ("[receiver roof]\nsource = sim\nscene = ism\n[channel sensors]\ndecoder = sensors\n"
                "[listen lines]\ntype = tcp\naddress = 127.0.0.1:7373\n")
    tokens = tmp_path / "tokens"
    tokens.write_text("read kitchen 0123456789abcdef\n")
    tokens.chmod(0o600)
    path = tmp_path / "hertzd.conf"
    path.write_text(text.replace("/etc/hertzd/tokens", str(tokens)))
    done = hz.run("check", "-c", path)
    assert done.returncode == 0, (done.stdout + done.stderr).decode()


@pytest.mark.plain
@pytest.mark.parametrize("text", **of("json"))
def test_json_parses(text):
    """One object a line; a line that begins with a blank goes on with the one before."""
    for line in re.sub(r"\n +", "", text).splitlines():
        json.loads(line.replace("…", ""))


@pytest.mark.plain
def test_all_commands_that_are_not_run_are_shown():
    shown = commands()["argvalues"]
    unused = [begin for begin in NOT_RUN if not any(why_not(c) and c.startswith(begin) for c in shown)]
    assert not unused


# -- commands against a daemon ---------------------------------------------------------------------

# Programs that run until Ctrl-C, need a dongle, or are not in Debian: they do the same, and end.
STAND_INS = {
    "nc": """
import socket, sys
s = socket.create_connection((sys.argv[1], int(sys.argv[2])))
f = s.makefile()
for _ in range(2):
    print(f.readline(), end="")
""",
    "websocat": """
import asyncio, sys, websockets
async def main():
    async with websockets.connect(sys.argv[1], max_size=None) as ws:
        for _ in range(2):
            print(await ws.recv())
asyncio.run(main())
""",
    "socat": """
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[2].removeprefix("UNIX-CONNECT:"))
s.sendall(sys.stdin.buffer.read())
print(s.makefile().readline(), end="")
""",
    "curl": """
import sys, urllib.request
answer = urllib.request.urlopen(sys.argv[-1])
print((answer.readline() if "-N" in sys.argv else answer.read()).decode())
""",
    "rtl_fm": """
import os, sys
sys.stdout.buffer.write(os.urandom(2 * 22050))
""",
    "rtl_sdr": """
import os, sys
sys.stdout.buffer.write(bytes([127, 128]) * 240000)
""",
}

CONF = """
[receiver roof]
source = rtl_tcp
address = 127.0.0.1:{port}
centre = 1090M
rate = 2400k
[channel 1090]
receiver = roof
decoder = adsb
[receiver harbour]
source = sim
scene = vhf
[channel harbour-ais]
receiver = harbour
decoder = ais
frequency = 161.975M
"""


def program(path, text):
    path.write_text(text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder like the project's, with a daemon to talk to: (folder, environment, substitutions)."""
    root = tmp_path_factory.mktemp("docs")
    (root / "bin").mkdir()
    (root / "build").mkdir()
    for name in ("systemd", "config", "docs"):
        (root / name).symlink_to(hz.ROOT / name)
    (root / "build/hertzd").symlink_to(hz.BIN)
    for name, text in STAND_INS.items():
        program(root / "bin" / name, f"#!{sys.executable}\n{text}")
    (root / "x_1090M_2000k.cu8").write_bytes(bytes([127, 128]) * 400000)
    (root / "FILE").write_text(hz.SIM + "[listen json]\ntype = tcp\naddress = 127.0.0.1:0\n")
    rng = np.random.default_rng(1)
    noise = rng.normal(127.5, 8, 2 * 240000).round().astype(np.uint8).tobytes()
    capture = modes.capture(modes.flights(100))
    with Server(data=noise + capture) as server, hz.Daemon(CONF.format(port=server.port)) as d:
        for path in (root / "bin/hertzctl", root / "build/hertzctl"):
            program(path, f'#!/bin/sh\nexec {shlex.quote(str(hz.CTL))} --socket {shlex.quote(str(d.sock))} "$@"\n')
        client = hz.Lines(d.tcp)
        seen = {}
        while set(seen) < {"adsb", "ais"}:
            record = client.next()
            assert record is not None
            if record["kind"] == "message":
                seen[record["protocol"]] = record
        client.close()
        ids = f"{seen['adsb']['adsb']['hex']},{seen['ais']['ais']['mmsi']}"
        replace = {"127.0.0.1 7373": "127.0.0.1 %d" % d.tcp[1], "127.0.0.1:7380": "127.0.0.1:%d" % d.http[1],
                   "/run/hertzd/hertzd.sock": str(d.sock), "4840d6,211281610": ids}
        yield root, {**os.environ, "PATH": f"{root / 'bin'}:{os.environ['PATH']}"}, replace


@pytest.mark.plain
@pytest.mark.parametrize("command", **commands())
def test_commands_run(command, place):
    root, env, replace = place
    if why_not(command):
        for name in re.findall(r"\b(?:systemd|config|docs)/\S+", command):
            assert (root / name).exists(), name
        return
    for old, new in replace.items():
        command = command.replace(old, new)
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], cwd=root, env=env, timeout=hz.PATIENCE * 3,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert done.returncode == 0, (command, done.stdout[-500:], done.stderr)
    assert done.stdout or done.stderr or "decode" in command, "it says nothing"
