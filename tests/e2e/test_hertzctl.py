"""hertzctl against a control socket of the test's own, whose answers are known, and against hertzd."""
import json
import os
import socket
import subprocess
import threading
from datetime import datetime, timedelta, timezone

import hz
import pytest


def ctl(*args, **kw):
    return subprocess.run([hz.CTL, *map(str, args)], capture_output=True, text=True,
                          timeout=hz.PATIENCE, **kw)


class Fake:
    """One client is served: `reply` makes the bytes to send of its request. A list: of one
    request after the other."""

    def __init__(self, tmp_path, reply):
        tmp_path.mkdir(exist_ok=True)
        self.path = tmp_path / "sock"
        self.requests = []
        self.server = socket.socket(socket.AF_UNIX)
        self.server.bind(str(self.path))
        self.server.settimeout(hz.PATIENCE)
        self.server.listen()
        self.thread = threading.Thread(target=self.serve, args=(reply,))
        self.thread.start()

    def serve(self, reply):
        client, _ = self.server.accept()
        replies = reply if isinstance(reply, list) else [reply]
        with client, client.makefile("rb") as lines:
            for one in replies:
                self.requests.append(json.loads(lines.readline()))
                client.sendall(one(self.requests[-1]))

    @property
    def request(self):
        return self.requests[0]

    def ctl(self, *args, **kw):
        done = ctl(*args, "--socket", self.path, **kw)
        self.thread.join(hz.PATIENCE)
        self.server.close()
        return done


def result(value):
    return lambda r: json.dumps({"jsonrpc": "2.0", "id": r["id"], "result": value}).encode() + b"\n"


def ago(seconds):
    return (datetime.now(timezone.utc) - timedelta(seconds=seconds)).strftime("%FT%T.123456789Z")


CLIENTS = [
    {"id": 1, "listener": "json", "transport": "tcp", "peer": "127.0.0.1:50412", "since": "",
     "sent_frames": 1234567, "sent_bytes": 482000000, "behind": 0, "missed": 12,
     "streaming": True, "filter": {"protocol": ["adsb", "ais"], "kind": ["message"]}},
    {"id": 12, "listener": "web", "transport": "websocket", "peer": "é\x1b[31m", "since": "",
     "sent_frames": 0, "sent_bytes": 999, "behind": 7, "streaming": False, "filter": {}},
]


def test_table_is_aligned_and_has_units(tmp_path):
    CLIENTS[0]["since"], CLIENTS[1]["since"] = ago(185.5), ago(7205.5)
    fake = Fake(tmp_path, result(CLIENTS))
    done = fake.ctl("clients", "--wide")
    assert (done.returncode, done.stderr) == (0, "")
    assert fake.request == {"jsonrpc": "2.0", "id": 1, "method": "clients"}
    assert done.stdout == (
        "ID  LISTENER  BY         PEER                 SINCE     FRAMES    SENT  BEHIND  MISSED  "
        "STREAMING  FILTER\n"
        " 1  json      tcp        127.0.0.1:50412  3 min ago  1,234,567  482 MB       0      12  "
        "yes        protocol=adsb,ais kind=message\n"
        "12  web       websocket  é?[31m             2 h ago          0   999 B       7       -  "
        "no         all\n"
    )


def test_json_is_what_the_socket_gave(tmp_path):
    value = [{"name": "x", "n": 18446744073709, "f": -0.125, "none": None, "deep": {"a": [1, "é"]}}]
    done = Fake(tmp_path, result(value)).ctl("decoders", "--json")
    assert done.returncode == 0
    assert done.stdout == json.dumps(value, separators=(",", ":"), ensure_ascii=False) + "\n"


def test_nobody_there_is_said(tmp_path):
    assert Fake(tmp_path, result([])).ctl("clients").stdout == "no clients\n"


@pytest.mark.parametrize("seconds,text", [
    (0, "now"), (1, "1 s ago"), (2, "2 s ago"), (119.9, "119 s ago"), (120, "2 min ago"),
    (7199, "119 min ago"), (7200, "2 h ago"), (172800, "2 d ago"),
])
def test_ages(tmp_path, seconds, text):
    done = Fake(tmp_path, result([{"name": "c", "last_message_age_s": seconds}])).ctl("channels")
    assert done.stdout.splitlines()[1].split("  ")[-1].strip() == text


