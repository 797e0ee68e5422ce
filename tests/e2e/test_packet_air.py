"""Packets of another transmitter: what direwolf's gen_packets makes, put on FM and into noise here, at
the deviations, with the emphasis and with the gaps that are met on the air."""
import json
import random
import shutil
import subprocess
import wave

import hz
import numpy as np
import pytest

pytestmark = pytest.mark.skipif(not shutil.which("gen_packets"),
                                reason="direwolf's gen_packets is not installed")

PACKETS = 30
RATE = 96000


def texts():
    some = random.Random(4)
    return [f"K{i % 10}ABC-{1 + i % 15}>APRS,WIDE1-1:!{some.randrange(90):02}30.00N/"
            f"{some.randrange(180):03}30.00W>number {i} {'x' * some.randrange(60)}"
            for i in range(PACKETS)]


@pytest.fixture(scope="module")
def audio(tmp_path_factory):
    """The packets one by one at 48 ksps, of either modem."""
    folder = tmp_path_factory.mktemp("packets")
    (folder / "text").write_text("\n".join(texts()) + "\n")
    made = {}
    for decoder, how in [("aprs", []), ("ax25-9600", ["-B", "9600"])]:
        path = folder / f"{decoder}.wav"
        subprocess.run(["gen_packets", "-r", "48000", *how, "-o", path, folder / "text"], check=True,
                       stdout=subprocess.DEVNULL)
        with wave.open(str(path)) as f:
            samples = np.frombuffer(f.readframes(f.getnframes()), "<i2").astype(float)
        sounds = np.flatnonzero(samples)
        cuts = np.flatnonzero(np.diff(sounds) > 100)
        begins, ends = [sounds[0], *sounds[cuts + 1]], [*sounds[cuts], sounds[-1]]
        made[decoder] = [samples[b:e + 1] for b, e in zip(begins, ends)]
        assert len(made[decoder]) == PACKETS
    return made


def on_air(packets, gap_s, emphasis, deviation_hz, snr_db, bandwidth_hz):
    """cu8 at RATE, the channel 10 kHz above the middle, a second of noise at either end."""
    noise = np.random.default_rng(1)
    parts = [np.zeros(RATE, complex)]
    for p in packets:
        p = np.diff(p) if emphasis else p
        level = np.percentile(np.abs(p), 98)
        hz_of = np.repeat(np.clip(p / level, -1, 1) * deviation_hz, RATE // 48000)
        parts += [np.exp(2j * np.pi * np.cumsum(hz_of) / RATE), np.zeros(int(gap_s * RATE), complex)]
    x = np.concatenate([*parts, parts[0]])
    x *= np.exp(2j * np.pi * 10e3 * np.arange(len(x)) / RATE)
    sigma = np.sqrt(RATE / bandwidth_hz / 10 ** (snr_db / 10) / 2)
    x += sigma * (noise.standard_normal(len(x)) + 1j * noise.standard_normal(len(x)))
    iq = np.stack([x.real, x.imag], axis=1) * 0.1
    return np.clip(np.floor(iq * 127.5 + 128), 0, 255).astype(np.uint8).tobytes()


@pytest.mark.plain
@pytest.mark.parametrize("decoder, gap_s, emphasis, deviation_hz, snr_db, least", [
    ("aprs", 0.3, False, 3000, 0, 29),
    ("aprs", 0.3, True, 3000, 0, 28),
    ("aprs", 0.3, True, 4500, 5, 29),
    ("aprs", 0.3, False, 2000, 15, 29),
    ("aprs", 0.025, False, 3000, 8, 28),
    ("aprs", 0.025, True, 2000, 15, 28),
    ("ax25-9600", 0.3, False, 3000, 3, 29),
    ("ax25-9600", 0.3, False, 4000, 10, 29),
    ("ax25-9600", 0.3, False, 2200, 15, 29),
    ("ax25-9600", 0.025, False, 3000, 6, 29),
])
def test_another_transmitter_is_heard(audio, tmp_path, decoder, gap_s, emphasis, deviation_hz, snr_db,
                                      least):
    bandwidth = 12.5e3 if decoder == "aprs" else 25e3
    path = tmp_path / "air_144.79M_96k.cu8"
    path.write_bytes(on_air(audio[decoder], gap_s, emphasis, deviation_hz, snr_db, bandwidth))
    done = subprocess.run([hz.BIN, "decode", "-d", f"{decoder}@144.8M", path], check=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    messages = [json.loads(line) for line in done.stdout.splitlines()]
    heard = [m[decoder]["tnc2"] for m in messages if m["kind"] == "message"]
    assert set(heard) <= set(texts()) and len(set(heard)) == len(heard)
    assert len(heard) >= least
