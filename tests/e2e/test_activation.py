"""Sockets that systemd passes: those that no [listen] section names are served all the same, or refused
with a reason; nobody is left waiting. systemd-socket-activate stands in for systemd."""
import json
import os
import re
import signal
import socket
import subprocess

import pytest

import hz
from hz import SIM, messages, wait

pytestmark = pytest.mark.tsan

HOST = "127.0.7.1"  # of the loopback network; hertzd.socket has 127.0.0.1, which may be in use here
JSON, WEB = (HOST, 7373), (HOST, 7380)


class Activated:
    """hertzd behind sockets that were there before it."""

    def __init__(self, folder, conf):
        self.sock = f"{folder}/ctl"
        self.file = folder / "hertzd.conf"
        self.file.write_text(conf)
        with socket.socket() as s:
            s.bind((HOST, 0))
            self.odd = s.getsockname()
        self.err = open(folder / "stderr", "w+")
        places = [f"{HOST}:7373", f"{HOST}:7380", f"{HOST}:{self.odd[1]}", self.sock]
        listen = [w for p in places for w in ("-l", p)]
        self.process = subprocess.Popen(["systemd-socket-activate", *listen, hz.BIN, "-c", self.file],
                                        stderr=self.err, cwd=folder)
        wait(lambda: self.log().count("Listening on") == len(places))

    def log(self):
        self.err.flush()
        self.err.seek(0)
        return self.err.read()

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(hz.PATIENCE)
        assert kind is not None or code == 0, self.log()
        self.err.close()


def shortest():
    """The README's shortest configuration, on a simulated dongle and at an address of this test."""
    readme = (hz.ROOT / "README.md").read_text()
    text = re.search(r"shortest useful configuration:\n\n```ini\n(.*?)```", readme, re.S).group(1)
    assert "source = rtlsdr" in text and "127.0.0.1:7373" in text, text
    return text.replace("source = rtlsdr", "source = sim").replace("127.0.0.1", HOST)


def test_the_shortest_configuration_is_served_on_every_socket(tmp_path):
    with Activated(tmp_path, shortest()) as a:
        code, body = hz.http(WEB, "/status")
        assert code == 200
        found = {l["address"]: l for l in json.loads(body)["listeners"]}
        assert {k: l["type"] for k, l in found.items()} == {
            f"{HOST}:7373": "tcp", f"{HOST}:7380": "http", a.sock: "unix", f"{HOST}:{a.odd[1]}": "refused"}
        assert all(l["from_systemd"] for l in found.values())
        assert found[f"{HOST}:7373"]["name"] == "json"
        c = hz.Lines(JSON)
        assert len(messages(c, 5)) == 5
        done = subprocess.run([hz.CTL, "--socket", a.sock, "status"], capture_output=True, timeout=hz.PATIENCE)
        assert done.returncode == 0 and b"1 of 1 receiver streaming" in done.stdout, done
        c.close()
        log = a.log()
        for place in (f"http on {HOST}:7380", f"unix on {a.sock}", f"refused on {HOST}:{a.odd[1]}"):
            assert f"{place} (passed by systemd; no [listen] section names it)" in log, log


def test_a_socket_of_no_known_use_refuses_with_the_reason(tmp_path):
    with Activated(tmp_path, shortest()) as a:
        c = hz.Lines(a.odd)
        why = c.next()
        assert why["kind"] == "error" and f"{HOST}:{a.odd[1]}" in why["error"], why
        assert "no [listen] section" in why["error"]
        assert c.rest() == b""
        c.close()


def test_a_reload_names_them_and_forgets_them_with_nobody_refused(tmp_path):
    with Activated(tmp_path, shortest()) as a:
        rpc = hz.Rpc(a.sock)
        old = hz.Web(WEB)
        a.file.write_text(shortest() + f"[listen web]\ntype = http\naddress = {HOST}:7380\n"
                          f"[listen odd]\ntype = tcp\naddress = {HOST}:{a.odd[1]}\n")
        assert "result" in rpc.ask("reload")
        names = {l["name"]: l["type"] for l in rpc.result("status")["listeners"]}
        assert set(names) == {"json", "web", "odd", "systemd-6"}, names
        while old.next() is not None:
            pass
        old.drop()
        for client in (hz.Web(WEB), hz.Lines(a.odd)):
            assert client.next()["kind"] == "hello"
            client.close()
        a.file.write_text(SIM)
        assert "result" in rpc.ask("reload")
        c = hz.Lines(JSON)
        assert c.next()["kind"] == "hello"
        c.close(), rpc.close()


def test_an_address_that_systemd_holds_another_part_of_is_explained(tmp_path):
    with Activated(tmp_path, SIM + "[listen json]\ntype = tcp\naddress = 0.0.0.0:7373\ninsecure = yes\n") as a:
        code, body = hz.http(WEB, "/status")
        (json_,) = [l for l in json.loads(body)["listeners"] if l["name"] == "json"]
        assert json_["state"] == "waiting"
        assert f"systemd holds {HOST}:7373" in json_["error"] and "hertzd.socket" in json_["error"]


def test_check_tells_what_is_served_besides(tmp_path):
    """The sockets of the unit as it is shipped, and those that check itself was passed."""
    unit = (hz.ROOT / "systemd/hertzd.socket").read_text()
    places = re.findall(r"^ListenStream=(.*)$", unit, re.M)
    assert len(places) == 3
    file = tmp_path / "hertzd.conf"
    file.write_text(SIM + "[listen json]\ntype = tcp\naddress = localhost:7373\n")
    told = hz.run("check", "-c", file).stdout.decode()
    also = re.findall(r"^(\S+) is served too, as (\S+), where hertzd.socket is enabled$", told, re.M)
    assert also == [(places[1], "http"), (places[2], "unix")], told
    file.write_text(SIM + "[listen json]\ntype = tcp\naddress = 127.0.0.1:7374\n")
    told = hz.run("check", "-c", file).stdout.decode()
    assert all(f"\n{p} is served too" in told for p in places), told


def test_check_tells_of_a_socket_that_it_was_passed(tmp_path):
    file = tmp_path / "hertzd.conf"
    file.write_text(SIM + "[listen json]\ntype = tcp\naddress = 127.0.0.1:7374\n")
    with socket.socket() as s:
        s.bind((HOST, 0))
        s.listen()
        address = f"{HOST}:{s.getsockname()[1]}"
        done = subprocess.run(["sh", "-c", 'LISTEN_FDS=1 LISTEN_PID=$$ exec "$0" check -c "$1"', hz.BIN, file],
                              capture_output=True, close_fds=False, preexec_fn=lambda: os.dup2(s.fileno(), 3))
    assert done.returncode == 0, done
    row = next(l for l in done.stdout.decode().splitlines() if address in l)
    assert row.split()[:2] == ["systemd-3", "refused"] and "passed by systemd" in row, done.stdout.decode()
