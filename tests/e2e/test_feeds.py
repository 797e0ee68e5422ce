"""The gateway to APRS-IS, held against a server made here by its documents, and beside direwolf."""
import json
import os
import re
import select
import shutil
import socket
import subprocess

import hz
import pytest
from feeds import IDLE, until, wrong

FILE = "lab/aprs_s15_144.79M_48k.cu8"


# -- APRS-IS ---------------------------------------------------------------------------------------


class Server:
    """A server of APRS-IS for one client at a time."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(hz.PATIENCE)
        self.port = self.listener.getsockname()[1]

    def accept(self, greeting=b"# aprsc 2.1.19-g730c5c0\r\n"):
        """The next client, greeted."""
        c, _ = self.listener.accept()
        self.lines = hz.Lines.__new__(hz.Lines)
        self.lines.sock, self.lines.held = c, b""
        c.settimeout(hz.PATIENCE)
        c.sendall(greeting)
        return self

    def line(self):
        line = self.lines.line()
        assert line.endswith(b"\r\n") and len(line) <= 512, line
        return line[:-2]

    def login(self, answer="verified"):
        """Its login, answered as aprsc and javAPRSSrvr do."""
        login = self.line().decode()
        m = re.fullmatch(r"user (\S+) pass (-?\d+) vers (\S+) (\S+)(?: filter (.+))?", login)
        assert m, login
        self.lines.sock.sendall(f"# logresp {m[1]} {answer}, server T2TEST\r\n".encode())
        return m

    def say(self, data):
        self.lines.sock.sendall(data)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()


def gateway(port, more="", call="N0CALL-10"):
    return f"[output out]\ntype = aprs-is\naddress = 127.0.0.1:{port}\ncall = {call}\nmarked = yes\n{more}"


def recording(path, frequency="144.8M"):
    return f"[receiver r]\nsource = file\npath = {path}\npace = max\n[channel packets]\ndecoder = aprs\nfrequency = {frequency}\n"


def passcode(call):
    """As aprs-is.net tells it; written anew here."""
    value = 0x73E2
    name = call.upper().split("-")[0].encode()
    for i in range(0, len(name), 2):
        value ^= name[i] << 8
        if i + 1 < len(name):
            value ^= name[i + 1]
    return value & 0x7FFF


def test_the_login_is_that_of_aprs_is():
    with Server() as s, hz.Daemon(IDLE + gateway(s.port, "filter = r/48/11/50 t/n\n")) as d:
        m = s.accept().login()
        assert m[1] == "N0CALL-10" and m[2] == "13023" == str(passcode("N0CALL")) and m[3] == "hertzd"
        assert m[5] == "r/48/11/50 t/n"
        o = until(d, lambda o: o["state"] == "up")
        assert o["server"] == "T2TEST" and o["error"] == "" and o["connects"] == 1


def test_a_given_passcode_and_the_own_position():
    more = "passcode = 4711\nlatitude = 48.1375\nlongitude = 11.575\nbeacon = 1s\ncomment = hertzd, 2 m\n"
    with Server() as s, hz.Daemon(IDLE + gateway(s.port, more, "DL0TST-10")) as d:
        m = s.accept().login()
        assert m[2] == "4711"
        want = b"DL0TST-10>APZHTZ,TCPIP*:!4808.25NR01134.50E&hertzd, 2 m"
        assert [s.line(), s.line()] == [want, want], "at once, and after its interval"
        s.say(b"# aprsc 2.1.19 30 Nov 2026 19:00:00 GMT T2TEST 127.0.0.1:14580\r\n" * 3)  # keepalives
        s.say(b"DL1ABC>APRS,TCPIP*,qAC,T2TEST:>of others\r\n" + b"\x00\xff" * 5000 + b"\r\n")
        assert s.line() == want
        assert until(d, lambda o: o["beacons"] >= 3)["state"] == "up"


@pytest.mark.parametrize("answer", ["unverified", "garbage"])
def test_a_refused_login_is_told_and_tried_again(answer):
    with Server() as s, hz.Daemon(IDLE + gateway(s.port, "passcode = 1\n")) as d:
        s.accept().login(answer)
        o = until(d, lambda o: o["state"] == "waiting" and o["error"])
        assert "N0CALL-10" in o["error"] and "passcode" in o["error"] and o["connects"] == 0
        assert s.lines.rest() == b"", "it has hung up"
        s.accept().login()
        until(d, lambda o: o["state"] == "up")


def test_a_server_that_resets_and_one_that_says_why():
    with Server() as s, hz.Daemon(IDLE + gateway(s.port)) as d:
        s.accept(b"# aprsc\r\n# Port full\r\n").line()
        s.lines.close()
        o = until(d, lambda o: "closed" in o["error"] or "reset" in o["error"])
        assert "Port full" in o["error"] or "reset" in o["error"], o["error"]
        s.accept().login()
        until(d, lambda o: o["state"] == "up" and o["connects"] == 1)
        s.lines.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        s.lines.close()
        until(d, lambda o: o["state"] in ("waiting", "connecting") and o["error"])
        s.accept().login()
        until(d, lambda o: o["connects"] == 2)


def test_what_is_heard_is_gated_once(shared):
    told = hz.run("decode", "-F", "tnc2", shared / FILE).stdout.split(b"\r\n")[:-1]
    lines = [json.loads(l) for l in hz.run("decode", shared / FILE).stdout.splitlines()]
    with Server() as s, hz.Daemon(recording(shared / FILE, "144.8M") + gateway(s.port, "repaired = yes\n")) as d:
        s.accept().login()
        got = [s.line() for _ in told]
        o = until(d, lambda o: o["sent"] == len(told))
        assert o["in_flight"] == 0 and o["bytes"] > 0 and not any(o["not_gated"].values())
    # its text in the lines is UTF-8; what goes out is what was on the air
    for raw, text, line in zip((bytes.fromhex(l["raw"]) for l in lines), told, got, strict=True):
        header, _, info = line.partition(b",qAO,N0CALL-10:")
        assert text.startswith(header + b":") and raw.endswith(info) and info


def test_what_was_not_on_the_air_now_is_not_for_others(shared):
    with Server() as s, hz.Daemon(recording(shared / FILE) + gateway(s.port).replace("marked = yes", "")) as d:
        s.accept().login()
        o = until(d, lambda o: o["not_gated"]["marked"] == 30)
        assert o["sent"] == 0


RULES = [  # what is on the air, what is said about it, and whether direwolf sends it too
    ("DL1ABC-9>APRS,WIDE1-1,WIDE2-1:!4903.50N/07201.75W-", "gated"),
    ("DL1ABC-9>APRS,WIDE1-1,WIDE2-1:!4903.50N/07201.75W-", "repeat"),
    ("DL2ABC>APRS,DB0ABC*,WIDE2-1:>by a digipeater", "gated"),
    ("N0CALL>APRS:>owner unknown", "no_call"),
    ("DL3ABC>APRS,NOGATE:>not for the internet", "unwanted"),
    ("DL3ABC>APRS,RFONLY:>not for the internet", "unwanted"),
    ("DL4ABC>APRS,TCPIP:>from the internet", "internet"),
    ("DL4ABC>APRS,TCPXX:>from the internet", "internet"),
    ("DL5ABC>APRS:?APRS?", "query"),
    ("DL6ABC>APRS:}DL7ABC>APRS,TCPIP,DL6ABC*:>from the internet", "internet"),
    ("DL6ABC>APRS:}DL8ABC>APRS,WIDE1-1:>third party", "gated third party"),
    ("DL9ABC>APRS: ", "gated"),
    ("DL1XYZ>APRS::DL2XYZ   :a message{1", "gated"),
]


def on_the_air(folder):
    """The audio of direwolf's generator."""
    (folder / "frames").write_text("".join(f"{text}\n" for text, _ in RULES))
    subprocess.run(["gen_packets", "-r", "48000", "-o", folder / "frames.wav", folder / "frames"], check=True,
                   stdout=subprocess.DEVNULL)
    return folder / "frames.wav"


