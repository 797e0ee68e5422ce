"""A small Mode S transmitter: captures with known frames, made without any code of hertzd.

Chips are drawn at 24 Msps and averaged down, so a frame may begin between two samples. CRC and
field layout follow RTCA DO-260B, section 2.2.3.2, and ICAO Annex 10 volume IV, section 3.1.2.3.
"""
import numpy as np

RATE = 2_400_000
FINE = 24_000_000
LETTERS = "#ABCDEFGHIJKLMNOPQRSTUVWXYZ##### ###############0123456789######"


def crc24(data):
    """Parity of the bytes: generator 0x1fff409."""
    reg = int.from_bytes(data, "big") << 24
    for bit in range(len(data) * 8 + 23, 23, -1):
        if reg >> bit & 1:
            reg ^= 0x1FFF409 << (bit - 24)
    return reg.to_bytes(3, "big")


def ident(address, flight):
    """DF17 with type code 4: an aircraft's identification, category A3."""
    bits = 4 << 3 | 3
    for c in flight.ljust(8):
        bits = bits << 6 | LETTERS.index(c)
    head = bytes([17 << 3 | 5]) + address.to_bytes(3, "big") + bits.to_bytes(7, "big")
    return head + crc24(head)


def envelope(frame):
    """Pulses of preamble and frame at FINE samples a second."""
    chips = [1, 0, 1, 0, 0, 0, 0, 1, 0, 1] + [0] * 6
    for byte in frame:
        for k in range(7, -1, -1):
            chips += [1, 0] if byte >> k & 1 else [0, 1]
    return np.repeat(np.array(chips, float), FINE // 2_000_000)


def capture(frames, snr_db=25, seed=1, spacing_s=1.5e-3, level=0.25):
    """cu8 bytes of the frames, one every spacing_s, in white noise (SNR over the whole band)."""
    rng = np.random.default_rng(seed)
    step = FINE // RATE
    n = int(spacing_s * RATE)
    iq = np.zeros(n * (len(frames) + 1), complex)
    for i, frame in enumerate(frames):
        pulses = envelope(frame)
        offset = int(rng.integers(0, step))
        pad = np.zeros((len(pulses) + offset + step - 1) // step * step)
        pad[offset : offset + len(pulses)] = pulses
        burst = pad.reshape(-1, step).mean(axis=1)
        start = n // 2 + i * n
        turn = 2 * np.pi * rng.uniform(-20e3, 20e3) / RATE
        phase = rng.uniform(0, 2 * np.pi) + turn * np.arange(len(burst))
        iq[start : start + len(burst)] += 2 * level * burst * np.exp(1j * phase)
    # half of the chips are pulses: mean power of a burst is 2 level^2
    sigma = level * 10 ** (-snr_db / 20)
    iq += sigma * (rng.standard_normal(len(iq)) + 1j * rng.standard_normal(len(iq)))
    pairs = np.stack([iq.real, iq.imag], axis=1).ravel()
    return np.clip(np.round(pairs * 127.5 + 127.5), 0, 255).astype(np.uint8).tobytes()


def flights(count, first=0):
    """That many distinct frames of a few aircraft."""
    return [ident(0x4B1600 + i % 7, f"HZ{i:05d}") for i in range(first, first + count)]
