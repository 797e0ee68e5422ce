"""Clients that are slow, rude, foreign or many: each gets its answer, and nobody else notices."""
import json
import os
import resource
import socket

import hz
import pytest
import websockets
from hz import LOOP, conf, messages

pytestmark = pytest.mark.tsan

MAX_LINE = 64 * 1024


@pytest.fixture(scope="module")
def looping(air):
    """A daemon that plays the capture round and round."""
    with hz.Daemon(conf(air, LOOP)) as d:
        yield d


class Good(hz.Lines):
    """A client that holds the daemon to every single frame."""

    last = None

    def next(self):
        record = super().next()
        assert record is not None and record["kind"] != "gap", record
        if record["kind"] != "hello":
            assert record["seq"] == self.last + 1
        self.last = record["seq"] - (record["kind"] == "hello")
        return record


@pytest.fixture
def good(looping):
    """A good client: must see all that is sent during the test, and for some time after it."""
    c = Good(looping.tcp)
    c.next()
    yield c
    end = looping.rpc.result("status")["bus"]["next_seq"] + 100
    c.until(lambda r: r["seq"] > end)
    c.close()


def bad_requests(status, name):
    """How many the listener has counted."""
    return next(l for l in status["listeners"] if l["name"] == name)["bad_requests"]


# -- slow ------------------------------------------------------------------------------------------


@pytest.mark.plain  # a client that takes nothing for 10 s is closed: a slow build is too slow
@pytest.mark.parametrize("kind", ["tcp", "websocket"])
def test_slow_client_is_skipped_forward(air, kind):
    """Samples are fed step by step, so that the good client has read all before more comes; the
    slow one reads nothing until the log has lapped it."""
    with hz.Daemon(conf(daemon="history = 500")) as d:
        good = hz.Lines(d.tcp)
        slow = hz.Lines(d.tcp, rcvbuf=4096) if kind == "tcp" else hz.Web(d.http, rcvbuf=4096)
        good.next()
        samples, seen = air.read_bytes(), []
        while max(c["behind"] for c in d.rpc.result("clients")) <= 500:
            d.feed(samples)
            seen += messages(good, 200)  # the rest waits in a block that is not full
        seqs = [m["seq"] for m in seen]
        assert seqs == list(range(seqs[0], seqs[0] + len(seqs))), "the good client lost some"
        got = slow.until(lambda r: r["kind"] == "gap")
        before, after = got[-2], slow.next()
        assert got[-1]["missed"] == after["seq"] - before["seq"] - 1
        assert [c["transport"] for c in d.rpc.result("clients") if c["missed"] > 0] == [kind]
        good.close(), slow.close()


# -- rude: TCP lines -----------------------------------------------------------------------------------


@pytest.mark.parametrize("line,word", [
    (b"{not json}\n", "JSON"),
    (b"[]\n", "object"),
    (b'{"subscribe":{"protocol":["adsc"]}}\n', "adsb"),
    (b'{"subscribe":{"since":"yesterday"}}\n', "since"),
    (b'{"subscribe":{"sinec":1}}\n', "since"),
    (b'{"subscribe":{}} trailing\n', "JSON"),
    (b'{"subscribe":{"protocol":[]}}\n', "protocol"),
    (b"\xff\xfe\x00\n", "JSON"),
    (b"[" * 5000 + b"\n", "JSON"),
])
def test_bad_line_is_told_and_counted(looping, good, line, word):
    before = bad_requests(looping.status(), "json")
    c = hz.Lines(looping.tcp)
    c.next()
    c.send(line)
    error = c.until(lambda r: r["kind"] == "error")[-1]
    assert word in error["error"], error
    assert bad_requests(looping.status(), "json") == before + 1
    c.close()


def test_line_over_64_KiB(looping, good):
    before = bad_requests(looping.status(), "json")
    c = hz.Lines(looping.tcp)
    c.next()
    try:
        c.send(b"x" * (MAX_LINE + 1) + b"\n")
    except (BrokenPipeError, ConnectionResetError):
        pass
    told = c.rest()
    assert b'"kind":"error"' in told and b"64 KiB" in told
    assert bad_requests(looping.status(), "json") == before + 1
    c.close()


