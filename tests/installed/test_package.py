"""The package on a Debian system that was just made: apt installs it, systemd runs it, the virtual dongle is
plugged in (tests/usb); then an upgrade, removal and purge. The tests are steps of one life and go in order.

HZ_FIGURES=1 prints how long it took from `apt install` to the first message (docs/setup.md).
"""
import os
import shutil
import subprocess
import threading
import time

import pytest

import machine as m

JSON = ("127.0.0.1", 7373)
INSTALL = ["apt-get", "install", "-y", "-q", "-o", "Dpkg::Options::=--force-confdef", "-o", "Dpkg::Options::=--force-confold"]
CONF = "etc/hertzd/hertzd.conf"
MINE = "etc/hertzd/hertzd.conf.d/10-mine.conf"
# What any package changes and a purge leaves: logs, caches, the lists of packages and of users, the state of
# systemd; and what is not on the disk.
NOT_OURS = ("var/log", "var/cache", "var/lib/dpkg", "var/lib/apt", "var/lib/systemd", "etc/.pwd.lock", "etc/passwd", "etc/group",
            "etc/shadow", "etc/gshadow", "etc/ld.so.cache", "run", "tmp", "var/tmp", "root", "opt", "dev", "proc", "sys", "mnt")

needed = [tool for tool in ("mmdebstrap", "dpkg-deb", "unshare", "nsenter") if not shutil.which(tool)]
pytestmark = [pytest.mark.skipif(os.geteuid() != 0, reason="needs root for namespaces"),
              pytest.mark.skipif(bool(needed), reason=f"missing: {needed}")]


def only(folder):
    found = list(folder.glob("hertzd_*.deb"))
    assert len(found) == 1, f"{folder}: make deb leaves one package, here are {found}"
    return found[0]


def plug_in(root):
    """The virtual dongle, which the service finds in place of libusb; the package knows nothing of it."""
    dongle = root / "opt/dongle"
    dongle.mkdir(parents=True)
    shutil.copy(m.ROOT / "build/usb/libusb-1.0.so.0", dongle)
    with open(dongle / "aircraft.cu8", "wb") as out:
        subprocess.run([m.ROOT / "build/scene", "aircraft", "1", "10"], stdout=out, check=True)
    drop_in = root / "etc/systemd/system/hertzd.service.d/dongle.conf"
    drop_in.parent.mkdir(parents=True)
    drop_in.write_text("[Service]\nEnvironment=LD_LIBRARY_PATH=/opt/dongle HZ_USB_DONGLES=1 "
                       "HZ_USB_PLAY=/opt/dongle/aircraft.cu8\n")


def newer(deb, folder):
    """The same package with a higher version, and a default configuration that is not the same."""
    tree = folder / "newer"
    subprocess.run(["dpkg-deb", "-R", deb, tree], check=True)
    control = tree / "DEBIAN/control"
    control.write_text(control.read_text().replace("\nVersion: ", "\nVersion: 1:"))
    with open(tree / CONF, "a") as conf:
        conf.write("# New in this version.\n")
    out = folder / "hertzd_newer.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "-b", tree, out], check=True, stdout=subprocess.DEVNULL)
    shutil.rmtree(tree)
    return out


def files(root):
    """Everything on the disk that a package may have put there."""
    out = set()
    for folder, folders, names in os.walk(root):
        inside = os.path.relpath(folder, root)
        folders[:] = [f for f in folders if os.path.normpath(f"{inside}/{f}") not in NOT_OURS]
        out |= {os.path.normpath(f"{inside}/{n}") for n in names + folders}
    return out - set(NOT_OURS)


@pytest.fixture(scope="module")
def debian(tmp_path_factory):
    root = m.unpacked("amd64")
    plug_in(root)
    deb = only(m.ROOT / "build/deb")
    shutil.copy(deb, root / "root/hertzd.deb")
    shutil.copy(newer(deb, tmp_path_factory.mktemp("deb")), root / "root/newer.deb")
    # The libraries are fetched before, so that the measured time has not the network in it.
    m.in_root(root, "apt-get", "update", "-q")
    fetched = m.in_root(root, "apt-get", "install", "-y", "-q", "--download-only", "/root/hertzd.deb")
    with open(tmp_path_factory.mktemp("boot") / "log", "w") as log:
        debian = m.Machine(root, log)
        debian.before = files(root)
        debian.fetched = "; ".join(l for l in fetched.splitlines() if l.startswith("Need to get") or " newly installed" in l)
        yield debian
        debian.stop()
    shutil.rmtree(root)


