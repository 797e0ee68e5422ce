"""How it is sent: bits to IQ at the sampling rate, by a transmitter that errs as it is told to. Every
setting stands in HOW with what it is in a good transmitter; a sweep changes one, the mixes several."""
import numpy as np

# What is common to all.
HOW = dict(
    clock=0.0,        # of the transmitter, relative: baud (and scaled tones) are 1 + clock times nominal
    offset=0.0,       # of the carrier, Hz
    drift=0.0,        # of the carrier, Hz/s
    chirp=0.0,        # Hz off at key-up, gone with a time constant of 20 ms
    ahead=0.0,        # s of bare carrier before
    tail=0.0,         # s of bare carrier behind
    tone=0.0, tone_deviation=0.0,  # a continuous tone below (CTCSS, hum), Hz
)


# -- pulses: the frequency of one symbol over time in symbols, 0 in its middle ------------------------


def gauss(bt):
    def pulse(u):
        k = np.pi * bt * np.sqrt(2 / np.log(2))
        return 0.5 * (erf(k * (u + 0.5)) - erf(k * (u - 0.5)))
    return pulse


def erf(x):
    """Abramowitz and Stegun 7.1.26, good to 1.5e-7."""
    t = 1 / (1 + 0.3275911 * np.abs(x))
    y = 1 - ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t * np.exp(-x * x)
    return np.sign(x) * y


def rectangular(u):
    return (np.abs(u) < 0.5) * 1.0


def raised_cosine(u, a=0.5):
    d = 1 - (2 * a * u) ** 2
    return np.sinc(u) * np.where(np.abs(d) < 1e-6, np.pi / 4, np.cos(np.pi * a * u) / np.where(np.abs(d) < 1e-6, 1, d))


def cosine(u):
    """Adjacent symbols cross-fade with a cosine: direwolf's generator."""
    return np.where(np.abs(u) < 1, np.cos(np.pi * u / 2) ** 2, 0)


PULSES = {"rectangular": rectangular, "BT 1": gauss(1), "BT 0.5": gauss(0.5), "BT 0.4": gauss(0.4),
          "BT 0.35": gauss(0.35), "BT 0.3": gauss(0.3), "raised cosine": raised_cosine, "direwolf's": cosine}


# -- modulators: the frequency deviation in Hz, one value a sample ------------------------------------


def fsk(symbols, rate, baud, deviation, pulse):
    reach = 4  # symbols to each side that a pulse lasts at most
    at = np.arange(int(len(symbols) * rate / baud)) * baud / rate
    index, padded = at.astype(int), np.concatenate([np.zeros(reach), symbols, np.zeros(reach)])
    freq = np.zeros(len(at))
    for k in range(-reach, reach + 1):
        freq += padded[index + k + reach] * PULSES[pulse](at - index - 0.5 - k)
    return deviation * freq


def afsk(symbols, rate, baud, deviation, mark, space, twist):
    """Two tones; twist: the upper over the lower, dB, half to each. deviation: their geometric mean."""
    at = (np.arange(int(len(symbols) * rate / baud)) * baud / rate).astype(int)
    low = symbols[at] > 0
    phase = 2 * np.pi * np.cumsum(np.where(low, mark, space)) / rate
    return deviation * 10 ** (np.where(low, -twist, twist) / 40) * np.sin(phase)


def transmission(freq, rate, how, rng):
    """IQ of constant power, the deviations of `freq` between bare carriers."""
    freq = np.concatenate([np.zeros(int(how["ahead"] * rate)), freq, np.zeros(int(how["tail"] * rate))])
    t = np.arange(len(freq)) / rate
    freq = freq + how["offset"] + how["drift"] * (t - t[-1] / 2) + how["chirp"] * np.exp(-t / 0.02)
    if how["tone_deviation"]:
        freq += how["tone_deviation"] * np.sin(2 * np.pi * (how["tone"] * t + rng.random()))
    iq = np.exp(2j * np.pi * (np.cumsum(freq) / rate + rng.random()))
    ramp = int(rate * 0.0003)
    iq[:ramp] *= np.linspace(0, 1, ramp)
    iq[-ramp:] *= np.linspace(1, 0, ramp)
    return iq


def talk(n, rate, rng):
    """Something like speech, peak 1: a voice's harmonics in syllables of a quarter second, 300 to 3000 Hz."""
    t = np.arange(n) / rate
    pitch = 2 * np.pi * np.cumsum(120 + 15 * np.sin(2 * np.pi * 0.7 * t + rng.uniform(0, 6))) / rate
    strength = rng.uniform(0.2, 1, 24) / np.arange(3, 27)
    voice = sum(a * np.sin(k * pitch + rng.uniform(0, 6)) for k, a in enumerate(strength, 3))
    voice *= 0.1 + np.abs(np.sin(2 * np.pi * 2 * t + rng.uniform(0, 6)))
    return voice / max(1e-9, np.max(np.abs(voice)))


def amplitude(audio, rate, how, rng):
    """An AM transmitter: a carrier whose amplitude is 1 + audio; mean power 1."""
    t = np.arange(len(audio)) / rate
    iq = (1 + audio) * np.exp(2j * np.pi * (how["offset"] * t + rng.random()))
    return iq / np.sqrt(np.mean(np.abs(iq) ** 2))


def mode_s(frame, rate, how, rng):
    """Pulses of 0.5 us with edges of 50 ns, integrated over each sample of the receiver."""
    bits = np.unpackbits(np.frombuffer(frame, np.uint8))
    starts = [0, 1, 3.5, 4.5] + [8 + k + (0 if bit else 0.5) for k, bit in enumerate(bits)]
    fine = 20  # steps a sample
    t = np.arange(int((8 + len(bits) + 1) * rate * 1e-6) * fine) / fine / rate * 1e6 * (1 + how["clock"])
    t -= rng.random() / rate * 1e6
    envelope = np.zeros(len(t))
    for start in starts:
        envelope += np.clip((t - start) / 0.05 + 0.5, 0, 1) - np.clip((t - start - how["pulse_us"]) / 0.05 + 0.5, 0, 1)
    envelope = envelope.reshape(-1, fine).mean(axis=1)
    turns = how["offset"] * np.arange(len(envelope)) / rate + rng.random()
    return envelope * np.exp(2j * np.pi * turns) / np.sqrt(np.mean(envelope ** 2))
