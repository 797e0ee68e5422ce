"""The first inputs of the fuzz targets: folder -> name -> bytes. Captures are made by captures.c."""
import json
import re
import struct
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def wav(kind, channels, bits, rate, samples, extra=b""):
    form = struct.pack("<HHIIHH", kind, channels, rate, rate * channels * bits // 8, channels * bits // 8, bits)
    body = b"WAVEfmt " + struct.pack("<I", len(form)) + form + extra + b"data" + struct.pack("<I", len(samples)) + samples
    return b"RIFF" + struct.pack("<I", len(body)) + body


def auxi():
    times = struct.pack("<8H8H", 2026, 11, 1, 23, 8, 26, 11, 0, 2026, 11, 1, 23, 8, 27, 11, 0)
    chunk = times + struct.pack("<9I", 1090000000, 0, 0, 0, 0, 0, 0, 0, 0)
    return b"auxi" + struct.pack("<I", len(chunk)) + chunk


def wavs():
    ramp = bytes(i * 7 % 256 for i in range(240))
    found = {f"audio-{bits}": wav(1, 1, bits, 22050, ramp) for bits in (8, 16, 24, 32)}
    found |= {"audio-float": wav(3, 1, 32, 48000, ramp), "stereo": wav(1, 2, 16, 48000, ramp),
              "iq": wav(1, 2, 16, 2400000, ramp, auxi()), "auxi": auxi()[8:]}
    found["rf64"] = (b"RF64\xff\xff\xff\xffWAVEds64" + struct.pack("<I3QI", 28, 300, 240, 60, 0) + wav(1, 1, 16, 48000, ramp)[12:])
    return found


def requests():
    """One of each method of the control socket, and some that are wrong."""
    calls = [("status", None), ("receivers", None), ("channels", None), ("clients", None), ("decoders", None), ("health", None)]
    calls += [(m, {"receiver": "roof", "value": v}) for m, v in
              (("tune", 1090000000), ("gain", "auto"), ("gain", 40.2), ("ppm", -1), ("bias", True))]
    calls += [("tune", {"receiver": "port", "value": 161500000, "force": True}),
              ("add_channel", {"receiver": "port", "name": "x", "decoder": "nfm", "frequency": "162.1M", "ctcss": 88.5,
                               "squelch": 0, "priority": 3, "bandwidth": "12.5k"}),
              ("spectrum", {"receiver": "port", "bins": 64, "fps": 50, "frames": 2}), ("spectrum", {"frames": 501}),
              ("remove_channel", {"name": "x"}), ("nonsense", [1])]
    lines = {m + str(i): json.dumps({"id": i, "method": m, **({"params": p} if p else {})}).encode() + b"\n"
             for i, (m, p) in enumerate(calls)}
    return {**lines, "all": b"".join(lines.values())}


def subscriptions():
    return {
        "filter": b'{"subscribe":{"protocol":["adsb"],"kind":["message"],"stream":"00112233445566aa","since":3}}\n',
        "channel": b'{"subscribe":{"channel":["1090"],"receiver":["roof"],"id":["4d2023"]}}\n',
        "place": b'{"subscribe":{"bbox":[50,-3.5,54,8],"min_snr":6.5,"every":"10s","id":"EVER GIVEN"}}\n',
    }


def lines():
    """Lines of another hertzd."""
    head = b'{"seq":7,"kind":"message","time":"2026-11-23T08:26:11.123456789Z","receiver":"roof","channel":"c","protocol":"%s",'
    levels = b'"freq_hz":1090000000,"simulated":true,"rssi_dbfs":-12.3,"noise_dbfs":-38,"snr_db":25.7,"sample":40128,"fixed_bits":0,'
    return {
        "adsb": head % b"adsb" + levels + b'"raw":"8d4840d6202cc371c32ce0576098","adsb":{"hex":"4840d6","lat":49.5,"lon":-7.25}}\n',
        "chain": head % b"ais" + b'"ais":{"mmsi":211281610,"text":"a\\u0000\\n"},"heard":[{"receiver":"a","channel":"b","snr_db":3}],'
                 b'"input":"json","origin":{"receiver":"b","channel":"c"},"via":["a","3f60a1c29be4d785"]}',
        "new": head % b"new" + b'"new":{"id":1e3,"a":[-0.0625,{"b":null,"c":false}]},"more":{"x":1e-3},"replayed":true}',
        "hello": b'{"kind":"hello","schema":1,"version":"0.1.0","stream":"3f60a1c29be4d785","seq":42}\n',
    }


def hub():
    """What a hub gets: token, subject, reply, id, status, data."""
    def message(*parts):
        return b"\x1e".join(parts)
    ack = b"$JS.ACK.hertzd.hub-12.1.41.7.1790000000000000000.3"
    out = {name: message(b"", b"hertzd.north.adsb.12", ack, b"3f60a1c29be4d785-%d" % i, b"", line)
           for i, (name, line) in enumerate(lines().items())}
    head = b'{"seq":9,"kind":"%s","time":"2026-11-23T08:26:11.5Z","receiver":"roof",'
    out["gap"] = message(b"", b"hertzd.north.none.1", ack, b"a-9", b"", head % b"gap" + b'"channel":"c","protocol":"ais","sample":1,"samples":2,"reason":"x"}\n')
    out["state"] = message(b"", b"hertzd.north.none.1", ack, b"a-10", b"", head % b"state" + b'"state":"lost","reason":"gone"}\n')
    out["copies"] = b"\x1d".join(m.replace(b"north", s).replace(b"3f60", s[:1] + b"f60") for m in (out["adsb"],) for s in (b"north", b"south", b"north"))
    out["created"] = message(b"c12", b"_INBOX.x", b"", b"", b"", b'{"type":"x","num_pending":4}')
    out["error"] = message(b"c12", b"_INBOX.x", b"", b"", b"", b'{"error":{"code":404,"description":"stream not found"}}')
    out["status"] = message(b"p12-1", b"_INBOX.x", b"", b"", b"408", b"")
    out["told"] = message(b"", b"_hertzd.hubs.a.b", b"", b"", b"", b"0123456789abcdef ffffffffffffffff ff")
    return out


def feeds():
    """What other programs send; the first byte chooses the format: proto/reader/registry.c."""
    frame = bytes.fromhex("8d4840d6202cc371c32ce0576098")
    short = bytes.fromhex("5d4840d6a11a19")
    ship = b"!AIVDM,1,1,,A,177KQJ5000G?tO`K>RA1wUbN0TKH,0*5F"
    ax25 = bytes.fromhex("82a0a4a64040609c60868298987303f021343930332e35304e2f30373230312e3735572d5465737420")
    return {
        "beast": b"\0\x1a3\1\x6c\xe3\x67\x1c\x74\x80" + frame + b"\x1a2\0\0\0\0\x1a\x1a\1\xff" + short.replace(b"\x1a", b"\x1a\x1a")
                 + b"\x1a\xe3\1\2\3\4\5\6\7\x08",
        "avr": b"\1*" + frame.hex().encode() + b";\r\n@0123456789ab" + frame.hex().upper().encode() + b";<0123456789abff" + frame.hex().encode() + b";",
        "nmea": b"\2" + ship + b"\r\n\\s:r3,c:1241544035*14\\" + ship + b",r003669946,1325394060\n"
                b"!AIVDM,2,1,1,A,55?MbV02;H;s<HtKR20EHE:0@T4@Dn2222222216L961O5Gf0NSQEp6ClRp8,0*1C\n!AIVDM,2,2,1,A,88888888880,2*25\n",
        "kiss": b"\3\xc0\0" + ax25 + b"\xc0\xc0\x10" + ax25 + b"\xdb\xdc\xc0\xc0\1\x28\xc0",
        "json": b"\4" + lines()["adsb"],
    }


def http():
    head = b"GET %s HTTP/1.1\r\nHost: 127.0.0.1:7380\r\n%s\r\n"
    up = b"Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    found = {"status": head % (b"/status", b""), "health": head % (b"/healthz", b"Connection: close\r\n"),
             "stream": head % (b"/stream?protocol=adsb%2Cais&since=3", up),
             "events": head % (b"/events?id=4840d6,x&bbox=50,-3.5,54,8&min_snr=6&every=10s", b"Last-Event-ID: 00112233445566aa:3\r\n"),
             "origin": head % (b"/stream", up + b"Origin: http://localhost:80\r\n"),
             "post": b"POST /status HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc",
             "rpc": b"POST /rpc HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
             "several": 2 * (head % (b"/whoami?token=0123456789abcdef&x=%20", b"Authorization: Bearer x\r\n"))}
    frames = {"text": b"\x81\x85\0\0\0\0hello", "ping": b"\x89\x80\0\0\0\0", "close": b"\x88\x82\0\0\0\0\x03\xe8",
              "subscribe": b"\x81\xa0\0\0\0\0" + b'{"subscribe":{"protocol":["a"]}}'}
    return {**{k: b"\0" + v for k, v in found.items()}, **{"ws-" + k: b"\1" + v for k, v in frames.items()}}


