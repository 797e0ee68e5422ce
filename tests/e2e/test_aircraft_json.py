"""aircraft.json, receiver.json, stats.json and history as readsb writes them: in a folder, and over HTTP. (The page of
tar1090 itself reads them in tests/web/tar1090.test.mjs.)"""
import json
import math
import os
import re

import hz
import pytest

SKY = "[receiver sky]\nsource = sim\nscene = aircraft\nlatitude = 53.76\nlongitude = 8.67\n[channel 1090]\ndecoder = adsb\n"
INT, NUMBER, TEXT = (int,), (int, float), (str,)
# README-json.md of readsb: members of an aircraft that hertzd can know, and what its code prints beside
DOCUMENTED = {
    "hex": TEXT, "type": TEXT, "flight": TEXT, "alt_baro": (int, str), "alt_geom": INT, "gs": NUMBER, "ias": INT, "tas": INT, "mach": NUMBER,
    "track": NUMBER, "track_rate": NUMBER, "roll": NUMBER, "mag_heading": NUMBER, "true_heading": NUMBER, "baro_rate": INT, "geom_rate": INT,
    "squawk": TEXT, "emergency": TEXT, "category": TEXT, "nav_qnh": NUMBER, "nav_altitude_mcp": INT, "nav_altitude_fms": INT,
    "nav_heading": NUMBER, "nav_modes": (list,), "lat": NUMBER, "lon": NUMBER, "nic": INT, "rc": INT, "seen_pos": NUMBER, "version": INT,
    "nic_baro": INT, "nac_p": INT, "nac_v": INT, "sil": INT, "sil_type": TEXT, "gva": INT, "sda": INT, "mlat": (list,), "tisb": (list,),
    "messages": INT, "seen": NUMBER, "rssi": NUMBER, "alert": INT, "spi": INT, "lastPosition": (dict,), "desc": TEXT,
    "r_dst": NUMBER, "r_dir": NUMBER, "simulated": (bool,)}
TYPES = {"adsb_icao", "adsb_icao_nt", "adsr_icao", "tisb_icao", "adsb_other", "adsr_other", "tisb_other", "tisb_trackfile", "mode_s"}
EMERGENCIES = {"none", "general", "lifeguard", "minfuel", "nordo", "unlawful", "downed", "reserved"}
MODES = {"autopilot", "vnav", "althold", "approach", "lnav", "tcas"}


def output(path):
    return f"[output tar1090]\ntype = aircraft-json\npath = {path}\n"


def hold(document):
    """What the documentation of readsb says of aircraft.json."""
    assert set(document) == {"now", "messages", "aircraft"}
    assert isinstance(document["messages"], int) and document["now"] > 1.7e9
    for a in document["aircraft"]:
        for name, value in a.items():
            assert type(value) in DOCUMENTED[name], (name, value)
        assert set(a) >= {"hex", "type", "mlat", "tisb", "messages", "seen"}
        assert re.fullmatch("~?[0-9a-f]{6}", a["hex"]) and a["type"] in TYPES
        assert "flight" not in a or len(a["flight"]) == 8
        assert not isinstance(a.get("alt_baro"), str) or a["alt_baro"] == "ground"
        assert a.get("emergency", "none") in EMERGENCIES and set(a.get("nav_modes", [])) <= MODES
        assert re.fullmatch("[0-7]{4}", a.get("squawk", "0000")) and re.fullmatch("[A-D][0-7]", a.get("category", "A0"))
        assert ("lat" in a) == ("lon" in a) == ("seen_pos" in a)
        assert 0 <= a["seen"] <= a.get("seen_pos", math.inf) + 0.1 and a.get("seen_pos", 0) < 60
        assert a["messages"] > 0 and a["rssi"] < 0 and a["mlat"] == []
        assert a["simulated"] is True and a["desc"] == "simulated"
    assert len({a["hex"] for a in document["aircraft"]}) == len(document["aircraft"])


def get(d, name, query=""):
    status, body = hz.http(d.http, f"/data/{name}{query}")
    assert status == 200
    return json.loads(body)


