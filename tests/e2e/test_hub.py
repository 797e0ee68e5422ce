"""A hub: hertzd without a dongle that takes what many stations hear from JetStream. One server here;
`make hubs` is the same with a cluster, and what breaks."""
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
            readers = [hubs.Reader(a.tcp), hubs.Reader(b.tcp)]
            hubs.wait_shared([a, b])
            sent = hubs.stations(nats.urls, lines, stations=4, rate=800, seconds=6)
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
    assert found["twice"] <= 5, found  # of the moment in which the hub was killed
    assert {s["name"] for s in state["stations"]} == {"st00", "st01", "st02", "st03"}
    assert state["buckets"] == "0-63" and state["state"] == "up" and state["bad"] == 0
    assert picture.count(b'"hex"') > 100
    ids = [{m.origin for m in r.got} for r in readers]
    assert ids[0] and ids[1]
