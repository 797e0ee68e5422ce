"""Changes of a running daemon: what did not change does not notice, a change with an error changes
nothing, and what is printed and saved gives the same state again."""
import json
import os
import re
import subprocess

import hz
import numpy as np
import pytest
from hz import free_port, wait
from test_reload import QUIET, held_port, receiver, remote
from test_rtl_tcp import Server

MIX = "[receiver vhf]\nsource = sim\nscene = mix\npace = realtime\n"
SHIPS = "[channel ships]\ndecoder = ais\nfrequency = 161.975M\n"


def ctl(d, *args, code=0):
    """hertzctl on that daemon: its output, or its error."""
    done = subprocess.run([hz.CTL, *map(str, args), "--socket", d.sock], capture_output=True, text=True,
                          timeout=hz.PATIENCE)
    assert done.returncode == code, (args, done.stdout, done.stderr)
    return done.stderr if code else done.stdout


def channels(d):
    return {c["name"]: c for c in d.rpc.result("channels")}


# -- what did not change does not notice --------------------------------------------------------


FED = ("[receiver roof]\nsource = file\npath = -\nformat = cu8\nrate = 2400k\ncentre = 162.4M\npace = max\n"
       "start = 2026-03-01T12:00:00Z\n")


def fed(d, samples, between):
    """All lines of messages of channel `ships`, without what counts all lines; `between` is done
    in the midst of the samples."""
    c = hz.Lines(d.tcp)
    half = len(samples) // 4 * 2
    d.feed(samples[:half])
    wait(lambda: receiver(d)["samples"] >= half // 2 - 65536)
    between()
    d.feed(samples[half:])
    d.process.stdin.close()
    seen = c.until(lambda r: r["kind"] == "state" and r.get("state") == "ended")
    c.close()
    assert [r["seq"] for r in seen[1:]] == list(range(seen[1]["seq"], seen[1]["seq"] + len(seen) - 1))
    assert not [r for r in seen if r["kind"] == "gap"]
    return [re.sub(r'^{"seq":\d+,', "{", json.dumps(r, separators=(",", ":")))
            for r in seen if r["kind"] == "message" and r["channel"] == "ships"]


@pytest.mark.plain
def test_the_same_bytes_with_changes_in_the_midst_as_without(shared, tmp_path):
    samples = (shared / "lab/scene_162.4M_2400k.cu8").read_bytes()
    # a channel far away, so that it is always the whole band that is transformed
    conf = FED + SHIPS + "[channel far]\ndecoder = nfm\nfrequency = 163.4M\nsquelch = 40\n"
    with hz.Daemon(conf) as d:
        alone = fed(d, samples, lambda: None)
    assert len(alone) > 20

    def changes():
        ctl(d, "channel", "add", "more", "decoder=ais", "frequency=162.025M")
        ctl(d, "channel", "add", "voice", "decoder=nfm", "frequency=162.5M")
        ctl(d, "channel", "set", "more", "squelch=3")
        ctl(d, "listen", "add", "second", "type=tcp", "address=127.0.0.1:0")
        ctl(d, "output", "add", "log", "type=file", f"path={tmp_path}/log")
        ctl(d, "capture", "add", "recent", f"path={tmp_path}", "seconds=1", "memory=16M")
        ctl(d, "capture", "set", "recent", "trigger=clipping")
        ctl(d, "meter", "add", "kitchen", "id=20096221", f"key={KEY}")
        ctl(d, "sensor", "add", "nexus-th", "use=no")
        ctl(d, "hertzd", "set", "history_time=2h", "stats=10m")
        ctl(d, "reload")
        ctl(d, "channel", "remove", "voice")
        ctl(d, "capture", "remove", "recent")
        ctl(d, "meter", "remove", "kitchen")
        d.write(conf + "[channel third]\ndecoder = nfm\nfrequency = 161.6M\n")
        ctl(d, "reload")

    with hz.Daemon(conf) as d:
        assert fed(d, samples, changes) == alone
        assert set(channels(d)) == {"ships", "far", "more", "third"}


def test_clients_that_receive_see_no_gap_and_no_state():
    """A simulated band in real time, with changes of everything beside it, and reloads."""
    port = free_port()
    with hz.Daemon(MIX + SHIPS) as d:
        c, web = hz.Lines(d.tcp), hz.Web(d.http)
        c.until(lambda r: r["kind"] == "message")
        before = receiver(d), channels(d)["ships"]
        for _ in range(3):
            ctl(d, "channel", "add", "more", "decoder=ais", "receiver=vhf")
            assert set(channels(d)) == {"ships", "more-161.975M", "more-162.025M"}
            ctl(d, "channel", "set", "more-161.975M", "squelch=4")
            ctl(d, "channel", "remove", "more-162.025M")
            assert set(channels(d)) == {"ships", "more-161.975M"}
            ctl(d, "listen", "add", "second", "type=tcp", f"address=127.0.0.1:{port}")
            late = hz.Lines(("127.0.0.1", port))
            assert late.next()["kind"] == "hello"
            ctl(d, "listen", "set", "second", "max_clients=7")
            ctl(d, "output", "add", "log", "type=file", f"path={d.dir}/log")
            ctl(d, "output", "set", "log", "protocol=ais")
            ctl(d, "reload")
            ctl(d, "output", "remove", "log")
            ctl(d, "listen", "remove", "second")
            late.rest(), late.close()
            ctl(d, "channel", "remove", "more-161.975M")
            ctl(d, "reload")
        late = hz.Lines(d.tcp)
        last = late.until(lambda r: r["kind"] == "message")[-1]["seq"]
        late.close()
        for client in (c, web):
            seen = client.until(lambda r: r["kind"] == "message" and r["seq"] > last)
            seen = [r for r in seen if r["kind"] != "hello"]
            assert {r["kind"] for r in seen} <= {"message", "stats"}, {r["kind"] for r in seen}
            assert [r["seq"] for r in seen] == list(range(seen[0]["seq"], seen[-1]["seq"] + 1))
            client.close()
        now, ships = receiver(d), channels(d)["ships"]
        assert (now["opens"], now["epoch"], now["gaps"]) == (1, before[0]["epoch"], 0)
        assert ships["lost_samples"] == 0 and ships["messages"] > before[1]["messages"]


# -- what channels know, what is held, and [hertzd] ---------------------------------------------


KEY = "BEDB81B52C29B5C143388CBB0D15A051"
# a telegram that the standard's makers published with its key, and the six chips of each four bits in mode T1
TELEGRAM = bytes.fromhex("3944FA122162092002067A3600202567C94D48D00DC47B11213E23383DB51968A705AAFA60C60E263D50CD259D7C9A"
                         "03FD0C08000002FD0B0011")
SIX = [22, 13, 14, 11, 28, 25, 26, 19, 44, 37, 38, 35, 52, 49, 50, 41]


def crc(block):
    rest = 0
    for bit in (bit for byte in block + bytes(2) for bit in f"{byte:08b}"):
        rest = rest << 1 | int(bit)
        rest ^= 0x13d65 if rest & 0x10000 else 0
    return (~rest & 0xffff).to_bytes(2, "big")


def on_air(telegram, rate=1600000, chip=16):
    """The telegram in mode T1 between pauses, as cu8."""
    ends = [0, *range(10, len(telegram), 16), len(telegram)]
    blocks = [telegram[a:b] for a, b in zip(ends, ends[1:])]
    sent = b"".join(block + crc(block) for block in blocks)
    chips = "01" * 24 + "0000111101" + "".join(f"{SIX[h]:06b}" for byte in sent for h in (byte >> 4, byte & 15)) + "01"
    tone = np.repeat([1 if c == "1" else -1 for c in chips], chip) * 50e3
    wave = 40 * np.exp(2j * np.pi * np.cumsum(tone) / rate)
    pause = np.zeros(rate // 4)
    noise = np.random.default_rng(1)
    iq = np.concatenate([pause, wave, pause])
    parts = np.stack([iq.real, iq.imag], axis=-1) + noise.normal(127.5, 1.5, (len(iq), 2))
    return np.clip(np.round(parts), 0, 255).astype(np.uint8).tobytes()


def next_message(c):
    return c.until(lambda r: r["kind"] == "message")[-1]


def test_a_meters_key_counts_from_the_next_telegram():
    sent = on_air(TELEGRAM)
    conf = FED.replace("2400k", "1600k").replace("162.4M", "868.95M")
    with hz.Daemon(conf + "[channel water]\ndecoder = wmbus\nfrequency = 868.95M\n") as d:
        c = hz.Lines(d.tcp)
        d.feed(sent)
        assert next_message(c)["wmbus"]["encrypted"] == "no_key"
        ctl(d, "meter", "add", "kitchen", "id=20096221", f"key={KEY}")
        d.feed(sent)
        assert next_message(c)["wmbus"]["total_m3"] == 0.106
        assert f"[meter kitchen]\nid = 20096221\nkey = {KEY}\n" in ctl(d, "config")
        ctl(d, "meter", "set", "kitchen", "id=20096222")
        d.feed(sent)
        assert next_message(c)["wmbus"]["encrypted"] == "no_key"
        assert channels(d)["water"]["messages"] == 3  # it was not begun anew
        error = ctl(d, "meter", "set", "kitchen", "key=0011", code=1)
        assert "key is wrong: expected 32 hexadecimal digits" in error and "0011" not in error
        assert KEY not in d.stderr()
        c.close()


SENSOR = ("model=Greenhouse", "freq=433.92M", "sync=+500 -4000", "zero=+500 -1000", "one=+500 -2000", "tail=+500",
          "bits=36", "repeat=3", "check=24:4 == 15", "check=10:2 <= 2", "plausible=temperature_C -40..70",
          ".id=0:8", ".temperature_C=s12:12 * 0.1", 'example={36}8381eef2d -> {"id": 131, "temperature_C": 49.4}')


def test_sensors_are_heard_or_not_from_the_next_burst_on(shared):
    air = [f"air/ism/{name}_433.92M_250k.cu8" for name in ("ambient_weather_01__f007th", "acurite_01__VN1TXC_02")]
    sent = b"".join((shared / name).read_bytes() + bytes([128]) * 250000 for name in air)
    conf = FED.replace("2400k", "250k").replace("162.4M", "433.92M")
    with hz.Daemon(conf + "[channel homes]\ndecoder = sensors\n") as d:
        c = hz.Lines(d.tcp)

        def heard():
            """The models of what is sent once more, up to the last of them."""
            d.feed(sent)
            seen = c.until(lambda r: r["kind"] == "message" and r["sensors"]["model"] == "Acurite-5n1")
            return [r["sensors"]["model"] for r in seen if r["kind"] == "message"]

        assert heard() == [*["Ambientweather-F007TH"] * 5, "Acurite-5n1"]
        ctl(d, "sensor", "add", "greenhouse", *SENSOR)
        ctl(d, "sensor", "add", "ambient-f007th", "use=no")
        assert heard() == ["Acurite-5n1"]
        ctl(d, "sensor", "set", "ambient-f007th", "use=yes")
        assert "Ambientweather-F007TH" in heard()  # what was told lately is not told again
        assert channels(d)["homes"]["messages"] > 8  # it was not begun anew
        # what was declared is printed as it was given, and wrong ones change nothing
        text = ctl(d, "config")
        assert "[sensor greenhouse]\n" + "".join(s.replace("=", " = ", 1) + "\n" for s in SENSOR) in text
        for words, told in [
            (("set", "greenhouse", "check=24:4 = 15"), "check"),
            (("set", "greenhouse", "repeat=2", "repeat=3"), "a second 'repeat'"),
            (("add", "greenhouse", "use=no"), "there is a sensor of that name"),
            (("set", "nexus-th", "use=no"), "is changed by adding it"),
            (("add", "nothing", "use=no"), "no other of that name to change"),
        ]:
            assert told in ctl(d, "sensor", *words, code=1), words
        assert ctl(d, "config") == text
        ctl(d, "sensor", "set", "greenhouse", "check=24:4 == 15 and 10:2 <= 2", "repeat=2")
        ctl(d, "sensor", "remove", "ambient-f007th")
        c.close()
        # kept by a reload, and by a restart once it is saved
        ctl(d, "reload")
        text = ctl(d, "config")
        assert text.count("check = ") == 1 and "repeat = 2\n" in text and "ambient" not in text
        ctl(d, "config", "--save")
        d.process.stdin.close()
        d.restart()
        assert ctl(d, "config") == text
        ctl(d, "sensor", "remove", "greenhouse")
        ctl(d, "config", "--save")
        assert "greenhouse" not in ctl(d, "config")


def test_a_capture_keeps_its_samples_when_its_rules_change(tmp_path):
    section = f"[capture recent]\nseconds = 2\nmemory = 32M\npath = {tmp_path}\n"
    with hz.Daemon(MIX + SHIPS + section) as d:
        now = lambda: d.rpc.result("captures")[0]
        wait(lambda: now()["holds_s"] >= 1)
        ctl(d, "capture", "set", "recent", "trigger=clipping", "interval=5m")
        assert now()["trigger"] == "clipping" and now()["holds_s"] >= 1
        wait(lambda: now()["state"] == "ready")
        saved = ctl(d, "capture", "recent", "--seconds", "1").strip()
        assert json.loads(open(saved).read())["annotations"] is not None
        d.write(MIX + SHIPS + section.replace("seconds = 2", "seconds = 1"))
        ctl(d, "reload")
        assert now()["holds_s"] < 1 and now()["trigger"] == "clipping"  # other samples are held: begun anew
        ctl(d, "capture", "remove", "recent")
        assert d.rpc.result("captures") == [] and "capture" not in ctl(d, "config")
        assert receiver(d)["opens"] == 1 and receiver(d)["gaps"] == 0


@pytest.mark.plain
def test_keys_of_hertzd_change_or_say_that_they_wait():
    with hz.Daemon(MIX + SHIPS) as d:
        history = lambda: d.status()["bus"]
        ctl(d, "hertzd", "set", "log_level=error", "history=20", "history_time=10m")
        assert history()["max_frames"] == 20 and history()["max_age_s"] == 600
        ctl(d, "channel", "set", "ships", "squelch=5")
        assert "changed by request: channel ships" not in d.stderr()
        assert "log_level = error\nhistory = 20\nhistory_time = 10m\n" in ctl(d, "config")
        ctl(d, "hertzd", "set", "log_level=", "history=")
        assert history()["max_frames"] == 10000
        for key in ("workers=1", "state_dir=/var/lib/x"):
            error = ctl(d, "hertzd", "set", key, code=1)
            assert f"{key.split('=')[0]} of [hertzd] takes effect only at a start" in error and "restart" in error
        assert "expected" in ctl(d, "hertzd", "set", "log_level=loud", code=1)
        assert ctl(d, "hertzd", "add", "log_level=debug", code=2).startswith("hertzctl: 'add': expected set")
        workers = d.status()["jobs"]["workers"]
        d.write("[hertzd]\nworkers = 7\n" + MIX + SHIPS)
        for _ in range(2):
            assert ctl(d, "reload").endswith("in force, but workers of [hertzd] only after a restart of hertzd\n")
        assert d.status()["jobs"]["workers"] == workers and "[hertzd] workers: takes effect when" in d.stderr()
        d.write(MIX + SHIPS)
        assert ctl(d, "reload").endswith("and is in force\n")


# -- errors -------------------------------------------------------------------------------------


def test_a_change_with_an_error_changes_nothing(tmp_path):
    conf = MIX + SHIPS + f"[output log]\ntype = file\npath = {tmp_path}/log\n"
    with hz.Daemon(conf) as d:
        c = hz.Lines(d.tcp)
        before = ctl(d, "config"), d.rpc.result("outputs")[0]["name"], list(channels(d))
        for words, told in [
            (("channel", "add", "ships", "decoder=ais"), "there is a channel of that name"),
            (("channel", "add", "far", "decoder=nfm", "frequency=150M"), "outside the band of receiver vhf"),
            (("channel", "add", "x", "decoder=asi"), "expected one of"),
            (("channel", "add", "x", "decoder=ais", "freqency=1"), "did you mean 'frequency'?"),
            (("channel", "add", "x", "decoder=ais", "receiver=hf"), "there is no [receiver hf]"),
            (("channel", "add", "x", "frequency=162M"), "has no 'decoder'"),
            (("channel", "set", "ships", "squelch=99"), "squelch = '99': expected"),
            (("channel", "set", "ships", "frequency=1090M"), "outside the band"),
            (("channel", "set", "ship", "squelch=9"), 'there is no channel "ship"'),
            (("channel", "remove", "ship"), 'there is no channel "ship"'),
            (("channel", "add", "a b", "decoder=ais"), "letters, digits"),
            (("channel", "set", "ships", "decoder=ais\n[listen evil]\ntype=tcp"), "control character"),
            (("channel", "set", "ships", "#x=1"), "unknown key"),
            (("channel", "set", "ships", "[listen evil]=1"), "unknown key"),
            (("receiver", "remove", "vhf"), "expected a section [receiver NAME]"),
            (("receiver", "set", "vhf", "scene=none"), "scene = 'none'"),
            (("listen", "add", "open", "type=tcp", "address=0.0.0.0:0"), "allow"),
            (("listen", "add", "open", "type=tcp"), "has no 'address'"),
            (("output", "set", "log", "event=mayday"), "there is no [event mayday]"),
            (("output", "add", "log", "type=file", "path=/x"), "there is an output of that name"),
        ]:
            error = ctl(d, *words, code=1)
            assert told in error and error.count("\n") == 1, (words, error)
            assert (ctl(d, "config"), d.rpc.result("outputs")[0]["name"], list(channels(d))) == before
        c.until(lambda r: r["kind"] == "message")
        assert receiver(d)["opens"] == 1
        c.close()


@pytest.mark.plain
def test_a_listener_that_cannot_listen_is_told_and_waits():
    other, port = held_port()
    with other, hz.Daemon(MIX + SHIPS) as d:
        error = ctl(d, "listen", "add", "more", "type=tcp", f"address=127.0.0.1:{port}", code=1)
        assert "in force, but listen more" in error
        ctl(d, "channel", "set", "ships", "squelch=4")  # that it waits is nothing of this change
        ctl(d, "listen", "remove", "more")
        assert [l["name"] for l in d.status()["listeners"]] == ["json", "web", "control"]


@pytest.mark.plain
def test_over_http_neither_a_change_nor_the_configuration():
    with hz.Daemon(MIX + SHIPS) as d:
        ctl(d, "listen", "set", "web", "control=yes")
        for method in ("change", "config"):
            body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method})
            head = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"
            status, answer = hz.http(d.http, "/rpc", head, method="POST")
            assert status == 200 and json.loads(answer)["error"]["message"] == f"{method} is of the control socket only"


