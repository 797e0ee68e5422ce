"""A hub: hertzd without a dongle that takes what many stations hear from JetStream. One server here;
`make hubs` is the same with a cluster, and what breaks."""
import subprocess
from collections import defaultdict

import hubs
import hz
import pytest
from nats_cluster import HERE, Cluster

pytestmark = pytest.mark.skipif(not HERE, reason="no nats-server")


@pytest.fixture(scope="module")
def lines(tmp_path_factory):
    return hubs.sky(tmp_path_factory.mktemp("sky"))


def test_stations_become_one_picture_and_each_id_is_in_one_hub(lines):
    """Two hubs share the buckets; one is killed in the middle, and comes again."""
    with Cluster() as nats:
        nats.create("hertzd", ["hertzd.>"])
        with hz.Daemon(hubs.conf(nats.urls)) as a:
            b = hz.Daemon(hubs.conf(nats.urls))
            b.__enter__()
            readers = [hubs.Reader(a.tcp), hubs.Reader(b.tcp, 1)]
            hubs.wait_shared([a, b])
            sent = hubs.stations(nats.urls, lines, stations=4, rate=800, seconds=4)
            hz.wait(lambda: len(readers[1].got) > 300)
            b.kill()
            told = hubs.ended(sent)
            heard = hubs.truth(nats)
            hz.wait(lambda: len({m.sample for r in readers for m in r.got}) == len(heard))
            state = hz.wait(lambda: (s := hubs.of_input(a))["unacked"] == 0 and s)
            picture = hz.http(a.http, "/aircraft")[1]
            for r in readers:
                r.close()
    found = hubs.judge(readers, heard)
    assert len(heard) == told["bursts"] and found["copies"] == told["lines"]
    wrong = {k: found[k] for k in ("lost", "invented", "missed", "not_best", "wrongly_named")}
    assert not any(wrong.values()), found
    # what the hub that was killed had published last, or copies that came after that: once by each hub
    told_by = defaultdict(list)
    for m in (m for r in readers for m in r.got):
        told_by[m.sample].append(m.hub)
    assert all(len(l) == len(set(l)) for l in told_by.values()), found
    assert {s["name"] for s in state["stations"]} == {"st00", "st01", "st02", "st03"}
    assert state["buckets"] == "0-63" and state["state"] == "up" and state["bad"] == 0
    assert picture.count(b'"hex"') > 100
    ids = [{m.origin for m in r.got} for r in readers]
    assert ids[0] and ids[1]


def test_what_a_real_station_hears_is_told_as_its_own():
    """All of a line but its number stays as the station wrote it; states too."""
    station = ("[receiver roof]\nsource = sim\nscene = aircraft\n[channel 1090]\ndecoder = adsb\n"
               "[output js]\ntype = nats\nurl = {}\nstation = north\n")
    with Cluster() as nats:
        nats.create("hertzd", ["hertzd.>"])
        with hz.Daemon(hubs.conf(nats.urls, hold="100ms")) as hub:
            hubs.wait_shared([hub])
            reader = hz.Lines(hub.tcp)
            with hz.Daemon(station.format(nats.urls)) as north:
                own = hz.Lines(north.tcp)
                own.send({"subscribe": {"since": 0}})
                heard = {}
                count = iter(range(60))
                got = reader.until(lambda r: r["kind"] == "message" and next(count, None) is None)
                last = max(r["origin"]["seq"] for r in got if r["kind"] == "message")
                for r in own.until(lambda r: r.get("seq", 0) >= last and r["kind"] == "message"):
                    heard[r.get("seq")] = r
                state, whole = hubs.of_input(hub), hub.status()
                table = subprocess.run([hz.CTL, "inputs", "--wide", "--socket", hub.sock],
                                       capture_output=True, text=True, check=True).stdout
            own.close()
            reader.close()
            picture = hz.http(hub.http, "/aircraft")[1]
    messages = [r for r in got if r["kind"] == "message"]
    assert len(messages) > 50
    for r in messages:
        first = heard[r["origin"]["seq"]]
        assert {k: r[k] for k in first if k != "seq"} == {k: v for k, v in first.items() if k != "seq"}
        assert r["station"] == r["origin"]["station"] == "north" and r["input"] == "nats" and r["simulated"]
    assert [r["station"] for r in got if r["kind"] == "state"], "its states are told"
    assert {s["name"] for s in state["stations"]} == {"north"} and state["passed"] > 0
    assert not list(hz.SCHEMAS["status"].iter_errors(whole))
    assert b'"simulated":true' in picture
    assert "0-63" in table and "STATION" in table and "north" in table


@pytest.mark.parametrize("line, words", [
    ("buckets = 0-64", "buckets"), ("hold = 2", "hold"), ("clocks = 3s", "clocks"), ("durable = a.b", "durable"),
])
def test_wrong_keys(tmp_path, line, words):
    conf = tmp_path / "hertzd.conf"
    conf.write_text(f"[input sky]\ntype = nats\nurl = nats://127.0.0.1:4222\n{line}\n[listen a]\ntype = tcp\naddress = 127.0.0.1:0\n")
    hz.one_line(hz.run("check", "-c", conf), 2, f"{conf}:4:", words)
