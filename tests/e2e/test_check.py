"""`hertzd check`: what would run, or every error of the configuration in one go."""
import wave

import hz
import pytest

GOOD = """
[hertzd]
workers = 2

[receiver roof]
source = file
path = RECORDING

[channel 1090]
decoder = adsb

[listen json]
type = tcp
address = 127.0.0.1:7373
"""


LISTEN = "[listen json]\ntype = tcp\naddress = 127.0.0.1:7373\n"


def check(tmp_path, text):
    path = tmp_path / "hertzd.conf"
    recording = tmp_path / "x_1090M_2400k.cu8"
    recording.write_bytes(bytes(1000))
    path.write_text(text.replace("RECORDING", str(recording)))
    return hz.run("check", "-c", path), path


def test_good(tmp_path):
    done, _ = check(tmp_path, GOOD)
    assert done.returncode == 0, done.stderr
    for word in (b"roof", b"1090", b"adsb", b"127.0.0.1:7373"):
        assert word in done.stdout


def test_the_file_that_is_installed():
    done = hz.run("check", "-c", hz.ROOT / "config/hertzd.conf")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("old,new,line,words", [
    ("workers = 2", "wrokers = 2", 3, ["wrokers", "workers"]),
    ("workers = 2", "workers = lots", 3, ["lots"]),
    ("source = file", "source = radio", 6, ["radio"]),
    ("decoder = adsb", "decoder = adsbb", 10, ["adsbb", "adsb"]),
    ("type = tcp", "type = udp", 13, ["udp", "tcp"]),
    ("address = 127.0.0.1:7373", "address = here", 14, ["here"]),
    ("[channel 1090]", "[chanel 1090]", 9, ["chanel", "channel"]),
])
def test_error_names_line_value_and_key(tmp_path, old, new, line, words):
    done, path = check(tmp_path, GOOD.replace(old, new))
    assert done.returncode == 2
    first = [l for l in done.stderr.decode().splitlines() if l.startswith(f"{path}:{line}: ")]
    assert first, done.stderr.decode()
    for word in words:
        assert word in first[0]


def test_all_errors_in_one_go(tmp_path):
    text = GOOD.replace("workers", "wrokers").replace("file\n", "radio\n").replace("tcp", "udp")
    done, path = check(tmp_path, text)
    assert done.returncode == 2
    lines = done.stderr.decode().splitlines()
    for n in (3, 6, 13):
        assert any(l.startswith(f"{path}:{n}: ") for l in lines), lines


def test_no_such_file(tmp_path):
    done = hz.run("check", "-c", tmp_path / "none.conf")
    assert done.returncode == 2
    assert b"none.conf" in done.stderr


# -- the plan --------------------------------------------------------------------------------------


DONGLE = "[receiver roof]\nsource = rtlsdr\n"


def channel(name, decoder, frequency="", more=""):
    tuned = f"frequency = {frequency}\n" if frequency else ""
    return f"[channel {name}]\ndecoder = {decoder}\n{tuned}{more}"


def test_a_dongle_needs_no_rate_and_no_centre(tmp_path):
    done, _ = check(tmp_path, DONGLE + channel("ships", "ais") + channel("port", "nfm", "161.6M") + LISTEN)
    assert done.returncode == 0, done.stderr
    rows = [line.split("  ") for line in done.stdout.decode().splitlines()]
    rows = [[cell.strip() for cell in row if cell] for row in rows]
    assert ["roof", "rtlsdr the first found", "1.024 Msps", "161.816 MHz"] == rows[1][:4]
    assert [row[0] for row in rows[4:7]] == ["ships-161.975M", "ships-162.025M", "port"]
    assert rows[4][4] == "+159 kHz"
    outside = [row for row in rows if row and row[0] == "ships"]
    assert [row[3] for row in outside] == ["156.775 MHz", "156.825 MHz"]
    assert "the band is 161.304000 to 162.328000 MHz" in outside[0][4]


def test_what_is_impossible_and_what_would_do(tmp_path):
    given = DONGLE + "rate = 1024k\ncentre = 162M\n"  # 4 lines; channels begin at line 5
    for text, line, words in [
        (channel("x", "nfm", "162.6M"), 7, ["162.600000 MHz", "161.488000 to 162.512000", "centre = "]),
        (channel("x", "nfm", "162M", "bandwidth = 30k\n"), 8, ["30 kHz", "24000", "at most 21.9 kHz"]),
        (channel("x", "adsb"), 6, ["2e+06 to 3.2e+06", "1.024e+06", "rate = 2.4M"]),
        (channel("x", "nfm", "162M") * 2, 8, ["a second [channel x]", ":5"]),
        (channel("x", "ais") + channel("x-162.025M", "ais", "162.1M"), 7, ["x-162.025M", "[channel x]"]),
        (channel("n" * 28, "ais"), 5, ["over 31 characters", "at most 22"]),
        ("".join(channel(f"c{i}", "nfm", "162M") for i in range(500)), 6 + 256 * 3, ["500 channels", "at most 256"]),
    ]:
        done, path = check(tmp_path, given + text)
        assert done.returncode == 2
        told = done.stderr.decode().splitlines()
        at = [l for l in told if l.startswith(f"{path}:{line}: ")]
        assert at and all(word in at[0] for word in words), told


