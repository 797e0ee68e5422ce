"""A band of several transmitters, made by the modulators of bench/tolerance: at which sample each
begins, how strong it is and how far off its channel is known exactly. Shares no code with hertzd."""
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bench/tolerance"))

import frames  # noqa: E402
from sweeps import PROTOCOLS  # noqa: E402
from transmitter import afsk, amplitude, fsk, talk, transmission  # noqa: E402

KNOTS = 200e3  # per second at least: a modulation is computed there, with straight lines between
PREAMBLE = 200  # bits before a page
WIDTHS = {"rs41": 15e3, "dfm": 15e3, "m10": 26e3, "m20": 26e3}  # of radiosondes, in Hz


def symbols(protocol, rng, says=None):
    """One transmission of what it `says` (a frame, or address and text of a page; None: at random):
    (symbols, modulator, its baud, its other arguments, what is said, and the
    number of the symbol whose place the message tells)."""
    if protocol == "ais":  # told from where the power rises
        frame = says or frames.ais_frame(rng)
        return frames.ais_bits(frame), fsk, 9600, dict(deviation=2400, pulse="BT 0.4"), frame.hex(), 0
    if protocol == "ax25-9600":  # from the flag before the frame, here the last of 60
        packet = says or frames.packet(rng)
        bits = frames.nrzi(frames.g3ruh(frames.hdlc([packet], 60)))
        return bits, fsk, 9600, dict(deviation=3000, pulse="BT 0.5"), packet.hex(), 59 * 8
    if protocol == "aprs":  # likewise
        packet = says or frames.packet(rng)
        bits = frames.nrzi(frames.hdlc([packet], 45))
        how = dict(deviation=3000, mark=1200, space=2200, twist=0)
        return bits, afsk, 1200, how, packet.hex(), 44 * 8
    if protocol == "rs41":  # from the header
        return frames.rs41_bits(says), fsk, 4800, dict(deviation=2400, pulse="BT 0.5"), says.hex(), 320
    if protocol == "dfm":  # from the header of the last frame
        return frames.dfm_bits(says), fsk, 2500, dict(deviation=2400, pulse="BT 1"), says, 560 * (len(says) - 1)
    if protocol in ("m10", "m20"):  # from the header
        how = dict(deviation=4500, pulse="BT 1")
        return frames.m10_bits(says), fsk, 9615 if protocol == "m10" else 9600, how, says.hex(), 32
    # from the address word, which stands behind the sync word in the frame of its last digit
    number, text = says or frames.page(rng, 12)
    number = number & ~7 | 1
    bits = frames.page_bits([(number, text)], PREAMBLE)
    return bits, fsk, int(protocol[6:]), dict(deviation=4500, pulse="BT 1"), (number, text), PREAMBLE + 32 + 64


class Burst:
    """What was sent. first, end: samples of the receiver; begin: where what the message's `sample`
    stands for begins, with its fraction."""

    def __init__(self, protocol, freq, first, level, offset):
        self.protocol, self.freq, self.first = protocol, freq, first
        self.level, self.offset = level, offset
        self.bandwidth = WIDTHS[protocol] if protocol in WIDTHS else PROTOCOLS[protocol]["bandwidth"]
        self.said, self.begin, self.end, self.noise = None, float(first), first, 0.0

    @property
    def snr(self):
        return self.level - self.noise


def send(protocol, rate, seed, freq, first, level, offset, seconds=1.0, says=None):
    """(IQ around 0 Hz, Burst)."""
    rng = np.random.default_rng(seed)
    b = Burst(protocol, freq, first, level, offset)
    how = dict(PROTOCOLS["aprs"]["good"], offset=offset)
    if protocol == "am":
        b.said = 0.8
        n = int(rate * seconds)
        audio = np.sin(2 * np.pi * 1000 / rate * np.arange(n)) if says == "tone" else talk(n, rate, rng)
        iq = amplitude(0.8 * audio, rate, how, rng)
    elif protocol == "nfm":
        b.said = 88.5
        how.update(tone=88.5, tone_deviation=400)
        iq = transmission(2000 * talk(int(rate * seconds), rate, rng), rate, how, rng)
    else:
        bits, make, baud, modulation, b.said, at = symbols(protocol, rng, says)
        ratio = max(1, int(rate // KNOTS))
        freq_hz = make(bits, rate / ratio, baud, **modulation)
        n = int(len(bits) * rate / baud)
        freq_hz = np.interp(np.arange(n) / ratio, np.arange(len(freq_hz)), freq_hz)
        # the phase of a sample is the sum of the frequencies up to its own: half a sample early
        b.begin = first + at * rate / baud - 0.5
        iq = transmission(freq_hz, rate, how, rng)
    b.end = first + len(iq)
    return iq * 10 ** (level / 20), b


def band(rate, centre, wanted, seconds, noise=-50.0, seed=1):
    """(cu8 samples, [Burst]). wanted: the arguments of `send` by name, with `at` in seconds for
    `first`. noise: dBFS in 12.5 kHz of the white noise, to which the 8 bits add theirs."""
    rng = np.random.default_rng(seed)
    n = int(rate * seconds)
    power = 10 ** (noise / 10) * rate / 12500
    total = power + 2 / 127.5**2 / 12
    iq = np.empty(n, np.complex64)
    iq.real = rng.standard_normal(n, np.float32) * np.sqrt(power / 2)
    iq.imag = rng.standard_normal(n, np.float32) * np.sqrt(power / 2)
    sent = []
    for k, one in enumerate(wanted):
        one = dict(one)
        first = round(one.pop("at") * rate)
        burst, b = send(rate=rate, seed=seed + k, first=first, **one)
        assert b.end <= n, f"{b.protocol} ends behind the capture, at {b.end / rate} s"
        b.noise = 10 * np.log10(total * b.bandwidth / rate)
        turns = (b.freq - centre) / rate * np.arange(first, b.end) % 1
        iq[first:b.end] += burst * np.exp(2j * np.pi * turns)
        sent.append(b)
    pairs = iq.view(np.float32)
    assert np.abs(pairs).max() < 1, "clipped"
    return np.floor(pairs * 127.5 + 128).astype(np.uint8), sent
