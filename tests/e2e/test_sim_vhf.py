"""The simulator's VHF scenes against decoders that are not ours: gpsd's gpsdecode, multimon-ng and
direwolf's atest, behind a receiver made of numpy here; and hertzd, which hears more of them."""
import collections
import json
import pathlib
import shutil
import subprocess
import wave

import hz
import pytest

np = pytest.importorskip("numpy")

LOUD = 9  # dB, from which an FM receiver hears packets and pages without a doubt
ROOT = pathlib.Path(__file__).resolve().parents[2]
SCENE = ROOT / "build/scene"


def needs(program):
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"{program} is not installed")


class Recording:
    def __init__(self, folder, name, rate, centre, seconds):
        megahertz, kilosamples = f"{centre / 1e6:g}M", f"{rate / 1e3:g}k"
        path, truth = folder / f"{name}_{megahertz}_{kilosamples}.cu8", folder / f"{name}.jsonl"
        with path.open("wb") as out:
            subprocess.run([SCENE, name, "1", str(seconds), "--truth", truth], stdout=out, check=True)
        self.path = path
        self.bytes, self.rate, self.centre = np.fromfile(path, np.uint8), rate, centre
        self.n = len(self.bytes) // 2
        self.truth = [t for t in map(json.loads, truth.read_text().splitlines())
                      if t["end"] < seconds - 0.1]

    def channel(self, freq, first, n, rate, taps=961):
        """n samples of the channel at that rate, from sample `first` of the band on."""
        step = round(self.rate / rate)
        k = np.arange(taps) - taps // 2
        low = np.sinc(2 * k * 10e3 / self.rate) * np.kaiser(taps, 7)
        low = (low / low.sum()).astype(np.complex64)
        begin = first - taps // 2
        raw = self.bytes[2 * max(begin, 0):2 * (begin + n * step + taps)]
        x = (raw.astype(np.float32) - 127.5).view(np.complex64) / 127.5
        if begin < 0:
            x = np.concatenate([np.zeros(-begin, np.complex64), x])
        t = np.arange(begin, begin + len(x))
        x = x * np.exp(-2j * np.pi * ((freq - self.centre) / self.rate * t % 1)).astype(np.complex64)
        windows = np.lib.stride_tricks.sliding_window_view(x, taps)[::step]
        return (windows @ low)[:n]

    def audio(self, freqs, rate=48000):
        """Those channels through an FM discriminator, in Hz: by transforms of 0.2 s that overlap by
        a tenth, of which each channel takes its bins."""
        n, step = round(self.rate / 5), round(self.rate / rate)
        m, edge = n // step, n // step // 20
        parts = {freq: [] for freq in freqs}
        shape = np.clip((10e3 - np.abs(np.fft.fftfreq(m, 1 / rate))) / 2e3 + 0.5, 0, 1)
        for first in range(0, self.n - n, n - 2 * edge * step):
            raw = self.bytes[2 * first:2 * (first + n)].astype(np.float32) - 127.5
            spectrum = np.fft.fft(raw.view(np.complex64))
            for freq in freqs:
                k = round((freq - self.centre) / self.rate * n)
                bins = spectrum[(k + np.fft.fftfreq(m, 1 / m).astype(int)) % n] * shape
                # the channel cycles on by k times `first` from block to block
                z = np.fft.ifft(bins) * np.exp(-2j * np.pi * (k * first % n) / n)
                parts[freq].append(z[edge:m - edge])
        audio = {}
        for freq in freqs:
            z = np.concatenate(parts[freq])
            audio[freq] = np.angle(z[1:] * z[:-1].conj()) * rate / (2 * np.pi)
        return audio


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    return Recording(tmp_path_factory.mktemp("vhf"), "vhf", 1.536e6, 161.85e6, 60)


@pytest.fixture(scope="module")
def mix(tmp_path_factory):
    return Recording(tmp_path_factory.mktemp("mix"), "mix", 2.4e6, 162.4e6, 20)


@pytest.fixture(scope="module")
def audio(mix):
    return mix.audio([162.45e6, 162.7e6, 162.75e6, 162.8e6, 163.2e6])


def crc_x25(bits):
    crc = 0xFFFF
    for b in bits:
        crc = crc >> 1 ^ 0x8408 if (crc ^ b) & 1 else crc >> 1
    return crc