def home_assistant():
    """What a broker had retained: topic, payload."""
    def one(key, who, model, *entities):
        parts = {e: {"platform": "sensor", "unique_id": e, "state_topic": f"hertzd/roof/ha/{key}/{e}"} for e in entities}
        text = {"device": {"identifiers": [who], "model": model}, "origin": {"name": "hertzd"}, "components": parts}
        return f"homeassistant/device/{key}/config\n{json.dumps(text)}".encode()
    nexus = one("hertzd_roof_sensors_Nexus-TH-1-218", "hertzd:roof/sensors/Nexus-TH-1-218", "Nexus-TH", "temperature_C", "humidity", "snr")
    pager = one("hertzd_roof_simulated_pocsag_1234567", "hertzd:roof/simulated/pocsag/1234567", "Pager", "address")
    gone = one("hertzd_roof_receiver_roof", "hertzd:roof/receiver/roof", "rtlsdr")
    denied = one("hertzd_roof_sensors_none-1", "hertzd:roof/sensors/none-1", "none")
    time = b"hertzd/roof/ha/hertzd_roof_sensors_Nexus-TH-1-218/last_heard\n2026-11-23T08:26:11Z"
    return {"nexus": nexus, "pager": pager, "gone": gone, "denied": denied, "time": nexus + b"\0" + time,
            "all": b"\0".join((nexus, pager, gone, denied, time))}


