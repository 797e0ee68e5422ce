"""Outputs over the network, to far sides that take everything, are away, slow, hang, reset, send
garbage or have no name: what arrives, what is counted, and that none holds up another."""
import gzip
import http.server
import json
import re
import socket
import ssl
import subprocess
import threading

import hz

SKY = "[receiver sky]\nsource = sim\nscene = aircraft\n[channel 1090]\ndecoder = adsb\n"
SEA = "[receiver sea]\nsource = sim\nscene = vhf\n[channel ais]\ndecoder = ais\n"


def outputs(d):
    return {o["name"]: o for o in d.status()["outputs"]}


def until(d, name, condition):
    def look():
        o = outputs(d)[name]
        return o if condition(o) else None

    return hz.wait(look)


def link(name, carrier, port, **keys):
    more = "".join(f"{key} = {value}\n" for key, value in keys.items())
    where = f"url = http://127.0.0.1:{port}/in\n" if carrier == "http" else f"address = 127.0.0.1:{port}\n"
    return f"[output {name}]\ntype = {carrier}\n{where}{more}"


def log(path, **keys):
    return f"[output log]\ntype = file\npath = {path}\n" + "".join(f"{k} = {v}\n" for k, v in keys.items())


class Sink:
    """A TCP server that keeps what it gets, of one connection after the other."""

    def __init__(self, port=0, rcvbuf=None, first=None):
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if rcvbuf:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, rcvbuf)
        self.socket.bind(("127.0.0.1", port))
        self.port = self.socket.getsockname()[1]
        self.socket.listen()
        self.socket.settimeout(hz.PATIENCE)
        self.got, self.connections = b"", 0
        self.changed = threading.Condition()
        self.first = first  # what is done with a connection before it is read
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        try:
            while True:
                client, _ = self.socket.accept()
                with self.changed:
                    self.connections += 1
                    self.changed.notify_all()
                with client:
                    if self.first and not self.first(client, self.connections):
                        continue
                    self.read(client)
        except OSError:  # closed
            pass

    def read(self, client):
        while more := client.recv(65536):
            with self.changed:
                self.got += more
                self.changed.notify_all()

    def until(self, condition):
        with self.changed:
            assert self.changed.wait_for(lambda: condition(self), hz.PATIENCE), "it did not come"

    def close(self):
        self.socket.close()


def reset(client):
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    client.close()
    return False


class Posts(http.server.ThreadingHTTPServer):
    """Takes requests: (headers, body) of each; answers with the codes given, then 204."""

    def __init__(self, codes=(), tls=None):
        self.codes, self.got, self.changed = list(codes), [], threading.Condition()
        super().__init__(("127.0.0.1", 0), PostsHandler)
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_side=True)
        self.port = self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, address):
        pass  # a certificate that was not accepted

    def until(self, condition):
        with self.changed:
            assert self.changed.wait_for(lambda: condition(self.got), hz.PATIENCE), "it did not come"
            return list(self.got)


class PostsHandler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with self.server.changed:
            code = self.server.codes.pop(0) if self.server.codes else 204
            self.server.got.append((code, dict(self.headers), body))
            self.server.changed.notify_all()
        self.send_response(code)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        pass


# -- TCP -------------------------------------------------------------------------------------------


def test_a_server_gets_every_line_and_the_last_ones_at_the_end(tmp_path):
    sink = Sink()
    with hz.Daemon(SKY + link("feed", "tcp", sink.port) + log(tmp_path / "log")) as d:
        o = until(d, "feed", lambda o: o["sent"] > 200)
        assert o["state"] == "up" and o["error"] == "" and o["connects"] == 1 and o["bytes"] > 0
        assert o["target"] == f"127.0.0.1:{sink.port}" and o["format"] == "json"
        d.stop()
    sink.thread.join(0)
    want = (tmp_path / "log").read_bytes()
    sink.until(lambda s: len(s.got) >= len(want))
    assert sink.got == want, "the same bytes as a file gets"
    for line in sink.got.splitlines(keepends=True)[:50]:
        hz.checked(line)
    sink.close()


