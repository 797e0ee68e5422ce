"""docs/openapi.json and docs/asyncapi.json against a running daemon: every example is sent, every answer
is what its document says, and neither document lacks a resource."""
import json
import re
import socket
import urllib.parse

import hz
import pytest
from test_schemas import FILES, faults_by

OPEN = json.loads((hz.ROOT / "docs/openapi.json").read_text())
ASYNC = json.loads((hz.ROOT / "docs/asyncapi.json").read_text())
AIR = ("[receiver sky]\nsource = sim\n[receiver vhf]\nsource = sim\nscene = mix\n"
       "[channel 1090]\ndecoder = adsb\nreceiver = sky\n[channel ships]\ndecoder = ais\nreceiver = vhf\n"
       "[channel voice]\ndecoder = nfm\nreceiver = vhf\nfrequency = 161.6M\n"
       "[listen controlled]\ntype = http\naddress = 127.0.0.1:0\ncontrol = yes\n")
WEBSOCKETS = ("/stream", "/spectrum")


def faults(schema, value):
    """By a schema of a document, which names those of docs/schema as it has them beside it."""
    if "$ref" in schema:
        schema = FILES[schema["$ref"].removeprefix("schema/")]
    return faults_by(schema, value)


def resolved(document, node):
    while "$ref" in node and node["$ref"].startswith("#/"):
        at = document
        for word in node["$ref"][2:].split("/"):
            at = at[word.replace("~1", "/")]
        node = at
    return node


def requests():
    """(method, path with the examples put in, operation) of each operation."""
    for path, methods in OPEN["paths"].items():
        for method, operation in methods.items():
            query = {}
            url = path
            for p in operation.get("parameters", []):
                p = resolved(OPEN, p)
                assert faults(p["schema"], p["example"]) == [], p
                if p["in"] == "path":
                    url = url.replace("{%s}" % p["name"], urllib.parse.quote(p["example"]))
                elif p["name"] != "stream":  # of another run: told as a gap, which test_clients.py tries
                    query[p["name"]] = p["example"]
            yield method.upper(), url + ("?" + urllib.parse.urlencode(query) if query else ""), path, operation


def head_of(address, method, url, body=b""):
    """(status, content type, body): of an answer that may not end, what has come of it so far."""
    with socket.create_connection(address, timeout=hz.PATIENCE) as s:
        fields = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if body else ""
        s.sendall(f"{method} {url} HTTP/1.1\r\nHost: 127.0.0.1\r\n{fields}Connection: close\r\n\r\n".encode() + body)
        got = b""
        while b"\r\n\r\n" not in got:
            more = s.recv(65536)
            assert more, f"closed after {got!r}"
            got += more
        head, rest = got.split(b"\r\n\r\n", 1)
        kind = re.search(rb"(?im)^content-type: *(.*?)\r?$", head)[1].decode()
        endless = kind.startswith(("audio/", "text/event-stream"))
        while not endless and (more := s.recv(65536)):
            rest += more
    return int(head.split()[1]), kind, rest if endless else hz.unchunked(head, rest)


def test_every_resource_is_described():
    routes = re.findall(r'^ *\{"(/[^"]*)"', (hz.ROOT / "daemon/serve/http_routes.c").read_text(), re.M)
    described = {re.sub(r"\{.*", "", path) for path in OPEN["paths"]}
    assert described == set(routes)


def test_openapi():
    with hz.Daemon(AIR) as d:
        hz.messages(hz.Lines(d.tcp), 20)
        address = next(l["address"] for l in d.status()["listeners"] if l["name"] == "controlled")
        address = d.endpoint(address)
        for method, url, path, operation in requests():
            if path in WEBSOCKETS:
                w = hz.Web(address, url)
                assert w.next()["kind"] == "hello", url
                w.close()
                code, kind, body = head_of(address, method, path)
                assert code == 426, (path, body)
                continue
            body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("example")
            code, kind, rest = head_of(address, method, url, json.dumps(body).encode() if body else b"")
            answers = operation["responses"]
            assert str(code) in answers, (url, code, rest[:300])
            content = resolved(OPEN, answers[str(code)])["content"]
            assert kind in content or kind.split(";")[0] in content, (url, kind, list(content))
            if "json" in kind:
                value = json.loads(rest)
                assert faults((content.get(kind) or content[kind.split(";")[0]])["schema"], value) == [], url


def test_every_example_of_asyncapi_holds():
    for name, m in ASYNC["components"]["messages"].items():
        for example in m.get("examples", []):
            schema = m["payload"]["schema"]
            assert faults(schema, example["payload"]) == [], name


def test_asyncapi_names_every_kind_of_line():
    kinds = {e["payload"]["kind"] for m in ASYNC["components"]["messages"].values()
             for e in m.get("examples", []) if "kind" in e["payload"]}
    known = {s["properties"]["kind"]["const"] for s in FILES.values()
             if "const" in s.get("properties", {}).get("kind", {})}
    assert known - kinds <= {"audio", "burst", "repeat", "spectrum"}, "all but the last come on request only"


def sends(channel):
    return [resolved(ASYNC, resolved(ASYNC, m)) for o in ASYNC["operations"].values()
            if o["action"] == "receive" and o["channel"]["$ref"].endswith("/" + channel) for m in o["messages"]]


@pytest.mark.parametrize("channel", ["lines", "stream"])
def test_what_asyncapi_lets_a_client_send_is_taken(channel):
    with hz.Daemon(AIR) as d:
        client = hz.Lines(d.tcp) if channel == "lines" else hz.Web(d.http)
        assert client.next()["kind"] == "hello"
        for m in sends(channel):
            for example in m["examples"]:
                client.send(example["payload"])
                word = next(k for k in example["payload"] if k != "token")
                answer = {"subscribe": "subscribed", "spectrum": "spectrum", "audio": "audio_stream"}[word]
                record = client.next()
                while record["kind"] not in (answer, "error"):
                    record = client.next()
                assert record["kind"] == answer, record
        client.close()
