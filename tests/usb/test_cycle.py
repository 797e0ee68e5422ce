"""A libuv program loses its dongle and gets it back, again and again: hotplug by uv_poll, retuning
from the loop, a thread a session. Plain, and with the sanitizers over program and dongle."""
import json

import pytest

NOISE = ("cb transfer status", "[R82XX] PLL", "Found Rafael", "Allocating")


@pytest.mark.parametrize("build", ["", "asan", "tsan"], ids=["plain", "asan", "tsan"])
@pytest.mark.parametrize("cycles, pace", [(300, ["--unpaced"]), (4, [])], ids=["unpaced", "paced"])
def test_a_dongle_comes_and_goes(run, root, build, cycles, pace):
    folder = root / "build" / build
    if not (folder / "usb/cycle").exists():
        pytest.skip(f"{folder}/usb/cycle is missing: make test-usb builds it")
    r = run(folder / "usb/cycle", cycles, "CONTROL", options=["--build", folder, *pace])
    code, out = r.finish(60)
    said = [line for line in r.stderr.splitlines() if line and not line.startswith(NOISE)]
    assert code == 0 and not said, r.stderr[-4000:]
    result, dongle = json.loads(out), r.end["dongles"][0]
    assert (result["cycles"], result["threads"], result["fds"]) == (cycles, 0, 0)
    assert result["bytes"] == dongle["bytes"]
    assert dongle["opens"] == dongle["closes"] == dongle["plugs"] == cycles
    assert not dongle["freed_in_flight"] and not dongle["closed_in_flight"]
    left = ("contexts", "handles", "device_refs", "transfers", "buffers")
    assert all(r.end[name] == 0 for name in left)
