"""Many channels out of one band: recordings, the simulator and the control socket."""
import json
import struct
import subprocess
import wave

import hz
import pytest

SCENE = "lab/scene_162.4M_2400k.cu8"
AIS = ("161.975M", "162.025M")
LEVELS = ("rssi_dbfs", "noise_dbfs", "snr_db")


def frames(name, shared):
    return [json.loads(l) for l in (shared / name).read_text().splitlines()]


def body(record):
    """What a message says, whatever its number and its channel's name; levels apart."""
    skip = ("seq", "channel", *LEVELS)
    return {k: v for k, v in record.items() if k not in skip}, [record[k] for k in LEVELS]


def test_together_as_alone(shared):
    """Nine transmitters in one band: each channel gives what it gives alone. One or two channels
    are cut out of a part of the band, which is 75 dB the same: levels may round the other way."""
    together, _ = hz.decode("-d", "ais", shared / SCENE)
    sent = [t["hex"].lower() for t in frames(SCENE.replace("cu8", "jsonl"), shared)
            if t["protocol"] == "ais"]
    assert sorted(r["raw"] for r in together) == sorted(sent) and len(sent) == 74
    for freq in AIS:
        alone, _ = hz.decode("-d", f"ais@{freq}", shared / SCENE)
        same = [r for r in together if r["freq_hz"] == float(freq[:-1]) * 1e6]
        assert len(alone) == len(same) > 30
        for a, b in zip(map(body, alone), map(body, same)):
            assert a[0] == b[0]
            assert all(abs(x - y) < 0.11 for x, y in zip(a[1], b[1])), (a, b)


def test_same_bytes_for_any_workers_and_blocks(shared):
    first = None
    for workers, block in ((1, 131072), (2, 131072), (4, 1000), (2, 77777)):
        done = hz.run("decode", "-w", workers, "-b", block, shared / SCENE)
        assert done.returncode == 0, done.stderr
        assert first in (None, done.stdout)
        first = done.stdout
    assert first.count(b"\n") >= 74


def test_250_squelched_channels_do_not_change_the_others(shared):
    """Most channels are closed nearly always. Those that hear something give what they give among a few."""
    heard = ["nfm@162.4M", "nfm@162.75M", "nfm@163M"]
    closed = [f"nfm@{161.4 + i / 125:.3f}M" for i in range(247)]
    few, _ = hz.decode(*(x for c in heard for x in ("-d", c)), "-d", "nfm@161.3M", shared / SCENE)
    first = None
    for workers, block in ((1, 131072), (2, 131072), (4, 1000)):
        done = hz.run("decode", "-w", workers, "-b", block, *(x for c in heard + closed for x in ("-d", c)),
                      shared / SCENE)
        assert done.returncode == 0, done.stderr
        assert first in (None, done.stdout)
        first = done.stdout
    names = {r["channel"] for r in few}
    many = [r for r in map(json.loads, first.splitlines()) if r["channel"] in names]
    assert len(few) == len(many) >= 3
    assert [body(r) for r in many] == [body(r) for r in few]


@pytest.mark.plain
def test_same_bytes_of_bursts_for_any_workers_and_blocks(shared):
    """Sensors: a channel for each burst, opened where the hunt found it."""
    out = [hz.run("decode", "-w", workers, "-b", block, shared / "lab/toyota-tpms_s5_433.92M_250k.cu8")
           for workers, block in ((1, 131072), (4, 1000))]
    assert out[0].stdout == out[1].stdout
    assert out[0].stdout.count(b"\n") > 20


@pytest.mark.plain
def test_both_fft_libraries_give_the_same_messages(shared):
    """`make FFT=kiss` leaves FFTW out; levels may be rounded the other way."""
    kiss = hz.ROOT / "build/kiss/hertzd"
    if not kiss.exists():
        pytest.skip("build/kiss/hertzd is not built: make FFT=kiss")
    args = ["decode", "-d", "ais", "-d", "nfm@162.4M,squelch=0", shared / SCENE]
    out = [subprocess.run([b, *args], capture_output=True, check=True).stdout for b in (hz.BIN, kiss)]
    ours, theirs = ([body(json.loads(l)) for l in o.splitlines() if b'"ais":' in l] for o in out)
    assert len(ours) == len(theirs) == 74
    for a, b in zip(ours, theirs):
        assert a[0] == b[0] and all(abs(x - y) < 0.11 for x, y in zip(a[1], b[1]))