def failed(done, code, *words):
    assert done.returncode == code, done
    assert done.stderr.count("\n") == 1, done.stderr
    for word in words:
        assert word in done.stderr


def test_error_of_the_daemon(tmp_path):
    error = {"jsonrpc": "2.0", "id": 1, "error": {"code": -32602, "message": "x.conf:3: bad\n"}}
    done = Fake(tmp_path, lambda r: json.dumps(error).encode() + b"\n").ctl("reload")
    failed(done, 1, "hertzctl: reload: x.conf:3: bad")


@pytest.mark.parametrize("answer", [b"", b"{", b"hello\n", b"[]\n", b'{"jsonrpc":"2.0"}\n', b"\0\n"])
def test_not_hertzd(tmp_path, answer):
    failed(Fake(tmp_path, lambda r: answer).ctl("status"), 1, "hertzctl: status: ")


def test_no_daemon(tmp_path):
    failed(ctl("status", "--socket", tmp_path / "none"), 1, f"no hertzd at {tmp_path}/none", "start it")
    (tmp_path / "file").touch()
    failed(ctl("--socket", tmp_path / "file"), 1, "no hertzd at")
    failed(ctl("--socket", "x" * 200), 1, "at most 107 characters")


def test_a_table_fits_80_columns(tmp_path):
    """Columns that matter less go first, then the longest texts are cut; --wide has all."""
    rows = [{"name": f"channel-{i}", "decoder": "adsb", "receiver": "a-receiver", "freq_hz": 1090e6,
             "state": "decoding", "messages": 10**i, "last_message_age_s": 3, "overruns": i,
             "candidates": {"bad_crc": 12345678}, "lost_samples": 5, "level_dbfs": -20.5,
             "noise_dbfs": -40, "cpu_s": 1, "cpu_ns_per_sample": 2.5} for i in range(9)]
    narrow = Fake(tmp_path / "a", result(rows)).ctl("channels").stdout.splitlines()
    wide = Fake(tmp_path / "b", result(rows)).ctl("channels", "--wide").stdout.splitlines()
    assert max(map(len, narrow)) <= 80 < max(map(len, wide))
    for title in ("CHANNEL", "DECODER", "FREQUENCY", "STATE", "MESSAGES"):
        assert title in narrow[0]
    for title in ("PER SAMPLE", "NOISE", "OVERRUNS"):
        assert title not in narrow[0] and title in wide[0]
    failed = [{**rows[0], "error": "the band of the receiver has no room for it " * 5}]
    text = Fake(tmp_path / "c", result(failed)).ctl("channels").stdout.splitlines()
    assert max(map(len, text)) <= 80 and text[1].endswith("~") and "the band of" in text[1]


@pytest.mark.parametrize("args,value", [
    (["tune", "roof", "162.025M"], 162025000), (["ppm", "roof", "-5.5"], -5.5),
    (["gain", "roof", "auto"], "auto"), (["gain", "roof", "40"], 40), (["bias", "roof", "yes"], True),
    (["bias", "roof", "on"], True), (["bias", "roof", "off"], False),
    (["bias", "roof", "no"], False), (["gain", "roof", "-10"], -10), (["tune", "roof", "x"], "x"),
])
def test_changes(tmp_path, args, value):
    receiver = {"name": "roof", "state": "streaming", "tuning": "done", "gain_db": "auto",
                "centre_hz": 162025000, "ppm": -5.5, "bias_tee": False}
    fake = Fake(tmp_path, [result({"receiver": "roof", "tuning": "pending"}), result([receiver])])
    done = fake.ctl(*args)
    assert (done.returncode, done.stderr) == (0, "")
    assert fake.request["method"] == args[0]
    assert fake.request["params"] == {"receiver": "roof", "value": value}
    assert done.stdout == "roof: " + {"tune": "centre 162.025 MHz", "ppm": "ppm -5.5",
                                      "gain": "gain auto", "bias": "bias tee off"}[args[0]] + "\n"


