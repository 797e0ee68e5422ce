"""Radiosondes: recordings of the air against what rs1729's rs41mod made of them, field by field, and
captures of another generator."""
import json
import re
import subprocess

import hz
import pytest

LINE = re.compile(r"\[ *(\d+)\] \((\w+)\) +\w+ (\S+ \S+) +lat: (\S+) +lon: (\S+) +alt: (\S+)"
                  r" +vH: *(\S+) +D: *(\S+) +vV: *(\S+)")
NUMBERS = [("lat", 5), ("lon", 5), ("alt", 2), ("vel_h", 1), ("heading", 1), ("vel_v", 1)]  # decimals of the text


def sondes(*args):
    return [r for r in hz.decode("-d", *args)[0] if r["kind"] == "message"]


def test_a_recorded_sonde_tells_what_rs41mod_reads(shared):
    """Audio of inverted polarity: 30 frames, 8 fields each."""
    lines = [LINE.match(line) for line in (shared / "air/sonde/rs41_20150802_a.rs41mod.txt").read_text().splitlines()]
    got = {m["rs41"]["frame"]: m["rs41"] for m in sondes("rs41", "-t", "audio", shared / "air/sonde/rs41_20150802_a.wav")}
    assert len(got) == len(lines) == 30
    for line in lines:
        frame = got[int(line[1])]
        assert frame["id"] == line[2]
        assert frame["datetime"] == line[3].replace(" ", "T") + "Z"
        for (name, decimals), text in zip(NUMBERS, line.groups()[3:]):
            assert frame[name] == pytest.approx(float(text), abs=0.51 * 10**-decimals), (line[1], name)
    last = got[max(got)]
    assert last["calibration"] == 30 and last["missing"] == ["temp", "humidity"]
    assert (last["subtype"], last["rs41_mainboard"]) == ("RS41-SG", "RSM412")


def test_an_encrypted_sonde_tells_its_name_only(shared):
    """20 frames, of which rs41mod corrects 6: those are the same, octet by octet."""
    rows = [line.split() for line in (shared / "air/sonde/rs41sgm_n5140102_a.rs41mod.raw.txt").read_text().splitlines()
            if line.startswith("8635")]
    got = sondes("rs41", "-t", "audio", shared / "air/sonde/rs41sgm_n5140102_a.wav")
    assert len(got) == len(rows) == 20
    right = [(m["raw"], row[0]) for m, row in zip(got, rows) if row[1] == "[OK]"]
    assert len(right) == 6 and all(a == b for a, b in right)
    for i, m in enumerate(got):
        assert (m["rs41"]["id"], m["rs41"]["frame"]) == ("N5140102", 6359 + i)
        assert m["rs41"]["encrypted"] and "lat" not in m["rs41"] and "temp" not in m["rs41"]


@pytest.mark.parametrize("snr, least", [("2.5", 12), ("4", 15)])
def test_captures_of_another_generator(shared, snr, least):
    path = shared / f"lab/rs41_s{snr}_403.49M_48k.cu8"
    truth = {t["hex"].lower(): t for t in map(json.loads, path.with_suffix(".jsonl").read_text().splitlines())}
    got = sondes("rs41@403.5M", path)
    assert len(got) >= least and len(truth) == 15
    for m in got:
        sent = truth[m["raw"]]  # nothing that was not sent
        own, fields = m["rs41"], sent["fields"]
        assert (own["id"], own["frame"]) == (fields["serial"], fields["frame"])
        assert own["lat"] == pytest.approx(fields["lat"], abs=1e-5)
        assert own["lon"] == pytest.approx(fields["lon"], abs=1e-5)
        assert own["alt"] == pytest.approx(fields["alt"], abs=0.1)
        assert m["offset_hz"] == pytest.approx(sent["foff"], abs=30)


def test_what_auto_rx_would_pass_on(shared):
    """Its payload summary, of every frame with a position."""
    done = hz.run("decode", "-d", "rs41", "-t", "audio", "-F", "rs41-json", shared / "air/sonde/rs41_20150802_a.wav")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(rows) == 30
    assert {"type": "PAYLOAD_SUMMARY", "callsign": "L1830070", "model": "RS41", "frame": 3172, "time": "11:59:26"}.items() <= rows[0].items()
    assert rows[0]["latitude"] == pytest.approx(46.01891, abs=1e-5) and rows[0]["speed"] == pytest.approx(12.3 * 3.6, abs=0.2)


@pytest.mark.plain
def test_scene_of_sondes_is_heard_as_it_was_sent(tmp_path):
    """Every field that is told is right; a weak sonde may lose a frame, strong ones none."""
    path, truth = tmp_path / "uhf_402.9M_1024k.cu8", tmp_path / "uhf.jsonl"
    with path.open("wb") as out:
        subprocess.run([hz.ROOT / "build/scene", "uhf", "2", "12", "--truth", truth], stdout=out, check=True)
    sent = {t["hex"].lower(): t for t in map(json.loads, truth.read_text().splitlines())}
    got = sondes("rs41@402.5M", "-d", "rs41@402.7M", "-d", "rs41@403.1M", path)
    strong = [h for h, t in sent.items() if t["snr"] > 6 and t["end"] < 12]
    assert set(strong) <= {m["raw"] for m in got} <= set(sent)
    for m in got:
        own, fields = m["rs41"], sent[m["raw"]]["fields"]
        assert {"id", "frame", "lat", "alt", "vel_v", "sats"} <= set(own)
        for name, value in fields.items():
            near = {"lat": 1e-5, "lon": 1e-5, "humidity": 0.6}.get(name, 0.16)
            assert name not in own or own[name] == (value if isinstance(value, str) else pytest.approx(value, abs=near)), name
        assert own["frame"] == fields["frame"]


FLIGHT = re.compile(r"\[ *(\d+)\] (\S+ \S+) +lat: (\S+) +lon: (\S+) +alt: (\S+) +vH: *(\S+) +D: *(\S+) +vV: *(\S+)")


@pytest.mark.parametrize("name, channel, serial", [("p11k", "dfm@403.0112M", "DFM-314377"), ("m11k", "dfm@402.9888M", "DFM-219892")])
def test_two_recorded_sondes_tell_what_dfm09mod_reads(shared, name, channel, serial):
    air = shared / "air/sonde/dfm_two_sondes_100k_a.cu8"
    lines = [FLIGHT.match(line) for line in air.with_name(f"{air.stem}.dfm09mod.{name}.txt").read_text().splitlines() if line]
    got = [m["dfm"] for m in sondes(channel, "-r", "100k", "-f", "403M", air)]
    assert len(got) == len(lines) >= 6
    for own, line in zip(got, lines):
        assert own["datetime"][:21] == line[2].replace(" ", "T")[:21]
        for field, decimals, text in zip(("lat", "lon", "alt", "vel_h", "heading", "vel_v"), (5, 5, 1, 2, 1, 2), line.groups()[2:]):
            assert own[field] == pytest.approx(float(text), abs=1.01 * 10**-decimals), field
    assert got[-1]["id"] == serial and got[-1]["subtype"] == "DFM06"
