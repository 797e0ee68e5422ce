"""Metrics for Prometheus and the lines of kind `stats`, held against what was played."""
import json
import re
import shutil
import subprocess
import urllib.parse
import urllib.request

import hz
import pytest
from hz import wait

RULES = hz.ROOT / "docs/prometheus"
SCENE = hz.BIN.parent / "scene" if not hz.SANITIZED else hz.ROOT / "build/scene"
RATE = 2_400_000
SECONDS = 4


@pytest.fixture(scope="module")
def recording(tmp_path_factory):
    path = tmp_path_factory.mktemp("metrics") / "aircraft_1090M_2400k.cu8"
    with open(path, "wb") as f:
        subprocess.run([SCENE, "aircraft", "1", str(SECONDS)], stdout=f, check=True)
    return path


def parsed(text):
    """{name: {labels as a sorted tuple: value}}; each family is one piece, with its type first."""
    families, types, last = {}, {}, None
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert name not in types, name
            types[name], last = kind, name
        elif not line.startswith("#"):
            name, labels, value = re.fullmatch(r"(\w+)(?:\{(.*)\})? (\S+)", line).groups()
            assert re.sub("_(bucket|sum|count)$", "", name) == last or name == last, (name, last)
            assert types[last] != "counter" or name.endswith("_total")
            key = tuple(sorted(re.findall(r'(\w+)="([^"]*)"', labels or "")))
            assert key not in families.setdefault(name, {}), line
            families[name][key] = float(value)
    return families


def total(families, name, **labels):
    return sum(v for key, v in families[name].items() if set(labels.items()) <= set(key))


def scrape(d):
    status, body = hz.http(d.http, "/metrics")
    assert status == 200
    return body.decode()


