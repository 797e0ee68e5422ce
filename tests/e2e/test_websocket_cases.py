"""The WebSocket of /stream held to RFC 6455 with a client of raw sockets: cases by the groups of the
Autobahn test suite (its numbers in the names), which echoes messages; here a message is a
subscription, which is acknowledged. Then Autobahn's own client."""
import asyncio
import base64
import json
import os
import socket
import struct

import hz
import pytest

CONT, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
LIMIT = 65536  # bytes of a message


@pytest.fixture(scope="module")
def daemon():
    # quiet: no message comes between
    with hz.Daemon("[receiver sky]\nsource = sim\nscene = noise\n[channel 1090]\ndecoder = adsb\n") as d:
        yield d


def frame(opcode, payload=b"", fin=1, rsv=0, mask=True, length=None):
    """A frame of a client. length: as it is written, if not the shortest way: bytes of the field."""
    n = len(payload)
    head = bytes([fin << 7 | rsv << 4 | opcode])
    bit = 0x80 if mask else 0
    if length == 8 or (length is None and n > 65535):
        head += bytes([bit | 127]) + struct.pack(">Q", n)
    elif length == 2 or (length is None and n > 125):
        head += bytes([bit | 126]) + struct.pack(">H", n)
    else:
        head += bytes([bit | n])
    if not mask:
        return head + payload
    key = os.urandom(4)
    pad = (key * (n // 4 + 1))[:n]
    return head + key + (int.from_bytes(payload, "big") ^ int.from_bytes(pad, "big")).to_bytes(n, "big")


def words(size=0, text="state"):
    """A subscription as a message of `size` bytes."""
    message = json.dumps({"subscribe": {"kind": text}}).encode()
    return message + b" " * (size - len(message))


class Raw:
    def __init__(self, daemon):
        self.sock = socket.create_connection(daemon.http, timeout=hz.PATIENCE)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        key = base64.b64encode(os.urandom(16)).decode()
        self.sock.sendall(f"GET /stream?kind=state HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
                          f"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode())
        self.held = b""
        while b"\r\n\r\n" not in self.held:
            self.more()
        head, self.held = self.held.split(b"\r\n\r\n", 1)
        assert head.startswith(b"HTTP/1.1 101 "), head
        assert json.loads(self.frame()[1])["kind"] == "hello"
        assert json.loads(self.frame()[1])["kind"] == "subscribed"

    def more(self):
        got = self.sock.recv(65536)
        assert got, f"closed after {self.held!r}"
        self.held += got

    def take(self, n):
        while len(self.held) < n:
            self.more()
        out, self.held = self.held[:n], self.held[n:]
        return out

    def frame(self):
        """The next frame of the server: (opcode, payload). It is whole, unmasked and unreserved."""
        a, b = self.take(2)
        assert a & 0xF0 == 0x80 and not b & 0x80, (a, b)
        n = b
        if n == 126:
            (n,) = struct.unpack(">H", self.take(2))
            assert n > 125
        elif n == 127:
            (n,) = struct.unpack(">Q", self.take(8))
            assert n > 65535
        return a & 15, self.take(n)

    def send(self, *frames, chop=None):
        data = b"".join(frames)
        try:
            for at in range(0, len(data), chop or len(data)):
                self.sock.sendall(data[at : at + (chop or len(data))])
        except (BrokenPipeError, ConnectionResetError):
            pass  # it was refused before the end, and what it said is to be read

    def acknowledged(self):
        opcode, payload = self.frame()
        assert opcode == TEXT and json.loads(payload)["kind"] == "subscribed", (opcode, payload)

    def closed(self):
        """The code of the close that comes next, but for an error line before it; then the end."""
        opcode, payload = self.frame()
        while opcode == TEXT and json.loads(payload)["kind"] == "error":
            opcode, payload = self.frame()
        assert opcode == CLOSE, (opcode, payload)
        try:
            assert self.sock.recv(1) == b"" and not self.held
        except ConnectionResetError:
            pass
        self.sock.close()
        if not payload:
            return None
        payload[2:].decode()
        return struct.unpack(">H", payload[:2])[0]


@pytest.fixture
def raw(daemon):
    r = Raw(daemon)
    yield r
    r.sock.close()


def code_of(daemon, *frames, chop=None):
    r = Raw(daemon)
    r.send(*frames, chop=chop)
    return r.closed()


# -- 1: framing ------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [64, 125, 126, 127, 128, 65535, LIMIT])
def test_1_1_text_of_any_length(raw, size):
    for chop in (None, 997):
        raw.send(frame(TEXT, words(size)), chop=chop)
        raw.acknowledged()


def test_1_2_binary_and_empty(daemon):
    assert code_of(daemon, frame(TEXT)) == 1008  # no subscription
    for n in (0, 125, 126, 65536):
        assert code_of(daemon, frame(BINARY, b"\xfe" * n)) == 1003


# -- 2: pings and pongs ----------------------------------------------------------------------------


@pytest.mark.parametrize("payload", [b"", b"Hello", b"\0\xff\xfe\xfd\xfc\xfb\0\xff", b"\xfe" * 125])
@pytest.mark.parametrize("chop", [None, 1])
def test_2_pings(raw, payload, chop):
    raw.send(*[frame(PING, payload)] * 10, chop=chop)
    for _ in range(10):
        assert raw.frame() == (PONG, payload)


def test_2_pings_that_are_too_long_and_pongs_that_nobody_wanted(daemon, raw):
    assert code_of(daemon, frame(PING, b"\xfe" * 126)) == 1002
    raw.send(frame(PONG), frame(PONG, b"unsolicited"), frame(PING, b"x"))
    assert raw.frame() == (PONG, b"x")


def test_2_9_pings_are_answered_in_order(raw):
    raw.send(*[frame(PING, b"payload-%d" % i) for i in range(10)])
    assert [raw.frame()[1] for _ in range(10)] == [b"payload-%d" % i for i in range(10)]


# -- 3: reserved bits ------------------------------------------------------------------------------


@pytest.mark.parametrize("rsv", range(1, 8))
def test_3_reserved_bits(daemon, rsv):
    for opcode, payload in ((TEXT, words()), (PING, b"x"), (CLOSE, b"\x03\xe8"), (BINARY, b"x")):
        assert code_of(daemon, frame(opcode, payload, rsv=rsv)) == 1002
    # what came before is answered
    r = Raw(daemon)
    r.send(frame(TEXT, words()), frame(TEXT, words(), rsv=rsv))
    r.acknowledged()
    assert r.closed() == 1002


# -- 4: opcodes ------------------------------------------------------------------------------------


@pytest.mark.parametrize("opcode", [3, 4, 5, 6, 7, 11, 12, 13, 14, 15])
def test_4_reserved_opcodes(daemon, opcode):
    assert code_of(daemon, frame(opcode)) == 1002
    assert code_of(daemon, frame(opcode, b"reserved"), frame(PING)) == 1002


# -- 5: fragments ----------------------------------------------------------------------------------


@pytest.mark.parametrize("chop", [None, 1])
def test_5_fragments(raw, chop):
    m = words()
    raw.send(frame(TEXT, m[:9], fin=0), frame(CONT, m[9:]), chop=chop)
    raw.acknowledged()
    raw.send(frame(TEXT, m[:9], fin=0), frame(PING, b"between"), frame(CONT, m[9:12], fin=0), frame(PONG),
             frame(CONT, b"", fin=0), frame(CONT, m[12:]), chop=chop)
    assert raw.frame() == (PONG, b"between")
    raw.acknowledged()
    raw.send(frame(TEXT, b"", fin=0), frame(CONT, b"", fin=0), *[frame(CONT, m[i : i + 1], fin=0) for i in range(len(m))],
             frame(CONT), chop=chop)
    raw.acknowledged()


@pytest.mark.parametrize("frames", [
    [frame(PING, b"x", fin=0), frame(PING, b"y")],
    [frame(PONG, b"x", fin=0)],
    [frame(CLOSE, b"\x03\xe8", fin=0)],
    [frame(CONT, b"nothing began")],
    [frame(CONT, b"nothing began", fin=0), frame(TEXT, words())],
    [frame(TEXT, words()[:5], fin=0), frame(TEXT, words())],
    [frame(TEXT, words()[:5], fin=0), frame(BINARY, b"x")],
    [frame(TEXT, words()[:5], fin=0), frame(CONT, words()[5:], fin=0), frame(TEXT, b"", fin=0)],
], ids=range(8))
def test_5_fragments_that_must_not_be(daemon, frames):
    assert code_of(daemon, *frames) == 1002


def test_masks_and_lengths(daemon):
    """RFC 6455, sections 5.1 and 5.2: a client masks, and writes a length the shortest way."""
    assert code_of(daemon, frame(TEXT, words(), mask=False)) == 1002
    assert code_of(daemon, frame(PING, mask=False)) == 1002
    assert code_of(daemon, frame(TEXT, words(), length=2)) == 1002
    assert code_of(daemon, frame(TEXT, words(200), length=8)) == 1002
    assert code_of(daemon, b"\x81\xff\x80" + b"\0" * 7 + b"mask") in (1002, 1009)


# -- 6: UTF-8 --------------------------------------------------------------------------------------

GOOD = ["κόσμε", "Hello-µ@ßöäüàá-UTF-8!!", "\x7f", "\x80", "\u07ff", "\u0800", "\uffff", "\ud7ff", "\ue000",
        "\ufffd", "\U00010000", "\U0010ffff", "\ufffe", "\U0001ffff"]
BAD = ["cebae1bdb9cf83cebcceb5eda080656469746564", "f8888080 80", "fc84808080 80", "f7bfbfbf", "f4908080", "80", "bf",
       "8080", "c0", "c120", "e0", "ef20", "f0", "fd", "e080", "f08080", "c0af", "e080af", "f08080af", "c1bf", "e09fbf",
       "f08fbfbf", "eda080", "edbfbf", "eda080edb080", "fe", "ff", "fefeffff", "cebae1bdb9cf83cebcceb5f4908080656469746564"]


@pytest.mark.parametrize("chop", [None, 1])
def test_6_texts(daemon, chop):
    for text in GOOD:  # a name that no channel can have: an error, but of the words
        m = b'{"subscribe":{"channel":"' + text.encode() + b'"}}'
        assert code_of(daemon, frame(TEXT, m), chop=chop) == 1008, text
        pieces = [frame(TEXT, m[:1], fin=0), *[frame(CONT, m[i : i + 1], fin=0) for i in range(1, len(m))], frame(CONT)]
        assert code_of(daemon, *pieces, chop=chop) == 1008, text
    for text in BAD:
        m = b'{"subscribe":{"channel":"' + bytes.fromhex(text) + b'"}}'
        assert code_of(daemon, frame(TEXT, m), chop=chop) == 1007, text
        pieces = [frame(TEXT, m[:1], fin=0), *[frame(CONT, m[i : i + 1], fin=0) for i in range(1, len(m))], frame(CONT)]
        assert code_of(daemon, *pieces, chop=chop) == 1007, text
    assert code_of(daemon, frame(TEXT, '{"subscribe":{"channel":"κ'.encode()[:-1])) == 1007  # an incomplete end


def test_6_4_fails_at_once(daemon):
    """The message is not over, but cannot become right."""
    assert code_of(daemon, frame(TEXT, "κόσμε".encode() + b"\xf4\x90\x80\x80", fin=0)) == 1007


# -- 7: closing ------------------------------------------------------------------------------------


def close(code, reason=b""):
    return frame(CLOSE, struct.pack(">H", code) + reason)


def test_7_1_what_comes_after_a_close_is_not_answered(daemon):
    for after in (close(1000), frame(PING, b"x"), frame(TEXT, words()), frame(TEXT, words()[:4], fin=0)):
        assert code_of(daemon, close(1000), after) == 1000
    assert code_of(daemon, frame(TEXT, words()[:4], fin=0), close(1000)) == 1000


def test_7_3_payloads(daemon):
    assert code_of(daemon, frame(CLOSE)) is None
    assert code_of(daemon, frame(CLOSE, b"x")) == 1002
    assert code_of(daemon, close(1000, b"Hello")) == 1000
    assert code_of(daemon, close(1000, b"*" * 123)) == 1000
    assert code_of(daemon, close(1000, b"*" * 124)) == 1002
    assert code_of(daemon, close(1000, b"\xce\xba\xed\xa0\x80")) in (1002, 1007)


@pytest.mark.parametrize("code", [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999])
def test_7_7_good_codes_are_returned(daemon, code):
    assert code_of(daemon, close(code)) == code


@pytest.mark.parametrize("code", [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999])
def test_7_9_codes_that_must_not_be(daemon, code):
    assert code_of(daemon, close(code)) == 1002


# -- 9: limits -------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [64, 256, 1024, 4096, 16384, LIMIT])
def test_9_the_largest_message_in_fragments(raw, size):
    m = words(LIMIT)
    parts = [m[i : i + size] for i in range(0, LIMIT, size)]
    last = len(parts) - 1
    raw.send(*[frame(TEXT if i == 0 else CONT, p, fin=i == last) for i, p in enumerate(parts)])
    raw.acknowledged()
    raw.send(frame(PING, b"on"))
    assert raw.frame() == (PONG, b"on")


def test_9_a_larger_one_is_refused(daemon):
    assert code_of(daemon, frame(TEXT, words(LIMIT + 1))) == 1009
    assert code_of(daemon, frame(TEXT, words(LIMIT), fin=0), frame(CONT, b" ")) == 1009
    # 2^62 bytes: refused at the length, not after them
    assert code_of(daemon, b"\x81\xff" + struct.pack(">Q", 1 << 62) + b"mask") == 1009
    assert code_of(daemon, frame(TEXT, words(), fin=0), *[frame(CONT, b" " * 8192, fin=0)] * 9) == 1009


# -- a client of others ----------------------------------------------------------------------------


def test_autobahns_client(daemon):
    autobahn = pytest.importorskip("autobahn.asyncio.websocket", reason="python3-autobahn is not installed")

    async def run():
        loop = asyncio.get_running_loop()
        done = loop.create_future()
        seen = []

        class Client(autobahn.WebSocketClientProtocol):
            def onMessage(self, payload, is_binary):
                seen.append((json.loads(payload)["kind"], is_binary))
                if len(seen) == 1:
                    self.beginMessage(isBinary=False)  # in frames, and in pieces of a frame
                    m = words(5000)
                    self.beginMessageFrame(2500)
                    self.sendMessageFrameData(m[:1000])
                    self.sendMessageFrameData(m[1000:2500])
                    self.sendPing(b"between")
                    self.sendMessageFrame(m[2500:])
                    self.endMessage()
                if seen[-1][0] == "subscribed" and "pong" in seen:
                    self.sendClose(1000, "enough")

            def onPong(self, payload):
                assert payload == b"between"
                seen.append("pong")

            def onClose(self, clean, code, reason):
                done.set_result((clean, code))

        factory = autobahn.WebSocketClientFactory(f"ws://{daemon.http[0]}:{daemon.http[1]}/stream?kind=gap")
        factory.setProtocolOptions(openHandshakeTimeout=hz.PATIENCE, failByDrop=False)
        factory.protocol = Client
        await loop.create_connection(factory, *daemon.http)
        assert await asyncio.wait_for(done, hz.PATIENCE) == (True, 1000)
        assert seen[0] == ("hello", False) and "pong" in seen, seen

    asyncio.run(run())
