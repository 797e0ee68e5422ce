"""Who may connect: tokens, roles, names and limits, asked of the real daemon (docs/security.md)."""
import http.client
import json
import os
import re
import select
import socket
import subprocess
import time

import hz
import pytest

READ, CONTROL = "0123456789abcdef0123", "ABCDEFGHIJKLMNOPQRST"
ROUTES = re.findall(r'{"(/[^"]*)",\s*(true|false),\s*HZ_HTTP_(\w+),\s*HZ_ROLE_(\w+),',
                    (hz.ROOT / "daemon/serve/http_routes.c").read_text())
assert len(ROUTES) > 5


def write_tokens(path, *lines, mode=0o600):
    path.write_text("# role name token\n" + "".join(f"{line}\n" for line in lines))
    path.chmod(mode)
    return path


def with_tokens(d, tokens):
    """Both listeners of the daemon need a token of that file."""
    text = d.conf.read_text()
    for kind in ("tcp", "http"):
        text = text.replace(f"type = {kind}\n", f"type = {kind}\ntokens = {tokens}\n")
    d.conf.write_text(text)
    d.rpc.result("reload")


@pytest.fixture(scope="module")
def daemon(tmp_path_factory):
    tokens = write_tokens(tmp_path_factory.mktemp("tokens") / "tokens", f"read kitchen {READ}", f"control me {CONTROL}")
    with hz.Daemon(hz.SIM) as d:
        d.tokens = tokens
        with_tokens(d, tokens)
        yield d


def bearer(token, more=""):
    return f"Authorization: Bearer {token}\r\n{more}"


def refusals(d, name="web"):
    (listener,) = [l for l in d.status()["listeners"] if l["name"] == name]
    return listener["refusals"]


def head_of(daemon, request):
    """The status of a request whose answer may go on for ever."""
    c = hz.Lines(daemon.http)
    c.send(request.encode())
    line = c.line()
    c.close()
    return int(line.split()[1])


# -- before it starts ------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["tcp", "http"])
def test_check_and_start_refuse_an_open_door(tmp_path, kind):
    file = tmp_path / "hertzd.conf"
    file.write_text(hz.SIM + f"[listen a]\ntype = {kind}\naddress = 192.0.2.1:7373\n")
    for args in (("check", "-c", file), ("-c", file)):
        hz.one_line(hz.run(*args), 2, f"{file}:7: address = '192.0.2.1:7373'", "tokens = FILE",
                    "allow =", "insecure = yes")
    for line in ("insecure = yes", "allow = 192.168.0.0/16, fd00::/8"):
        file.write_text(hz.SIM + f"[listen a]\ntype = {kind}\naddress = 192.0.2.1:7373\n{line}\n")
        assert hz.run("check", "-c", file).returncode == 0
    tokens = write_tokens(tmp_path / "tokens", f"read a {READ}", mode=0o640)
    file.write_text(hz.SIM + f"[listen a]\ntype = {kind}\naddress = 192.0.2.1:7373\ntokens = {tokens}\n")
    hz.one_line(hz.run("check", "-c", file), 2, f"{file}:8: tokens = ", "mode 0640", "chmod 600")
    tokens.chmod(0o600)
    assert hz.run("check", "-c", file).returncode == 0


def test_a_socket_of_systemd_that_others_reach_serves_nothing(tmp_path):
    file = tmp_path / "hertzd.conf"
    file.write_text(hz.SIM + "[listen json]\ntype = tcp\naddress = 127.0.0.1:7374\n")
    with socket.socket() as s:
        s.setsockopt(socket.IPPROTO_IP, 15, 1)  # IP_FREEBIND: an address of nobody
        s.bind(("192.0.2.1", 7373))
        s.listen()
        done = subprocess.run(["sh", "-c", 'LISTEN_FDS=1 LISTEN_PID=$$ exec "$0" check -c "$1"', hz.BIN, file],
                              capture_output=True, close_fds=False, preexec_fn=lambda: os.dup2(s.fileno(), 3))
    row = next(l for l in done.stdout.decode().splitlines() if "192.0.2.1:7373" in l)
    assert row.split()[:2] == ["systemd-3", "refused"], done.stdout.decode()


