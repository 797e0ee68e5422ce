"""The watchdog under a real systemd: what is stuck is restarted, and nothing else is.

A worker or the loop is held by a library that the test preloads (tests/tools/stick.c); the samples are stopped
by the virtual dongle (tests/usb). A second receiver, simulated, must not notice."""
import shutil
import subprocess
import sys
import time

import pytest

from test_unit import HERE, HTTP, TCP, machine, main_pid  # noqa: F401
from hz import Lines, http  # noqa: E402

sys.path.insert(0, str(HERE.parent / "usb"))
from control import Control  # noqa: E402

ROOT = HERE.parent.parent
WATCHDOG_S = 3
JOB_S = 8  # daemon/run/health.c
PATIENCE = 30
CONF = """
[receiver sky]
source = sim
[channel s1090]
decoder = adsb
receiver = sky
[receiver roof]
source = rtlsdr
rate = 2400k
centre = 1090M
[channel r1090]
decoder = adsb
receiver = roof
[listen json]
type = tcp
address = 127.0.0.1:7373
[listen web]
type = http
address = 127.0.0.1:7380
[listen control]
type = unix
path = /run/hertzd/hertzd.sock
"""
DROP_IN = f"""[Service]
WatchdogSec={WATCHDOG_S}
TimeoutAbortSec=1
LimitCORE=0
Environment=LD_LIBRARY_PATH=/usr/local/lib/stick LD_PRELOAD=/usr/local/lib/stick/stick.so
Environment=HZ_STICK=/run/hertzd HZ_USB_DONGLES=1 HZ_USB_CONTROL=/run/hertzd/usb
"""


@pytest.fixture(scope="module")
def watched(machine):  # noqa: F811
    """hertzd on the virtual dongle and a simulated receiver, with the library that makes it stick."""
    usb = ROOT / "build/usb/libusb-1.0.so.0"
    if not usb.exists():
        pytest.skip(f"{usb} is missing: make virtual-dongle builds it")
    lib = machine.path("/usr/local/lib/stick")
    lib.mkdir()
    shutil.copy(usb, lib)
    subprocess.run(["gcc", "-shared", "-fPIC", "-Wall", "-D_GNU_SOURCE", "-o", lib / "stick.so", ROOT / "tests/tools/stick.c"],
                   check=True)
    machine.path("/run/systemd/system/hertzd.service.d/watchdog.conf").write_text(DROP_IN)
    machine.path("/etc/hertzd/hertzd.conf").write_text(CONF)
    machine.systemctl("daemon-reload")
    machine.systemctl("start", "hertzd.socket", "hertzd.service")
    return machine


def wait(condition, what):
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
    raise AssertionError(f"not within {PATIENCE} s: {what}")


def roof_blocks(rpc):
    return next(r["blocks"] for r in rpc.result("receivers") if r["name"] == "roof")


def restarted(watched, what, meanwhile=None):
    """Makes that thread stick; the seconds until the daemon that came after sends its hello.
    `meanwhile` is called while it sticks."""
    client = Lines(TCP)
    stream = client.next()["stream"]
    before = watched.show()
    began = time.monotonic()
    watched.path(f"/run/hertzd/{what}").touch()
    if meanwhile:
        meanwhile()
    client.rest()  # connected to the end: until the kernel has closed it
    assert watched.show()["Result"] == "watchdog"
    again = Lines(TCP)
    assert again.next()["stream"] != stream
    took = time.monotonic() - began
    print(f"{what} stuck: {took:.1f} s")
    after = watched.show()
    # at least once: on a busy machine the new one may be late too
    assert int(after["NRestarts"]) > int(before["NRestarts"])
    assert after["MainPID"] != before["MainPID"]
    again.until(lambda r: r["kind"] == "message")
    client.close(), again.close()
    return took


def test_status_is_a_line_that_says_it(watched):
    text = watched.show()["StatusText"]
    assert "2 of 2 receivers streaming" in text, text
    assert watched.show()["NRestarts"] == "0"


def test_a_stuck_loop_is_restarted(watched):
    restarted(watched, "loop")


def test_a_stuck_worker_is_restarted(watched):
    def told():  # by /healthz as long as the daemon lives
        code, why = wait(lambda: next(iter([a for a in [http(HTTP, "/healthz")] if a[0] != 200]), None), "503")
        assert code == 503 and b"has been at" in why

    assert http(HTTP, "/healthz") == (200, b"ok\n")
    took = restarted(watched, "worker", told)
    assert JOB_S < took
    assert "has been at" in watched.hertzd_log()


def test_samples_that_stop_restart_the_receiver_and_nothing_else(watched):
    """For longer than the watchdog waits; the other receiver loses nothing, its client stays."""
    wait(lambda: "2 of 2 receivers streaming" in watched.show()["StatusText"], "both stream again")
    client, before = Lines(TCP), watched.show()
    usb = Control(watched.path("/run/hertzd/usb"))
    began = time.monotonic()
    usb.tell("silence 0 on")
    seen = client.until(lambda r: r["kind"] == "state" and r["state"] == "backoff")
    assert [r["state"] for r in seen if r["kind"] == "state"] == ["stalled", "backoff"]
    assert "no samples" in seen[-1]["reason"]
    waiting = wait(lambda: "waiting to reopen" in (t := watched.show()["StatusText"]) and t, "the status")
    assert "1 of 2 receivers streaming" in waiting
    seen += client.until(lambda r: time.monotonic() - began > 3 * WATCHDOG_S and r["kind"] == "message")
    rpc = watched.rpc()
    blocks = roof_blocks(rpc)
    usb.tell("silence 0 off")
    wait(lambda: roof_blocks(rpc) > blocks, "samples come again")
    rpc.close()
    seen += client.until(lambda r: r["kind"] == "message")
    messages = [r for r in seen if r["kind"] == "message"]
    assert messages and {r["receiver"] for r in messages} == {"sky"}
    seqs = [r["seq"] for r in seen if "seq" in r and r["kind"] != "hello"]
    assert seqs == list(range(seqs[0], seqs[-1] + 1))
    assert {r["receiver"] for r in seen if r["kind"] in ("state", "gap")} == {"roof"}
    after = watched.show()
    assert (after["NRestarts"], after["MainPID"]) == (before["NRestarts"], before["MainPID"])
    assert after["ActiveState"] == "active"
    client.close()
