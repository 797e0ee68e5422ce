"""Many clients, quiet ones and rude ones: what the healthy ones get, whatever the others do.

HZ_LONG=1 lets each rude client be at work for ten times as long.
"""
import json
import os
import random
import select
import socket
import struct
import threading

import hz
import pytest
from hz import conf

LONG = os.environ.get("HZ_LONG") == "1"
HEALTHY = 50
FRAMES = 2000 if LONG else 200
ROUNDS = 1000 if LONG else 10  # of those that come again and again
UPGRADE = (b"GET /stream HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")


@pytest.fixture(scope="module")
def daemon(air):
    """A daemon that plays the capture round and round, 670 messages a second."""
    with hz.Daemon(conf(air, "loop = yes\npace = realtime"), listen="max_clients = 2000") as d:
        yield d


# -- what one gets that stays ----------------------------------------------------------------------


def events(d, query="", field=""):
    c = hz.Lines(d.http)
    c.send(f"GET /events{query} HTTP/1.1\r\nHost: localhost\r\n{field}\r\n".encode())
    assert c.line().startswith(b"HTTP/1.1 200 ")
    while c.line() != b"\r\n":
        pass
    return c


def event(c):
    """The fields of the next event, comments under ''."""
    fields = {}
    while (line := c.line()) != b"\n":
        assert line, "closed"
        name, _, value = line.decode().rstrip("\n").partition(":")
        fields[name] = value.removeprefix(" ")
    if "data" in fields:
        fields["data"] = hz.checked(fields["data"].encode() + b"\n")
    return fields


def test_events_resume_without_a_hole(daemon):
    """As a browser does: with the last id. The lines are those of TCP."""
    c = hz.Lines(daemon.tcp)
    hello = c.next()
    seen, last = [], ""
    for _ in range(4):
        e = events(daemon, "", f"Last-Event-ID: {last}\r\n" if last else "")
        while True:
            got = event(e)
            last = got.get("id", last)
            if "seq" in got["data"] and got["data"]["kind"] == "message":
                seen.append(got["data"])
                if len(seen) % 50 == 0:
                    break
        e.close()
    assert [m["seq"] for m in seen] == list(range(seen[0]["seq"], seen[0]["seq"] + len(seen)))
    assert last == f"{hello['stream']}:{seen[-1]['seq']}"
    same = c.until(lambda r: r.get("seq") == seen[-1]["seq"])
    assert same[-len(seen):] == seen
    c.close()


