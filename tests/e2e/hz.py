"""The real binary driven from outside: start it, talk to it, hold every line against the schemas.

Everything waits for a condition (a line, a datagram, the end of a process), never for a time.
"""
import asyncio
import calendar
import json
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

import jsonschema
import websockets

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(os.environ.get("HZ_BIN", ROOT / "build/hertzd")).resolve()
CTL = BIN.parent / "hertzctl"
SHARED = Path(os.environ.get("HZ_SHARED", ROOT.parent / "shared"))
SANITIZED = BIN.parent.name in ("asan", "tsan")
PATIENCE = 180 if SANITIZED else 60  # seconds until a condition that does not come is a failure


# -- schemas ---------------------------------------------------------------------------------------


def closed(schema):
    """The same schema without room for fields that it does not name: what the documentation does
    not know is an error here, while clients must expect new fields."""
    if isinstance(schema, dict):
        out = {k: closed(v) for k, v in schema.items()}
        if "properties" in out and "additionalProperties" not in out:
            out["additionalProperties"] = False
        return out
    return [closed(v) for v in schema] if isinstance(schema, list) else schema


def listed_fields():
    """The fields of each decoder, as docs/decoders.md lists them."""
    text = (ROOT / "docs/decoders.md").read_text()
    return {name: re.findall(r"^\| `(\w+)` \|", table, re.M)
            for name, table in re.findall(r"^\| field of `([a-z0-9-]+)` .*\n((?:\|.*\n)*)", text, re.M)}


def with_decoders(message, files):
    """The envelope with the object of each decoder: by its schema, which has a word `envelope`, or
    by the names of its fields where it has none."""
    objects = {name.removesuffix(".schema.json"): schema for name, schema in files.items() if "envelope" in schema}
    for name, fields in listed_fields().items():
        known = {"envelope": {}, "properties": dict.fromkeys(fields, {})}
        objects.setdefault(name, known if name == "sensors" else closed(known))  # sensors: those of each model
    message["properties"].update(objects)
    message["properties"]["protocol"]["enum"] = list(objects)
    message["allOf"] = [{"if": {"properties": {"protocol": {"const": name}}},
                         "then": {"required": [name, *schema["envelope"].get("required", [])]}}
                        for name, schema in objects.items()]


def load_schemas():
    files = {p.name: closed(json.loads(p.read_text())) for p in (ROOT / "docs/schema").glob("*.json")}
    with_decoders(files["message.schema.json"], files)
    store = {s.get("$id", name): s for name, s in files.items()}
    store.update(files)
    out = {}
    for name, schema in files.items():
        resolver = jsonschema.RefResolver(base_uri=name, referrer=schema, store=store)
        out[name.removesuffix(".schema.json")] = jsonschema.Draft202012Validator(
            schema, resolver=resolver
        )
    return out


SCHEMAS = load_schemas()


seen = Counter()


def is_new(record):
    """Whether a record is one of the first 20 with these fields, or one in 20 of the others. To hold a line to its schema
    takes a hundred times as long as to read it, and tests read hundreds a second."""
    fields = (*record, *(record.get(record.get("protocol")) or ()))
    seen[fields] += 1
    return seen[fields] <= 20 or seen[fields] % 20 == 0


def checked(line):
    """One line of the stream as an object, after its schema has passed it, if it is_new."""
    assert line.endswith(b"\n"), f"a line without its end: {line[-80:]!r}"
    record = json.loads(line.decode("utf-8"), parse_constant=lambda c: 1 / 0)  # no NaN
    kind = record.get("kind")
    assert kind in SCHEMAS, f"no schema for kind {kind!r}: {line[:200]!r}"
    error = jsonschema.exceptions.best_match(SCHEMAS[kind].iter_errors(record)) if is_new(record) else None
    assert error is None, f"{error.json_path}: {error.message}\nin {line.decode()}"
    return record


# -- the program run once --------------------------------------------------------------------------


def run(*args, stdin=None, env=None, timeout=None, **kw):
    """Runs hertzd to its end: CompletedProcess with bytes."""
    if stdin is not None:
        kw["input"] = stdin
    return subprocess.run(
        [BIN, *map(str, args)], capture_output=True, timeout=timeout or PATIENCE * 3,
        env={**os.environ, **(env or {})}, **kw,
    )