def receiver(**fields):
    return result([{"name": "cellar"}, {"name": "roof", "state": "streaming", **fields}])


def test_a_change_is_waited_for(tmp_path):
    asked = result({"receiver": "roof", "tuning": "pending"})
    pending = receiver(tuning="pending", gain_db="auto")
    done = Fake(tmp_path / "a", [asked, pending, pending, receiver(
        tuning="done", gain_db=40, gains_db=[0, 38.6, 40.2, 49.6])]).ctl("gain", "roof", "40")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "roof: gain 40.0 dB (the tuner's nearest step: 40.2 dB)\n"
    why = "the dongle refused the gain 40"
    failed(Fake(tmp_path / "b", [asked, pending, receiver(tuning=why)]).ctl("gain", "roof", "40"), 1,
           f"hertzctl: gain: roof: {why}")
    gone = result([{"name": "roof", "state": "backoff", "tuning": "pending"}])
    failed(Fake(tmp_path / "c", [asked, gone]).ctl("ppm", "roof", "1"), 1, "stopped before")


def test_gains_are_listed(tmp_path):
    fake = Fake(tmp_path / "a", receiver(gain_db=40.2, gains_db=[0, 0.9, 40.2, 49.6]))
    done = fake.ctl("gain", "roof")
    assert [r["method"] for r in fake.requests] == ["receivers"]
    assert done.stdout == "roof: gain 40.2 dB\nsteps of its tuner, in dB: 0.0 0.9 40.2 49.6\n"
    done = Fake(tmp_path / "b", receiver(gain_db="auto")).ctl("gain", "roof")
    assert done.stdout == "roof: gain auto\nthe steps of its tuner are not known\n"
    failed(Fake(tmp_path / "c", receiver()).ctl("gain", "attic"), 1, 'no receiver "attic"')


def test_channels_are_added_and_removed(tmp_path):
    fake = Fake(tmp_path / "a", result({"added": "ships"}))
    done = fake.ctl("add", "vhf", "ships", "ais", "frequency=162.025M", "keep=all")
    assert (done.returncode, done.stdout, done.stderr) == (0, "added ships\n", "")
    assert (fake.request["method"], fake.request["params"]) == ("add_channel", {
        "receiver": "vhf", "name": "ships", "decoder": "ais", "frequency": "162.025M", "keep": "all"})
    fake = Fake(tmp_path / "b", result({"removed": "ships"}))
    done = fake.ctl("remove", "ships")
    assert (done.returncode, done.stdout, done.stderr) == (0, "removed ships\n", "")
    assert (fake.request["method"], fake.request["params"]) == ("remove_channel", {"channel": "ships"})


COMMANDS = ["status", "receivers", "channels", "clients", "decoders", "health", "watch", "gain", "scan", "tune",
            "ppm", "bias", "add", "remove", "channel", "receiver", "listen",
            "output", "input", "event", "config", "reload", "help"]


def test_every_command_has_help():
    every = ctl("help")
    assert (every.returncode, every.stderr) == (0, "") and every.stdout == ctl("--help").stdout
    for command in COMMANDS:
        assert f"\n  {command} " in every.stdout
        one = ctl("help", command)
        assert (one.returncode, one.stderr) == (0, "")
        assert max(map(len, one.stdout.splitlines())) <= 80, one.stdout
        assert one.stdout.startswith(f"usage: hertzctl {command}")
        if command != "help":
            assert ctl(command, "--help").stdout == one.stdout
    assert max(map(len, every.stdout.splitlines())) <= 80
    assert ctl("--version").stdout.startswith("hertzctl ")


