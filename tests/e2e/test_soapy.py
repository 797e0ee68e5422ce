"""The daemon on the virtual radio (tests/soapy): the real SoapySDR, real sockets, faults on purpose."""
import json
import os
import signal
import subprocess
import sys
import time

import pytest

import hz
from test_dongle import Crowd, is_message, moved, state_is

sys.path.insert(0, str(hz.ROOT / "tests/usb"))
from control import Control  # noqa: E402

MODULES = hz.ROOT / "build/soapy"
RATE = 2_400_000

CONF = """
[receiver roof]
source = soapy
device = driver=hertzd-test
rate = 2400k
centre = 1090M
{}
[channel 1090]
decoder = adsb
"""


@pytest.fixture(autouse=True)
def radio():
    if not (MODULES / "radio.so").exists():
        pytest.skip("the virtual radio was not built: make virtual-radio")


def environment(tmp, capture, **more):
    return {"SOAPY_SDR_PLUGIN_PATH": str(MODULES), "HZ_SOAPY_PLAY": str(capture), "HZ_SOAPY_CONTROL": str(tmp / "radio"),
            **more}


class Station:
    """hertzd on the virtual radio, a client of its lines, and the radio's control socket."""

    def __init__(self, tmp, capture, keys="", before=(), **env):
        self.tmp, self.before = tmp, before
        self.daemon = hz.Daemon(CONF.format(keys), env=environment(tmp, capture, **env))

    def __enter__(self):
        self.d = self.daemon.__enter__()
        self.crowd = Crowd(self.d.tcp, 1)
        hz.wait((self.tmp / "radio").exists)
        self.radio = Control(self.tmp / "radio")
        for line in self.before:
            self.radio.tell(line)
        return self

    def heard(self, samples=0):
        """Waits until a message so far into the stream."""
        return self.crowd.wait(lambda r: is_message(r) and r["sample"] > samples)[1]

    def receiver(self):
        return self.d.rpc.result("receivers")[0]

    def gaps(self):
        return [r for r in self.crowd.all(kind="gap") if "channel" not in r]

    def __exit__(self, *exc):
        self.crowd.stop()
        self.daemon.__exit__(*exc)


def places(found, length):
    """Where in the recording each message stands, by its contents."""
    out = {}
    for r in found:
        out.setdefault(r["raw"], []).append(r["sample"] % length)
    return out


@pytest.mark.plain
def test_messages_stand_where_the_recording_has_them(tmp_path, capture):
    """By the native format and by each other; reads may be short."""
    length = capture.stat().st_size // 2
    want = {r["raw"]: r["sample"] for r in hz.decode("-d", "adsb", capture)[0] if r["kind"] == "message"}
    for keys, native, full, taken, format in (("", "CS16", 32767, "CS16", "cs16"), ("", "CS8", 128, "CS8", "cs8"),
                                              ("", "CS16", 2048, "CF32", "cf32"), ("format = cf32", "CS16", 32768, "CF32", "cf32")):
        folder = tmp_path / f"{keys[-4:]}{native}{full}"
        folder.mkdir()
        with Station(folder, capture, keys, before=["read 777"], HZ_SOAPY_NATIVE=native, HZ_SOAPY_FULL=str(full)) as s:
            s.heard(1.1 * length)
            found = places(s.crowd.all(kind="message"), length)
            assert len(found) > 0.9 * len(want)
            off = {raw for raw in found for p in found[raw] if raw in want and abs(p - want[raw]) > 1}
            info, radio = s.receiver(), s.radio.state()
            assert len(off) <= 0.02 * len(want) or info["gaps"], off
            assert (radio["format"], info["format"], info["device"]) == (taken, format, "Test Radio, SoapySDR's driver hertzd-test")
            assert -40 < info["level_dbfs"] < 0, info
            assert radio["dc"] is True and radio["automatic"] is True


