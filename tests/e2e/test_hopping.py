"""A receiver that hops: what is heard in which dwell, what was cut, what is told of it. The simulator
has a truth for every sample; the virtual dongle has samples that are late, under real librtlsdr."""
import json
import subprocess
from types import SimpleNamespace

import pytest

import hz
import modes
from hz import wait
from test_dongle import Station
from test_rtl_tcp import Server

RATE = 2.4e6
BLOCK_S = 131072 / RATE  # of the simulator
SKY, SEA = 1090e6, 162.4e6
PLAN = {SKY: 1.0, SEA: 2.0}
PROTOCOLS = {SKY: {"adsb"}, SEA: {"ais", "nfm"}}

SIM = f"""
[hertzd]
workers = %d
stats = 1s
[receiver sky]
source = sim
scene = aircraft
pace = max
plan = {SKY / 1e6}M 1s, {SEA / 1e6}M 2s
[channel adsb]
decoder = adsb
[channel ais]
decoder = ais
[channel voice]
decoder = nfm
frequency = 161.6M
"""


def receiver(d):
    return d.rpc.result("receivers")[0]


def channels(d):
    return {c["name"]: c for c in d.rpc.result("channels")}


def is_dwell(record):
    return record["kind"] == "state" and "dwells" in record.get("reason", "")


def run_simulator(workers, n):
    """The first n dwells: (centre, their messages)."""
    with hz.Daemon(SIM % workers) as d:
        c = hz.Lines(d.tcp)
        stream = c.next()["stream"]
        c.send({"subscribe": {"stream": stream, "since": 0}})
        seen, stats = {}, []
        while len([r for r in seen.values() if is_dwell(r)]) < n or not stats:
            record = c.next()
            assert record["kind"] != "gap", record
            if record["kind"] in ("message", "state"):
                seen[record["seq"]] = record
            if record["kind"] == "stats" and "bands" in record:
                stats.append(record)
        info = receiver(d)
        c.close()
    out = [(SKY, [])]
    for seq in sorted(seen):
        record = seen[seq]
        if is_dwell(record):
            out.append((record["centre_hz"], []))
        elif record["kind"] == "message":
            out[-1][1].append(record)
    return SimpleNamespace(dwells=out[:n], info=info, stats=stats)


@pytest.fixture(scope="module")
def simulated():
    return run_simulator(2, 6)


def lengths(dwells):
    """The seconds of each dwell but the last, which is whole blocks: the times of the epochs' first
    samples tell them."""
    starts = []
    for _, found in dwells:
        start = {round(hz.nanoseconds(r) / 1e9 - r["sample"] / RATE, 5) for r in found}
        assert max(start) - min(start) < 2e-5, "one dwell, one count of samples"
        starts.append(min(start))
    blocks = [(after - before) / BLOCK_S for before, after in zip(starts, starts[1:])]
    assert all(abs(n - round(n)) < 1e-3 for n in blocks), blocks
    return [round(n) * BLOCK_S for n in blocks]


def test_messages_are_of_the_band_that_is_tuned(simulated):
    assert [centre for centre, _ in simulated.dwells] == [SKY, SEA] * 3
    for centre, found in simulated.dwells:
        assert {r["protocol"] for r in found} <= PROTOCOLS[centre]
        assert len(found) > (100 if centre == SKY else 3)


def test_dwells_last_as_planned_or_stay_while_a_squelch_is_open(simulated):
    for (centre, _), length in zip(simulated.dwells, lengths(simulated.dwells)):
        limit = PLAN[centre] * (1 if centre == SKY else 2)
        assert PLAN[centre] <= length < limit + 2 * BLOCK_S, (centre, length)


@pytest.mark.plain
def test_what_is_heard_was_sent_there_and_then(simulated, tmp_path):
    """A scene goes on where it was left, so its truth tells each frame's place: that in the scene is
    that in the dwell and the lengths of the scene's earlier dwells."""
    truth = {}
    for scene in "aircraft", "mix":
        with open(tmp_path / "samples", "wb") as out:
            subprocess.run([hz.ROOT / "build/scene", scene, "1", "12", "--truth", tmp_path / scene], stdout=out, check=True)
        for t in map(json.loads, (tmp_path / scene).read_text().splitlines()):
            truth.setdefault(t["hex"].lower(), []).append(t["sample"])
    before = {SKY: 0, SEA: 0}
    for (centre, found), length in zip(simulated.dwells, lengths(simulated.dwells)):
        placed = [r for r in found if r["protocol"] in ("adsb", "ais")]
        for r in placed:
            at = round(before[centre] * RATE) + r["sample"]
            slack = 12 if r["protocol"] == "adsb" else 120  # samples: 5 us, half a bit
            assert any(abs(at - t) <= slack for t in truth[r["raw"]]), (r, at, truth[r["raw"]])
        before[centre] += length


def test_coverage_adds_up(simulated):
    """The simulator has no settling: all samples are heard, each in one band."""
    bands = simulated.info["bands"]
    assert [b["centre_hz"] for b in bands] == [SKY, SEA] and [b["seconds"] for b in bands] == [1, 2]
    assert abs(sum(b["heard_s"] for b in bands) - simulated.info["samples"] / RATE) < 0.02
    assert abs(sum(b["last_hour"] for b in bands) - 1) < 1e-3
    assert 0.2 < bands[0]["last_hour"] < 0.4 and bands[0]["longer"] == 0
    assert 0 <= bands[0]["dwells"] - bands[1]["dwells"] <= 1
    assert bands[1]["longer_s"] <= bands[1]["longer"] * (2 + BLOCK_S)
    assert simulated.info["gaps"] == 0 and simulated.info["opens"] == 1
    for line in simulated.stats[1:]:
        assert abs(sum(b["coverage"] for b in line["bands"]) - 1) < 1e-3, line


