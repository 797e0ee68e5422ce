"""hertzd.service and hertzd.socket run by a real systemd, PID 1 of namespaces of its own (see boot).

The tests are steps of one life: they share the machine and go in order."""
import ctypes
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "e2e"))

from hz import Lines, Rpc, messages  # noqa: E402

CLONE_NEWNET = 0x40000000
TCP = ("127.0.0.1", 7373)
HTTP = ("127.0.0.1", 7380)
UNSHARE = ["unshare", "-pfmuiCn", "--kill-child", "--mount-proc"]


def enter_network(path):
    """Sockets that this thread makes from now on belong to that network namespace."""
    fd = os.open(path, os.O_RDONLY)
    try:
        if ctypes.CDLL(None, use_errno=True).setns(fd, CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), f"setns {path}")
    finally:
        os.close(fd)


class Machine:
    def __init__(self, log):
        self.log = log
        self.unshare = subprocess.Popen([*UNSHARE, HERE / "boot"], stdout=log, stderr=log)
        self.pid = None

    def wait_up(self):
        """systemd is up when it answers; until then boot is still at work."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            assert self.unshare.poll() is None, f"boot ended: {self.text()}"
            kids = Path(f"/proc/{self.unshare.pid}/task/{self.unshare.pid}/children").read_text().split()
            self.pid = kids[0] if kids else None
            if kids and self.systemctl("is-active", "hertzd-test.target", check=False).strip() == "active":
                return
        raise AssertionError(f"systemd does not come up: {self.text()}")

    def text(self):
        return Path(self.log.name).read_text(errors="replace")

    def path(self, name):
        return Path(f"/proc/{self.pid}/root{name}")

    def run(self, *args):
        return subprocess.run(
            ["nsenter", "-t", self.pid, "-p", "-m", "-n", "systemctl", *args],
            capture_output=True, text=True,
        )

    def systemctl(self, *args, check=True):
        done = self.run(*args)
        assert not check or done.returncode == 0, (args, done.stderr, self.hertzd_log())
        return done.stdout

    def show(self, unit="hertzd.service"):
        return dict(l.split("=", 1) for l in self.systemctl("show", unit).splitlines() if "=" in l)

    def hertzd_log(self):
        log = self.path("/run/hertzd.log")
        return log.read_text(errors="replace") if log.exists() else "no log"

    def rpc(self):
        return Rpc(self.path("/run/hertzd/hertzd.sock"))


def not_permitted():
    """Why there can be no systemd of our own here; None when there can."""
    if os.geteuid() != 0:
        return "needs root for namespaces"
    if not Path("/lib/systemd/systemd").exists():
        return "systemd is not installed"
    script = "mount --make-rprivate / && mount -t tmpfs tmpfs /run"
    done = subprocess.run([*UNSHARE, "sh", "-c", script], capture_output=True, text=True)
    return f"namespaces are not permitted: {done.stderr.strip()}" if done.returncode else None


@pytest.fixture(scope="module")
def machine(tmp_path_factory):
    why = not_permitted()
    if why:
        pytest.skip(why)
    with open(tmp_path_factory.mktemp("boot") / "log", "w") as log:
        m = Machine(log)
        try:
            m.wait_up()
            enter_network(f"/proc/{m.pid}/ns/net")
            yield m
        finally:
            enter_network(f"/proc/{os.getpid()}/ns/net")
            m.unshare.kill()  # --kill-child takes systemd with it
            m.unshare.wait()


def test_first_client_comes_before_the_daemon(machine):
    machine.systemctl("start", "hertzd.socket")
    assert machine.show()["ActiveState"] == "inactive"
    c = Lines(TCP)
    assert c.next()["kind"] == "hello"
    assert messages(c, 5)
    c.close()


def test_ready_and_status_text(machine):
    deadline = time.monotonic() + 10
    while "StatusText" not in (s := machine.show()) and time.monotonic() < deadline:
        pass
    assert (s["ActiveState"], s["SubState"], s["Result"]) == ("active", "running", "success")
    assert "1 of 1 receiver streaming" in s["StatusText"], s
    assert s["NRestarts"] == "0", machine.hertzd_log()


def main_pid(machine):
    """hertzd's process as seen from here."""
    inside = machine.show()["MainPID"]
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            fields = dict(l.split(":\t", 1) for l in status.read_text().splitlines() if ":\t" in l)
        except OSError:
            continue
        ids = fields.get("NSpid", "").split()
        if fields.get("Name") == "hertzd" and len(ids) > 1 and ids[-1] == inside:
            if os.readlink(status.parent / "ns/pid") == os.readlink(f"/proc/{machine.pid}/ns/pid"):
                return int(status.parent.name), fields
    raise AssertionError(f"no process {inside}")