def test_channels_too_far_apart_for_a_dongle(tmp_path):
    done, path = check(tmp_path, DONGLE + channel("a", "nfm", "446M") + channel("b", "nfm", "449M"))
    assert done.returncode == 2
    assert done.stderr.decode() == (
        f"{path}:8: 449.000000 MHz has no place in the band of receiver roof beside a at 446 MHz: "
        "one dongle takes channels within 1.92 MHz: it needs a second receiver\n")


# -- what cannot run -------------------------------------------------------------------------------


def told(tmp_path, text):
    done, path = check(tmp_path, text)
    assert done.returncode == 2, done.stdout
    return done.stderr.decode().replace(str(path), "conf").splitlines()


def test_units_that_were_forgotten(tmp_path):
    for freq, meant in [("1090", "1090M"), ("144.8", "144.8M"), ("446006.25", "446006.25k")]:
        (line,) = told(tmp_path, DONGLE + channel("x", "nfm", freq) + LISTEN)
        assert line.startswith("conf:5: ") and meant in line
    done, _ = check(tmp_path, DONGLE + channel("x", "adsb", "1090 MHz") + LISTEN)
    assert done.returncode == 0, done.stderr
    for option in (["-f", "144.8"], ["-d", "aprs@144.8"]):
        hz.one_line(hz.run("decode", *option, tmp_path / "x_1090M_2400k.cu8"), 2, "144.8", "144.8M")


def test_recordings_that_are_not_there(tmp_path):
    tape = "[receiver tape]\nsource = file\npath = {}\n" + channel("x", "adsb") + LISTEN
    for path, words in [("/nowhere/x_1090M_2400k.cu8", "No such file"), ("~/x_1090M_2400k.cu8", "full path"),
                        (str(tmp_path), "directory"), ("RECORDING.iq", "No such file")]:
        (line,) = told(tmp_path, tape.format(path))
        assert line.startswith("conf:3: ") and words in line
    (tmp_path / "unnamed").write_bytes(bytes(100))
    (line,) = told(tmp_path, tape.format(tmp_path / "unnamed"))
    assert line.startswith("conf:3: ") and "format not known" in line


def test_the_band_of_a_recording_that_has_a_head(tmp_path):
    with wave.open(str(tmp_path / "x_144.8M.wav"), "wb") as w:
        w.setparams((2, 2, 48000, 0, "NONE", ""))
        w.writeframes(bytes(4000))
    tape = f"[receiver tape]\nsource = file\npath = {tmp_path}/x_144.8M.wav\n"
    done, _ = check(tmp_path, tape + channel("x", "aprs", "144.8M") + channel("y", "nfm", "144810k") + LISTEN)
    assert done.returncode == 0, done.stderr
    (line,) = told(tmp_path, tape + channel("x", "aprs", "144.8M") + channel("y", "nfm", "446M") + LISTEN)
    assert line.startswith("conf:9: 446.000000 MHz is outside the band")
    (line,) = told(tmp_path, GOOD.replace("source = file", "source = file\nrate = 2400"))
    assert "did you mean 2400k?" in line


def test_sockets_that_cannot_be_made(tmp_path):
    text = GOOD + "[listen control]\ntype = unix\npath = {}\n"
    (tmp_path / "file").touch()
    for path, words in [(tmp_path / "none/x.sock", "No such file"), (tmp_path / "file/x.sock", "Not a directory"),
                        (tmp_path / "file", "something else"), ("/proc/x.sock", "no socket can be made"), ("~/x.sock", "full path")]:
        (line,) = told(tmp_path, text.format(path))
        assert line.startswith("conf:17: ") and words in line, line
    for path in (tmp_path / "x.sock", "/run/hertzd/hertzd.sock"):
        done, _ = check(tmp_path, text.format(path))
        assert done.returncode == 0, done.stderr


def test_nothing_to_run(tmp_path):
    for text, words in [("", ["no receiver", "no listener"]), ("# a comment\n", ["no receiver", "no listener"]),
                        (DONGLE + channel("x", "adsb"), ["no listener"]), (LISTEN, ["no receiver"])]:
        lines = told(tmp_path, text)
        assert len(lines) == len(words) and all(w in l for w, l in zip(words, lines)), lines
        done = hz.run("-c", tmp_path / "hertzd.conf")
        assert done.returncode == 2 and words[0].encode() in done.stderr


def test_one_channel_twice(tmp_path):
    (line,) = told(tmp_path, DONGLE + channel("x", "aprs", "144.8M") + channel("y", "aprs", "144800k") + LISTEN)
    assert line.startswith("conf:8: ") and "twice" in line and "channel x" in line


def test_a_cause_stands_alone(tmp_path):
    assert len(told(tmp_path, DONGLE + "rate = 28M\n" + channel("x", "adsb") + channel("y", "aprs"))) == 1
    assert len(told(tmp_path, GOOD.replace("[receiver roof]", "[receivr roof]"))) == 1
