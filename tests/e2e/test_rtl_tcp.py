"""rtl_tcp, both ways. As a source: Debian's rtl_tcp on the virtual dongle, and servers of our own
that do what they should not. As a listener: Debian's rtl_433, and clients of our own likewise."""
import json
import shutil
import socket
import struct
import subprocess
import sys
import threading
import time

import pytest

import hz

sys.path.insert(0, str(hz.ROOT / "tests/usb"))
from control import Control  # noqa: E402

USB = hz.ROOT / "build/usb"
CAPTURE = "lab/adsb_s20_1090M_2400k.cu8"
GREETING = b"RTL0" + struct.pack(">II", 5, 29)
BACK_S = 5 if not hz.SANITIZED else 30


def conf(port, channel="decoder = adsb", rate="2400k"):
    return (f"[receiver roof]\nsource = rtl_tcp\naddress = localhost:{port}\nrate = {rate}\n"
            f"centre = 1090M\ngain = 40.2\nppm = -3\nbias_tee = yes\n[channel 1090]\n{channel}\n")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Server(threading.Thread):
    """An rtl_tcp server for one client at a time: greets, notes commands, and sends `data` over and
    over at `rate` samples per second."""

    def __init__(self, greeting=GREETING, data=b"", rate=2.4e6, port=0):
        super().__init__(daemon=True)
        self.greeting, self.data, self.rate = greeting, data, rate
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(("127.0.0.1", port))
        self.listener.listen()
        self.port = self.listener.getsockname()[1]
        self.commands, self.clients, self.ends, self.stopping = [], 0, 0, False
        self.start()

    def run(self):
        while not self.stopping:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            self.clients += 1
            with client:
                try:
                    client.sendall(self.greeting)
                    self.serve(client)
                except OSError:
                    pass
            self.ends += 1

    def serve(self, client):
        client.settimeout(0.01)
        held, sent, began = b"", 0, time.monotonic()
        while not self.stopping:
            due = int((time.monotonic() - began) * self.rate) * 2
            while self.data and sent < due:
                at = sent % len(self.data)
                part = self.data[at:at + 65536]
                client.settimeout(5)
                client.sendall(part)
                client.settimeout(0.01)
                sent += len(part)
            try:
                got = client.recv(4096)
            except TimeoutError:
                continue
            if not got:
                return
            held += got
            while len(held) >= 5:
                self.commands.append(struct.unpack(">BI", held[:5]))
                held = held[5:]

    def stop(self):
        self.stopping = True
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.join(hz.PATIENCE)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if not self.stopping:
            self.stop()


def wait(condition, seconds=hz.PATIENCE):
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, "it did not come to be"
        time.sleep(0.02)
    return value


def receiver(d):
    return d.rpc.result("receivers")[0]


@pytest.fixture
def capture(shared):
    path = shared / CAPTURE
    if not path.exists():
        pytest.skip(f"{path} is missing")
    return path


@pytest.fixture
def rtl_tcp(capture, tmp_path):
    """Debian's rtl_tcp on the virtual dongle, playing the capture: its port and the dongle's report."""
    if not (USB / "libusb-1.0.so.0").exists():
        pytest.skip("the virtual dongle was not built: make virtual-dongle")
    port = free_port()
    with open(tmp_path / "rtl_tcp", "wb") as out:
        p = subprocess.Popen(
            [hz.ROOT / "tests/usb/run", "--play", capture, "--control", tmp_path / "dongle", "--",
             "rtl_tcp", "-p", str(port)], stdout=out, stderr=out)
        yield port, tmp_path / "dongle"
        p.kill()
        p.wait()


def test_debians_rtl_tcp_is_decoded_and_tuned(rtl_tcp, capture):
    port, _ = rtl_tcp
    lines, _ = hz.decode(capture)
    known = {r["raw"] for r in lines if r["kind"] == "message"}
    with hz.Daemon(conf(port)) as d:
        c = hz.Lines(d.tcp)
        live = hz.messages(c, 100)
        c.close()
        heard = {r["raw"] for r in live}
        assert len(heard & known) >= 0.9 * len(heard), (len(heard & known), len(heard))
        assert receiver(d)["device"] == f"rtl_tcp server localhost:{port}, R820T tuner"


