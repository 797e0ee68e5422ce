"""Sections [capture NAME]: recent samples are saved by command or for a reason, and decode to the same messages."""
import json
import os
import subprocess
from pathlib import Path

import hz
import modes
import numpy as np
import pytest

BAND = "[receiver roof]\nsource = file\nformat = cu8\nrate = 250k\ncentre = 144.8M\npath = {path}\n"


def capture(d, name):
    return next(c for c in d.rpc.result("captures") if c["name"] == name)


def ended(d, name, number=1):
    """What is told of that capture once it has ended, well or not."""
    return hz.wait(lambda: (last := capture(d, name).get("last")) and last["number"] >= number and last)


def metadata(path):
    with open(path) as f:
        return json.load(f)


def annotated(meta):
    """(raw, first sample in the file) of the messages that are noted."""
    return {(a["hertzd:raw"], a["core:sample_start"]) for a in meta["annotations"] if "hertzd:raw" in a}


def decoded(*args):
    return {(r["raw"], r["sample"]) for r in hz.decode(*args)[0] if r["kind"] == "message"}


def span_of(path):
    """The index in the receiver's stream of a capture without gaps, and its number of samples of 8 bits."""
    return metadata(path)["captures"][0]["core:global_index"], os.path.getsize(path.replace("meta", "data")) // 2


def messages_until(d, ends):
    """All messages of the stream, until each receiver has one of a sample behind its end."""
    client, found = hz.Lines(d.tcp), []
    client.send({"subscribe": {"stream": client.next()["stream"], "since": 0}})
    while ends:
        record = client.next()
        if record["kind"] == "message":
            found.append(record)
            if record["sample"] > ends.get(record["receiver"], record["sample"]):
                del ends[record["receiver"]]
    client.close()
    return found