def test_a_burst_that_two_channels_hear_is_one_line(shared):
    capture = shared / "lab/ais_s10_162M_288k.cu8"
    channels = ("-d", "ais@161.975M", "-d", "ais@161.9755M")
    alone, _ = hz.decode("-d", "ais@161.975M", capture)
    folded, _ = hz.decode(*channels, capture)
    every, _ = hz.decode("--repeats", *channels, capture)
    assert sorted(r["raw"] for r in folded) == sorted(r["raw"] for r in alone)
    both = [r for r in folded if "heard" in r]
    assert len(both) > 0.9 * len(folded)
    assert [h["channel"] for h in both[0]["heard"]] == ["ais", "ais-2"]
    repeats = [r for r in every if r["kind"] == "repeat"]
    assert len(repeats) == len(both) and len(every) == len(folded) + len(repeats)


@pytest.mark.parametrize("name,channel", [("nfm_s20_446M_48k", "nfm@446.00625M"),
                                          ("am_s20_118.69M_48k", "am@118.7M")])
def test_speech_becomes_wav_files(shared, tmp_path, name, channel):
    truth = frames(f"lab/{name}.jsonl", shared)
    records, _ = hz.decode("-d", channel, "--audio", tmp_path / "wavs", shared / f"lab/{name}.cu8")
    files = sorted((tmp_path / "wavs").iterdir())
    assert len(records) == len(files) == len(truth) == 4
    for record, file, sent in zip(records, files, truth):
        own = record[record["protocol"]]
        assert abs(own["duration_s"] - (sent["end"] - sent["t"])) < 0.03
        with wave.open(str(file)) as w:
            assert (w.getnchannels(), w.getsampwidth(), w.getframerate()) == (1, 2, 16000)
            pcm = struct.unpack(f"<{w.getnframes()}h", w.readframes(w.getnframes()))
        assert -0.05 < len(pcm) / 16000 - own["duration_s"] < 0.25
        rms = (sum(v * v for v in pcm) / len(pcm)) ** 0.5
        assert 500 < rms < 15000, rms
        assert sum(abs(v) == 32767 for v in pcm) < 0.01 * len(pcm), "it clips"


def test_only_the_tone_that_is_wanted(shared, tmp_path):
    capture = shared / "lab/nfm_s20_446M_48k.cu8"
    args = ("-d", "nfm@446.00625M,ctcss=186.2", "--audio", tmp_path / "wavs")
    records, _ = hz.decode(*args, capture)
    assert [r["nfm"]["ctcss_hz"] for r in records] == [186.2]
    (file,) = (tmp_path / "wavs").iterdir()
    with wave.open(str(file)) as w:
        assert abs(w.getnframes() / 16000 - records[0]["nfm"]["duration_s"]) < 0.25


def test_a_folder_that_cannot_be(shared, tmp_path):
    (tmp_path / "file").write_text("")
    done = hz.run("decode", "--audio", tmp_path / "file", shared / "lab/nfm_s20_446M_48k.cu8")
    assert done.returncode == 1 and b"expected a folder" in done.stderr


@pytest.mark.parametrize("args,words", [
    (["-d", "ais@163M"], ["163.000000 MHz", "outside", "expected 161.856"]),
    (["-d", "ais,colour=red"], ["'colour'", "squelch"]),
    (["-d", "ais,ctcss=88.5"], ["ctcss", "nfm"]),
    (["-d", "ais,dcs=023N"], ["dcs", "nfm"]),
    (["-d", "nfm@162M,dcs=289"], ["289", "octal", "023N"]),
    (["-d", "nfm@162M,dcs=023N,ctcss=88.5"], ["ctcss", "dcs", "one"]),
    (["-d", "am@162M,bandwidth=31k"], ["31 kHz is too wide", "expected at most 29.9 kHz"]),
    (["-d", "ais,squelch=99"], ["99", "0 to 60"]),
    (["-d", "ais,charset=german"], ["charset", "pocsag"]),
    (["-d", "pocsag@162M,charset=klingon"], ["klingon", "us, british, german"]),
    (["-d", "ais,contents=alpha"], ["contents", "pocsag"]),
    (["-d", "pocsag@162M,contents=letters"], ["letters", "auto, function, alpha, numeric"]),
    (["-d", "ais@162M,bandwidth=100k"], ["100 kHz is too wide", "expected at most 45.9 kHz"]),
])
def test_what_cannot_be_is_told(shared, args, words):
    done = hz.run("decode", *args, shared / "lab/ais_s10_162M_288k.cu8")
    hz.one_line(done, 2, *words)


