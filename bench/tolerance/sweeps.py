"""What is tried: for each protocol how a good transmitter sends, sweeps of one setting at a time, and a
mix of everything at random. Values beyond what the standards allow are there on purpose."""
import numpy as np

from frames import ais_bits, ais_frame, g3ruh, hdlc, nrzi, packet, page, page_bits, squitter
from transmitter import HOW, afsk, amplitude, fsk, mode_s, talk, transmission

NARROW = dict(
    HOW,
    length=None,    # bytes of information, characters of a page; None: usual ones
    packets=1,      # in one transmission
    gap=(0.15, 0.4),  # s of silence between two
    over=-10,       # dB: burst and noise over full scale
    second=None,    # dB: a second transmitter of the same kind that overlaps, against the first
    dc=False,       # the receiver's DC in the channel's middle
)


# -- one transmission: (IQ, what was sent) ----------------------------------------------------------


def send_9600(rng, rate, how):
    sent = [packet(rng, how["length"]) for _ in range(how["packets"])]
    bits = nrzi(g3ruh(hdlc(sent, how["flags"], between=how["between"])))
    freq = fsk(bits, rate, 9600 * (1 + how["clock"]), how["deviation"], how["pulse"])
    return transmission(freq, rate, how, rng), [f.hex() for f in sent]


def send_1200(rng, rate, how):
    sent = [packet(rng, how["length"]) for _ in range(how["packets"])]
    bits = nrzi(hdlc(sent, how["flags"], between=how["between"]))
    scale = (1 + how["clock"]) * (1 + how["tones"])
    freq = afsk(bits, rate, how["baud"] * (1 + how["clock"]), how["deviation"], how["mark"] * scale,
                how["space"] * scale, how["twist"])
    return transmission(freq, rate, how, rng), [f.hex() for f in sent]


def send_page(baud):
    def send(rng, rate, how):
        sent = [page(rng, how["length"]) for _ in range(how["packets"])]
        bits = page_bits(sent, how["preamble"]) * (-1 if how["inverted"] else 1)
        freq = fsk(bits, rate, baud * (1 + how["clock"]), how["deviation"], how["pulse"])
        return transmission(freq, rate, how, rng), [f"{number}:3:{text}" for number, text in sent]
    return send


def send_ais(rng, rate, how):
    frame = ais_frame(rng, how["slots"])
    bits = ais_bits(frame)
    baud = 9600 * (1 + how["clock"])
    freq = fsk(bits, rate, baud, how["h"] * baud / 2, how["pulse"])
    return transmission(freq, rate, how, rng), [frame.hex()]


def send_squitter(rng, rate, how):
    frame = squitter(rng)
    return mode_s(frame, rate, how, rng), [frame.hex()]


def send_fm(rng, rate, how):
    """What is counted is the tone that the message tells."""
    nominal = rng.choice([67.0, 88.5, 103.5, 123.0, 136.5, 162.2, 203.5, 254.1])
    how = dict(how, tone=nominal * (1 + how["clock"]))
    freq = how["deviation"] * talk(int(rate * how["seconds"]), rate, rng)
    return transmission(freq, rate, how, rng), [f"{nominal:g}"]


def send_am(rng, rate, how):
    """What is counted is where the message says the carrier was, within 250 Hz."""
    audio = how["depth"] * talk(int(rate * how["seconds"]), rate, rng)
    return amplitude(audio, rate, how, rng), [f"{round(how['offset'] / 500)}"]


def percent(values):
    return [v / 100 for v in values]


# -- protocols ----------------------------------------------------------------------------------------

OFFSET = ("carrier, Hz", "offset", [-3000, -2000, -1000, 1000, 2000, 3000])
COMMON = [
    ("bare carrier ahead, s", "ahead", [0.1, 0.3, 0.5, 1, 2]),
    ("bare carrier behind, s", "tail", [0.1, 0.5]),
    ("over full scale, dB", "over", [6, 0, -20, -40]),
    ("carrier's drift, Hz/s", "drift", [-1000, 1000]),
    ("chirp at key-up, Hz", "chirp", [-1500, 1500]),
    ("second transmitter, dB", "second", [-12, -6]),
    ("DC in the channel", "dc", [True]),
]

PACKETS = [("packets in one transmission", "packets", [2, 5]), ("silence between, s", "gap", [(0.03, 0.03), (0.08, 0.1), (1, 1)])]