def test_in_a_folder(tmp_path):
    """Which a web server can read, whatever hertzd's umask is."""
    folder = tmp_path / "aircraft"
    before = os.umask(0o077)
    try:
        daemon = hz.Daemon(SKY + output(folder))
    finally:
        os.umask(before)
    with daemon as d:
        hz.wait(lambda: folder.is_dir() and (folder / "aircraft.json").exists() and (folder / "receiver.json").exists())
        seen = []
        while len(seen) < 4 or len(seen[-1]["aircraft"]) < 20:  # every look finds a whole file
            document = json.loads((folder / "aircraft.json").read_text())
            if not seen or document["now"] != seen[-1]["now"]:
                hold(document)
                seen.append(document)
        assert all(a["now"] < b["now"] and a["messages"] <= b["messages"] for a, b in zip(seen, seen[1:]))
        told = next(o for o in d.status()["outputs"] if o["name"] == "tar1090")
        assert told["state"] == "writing" and told["error"] == "" and told["written"] >= 3 and told["lost"] == 0
        receiver = json.loads((folder / "receiver.json").read_text())
        assert (receiver["refresh"], receiver["lat"], receiver["lon"]) == (1000, 53.76, 8.67)
        assert receiver["version"].startswith("hertzd ") and receiver["history"] == 1
        hold(json.loads((folder / "history_0.json").read_text()))
        assert set(json.loads((folder / "stats.json").read_text())) >= {"now", "latest", "last1min", "total"}
    assert all(f.stat().st_mode & 0o777 == 0o644 for f in folder.iterdir()) and folder.stat().st_mode & 0o777 == 0o755
    assert sorted(f.name for f in folder.iterdir()) == ["aircraft.json", "history_0.json", "receiver.json", "stats.json"]


def test_over_http():
    """The same positions and values as /aircraft has; and what a browser appends against caches has no meaning."""
    with hz.Daemon(SKY) as d:
        hz.wait(lambda: sum("lat" in a for a in get(d, "aircraft.json")["aircraft"]) > 15)
        document, own = get(d, "aircraft.json", "?_=1700000000000"), json.loads(hz.http(d.http, "/aircraft")[1])
        hold(document)
        known = {a["id"]: a for a in own["aircraft"]}
        for a in document["aircraft"]:
            o = known[a["hex"]]
            if "lat" in a:
                assert abs(a["lat"] - o["lat"]) < 0.05 and abs(a["lon"] - o["lon"]) < 0.08
                assert abs(a["r_dst"] * 1852 - o["distance_m"]) < 5000
            if "flight" in a:
                assert a["flight"].strip() == o["name"]
            assert a["messages"] <= o["messages"]
            for name in ("squawk", "category", "version"):
                assert name not in a or a[name] == o["fields"][name]
        assert get(d, "receiver.json") == {"version": get(d, "receiver.json")["version"], "refresh": 1000, "history": 0,
                                           "lat": 53.76, "lon": 8.67}
        again = get(d, "aircraft.json")
        assert again["messages"] >= document["messages"] and again["now"] > document["now"]


def test_stats():
    """As the documentation of readsb has them; sums agree with hertzd's own counts."""
    with hz.Daemon(SKY) as d:
        hz.wait(lambda: get(d, "stats.json")["total"]["messages"] > 200)
        stats, status = get(d, "stats.json"), d.status()
        assert set(stats) == {"now", "simulated", "latest", "last1min", "last5min", "last15min", "total"}
        for key in ("latest", "last1min", "last5min", "last15min", "total"):
            p = stats[key]
            assert p["start"] <= p["end"] <= stats["now"] + 0.1
            assert sum(p["local"]["accepted"]) == p["messages"] == p["messages_valid"]
            assert set(p["cpu"]) == {"demod", "reader", "background"}
            assert p["cpr"]["global_ok"] + p["cpr"]["local_ok"] == p["position_count_total"]
        total = stats["total"]
        assert total["messages"] <= next(c["messages"] for c in status["channels"])
        assert total["local"]["signal"] < 0 and total["local"]["noise"] < total["local"]["signal"] <= total["local"]["peak_signal"]
        assert total["tracks"]["all"] >= 10 and 0 < total["max_distance"] < 700e3 and total["position_count_total"] > 10


def test_what_is_wrong_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with hz.Daemon(SKY + output(tmp_path / "file")) as d:
        bad = hz.wait(lambda: (o := d.status()["outputs"][0])["lost"] > 0 and o)
        assert bad["state"] == "waiting" and "Not a directory" in bad["error"]
        (tmp_path / "file").unlink()
        hz.wait(lambda: d.status()["outputs"][0]["state"] == "writing")
    file = tmp_path / "hertzd.conf"
    file.write_text(SKY + output("/tmp/x") + "id = 4840d6\n")
    done = hz.run("check", "-c", file)
    assert done.returncode != 0 and b"expected no filter" in done.stderr + done.stdout


def test_a_reload_moves_and_ends_it(tmp_path):
    with hz.Daemon(SKY + output(tmp_path / "one")) as d:
        for conf, names in ((output(tmp_path / "two"), ["two"]), ("", [])):
            d.write(SKY + conf)
            d.rpc.result("reload")
            hz.wait(lambda: [o["target"] for o in d.status()["outputs"]] == [str(tmp_path / n) for n in names])
            for name in names:
                hz.wait(lambda: (tmp_path / name / "aircraft.json").exists())
        hold(json.loads((tmp_path / "two/aircraft.json").read_text()))


@pytest.mark.parametrize("path", ["/data/", "/data/history_0.json", "/data/aircraft.json/x"])
def test_what_there_is_not(path):
    with hz.Daemon(SKY) as d:
        assert hz.http(d.http, path)[0] == 404
