"""Conditions that pass by themselves end nothing, and /healthz tells of them while they last."""
import os
import shutil
import socket
import struct
import subprocess
import time

import pytest

import hz
import modes
from hz import LOOP, SIM, conf, free_port, messages, wait
from test_rtl_tcp import Server

pytestmark = pytest.mark.tsan

QUIET = bytes([127, 128]) * 65536


def health(d):
    code, body = hz.http(d.http, "/healthz")
    return code, body.decode()


# -- a FIFO -------------------------------------------------------------------------------------


@pytest.mark.parametrize("said", ["samples", "nothing"])
def test_a_fifo_is_read_again_when_the_next_writer_comes(tmp_path, said):
    fifo = tmp_path / "iq"
    os.mkfifo(fifo)
    text = conf(fifo, "format = cu8\nrate = 2400k\ncentre = 1090M\npace = max")
    with hz.Daemon(text) as d:
        c = hz.Lines(d.tcp)
        assert health(d) == (200, "ok\n")  # nobody writes yet, which is no fault
        seen = []
        for turn in range(3):
            sent = modes.flights(40, first=40 * turn)
            with open(fifo, "wb") as f:  # waits until hertzd has it open
                if said == "samples":
                    f.write(modes.capture(sent, seed=turn))
            records = c.until(lambda r: r.get("state") == "ended")
            if said == "samples":
                seen += [r["raw"] for r in records if r["kind"] == "message"]
                assert set(seen) >= {f.hex() for f in sent}
            assert not [r for r in records if r.get("state") == "backoff"]
        assert health(d) == (200, "ok\n")
        c.close()


def test_standard_input_ends_for_good(air):
    with hz.Daemon(conf()) as d:
        c = hz.Lines(d.tcp)
        d.feed(air.read_bytes())
        d.process.stdin.close()
        c.until(lambda r: r.get("state") == "ended")
        assert d.rpc.result("receivers")[0]["state"] == "ended"
        c.close()


# -- names --------------------------------------------------------------------------------------

HANGS = """
#include <unistd.h>
int getaddrinfo(const char *host, const char *port, const void *hints, void **found);
int getaddrinfo(const char *host, const char *port, const void *hints, void **found)
{
    (void)host, (void)port, (void)hints, (void)found;
    for (;;)
        pause();
}
"""


@pytest.fixture(scope="module")
def no_names(tmp_path_factory):
    """A library whose look-ups never come back, as with a server of names that is not reached."""
    if not shutil.which("gcc"):
        pytest.skip("gcc is not installed")
    if hz.SANITIZED:
        pytest.skip("a sanitizer has a getaddrinfo of its own")
    folder = tmp_path_factory.mktemp("names")
    (folder / "hangs.c").write_text(HANGS)
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", folder / "hangs.so", folder / "hangs.c"], check=True)
    return folder / "hangs.so"


def remote(address):
    return (f"[receiver far]\nsource = rtl_tcp\naddress = {address}\nrate = 2400k\ncentre = 1090M\n"
            "[channel far]\ndecoder = adsb\nreceiver = far\n")


def test_a_look_up_under_way_keeps_neither_the_workers_nor_the_end(no_names):
    two = SIM.replace("[channel 1090]", "[channel 1090]\nreceiver = sky")
    far = remote("far.example:1234")
    more = far.replace("far]", "farther]").replace("= far\n", "= farther\n")
    with hz.Daemon("[hertzd]\nworkers = 1\n" + two + far + more, env={"LD_PRELOAD": str(no_names)}) as d:
        c = hz.Lines(d.tcp)
        assert messages(c, 50)
        opening = {r["name"]: r["state"] for r in d.rpc.result("receivers")}
        assert opening["far"] != "streaming" and opening["farther"] != "streaming", opening
        c.close()
        code, took = d.stop()
        assert code == 0, d.stderr()


def test_a_look_up_that_takes_too_long_is_given_up(no_names):
    """After the 5 s that it has, without waiting for its end."""
    with hz.Daemon(remote("far.example:1234"), env={"LD_PRELOAD": str(no_names)}) as d:
        r = d.rpc.result("receivers")[0]
        assert r["state"] == "backoff" and "not looked up within 5 s" in r["last_error"], r


# -- health -------------------------------------------------------------------------------------


def fed(d):
    """The watchdog is fed from now on, too."""
    d.told.clear()
    d.wait_notify("WATCHDOG=1")


def test_health_sees_a_receiver_that_cannot_be_opened():
    port = free_port()
    with hz.Daemon(remote(f"127.0.0.1:{port}")) as d:
        code, why = health(d)
        assert code == 503 and "receiver far" in why and "cannot connect" in why, why
        assert why.strip() in d.rpc.ask("health")["error"]["message"]
        fed(d)
        d.wait_notify(lambda line: line.startswith("STATUS=0 of 1") and "receiver far" in line)
        with Server(data=QUIET, port=port):
            wait(lambda: health(d) == (200, "ok\n"))
            assert d.rpc.result("health") == {"healthy": True}
        wait(lambda: health(d)[0] == 503)
        assert "it closed the connection" in health(d)[1]


def test_health_sees_a_listener_that_does_not_listen():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        address = f"127.0.0.1:{other.getsockname()[1]}"
        with hz.Daemon(SIM + f"[listen more]\ntype = tcp\naddress = {address}\n") as d:
            code, why = health(d)
            assert code == 503 and "listen more" in why and address in why, why
            fed(d)
            other.close()
            wait(lambda: health(d) == (200, "ok\n"))


def test_health_sees_a_channel_whose_decoder_failed(tmp_path):
    """At 1 Msps no Mode S can be decoded; only the head of the file tells the rate."""
    path = tmp_path / "slow.wav"
    data = b"\x80" * 2_000_000
    head = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + len(data), b"WAVE", b"fmt ", 16, 1, 2, 1_000_000,
                       2_000_000, 2, 8, b"data", len(data))
    path.write_bytes(head + data)
    with hz.Daemon(conf(path, LOOP + "\ncentre = 1090M")) as d:
        wait(lambda: health(d)[0] == 503)
        deadline = time.monotonic() + 1
        while time.monotonic() < deadline:  # also while a job is at work
            code, why = health(d)
            assert code == 503 and "channel 1090" in why, why
            (channel,) = d.rpc.result("channels")
            assert channel["state"] == "failed" and channel["error"] in why, channel
        fed(d)


def test_a_channel_of_a_receiver_that_is_away_waits():
    with hz.Daemon(remote(f"127.0.0.1:{free_port()}")) as d:
        assert d.rpc.result("channels")[0]["state"] == "waiting"
