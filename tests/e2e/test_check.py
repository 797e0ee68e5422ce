"""`hertzd check`: what would run, or every error of the configuration in one go."""
import hz
import pytest

GOOD = """
[hertzd]
workers = 2

[receiver roof]
source = file
path = /x_1090M_2400k.cu8

[channel 1090]
decoder = adsb

[listen json]
type = tcp
address = 127.0.0.1:7373
"""


def check(tmp_path, text):
    path = tmp_path / "hertzd.conf"
    path.write_text(text)
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
