"""Debian systems that were just made, each in a folder; and one of them under a real systemd of its own.

Needs root, mmdebstrap, and the network for Debian's packages.
"""
import ctypes
import json
import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / "build/installed"  # what takes minutes to make, and the roots
EMULATED = ROOT / "tests/installed/emulated"
PATIENCE = 120
CLONE_NEWNET = 0x40000000
SYSTEM = "systemd-sysv,dbus,ca-certificates"  # beside what every Debian has (priority: required)


def packed(arch):
    """The system as an archive, which is made once. arch: None, or one that is emulated."""
    tar = KEPT / f"debian-{arch or 'native'}.tar"
    if not tar.exists():
        KEPT.mkdir(parents=True, exist_ok=True)
        part = KEPT / "part.tar"
        emulated = [EMULATED, arch] if arch else []
        how = ["--mode=root", "--skip=check/qemu", "--variant=apt", f"--arch={arch}"] if arch else [
            "--variant=minbase", f"--include={SYSTEM}"]
        subprocess.run([*emulated, "mmdebstrap", "--quiet", *how, "bookworm", part], check=True)
        part.rename(tar)
    return tar


def unpacked(name, arch=None):
    root = KEPT / name
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    subprocess.run(["tar", "-xf", packed(arch), "-C", root, "--exclude=./dev/*"], check=True)
    return root


def in_root(root, *command, arch=None):
    """Without a boot: with the network, and without services. What it printed."""
    emulated = [EMULATED, arch] if arch else []
    done = subprocess.run(
        [*emulated, "unshare", "-m", "sh", "-ec", """
            mount --rbind /proc "$0/proc"
            mount -t tmpfs tmpfs "$0/dev"
            for name in null zero urandom; do touch "$0/dev/$name"; mount --bind "/dev/$name" "$0/dev/$name"; done
            exec env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive chroot "$0" "$@"
            """, root, *command], capture_output=True)
    assert done.returncode == 0, (command, done.stdout[-2000:], done.stderr[-2000:])
    return done.stdout.decode()


class Machine:
    def __init__(self, root, log):
        self.root, self.log = root, log
        self.unshare = subprocess.Popen(
            ["unshare", "-pfmuiCn", "--kill-child", ROOT / "tests/installed/boot", root], stdout=log, stderr=log)
        try:
            self.pid = self.wait_up()
        except BaseException:
            self.stop()
            raise

    def wait_up(self):
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            assert self.unshare.poll() is None, f"boot ended: {Path(self.log.name).read_text(errors='replace')}"
            kids = Path(f"/proc/{self.unshare.pid}/task/{self.unshare.pid}/children").read_text().split()
            if kids and Path(f"/proc/{kids[0]}/comm").read_text() == "systemd\n":
                self.pid = kids[0]
                if self.run("systemctl", "is-active", "multi-user.target", check=False).stdout == "active\n":
                    return self.pid
            time.sleep(0.1)  # until it has booted nothing in it can be waited on
        raise AssertionError(f"it does not come up: {Path(self.log.name).read_text(errors='replace')}")

    def run(self, *command, check=True):
        done = subprocess.run(["nsenter", "-t", self.pid, "-p", "-m", "-u", "-i", "-n", "env", "-i", "HOME=/root",
                               "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND=noninteractive", *map(str, command)],
                              capture_output=True, text=True)
        assert not check or done.returncode == 0, (command, done.stdout, done.stderr)
        return done

    def show(self, unit, *properties):
        out = self.run("systemctl", "show", unit, *(f"-p{p}" for p in properties)).stdout
        return dict(line.split("=", 1) for line in out.splitlines())

    def connect(self, address):
        """A socket in the network of that machine."""
        own = os.open("/proc/self/ns/net", os.O_RDONLY)
        its = os.open(f"/proc/{self.pid}/ns/net", os.O_RDONLY)
        libc = ctypes.CDLL(None, use_errno=True)
        try:
            assert libc.setns(its, CLONE_NEWNET) == 0, os.strerror(ctypes.get_errno())
            s = socket.socket()
            assert libc.setns(own, CLONE_NEWNET) == 0, os.strerror(ctypes.get_errno())
        finally:
            os.close(own)
            os.close(its)
        s.settimeout(PATIENCE)
        try:
            s.connect(address)
        except OSError:
            s.close()
            raise
        return s

    def stop(self):
        self.unshare.kill()  # --kill-child takes systemd with it
        self.unshare.wait()


def records(sock):
    """What comes on a socket of JSON lines."""
    with sock.makefile("rb") as lines:
        for line in lines:
            yield json.loads(line)
