"""Fixtures for tests on the virtual dongle."""
import json
import os
import signal
import socket
import subprocess
from pathlib import Path

import pytest

from control import Control

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SHARED = Path(os.environ.get("HZ_SHARED", ROOT.parent / "shared"))


@pytest.fixture(scope="session", autouse=True)
def library():
    if not (ROOT / "build/usb/libusb-1.0.so.0").exists():
        pytest.fail("build/usb/libusb-1.0.so.0 is missing: run make virtual-dongle")


@pytest.fixture
def root():
    return ROOT


@pytest.fixture
def shared():
    """A recording by its path under the shared folder; skips where there is none."""
    def find(name):
        path = SHARED / name
        if not path.exists():
            pytest.skip(f"{path} is missing")
        return path
    return find


@pytest.fixture
def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Run:
    """A program on the virtual dongle."""

    def __init__(self, tmp, command, options):
        self.report_path = tmp / "report.jsonl"
        self.control_path = tmp / "control"
        self.stderr_path = tmp / "stderr"
        self.process = subprocess.Popen(
            [HERE / "run", "--report", self.report_path, "--control", self.control_path,
             *map(str, options), "--",
             *(self.control_path if word == "CONTROL" else str(word) for word in command)],
            stdout=subprocess.PIPE, stderr=open(self.stderr_path, "wb"))

    def finish(self, seconds=10, interrupt_after=None):
        """Its exit code and standard output."""
        if interrupt_after is not None:
            try:
                out, _ = self.process.communicate(timeout=interrupt_after)
                return self.process.returncode, out
            except subprocess.TimeoutExpired:
                self.process.send_signal(signal.SIGINT)
        out, _ = self.process.communicate(timeout=seconds)
        return self.process.returncode, out

    def control(self):
        return Control(self.control_path)

    @property
    def stderr(self):
        return self.stderr_path.read_text(errors="replace")

    @property
    def report(self):
        return [json.loads(line) for line in self.report_path.read_text().splitlines()]

    @property
    def end(self):
        last = self.report[-1]
        assert last["event"] == "end", "the program did not exit in order"
        return last


@pytest.fixture
def run(tmp_path):
    """Starts programs (the word CONTROL becomes the control socket's path); whatever still runs at the end of a test is killed."""
    started = []

    def start(*command, options=()):
        folder = tmp_path / str(len(started))
        folder.mkdir()
        started.append(Run(folder, command, options))
        return started[-1]

    yield start
    for r in started:
        if r.process.poll() is None:
            r.process.kill()
        r.process.communicate()


@pytest.fixture
def probe(run):
    """What a function of probes.py returns."""
    def call(name, *options, seconds=15):
        r = run("/usr/bin/python3", HERE / "probes.py", name, options=options)
        code, out = r.finish(seconds)
        assert code == 0, r.stderr
        result = json.loads(out)
        if isinstance(result, dict):
            result["stderr"] = r.stderr
        return result
    return call