# -- the band that was chosen -------------------------------------------------------------------


def free_band(port, more=""):
    return f"[receiver roof]\nsource = rtl_tcp\naddress = localhost:{port}\n{SHIPS}{more}"


def test_rate_and_centre_stay_while_all_channels_fit():
    with Server(data=QUIET) as server, hz.Daemon(free_band(server.port)) as d:
        wait(lambda: receiver(d)["state"] == "streaming")
        band = lambda: (receiver(d)["rate_hz"], receiver(d)["centre_hz"], receiver(d)["opens"])
        first, commands = band(), len(server.commands)
        ctl(d, "channel", "add", "more", "decoder=nfm", "frequency=162.3M")
        ctl(d, "channel", "remove", "ships")
        assert band() == first
        d.write(free_band(server.port, "[channel third]\ndecoder = nfm\nfrequency = 162.35M\n"))
        ctl(d, "reload")
        assert set(channels(d)) == {"more", "third"} and band() == first
        assert len(server.commands) == commands
        # what would be chosen otherwise now is in the configuration
        text = ctl(d, "config")
        assert f"centre = {first[1]:.0f}" in text, text
        for far, told in ("170M", "it needs a second receiver"), ("163.5M", "outside the band of receiver roof"):
            assert told in ctl(d, "channel", "add", "far", "decoder=nfm", f"frequency={far}", code=1)
        assert band() == first