# -- every resource --------------------------------------------------------------------------------


@pytest.mark.parametrize("path,query,methods,role", ROUTES, ids=[r[0] for r in ROUTES])
def test_each_resource_asks_for_its_role(daemon, path, query, methods, role):
    method = "POST" if methods == "POST" else "GET"
    call = lambda fields, at=path: head_of(daemon, f"{method} {at} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n")
    assert (call("") == 401) == (role != "NONE")
    assert (call(bearer(READ + "x")) == 401) == (role != "NONE")
    assert call(bearer(CONTROL)) not in (401, 403)
    assert (call(bearer(READ)) == 403) == (role == "CONTROL")
    assert call("", f"{path}?token={CONTROL}") not in (401, 403)
    # a name that a stranger can have (DNS rebinding), whatever else it brings
    evil = f"{method} {path} HTTP/1.1\r\nHost: evil.example\r\nOrigin: http://evil.example\r\n{bearer(CONTROL)}\r\n"
    assert head_of(daemon, evil) == 421
    assert head_of(daemon, f"{method} http://evil.example{path} HTTP/1.1\r\nHost: localhost\r\n{bearer(CONTROL)}\r\n") == 421


def test_control(daemon):
    def rpc(method, token=CONTROL, more="Content-Type: application/json\r\n", **params):
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, **({"params": params} if params else {})})
        return hz.http(daemon.http, "/rpc", f"{bearer(token, more)}Content-Length: {len(body)}\r\n\r\n{body}", method="POST")

    code, body = rpc("add_channel", receiver="sky", name="second", decoder="adsb")
    assert code == 200 and json.loads(body)["result"] == {"added": "second"}, body
    code, body = rpc("channels")
    assert {c["name"] for c in json.loads(body)["result"]} == {"1090", "second"}
    assert json.loads(rpc("remove_channel", channel="second")[1])["result"] == {"removed": "second"}
    seen = json.loads(rpc("spectrum", bins=16, frames=2)[1])["result"]  # an answer that waits
    assert len(seen["frames"]) == 2 and len(seen["frames"][1]["levels"]) == 16
    assert json.loads(rpc("nix")[1])["error"]["code"] == -32601
    code, body = rpc("clients")
    assert code == 200 and b'"listener":"web"' in body and CONTROL.encode() not in body
    assert rpc("status", token=READ)[0] == 403
    assert rpc("status", more="")[0] == 415
    assert rpc("status", more="Content-Type: text/plain\r\n")[0] == 415
    assert rpc("status", more="Content-Type: application/json\r\nOrigin: https://evil.example\r\n")[0] == 403
    assert refusals(daemon)["origin"] >= 1


def test_who_am_i(daemon):
    code, body = hz.http(daemon.http, "/whoami", bearer(READ))
    who = json.loads(body)
    assert (code, who["role"], who["needs_token"], who["name"]) == (200, "read", True, "kitchen")
    assert json.loads(hz.http(daemon.http, f"/whoami?token={CONTROL}")[1])["role"] == "control"


def test_lines_with_a_token(daemon):
    c = hz.Lines(daemon.tcp)
    assert c.next()["needs_token"] is True
    c.send({"token": READ, "subscribe": {"protocol": "adsb"}})
    assert [c.next()["kind"] for _ in range(2)] == ["subscribed", "message"]
    c.close()
    for line in ({"token": READ + "x"}, {"subscribe": {}}, {"token": ""}):
        c = hz.Lines(daemon.tcp)
        c.next()
        c.send(line)
        assert "token" in c.next()["error"] and c.rest() == b""
        c.close()
    why = refusals(daemon, "json")
    assert why["wrong_token"] >= 2 and why["no_token"] >= 1


def test_a_token_is_shown_nowhere(daemon):
    """After the other tests have used them, right and wrong."""
    client = hz.Web(daemon.http, f"/stream?token={READ}&kind=state")
    client.next()
    shown = daemon.stderr() + json.dumps(daemon.status()) + json.dumps(daemon.rpc.result("clients"))
    client.close()
    assert '"token": "kitchen"' in shown  # whose it is
    assert READ not in shown and CONTROL not in shown