@pytest.mark.plain
def test_the_same_samples_give_the_same_visits_and_messages(simulated):
    keep = lambda r: {k: v for k, v in r.items() if k != "seq"}
    other = run_simulator(1, 4).dwells
    for (centre, found), (again, same) in zip(simulated.dwells[:3], other):
        assert centre == again and [keep(r) for r in found] == [keep(r) for r in same]


# -- the virtual dongle ----------------------------------------------------------------------------

DONGLE = """
[hertzd]
stats = 1s
[receiver roof]
source = rtlsdr
rate = 2400k
plan = %s
[channel low]
decoder = adsb
[channel high]
decoder = adsb
frequency = 1100M
"""


@pytest.fixture(scope="module")
def two_bands(tmp_path_factory):
    """What is on the air around 1090 and around 1100 MHz: frames all the time, those of either band
    from aircraft that the other has not."""
    folder = tmp_path_factory.mktemp("bands")
    paths = []
    for mhz, address in (1090, 0x4B1600), (1100, 0x3C6600):
        frames = [modes.ident(address + i % 7, f"HZ{i:05d}") for i in range(800)]
        path = folder / f"{mhz}.cu8"
        path.write_bytes(modes.capture(frames, snr_db=20, spacing_s=1.2e-3))
        paths.append(f"{path}@{mhz}e6")
    return "\n".join(paths)


@pytest.mark.tsan
def test_samples_of_before_a_hop_give_no_message(tmp_path, two_bands):
    """Frames come each 1.2 ms, so a transfer that was in flight while the tuner changed holds more
    than ten of the other band."""
    with Station(tmp_path, two_bands, conf=DONGLE % "1090M 1s, 1100M 1s", clients=1) as s:
        s.crowd.wait(lambda r: is_dwell(r) and r["epoch"] >= 8)
        wait(lambda: channels(s.d)["low"]["state"] == "away" and channels(s.d)["low"]["next_s"] <= 1)
        assert channels(s.d)["high"]["state"] == "decoding"
        wait(lambda: channels(s.d)["high"]["state"] == "away")
        info, found = s.receiver(), s.crowd.all(kind="message")
    for name, aircraft in ("low", "4b16"), ("high", "3c66"):
        heard = [r for r in found if r["channel"] == name]
        assert len(heard) > 500
        wrong = [r for r in heard if not r["adsb"]["hex"].startswith(aircraft)]
        assert not wrong, wrong[:3]
    if hz.SANITIZED:
        return  # too slow for 2.4 Msps beside other tests: the dongle may be given up and opened again
    assert info["gaps"] == len(s.crowd.all(kind="gap")) and info["opens"] == 1 and info["failures"] == 0
    low, high = info["bands"]
    assert low["longer"] == high["longer"] == 0
    for b in low, high:
        assert b["heard_s"] >= b["dwells"] - 1 and 0 < b["last_minute"] < 1
    assert low["last_minute"] + high["last_minute"] < 1, "something is cut after each hop"
    told = [r for r in s.crowd.all(kind="stats") if "bands" in r]
    for i in range(2):
        heard = sum(r["bands"][i]["heard_s"] for r in told)
        assert heard <= info["bands"][i]["heard_s"] + 2, "each second is told once"


@pytest.mark.plain
def test_the_plan_changes_with_a_reload_and_alone_tunes_the_receiver(tmp_path, two_bands):
    plan = "1090M 60s, 1100M 60s"
    with Station(tmp_path, two_bands, conf=DONGLE % plan, clients=1) as s:
        refused = s.d.rpc.ask("tune", receiver="roof", value=1100e6, force=True)["error"]["message"]
        assert f"roof hops by its plan ({plan})" in refused
        s.d.rpc.result("gain", receiver="roof", value=20.7)
        wait(lambda: s.receiver()["gain_db"] == 20.7)
        s.d.write(DONGLE % "1090M 1s, 1100M 100s")
        s.d.rpc.result("reload")
        s.crowd.wait(lambda r: r["kind"] == "message" and r["channel"] == "high")
        info = s.receiver()
        assert [b["seconds"] for b in info["bands"]] == [1, 100] and info["centre_hz"] == 1100e6
        assert (info["opens"], info["gain_db"]) == (1, 20.7)
        one = DONGLE.replace("plan = %s", "centre = 1090M").replace("frequency = 1100M", "")
        s.d.write(one)
        s.d.rpc.result("reload")
        wait(lambda: s.receiver()["centre_hz"] == 1090e6)
        info = s.receiver()
        assert "bands" not in info and (info["opens"], info["gain_db"]) == (1, 20.7)


@pytest.mark.plain
def test_rtl_tcp_is_told_each_hop(capture):
    conf = ("[receiver roof]\nsource = rtl_tcp\naddress = localhost:%d\nrate = 2400k\nplan = 1090M 1s, 1100M 1s\n"
            "[channel low]\ndecoder = adsb\n[channel high]\ndecoder = adsb\nfrequency = 1100M\n")
    with Server(data=capture.read_bytes()) as s, hz.Daemon(conf % s.port) as d:
        tuned = lambda: [value for command, value in s.commands if command == 1]
        wait(lambda: len(tuned()) >= 4)
        assert tuned()[:4] == [1090000000, 1100000000] * 2
        wait(lambda: channels(d)["high"]["messages"] > 0 and channels(d)["low"]["messages"] > 0)
        assert receiver(d)["gaps"] == 0
