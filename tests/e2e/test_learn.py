"""`hertzd learn`: what it proposes from recordings off the air, and that hertzd hears the device by it.
The models are taken out of the set first (--without), and the last recording is one it has not seen."""
import json
import re

import hz
import pytest

# first words of the recordings, their field and the values of rtl_433's JSON, what must be in the
# declaration, models that read the same
DEVICES = [
    ("rubicson_01__gfile0", {"06": 24.6, "23": 23.6, "34": 23.7, "51": 23.5}, "temperature_C",
     ["crc8(cat(0:28, bits(0, 4)), 0x31, 0x6c) == 28:8", ".temperature_C = s12:12 * 0.1"],
     ["Rubicson-Temperature", "Solight-TE44", "Baldr-Rain", "Nexus-T"]),
    ("tfa_twin_plus_30_3049_01__gfile0", {"02": 23.9, "04": 23.8, "10": 23.7, "06": 23.8}, "temperature_C",
     [".temperature_C = sr12:12 * 0.1"], ["TFA-TwinPlus", "Kw9015b"]),
    ("silvercrest_01__gfile0", {"02": None, "04": None, "07": None, "09": None, "11": None}, "value",
     ["(255 - sum8(revn(0:24, 8))) & 255 == r24:8"], ["Silvercrest-Remote"]),
]


def learn(*args):
    done = hz.run("learn", *args)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode(), done.stderr.decode()


def sections():
    """Model -> sections of the shipped set."""
    found = {}
    for path in sorted((hz.ROOT / "config/sensors").glob("*.conf")):
        for name, body in re.findall(r"^\[sensor ([^]]+)\]\n(.*?)(?=^\[|\Z)", path.read_text(), re.M | re.S):
            for model in re.findall(r"^model = (.*)$", body, re.M):
                found.setdefault(model, []).append(name)
    return found


def decode(declared, file):
    """What the decoder tells. The fields are those of the declaration, so no schema knows them."""
    done = hz.run("decode", "-d", "sensors", "--sensors", declared, file)
    assert done.returncode == 0, done.stderr.decode()
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.plain  # the decoder of sensors is slow under sanitizers
@pytest.mark.parametrize("name,values,field,words,models", DEVICES, ids=[d[0].split("_")[0] for d in DEVICES])
def test_a_device_is_learnt_and_heard(shared, tmp_path, name, values, field, words, models):
    files = {shared / f"air/ism/{name}{n}_433.92M_250k.cu8": v for n, v in values.items()}
    *seen, unseen = files
    there = sections()
    without = [w for m in models if m in there for w in ("--without", m)]
    assert without
    text, err = learn("--name", "learnt", "--field", field, *without,
                      *(f"{f}={files[f]}" if files[f] is not None else f for f in seen))
    assert not any(f"as {m}" in err for m in models), err
    for word in words:
        assert word in text, text
    declared = tmp_path / "learnt.conf"
    declared.write_text(text + "".join(f"[sensor {s}]\nuse = no\n" for m in models for s in there.get(m, [])))
    records = decode(declared, unseen)
    heard = [r["sensors"] for r in records if r["sensors"].get("model") == "learnt"]
    assert heard, records
    if files[unseen] is not None:
        assert heard[0][field] == files[unseen]
    # what it reads is what its table shows of the recordings that it was made from
    told = dict(re.findall(r"^#   (\S+) .*?({\"[^}]*})$", text, re.M))
    compared = 0
    for file in reversed(seen):
        for r in decode(declared, file) if not compared else []:
            if r["sensors"].get("model") == "learnt" and r["sensors"].get("confirmed") is not False:
                fields = json.loads(told[file.name[:40]])
                assert fields.items() <= r["sensors"].items(), (file, fields, r)
                compared += 1
    assert compared


def test_what_is_known_is_said(shared):
    _, err = learn(shared / "air/ism/rubicson_01__gfile006_433.92M_250k.cu8")
    assert "reads it already, as " in err and "--without" in err


def test_one_press_is_too_little(shared):
    text, _ = learn(shared / "air/ism/honda_remote_01__hondacar_unlock_433.92M_250k.cu8")
    assert "1 different frame is too few" in text and "Sure" not in text
    assert "modulation = fsk\n" in text


def test_bursts_that_nothing_explains(shared):
    """Each line is valid; they come only when they are asked for, the same however it is cut."""
    file = shared / "air/ism/honda_remote_01__hondacar_unlock_433.92M_250k.cu8"
    plain, _ = hz.decode("-d", "sensors", file)
    assert not [r for r in plain if r["kind"] == "burst"]
    asked, _ = hz.decode("-d", "sensors", "--bursts", file)
    bursts = [r for r in asked if r["kind"] == "burst"]
    assert [r["burst_seq"] for r in bursts] == list(range(1, len(bursts) + 1))
    longest = max(bursts, key=lambda r: r["burst"]["duration_ms"])
    assert longest["burst"]["modulation"] == "FSK" and longest["burst"]["coding"] == "manchester"
    assert 40e3 < longest["burst"]["deviation_hz"] < 48e3
    assert abs(longest["burst"]["carrier_hz"] - 433.8994e6) < 3e3
    assert hz.decode("-d", "sensors", "--bursts", "-w", "1", "-b", "3000", file)[0] == asked


def test_a_client_asks_for_bursts(shared):
    file = shared / "air/ism/honda_remote_01__hondacar_unlock_433.92M_250k.cu8"
    conf = f"""[receiver box]\nsource = file\npath = {file}\nloop = yes\n[channel sensors]\ndecoder = sensors\n"""
    with hz.Daemon(conf) as d:
        c = hz.Lines(d.tcp)
        c.send({"subscribe": {"kind": ["burst"]}})
        assert c.until(lambda r: r["kind"] == "burst")[-1]["channel"] == "sensors"
        c.close()


@pytest.mark.plain
@pytest.mark.parametrize("args,code,words", [
    ([], 2, ["recordings"]),
    (["-r", "roof", "x.cu8"], 2, ["recordings"]),
    (["--value", "warm", "x.cu8"], 2, ["warm", "21.4"]),
    (["--value", "1", "--value", "2", "x_433.92M_250k.cu8"], 2, ["2 values for 1"]),
    (["--field", "no good", "x.cu8"], 2, ["no good"]),
    (["--name", "no good", "x.cu8"], 2, ["no good"]),
    (["--without", "Nobody-1", "x.cu8"], 2, ["Nobody-1", "decoders sensors"]),
    (["nowhere_433.92M_250k.cu8"], 1, ["nowhere"]),
])
def test_wrong_words(args, code, words):
    hz.one_line(hz.run("learn", *args), code, *words)


@pytest.mark.plain
def test_a_live_receiver(tmp_path):
    """The simulator's sensors, as they come: until there are enough, whatever they are."""
    conf = tmp_path / "hertzd.conf"
    conf.write_text("[receiver air]\nsource = sim\nscene = ism\n[channel sensors]\ndecoder = sensors\n")
    done = hz.run("learn", "-c", conf, "-r", "air", "-n", "4")
    assert done.returncode in (0, 1), done.stderr.decode()  # 1: none of these four has a known coding
    assert done.stderr.count(b"\nburst ") == 4, done.stderr.decode()
    hz.one_line(hz.run("learn", "-c", conf, "-r", "roof"), 2, "roof")
