"""The reverse proxies of docs/security.md, as they stand there: nginx and Caddy before a real hertzd, with
TLS of a certificate of our own."""
import asyncio
import json
import os
import re
import shutil
import socket
import ssl
import subprocess

import hz
import pytest
import websockets

NAME = "radio.example.org"
READ, CONTROL = "0123456789abcdef0123", "ABCDEFGHIJKLMNOPQRST"
DOC = (hz.ROOT / "docs/security.md").read_text()
HOST = "127.0.0.1"


def block(language):
    """The example of that language in the document."""
    (text,) = re.findall(rf"```{language}\n(.*?)```", DOC, re.S)
    return text


def replaced(text, *pairs):
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, str(new))
    return text


def nginx(dir, port, backend):
    site = replaced(block("nginx"), ("listen 443", f"listen {HOST}:{port}"), ("127.0.0.1:7380", backend),
                    ("/etc/ssl/radio.example.org.pem", dir / "cert.pem"),
                    ("/etc/ssl/radio.example.org.key", dir / "key.pem"),
                    ("/var/log/nginx/hertzd.log", dir / "access.log"))
    temp = "".join(f"{kind}_temp_path {dir}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    user = "user root;" if os.geteuid() == 0 else ""
    conf = dir / "nginx.conf"
    conf.write_text(f"{user} pid {dir}/pid; error_log {dir}/error.log; daemon off; events {{}}\nhttp {{ {temp}\n{site} }}\n")
    return ["nginx", "-p", dir, "-e", dir / "error.log", "-c", conf]


def caddy(dir, port, backend):
    site = replaced(block("caddy"), (NAME + " {", f"{NAME}:{port} {{\n    tls {dir}/cert.pem {dir}/key.pem"),
                    ("127.0.0.1:7380", backend))
    conf = dir / "Caddyfile"
    conf.write_text("{\n    admin off\n    auto_https disable_redirects\n    default_bind 127.0.0.1\n}\n" + site)
    return ["caddy", "run", "--adapter", "caddyfile", "--config", conf]


class Proxy:
    """A proxy that runs before the daemon; `port` is where it listens."""

    def __init__(self, make, dir, backend):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={NAME}",
                        "-addext", f"subjectAltName=DNS:{NAME}", "-keyout", dir / "key.pem", "-out", dir / "cert.pem"],
                       check=True, capture_output=True)
        self.tls = ssl.create_default_context(cafile=dir / "cert.pem")
        self.dir = dir
        for _ in range(3):  # another program may take the port between
            self.port = hz.free_port()
            self.log = open(dir / "out", "wb")
            self.process = subprocess.Popen(make(dir, self.port, backend), cwd=dir, stdin=subprocess.DEVNULL,
                                            stdout=self.log, stderr=subprocess.STDOUT,
                                            env={**os.environ, "HOME": str(dir), "XDG_DATA_HOME": str(dir)})
            try:
                hz.connected(self.port, self.process).close()
                return
            except AssertionError:  # it does not listen
                self.stop()
        raise AssertionError((dir / "out").read_text())

    def stop(self):
        self.process.terminate()
        self.process.wait(hz.PATIENCE)
        self.log.close()

    def connect(self):
        raw = socket.create_connection((HOST, self.port), timeout=hz.PATIENCE)
        return self.tls.wrap_socket(raw, server_hostname=NAME)

    def ask(self, path, *fields, method="GET", host=None, body=""):
        """One request: (status, head, body)."""
        with self.connect() as s:
            head = [f"{method} {path} HTTP/1.1", f"Host: {host or f'{NAME}:{self.port}'}", "Connection: close", *fields]
            if body:
                head.append(f"Content-Length: {len(body)}")
            s.sendall(("\r\n".join(head) + "\r\n\r\n" + body).encode())
            answer = b""
            while more := s.recv(65536):
                answer += more
        top, _, rest = answer.partition(b"\r\n\r\n")
        return int(top.split()[1]), top.decode(), rest

    async def stream(self, query, **kw):
        return await websockets.connect(f"wss://{NAME}:{self.port}/stream{query}", ssl=self.tls, host=HOST,
                                        port=self.port, server_hostname=NAME, open_timeout=hz.PATIENCE, max_queue=None, **kw)

    def origin(self):
        return f"https://{NAME}:{self.port}"


