"""README, "Replace your …": its configurations pass `hertzd check` as they stand there; and with a
simulated or replayed source and other ports they give what the programs gave that they replace."""
import json
import lzma
import re
import shutil
import socket
import subprocess

import hz
import pytest
from test_formats import beast_frames, unkiss
from test_webhooks import Server

SECTION = re.search(r"^## Replace your …\n(.*?)^## ", (hz.ROOT / "README.md").read_text(), re.M | re.S)[1]
BLOCKS = {title.split(",")[0]: text for title, text in re.findall(r"^### ([^\n]+)\n.*?^```ini\n(.*?)^```$", SECTION, re.M | re.S)}
SIM = "source = sim\nscene = {}\npace = realtime"


class Moved:
    """The lines of the README with another source, and each port and path of them moved; a port of
    them is .port[30005]."""

    def __init__(self, name, source, folder, targets=()):
        text = BLOCKS[name]
        assert text.count("source = rtlsdr") == 1
        text = text.replace("source = rtlsdr", source)
        self.port = {}
        for section in re.split(r"(?m)^(?=\[)", text):
            m = re.search(r"address = (\S+):(\d+)", section)
            if m and section.startswith(("[listen", "[input")):
                self.port[int(m[2])] = hz.free_port()
                text = text.replace(section, section.replace(m[0], f"address = 127.0.0.1:{self.port[int(m[2])]}"))
        for old, new in dict(targets).items():
            assert old in text, old
            text = text.replace(old, new)
        self.text = text.replace("/run/readsb", str(folder / "readsb"))
        self.text = self.text.replace("type = ais-post\n", "type = ais-post\nmarked = yes\ninterval = 1s\n")
        self.text = self.text.replace("type = aprs-is\n", "type = aprs-is\nmarked = yes\n")

    def connect(self, port):
        s = socket.create_connection(("127.0.0.1", self.port[port]))
        s.settimeout(hz.PATIENCE)
        return s


def replay(folder, golden, name):
    """A recording under a name that puts its band where the README's frequency is."""
    path = folder / name
    path.write_bytes(lzma.decompress((hz.ROOT / "tests/golden" / golden).read_bytes()))
    return f"source = file\npath = {path}\nloop = yes\npace = realtime"


def lines(sock, count):
    data = b""
    while data.count(b"\n") < count:
        more = sock.recv(65536)
        assert more, data
        data += more
    return data.decode().splitlines()[:count]


@pytest.mark.plain
@pytest.mark.parametrize("name", BLOCKS)
def test_the_lines_are_right_as_they_stand(name, tmp_path):
    path = tmp_path / "hertzd.conf"
    path.write_text(BLOCKS[name])
    done = hz.run("check", "-c", path)
    assert done.returncode == 0, done.stderr.decode()


def test_what_is_missing_is_said():
    assert set(BLOCKS) == {"readsb", "AIS-catcher", "direwolf", "multimon-ng", "rtl_tcp", "rtl_433", "rtl_433 beside hertzd", "acarsdec", "dumpvdl2"}
    said = re.search(r"^### [^\n]*dumpvdl2[^\n]*\n(.*?)(?=^###|\Z)", SECTION, re.M | re.S)[1]
    assert said.count("Not there") == 1


