"""What the daemon writes besides: files of JSON lines, WAV files."""
import json
import wave

import hz
import pytest
from hz import messages


def outputs(d):
    return {o["name"]: o for o in d.rpc.result("status")["outputs"]}


def until(d, name, condition):
    while not condition(o := outputs(d)[name]):
        pass
    return o


def output(name, kind, path):
    return f"[output {name}]\ntype = {kind}\npath = {path}\n"


LIVE = "[receiver sky]\nsource = sim\nscene = aircraft\n[channel 1090]\ndecoder = adsb\n"


def test_a_file_has_the_lines_that_a_client_gets(tmp_path):
    log = tmp_path / "log.jsonl"
    with hz.Daemon(LIVE + output("log", "file", log)) as d:
        c = hz.Lines(d.tcp)
        hello = c.next()
        got = messages(c, 100)
        until(d, "log", lambda o: o["written"] > 100 and o["behind"] == 0)
        d.stop()
        lines = log.read_bytes().splitlines(keepends=True)
        c.close()
    records = {r["seq"]: r for r in map(hz.checked, lines)}
    assert [r["seq"] for r in map(json.loads, lines)] == list(range(1, len(lines) + 1)), "all, in order"
    for record in got:
        assert records[record["seq"]] == record
    assert hello["seq"] > 0


def test_a_disk_that_is_full_is_told_and_holds_nobody_up(tmp_path):
    with hz.Daemon(LIVE + output("full", "file", "/dev/full") + output("log", "file", tmp_path / "log")) as d:
        c = hz.Lines(d.tcp)
        messages(c, 50)
        bad = until(d, "full", lambda o: o["lost"] > 50)
        assert bad["state"] == "failing" and "No space left" in bad["error"]
        assert bad["written"] == 0
        assert until(d, "log", lambda o: o["written"] > 50)["state"] == "writing"
        c.close()
        d.stop()
        assert d.stderr().count("No space left") == 1


def test_what_cannot_be_opened_waits(tmp_path):
    late = tmp_path / "late"
    with hz.Daemon(LIVE + output("log", "file", late / "log")) as d:
        assert "No such file" in until(d, "log", lambda o: o["state"] == "waiting")["error"]
        late.mkdir()
        until(d, "log", lambda o: o["written"] > 0)
        assert (late / "log").read_bytes().startswith(b'{"seq":1,'), "it gets what the log has kept"


def test_a_reload_adds_and_removes(tmp_path):
    with hz.Daemon(LIVE + output("one", "file", tmp_path / "one")) as d:
        until(d, "one", lambda o: o["written"] > 0)
        text = d.conf.read_text() if hasattr(d.conf, "read_text") else (d.dir / "hertzd.conf").read_text()
        changed = text.replace(output("one", "file", tmp_path / "one"), output("two", "file", tmp_path / "two"))
        assert changed != text
        (d.dir / "hertzd.conf").write_text(changed)
        d.rpc.result("reload")
        until(d, "two", lambda o: o["written"] > 0)
        while "one" in outputs(d):
            pass
        d.stop()
    one = [json.loads(x)["seq"] for x in open(tmp_path / "one")]
    two = [json.loads(x)["seq"] for x in open(tmp_path / "two")]
    assert one == list(range(1, len(one) + 1)), "all until it was closed"
    assert two == list(range(two[0], two[0] + len(two)))
    assert two[0] <= one[-1] + 1, "nothing is lost between the two"


SPEECH = ("[receiver vhf]\nsource = sim\nscene = mix\npace = realtime\n"
          "[channel voice]\ndecoder = nfm\nfrequency = 161.6M\n")


def test_each_transmission_becomes_a_wav_file(tmp_path):
    speech = tmp_path / "speech"
    with hz.Daemon(SPEECH + output("tape", "wav", speech)) as d:
        c = hz.Lines(d.tcp)
        spoken = messages(c, 2)
        until(d, "tape", lambda o: o["written"] > 0 and o["behind"] == 0)
        c.close()
        d.stop()
    for m in spoken:
        time = m["time"][:23].replace("-", "").replace(":", "")
        with wave.open(str(speech / f"voice_{time}Z.wav")) as w:
            assert (w.getnchannels(), w.getsampwidth(), w.getframerate()) == (1, 2, 16000)
            assert w.getnframes() / 16000 == pytest.approx(m["nfm"]["duration_s"], abs=0.3)
            assert any(w.readframes(w.getnframes())), "not silence"


def test_an_output_takes_the_words_of_a_subscription(tmp_path):
    second = "[channel east]\ndecoder = adsb\nreceiver = sky\nfrequency = 1090M\n"
    words = "protocol = ais, adsb\nchannel = 1090\nreceiver = sky\nkind = message\n"
    with hz.Daemon(LIVE + second + output("some", "file", tmp_path / "some") + words
                   + output("none", "file", tmp_path / "none") + "receiver = roof\n"
                   + output("states", "file", tmp_path / "states") + "kind = state\n") as d:
        until(d, "some", lambda o: o["written"] > 100)
        d.stop()
    kinds = lambda name: {json.loads(x)["kind"] for x in open(tmp_path / name)}
    assert {json.loads(x)["channel"] for x in open(tmp_path / "some")} == {"1090"}
    assert kinds("some") == {"message"} and kinds("none") == set() and kinds("states") <= {"state"}


@pytest.mark.parametrize("kind,key,wrong", [("file", "protocol = adsc", b'did you mean "adsb"'),
                                            ("file", "kind = mesage", b'did you mean "message"'),
                                            ("file", "channel = a/b", b"letters, digits"),
                                            ("wav", "kind = message", b"no meaning")])
def test_check_tells_a_wrong_word(tmp_path, kind, key, wrong):
    file = tmp_path / "hertzd.conf"
    file.write_text(LIVE + output("a", kind, "/tmp/x") + key + "\n")
    done = hz.run("check", "-c", file)
    assert done.returncode != 0 and wrong in done.stderr + done.stdout
    assert str(file).encode() + b":9:" in done.stderr + done.stdout


def test_check_wants_a_path_of_its_own(tmp_path):
    file = tmp_path / "hertzd.conf"
    listen = "[listen json]\ntype = tcp\naddress = 127.0.0.1:0\n"
    file.write_text(LIVE + listen + "[output a]\ntype = file\n")
    done = hz.run("check", "-c", file)
    assert done.returncode != 0 and b"path" in done.stderr + done.stdout
    file.write_text(LIVE + listen + output("a", "file", "/tmp/x") + output("b", "file", "/tmp/x"))
    done = hz.run("check", "-c", file)
    assert done.returncode != 0 and b"taken by [output a]" in done.stderr + done.stdout