MIX = "[receiver vhf]\nsource = sim\nscene = mix\npace = realtime\n"


def test_channels_come_and_go_by_request():
    conf = MIX + "[channel ships]\ndecoder = ais\nfrequency = 161.975M\n"
    with hz.Daemon(conf) as d:
        add = {"receiver": "vhf", "name": "more", "decoder": "ais"}
        assert d.rpc.result("add_channel", **add, frequency=162.025e6) == {"added": "more"}
        for params, words in [
            (add, "there is a channel of that name"),
            ({**add, "name": "far", "frequency": 150e6}, "outside the band"),
            ({**add, "name": "wide", "bandwidth": 5e6}, "bandwidth"),
            ({**add, "name": "a b"}, "letters, digits"),
            ({**add, "name": "x", "decoder": "asi"}, "decoder"),
            ({**add, "name": "x", "receiver": "hf"}, "no receiver"),
            ({**add, "name": "x", "decoder": "nfm", "dcs": "8"}, "dcs"),
            ({**add, "name": "x", "dcs": "023N"}, "'dcs' has no meaning with decoder = ais"),
            ({**add, "name": "x", "frequency": "soon"}, "frequency"),
            ({**add, "name": "x", "contents": "alpha"}, "'contents' has no meaning"),
            ({**add, "name": "x", "decoder": "pocsag", "contents": "words"}, "words"),
            ({**add, "name": "x", "freqency": 1}, "unknown key 'freqency' in [channel], did you mean 'frequency'?"),
            ({**add, "name": "x", "ctcss": 88.5}, "'ctcss' has no meaning with decoder = ais"),
            ({**add, "name": "x", "charset": "us"}, "'charset' has no meaning with decoder = ais"),
            ({**add, "name": "x", "decoder": "pocsag", "charset": "klingon"}, "expected one of us, british"),
            ({**add, "name": "x", "keep": "some"}, "keep = 'some': expected one of good, all"),
            ({**add, "name": "x", "keep": True}, "keep: expected a number, a string, or a list of them"),
            ({**add, "name": "x", "squelch": 61}, "squelch = '61'"),
            ({**add, "name": "x", "frequency": 162.025}, "did you mean 162.025M"),
        ]:
            error = d.rpc.ask("add_channel", **params)["error"]
            assert error["code"] == -32602 and words in error["message"], error
        client = hz.Lines(d.tcp)
        client.until(lambda r: r.get("channel") == "more")
        state = {c["name"]: c for c in d.rpc.result("channels")}
        assert state["more"]["state"] == "decoding" and state["more"]["lost_samples"] == 0
        for _ in range(100):
            assert d.rpc.result("remove_channel", channel="more") == {"removed": "more"}
            assert d.rpc.result("add_channel", **add, frequency=162.025e6) == {"added": "more"}
        client.until(lambda r: r.get("channel") == "more")
        client.until(lambda r: r.get("channel") == "ships")
        assert d.rpc.result("remove_channel", channel="more") == {"removed": "more"}
        assert "no channel" in d.rpc.ask("remove_channel", channel="more")["error"]["message"]
        assert [c["name"] for c in d.rpc.result("channels")] == ["ships"]
        assert d.rpc.result("receivers")[0]["spectra"]["made"] > 0
        client.close()
        # every key of a channel's section; what `check` takes is taken
        assert d.rpc.result("add_channel", receiver="vhf", name="pager", decoder="pocsag",
                            frequency="162.75M", charset="german", keep="all", squelch=0,
                            bandwidth=12500, priority=3) == {"added": "pager"}