@pytest.mark.plain
@pytest.mark.parametrize("order", ["lose", "drop", "corrupt"])
def test_a_loss_is_placed_by_the_timestamps_to_the_sample(tmp_path, capture, order):
    """An overflow, a loss without a code that only the timestamps show, a corrupt packet."""
    length = capture.stat().st_size // 2
    with Station(tmp_path, capture) as s:
        s.heard(length)
        s.radio.tell(f"{order} 123457")
        _, gap = s.crowd.wait(lambda r: r["kind"] == "gap" and "channel" not in r)
        s.heard(gap["sample"] + gap["samples"] + length)
        info, radio = s.receiver(), s.radio.state()
    gaps = s.gaps()
    exact = [r for r in gaps if "sigma_samples" not in r]
    # a busy machine is late on its own, which the radio counts; also before the client was there
    assert info["lost_samples"] == radio["lost"] or len(exact) < len(gaps) or info["gaps"] > len(gaps), (gaps, info, radio)
    assert 123457 in [r["samples"] for r in exact] and "the driver lost them" in gap["reason"]
    assert info["capture"]["overflows"] == radio["overflows"] + (order == "drop"), (info, radio)
    found = s.crowd.all(kind="message")
    end = gap["sample"] + gap["samples"]
    assert not [r for r in found if gap["sample"] - 288 < r["sample"] < end], "a message spans the gap"
    after, off = moved(found, gap, length)
    assert len(after) > 100 and not off, (len(after), len(off), gap)


@pytest.mark.plain
@pytest.mark.parametrize("time_is", ["off", "double"])
def test_without_good_timestamps_the_clock_measures_a_loss(tmp_path, capture, time_is):
    """Drivers that have none, and one whose timestamps run at twice the rate."""
    with Station(tmp_path, capture, HZ_SOAPY_TIME=time_is) as s:
        s.heard(4 * RATE)
        s.radio.tell("lose 400000")

        def told():
            gaps = [r for r in s.gaps() if "sigma_samples" in r]
            lost = s.radio.state()["lost"]
            near = max(0.01 * lost, 4 * sum(r["sigma_samples"] for r in gaps))
            return gaps and abs(sum(r["samples"] for r in gaps) - lost) < near
        hz.wait(told)
        assert s.receiver()["capture"]["overflows"] == s.radio.state()["overflows"]
        assert all("sigma_samples" in r for r in s.gaps())


FAULTS = [
    ("silence", ["silence on"], ("stalled",), ["silence off"], ""),
    ("error", ["error"], ("lost",), [], "stopped delivering"),
    ("unplug", ["unplug"], ("lost",), ["plug"], "finds no device"),
]


@pytest.mark.parametrize("name,breaks,states,mends,words",
                         [pytest.param(*f, id=f[0], marks=[] if f[0] == "unplug" else [pytest.mark.plain]) for f in FAULTS])
def test_fault_heals(tmp_path, capture, name, breaks, states, mends, words):
    with Station(tmp_path, capture) as s:
        s.heard()
        before = s.receiver()
        broken = time.monotonic()
        for line in breaks:
            s.radio.tell(line)
        s.crowd.wait(state_is(*states), after=broken)
        s.crowd.wait(lambda r: state_is("backoff", "lost")(r) and words in r["reason"], after=broken)
        mended = time.monotonic()
        for line in mends:
            s.radio.tell(line)
        streaming, _ = s.crowd.wait(state_is("streaming"), after=broken)
        back, _ = s.crowd.wait(is_message, after=streaming)
        print(f"{name}: {back - mended:.2f} s")
        after = s.receiver()
        # once, unless the machine is so busy that it was opened before the fault was mended
        opens = after["opens"] - before["opens"]
        assert opens >= 1 and after["failures"] >= before["failures"] + opens
        assert after["epoch"] == before["epoch"] + opens and s.radio.state()["opens"] == after["opens"]


def ctl(s, *args):
    return subprocess.run([hz.CTL, *args, "--socket", s.d.sock], capture_output=True, text=True)


