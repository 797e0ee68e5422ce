"""Packets in audio beside what direwolf hears in it: its own generator's, ever noisier, as they are
and bent."""
import json
import re
import shutil
import subprocess
import wave

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