def declarations():
    """Every eighth shipped declaration with a frame behind it, and one with all functions."""
    head = "[sensor a]\nmodel = A\nzero = +500 -1000\none = +500 -2000\nbits = 80\n"
    sections = []
    for path in sorted((ROOT / "config/sensors").glob("*.conf")):
        text = "\n".join(line for line in path.read_text().splitlines() if not line.startswith("#"))
        sections += ["[sensor " + part for part in text.split("[sensor ")[1:]]
    frame = bytes([0]) + bytes((i * i >> 3) & 1 for i in range(400))
    found = {f"shipped{i}": section.encode() + frame for i, section in enumerate(sections) if i % 8 == 0}
    calls = ("cat(0:4, 4:4) inv(0:8) rev(0:8) revn(0:8, 4) le(0:16) swap(0:8) even(0:8) odd(0:8) uart(0:20) un9(0:18) bits(5, 4) "
             "last(8) until(0, 8)").replace(", ", ",").split()
    calls = [f"hex({c})" for c in calls] + [
        "at(0:4, 8)", "tagged(0:64, 16, 4, 3)", "crc8(0:64, 0x31, 1, 2)", "crc16r(0:64, 0xa001)", "sum8(0:64) & 255", "xor4(0:8)",
        "digest8(0:8, 1, 2)", "digest8r(0:8, 1, 2)", "digest8v(0:8, 1, 2)", "digest16(0:8, 1, 2)", "roll(0:8, 3)",
        "pick(0:2, 1, 2)", "par(0:8)", "ones(0:8)", "signed(0:8)", "bcd(0:8)", "int(1.5)", "abs(-1)", "min(1, 2)", "max(1, 2)",
        "steps(0:4, 1, 2)", "table(0:4, 0 = 0, 15 = 1.5)", "hex(0:8, 4)", "HEX(0:8)", "bin(0:8)", "ascii(0:8)", "chr(65)",
        'tri(0:8, "0FX1")', "b4(0:8)", 'format("%02d-%x %s %c %.1f%%", 1, 2, "a", 66, 1.5)', "list(0:64, 9)",
        'enum(0:4, 1 = "a", 2, 3 = "b", else = "c")', "known(0:4)", "1 if 0:1 else none", "3 in (1, 2..5)", "1 < 0:4 <= 5",
        "-2 ** 2 // 3 % 4 | 5 ^ 6 & ~7 << 1 >> 1", "dr0:8 + sL0:16 + N0:8 + B0:8", "not 0:1 and 1:1 or f(2)"]
    found["functions"] = (head + "._f(x) = x * 2\n" + "".join(f".f{i} = {c}\n" for i, c in enumerate(calls))).encode() + frame
    found["keys"] = (head.replace("80", "8..80") + "length = 8 + 0:3\ncode = dm\nwhiten = (aa)x4\nsync = (+10 -10)x3\ngap = -9\n"
                     "lead = +1\ntail = -1\npreamble = 0x2d {3}a (01)x2\nchips = 01\nchip = 5\nfreq = 433.92M 300M..318M\n"
                     "period = 1000..2000\ntolerance = 5 %\nsent = 3\nrepeat = 2\nvaries = 0:1 2:3\nstrength = 5\nuse = no\n.a = 0:4\n"
                     'plausible = a -1..9\nexample = {8}f0 -> {"a": 15}\n[sensor b]\nlike = a\ntwins = a\nprefer = yes\n').encode() + frame
    return found


