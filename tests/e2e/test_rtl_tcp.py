"""rtl_tcp, both ways. As a source: Debian's rtl_tcp on the virtual dongle, and servers of our own
that do what they should not. As a listener: Debian's rtl_433, and clients of our own likewise."""
import collections
import json
import select
import shutil
import socket
import struct
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

import hz
from hz import free_port, wait

sys.path.insert(0, str(hz.ROOT / "tests/usb"))
from control import Control  # noqa: E402

USB = hz.ROOT / "build/usb"
GREETING = b"RTL0" + struct.pack(">II", 5, 29)
BACK_S = 5 if not hz.SANITIZED else 30


def conf(port, channel="decoder = adsb", rate="2400k"):
    return (f"[receiver roof]\nsource = rtl_tcp\naddress = localhost:{port}\nrate = {rate}\n"
            f"centre = 1090M\ngain = 40.2\nppm = -3\nbias_tee = yes\n[channel 1090]\n{channel}\n")


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
        self.held_up = None  # (seconds that it sends nothing, seconds of samples that it then drops)
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
            if self.held_up:
                seconds, dropped = self.held_up
                self.held_up = None
                time.sleep(seconds)  # this is the fault that is tried: silence for so long
                sent += int(dropped * self.rate) * 2
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


class Network(threading.Thread):
    """Between hertzd and a server: passes everything on, what the server sends `delay` seconds later
    and nothing at all while `stalled`. It loses nothing and keeps the order."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.delay, self.stalled, self.stopping = 0.0, False, False
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.server = server
        self.start()

    def run(self):
        near, _ = self.listener.accept()
        far = socket.create_connection(("127.0.0.1", self.server))
        threading.Thread(target=self.commands, args=(near, far), daemon=True).start()
        with near, far:
            try:
                self.samples(near, far)
            except OSError:
                pass

    def samples(self, near, far):
        under_way = collections.deque()
        while not self.stopping:
            if select.select([far], [], [], 0.002)[0]:
                under_way.append((time.monotonic() + self.delay, far.recv(1 << 16)))
            while under_way and not self.stalled and under_way[0][0] <= time.monotonic():
                near.sendall(under_way.popleft()[1])

    def commands(self, near, far):
        try:
            while data := near.recv(4096):
                far.sendall(data)
        except OSError:
            pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stopping = True
        self.listener.close()
        self.join(hz.PATIENCE)


def receiver(d):
    return d.rpc.result("receivers")[0]


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


def record_of(d, c, wanted):
    """The next record for which wanted(record) holds, however long that takes. Nothing is validated here: 800 lines a
    second would come later and later on a busy machine, and hertzd closes a client that takes nothing for 10 s."""
    while True:
        hz.drain(d.notify)
        line = c.line()
        assert line.endswith(b"\n"), f"closed: {line[-80:]!r}"
        record = json.loads(line)
        if wanted(record):
            return record


def messages_after(d, c, seconds):
    """Messages of so many more seconds of air."""
    got = hz.messages(c, 1)
    while got[-1]["sample"] < got[0]["sample"] + seconds * 2.4e6:
        got.append(record_of(d, c, lambda r: r["kind"] == "message"))
    return got


@pytest.mark.plain  # about speed: a sanitized hertzd beside other tests may not keep up with 2.4 Msps
def test_a_network_that_becomes_slower_loses_nothing(capture):
    with Server(data=capture.read_bytes()) as s, Network(s.port) as net, hz.Daemon(conf(net.port)) as d:
        c = hz.Lines(d.tcp)
        heard = messages_after(d, c, 4)
        for delay in (0.02, 0.12, 0.05):
            net.delay = delay
            heard += messages_after(d, c, 4)
        net.stalled = True
        time.sleep(0.8)  # the stall itself: so long nothing comes, and nothing tells of it
        net.stalled = False
        heard += messages_after(d, c, 4)
        assert (receiver(d)["gaps"], receiver(d)["lost_samples"]) == (0, 0), receiver(d)
        assert not any(ch["overruns"] for ch in d.rpc.result("channels"))
        assert receiver(d)["opens"] == 1
        # The clock may find that the first samples came late, as on a busy machine; a slower network
        # must not make it late.
        starts = [hz.nanoseconds(r) / 1e9 - r["sample"] / 2.4e6 for r in sorted(heard, key=lambda r: r["seq"])]
        later = max(now - min(starts[: i + 1]) for i, now in enumerate(starts))
        assert later < 0.1, (later, starts[0], starts[-1])
        c.close()


@pytest.mark.plain  # about speed: a sanitized hertzd beside other tests may not keep up with 2.4 Msps
def test_a_server_that_drops_what_waits_too_long_is_told_as_a_gap(capture):
    with Server(data=capture.read_bytes()) as s, hz.Daemon(conf(s.port)) as d:
        c = hz.Lines(d.tcp)
        messages_after(d, c, 4)
        s.held_up = (1.4, 0.7)  # of 1.4 s, the newer half was still in its queue
        # one without sigma_samples is what hertzd itself shed, as a sanitized one may
        gap = record_of(d, c, lambda r: r["kind"] == "gap" and "sigma_samples" in r)
        assert gap["samples"] == pytest.approx(0.7 * 2.4e6, rel=0.1), gap
        assert gap["sigma_samples"] >= 1
        messages_after(d, c, 2)
        assert (receiver(d)["gaps"], receiver(d)["opens"]) == (1, 1)
        c.close()


@pytest.mark.plain  # about speed: a sanitized hertzd beside other tests may not keep up with 2.4 Msps
@pytest.mark.parametrize("rate", [3.2e6, 1e9])  # the second: as fast as it can, and as hertzd reads
def test_a_server_that_sends_faster_than_its_rate_is_named(capture, rate):
    with Server(data=capture.read_bytes(), rate=rate) as s, hz.Daemon(conf(s.port)) as d:
        wait(lambda: hz.drain(d.notify) or receiver(d)["pace"] == "fast", 2 * hz.PATIENCE)
        now = receiver(d)
        assert now["state"] == "streaming" and now["rate_received_hz"] > 2.5e6, now
        assert "faster than their rate" in now["reason"] and "expected 2400000" in now["reason"]
        assert (now["gaps"], now["lost_samples"]) == (0, 0)
        assert not any(ch["overruns"] for ch in d.rpc.result("channels"))


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


def numbered(first, n):
    """n pairs of bytes that tell their place: four bytes of a number, low byte first."""
    return np.arange(first // 2, (first + n) // 2, dtype="<u4").tobytes()


def test_what_a_late_client_gets_is_in_order():
    """However many blocks behind: what it missed is left out, and nothing comes twice or too early."""
    block = 1 << 17
    pipe = ("[receiver roof]\nsource = file\npath = -\nformat = cu8\nrate = 2400k\ncentre = 446M\npace = max\n"
            "[channel quiet]\ndecoder = nfm\n")
    with hz.Daemon(pipe + share()) as d:
        fed = 0

        def feed():
            nonlocal fed
            d.feed(numbered(fed, block))
            fed += block
            while receiver(d)["samples"] != fed:
                pass  # it is at work, and nothing else is waited for

        skips = 0
        for behind in range(36, 54):
            feed()
            before = listener(d)["skipped_blocks"]
            c = join(d, rcvbuf=4096)
            first = fed
            for _ in range(behind):
                feed()
            got = b""
            for _ in range(2):  # what is behind a last block that comes too early is seen with the next
                while got[-4:] != struct.pack("<I", fed // 2 - 1):
                    got += read(c, block)
                feed()
            numbers = np.frombuffer(got, "<u4").astype(np.int64)
            steps = np.diff(numbers)
            assert numbers[0] >= first // 2 and (steps >= 1).all(), (behind, steps[steps < 1])
            skips += listener(d)["skipped_blocks"] - before
            c.close()
        assert skips > 0


def test_gains_that_a_receiver_may_be_asked_for(capture):
    with Server(data=capture.read_bytes()) as s, hz.Daemon(conf(s.port)) as d:
        wait(lambda: receiver(d)["state"] == "streaming")
        for value in (-0.1, 60.1, 61, 600, "loud", None, True):
            error = d.rpc.ask("gain", receiver="roof", value=value)["error"]
            assert error["code"] == -32602 and "0 to 60" in error["message"], (value, error)
        assert receiver(d)["gain_db"] == 40.2
        for value in (60, 0):
            d.rpc.result("gain", receiver="roof", value=value)
            assert wait(lambda: s.commands[-1] == (4, 10 * value))
            wait(lambda: receiver(d)["tuning"] == "done")


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
        wait(lambda: listener(d)["last_command"] == "gain auto: done")
        read(c, 1_000_000)
        c.close()


def test_a_browser_that_is_made_to_post_is_closed(capture):
    """What follows the head of its request are commands that would tune."""
    with Server(data=capture.read_bytes()) as s, hz.Daemon(conf(s.port) + share(control="yes")) as d:
        wait(lambda: len(s.commands) >= 6)
        c = join(d)
        c.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50\r\n\r\n"
                  + struct.pack(">BI", 1, 433920000) * 10)
        with pytest.raises((AssertionError, ConnectionResetError)):
            while True:
                read(c, 100_000)
        wait(lambda: listener(d)["bad_requests"] == 1 and listener(d)["clients"] == 0)
        assert listener(d)["commands_done"] == listener(d)["commands_ignored"] == 0
        assert len(s.commands) == 6
        assert "speaks HTTP instead of rtl_tcp" in d.stderr()
        c.close()


@pytest.mark.parametrize("tuner, gains, index, tenths", [
    (1, 14, 2, 40),  # E4000
    (6, 29, 28, 496),  # R828D, as R820T
    (3, 23, 7, 58),  # FC0013
    (5, 40, 3, None),  # a list that is not librtlsdr's: which gain that would be is not known
    (77, 10, 3, None),
])
def test_clients_are_greeted_with_the_tuner_of_the_source(capture, tuner, gains, index, tenths):
    greeting = b"RTL0" + struct.pack(">II", tuner, gains)
    with Server(greeting, capture.read_bytes()) as s, hz.Daemon(conf(s.port) + share(control="yes")) as d:
        wait(lambda: len(s.commands) >= 6)
        c = join(d, greeted=False)
        assert read(c, 12) == greeting
        c.sendall(struct.pack(">BIBI", 3, 1, 0x0D, index))
        if tenths is None:
            wait(lambda: listener(d)["commands_ignored"] == 1)
            assert "gain by index (0x0d) 3: refused" in listener(d)["last_command"]
        else:
            wait(lambda: s.commands[-1] == (4, tenths))
            wait(lambda: listener(d)["commands_done"] == 1)
            assert receiver(d)["gains_db"][index] == tenths / 10
        c.close()


def test_what_would_harm_the_receiver_is_refused_and_counted(capture):
    with Server(data=capture.read_bytes()) as s, hz.Daemon(conf(s.port) + share(control="yes")) as d:
        wait(lambda: len(s.commands) >= 6)
        c = join(d)
        for n, (command, name) in enumerate(((0x02, "sample rate"), (0x06, "IF gain"), (0x07, "test mode"),
                                             (0x08, "AGC"), (0x09, "direct sampling"),
                                             (0x0A, "offset tuning"), (0x0B, "crystal"),
                                             (0x0C, "tuner crystal"), (0x42, "unknown")), start=1):
            c.sendall(struct.pack(">BI", command, 1))
            wait(lambda: listener(d)["commands_ignored"] == n)
            assert listener(d)["last_command"].startswith(f"{name} (0x{command:02x}) 1: refused: ")
        assert len(s.commands) == 6 and listener(d)["commands_done"] == 0
        c.sendall(struct.pack(">BI", 5, 9))
        wait(lambda: listener(d)["last_command"] == "ppm 9: done")
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