def test_filters_on_the_air(daemon):
    """By id and by SNR, and one in a period: against the whole stream."""
    stream = hz.Lines(daemon.tcp)
    hello = stream.next()
    whole = [r for r in stream.until(lambda r: r.get("seq", 0) >= hello["seq"] + 900) if r["kind"] == "message"]
    ids = sorted({m["adsb"]["hex"] for m in whole})[:3]
    limit = sorted(m["snr_db"] for m in whole)[len(whole) // 2]
    since = whole[0]["seq"] - 1
    for words, passes in (({"id": [i.upper() for i in ids]}, lambda m: m["adsb"]["hex"] in ids),
                          ({"min_snr": limit}, lambda m: m["snr_db"] >= limit),
                          ({"bbox": [-90, -180, 90, 180]}, lambda m: "lat" in m["adsb"])):
        wanted = [m for m in whole if passes(m)]
        c = hz.Lines(daemon.tcp)
        c.next()
        c.send({"subscribe": {**words, "kind": "message", "stream": hello["stream"], "since": since}})
        assert c.next()["kind"] == "subscribed"
        assert [c.next() for _ in wanted] == wanted, words
        c.close()
    c = hz.Lines(daemon.tcp)
    c.next()
    c.send({"subscribe": {"every": "1s", "kind": "message", "stream": hello["stream"], "since": 0}})
    c.next()
    got = c.until(lambda r: r["seq"] > whole[-1]["seq"])[:-1]
    slots = [(m["adsb"]["hex"], hz.nanoseconds(m) // 10**9) for m in got]
    assert len(set(slots)) == len(slots) > 0
    assert {s for s in slots if s[1] < max(t for _, t in slots)} >= {
        (m["adsb"]["hex"], hz.nanoseconds(m) // 10**9) for m in whole
        if hz.nanoseconds(m) // 10**9 < max(t for _, t in slots)}
    stream.close(), c.close()


def test_heartbeats_where_nothing_is_heard():
    """Over TCP, WebSocket and events at once; the numbers of frames go on."""
    with hz.Daemon("[receiver quiet]\nsource = sim\nscene = noise\n[channel 1090]\ndecoder = adsb\n") as d:
        tcp, web, e = hz.Lines(d.tcp), hz.Web(d.http), events(d)
        stream = tcp.next()["stream"]
        tcp.send({"subscribe": {"kind": "message"}})
        web.next()
        web.send({"subscribe": {"kind": "message"}})
        event(e)
        beat = tcp.until(lambda r: r["kind"] == "heartbeat")[-1]
        assert beat["seq"] == d.status()["bus"]["next_seq"]
        assert web.until(lambda r: r["kind"] == "heartbeat")[-1]["seq"] == beat["seq"]
        while "" not in (got := event(e)):
            pass
        assert got == {"": "heartbeat", "id": f"{stream}:{beat['seq'] - 1}"}
        tcp.close(), web.close(), e.close()


# -- rude ones -------------------------------------------------------------------------------------


class Rude:
    """Works in a thread until it is told to stop. Whatever becomes of its sockets is its own fault."""

    def __init__(self, d, work):
        self.d, self.work = d, work
        self.over = threading.Event()
        self.rounds, self.worked = 0, threading.Semaphore(0)
        self.thread = threading.Thread(target=self.run)

    def run(self):
        while not self.over.is_set():
            try:
                self.work(self)
            except OSError:
                pass
            self.rounds += 1
            self.worked.release()

    def open(self, http=False, rcvbuf=None):
        s = socket.socket()
        if rcvbuf:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, rcvbuf)
        s.settimeout(hz.PATIENCE)
        s.connect(self.d.http if http else self.d.tcp)
        return s

    def reset(self, s):
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        s.close()


def half_open(r):
    with r.open() as s:
        s.shutdown(socket.SHUT_WR)
        r.over.wait()


def never_reads(r):
    crowd = [r.open(rcvbuf=4096) for _ in range(10)]
    for s in crowd:
        s.sendall(b"\n")
    r.over.wait()
    for s in crowd:
        s.close()


def reads_a_byte_a_second(r):
    with r.open(rcvbuf=4096) as s:
        s.sendall(b"\n")
        while not r.over.wait(1):
            s.recv(1)


def garbage(r):
    with r.open(http=r.rounds % 2 == 1) as s:
        s.sendall(random.Random(r.rounds).randbytes(4096))


def long_lines(r):
    with r.open() as s:
        s.sendall(b"x" * (64 * 1024 + 1) + b"\n")
        while s.recv(65536):
            pass


def floods_subscribes(r):
    with r.open() as s:
        words = b"".join(json.dumps({"subscribe": {"id": f"{i:06x}", "since": 0, "every": 1 + i % 60}}).encode()
                         + b"\n" for i in range(200))
        while not r.over.is_set():
            ready, can, _ = select.select([s], [s], [], 1)
            if can:
                s.send(words)
            if ready and not s.recv(65536):
                return


def opens_and_closes(r):
    crowd = [r.open(http=i % 2 == 1) for i in range(100)]
    for s in crowd:
        s.close()


def resets_in_mid_frame(r):
    s = r.open(http=True)
    s.sendall(UPGRADE)
    s.recv(4096)
    s.sendall(b"\x81\xfe\x40\x00mask" + b"x" * 1000)
    r.reset(s)


def fragments_for_ever(r):
    with r.open(http=True) as s:
        s.sendall(UPGRADE + b"\x01\x81\0\0\0\0x")
        while not r.over.is_set():
            ready, can, _ = select.select([s], [s], [], 1)
            if can:
                s.send(b"\x00\x81\0\0\0\0x" * 100)
            if ready and not s.recv(65536):
                return


def slow_loris(r):
    crowd = [r.open(http=True) for _ in range(100)]
    for s in crowd:
        s.sendall(b"GET /status HTTP/1.1\r\n")
    while not r.over.wait(0.2):
        for s in crowd:
            s.send(b"X: y\r\n")
    for s in crowd:
        s.close()


def pings(r):
    with r.open(http=True) as s:
        s.sendall(UPGRADE)
        while not r.over.is_set():
            ready, can, _ = select.select([s], [s], [], 1)
            if can:
                s.send(b"\x89\x84\0\0\0\0ping" * 100)
            if ready and not s.recv(65536):
                return


@pytest.fixture(scope="module")
def healthy(daemon):
    """Clients that read everything, from the same frame on: what each has got since then."""
    hello = hz.Lines(daemon.tcp)
    first = hello.next()
    hello.close()
    crowd = []
    for i in range(HEALTHY):
        c = hz.Lines(daemon.tcp)
        c.next()
        c.send({"subscribe": {"stream": first["stream"], "since": first["seq"] - 1}})
        assert json.loads(c.line())["kind"] == "subscribed"
        crowd.append(c)
    yield crowd
    for c in crowd:
        c.close()


def read_to(c, seq):
    """The lines up to that number, as one text."""
    end = b'{"seq":%d,' % seq
    out = []
    while True:
        line = c.line()
        assert line, "closed"
        assert line.startswith(b'{"seq":'), line[:200]
        out.append(line)
        if line.startswith(end):
            return b"".join(out)


@pytest.mark.parametrize("work", [
    half_open, never_reads, reads_a_byte_a_second, garbage, long_lines, floods_subscribes, opens_and_closes,
    resets_in_mid_frame, fragments_for_ever, slow_loris, pings,
])
def test_the_healthy_are_complete_and_identical(daemon, healthy, work):
    rude = Rude(daemon, work)
    rude.thread.start()
    try:
        begin = daemon.status()["bus"]["next_seq"]
        end = begin + FRAMES
        texts = [read_to(c, end) for c in healthy]
        if work in (garbage, long_lines, opens_and_closes, resets_in_mid_frame):
            for _ in range(ROUNDS):
                assert rude.worked.acquire(timeout=hz.PATIENCE), f"at work since {rude.rounds} rounds"
        end = daemon.status()["bus"]["next_seq"] + 10
        texts = [t + read_to(c, end) for t, c in zip(texts, healthy)]
    finally:
        rude.over.set()
        rude.thread.join()
    assert len(set(texts)) == 1, "they got different lines"
    seqs = [int(line[7:line.index(b",")]) for line in texts[0].splitlines()]
    assert seqs == list(range(seqs[0], seqs[0] + len(seqs))), "there is a hole"
    assert daemon.rpc.result("health") == {"healthy": True}
