"""Every decoder on a small capture of the tree, held to what its transmitter sent (tests/golden/README.md)."""
import json
import lzma

import hz
import pytest

GOLDEN = hz.ROOT / "tests/golden"
PLACE_S = {"adsb": 1 / 2.4e6, "ais": 1 / 48e3, "ax25-9600": 1 / 48e3, "aprs": 2 / 48e3, "pocsag": 8 / 48e3,
           "rs41": 1 / 24e3, "dfm": 2 / 24e3, "m10": 2 / 48e3,
           "nfm": 0.01, "am": 0.01}
LEVEL_DB = 1.3  # a squitter's preamble has fewer pulses than its mean
SNR_DB = 2.5
OFFSET_HZ = 10


# Noise adds to the peaks that a depth is read from; what is published of speeds is rounded.
FIELD = {"depth": 0.1, "duration_s": 0.03, "gs": 0.06, "track": 0.006}


# Decoders without a capture here, and what holds them against an independent truth instead.
ELSEWHERE = {"acars": "tests/e2e/test_acars.py: another generator; acarsdec, on a recording of the air",
             "flex": "tests/e2e/test_flex.py: multimon-ng, on the same frames",
             "rds": "tests/unit/test_rds.c: redsea's cases, bits from the air, another generator",
             "sensors": "tests/e2e/test_sensor_recordings.py, test_sim_sensors.py: recordings, rtl_433",
             "vdl2": "tests/e2e/test_vdl2.py: captures of another generator, dumpvdl2's model",
             "wmbus": "tests/unit/test_wmbus*.c: published telegrams, a recording"}


@pytest.mark.parametrize("name", sorted(p.name.removesuffix(".jsonl") for p in GOLDEN.glob("*.jsonl")))
def test_what_was_sent_is_what_is_told(tmp_path, name):
    wanted = [json.loads(line) for line in (GOLDEN / f"{name}.jsonl").read_text().splitlines()]
    path = tmp_path / f"{name}.cu8"
    path.write_bytes(lzma.decompress((GOLDEN / f"{name}.cu8.xz").read_bytes()))
    records, _ = hz.decode("-d", wanted[0]["options"], path)
    messages = [r for r in records if r["kind"] == "message"]
    assert len(messages) == len(wanted)
    rate = 1e3 * float(name.rpartition("_")[2].removesuffix("k"))
    for m, want in zip(messages, wanted):
        assert m["protocol"] == want["protocol"]
        assert want["raw"] in (None, m.get("raw"))
        assert abs(m["sample"] - want["sample"]) <= PLACE_S[m["protocol"]] * rate + 1, (m, want)
        assert abs(m["rssi_dbfs"] - want["rssi_dbfs"]) <= LEVEL_DB, (m, want)
        assert abs(m["snr_db"] - want["snr_db"]) <= SNR_DB, (m, want)
        assert "offset_hz" not in want or abs(m["offset_hz"] - want["offset_hz"]) <= OFFSET_HZ, (m, want)
        fields = m[m["protocol"]]
        for key, value in want["fields"].items():
            near = isinstance(value, float) and abs(fields[key] - value) <= FIELD.get(key, 2e-5)
            assert near or fields[key] == value, (key, fields[key], value)


def test_every_decoder_has_a_capture():
    listed = [line.split()[0] for line in hz.run("decoders").stdout.decode().splitlines()[1:]]
    held = {json.loads(line)["protocol"] for p in GOLDEN.glob("*.jsonl") for line in p.read_text().splitlines()}
    assert set(listed) == held | set(ELSEWHERE)
    assert not held & set(ELSEWHERE)
