"""Decoders and what they make of a recording: hertzd, and others where they are installed. Each takes
(recording, protocol, rate, frequency) and gives its keys, one a message: the frame in hexadecimal, of a
page its address, function and text."""
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections import Counter
from pathlib import Path

import sensors

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
HERTZD = BUILD / "hertzd"
SHARED = Path(os.environ.get("HZ_SHARED", ROOT.parent / "shared"))
FREQ = {"adsb": 1090e6, "ais": 161.975e6, "ax25-9600": 144.8e6, "aprs": 144.8e6, "rs41": 403.5e6, "acars": 131.725e6,
        "vdl2": 136.975e6, "vdl2-root": 136.975e6, "rds": 98.35e6,
        "flex": 931.9375e6, "flex3200": 931.9375e6, "flex1600-4": 931.9375e6, "flex6400": 931.9375e6,
        "wmbus-t1": 868.95e6, "wmbus-c1": 868.95e6, "wmbus-s1": 868.3e6}


def output(command, **how):
    done = subprocess.run([str(c) for c in command], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, check=False, **how)
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]} ended with {done.returncode}: {' '.join(map(str, command))}")
    return done.stdout


def page_key(address, function, text):
    return f"{address}:{function}:{text.strip()}"


def key_of(message, protocol):
    if protocol == "pocsag":
        page = message["pocsag"]
        readings = [page[name] for name in page if name in ("alpha", "numeric")]  # the likelier one first
        return page_key(page["address"], page["function"], (readings or [""])[0])
    if protocol == "sensors":
        return sensors.key_of(message["sensors"])
    if protocol == "flex":
        return f"{message['flex']['capcode']}:{message['flex'].get('message', '').strip()}"
    if protocol == "nfm":
        return f"{message['nfm'].get('ctcss_hz', 0):g}"
    if protocol == "am":
        return f"{round(message['offset_hz'] / 500)}"
    return message["raw"].lower()


class Marked(str):
    """The key of a message that says itself that it may be wrong."""


def is_marked(message):
    page = message.get("pocsag") or message.get("flex") or {}
    if message.get("sensors", {}).get("confirmed") is False:
        return True
    return page.get("doubtful", False) or page.get("truncated", False)


def hertzd(recording, name, rate, freq):
    decoder = re.match("pocsag|flex|wmbus|vdl2|.*", name)[0]
    wanted = f"{decoder}@{freq / 1e6:.4f}M"
    if sensors.is_sensor(name):
        decoder = wanted = "sensors"
    if name == "rds":
        wanted += ",keep=all"
    lines = output([HERTZD, "decode", "-w", 1, "-d", wanted, recording])
    messages = [json.loads(line) for line in lines.splitlines()]
    return [(Marked if is_marked(m) else str)(key_of(m, decoder))
            for m in messages if m.get("kind") == "message" and m.get("rds", {}).get("type", "group") == "group"]


def dump1090(recording, name, rate, freq):
    out = output(["dump1090-mutability", "--ifile", recording, "--fix", "--raw"]).decode()
    return [m.lower() for m in re.findall(r"^\*([0-9A-Fa-f]+);", out, re.M)]


# of the filter with which the peer hears most in clean air: far wider or narrower costs it dBs
WIDTHS = {"ax25-9600": 12e3, "aprs": 9.5e3, "pocsag512": 11.5e3, "pocsag1200": 11.5e3, "pocsag2400": 11.5e3,
          "flex": 12.5e3, "flex3200": 14e3, "flex1600-4": 14e3, "flex6400": 16e3}


def audio(recording, name, rate, freq, width, out_hz):
    with open(recording, "rb") as f:
        return output([BUILD / "curve_fm", freq - centre_of(recording), width, rate, out_hz], stdin=f)


def direwolf(recording, name, rate, freq, width=None):
    with tempfile.NamedTemporaryFile(suffix=".wav") as wav:
        wav.write(audio(recording, name, rate, freq, width or WIDTHS[name], 48000))
        wav.flush()
        how = ["-B", "9600"] if name == "ax25-9600" else ["-P", "E+"]
        out = output(["atest", "-h", *how, wav.name]).decode(errors="replace")
    frames = []
    for block in out.split("DECODED[")[1:]:
        rows = re.findall(r"^  [0-9a-f]{3}:  ((?:[0-9a-f]{2} ){1,16})", block, re.M)
        frames.append("".join(rows).replace(" ", ""))
    return frames


