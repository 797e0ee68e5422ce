"""From a dongle to messages: `hertzd setup`, waiting for a dongle that is away, `hertzctl scan`.

The dongles are virtual (tests/usb): the real librtlsdr finds, opens and tunes them.
"""
import configparser
import json
import os
import pty
import signal
import stat
import subprocess
import sys

import pytest

import hz

sys.path.insert(0, str(hz.ROOT / "tests/usb"))
from control import Control  # noqa: E402

USB = hz.ROOT / "build/usb"
pytestmark = [pytest.mark.plain,
              pytest.mark.skipif(not (USB / "libusb-1.0.so.0").exists(),
                                 reason="the virtual dongle was not built: make virtual-dongle")]


def dongles(n, **more):
    """The environment of a program that finds so many of them."""
    return {"LD_LIBRARY_PATH": str(USB), "HZ_USB_DONGLES": str(n), **{k: str(v) for k, v in more.items()}}


@pytest.fixture(scope="session")
def harbour(tmp_path_factory):
    """Four seconds of ships and voices at 161.85 MHz, 1.536 Msps."""
    path = tmp_path_factory.mktemp("scan") / "vhf.cu8"
    with open(path, "wb") as out:
        subprocess.run([hz.ROOT / "build/scene", "vhf", "1", "4"], stdout=out, check=True)
    return path


def set_up(conf, *args, env):
    return hz.run("setup", "--yes", "-c", conf, *args, env=env)


def sections(path):
    """The sections of a configuration, by a reader that is not hertzd's own."""
    reader = configparser.ConfigParser(interpolation=None)
    reader.read(path)
    return {name: dict(reader[name]) for name in reader.sections()}


# -- setup -----------------------------------------------------------------------------------------


def test_setup_without_a_dongle(tmp_path):
    conf = tmp_path / "hertzd.conf"
    done = set_up(conf, "--interests", "ships,packet", "--region", "america", "--place", "48.1,-11.5",
                 env=dongles(0))
    assert done.returncode == 0, done
    assert b"No RTL-SDR dongle is plugged in" in done.stdout
    assert b"packet       144.3900 MHz: not heard" in done.stdout
    made = sections(conf)
    assert (made["receiver radio"]["gain"], made["receiver radio"]["ppm"]) == ("best", "auto")  # it will find them out
    assert made["receiver radio"]["latitude"] == "48.1" and made["receiver radio"]["longitude"] == "-11.5"
    assert {s["frequency"] for n, s in made.items() if n.startswith("channel")} == {"161.975M", "162.025M"}
    assert "source = sim" not in conf.read_text()
    assert "#[channel aprs-144.39]" in conf.read_text()
    assert hz.run("check", "-c", conf).returncode == 0


def test_setup_keeps_what_was_there(tmp_path):
    conf = tmp_path / "hertzd.conf"
    conf.write_text("# mine\n")
    conf.chmod(0o640)
    done = set_up(conf, env=dongles(0))
    assert done.returncode == 2 and b"--force" in done.stdout and conf.read_text() == "# mine\n", done
    done = set_up(conf, "--force", env=dongles(0))
    assert done.returncode == 0, done
    kept, = [p for p in tmp_path.iterdir() if p != conf]
    assert kept.read_text() == "# mine\n" and str(kept).encode() in done.stdout
    assert "adsb" in conf.read_text() and stat.S_IMODE(conf.stat().st_mode) == 0o640


@pytest.mark.parametrize("args,expected", [
    (["--interests", "boats"], b"'boats': expected some of aircraft ships"),
    (["--interests", "pagers", "--region", "japan"], b"'pagers': nothing is known of it for japan"),
    (["--place", "91,0"], b"'91,0': expected degrees"),
    (["--region", "moon"], b"'moon': expected one of europe"),
    (["--gain", "99"], b"'99': expected dB from 0 to 60, auto or best"),
    (["--ppm", "x"], b"'x': expected parts per million"),
])
def test_setup_refuses(tmp_path, args, expected):
    conf = tmp_path / "hertzd.conf"
    done = set_up(conf, *args, env=dongles(0))
    assert done.returncode == 2 and expected in done.stdout, done
    assert not list(tmp_path.iterdir())


def test_setup_asks_only_on_a_terminal(tmp_path):
    done = hz.run("setup", "-c", tmp_path / "hertzd.conf", stdin=b"none\n", env=dongles(0))
    hz.one_line(done, 2, "--yes")


