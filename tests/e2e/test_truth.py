"""Place, time, level, noise, SNR and offset of what every narrow decoder tells, held against what was
sent: by the modulators of bench/tolerance, which share nothing with hertzd."""
from collections import namedtuple

import hz
import pytest
import transmit
from hz import wait

pytestmark = pytest.mark.plain  # about figures

START = "2026-03-01T12:00:00Z"
START_NS = hz.nanoseconds({"time": "2026-03-01T12:00:00.000000000Z"})
SECONDS = 3.3
FRAME_S = 0.010  # speech is decided on in frames of 10 ms

# How far off what is told may be. Places are whole samples of the decoder's input (48, 24 or 12 kHz),
# and a clock is known to about a twentieth of a bit.
Within = namedtuple("Within", "place_s offset_hz")
WITHIN = {
    "ais": Within(1 / 48e3, 5), "ax25-9600": Within(1 / 48e3, 30), "aprs": Within(0.07 / 1200, 5),
    "pocsag512": Within(0.15 / 512, 5), "pocsag1200": Within(0.1 / 1200, 5),
    "pocsag2400": Within(0.15 / 2400, 5), "nfm": Within(FRAME_S, 5), "am": Within(FRAME_S, 5),
}
LEVEL_DB, SNR_DB, NOISE_DB = 1.0, 1.0, 1.25
DECODER = {p: "pocsag" if p.startswith("pocsag") else p for p in WITHIN}
# (rate, centre, step from channel to channel): a band of a dongle, half of one, a narrow one
BANDS = {"2400k": (2.4e6, 162.4e6, 225e3), "1024k": (1.024e6, 162.4e6, 100e3), "250k": (250e3, 144.8e6, 25e3)}


def places(rate, centre, step):
    return {p: centre + (k - 3.5) * step for k, p in enumerate(WITHIN)}


def wanted(freq):
    """Two of each, the second weaker and off the other way, none on a whole sample of a decoder."""
    out = []
    for k, (protocol, f) in enumerate(freq.items()):
        times = [0.4137 + k * 0.00213] + ([] if protocol == "pocsag512" else [1.9311 + k * 0.00171])
        # strong speech's own sidebands count as noise: FM is told right up to some 18 dB
        strong = -32 if protocol == "nfm" else -25
        out += [dict(protocol=protocol, freq=f, at=at, offset=300 - 500 * i, level=strong - 5 * i)
                for i, at in enumerate(times)]
    return out


class Band:
    def __init__(self, folder, name):
        self.rate, self.centre, step = BANDS[name]
        self.freq = places(self.rate, self.centre, step)
        self.samples, self.sent = transmit.band(self.rate, self.centre, wanted(self.freq), SECONDS)
        self.path = folder / f"band_{self.centre / 1e6:g}M_{name}.cu8"
        self.samples.tofile(self.path)

    def options(self, protocols):
        return [o for p in protocols for o in ("-d", f"{DECODER[p]}@{self.freq[p]:.0f}")]

    def channels(self, protocols):
        return "".join(f"[channel {p}]\ndecoder = {DECODER[p]}\nfrequency = {self.freq[p]:.0f}\n"
                       for p in protocols)


@pytest.fixture(scope="module", params=BANDS)
def band(request, tmp_path_factory):
    return Band(tmp_path_factory.mktemp("truth"), request.param)


def said(m, protocol):
    """The part of a message that tells it from others, as transmit.Burst.said has it."""
    if protocol == "am":
        return pytest.approx(m["am"]["depth"], abs=0.1)
    if protocol == "nfm":
        return m["nfm"]["ctcss_hz"]
    if protocol.startswith("pocsag"):
        return (m["pocsag"]["address"], m["pocsag"]["alpha"])
    return m["raw"]