def tokens():
    token = b"0123456789abcdef"
    requests = {k: b"\1" + v[1:] for k, v in http().items() if v[:1] == b"\0"}
    return {"file": b"\0# role name token\nread kitchen " + token + b"\ncontrol me " + token + b"x\n",
            "networks": b"\x00192.168.0.0/16, fd00::/8 10.1.2.3", **requests,
            "bearer": b"\1GET /whoami HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + token + b"\r\n\r\n",
            "line": b'\2{"token":"' + token + b'","subscribe":{}}\n', "wrong": b'\2{"token":"x"}\n{"subscribe":{}}\n'}


def websocket():
    """First byte, length, payload of each frame."""
    def frames(*pairs):
        return b"".join(bytes([first, len(p)]) + p for first, p in pairs)
    words = b'{"subscribe":{"kind":"state"}}'
    return {"text": frames((0x81, words)), "fragments": frames((0x01, words[:9]), (0x89, b"ping"), (0x80, words[9:])),
            "close": frames((0x88, b"\x03\xe8bye"), (0x81, words)), "binary": frames((0x82, b"x")), "rsv": frames((0xC1, words)),
            "long": bytes([0x01, 255]) + b" " * 255 + bytes([0x80, 255]) + b" " * 255, "utf8": frames((0x81, b"\xed\xa0\x80"))}


def sigmf():
    meta = {"global": {"core:datatype": "ci16_le", "core:sample_rate": 2400000, "core:version": "1.0.0"},
            "captures": [{"core:sample_start": 0, "core:frequency": 1090e6, "core:datetime": "2026-11-23T08:26:11+02:00"},
                         {"core:sample_start": 9000, "core:header_bytes": 12, "core:datetime": "2026-11-23T08:27:11Z"}],
            "annotations": []}
    return {"two": json.dumps(meta).encode(), "one": json.dumps({**meta, "captures": meta["captures"][:1]}).encode()}