@pytest.mark.plain
def test_settings_reach_the_driver_and_change_while_it_streams(tmp_path, capture):
    keys = ("antenna = HF\ngain = LNA 16, VGA 20\nppm = 3\ntuner_bandwidth = 2M\nsettings = biastee=true\n"
            "stream = buffers=7\nformat = cs8")
    with Station(tmp_path, capture, keys) as s:
        s.heard()
        radio = s.radio.state()
        assert (radio["antenna"], radio["stages"], radio["automatic"]) == ("HF", {"LNA": 16, "VGA": 20}, False)
        assert (radio["ppm"], radio["bandwidth"], radio["rate"], radio["frequency"]) == (3, 2e6, RATE, 1090e6)
        assert (radio["settings"], radio["stream"], radio["format"]) == ({"biastee": "true"}, "buffers=7", "CS8")
        info = s.receiver()
        assert (info["gain_db"], info["gain_stages"], info["input"]) == (36, "LNA 16, VGA 20", "driver=hertzd-test")
        assert "gain LNA 16, VGA 20" in ctl(s, "gain", "roof").stdout
        for args, words in ((["gain", "roof", "LNA=24,VGA=8"], "gain LNA 24, VGA 8"), (["gain", "roof", "62"], "gain 62.0 dB"),
                            (["gain", "roof", "auto"], "gain auto"), (["ppm", "roof", "-7"], "ppm -7"),
                            (["tune", "roof", "1090.1M"], "1090.1 MHz")):
            done = ctl(s, *args)
            assert done.returncode == 0 and words in done.stdout, done
        radio = s.radio.state()
        assert (radio["stages"], radio["gain"], radio["automatic"]) == ({"LNA": 24, "VGA": 8}, 62, True)
        assert (radio["ppm"], radio["frequency"], radio["opens"]) == (-7, 1090.1e6, 1)
        for args, words in ((["gain", "roof", "LNA 50"], "LNA 0 to 40, VGA 0 to 62"), (["gain", "roof", "MIX 5"], "LNA 0 to 40"),
                            (["gain", "roof", "150"], "from 0 to 102"), (["gain", "roof", "loud"], "expected auto, dB"),
                            (["bias", "roof", "on"], "settings ="), (["tune", "roof", "7000M", "--force"], "1 to 6000 MHz")):
            done = ctl(s, *args)
            assert done.returncode != 0 and words in done.stderr, done
        info = s.receiver()
        assert (info["centre_hz"], info["gain_db"], info["opens"]) == (1090.1e6, "auto", 1)
        explained = (hz.ROOT / "docs/control.md").read_text()
        assert [f for f in [*info, *info["capture"]] if f"`{f}`" not in explained] == []
        # a gain by stage that the file changes is set while it streams
        epoch = info["epoch"]
        s.d.write(CONF.format(keys.replace("VGA 20", "VGA 30")))
        s.d.rpc.result("reload")
        hz.wait(lambda: s.radio.state()["stages"] == {"LNA": 16, "VGA": 30})
        assert (s.receiver()["opens"], s.receiver()["epoch"]) == (1, epoch)


@pytest.mark.plain
@pytest.mark.parametrize("keys,env,words", [
    ("antenna = Y", {}, "antenna = Y: the device has RX, HF"),
    ("gain = MIX 5", {}, "or by stage: LNA 0 to 40, VGA 0 to 62"),
    ("", {"HZ_SOAPY_NO_AGC": "1"}, "gain = auto, which the device does not have"),
    ("rx_channel = 1", {}, "the device has 1, counted from 0"),
    ("settings = lights=on", {}, "refused the setting lights = on"),
    ("device = driver=hertzd-test,serial=9", {}, "SoapySDR finds 1 other"),
    ("", {"HZ_SOAPY_BUSY": "1"}, "cannot be opened: in use"),
    ("", {"SOAPY_SDR_PLUGIN_PATH": "/nowhere"}, "has no drivers: install"),
], ids=["antenna", "stage", "no_agc", "input", "setting", "other", "busy", "no_driver"])
def test_what_cannot_be_opened_says_what_there_is(tmp_path, capture, keys, env, words):
    conf = CONF.format(keys)
    if "device =" in keys:
        conf = conf.replace("device = driver=hertzd-test\n", "", 1)
    with hz.Daemon(conf, env={**environment(tmp_path, capture), **env}) as d:
        reason = hz.wait(lambda: d.rpc.result("receivers")[0]["last_error"])
        assert words in reason, reason
        assert d.rpc.result("receivers")[0]["state"] in ("backoff", "opening")