def test_far_sides_that_are_away_or_reset_are_told_and_get_what_was_kept():
    late, old = hz.free_port(), hz.free_port()
    resets = Sink(first=lambda client, n: n > 2 or reset(client))
    with hz.Daemon(SKY + link("json", "tcp", late) + link("beast", "tcp", old, format="beast", max_age="1s")
                   + link("back", "tcp", resets.port)) as d:
        o = until(d, "json", lambda o: o["error"] and o["behind"] > 0)
        assert o["state"] in ("waiting", "connecting") and "connection refused" in o["error"]
        assert o["sent"] == o["connects"] == 0
        def both_told():
            told = {t["name"]: t for t in d.status()["troubles"] if t["about"] == "output"}
            return told if {"json", "beast"} <= set(told) else None
        troubles = hz.wait(both_told)
        assert all(t["remedy"] for t in troubles.values())
        assert "connection refused" in troubles["json"]["what"]
        hz.wait(lambda: d.status()["uptime_s"] > 2)
        sinks = [Sink(late), Sink(old)]
        resets.until(lambda s: s.connections == 3 and s.got)
        for name in "json", "back":
            until(d, name, lambda o: o["state"] == "up" and o["sent"] > 100 and o["error"] == "")
        o = until(d, "beast", lambda o: o["sent"] > 50 and o["expired"] > 50)
        assert o["lost"] == o["missed"] == 0
        d.stop()
    assert sinks[0].got.startswith(b'{"seq":1,'), "from the first on, since nothing has left the log"
    assert d_lines(resets.got), "whole lines"
    for sink in *sinks, resets:
        sink.close()


def d_lines(data):
    return [json.loads(line) for line in data.splitlines()]


def test_a_server_that_sends_garbage_or_ends_its_side_still_gets_all(tmp_path):
    def talk(client, n):
        client.sendall(b"\x1a1\0\xff garbage" * 100000)
        return True

    def end(client, n):
        client.shutdown(socket.SHUT_WR)
        return True

    loud, half = Sink(first=talk), Sink(first=end)
    with hz.Daemon(SKY + link("loud", "tcp", loud.port) + link("half", "tcp", half.port)
                   + log(tmp_path / "log")) as d:
        until(d, "loud", lambda o: o["sent"] > 300)
        until(d, "half", lambda o: o["sent"] > 300)
        assert all(outputs(d)[name]["connects"] == 1 for name in ("loud", "half"))
        d.stop()
    want = (tmp_path / "log").read_bytes()
    for sink in loud, half:
        sink.until(lambda s: len(s.got) >= len(want))
        assert sink.got == want
        sink.close()


def test_a_name_that_does_not_resolve_is_a_trouble():
    text = SKY + "[output feed]\ntype = tcp\nformat = beast\naddress = nowhere.invalid:30004\n"
    text += "[output data]\ntype = udp\nformat = sbs\naddress = nowhere.invalid:30004\n"
    text += "[output post]\ntype = http\nurl = http://user:secret@nowhere.invalid/in?key=secret\ninterval = 1s\n"
    with hz.Daemon(text) as d:
        for name in "feed", "data", "post":
            o = until(d, name, lambda o: o["state"] == "waiting" and o["error"])
            assert "nowhere.invalid" in o["error"] and "name is not found" in o["error"]
        assert "secret" not in json.dumps(d.status())
        assert outputs(d)["post"]["target"] == "http://nowhere.invalid/in"
        told = {t["name"] for t in d.status()["troubles"] if t["about"] == "output"}
        assert told == {"feed", "data", "post"}
        d.stop()
        assert "secret" not in d.stderr()


