"""Recordings of transmissions: files, limits, what a crash leaves, and who may have them."""
import json
import os
import wave

import hz
import pytest
from test_sound import feed, replay, tone

pytestmark = pytest.mark.filterwarnings("error")


@pytest.fixture(scope="module")
def short(tmp_path_factory):
    path = tmp_path_factory.mktemp("short") / "tone.cu8"
    tone(path, 0.6)
    return path


def listed(d, **params):
    return d.rpc.result("recordings", **params)["recordings"]


def record(name, path, more=""):
    return f"[record {name}]\npath = {path}\n{more}\n"


def until_listed(d, n):
    return hz.wait(lambda: len(got := listed(d)) == n and got)


def made(tmp_path, short, conf):
    """The daemon and what sends it a transmission."""
    fifo = tmp_path / "air"
    os.mkfifo(fifo)
    d = hz.Daemon(replay(fifo) + conf)
    return d, lambda: feed(fifo, short)


def test_a_transmission_is_a_file_with_what_is_known_of_it(tmp_path, short):
    conf = record("tape", f"{tmp_path}/tape/%Y/{{channel}}/{{time}}", "channels = voice, other\nformat = wav")
    d, send = made(tmp_path, short, conf)
    with d:
        send()
        r, = until_listed(d, 1)
        assert (r["name"], r["channel"], r["receiver"], r["format"]) == ("tape", "voice", "air", "wav")
        file = tmp_path / "tape" / r["file"]
        beside = json.loads(file.with_suffix(".json").read_text())
        assert beside["message"]["nfm"]["deviation_hz"] == pytest.approx(2500, abs=100)
        with wave.open(str(file)) as w:
            assert w.getnframes() / 16000 == pytest.approx(r["seconds"], abs=0.001)
        assert sorted(p.suffix for p in file.parent.iterdir()) == [".json", ".wav"], "no temporary file"
        assert listed(d, channel="other") == [] and listed(d, limit=1, channel="voice") == [r]
        assert json.loads(hz.http(d.http, "/recordings?channel=voice&limit=1")[1]) == {"recordings": [r]}
        status, body = hz.http(d.http, "/recordings/" + r["file"])
        assert (status, body) == (200, file.read_bytes())
        for head, part in (("bytes=0-3", body[:4]), ("bytes=-5", body[-5:]), (f"bytes={len(body) - 1}-", body[-1:]),
                           ("bytes=4-7", body[4:8])):
            assert hz.http(d.http, "/recordings/" + r["file"], f"Range: {head}\r\n") == (206, part)
        for head, code in ((f"bytes={len(body)}-", 416), ("bytes=5-2", 200), ("lines=1-2", 200), ("bytes=0-1,3-4", 200)):
            assert hz.http(d.http, "/recordings/" + r["file"], f"Range: {head}\r\n")[0] == code, head
        assert hz.http(d.http, "/recordings/" + r["file"], method="HEAD") == (200, b"")
        for bad in ("../hertzd.conf", "%2e%2e/hertzd.conf", "/etc/passwd", "//etc/passwd", r["file"] + "/..", r["file"] + "%00",
                    r["file"].replace(".wav", ".json"), "", ".", "%", "a&b", "x" * 1000, r["file"].replace("/", "%5c"),
                    "voice/../" + r["file"], "./" + r["file"]):
            status = hz.http(d.http, "/recordings/" + bad)[0]
            assert status in (400, 404), (bad, status)
        assert hz.http(d.http, "/recordings?limit=0")[0] == 400
        assert hz.http(d.http, "/recordings?limit=9999")[0] == 400
        assert "recordings: expected" in d.rpc.ask("recordings", limit="all")["error"]["message"]


def test_what_a_crash_has_left_and_what_is_not_ours(tmp_path, short):
    tape = tmp_path / "tape"
    (tape / "old").mkdir(parents=True)
    ours = {"recorded_by": "hertzd", "name": "tape", "format": "wav", "time": "2001-01-01T00:00:00Z", "receiver": "air",
            "channel": "voice", "seconds": 1, "bytes": 9}
    keep = {"music.wav": b"x", "notes.json": b"{}", "old/x.wav": b"y", "old/x.json": json.dumps({**ours, "name": "other"}).encode()}
    gone = {"old/.a.wav.hertzd-part": b"half", "orphan.json": json.dumps(ours).encode(),
            "old/first.wav": b"123456789", "old/first.json": json.dumps(ours).encode()}
    for name, data in {**keep, **gone}.items():
        (tape / name).write_bytes(data)
    (tape / "link").symlink_to(tmp_path)
    d, send = made(tmp_path, short, record("tape", f"{tape}/", "format = wav\nkeep = 1d"))
    with d:
        hz.wait(lambda: not any((tape / name).exists() for name in gone))
        assert all((tape / name).read_bytes() == data for name, data in keep.items())
        assert listed(d) == []


def test_the_oldest_leave_when_the_quota_is_full(tmp_path, short):
    tape = tmp_path / "tape"
    tape.mkdir()
    for i in range(4):
        (tape / f"r{i}.wav").write_bytes(bytes(400_000))
        (tape / f"r{i}.json").write_text(json.dumps({
            "recorded_by": "hertzd", "name": "tape", "format": "wav", "time": f"2020-01-0{i + 1}T00:00:00Z", "receiver": "air",
            "channel": "voice", "seconds": 12.5, "bytes": 400_000}))
    d, send = made(tmp_path, short, record("tape", f"{tape}/", "format = wav\nquota = 1M"))
    with d:
        assert [r["file"] for r in until_listed(d, 2)] == ["r3.wav", "r2.wav"]
        hz.wait(lambda: not (tape / "r1.json").exists())
        assert sorted(p.name for p in tape.iterdir()) == ["r2.json", "r2.wav", "r3.json", "r3.wav"]


def test_a_name_that_is_taken_is_not_written_over(tmp_path, short):
    tape = tmp_path / "tape"
    tape.mkdir()
    d, send = made(tmp_path, short, record("tape", f"{tape}/"))
    with d:
        send()
        first, = until_listed(d, 1)
        data = (tape / first["file"]).read_bytes()
    again = (replay(short).replace("[channel", f"start = {first['time'][:10]}T00:00:00Z\n[channel")
             + record("tape", f"{tape}/{{channel}}_%H%M%S"))
    with hz.Daemon(again) as d:
        until_listed(d, 2)
    with hz.Daemon(again) as d:
        assert any(r["file"].endswith("_2.opus") for r in until_listed(d, 3))
    assert (tape / first["file"]).read_bytes() == data


@pytest.mark.parametrize("text,wrong", [("path = /tmp/%Q/", b"{time}, not '%Q/"), ("path = /tmp/%Y/../x/", b"no folder"),
                                        ("path = /tmp/%Y", b"in the name of a file"), ("path = /tmp/x\nquota = 5", b"as in 2G"),
                                        ("path = /tmp/x\nkeep = 30", b"as in 30d"), ("path = /tmp/x\nformat = mp3", b"opus, wav")])
def test_check_tells_what_is_wrong(tmp_path, text, wrong):
    file = tmp_path / "hertzd.conf"
    file.write_text("[receiver sky]\nsource = sim\n[channel 1090]\ndecoder = adsb\n[record tape]\n" + text + "\n")
    done = hz.run("check", "-c", file)
    assert done.returncode != 0 and wrong in done.stderr + done.stdout, done.stderr