@pytest.mark.plain
def test_a_rate_that_the_device_does_not_have_and_one_that_is_not_given(tmp_path, capture):
    conf = CONF.format("").replace("2400k", "1M").replace("decoder = adsb", "decoder = acars\nfrequency = 131.725M").replace("1090M", "131.7M")
    with hz.Daemon(conf, env=environment(tmp_path, capture)) as d:
        assert "the device has 2 to 20 million" in hz.wait(lambda: d.rpc.result("receivers")[0]["last_error"])
    (tmp_path / "c").write_text(CONF.format("").replace("rate = 2400k\n", ""))
    hz.one_line(hz.run("check", "-c", tmp_path / "c"), 2, "rate", "rate = 2M")


@pytest.mark.plain
def test_without_soapysdr_the_error_names_the_package(tmp_path, capture):
    (tmp_path / "libSoapySDR.so.0.8").write_bytes(b"")
    with hz.Daemon(CONF.format(""), env=environment(tmp_path, capture, LD_LIBRARY_PATH=str(tmp_path))) as d:
        assert "install libsoapysdr0.8" in hz.wait(lambda: d.rpc.result("receivers")[0]["last_error"])
        program = os.readlink(f"/proc/{d.process.pid}/exe")
    needs = subprocess.run(["readelf", "-d", program], capture_output=True, text=True, check=True).stdout
    assert "SoapySDR" not in needs, "it would be loaded at each start"


@pytest.mark.plain
def test_decode_takes_a_device_for_a_while_or_until_it_is_interrupted(tmp_path, capture):
    env = {**os.environ, **environment(tmp_path, capture)}
    device = ["decode", "-d", "adsb", "-r", "2400k", "-f", "1090M", "--set", "gain=LNA 8, VGA 4", "soapy:driver=hertzd-test"]
    done = hz.run(*device, "--seconds", "1", env=env)
    records = [hz.checked(l) for l in done.stdout.splitlines(keepends=True)]
    assert done.returncode == 0 and len(records) > 200 and {r["receiver"] for r in records} == {"soapy"}, done.stderr
    assert max(r["sample"] for r in records) < 1.1 * RATE
    p = subprocess.Popen([hz.BIN, *device], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env)
    try:
        assert json.loads(p.stdout.readline())["kind"] == "message"
        assert Control(tmp_path / "radio").state()["stages"] == {"LNA": 8, "VGA": 4}
        p.send_signal(signal.SIGINT)
        _, told = p.communicate(timeout=hz.PATIENCE)
        assert p.returncode == 0 and b" messages" in told, told
    finally:
        p.kill()
        p.communicate()
    for args, words in ((["soapy:"], "-r RATE"), (["-r", "2M", "-f", "1090M", "--set", "gain=x", "soapy:"], "gain = 'x'"),
                        (["-r", "2M", "-f", "1090M", "-t", "cs8", "soapy:"], "--set format="), (["--seconds", "3", capture], "soapy:")):
        hz.one_line(hz.run("decode", *args, env=env), 2, words)
    hz.one_line(hz.run("decode", "-r", "2M", "-f", "1090M", "soapy:driver=hertzd-test,serial=9", env=env), 1, "SoapySDR finds")