def told():
    """Lines of decoders whose messages formats tell."""
    place = {"type": "RS41", "frame": 7, "id": "L1", "datetime": "2026-01-01T00:00:00.5Z", "lat": 1.5, "lon": 2, "alt": 3, "vel_h": 4.5}
    objects = {
        "acars": {"mode": "2", "label": "H1", "block_id": "3", "ack": False, "tail": "N1", "text": "x", "msgno": "D50B", "flight": "WN1"},
        "vdl2": {"idx": 0, "avlc": {"src": {"addr": "345678"}, "cr": "Command"}},
        "rs41": {**place, "rs41_calconf51x16": "00ff", "rs41_mainboard_fw": 1, "tx_frequency": 403500}, "dfm": {**place, "type": "DFM17"},
        "sensors": {"model": "Nexus-TH", "id": 1, "temperature_C": 21.4}, "wmbus": {"mode": "T1", "id": "12345678"},
        "ais": {"type": 5, "mmsi": 1, "to_bow": 1, "to_stern": 2, "nmea": ["!AIVDM,1,1,,A,x,0*00"]},
        "pocsag": {"baud": 512, "address": 8, "function": 3, "type": "alpha", "alpha": "x\r"},
        "adsb": {"df": 17, "typecode": 4, "hex": "4840d6", "alt_baro": "ground"}, "aprs": {"tnc2": "A>B:x"}}
    head = {"kind": "message", "time": "2026-11-23T08:26:11.123456789Z", "receiver": "r", "channel": "3", "freq_hz": 1090000000,
            "rssi_dbfs": -12.3, "noise_dbfs": -38, "snr_db": 25.7, "offset_hz": -310}
    return {p: b"\0" + json.dumps({**head, "protocol": p, "raw": "8d4840d6202cc371c32ce0576098", p: o}).encode()
            for p, o in objects.items()}


def vdl2():
    """Octets of a transmission between flags, and frames without their check sequence."""
    def address(word, last=0):
        bits = f"{word:028b}"
        return bytes(int(bits[7 * i:7 * i + 7][::-1] + "0", 2) | (last if i == 3 else 0) for i in range(4))
    head = address(0x41144aa) + address(0x1abfdaf, 1)
    xid = bytes.fromhex("82 80000b 0109") + b"8885:1993" + bytes.fromhex("f0001b 000156 c803202fce c304") + b"EGLL" + \
        bytes.fromhex("c0062e71941 0f0dc 060382003c".replace(" ", ""))
    return {"acars": b"\x08" + head + b"\x44\xff\xff\x012.N1\x15H1" + b"3\x02D09AWN2340#DFBx\x03\0\0\x7f",
            "xid": b"\0" + head + b"\xaf" + xid, "ready": b"\0" + head + b"\x41", "call": b"\0" + head + bytes.fromhex("0410010b0000c105010000430082"),
            "data": b"\0" + head + bytes.fromhex("041001628101"), "flags": b"\0\x7e" + head + b"\x41\0\0\x7e"}


def igate():
    """Frames of AX.25, and information behind a header that the target puts in front."""
    def address(call, last=0):
        return bytes(ord(c) << 1 for c in f"{call:6}") + bytes([0x60 | last])
    frame = address("APRS") + address("DL1ABC") + address("WIDE1", 1) + b"\x03\xf0!4903.50N/07201.75W-"
    return {"frame": b"\0" + frame, "query": b"\1?APRS?", "third": b"\1}DL2X>APRS,TCPIP,DL1ABC*:>x", "line": b"\1>x\ry"}


def bursts():
    """Lengths as proto/sensors/burst.h packs them, behind a byte that says how many pieces they are."""
    def packed(first, lengths):
        out = bytes([first])
        for v in lengths:
            while v > 127:
                out += bytes([v & 127 | 128])
                v >>= 7
            out += bytes([v])
        return out
    row = [x for b in (0xa5, 0x3c) for i in range(8) for x in (500, 2000 if b >> i & 1 else 1000)] + [500]
    pwm = [x for i in range(16) for x in ((1050, 350) if 0x5a71 >> i & 1 else (350, 1050))] + [350]
    halves = [b ^ h for b in (1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 0, 0, 1, 1, 0, 1, 0, 0, 1) for h in (0, 1)]
    manchester = [52 * len(run) for run in re.findall("0+|1+", "".join(map(str, halves)))]
    return {"ppm": b"\x10" + packed(1, row + [0, 4000, 1] + row), "pwm": b"\0" + packed(1, pwm + [0, 11000, 1] + pwm),
            "manchester": b"\0" + packed(3, manchester), "two": b"\x11" + packed(1, row) + packed(1, row[::-1])}