def decode(*args, stdin=None):
    """`hertzd decode` of something good: its lines, each validated, and stderr as text."""
    done = run("decode", *args, stdin=stdin)
    assert done.returncode == 0, done.stderr.decode()
    return [checked(l) for l in done.stdout.splitlines(keepends=True)], done.stderr.decode()


def one_line(done, code, *words):
    """The run ended with that exit code and a single line on stderr that has the words in it."""
    text = done.stderr.decode()
    assert done.returncode == code, (done.returncode, text)
    assert text.count("\n") == 1, text
    for word in words:
        assert str(word).lower() in text.lower(), (word, text)


def wait(condition, seconds=PATIENCE):
    """What condition() returns, once that is true. For what can only be asked again and again: of
    what tells by itself (lines, ends of processes) a test waits for that."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, "it did not come to be"
        time.sleep(0.02)  # leaves the processor to those that are waited for
    return value


# -- clients ---------------------------------------------------------------------------------------


def free_port():
    """A TCP port that nobody listens on; another program may take it meanwhile."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def connected(port, process=None):
    """A connection to a program of this machine that may still be starting, but has not ended."""
    def attempt():
        assert process is None or process.poll() is None, f"it ended before it listened on {port}"
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        except ConnectionRefusedError:
            return None

    return wait(attempt)


class Lines:
    """A TCP or Unix client of lines."""

    def __init__(self, address, rcvbuf=None):
        unix = isinstance(address, (str, Path))
        self.sock = socket.socket(socket.AF_UNIX if unix else socket.AF_INET)
        if rcvbuf:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, rcvbuf)
        self.sock.settimeout(PATIENCE)
        self.sock.connect(str(address) if unix else address)
        self.held = b""

    def send(self, record):
        data = record if isinstance(record, bytes) else json.dumps(record).encode() + b"\n"
        self.sock.sendall(data)

    def line(self):
        """The next line as bytes; b"" when the other side has closed."""
        while b"\n" not in self.held:
            try:
                more = self.sock.recv(65536)
            except ConnectionResetError:
                more = b""
            if not more:
                rest, self.held = self.held, b""
                return rest
            self.held += more
        line, self.held = self.held.split(b"\n", 1)
        return line + b"\n"

    def next(self):
        """The next line, validated; None when the other side has closed."""
        line = self.line()
        return checked(line) if line else None

    def until(self, wanted):
        """Records up to the first for which wanted(record) holds, that one included."""
        out = []
        while True:
            record = self.next()
            assert record is not None, f"closed after {out[-3:]}"
            out.append(record)
            if wanted(record):
                return out

    def rest(self):
        """All bytes until the other side closes."""
        out, deadline = b"", time.monotonic() + PATIENCE
        while line := self.line():
            out += line
            assert time.monotonic() < deadline, f"not closed in {PATIENCE} s, but sends {line[:80]!r}"
        return out

    def close(self):
        self.sock.close()


class Rpc(Lines):
    """A client of the control socket."""

    def __init__(self, path):
        super().__init__(path)
        self.id = 0

    def ask(self, method, **params):
        """The whole answer to one request."""
        self.id += 1
        request = {"jsonrpc": "2.0", "id": self.id, "method": method}
        self.send({**request, "params": params} if params else request)
        while True:
            answer = json.loads(self.line())
            if "id" in answer:
                assert answer["jsonrpc"] == "2.0" and answer["id"] == self.id, answer
                return answer

    def next(self):
        """The next frame of the stream, validated, out of its notification."""
        line = self.line()
        if not line:
            return None
        note = json.loads(line)
        assert (note["jsonrpc"], note["method"]) == ("2.0", "frame"), note
        return checked(json.dumps(note["params"]).encode() + b"\n")

    def result(self, method, **params):
        answer = self.ask(method, **params)
        assert "error" not in answer, answer
        return answer["result"]