def test_a_hundred_outputs_at_once_and_every_third_far_side_is_ill(tmp_path):
    """Those that are well get every byte, whatever the others do."""
    hangs = socket.socket()
    hangs.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    hangs.bind(("127.0.0.1", 0))
    hangs.listen(1)  # accepted by the kernel only, and never read
    away = socket.socket()
    away.bind(("127.0.0.1", 0))  # and does not listen: the port is nobody else's meanwhile
    ill = {"hang": hangs.getsockname()[1], "away": away.getsockname()[1]}
    resets, good = Sink(first=lambda client, n: reset(client)), [Sink() for _ in range(66)]
    ill["reset"] = resets.port
    text = "".join(link(f"good{i}", "tcp", s.port) for i, s in enumerate(good))
    text += "".join(link(f"ill{i}", "tcp", list(ill.values())[i % 3]) for i in range(34))
    with hz.Daemon(SKY + text + log(tmp_path / "log")) as d:
        for name in "good0", "good65":
            until(d, name, lambda o: o["sent"] > 500)
        o = outputs(d)
        assert len(o) == 101
        assert all(o[f"good{i}"]["connects"] == 1 and o[f"good{i}"]["error"] == "" for i in range(66))
        assert o["ill1"]["state"] in ("waiting", "connecting")
        told = subprocess.run([hz.CTL, "outputs", "--wide", "--socket", d.sock], capture_output=True, text=True, check=True).stdout
        assert len(told.splitlines()) == 102 and re.search(r"\nill1 .*connection refused", told)
        code, _ = d.stop()
        assert code == 0
    want = (tmp_path / "log").read_bytes()
    for sink in good:
        sink.until(lambda s: len(s.got) >= len(want))
        assert sink.got == want
        sink.close()
    hangs.close()
    away.close()
    resets.close()


def test_a_reload_changes_a_link():
    one, two = Sink(), Sink()
    with hz.Daemon(SKY + link("feed", "tcp", one.port)) as d:
        until(d, "feed", lambda o: o["sent"] > 50)
        d.write(SKY + link("feed", "tcp", two.port))
        d.rpc.result("reload")
        two.until(lambda s: len(s.got) > 1000)
        hz.wait(lambda: len(d.status()["outputs"]) == 1)
        d.stop()
    seqs = [r["seq"] for r in d_lines(one.got)]
    assert seqs == list(range(seqs[0], seqs[0] + len(seqs)))
    assert d_lines(two.got)[0]["seq"] <= seqs[-1] + 1, "nothing is lost between the two"
    one.close()
    two.close()


# -- UDP -------------------------------------------------------------------------------------------


def udp_sink():
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 21)
    s.bind(("127.0.0.1", 0))
    s.settimeout(hz.PATIENCE)
    return s, s.getsockname()[1]


def test_a_datagram_has_one_message_with_all_its_sentences():
    s, port = udp_sink()
    with hz.Daemon(SEA + link("nmea", "udp", port, format="nmea")) as d:
        parts = []
        while len(parts) < 2:
            sentences = s.recv(65536).decode().split("\r\n")
            assert sentences.pop() == ""
            parts = [re.match(r"!AIVDM,(\d),(\d),", line).groups() for line in sentences]
            assert parts == [(parts[0][0], str(i + 1)) for i in range(len(parts))]
            assert int(parts[0][0]) == len(parts), "the whole message, and nothing else"
        o = outputs(d)["nmea"]
        assert o["state"] == "up" and o["sent"] > 0 and o["lost"] == 0
        d.stop()
    s.close()


def test_a_bundle_has_several_whole_messages():
    s, port = udp_sink()
    with hz.Daemon(SKY + link("json", "udp", port, bundle=1400)) as d:
        sizes, seqs = [], []
        while len(seqs) < 300:
            data = s.recv(65536)
            lines = d_lines(data)
            assert len(data) <= 1400 or len(lines) == 1
            sizes.append(len(lines))
            seqs += [r["seq"] for r in lines]
        assert seqs == list(range(1, len(seqs) + 1)) and max(sizes) > 1
        d.stop()
    s.close()


def test_a_datagram_that_nobody_takes_is_a_trouble_and_the_next_one_comes():
    s, port = udp_sink()
    s.close()
    named, named_port = udp_sink()  # of IPv4 only, while the name may have more addresses
    with hz.Daemon(SKY + link("avr", "udp", port, format="avr")
                   + f"[output named]\ntype = udp\nformat = avr\naddress = localhost:{named_port}\n") as d:
        o = until(d, "avr", lambda o: o["error"])
        assert "nothing listens there" in o["error"] and o["state"] == "up"
        assert "avr" in [t["name"] for t in d.status()["troubles"] if t["about"] == "output"]
        assert re.fullmatch(rb"\*[0-9a-f]+;\n", named.recv(100))
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.bind(("127.0.0.1", port))
        s.settimeout(hz.PATIENCE)
        assert re.fullmatch(rb"\*[0-9a-f]+;\n", s.recv(100))
        d.stop()
    s.close()
    named.close()