def test_half_a_line_then_silence(looping, good):
    """It is still a client: it gets its messages, and the line counts when it is whole."""
    c = hz.Lines(looping.tcp)
    c.next()
    c.send(b'{"subscribe":{"kind":')
    messages(c, 20)
    c.send(b'["nonsense"]}}\n')
    assert "nonsense" in c.until(lambda r: r["kind"] == "error")[-1]["error"]
    c.close()


def test_client_that_resets(looping, good):
    for _ in range(20):
        c = hz.Lines(looping.tcp)
        c.next()
        c.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        c.close()
    messages(good, 20)


# -- rude: HTTP and WebSocket --------------------------------------------------------------------------


def upgrade(address, **change):
    """An opening handshake with fields changed or (None) left out."""
    fields = {
        "Host": f"{address[0]}:{address[1]}", "Upgrade": "websocket", "Connection": "Upgrade",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version": "13",
    }
    fields.update({k.replace("_", "-"): v for k, v in change.items()})
    head = "".join(f"{k}: {v}\r\n" for k, v in fields.items() if v is not None)
    return f"GET /stream HTTP/1.1\r\n{head}\r\n".encode()


def test_handshake_of_the_rfc(looping):
    """RFC 6455, section 1.3: key and its answer."""
    c = hz.Lines(looping.http)
    c.send(upgrade(looping.http))
    head = []
    while (line := c.line()) != b"\r\n":
        head.append(line.decode().strip().lower())
    assert head[0].startswith("http/1.1 101")
    assert "sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo=" in head
    c.close()


@pytest.mark.parametrize("change,code", [
    ({"Sec_WebSocket_Key": None}, 400), ({"Sec_WebSocket_Key": "short"}, 400),
    ({"Sec_WebSocket_Version": "8"}, 426), ({"Connection": "close"}, 426),
    ({"Upgrade": None}, 426), ({"Host": None}, 400),
    ({"Origin": "https://evil.example"}, 403),
])
def test_wrong_handshake(looping, good, change, code):
    before = bad_requests(looping.status(), "web")
    c = hz.Lines(looping.http)
    c.send(upgrade(looping.http, **change))
    answer = c.rest()
    assert answer.startswith(f"HTTP/1.1 {code} ".encode()), answer[:200]
    assert bad_requests(looping.status(), "web") == before + 1
    c.close()


def test_own_origin_is_let_in(looping):
    host, port = looping.http
    c = hz.Web(looping.http, origin=f"http://{host}:{port}")
    assert c.next()["kind"] == "hello"
    c.close()


def test_foreign_origin_is_refused_and_a_listed_one_let_in(air):
    listen = "[listen page]\ntype = http\naddress = 127.0.0.1:0\nallow_origin = https://map.example\n"
    with hz.Daemon(conf(air, LOOP) + listen) as d:
        page = next(l for l in d.status()["listeners"] if l["name"] == "page")
        address = d.endpoint(page["address"])
        c = hz.Web(address, origin="https://map.example")
        assert c.next()["kind"] == "hello"
        c.close()
        with pytest.raises(websockets.InvalidStatusCode, match="403"):
            hz.Web(address, origin="https://evil.example")