def dialogue(args, answers, env):
    """Answers question by question, each a part of what is asked and the line that is typed.
    Returns what was shown, and the exit code."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(hz.BIN, [hz.BIN, "setup", *map(str, args)], {**os.environ, **env})
    shown = ""
    at = 0
    todo = list(answers)
    try:
        while more := os.read(terminal, 4096):
            shown += more.decode(errors="replace")
            while todo and (found := shown.find(todo[0][0], at)) >= 0:
                at = found + len(todo[0][0])
                os.write(terminal, todo.pop(0)[1].encode() + b"\n")
    except OSError:
        pass  # it has ended
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    os.close(terminal)
    assert not todo, (todo, shown)
    return shown.replace("\r\n", "\n"), code


def test_setup_is_a_dialogue(tmp_path):
    conf = tmp_path / "hertzd.conf"
    shown, code = dialogue(["-c", conf], [
        ("Where is the antenna", "here"),  # is asked again
        ("[none]: ", "53.5, 10"),
        ("Region", ""),
        ("Interests", "radiosondes, meters"),
    ], dongles(0))
    assert code == 0 and "'here': expected degrees" in shown, shown
    assert "To start it:" in shown
    made = sections(conf)
    assert made["receiver radio"]["latitude"] == "53.5" and "channel rs41-403.5" in made
    before = conf.read_text()
    shown, code = dialogue(["-c", conf, "--place", "none", "--region", "europe", "--interests", "ships"],
                           [("Replace", "maybe"), ("expected yes or no", ""), ], dongles(0))
    assert code == 0 and "is kept as" in shown, shown
    assert "ais" in conf.read_text() and before in [p.read_text() for p in tmp_path.iterdir()]
    shown, code = dialogue(["-c", conf, "--place", "none", "--region", "europe", "--interests", "packet"],
                           [("Replace", "no")], dongles(0))
    assert code == 1 and "nothing was written" in shown and "aprs" not in conf.read_text(), shown


def test_setup_listens(tmp_path):
    """Two dongles: what one cannot hear goes to the other; gains are compared by what comes."""
    air = tmp_path / "air.cu8"
    with open(air, "wb") as out:
        subprocess.run([hz.ROOT / "build/scene", "aircraft", "1", "1"], stdout=out, check=True)
    conf = tmp_path / "hertzd.conf"
    done = set_up(conf, "--interests", "aircraft,ships", "--listen", 4, env=dongles(2, HZ_USB_PLAY=air))
    assert done.returncode == 0 and done.stdout.count(b"It opens.") == 2, done
    tried = [l.split() for l in done.stdout.decode().splitlines() if l.startswith("  gain")]
    assert len(tried) == 10 and tried[0][1] == "auto", done.stdout.decode()
    heard = [int(words[words.index("messages,") - 1]) for words in tried]
    assert sum(heard[:5]) > 50 and heard[5:] == [0] * 5, heard
    made = sections(conf)
    assert (made["receiver radio"]["device"], made["receiver radio2"]["device"]) == ("00000001", "00000002")
    assert made["channel adsb-1090"]["receiver"] == "radio"
    assert made["channel ais-162.025"]["receiver"] == "radio2"
    assert made["receiver radio"]["gain"] != "best" and made["receiver radio2"]["gain"] == "best"  # nothing to compare


def test_dongles_of_one_number_are_told_apart_by_port(tmp_path):
    """Whatever a device says of itself, the file stays what it is."""
    script = tmp_path / "script"
    script.write_text("at 0 unplug 1\nat 0 serial 1 00000001\nat 0 plug 1\n")
    conf = tmp_path / "hertzd.conf"
    done = set_up(conf, "--interests", "aircraft,ships", "--listen", 0, env=dongles(2, HZ_USB_SCRIPT=script))
    assert done.returncode == 0, done
    made = sections(conf)
    assert (made["receiver radio"]["device"], made["receiver radio2"]["device"]) == ("1-1.1", "1-1.2")


def test_a_dongle_that_nothing_is_left_for_is_a_comment(tmp_path):
    conf = tmp_path / "hertzd.conf"
    done = set_up(conf, "--interests", "aircraft", "--gain", 40.2, "--ppm", -3, env=dongles(2))
    assert done.returncode == 0 and b"nothing is left for radio2" in done.stdout, done
    made = sections(conf)
    assert (made["receiver radio"]["gain"], made["receiver radio"]["ppm"]) == ("40.2", "-3")
    assert "receiver radio2" not in made and "#device = 00000002" in conf.read_text()


@pytest.mark.parametrize("trouble,remedy", [
    ("deny 0 on", "udev rules"),
    ("driver 0 other", "in use by another program"),
    ("driver 0 stuck", "rmmod dvb_usb_rtl28xxu"),
])
def test_setup_tells_why_a_dongle_does_not_open(tmp_path, trouble, remedy):
    script = tmp_path / "script"
    script.write_text(f"at 0 {trouble}\n")
    done = set_up(tmp_path / "hertzd.conf", env=dongles(1, HZ_USB_SCRIPT=script))
    assert done.returncode == 0 and remedy in done.stdout.decode(), done
    assert b"Listening" not in done.stdout and b"It opens" not in done.stdout


# -- waiting ---------------------------------------------------------------------------------------


def test_an_absent_dongle_is_told_of_once(tmp_path):
    """It is tried again and again, and comes at last; the log has a line for each of the two."""
    usb = tmp_path / "usb"
    script = tmp_path / "script"
    script.write_text("at 0 unplug 0\nat 0 hotplug on\n")
    conf = "[receiver roof]\nsource = rtlsdr\n[channel 1090]\ndecoder = adsb\n"
    with hz.Daemon(conf, env=dongles(1, HZ_USB_SCRIPT=script, HZ_USB_CONTROL=usb)) as d:
        hz.wait(lambda: d.rpc.result("receivers")[0]["failures"] >= 3)
        Control(usb).tell("plug 0")
        hz.wait(lambda: d.rpc.result("receivers")[0]["state"] == "streaming")
        log = (d.dir / "stderr").read_text()
    assert log.count("receiver roof: backoff: no RTL-SDR dongle is plugged in") == 1, log
    assert log.count("receiver roof: opening") == 2, log  # the first try, and when it was plugged in
    assert log.count("receiver roof: streaming") == 1, log


# -- scan ------------------------------------------------------------------------------------------

SCANNED = """
[receiver roof]
source = rtlsdr
rate = 1536k
centre = 161.85M
[channel mine]
decoder = ais
frequency = 161.975M
"""


def scan(d, *args):
    return subprocess.run([hz.CTL, "--socket", d.sock, "scan", *map(str, args)], capture_output=True, text=True,
                          timeout=hz.PATIENCE)


def receiver(d):
    return d.rpc.result("receivers")[0]


def test_scan_finds_ships_and_voices(tmp_path, harbour):
    """The range is one step, whose centre is that of the recording."""
    found = tmp_path / "found.conf"
    with hz.Daemon(SCANNED, env=dongles(1, HZ_USB_PLAY=f"{harbour}@161850000")) as d:
        hz.wait(lambda: receiver(d)["state"] == "streaming")
        done = scan(d, "roof", "161.2358M", "162.4642M", "--seconds", 5, "--json", "--write", found)
        assert done.returncode == 0, done
        assert [c["name"] for c in d.rpc.result("channels")] == ["mine"]
        assert receiver(d)["centre_hz"] == 161.85e6
    assert "these channels hear nothing meanwhile: mine" in done.stderr
    rows = json.loads(done.stdout)
    ships = {r["freq_hz"]: r for r in rows if r["decoder"] == "ais"}
    assert set(ships) == {161975000, 162025000}, rows
    assert all(r["messages"] > 0 and r["over_db"] > 10 and r["duty_percent"] < 50 for r in ships.values()), rows
    # the scene has two FM voices, at 161.45 and 161.6 MHz: no decoder's usual frequency
    voices = [r for r in rows if "messages" not in r]
    assert {round(r["freq_hz"] / 1e4) for r in voices} == {16145, 16160}, rows
    assert all(r["decoder"] == "nfm" for r in voices), rows
    # what it wrote can be used
    made = sections(found)
    assert {s["frequency"] for s in made.values()} == {"161.975M", "162.025M"}
    both = tmp_path / "both.conf"
    both.write_text("[receiver roof]\nsource = rtlsdr\n[listen x]\ntype = tcp\naddress = 127.0.0.1:7373\n"
                    + found.read_text())
    assert hz.run("check", "-c", both).returncode == 0


def test_scan_returns_after_control_c(tmp_path):
    with hz.Daemon(SCANNED, env=dongles(1)) as d:
        hz.wait(lambda: receiver(d)["state"] == "streaming")
        p = subprocess.Popen([hz.CTL, "--socket", d.sock, "scan", "roof", "400M", "600M"],
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        hz.wait(lambda: receiver(d)["centre_hz"] > 400e6)
        p.send_signal(signal.SIGINT)
        out, err = p.communicate(timeout=hz.PATIENCE)
        assert p.returncode == 0 and "ended early" in err, (out, err)
        assert receiver(d)["centre_hz"] == 161.85e6
        assert [c["name"] for c in d.rpc.result("channels")] == ["mine"]


@pytest.mark.parametrize("args,expected", [
    (["sky"], "no centre to tune to"),
    (["nobody"], 'no receiver "nobody"'),
    (["sky", "144M"], "a second frequency"),
    (["sky", "144", "146"], "expected a unit, as 144M"),
    (["sky", "146M", "144M"], "expected more than 146M"),
])
def test_scan_refuses(args, expected):
    with hz.Daemon(hz.SIM) as d:
        hz.wait(lambda: receiver(d)["state"] == "streaming")
        done = scan(d, *args)
        assert done.returncode == 1 and expected in done.stderr and not done.stdout, done