class Web:
    """A WebSocket client: the websockets library on a loop of its own."""

    open = set()  # those that a test which failed has left

    def __init__(self, address, path="/stream", rcvbuf=None, **kw):
        self.loop = asyncio.new_event_loop()
        url = f"ws://{address[0]}:{address[1]}{path}"
        if rcvbuf:
            kw["sock"] = socket.socket()
            kw["sock"].setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, rcvbuf)
            kw["sock"].connect(address)
        # without a limit on what waits to be read, the library sees a close behind it
        kw = {"max_size": None, "max_queue": None, "open_timeout": PATIENCE, **kw}
        try:
            self.ws = self.loop.run_until_complete(self._connect(url, kw))
        except BaseException:
            self.loop.close()
            raise
        Web.open.add(self)

    @staticmethod
    async def _connect(url, kw):
        return await websockets.connect(url, **kw)

    def send(self, record):
        self.loop.run_until_complete(self.ws.send(record if isinstance(record, str) else json.dumps(record)))

    def receive(self):
        """The next message as it is: text, or the bytes of a binary one."""
        return self.loop.run_until_complete(asyncio.wait_for(self.ws.recv(), PATIENCE))

    def next(self):
        """The next message, validated; None when the other side has closed."""
        try:
            text = self.receive()
        except websockets.ConnectionClosed:
            return None
        assert isinstance(text, str), "a binary frame"
        return checked(text.encode() + b"\n")

    until = Lines.until

    def close(self):
        self.loop.run_until_complete(self.ws.close())
        self.drop()

    def drop(self):
        """Lets go without a farewell."""
        Web.open.discard(self)
        tasks = asyncio.all_tasks(self.loop)
        for task in tasks:
            task.cancel()
        self.ws.transport.abort()
        if tasks:
            self.loop.run_until_complete(asyncio.wait(tasks))
        self.loop.close()


def unchunked(head, body):
    """The body of an answer with that head, which may have come in chunks: then it is held to its end."""
    if not re.search(rb"(?im)^transfer-encoding: *chunked", head):
        return body
    out = b""
    while size := int(body.split(b"\r\n", 1)[0], 16):
        start = body.index(b"\r\n") + 2
        out += body[start:start + size]
        body = body[start + size + 2:]
    return out


def http(address, path="/", head="", method="GET", host=None):
    """One HTTP/1.1 request by hand: (status, body as bytes)."""
    c = Lines(address)
    host = host or f"{address[0]}:{address[1]}"
    c.send(f"{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{head}\r\n".encode())
    answer = c.rest()
    c.close()
    top, _, body = answer.partition(b"\r\n\r\n")
    assert top.startswith(b"HTTP/1.1 "), answer[:200]
    return int(top.split()[1]), body if method == "HEAD" else unchunked(top, body)


def drain(notify):
    """The daemon tells systemd of itself each second; a full socket would hold it."""
    try:
        while notify.recv(4096, socket.MSG_DONTWAIT):
            pass
    except BlockingIOError:
        pass


def nanoseconds(record):
    """Its time, since 1970."""
    whole, fraction = record["time"].rstrip("Z").split(".")
    return calendar.timegm(time.strptime(whole, "%Y-%m-%dT%H:%M:%S")) * 10**9 + int(fraction)


def messages(client, count):
    """The next `count` messages; what else comes is left out."""
    out = []
    while len(out) < count:
        record = client.next()
        assert record is not None, f"closed after {len(out)} of {count} messages"
        if record["kind"] == "message":
            out.append(record)
    return out


def all_messages(client, count):
    """Asks for all that the stream has held since it began, and reads until `count` different
    messages have come, given in order. What came between the hello and the answer comes twice."""
    stream = client.next()["stream"]
    client.send({"subscribe": {"stream": stream, "since": 0}})
    found = {}
    while len(found) < count:
        record = client.next()
        assert record is not None and record["kind"] != "gap", record
        if record["kind"] == "message":
            assert found.setdefault(record["seq"], record) == record
    return [found[seq] for seq in sorted(found)]


def conf(path="-", receiver="", daemon=""):
    """One receiver that plays a recording, or reads standard input, and one channel."""
    if path == "-":
        receiver += "\nformat = cu8\nrate = 2400k\ncentre = 1090M\npace = max"
    return (
        f"[hertzd]\n{daemon}\n[receiver roof]\nsource = file\npath = {path}\n{receiver}\n"
        "[channel 1090]\ndecoder = adsb\n"
    )


LOOP = "loop = yes\npace = realtime"
SIM = "[receiver sky]\nsource = sim\n[channel 1090]\ndecoder = adsb\n"


