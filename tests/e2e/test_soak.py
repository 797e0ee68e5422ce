"""What must hold for long: a dongle that comes and goes many times.

Short here; HZ_SOAK=1 (make soak) takes 1,000 cycles."""
import os
import time
from pathlib import Path

import pytest

import hz
from test_dongle import CONF, Crowd, StatusPoll, USB, Control, state_is

SOAK = "HZ_SOAK" in os.environ
CYCLES = 1000 if SOAK else 50
WARM_UP = CYCLES // 5
POOL = 96 * 76800  # bytes: the blocks of a session; how many of them were ever used differs
GROWTH = POOL  # what came of the last cycle; a leak of one block a cycle makes 62 MB of 1,000


def usage(pid):
    """Resident bytes, threads, file descriptors."""
    status = dict(l.split(":\t", 1) for l in Path(f"/proc/{pid}/status").read_text().splitlines() if ":\t" in l)
    return int(status["VmRSS"].split()[0]) * 1024, int(status["Threads"]), len(os.listdir(f"/proc/{pid}/fd"))


@pytest.mark.plain
def test_cycles_of_lose_and_return_leave_nothing_behind(tmp_path):
    if not (USB / "libusb-1.0.so.0").exists():
        pytest.skip("the virtual dongle was not built: make virtual-dongle")
    env = {"LD_LIBRARY_PATH": str(USB), "HZ_USB_DONGLES": "1", "HZ_USB_UNPACED": "1",
           "HZ_USB_CONTROL": str(tmp_path / "usb")}
    with hz.Daemon(CONF, env=env) as d:
        usb, crowd, poll = Control(tmp_path / "usb"), Crowd(d.tcp, 20), StatusPoll(d.sock)
        began = time.monotonic()
        for i in range(CYCLES):
            now = time.monotonic()
            usb.tell("unplug 0")
            crowd.wait(state_is("backoff"), after=now)
            blocks = d.rpc.result("receivers")[0]["blocks"]
            usb.tell("plug 0 last" if i % 2 else "plug 0")
            crowd.wait(state_is("streaming"), after=now)
            while (info := d.rpc.result("receivers")[0])["blocks"] == blocks:
                pass
            if i == WARM_UP:
                before = usage(d.process.pid)
        after = usage(d.process.pid)
        took = time.monotonic() - began
        print(f"{CYCLES} cycles in {took:.1f} s; before {before}, after {after}; status {poll.longest * 1e3:.0f} ms")
        assert (info["opens"], info["failures"], info["wedged"]) == (CYCLES + 1, CYCLES, 0)
        assert info["state"] == "streaming" and info["last_error"]
        poll.stop()
        crowd.stop()
        assert crowd.closed == 0, "clients were disconnected"
        assert after[1:] == before[1:], "threads or file descriptors were left behind"
        assert after[0] - before[0] < GROWTH
        dongle = usb.state()["dongles"][0]
        assert dongle["plugs"] == CYCLES + 1 and dongle["opens"] == dongle["closes"] + 1
        assert not dongle["freed_in_flight"] and not dongle["closed_in_flight"]
