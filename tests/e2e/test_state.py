"""What is known now (docs/state.md), held against what the simulator sent, and against the stream:
a client that adds the stream up by itself, from the first message on, has the same."""
import collections
import json
import math
import subprocess
import xml.etree.ElementTree as ET

import hz
import pytest
from hz import wait
from test_sim_vhf import SCENE

SKY, COAST = (53.76, 8.67), (53.87, 8.70)  # the antennas of the scenes
SECONDS = 6
LISTS = ("aircraft", "ships", "stations")


def recording(folder, name, band):
    """A scene as a file that begins in 1970, and what was sent: {id: {time in ms: fields}}."""
    path, truth = folder / f"{name}_{band}.cu8", folder / f"{name}.jsonl"
    with path.open("wb") as out:
        subprocess.run([SCENE, name, "1", str(SECONDS), "--truth", truth], stdout=out, check=True)
    sent = collections.defaultdict(dict)
    for t in map(json.loads, truth.read_text().splitlines()):
        who = t["fields"].get("icao", "").lower() or str(t["fields"].get("mmsi", ""))
        if who and "lat" in t["fields"]:
            sent[who][round(t["t"] * 1000)] = t["fields"]
    return path, sent


class Played:
    """A daemon that has heard both scenes to their end."""

    def __init__(self, folder):
        sky, self.air = recording(folder, "aircraft", "1090M_2400k")
        vhf, self.sea = recording(folder, "mix", "162.4M_2400k")
        self.daemon = hz.Daemon(
            "[hertzd]\nhistory = 100000\n"
            f"[receiver sky]\nsource = file\npath = {sky}\nlatitude = {SKY[0]}\nlongitude = {SKY[1]}\n"
            f"[receiver vhf]\nsource = file\npath = {vhf}\nlatitude = {COAST[0]}\nlongitude = {COAST[1]}\n"
            "[channel 1090]\ndecoder = adsb\nreceiver = sky\n"
            "[channel ais]\ndecoder = ais\nreceiver = vhf\n"
            "[channel aprs]\ndecoder = aprs\nreceiver = vhf\nfrequency = 162.45M\n")

    def __enter__(self):
        d = self.daemon.__enter__()
        wait(lambda: all(r["state"] == "ended" for r in d.status()["receivers"]))
        wait(lambda: self.settled(d.status()))
        self.heard = everything(d)
        return self

    @staticmethod
    def settled(status):
        """All that the channels have decoded is in the picture: there are no copies in it."""
        return status["picture"]["messages"] == sum(c["messages"] for c in status["channels"])

    def __exit__(self, *why):
        return self.daemon.__exit__(*why)


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    with Played(tmp_path_factory.mktemp("state")) as p:
        yield p


def get(d, path, schema=None):
    status, body = hz.http(d.http, path)
    assert status == 200, (status, body[:200])
    answer = json.loads(body) if schema else body
    if schema:
        hz.SCHEMAS[schema].validate(answer)
    return answer


def everything(d):
    """All messages of the run, by id: of each list."""
    client = hz.Lines(d.tcp)
    hello = client.next()
    client.send({"subscribe": {"stream": hello["stream"], "since": 0}})
    found = {}
    while len(found) < hello["seq"] - 1:
        record = json.loads(client.line())
        assert record["kind"] != "gap" or "samples" in record, record
        if "seq" in record:
            found[record["seq"]] = record
    client.close()
    out = {name: collections.defaultdict(list) for name in LISTS}
    for seq in sorted(found):
        m = found[seq]
        if m["kind"] != "message":
            continue
        own = m[m["protocol"]]
        if m["protocol"] == "adsb":
            out["aircraft"][own["hex"]].append(m)
        elif m["protocol"] == "ais":
            out["ships"][str(own["mmsi"])].append(m)
        elif m["protocol"] == "aprs":
            out["stations"][(own.get("objectname") or own.get("itemname") or own["srccallsign"]).strip()].append(m)
    return out


