"""At full load, with clients of every kind coming and going: also what ThreadSanitizer looks at."""
from itertools import cycle

import hz
import pytest
from hz import conf, messages

pytestmark = pytest.mark.tsan


def come_and_go(d, rounds):
    """Each round one client more of some kind, and the oldest leaves, some without a farewell."""
    crowd = []
    kinds = cycle(["tcp", "web", "rpc", "status", "stuck", "filter"])
    for n, kind in zip(range(rounds), kinds):
        if kind == "tcp":
            crowd.append(hz.Lines(d.tcp))
            messages(crowd[-1], 20)
        elif kind == "web":
            crowd.append(hz.Web(d.http, "/stream?kind=message"))
            messages(crowd[-1], 20)
        elif kind == "rpc":
            crowd.append(hz.Rpc(d.sock))
            for method in ("receivers", "channels", "clients", "decoders"):
                assert crowd[-1].result(method)
        elif kind == "status":
            assert hz.http(d.http, "/status")[0] == 200
        elif kind == "stuck":
            crowd.append(hz.Lines(d.tcp, rcvbuf=4096))
        else:
            crowd.append(hz.Lines(d.tcp))
            crowd[-1].send({"subscribe": {"receiver": ["roof"], "since": 0}})
        if len(crowd) > 12:
            crowd.pop(0).close()
        if n % 10 == 9:
            assert d.rpc.result("reload")["reloaded"]
    return crowd


@pytest.mark.parametrize("workers", [1, 4])
def test_clients_come_and_go_while_samples_run_at_full_speed(air, workers):
    """A second channel comes and goes with the reloads, too."""
    text = conf(air, "loop = yes\npace = max", f"workers = {workers}\nhistory = 2000")
    with hz.Daemon(text) as d:
        d.write(text + "[channel second]\ndecoder = adsb\n")
        crowd = come_and_go(d, 30)
        d.write(text)
        crowd += come_and_go(d, 30)
        status = d.status()
        assert status["reloads"] == 6 and status["reloads_refused"] == 0
        assert status["jobs"]["workers"] == workers
        for c in crowd:
            c.close()


def test_simulator_in_real_time_with_100_clients():
    """Nobody is skipped, and a receiver in real time loses nothing."""
    with hz.Daemon(hz.SIM) as d:
        crowd = [hz.Lines(d.tcp) for _ in range(80)] + [hz.Web(d.http) for _ in range(20)]
        for c in crowd:
            c.next()
        for _ in range(3):
            for c in crowd:
                messages(c, 50)
        status = d.status()
        assert all(l["missed"] == 0 for l in status["listeners"])
        assert sum(ch["lost_samples"] for ch in status["channels"]) == 0
        print("longest loop iteration", status["loop"]["longest_ms"], "ms")
        for c in crowd:
            c.close()
