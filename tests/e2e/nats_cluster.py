"""Real nats-servers on loopback, one or a cluster, and what a test does to them: kill, freeze, cut
off, restart. And a client of its own that reads streams back over the plain protocol, so that no
library says what a library has stored.

    with Cluster(3) as nats:
        nats.create("hertzd", ["hertzd.>"], replicas=3)
        nats.kill(0); nats.start(0); nats.freeze(1); nats.thaw(1)
        for m in nats.read("hertzd"): m.seq, m.subject, m.id, m.data

Everything waits for a condition. Programs are ended by their own process id.
"""
import json
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import urllib.request
from collections import namedtuple
from pathlib import Path

import hz

SERVER = shutil.which("nats-server") or str(hz.ROOT / "build/peers/bin/nats-server")
HERE = Path(SERVER).exists()  # else tests that need it are skipped

Message = namedtuple("Message", "seq subject id data headers reply")


class NatsError(Exception):
    pass


class Client:
    """A connection to one server: publish, subscribe, request."""

    def __init__(self, port, timeout=5, **connect):
        self.sock = socket.create_connection(("127.0.0.1", port), timeout=timeout)
        self.held, self.sids, self.waiting = b"", 0, []
        info = self._line()
        assert info.startswith(b"INFO "), info
        self.info = json.loads(info[5:])
        options = {"verbose": False, "headers": True, "no_responders": True, "lang": "test", "version": "0"}
        self.sock.sendall(b"CONNECT " + json.dumps({**options, **connect}).encode() + b"\r\nPING\r\n")
        while (line := self._line()) != b"PONG":
            if line.startswith(b"-ERR"):
                raise NatsError(line.decode())
        self.inbox = f"_INBOX.test{id(self)}{time.monotonic_ns()}"
        self.subscribe(self.inbox + ".*")

    def _more(self):
        data = self.sock.recv(1 << 20)
        if not data:
            raise NatsError("the server closed the connection")
        self.held += data

    def _line(self):
        while b"\r\n" not in self.held:
            self._more()
        line, self.held = self.held.split(b"\r\n", 1)
        return line

    def _take(self, n):
        while len(self.held) < n + 2:
            self._more()
        data, self.held = self.held[:n], self.held[n + 2:]
        return data

    def subscribe(self, subject):
        self.sids += 1
        self.sock.sendall(f"SUB {subject} {self.sids}\r\n".encode())
        return self.sids

    def publish(self, subject, data=b"", reply="", headers=None):
        if headers:
            head = b"NATS/1.0\r\n" + b"".join(f"{k}: {v}\r\n".encode() for k, v in headers.items()) + b"\r\n"
            top = f"HPUB {subject} {reply} {len(head)} {len(head) + len(data)}\r\n".encode()
            self.sock.sendall(top + head + data + b"\r\n")
        else:
            self.sock.sendall(f"PUB {subject} {reply} {len(data)}\r\n".encode() + data + b"\r\n")

    def next(self, timeout=5):
        """The next message of any subscription; TimeoutError."""
        return self.waiting.pop(0) if self.waiting else self._next(timeout)

    def _next(self, timeout):
        self.sock.settimeout(timeout)
        while True:
            words = self._line().split()
            op = words[0] if words else b""
            if op == b"PING":
                self.sock.sendall(b"PONG\r\n")
            elif op == b"-ERR":
                raise NatsError(b" ".join(words).decode())
            elif op in (b"MSG", b"HMSG"):
                sizes = 2 if op == b"HMSG" else 1
                reply = words[3].decode() if len(words) == 4 + sizes else ""
                head = int(words[-2]) if op == b"HMSG" else 0
                body = self._take(int(words[-1]))
                lines = body[:head].decode().split("\r\n")
                headers = dict(l.split(": ", 1) for l in lines[1:] if ": " in l)
                if lines[0].startswith("NATS/1.0 "):
                    headers["Status"] = lines[0][9:12]
                # $JS.ACK.STREAM.CONSUMER.DELIVERED.STREAM_SEQ.…
                seq = int(reply.split(".")[5]) if reply.startswith("$JS.ACK.") else 0
                return Message(seq, words[1].decode(), headers.get("Nats-Msg-Id"), body[head:], headers, reply)

    def request(self, subject, data=None, timeout=5):
        """The JSON object that answers; NatsError where there is none, or it says error."""
        token = f"{self.inbox}.r{time.monotonic_ns()}"
        self.publish(subject, b"" if data is None else json.dumps(data).encode(), token)
        deadline = time.monotonic() + timeout
        while True:
            m = self._next(max(0.01, deadline - time.monotonic()))
            if m.subject != token:
                self.waiting.append(m)
                continue
            if m.headers.get("Status") == "503":
                raise NatsError(f"{subject}: no responders")
            answer = json.loads(m.data)
            if "error" in answer:
                raise NatsError(f"{subject}: {answer['error']}")
            return answer

    def read(self, stream, after=0, quiet=5):
        """Yields what the stream holds at present behind that seq, in its order."""
        last = self.request(f"$JS.API.STREAM.INFO.{stream}")["state"]["last_seq"]
        if last <= after:
            return
        subject = f"_DELIVER.c{id(self)}{time.monotonic_ns()}"  # a wildcard is no interest for a push consumer
        self.subscribe(subject)
        policy = {"deliver_policy": "by_start_sequence", "opt_start_seq": after + 1}
        made = self.request(f"$JS.API.CONSUMER.CREATE.{stream}", {"stream_name": stream, "config": {
            "deliver_subject": subject, "ack_policy": "none", "replay_policy": "instant",
            "num_replicas": 1, "mem_storage": True, **policy}})
        seq = after
        self.waiting = [m for m in self.waiting if m.reply.split(".")[3:4] == [made["name"]]]
        while seq < last:
            m = self.next(quiet)
            if m.reply.startswith("$JS.ACK."):
                seq = m.seq
                yield m
        self.publish(f"$JS.API.CONSUMER.DELETE.{stream}.{made['name']}")

    def close(self):
        self.sock.close()


