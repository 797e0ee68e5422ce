"""Spectrum frames: a real WebSocket looks at airs that are known exactly."""
import json
import lzma
import re
import socket
import struct
import subprocess
import sys

import numpy as np
import pytest
import websockets

import hz
from test_rtl_tcp import Server

NARROW, WIDE = 240_000, 2_400_000  # rates
TONE_DBFS = -20.0
UPGRADE = ("Upgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Version: 13\r\n"
           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n")


def cu8(x):
    out = np.empty(2 * len(x), np.uint8)
    out[0::2] = np.clip(np.round(x.real * 127.5 + 127.5), 0, 255)
    out[1::2] = np.clip(np.round(x.imag * 127.5 + 127.5), 0, 255)
    return out.tobytes()


def noise(n, power, seed=1):
    rng = np.random.default_rng(seed)
    return np.sqrt(power / 2) * (rng.standard_normal(n) + 1j * rng.standard_normal(n))


def tone(n, hz_, rate, dbfs=TONE_DBFS):
    return 10 ** (dbfs / 20) * np.exp(2j * np.pi * hz_ / rate * np.arange(n))


@pytest.fixture(scope="module")
def airs(tmp_path_factory):
    """narrow: noise, a tone at +50.2 kHz, and at -59.8 kHz 26 ms a second, as a slot of AIS. wide: noise,
    a tone at +602 kHz, and 120 us a second of something loud and wide, as a transponder."""
    where = tmp_path_factory.mktemp("air")
    n = noise(NARROW, 1e-3) + tone(NARROW, 50_200, NARROW)
    n[NARROW // 2:NARROW // 2 + 6240] += tone(6240, -59_800, NARROW)
    (where / "narrow").write_bytes(cu8(n))
    w = noise(WIDE, 1e-4) + tone(WIDE, 602_000, WIDE)
    w[WIDE // 2:WIDE // 2 + 288] += noise(288, 0.1, 2)
    (where / "wide").write_bytes(cu8(w))
    return where


def receiver(name, air, rate, centre, decoder):
    return (f"[receiver {name}]\nsource = file\npath = {air}\nformat = cu8\nrate = {rate}\ncentre = {centre}\n"
            f"{hz.LOOP}\n[channel {name}1]\nreceiver = {name}\ndecoder = {decoder}\n")


@pytest.fixture(scope="module")
def daemon(airs):
    conf = (receiver("narrow", airs / "narrow", NARROW, "100M", "nfm\nfrequency = 100.02M")
            + receiver("wide", airs / "wide", WIDE, "1090M", "adsb"))
    with hz.Daemon(conf) as d:
        yield d


class Frame:
    def __init__(self, m):
        self.all = m
        (kind, version, head, self.seq, self.utc_ns, self.low, self.high, db0, step, self.span_ms, self.n,
         name_len, self.flags) = struct.unpack_from("<BBHIqddffIHBB", m)
        assert (kind, version, step) == (1, 1, 0.5)
        self.name = m[48:48 + name_len].decode()
        assert head == 48 + (name_len + 3) // 4 * 4
        self.levels = np.frombuffer(m, np.uint8, offset=head)
        assert len(self.levels) == self.n
        self.db = db0 + step * self.levels

    def at(self, freq):
        return self.db[int((freq - self.low) / (self.high - self.low) * self.n)]


class Viewer(hz.Web):
    def next(self):
        """The next message: a Frame, or a line that its schema has passed."""
        m = self.receive()
        return Frame(m) if isinstance(m, bytes) else hz.checked(m.encode() + b"\n")

    def line(self, kind):
        while True:
            m = self.next()
            if isinstance(m, dict) and m["kind"] == kind:
                return m

    def frame(self, wanted=lambda f: True):
        while True:
            m = self.next()
            if isinstance(m, Frame) and wanted(m):
                return m


def view(d, query, **kw):
    return Viewer(d.http, f"/spectrum?{query}", **kw)


def counts(d, name):
    return next(r["spectrum"] for r in d.status()["receivers"] if r["name"] == name)


@pytest.mark.parametrize("name,centre,rate,freq", [("narrow", 100e6, NARROW, 100.0502e6), ("wide", 1090e6, WIDE, 1090.602e6)])
def test_a_tone_is_at_its_place_with_its_level(daemon, name, centre, rate, freq):
    v = view(daemon, f"receiver={name}&bins=500&fps=20")
    assert v.next()["kind"] == "hello"
    granted = {"kind": "spectrum", "receiver": name, "bins": 500, "fps": 20,
               "from": centre - rate / 2, "to": centre + rate / 2}
    assert v.next() == granted
    first = v.frame()
    assert (first.name, first.n, first.low, first.high) == (name, 500, granted["from"], granted["to"])
    frames = [v.frame() for _ in range(10)]
    seqs = [f.seq for f in frames]
    assert first.seq < seqs[0] and seqs == sorted(set(seqs))
    for f in frames:
        assert f.at(freq + 1) == max(f.db) == pytest.approx(TONE_DBFS, abs=0.5)
        assert f.span_ms >= 20  # more where the workers were busy
    # the noise of a bin: its density times the width; the rounding to 8 bits adds a little
    quiet = [f for f in frames if np.median(f.db) < -50] or frames
    density = 1e-3 if name == "narrow" else 1e-4 + 2 / 12 / 127.5**2
    assert np.median(np.concatenate([f.db for f in quiet])) == pytest.approx(10 * np.log10(density / 500), abs=2.5)
    v.close()


def test_a_short_burst_shows(daemon):
    v = view(daemon, "receiver=narrow&bins=240&fps=5")
    burst, quiet = v.frame(lambda f: f.at(99.9402e6 + 1) > -25), v.frame(lambda f: f.at(99.9402e6 + 1) < -40)
    assert burst.span_ms >= 150 and quiet.at(100.0502e6 + 1) == pytest.approx(TONE_DBFS, abs=0.5)
    v.close()
    # 120 us of -10 dBFS over 2.4 MHz, in a frame of 100 ms: in 200 bins -33 dBFS each, in noise of -63
    v = view(daemon, "receiver=wide&bins=200&fps=10")
    burst, quiet = v.frame(lambda f: np.median(f.db) > -40), v.frame(lambda f: np.median(f.db) < -55)
    assert np.median(burst.db) == pytest.approx(-33, abs=4)
    v.close()


def test_a_zoom_has_the_resolution_of_40_hz(daemon):
    for name, freq in (("narrow", 100.0502e6), ("wide", 1090.602e6)):
        v = view(daemon, f"receiver={name}&bins=8192&fps=10&from={freq - 2020:.0f}&to={freq + 1980:.0f}")
        assert v.line("spectrum")["bins"] == 100
        f = v.frame()
        assert f.n == 100 and np.argmax(f.db) == 50
        # a tone in the middle of a bin of 40 Hz shows 1.8 dB less, and nothing two bins away
        assert f.db[50] == pytest.approx(TONE_DBFS - 1.8, abs=0.7)
        assert max(f.db[47], f.db[53]) < -50
        v.close()


def test_viewers_differ_and_equal_ones_share(daemon):
    a, b = view(daemon, "receiver=narrow&bins=100&fps=5"), view(daemon, "receiver=narrow&bins=3000&fps=25")
    c = view(daemon, "receiver=narrow&bins=3000&fps=25")
    fb = [b.frame() for _ in range(25)]
    fa = [a.frame() for _ in range(5)]
    assert {f.n for f in fa} == {100} and {f.n for f in fb} == {3000}
    # as often as was asked for, or less on a busy machine
    assert (fb[-1].utc_ns - fb[0].utc_ns) / 24 > 0.9e9 / 25
    assert (fa[-1].utc_ns - fa[0].utc_ns) / 4 > 0.9e9 / 5
    of_b = {f.seq: f.all for f in fb}
    same = c.frame(lambda f: f.seq in of_b)
    assert same.all == of_b[same.seq]
    now = counts(daemon, "narrow")
    assert (now["views"], now["viewers"]) == (2, 3)
    for v in (a, b, c):
        v.close()


def test_fifty_viewers_get_the_same(daemon):
    all_ = [view(daemon, "receiver=wide&bins=256&fps=10") for _ in range(50)]
    assert counts(daemon, "wide")["views"] == 1
    seq = all_[-1].frame().seq
    seen = {}
    for v in all_:
        for _ in range(5):
            f = v.frame(lambda f: f.seq >= seq)
            assert seen.setdefault(f.seq, f.all) == f.all
    assert len(seen) < 50, "they share"
    for v in all_:
        v.drop()


def test_a_slow_viewer_delays_nobody_and_gets_the_newest(daemon):
    before = counts(daemon, "narrow")["dropped"]
    slow = Viewer(daemon.http, "/spectrum?receiver=narrow&bins=6000&fps=50", rcvbuf=4096, max_queue=1)
    slow.frame()
    fast = view(daemon, "receiver=narrow&bins=6000&fps=50")
    seqs = []
    while counts(daemon, "narrow")["dropped"] < before + 100:
        seqs += [fast.frame().seq for _ in range(25)]
    last = seqs[-1]
    # what its own system has taken comes first, then a hole, then what is new
    got = [slow.frame().seq]
    while got[-1] <= last:
        got.append(slow.frame().seq)
    assert max(b - a for a, b in zip(got, got[1:])) > 50 and len(seqs) > 2 * len(got)
    fast.close()
    slow.drop()


def test_the_stream_carries_views_beside_its_lines(daemon):
    v = Viewer(daemon.http)
    v.send({"spectrum": {"receiver": "narrow", "bins": 64, "fps": 10}})
    assert v.line("spectrum")["bins"] == 64
    assert v.frame().n == 64
    v.send({"spectrum": {"receiver": "wide", "bins": 32, "fps": 10}})
    assert v.frame(lambda f: f.name == "wide").n == 32
    v.send({"spectrum": {"receiver": "narrow", "bins": 128, "fps": 10}})
    assert v.frame(lambda f: f.name == "narrow" and f.n != 64).n == 128
    feeds = next(c["feeds"] for c in daemon.rpc.result("clients") if c.get("feeds"))
    assert {(f["kind"], f["name"]) for f in feeds} == {("spectrum", "narrow"), ("spectrum", "wide")}
    v.send({"spectrum": {"receiver": "attic"}})
    assert 'unknown receiver "attic": expected narrow, wide' in v.line("error")["error"]
    v.send({"spectrum": {"receiver": "wide", "fps": 0}})
    assert v.line("spectrum") == {"kind": "spectrum", "receiver": "wide", "fps": 0}
    assert {v.frame().name for _ in range(5)} == {"narrow"}
    v.send({"spectrum": {"receiver": "narrow", "bins": 8}})
    assert v.line("error")["error"] == "bins 8: expected a whole number, 16 to 8192"
    with pytest.raises(websockets.ConnectionClosed):
        v.frame(lambda f: False)
    v.drop()
    assert counts(daemon, "narrow")["views"] == counts(daemon, "wide")["views"] == 0


@pytest.mark.parametrize("query,status,text", [
    ("receiver=narrow&bins=15", 400, "bins 15: expected a whole number, 16 to 8192"),
    ("receiver=narrow&bins=x", 400, 'bins "x": expected a number'),
    ("receiver=narrow&fps=51", 400, "fps 51: expected 0.1 to 50"),
    ("receiver=narrow&from=100M", 400, "from without to: expected both"),
    ("receiver=narrow&from=100M&to=99M", 400, "expected at least 640 Hz"),
    ("receiver=narrow&size=3", 400, 'unknown word "size": expected receiver, bins, fps, from, to'),
    ("receiver=narrow", 426, "/spectrum is a WebSocket"),
])
def test_wrong_words_are_told(daemon, query, status, text):
    got, body = hz.http(daemon.http, f"/spectrum?{query}")
    assert got == status and text in body.decode()


def test_unknown_receivers_and_limits_are_told(daemon):
    for query, status, text in (("", 400, "receiver: expected one of narrow, wide"),
                                ("receiver=attic", 404, 'unknown receiver "attic"')):
        got, body = hz.http(daemon.http, f"/spectrum?{query}", head=UPGRADE)
        assert got == status and text in body.decode()
    many = [view(daemon, f"receiver=wide&bins={16 + k}&fps=1") for k in range(33)]
    assert [v.line("spectrum" if k < 32 else "error").get("error") for k, v in enumerate(many)][32] == (
        "spectrum of wide: it has 32 different views, the most at a time")
    for v in many:
        v.drop()


def test_a_retuned_receiver_tells_its_new_edges():
    data = cu8(noise(WIDE // 10, 1e-3) + tone(WIDE // 10, 602_000, WIDE))
    with Server(data=data) as server:
        conf = (f"[receiver roof]\nsource = rtl_tcp\naddress = localhost:{server.port}\nrate = 2400k\n"
                "centre = 1090M\n[channel 1090]\ndecoder = adsb\n")
        with hz.Daemon(conf) as d:
            v, zoom = view(d, "bins=100"), view(d, "from=1091M&to=1091.2M&bins=100")
            assert v.frame().low == 1088.8e6 and zoom.frame().n == 100
            d.rpc.result("tune", receiver="roof", value=1090_100_000)
            assert v.frame(lambda f: f.low != 1088.8e6).low == 1088.9e6
            f = v.frame()
            assert (f.low, f.high) == (1088.9e6, 1091.3e6) and f.at(1090.702e6 + 1) == max(f.db)
            # out of the zoom and back into it
            d.rpc.result("tune", receiver="roof", value=1085_000_000, force=True)
            while zoom.line("spectrum")["bins"] != 0:
                pass
            d.rpc.result("tune", receiver="roof", value=1090_000_000)
            assert zoom.line("spectrum")["bins"] == 100
            assert zoom.frame().low == 1091e6
            # no samples, no frames; then it goes on
            seq = v.frame().seq
            server.stop()
            with Server(data=data, port=server.port):
                again = v.frame(lambda f: f.seq > seq and abs(f.at(1090.602e6 + 1) - TONE_DBFS) < 1)
                assert again.low == 1088.8e6


def test_viewers_change_no_message():
    """The same bytes in, with and without viewers: the same lines, but for the time of arrival."""
    air = lzma.decompress((hz.ROOT / "tests/golden/adsb_1090M_2400k.cu8.xz").read_bytes()) * 100

    def lines(look):
        with hz.Daemon(hz.conf()) as d:
            viewers = [view(d, f"bins={b}&fps=50") for b in (1000, 8192)] if look else []
            c = hz.Lines(d.tcp)
            c.next()  # hello
            d.feed(air)
            d.process.stdin.close()
            out = [json.dumps({k: v for k, v in r.items() if k != "time"})
                   for r in c.until(lambda r: r.get("state") == "ended") if r["kind"] == "message"]
            for v in viewers:
                assert v.frame().n > 0
                v.drop()
            c.close()
        return out

    with_, without = lines(True), lines(False)
    assert len(without) > 400 and with_ == without


def test_the_example_of_the_documentation_runs(daemon):
    text = (hz.ROOT / "docs/spectrum.md").read_text()
    code = re.search(r"```python\n(.*?)```", text, re.S).group(1)
    url = f"ws://{daemon.http[0]}:{daemon.http[1]}/spectrum?receiver=narrow&bins=480"
    done = subprocess.run([sys.executable, "-", url, "3"], input=code, text=True, capture_output=True,
                          timeout=hz.PATIENCE, check=True)
    assert re.fullmatch(r"((100050250|99940250) Hz -(19|20)\.\d dBFS\n){3}", done.stdout), done.stdout


def test_spectrum_over_the_control_socket():
    with hz.Daemon("[receiver sea]\nsource = sim\nscene = vhf\n[channel ships]\ndecoder = ais\n") as d:
        hz.wait(lambda: d.rpc.result("receivers")[0]["state"] == "streaming")
        got = d.rpc.result("spectrum", bins=64, fps=25, frames=5)
        assert (got["receiver"], got["bins"], got["from"], got["to"]) == ("sea", 64, 161082000, 162618000)
        assert len(got["frames"]) == 5 and all(len(f["levels"]) == 64 for f in got["frames"]), got
        times = [f["time"] for f in got["frames"]]
        assert times == sorted(times)
        middle = sorted(got["db_step"] * v + f["db_min"] for f in got["frames"] for v in f["levels"])
        assert -60 < middle[len(middle) // 2] < -20, middle  # the noise of the scene
        for words, expected in ({"frames": 0}, "frames: expected"), ({"bins": 8192, "frames": 500}, "at most 1048576"), \
                ({"receiver": "x"}, "expected sea"), ({"fps": 0}, "fps 0"), \
                ({"fps": 0.5, "frames": 31}, "at most 60 s"), ({"colour": 1}, "unknown word"):
            answer = d.rpc.ask("spectrum", **words)
            assert expected in answer["error"]["message"] and answer["error"]["code"] == -32602, answer
        # one that has closed its own direction still gets its answer; one that goes is forgotten
        asks = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "spectrum", "params": {"bins": 16, "frames": 3}})
        for how in socket.SHUT_WR, socket.SHUT_RDWR:
            half = hz.Lines(d.sock)
            half.send(asks.encode() + b"\n")
            half.sock.shutdown(how)
            if how == socket.SHUT_WR:
                assert len(json.loads(half.rest())["result"]["frames"]) == 3
            half.close()
        hz.wait(lambda: len(d.rpc.result("clients")) == 1)
        # it ends in time although somebody still looks
        d.rpc.send({"jsonrpc": "2.0", "id": 99, "method": "spectrum", "params": {"frames": 500}})
    with hz.Daemon("[receiver sea]\nsource = rtl_tcp\naddress = 127.0.0.1:1\n[channel ships]\ndecoder = ais\n") as d:
        hz.wait(lambda: d.rpc.result("receivers")[0]["state"] == "backoff")
        assert "is backoff: expected streaming" in d.rpc.ask("spectrum")["error"]["message"]


@pytest.mark.plain
def test_a_receiver_that_stalls_is_an_error_and_no_wait_without_end():
    conf = "[receiver sea]\nsource = file\npath = -\nformat = cu8\nrate = 250k\ncentre = 162M\n"
    with hz.Daemon(conf + "[channel ships]\ndecoder = ais\nfrequency = 161.975M\n") as d:
        d.feed(bytes([127, 128]) * 50000)
        hz.wait(lambda: d.rpc.result("receivers")[0]["samples"] > 0)
        d.rpc.send({"jsonrpc": "2.0", "id": 7, "method": "spectrum", "params": {"fps": 50, "frames": 10}})
        d.rpc.send({"jsonrpc": "2.0", "id": 8, "method": "clients"})
        late, after = json.loads(d.rpc.line()), json.loads(d.rpc.line())
        assert late["id"] == 7 and "result" not in late and late["error"]["code"] == -32000
        assert re.fullmatch(r"receiver sea: \d of 10 frames in 5.4 s: it stalls, .*", late["error"]["message"]), late
        assert after["id"] == 8 and len(after["result"]) == 1
