"""Files of the daemon: any format, series of files, compression, limits, and kill -9 in the middle."""
import gzip
import json
import re
import shutil
import signal
import subprocess
import time

import hz
import pytest
from languages import csv_rows, influx_lines
from test_formats import COLUMNS, beast_frames

SKY = "[receiver sky]\nsource = sim\nscene = aircraft\n[channel 1090]\ndecoder = adsb\n"
MIX = "[receiver vhf]\nsource = sim\nscene = mix\n[channel ships]\ndecoder = ais\n"


def fast(shared):
    """Some 20,000 messages a second, for ever."""
    return hz.conf(shared / "lab/adsb_s20_1090M_2400k.cu8", "loop = yes\npace = max")


def output(name, path, more=""):
    return f"[output {name}]\ntype = file\npath = {path}\n{more}\n"


def outputs(d):
    return {o["name"]: o for o in d.status()["outputs"]}


def seconds_of(file):
    return re.search(r"_(\d{8}T\d{6}Z)", file.name)[1]


def order(file):
    """Of files of one series."""
    number = re.search(r"Z_(\d+)", file.name)
    return seconds_of(file), int(number[1]) if number else 1


def text_of(file):
    if file.name.endswith(".gz"):
        return gzip.decompress(file.read_bytes())
    if file.name.endswith(".zst"):
        return subprocess.run(["zstd", "-dcq", file], capture_output=True, check=True).stdout
    return file.read_bytes()


def test_files_in_other_formats(tmp_path):
    names = {"beast": "a.beast", "sbs": "a.sbs", "csv": "a.csv", "influx": "a.influx", "nmea": "a.nmea"}
    conf = (SKY + MIX.replace("[channel ships]", "[channel ships]\nreceiver = vhf")
            + "".join(output(f, tmp_path / n, f"format = {f}") for f, n in names.items()))
    conf = conf.replace("[channel 1090]", "[channel 1090]\nreceiver = sky")
    with hz.Daemon(conf) as d:
        hz.wait(lambda: all(o["written"] > 4 for o in outputs(d).values()))
        told = outputs(d)
        assert all(o["state"] == "writing" and o["lost"] == 0 for o in told.values())
        d.stop()
    assert {f[0] for f in beast_frames((tmp_path / "a.beast").read_bytes())} <= {b"2", b"3"}
    assert all(l.startswith("MSG,") and l.count(",") == 21
               for l in (tmp_path / "a.sbs").read_bytes().decode().split("\r\n")[:-1])
    assert all(l.startswith("!AIVDM") for l in (tmp_path / "a.nmea").read_bytes().decode().split("\r\n")[:-1])
    head, *rows = csv_rows((tmp_path / "a.csv").read_bytes().decode())
    assert head == COLUMNS and {r[1] for r in rows} == {"adsb", "ais"}
    points = influx_lines((tmp_path / "a.influx").read_text())
    assert {p[0] for p in points} == {"adsb", "ais"}


def test_a_file_is_appended_to_and_has_one_head(tmp_path):
    for _ in range(2):
        with hz.Daemon(SKY + output("t", tmp_path / "a.csv", "format = csv")) as d:
            hz.wait(lambda: outputs(d)["t"]["written"] > 5)
    rows = csv_rows((tmp_path / "a.csv").read_bytes().decode())
    assert rows.count(COLUMNS) == 1 and rows[0] == COLUMNS


@pytest.mark.parametrize("compress,ending", [("gzip", ".gz"), ("zstd", ".zst"), ("no", "")])
def test_a_series_has_all_lines_in_order(tmp_path, shared, compress, ending):
    if compress == "zstd" and not shutil.which("zstd"):
        pytest.skip("zstd is not there: .ci/setup test")
    with hz.Daemon(fast(shared) + output("log", tmp_path / "log.jsonl", f"rotate = 1M\ncompress = {compress}")) as d:
        hz.wait(lambda: len(list(tmp_path.glob("log_*.jsonl" + ending))) >= 3)
        d.stop()
    files = sorted(tmp_path.iterdir(), key=order)
    *done, last = [f for f in files if not f.name.endswith(".packing")]
    assert last.name.endswith(".jsonl.part")
    assert all(f.name.endswith(".jsonl" + ending) for f in done if ".part" not in f.name)
    seqs = []
    for f in files:
        if f.name.endswith((".zst.part", ".gz.part")):
            continue
        data = text_of(f)
        assert data.endswith(b"\n")
        assert len(data) <= 1 << 20
        lines = [json.loads(l) for l in data.splitlines()]
        assert f is files[-1] or len(data) > (1 << 20) - 2000, f
        seqs += [l["seq"] for l in lines]
    assert seqs == sorted(set(seqs)), "in order, and none twice"


def test_a_reload_goes_on_with_the_same_file(tmp_path):
    log = tmp_path / "log.jsonl"
    with hz.Daemon(SKY + output("log", log, "rotate = daily")) as d:
        hz.wait(lambda: outputs(d)["log"]["written"] > 5)
        d.write(SKY + output("log", log, "rotate = daily\ncompress = gzip"))
        d.rpc.result("reload")
        hz.wait(lambda: len(d.status()["outputs"]) == 1 and outputs(d)["log"]["written"] > 5)
        d.stop()
    lines = [hz.checked(l) for f in sorted(tmp_path.iterdir(), key=order) for l in text_of(f).splitlines(keepends=True)]
    seqs = {l["seq"] for l in lines}  # what comes while the old one ends may be written by both
    assert seqs == set(range(1, max(seqs) + 1)), "none is lost between the two"