class Cluster:
    """n servers with JetStream. `more`: text for each one's configuration."""

    def __init__(self, n=1, more="", start=True):
        self.dir = Path(tempfile.mkdtemp(prefix="hz-nats-"))
        self.n = n
        self.ports = [hz.free_port() for _ in range(n)]
        self.routes = [hz.free_port() for _ in range(n)]
        self.monitors = [hz.free_port() for _ in range(n)]
        self.processes, self.frozen = [None] * n, set()
        for i in range(n):
            (self.dir / f"n{i}.conf").write_text(self._conf(i) + more)
        if start:
            self.start_all()

    def _conf(self, i):
        text = (f"server_name: n{i}\nhost: 127.0.0.1\nport: {self.ports[i]}\nhttp: 127.0.0.1:{self.monitors[i]}\n"
                f"jetstream {{ store_dir: \"{self.dir}/js{i}\", max_mem: 256M, max_file: 4G }}\n")
        if self.n > 1:
            routes = ", ".join(f"nats://127.0.0.1:{p}" for p in self.routes)
            text += f"cluster {{ name: c, listen: 127.0.0.1:{self.routes[i]}, routes: [{routes}] }}\n"
        return text

    @property
    def urls(self):
        return ",".join(f"nats://127.0.0.1:{p}" for p in self.ports)

    # -- what is done to the servers --

    def start(self, i):
        assert self.processes[i] is None or self.processes[i].poll() is not None
        log = open(self.dir / f"n{i}.log", "ab")
        self.processes[i] = subprocess.Popen([SERVER, "-c", self.dir / f"n{i}.conf"], stdout=log, stderr=log)
        log.close()

    def start_all(self):
        for i in range(self.n):
            if self.processes[i] is None or self.processes[i].poll() is not None:
                self.start(i)
        self.wait_ready()

    def _signal(self, i, number):
        self.processes[i].send_signal(number)

    def kill(self, i):
        """As a power cut: SIGKILL."""
        self._signal(i, signal.SIGKILL)
        self.processes[i].wait()
        self.frozen.discard(i)

    def stop(self, i):
        """In order: it says good-bye."""
        self._signal(i, signal.SIGTERM)
        self.processes[i].wait()

    def freeze(self, i):
        """It keeps its connections and does nothing: SIGSTOP."""
        self._signal(i, signal.SIGSTOP)
        self.frozen.add(i)

    def thaw(self, i):
        self._signal(i, signal.SIGCONT)
        self.frozen.discard(i)

    def alive(self):
        return [i for i, p in enumerate(self.processes) if p and p.poll() is None and i not in self.frozen]

    # -- what they say --

    def monitor(self, i, what):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.monitors[i]}/{what}", timeout=5) as answer:
            return json.load(answer)

    def _ready(self):
        for i in self.alive():
            try:
                js = self.monitor(i, "jsz")
                with socket.create_connection(("127.0.0.1", self.ports[i]), timeout=1):
                    pass
            except (OSError, ValueError):
                return False
            if self.n > 1 and not js.get("meta_cluster", {}).get("leader"):
                return False
        return bool(self.alive())

    def wait_ready(self):
        """Until each server that runs answers, and knows the leader of the cluster."""
        for i in self.alive():
            assert self.processes[i].poll() is None, (self.dir / f"n{i}.log").read_text()[-2000:]
        hz.wait(self._ready)

    def client(self, i=None, **connect):
        return Client(self.ports[self.alive()[0] if i is None else i], **connect)

    def ask(self, subject, data=None, patience=hz.PATIENCE, **connect):
        """Asks any living server until it answers: a cluster may be electing."""
        def attempt():
            for i in self.alive():
                try:
                    c = self.client(i, **connect)
                except (OSError, NatsError):
                    continue
                try:
                    return c.request(subject, data, timeout=2)
                except (OSError, NatsError) as e:
                    self.last_error = e
                finally:
                    c.close()
            return None

        self.last_error = None
        try:
            return hz.wait(attempt, patience)
        except AssertionError:
            raise AssertionError(f"{subject}: {self.last_error}") from None

    def create(self, name, subjects, replicas=1, duplicates_s=120, **config):
        return self.ask(f"$JS.API.STREAM.CREATE.{name}", {
            "name": name, "subjects": subjects, "retention": "limits", "discard": "old", "storage": "file",
            "max_msgs": -1, "max_bytes": -1, "max_age": 0, "max_consumers": -1, "max_msg_size": -1,
            "num_replicas": replicas, "duplicate_window": int(duplicates_s * 1e9), **config})

    def info(self, stream, **connect):
        return self.ask(f"$JS.API.STREAM.INFO.{stream}", **connect)

    def leader(self, stream):
        """The number of the server that leads the stream, once there is one."""
        def attempt():
            name = self.info(stream).get("cluster", {}).get("leader")
            return name and int(name[1:]) + 1
        return hz.wait(attempt) - 1

    def wait_writable(self, stream):
        """Until the stream has a leader that runs, and all its living replicas are current."""
        def attempt():
            cluster = self.info(stream).get("cluster", {})
            names = {f"n{i}" for i in self.alive()}
            if cluster.get("leader") not in names:
                return False
            return all(r["current"] for r in cluster.get("replicas", []) if r["name"] in names)
        hz.wait(attempt)

    def server_of(self, name):
        """The number of the server to which the client of that name is connected; None: to none."""
        for i in self.alive():
            for c in self.monitor(i, "connz")["connections"]:
                if c.get("name") == name:
                    return i
        return None

    def read(self, stream, after=0):
        """What the stream holds, in its order; begun again where a server drops it."""
        out = []

        def attempt():
            try:
                c = self.client()
                try:
                    for m in c.read(stream, out[-1].seq if out else after):
                        out.append(m)
                    return True
                finally:
                    c.close()
            except (OSError, NatsError):
                return False

        hz.wait(attempt)
        return out

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        for p in self.processes:
            if p and p.poll() is None:
                p.kill()
                p.wait()
        if kind:
            for i in range(self.n):
                log = self.dir / f"n{i}.log"
                print(f"-- n{i}:", log.read_text()[-1500:] if log.exists() else "never started")
        shutil.rmtree(self.dir, ignore_errors=True)