@pytest.mark.parametrize("request_bytes,code", [
    (b"GET / HTTP/9.9\r\nHost: x\r\n\r\n", 505),
    (b"nonsense\r\n\r\n", 400),
    (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 431),
    (b"GET / HTTP/1.1\r\nHost: x\r\n" + b"a: b\r\n" * 3000 + b"\r\n", 431),
    (b"GET / HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n", 400),
    (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
])
def test_bad_head(looping, good, request_bytes, code):
    c = hz.Lines(looping.http)
    try:
        c.send(request_bytes)
    except (BrokenPipeError, ConnectionResetError):
        pass
    assert c.rest().startswith(f"HTTP/1.1 {code} ".encode())
    c.close()


@pytest.mark.plain  # it takes its time
def test_half_a_request_then_silence_is_ended(looping, good):
    """The daemon does not wait for ever; until then it works on."""
    c = hz.Lines(looping.http)
    c.send(b"GET /stat")
    messages(good, 50)
    assert c.rest().startswith(b"HTTP/1.1 408 ")
    c.close()


def test_unknown_path(looping):
    assert hz.http(looping.http, "/nothing")[0] == 404


def test_stream_wants_an_upgrade(looping):
    assert hz.http(looping.http, "/stream")[0] == 426


@pytest.mark.parametrize("query", ["protocol=adsc", "since=yesterday", "colour=red", "since=5", "%zz=1", "kind"])
def test_wrong_query(looping, query):
    with pytest.raises(websockets.InvalidStatusCode, match="400"):
        hz.Web(looping.http, f"/stream?{query}")


def test_method_not_allowed(looping):
    assert hz.http(looping.http, "/status", method="DELETE")[0] == 405


def test_healthz_and_status(looping):
    assert hz.http(looping.http, "/healthz")[0] == 200
    code, body = hz.http(looping.http, "/status")
    assert code == 200
    assert json.loads(body)["version"] == looping.status()["version"]


def test_a_host_that_a_stranger_can_have_is_refused(looping):
    """DNS rebinding: a page lets its own name lead to 127.0.0.1."""
    for head, code in (("evil.example", 421), (f"evil.example:{looping.http[1]}", 421), ("localhost", 200)):
        c = hz.Lines(looping.http)
        c.send(f"GET /status HTTP/1.1\r\nHost: {head}\r\n\r\n".encode())
        answer = c.rest()
        assert answer.startswith(f"HTTP/1.1 {code} ".encode()), answer[:200]
        c.close()
    c = hz.Lines(looping.http)
    c.send(upgrade(looping.http, Host="evil.example", Origin="http://evil.example"))
    assert c.rest().startswith(b"HTTP/1.1 421 ")
    c.close()


def test_a_listed_host_is_let_in_after_a_reload(air):
    listen = "[listen page]\ntype = http\naddress = 127.0.0.1:0\n{}\n"
    with hz.Daemon(conf(air, LOOP) + listen.format("")) as d:
        page = lambda: next(l for l in d.status()["listeners"] if l["name"] == "page")
        address = d.endpoint(page()["address"])
        kept = hz.Web(address)
        ask = lambda: hz.http(address, "/healthz", method="GET", host="radio.example")[0]
        assert ask() == 421
        d.write(conf(air, LOOP) + listen.format("allow_host = other.example radio.example"))
        assert d.rpc.result("reload") == {"reloaded": True}
        assert d.endpoint(page()["address"]) == address, "it goes on"
        assert ask() == 200
        assert kept.next()["kind"] == "hello"
        kept.close()


def test_a_page_that_may_read(air):
    listen = "[listen page]\ntype = http\naddress = 127.0.0.1:0\nallow_origin = https://map.example\n"
    with hz.Daemon(conf(air, LOOP) + listen) as d:
        page = next(l for l in d.status()["listeners"] if l["name"] == "page")
        for origin, allowed in (("https://map.example", True), ("https://evil.example", False)):
            c = hz.Lines(d.endpoint(page["address"]))
            c.send(f"GET /status HTTP/1.1\r\nHost: localhost\r\nOrigin: {origin}\r\n\r\n".encode())
            head = c.rest().partition(b"\r\n\r\n")[0]
            assert head.startswith(b"HTTP/1.1 200 ")
            assert (f"\r\nAccess-Control-Allow-Origin: {origin}".encode() in head) == allowed, head
            c.close()


def test_an_unknown_word_is_told(looping):
    code, body = hz.http(looping.http, "/status?verbose=1")
    assert code == 400 and b'unknown word "verbose=1"' in body


@pytest.mark.parametrize("frame, code, reason", [
    (bytes.fromhex("8100"), 1002, "RFC 6455"),  # a text frame without a mask
    (bytes.fromhex("f180 00000000"), 1002, "RFC 6455"),  # reserved bits
    (bytes.fromhex("83 80 00000000"), 1002, "RFC 6455"),  # an unknown opcode
    (bytes.fromhex("89 fe 0100 00000000") + bytes(256), 1002, "RFC 6455"),  # a ping of 256 bytes
    # of 2^63 - 1 bytes
    (bytes.fromhex("81 ff 7fffffffffffffff 00000000") + bytes(MAX_LINE + 1), 1009, "64 KiB"),
    (bytes.fromhex("81 82 00000000 ffff"), 1007, "UTF-8"),
], ids=["unmasked", "reserved", "opcode", "longping", "huge", "utf8"])
def test_broken_websocket_frame(looping, good, frame, code, reason):
    c = hz.Lines(looping.http)
    c.send(upgrade(looping.http))
    while c.line() != b"\r\n":
        pass
    try:
        c.send(frame)
    except (BrokenPipeError, ConnectionResetError):
        pass
    last = c.rest()  # it is closed by the other side
    close = last[last.rindex(code.to_bytes(2, "big")) - 2:]
    assert close[0] == 0x88 and close[1] == len(close) - 2
    assert reason in close[4:].decode()
    messages(good, 20)
    c.close()


# -- the control socket --------------------------------------------------------------------------------


@pytest.mark.parametrize("line,code", [
    (b"nonsense\n", -32700),
    (b"[]\n", -32600),
    (b'{"jsonrpc":"2.0","id":1,"method":7}\n', -32600),
    (b'{"jsonrpc":"1.0","id":1,"method":"status"}\n', -32600),
    (b'{"jsonrpc":"2.0","id":1,"method":"dance"}\n', -32601),
    (b'{"jsonrpc":"2.0","id":1,"method":"subscribe","params":{"protocol":["adsc"]}}\n', -32602),
])
def test_bad_request(looping, good, line, code):
    """JSON-RPC 2.0, section 5.1."""
    c = hz.Rpc(looping.sock)
    c.send(line)
    answer = json.loads(c.line())
    assert answer["error"]["code"] == code, answer
    assert answer["error"]["message"]
    assert "id" in answer
    # it may try again
    c.send(b'{"jsonrpc":"2.0","id":"x","method":"status"}\n')
    assert json.loads(c.line())["id"] == "x"
    c.close()


def test_control_line_over_64_KiB(looping, good):
    c = hz.Rpc(looping.sock)
    try:
        c.send(b" " * (MAX_LINE + 1) + b"\n")
    except (BrokenPipeError, ConnectionResetError):
        pass
    assert b"64 KiB" in c.rest()
    c.close()


def test_subscribe_on_the_control_socket(looping):
    c = hz.Rpc(looping.sock)
    c.result("subscribe", protocol=["adsb"])
    assert len(messages(c, 50)) == 50
    c.close()


def test_control_is_served_when_no_file_can_be_opened(looping):
    """Descriptors are kept back for it."""
    pid = looping.process.pid
    usual = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    taken = len(os.listdir(f"/proc/{pid}/fd"))
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (taken, usual[1]))
    crowd = []
    try:
        refused = lambda: next(l for l in looping.status()["listeners"] if l["name"] == "json")["refused"]
        before = refused()
        crowd = [hz.Lines(looping.tcp) for _ in range(30)]
        for c in crowd:  # those that came in have a place that a test before gave back
            c.line()
        assert refused() > before
        for _ in range(3):
            c = hz.Rpc(looping.sock)
            assert c.result("health") == {"healthy": True}
            crowd.append(c)
    finally:
        resource.prlimit(pid, resource.RLIMIT_NOFILE, usual)
        for c in crowd:
            c.close()


# -- many ---------------------------------------------------------------------------------------------


def test_a_thousand_at_once(air):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
    try:
        with hz.Daemon(conf(daemon="history = 20000"), listen="max_clients = 1000") as d:
            crowd = [hz.Lines(d.tcp) for _ in range(1000)]
            assert {c.next()["kind"] for c in crowd} == {"hello"}
            over = hz.Lines(d.tcp)
            told = over.rest()
            assert b'"kind":"error"' in told and b"1000" in told
            d.feed(air.read_bytes())
            lines = [crowd[0].line() for _ in range(200)]
            seqs = [hz.checked(l)["seq"] for l in lines]
            assert seqs == list(range(seqs[0], seqs[0] + 200))
            for c in crowd[1:]:
                assert [c.line() for _ in range(200)] == lines
            status = d.status()
            assert next(l for l in status["listeners"] if l["name"] == "json")["clients"] == 1000
            for c in crowd:
                c.close()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
