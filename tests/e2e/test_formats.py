"""The formats that other programs read, decoded here by their documents and compared with the
lines in JSON of the same recording."""
import csv
import io
import json
import re
import shutil
import socket
import subprocess
from datetime import datetime, timezone

import hz
import pytest
import transmit
from languages import Wrong, csv_rows, influx_line, influx_lines

pytestmark = pytest.mark.plain
FILES = {"adsb": "lab/adsb_s20_1090M_2400k.cu8", "ais": "lab/ais_s15_162M_288k.cu8",
         "pocsag": "lab/pocsag1200_s15_153.34M_48k.cu8", "aprs": "lab/aprs_s15_144.79M_48k.cu8"}


def told(shared, protocol, format):
    done = hz.run("decode", "-F", format, shared / FILES[protocol])
    assert done.returncode == 0, done.stderr
    return done.stdout


def lines(shared, protocol):
    return [json.loads(l) for l in told(shared, protocol, "json").splitlines()]


def counter(line):
    """12 MHz since 1970, at the end of bit 56. The recordings begin in 1970, so floats are exact."""
    at = datetime.strptime(line["time"][:19], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=timezone.utc).timestamp()
    ns = int(at) * 10**9 + int(line["time"][20:29])
    return (ns + 64000) * 12 // 1000


def beast_frames(data, cut=False):
    """(type, counter, signal, frame) of each, escapes undone. cut: the last one may not be whole, and is left out."""
    frames, at = [], 0
    while at < len(data):
        assert data[at] == 0x1a, at
        if cut and at + 1 == len(data):
            return frames
        kind, body, want = data[at + 1:at + 2], b"", 7 + {b"1": 2, b"2": 7, b"3": 14}[data[at + 1:at + 2]]
        at += 2
        while len(body) < want:
            if cut and at + 1 >= len(data):
                return frames
            if data[at] == 0x1a:
                assert data[at + 1] == 0x1a
                at += 1
            body += data[at:at + 1]
            at += 1
        frames.append((kind, int.from_bytes(body[:6], "big"), body[6], body[7:]))
    return frames


def test_beast(shared):
    all_lines, frames = lines(shared, "adsb"), beast_frames(told(shared, "adsb", "beast"))
    assert len(frames) == len(all_lines) > 100
    for line, (kind, ticks, signal, frame) in zip(all_lines, frames):
        assert frame.hex() == line["raw"] and kind == (b"2" if len(frame) == 7 else b"3")
        assert abs(ticks - counter(line)) <= 1
        assert abs(signal - 255 * 10 ** (line["rssi_dbfs"] / 20)) < 255 * 0.012
    assert any(b"\x1a" in f[3] for f in frames), "no frame here has a byte to be escaped"


