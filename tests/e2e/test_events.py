"""Sections [event NAME] of the real daemon: what is told, once, to whom, and what is not."""
import json
import subprocess
import time

import hz
import modes
import numpy as np
import pytest
from transmit import band

SKY = "[receiver sky]\nsource = sim\nseed = 1\npace = max\n[channel 1090]\ndecoder = adsb\n"
PIPE = "[receiver roof]\nsource = file\npath = -\nformat = cu8\nrate = 2400k\ncentre = 1090M\n[channel 1090]\ndecoder = adsb\n"


def events(client, count):
    """The next `count` events of a client that has subscribed to them."""
    found, deadline = [], time.monotonic() + hz.PATIENCE
    while len(found) < count:
        record = client.next()
        assert record is not None and time.monotonic() < deadline, found
        if record["kind"] == "event":
            found.append(record)
    return found


def listening(d, **words):
    """A client that gets the events of the stream from its beginning on."""
    client = hz.Lines(d.tcp)
    stream = client.next()["stream"]
    client.send({"subscribe": {"kind": ["event"], "stream": stream, "since": 0, **words}})
    return client


def section(d, name):
    return next(e for e in d.status()["events"] if e["name"] == name)


def test_an_emergency_is_told_once_with_its_message():
    """The third aircraft of the scene squawks 7700 from second 20 to 80."""
    with hz.Daemon(SKY + "[event mayday]\nwhen = emergency\n[event all]\nwhen = squawk ~ ^7[567]00$\n") as d:
        client = listening(d)
        told = events(client, 2)
        everything = hz.Lines(d.tcp)
        stream = everything.next()["stream"]
        everything.send({"subscribe": {"stream": stream, "since": told[-1]["seq"], "kind": ["message"]}})
        begin = hz.nanoseconds(told[0])
        lines = everything.until(lambda r: r["kind"] == "message" and hz.nanoseconds(r) > begin + 90 * 10**9)
        status = section(d, "mayday"), section(d, "all")
        everything.close()
        client.close()
    assert {e["event"] for e in told} == {"mayday", "all"}
    for e in told:
        m = e["message"]
        assert m["adsb"]["squawk"] == "7700" and m["simulated"] and e["simulated"]
        assert e["id"] == m["adsb"]["hex"] and e["time"] == m["time"] and e["channel"] == "1090"
        assert e["text"].endswith("[simulated]")
    assert told[0]["reason"] == "squawk 7700 (emergency)"
    again = [m for m in lines if m["kind"] == "message" and m["adsb"].get("squawk") == "7700"]
    assert len(again) > 10 and {m["adsb"]["hex"] for m in again} == {told[0]["id"]}, "it goes on"
    assert [s["told"] for s in status] == [1, 1], "told once"
    assert status[0]["last"]["id"] == told[0]["id"] and status[0]["last"]["text"] == told[0]["text"]


def test_the_start_is_no_flood():
    """Everybody is heard for the first time, which is learned; who is named, or wanted, is told."""
    conf = (SKY + "[event new]\nwhen = new\n[event eager]\nwhen = new\nlearn = 0\nlimit = 5 per 1h\n"
            "[event one]\nwhen = new\nid = {id}\ntext = {{\"who\":\"{{id:json}}\",\"x\":{{{{id}}}}\n")
    with hz.Daemon(SKY) as d:
        client = hz.Lines(d.tcp)
        someone = hz.messages(client, 1)[0]["adsb"]["hex"]
        client.close()
    with hz.Daemon(conf.format(id=someone.upper())) as d:
        client = listening(d)
        told = events(client, 6)
        hz.wait(lambda: section(d, "new")["learned"] >= 20 and section(d, "eager")["limited"] >= 15)
        new, eager, one = (section(d, name) for name in ("new", "eager", "one"))
        log = d.stderr()
        client.close()
    assert sorted(e["event"] for e in told) == ["eager"] * 5 + ["one"]
    assert len({e["id"] for e in told if e["event"] == "eager"}) == 5
    named = next(e for e in told if e["event"] == "one")
    assert named["id"] == someone and named["text"] == f'{{"who":"{someone}","x":{{id}}}} [simulated]'
    assert new["told"] == 0 and new["holds"] == new["learned"] and "last" not in new
    assert eager["told"] == 5 and one["told"] == 1 and one["learned"] == 0
    assert log.count("event eager: more than 5 per 1h") == 1


