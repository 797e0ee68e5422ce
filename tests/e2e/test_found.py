"""What a receiver finds out by itself (docs/receivers.md, "Gain and crystal by themselves"): the gain
at which most is decoded, and the error of its crystal. The long curves are in the unit tests
test_gain_search and test_crystal; here it is the real binary, with the simulator and with the real
librtlsdr on the virtual dongle."""
import json
import subprocess
import sys

import hz
import pytest
from hz import wait

sys.path.insert(0, str(hz.ROOT / "tests/usb"))
from control import Control  # noqa: E402

USB = hz.ROOT / "build/usb"
BUSY_S = 4 * hz.PATIENCE  # a minute of a simulated band, on a machine that has other work
SCENE_PPM = 2.5  # the simulated port's receiver is so much fast by itself

SEA = """
[hertzd]
state_dir = {folder}
[receiver sea]
source = sim
scene = vhf
crystal = {crystal}
drift = {drift}
pace = max
ppm = {ppm}
gain = {gain}
[channel ais]
decoder = ais
"""


def ctl(d, *words):
    done = subprocess.run([hz.CTL, *words, "--socket", d.sock], capture_output=True, text=True, timeout=hz.PATIENCE)
    assert done.returncode == 0, done.stderr
    return done.stdout


def receiver(d):
    return d.rpc.result("receivers")[0]


def kept(folder):
    return json.loads((folder / "sea.tuning.json").read_text())


@pytest.mark.plain
def test_crystal_and_gain_are_found(tmp_path):
    """18 ppm off and drifting 1 ppm a minute, from a gain at which little is decoded."""
    (tmp_path / "sea.tuning.json").write_text(json.dumps({"device": "", "gain_db": 0.9}))

    def off(r):
        truth = 18 + SCENE_PPM + r["air_s"] / 60
        return abs(r["ppm_found"].get("ppm", 0) - truth)

    def found(r):
        at = r.get("ppm_found", {})
        return at.get("from") == "carriers" and at["sigma"] < 1 and off(r) < 1

    with hz.Daemon(SEA.format(folder=tmp_path, crystal=18, drift=1, ppm="auto", gain="best")) as d:
        wait(lambda: max((g["gain_db"] for g in receiver(d).get("gain_tried", [])), default=0) > 14, BUSY_S)
        wait(lambda: found(receiver(d)), BUSY_S)
        wait(lambda: (tmp_path / "sea.tuning.json").exists() and "ppm" in kept(tmp_path))
        assert 17 <= receiver(d)["ppm"] < 60
        told = ctl(d, "ppm", "sea")
        assert told.startswith("sea: ppm +") and "by the carriers" in told
        told = ctl(d, "gain", "sea")
        assert "best: " in told and "messages a minute" in told
        r = receiver(d)
        assert r["gaps"] == 0 and r["epoch"] == 1 and r["reason"] == ""  # no step cost samples, or was told
    was = kept(tmp_path)
    assert 17 < was["ppm"] < 60 and 0 < was["ppm_sigma"] < 1
    with hz.Daemon(SEA.format(folder=tmp_path, crystal=18, drift=0, ppm="auto", gain=30)) as d:
        r = receiver(d)
        assert r["ppm"] == round(was["ppm"]) and r["gain_db"] == 30
        assert "gain_why" not in r


@pytest.mark.plain
@pytest.mark.parametrize("crystal", [80, -80])
def test_a_crystal_that_is_80_ppm_off_is_found_within_1_ppm(tmp_path, crystal):
    """So far off nothing is decoded: first the clock brings the carriers within reach, then they count."""
    with hz.Daemon(SEA.format(folder=tmp_path, crystal=crystal, drift=0, ppm="auto", gain=30)) as d:
        def found():
            at = receiver(d).get("ppm_found", {})
            return at if at.get("from") == "carriers" and at["sigma"] < 0.8 else None

        at, r = wait(found, BUSY_S), receiver(d)
        assert abs(at["ppm"] - crystal - SCENE_PPM) < 1
        assert abs(r["ppm"] - crystal - SCENE_PPM) < 4  # the dongle's part; the channels have the rest
        assert (r["gaps"], r["opens"], r["reason"]) == (0, 1, "")
        assert "by the clock" in d.stderr()
        wait(lambda: abs(receiver(d).get("ppm_heard", 9)) < 1, BUSY_S)