MIXED_9600 = dict(
    clock=lambda r: r.uniform(-0.005, 0.005), deviation=lambda r: r.uniform(2200, 3800),
    pulse=lambda r: r.choice(["rectangular", "BT 1", "BT 0.5", "BT 0.3", "direwolf's", "raised cosine"]),
    offset=lambda r: r.uniform(-3000, 3000), drift=lambda r: r.uniform(-1000, 1000), flags=lambda r: 40)
MIXED_PAGE = dict(
    clock=lambda r: r.uniform(-0.005, 0.005), deviation=lambda r: r.uniform(2000, 6000),
    pulse=lambda r: r.choice(["rectangular", "BT 1", "BT 0.5"]), inverted=lambda r: r.random() < 0.5,
    offset=lambda r: r.uniform(-2500, 2500), drift=lambda r: r.uniform(-50, 50))
MIXED_AIS = dict(
    clock=lambda r: r.uniform(-0.005, 0.005), h=lambda r: r.uniform(0.4, 0.6),
    pulse=lambda r: r.choice(["BT 0.3", "BT 0.35", "BT 0.4", "BT 0.5"]),
    offset=lambda r: r.uniform(-1500, 1500), drift=lambda r: r.uniform(-1000, 1000))
MIXED_APRS = dict(
    clock=lambda r: r.uniform(-0.02, 0.02), tones=lambda r: r.uniform(-0.02, 0.02),
    deviation=lambda r: r.uniform(1800, 5000), twist=lambda r: r.uniform(-8, 8),
    ahead=lambda r: r.uniform(0, 1), offset=lambda r: r.uniform(-1000, 1000),
    flags=lambda r: int(r.integers(20, 61)), space=lambda r: 2400 if r.random() < 0.25 else 2200,
    tone=lambda r: r.uniform(67, 254), tone_deviation=lambda r: r.uniform(300, 700) if r.random() < 0.6 else 0)

CLOCK = ("clock, %", "clock", percent([-0.5, -0.2, -0.1, -0.02, 0.02, 0.1, 0.2, 0.5]))


def pager(baud, mixed):
    return dict(
        rate=48e3, bandwidth=12.5e3, freq=153.35e6, shift=10e3, send=send_page(baud),
        good=dict(NARROW, deviation=4500, pulse="BT 1", inverted=False, preamble=576, gap=(0.3, 0.6)),
        sweeps=[CLOCK, ("deviation, Hz", "deviation", [1500, 2000, 2500, 3500, 5500, 6500]),
                ("pulse", "pulse", ["rectangular", "BT 1", "BT 0.5", "BT 0.35"]), OFFSET,
                ("characters", "length", [1, 5, 200] if baud == 512 else [1, 5, 300, 700]),
                ("preamble, bits", "preamble", [64, 200, 2000]), ("polarity", "inverted", [True]),
                ("pages in one transmission", "packets", [3])] + COMMON,
        mixed=MIXED_PAGE, floors=mixed)


# Sensors are sent by build/sensor_gen, whose keys these are.
def sensor(sweeps, mixed, count=20):
    return dict(
        rate=1.024e6, freq=433.92e6, sensor=True, count=count, good={}, mixed=dict(mix=1), floors=mixed,
        sweeps=[("clock, %", "clock", percent([-5, -3, -1, 1, 3, 5])),
                ("carrier, kHz", "carrier", [-400e3, -250e3, -100e3, 100e3, 250e3, 400e3]),
                ("carrier's drift, Hz/s", "drift", [-20000, -3000, 3000, 20000]),
                ("second at the same carrier, dB", "second", [-12, -6]),
                ("second 30,000 Hz beside, dB", "second", [-6, -1], dict(second_hz=30e3)),
                ("another 100,000 Hz beside, dB", "strong", [10, 20, 30], dict(strong_hz=100e3)),
                ("silence between, s", "gap", [0.06, 0.12])] + sweeps)


