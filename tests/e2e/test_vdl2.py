"""VDL mode 2: captures of another generator, and dumpvdl2's modelled transmission with what dumpvdl2 made of it."""
import json

import hz
import pytest

MODEL = "air/vdl2/vdl2_model_136.975M_1050k"


def frames(*args):
    return [r for r in hz.decode(*args)[0] if r["kind"] == "message"]


@pytest.mark.parametrize("snr, sent, least", [(20, 30, 30), (12, 40, 38), (10, 40, 20)])
def test_captures_of_another_generator(shared, snr, sent, least):
    """All but two at the two highest SNRs, half of them at the lowest; nothing that was not sent."""
    path = shared / f"lab/vdl2_s{snr}_136.955M_105k.cu8"
    truth = {t["hex"].lower(): t for t in map(json.loads, path.with_suffix(".jsonl").read_text().splitlines())}
    got = frames("-d", "vdl2@136.975M", path)
    assert len(truth) == sent and least <= len(got) <= sent
    for m in got:
        t, own = truth.pop(m["raw"]), m["vdl2"]
        assert (own["src"], own["dst"]) == (t["fields"]["src"].lower(), t["fields"]["dst"].lower())
        assert own["avlc"]["frame_type"] == t["type"] and own["idx"] == 0
        if t["type"] == "I":  # nothing but ACARS, all check sequences of which are right
            assert own["type"] == "acars" and own["avlc"]["acars"]["crc_ok"]
        assert abs(m["sample"] / 105e3 - t["t"]) < 1.5e-3  # the ramp is before the first symbol


def test_the_model_that_dumpvdl2_read(shared, tmp_path):
    """Both frames, every member of dumpvdl2's JSON but three differences, which are meant: its two counters are the
    right way round here, data of no known protocol are hex, and their protocol is not called X.25."""
    lines = hz.run("decode", "-F", "vdl2-json", "-d", "vdl2", shared / f"{MODEL}.cs16").stdout.decode().splitlines()
    theirs = [json.loads(line)["vdl2"] for line in (shared / f"{MODEL}.dumpvdl2.json").read_text().splitlines()]
    ours = [json.loads(line)["vdl2"] for line in lines]
    assert len(ours) == len(theirs) == 2
    for we, they in zip(ours, theirs):
        for name in ("freq", "burst_len_octets", "hdr_bits_fixed", "octets_corrected_by_fec", "idx"):
            assert we[name] == they[name]
        a, b = we["avlc"], they["avlc"]
        for name in ("src", "dst", "cr", "frame_type", "poll"):
            assert a[name] == b[name]
        assert (a["sseq"], a["rseq"]) == (b["rseq"], b["sseq"])
        assert a["x25"]["err"] and b["x25"]["err"]
        assert a["x25"]["unknown_proto"]["data"] == bytes(b["x25"]["unknown_proto"]["data"]).hex()
        assert abs(we["freq_skew"] - they["freq_skew"]) < 0.1 and abs(we["sig_level"] - they["sig_level"]) < 1
        assert we["app"]["name"] == "hertzd" and we["t"]["usec"] == 112500


def test_the_same_bytes_whatever_the_work_is_divided_into(shared):
    path = shared / "lab/vdl2_s12_136.955M_105k.cu8"
    one = hz.run("decode", "-w", "1", "-d", "vdl2@136.975M", path).stdout
    many = hz.run("decode", "-w", "4", "-d", "vdl2@136.975M", path).stdout
    piped = hz.run("decode", "-t", "cu8", "-r", "105k", "-f", "136.955M", "-d", "vdl2@136.975M", "-", input=path.read_bytes()).stdout
    assert one == many and one.count(b"\n") == 40
    raws = [json.loads(line)["raw"] for line in one.splitlines()]
    assert [json.loads(line).get("raw") for line in piped.splitlines() if b'"raw"' in line] == raws