def wrote(folder, since_ns):
    """Whether a file that is not complete has been written to since then."""
    for f in folder.glob("*.part"):
        try:
            at = f.stat()
        except FileNotFoundError:  # it has just become complete
            continue
        if not f.name.endswith(".gz.part") and at.st_size > 0 and at.st_mtime_ns >= since_ns:
            return True
    return False


def test_kill_9_leaves_whole_lines_and_the_next_run_goes_on(tmp_path, shared):
    """Wherever it strikes: each run leaves whole lines; the next one completes the files of all, and no line
    is in two of them."""
    log = output("log", tmp_path / "log.jsonl", "rotate = 1M\ncompress = gzip\nkind = message")
    for n in range(1, 4):
        began = time.time_ns()
        d = hz.Daemon(fast(shared) + log)
        try:
            # what the run before left becomes .gz at once: this one shall have written, too
            hz.wait(lambda: d.process.poll() is not None
                    or len(list(tmp_path.glob("*.gz"))) >= n and wrote(tmp_path, began))
            d.process.send_signal(signal.SIGKILL)
            d.process.wait()
        finally:
            d.kill()
        for f in tmp_path.glob("*.part"):
            if not f.name.endswith(".gz.part"):
                assert f.read_bytes()[-1:] in (b"\n", b"")
    with hz.Daemon(SKY + log) as d:
        hz.wait(lambda: not list(tmp_path.glob("*.packing")) and not list(tmp_path.glob("*.gz.part")))
        hz.wait(lambda: outputs(d)["log"]["written"] > 0)
        assert outputs(d)["log"]["error"] == ""
    assert len(list(tmp_path.glob("*.part"))) == 1
    runs, last = 1, 0
    for f in sorted(tmp_path.iterdir(), key=order):
        for line in text_of(f).splitlines(keepends=True):
            seq = hz.checked(line)["seq"]
            runs += seq <= last
            last = seq
    assert runs == 4, "a file that were there twice would look like a run of its own"


def test_an_earlier_hour_is_completed_and_the_oldest_leave(tmp_path):
    old = {"log_20010101T000000Z.jsonl.gz": 400_000, "log_20010101T010000Z.jsonl.gz": 400_000,
           "log_20010101T020000Z.jsonl": 400_000, "other_20010101T000000Z.jsonl": 400_000, "log.jsonl": 400_000}
    for name, size in old.items():
        (tmp_path / name).write_bytes(bytes(size))
    (tmp_path / "log_20010101T030000Z.jsonl.part").write_bytes(b'{"a":1}\n{"b"')
    with hz.Daemon(SKY + output("log", tmp_path / "log.jsonl", "rotate = hourly\ncompress = gzip\nquota = 1M")) as d:
        hz.wait(lambda: (tmp_path / "log_20010101T030000Z.jsonl.gz").exists())
        hz.wait(lambda: not (tmp_path / "log_20010101T000000Z.jsonl.gz").exists())
        hz.wait(lambda: outputs(d)["log"]["written"] > 5)
        names = sorted(f.name for f in tmp_path.iterdir())
        now, = [f for f in tmp_path.glob("*.part")]
    assert re.fullmatch(r"log_20\d{6}T\d\d0000Z\.jsonl\.part", now.name)
    assert gzip.decompress((tmp_path / "log_20010101T030000Z.jsonl.gz").read_bytes()) == b'{"a":1}\n'
    assert set(names) >= {"other_20010101T000000Z.jsonl", "log.jsonl", "log_20010101T020000Z.jsonl"}


def test_a_full_disk_is_told_in_any_format():
    with hz.Daemon(SKY + output("full", "/dev/full", "format = influx")) as d:
        bad = hz.wait(lambda: (o := outputs(d)["full"])["lost"] > 20 and o)
        assert bad["state"] == "failing" and "No space left" in bad["error"] and bad["written"] == 0
        d.stop()
        assert d.stderr().count("No space left") == 1


@pytest.mark.parametrize("more,wrong", [
    ("format = beats", "hertzd formats"), ("format = beast\nprotocol = ais", "no words for it"), ("format = beast\nkind = gap", "expected message"),
    ("rotate = weekly", "hourly, daily"), ("rotate = 5", "hourly, daily"), ("compress = zstd", "without rotate"),
    ("quota = 1G", "without rotate"), ("keep = 1d", "without rotate"), ("rotate = daily\ncompress = lz4", "zstd, gzip"),
    ("rotate = 1G\nquota = 2G", "quarter of the quota")])
def test_check_tells_what_is_wrong(tmp_path, more, wrong):
    file = tmp_path / "hertzd.conf"
    file.write_text(SKY + "[listen json]\ntype = tcp\naddress = 127.0.0.1:0\n" + output("a", tmp_path / "x", more))
    done = hz.run("check", "-c", file)
    assert done.returncode != 0 and wrong in (done.stderr + done.stdout).decode(), (done.stderr, done.stdout)


def test_a_series_needs_a_name(tmp_path):
    file = tmp_path / "hertzd.conf"
    file.write_text(SKY + "[listen json]\ntype = tcp\naddress = 127.0.0.1:0\n" + output("a", f"{tmp_path}/", "rotate = daily"))
    done = hz.run("check", "-c", file)
    assert done.returncode != 0 and b"FOLDER/NAME" in done.stderr + done.stdout
