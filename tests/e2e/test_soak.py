"""What must hold for long: a dongle that comes and goes many times; a day of random faults.

Short here; HZ_SOAK=1 (make soak) takes 1,000 cycles and the whole day. HZ_SEED chooses the faults."""
import calendar
import os
import random
import subprocess
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
        usb, crowd, poll = Control(tmp_path / "usb"), Crowd(d.tcp, 20), StatusPoll(d)
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


# -- a day -----------------------------------------------------------------------------------------

DAY_S = 86400 if SOAK else 300  # of the daemon's time
CALM_S = (60, 600) if SOAK else (15, 30)  # between two faults
SEED = int(os.environ.get("HZ_SEED", 3))
RATE = 250_000
CONF_DAY = f"[receiver roof]\nsource = rtlsdr\ndevice = 00000001\nrate = {RATE}\ncentre = 1090M\n"
BACK_S = 5

# name: [(seconds after its beginning, command)], of which the last mends it. All cost one opening.
REOPENING = {
    "unplug": lambda r: [(0, "unplug 0"), (r.uniform(0.5, 40 if SOAK else 8), "plug 0")],
    "silence": lambda r: [(0, "silence 0 on"), (2.6, "silence 0 off")],
    "slow cancel": lambda r: [(0, "cancel 0 1000"), (0, "silence 0 on"), (2.6, "silence 0 off"), (2.7, "cancel 0 0")],
    "error": lambda r: [(0, "error 0")],
    "stall": lambda r: [(0, "stall 0")],
    "refuse": lambda r: [(0, "refuse 0")],
    "no permission": lambda r: [(0, "deny 0 on"), (0, "error 0"), (r.uniform(1.5, 9), "deny 0 off")],
    "busy": lambda r: [(0, "driver 0 other"), (0, "error 0"), (r.uniform(1.5, 9), "driver 0 none")],
}
MENDED_AFTER = {"stall": 2.3, "refuse": 2.3}  # seconds until it is seen, where nothing has to be mended


