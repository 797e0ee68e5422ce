"""docs/schema as a client has it, against what a running daemon sends: open for fields that are
added, one schema for any line of the stream, one for the status."""
import json

import hz
import jsonschema
import pytest

FILES = {p.name: json.loads(p.read_text()) for p in (hz.ROOT / "docs/schema").glob("*.json")}
MIX = ("[receiver vhf]\nsource = sim\nscene = mix\npace = realtime\n"
       "[channel ships]\ndecoder = ais\nfrequency = 161.975M\n"
       "[channel again]\ndecoder = ais\nfrequency = 161.9755M\n"
       "[channel voice]\ndecoder = nfm\nfrequency = 161.6M\n"
       "[event ships]\nwhen = new\nprotocol = ais\nlearn = 0\n")


def faults_by(schema, value):
    """Of a value by a schema whose references are files of docs/schema, as they are published."""
    resolver = jsonschema.RefResolver(base_uri=schema.get("$id", ""), referrer=schema, store=FILES)
    return [e.message for e in jsonschema.Draft202012Validator(schema, resolver=resolver).iter_errors(value)]


def faults(name, record):
    """Of a record by a file."""
    return faults_by(FILES[name], record)


@pytest.mark.plain
@pytest.mark.parametrize("name", sorted(FILES))
def test_each_file_has_its_name_and_room_for_more(name):
    assert FILES[name]["$id"] == name
    assert "additionalProperties" not in json.dumps(FILES[name])


def lines_of_all_kinds():
    """One of each kind, by kind."""
    with hz.Daemon(MIX) as d:
        c = hz.Lines(d.tcp)
        found = {"hello": c.next()}
        c.send({"subscribe": {"stream": "0123456789abcdef", "since": 1,
                              "kind": ["message", "state", "gap", "repeat", "audio", "event"]}})
        wanted = {"hello", "subscribed", "gap", "state", "message", "repeat", "audio", "event"}
        while set(found) < wanted:
            record = c.next()
            assert record is not None, found
            found.setdefault(record["kind"], record)
        c.send(b"{}\n")
        found["error"] = c.until(lambda r: r["kind"] == "error")[-1]
        c.close()
        w = hz.Web(d.http)
        w.send({"audio": {"channel": "voice", "off": True}})
        found["audio_stream"] = w.until(lambda r: r["kind"] == "audio_stream")[-1]
        w.close()
        w = hz.Web(d.http, "/spectrum?bins=64&fps=0.1")
        found["spectrum"] = w.until(lambda r: r["kind"] == "spectrum")[-1]
        w.close()
    return found


def test_any_line_of_the_stream():
    found = lines_of_all_kinds()
    for kind, record in found.items():
        assert faults("line.schema.json", record) == [], record
        assert hz.SCHEMAS["line"].is_valid(record), record
        assert faults("line.schema.json", {**record, "later": [1]}) == [], "closed for new fields"
        assert faults("line.schema.json", {**record, "kind": "weather"}), kind
        needs = {"kind", "time", "stream", "missed", "error"} | ({"receiver"} if kind != "event" else set())
        for field in set(record) & needs:
            assert faults("line.schema.json", {k: v for k, v in record.items() if k != field}), (kind, field)
    # a heartbeat takes 15 s: test_fanout.py waits for it; bursts: test_learn.py; stats: test_metrics.py
    assert set(found) | {"heartbeat", "burst", "stats"} == {s["properties"]["kind"]["const"] for s in FILES.values()
                          if "const" in s.get("properties", {}).get("kind", {})} | {"message", "repeat", "gap"}


@pytest.mark.plain
def test_a_gap_of_samples_is_a_line_too():
    gap = {"seq": 7, "kind": "gap", "time": "2026-05-01T12:00:00.225000000Z", "receiver": "roof",
           "sample": 540000, "samples": 3600000, "reason": "the recording has a gap"}
    assert faults("line.schema.json", gap) == []
    for field in gap:
        assert faults("line.schema.json", {k: v for k, v in gap.items() if k != field}), field


def status_holds(status):
    error = jsonschema.exceptions.best_match(hz.SCHEMAS["status"].iter_errors(status))
    assert error is None, f"{error.json_path}: {error.message}"
    assert faults("status.schema.json", {**status, "later": 1}) == []


def test_the_status(tmp_path):
    """Of all sections, of a receiver that streams and of one that cannot; nothing in it that its
    schema does not name."""
    conf = MIX + (f"[receiver away]\nsource = file\npath = {tmp_path}/none.cu8\nrate = 2400k\ncentre = 1090M\n"
                  "[channel planes]\ndecoder = adsb\nreceiver = away\n"
                  f"[output lines]\ntype = file\npath = {tmp_path}/lines.jsonl\n"
                  "[listen share]\ntype = rtl_tcp\nreceiver = vhf\naddress = 127.0.0.1:0\n")
    conf = conf.replace("decoder = ais\n", "decoder = ais\nreceiver = vhf\n").replace(
        "decoder = nfm\n", "decoder = nfm\nreceiver = vhf\n")
    with hz.Daemon(conf) as d:
        status_holds(d.status())
        c = hz.Lines(d.tcp)
        hz.messages(c, 3)
        code, body = hz.http(d.http, "/status")
        assert code == 200
        status = json.loads(body)
        status_holds(status)
        assert len(status["receivers"]) == 2 and len(status["channels"]) == 4
        assert len(status["listeners"]) == 4 and len(status["outputs"]) == 1
        for part in ("loop", "bus", "receivers", "channels"):
            assert faults("status.schema.json", {k: v for k, v in status.items() if k != part}), part
        c.close()