@pytest.fixture(scope="module")
def daemon(tmp_path_factory):
    tokens = tmp_path_factory.mktemp("tokens") / "tokens"
    tokens.write_text(f"read kitchen {READ}\ncontrol me {CONTROL}\n")
    tokens.chmod(0o600)
    with hz.Daemon(hz.SIM) as d:
        d.conf.write_text(d.conf.read_text().replace(
            "type = http\n", f"type = http\nallow_host = {NAME}\ntokens = {tokens}\n"))
        d.rpc.result("reload")
        yield d


@pytest.fixture(params=[nginx, caddy], ids=["nginx", "caddy"])
def proxy(request, tmp_path, daemon):
    for program in (request.param.__name__, "openssl"):
        if not shutil.which(program):
            pytest.skip(f"{program} is not installed")
    p = Proxy(request.param, tmp_path, f"{daemon.http[0]}:{daemon.http[1]}")
    yield p
    p.stop()


BEARER = f"Authorization: Bearer {READ}"


def test_requests(proxy, daemon):
    status, _, body = proxy.ask("/")
    assert status == 200 and b"<!doctype html>" in body
    assert proxy.ask("/status")[0] == 401
    status, _, body = proxy.ask("/status", BEARER)
    assert status == 200 and b'"receivers"' in body
    assert json.loads(proxy.ask(f"/whoami?token={READ}")[2])["role"] == "read"
    # control: of the page itself, with the token for it
    call = dict(method="POST", body='{"jsonrpc":"2.0","id":1,"method":"health"}')
    json_ = "Content-Type: application/json"
    control = f"Authorization: Bearer {CONTROL}"
    status, _, body = proxy.ask("/rpc", control, json_, f"Origin: {proxy.origin()}", **call)
    assert status == 200 and json.loads(body)["result"] == {"healthy": True}
    assert proxy.ask("/rpc", control, json_, "Origin: https://evil.example", **call)[0] == 403
    assert proxy.ask("/rpc", BEARER, json_, **call)[0] == 403
    # all come from this machine, whatever they say of themselves
    assert proxy.ask("/status", BEARER, "X-Forwarded-For: 192.0.2.7")[0] == 200
    clients = daemon.rpc.result("clients")
    assert all(c.get("peer", "").startswith(("127.0.0.1:", "uid ")) for c in clients), clients
    for path in proxy.dir.iterdir():
        if path.suffix in (".log", "") and path.is_file():
            assert READ not in path.read_text(errors="replace"), path


def test_a_stranger_name_is_refused(proxy):
    """The proxy has another name, or hertzd refuses it: nobody gets an answer with what is inside."""
    for path in ("/", "/status", "/stream", "/whoami", "/healthz"):
        status, _, body = proxy.ask(path, BEARER, host="evil.example")
        # Caddy serves no site of that name: an empty answer
        assert status in (421, 400, 404) or (status == 200 and body == b""), (path, status, body)


def test_the_stream_over_tls(proxy):
    async def run():
        ws = await proxy.stream(f"?token={READ}&protocol=adsb&kind=message", origin=proxy.origin())
        lines = [json.loads(await asyncio.wait_for(ws.recv(), hz.PATIENCE)) for _ in range(4)]
        assert [l["kind"] for l in lines[:3]] == ["hello", "subscribed", "message"], lines
        await ws.send(json.dumps({"subscribe": {"kind": "state"}}))
        while json.loads(await asyncio.wait_for(ws.recv(), hz.PATIENCE))["kind"] != "subscribed":
            pass
        await ws.close()
        assert ws.close_code == 1000
        ws = await proxy.stream("", extra_headers={"Authorization": f"Bearer {READ}"})
        assert json.loads(await asyncio.wait_for(ws.recv(), hz.PATIENCE))["kind"] == "hello"
        await ws.close()
        for query, kw, code in (("", {}, 401), (f"?token={READ}x", {}, 401),
                                (f"?token={READ}", {"origin": "https://evil.example"}, 403)):
            with pytest.raises(websockets.InvalidStatusCode) as refused:
                await proxy.stream(query, **kw)
            assert refused.value.status_code == code

    asyncio.run(run())


def test_events_are_not_held_back(proxy):
    """Server-sent events: the first arrive while the answer goes on."""
    with proxy.connect() as s:
        s.sendall(f"GET /events?kind=message HTTP/1.1\r\nHost: {NAME}:{proxy.port}\r\n{BEARER}\r\n\r\n".encode())
        got = b""
        while got.count(b"\ndata: {") < 5:
            more = s.recv(65536)
            assert more, got
            got += more
    assert b"text/event-stream" in got
