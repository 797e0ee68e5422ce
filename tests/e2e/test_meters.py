"""Meters: a recording of wireless M-Bus, as lines and as rtl_wmbus prints it."""
import hz

RECORDING = "air/wmbus/wmbus_t1_868.95M_1600k_a.cu8"
TEXT = "air/wmbus/wmbus_t1_868.95M_1600k_a.rtl_wmbus.txt"


def test_a_recording_says_what_rtl_wmbus_hears(shared):
    records, _ = hz.decode(shared / RECORDING)
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