FRAMES = ("silence between frames, us", "spacing", [2000, 10000, 40000])
PULSES = ("edges, us", "edge", [5, 50, 100])
SENSORS = {
    "nexus-th": sensor([FRAMES, PULSES, ("frames", "frames", [3, 4, 6])], {6: 90}, 10),
    "acurite-5n1": sensor([FRAMES, PULSES, ("frames", "frames", [1, 2])], {6: 90}),
    "ev1527": sensor([FRAMES, PULSES, ("frames", "frames", [3, 4])], {6: 80}, 12),
    "oregon-thgr122n": sensor([PULSES], {6: 90}, 12),
    "fineoffset-wh65": sensor([("deviation, kHz", "deviation", [15e3, 25e3, 30e3, 50e3, 60e3, 80e3])], {10: 90}),
    "toyota-tpms": sensor([("deviation, kHz", "deviation", [15e3, 25e3, 30e3, 50e3, 60e3, 80e3])], {10: 90}),
}

PROTOCOLS = {
    "ax25-9600": dict(
        rate=96e3, bandwidth=25e3, freq=144.8e6, shift=25e3, send=send_9600,
        good=dict(NARROW, deviation=3000, pulse="BT 0.5", flags=60, between=1),
        sweeps=[CLOCK, ("deviation, Hz", "deviation", [1200, 1500, 2000, 2500, 3500, 4000, 4500]),
                ("pulse", "pulse", ["rectangular", "BT 1", "BT 0.3", "raised cosine", "direwolf's"]), OFFSET,
                ("bytes", "length", [0, 1, 256, 1000, 2000]), ("flags ahead", "flags", [8, 20, 200])]
        + PACKETS + COMMON,
        mixed=MIXED_9600, floors={3: 90, 6: 99}),
    "aprs": dict(
        rate=48e3, bandwidth=12.5e3, freq=144.8e6, shift=10e3, send=send_1200,
        good=dict(NARROW, deviation=3000, mark=1200, space=2200, tones=0, twist=0, baud=1200, flags=45, between=1),
        sweeps=[("clock, %", "clock", percent([-2, -1, -0.5, -0.1, 0.1, 0.5, 1, 2])),
                ("baud, tones right", "baud", [1100, 1143, 1240, 1300]),
                ("tones, %", "tones", percent([-5, -2, 2, 5])), ("upper tone, Hz", "space", [2300, 2400]),
                ("twist, dB", "twist", [-12, -6, 6, 12]),
                ("deviation, Hz", "deviation", [1500, 2000, 2500, 3500, 4500, 5000, 5500, 6500]), OFFSET,
                ("CTCSS of 500 Hz deviation, Hz", "tone", [67, 100, 136.5, 203.5, 254.1], dict(tone_deviation=500)),
                ("CTCSS of 200 Hz deviation, Hz", "tone", [67, 100, 254.1], dict(tone_deviation=200)),
                ("CTCSS of 800 Hz deviation, Hz", "tone", [67, 100, 254.1], dict(tone_deviation=800)),
                ("hum of 500 Hz deviation, Hz", "tone", [50, 60], dict(tone_deviation=500)),
                ("bytes", "length", [0, 1, 256, 1000]), ("flags ahead", "flags", [8, 20, 200])] + PACKETS + COMMON,
        mixed=MIXED_APRS, floors={6: 75, 10: 90, 25: 99}),
    "ais": dict(
        rate=96e3, bandwidth=25e3, freq=161.975e6, shift=25e3, send=send_ais,
        good=dict(NARROW, h=0.5, pulse="BT 0.4", slots=1, gap=(0.03, 0.09)),
        sweeps=[CLOCK, ("h", "h", [0.4, 0.45, 0.475, 0.525, 0.55, 0.6]),
                ("pulse", "pulse", ["BT 0.3", "BT 0.5"]),
                ("carrier, Hz", "offset", [-5000, -3000, -1500, 1500, 3000, 5000]),
                ("slots", "slots", [2, 3, 4, 5]), ("slots, clock 0.5 % fast", "slots", [5], dict(clock=0.005)),
                ("over full scale, dB", "over", [6, 0, -20, -40]),
                ("carrier's drift, Hz/s", "drift", [-2000, 2000]), ("second transmitter, dB", "second", [-12, -6]),
                ("DC in the channel", "dc", [True]), ("silence between, s", "gap", [(0.0005, 0.001), (0.005, 0.007)])],
        mixed=MIXED_AIS, floors={4: 85, 6: 92, 15: 98}),
    "pocsag512": pager(512, {}),
    "pocsag1200": pager(1200, {0: 90, 6: 98}),
    "pocsag2400": pager(2400, {}),
    "nfm": dict(
        rate=48e3, bandwidth=12.5e3, freq=446e6, shift=10e3, send=send_fm,
        good=dict(NARROW, deviation=2000, tone_deviation=400, seconds=1.5, gap=(1.2, 1.5)),
        sweeps=[("tone's error, %", "clock", percent([-0.5, -0.25, 0.25, 0.5])),
                ("tone's deviation, Hz", "tone_deviation", [150, 250, 700]),
                ("deviation of the voice, Hz", "deviation", [500, 1000, 3000, 4000]), OFFSET,
                ("length, s", "seconds", [0.3, 0.5, 5]), ("over full scale, dB", "over", [6, 0, -20, -40])],
        mixed={}, floors={}),
    "am": dict(
        rate=48e3, bandwidth=8e3, freq=118.7e6, shift=10e3, send=send_am,
        good=dict(NARROW, depth=0.8, seconds=1.5, gap=(1.2, 1.5)),
        sweeps=[("carrier, Hz", "offset", [-2500, -1000, 1000, 2500]), ("depth", "depth", [0.1, 0.3, 1]),
                ("length, s", "seconds", [0.3, 0.5, 5]), ("over full scale, dB", "over", [6, 0, -20, -40])],
        mixed={}, floors={}),
    "adsb": dict(
        rate=2.4e6, bandwidth=2e6, freq=1090e6, shift=0, send=send_squitter,
        good=dict(clock=0, offset=0, pulse_us=0.5, gap=(0.0005, 0.0015), over=-10, second=None, dc=False),
        sweeps=[("clock, %", "clock", percent([-0.2, -0.1, 0.1, 0.2])),
                ("carrier, kHz", "offset", [-1e6, -500e3, 500e3, 1e6]),
                ("length of a pulse, us", "pulse_us", [0.4, 0.45, 0.55, 0.6]),
                ("over full scale, dB", "over", [6, 0, -20, -40]), ("DC", "dc", [True]),
                ("silence between, s", "gap", [(0.00002, 0.00004), (0.01, 0.01)])],
        mixed={}, floors={}),
}