def seconds(m):
    return hz.nanoseconds(m) / 1e9


@pytest.mark.parametrize("name", LISTS)
def test_is_what_the_stream_adds_up_to(played, name):
    d = played.daemon
    answer = get(d, f"/{name}", name)
    assert answer["seq"] == d.status()["bus"]["next_seq"] - 1
    targets = {t["id"]: t for t in answer[name]}
    heard = played.heard[name]
    assert set(targets) == set(heard) and len(targets) == len(answer[name])
    assert len(targets) > 1
    for who, t in targets.items():
        messages = heard[who]
        assert t["messages"] == len(messages), who
        assert t["first"] == pytest.approx(min(map(seconds, messages)), abs=2e-3)
        assert t["last"] == pytest.approx(max(map(seconds, messages)), abs=2e-3)
        assert t["snr_db"] == max(m["snr_db"] for m in messages)
        assert t["replayed"] is True and "simulated" not in t
        own = [m[m["protocol"]] for m in sorted(messages, key=seconds)]
        for field, value in t["fields"].items():
            assert value == next(o[field] for o in reversed(own) if field in o), (who, field)
        names = [o.get("flight") or o.get("shipname") or o.get("name") or o.get("objectname") or o.get("itemname")
                 for o in own]
        assert t.get("name") == next((n.strip() for n in reversed(names) if n and n.strip()), None)


@pytest.mark.parametrize("name", ["aircraft", "ships"])
def test_positions_are_where_they_were_sent_from(played, name):
    sent = played.air if name == "aircraft" else played.sea
    antenna = SKY if name == "aircraft" else COAST
    placed = [t for t in get(played.daemon, f"/{name}", name)[name] if "lat" in t]
    assert len(placed) > 4
    for t in placed:
        moment = round(t["position_time"] * 1000)
        truth = next(sent[t["id"]][k] for k in (moment, moment - 1, moment + 1) if k in sent[t["id"]])
        assert t["lat"] == pytest.approx(truth["lat"], abs=2e-4), (t, truth)
        assert t["lon"] == pytest.approx(truth["lon"], abs=4e-4), (t, truth)
        # distance and direction by vectors on the sphere
        a, b = (tuple(map(math.radians, p)) for p in (antenna, (t["lat"], t["lon"])))
        unit = lambda p: (math.cos(p[0]) * math.cos(p[1]), math.cos(p[0]) * math.sin(p[1]), math.sin(p[0]))
        ua, ub = unit(a), unit(b)
        angle = math.atan2(math.hypot(*(ua[i - 2] * ub[i - 1] - ua[i - 1] * ub[i - 2] for i in range(3))),
                           sum(x * y for x, y in zip(ua, ub)))
        assert t["distance_m"] == pytest.approx(angle * 6371008.8, rel=1e-4, abs=2)
        east = (-math.sin(a[1]), math.cos(a[1]), 0)
        north = (-math.sin(a[0]) * math.cos(a[1]), -math.sin(a[0]) * math.sin(a[1]), math.cos(a[0]))
        bearing = math.degrees(math.atan2(sum(map(lambda x, y: x * y, ub, east)), sum(map(lambda x, y: x * y, ub, north))))
        assert (t["bearing_deg"] - bearing + 180) % 360 - 180 == pytest.approx(0, abs=0.1)
        # the track: in order, on the way, and it ends where the target is
        times = [p[0] for p in t["track"]]
        assert times == sorted(times) and len(t["track"]) <= 97
        assert t["track"][-1][1:3] == [pytest.approx(t["lat"], abs=1e-5), pytest.approx(t["lon"], abs=1e-5)]
        ways = sent[t["id"]].values()
        for _, lat, lon, alt in t["track"]:
            assert min(math.hypot(lat - f["lat"], (lon - f["lon"]) * 0.6) for f in ways) < 3e-4
            if name == "aircraft" and alt is not None:
                assert min(abs(alt - f["altitude"]) for f in ways) <= 100