class FirstMessage(threading.Thread):
    """A client that was there before: it tries until something listens, and reads up to the first message."""

    def __init__(self, debian):
        super().__init__(daemon=True)
        self.debian, self.times, self.message = debian, {}, None

    def run(self):
        deadline = time.monotonic() + m.PATIENCE
        while time.monotonic() < deadline:
            try:
                sock = self.debian.connect(JSON)
            except ConnectionRefusedError:
                time.sleep(0.01)
                continue
            self.times["connected"] = time.monotonic()
            for record in m.records(sock):
                self.times.setdefault(record["kind"], time.monotonic())
                if record["kind"] == "message":
                    self.message = record
                    return


class Knocking(threading.Thread):
    """Clients that come and go all the time, fifty a second."""

    def __init__(self, debian):
        super().__init__(daemon=True)
        self.debian, self.done = debian, threading.Event()
        self.served = self.refused = 0

    def run(self):
        while not self.done.wait(0.02):
            try:
                self.debian.connect(JSON).close()
                self.served += 1
            except ConnectionRefusedError:
                self.refused += 1

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.done.set()
        self.join()


def message(debian):
    return next(r for r in m.records(debian.connect(JSON)) if r["kind"] == "message")


def test_apt_install_to_the_first_message(debian):
    client = FirstMessage(debian)
    begun = time.monotonic()
    client.start()
    debian.run(*INSTALL, "/root/hertzd.deb")
    done = time.monotonic()
    client.join(m.PATIENCE)
    assert client.message and client.message["protocol"] == "adsb" and "simulated" not in client.message
    if os.environ.get("HZ_FIGURES"):
        told = {**client.times, "apt-get is done": done}
        print(f"\n{debian.fetched}; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        print("seconds from apt-get install: " + ", ".join(f"{k} {v - begun:.1f}" for k, v in told.items()))


def test_it_is_a_service(debian):
    for unit in ("hertzd.service", "hertzd.socket"):
        shown = debian.show(unit, "ActiveState", "UnitFileState")
        assert shown == {"ActiveState": "active", "UnitFileState": "enabled"}, (unit, shown)
    assert debian.run("systemctl", "is-system-running", check=False).stdout == "running\n", \
        debian.run("systemctl", "--failed").stdout
    assert debian.run("hertzctl", "health").returncode == 0
    assert debian.run("stat", "-c%U", f"/proc/{debian.show('hertzd.service', 'MainPID')['MainPID']}").stdout == "hertzd\n"


def test_the_manual_and_completion_are_there(debian):
    for name in ("usr/share/man/man8/hertzd.8.gz", "usr/share/man/man1/hertzctl.1.gz", "usr/share/man/man5/hertzd.conf.5.gz",
                 "usr/share/bash-completion/completions/hertzctl", "usr/share/zsh/vendor-completions/_hertzd"):
        # minimal systems leave out documents, but not these
        assert (debian.root / name).is_file(), name


def test_upgrade_keeps_the_configuration_and_the_sockets(debian):
    with open(debian.root / CONF, "a") as conf:
        conf.write("# Mine.\n")
    mine = debian.root / MINE
    mine.parent.mkdir(exist_ok=True)
    mine.write_text("[receiver roof]\ngain = 30\n")
    before = debian.show("hertzd.service", "MainPID")
    with Knocking(debian) as clients:
        debian.run(*INSTALL, "/root/newer.deb")
    assert clients.served > 0 and clients.refused == 0, (clients.served, clients.refused)
    assert (debian.root / CONF).read_text().endswith("# Mine.\n") and mine.exists()
    assert debian.show("hertzd.service", "MainPID") != before
    assert message(debian)["protocol"] == "adsb"


def test_remove_leaves_the_configuration_alone(debian):
    with Knocking(debian):  # who asks the socket must not start the service again
        debian.run("apt-get", "remove", "-y", "-q", "hertzd")
    for unit in ("hertzd.service", "hertzd.socket"):
        assert debian.show(unit, "ActiveState") == {"ActiveState": "inactive"}, unit
    with pytest.raises(ConnectionRefusedError):
        debian.connect(JSON)
    assert (debian.root / CONF).read_text().endswith("# Mine.\n") and (debian.root / MINE).exists()


def test_purge_leaves_nothing(debian):
    (debian.root / MINE).unlink()  # a file that no package knows
    debian.run("apt-get", "purge", "-y", "-q", "--autoremove", "hertzd")
    assert files(debian.root) ^ debian.before == set()