def test_beast_is_read_by_dump1090(shared, tmp_path):
    """Its own net input takes the stream; what it makes of it again has the same frames."""
    if not shutil.which("dump1090-mutability"):
        pytest.skip("dump1090-mutability is not there: .ci/setup peers")
    ports = [hz.free_port(), hz.free_port()]
    peer = subprocess.Popen(["dump1090-mutability", "--net-only", "--net-bind-address", "127.0.0.1", "--net-bi-port",
                             str(ports[0]), "--net-ro-port", str(ports[1]), "--net-bo-port", "0", "--net-sbs-port",
                             "0", "--net-ri-port", "0", "--net-http-port", "0", "--net-ro-size", "1"],
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        out, into = hz.connected(ports[1], peer), hz.connected(ports[0], peer)
        want = [line["raw"] for line in lines(shared, "adsb")]
        into.sendall(told(shared, "adsb", "beast"))
        got, rest = [], b""
        sure = [raw for raw in want if raw[:2] in ("8d", "8f", "8c", "8e")]
        while not set(sure) <= set(got):
            more = out.recv(65536)
            assert more, "it has closed"
            rest += more
            *whole, rest = rest.split(b"\n")
            got += [l.decode().strip("*;\r").lower() for l in whole if l.startswith(b"*")]
        assert set(got) - {"0000"} <= set(want), "it reads nothing that was not sent"
    finally:
        peer.kill()
        peer.wait()


def test_avr(shared):
    plain = told(shared, "adsb", "avr").decode().splitlines()
    timed = told(shared, "adsb", "avrmlat").decode().splitlines()
    for line, a, m in zip(lines(shared, "adsb"), plain, timed, strict=True):
        assert a == f"*{line['raw']};"
        assert m[0] == "@" and m[13:] == line["raw"] + ";" and abs(int(m[1:13], 16) - counter(line)) <= 1


def test_sbs(shared):
    by_hex = {}
    rows = [r.decode().rstrip("\r").split(",") for r in told(shared, "adsb", "sbs").split(b"\n")[:-1]]
    for line in lines(shared, "adsb"):
        by_hex.setdefault((line["adsb"]["hex"].upper(), line["time"][11:23]), []).append(line["adsb"])
    assert len(rows) > 100 and {r[1] for r in rows} >= {"1", "3", "4", "8"}
    for row in rows:
        assert len(row) == 22 and row[0] == "MSG" and row[2:4] == ["1", "1"] and row[5] == "1", row
        assert row[6:8] == row[8:10] and re.fullmatch(r"\d{4}/\d\d/\d\d", row[6])
        m = by_hex[row[4], row[7]][0]
        assert row[10] == m.get("flight", "")
        assert row[11] == {"ground": "0", None: ""}.get(m.get("alt_baro"), str(m.get("alt_baro")))
        assert row[12] == (str(int(m["gs"])) if "gs" in m else "")
        assert row[14:16] == ([f"{m['lat']:.5f}", f"{m['lon']:.5f}"] if "lat" in m else ["", ""])
        assert row[17] == m.get("squawk", "")


def test_nmea(shared):
    sent = told(shared, "ais", "nmea").split(b"\r\n")
    assert sent.pop() == b""
    want = [s for line in lines(shared, "ais") for s in line["ais"]["nmea"]]
    assert [s.decode() for s in sent] == want and len(want) > 30
    for s in want:
        body, check = s[1:].split("*")
        total = 0
        for c in body.encode():
            total ^= c
        assert int(check, 16) == total


def test_nmea_is_read_by_gpsd(shared):
    if not shutil.which("gpsdecode"):
        pytest.skip("gpsdecode is not there: .ci/setup peers")
    done = subprocess.run(["gpsdecode", "-u"], input=told(shared, "ais", "nmea"), capture_output=True)
    theirs = [json.loads(l) for l in done.stdout.splitlines()]
    ours = [line["ais"] for line in lines(shared, "ais")]
    read = [m for m in theirs if m.get("class") == "AIS"]
    assert read, done.stderr
    assert [m["mmsi"] for m in read] == [m["mmsi"] for m in ours if m["type"] in {t["type"] for t in read}]


def test_ais_json(shared):
    for line, got in zip(lines(shared, "ais"), told(shared, "ais", "ais-json").splitlines(), strict=True):
        m = json.loads(got)
        assert m["class"] == "AIS" and m["channel"] in "AB" and re.fullmatch(r"\d{14}", m["rxtime"])
        assert m["signalpower"] == line["rssi_dbfs"]
        assert {k: m[k] for k in line["ais"]} == line["ais"]


def unkiss(data):
    frames = data.split(b"\xc0")
    return [f[1:].replace(b"\xdb\xdc", b"\xc0").replace(b"\xdb\xdd", b"\xdb") for f in frames if f]


def test_kiss_and_tnc2(shared):
    all_lines = lines(shared, "aprs")
    assert [f.hex() for f in unkiss(told(shared, "aprs", "kiss"))] == [line["raw"] for line in all_lines]
    text = told(shared, "aprs", "tnc2").split(b"\r\n")[:-1]
    assert [t.decode() for t in text] == [line["aprs"]["tnc2"] for line in all_lines]


def test_multimon(shared):
    """Read as pagermon reads it, and as JSON."""
    texts = told(shared, "pocsag", "multimon").decode().splitlines()
    objects = told(shared, "pocsag", "multimon-json").decode().splitlines()
    for line, text, o in zip(lines(shared, "pocsag"), texts, objects, strict=True):
        p, o = line["pocsag"], json.loads(o)
        assert re.match(r"POCSAG1200: Address: ", text)
        assert int(re.search(r"Address:(.*?)Function", text)[1]) == p["address"] == o["address"]
        assert int(re.search(r"Function: (\d)", text)[1]) == p["function"] == o["function"]
        m = re.search(r"(Alpha|Numeric): *(.*)$", text)
        assert m and m[2].rstrip() == p[m[1].lower()].rstrip() == o[m[1].lower()].rstrip()


COLUMNS = "time protocol receiver channel freq_hz id lat lon rssi_dbfs snr_db raw fields".split()


@pytest.mark.parametrize("protocol", list(FILES))
def test_csv(shared, protocol):
    head, *rows = csv_rows(told(shared, protocol, "csv").decode())
    assert head == COLUMNS
    for line, row in zip(lines(shared, protocol), rows, strict=True):
        assert row[0] == line["time"] and row[1] == protocol and float(row[4]) == line["freq_hz"]
        assert row[10] == line["raw"] and json.loads(row[11]) == line[protocol]


@pytest.mark.parametrize("protocol", list(FILES))
def test_influx(shared, protocol):
    points = influx_lines(told(shared, protocol, "influx").decode())
    for line, point in zip(lines(shared, protocol), points, strict=True):
        hold_influx(line, point, protocol)


def hold_influx(line, point, protocol):
    name, tags, fields, ns = point
    assert name == protocol and tags["channel"] == line["channel"] and tags["receiver"] == line["receiver"]
    assert ns == hz.nanoseconds(line)
    want = {"snr_db": line["snr_db"], "rssi_dbfs": line["rssi_dbfs"]}
    for key, value in line[protocol].items():
        if isinstance(value, str):
            key += "_text" if key in ("alt_baro", "turn") else ""
            value = value.replace("\n", " ").replace("\r", " ")  # a line is one message
        key += "_" if key in ("id", "channel", "receiver", "time") else ""
        if isinstance(value, (str, bool, int, float)):
            want[key] = value
    assert fields == want


ODD = ['say "yes", no\\', 'a=b, c\\"d\\\\', ",,,\"\"\n\r\nx", "=1+1,'\t'", "\\n\\"]


@pytest.fixture(scope="module")
def odd(tmp_path_factory):
    """Pages with all that has a meaning in a table or a database."""
    wanted = [dict(protocol="pocsag1200", freq=153e6, at=0.1 + 0.8 * k, offset=0, level=-12, says=(8000 + 8 * k, text))
              for k, text in enumerate(ODD)]
    samples, _ = transmit.band(48e3, 153e6, wanted, 0.8 * len(ODD) + 0.6)
    path = tmp_path_factory.mktemp("odd") / "odd_153M_48k.cu8"
    samples.tofile(path)
    told_by = {f: hz.run("decode", "-d", "pocsag@153M", "-F", f, path).stdout.decode() for f in ("json", "csv", "influx")}
    objects = [json.loads(l) for l in told_by["json"].splitlines()]
    assert [o["pocsag"]["alpha"] for o in objects] == ODD
    return told_by, objects


def test_csv_of_odd_texts(odd):
    told_by, objects = odd
    head, *rows = csv_rows(told_by["csv"])
    assert head == COLUMNS and [json.loads(r[11]) for r in rows] == [o["pocsag"] for o in objects]
    assert [[head, *rows]] == [list(csv.reader(io.StringIO(told_by["csv"], newline=""), strict=True))]


def test_influx_of_odd_texts(odd):
    told_by, objects = odd
    for line, point in zip(objects, influx_lines(told_by["influx"]), strict=True):
        hold_influx(line, point, "pocsag")


@pytest.mark.parametrize("wrong", ["m f=1", "m,t= f=1 1", "m f=1,f=2 1", "m f=x 1", 'm f="a 1', "m  f=1 1", ",t=1 f=1 1",
                                   "m,time=1 f=1 1", "m f=1 x", "m,a=b\\ f=1 1", "m 1"])
def test_the_reader_of_lines_is_strict(wrong):
    with pytest.raises(Wrong):
        influx_line(wrong)


@pytest.mark.parametrize("wrong", ["a,b\r\nc\r\n", "a\n", 'a"b\r\n', '"a\r\n', '"a"b\r\n', "a,b"])
def test_the_reader_of_tables_is_strict(wrong):
    with pytest.raises(Wrong):
        csv_rows(wrong)


def test_a_wrong_format_is_told():
    hz.one_line(hz.run("decode", "-F", "beats", "x"), 2, "beats", "hertzd formats")


def test_the_list_of_formats():
    done = hz.run("formats")
    assert done.returncode == 0
    assert {l.split()[0] for l in done.stdout.decode().splitlines()[1:]} >= {"json", "beast", "sbs", "nmea", "kiss"}


# -- listeners ------------------------------------------------------------------------------------

AIR = "[receiver sky]\nsource = sim\n[channel 1090]\ndecoder = adsb\n"


def listener(name, format, more=""):
    return f"[listen {name}]\ntype = tcp\nformat = {format}\naddress = 127.0.0.1:0\n{more}"


def place(d, name):
    return d.endpoint(next(l["address"] for l in d.status()["listeners"] if l["name"] == name))


def take(address, enough, say=b""):
    with socket.create_connection(address, timeout=hz.PATIENCE) as s:
        s.sendall(say)
        data = b""
        while not enough(data):
            more = s.recv(65536)
            assert more, "it was closed"
            data += more
    return data


def test_listeners_send_formats():
    """To clients that say nothing, and to one that sends settings as mlat-client does."""
    with hz.Daemon(AIR + listener("beast", "beast") + listener("raw", "avr") + listener("sbs", "sbs")) as d:
        lines = hz.Lines(d.tcp)
        hz.messages(lines, 1)
        data = take(place(d, "beast"), lambda got: len(got) > 5000, b"\x1a1C\x1a1d\x1a1f\x1a1j")
        frames = beast_frames(data, cut=True)
        raw = {l.strip("*;") for l in take(place(d, "raw"), lambda got: got.count(b"\n") > 100).decode().split()[:-1]}
        rows = take(place(d, "sbs"), lambda got: got.count(b"\n") > 50).decode().split("\r\n")[:-1]
        seen = {m["raw"] for m in hz.messages(lines, 600)}
        assert {f[3].hex() for f in frames} & seen and raw & seen and len(raw & seen) > 50
        # an empty line is the beat of a stream that was quiet for a while, on a busy machine
        odd = [r for r in rows if r and len(r.split(",")) != 22]
        assert not odd, odd[:3]
        ticks = [f[1] for f in frames]
        assert max(ticks) - min(ticks) < 12e6 * 60 and min(ticks) > 0
        lines.close()


@pytest.mark.parametrize("keys,words", [
    ("format = beats\n", ("format", "beats", "hertzd formats")),
    ("format = beast\naddress = 0.0.0.0:30005\n", ("address", "allow = ")),
])
def test_a_wrong_listener_is_told(tmp_path, keys, words):
    (tmp_path / "x.conf").write_text(AIR + "[listen f]\ntype = tcp\n" + keys +
                                     ("" if "address" in keys else "address = 127.0.0.1:0\n"))
    done = hz.run("check", "-c", tmp_path / "x.conf")
    assert done.returncode == 2
    told_of = done.stderr.decode() + done.stdout.decode()
    assert all(w in told_of for w in words), told_of