def test_one_target_by_its_id(played):
    d = played.daemon
    for name in LISTS:
        t = get(d, f"/{name}", name)[name][0]
        for spelling in (t["id"], t["id"].upper(), t["id"].lower()):
            [one] = get(d, f"/{name}?id={spelling}", name)[name]
            assert {**one, "age_s": 0, "position_age_s": 0, "ages": 0} == {
                **t, "age_s": 0, "position_age_s": 0, "ages": 0} | ({} if "lat" in t else {"position_age_s": 0})
            assert set(one["ages"]) == set(one["fields"])
        assert get(d, f"/{name}?id=nobody", name)[name] == []
        for wrong in ("?hex=1", "?id", "?id=1&id=2", "?id=%zz"):
            status, body = hz.http(d.http, f"/{name}{wrong}")
            assert status == 400 and b"id=ID" in body, body
    assert hz.http(d.http, "/geojson?id=1")[0] == 400
    assert hz.http(d.http, "/aircraft", method="HEAD") == (200, b"")
    assert hz.http(d.http, "/aircraft", method="POST")[0] == 405


def test_geojson_is_what_the_lists_have(played):
    d = played.daemon
    lists = {name: {t["id"]: t for t in get(d, f"/{name}", name)[name] if "lat" in t} for name in LISTS}
    whole = get(d, "/geojson", "geojson")
    assert get(d, "/geojson").isascii(), "a page of tar1090 cannot read more"
    by_list = collections.defaultdict(dict)
    for f in whole["features"]:
        by_list[f["properties"]["list"]][f["properties"]["id"]] = f
    for name in LISTS:
        assert set(by_list[name]) == set(lists[name])
        alone = get(d, f"/{name}/geojson", "geojson")
        assert {f["properties"]["id"] for f in alone["features"]} == set(lists[name])
        for who, f in by_list[name].items():
            t, p = lists[name][who], f["properties"]
            assert f["geometry"]["coordinates"][:2] == [t["lon"], t["lat"]]
            assert 0 <= p["shipclass"] <= 13, "tar1090 has a picture for each of these"
            assert p["count"] == t["messages"] and p["last_signal"] == t["last"]
            if name == "ships":
                assert p["mmsi"] == int(who) and p.get("shipname", "") == t.get("name", "")
                assert p.get("speed") == t["fields"].get("speed") and p.get("cog") == t["fields"].get("course")
                assert p["mmsi_type"] == {"other": 0, "A": 1, "B": 2, "base": 3, "sar": 4, "distress": 5, "aton": 6}[t["class"]]
            if name == "aircraft" and len(f["geometry"]["coordinates"]) == 3:
                assert f["geometry"]["coordinates"][2] == pytest.approx(t["track"][-1][3] * 0.3048, abs=1)


# The order of elements that the schema of KML 2.2 prescribes, of those that are used.
KML = "{http://www.opengis.net/kml/2.2}"
ORDER = {
    "Document": ["name", "Style", "Placemark"],
    "Placemark": ["name", "styleUrl", "ExtendedData", "MultiGeometry"],
    "Style": ["IconStyle", "LineStyle"], "IconStyle": ["color"], "LineStyle": ["color", "width"],
    "ExtendedData": ["Data"], "Data": ["value"], "MultiGeometry": ["Point", "LineString"],
    "Point": ["altitudeMode", "coordinates"], "LineString": ["tessellate", "altitudeMode", "coordinates"],
}


