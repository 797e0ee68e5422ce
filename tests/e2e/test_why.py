"""hertzctl why: each verdict on a station that has that fault. The faults are those of the simulator
(sim/fault.c, sim/front.c), so what is wrong is known; the real daemon and the real hertzctl find it out."""
import json
import subprocess

import pytest

import hz

USB = hz.ROOT / "build/usb"
pytestmark = pytest.mark.plain

# channels of the scenes "vhf" and "mix", by name
CHANNELS = {
    "ais1": "decoder = ais\nfrequency = 161.975M",
    "ais2": "decoder = ais\nfrequency = 162.025M",
    "empty": "decoder = ais\nfrequency = 162.2M",
    "voice": "decoder = nfm\nfrequency = 161.6M",
    "deep": "decoder = nfm\nfrequency = 161.6M\nsquelch = 40",
    "off": "decoder = nfm\nfrequency = 161.7M\nsquelch = 0",
    "hum": "decoder = nfm\nfrequency = 161.975M",
    "mistaken": "decoder = ais\nfrequency = 161.6M",
    "vdl2": "decoder = vdl2\nfrequency = 163M",
    "adsb": "decoder = adsb",
}


def key(fault):
    """The line of the simulator's section: a fault by its name, or a key of its own with its value."""
    return f"{fault}\n" if fault and "=" in fault else f"fault = {fault}\n" if fault else ""


def conf(scene, fault, channels, more=""):
    text = f"[receiver air]\nsource = sim\nscene = {scene}\n" + key(fault) + more
    return text + "".join(f"[channel {name}]\n{CHANNELS[name]}\n" for name in channels)


def why(d, *args, code=None, seconds=2):
    """What is found of each channel, by its name; the exit code is held to the verdicts."""
    done = subprocess.run([hz.CTL, "why", *args, "--json", "--seconds", str(seconds), "--socket", d.sock],
                          capture_output=True, text=True, timeout=hz.PATIENCE)
    assert done.stderr == "", done
    found = {c["channel"]: c for c in json.loads(done.stdout)}
    wrong = any(v["severity"] == "wrong" for c in found.values() for v in c["verdicts"])
    assert done.returncode == wrong, done
    assert code is None or done.returncode == code
    for c in found.values():
        assert 0 < len(c["verdicts"]) and all(v["what"] for v in c["verdicts"])
        assert all(v["remedy"] for v in c["verdicts"] if v["severity"] == "wrong")
    return found


WELL = {"receives", "received"}


def codes(channel):
    """What speaks against it."""
    return [v["code"] for v in channel["verdicts"] if v["code"] not in WELL | {"nobody"}]


def begin(d, seconds):
    """Waits until so much of the scene is over."""
    def there():
        r = d.rpc.result("receivers")[0]
        return "level_dbfs" in r and r["samples"] >= seconds * r["rate_hz"]
    hz.wait(there)