def test_what_is_set_by_hand_ends_the_search(tmp_path):
    with hz.Daemon(SEA.format(folder=tmp_path, crystal=0, drift=0, ppm=0, gain="auto")) as d:
        assert receiver(d)["gain_db"] == "auto" and "ppm_found" not in receiver(d)
        # the gain that the automatic control has, or already the step next to it where the search begins
        assert ctl(d, "gain", "sea", "best").startswith(("sea: gain 38.0 dB", "sea: gain 38.6 dB"))
        assert ctl(d, "ppm", "sea", "auto").startswith("sea: ppm +0")
        wait(lambda: "gain_why" in receiver(d) and "ppm_why" in receiver(d))
        ctl(d, "gain", "sea", "25.4")
        ctl(d, "ppm", "sea", "3")
        r = receiver(d)
        assert r["gain_db"] == 25.4 and r["ppm"] == 3
        assert "gain_why" not in r and "ppm_why" not in r
        answer = d.rpc.ask("gain", receiver="sea", value="loudest")
        assert '"best" or "auto"' in answer["error"]["message"]
        answer = d.rpc.ask("tune", receiver="sea", value=162e6)
        assert "source = sim" in answer["error"]["message"]


DONGLE = """
[hertzd]
state_dir = {folder}
[receiver roof]
source = rtlsdr
rate = 1024k
centre = 162M
ppm = auto
gain = best
[channel ais]
decoder = ais
"""


def test_dongle_begins_with_what_was_found_and_leaves_a_gain_that_clips(tmp_path):
    if not (USB / "libusb-1.0.so.0").exists():
        pytest.skip("the virtual dongle was not built: make virtual-dongle")
    samples, control, folder = tmp_path / "loud.cu8", tmp_path / "usb", tmp_path / "state"
    samples.write_bytes(bytes((0, 255, 128, 127)) * (1 << 18))
    folder.mkdir()
    env = {"LD_LIBRARY_PATH": str(USB), "HZ_USB_DONGLES": "1", "HZ_USB_PLAY": str(samples),
           "HZ_USB_CONTROL": str(control)}
    conf = DONGLE.format(folder=folder)
    with hz.Daemon(conf, env=env) as d:
        wait(lambda: receiver(d)["state"] == "streaming")
        device = receiver(d)["device"]
    (folder / "roof.tuning.json").write_text(
        json.dumps({"device": device, "gain_db": 49.6, "ppm": 42.3, "ppm_sigma": 0.2}))
    with hz.Daemon(conf, env=env) as d:
        usb = Control(control)
        dongle = lambda: usb.state()["dongles"][0]
        wait(lambda: receiver(d)["state"] == "streaming")
        assert dongle()["ppm"] == 42 and receiver(d)["ppm_found"]["from"] in ("recalled", "clock")
        wait(lambda: dongle()["gain_db"] < 44)  # 6 dB less, within seconds
        assert any(g.get("clips") for g in receiver(d)["gain_tried"])
        assert "clipped" in receiver(d)["gain_why"]
    (folder / "roof.tuning.json").write_text(
        json.dumps({"device": "another one", "gain_db": 49.6, "ppm": 42.3, "ppm_sigma": 0.2}))
    with hz.Daemon(conf, env=env) as d:
        wait(lambda: "another device" in d.stderr())
        wait(lambda: abs(Control(control).state()["dongles"][0]["ppm"]) < 20)
