"""Packets in audio beside what direwolf hears in it: its own generator's, ever noisier, as they are
and bent."""
import json
import re
import select
import shutil
import subprocess
import wave
from datetime import datetime, timedelta, timezone

import hz
import numpy as np
import pytest

pytestmark = pytest.mark.skipif(not (shutil.which("atest") and shutil.which("gen_packets")),
                                reason="direwolf's atest and gen_packets are not installed")

FRAMES = 100
SENT = {f"WB2OSZ-15>TEST:,The quick brown fox jumps over the lazy dog!  {i:04} of {FRAMES:04}"
        for i in range(1, FRAMES + 1)}


def generate(path, *how):
    subprocess.run(["gen_packets", "-n", str(FRAMES), *how, "-o", path], check=True,
                   stdout=subprocess.DEVNULL)
    return path


def peer(path, *how):
    done = subprocess.run(["atest", *how, path], check=True, stdout=subprocess.PIPE)
    return int(re.search(rb"(\d+) packets? decoded", done.stdout)[1])


def heard(path, decoder):
    """How many of the frames; each once, and none that was not sent."""
    done = subprocess.run([hz.BIN, "decode", "-d", decoder, "-t", "audio", path], check=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    messages = [json.loads(line) for line in done.stdout.splitlines()]
    texts = [m[decoder]["tnc2"] for m in messages if m["kind"] == "message"]
    assert len(set(texts)) == len(texts) and set(texts) <= SENT
    return len(texts)


def bent(path, change):
    with wave.open(str(path)) as f:
        how, audio = f.getparams(), np.frombuffer(f.readframes(f.getnframes()), "<i2")
    out = change(audio.astype(float), how.framerate)
    with wave.open(str(path), "wb") as f:
        f.setparams(how)
        f.writeframes(np.clip(out, -32768, 32767).astype("<i2").tobytes())
    return path


def emphasis(slope):
    """slope: powers of the frequency; 1 is 6 dB an octave."""
    def change(audio, rate):
        spectrum = np.fft.rfft(audio)
        hz_of = np.fft.rfftfreq(len(audio), 1 / rate)
        out = np.fft.irfft(spectrum * (np.clip(hz_of, 150, 6000) / 1700) ** slope, len(audio))
        return out * 8000 / out.std()
    return change


# how it is made; what hertzd hears at least, of 100, whatever the peer does
MADE = [
    ("aprs", ("-r", "44100"), 95),
    ("aprs", ("-r", "22050"), 70),
    ("aprs", ("-r", "11025"), 45),
    ("aprs", ("-r", "8000"), 35),
    ("aprs", ("-b", "1176"), 90),
    ("aprs", ("-b", "1224"), 90),
    ("aprs", ("-m", "1224", "-s", "2244"), 90),
    ("ax25-9600", ("-B", "9600", "-r", "48000"), 66),
    ("ax25-9600", ("-g", "-b", "9504", "-r", "48000"), 60),
]


@pytest.mark.parametrize("decoder,how,least", MADE)
def test_as_direwolf_makes_it(tmp_path, decoder, how, least):
    path = generate(tmp_path / "x.wav", *how)
    ours = heard(path, decoder)
    theirs = peer(path, *(["-P", "E+"] if decoder == "aprs" else ["-B", "9600"]))
    assert ours >= max(least, theirs), (ours, theirs)


BENT = {
    "pre-emphasis": emphasis(1),
    "de-emphasis": emphasis(-1),
    "pre-emphasis twice": emphasis(2),
    "de-emphasis twice": emphasis(-2),
    "-40 dBFS": lambda audio, rate: audio * 327 / np.abs(audio).max(),
    "clipped": lambda audio, rate: audio * 8,
    "inverted": lambda audio, rate: -audio,
}


@pytest.mark.parametrize("name", BENT)
def test_bent(tmp_path, name):
    path = bent(generate(tmp_path / "x.wav", "-r", "44100"), BENT[name])
    ours, theirs = heard(path, "aprs"), peer(path, "-P", "E+")
    assert ours >= theirs, (ours, theirs)


# -- live input ------------------------------------------------------------------------------------


def pcm(path):
    with wave.open(str(path)) as f:
        assert f.getframerate() == 22050 and f.getnchannels() == 1
        return f.readframes(f.getnframes())


@pytest.mark.parametrize("form", ["raw", "s16", "audio"])
def test_a_line_comes_while_the_input_goes_on(tmp_path, form):
    """One packet and a second of silence; nothing more comes, and nothing is closed."""
    audio = pcm(generate(tmp_path / "x.wav", "-r", "22050"))
    begin = datetime.now(timezone.utc)
    p = subprocess.Popen([hz.BIN, "decode", "-t", form, "-r", "22050", "-d", "aprs", "-"],
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        p.stdin.write(audio[:2 * 22050 * 3] + bytes(2 * 22050))
        p.stdin.flush()
        readable, _, _ = select.select([p.stdout], [], [], hz.PATIENCE)
        assert readable, "no line came"
        record = hz.checked(p.stdout.readline())
        assert record["aprs"]["tnc2"] in SENT
        # what came was dated by the clock: 4 s of air that were sent at once end when they came
        end = datetime.now(timezone.utc)
        assert begin - timedelta(seconds=5) <= datetime.fromisoformat(record["time"][:26] + "+00:00") <= end + timedelta(seconds=5)
    finally:
        p.stdin.close()
        p.wait()


def test_a_start_that_is_given_stays(tmp_path):
    audio = pcm(generate(tmp_path / "x.wav", "-r", "22050"))
    records, err = hz.decode("-t", "raw", "-d", "aprs", "--start", "2026-05-01T12:00:00+02:00", "-", stdin=audio)
    assert records[0]["time"].startswith("2026-05-01T10:00:0")
    assert "22050" in err  # the rate was not given: what was taken is told


def test_two_channels_of_audio(tmp_path):
    """The same in both, or one of them silent, full of noise, or the other upside down: as in one channel,
    and each packet once."""
    path = generate(tmp_path / "x.wav", "-r", "22050")
    audio = np.frombuffer(pcm(path), "<i2")
    one = heard(path, "aprs")
    noise = np.random.default_rng(2).integers(-20000, 20000, len(audio)).astype("<i2")
    for left, right in [(audio, audio), (audio, audio * 0), (noise, audio), (audio, -audio)]:
        with wave.open(str(path), "wb") as f:
            f.setparams((2, 2, 22050, 0, "NONE", ""))
            f.writeframes(np.stack([left, right], 1).tobytes())
        assert abs(heard(path, "aprs") - one) <= 2