# -- HTTP ------------------------------------------------------------------------------------------


def test_batches_are_posted_with_token_headers_and_packed(tmp_path):
    server = Posts()
    text = link("post", "http", server.port, interval="1s", gzip="yes", token="T0ken", headers="X-A: one | X-B: two")
    text += link("flux", "http", server.port, interval=0, format="influx", token="T0ken")
    text += link("list", "http", server.port, interval="1s", array="yes", kind="message")
    with hz.Daemon(SKY + text + log(tmp_path / "log")) as d:
        for name in "post", "flux", "list":
            o = until(d, name, lambda o: o["sent"] > 100)
            assert o["state"] == "up" and o["last_code"] == 204 and o["last_ok"].endswith("Z")
        d.stop()
    seqs, kinds = [], set()
    for code, head, body in server.got:
        kinds.add(head["Content-Type"])
        if head["Content-Type"] == "application/x-ndjson":
            assert (head["Authorization"], head["X-A"], head["X-B"]) == ("Bearer T0ken", "one", "two")
            assert head["User-Agent"].startswith("hertzd/")
            seqs += [r["seq"] for r in d_lines(gzip.decompress(body))]
        elif head["Content-Type"] == "application/json":
            assert all(r["kind"] == "message" for r in json.loads(body))
        else:
            assert head["Authorization"] == "Token T0ken"
            for line in body.decode().splitlines():
                assert re.fullmatch(r"adsb,receiver=sky,channel=1090(,id=\S+)? \S.* \d{19}", line), line
    assert kinds == {"application/x-ndjson", "application/json", "text/plain; charset=utf-8"}
    want = [json.loads(line)["seq"] for line in (tmp_path / "log").read_text().splitlines()]
    assert seqs == want, "each once, in order, to the last one"
    server.shutdown()


def test_requests_that_fail_are_sent_again_bad_ones_given_up_and_a_server_that_hangs_holds_nobody_up():
    server = Posts(codes=[503, 400])
    hangs = Sink(first=lambda client, n: threading.Event().wait(hz.PATIENCE))
    with hz.Daemon(SKY + link("post", "http", server.port, interval="1s") + link("hang", "http", hangs.port, interval=0)) as d:
        o = until(d, "post", lambda o: o["error"])
        assert "it answers 503 (the server has a problem)" in o["error"] and o["last_code"] == 503
        o = until(d, "post", lambda o: o["lost"] > 0)
        server.until(lambda got: len(got) > 2)
        until(d, "post", lambda o: o["sent"] > 0 and o["state"] == "up" and o["error"] == "")
        o = outputs(d)["hang"]
        assert o["sent"] == 0 and o["in_flight"] > 0
        code, _ = d.stop()
        assert code == 0 and re.search(r"output hang: ended; \d+ messages were not sent", d.stderr())
    codes = [code for code, _, _ in server.got]
    assert codes[:3] == [503, 400, 204]
    assert server.got[0][2] == server.got[1][2], "the same once more"
    last = d_lines(server.got[1][2])[-1]["seq"]
    assert d_lines(server.got[2][2])[0]["seq"] == last + 1, "and goes on behind it"
    server.shutdown()
    hangs.close()