def test_the_dongle_behind_it_gets_what_was_asked_for(rtl_tcp):
    port, control = rtl_tcp
    with hz.Daemon(conf(port)) as d:
        wait(lambda: receiver(d)["state"] == "streaming")
        dongle = Control(control)
        state = wait(lambda: next((s for s in dongle.state()["dongles"] if s.get("bias_tee")), None))
        assert abs(state["centre_hz"] - 1090e6) < 2000 and state["rate_hz"] == 2400000, state
        d.rpc.result("tune", receiver="roof", value=1091000000)
        wait(lambda: abs(dongle.state()["dongles"][0]["centre_hz"] - 1091e6) < 2000)
        wait(lambda: receiver(d)["state"] == "streaming" and receiver(d)["centre_hz"] == 1091e6)


def test_commands_and_a_retune(capture):
    with Server(data=capture.read_bytes()) as s, hz.Daemon(conf(s.port)) as d:
        wait(lambda: len(s.commands) >= 6)
        assert s.commands[:6] == [(2, 2400000), (5, 2**32 - 3), (1, 1090000000), (3, 1), (4, 402),
                                  (14, 1)]
        hz_before = receiver(d)
        c = hz.Lines(d.tcp)
        d.rpc.result("tune", receiver="roof", value=1090100000)
        c.until(lambda r: r["kind"] == "state" and "1090.100000 MHz" in r.get("reason", ""))
        assert wait(lambda: s.commands[6:]) == [(1, 1090100000)]
        wait(lambda: receiver(d)["epoch"] == hz_before["epoch"] + 1)
        hz.messages(c, 1)
        d.rpc.result("gain", receiver="roof", value="auto")
        assert wait(lambda: s.commands[7:]) == [(3, 0)]
        d.rpc.result("bias", receiver="roof", value=False)
        assert wait(lambda: s.commands[8:]) == [(14, 0)]
        assert receiver(d)["epoch"] == hz_before["epoch"] + 1
        c.close()


def test_a_gain_set_by_hand_survives_a_reload_that_does_not_change_it(capture):
    with Server(data=capture.read_bytes()) as s, hz.Daemon(conf(s.port)) as d:
        wait(lambda: receiver(d)["state"] == "streaming")
        d.rpc.result("gain", receiver="roof", value=20.7)
        wait(lambda: receiver(d)["gain_db"] == 20.7 and receiver(d)["tuning"] == "done")
        before = receiver(d)
        d.rpc.result("reload")
        d.write(conf(s.port) + "[channel second]\ndecoder = adsb\n")
        d.rpc.result("reload")
        after = receiver(d)
        assert after["gain_db"] == 20.7 and after["opens"] == before["opens"], after
        assert after["state"] == "streaming"
        d.write(conf(s.port).replace("40.2", "8.7"))  # what the file now wants is another gain
        d.rpc.result("reload")
        wait(lambda: receiver(d)["gain_db"] == 8.7 and receiver(d)["state"] == "streaming")


def test_a_centre_that_nobody_can_mean(capture):
    """Nothing is sent for a unit that was forgotten, nor, unless it is forced, where channels were deaf."""
    with Server(data=capture.read_bytes()) as s, hz.Daemon(conf(s.port)) as d:
        wait(lambda: len(s.commands) >= 6 and receiver(d)["state"] == "streaming")
        for value, words in [(1090, "did you mean 1090M?"), (144.8, "144.8M"), (100e6, "deaf: 1090;")]:
            assert words in d.rpc.ask("tune", receiver="roof", value=value)["error"]["message"]
        done = subprocess.run([hz.CTL, "tune", "roof", "100M", "--socket", d.sock], capture_output=True)
        assert done.returncode == 1 and b"--force" in done.stderr
        assert len(s.commands) == 6
        done = subprocess.run([hz.CTL, "tune", "roof", "100M", "--force", "--socket", d.sock], capture_output=True)
        assert done.returncode == 0, done.stderr
        wait(lambda: s.commands[6:] == [(1, 100_000_000)])


@pytest.mark.parametrize("greeting, words", [
    (b"SSH-2.0-OpenSSH_9.2\r\n", "does not speak rtl_tcp"),
    (b"", "it sent no greeting within 5 s"),
])
def test_a_server_that_is_none(greeting, words):
    with Server(greeting=greeting) as s, hz.Daemon(conf(s.port)) as d:
        text = wait(lambda: receiver(d).get("last_error"))
        assert words in text and f"localhost:{s.port}" in text, text
        wait(lambda: s.ends > 0)  # its socket was given back


def test_a_server_that_greets_and_then_is_silent():
    with Server() as s, hz.Daemon(conf(s.port)) as d:
        text = wait(lambda: receiver(d).get("last_error"))
        assert text.startswith("no samples for 2"), text
        wait(lambda: s.clients >= 2)  # it tries again