@pytest.mark.plain
def test_tunings_set_by_hand_are_in_the_configuration():
    with Server(data=QUIET) as server, hz.Daemon(remote(server.port, 20)) as d:
        wait(lambda: receiver(d)["state"] == "streaming")
        ctl(d, "gain", "roof", "30")
        ctl(d, "tune", "roof", "1090.1M")
        assert "gain = 30\n" in ctl(d, "config") and "centre = 1090100000\n" in ctl(d, "config")
        ctl(d, "receiver", "set", "roof", "gain=20", "ppm=2")
        wait(lambda: (receiver(d)["gain_db"], receiver(d)["ppm"]) == (20, 2))
        assert receiver(d)["centre_hz"] == 1090100000 and receiver(d)["opens"] == 1
        text = ctl(d, "config")
        assert "gain = 20\n" in text and "ppm = 2\n" in text and "centre = 1090100000\n" in text
        # a search that began at this gain is over when the same gain is given
        ctl(d, "receiver", "set", "roof", "gain=best")
        assert "gain = best\n" in ctl(d, "config")
        ctl(d, "receiver", "set", "roof", f"gain={receiver(d)['gain_db']}")
        assert "best" not in ctl(d, "config")


# -- printed and saved --------------------------------------------------------------------------


def state(d):
    """What of the status the configuration decides."""
    s = d.status()
    return (sorted((c["name"], c["decoder"], c["receiver"], c["freq_hz"]) for c in d.rpc.result("channels")),
            [(r["name"], r["source"], r["rate_hz"], r["centre_hz"]) for r in d.rpc.result("receivers")],
            sorted((l["name"], l["type"], l["max_clients"]) for l in s["listeners"]),
            [(o["name"], o["type"], o["target"]) for o in d.rpc.result("outputs")])


