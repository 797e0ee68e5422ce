"""A real mosquitto of one's own, its clients, and servers that do not behave as brokers do."""
import atexit
import os
import shutil
import signal
import socket
import subprocess
import threading

import hz
import pytest

PROGRAMS = ("mosquitto", "mosquitto_sub", "mosquitto_pub", "mosquitto_passwd")


def need():
    missing = [p for p in PROGRAMS if not shutil.which(p) and not shutil.which(f"/usr/sbin/{p}")]
    if missing:
        pytest.skip(f"not there: {', '.join(missing)}: .ci/setup peers")


class Broker:
    """mosquitto on a port of its own, in a folder of its own. `lines`: more of its configuration."""

    def __init__(self, folder, lines="allow_anonymous true"):
        need()
        self.dir, self.port, self.process = folder, hz.free_port(), None
        folder.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            lines += "\nuser root"  # else it could not write what it holds
        self.lines = lines
        self.start()

    def start(self):
        (self.dir / "conf").write_text(f"listener {self.port} 127.0.0.1\nmax_queued_messages 0\npersistence true\n"
                                       f"persistence_location {self.dir}/\n{self.lines}\n")
        self.log = open(self.dir / "log", "ab")
        self.process = subprocess.Popen([shutil.which("mosquitto") or "/usr/sbin/mosquitto", "-c", self.dir / "conf"],
                                        stdout=self.log, stderr=self.log)
        atexit.register(self.process.kill)  # of a test that fails before it stops it
        hz.connected(self.port, self.process).close()

    def stop(self):
        """As systemd stops it: it writes what it holds."""
        self.process.send_signal(signal.SIGCONT)
        self.process.terminate()
        self.process.wait(hz.PATIENCE)
        self.log.close()

    def freeze(self):
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)

    def url(self, host="127.0.0.1"):
        return f"mqtt://{host}:{self.port}"

    def publish(self, topic, payload, retain=True, *more):
        subprocess.run(["mosquitto_pub", "-p", str(self.port), "-t", topic, "-q", "1", *(["-r"] if retain else []),
                        *(["-m", payload] if payload else ["-n"]), *more], check=True, timeout=hz.PATIENCE)

    def retained(self, *topics, more=()):
        """What a subscriber that comes late is given: topic -> payload."""
        done = subprocess.run(["mosquitto_sub", "-p", str(self.port), "-W", "1", "--retained-only", "-F", "%t %p",
                               *(x for t in topics for x in ("-t", t)), *more], stdout=subprocess.PIPE, timeout=hz.PATIENCE)
        return dict(line.split(" ", 1) for line in done.stdout.decode().splitlines())


class Subscriber:
    """mosquitto_sub: (retained, topic, payload) of each message, in order."""

    open = set()  # those that a test which failed has left

    def __init__(self, broker, *topics, more=()):
        self.got, self.more = [], threading.Condition()
        self.process = subprocess.Popen(
            ["stdbuf", "-oL", "mosquitto_sub", "-p", str(broker.port), "-d", "-q", "2", "-F", "\x01%r %t %p\x02",
             *(x for t in topics for x in ("-t", t)), *more], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.ready = False
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()
        Subscriber.open.add(self)
        self.wait(lambda: self.ready, "the answer to its subscription")

    def read(self):
        held = b""
        while more := self.process.stdout.read1(65536):
            held += more
            with self.more:
                self.ready = self.ready or b"SUBACK" in held
                while b"\x02" in held:
                    one, _, held = held.partition(b"\x02")
                    retained, topic, payload = one.partition(b"\x01")[2].split(b" ", 2)
                    self.got.append((retained == b"1", topic.decode(), payload))
                self.more.notify_all()
        with self.more:
            self.process.wait()
            self.more.notify_all()

    def wait(self, condition, what="what was waited for"):
        with self.more:
            self.more.wait_for(lambda: condition() or self.process.poll() is not None, hz.PATIENCE)
            assert condition(), f"{what} did not come; last: {self.got[-3:]}"

    def count(self, n):
        self.wait(lambda: len(self.got) >= n, f"{n} messages")
        return list(self.got)

    def close(self):
        Subscriber.open.discard(self)
        self.process.terminate()
        self.reader.join()
        self.process.stdout.close()


class Silent:
    """A server that accepts and never speaks."""

    def __init__(self):
        self.sock = socket.create_server(("127.0.0.1", 0))
        self.port = self.sock.getsockname()[1]

    def close(self):
        self.sock.close()


class Script:
    """A server that sends these bytes to whoever connects, and then keeps the connection."""

    def __init__(self, data):
        self.sock, self.data, self.kept = socket.create_server(("127.0.0.1", 0)), data, []
        self.port = self.sock.getsockname()[1]
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        try:
            while True:
                c, _ = self.sock.accept()
                self.kept.append(c)
                c.sendall(self.data)
        except OSError:
            pass

    def close(self):
        self.sock.shutdown(socket.SHUT_RDWR)
        self.sock.close()
        self.thread.join()
        for c in self.kept:
            c.close()


def openssl(folder, *words):
    subprocess.run(["openssl", *map(str, words)], cwd=folder, check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, timeout=hz.PATIENCE)


def certificates(folder):
    """A CA, another CA, and certificates: server (localhost), expired, client."""
    folder.mkdir(parents=True, exist_ok=True)
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    for ca in ("ca", "other"):
        openssl(folder, "req", "-x509", *key, "-keyout", f"{ca}.key", "-out", f"{ca}.pem", "-days", "2", "-subj", f"/CN={ca}")
    (folder / "ext").write_text("subjectAltName=DNS:localhost\n")
    for name, days in (("server", ("-days", "2")), ("expired", ("-days", "-1")), ("client", ("-days", "2"))):
        openssl(folder, "req", "-new", *key, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
        openssl(folder, "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
                "-out", f"{name}.pem", *days, "-extfile", "ext")
    return folder