def command(d, *args):
    return subprocess.Popen([hz.CTL, "--socket", d.sock, "capture", *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def path_of(process):
    out, err = process.communicate(timeout=hz.PATIENCE)
    assert process.returncode == 0 and err == "", err
    return out.strip()


def quiet(seconds, rate=250_000, seed=3):
    """Noise as complex samples."""
    rng = np.random.default_rng(seed)
    n = int(seconds * rate)
    return (rng.standard_normal(n) + 1j * rng.standard_normal(n)) * 0.02


def u8(x):
    return np.clip(np.round(np.column_stack([x.real, x.imag]).ravel() * 127.5 + 127.5), 0, 255).astype(np.uint8).tobytes()


@pytest.mark.plain
def test_a_command_saves_samples_that_decode_to_the_same_messages(tmp_path):
    """Two bands at once: one that is decoded whole, one in narrow channels. Each message of the live run is at the same
    sample, and says the same. In the first half second of ADS-B some replies are from aircraft not confirmed yet."""
    conf = ("[receiver sky]\nsource = sim\n[receiver port]\nsource = sim\nscene = vhf\n"
            "[channel 1090]\ndecoder = adsb\nreceiver = sky\n[channel ships]\ndecoder = ais\nreceiver = port\n"
            f"[capture sky]\nreceiver = sky\nseconds = 2\nafter = 1\npath = {tmp_path}/sky\n"
            f"[capture port]\nreceiver = port\nseconds = 2\nafter = 1\npath = {tmp_path}/port\n")
    with hz.Daemon(conf) as d:
        hz.wait(lambda: all(c["holds_s"] > 2 for c in d.rpc.result("captures")))
        paths = [path_of(p) for p in [command(d, "sky", "--seconds", "1"), command(d, "port")]]
        told = {c["name"]: c for c in d.rpc.result("captures")}
        spans = {r: span_of(p) for r, p in zip(("sky", "port"), paths)}
        live = messages_until(d, {r: begin + n for r, (begin, n) in spans.items()})
    for path, receiver, rate in zip(paths, ("sky", "port"), (2_400_000, 1_536_000)):
        meta = metadata(path)
        assert told[receiver]["last"]["path"] == path and told[receiver]["taken"] == 1
        assert [meta["global"][k] for k in ("core:datatype", "core:sample_rate", "hertzd:trigger")] == ["cu8", rate, "command"]
        assert len(meta["captures"]) == 1 and meta["captures"][0]["core:sample_start"] == 0
        begin, n = spans[receiver]
        assert told[receiver]["last"]["bytes"] == 2 * n + os.path.getsize(path)
        assert (1.9 if receiver == "sky" else 2.9) * rate < n < 4 * rate
        heard = {(r["raw"], r["sample"] - begin) for r in live
                 if r["receiver"] == receiver and begin <= r["sample"] < begin + n}
        notes, again = annotated(meta), decoded(path)
        assert heard == notes and len(heard) > 4
        sure = 0.5 * rate if receiver == "sky" else 0.1 * rate
        late = {m for m in notes if sure < m[1] < n - sure}
        assert len(late - again) <= len(late) / 200, late - again  # what is marginal depends on the blocks
        assert len(again - notes) <= len(late) / 200, again - notes
        for a in meta["annotations"]:
            assert a["core:freq_lower_edge"] < a["core:freq_upper_edge"] and a["core:sample_count"] > 0
            assert a["core:label"] == f"{a['hertzd:protocol']} {a['hertzd:id']}"


def test_a_trigger_saves_before_and_after_it_in_rtl_433s_names(tmp_path, air):
    """The trigger is an aircraft of the recording, which goes round and round: the interval refuses the next ones."""
    address = modes.flights(300)[150].hex()[2:8]
    conf = hz.conf(air, hz.LOOP) + (f"[capture box]\ntrigger = id:{address}\nseconds = 1\nafter = 0.5\ninterval = 1h\npath = {tmp_path}/new\n"
                                    "name = g{number}_{freq}_{rate}.{format}\n")
    with hz.Daemon(conf) as d:
        last = ended(d, "box")
        assert last["trigger"] == f"id:{address}" and last["path"] == f"{tmp_path}/new/g001_1090M_2400k.sigmf-meta"
        hz.wait(lambda: capture(d, "box")["refused_interval"] > 1)
        assert capture(d, "box")["taken"] == 1
    meta = metadata(last["path"])
    assert meta["global"]["core:dataset"] == "g001_1090M_2400k.cu8"
    assert address in {a["hertzd:id"] for a in meta["annotations"]}
    assert sorted(p.name for p in (tmp_path / "new").iterdir()) == ["g001_1090M_2400k.cu8", "g001_1090M_2400k.sigmf-meta"]
    assert decoded("-d", "adsb", tmp_path / "new/g001_1090M_2400k.cu8") == decoded("-d", "adsb", last["path"])


def test_the_oldest_leave_for_the_quota_and_others_stay(tmp_path, air):
    """A capture of 0.5 to 0.6 s takes up to 3 MB: one fits into 4 MiB. Of one that does not fit the reason is told."""
    (tmp_path / "mine.sigmf-meta").write_text('{"global":{"core:datatype":"cu8"}}')
    (tmp_path / "mine.sigmf-data").write_bytes(bytes(8_000_000))
    conf = hz.conf(air, hz.LOOP) + (f"[capture box]\nseconds = 1\nafter = 0\npath = {tmp_path}\nquota = 6M\n"
                                    f"[capture wide]\nseconds = 2\nafter = 0\npath = {tmp_path}\nquota = 1M\n")
    with hz.Daemon(conf) as d:
        hz.wait(lambda: capture(d, "wide")["holds_s"] > 1.5)
        paths = [path_of(command(d, "box")) for _ in range(2)]
        now = capture(d, "box")
        assert (now["files"], now["deleted"], now["taken"]) == (1, 1, 2) and now["bytes"] <= 6 << 20
        refused = command(d, "wide")
        assert "the quota is 1 MiB" in refused.communicate(timeout=hz.PATIENCE)[1] and refused.returncode == 1
        assert (c := capture(d, "wide"))["refused_quota"] == 1 and c["failed"] == 0 and "quota" in c["error"]
        assert ["capture", "wide"] in [[t["about"], t["name"]] for t in d.status()["troubles"]]
        # what cannot be
        assert "expected at most 1" in d.rpc.ask("capture", capture="box", seconds=3)["error"]["message"]
        assert "no [capture none]" in d.rpc.ask("capture", capture="none")["error"]["message"]
        assert d.rpc.ask("capture")["error"]["code"] == -32602
    left = sorted(p.name for p in tmp_path.iterdir() if not p.name.startswith("mine"))
    assert left == sorted([paths[1].rpartition("/")[2], paths[1].rpartition("/")[2].replace("meta", "data")])
    assert (tmp_path / "mine.sigmf-data").exists()


def test_a_signal_that_gave_no_message_and_one_that_clips(tmp_path):
    """A second of a carrier in a channel with a squelch, then samples at the ends of their range."""
    carrier = quiet(3)
    t = np.arange(250_000) / 250_000
    carrier[250_000:500_000] += 0.4 * np.exp(2j * np.pi * 20_000 * t)
    (tmp_path / "x.cu8").write_bytes(u8(np.concatenate([carrier, quiet(2), 40 * quiet(2), quiet(4)])))
    conf = BAND.format(path=tmp_path / "x.cu8") + ("[channel packets]\ndecoder = aprs\nfrequency = 144.82M\nsquelch = 10\n"
        f"[capture odd]\ntrigger = undecoded\nseconds = 5\nafter = 0\npath = {tmp_path}/odd\n"
        f"[capture loud]\ntrigger = clipping\nseconds = 5\nafter = 0\npath = {tmp_path}/loud\n")
    with hz.Daemon(conf) as d:
        odd, loud = ended(d, "odd"), ended(d, "loud")
    assert odd["trigger"] == "undecoded: channel packets" and loud["trigger"] == "clipping"
    x = np.fromfile(odd["path"].replace("meta", "data"), np.uint8).astype(float)
    assert np.mean(np.abs(x - 127.5) > 30) > 0.05  # the carrier is in there


def test_a_gap_is_told_and_decodes_as_a_gap(tmp_path, air):
    """A recording with 1.5 s missing between two halves: the capture has both, and says so."""
    data = air.read_bytes()
    n = len(data) // 2
    (tmp_path / "in.sigmf-data").write_bytes(data + data)
    (tmp_path / "in.sigmf-meta").write_text(json.dumps(
        {"global": {"core:datatype": "cu8", "core:sample_rate": 2.4e6, "core:version": "1.2.0"},
         "captures": [{"core:sample_start": 0, "core:global_index": 0, "core:frequency": 1090e6},
                      {"core:sample_start": n, "core:global_index": n + 3_600_000, "core:frequency": 1090e6}], "annotations": []}))
    conf = hz.conf(tmp_path / "in.sigmf-meta", "pace = realtime") + f"[capture box]\nseconds = 9\nafter = 9\npath = {tmp_path}/out\ntrigger = protocol:adsb\n"
    with hz.Daemon(conf) as d:
        last = ended(d, "box")
    meta = metadata(last["path"])
    assert [(c["core:sample_start"], c["core:global_index"]) for c in meta["captures"]] == [(0, 0), (n, n + 3_600_000)]
    gap = [a for a in meta["annotations"] if a["core:label"] == "gap"]
    assert [(a["core:sample_start"], a["core:comment"]) for a in gap] == [(n, "3600000 samples are missing before this one")]
    assert (tmp_path / "out" / last["path"].rpartition("/")[2].replace("meta", "data")).read_bytes() == data + data
    first, again = hz.decode("-d", "adsb", tmp_path / "in.sigmf-meta")[0], hz.decode("-d", "adsb", last["path"])[0]
    assert [(r["kind"], r.get("raw"), r.get("sample")) for r in again] == [(r["kind"], r.get("raw"), r.get("sample")) for r in first]
    assert {raw for raw, _ in annotated(meta)} == {r["raw"] for r in first if r["kind"] == "message"}


def test_a_disk_that_is_full_leaves_nothing(tmp_path, air):
    """A file system of 2 MiB for 2.4 MB: told at once, and the next one is taken when there is room."""
    if subprocess.run(["unshare", "-rm", "mount", "-t", "tmpfs", "-o", "size=2m", "none", tmp_path], capture_output=True).returncode:
        pytest.skip("file systems cannot be mounted here")
    small = tmp_path / "small"
    small.mkdir()
    # the daemon in a name space of its own, which has the small file system
    wrapper = tmp_path / "hertzd"
    wrapper.write_text(f"#!/bin/sh\nexec unshare -rm sh -c 'mount -t tmpfs -o size=2m none {small} && exec {hz.BIN} \"$@\"' sh \"$@\"\n")
    wrapper.chmod(0o755)
    conf = hz.conf(air, hz.LOOP) + f"[capture box]\nseconds = 1\nafter = 0\npath = {small}\n"
    binary, hz.BIN = hz.BIN, wrapper
    try:
        daemon = hz.Daemon(conf)
    finally:
        hz.BIN = binary
    with daemon as d:
        hz.wait(lambda: capture(d, "box")["holds_s"] > 0.9)
        full = command(d, "box")
        assert "No space left on device" in full.communicate(timeout=hz.PATIENCE)[1]
        now = capture(d, "box")
        assert (now["failed"], now["taken"], now["files"]) == (1, 0, 0) and "No space left" in now["error"]
        assert not os.listdir(Path(f"/proc/{d.process.pid}/root") / str(small)[1:])
        d.rpc.result("capture", capture="box", seconds=0.2)
        assert "path" in ended(d, "box", 2)
        assert capture(d, "box")["error"] == "" and capture(d, "box")["taken"] == 1


def test_what_a_crash_left_is_completed_or_cleared(tmp_path, air):
    """Killed while it writes, or between the two names: the next start finds whole captures only."""
    about = json.dumps({"global": {"core:datatype": "cu8", "hertzd:capture": "box"}, "captures": [], "annotations": []})
    (tmp_path / ".half.sigmf-data.hertzd-part").write_bytes(bytes(1000))
    (tmp_path / ".whole.sigmf-meta.hertzd-part").write_text(about)
    (tmp_path / "whole.sigmf-data").write_bytes(bytes(2000))
    (tmp_path / ".bare.sigmf-meta.hertzd-part").write_text(about[:40])
    (tmp_path / "gone.sigmf-meta").write_text(about)
    conf = hz.conf(air, hz.LOOP) + f"[capture box]\npath = {tmp_path}\n"
    with hz.Daemon(conf) as d:
        hz.wait(lambda: capture(d, "box")["state"] == "ready")
        assert capture(d, "box")["files"] == 1 and capture(d, "box")["bytes"] == 2000 + len(about)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["whole.sigmf-data", "whole.sigmf-meta"]


def test_a_stop_completes_what_is_being_taken_and_a_reload_ends_a_section(tmp_path, air):
    conf = hz.conf(air, hz.LOOP)
    section = f"[capture {{}}]\nseconds = 1\nafter = 20\npath = {tmp_path}/{{}}\nmemory = 16M\n"
    with hz.Daemon(conf + section.format("a", "a") + section.format("b", "b")) as d:
        hz.wait(lambda: all(c["holds_s"] > 0.2 for c in d.rpc.result("captures")))
        for name in "ab":
            d.rpc.result("capture", capture=name)
            assert "one is being taken" in d.rpc.ask("capture", capture=name)["error"]["message"]
        d.write(conf + section.format("b", "b"))
        d.rpc.result("reload")
        hz.wait(lambda: len(list(tmp_path.glob("a/*.sigmf-meta"))) == 1)
        assert [c["name"] for c in d.rpc.result("captures")] == ["b"]
    assert len(list(tmp_path.glob("b/*.sigmf-meta"))) == 1 and not list(tmp_path.glob("*/.*"))


@pytest.mark.plain
def test_a_command_does_not_wait_for_what_a_changed_section_has_begun(tmp_path, air):
    conf = hz.conf(air, hz.LOOP) + f"[capture c]\nseconds = 1\npath = {tmp_path}/c\nmemory = 16M\nafter = "
    with hz.Daemon(conf + "20\n") as d:
        hz.wait(lambda: capture(d, "c")["holds_s"] > 0.2)
        waits = command(d, "c")
        hz.wait(lambda: capture(d, "c")["state"] == "taking")
        d.write(conf + "19\n")
        d.rpc.result("reload")
        assert "[capture c] was changed meanwhile" in waits.communicate(timeout=hz.PATIENCE)[1] and waits.returncode == 1


@pytest.mark.parametrize("keys, words", [
    ("trigger = id:4840d6", "no 'path'"),
    ("path = x\ntrigger = loud", "expected command, undecoded, clipping"),
    ("path = x\ntrigger = event:fire", "there is no [event fire]"),
    ("path = x\ntrigger = protocol:gsm", "gsm"),
    ("path = x\nname = a/{time}", "without a folder"),
    ("path = x\nname = {date}", "{time}"),
    ("path = x\nseconds = 0", "1 to 3600"),
    ("path = x\nreceiver = attic", "attic"),
])
def test_wrong_keys_are_told(tmp_path, air, keys, words):
    conf = tmp_path / "c.conf"
    conf.write_text(hz.conf(air) + "[listen control]\ntype = unix\npath = /tmp/none4\n[capture c]\n" + keys + "\n")
    hz.one_line(hz.run("check", "-c", conf), 2, f"{conf}:", words)


def test_check_tells_the_memory(tmp_path, air):
    conf = tmp_path / "c.conf"
    conf.write_text("[receiver roof]\nsource = rtlsdr\nrate = 2400k\ncentre = 1090M\n[channel a]\ndecoder = adsb\n[listen control]\ntype = unix\n"
                    "path = /tmp/none4\n[capture c]\npath = x\n[capture d]\npath = x\nmemory = 48M\n")
    done = hz.run("check", "-c", conf)
    assert done.returncode == 0, done.stderr
    assert "161 MiB" in done.stdout.decode() and "48 MiB: 10.5 of 35 s" in done.stdout.decode()