@pytest.mark.parametrize("args,word,words", [
    (["stauts"], "stauts", ["did you mean 'status'?"]),
    (["xyzzy"], "xyzzy", ["no such command"]),
    (["help", "wathc"], "wathc", ["did you mean 'watch'?"]),
    (["status", "clients"], "clients", ["too many"]),
    (["status", "--kind", "gap"], "--kind", ["status has no such option"]),
    (["watch", "--wide"], "--wide", ["watch has no such option"]),
    (["--jsn"], "--jsn", ["did you mean '--json'?"]),
    (["watch", "--chanel=x"], "--chanel=x", ["did you mean '--channel'?"]),
    (["status", "-q"], "-q", ["no such option"]),
    (["--socket"], "--socket", ["value is missing"]),
    (["tune", "roof"], "roof", ["tune RECEIVER FREQUENCY"]),
    (["tune", "roof", "1M", "2M"], "2M", ["too many"]),
    (["watch", "-n", "few"], "few", ["1 or more"]), (["watch", "-n", "0"], "0", ["1 or more"]),
    (["remove"], "remove", ["remove CHANNEL"]),
])
def test_wrong_usage(args, word, words):
    """One line that names the wrong word once, and where help is."""
    done = ctl(*args)
    failed(done, 2, f"'{word}'", "see 'hertzctl help", *words)
    assert done.stderr.count(f"'{word}'") == 1 and not done.stdout


def test_output_that_cannot_be_written(tmp_path):
    fake = Fake(tmp_path, result([]))
    with open("/dev/full", "w") as full:
        done = subprocess.run([hz.CTL, "clients", "--socket", fake.path], stdout=full,
                              stderr=subprocess.PIPE, text=True, timeout=hz.PATIENCE)
    fake.thread.join(hz.PATIENCE)
    fake.server.close()
    failed(done, 1, "standard output cannot be written")


def frame(record):
    return b'{"jsonrpc":"2.0","method":"frame","params":' + json.dumps(record).encode() + b"}\n"


MESSAGE = {"seq": 7, "kind": "message", "time": "2026-11-23T08:26:11.123456789Z", "receiver": "roof",
           "channel": "1090", "protocol": "adsb", "snr_db": 25.7, "raw": "8d4840d6202cc371c32ce0576098",
           "adsb": {"hex": "4840d6", "type": "adsb_icao", "df": 17, "flight": "KLM1023 "}}


def test_watch_subscribes_and_follows(tmp_path):
    fake = Fake(tmp_path, lambda r: result({"kind": "hello"})(r) + frame(MESSAGE))
    done = fake.ctl("watch", "--protocol", "adsb,ais", "--channel", "1090")
    assert fake.request["method"] == "subscribe"
    assert fake.request["params"] == {"protocol": ["adsb", "ais"], "channel": ["1090"]}
    failed(done, 1, "hertzd closed the connection")
    line = done.stdout.splitlines()[1]
    assert line.split() == ["08:26:11", "adsb", "25.7", "4840d6", "KLM1023"]


LONG = {**MESSAGE, "protocol": "x", "x": {"text": "é" * 200 + "\x1b[31m\n", "n": 1.5}}
FULL = {**MESSAGE, "adsb": {"hex": "a840d6", "flight": "KLM1023A", "alt_baro": 38000, "gs": 450.4, "track": 359.6,
                            "lat": -52.123456, "lon": -104.567891}}
SHIP_FULL = {**MESSAGE, "protocol": "ais", "ais": {"mmsi": 211281610, "shipname": "A VERY LONG SHIPS NAME",
                                                   "speed": 102.2, "course": 359.9, "lat": -89.12345, "lon": -179.98765}}


def test_lines_have_80_columns_and_are_harmless(tmp_path):
    longer = [{**LONG, "x": {"t": "x" * i + "é€𝄞" * 200}} for i in range(9)]  # cut, but between characters
    frames = b"".join(map(frame, [FULL, SHIP_FULL, {**MESSAGE, "adsb": {"hex": "a840d6"}}, LONG, *longer]))
    lines = Fake(tmp_path, lambda r: result({})(r) + frames).ctl("watch", "-n", "13").stdout.splitlines()
    assert lines[1].split() == ["08:26:11", "adsb", "25.7", "a840d6", "KLM1023A", "38000", "ft", "450", "kt", "360",
                                "-52.123", "-104.568"]
    assert lines[2].split()[3:] == ["211281610", "A", "VERY", "LONG", "SH", "102.2", "kt", "360", "-89.123", "-179.988"]
    assert lines[3] == lines[1], "what is known of it stays"
    assert max(map(len, lines[:4])) <= 80
    assert lines[4].endswith("é?[31m? n=1.5") and "\x1b" not in lines[4]


