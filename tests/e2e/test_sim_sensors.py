"""The simulator's sensors against a decoder that is not ours: Debian's rtl_433."""
import json
import shutil
import subprocess
import sys

import hz
import pytest

sys.path.insert(0, str(hz.ROOT / "bench/curves"))

import decoders  # noqa: E402
import sensors  # noqa: E402

SCENE = hz.ROOT / "build/scene"

pytestmark = pytest.mark.plain


@pytest.mark.skipif(shutil.which("rtl_433") is None, reason="rtl_433 is not installed")
@pytest.mark.parametrize("name", sensors.NAMES)
def test_peer_reads_every_model_as_it_was_sent(name, tmp_path):
    rate = 1.024e6 if name.startswith("ert") else 250e3
    recording, truth = sensors.generate(decoders.output, hz.ROOT / "build", name, rate, 25, 4, 1, tmp_path, {})
    found = set(decoders.rtl_433(recording, name, rate, 0))
    if not sensors.is_remote(truth[0]["fields"]["model"]):  # of which it also tells parts of frames
        assert len(found) == len(truth)
    assert found >= {sensors.key_of(t["fields"]) for t in truth}


def test_scene_is_what_its_truth_says(tmp_path):
    path, truth = tmp_path / "ism.cu8", tmp_path / "ism.jsonl"
    with path.open("wb") as out:
        subprocess.run([SCENE, "ism", "1", "40", "--truth", truth], stdout=out, check=True)
    sent = [json.loads(line) for line in truth.read_text().splitlines()]
    assert [t["t"] for t in sent] == sorted(t["t"] for t in sent)
    assert len({t["type"] for t in sent}) >= 12 and len(sent) > 100
    fields = [t["fields"] for t in sent if t["snr"] > 15]
    assert len({f["model"] for f in fields}) >= 4
    for t in sent:
        assert abs(t["freq"] - 433.92e6) < 1.0e6 and t["end"] > t["t"]
        if t["fields"]["model"] in sensors.FIELDS:
            assert set(sensors.FIELDS[t["fields"]["model"]].split()) & set(t["fields"])
