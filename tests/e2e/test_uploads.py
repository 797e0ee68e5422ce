"""Uploads over HTTP, each held against a server made here by its documents: aggregators of AIS, SondeHub."""
import email
import email.utils
import gzip
import http.server
import json
import queue
import re
import socket
import threading
from datetime import datetime, timezone

import hz
import pytest
from feeds import IDLE, outputs, until, wrong

class Service:
    """A server of HTTP that keeps the requests and answers each as it is told."""

    def __init__(self, *answers):
        """answers: (code, body) of the first ones; then 200."""
        self.requests, answers = queue.Queue(), list(answers)
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.requests.put((self.command, self.path, self.headers, body))
                code, text = answers.pop(0) if answers else (200, "{}")
                self.send_response(code)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text.encode())

            do_POST = do_PUT = answer

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=[0.05], daemon=True).start()

    def next(self):
        """(method, path, headers, body unpacked) of the next request."""
        method, path, headers, body = self.requests.get(timeout=hz.PATIENCE)
        return method, path, headers, gzip.decompress(body) if headers["Content-Encoding"] == "gzip" else body

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


AIS = "lab/ais_s15_162M_288k.cu8"


def ships(shared, pace="max"):
    return f"[receiver port]\nsource = file\npath = {shared / AIS}\npace = {pace}\n[channel ais]\ndecoder = ais\n"


def post(url, more, type="ais-post"):
    return f"[output out]\ntype = {type}\nurl = {url}\ninterval = 1s\nmarked = yes\n{more}"


def all_messages(service, n, read):
    """The messages of as many requests as hold n of them."""
    got, empty = [], 0
    while len(got) < n:
        more = read(*service.next())
        empty += not more
        got += more
    return got, empty


def test_aiscatchers_form_with_its_sign_of_life(shared):
    lines = [json.loads(l) for l in hz.run("decode", "-F", "ais-json", shared / AIS).stdout.splitlines()]

    def read(method, path, headers, body):
        o = json.loads(body)
        assert (method, path) == ("POST", "/in") and headers["Content-Type"] == "application/json"
        assert headers["Content-Encoding"] is None and headers["User-Agent"].startswith("hertzd")
        assert o["protocol"] == "jsonaiscatcher" and re.fullmatch(r"\d{14}", o["encodetime"])
        assert o["stationid"] == "roof \"2\"" and (o["station_lat"], o["station_lon"]) == (48.1375, 11.575)
        assert o["receiver"]["description"].startswith("hertzd") and isinstance(o["receiver"]["version"], int)
        assert o["device"]["product"] == "hertzd"
        return o["msgs"]

    more = 'station = roof "2"\nlatitude = 48.1375\nlongitude = 11.575\n'
    with Service() as s, hz.Daemon(ships(shared) + post(s.url + "/in", more)) as d:
        got, empty = all_messages(s, len(lines), read)
        assert got == lines and empty >= 1, "a sign of life comes first"
        assert read(*s.next()) == [], "and goes on"
        o = until(d, lambda o: o["sent"] == len(lines))
        assert o["last_code"] == 200 and o["last_answer"] == "{}" and re.fullmatch(r"20\d\d-.*Z", o["last_ok"])
        assert o["state"] == "up" and o["lost"] == o["failed"] == o["marked"] == 0 and o["requests"] >= 3


def test_the_form_of_airframes(shared):
    with Service() as s, hz.Daemon(ships(shared) + post(s.url, "form = airframes\nstation = XX-ROOF\n")) as d:
        def read(method, path, headers, body):
            assert headers["Content-Encoding"] == "gzip"
            o = json.loads(body)
            assert o["protocol"] == "airframes" and o["stationid"] == "XX-ROOF" and "station_lat" not in o
            return o["msgs"]

        for m in all_messages(s, 30, read)[0]:
            assert set(m) <= {"class", "device", "channel", "rxtime", "rxuxtime", "signalpower", "ppm", "mmsi", "nmea"}
            assert m["nmea"][0].startswith("!AIVDM")


def form_field(headers, body):
    """The one field of a form as browsers send it (RFC 7578), read by Python's parser of mail."""
    kind = headers["Content-Type"]
    assert kind.startswith("multipart/form-data; boundary=")
    m = email.message_from_bytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + body)
    part, = m.get_payload()
    assert part.get_param("name", header="content-disposition") == "jsonais"
    assert part.get_content_type() == "application/json"
    return json.loads(part.get_payload(decode=True))