def test_watch_counts(tmp_path):
    state = {"seq": 6, "kind": "state", "receiver": "roof", "state": "streaming"}
    fake = Fake(tmp_path, lambda r: result({"kind": "hello"})(r) + frame(state) + 9 * frame(MESSAGE))
    done = fake.ctl("watch", "-n", "2", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert [json.loads(l)["kind"] for l in done.stdout.splitlines()] == ["state", "message", "message"]


def test_watch_asks_for_what_its_options_say(tmp_path):
    fake = Fake(tmp_path, lambda r: result({"kind": "hello"})(r) + frame(MESSAGE))
    fake.ctl("watch", "--json", "--id", "4840d6,DL1HZ-9", "--bbox", "-1,2,3,4", "--min-snr", "6.5", "--every", "10s",
             "--protocol", "adsb")
    assert fake.request["params"] == {"protocol": ["adsb"], "id": ["4840d6", "DL1HZ-9"], "bbox": "-1,2,3,4",
                                      "min_snr": "6.5", "every": "10s"}


def test_watch_json(tmp_path):
    fake = Fake(tmp_path, lambda r: result({"kind": "hello"})(r) + frame(MESSAGE) + frame({"seq": 8}))
    done = fake.ctl("watch", "--json")
    assert fake.request["params"] == {}
    assert done.stdout == json.dumps(MESSAGE) + "\n" + json.dumps({"seq": 8}) + "\n"


def test_last_words_of_the_daemon(tmp_path):
    error = {"jsonrpc": "2.0", "id": None, "error": {"code": -32000, "message": "too far behind"}}
    fake = Fake(tmp_path, lambda r: result({})(r) + json.dumps(error).encode() + b"\n")
    failed(fake.ctl("watch"), 1, "hertzctl: watch: too far behind")


# -- with the daemon ---------------------------------------------------------------------------


def test_every_command_of_a_running_daemon(air):
    with hz.Daemon(hz.conf(air, hz.LOOP)) as d:
        for command, words in [("status", ["streaming", "LISTENER", "1090"]),
                               ("receivers", ["2.4 Msps", "1090 MHz", "streaming"]),
                               ("channels", ["1090", "adsb", "decoding"]),
                               ("clients", ["unix", "control"]),
                               ("decoders", ["adsb", "1090 MHz"]), ("decoders --wide", ["adsb", "3.2 Msps"])]:
            done = ctl(*command.split(), "--socket", d.sock)
            assert (done.returncode, done.stderr) == (0, "")
            assert max(map(len, done.stdout.splitlines())) <= 80 or "--wide" in command, done.stdout
            command = command.split()[0]
            for word in words:
                assert word in done.stdout, done.stdout
            first = (lambda v: v[0] if isinstance(v, list) else v)
            # a field that is known a moment after the start may come between the two
            hz.wait(lambda: first(json.loads(ctl(command, "--json", "--socket", d.sock).stdout)).keys()
                    == first(d.rpc.result(command)).keys())
        assert ctl("health", "--socket", d.sock).stdout == "healthy\n"
        assert ctl("reload", "--socket", d.sock).returncode == 0
        failed(ctl("add", "roof", "more", "adbs", "--socket", d.sock), 1, "did you mean 'adsb'")
        failed(ctl("add", "roof", "more", "adsb", "ctcss=88.5", "--socket", d.sock), 1, "no meaning")
        failed(ctl("remove", "more", "--socket", d.sock), 1, 'no channel "more"')
        failed(ctl("tune", "roof", "1M", "--socket", d.sock), 1, "hertzctl: tune: ")
        failed(ctl("tune", "cellar", "1M", "--socket", d.sock), 1, "cellar")
        d.write("[receiver x]\nsource = nothing\n")
        failed(ctl("reload", "--socket", d.sock), 1, "nothing")


def test_watch_of_a_running_daemon(air):
    with hz.Daemon(hz.conf(air, hz.LOOP)) as d:
        for extra in [], ["--json"]:
            watch = subprocess.Popen([hz.CTL, "watch", *extra, "--socket", d.sock],
                                     stdout=subprocess.PIPE)
            for i in range(20):
                line = watch.stdout.readline()
                if extra:
                    assert hz.checked(line)["kind"] in ("message", "state", "stats")
                elif i:
                    assert b"adsb" in line
            watch.terminate()
            watch.wait(hz.PATIENCE)
            watch.stdout.close()


def test_the_socket_of_a_demo_is_found(tmp_path):
    if os.path.exists("/run/hertzd/hertzd.sock"):
        pytest.skip("a hertzd runs as a service here")
    server = socket.socket(socket.AF_UNIX)
    path = tmp_path / "hertzd-demo.sock"
    server.bind(str(path))
    server.close()
    done = ctl("status", env={**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)})
    failed(done, 1, f"no hertzd at {path}")