PROTOCOLS |= SENSORS


def settings(good, changes, rng):
    """`good` with changes; those that are functions are drawn for each transmission."""
    return {**good, **{k: v(rng) if callable(v) else v for k, v in changes.items()}}


def recording(protocol, changes, snr, count, seed):
    """(samples as 8-bit IQ, what was sent, the channel's place from the middle in Hz). The SNR is the
    mean power of a transmission over the noise in the protocol's bandwidth."""
    p = PROTOCOLS[protocol]
    rng = np.random.default_rng(seed)
    rate, spans, sent = p["rate"], [], []
    for _ in range(count):
        how = settings(p["good"], changes, rng)
        iq, frames = p["send"](rng, rate, how)
        sent += frames
        silence = [np.zeros(int(rate * rng.uniform(*how["gap"]) / 2)) for _ in range(2)]
        span = np.concatenate([silence[0], iq, silence[1]])
        if how["second"] is not None:
            other, _ = p["send"](rng, rate, how)
            begin = int(rng.uniform(0, max(1, len(span) - len(other))))
            other = other[:len(span) - begin] * 10 ** (how["second"] / 20)
            span[begin:begin + len(other)] += other
        spans.append(span)
    lead = np.zeros(int(rate * min(0.3, 200 * p["good"]["gap"][1])))  # to learn the noise from
    iq = np.concatenate([lead, *spans, lead])
    shift = 0 if how["dc"] else p["shift"]
    iq = iq * np.exp(2j * np.pi * shift * np.arange(len(iq)) / rate)
    # amplitude of either part of the noise, the transmissions' mean power being 1
    noise = np.sqrt(10 ** (-snr / 10) * rate / p["bandwidth"] / 2)
    iq = iq + noise * (rng.standard_normal(len(iq)) + 1j * rng.standard_normal(len(iq)))
    iq = iq * 10 ** (how["over"] / 20) / np.sqrt(1 + 2 * noise * noise)
    if how["dc"]:
        iq = iq + 0.02 - 0.02j
    pairs = np.stack([iq.real, iq.imag], axis=-1)
    return np.clip(np.floor(pairs * 127.5 + 128), 0, 255).astype(np.uint8), sent, shift