def seeds():
    conf = (ROOT / "config/hertzd.conf").read_bytes()
    uncommented = b"\n".join(l[1:] if l[:1] == b"#" and l[1:2].islower() and b" = " in l else l for l in conf.splitlines())
    words = lambda *w: "\n".join(w).encode()
    return {
        "config": {"shipped": conf, "all-keys": uncommented},
        "arguments": {"file": words("-d", "adsb", "x_1090M_2400k.cu8"), "audio": words("-t", "audio", "-r", "22050", "-d", "pocsag", "-"),
                      "channel": words("-d", "nfm@446.00625M", "--audio", "D", "-f", "446M", "-r", "1M", "x.cs16")},
        "names": {str(i): n.encode() for i, n in enumerate((
            "gqrx_20261123_082611_1090000000_2400000_fc.raw", "baseband_162000000Hz_08-26-11_23-11-2026.wav",
            "g001_433.92M_250k.cu8", "2026-11-23_08-26-11_1536000SPS_162000000Hz.cf32", "SDRSharp_20261123_082611Z_162000000Hz_IQ.wav"))},
        "speech_files": {"json": b'\0{"recorded_by":"hertzd","name":"tape","format":"wav","time":"2001-01-01T00:00:00Z",'
                                b'"receiver":"air","channel":"voice","seconds":1,"bytes":9}',
                         "range": b"\1bytes=0-3", "name": b"\2/x/%Y/{channel}/{receiver}_{time}"},
        "burst": bursts(), "wav": wavs(), "sigmf": sigmf(),
        "recording": {k: bytes([1 if "audio" in k or k in ("stereo", "rf64") else 0, 1]) + v for k, v in wavs().items()}
        | {"raw": b"\x0e\2" + bytes(range(256))},
        "forms": told(), "igate": igate(), "vdl2_frame": vdl2(), "input_line": lines(), "hub": hub(), "reader": feeds(),
        "control": requests(), "http": http(), "tokens": tokens(), "declaration": declarations(), "home_assistant": home_assistant(), "websocket": websocket(),
        "event": {"when": b"\0new, gone 2h or enters 53.4,-9.7,53.7,10.3, enters 53.55,9.99,20km, emergency or distress\0x",
                  "text": b"\0text ~ /fire|(a[b-d]{2,3})+/ or silent 2h, flight ~ ^(DLH|KLM)[0-9]{1,4}\0FIRE in KLM1023",
                  "json": b'\1{"text":"{who:json} {reason}","x":{{id}}}\0a "b" \xc3\xa9', "url": b"\1https://h/?t={text:url}&r={x:raw}\0a&b"},
        "nats": {"stored": b'{"stream":"hertzd","seq":7,"duplicate":true}',
                 "refused": b'{"error":{"code":503,"err_code":10077,"description":"maximum messages exceeded"},"seq":0}',
                 "record": b'3f60a1c29be4d785-7\0hertzd.roof.adsb.12\0{"seq":7}', "subject": b"hertzd.*.>",
                 "spool": struct.pack("<IIQ", 4, 0x5c8e4b1a, 7) + b"data"},
        "spectrum": {"query": b"\0receiver=sky&bins=1024&fps=20&from=162M&to=162.05M",
                     "json": b'\1{"receiver":"sky","bins":1024,"fps":0.5,"from":162e6,"to":162050000}'},
        "rpc": {**{k: b"\0" + v for k, v in requests().items()}, **{k: b"\1" + v for k, v in subscriptions().items()}},
        "rtl_tcp": {"greeting": b"\0RTL0" + bytes(8) + bytes(9000), "samples": b"\x06" + bytes(range(256)) * 60,
                    "tuned": b"\x0e" + bytes(20000), "reset": b"\x36" + bytes(8000),
                    "commands": b"\3" + b"".join(struct.pack(">BI", c, 1000 * c) for c in range(16)),
                    "whole": bytes([3 | 4 << 2]) + b"".join(struct.pack(">BI", c, 1000 * c) for c in range(16))},
        "reload": {"one": bytes([0, 0, 3, 0, 4, 1, 0xff, 0, 0, 0, 3, 0, 128 + 7, 9, 5, 1]),
                   "more": bytes([0, 0, 0, 1, 2, 1, 2, 16, 6, 1, 7, 2, 0xff, 0, 0, 1, 128, 90])},
    }