# -- hertzctl top ---------------------------------------------------------------------------------


def top_status(messages, troubles=()):
    return {"version": "9.9", "headline": "1 of 1 receiver streaming", "uptime_s": 75, "memory_bytes": 5000000,
            "loop": {"busy_percent": 1.5}, "jobs": {"workers": 2, "busy_percent": 3},
            "receivers": [{"name": "roof", "state": "streaming", "level_dbfs": -20.5, "lost_samples": 0}],
            "channels": [{"name": "1090", "receiver": "roof", "decoder": "adsb", "messages": messages}],
            "listeners": [], "troubles": list(troubles)}


def test_top_shows_what_is_wrong_first(tmp_path):
    trouble = {"severity": "error", "about": "receiver", "name": "roof", "what": "lost: \x1b[31m unplugged",
               "remedy": "Plug it in again. " * 8}
    done = Fake(tmp_path, result(top_status(7, [trouble]))).ctl("top", "-n", 1)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0].startswith("hertzd 9.9  ") and lines[0].endswith(" UTC")
    assert lines[1] == "1 of 1 receiver streaming"
    assert lines[2] == "running for 75 s, memory 5.0 MB, loop 1.5 %, 2 workers 3.0 %"
    assert lines[4] == "error: receiver roof: lost: ?[31m unplugged"
    assert lines[5].startswith("    Plug it in again.") and lines[6].startswith("    ")
    assert max(map(len, lines)) <= 80 and "\x1b" not in done.stdout
    assert lines.index("") < 4 < next(i for i, l in enumerate(lines) if l.startswith("RECEIVER"))


def test_top_tells_messages_per_minute(tmp_path):
    fake = Fake(tmp_path, [result(top_status(100)), result(top_status(130))])
    done = fake.ctl("top", "-n", 2)
    first, second = [s for s in done.stdout.split("CHANNEL")[1:]]
    assert "PER MIN" not in first
    rate = int(second.splitlines()[1].split()[2].replace(",", ""))
    assert 0 < rate <= 30 * 60 * 1.01, "30 messages in a second or more"


def test_top_fails_without_a_daemon(tmp_path):
    failed(ctl("top", "--socket", tmp_path / "none"), 1, "hertzctl: top: no hertzd at")


def test_top_draws_in_place_and_waits_for_a_daemon_that_is_away(tmp_path):
    """On a terminal: the other screen, no more lines than it has, and q ends it."""
    import fcntl
    import pty
    import struct
    import termios
    pid, terminal = pty.fork()
    if pid == 0:
        fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 9, 60, 0, 0))
        os.execv(hz.CTL, [hz.CTL, "top", "--socket", str(tmp_path / "none")])
    shown = b""
    while b"asked again" not in shown:
        shown += os.read(terminal, 4096)
    os.write(terminal, b"q")
    try:
        while more := os.read(terminal, 4096):
            shown += more
    except OSError:
        pass  # it has ended
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert shown.startswith(b"\x1b[?1049h") and shown.endswith(b"\x1b[?1049l")


def test_top_of_a_running_hertzd(tmp_path):
    with hz.Daemon(hz.conf()) as d:
        done = ctl("top", "-n", 1, "--socket", d.dir / "ctl")
        assert done.returncode == 0 and "RECEIVER" in done.stdout, done
