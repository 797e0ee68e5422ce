"""Messages of other programs: what they send becomes messages as if heard, and they disturb nothing."""
import json
import os
import random
import shutil
import socket
import subprocess
import wave

import hz
import pytest

pytestmark = pytest.mark.plain
SQUITTERS = ["8d4840d6202cc371c32ce0576098", "8da05f219b06b6af189400cbc33f", "8d485020994409940838175b284f"]
SHIP = b"!AIVDM,1,1,,A,177KQJ5000G?tO`K>RA1wUbN0TKH,0*5F\r\n"


def section(name, type, format, address="127.0.0.1:0", **keys):
    more = "".join(f"{k} = {v}\n" for k, v in keys.items())
    return f"[input {name}]\ntype = {type}\nformat = {format}\naddress = {address}\n{more}"


def state(d, name="in"):
    return {i["name"]: i for i in d.rpc.result("status")["inputs"]}[name]


def until(d, condition, name="in"):
    return hz.wait(lambda: (s := state(d, name)) and condition(s) and s)


def stream(d):
    c = hz.Lines(d.tcp)
    c.next()
    c.send(b"\n")
    return c


def peer(d, name="in"):
    """A program that has connected to a listening input."""
    return socket.create_connection(d.endpoint(state(d, name)["address"]), timeout=hz.PATIENCE)


def told(*args):
    done = hz.run("decode", "-F", *args)
    assert done.returncode == 0, done.stderr
    return done.stdout


def objects(text):
    return [json.loads(l) for l in text.splitlines()]


def test_beast_has_the_messages_and_counters_of_the_other_side(shared):
    """What one hertzd says in Beast, another takes, and says again with the same counters."""
    path = shared / "lab/adsb_s20_1090M_2400k.cu8"
    data, want = told("beast", path), objects(told("json", path))
    conf = section("in", "tcp", "beast", listen="yes", latitude=52, longitude=4)
    again = "[listen beast]\ntype = tcp\nformat = beast\naddress = 127.0.0.1:0\n"
    with hz.Daemon(conf + again) as d:
        c = stream(d)
        out = socket.create_connection(d.endpoint(
            {l["name"]: l for l in d.status()["listeners"]}["beast"]["address"]), timeout=hz.PATIENCE)
        p = peer(d)
        for at in range(0, len(data), 1000):
            p.sendall(data[at:at + 1000])
        got = hz.messages(c, len(want))
        back = b""
        while len(back) < len(data):
            back += out.recv(65536)
        assert back == data
        for w, g in zip(want, got, strict=True):
            assert (g["raw"], g["receiver"], g["channel"], g["input"]) == (w["raw"], "in", "in", "beast")
            assert g["adsb"]["hex"] == w["adsb"]["hex"] and g["freq_hz"] == 1090e6
            assert abs(g["rssi_dbfs"] - w["rssi_dbfs"]) < 0.1
            assert g["sample"] * 1e9 / 12e6 == pytest.approx(hz.nanoseconds(w), abs=100)
        s = state(d)
        assert (s["state"], s["peers"], s["bad"], s["refused"]) == ("listening", 1, 0, 0), s
        assert s["bytes"] == len(data) and s["messages"] == len(want)
        status, body = hz.http(d.http, "/aircraft")
        seen = {a["id"] for a in json.loads(body)["aircraft"]}
        assert status == 200 and seen == {w["adsb"]["hex"] for w in want}
        for s in (c, out, p):
            s.close()


