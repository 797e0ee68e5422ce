"""Debian's own programs run on the virtual dongle, unmodified, and see what it plays."""
import json
import re
import socket
import struct
import time

import pytest

STEP_HZ = 1000  # the tuner cannot be set finer
ADSB = "lab/adsb_s20_1090M_2400k.cu8"
SENSOR = "air/ism/acurite_01__VN1TXC_02_433.92M_250k.cu8"


def no_leaks(end):
    assert {k: end[k] for k in ("contexts", "handles", "device_refs", "transfers", "buffers")} == \
        dict(contexts=0, handles=0, device_refs=0, transfers=0, buffers=0)
    for d in end["dongles"]:
        assert (d["freed_in_flight"], d["closed_in_flight"]) == (0, 0)
        assert d["opens"] == d["closes"] and not d["claimed"]


def played(path, n):
    """The first n bytes of the file, repeated for ever."""
    data = path.read_bytes()
    return (data * (n // len(data) + 1))[:n]


@pytest.mark.parametrize("mode", [["-S"], []], ids=["sync", "async"])
def test_rtl_sdr_gets_the_files_bytes(run, shared, tmp_path, mode):
    path, out = shared(ADSB), tmp_path / "out.cu8"
    n = 3000000  # more than once around
    r = run("rtl_sdr", *mode, "-f", "1090000000", "-s", "2400000", "-n", n, out,
            options=["--unpaced", "--play", path])
    assert r.finish()[0] == 0
    assert out.read_bytes() == played(path, 2 * n)
    no_leaks(r.end)
    assert r.end["dongles"][0]["rate_hz"] == pytest.approx(2400000, abs=1)
    assert r.end["dongles"][0]["centre_hz"] == pytest.approx(1090e6, abs=STEP_HZ)


def test_rtl_sdr_paced_takes_its_time(run, shared, tmp_path):
    path, out = shared(ADSB), tmp_path / "out.cu8"
    r = run("rtl_sdr", "-f", "1090000000", "-s", "2048000", "-n", "2048000", out,
            options=["--play", path])
    begin = time.monotonic()
    assert r.finish()[0] == 0
    assert time.monotonic() - begin > 1
    assert out.read_bytes() == played(path, 2 * 2048000)
    assert sum(r.end["dongles"][0]["lost"].values()) == 0


def test_rtl_test_loses_nothing(run):
    r = run("rtl_test", "-s", "2400000")
    code, out = r.finish(interrupt_after=1.5)
    assert code == 0 and b"lost" not in out
    assert "Found 1 device(s)" in r.stderr and "Rafael Micro R820T" in r.stderr
    assert "Samples per million lost (minimum): 0" in r.stderr
    assert r.end["dongles"][0]["test"] and r.end["dongles"][0]["bytes"] > 3e6
    no_leaks(r.end)


def test_rtl_test_sees_what_is_lost(run, tmp_path):
    script = tmp_path / "script"
    script.write_text("at 0.5 lose 0 100   # the counter has eight bits\nbyte 0 4000000 lose 0 612\n")
    r = run("rtl_test", "-s", "2400000", options=["--script", script])
    _, out = r.finish(interrupt_after=1.5)
    # of a counter that wraps in between, rtl_test takes the difference the other way round
    assert re.fullmatch(r"(lost at least (100|156) bytes\s+){2}", out.decode())
    assert r.end["dongles"][0]["lost"]["cut"] == 712
    losses = [e for e in r.report if e["event"] == "loss"]
    assert [(e["kind"], e["bytes"]) for e in losses] == [("cut", 100), ("cut", 612)]
    assert 4000000 <= losses[1]["at"] < 4000000 + 4 * 262144
    assert [e["at"] for e in r.report if e["event"] == "start"] == [0]


def test_rtl_eeprom_reads_the_strings(run):
    r = run("rtl_eeprom")
    r.finish(5)
    assert "Serial number:\t\t00000001" in r.stderr and "RTL2838UHIDIR" in r.stderr, r.stderr


def test_rtl_biast_sets_the_bit(run):
    r = run("rtl_biast", "-b", "1")
    r.finish(5)
    assert r.end["dongles"][0]["bias_tee"]


def test_rtl_433_decodes_a_sensor(run, shared):
    r = run("rtl_433", "-F", "json", "-T", "2",
            options=["--unpaced", "--play", shared(SENSOR)])
    code, out = r.finish(20)
    assert code == 0, r.stderr
    heard = [json.loads(line) for line in out.decode().splitlines()]
    assert heard and {m["model"] for m in heard} == {"Acurite-5n1"}
    assert r.end["dongles"][0]["rate_hz"] == 250000
    assert r.end["dongles"][0]["centre_hz"] == pytest.approx(433.92e6, abs=STEP_HZ)
    no_leaks(r.end)


def test_dump1090_decodes_aircraft(run, shared):
    path = shared(ADSB)
    sent = {json.loads(line)["hex"].lower()
            for line in path.with_suffix(".jsonl").read_text().splitlines()}
    r = run("dump1090-mutability", "--raw", options=["--play", path])
    _, out = r.finish(interrupt_after=2.5)
    heard = {line.strip("*;") for line in out.decode().split()}
    assert len(heard & sent) >= 0.95 * len(sent)
    assert r.end["dongles"][0]["centre_hz"] == pytest.approx(1090e6, abs=STEP_HZ)
    assert 49.6 in {e["gain_db"] for e in r.report if e["event"] == "set"}


class Tcp:
    """A client of rtl_tcp."""

    def __init__(self, r, port):
        until = time.monotonic() + 5
        while True:
            try:
                self.s = socket.create_connection(("127.0.0.1", port), 5)
                break
            except ConnectionRefusedError:
                assert r.process.poll() is None and time.monotonic() < until, r.stderr
                time.sleep(0.02)
        self.read = self.s.makefile("rb").read
        self.greeting = self.read(12)

    def command(self, code, value):
        self.s.sendall(struct.pack(">BI", code, value))


def wait_for(control, condition):
    """The dongle's state once the condition holds."""
    until = time.monotonic() + 5
    while not condition(d := control.state()["dongles"][0]):
        assert time.monotonic() < until, d
        time.sleep(0.01)
    return d


def test_rtl_tcp_commands_reach_the_registers(run, free_port):
    r = run("rtl_tcp", "-p", free_port, "-s", "1024000")
    client = Tcp(r, free_port)
    assert client.greeting == b"RTL0" + struct.pack(">II", 5, 29)
    assert len(client.read(100000)) == 100000
    control = r.control()
    for freq in (50000000, 144800000, 162025000, 433920000, 868300000, 1090000000, 1600000000):
        client.command(0x01, freq)
        wait_for(control, lambda d: abs(d["centre_hz"] - freq) < STEP_HZ and d["locked"])
    client.command(0x02, 2400000)
    wait_for(control, lambda d: d["rate_hz"] == 2400000)
    client.command(0x03, 1)
    for tenths in (0, 144, 297, 496):
        client.command(0x04, tenths)
        wait_for(control, lambda d: not d["gain_auto"] and d["gain_db"] == tenths / 10)
    client.command(0x05, 42)
    wait_for(control, lambda d: d["ppm"] == 42)
    for code, name in ((0x07, "test"), (0x08, "agc"), (0x0e, "bias_tee"), (0x09, "direct")):
        client.command(code, 1)
        wait_for(control, lambda d: d[name] == 1)
        client.command(code, 0)
        wait_for(control, lambda d: d[name] == 0)


def test_two_dongles_at_once(run, shared, tmp_path):
    """One program a dongle: rtl_test on the second, by its serial."""
    r = run("rtl_test", "-d", "00000002", "-s", "2400000", options=["--dongles", 2])
    r.finish(interrupt_after=0.6)
    assert "Found 2 device(s)" in r.stderr
    assert r.end["dongles"][0]["bytes"] == 0 and r.end["dongles"][1]["bytes"] > 0


def test_what_is_heard_follows_the_dial(run, tmp_path, free_port):
    """Two recordings, each at its own frequency, and noise elsewhere."""
    low, high = tmp_path / "low", tmp_path / "high"
    low.write_bytes(b"\x10\x20" * 512)
    high.write_bytes(b"\x30\x40" * 512)
    r = run("rtl_tcp", "-p", free_port, "-f", "162000000", "-s", "240000", "-b", "15",
            options=["--play", f"{low}@162000000", "--play", f"{high}@1090000000"])
    client = Tcp(r, free_port)

    def heard_next(pair, seconds=8):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if client.read(4096) == pair * 2048:
                return True
        return False

    assert heard_next(b"\x10\x20")
    client.command(0x01, 1090000000)
    assert heard_next(b"\x30\x40")
    client.command(0x01, 600000000)
    until = time.monotonic() + 8
    while (values := set(client.read(4096))) <= {0x30, 0x40}:
        assert time.monotonic() < until
    assert len(values) > 10


def test_a_scene_is_played(run):
    r = run("dump1090-mutability", "--raw", options=["--scene", "aircraft:2"])
    _, out = r.finish(interrupt_after=2)
    assert len(set(out.split())) > 20


def test_exit_code_is_the_programs(run):
    assert run("sh", "-c", "exit 42").finish()[0] == 42


def test_mistakes_are_said(run, tmp_path):
    script = tmp_path / "script"
    script.write_text("at 0 stall 7\n")
    r = run("rtl_test", options=["--script", script])
    until = time.monotonic() + 30
    while "expected the number of a dongle" not in r.stderr:
        assert time.monotonic() < until, r.stderr
        time.sleep(0.01)
    r.process.kill()
    script.write_text("in 3 s unplug 0\n")
    r = run("rtl_test", options=["--script", script])
    assert r.finish()[0] == 2
    assert f"{script}:1: expected" in r.stderr
    r = run("rtl_test", options=["--play", tmp_path / "missing"])
    assert r.finish()[0] == 2
    assert "No such file" in r.stderr
