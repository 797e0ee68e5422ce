"""Meters: a recording of wireless M-Bus, as lines and as rtl_wmbus prints it."""
import hz
import pytest

RECORDING = "air/wmbus/wmbus_t1_868.95M_1600k_a.cu8"
TEXT = "air/wmbus/wmbus_t1_868.95M_1600k_a.rtl_wmbus.txt"


def test_a_recording_says_what_rtl_wmbus_hears(shared):
    records, _ = hz.decode("-d", "wmbus", shared / RECORDING)
    want = {line.split(";")[-1][2:] for line in (shared / TEXT).read_text().splitlines()}
    assert {r["raw"] for r in records} == want and len(records) == 1
    meter = records[0]["wmbus"]
    assert (meter["mode"], meter["id"], meter["manufacturer"], meter["type"]) == ("T1", "71200023", "TCH", "smoke detector")
    assert abs(records[0]["offset_hz"]) < 20e3 and records[0]["snr_db"] > 15


def test_lines_for_wmbusmeters(shared):
    done = hz.run("decode", "-F", "rtl-wmbus", shared / RECORDING)
    assert done.returncode == 0, done.stderr.decode()
    columns = [line.split(";") for line in done.stdout.decode().splitlines()]
    want = [line.split(";") for line in (shared / TEXT).read_text().splitlines()]
    assert [[*c[:3], *c[6:]] for c in columns] == [[*want[0][:3], *want[0][5:]]]


KEYS = "[meter kitchen]\nid = 71200023\nkey = 00112233445566778899AABBCCDDEEFF\n"


def test_a_key_appears_nowhere(shared, tmp_path):
    conf = tmp_path / "keys.conf"
    conf.write_text(KEYS)
    records, err = hz.decode("-d", "wmbus", "--keys", conf, shared / RECORDING)
    assert len(records) == 1 and "00112233" not in err
    conf.write_text(KEYS.replace("EFF", "EF"))
    done = hz.run("decode", "--keys", conf, shared / RECORDING)
    hz.one_line(done, 2, "keys.conf:3: key is wrong: expected 32 hexadecimal digits")
    assert b"0011" not in done.stderr
    conf.write_text("[receiver r]\nsource = rtlsdr\n[channel m]\ndecoder = wmbus\n[listen l]\ntype = tcp\naddress = 127.0.0.1:0\n" + KEYS)
    done = hz.run("check", "-c", conf)
    out = (done.stdout + done.stderr).decode()
    assert done.returncode == 0 and "kitchen" in out and "71200023" in out and "00112233" not in out.lower()


# id, kWh, W: what the newest rtl_433 reads from these recordings
PLUGS = {"002": (57107, 93.299, 0), "004": (57096, 76.702, 0), "006": (30260, 203.126, 73.8), "009": (57107, 93.299, 0)}


@pytest.mark.parametrize("file", PLUGS)
def test_plugs_that_scramble(shared, file):
    records, _ = hz.decode("-d", "sensors", shared / f"air/ism/ec3k_01__gfile{file}_868.3M_250k.cu8")
    plugs = [r["sensors"] for r in records if r["kind"] == "message" and r["sensors"]["model"] == "Voltcraft-EC3k"]
    assert [(p["id"], round(p["energy"], 3), p["power"]) for p in plugs] == [PLUGS[file]]