class Cable:
    """A TCP port that passes everything on to another one, and can be cut: what is connected hangs
    (`pull`), as when a cable is pulled, or is closed (`cut`)."""

    def __init__(self, port):
        self.target, self.plugged, self.pairs = port, True, {}
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.wake, self.told = socket.socketpair()
        self.lock, self.ended = threading.Lock(), False
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _close_pairs(self):
        for s in list(self.pairs):
            s.close()
        self.pairs.clear()

    def _run(self):
        while not self.ended:
            watched = [self.wake] + ([self.listener, *self.pairs] if self.plugged else [])
            for s in select.select(watched, [], [], 0.2)[0]:
                if s is self.wake:
                    order = s.recv(1)
                    if order == b"c":
                        self._close_pairs()
                elif s is self.listener:
                    near, _ = s.accept()
                    try:
                        far = socket.create_connection(("127.0.0.1", self.target), timeout=2)
                    except OSError:
                        near.close()
                        continue
                    self.pairs[near], self.pairs[far] = far, near
                elif s in self.pairs:
                    try:
                        data = s.recv(1 << 16)
                        if data:
                            self.pairs[s].sendall(data)
                    except OSError:
                        data = b""
                    if not data:
                        other = self.pairs.pop(s)
                        self.pairs.pop(other, None)
                        s.close()
                        other.close()

    def _tell(self, order):
        self.told.send(order)

    def pull(self):
        self.plugged = False
        self._tell(b"p")

    def cut(self):
        self.plugged = False
        self._tell(b"c")

    def plug(self):
        """Connections that hung are closed, new ones get through."""
        self._tell(b"c")
        self.plugged = True

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.ended = True
        self._tell(b"c")
        self.thread.join()
        self._close_pairs()
        self.listener.close()