def test_areas():
    """Each that is told was in the circle, and each that was there twice is told, once."""
    lat, lon, km = 53.76, 8.67, 80
    with hz.Daemon(SKY + f"[event near]\nwhen = enters {lat},{lon},{km}km\nlearn = 0\nlimit = none\n"
                   "text = {id} {lat} {lon}\n") as d:
        client = hz.Lines(d.tcp)
        stream = client.next()["stream"]
        client.send({"subscribe": {"kind": ["event", "message"], "stream": stream, "since": 0}})
        records, start = [], None
        while start is None or hz.nanoseconds(records[-1]) < start + 40 * 10**9:
            r = client.next()
            if r["kind"] in ("message", "event"):
                records.append(r)
                start = start or hz.nanoseconds(r)
        client.close()

    def inside(m):
        if "lat" not in m:
            return False
        x = np.radians(m["lon"] - lon) * np.cos(np.radians((m["lat"] + lat) / 2)) * 6371
        y = np.radians(m["lat"] - lat) * 6371
        return float(np.hypot(x, y)) < km

    told = [r for r in records if r["kind"] == "event"]
    was = {}
    for r in records:
        if r["kind"] == "message" and inside(r["adsb"]):
            was[r["adsb"]["hex"]] = was.get(r["adsb"]["hex"], 0) + 1
    ids = [e["id"] for e in told]
    assert len(ids) == len(set(ids)) > 2, ids
    assert set(ids) <= set(was)
    assert {hex for hex, n in was.items() if n > 10} <= set(ids)
    for e in told:
        assert inside(e["message"]["adsb"]) and e["lat"] == pytest.approx(e["message"]["adsb"]["lat"], abs=1e-5)
        assert e["text"].split()[0] == e["id"] and float(e["text"].split()[1]) == pytest.approx(e["lat"], abs=1e-4)


def test_gone_silent_and_back():
    conf = (PIPE + "[event left]\nwhen = gone 2s\n[event quiet]\nwhen = silent 2s\nchannel = 1090\n"
            "[event awaited]\nwhen = silent 3s\nid = 4b1600, abcdef\n[event back]\nwhen = new\nagain = 1s\nlearn = 0\n")
    with hz.Daemon(conf) as d:
        client = listening(d)
        frame = modes.capture([modes.ident(0x4B1600, "SWR123")] * 4, spacing_s=0.1)
        d.feed(frame)
        told = events(client, 5)
        by = {}
        for e in told:
            by.setdefault(e["event"], []).append(e)
        assert [e["id"] for e in by["back"]] == ["4b1600"] and by["back"][0]["name"] == "SWR123"
        assert by["left"][0]["id"] == "4b1600" and by["left"][0]["name"] == "SWR123"
        assert by["left"][0]["reason"] == "not heard for 2 s" and "message" not in by["left"][0]
        assert by["left"][0]["channel"] == "1090" and by["left"][0]["protocol"] == "adsb"
        assert by["quiet"][0]["text"] == "channel 1090: silent for 2 s"
        assert {e["id"] for e in by["awaited"]} == {"4b1600", "abcdef"}
        assert section(d, "awaited")["holds"] == 2
        d.feed(frame)
        again = events(client, 4)
        assert sorted(e["event"] for e in again) == ["awaited", "back", "left", "quiet"]
        assert next(e for e in again if e["event"] == "awaited")["id"] == "4b1600", "the other is silent still"
        client.close()