# Scene and fault; where in the scene the look begins, and for how long it is, in seconds; of each
# channel what speaks against it, and figures that must hold. The voice talks from 2.7 to 7 s.
SCENES = [
    ("vhf", None, 3.2, 2, {
        "ais1": ([], lambda f: f["messages"] > 0 and f["snr_db"] > 8),
        "empty": (["no_signal"], lambda f: f["over_db"] < 2 and f["band_over_db"] > 20),
        "voice": ([], lambda f: f["open"] > 0),
        "deep": (["squelch_closed"], lambda f: f["open"] == 0 and 10 < f["over_db"] < 30),
        "off": (["squelch_off"], lambda f: f["open"] == 1),
        "mistaken": (["no_preamble"], lambda f: f["over_db"] > 10 and f["messages"] == 0)}),
    ("vhf", "silent", 0.5, 1, {"ais1": (["empty_band"], lambda f: f["band_over_db"] < 8)}),
    ("vhf", "deaf", 0.5, 1, {"ais1": (["low_gain"], lambda f: f["noise_dbfs"] < -43)}),
    ("vhf", "clipping", 0.5, 1, {"ais1": (["clipping"], lambda f: f["clip_percent"] > 50)}),
    ("vhf", "weak", 1, 6, {
        "ais2": (["crc_level"], lambda f: f["failed"] >= 3 and f["failed_snr_db"] < 3),
        "voice": (["squelch_closed"], lambda f: 2 < f["over_db"] < 8)}),
    ("mix", "weak", 0.5, 3, {"vdl2": (["too_weak"], lambda f: 2 < f["over_db"] < 10)}),
    ("vhf", "crystal = -75", 0.5, 2, {"ais1": (["off_frequency"], lambda f: abs(f["beside_hz"] - 12100) < 1000)}),
    ("vhf", "collisions", 0.5, 3, {
        "ais1": (["collisions"], lambda f: f["failed_snr_db"] > 10 and abs(f["failed_offset_hz"]) < 1500)}),
    ("vhf", "carrier", 0.5, 1, {
        "ais1": (["bare_carrier"], lambda f: f["width_hz"] < 1000 and f["always_over_db"] > 15),
        "hum": (["squelch_open"], lambda f: f["open"] == 1 and f["width_hz"] < 1000)}),
    ("vhf", "filter", 0.5, 1, {"ais1": (["uneven_band"], lambda f: f["uneven_db"] >= 7)}),
    ("vhf", "overload", 0.5, 2, {"ais1": (["overload"], lambda f: f["noise_moved_db"] > 3)}),
    ("aircraft", None, 0.5, 1, {"adsb": ([], lambda f: f["messages"] > 20)}),
    ("aircraft", "silent", 0.5, 1, {"adsb": (["empty_band"], lambda f: f["messages"] == 0)}),
    ("aircraft", "clipping", 0.5, 1, {"adsb": (["clipping", "crc_fails"], lambda f: f["refused"] > 20)}),
]


@pytest.mark.parametrize("scene, fault, start, seconds, wanted", SCENES, ids=[f"{s[0]}-{s[1]}" for s in SCENES])
def test_each_fault_has_its_verdict(scene, fault, start, seconds, wanted):
    with hz.Daemon(conf(scene, fault, wanted)) as d:
        begin(d, start)
        found = why(d, seconds=seconds)
        for name, (expected, figures) in wanted.items():
            assert codes(found[name]) == expected, (name, found[name])
            assert figures(found[name]["figures"]), (name, found[name])
            if not expected:
                assert WELL & {v["code"] for v in found[name]["verdicts"]}, found[name]


def hopping(plan):
    return f"[receiver air]\nsource = sim\nscene = aircraft\nplan = {plan}\n" + "".join(
        f"[channel {name}]\n{CHANNELS[name]}\n" for name in ("adsb", "ais1", "empty"))


def test_a_channel_whose_band_is_away_is_not_judged():
    with hz.Daemon(hopping("1090M 60s, 162.4M 1s")) as d:
        begin(d, 0.5)
        found = why(d, seconds=2, code=0)
        for name in "ais1", "empty":
            figures = found[name]["figures"]
            assert [v["code"] for v in found[name]["verdicts"]] == ["away"], found[name]
            assert 50 < figures["next_s"] < 60 and figures["coverage"] == 0 and found[name]["seconds"] == 0
        assert codes(found["adsb"]) == ["hops"] and found["adsb"]["figures"]["messages"] > 20
        assert found["adsb"]["figures"]["coverage"] > 0.8 and "next_s" not in found["adsb"]["figures"]


def test_a_channel_is_judged_by_the_time_in_which_its_band_was_tuned():
    with hz.Daemon(hopping("1090M 1s, 162.4M 3s")) as d:
        begin(d, 0.5)
        found = why(d, seconds=8, code=0)
        assert codes(found["adsb"]) == ["hops"] and found["adsb"]["figures"]["messages"] > 20
        assert codes(found["ais1"]) == ["hops"] and found["ais1"]["figures"]["messages"] > 0
        assert codes(found["empty"]) == ["no_signal", "hops"] and found["empty"]["figures"]["over_db"] < 2
        sky, sea = found["adsb"], found["ais1"]
        assert sky["seconds"] > 0.9 and sea["seconds"] > 2.5 and sky["figures"]["looked_s"] >= 8
        assert sky["seconds"] + sea["seconds"] <= sky["figures"]["looked_s"] + 0.5  # a dwell is counted block by block
        assert 0.1 < sky["figures"]["coverage"] < sea["figures"]["coverage"] < 0.9
        printed = subprocess.run([hz.CTL, "why", "ais1", "--seconds", "1", "--socket", d.sock], capture_output=True, text=True)
        assert "channel ais1 (ais, 161.9750 MHz, of air)" in printed.stdout and "its receiver hops" in printed.stdout


