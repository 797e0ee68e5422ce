"""Stations, hubs between them and readers, and what must hold for what the readers got. The truth is
what the stream itself stores, and what build/stations says that it sent."""
import json
import re
import subprocess
import threading
import time
from collections import defaultdict

import hz

STATIONS = hz.ROOT / "build/stations"


def conf(urls, durable="sky", hold="1s", more=""):
    return (f"[hertzd]\nhistory = 200000\nhistory_bytes = 256M\n"
            f"[input sky]\ntype = nats\nurl = {urls}\nstream = hertzd\ndurable = {durable}\nhold = {hold}\n{more}\n")


def of_input(daemon):
    return next(i for i in daemon.status()["inputs"] if i["name"] == "sky")


def wait_shared(hubs):
    """Until the hubs have all buckets among them, each one in one hub."""
    def attempt():
        found = [of_input(h) for h in hubs]
        return all(f["hubs"] == len(hubs) for f in found) and sum(count(f["buckets"]) for f in found) == 64
    hz.wait(attempt)


def count(buckets):
    """How many "0-3,7" are."""
    ends = [[int(x) for x in part.split("-")] for part in buckets.split(",") if part]
    return sum(e[-1] - e[0] + 1 for e in ends)


def sky(path):
    """Lines of the simulator's dense sky, as hertzd decodes them: what the stations hear."""
    capture = path / "dense_1090M_2400k.cu8"
    with open(capture, "wb") as f:
        subprocess.run([hz.ROOT / "build/scene", "dense", "1", "3"], stdout=f, check=True)
    lines = path / "sky.jsonl"
    lines.write_bytes(hz.run("decode", "-d", "adsb", capture).stdout)
    capture.unlink()
    return lines


def stations(urls, lines, **options):
    """Starts build/stations; its end is what ended() gives."""
    words = [w for k, v in options.items() for x in (v if isinstance(v, list) else [v])
             for w in (f"--{k.replace('_', '-')}", str(x))]
    return subprocess.Popen([STATIONS, "--url", urls, "--lines", lines, *words], stdout=subprocess.PIPE, text=True)


def ended(process, timeout=600):
    out, _ = process.communicate(timeout=timeout)
    assert process.returncode == 0, out
    return json.loads(out)


LINE = re.compile(rb'^\{"seq":(\d+),"kind":"message","time":"[^"]*T(\d\d):(\d\d):(\d\d\.\d+)Z".*?"snr_db":([-\d.]+)'
                  rb'.*?"sample":(\d+).*?"origin":\{"station":"([^"]+)","stream":"([^"]+)","seq":(\d+)')
HEARD = re.compile(rb'"heard":\[(.*?)\]')
STATION = re.compile(rb'"station":"([^"]+)"')


class Message:
    __slots__ = ("seq", "sample", "snr", "origin", "heard", "late_s", "at", "hub")

    def __init__(self, m, line, now, hub):
        self.seq = int(m[1])
        at = int(m[2]) * 3600 + int(m[3]) * 60 + float(m[4])
        self.late_s = (now % 86400 - at + 43200) % 86400 - 43200
        self.snr, self.sample = float(m[5]), int(m[6])
        self.origin = (m[7].decode(), m[8].decode(), int(m[9]))
        heard = HEARD.search(line, m.end())
        self.heard = {s.decode() for s in STATION.findall(heard[1])} if heard else {self.origin[0]}
        self.hub, self.at = hub, now


class Reader(threading.Thread):
    """A client of one hub: every message with the time of its arrival."""

    def __init__(self, address, hub=0):
        super().__init__()
        self.got, self.missed, self.hub = [], 0, hub
        self.client = hz.Lines(address)
        self.client.sock.settimeout(None)
        self.client.send({"subscribe": {"kind": ["message"], "since": 0}})
        self.start()

    def run(self):
        held = b""
        while True:
            try:
                data = self.client.sock.recv(1 << 18)
            except OSError:
                break
            if not data:
                break
            now = time.time()
            *lines, held = (held + data).split(b"\n")
            for line in lines:
                if m := LINE.match(line):
                    self.got.append(Message(m, line, now, self.hub))
                elif b'"missed"' in line:
                    self.missed += json.loads(line)["missed"]

    def close(self):
        self.client.sock.shutdown(2)
        self.join()
        self.client.close()


def truth(cluster):
    """Of each transmission: what each station that published it heard, {sample: {station: snr}}."""
    heard = defaultdict(dict)
    for m in cluster.read("hertzd"):
        station = m.subject.split(".")[1]
        snr = re.search(rb'"snr_db":([-\d.]+)', m.data)[1]
        sample = re.search(rb'"sample":(\d+)', m.data)[1]
        heard[int(sample)][station] = float(snr)
    return heard


def judge(readers, heard):
    """What is wrong with what the readers got, in numbers. `again`: lines that a reader knows by their
    origin, `twice`: transmissions that are there twice all the same."""
    origins, by_sample, again = set(), defaultdict(list), 0
    for m in (m for r in readers for m in r.got):
        if m.origin in origins:
            again += 1
            continue
        origins.add(m.origin)
        by_sample[m.sample].append(m)
    found = {"lost": len(heard.keys() - by_sample.keys()), "invented": len(by_sample.keys() - heard.keys()),
             "again": again, "twice": sum(len(l) - 1 for l in by_sample.values()),
             "missed": sum(r.missed for r in readers), "not_best": 0, "wrongly_named": 0, "unnamed": 0,
             "messages": len(by_sample), "copies": sum(map(len, heard.values()))}
    for sample, list_of in by_sample.items():
        for m in list_of:
            own = heard.get(sample, {})
            found["wrongly_named"] += not m.heard <= own.keys()
            found["not_best"] += m.snr < max((own[s] for s in m.heard if s in own), default=m.snr) - 0.05
        found["unnamed"] += len(own.keys() - set().union(*(m.heard for m in list_of)))
    return found


def percentile(values, p):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * p / 100))] if ordered else float("nan")
