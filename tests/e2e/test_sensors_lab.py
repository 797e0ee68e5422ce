"""Sensors against captures of a generator that shares no code with hertzd: how many of the transmissions are
told, and that nothing else is; and against the simulator's crowd of other seeds."""
import json
import subprocess
import sys

import hz
import pytest

sys.path.insert(0, str(hz.ROOT / "bench/curves"))

import sensors  # noqa: E402

pytestmark = pytest.mark.plain

# capture: how many of its transmissions must be told, and how many wrong messages without a mark may be
SCENE = ("scene_433.92M_1024k", 13, 0)  # of 17 by seven transmitters within 160 kHz
ALONE = [
    ("nexus-th_s-8_433.92M_250k", 6, 0), ("oregon-thgr122n_s-5_433.92M_250k", 14, 0),
    ("ev1527_s-4_433.92M_250k", 8, 0), ("acurite-5n1_s-4_433.92M_250k", 18, 0),
    ("fineoffset-wh65_s5_433.92M_250k", 27, 1), ("toyota-tpms_s5_433.92M_250k", 27, 0),
    ("ert-scm_s4_912.5M_1024k", 8, 0),
]


def hold(recording, truth, floor, wrong):
    sent = [sensors.key_of(json.loads(line)["fields"]) for line in truth.read_text().splitlines()]
    messages = [m for m in hz.decode("-d", "sensors", recording)[0] if m["kind"] == "message"]
    told = {sensors.key_of(m["sensors"]) for m in messages}
    others = [m["sensors"] for m in messages
              if sensors.key_of(m["sensors"]) not in sent and m["sensors"].get("confirmed") is not False]
    assert len(others) <= wrong, others
    assert sum(key in told for key in sent) >= floor, [key for key in sent if key not in told]


@pytest.mark.parametrize("name,floor,wrong", [SCENE, *ALONE])
def test_captures_of_another_generator(shared, name, floor, wrong):
    hold(shared / f"lab/{name}.cu8", shared / f"lab/{name}.jsonl", floor, wrong)


def test_a_crowd_of_another_seed(tmp_path):
    """Seven transmitters within 160 kHz that often send at the same time."""
    recording, truth = tmp_path / "crowd_433.92M_1024k.cu8", tmp_path / "crowd.jsonl"
    with recording.open("wb") as out:
        subprocess.run([hz.ROOT / "build/scene", "crowd", "11", "12", "--truth", truth], stdout=out, check=True)
    hold(recording, truth, 0.6 * len(truth.read_text().splitlines()), 1)
