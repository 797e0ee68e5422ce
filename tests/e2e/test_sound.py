"""Speech for those who listen: players over HTTP, pages over WebSocket. What they get is decoded by
opus-tools and held against a tone that was sent."""
import os
import shutil
import struct
import subprocess
import wave

import hz
import numpy as np
import pytest

RATE, CENTRE, FREQ = 96000, 446e6, 446006250.0
SECONDS = 8
LONG_S = float(os.environ.get("HZ_SOUND_S", 0))  # of the run in real time; 0: it is left out
TONE_HZ, DEVIATION_HZ = 1000, 2500  # at 1 kHz neither emphasis nor filter changes the level
LEVEL_DBFS = 20 * np.log10(DEVIATION_HZ / 5000)  # full scale is 5 kHz


def tone(path, seconds):
    """An FM carrier with a tone, 20 dB over the noise, with 0.5 s before and 1.5 s after it."""
    rng = np.random.default_rng(7)
    with open(path, "wb") as out:
        for n, on in ((RATE // 2, False), (int(seconds * RATE), True), (RATE * 3 // 2, False)):
            for first in range(0, n, RATE * 10):
                t = np.arange(first, min(n, first + RATE * 10)) / RATE
                turns = (FREQ - CENTRE) * t - DEVIATION_HZ / TONE_HZ / 2 / np.pi * np.cos(2 * np.pi * TONE_HZ * t)
                iq = 0.5 * np.exp(2j * np.pi * (turns % 1)) if on else np.zeros(len(t), complex)
                iq = iq + 0.02 * (rng.standard_normal(len(t)) + 1j * rng.standard_normal(len(t)))
                out.write(np.floor(np.clip(iq.astype(np.complex64).view(np.float32), -1, 0.999) * 127.5 + 128)
                          .astype(np.uint8).tobytes())


@pytest.fixture(scope="module")
def tone_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("tone") / "tone_446M_96k.cu8"
    tone(path, SECONDS)
    return path


def replay(path, pace="max"):
    """A daemon whose replay begins when a FIFO is fed, so that listeners are there before it."""
    return (f"[receiver air]\nsource = file\npath = {path}\nformat = cu8\nrate = {RATE}\ncentre = 446M\npace = {pace}\n"
            f"[channel voice]\ndecoder = nfm\nfrequency = 446.00625M\n")


def decoded(data, tmp_path, name):
    """16-bit samples at 48 kHz, by opusdec."""
    (tmp_path / f"{name}.opus").write_bytes(data)
    subprocess.run(["opusdec", "--quiet", "--rate", "48000", tmp_path / f"{name}.opus", tmp_path / f"{name}.wav"],
                   check=True, capture_output=True)
    with wave.open(str(tmp_path / f"{name}.wav")) as w:
        return np.frombuffer(w.readframes(w.getnframes()), "<i2").astype(float) / 32768


def held_to_tone(pcm, rate, seconds):
    """Frequency, level and no gap, in windows of 20 ms between 0.5 s after its begin and its end."""
    n = rate // 50
    windows = pcm[: len(pcm) // n * n].reshape(-1, n)
    t = np.arange(n) / rate
    amplitude = 2 * np.abs(windows @ np.exp(-2j * np.pi * TONE_HZ * t)) / n
    loud = amplitude > 10 ** ((LEVEL_DBFS - 6) / 20)
    first, last = np.flatnonzero(loud)[[0, -1]]
    assert (last - first + 1) / 50 == pytest.approx(seconds, abs=0.15)
    inside = amplitude[first + 25: last - 5]
    assert inside.min() > 10 ** ((LEVEL_DBFS - 1.5) / 20), "a gap"
    assert 20 * np.log10(inside.mean()) == pytest.approx(LEVEL_DBFS, abs=1)
    spoken = pcm[(first + 25) * n: (last - 5) * n][: 10 * rate]
    spectrum = np.abs(np.fft.rfft(spoken * np.hanning(len(spoken))))
    assert np.argmax(spectrum) * rate / len(spoken) == pytest.approx(TONE_HZ, abs=1)


class Player:
    """Reads /audio/… as it comes."""

    def __init__(self, address, path):
        self.c = hz.Lines(address)
        self.c.send(f"GET {path} HTTP/1.0\r\nHost: x\r\n\r\n".encode())  # HTTP/1.0: no chunks
        self.body = b""
        self.until(lambda b: b"\r\n\r\n" in b)
        self.head, _, self.body = self.body.partition(b"\r\n\r\n")

    def more(self):
        got = self.c.sock.recv(65536)
        assert got, "closed"
        self.body += got

    def until(self, wanted):
        while not wanted(self.body):
            self.more()
        return self.body

    def close(self):
        self.c.close()


def channel(d):
    return d.status()["channels"][0]["sound"]


def feed(fifo, path):
    with open(fifo, "wb") as out:
        out.write(path.read_bytes())


def pages(data):
    """(granule, serial, number, packets) of each whole page."""
    out, at = [], 0
    while data[at:at + 4] == b"OggS" and at + 27 <= len(data):
        _, flags, granule, serial, number, _, segments = struct.unpack_from("<BBqIIIB", data, at + 4)
        table = data[at + 27: at + 27 + segments]
        size = 27 + segments + sum(table)
        if at + size > len(data):
            break
        packets, p, held = [], at + 27 + segments, b""
        for lace in table:
            held += data[p:p + lace]
            p += lace
            if lace < 255:
                packets.append(held)
                held = b""
        out.append((granule, serial, number, packets))
        at += size
    return out


@pytest.mark.skipif(not shutil.which("opusdec"), reason="opus-tools is not installed")
def test_a_tone_arrives_with_its_level_and_without_a_gap(tone_file, tmp_path):
    fifo = tmp_path / "air.fifo"
    os.mkfifo(fifo)
    conf = replay(fifo) + f"[record tape]\npath = {tmp_path}/tape/\n[record pcm]\npath = {tmp_path}/pcm/\nformat = wav\n"
    with hz.Daemon(conf) as d:
        opus, wav = Player(d.http, "/audio/voice.opus"), Player(d.http, "/audio/voice.wav")
        assert b"audio/ogg" in opus.head and b"audio/wav" in wav.head
        feed(fifo, tone_file)
        got = hz.wait(lambda: len(r := d.rpc.result("recordings")["recordings"]) >= 2 and r)
        # what was published before the message is on its way; silence comes after it
        opus.until(lambda b: sum(len(p[3]) for p in pages(b)) > (SECONDS + 1) * 50)
        wav.until(lambda b: len(b) > (SECONDS + 1) * 32000)
        held_to_tone(decoded(opus.body, tmp_path, "live"), 48000, SECONDS)
        held_to_tone(np.frombuffer(wav.body[44:][: (len(wav.body) - 44) // 2 * 2], "<i2") / 32768, 16000, SECONDS)
        assert all(o["missed"] == o["lost"] == 0 for o in d.status()["outputs"])
        for r in got:
            status, body = hz.http(d.http, "/recordings/" + r["file"])
            assert status == 200 and len(body) == r["bytes"]
            if r["format"] == "opus":
                held_to_tone(decoded(body, tmp_path, "tape"), 48000, SECONDS)
        opus.close()
        wav.close()


@pytest.mark.skipif(not LONG_S, reason="takes HZ_SOUND_S seconds: make soak runs it with 600")
def test_a_long_tone_in_real_time(tmp_path):
    """No gap, and memory that does not grow."""
    tone(tmp_path / "tone_446M_96k.cu8", LONG_S)
    with hz.Daemon(replay(tmp_path / "tone_446M_96k.cu8", "realtime")) as d:
        player = Player(d.http, "/audio/voice.opus")
        memory = []
        for part in (0.2, 1):
            player.until(lambda b: len(b) > part * LONG_S * 2000)  # 16 kbit/s
            memory.append(d.status()["memory_bytes"])
        while not d.rpc.result("channels")[0]["messages"]:
            player.more()
        held_to_tone(decoded(player.body, tmp_path, "long"), 48000, LONG_S)
        assert memory[1] < memory[0] + 2e6, memory
        player.close()


def test_late_players_begin_clean_and_get_the_same_packets(tone_file):
    with hz.Daemon(replay(tone_file, "realtime")) as d:
        one = Player(d.http, "/audio/voice.opus")
        one.until(lambda b: len(pages(b)) > 20)
        two = Player(d.http, "/audio/voice.opus")
        for p in (one, two):
            p.until(lambda b: sum(len(page[3]) for page in pages(b)) > 150)
        for p in (one, two):
            numbers = [page[2] for page in pages(p.body)]
            assert numbers == list(range(len(numbers))), "pages are numbered from 0 without a hole"
            assert pages(p.body)[0][3][0][:8] == b"OpusHead" and pages(p.body)[1][3][0][:8] == b"OpusTags"
            count = 0
            for granule, _, _, packets in pages(p.body)[2:]:
                count += len(packets)
                assert granule == 960 * count, "the time begins at 0"
        packets = [x for page in pages(two.body)[2:] for x in page[3]]
        both = [x for page in pages(one.body)[2:] for x in page[3]]
        at = next(i for i in range(len(both)) if both[i:i + 3] == packets[:3])
        same = min(len(both) - at, len(packets))
        assert same > 10 and both[at:at + same] == packets[:same]
        one.close()
        two.close()


def test_nothing_is_coded_while_nobody_listens(tone_file):
    with hz.Daemon(replay(tone_file, "realtime")) as d:
        hz.wait(lambda: channel(d)["talking"])
        assert channel(d)["packets"] == 0 and channel(d)["listeners"] == 0
        wav = Player(d.http, "/audio/voice.wav")
        wav.until(lambda b: any(b[44:]))
        assert channel(d)["packets"] == 0, "samples need no packets"
        opus = Player(d.http, "/audio/voice.opus")
        hz.wait(lambda: channel(d)["packets"] > 0)
        assert channel(d)["listeners"] == 1
        wav.close()
        opus.close()
        hz.wait(lambda: channel(d)["listeners"] == 0)


def test_silence_is_sent_while_the_squelch_is_closed():
    conf = "[receiver sky]\nsource = sim\nscene = noise\n[channel voice]\ndecoder = nfm\nfrequency = 1090M\n"
    with hz.Daemon(conf) as d:
        p = Player(d.http, "/audio/voice.wav")
        body = p.until(lambda b: len(b) > 44 + 32000)
        assert not any(body[44:])
        p.close()


def test_what_there_is_not():
    conf = "[receiver sky]\nsource = sim\n[channel 1090]\ndecoder = adsb\n[channel voice]\ndecoder = nfm\nfrequency = 1090M\n"
    with hz.Daemon(conf) as d:
        for path in ("/audio/nobody.opus", "/audio/1090.opus"):
            status, body = hz.http(d.http, path)
            assert status == 404 and b"there is voice" in body, body
        for path in ("/audio/voice", "/audio/", "/audio/voice.mp3", "/audio/" + "x" * 300 + ".wav", "/audio/../status"):
            assert hz.http(d.http, path)[0] in (400, 404), path
        assert hz.http(d.http, "/audio/voice.opus", method="HEAD") == (200, b"")


def packet(message):
    """(seq, utc_ns, rate, flags, name, payload) of a binary message."""
    kind, version, head, seq = struct.unpack_from("<BBHI", message)
    assert (kind, version) == (2, 1)
    utc_ns, rate, flags, name_len, zero = struct.unpack_from("<qIHBB", message, 8)
    assert zero == 0 and head == 24 + (name_len + 3) // 4 * 4
    return seq, utc_ns, rate, flags, message[24:24 + name_len].decode(), message[head:]


def test_a_page_gets_packets_and_no_silence(tone_file, tmp_path):
    fifo = tmp_path / "air.fifo"
    os.mkfifo(fifo)
    with hz.Daemon(replay(fifo, "realtime")) as d:
        web = hz.Web(d.http)
        for wrong, word in (({"channel": "nobody"}, "there is voice"), ({"channel": "voice"}, None)):
            web.send({"audio": wrong})
            answer = web.until(lambda r: r["kind"] in ("error", "audio_stream"))[-1]
            assert (word in answer["error"]) if word else answer["rate_hz"] == 16000
        short = tmp_path / "short.cu8"
        tone(short, 1.0)
        feed(fifo, short)
        got = []
        while not got or not got[-1][3] & 2:
            message = web.receive()
            if isinstance(message, bytes):
                got.append(packet(message))
        assert [p[0] for p in got] == list(range(len(got))), "seq has no hole"
        assert [p[3] for p in got] == [1] + [0] * (len(got) - 2) + [2]
        assert {(p[2], p[4]) for p in got} == {(16000, "voice")}
        assert len(got) / 50 == pytest.approx(1.2, abs=0.15)  # the end is told 0.2 s late
        assert np.allclose(np.diff([p[1] for p in got]), 20e6, atol=1e5)
        web.send({"audio": {"channel": "voice", "off": True}})
        while isinstance(line := web.receive(), bytes) or '"off":true' not in line:
            pass
        hz.wait(lambda: channel(d)["listeners"] == 0)
        web.close()


def test_a_wrong_word_ends_the_page():
    with hz.Daemon("[receiver sky]\nsource = sim\n[channel 1090]\ndecoder = adsb\n") as d:
        for wrong in ({"channel": 7}, {}, {"channel": "a", "of": True}, {"channel": "a", "off": "yes"}):
            web = hz.Web(d.http)
            web.send({"audio": wrong})
            assert "audio: expected" in web.until(lambda r: r["kind"] == "error")[-1]["error"]
            assert web.next() is None
            web.drop()