def test_the_form_of_aprs_fi(shared):
    names = {"msgtype", "mmsi", "rxtime", "rxuxtime", "status", "speed", "lon", "lat", "course", "heading", "callsign",
             "shipname", "shiptype", "destination", "draught", "imo", "partno", "vendorid", "ref_front", "ref_left",
             "length", "width"}
    ours = [json.loads(l)["ais"] for l in hz.run("decode", shared / AIS).stdout.splitlines()]
    with Service() as s, hz.Daemon(ships(shared) + post(s.url + "/jsonais/post/secret", "form = aprsfi\nstation = N0CALL\n")) as d:
        def read(method, path, headers, body):
            o = form_field(headers, body)
            assert o["protocol"] == "jsonais" and path == "/jsonais/post/secret"
            group, = o["groups"]
            assert [p["name"] for p in group["path"]] == ["N0CALL"]
            return group["msgs"]

        got, empty = all_messages(s, len(ours), read)
        assert empty >= 1
    for m, a in zip(got, ours, strict=True):
        assert set(m) <= names and (m["msgtype"], m["mmsi"]) == (a["type"], a["mmsi"])
        assert m.get("lat") == a.get("lat") and m.get("ref_front") == a.get("to_bow")
        if "to_bow" in a and "to_stern" in a:
            assert m["length"] == a["to_bow"] + a["to_stern"]
    assert any("shipname" in m for m in got) and any("lat" in m for m in got)


def test_an_upload_that_fails_is_sent_again_and_one_that_is_disliked_is_not(shared):
    with Service((200, "ok"), (503, "busy"), (200, "ok"), (400, "no such station")) as s, \
         hz.Daemon(ships(shared, "realtime") + post(s.url, "")) as d:
        assert json.loads(s.next()[3])["msgs"] == []
        first = json.loads(s.next()[3])["msgs"]
        again = json.loads(s.next()[3])["msgs"]
        assert first and again == first
        disliked = json.loads(s.next()[3])["msgs"]
        o = until(d, lambda o: o["last_code"] == 400)
        assert o["failed"] == 2 and "no such station" in o["last_answer"] + o["error"]
        o = until(d, lambda o: o["state"] == "up")
        assert o["lost"] == len(disliked) and o["sent"] >= len(first) and o["last_code"] == 200


def test_a_service_that_is_away_hangs_or_resets(shared):
    """It delays nothing else, and is told in words; what waits is sent when it comes."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        out = post(f"http://user:secret@127.0.0.1:{port}/x", "")
        with hz.Daemon(ships(shared) + out) as d:
            c, _ = listener.accept()  # hangs
            assert len(hz.messages(hz.Lines(d.tcp), 0)) == 0 and outputs(d)["out"]["state"] == "connecting"
            c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            c.recv(1)
            c.close()
            o = until(d, lambda o: o["error"])
            assert "127.0.0.1" in o["error"] and o["last_code"] == 0 and "last_ok" not in o
            assert "secret" not in json.dumps(o)


# -- SondeHub --------------------------------------------------------------------------------------


def sondehub(s, more=""):
    return (f"[output out]\ntype = sondehub\nurl = {s.url}/sondes/telemetry\nlisteners = {s.url}/listeners\ninterval = 1s\n"
            f"marked = yes\ncallsign = N0CALL\n{more}")


def http_date(headers):
    return email.utils.parsedate_to_datetime(headers["Date"])


def test_sondehub_is_told_where_the_receiver_is():
    more = "latitude = 48.1375\nlongitude = 11.575\naltitude = 519\nantenna = whip\ncontact = me@example.org\n"
    with Service() as s, hz.Daemon(IDLE + sondehub(s, more)) as d:
        method, path, headers, body = s.next()
        assert (method, path) == ("PUT", "/listeners") and headers["Content-Type"] == "application/json"
        assert abs((http_date(headers) - datetime.now(timezone.utc)).total_seconds()) < 3600
        assert headers["Date"].endswith(" GMT") and headers["User-Agent"].startswith("hertzd")
        assert json.loads(body) == {"software_name": "hertzd", "software_version": json.loads(body)["software_version"],
                                    "uploader_callsign": "N0CALL", "uploader_position": [48.1375, 11.575, 519],
                                    "uploader_antenna": "whip", "uploader_contact_email": "me@example.org", "mobile": False}
        assert until(d, lambda o: o["state"] == "up")["requests"] == 1


class Club:
    """Another hertzd, which has decoders that this one has not: an [input] of lines connects to it."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.conf = f"[input club]\ntype = tcp\nformat = json\naddress = 127.0.0.1:{self.listener.getsockname()[1]}\n"

    def say(self, protocol, fields, **more):
        """Sends a message; the first one waits for the connection."""
        if not hasattr(self, "sock"):
            self.sock, _ = self.listener.accept()
        now = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f000Z")
        line = {"kind": "message", "time": now, "receiver": "theirs", "channel": "x", "protocol": protocol, "freq_hz": 403.5e6,
                "rssi_dbfs": -20.5, "snr_db": 12.5, "offset_hz": -1500, **more, protocol: fields}
        self.sock.sendall(json.dumps(line).encode() + b"\n")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()


SONDE = {"type": "RS41", "frame": 3172, "id": "L1830070", "datetime": "2015-08-02T11:59:26.5Z", "lat": 46.01891, "lon": 16.34725,
         "alt": 14035.75, "vel_h": 12.3, "vel_v": 7.1, "heading": 63.3, "sats": 9, "batt": 2.7, "subtype": "RS41-SG"}
MICROSECONDS = r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z"


