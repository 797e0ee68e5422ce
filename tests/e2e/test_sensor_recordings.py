"""The recordings with rtl_433's JSON beside them, through `hertzd decode`: field by field what Debian's rtl_433 22.11 says."""
import json
import os

import hz
import pytest

pytestmark = pytest.mark.plain

# What rtl_433 tells of the reception and of its own checks, what we tell of it, and numbers that count frames of one transmission.
RECEPTION = {"time", "mod", "freq", "freq1", "freq2", "rssi", "snr", "noise", "mic"}
OURS = {"repeats", "fit", "strength", "confirmed", "twins", "deviation_hz"}
COUNTS = {"sequence_num", "seq"}
# A second reading of a burst that it has read right: Waveman switches as Akhan, Chuango remotes as Secplus-v1.
DOUBLE = {"Akhan-100F14", "Secplus-v1"}
# Readings of 22.11 that are wrong, with the right ones.
EV1527 = {"model": "EV1527", "id": 595304, "button": 15}
WRONG = {
    # 28 equal frames of an EV1527 at 1436 us: the pulses and gaps of a smoke detector GS558 are a fifth longer
    "door_bell_01": {"Smoke-GS558": EV1527},
    # its decoder for Brennenstuhl, which is off unless asked, says: DIP switches 0 or 31, keys B, C, D and A, all on
    "brennstuhl_rcs_2044_01__gfile003": {"Waveman-Switch": {"model": "Brennenstuhl-RCS2044", "id": 0, "key": "B", "state": "ON"}},
    "brennstuhl_rcs_2044_01__gfile005": {"Waveman-Switch": {"model": "Brennenstuhl-RCS2044", "id": 0, "key": "C", "state": "ON"}},
    "brennstuhl_rcs_2044_01__gfile007": {"Waveman-Switch": {"model": "Brennenstuhl-RCS2044", "id": 0, "key": "D", "state": "ON"}},
    "brennstuhl_rcs_2044_01__gfile011": {"Waveman-Switch": {"model": "Brennenstuhl-RCS2044", "id": 31, "key": "A", "state": "ON"}},
}


def rounded(fields):
    """As it can be compared: rtl_433 prints three decimals."""
    return tuple(sorted((k, f"{v:.3f}" if isinstance(v, (int, float)) else v) for k, v in fields.items()))


def its_own(record, wrong):
    """What rtl_433 says, without what it says of the reception."""
    record = wrong.get(record["model"], record)
    return rounded({k: v for k, v in record.items() if k not in RECEPTION | COUNTS})


def ours(record):
    fields = dict(record["sensors"])
    if fields["model"] == "Oregon-CM160":  # 22.11 cuts the power to whole watts and tells no energy
        fields["power_W"] = int(fields["power_W"])
        del fields["energy_kWh"]
    return rounded({k: v for k, v in fields.items() if k not in RECEPTION | OURS | COUNTS})


def differences(path):
    """(missing, additional) records of a recording."""
    wrong = next((w for name, w in WRONG.items() if path.name.startswith(name)), {})
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    want = {its_own(record, wrong) for record in lines if record["model"] not in DOUBLE}
    done = hz.run("decode", str(path).replace(".rtl_433.json", ".cu8"))
    assert done.returncode == 0, done.stderr
    got = {ours(hz.checked(line)) for line in done.stdout.splitlines(keepends=True) if b'"kind":"message"' in line}
    return want - got, got - want


def test_the_recordings(shared):
    """63 with HZ_ALL_RECORDINGS=1, of which all but two give every record and none besides; the others are shown."""
    paths = sorted((shared / "air/ism").glob("*.rtl_433.json"))
    assert len(paths) == 63
    if not os.environ.get("HZ_ALL_RECORDINGS"):  # one of each device
        paths = list({path.name.split("__")[0]: path for path in paths}.values())
    missing, more = 0, 0
    for path in paths:
        lost, added = differences(path)
        missing += bool(lost)
        more += bool(added)
        if lost or added:
            print(path.name, "missing", [dict(r) for r in lost], "additional", [dict(r) for r in added])
    assert missing <= 2 and more <= 2, (missing, more)