class Daemon:
    """hertzd on a configuration of its own in a folder of its own.

    `conf` is the text of receivers and channels; the three listeners are added, on ports that the
    system gives. Used by `with`: stops it at the end and holds it to its word (2 s, exit 0)."""

    def __init__(self, conf, listen="", env=None):
        self.dir = Path(tempfile.mkdtemp(prefix="hz-"))
        self.sock = self.dir / "ctl"
        self.conf = self.dir / "hertzd.conf"
        self.write(conf, listen)
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notify.bind(str(self.dir / "notify"))
        self.env = {**os.environ, "NOTIFY_SOCKET": str(self.dir / "notify"), **(env or {})}
        self.start()

    def start(self):
        self.told, self.more = [], threading.Condition()
        self.err = open(self.dir / "stderr", "w+b")
        self.process = subprocess.Popen(
            [BIN, "-c", self.conf], stderr=self.err, stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL, cwd=self.dir, env=self.env,
        )
        self.pidfd = os.pidfd_open(self.process.pid)
        self.reader = threading.Thread(target=self.read_notify)
        self.reader.start()

    def read_notify(self):
        """Takes what the daemon tells its init, until it ends: an init always reads. A full queue
        (of 10 by default, a line a second) would hold the daemon in its sendmsg."""
        ended = False
        while not ended:
            ready, _, _ = select.select([self.notify, self.pidfd], [], [])
            ended = self.notify not in ready
            try:
                told = "" if ended else self.notify.recv(4096, socket.MSG_DONTWAIT).decode()
            except BlockingIOError:  # a test has taken it
                continue
            with self.more:
                self.told.append(told)
                self.more.notify_all()

    def write(self, conf, listen=""):
        """The configuration anew, whole or not at all: the daemon may be reading it."""
        new = self.conf.with_suffix(".new")
        new.write_text(
            f"{conf}\n[listen json]\ntype = tcp\naddress = 127.0.0.1:0\n{listen}\n"
            f"[listen web]\ntype = http\naddress = 127.0.0.1:0\n{listen}\n"
            f"[listen control]\ntype = unix\npath = {self.sock}\n"
        )
        new.rename(self.conf)

    def stderr(self):
        self.err.flush()
        return (self.dir / "stderr").read_text(errors="replace")

    def wait_notify(self, word):
        """Waits for a line of the notify protocol: that one, or one for which word(line) holds."""
        wanted = word if callable(word) else word.__eq__
        came = lambda: any(wanted(line) for told in self.told for line in told.split("\n"))
        with self.more:
            self.more.wait_for(lambda: came() or "" in self.told, PATIENCE)
            if not came():
                state = f"no {word} in {PATIENCE} s" if self.process.poll() is None else f"ended before {word}"
                raise AssertionError(f"{state}: {self.told} {self.stderr()}")

    def __enter__(self):
        try:
            self.wait_notify("READY=1")
            self.rpc = Rpc(self.sock)
            listeners = {l["name"]: l for l in self.rpc.result("status")["listeners"]}
            self.tcp = self.endpoint(listeners["json"]["address"])
            self.http = self.endpoint(listeners["web"]["address"])
        except BaseException:
            self.kill()
            raise
        return self

    @staticmethod
    def endpoint(text):
        host, _, port = text.rpartition(":")
        return host, int(port)

    def feed(self, data):
        """Samples for a receiver that reads standard input."""
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def status(self):
        return self.rpc.result("status")

    def stop(self, sig=signal.SIGTERM):
        """Signal and end: (exit code, seconds)."""
        self.rpc.close()  # the daemon waits up to 1 s for clients that stay
        began = time.monotonic()
        self.process.send_signal(sig)
        code = self.process.wait(timeout=PATIENCE)
        return code, time.monotonic() - began

    def restart(self):
        """Ends it and starts it again, on the same folder."""
        code, _ = self.stop()
        assert code == 0, (code, self.stderr())
        self.let_go()
        self.start()
        self.__enter__()

    def let_go(self):
        self.process.stdin.close()
        self.reader.join()
        os.close(self.pidfd)
        self.err.close()

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.let_go()
        self.notify.close()
        shutil.rmtree(self.dir, ignore_errors=True)

    def __exit__(self, kind, value, trace):
        try:
            if kind is not None:
                print(self.stderr()[-4000:])
                return
            if self.process.poll() is None:
                code, took = self.stop()
                assert code == 0, (code, self.stderr())
                assert took < PATIENCE / 3, took  # the daemon itself gives up after 1 s
        finally:
            self.kill()