def test_telemetry_for_sondehub():
    with Club() as club, Service() as s, hz.Daemon(club.conf + sondehub(s)) as d:
        club.say("rs41", {**SONDE, "encrypted": True})
        for frame in (3172, 3173):
            club.say("rs41", {**SONDE, "frame": frame})
        got = []
        while len(got) < 2:
            method, path, headers, body = s.next()
            assert (method, path) == ("PUT", "/sondes/telemetry") and headers["Content-Encoding"] == "gzip"
            assert headers["Content-Type"] == "application/json" and headers["User-Agent"].startswith("hertzd")
            assert headers["Date"].endswith(" GMT")
            got += json.loads(body)
        assert [o["frame"] for o in got] == [3172, 3173]
        for o in got:  # what SondeHub demands, then what it may have
            assert (o["software_name"], o["uploader_callsign"]) == ("hertzd", "N0CALL") and o["software_version"]
            assert (o["manufacturer"], o["type"], o["subtype"], o["serial"]) == ("Vaisala", "RS41", "RS41-SG", "L1830070")
            assert o["datetime"] == "2015-08-02T11:59:26.500000Z" and re.fullmatch(MICROSECONDS, o["time_received"])
            assert (o["lat"], o["lon"], o["alt"]) == (46.01891, 16.34725, 14035.75)
            assert (o["frequency"], o["snr"], o["vel_v"], o["batt"]) == (403.4985, 12.5, 7.1, 2.7)
            assert "temp" not in o and "uploader_position" not in o
        o = until(d, lambda o: o["sent"] == 2)
        assert o["last_code"] == 200 and o["lost"] == 0


def test_what_waits_is_sent_at_the_end():
    with Club() as club, Service() as s, hz.Daemon(club.conf + sondehub(s).replace("interval = 1s", "interval = 1h")) as d:
        club.say("rs41", SONDE)
        until(d, lambda o: o["in_flight"] == 1)
        d.stop()
        assert json.loads(s.next()[3])[0]["serial"] == "L1830070"


def test_the_forms_of_other_decoders_as_datagrams():
    """Messages of decoders that hertzd has not, in the forms that acarshub and others take."""
    with Club() as club, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as hub:
        hub.bind(("127.0.0.1", 0))
        hub.settimeout(hz.PATIENCE)
        conf = "".join(f"[output {f}]\ntype = udp\nformat = {f}\naddress = 127.0.0.1:{hub.getsockname()[1]}\nstation = XX-ROOF\n"
                       for f in ("acars-json", "vdl2-json", "rs41-json", "rtl433", "rtl-wmbus"))
        with hz.Daemon(club.conf + conf):
            club.say("acars", {"mode": "2", "label": "H1", "tail": "N1", "ack": False, "text": "x"})
            o = json.loads(hub.recv(65536))
            assert (o["station_id"], o["label"], o["ack"], o["freq"], o["level"]) == ("XX-ROOF", "H1", False, 403.5, -20.5)
            club.say("vdl2", {"idx": 0, "avlc": {"cr": "Command"}})
            o = json.loads(hub.recv(65536))["vdl2"]
            assert (o["station"], o["avlc"], o["freq"]) == ("XX-ROOF", {"cr": "Command"}, 403500000) and o["t"]["sec"] > 1.7e9
            club.say("rs41", SONDE)
            o = json.loads(hub.recv(65536))
            assert (o["type"], o["station"], o["callsign"], o["freq"]) == ("PAYLOAD_SUMMARY", "XX-ROOF", "L1830070", "403.5000 MHz")
            club.say("sensors", {"model": "Nexus-TH", "id": 7, "temperature_C": 21.4})
            o = json.loads(hub.recv(65536))
            assert (o["model"], o["id"], o["temperature_C"], o["snr"]) == ("Nexus-TH", 7, 21.4, 12.5)
            club.say("wmbus", {"mode": "T1", "id": "71200023"}, raw="294468502300207172f0a000")
            line = hub.recv(65536).decode()
            assert re.fullmatch(r"T1;1;1;20[\d-]+ [\d:.]{12};-2[01];-2[01];71200023;0x294468502300207172f0a000\n", line), line


@pytest.mark.parametrize("type,keys,words", [
    ("sondehub", "", ("callsign",)),
    ("sondehub", "callsign = x\nurl = ftp://x\n", ("url", "https://")),
    ("sondehub", "callsign = x\nprotocol = adsb\n", ("protocol", "adsb")),
    ("sondehub", "callsign = x\nlongitude = 11\n", ("latitude", "both")),
    ("ais-post", "", ("url",)),
    ("ais-post", "url = http://x/\nform = aprs\n", ("form", "aprsfi")),
    ("ais-post", "url = http://x/\nform = aprsfi\n", ("station",)),
    ("ais-post", "url = http://x/\nprotocol = adsb\n", ("protocol", "adsb")),
])
def test_wrong_keys_of_uploads_are_told(tmp_path, type, keys, words):
    wrong(tmp_path, f"type = {type}\n" + keys, words)