def one_decode(recording):
    done = subprocess.run([hz.BIN, "decode", "-d", "adsb", recording], capture_output=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def playing(recording, daemon=""):
    return hz.Daemon(f"[hertzd]\nworkers = 2\n{daemon}\n[receiver roof]\nsource = file\npath = {recording}\npace = max\n"
                     "[channel 1090]\ndecoder = adsb\n")


def test_the_metrics_are_what_was_played(recording):
    truth = [m for m in one_decode(recording) if m["kind"] == "message"]
    with playing(recording) as d:
        wait(lambda: d.status()["receivers"][0]["state"] == "ended")
        f = parsed(scrape(d))
    assert total(f, "hertzd_decoder_messages_total", channel="1090") == len(truth)
    assert total(f, "hertzd_decoder_messages_total", integrity="repaired") == sum(m["fixed_bits"] > 0 for m in truth)
    assert total(f, "hertzd_decoder_candidates_total", result="message") == len(truth)
    assert total(f, "hertzd_input_samples_total", receiver="roof") == SECONDS * RATE
    assert total(f, "hertzd_input_up") == 0  # it has ended
    assert total(f, "hertzd_input_lost_samples_total") == 0
    measured = [m["snr_db"] for m in truth if "snr_db" in m]
    assert total(f, "hertzd_channel_snr_db_count") == len(measured) > 100
    assert total(f, "hertzd_channel_snr_db_sum") == pytest.approx(sum(measured), abs=0.06 * len(measured))
    for (_, le), in [[k for k in key if k[0] == "le"] for key in f["hertzd_channel_snr_db_bucket"]]:
        # what is told has one decimal, so those on the border may be on either side
        below = total(f, "hertzd_channel_snr_db_bucket", le=le)
        assert sum(s < float(le) - 0.05 for s in measured) <= below <= sum(s <= float(le) + 0.05 for s in measured)
    assert f["hertzd_build_info"] == {(("version", "0.1.0"),): 1}


def test_the_stats_lines_add_up_to_what_was_played(recording):
    truth = [m for m in one_decode(recording) if m["kind"] == "message"]
    with playing(recording, "stats = 1s") as d:
        c = hz.Lines(d.tcp)
        c.send({"subscribe": {"kind": ["stats"], "since": 0}})
        channel, receiver = [], []
        while sum(s["messages"] for s in channel) < len(truth) or not any(s["state"] == "ended" for s in receiver):
            record = c.next()
            if record["kind"] == "stats":
                (channel if "channel" in record else receiver).append(record)
        c.close()
    assert sum(s["messages"] for s in channel) == len(truth)
    assert sum(s["repaired"] for s in channel) == sum(m["fixed_bits"] > 0 for m in truth)
    assert sum(s["snr_db"]["messages"] for s in channel if "snr_db" in s) == sum("snr_db" in m for m in truth)
    assert sum(s["samples"] for s in receiver) == SECONDS * RATE
    assert all(s["replayed"] for s in channel + receiver)
    busy = max(channel, key=lambda s: s["messages"])
    if busy["messages"] == len(truth):
        snr = sorted(m["snr_db"] for m in truth if "snr_db" in m)
        assert busy["snr_db"]["p50"] == pytest.approx(snr[len(snr) // 2], abs=1.1)


def test_no_stats_lines_where_they_are_off(recording):
    with playing(recording, "stats = 0") as d:
        wait(lambda: d.status()["receivers"][0]["state"] == "ended")
        c = hz.Lines(d.tcp)
        c.send({"subscribe": {"since": 0}})
        kinds = {c.next()["kind"] for _ in range(50)}
        c.close()
    assert "stats" not in kinds


def test_a_reload_changes_how_often_stats_are_told(recording):
    with playing(recording, "stats = 0") as d:
        wait(lambda: d.status()["receivers"][0]["state"] == "ended")
        d.conf.write_text(d.conf.read_text().replace("stats = 0", "stats = 1s"))
        d.rpc.result("reload")
        c = hz.Lines(d.tcp)
        c.send({"subscribe": {"kind": ["stats"]}})
        c.until(lambda r: r["kind"] == "stats")
        c.close()


def test_promtool_has_nothing_to_say(recording):
    tool = shutil.which("promtool")
    if not tool:
        pytest.skip("promtool is not installed")
    with playing(recording) as d:
        done = subprocess.run([tool, "check", "metrics"], input=scrape(d).encode(), capture_output=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    done = subprocess.run([tool, "check", "rules", RULES / "hertzd.rules.yml"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr + done.stdout


def documented():
    return re.findall(r"^\| `(hertzd_\w+)` \|", (hz.ROOT / "docs/metrics.md").read_text(), re.M)


def test_every_metric_is_documented_and_in_use(recording):
    with hz.Daemon("[receiver sky]\nsource = sim\nscene = mix\n[channel ships]\ndecoder = ais\nfrequency = 161.975M\n"
                   "[channel voice]\ndecoder = nfm\nfrequency = 161.6M\n[output log]\ntype = file\npath = log.jsonl\n"
                   "[input other]\ntype = tcp\nformat = beast\naddress = 127.0.0.1:1\n") as d:
        wait(lambda: any("level_dbfs" in c for c in d.status()["channels"]))
        text = scrape(d)
    told = set(re.findall(r"^# TYPE (\w+)", text, re.M))
    assert told == set(documented())
    known = {"up"} | told | {f"hertzd_channel_snr_db_{end}" for end in ("bucket", "sum", "count")}
    for file in ("hertzd.rules.yml", "grafana.json"):
        used = set(re.findall(r"\bhertzd_\w+|\bup\b(?=\{)", (RULES / file).read_text()))
        assert used <= known, used - known


def test_prometheus_scrapes_it_and_fires_the_alert(recording, tmp_path):
    """The real one: it takes the scrape, and tells of a receiver that delivers nothing."""
    program = shutil.which("prometheus")
    if not program:
        pytest.skip("prometheus is not installed")
    port = hz.free_port()

    def ask(what):
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/{what}", timeout=10) as a:
            return json.load(a)["data"]

    def answers():
        try:
            return ask("query?query=" + urllib.parse.quote("hertzd_input_samples_total"))["result"]
        except OSError:
            return None

    with playing(recording) as d:
        rules = (RULES / "hertzd.rules.yml").read_text().replace("for: 2m", "for: 0s")
        (tmp_path / "hertzd.rules.yml").write_text(rules)
        conf = (RULES / "prometheus.yml").read_text()
        conf = conf.replace("15s", "1s\n  evaluation_interval: 1s").replace("127.0.0.1:7380", f"127.0.0.1:{d.http[1]}")
        (tmp_path / "prometheus.yml").write_text(conf)
        with open(tmp_path / "log", "w") as log:
            p = subprocess.Popen([program, f"--config.file={tmp_path}/prometheus.yml", f"--storage.tsdb.path={tmp_path}/data",
                                  f"--web.listen-address=127.0.0.1:{port}"], stderr=log, stdout=log)
        try:
            found = wait(answers)
            assert found[0]["metric"]["receiver"] == "roof"
            wait(lambda: any(a["labels"]["alertname"] == "HertzdReceiverDown" and a["state"] == "firing"
                             for a in ask("alerts")["alerts"]))
            assert not any(a["labels"]["alertname"] == "HertzdDown" for a in ask("alerts")["alerts"])
        finally:
            p.terminate()
            p.wait()