def multimon(recording, name, rate, freq, width=None):
    samples = audio(recording, name, rate, freq, width or WIDTHS[name], 22050)[44:]
    if name.startswith("flex"):
        out = output(["multimon-ng", "-q", "-t", "raw", "-a", "FLEX", "-"], input=samples).decode(errors="replace")
        return [f"{int(m[1])}:{m[2].strip()}" for m in
                re.finditer(r"^FLEX.*?[|\[]0*(\d+)[|\]](?:ALN[|]| NUM )(.*)$", out, re.M)]
    pager = name.startswith("pocsag")
    how = ["-a", name.upper()] if pager else ["-A", "-a", "AFSK1200"]
    out = output(["multimon-ng", "-q", "-t", "raw", *how, "-"], input=samples).decode(errors="replace")
    if not pager:
        return re.findall(r"^APRS: (.*)$", out, re.M)
    pages = []
    for m in re.finditer(r"Address: +(\d+) +Function: (\d) *(?:\w+: ?(.*))?$", out, re.M):
        text = re.sub(r"<\w+>", "", m[3] or "")
        pages.append(page_key(m[1], m[2], text))
    return pages


def rtl_433(recording, name, rate, freq):
    return sensors.rtl_433(output, recording, rate)


def rtl_433_meters(recording, name, rate, freq):
    """Telegrams as we tell them: rtl_433 counts the length in another way, and has a CRC at the end."""
    lines = output(["rtl_433", "-s", int(rate), "-R", 104, "-R", 105, "-Y", "autolevel", "-F", "json", "-r", recording]).decode(errors="replace")
    data = [json.loads(line).get("data", "") for line in lines.splitlines() if line.startswith("{")]
    return [f"{len(d) // 2 - 3:02x}{d[2:-4]}" for d in data]


PEERS = {
    "sensors": [("rtl_433", "rtl_433", rtl_433)],
    "adsb": [("dump1090-mutability", "dump1090-mutability", dump1090)],
    "ax25-9600": [("direwolf", "atest", direwolf)],
    "aprs": [("direwolf", "atest", direwolf), ("multimon-ng", "multimon-ng", multimon)],
    "pocsag": [("multimon-ng", "multimon-ng", multimon)],
    "wmbus": [("rtl_433", "rtl_433", rtl_433_meters)],
    "flex": [("multimon-ng", "multimon-ng", multimon)],
}


def decoders(protocol):
    # dump1090-mutability reads 2.4 Msps only: nobody is beside us at 2.0
    name = protocol.split()[0]
    kind = "sensors" if sensors.is_sensor(name) else re.match("pocsag|flex|wmbus|vdl2|.*", protocol)[0]
    peers = PEERS.get(kind, [])
    return [("hertzd", hertzd)] + [(n, f) for n, program, f in peers if shutil.which(program)]


def centre_of(recording):
    return float(re.search(r"_([0-9.]+)M_", recording.name)[1]) * 1e6


def truth_key(frame, who):
    if "model" in frame["fields"]:
        return sensors.key_of(frame["fields"])
    if "capcode" in frame["fields"]:
        f = frame["fields"]
        return f"{f['capcode']}:{f['text'].strip()}"
    if frame["protocol"].startswith("pocsag"):
        f = frame["fields"]
        return page_key(f["address"], f["function"], f["text"])
    if who == "multimon-ng":  # the other generator has the text beside its fields
        return frame["tnc2"] if "tnc2" in frame else frame["fields"]["tnc2"]
    return frame["hex"].lower()


def score(truth, found, who):
    """Share of the frames that were sent, how many messages were never sent, and how many of those
    are marked."""
    wanted = Counter(truth_key(t, who) for t in truth if not t.get("weak"))
    weak = {truth_key(t, who) for t in truth if t.get("weak")}
    got = Counter(found)
    hits = sum(min(n, got[k]) for k, n in wanted.items())
    false = [k for k in found if k not in wanted and k not in weak]
    marked = sum(isinstance(k, Marked) for k in false)
    return hits / max(1, sum(wanted.values())), len(false), marked
