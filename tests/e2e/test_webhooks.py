"""Events that are posted to a web server of the test's own: what arrives there, and what happens when
it refuses, is away or hangs."""
import http.server
import json
import threading
import urllib.parse

import hz
from test_events import SKY, events, listening, section

import pytest


class Server(http.server.ThreadingHTTPServer):
    """Keeps the requests. `answers`: codes of the first ones, then 200; a callable is run, and its
    value is the code."""

    daemon_threads = True

    def __init__(self, answers=(), port=0):
        super().__init__(("127.0.0.1", port), Handler)
        self.answers, self.got, self.more = list(answers), [], threading.Condition()
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def wait(self, count):
        with self.more:
            assert self.more.wait_for(lambda: len(self.got) >= count, hz.PATIENCE), self.got
            return list(self.got)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with self.server.more:
            answer = self.server.answers.pop(0) if self.server.answers else 200
            self.server.got.append((self.path, dict(self.headers), body))
            self.server.more.notify_all()
        code = answer() if callable(answer) else answer
        self.send_response(code)
        self.send_header("Content-Length", "3")
        self.end_headers()
        self.wfile.write(b"ok\n")

    def log_message(self, *_):
        pass


def test_what_arrives():
    """The line by default; bodies and queries by template, escaped for their place."""
    with Server() as s:
        conf = SKY + (f"[event plain]\nwhen = emergency\npost = {s.url}/a\n"
                      f"[event chat]\nwhen = emergency\npost = {s.url}/b\nbody = {{\"text\":\"\\\"{{who}}\\\" {{reason}} {{nothing}}\"}}\n"
                      f"[event ntfy]\nwhen = emergency\npost = {s.url}/c?title={{when}}%20{{reason}}\ncontent_type = text/plain\n"
                      f"header = X-Who: {{id}} {{squawk}}\nbody = {{text}}\n")
        with hz.Daemon(conf) as d:
            client = listening(d)
            told = {e["event"]: e for e in events(client, 3)}
            got = {path.split("?")[0]: (path, head, body) for path, head, body in s.wait(3)}
            hz.wait(lambda: all(section(d, n)["post"]["sent"] == 1 for n in told))
            post = section(d, "ntfy")["post"]
            client.close()
    assert json.loads(got["/a"][2]) == told["plain"] and got["/a"][1]["Content-Type"] == "application/json"
    who = told["chat"]["id"] if "name" not in told["chat"] else f"{told['chat']['name']} ({told['chat']['id']})"
    assert json.loads(got["/b"][2]) == {"text": f'"{who}" squawk 7700 (emergency) '}
    path, head, body = got["/c"]
    assert urllib.parse.parse_qs(urllib.parse.urlsplit(path).query) == {"title": ["emergency squawk 7700 (emergency)"]}
    assert " " not in path and head["Content-Type"] == "text/plain" and body.decode() == told["ntfy"]["text"]
    assert head["X-Who"] == f"{told['ntfy']['id']} 7700"
    assert post["target"] == f"{s.url}/c" and post["state"] == "idle" and post["last_code"] == 200 and post["last_ok"]


def test_tried_again_or_refused():
    """503 is tried again, in order, each once in the end; 404 is not; who was away gets all."""
    port = hz.free_port()
    with Server([503, 200, 404]) as s:
        conf = SKY + (f"[event new]\nwhen = new\nlearn = 0\nlimit = 6 per 1d\npost = {s.url}/\n"
                      f"[event away]\nwhen = new\nlearn = 0\nlimit = 3 per 1d\npost = http://127.0.0.1:{port}/\n")
        with hz.Daemon(conf) as d:
            client = listening(d)
            told = {}
            for e in events(client, 9):
                told.setdefault(e["event"], []).append(e)
            got = [json.loads(body)["id"] for _, _, body in s.wait(7)]
            new = hz.wait(lambda: (p := section(d, "new")["post"])["waiting"] == 0 and p)
            away = hz.wait(lambda: (p := section(d, "away")["post"])["error"] and p)
            assert away["state"] in ("waiting", "sending") and away["waiting"] == 3 and away["sent"] == 0
            troubles = [t for t in d.status()["troubles"] if t["about"] == "event"]
            assert [t["name"] for t in troubles] == ["away"] and "cannot connect" in troubles[0]["what"]
            with Server(port=port) as there:
                late = [json.loads(body) for _, _, body in there.wait(3)]
                hz.wait(lambda: not section(d, "away")["post"]["error"])
            client.close()
    ids = [e["id"] for e in told["new"]]
    assert got == ids[:1] + ids, "the first one twice, then each once"
    assert new["sent"] == 5 and new["lost"] == 1 and new["error"] == ""
    assert late == told["away"]


def test_a_server_that_hangs_delays_nothing():
    """Others are posted meanwhile, the queue is bounded, and the end does not wait for it."""
    go = threading.Event()
    with Server([lambda: go.wait(hz.PATIENCE) and 200]) as slow, Server() as quick:
        conf = SKY.replace("seed", "scene = dense\nseed") + (
            f"[event stuck]\nwhen = new\nlearn = 0\nlimit = none\npost = {slow.url}/\n"
            f"[event flows]\nwhen = new\nlearn = 0\nlimit = 20 per 1d\npost = {quick.url}/\n")
        with hz.Daemon(conf) as d:
            slow.wait(1)
            quick.wait(20)
            stuck = hz.wait(lambda: (p := section(d, "stuck")["post"])["lost"] > 0 and p)
            assert stuck["waiting"] == 64 and stuck["sent"] == 0 and stuck["state"] == "sending"
            hz.wait(lambda: section(d, "flows")["post"]["sent"] == 20)
        assert len(slow.got) == 1
        go.set()


def test_what_is_told_last_is_posted():
    """The daemon is stopped at once behind an event."""
    import modes
    from test_events import PIPE
    with Server([503]) as s:
        with hz.Daemon(PIPE + f"[event new]\nwhen = new\nlearn = 0\npost = {s.url}/\n") as d:
            d.feed(modes.capture([modes.ident(0x4B1600, "SWR123")] * 4, spacing_s=0.1))
            s.wait(1)
    assert len({body for _, _, body in s.got}) == 1 and len(s.got) in (1, 2)


@pytest.mark.plain
@pytest.mark.parametrize("keys,told", [
    ("post = ftp://x/", "expected http://HOST/"),
    ("post = https://", "expected http://HOST/"),
    ("post = siren\nbody = x", "'body' has no meaning without post = URL"),
    ("post = http://127.0.0.1/\nheader = x", "header: expected NAME: VALUE"),
    ("post = http://127.0.0.1/\nbody = {text:xml}", "body: '{text:xml}': expected {text:json}"),
])
def test_mistakes_are_told(tmp_path, keys, told):
    path = tmp_path / "c.conf"
    path.write_text(hz.SIM + "[output siren]\ntype = file\npath = /tmp/none\n"
                    "[listen control]\ntype = unix\npath = /tmp/none3\n[event e]\nwhen = new\n" + keys + "\n")
    hz.one_line(hz.run("check", "-c", path), 2, path, told)