def test_runs_as_its_own_user_without_rights(machine):
    _, fields = main_pid(machine)
    passwd = machine.path("/etc/passwd").read_text()
    uid = next(l.split(":")[2] for l in passwd.splitlines() if l.startswith("hertzd:"))
    assert fields["Uid"].split() == [uid] * 4 and uid != "0"
    assert int(fields["CapEff"], 16) == int(fields["CapBnd"], 16) == 0
    assert fields["NoNewPrivs"] == "1" and fields["Seccomp"] == "2"
    plugdev = next(l.split(":")[2] for l in machine.path("/etc/group").read_text().splitlines() if l.startswith("plugdev:"))
    assert plugdev in fields["Groups"].split()


def test_control_socket_is_for_root_and_the_group(machine):
    st = machine.path("/run/hertzd/hertzd.sock").stat()
    gid = next(l.split(":")[2] for l in machine.path("/etc/group").read_text().splitlines() if l.startswith("hertzd:"))
    assert (st.st_mode & 0o777, st.st_uid, st.st_gid) == (0o660, 0, int(gid))
    c = machine.rpc()
    assert len(c.result("status")["listeners"]) == 3
    c.close()


def test_all_sockets_are_those_of_systemd(machine):
    """Nothing else listens: hertzd took the three that it was given."""
    out = subprocess.run(
        ["nsenter", "-t", machine.pid, "-n", "cat", "/proc/net/tcp", "/proc/net/tcp6"],
        capture_output=True, text=True, check=True,
    ).stdout
    listening = sorted(int(l.split()[1].split(":")[1], 16) for l in out.splitlines() if l.split()[3] == "0A")
    assert listening == [7373, 7380]


def test_killed_and_back_within_2_s_with_no_client_refused(machine):
    old = Lines(TCP)
    stream = old.next()["stream"]
    pid, _ = main_pid(machine)
    began = time.monotonic()
    os.kill(pid, signal.SIGKILL)
    old.rest()  # until the kernel has closed it: the daemon is gone
    clients = [Lines(TCP) for _ in range(100)]  # would raise if one were refused
    hellos = [c.next() for c in clients]
    took = time.monotonic() - began
    print(f"back after {took:.3f} s")
    assert all(h["kind"] == "hello" and h["stream"] != stream for h in hellos)
    assert took < 2
    s = machine.show()
    assert (s["ActiveState"], s["NRestarts"]) == ("active", "1")
    for c in [old, *clients]:
        c.close()


def test_hung_and_restarted_by_the_watchdog(machine):
    c = Lines(TCP)
    stream = c.next()["stream"]
    pid, _ = main_pid(machine)
    os.kill(pid, signal.SIGSTOP)
    c.rest()
    again = Lines(TCP)
    assert again.next()["stream"] != stream
    assert machine.show()["NRestarts"] == "2"
    c.close(), again.close()


def test_reload(machine):
    before = machine.show()["MainPID"]
    conf = machine.path("/etc/hertzd/hertzd.conf")
    good = conf.read_text()
    c = Lines(TCP)
    c.next()
    conf.write_text(good + "\n[channel second]\ndecoder = adsb\n")
    machine.systemctl("reload", "hertzd.service")
    c.until(lambda r: r.get("channel") == "second")
    conf.write_text(good + "\nnonsense = 1\n")
    assert machine.run("reload", "hertzd.service").returncode != 0
    assert "hertzctl: " in machine.hertzd_log() and "nonsense" in machine.hertzd_log()
    assert messages(c, 5)
    conf.write_text(good)
    machine.systemctl("reload", "hertzd.service")
    s = machine.show()
    assert (s["MainPID"], s["ActiveState"]) == (before, "active")
    c.close()