def much(folder):
    return (MIX + SHIPS + "squelch = 4\nbandwidth = 20k\n[channel both]\ndecoder = ais\n"
            f"[output old]\ntype = file\npath = {folder}/old\n"
            f"[record speech]\npath = {folder}/speech\nchannels = ships\n")


def change_much(d):
    ctl(d, "channel", "add", "voice", "decoder=nfm", "frequency=161.6M")
    ctl(d, "channel", "remove", "both-162.025M")
    ctl(d, "channel", "set", "ships", "bandwidth=")
    ctl(d, "listen", "set", "json", "max_clients=7")
    ctl(d, "output", "add", "log", "type=file", f"path={d.dir}/log")
    ctl(d, "output", "remove", "old")
    hz.wait(lambda: "old" not in [o["name"] for o in d.rpc.result("outputs")])  # it ends when its file is closed


@pytest.mark.plain
def test_what_is_printed_gives_the_same(tmp_path):
    with hz.Daemon(much(tmp_path)) as d:
        change_much(d)
        text, was = ctl(d, "config"), state(d)
        (tmp_path / "printed.conf").write_text(text)
        done = hz.run("check", "-c", tmp_path / "printed.conf")
        assert done.returncode == 0, done.stderr
        d.conf.write_text(text)
        d.restart()
        assert (ctl(d, "config"), state(d)) == (text, was)