def frames_of(bits):
    """Payloads of all good HDLC frames in the bits, as bytes."""
    for start in range(len(bits) - 8):
        if bits[start:start + 8] != [0, 1, 1, 1, 1, 1, 1, 0]:
            continue
        out, ones = [], 0
        for b in bits[start + 8:]:
            if ones == 5:
                if b:
                    break
                ones = 0
                continue
            ones = ones + 1 if b else 0
            out.append(b)
        out = out[:-6]  # the closing flag up to its fifth one
        if len(out) >= 32 and len(out) % 8 == 0 and crc_x25(out) == 0xF0B8:
            yield bytes(sum(b << k for k, b in enumerate(out[i:i + 8]))
                        for i in range(0, len(out) - 16, 8))


def hear_ais(recording, t):
    """A plain discriminator at the burst's place, sampled in the middle of each symbol."""
    rate, start = 96000, t["sample"]
    ratio = recording.rate / rate
    n = int((t["end"] - t["t"]) * rate) + 40
    z = recording.channel(t["freq"] + t["foff"], start, n, rate)
    freq = np.convolve(np.angle(z[1:] * z[:-1].conj()), np.ones(5), "same")
    # freq[i] is the mean between two samples: half a sample late
    middle = (t["t"] * recording.rate - start) / ratio + (np.arange(n // 10) + 0.5) * 10 - 0.5
    level = np.interp(middle, np.arange(len(freq)), freq) > 0
    bits = [int(a == b) for a, b in zip(level, level[1:])]
    return list(frames_of(bits))


def armoured(payload):
    bits = "".join(f"{b:08b}" for b in payload)
    fill = -len(bits) % 6
    six = [int((bits + "0" * fill)[i:i + 6], 2) for i in range(0, len(bits), 6)]
    text = "".join(chr(v + 48 if v < 40 else v + 56) for v in six)
    sentence = f"AIVDM,1,1,,A,{text},{fill}"
    check = 0
    for c in sentence:
        check ^= ord(c)
    return f"!{sentence}*{check:02X}\n"


def test_ais_bursts_hold_their_frames(port):
    # a plain discriminator needs that much
    bursts = [t for t in port.truth if t["protocol"] == "ais" and t["snr"] >= 16]
    heard = [hear_ais(port, t) for t in bursts]
    good = sum(bytes.fromhex(t["hex"]) in frames for t, frames in zip(bursts, heard))
    assert len(bursts) > 80
    assert good == len(bursts), f"{good} of {len(bursts)}"


@needs("atest")
def test_direwolf_reads_the_ships(port, tmp_path):
    sent, found = 0, 0
    for freq, audio in port.audio([161.975e6, 162.025e6]).items():
        path = wav(tmp_path / "audio.wav", audio)
        text = subprocess.run(["atest", "-B", "AIS", path], capture_output=True, text=True).stdout
        for t in port.truth:
            # it follows neither the carriers, which are up to 800 Hz off here, nor short bursts
            # well: it hears every one from about 21 dB on
            if t["freq"] == freq and t["snr"] >= 16:
                # without the last character, which it fills up with what comes
                found += armoured(bytes.fromhex(t["hex"])).split(",")[5][:-1] in text
                sent += 1
    assert sent > 80 and found >= 0.88 * sent, f"{found} of {sent}"


@needs("gpsdecode")
def test_gpsdecode_reads_the_ships(port):
    bursts = [t for t in port.truth if t["protocol"] == "ais"]
    text = subprocess.run(["gpsdecode", "-j"], capture_output=True, text=True, check=True,
                          input="".join(armoured(bytes.fromhex(t["hex"])) for t in bursts)).stdout
    lines = [json.loads(line) for line in text.splitlines()]
    # gpsdecode keeps a yacht's part A until part B has come, and prints both as one
    lines = [line for line in lines if line["class"] == "AIS"]
    sent = collections.defaultdict(list)
    for t in bursts:
        sent[t["fields"]["type"], t["fields"]["mmsi"]].append(t["fields"])
    exact = ["imo", "shipname", "callsign", "destination", "shiptype", "status", "heading",
             "to_bow", "to_stern", "to_port", "to_starboard", "draught"]
    # gpsdecode's integers: 1/600000 degree, knots, course and metres in tenths
    near = {"lat": 1.1e-6, "lon": 1.1e-6, "speed": 0.06, "course": 0.06}
    scale = {"lat": 600000, "lon": 600000, "speed": 10, "course": 10, "draught": 10}
    checked, types = collections.Counter(), collections.Counter()

    def differs(line, f):
        for key in set(exact + list(near)) & set(line) & set(f):
            a, b = line[key], f[key]
            if key in scale and isinstance(a, int):
                a = a / scale[key]
            checked[key] += 1
            if key == "course":
                ok = abs((a - b + 180) % 360 - 180) <= near[key]
            elif key in near:
                ok = abs(a - b) <= near[key]
            elif key == "status" and isinstance(a, str):
                ok = True
            else:
                ok = a == b
            if not ok:
                return key
        return None

    for line in lines:
        types[line["type"]] += 1
        candidates = sent[line["type"], line["mmsi"]]
        assert candidates, line
        assert any(differs(line, f) is None for f in candidates), (line, candidates)
    assert {1, 3, 4, 5, 18, 21}.issubset(types), types
    assert len(lines) >= 0.9 * len(bursts)
    assert all(checked[key] > 0 for key in exact + list(near)), checked


def s16(audio, peak_hz=6000):
    return np.clip(audio / peak_hz * 32767, -32767, 32767).astype("<i2")


def to_22050(audio):
    return np.interp(np.arange(int(len(audio) * 22050 / 48000)) * 48000 / 22050,
                     np.arange(len(audio)), audio)


def wav(path, audio):
    with wave.open(str(path), "wb") as out:
        out.setparams((1, 2, 48000, 0, "NONE", ""))
        out.writeframes(s16(audio).tobytes())
    return path


def multimon(audio, *demodulators):
    options = [o for d in demodulators for o in ("-a", d)]
    return subprocess.run(["multimon-ng", "-q", "-t", "raw", *options, "-"], check=True,
                          input=s16(to_22050(audio)).tobytes(), capture_output=True).stdout.decode()


@needs("multimon-ng")
@pytest.mark.parametrize("baud,freq", [(512, 162.7e6), (1200, 162.75e6), (2400, 162.8e6)])
def test_multimon_reads_the_pages(mix, audio, baud, freq):
    pages = [t["fields"] for t in mix.truth if t["protocol"] == f"pocsag{baud}" and t["snr"] >= LOUD]
    assert pages
    text = multimon(audio[freq], f"POCSAG{baud}")
    for page in pages:
        lines = [line for line in text.splitlines() if f"Address: {page['address']:>7}" in line]
        assert any(page["text"] in line and f"Function: {page['function']}" in line
                   for line in lines), (page, text)


@needs("multimon-ng")
def test_multimon_reads_the_packets(mix, audio):
    packets = [t["fields"]["tnc2"] for t in mix.truth if t["protocol"] == "aprs" and t["snr"] >= LOUD]
    text = multimon(audio[162.45e6], "AFSK1200")
    found = sum(p.split(":", 1)[1] in text for p in packets)
    assert len(packets) >= 2 and found == len(packets), text


@needs("atest")
@pytest.mark.parametrize("protocol,baud,freq", [("aprs", "1200", 162.45e6),
                                                ("ax25-9600", "9600", 163.2e6)])
def test_direwolf_reads_the_packets(mix, audio, tmp_path, protocol, baud, freq):
    packets = [t["fields"]["tnc2"] for t in mix.truth
               if t["protocol"] == protocol and t["snr"] >= LOUD]
    path = wav(tmp_path / "audio.wav", audio[freq])
    text = subprocess.run(["atest", "-B", baud, path], capture_output=True, text=True).stdout
    found = sum(p in text for p in packets)
    assert len(packets) >= 2 and found == len(packets), text


def test_hertzd_hears_the_weak_ones_too(mix):
    """All packets and pages from 3 dB on, and some of those that others cannot."""
    channels = ["aprs@162.45M", "ax25-9600@163.2M", "pocsag@162.7M", "pocsag@162.75M", "pocsag@162.8M",
                "flex@162.9M"]
    wanted = [o for c in channels for o in ("-d", c)]
    done = subprocess.run([hz.BIN, "decode", *wanted, mix.path], check=True, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL)
    heard = set()
    for m in map(json.loads, done.stdout.splitlines()):
        if m["protocol"] == "pocsag":
            page = m["pocsag"]
            heard.add((page["address"], page.get(page["type"])))
        elif m["protocol"] == "flex":
            heard.add((m["flex"]["capcode"], m["flex"]["message"]))
        else:
            heard.add(m[m["protocol"]]["tnc2"])
    sent = {}
    for t in mix.truth:
        page = t["protocol"].startswith(("pocsag", "flex"))
        if page or t["protocol"] in ("aprs", "ax25-9600"):
            fields = t["fields"]
            sent[(fields.get("address") or fields["capcode"], fields["text"]) if page else fields["tnc2"]] = t["snr"]
    assert {key for key, snr in sent.items() if snr >= 3} <= heard <= set(sent)
    assert any(snr < 5 for key, snr in sent.items() if key in heard)


def test_hertzd_hears_the_data_link(mix):
    """Every frame of VDL2, each as it was sent; ground station and aircraft tell where they are."""
    done = subprocess.run([hz.BIN, "decode", "-d", "vdl2@163M", mix.path], check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    heard = [m for m in map(json.loads, done.stdout.splitlines()) if m["kind"] == "message"]
    sent = [t for t in mix.truth if t["protocol"] == "vdl2"]
    assert len(sent) > 10 and {t["hex"].lower() for t in sent} <= {m["raw"] for m in heard} and len(heard) <= len(sent) + 1
    assert {"acars", "rr"} <= {m["vdl2"]["type"] for m in heard}
    assert {t["hex"].lower(): t["fields"]["src"] for t in sent}.items() <= {m["raw"]: m["vdl2"]["src"] for m in heard}.items()


def test_hertzd_hears_aircraft(mix):
    """Every block of ACARS, each as it was sent, and the whole text with the second of two."""
    done = subprocess.run([hz.BIN, "decode", "-d", "acars@162.15M", mix.path], check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    heard = {m["raw"]: m["acars"] for m in map(json.loads, done.stdout.splitlines()) if m["kind"] == "message"}
    sent = [t for t in mix.truth if t["protocol"] == "acars"]
    assert len(sent) > 5 and {t["hex"].lower() for t in sent} <= set(heard) and len(heard) <= len(sent) + 1
    for t in sent:
        own = heard[t["hex"].lower()]
        assert (own["tail"], own["msgno"]) == (t["fields"]["tail"], t["fields"]["msgno"])
        if own["assstat"] == "complete":
            assert own["text"] == 2 * t["fields"]["text"]


def test_voice_is_there(mix):
    """FM: speech within the deviation and the tone beside it. AM: carrier and depth."""
    t = next(t for t in mix.truth if t["protocol"] == "nfm")
    n = int((t["end"] - t["t"]) * 48000) - 480
    z = mix.channel(t["freq"] + t["foff"], t["sample"] + 12000, n, 48000)
    freq = np.angle(z[1:] * z[:-1].conj()) * 48000 / (2 * np.pi)
    spectrum = np.abs(np.fft.rfft(freq * np.hanning(len(freq)))) / len(freq) * 4
    hz = np.fft.rfftfreq(len(freq), 1 / 48000)
    tone = spectrum[np.abs(hz - t["fields"]["ctcss"]) < 1].max()
    assert 0.9 < tone / (0.15 * t["fields"]["deviation"]) < 1.1, tone
    assert hz[np.argmax(np.where((hz > 60) & (hz < 250), spectrum, 0))] == pytest.approx(88.5, abs=1)
    voice = np.convolve(freq, np.ones(5) / 5, "same")
    assert 1200 < np.percentile(np.abs(voice), 99.9) < 2700

    t = next(t for t in mix.truth if t["protocol"] == "am")
    n = int((t["end"] - t["t"]) * 48000) - 480
    level = np.abs(mix.channel(t["freq"] + t["foff"], t["sample"] + 12000, n, 48000))
    level = np.convolve(level, np.ones(8) / 8, "valid")
    depth = (level.max() - level.min()) / (level.max() + level.min())
    assert t["fields"]["depth"] * 0.7 < depth < min(1, t["fields"]["depth"] * 1.4)


def test_levels_of_the_truth_are_in_the_samples(port):
    for t in port.truth:
        if t["protocol"] in ("ais", "nfm") and t["snr"] > 18:
            n = min(int((t["end"] - t["t"]) * 96000), 6000)
            z = port.channel(t["freq"] + t["foff"], t["sample"], n, 96000)
            level = 10 * np.log10(np.mean(np.abs(z) ** 2))
            assert abs(level - t["level"]) < 0.5, (level, t)