def ais(mmsi, status):
    """Type 1."""
    def field(value, width):
        return [value >> k & 1 for k in reversed(range(width))]

    bits = field(1, 6) + field(0, 2) + field(mmsi, 30) + field(status, 4) + field(128, 8) + field(0, 10) + field(1, 1)
    bits += field(9 * 600000, 28) + field(54 * 600000, 27) + field(3600, 12) + field(511, 9) + field(60, 6)
    return np.packbits(np.array(bits + [0] * 25, np.uint8)).tobytes()


def mic_e(call, to):
    """The destination has the message in its first three characters: all three a 0 is emergency."""
    def address(name, last):
        return bytes(ord(c) << 1 for c in name.ljust(6)) + bytes([0x60 | last])

    return address(to, 0) + address(call, 1) + b"\x03\xf0`(_fn\"Oj/"


def test_distress_on_the_air(tmp_path):
    """A SART, a test of an EPIRB, a ship under way, a page and a Mic-E station that asks for help."""
    rate, centre = 240e3, 162e6
    wanted = [dict(protocol="ais", freq=161.975e6, at=at, level=-15, offset=0, says=says) for at, says in
              ((0.1, ais(970123456, 14)), (0.2, ais(211281610, 0)), (0.3, ais(974123456, 15)), (0.4, ais(970123456, 14)))]
    wanted += [dict(protocol="pocsag1200", freq=162.08e6, at=at, level=-15, offset=0, says=(1234567, says))
               for at, says in ((0.1, "Fire, ward 7"), (1.4, "Lunch"), (2.7, "Fire, ward 7"))]
    wanted += [dict(protocol="aprs", freq=161.92e6, at=0.1, level=-15, offset=0, says=mic_e("DL1ABC", "342678"))]
    samples, _ = band(rate, centre, wanted, 4.5)
    path = tmp_path / "x_162M_240k.cu8"
    path.write_bytes(samples.tobytes())
    conf = (f"[receiver sea]\nsource = file\npath = {path}\npace = max\n"
            "[channel ships]\ndecoder = ais\nfrequency = 161.975M\n[channel pages]\ndecoder = pocsag\nfrequency = 162.08M\n"
            "[channel packets]\ndecoder = aprs\nfrequency = 161.92M\n"
            "[event help]\nwhen = distress\n[event fire]\nwhen = text ~ fire|smoke\n[event lunch]\nwhen = text ~ /lunch/\n")
    with hz.Daemon(conf) as d:
        client = listening(d)
        told = events(client, 5)
        hz.wait(lambda: d.status()["receivers"][0]["state"] == "ended")
        assert [section(d, n)["told"] for n in ("help", "fire", "lunch")] == [3, 1, 1], "a page that comes twice is one"
        client.close()
    help = {e["id"]: e for e in told if e["event"] == "help"}
    assert set(help) == {"970123456", "974123456", "DL1ABC"}
    assert help["970123456"]["reason"].startswith("AIS-SART") and help["974123456"]["reason"].startswith("TEST")
    assert help["970123456"]["lat"] == 54 and help["970123456"]["lon"] == 9 and help["970123456"]["replayed"]
    assert help["DL1ABC"]["reason"] == "Mic-E emergency"
    page = next(e for e in told if e["event"] == "fire")
    assert page["reason"] == "Fire, ward 7" and page["text"].startswith(f"{page['id']}: Fire, ward 7")