def test_changes_are_saved_although_the_daemon_may_not_write(machine):
    """/etc is read-only in its sandbox: hertzctl writes, as root. The next start has them."""
    def ctl(*words):
        return subprocess.run(["nsenter", "-t", machine.pid, "-p", "-m", "-n", "/usr/local/bin/hertzctl", *words],
                              capture_output=True, text=True, check=True).stdout

    conf, live = (machine.path("/etc/hertzd/" + f) for f in ("hertzd.conf", "hertzd.conf.d/zz-live.conf"))
    ctl("channel", "add", "second", "decoder=adsb", "priority=3")
    assert ctl("config", "--save") == "saved to /etc/hertzd/hertzd.conf.d/zz-live.conf\n"
    old, new = conf.stat(), live.stat()
    assert (new.st_uid, new.st_gid, new.st_mode) == (old.st_uid, old.st_gid, old.st_mode)
    machine.systemctl("restart", "hertzd.service")
    assert "[channel second]\ndecoder = adsb\npriority = 3\n" in ctl("config")
    live.unlink()
    machine.systemctl("reload", "hertzd.service")
    assert "second" not in ctl("config")


def test_each_unit_is_enabled_by_itself(machine):
    """With Also= in one, an upgrade of a Debian package restarts both in one command, which fails."""
    try:
        machine.systemctl("enable", "hertzd.service")
        assert machine.systemctl("is-enabled", "hertzd.service", check=False).strip() == "enabled"
        assert machine.systemctl("is-enabled", "hertzd.socket", check=False).strip() == "disabled"
    finally:
        machine.systemctl("disable", "hertzd.service")


def test_limits_leave_room_for_a_full_configuration(machine):
    """256 channels that are all decoded take an eighth of the memory and of the tasks at most."""
    limits = machine.show()
    conf = machine.path("/etc/hertzd/hertzd.conf")
    good = conf.read_text()
    channels = [f"[channel c{i}]\nreceiver = full\ndecoder = nfm\nsquelch = 0\nfrequency = {161_245_000 + 4_700 * i}\n"
                for i in range(256)]
    conf.write_text(good.replace("decoder = adsb", "decoder = adsb\nreceiver = roof", 1)
                    + "\n[receiver full]\nsource = sim\nscene = vhf\n" + "".join(channels))
    machine.systemctl("reload", "hertzd.service")
    rpc = machine.rpc()
    deadline = time.monotonic() + 60
    while True:
        full = next(r for r in rpc.result("receivers") if r["name"] == "full")
        if full["blocks"] > 100:
            break
        assert time.monotonic() < deadline, full
    status = Path(f"/proc/{main_pid(machine)[0]}/status").read_text()
    peak, threads = (int(re.search(rf"^{name}:\s*(\d+)", status, re.M).group(1)) for name in ("VmHWM", "Threads"))
    print(f"{peak} kB, {threads} threads")
    assert 1024 * peak < int(limits["MemoryMax"]) / 8 and threads < int(limits["TasksMax"]) / 8
    conf.write_text(good)
    machine.systemctl("reload", "hertzd.service")
    rpc.close()


def test_stops_within_2_s(machine):
    c = Lines(TCP)
    c.next()
    began = time.monotonic()
    machine.systemctl("stop", "hertzd.service")
    took = time.monotonic() - began
    s = machine.show()
    assert took < 2, took
    assert (s["Result"], s["ExecMainCode"], s["ExecMainStatus"]) == ("success", "1", "0"), s
    c.close()


def test_a_client_starts_it_again(machine):
    assert machine.show("hertzd.socket")["ActiveState"] == "active"
    c = Lines(TCP)
    assert c.next()["kind"] == "hello"
    c.close()