def hold(band, sent, records, noise_known=True):
    """Every burst has its message, no message is of anything else, and what it tells is right."""
    messages = [m for m in records if m["kind"] == "message"]
    assert len(messages) == len(sent), [(m["protocol"], m["sample"]) for m in messages]
    for b in sent:
        near = [m for m in messages if m["freq_hz"] == b.freq]
        m = min(near, key=lambda m: abs(m["sample"] - b.begin))
        within, who = WITHIN[b.protocol], (b.protocol, b.begin, m)
        assert b.said == said(m, b.protocol), who
        assert abs(m["sample"] - b.begin) <= within.place_s * band.rate + 1, who
        since = m["sample"] * 10**9 / band.rate
        assert abs(hz.nanoseconds(m) - START_NS - since) <= 1, who
        assert abs(m["rssi_dbfs"] - b.level) <= LEVEL_DB, (b.level, who)
        assert abs(m["offset_hz"] - b.offset) <= within.offset_hz, (b.offset, who)
        if noise_known:
            assert abs(m["noise_dbfs"] - b.noise) <= NOISE_DB, (b.noise, who)
            assert abs(m["snr_db"] - b.snr) <= SNR_DB, (b.snr, who)


def test_all_together(band):
    records, _ = hz.decode("--start", START, *band.options(WITHIN), band.path)
    hold(band, band.sent, records)


@pytest.mark.parametrize("protocol", WITHIN)
def test_alone(band, protocol):
    """One channel is cut out of a part of the band."""
    records, _ = hz.decode("--start", START, *band.options([protocol]), band.path)
    hold(band, [b for b in band.sent if b.protocol == protocol], records)


def test_behind_a_squelch_whatever_the_blocks(band):
    """A burst begins before its channel is found open: in the spectrum before, which may be the last
    one of the batch before."""
    wanted = [o for p in WITHIN for o in ("-d", f"{DECODER[p]}@{band.freq[p]:.0f},squelch=6")]
    many, few = [hz.decode("-b", n, *wanted, band.path)[0] for n in (131072, round(band.rate / 200))]
    assert len(many) > 8
    assert few == many


def test_by_the_daemon(band):
    conf = f"[receiver roof]\nsource = file\npath = {band.path}\npace = max\nstart = {START}\n"
    with hz.Daemon(conf + band.channels(WITHIN)) as d:
        c = hz.Lines(d.tcp)
        hold(band, band.sent, hz.all_messages(c, len(band.sent)))
        c.close()


def test_a_channel_that_is_added_late(band):
    """Its decoder begins in the middle of the receiver's stream, and counts from the same sample. Of the noise
    it has heard too little to tell it as well as the others."""
    half = round(1.7 * band.rate)
    conf = (f"[receiver roof]\nsource = file\npath = -\nformat = cu8\nrate = {band.rate:.0f}\n"
            f"centre = {band.centre:.0f}\npace = max\nstart = {START}\n")
    late = [b for b in band.sent if b.first > half]
    assert len(late) == len(WITHIN) - 1
    with hz.Daemon(conf + band.channels(["ais"])) as d:
        c = hz.Lines(d.tcp)
        d.feed(band.samples[:2 * half].tobytes())
        hz.messages(c, 1)
        wait(lambda: d.status()["receivers"][0]["samples"] > 1.5 * band.rate)
        for p in WITHIN:
            if p not in ("ais", "pocsag512"):
                d.rpc.result("add_channel", receiver="roof", name=p, decoder=DECODER[p],
                             frequency=int(band.freq[p]))
        d.feed(band.samples[2 * half:].tobytes())
        d.process.stdin.close()
        hold(band, late, hz.messages(c, len(late)), noise_known=False)
        c.close()


@pytest.mark.parametrize("protocol", ["nfm", "am"])
@pytest.mark.parametrize("pause_s,transmissions", [(0.12, 1), (0.28, 2)])
def test_how_long_a_pause_ends_a_transmission(tmp_path, protocol, pause_s, transmissions):
    """One that is off for 0.2 s is over; a shorter pause belongs to it."""
    first = dict(protocol=protocol, freq=446e6, at=0.4, offset=0, level=-15, seconds=0.6)
    second = dict(first, at=0.4 + 0.6 + pause_s)
    samples, sent = transmit.band(48e3, 446e6, [first, second], 2.6)
    path = tmp_path / "x_446M_48k.cu8"
    samples.tofile(path)
    records, _ = hz.decode("-d", f"{protocol}@446M", path)
    lengths = [r[protocol]["duration_s"] for r in records if r["kind"] == "message"]
    assert len(lengths) == transmissions
    assert sum(lengths) == pytest.approx(1.2 + (pause_s if transmissions == 1 else 0), abs=0.03)