# -- reload ----------------------------------------------------------------------------------------


def test_tokens_are_read_again_at_a_reload(tmp_path):
    tokens = write_tokens(tmp_path / "tokens", f"read a {READ}", f"read b {CONTROL}")
    with hz.Daemon(hz.SIM) as d:
        with_tokens(d, tokens)
        a, b = (hz.Web(d.http, f"/stream?token={t}") for t in (READ, CONTROL))
        write_tokens(tokens, "nonsense")
        answer = d.rpc.ask("reload")  # nothing changes
        assert f"{tokens}': line 2: expected ROLE NAME TOKEN" in answer["error"]["message"], answer
        assert hz.http(d.http, "/status", bearer(READ))[0] == 200
        write_tokens(tokens, f"read b {CONTROL}")
        d.rpc.result("reload")
        while a.next() is not None:
            pass
        a.drop()
        assert hz.http(d.http, "/status", bearer(READ))[0] == 401
        b.until(lambda r: r["kind"] == "message")
        b.close()


# -- the slow and the rude -------------------------------------------------------------------------


def test_who_drips_is_closed_in_time(daemon):
    """Heads and bodies that come byte by byte, a first line that never comes, a connection at rest."""
    before = refusals(daemon)["timeout"]
    head, body, rest = (socket.create_connection(daemon.http) for _ in range(3))
    line = socket.create_connection(daemon.tcp)
    head.sendall(b"GET /status HTTP/1.1\r\nX: ")
    body.sendall(f"POST /rpc HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n{bearer(CONTROL)}"
                 "Content-Length: 60000\r\n\r\n".encode())
    rest.sendall(f"GET /status HTTP/1.1\r\nHost: a\r\n{bearer(READ)}\r\n".encode())
    said = {head: b"", body: b"", rest: b"", line: b""}
    left, deadline = set(said), time.monotonic() + hz.PATIENCE
    while left and time.monotonic() < deadline:
        for s in select.select(left, [], [], 0.2)[0]:
            try:
                got = s.recv(65536)
            except ConnectionResetError:
                got = b""
            said[s] += got
            if not got:
                left.discard(s)
        for s in left & {head, body, line}:
            try:
                s.send(b" ")
            except OSError:
                pass
    assert not left
    assert said[head].startswith(b"HTTP/1.1 408 ") and said[body].startswith(b"HTTP/1.1 408 ")
    assert said[rest].count(b"HTTP/1.1 ") == 1 and b" 200 OK" in said[rest]  # no 408 that nobody asked for
    assert b"no token came" in said[line]
    assert refusals(daemon)["timeout"] == before + 2
    for s in said:
        s.close()


def test_long_answers_wait_for_their_reader():
    """A file of the page: to a slow reader, of HTTP/1.0 too, to one that has ended its own direction, and
    between other requests on one connection."""
    with hz.Daemon(hz.SIM) as d:
        path = "/" + re.search(rb'src="[./]*([^"]+\.js)"', hz.http(d.http, "/")[1])[1].decode()
        whole = hz.http(d.http, path)[1]
        assert len(whole) > 100_000
        for version in ("1.0", "1.1"):
            s = socket.socket()
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            s.connect(d.http)
            s.sendall(f"GET {path} HTTP/{version}\r\nHost: localhost\r\n\r\n".encode())
            s.shutdown(socket.SHUT_WR)
            got = b""
            while more := s.recv(3000):
                got += more
            s.close()
            assert got.partition(b"\r\n\r\n")[2] == whole
        for _ in range(20):  # who hangs up in the middle harms nobody
            s = socket.create_connection(d.http)
            s.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            s.recv(10)
            s.close()
        c = http.client.HTTPConnection(*d.http)
        for asked in (path, "/status", path, "/healthz", path):
            c.request("GET", asked)
            answer = c.getresponse()
            assert answer.status == 200 and not answer.will_close
            assert (answer.read() == whole) == (asked == path)
        c.close()