def test_what_is_saved_gives_the_same(tmp_path):
    with hz.Daemon(much(tmp_path)) as d:
        d.conf.chmod(0o600)
        live = d.dir / "hertzd.conf.d/zz-live.conf"
        change_much(d)
        was = state(d)
        assert ctl(d, "config", "--save") == f"saved to {live}\n"
        assert live.stat().st_mode & 0o777 == 0o600 and [f.name for f in live.parent.iterdir()] == [live.name]
        assert state(d) == was
        d.restart()
        assert state(d) == was
        # once more: back to what the main file says, and the saved file has no more to say
        ctl(d, "channel", "remove", "voice")
        ctl(d, "channel", "set", "ships", "squelch=5")
        ctl(d, "config", "--save")
        saved = live.read_text()
        assert "voice" not in saved and "[channel ships]\nsquelch = 5\n" in saved
        assert "[output old]\noff = yes\n" in saved
        was = state(d)
        ctl(d, "reload")
        assert state(d) == was
        live.unlink()
        ctl(d, "reload")
        assert set(channels(d)) == {"ships", "both-161.975M", "both-162.025M"}


@pytest.mark.plain
def test_what_is_not_saved_and_why(tmp_path):
    with hz.Daemon(MIX + SHIPS) as d:
        ctl(d, "channel", "set", "ships", "squelch=5")
        folder = d.dir / "hertzd.conf.d"
        folder.write_text("")
        assert f"{folder}" in ctl(d, "config", "--save", code=1)
        folder.unlink()
        d.write(MIX + SHIPS + "bandwidth = 20k\n")
        assert "hertzctl reload first" in ctl(d, "config", "--save", code=1)
        ctl(d, "reload")
        folder.mkdir()
        (folder / "zzz.conf").write_text("[hertzd]\n")
        ctl(d, "reload")
        assert f"{folder}/zzz.conf is read after" in ctl(d, "config", "--save", code=1)
        (folder / "zzz.conf").unlink()
        ctl(d, "reload")
        assert ctl(d, "config", "--save").startswith("saved")