def test_the_crystal_by_the_carriers_of_messages():
    """Some messages tell of a channel that is off; twenty of a receiver, and then its ppm is known."""
    with hz.Daemon(conf("vhf", "crystal = -25", ["ais1", "ais2"], "pace = max\n")) as d:
        hz.wait(lambda: "ppm_heard" in d.rpc.result("receivers")[0])
        found = why(d, "ais1", seconds=1)
        assert list(found) == ["ais1"] and codes(found["ais1"]) == ["ppm"]
        # the simulator's own crystal is 2.5 ppm fast, and its ships are as wrong as real ones
        assert abs(found["ais1"]["figures"]["ppm_heard"] + 22.5) < 1.5


def test_who_gets_the_messages():
    with hz.Daemon(conf("aircraft", None, ["adsb"])) as d:
        begin(d, 1)
        told = lambda: {v["code"]: v["severity"] for v in why(d, seconds=1)["adsb"]["verdicts"]}
        assert told() == {"nobody": "note", "receives": "well"}
        client = hz.Lines(d.tcp)
        client.until(lambda r: r["kind"] == "message")
        assert told() == {"receives": "well"}
        client.send({"subscribe": {"protocol": ["ais"]}})
        hz.wait(lambda: any(c["filter"] for c in d.rpc.result("clients")))
        assert told() == {"nobody": "note", "receives": "well"}
        client.close()


def test_words_for_people_and_wrong_words():
    with hz.Daemon(conf("vhf", "clipping", ["ais1", "ais2"])) as d:
        begin(d, 0.5)
        ctl = lambda *args: subprocess.run([hz.CTL, "why", *args, "--socket", d.sock], capture_output=True, text=True,
                                           timeout=hz.PATIENCE)
        done = ctl("--seconds", "1")
        assert (done.returncode, done.stderr) == (1, "")
        lines = done.stdout.splitlines()
        assert lines[0] == "receiver air (161.8500 MHz, 1.536 MHz wide)"
        assert lines[1].startswith("  wrong: clipping: ") and lines[2].startswith("      Lower the gain")
        assert [l for l in lines if l.startswith("channel ")] == [
            "channel ais1 (ais, 161.9750 MHz, of air)", "channel ais2 (ais, 162.0250 MHz, of air)"]
        assert done.stdout.count("clipping: ") == 1, "what is of the receiver is told once"
        done = ctl("ais3")
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == "hertzctl: why: there is no channel 'ais3', did you mean 'ais1'?\n"


@pytest.mark.skipif(not (USB / "libusb-1.0.so.0").exists(), reason="the virtual dongle was not built: make virtual-dongle")
def test_a_dongle_that_is_another_one(tmp_path):
    env = {"LD_LIBRARY_PATH": str(USB), "HZ_USB_DONGLES": "1"}
    with hz.Daemon("[receiver roof]\nsource = rtlsdr\ndevice = 00000099\n[channel 1090]\ndecoder = adsb\n", env=env) as d:
        hz.wait(lambda: "00000099" in d.rpc.result("receivers")[0]["reason"])
        (verdict,) = why(d, seconds=1, code=1)["1090"]["verdicts"]
        assert (verdict["code"], verdict["about"]) == ("wrong_device", "receiver")
        assert "there is 00000" in verdict["what"]
    with hz.Daemon("[receiver roof]\nsource = rtlsdr\n[channel 1090]\ndecoder = adsb\n", env={**env, "HZ_USB_DONGLES": "0"}) as d:
        hz.wait(lambda: "plugged in" in d.rpc.result("receivers")[0]["reason"])
        (verdict,) = why(d, seconds=1, code=1)["1090"]["verdicts"]
        assert verdict["code"] == "no_samples" and "no RTL-SDR dongle is plugged in" in verdict["what"]
