"""FLEX: frames of the simulator's encoder as hertzd and multimon-ng read them, and a recording."""
import json
import re
import shutil
import subprocess
import sys
import wave
from pathlib import Path

import hz
import pytest

sys.path.insert(0, str(hz.ROOT / "bench/curves"))
MODES = ["flex", "flex3200", "flex1600-4", "flex6400"]
FREQ = 931.9375


@pytest.fixture(scope="module")
def generated(tmp_path_factory):
    """{mode: recording} of ten frames each."""
    folder = tmp_path_factory.mktemp("flex")
    if not (hz.ROOT / "build/curve_gen").exists():
        pytest.skip("build/curve_gen is not built: make build/curve_gen build/curve_fm")
    return {mode: Path(subprocess.run([hz.ROOT / "build/curve_gen", mode, "48000", "20", "10", "7", "errors", folder],
                                         capture_output=True, text=True, check=True).stdout.strip()) for mode in MODES}


def truth(recording):
    frames = [json.loads(line)["fields"] for line in recording.with_suffix(".jsonl").read_text().splitlines()]
    return [(f["capcode"], f["text"]) for f in frames]


def messages(recording, *options):
    done = hz.run("decode", "-d", f"flex@{FREQ}M", *options, recording)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("mode", MODES)
def test_frames_come_out(generated, mode):
    lines = [json.loads(line) for line in messages(generated[mode]).splitlines()]
    found = [m["flex"] for m in lines if m["kind"] == "message"]
    assert [(m["capcode"], m["message"]) for m in found] == truth(generated[mode])
    assert all(m["checked"] and "doubtful" not in m for m in found)


@pytest.mark.plain
@pytest.mark.parametrize("mode", MODES)
def test_multimon_reads_the_same(generated, mode):
    """The encoder is held against another decoder, and our lines against its lines."""
    if not shutil.which("multimon-ng"):
        pytest.skip("multimon-ng is not installed")
    import decoders
    samples = decoders.audio(generated[mode], mode, 48000, FREQ * 1e6, decoders.WIDTHS[mode], 22050)[44:]
    theirs = subprocess.run(["multimon-ng", "-q", "-t", "raw", "-a", "FLEX", "-"], input=samples, capture_output=True).stdout
    ours = messages(generated[mode], "-F", "multimon")

    def without_time(text):
        return [re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "TIME", line).strip()
                for line in text.decode().splitlines() if line.startswith("FLEX")]
    assert len(without_time(theirs)) == len(truth(generated[mode]))
    assert without_time(ours) == without_time(theirs)


def test_a_recording_without_checksums(shared, tmp_path):
    """multimon-ng's own generator sends no sums: all words are right, so they are told, as doubtful."""
    path = tmp_path / "flex.wav"
    with wave.open(str(path), "wb") as out:
        out.setparams((1, 2, 22050, 0, "NONE", ""))
        out.writeframes((shared / "air/flex/multimon_flex_clean.s16").read_bytes())
    done = hz.run("decode", "-t", "audio", "-d", "flex", path)
    found = [json.loads(line)["flex"] for line in done.stdout.splitlines()]
    peer = (shared / "air/flex/multimon_flex_clean.multimon-ng.txt").read_text().strip().split("|")
    assert [(m["capcode"], m["message"]) for m in found] == [(int(peer[-3]), peer[-1])]
    assert found[0]["doubtful"]
