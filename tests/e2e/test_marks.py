"""What is made up or played back says so: in every message, in status, in the log and to systemd. What an
installation begins with is neither."""
import os
import re
import subprocess

import pytest

import hz
from hz import LOOP, SIM, conf, messages

pytestmark = pytest.mark.tsan


def test_a_simulated_receiver_is_marked_everywhere():
    with hz.Daemon(SIM) as d:
        tcp, web = hz.Lines(d.tcp), hz.Web(d.http)
        d.rpc.result("subscribe")
        for client in (tcp, web, d.rpc):
            for m in messages(client, 20):
                assert m["simulated"] is True and "replayed" not in m, m
        rpc = hz.Rpc(d.sock)
        status = rpc.result("status")
        assert status["receivers"][0]["simulated"] is True
        assert "1 of 1 receiver streaming, 1 simulated" in status["headline"]
        d.wait_notify(lambda line: line.startswith("STATUS=1 of 1 receiver streaming, 1 simulated"))
        assert "receiver sky (simulated): streaming" in d.stderr()
        shown = subprocess.run([hz.CTL, "--socket", d.sock, "receivers"], capture_output=True, timeout=hz.PATIENCE)
        assert re.search(rb"^simulated +(true|yes)$", shown.stdout, re.M), shown.stdout
        tcp.close(), web.close(), rpc.close()


def test_speech_of_a_simulated_receiver_is_marked_too():
    text = ("[receiver vhf]\nsource = sim\nscene = mix\npace = max\n"
            "[channel voice]\ndecoder = nfm\nfrequency = 161.6M\n")
    with hz.Daemon(text) as d:
        c = hz.Web(d.http, "/stream?kind=audio")
        record = c.until(lambda r: r["kind"] == "audio")[-1]
        assert record["simulated"] is True
        c.close()


def test_a_recording_is_marked_as_replayed(air):
    with hz.Daemon(conf(air, LOOP)) as d:
        c = hz.Lines(d.tcp)
        for m in messages(c, 20):
            assert m["replayed"] is True and "simulated" not in m, m
        status = d.status()
        assert status["receivers"][0]["replayed"] is True
        assert "1 of 1 receiver streaming, 1 replayed" in status["headline"]
        assert "receiver roof (replayed): streaming" in d.stderr()
        c.close()


def test_a_pipe_may_be_live_and_decode_is_no_stream(air):
    with hz.Daemon(conf()) as d:
        c = hz.Lines(d.tcp)
        d.feed(air.read_bytes())
        assert not [m for m in messages(c, 20) if "replayed" in m or "simulated" in m]
        c.close()
    lines, _ = hz.decode("-d", "adsb", air)
    assert lines and not [m for m in lines if "replayed" in m or "simulated" in m]


def test_an_installation_waits_for_a_dongle(tmp_path):
    """And shows nothing until there is one."""
    done = subprocess.run(["make", "-s", "-C", hz.ROOT, "install", f"DESTDIR={tmp_path}", "PREFIX=/usr"],
                          capture_output=True, text=True)
    if done.returncode != 0 and "build" in done.stderr and not (hz.ROOT / "build/hertzd").exists():
        pytest.skip("nothing to install: make")
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "etc/hertzd/hertzd.conf").read_text()
    assert not re.search(r"^source = (sim|file)", text, re.M)
    receiver = text.split("\n[listen ", 1)[0]
    usb = hz.ROOT / "build/usb/libusb-1.0.so.0"
    if not usb.exists():
        pytest.skip(f"{usb} is missing: make virtual-dongle builds it")
    env = {"LD_LIBRARY_PATH": str(usb.parent), "HZ_USB_DONGLES": "0", "HZ_USB_CONTROL": str(tmp_path / "usb")}
    with hz.Daemon(receiver, env=env) as d:
        (r,) = d.rpc.result("receivers")
        assert (r["state"], r["source"], r["opens"]) == ("backoff", "rtlsdr", 0), r
        assert "simulated" not in r and d.status()["messages"] == 0
        code, why = hz.http(d.http, "/healthz")
        assert code == 503 and b"receiver roof" in why
    assert os.path.exists(tmp_path / "usr/lib/systemd/system/hertzd.service")