def test_wrong_configuration_is_not_tried_again(machine):
    conf = machine.path("/etc/hertzd/hertzd.conf")
    good = conf.read_text()
    machine.systemctl("stop", "hertzd.socket", "hertzd.service")
    conf.write_text(good + "\nnonsense = 1\n")
    try:
        machine.systemctl("start", "hertzd.service", check=False)
        s = machine.show()
        got = {key: s[key] for key in ("ActiveState", "SubState", "Result", "ExecMainCode", "ExecMainStatus", "NRestarts")}
        assert (got["ActiveState"], got["ExecMainStatus"], got["NRestarts"]) == ("failed", "2", "0"), got
        assert "nonsense" in machine.hertzd_log()
    finally:
        conf.write_text(good)


def test_without_the_socket_unit(machine):
    """Masked, hertzd opens its sockets itself, also where systemd had put one."""
    machine.systemctl("mask", "--runtime", "hertzd.socket")
    machine.systemctl("restart", "hertzd.service")
    c = Lines(TCP)
    assert c.next()["kind"] == "hello"
    rpc = machine.rpc()
    assert rpc.result("status")
    c.close(), rpc.close()


def test_no_system_call_was_refused(machine):
    """A refused call kills (see boot), and no death but those above was counted. That the filter is on
    at all: a command that mounts dies of it."""
    assert machine.show()["Result"] == "success"
    machine.systemctl("start", "hertzd-probe.service", check=False)
    s = machine.show("hertzd-probe.service")
    assert s["ExecMainStatus"] == str(int(signal.SIGSYS)), s


def test_reports_nothing_odd(machine):
    """The log holds no line of a higher priority than notice but those that the tests provoked."""
    bad = [l for l in machine.hertzd_log().splitlines() if l[:3] in ("<0>", "<1>", "<2>", "<3>", "<4>")]
    assert all("nonsense" in l or "refused" in l or "configuration" in l for l in bad), bad


def set_up(machine, *args, **env):
    """hertzd setup on that machine."""
    command = ["nsenter", "-t", machine.pid, "-p", "-m", "-n", "/usr/local/bin/hertzd", "setup", "--yes", "--force"]
    return subprocess.run([*command, *args], capture_output=True, text=True, env={**os.environ, **env})


def test_setup_stops_the_service_only_to_listen(machine):
    """It may have the dongle, which is busy here."""
    usb = HERE.parents[1] / "build/usb"
    if not (usb / "libusb-1.0.so.0").exists():
        pytest.skip("the virtual dongle was not built: make virtual-dongle")
    script = machine.path("/run/script")
    script.write_text("at 0 driver 0 other\n")
    machine.systemctl("unmask", "--runtime", "hertzd.socket")
    machine.systemctl("stop", "hertzd.socket", "hertzd.service")
    machine.systemctl("start", "hertzd.socket", "hertzd.service")
    done = set_up(machine, "--config", "/run/other.conf", "--listen", "1", LD_LIBRARY_PATH=str(usb),
                 HZ_USB_DONGLES="1", HZ_USB_SCRIPT="/run/script")
    assert done.returncode == 0 and "The service hertzd runs, and may have it" in done.stdout, done
    assert "The service is stopped while this listens" in done.stdout, done
    for unit in "hertzd.socket", "hertzd.service":
        assert machine.systemctl("is-active", unit).strip() == "active"


def test_setup_starts_the_service(machine):
    """Last: the configuration is another one then, for a dongle that is waited for."""
    machine.systemctl("unmask", "--runtime", "hertzd.socket")
    machine.systemctl("stop", "hertzd.socket", "hertzd.service")
    done = set_up(machine, "--start", "--interests", "ships")
    assert done.returncode == 0 and "The service runs." in done.stdout, done
    rpc = machine.rpc()
    assert {c["decoder"] for c in rpc.result("channels")} == {"ais"}
    rpc.close()
    for unit in "hertzd.socket", "hertzd.service":
        assert machine.systemctl("is-enabled", unit).strip() == "enabled"
        assert machine.systemctl("is-active", unit).strip() == "active"