def certificate(folder, name, days):
    """A certificate of its own that ends in so many days, and what a server needs to have it."""
    key, request, made = (str(folder / f"{name}.{end}") for end in ("key", "csr", "pem"))
    new = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key]
    subprocess.run(["openssl", "req", "-new", *new, "-out", request, "-subj", "/CN=localhost", "-addext",
                    "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
    subprocess.run(["openssl", "x509", "-req", "-in", request, "-signkey", key, "-days", str(days),
                    "-copy_extensions", "copyall", "-out", made], check=True, capture_output=True)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(made, key)
    return made, tls


def test_a_certificate_that_is_expired_or_of_nobody_is_told(tmp_path):
    good, expired = certificate(tmp_path, "good", 2), certificate(tmp_path, "expired", -1)
    servers = {"good": Posts(tls=good[1]), "expired": Posts(tls=expired[1])}
    post = "[output {0}]\ntype = http\ninterval = 0\nurl = https://127.0.0.1:{1}/in\n{2}\n"
    with hz.Daemon(SKY + post.format("good", servers["good"].port, f"ca = {good[0]}")
                   + post.format("unknown", servers["good"].port, "")
                   + post.format("expired", servers["expired"].port, f"ca = {expired[0]}")) as d:
        for name, words in (("unknown", "self-signed certificate"), ("expired", "certificate has expired")):
            o = until(d, name, lambda o: o["error"])
            assert "its certificate is not accepted" in o["error"] and words in o["error"]
            assert o["sent"] == 0
        until(d, "good", lambda o: o["sent"] > 0 and o["error"] == "")
        d.stop()
    assert servers["good"].got and not servers["expired"].got
    for server in servers.values():
        server.shutdown()


# -- listeners with a format -----------------------------------------------------------------------


def test_a_listener_with_a_format_takes_the_words_of_a_filter():
    listen = "[listen {0}]\ntype = tcp\naddress = 127.0.0.1:0\nformat = avr\n{1}\n"
    with hz.Daemon(SKY + listen.format("all", "protocol = adsb\nchannel = 1090, 1091")
                   + listen.format("none", "receiver = roof") + listen.format("few", "every = 1h")) as d:
        ports = {l["name"]: int(l["address"].rpartition(":")[2]) for l in d.status()["listeners"] if ":" in l["address"]}
        some = {name: socket.create_connection(("127.0.0.1", ports[name])) for name in ("all", "none", "few")}
        got = {name: s.makefile("rb") for name, s in some.items()}
        many = [got["all"].readline() for _ in range(300)]
        clients = hz.wait(lambda: [c for c in d.rpc.result("clients") if c["sent_frames"] > 0])
        frames = {l["name"]: l["sent_frames"] for l in d.status()["listeners"]}
        assert frames["none"] == 0 and 0 < frames["few"] < 100 < frames["all"]
        assert clients[0]["filter"] and all(line.startswith(b"*") for line in many)
        d.stop()
        for s in [*some.values(), *got.values()]:
            s.close()


# -- configuration ---------------------------------------------------------------------------------


def test_wrong_keys_are_told_with_their_lines(tmp_path):
    conf = tmp_path / "hertzd.conf"
    conf.write_text(SKY + """[output a]
type = tcp
address = feed.example.org
format = beest
[output b]
type = udp
format = beast
protocol = ais
address = x:1
[output c]
type = http
url = ftp://x/
headers = none
kind = gap
format = influx
[output d]
type = tcp
max_age = 5x
[listen e]
type = tcp
address = 0.0.0.0:30005
format = beast
protocol = ais
[listen f]
type = tcp
address = 127.0.0.1:30006
every = 10s
[listen g]
type = tcp
address = 127.0.0.1:30007
format = sbs
bbox = 1,2
""")
    told = hz.run("check", "-c", conf).stderr.decode()
    first = SKY.count("\n")
    for line, words in ((3, "expected HOST:PORT"), (4, "format = 'beest': expected one of those"),
                        (8, "protocol = ais: format = beast has no words for it"), (12, "url = 'ftp://x/': expected http://"),
                        (13, "headers = 'none': expected Name: value"), (14, "kind with format = influx"),
                        (18, "none, or 1s to 7d"),
                        (21, "address = '0.0.0.0:30005' can be reached by other machines, and format = beast has no login: "
                             "expected allow = 192.168.0.0/16"),
                        (23, "protocol = ais: format = beast has no words for it"),
                        (27, "every without a format of other programs"), (32, "bbox")):
        assert re.search(rf"hertzd.conf:{first + line}: .*{re.escape(words)}", told), (line, words, told)
    assert "address = HOST:PORT, as in" in told, "of d"