@pytest.mark.plain
def test_channels_close_together_need_a_part_of_the_band(tmp_path):
    """The part is transformed; the whole band while a channel far away is there, or somebody looks. That changes
    no message: `decode`, with a channel far away from the start, tells the same."""
    path = tmp_path / "port_161.85M_1536k.cu8"
    with open(path, "wb") as f:
        subprocess.run([hz.ROOT / "build/scene", "vhf", "3", "8"], stdout=f, check=True)
    far = {"receiver": "port", "name": "far", "decoder": "nfm", "frequency": 161.2e6, "squelch": 40}
    want, _ = hz.decode("-d", "ais", "-d", "nfm@161.2M,squelch=40", path)
    conf = (f"[receiver port]\nsource = file\npath = {path}\npace = realtime\n"
            "[channel a]\ndecoder = ais\nfrequency = 161.975M\n[channel b]\ndecoder = ais\nfrequency = 162.025M\n")
    with hz.Daemon(conf) as d:
        def wait_for(changes, part):
            hz.wait(lambda: d.rpc.result("receivers")[0].get("spectra", {}).get("changes", 0) >= changes)
            spectra = d.rpc.result("receivers")[0]["spectra"]
            assert spectra["changes"] == changes and (spectra["rate_hz"] < 400e3) == part, spectra
            assert spectra["to_hz"] - spectra["from_hz"] <= spectra["rate_hz"]
            assert (spectra["from_hz"], spectra["to_hz"]) == (161.082e6, 162.618e6) or part, spectra

        client = hz.Lines(d.tcp)
        hz.wait(lambda: "spectra" in d.rpc.result("receivers")[0])
        wait_for(0, True)
        d.rpc.result("add_channel", **far)
        wait_for(1, False)
        d.rpc.result("remove_channel", channel="far")
        wait_for(2, True)
        viewer = hz.Web(d.http, "/spectrum?bins=512")
        wait_for(3, False)
        while not isinstance(viewer.receive(), bytes):
            pass
        viewer.drop()
        wait_for(4, True)
        told = hz.all_messages(client, len(want))
        client.until(lambda r: r.get("state") == "ended")
        assert d.rpc.result("status")["messages"] == len(want) > 15
        client.close()
        assert "channel far:" not in d.stderr()
    key = lambda r: (r["sample"], r["freq_hz"])
    for a, b in zip(map(body, sorted(told, key=key)), map(body, sorted(want, key=key)), strict=True):
        assert a[0] == {**b[0], "receiver": "port", "replayed": True, "offset_hz": a[0]["offset_hz"]}
        assert all(abs(x - y) < 0.5 for x, y in zip(a[1], b[1])), (a, b)


@pytest.mark.plain
def test_bursts_are_looked_for_in_the_whole_band():
    """While a channel takes them; then a part of the band is enough again."""
    conf = "[receiver ism]\nsource = sim\nscene = ism\n[channel voice]\ndecoder = nfm\nfrequency = 433.5M\n"
    with hz.Daemon(conf) as d:
        def wait_for(changes, least, most):
            spectra = lambda: d.rpc.result("receivers")[0].get("spectra", {})
            hz.wait(lambda: spectra().get("changes") == changes)
            assert least <= spectra()["rate_hz"] <= most, spectra()
        wait_for(0, 1, 400e3)
        d.rpc.result("add_channel", receiver="ism", name="all", decoder="sensors")
        wait_for(1, d.rpc.result("receivers")[0]["rate_hz"], 3e6)
        hz.wait(lambda: d.rpc.result("receivers")[0].get("hunt", {}).get("found", 0) > 0)
        d.rpc.result("remove_channel", channel="all")
        wait_for(2, 1, 400e3)


