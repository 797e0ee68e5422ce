"""[output nats] against a cluster of three real nats-servers: what was heard is in the stream once,
whatever dies. HZ_NATS_ROUNDS=N makes the whole trial of it, N times (make nats-trial)."""
import os

import hz
import pytest
from nats_cluster import HERE, Cluster
from test_nats import SIM, checked, is_drained, log, output, until

pytestmark = pytest.mark.skipif(not HERE, reason="nats-server is not installed")
ROUNDS = int(os.environ.get("HZ_NATS_ROUNDS", 0))


class Trial:
    """A cluster with a stream of three copies, and a daemon that may end and begin."""

    def __init__(self, folder):
        self.folder, self.logs = folder, []
        self.nats = Cluster(3)
        self.nats.create("hertzd", ["hertzd.>"], replicas=3, duplicates_s=600)

    def daemon(self, more=""):
        self.logs.append(self.folder / f"log{len(self.logs)}")
        spool = f"ping = 1\nspool = {self.folder}/spool\n{more}"
        return hz.Daemon(SIM + output(self.nats.urls, spool) + log(self.logs[-1]))

    def connected(self):
        """The node that the daemon is connected to."""
        return hz.wait(lambda: (n := self.nats.server_of("hertzd roof")) is not None and n + 1) - 1

    def heal(self):
        self.nats.start_all()
        self.nats.wait_writable("hertzd")

    def checked(self):
        self.nats.wait_writable("hertzd")
        return checked(self.nats.read("hertzd"), *self.logs)

    def __enter__(self):
        self.nats.__enter__()
        return self

    def __exit__(self, *what):
        self.nats.__exit__(*what)


def test_a_node_dies_and_then_the_quorum(tmp_path):
    with Trial(tmp_path) as t:
        with t.daemon() as d:
            until(d, lambda o: o["acks"] > 20)
            t.nats.kill(dead := t.connected())
            until(d, lambda o: o["connects"] >= 2 and o["state"] == "up")
            here = t.connected()
            t.nats.kill(3 - dead - here)  # no quorum, but connected
            until(d, lambda o: o["spooled"] > 20)
            d.stop()
        with t.daemon() as d:
            until(d, lambda o: o["spooled"] > 50)
            t.heal()
            until(d, is_drained)
            d.stop()
            assert "messages were not sent" not in d.stderr()
        t.checked()


@pytest.mark.skipif(not ROUNDS, reason="long: make nats-trial")
def test_everything_dies(tmp_path):
    """Kill -9 of the node that it is connected to and of the stream's leader, a frozen node, a lost
    quorum, all nodes away, a frozen quorum; the daemon ends and starts meanwhile."""
    with Trial(tmp_path) as t:
        for n in range(ROUNDS):
            with t.daemon() as d:
                until(d, lambda o: o["acks"] > 20)
                t.nats.kill(t.connected())
                until(d, lambda o: o["connects"] >= 2 and o["state"] == "up")
                t.heal()
                t.nats.kill(t.nats.leader("hertzd"))
                t.heal()
                until(d, is_drained)
                t.nats.freeze(node := t.connected())
                until(d, lambda o: o["state"] != "up" or not o["server"].endswith(f":{t.nats.ports[node]}"))
                t.nats.thaw(node)
                until(d, is_drained)
                for i in (i for i in range(3) if i != t.connected()):
                    t.nats.freeze(i)
                until(d, lambda o: o["spooled"] > 20)
                for i in range(3):
                    if i in t.nats.frozen:
                        t.nats.thaw(i)
                until(d, is_drained)
                here = t.connected()
                for i in (i for i in range(3) if i != here):
                    t.nats.kill(i)
                until(d, lambda o: o["spooled"] > 20)
                d.stop()
            with t.daemon() as d:
                until(d, lambda o: o["spooled"] > 50)
                t.nats.kill(here)
                until(d, lambda o: o["spooled"] > 100)
                t.heal()
                o = until(d, is_drained)
                d.stop()
                assert "messages were not sent" not in d.stderr()
            print(f"round {n + 1}: {o}", flush=True)
        stored = t.checked()
    print(f"{len(stored)} messages of {len(t.logs)} runs, each once")
