"""Sensors beside other channels of one band: whatever the transmitters do (many bursts, a carrier that
stays, a jammer), the other channels tell the same bytes, and what found no place is counted."""
import json

import hz
import numpy as np
import pytest
import transmit

pytestmark = pytest.mark.plain  # about what the other channels say

RATE, CENTRE, SECONDS = 1.024e6, 433.92e6, 6.0
OTHERS = {"pocsag1200": 433.65e6, "nfm": 434.15e6, "aprs": 434.3e6}
START = "2026-03-01T12:00:00Z"


@pytest.fixture(scope="module")
def quiet():
    """A page, a voice and a packet, twice each: 8-bit samples as numbers around 0."""
    wanted = [dict(protocol=p, freq=f, at=0.5 + 0.9 * k + 2.6 * i, offset=200, level=-30)
              for k, (p, f) in enumerate(OTHERS.items()) for i in range(2)]
    samples, sent = transmit.band(RATE, CENTRE, wanted, SECONDS, noise=-58)
    return samples.astype(np.float32).reshape(-1, 2) - 127.5, sent


def keyed(rng, hertz, seconds_each, level, gap):
    """Bursts of pulses of half a millisecond, at carriers of the middle of the band."""
    n = int(RATE * SECONDS)
    iq = np.zeros(n, np.complex64)
    for start in np.arange(0.1, SECONDS - 0.2, 1 / hertz):
        pulse = int(RATE * 0.0005)
        on = np.repeat(rng.integers(0, 2, int(seconds_each / 0.0005)), pulse)
        at = int(start * RATE)
        freq = rng.uniform(-150e3, 150e3) if gap is None else gap
        iq[at:at + len(on)] += on * np.exp(2j * np.pi * (freq / RATE * np.arange(len(on)) + rng.random()))
    return iq * 127.5 * 10 ** (level / 20)


def crowd(rng):
    return keyed(rng, 50, 0.05, -24, None)


def carrier(rng):
    n = np.arange(int(RATE * SECONDS))
    return (127.5 * 10 ** (-20 / 20) * np.exp(2j * np.pi * 20e3 / RATE * n)).astype(np.complex64)


def jammer(rng):
    """Noise over all of the band, 10 ms of each 40."""
    n = int(RATE * SECONDS)
    noise = (rng.standard_normal(n) + 1j * rng.standard_normal(n)).astype(np.complex64) * 127.5 * 0.05
    return noise * ((np.arange(n) / RATE % 0.04 < 0.01) & (np.arange(n) / RATE % 2 > 1.6))


TROUBLES = {"crowd": crowd, "carrier": carrier, "jammer": jammer}


@pytest.fixture(scope="module", params=TROUBLES)
def recording(request, quiet, tmp_path_factory):
    samples, _ = quiet
    trouble = TROUBLES[request.param](np.random.default_rng(5))
    iq = samples + np.stack([trouble.real, trouble.imag], axis=-1)
    path = tmp_path_factory.mktemp("beside") / "band_433.92M_1024k.cu8"
    np.clip(np.floor(iq + 128), 0, 255).astype(np.uint8).tofile(path)
    return request.param, path


def played(path, tmp_path, sensors):
    """What the daemon tells of a recording: (lines of the other channels without their numbers, messages of
    the sensors, the status at the end)."""
    decoders = {"pocsag1200": "pocsag", "nfm": "nfm", "aprs": "aprs"}
    told = tmp_path / f"told-{len(list(tmp_path.iterdir()))}.jsonl"
    conf = f"[receiver roof]\nsource = file\npath = {path}\nstart = {START}\npace = max\n"
    conf += "".join(f"[channel {p}]\ndecoder = {decoders[p]}\nfrequency = {f:.0f}\n" for p, f in OTHERS.items())
    conf += "[channel sensors]\ndecoder = sensors\n" if sensors else ""
    conf += f"[output told]\ntype = file\npath = {told}\n"
    with hz.Daemon(conf) as d:
        hz.wait(lambda: d.status()["receivers"][0]["state"] == "ended")
        status = d.status()
    records = [hz.checked(line) for line in told.read_bytes().splitlines(keepends=True)]
    messages = [r for r in records if r["kind"] == "message"]
    for r in messages:
        r.pop("seq")
    others = [json.dumps(r) for r in messages if r["protocol"] != "sensors"]
    assert not any(r["kind"] == "gap" for r in records)
    return others, [r for r in messages if r["protocol"] == "sensors"], status


def test_other_channels_tell_the_same(recording, tmp_path):
    trouble, path = recording
    without, _, _ = played(path, tmp_path, False)
    beside, sensors, status = played(path, tmp_path, True)
    assert beside == without and len(without) >= 4
    # of 300 bursts of random pulses hardly one looks like a sensor's
    assert len([m for m in sensors if m["sensors"].get("confirmed") is not False]) <= 3, sensors
