"""ACARS: captures of another generator, and a recording of the air as acarsdec reads it."""
import json

import hz
import pytest

# of the frames in each capture: all but two at the highest SNR, half at the lowest
LAB = {"acars_s15": 18, "acars_s7": 28, "acars_s5": 15}


def lab(shared, name):
    path = shared / f"lab/{name}_131.715M_48k.cu8"
    truth = [json.loads(line) for line in path.with_suffix(".jsonl").read_text().splitlines()]
    records, _ = hz.decode("-d", "acars@131.725M", path)
    return truth, [r for r in records if r["kind"] == "message"]


@pytest.mark.parametrize("name", LAB)
def test_captures_of_another_generator(shared, name):
    truth, found = lab(shared, name)
    sent = {t["hex"].lower(): t for t in truth}
    assert len(found) >= LAB[name]
    for m in found:
        t, own = sent.pop(m["raw"]), m["acars"]  # nothing that was not sent, nothing twice
        f = t["fields"]
        assert (own["mode"], own["label"].replace("_d", "_\x7f"), own["block_id"]) == (f["mode"], f["label"], f["block_id"])
        assert own["ack"] == (False if f["ack"] == "!" else f["ack"]) and own["tail"] == f["reg"]
        assert (own["msgno"], own["flight"], own["text"]) == (f["msgno"], f["flight"], f["text"])
        assert abs(m["offset_hz"] - t["foff"]) < 15


def test_a_recording_as_acarsdec_reads_it(shared):
    """All four messages of its two channels. acarsdec 3.7 leaves out an empty text; and it was built
    without libacars, so the sublabel of H1 is in its text."""
    done = hz.run("decode", "-t", "audio", "-d", "acars", "-F", "acars-json", shared / "air/acars/acarsdec_test_ch12.wav")
    found = [json.loads(line) for line in done.stdout.splitlines()]
    theirs = [json.loads(line) for line in (shared / "air/acars/acarsdec_test_ch12.acarsdec.json").read_text().splitlines()]
    names = ["mode", "label", "block_id", "ack", "tail", "flight", "msgno", "error"]

    def told(o, text):
        return [o.get(name) for name in names] + [text]
    ours = [told(o, (f"#{o['sublabel']}B" if "sublabel" in o else "") + o.get("text", "")) for o in found]
    assert sorted(map(str, ours)) == sorted(str(told(o, o.get("text", ""))) for o in theirs)


def test_the_same_bytes_for_any_block_and_number_of_workers(shared):
    path = shared / "lab/acars_s7_131.715M_48k.cu8"
    ways = [hz.run("decode", "-d", "acars@131.725M", *how, path).stdout
            for how in (("-w", "1"), ("-w", "2"), ("-b", "777"), ("-b", "20000"))]
    assert ways[0] and all(way == ways[0] for way in ways)