def test_kml_has_everything_with_a_position(played):
    d = played.daemon
    root = ET.fromstring(get(d, "/kml"))
    assert root.tag == KML + "kml"
    for e in root.iter():
        tags = [c.tag.removeprefix(KML) for c in e]
        if e.tag.removeprefix(KML) in ORDER:
            order = ORDER[e.tag.removeprefix(KML)]
            assert [order.index(t) for t in tags] == sorted(order.index(t) for t in tags), tags
    styles = {s.get("id") for s in root.iter(KML + "Style")}
    found = {}
    for place in root.iter(KML + "Placemark"):
        data = {e.get("name"): e[0].text for e in place.iter(KML + "Data")}
        lon, lat, *_ = map(float, place.find(f".//{KML}Point/{KML}coordinates").text.split(","))
        assert place.find(KML + "styleUrl").text.lstrip("#") in styles
        for point in (place.findtext(f".//{KML}LineString/{KML}coordinates") or "").split():
            assert len(point.split(",")) in (2, 3)
        found[data["id"]] = (place.findtext(KML + "name"), lat, lon)
    wanted = {t["id"]: (t.get("name", t["id"]), t["lat"], t["lon"])
              for name in LISTS for t in get(d, f"/{name}", name)[name] if "lat" in t}
    assert found == wanted


def test_coverage_is_the_furthest_that_was_sent(played):
    d = played.daemon
    channels = {c["channel"]: c for c in get(d, "/coverage", "coverage")["channels"]}
    sky = channels["1090"]
    assert (sky["lat"], sky["lon"]) == SKY and sky["messages"] > 50
    assert [s["bearing"] for s in sky["sectors"]] == list(range(0, 360, 10))
    assert sky["max_m"] == max(s["max_m"] for s in sky["sectors"])
    placed = {t["id"]: t for t in get(d, "/aircraft", "aircraft")["aircraft"] if "lat" in t}
    for s in sky["sectors"]:
        if s["max_m"]:
            truth = played.air[s["id"]].values()
            assert min(math.hypot(s["lat"] - f["lat"], s["lon"] - f["lon"]) for f in truth) < 5e-4
    for t in placed.values():
        sector = sky["sectors"][int(t["bearing_deg"] // 10)]
        assert sector["max_m"] >= t["distance_m"] - 1 or t["messages"] < 5, (t, sector)


def test_hertzctl_shows_them(played):
    d = played.daemon
    for name in LISTS:
        done = subprocess.run([hz.CTL, "--socket", d.sock, "--wide", name], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        rows = done.stdout.splitlines()[1:]
        targets = get(d, f"/{name}", name)[name]
        assert [r.split()[0] for r in rows] == [t["id"].split()[0] for t in targets]
        done = subprocess.run([hz.CTL, "--socket", d.sock, "--json", name], capture_output=True, text=True)
        hz.SCHEMAS[name].validate(json.loads(done.stdout))
    assert "error" in d.rpc.ask("aircraft", id="x"), "it takes no params"


def test_whoever_goes_on_from_the_seq_has_no_hole_and_nothing_twice():
    with hz.Daemon("[receiver sky]\nsource = sim\npace = realtime\n[channel 1090]\ndecoder = adsb\n") as d:
        wait(lambda: len(get(d, "/aircraft", "aircraft")["aircraft"]) > 5)
        client = hz.Lines(d.tcp)
        client.next()
        one = get(d, "/aircraft", "aircraft")
        client.send({"subscribe": {"stream": one["stream"], "since": one["seq"]}})
        added, last, two = collections.Counter(), one["seq"], None
        while two is None or last < two["seq"]:
            record = client.next()
            if record["kind"] == "subscribed" or record["seq"] <= last:
                continue  # those between the hello and the answer come twice
            assert record["seq"] == last + 1, (record, last)
            last = record["seq"]
            if record["kind"] == "message":
                added[record["adsb"]["hex"]] += 1
            if two is None and last > one["seq"] + 200:
                two = get(d, "/aircraft", "aircraft")
                assert two["seq"] >= last
        client.close()
        before = {t["id"]: t["messages"] for t in one["aircraft"]}
        after = {t["id"]: t["messages"] for t in two["aircraft"]}
        assert {who: before.get(who, 0) + added[who] for who in after} == after