class Schedule:
    """Faults at random moments: the script, and what must come of it."""

    def __init__(self, seed):
        r = random.Random(seed)
        self.lines, self.mended, self.losses = [], [], []
        t = 10.0
        while t < DAY_S - 60:
            name = r.choice([*REOPENING, "loss", "loss", "short transfers"])
            if name == "loss":
                samples = r.randrange(RATE // 100, 2 * RATE)
                self.losses.append(samples)
                steps = [(0, f"lose 0 {2 * samples}")]
            elif name == "short transfers":
                steps = [(0, f"short 0 512 {r.randrange(1, 5)}")]
            else:
                steps = REOPENING[name](r)
                self.mended.append((name, t + steps[-1][0] + MENDED_AFTER.get(name, 0)))
            self.lines += [f"at {t + after:.3f} {command}" for after, command in steps]
            t += steps[-1][0] + r.uniform(*CALM_S)
        self.lines.append(f"at {DAY_S} serial 0 ENDED")


def seconds(record):
    """The record's time in seconds since 1970."""
    whole, fraction = record["time"].rstrip("Z").split(".")
    return calendar.timegm(time.strptime(whole, "%Y-%m-%dT%H:%M:%S")) + float("0." + fraction)


@pytest.mark.plain
def test_a_day_of_random_faults(tmp_path):
    """The daemon's time runs as fast as its work allows (tests/tools/warp.c), so all that it measures
    and waits for is as in life, but for its threads, which are never late."""
    if not (USB / "libusb-1.0.so.0").exists():
        pytest.skip("the virtual dongle was not built: make virtual-dongle")
    warp = tmp_path / "warp.so"
    subprocess.run(["gcc", "-O2", "-shared", "-fPIC", "-Wall", "-D_GNU_SOURCE", "-o", warp,
                    hz.ROOT / "tests/tools/warp.c"], check=True)
    plan = Schedule(SEED)
    (tmp_path / "script").write_text("\n".join(plan.lines) + "\n")
    env = {"LD_LIBRARY_PATH": str(USB), "LD_PRELOAD": str(warp), "WARP_LIMIT": str(DAY_S), "HZ_USB_DONGLES": "1",
           "HZ_USB_SCRIPT": str(tmp_path / "script"), "HZ_USB_CONTROL": str(tmp_path / "usb")}
    began = time.monotonic()
    with hz.Daemon(CONF_DAY, env=env) as d:
        clients = [hz.Lines(d.tcp) for _ in range(20)]
        clients[0].send({"subscribe": {"stream": clients[0].next()["stream"], "since": 0}})
        records, first = [], None
        deadline = time.monotonic() + 300 + DAY_S / 2  # if it hangs; a busy machine may take long
        while d.rpc.result("status")["uptime_s"] < DAY_S + 1:
            assert time.monotonic() < deadline
            records += pending(clients[0])
            if first is None and len([r for r in records if r.get("state") == "streaming"]) > 4:
                first = usage(d.process.pid)
            hz.drain(d.notify)
            time.sleep(0.05)  # a look at a day that passes beside it: nothing in particular is waited for
        info, last = d.rpc.result("receivers")[0], usage(d.process.pid)
        records += pending(clients[0])
        assert all(still_open(c) for c in clients), "clients were disconnected"
        dongle = Control(tmp_path / "usb").state()["dongles"][0]
    states = {r["seq"]: r for r in records if r["kind"] == "state"}
    gaps = list({r["seq"]: r for r in records if r["kind"] == "gap"}.values())
    print(f"seed {SEED}: {DAY_S} s in {time.monotonic() - began:.0f} s, {len(plan.mended)} reopened, {len(gaps)} losses; "
          f"before {first}, after {last}")
    check_recoveries(plan, list(states.values()))
    assert info["state"] == "streaming" and info["wedged"] == 0
    assert info["opens"] == 1 + len(plan.mended)
    assert info["failures"] >= len(plan.mended)
    lost = dongle["lost"]
    assert lost["cut"] == 2 * sum(plan.losses)
    assert info["lost_samples"] == pytest.approx((lost["cut"] + lost["late"]) / 2, rel=0.01)
    if lost["late"] == 0:  # else the machine stood still for a while, and the dongle overran as in life
        assert [r["samples"] for r in gaps] == [pytest.approx(n, rel=0.01) for n in plan.losses]
    assert (info["gaps"], info["lost_samples"]) == (len(gaps), sum(r["samples"] for r in gaps))
    assert info["capture"]["dropped_samples"] == 0
    assert not dongle["freed_in_flight"] and not dongle["closed_in_flight"]
    assert last[1:] == first[1:] and last[0] - first[0] < GROWTH


def check_recoveries(plan, states):
    """Each time the receiver streams again it is within 5 s of the fault's end, and was told so."""
    opening = seconds(states[0])
    streaming = [seconds(r) - opening for r in states if r["state"] == "streaming"][1:]
    assert len(streaming) == len(plan.mended)
    longest = {}
    for (name, mended), at in zip(plan.mended, streaming):
        longest[name] = max(longest.get(name, 0), at - mended)
    print(", ".join(f"{name} {took:.2f} s" for name, took in sorted(longest.items())))
    assert all(took < BACK_S for took in longest.values()), longest


def pending(client):
    """What has come so far, without waiting."""
    client.sock.setblocking(False)
    try:
        while more := client.sock.recv(1 << 16):
            client.held += more
    except BlockingIOError:
        pass
    whole, _, client.held = client.held.rpartition(b"\n")
    client.sock.settimeout(hz.PATIENCE)
    return [hz.checked(l + b"\n") for l in whole.split(b"\n") if l]


def still_open(client):
    """Not disconnected: reading what is there ends in nothing more, not in the end."""
    client.sock.setblocking(False)
    try:
        while client.sock.recv(1 << 16):
            pass
        return False
    except BlockingIOError:
        return True
    finally:
        client.sock.close()