def test_speech_goes_to_those_who_ask():
    conf = MIX + "[channel voice]\ndecoder = nfm\nfrequency = 161.6M\n"
    with hz.Daemon(conf) as d:
        deaf, hears = hz.Lines(d.tcp), hz.Lines(d.tcp)
        hears.next()
        hears.send({"subscribe": {"kind": ["audio", "message"]}})
        got = hears.until(lambda r: r["kind"] == "message")
        speech = [r for r in got if r["kind"] == "audio"]
        spoken = got[-1]["nfm"]["duration_s"]
        own = [r for r in speech if r["transmission"] == got[-1]["sample"]]
        assert sum(len(r["data"]) * 3 / 4 for r in own) / 32000 == pytest.approx(spoken, abs=0.3)
        kinds = {r["kind"] for r in deaf.until(lambda r: r["kind"] == "message")}
        assert "audio" not in kinds
        deaf.close()
        hears.close()


@pytest.mark.tsan
def test_what_a_closed_channel_measures_is_told():
    """It has no jobs: its level, its noise and its samples come from the band's spectra."""
    conf = MIX + "".join(f"[channel c{i}]\ndecoder = nfm\nreceiver = vhf\nfrequency = {161.41 + i / 60:.5f}M\n"
                         "squelch = 20\n" for i in range(100))
    with hz.Daemon(conf) as d:
        def states():
            return {c["name"]: c for c in d.rpc.result("channels")}
        hz.wait(lambda: all(c["samples"] > 0 and "level_dbfs" in c for c in states().values()))
        first = states()
        hz.wait(lambda: all(c["samples"] > first[n]["samples"] for n, c in states().items()))
        closed = [(first[n], c) for n, c in states().items() if c["cpu_s"] == 0]
        assert len(closed) > 50
        for was, now in closed:
            assert -100 < now["noise_dbfs"] < -10 and now["level_dbfs"] < now["noise_dbfs"] + 20
            assert now["lost_samples"] == 0 and now["state"] == was["state"]
        assert any(was["level_dbfs"] != now["level_dbfs"] for was, now in closed)
        assert len({now["samples"] for _, now in closed}) == 1
        # one that comes later is measured too, and one that goes is no loss to the others
        add = {"receiver": "vhf", "name": "late", "decoder": "nfm", "squelch": 20, "frequency": 161.3e6}
        assert d.rpc.result("add_channel", **add) == {"added": "late"}
        d.rpc.result("remove_channel", channel="c50")
        hz.wait(lambda: states()["late"].get("noise_dbfs", 0) < -10)
        assert states()["late"]["samples"] < states()["c0"]["samples"]


def test_two_receivers_and_twenty_channels():
    """At work on two bands at once, while clients and channels come and go."""
    conf = MIX + "[receiver port]\nsource = sim\nscene = vhf\npace = realtime\n"
    conf += "".join(f"[channel v{i}]\ndecoder = nfm\nreceiver = {r}\nfrequency = {f}M\nsquelch = 0\n"
                    for i, (r, f) in enumerate([("vhf", 161.6), ("port", 161.6), ("port", 161.45)] +
                                               [("vhf", 162.5 + i / 20) for i in range(5)] +
                                               [("port", 162.2 + i / 20) for i in range(5)]))
    conf += "".join(f"[channel {d}-{r}]\ndecoder = {d}\nreceiver = {r}\n"
                    for d, r in [("ais", "vhf"), ("ais", "port")])
    conf += "[channel pager]\ndecoder = pocsag\nreceiver = vhf\nfrequency = 162.75M\n"
    conf += "[channel packet]\ndecoder = ax25-9600\nreceiver = vhf\nfrequency = 163.2M\n"
    conf += "[channel am]\ndecoder = am\nreceiver = vhf\nfrequency = 161.35M\n"
    with hz.Daemon(conf) as d:
        assert len(d.rpc.result("channels")) == 20
        seen, clients = set(), [hz.Lines(d.tcp), hz.Lines(d.tcp)]
        clients[0].next()
        clients[0].send({"subscribe": {"kind": ["message", "repeat", "audio"]}})
        while len(seen) < 4:
            record = clients[0].next()
            if record["kind"] == "message":
                seen.add(record["protocol"])
            if len(seen) == 2 and len(clients) == 2:
                clients.pop().close()
                d.rpc.result("remove_channel", channel="v9")
        state = d.rpc.result("channels")
        assert len(state) == 19 and not any(c["error"] for c in state)
        assert all(c["lost_samples"] == 0 for c in state)
        clients[0].close()