def gated():
    """The lines that should come of it."""
    lines = []
    for text, verdict in RULES:
        if verdict.startswith("gated"):
            header, info = (text.split(":}")[1] if "third" in verdict else text).split(":", 1)
            lines.append(f"{header},qAO,DL0TST-10:{info}".encode())
    return lines


@pytest.mark.skipif(not shutil.which("gen_packets"), reason="direwolf's gen_packets is not installed")
def test_the_rules_on_the_air(tmp_path):
    """Frames of direwolf's generator, as audio, through the whole program."""
    wav, want = on_the_air(tmp_path), gated()
    counts = {v: sum(w == v for _, w in RULES) for _, v in RULES if not v.startswith("gated")}
    conf = f"[receiver r]\nsource = file\npath = {wav}\nformat = audio\npace = max\n[channel packets]\ndecoder = aprs\n"
    with Server() as s, hz.Daemon(conf + gateway(s.port, call="DL0TST-10")) as d:
        s.accept().login()
        assert [s.line() for _ in want] == want
        o = until(d, lambda o: sum(o["not_gated"].values()) == sum(counts.values()))
        assert {k: v for k, v in o["not_gated"].items() if v} == counts


@pytest.mark.skipif(not (shutil.which("direwolf") and os.environ.get("HZ_LONG")),
                    reason="15 s: with HZ_LONG=1, where direwolf is installed")
def test_direwolf_gates_the_same(tmp_path):
    """The same audio to direwolf as a gateway. It has no list of calls of nobody, and repeats are
    for the server to drop; all else is the same."""
    wav = on_the_air(tmp_path)
    with Server() as s:
        (tmp_path / "dw.conf").write_text(f"ADEVICE stdin null\nCHANNEL 0\nMYCALL DL0TST-10\nIGSERVER 127.0.0.1 {s.port}\n"
                                          f"IGLOGIN DL0TST-10 {passcode('DL0TST')}\nAGWPORT 0\nKISSPORT 0\n")
        peer = subprocess.Popen(["direwolf", "-c", tmp_path / "dw.conf", "-r", "48000", "-t", "0", "-"],
                                stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            s.accept().login()
            theirs = set()
            while theirs != set(gated()) | {b"N0CALL>APRS,qAO,DL0TST-10:>owner unknown"}:
                # it passes nothing on for some seconds after the login, so it is told again
                peer.stdin.write(wav.read_bytes()[44:])
                while select.select([s.lines.sock], [], [], 1)[0]:
                    line = s.line()
                    theirs |= {line.rstrip(b"\n")} - {b""} if not line.startswith((b"#", b"DL0TST-10>")) else set()
        finally:
            peer.kill()
            peer.wait()


@pytest.mark.parametrize("keys,words", [
    ("call =\n", ("call",)),
    ("call = dl0tst\n", ("call", "upper case")),
    ("call = DL0TST-10\nlatitude = 48\n", ("longitude", "both")),
    ("call = DL0TST-10\nsymbol = &\n", ("symbol", "two characters")),
    ("call = DL0TST-10\npasscode = x\n", ("passcode", "32767")),
    ("call = DL0TST-10\nprotocol = adsb\n", ("protocol", "adsb")),
    ("call = DL0TST-10\nbeacon = 20\n", ("beacon", "30m")),
])
def test_wrong_keys_are_told(tmp_path, keys, words):
    wrong(tmp_path, "type = aprs-is\naddress = feed.example:14580\n" + keys, words)