def test_nobody_there_and_no_such_name():
    port = free_port()
    with hz.Daemon(conf(port)) as d:
        assert "cannot connect: connection refused" in receiver(d)["last_error"]


def test_a_server_that_dies_and_comes_back(capture):
    data = capture.read_bytes()
    with Server(data=data) as s, hz.Daemon(conf(s.port)) as d:
        c = hz.Lines(d.tcp)
        hz.messages(c, 10)
        s.stop()
        c.until(lambda r: r["kind"] == "state" and r["state"] == "lost" and
                "closed the connection" in r["reason"] or "broke" in r.get("reason", ""))
        c.until(lambda r: r["kind"] == "state" and r["state"] == "backoff")
        with Server(data=data, port=s.port):
            began = time.monotonic()
            hz.messages(c, 10)
            assert time.monotonic() - began < BACK_S
        c.close()


@pytest.mark.parametrize("address", ["attic", "attic:0", "attic:65536", "at tic:1234", ":1234",
                                     "[::zz]:1234"])
def test_a_bad_address_is_refused(address, tmp_path):
    path = tmp_path / "c.conf"
    path.write_text(conf(1).replace("localhost:1", address))
    done = hz.run("check", "-c", path)
    assert done.returncode != 0 and b"expected HOST:PORT with a name" in done.stderr + done.stdout


# -- the listener ----------------------------------------------------------------------------------


def share(receiver="roof", control="no", name="share", more=""):
    return (f"[listen {name}]\ntype = rtl_tcp\nreceiver = {receiver}\naddress = 127.0.0.1:0\n"
            f"control = {control}\n{more}")


def listener(d, name="share"):
    return next(l for l in d.status()["listeners"] if l["name"] == name)


def join(d, rcvbuf=None, greeted=True):
    """An rtl_tcp client that has read the greeting."""
    s = socket.socket()
    if rcvbuf:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, rcvbuf)
    s.settimeout(hz.PATIENCE)
    s.connect(d.endpoint(listener(d)["address"]))
    if greeted:
        assert read(s, 12) == GREETING
    return s


def read(s, n):
    out = b""
    while len(out) < n:
        got = s.recv(n - len(out))
        assert got, f"closed after {len(out)} bytes"
        out += got
    return out


def playing(path, rate="2400k", centre="1090M"):
    return (f"[receiver roof]\nsource = file\npath = {path}\nformat = cu8\nrate = {rate}\n"
            f"centre = {centre}\n{hz.LOOP}\n[channel 1090]\ndecoder = adsb\n")


def test_two_clients_get_the_same_bytes_and_those_of_the_source(air):
    n = 4_000_000
    whole = air.read_bytes() * 20
    with hz.Daemon(playing(air) + share()) as d:
        a, b = join(d), join(d)
        x, y = read(a, n), read(b, n)
        probe = y[:100_000]
        at, in_x = whole.find(probe), x.find(probe)
        assert at >= 0 and in_x >= 0
        m = n - in_x
        assert x[in_x:] == y[:m] and m > n // 2
        assert whole[at:at + n] == y[:len(whole) - at]
        told = listener(d)
        assert (told["clients"], told["skipped_blocks"], told["commands_ignored"]) == (2, 0, 0)
        assert told["sent_bytes"] >= n
        a.close()
        b.close()
        wait(lambda: listener(d)["clients"] == 0)


def test_a_stuck_client_is_skipped_and_harms_nobody(air):
    with hz.Daemon(playing(air) + share()) as d:
        stuck, good = join(d, rcvbuf=4096), join(d)
        reader = hz.Lines(d.tcp)
        before = receiver(d)
        skipped = lambda: listener(d)["skipped_blocks"]
        while skipped() < 40:
            read(good, 200_000)
        now = receiver(d)
        assert (now["gaps"], now["lost_samples"]) == (before["gaps"], before["lost_samples"])
        hz.messages(reader, 10)
        assert listener(d)["clients"] == 2
        # it catches up: what it has got is whole, and goes on
        read(stuck, 3_000_000)
        for s in (stuck, good):
            s.close()
        reader.close()


def test_commands_are_ignored_and_counted(capture):
    with Server(data=capture.read_bytes()) as s, hz.Daemon(conf(s.port) + share()) as d:
        wait(lambda: len(s.commands) >= 6)
        c = join(d)
        c.sendall(struct.pack(">BI", 1, 433920000) + struct.pack(">BI", 4, 100) + b"\x0e\x00")
        c.sendall(b"\x00\x00\x01")
        wait(lambda: listener(d)["commands_ignored"] == 3)
        read(c, 1_000_000)
        assert receiver(d)["centre_hz"] == 1090000000 and len(s.commands) == 6
        c.close()