def test_an_output_gets_what_is_posted_to_it(tmp_path):
    """Whatever its own filter says; another output by `kind`; and hertzctl shows both."""
    conf = SKY + ("[event mayday]\nwhen = emergency\npost = siren\n[event more]\nwhen = emergency\ntext = more {flight}\n"
                  f"[output siren]\ntype = file\npath = {tmp_path}/siren\nprotocol = ais\nkind = gap\n"
                  f"[output all]\ntype = file\npath = {tmp_path}/all\nkind = event\n"
                  f"[output ships]\ntype = file\npath = {tmp_path}/ships\nprotocol = ais\n")
    with hz.Daemon(conf) as d:
        events(listening(d), 2)
        hz.wait(lambda: (tmp_path / "all").read_bytes().count(b"\n") == 2 and (tmp_path / "siren").stat().st_size)
        text, watched = (subprocess.run([hz.CTL, "events", how, "--socket", d.sock], capture_output=True, text=True).stdout
                         for how in ("--wide", "--json"))
    siren = [hz.checked(l) for l in (tmp_path / "siren").read_bytes().splitlines(keepends=True)]
    assert [e["event"] for e in siren] == ["mayday"]
    every = [hz.checked(l) for l in (tmp_path / "all").read_bytes().splitlines(keepends=True)]
    assert {e["event"] for e in every} == {"mayday", "more"}
    assert all(json.loads(l)["kind"] != "message" for l in (tmp_path / "ships").read_bytes().splitlines())
    rows = [line.split() for line in text.splitlines()]
    assert rows[0][0] == "EVENT" and [r[0] for r in rows[1:]] == ["mayday", "more"]
    assert [e["told"] for e in json.loads(watched)] == [1, 1]


def test_a_reload_keeps_what_did_not_change():
    one = "[event stays]\nwhen = emergency\n"
    with hz.Daemon(SKY + one + "[event goes]\nwhen = emergency\n") as d:
        client = listening(d)
        first = events(client, 2)
        d.write(SKY + one + "[event comes]\nwhen = emergency, new\nlearn = 10m\n"
                "[event ring]\nwhen = enters 53.76,8.67,900km\nlearn = 1s\nlimit = none\n")
        assert d.rpc.result("reload") == {"reloaded": True}
        came = next(e for e in iter(lambda: events(client, 1)[0], None) if e["event"] == "comes")
        hz.wait(lambda: section(d, "ring")["learned"] >= 10)
        status = {e["name"]: e for e in d.status()["events"]}
        assert set(status) == {"stays", "comes", "ring"}
        assert status["stays"]["told"] == 1 and came["event"] == "comes" and came["when"] == "emergency"
        assert came["id"] == first[0]["id"], "a new section begins anew"
        assert status["comes"]["learned"] == 0 and status["comes"]["holds"] > 5, "it knows the picture"
        client.close()


@pytest.mark.plain
@pytest.mark.parametrize("keys,told", [
    ("", "has no 'when'"),
    ("when = emergancy", "'emergancy': expected one of new, gone, enters, emergency, distress, silent, text; "
                         "did you mean 'emergency'?"),
    ("when = new\nlimit = 3", "limit = '3': expected NUMBER per TIME, as in 10 per 1h, or none"),
    ("when = new\nprotocol = asdb", 'unknown protocol "asdb": did you mean "adsb"?'),
    ("when = new\npost = sire", "there is no [output sire], did you mean 'siren'?"),
    ("when = new\npost = voice", "expected an output that writes lines of JSON"),
    ("when = new\ntext = {id:xml}", "expected {id:json}, {id:url} or {id:raw}"),
    ("when = new\nagain = never", "expected 1s to 7d"),
    ("when = text ~ (", "Unmatched ("),
    ("when = new\nevery = 10s", "unknown key 'every' in [event]"),
])
def test_mistakes_are_told(tmp_path, keys, told):
    path = tmp_path / "c.conf"
    path.write_text(hz.SIM + "[output siren]\ntype = file\npath = /tmp/none\n[output voice]\ntype = wav\npath = /tmp/none2\n"
                    "[listen control]\ntype = unix\npath = /tmp/none3\n[event e]\n" + keys + "\n")
    done = hz.run("check", "-c", path)
    line = 14 + (len(keys.split("\n")) if keys else 0)
    hz.one_line(done, 2, f"{path}:{line}: ", told)