@pytest.mark.plain
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to be somebody else")
def test_who_may_not_write_there_is_told_what_to_do():
    with hz.Daemon(MIX + SHIPS) as d:
        d.dir.chmod(0o755), d.sock.chmod(0o666)
        done = subprocess.run([hz.CTL, "config", "--save", "--socket", d.sock], capture_output=True, text=True,
                              user="nobody", timeout=hz.PATIENCE)
        assert (done.returncode, done.stderr) == (1, f"hertzctl: config: {d.dir}/hertzd.conf.d: Permission denied: "
                                                  "run it as root, as with sudo hertzctl config --save\n")


def test_a_reload_keeps_changes_but_for_what_the_file_changes_too():
    with hz.Daemon(MIX + SHIPS) as d:
        ctl(d, "channel", "add", "voice", "decoder=nfm", "frequency=161.6M")
        ctl(d, "channel", "set", "ships", "squelch=5", "bandwidth=20k")
        d.write(MIX + SHIPS + "squelch = 6\n[channel pager]\ndecoder = pocsag\nfrequency = 162.75M\n")
        ctl(d, "reload")
        text = ctl(d, "config")
        assert set(channels(d)) == {"ships", "voice", "pager"}
        assert "squelch = 6\n" in text and "bandwidth = 20k\n" in text
        ctl(d, "channel", "remove", "pager")
        ctl(d, "reload")
        assert set(channels(d)) == {"ships", "voice"}
        d.write(MIX + SHIPS + "[channel voice]\ndecoder = am\nfrequency = 161.7M\n")
        ctl(d, "reload")
        assert channels(d)["voice"]["decoder"] == "am"