def test_with_control_clients_tune(capture):
    with Server(data=capture.read_bytes()) as s, hz.Daemon(conf(s.port) + share(control="yes")) as d:
        wait(lambda: len(s.commands) >= 6)
        c = join(d)
        asked = [(1, 1090500000), (3, 1), (4, 197), (5, 7), (14, 0), (2, 1000000)]
        c.sendall(b"".join(struct.pack(">BI", *x) for x in asked))
        wanted = {(1, 1090500000), (4, 197), (5, 7), (14, 0)}
        wait(lambda: wanted <= set(s.commands[6:]))
        assert not any(x[0] == 2 for x in s.commands[6:])
        wait(lambda: receiver(d)["centre_hz"] == 1090500000)
        assert listener(d)["commands_ignored"] == 1
        # SDR++ and SDR# choose a gain by its index in the list of the tuner that they were greeted with
        c.sendall(struct.pack(">BI", 0x0D, 17) + struct.pack(">BI", 0x0D, 29))
        wait(lambda: s.commands[-1] == (4, 328))
        wait(lambda: listener(d)["commands_ignored"] == 2)
        c.sendall(struct.pack(">BI", 3, 0))
        wait(lambda: s.commands[-1] == (3, 0))
        read(c, 1_000_000)
        c.close()


def test_too_many_are_closed_and_a_removed_listener_closes_all(air):
    text = playing(air)
    with hz.Daemon(text + share(more="max_clients = 1")) as d:
        a = join(d)
        b = join(d, greeted=False)
        assert b.recv(12) == b""
        assert listener(d)["refused"] == 1
        d.write(text)
        d.rpc.result("reload")
        while a.recv(1 << 20):
            pass
        assert all(l["type"] != "rtl_tcp" for l in d.status()["listeners"])
        a.close()
        b.close()


def test_it_outlives_its_receiver(air):
    with hz.Daemon(playing(air) + share()) as d:
        c = join(d)
        read(c, 100_000)
        d.write(playing(air).replace("1090M\n", "1090M\nstart = @5\n", 1) + share())
        d.rpc.result("reload")
        read(c, 20_000_000)
        c.close()


def test_only_cu8(air, tmp_path):
    path = tmp_path / "c.conf"
    path.write_text(playing(air).replace("cu8\n", "cs16\n") + share())
    done = hz.run("check", "-c", path)
    assert done.returncode != 0 and b"sends cu8, but receiver roof has format = cs16" in done.stderr
    path.write_text(playing(air) + share(receiver="rof"))
    done = hz.run("check", "-c", path)
    assert done.returncode != 0 and b"did you mean 'roof'?" in done.stderr


def test_debians_rtl_433_decodes_what_it_hears_through_it(shared, tmp_path):
    if not shutil.which("rtl_433"):
        pytest.skip("rtl_433 is not installed")
    path = shared / "air/ism/acurite_01__VN1TXC_02_433.92M_250k.cu8"
    if not path.exists():
        pytest.skip(f"{path} is missing")

    def models(text):
        return {(r["model"], r.get("id")) for r in map(json.loads, text.splitlines()) if "model" in r}

    alone = subprocess.run(["rtl_433", "-r", path, "-F", "json"], capture_output=True, timeout=60)
    known = models(alone.stdout)
    assert known, alone.stderr
    config = (f"[receiver roof]\nsource = file\npath = {path}\nformat = cu8\nrate = 250k\n"
              f"centre = 433.92M\n{hz.LOOP}\n")
    with hz.Daemon(config + share()) as d:
        address = listener(d)["address"]
        p = subprocess.Popen(
            ["rtl_433", "-d", f"rtl_tcp:{address}", "-s", "250k", "-f", "433.92M", "-F", "json"],
            stdout=subprocess.PIPE, stderr=open(tmp_path / "rtl_433", "wb"), text=True)
        heard = set()
        timer = threading.Timer(hz.PATIENCE, p.kill)
        timer.start()
        for line in p.stdout:
            heard |= models(line)
            if known <= heard:
                break
        timer.cancel()
        assert known <= heard, (known, heard, (tmp_path / "rtl_433").read_text())
        assert p.poll() is None and listener(d)["clients"] == 1
        assert listener(d)["commands_ignored"] > 0
        p.terminate()
        p.wait(hz.PATIENCE)
        p.stdout.close()