def test_readsb(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as aggregator:
        aggregator.settimeout(hz.PATIENCE)
        m = Moved("readsb", SIM.format("aircraft"), tmp_path,
                  {"feed.example.org:30004": "127.0.0.1:%d" % aggregator.getsockname()[1]})
        (tmp_path / "readsb").mkdir()
        with hz.Daemon(m.text) as d:
            for line in lines(m.connect(30002), 20):
                assert re.fullmatch(r"\*(?:[0-9a-fA-F]{14}){1,2};\r?", line), line
            rows = [l for l in lines(m.connect(30003), 20) if l.strip()]
            assert rows and all(r.startswith("MSG,") and r.count(",") == 21 for r in rows)
            beast, data = m.connect(30005), b""
            feed, _ = aggregator.accept()
            for s in (beast, feed):
                s.settimeout(hz.PATIENCE)
                data = b""
                while len(data) < 2000:
                    data += s.recv(4096)
                frames = beast_frames(data, cut=True)
                assert len(frames) > 20 and {len(f[3]) for f in frames} <= {2, 7, 14}
            # another receiver brings a frame of its own: DF 17 of 4840d6, Annex 10's example
            into = m.connect(30004)
            own = bytes.fromhex("8d4840d6202cc371c32ce0576098")
            client = hz.Lines(d.tcp)
            client.next()
            client.send({"subscribe": {"id": "4840d6"}})
            assert client.next()["kind"] == "subscribed"
            into.sendall(b"\x1a3" + bytes(6) + b"\x80" + own.replace(b"\x1a", b"\x1a\x1a"))
            got = client.until(lambda r: r["kind"] == "message")[-1]
            assert got["receiver"] == "others" and got["raw"] == own.hex() and got["input"] == "beast"
            files = tmp_path / "readsb"
            sky = hz.wait(lambda: (files / "aircraft.json").exists()
                          and (a := json.loads((files / "aircraft.json").read_text()))["aircraft"] and a)
            assert {"hex", "seen", "messages"} <= set(sky["aircraft"][0]) and sky["messages"] > 0
            receiver = json.loads((files / "receiver.json").read_text())
            assert (receiver["lat"], receiver["lon"]) == (48.137, 11.575)
            client.close()


def test_ais_catcher(tmp_path):
    plotter, json_in = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
    for s in (plotter, json_in):
        s.bind(("127.0.0.1", 0))
        s.settimeout(hz.PATIENCE)
    with Server() as community:
        m = Moved("AIS-catcher", SIM.format("vhf"), tmp_path)
        m.text = m.text.replace("address = 127.0.0.1:10110", "address = 127.0.0.1:%d" % plotter.getsockname()[1])
        m.text = m.text.replace("address = 127.0.0.1:10111", "address = 127.0.0.1:%d" % json_in.getsockname()[1])
        m.text = m.text.replace("https://ais.example.org", community.url)
        m.text = m.text.replace("[listen web]", "[listen page]")  # the test's own is called so
        with hz.Daemon(m.text):
            tcp = m.connect(10110)
            sentences = [plotter.recv(2048).decode() for _ in range(3)]
            assert all(re.match(r"!AIVDM,\d,\d,\d?,[AB]?,", s) for s in sentences), sentences
            assert all(l.startswith("!AIVDM,") for l in lines(tcp, 3))
            ship = json.loads(json_in.recv(4096))
            assert ship["class"] == "AIS" and ship["mmsi"] and ship["nmea"]
            path, _, body = community.wait(1)[0]
            assert path == "/in" and body
            if shutil.which("gpsdecode"):
                done = subprocess.run(["gpsdecode", "-u"], input="".join(sentences).encode(), capture_output=True)
                assert b'"class":"AIS"' in done.stdout, done
    for s in (plotter, json_in):
        s.close()


def test_direwolf(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(hz.PATIENCE)
        m = Moved("direwolf", replay(tmp_path, "aprs_144.8M_48k.cu8.xz", "x_144.8M_48k.cu8"), tmp_path,
                  {"euro.aprs2.net:14580": "127.0.0.1:%d" % server.getsockname()[1]})
        with hz.Daemon(m.text):
            kiss, text = m.connect(8001), m.connect(8002)
            igate, _ = server.accept()
            igate.settimeout(hz.PATIENCE)
            igate.sendall(b"# test server\r\n")
            login = igate.makefile("rb").readline()
            assert login.startswith(b"user N0CALL-10 pass 13023 vers hertzd"), login
            line = next(l for l in lines(text, 1))
            assert re.match(r"[A-Z0-9-]+>[A-Z0-9-]+[,:]", line), line
            data = b""
            while data.count(b"\xc0") < 4:
                data += kiss.recv(4096)
            frame = unkiss(data[:data.rindex(b"\xc0")])[0]
            assert b"\x03\xf0" in frame
        if shutil.which("kissutil"):
            with hz.Daemon(m.text):
                peer = subprocess.Popen(["kissutil", "-h", "127.0.0.1", "-p", str(m.port[8001])], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
                try:
                    told = next(l for l in peer.stdout if ">" in l)
                finally:
                    peer.kill()
                    peer.communicate()
            assert re.search(r"[A-Z0-9-]+>[A-Z0-9-]+", told), told


def test_multimon(tmp_path):
    m = Moved("multimon-ng", replay(tmp_path, "pocsag1200_153.35M_48k.cu8.xz", "x_439.9875M_48k.cu8"), tmp_path)
    with hz.Daemon(m.text):
        line = lines(m.connect(7374), 1)[0]
    # pagermon's reader: /POCSAG(\d+): Address:/, then Function and Alpha or Numeric
    assert re.match(r"POCSAG1200: Address: +\d+ +Function: +\d +(Alpha|Numeric): +\S", line), line


def test_rtl_tcp(tmp_path):
    m = Moved("rtl_tcp", SIM.format("aircraft"), tmp_path, {"rate = 2400k\ncentre = 1090M\n": ""})
    with hz.Daemon(m.text):
        clients = [m.connect(1234) for _ in range(2)]
        for c in clients:
            data = b""
            while len(data) < 100000:
                data += c.recv(65536)
            assert data[:4] == b"RTL0" and len(set(data[12:])) > 10
            c.close()


def test_rtl_433(tmp_path):
    m = Moved("rtl_433", SIM.format("ism"), tmp_path)
    with hz.Daemon(m.text.replace("[listen json]", "[listen lines]")), m.connect(7373) as c:
        told = [json.loads(line) for line in lines(c, 4)]
    sensors = [line["sensors"] for line in told if line["kind"] == "message"]
    assert sensors and all("model" in s and "id" in s for s in sensors), told


def test_rtl_433_beside_hertzd(tmp_path):
    """The program itself, on samples that hertzd shares: it ends by itself after a second of them."""
    path = tmp_path / "x_433.92M_1024k.cu8"
    path.write_bytes(bytes([127, 128]) * 102400)
    m = Moved("rtl_433 beside hertzd", f"source = file\npath = {path}\nloop = yes\npace = realtime", tmp_path,
              {"rate = 1024k\ncentre = 433.92M\n": "format = cu8\nrate = 1024k\ncentre = 433.92M\n"})
    with hz.Daemon(m.text):
        with m.connect(1234) as c:
            assert c.recv(4) == b"RTL0"
        if not shutil.which("rtl_433"):
            pytest.skip("rtl_433 is not there: .ci/setup peers")
        done = subprocess.run(["rtl_433", "-d", f"rtl_tcp:127.0.0.1:{m.port[1234]}", "-f", "433.92M", "-s", "1024k", "-T", "1"],
                              capture_output=True, text=True, timeout=hz.PATIENCE)
        assert "rtl_tcp connected" in done.stderr, done.stderr


def test_acarsdec(shared, tmp_path):
    """Messages of a capture reach acarshub's port in acarsdec's form."""
    capture = shared / "lab/acars_s15_131.715M_48k.cu8"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as hub:
        hub.bind(("127.0.0.1", 0))
        hub.settimeout(hz.PATIENCE)
        m = Moved("acarsdec", f"source = file\npath = {capture}\npace = realtime", tmp_path,
                  {"acarshub.example.org:5550": "127.0.0.1:%d" % hub.getsockname()[1]})
        with hz.Daemon(m.text):
            told = json.loads(hub.recv(65536))
        assert (told["station_id"], told["freq"], told["tail"], told["msgno"]) == ("XX-ROOF-ACARS", 131.725, "N60CQ", "M78A")
        assert told["app"]["name"] == "hertzd" and told["error"] == 0 and "timestamp" in told


def test_dumpvdl2(tmp_path, shared):
    path = shared / "lab/vdl2_s20_136.955M_105k.cu8"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as hub:
        hub.bind(("127.0.0.1", 0))
        hub.settimeout(hz.PATIENCE)
        m = Moved("dumpvdl2", f"source = file\npath = {path}\nloop = yes\npace = realtime", tmp_path,
                  {"127.0.0.1:5555": "127.0.0.1:%d" % hub.getsockname()[1]})
        with hz.Daemon(m.text):
            told = [json.loads(hub.recv(65536))["vdl2"] for _ in range(5)]
    assert all(t["station"] == "XX-ROOF-VDL2" and t["freq"] == 136975000 and t["avlc"]["src"]["addr"] for t in told)
    assert any("acars" in t["avlc"] for t in told)