def test_beast_and_avr_of_dump1090(shared, tmp_path):
    """dump1090 plays a recording; its frames come over two of its ports, and both copies are one message."""
    if not shutil.which("dump1090-mutability"):
        pytest.skip("dump1090-mutability is not there: .ci/setup peers")
    ports = {"beast": hz.free_port(), "avr": hz.free_port()}
    silence = b"\x80" * 2 * 131072  # a block of dump1090's
    recording = shared / "lab/adsb_s20_1090M_2400k.cu8"
    want = {m["raw"] for m in objects(told("json", recording))}  # dump1090 hears the same: test_format_peers.py
    with hz.Daemon("".join(section(f, "tcp", f, f"127.0.0.1:{p}") for f, p in ports.items())) as d:
        assert "cannot connect" in until(d, lambda s: s["state"] == "waiting", "beast")["error"]
        assert {(t["about"], t["name"], t["severity"]) for t in d.status()["troubles"]} >= {("input", "beast", "error")}
        c = stream(d)
        c.send({"subscribe": {"kind": ["message", "repeat"]}})
        os.mkfifo(tmp_path / "air")
        other = subprocess.Popen(
            ["dump1090-mutability", "--ifile", tmp_path / "air", "--net", "--net-bind-address", "127.0.0.1", "--quiet",
             "--net-bo-port", str(ports["beast"]), "--net-ro-port", str(ports["avr"]), "--net-ri-port", "0", "--net-bi-port", "0",
             "--net-sbs-port", "0", "--net-http-port", "0"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            with open(tmp_path / "air", "wb") as f:
                f.write(silence)
                f.flush()
                for name in ports:  # it serves the network while it waits for the second block
                    until(d, lambda s: s["state"] == "up", name)
                f.write(4 * silence + recording.read_bytes() + 8 * silence)  # it accepts clients between blocks
            for name in ports:  # the end of the recording is its end
                until(d, lambda s: s["state"] != "up" and s["messages"] > 0, name)
        finally:
            other.kill()
            other.wait()
        counts = {name: state(d, name) for name in ports}
        got = c.until(lambda r, left=[sum(s["messages"] for s in counts.values())]: r["kind"] in ("message", "repeat") and
                      left.__setitem__(0, left[0] - 1) is None and left[0] == 0)
        frames = {name: {m["raw"] for m in got if m.get("receiver") == name} for name in ports}
        for name, have in frames.items():
            assert have == want, (name, sorted(want - have)[:3], sorted(have - want)[:3])
            assert counts[name]["bad"] == 0 and counts[name]["refused"] + counts[name]["messages"] <= counts[name]["units"]
        assert any(len(m.get("heard", [])) == 2 for m in got)
        c.close()


def gpsdecoded(path):
    rows = objects(path.with_name(path.name + ".gpsdecode.json").read_text())
    return [r for r in rows if r.get("class") == "AIS"]


@pytest.mark.parametrize("name", ["rohankumar_rtl.nmea", "pyais_sample_a.nmea", "gpsd_type6_fid55_a.log", "libais_typeexamples.nmea"])
def test_sentences_say_what_gpsd_reads_in_them(shared, name):
    path = shared / "air/ais" / name
    want = gpsdecoded(path)
    with hz.Daemon(section("in", "tcp", "nmea", listen="yes")) as d:
        c, p = stream(d), peer(d)
        p.sendall(path.read_bytes())
        p.shutdown(socket.SHUT_WR)
        s = until(d, lambda s: s["peers"] == 0)
        got = hz.messages(c, s["messages"])
        ours = {}
        for m in got:
            ours.setdefault((m["ais"]["mmsi"], m["ais"]["type"]), []).append(m)
        assert s["messages"] >= len(want)
        for w in want:
            key = (w["mmsi"], w["type"])
            assert key in ours, w
            if "lat" in w and w["type"] in (1, 2, 3, 18) and abs(w["lat"]) <= 90:
                assert any(abs(m["ais"].get("lat", 99) - w["lat"]) < 1e-4 and abs(m["ais"].get("lon", 999) - w["lon"]) < 1e-4
                           for m in ours[key]), w
        assert all(m["input"] == "nmea" and "sample" not in m for m in got)
        c.close()
        p.close()


def test_datagrams_of_ais(shared):
    """As rtl_ais and AIS-catcher send them: sentences in datagrams, a message of several in one or more."""
    with hz.Daemon(section("in", "udp", "nmea", latitude=47.5, longitude=-122.3)) as d:
        c = stream(d)
        u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        u.connect(d.endpoint(state(d)["address"]))
        u.send(SHIP)
        u.send(b"\\s:roof,c:1795422371*7F\\" + SHIP.rstrip().replace(b",A,", b",B,").replace(b"5F", b"5C"))
        u.send(b"!AIVDM,2,1,1,A,55?MbV02;H;s<HtKR20EHE:0@T4@Dn2222222216L961O5Gf0NSQEp6ClRp8,0*1C")
        u.send(b"!AIVDM,2,2,1,A,88888888880,2*25\n$GPGGA,x*00\n!AIVDM,1,1,,A,177KQJ5000G?tO`K>RA1wUbN0TKH,0*00\n")
        got = hz.messages(c, 3)
        assert [(m["ais"]["type"], m["ais"]["mmsi"], m.get("freq_hz")) for m in got] == [
            (1, 477553000, 161975000), (1, 477553000, 162025000), (5, 351759000, 161975000)]
        assert got[0]["ais"]["nmea"] == [SHIP.decode().strip()]
        s = until(d, lambda s: s["units"] == 5)
        assert (s["skipped"], s["bad"], s["last_bad"], s["datagrams"]) == (1, 1, "a wrong sum", 4)
        table = subprocess.run([hz.CTL, "inputs", "--wide", "--socket", d.sock], capture_output=True, text=True).stdout.splitlines()
        assert table[0].split()[:3] == ["INPUT", "TYPE", "FORMAT"] and table[1].split()[:3] == ["in", "udp", "nmea"], table
        ships = json.loads(hz.http(d.http, "/ships")[1])["ships"]
        assert {s["id"] for s in ships} == {"477553000", "351759000"}
        for s in (c, u):
            s.close()


def test_kiss_of_direwolf(shared, tmp_path):
    """direwolf hears a recording; its KISS port gives us the frames that it prints as text."""
    if not shutil.which("direwolf"):
        pytest.skip("direwolf is not there: .ci/setup peers")
    port = next(p for p in iter(hz.free_port, None) if p < 49152)  # it takes no other
    recording = shared / "air/aprs/direwolf_ideal.wav"
    (tmp_path / "conf").write_text(f"ADEVICE stdin null\nACHANNELS 1\nMODEM 1200\nAGWPORT 0\nKISSPORT {port}\n")
    with hz.Daemon(section("in", "tcp", "kiss", f"127.0.0.1:{port}", frequency="144.8M")) as d:
        c = stream(d)
        other = subprocess.Popen(["direwolf", "-c", tmp_path / "conf", "-t", "0", "-r", "48000", "-"], stdin=subprocess.PIPE,
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        try:
            def up(s):
                assert other.poll() is None, other.stdout.read()
                return s["state"] == "up"
            until(d, up)
            with wave.open(str(recording)) as w:
                rate, sound = w.getframerate(), w.readframes(w.getnframes())
            assert rate == 48000, rate
            other.stdin.write(sound + bytes(96000))
            other.stdin.close()
            text = other.stdout.read().decode(errors="replace")
        finally:
            other.kill()
            other.wait()
        want = [l.split("] ", 1)[1] for l in text.splitlines() if l.startswith("[0")]
        got = hz.messages(c, len(want))
        assert want and [m["aprs"]["tnc2"] for m in got] == want
        assert all(m["input"] == "kiss" and m["freq_hz"] == 144.8e6 for m in got)
        c.close()


def lines_of(d):
    return section("in", "tcp", "json", f"{d.tcp[0]}:{d.tcp[1]}")


def test_lines_of_another_hertzd_through_three(shared):
    """Nothing of a message is lost from one to the next, times and marks included."""
    first = "[receiver sky]\nsource = sim\nscene = aircraft\n[channel 1090]\ndecoder = adsb\n"
    with hz.Daemon(first) as a, hz.Daemon(lines_of(a)) as b, hz.Daemon(lines_of(b)) as c:
        streams = [stream(d) for d in (a, b, c)]
        names = [d.rpc.result("status")["bus"]["stream"] for d in (a, b, c)]
        last = hz.messages(streams[2], 100)
        middle = {m["origin"]["receiver"]: m for m in hz.messages(streams[1], 1)}
        assert list(middle) == ["sky"]
        sent = {}
        while not all((m["time"], m["raw"]) in sent for m in last):
            m = hz.messages(streams[0], 1)[0]
            sent[m["time"], m["raw"]] = m
        for m in last:
            w = sent[m["time"], m["raw"]]
            own = ("seq", "receiver", "channel", "input", "origin", "via")
            assert {k: v for k, v in m.items() if k not in own} == {k: v for k, v in w.items() if k not in own}
            assert list(m)[:12] == list(w)[:12] and m["simulated"] is True
            assert m["origin"] == {"receiver": "in", "channel": "in", "input": "json", "origin": {"receiver": "sky", "channel": "1090"}}
            assert m["via"] == names
        for s in streams:
            s.close()


def test_two_that_read_each_other(shared):
    """What comes back is known, so nothing goes in circles."""
    port = hz.free_port()
    sim = "[receiver sky]\nsource = sim\nscene = aircraft\n[channel 1090]\ndecoder = adsb\n"
    fixed = f"[listen fixed]\ntype = tcp\naddress = 127.0.0.1:{port}\n"
    with hz.Daemon(section("in", "tcp", "json", f"127.0.0.1:{port}")) as b, hz.Daemon(sim + fixed + lines_of(b)) as a:
        until(b, lambda s: s["messages"] > 100)
        assert until(a, lambda s: s["looped"] > 50)["messages"] == 0


def test_what_came_meanwhile_is_asked_for(shared):
    """The connection breaks; nothing is lost, nothing comes twice. A hertzd that wants a token is told one."""
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(hz.PATIENCE)
    address = f"127.0.0.1:{server.getsockname()[1]}"

    def line(seq):
        return json.dumps({"seq": seq, "kind": "message", "time": f"2026-11-23T08:26:11.{seq:09}Z", "receiver": "r", "channel": "c",
                           "protocol": "pocsag", "freq_hz": 1, "sample": 1, "fixed_bits": 0, "raw": "00",
                           "pocsag": {"baud": 1200, "inverted": False, "address": seq, "function": 0, "type": "tone", "quality": 1}}).encode() + b"\n"

    with hz.Daemon(section("in", "tcp", "json", address, token="secret")) as d:
        c = stream(d)
        one, _ = server.accept()
        asked = one.makefile().readline()
        assert json.loads(asked) == {"token": "secret", "subscribe": {"kind": ["message"]}}
        one.sendall(b'{"kind":"hello","schema":1,"version":"0.1.0","stream":"3f60a1c29be4d785","seq":7}\n' + line(7) + line(8) + line(9)[:40])
        assert [m["pocsag"]["address"] for m in hz.messages(c, 2)] == [7, 8]
        one.close()
        two, _ = server.accept()
        assert json.loads(two.makefile().readline())["subscribe"] == {"kind": ["message"], "stream": "3f60a1c29be4d785", "since": 8}
        two.sendall(b'{"kind":"error","error":"no such token"}\n')
        two.close()
        assert "it said: no such token" in until(d, lambda s: "said" in s.get("error", ""))["error"]
        c.close()
    server.close()


def test_those_who_send_nonsense_disturb_nobody():
    """Garbage, a flood, half of a line, a reset: our own receiver goes on, and so does a good peer."""
    sim = "[receiver sky]\nsource = sim\nscene = aircraft\n[channel 1090]\ndecoder = adsb\n"
    conf = "".join(section(f, "tcp", f, listen="yes") for f in ("beast", "avr", "nmea", "kiss", "json"))
    noise = random.Random(1).randbytes(1 << 20)
    with hz.Daemon(sim + conf) as d:
        c = stream(d)
        bad = [peer(d, f) for f in ("beast", "avr", "nmea", "kiss", "json")]
        for p in bad:
            p.setblocking(False)
        good = peer(d, "nmea")
        sent = [0] * len(bad)
        while min(sent) < 3 << 20:
            for i, p in enumerate(bad):
                try:
                    sent[i] += p.send(noise[sent[i] % len(noise):])
                except BlockingIOError:
                    pass
        good.sendall(SHIP)
        seen = c.until(lambda r: r.get("input") == "nmea")
        assert seen[-1]["ais"]["mmsi"] == 477553000
        assert hz.messages(c, 20)[0]["receiver"] in ("sky", "nmea")
        for f in ("beast", "avr", "nmea", "json", "kiss"):
            s = until(d, lambda s: s["bytes"] > 2 << 20, f)
            assert s["bad"] > 0 and s["last_bad"], s
        for p in bad:  # a reset
            p.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            p.close()
        for f in ("beast", "avr", "json"):
            until(d, lambda s: s["peers"] == 0, f)
        good.sendall(SHIP)
        c.until(lambda r: r.get("input") == "nmea")
        c.close()
        good.close()


def test_reload_changes_what_changed():
    sections = {n: section(n, "tcp", "avr", listen="yes") for n in ("stays", "changes", "goes")}
    with hz.Daemon("".join(sections.values())) as d:
        one, two, three = (peer(d, n) for n in sections)
        d.write(sections["stays"] + section("changes", "udp", "nmea") + section("new", "tcp", "kiss", "127.0.0.1:9"))
        d.rpc.result("reload")
        until(d, lambda s: s["type"] == "udp", "changes")
        hz.wait(lambda: [i["name"] for i in d.status()["inputs"]] == ["stays", "changes", "new"]
                or [i["name"] for i in d.status()["inputs"]] == ["stays", "new", "changes"])
        assert two.recv(1) == three.recv(1) == b"" and state(d, "stays")["peers"] == 1
        for p in (one, two, three):
            p.close()


@pytest.mark.parametrize("text,word", [
    (section("x", "tcp", "beest"), "format = 'beest': expected one of beast, avr, nmea, kiss, json; did you mean 'beast'?"),
    (section("x", "tcp", "beast", "0.0.0.0:1", listen="yes"), "expected allow = 192.168.0.0/16"),
    (section("x", "udp", "nmea", "example.org:1"), "expected HOST:PORT with a numeric host"),
    (section("x", "tcp", "beast", "127.0.0.1"), "expected HOST:PORT with a name"),
    (section("x", "tcp", "beast", "127.0.0.1:1", token="t"), "token has no meaning with format = beast"),
    (section("x", "tcp", "kiss", "127.0.0.1:1", protocol="ais"), "expected aprs or ax25-9600"),
    (section("roof", "tcp", "kiss", "127.0.0.1:1"), "its messages would have the receiver roof"),
    ("[input x]\ntype = tcp\naddress = 127.0.0.1:1\n", "has no 'format'"),
])
def test_wrong_sections(tmp_path, text, word):
    path = tmp_path / "conf"
    path.write_text("[receiver roof]\nsource = sim\n[channel a]\ndecoder = adsb\n[listen l]\ntype = tcp\naddress = 127.0.0.1:0\n" + text)
    done = hz.run("check", "-c", path)
    assert done.returncode != 0 and word in done.stderr.decode(), done.stderr
