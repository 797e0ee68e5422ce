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
    """One client is served: `reply` makes the bytes to send of its request."""

    def __init__(self, tmp_path, reply):
        self.path = tmp_path / "sock"
        self.request = None
        self.server = socket.socket(socket.AF_UNIX)
        self.server.bind(str(self.path))
        self.server.settimeout(hz.PATIENCE)
        self.server.listen()
        self.thread = threading.Thread(target=self.serve, args=(reply,))
        self.thread.start()

    def serve(self, reply):
        client, _ = self.server.accept()
        with client, client.makefile("rb") as lines:
            self.request = json.loads(lines.readline())
            client.sendall(reply(self.request))

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
    done = fake.ctl("clients")
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


@pytest.mark.parametrize("args,value", [
    (["tune", "roof", "162.025M"], 162025000), (["ppm", "roof", "-5.5"], -5.5),
    (["gain", "roof", "auto"], "auto"), (["gain", "roof", "40"], 40), (["bias", "roof", "yes"], True),
    (["bias", "roof", "no"], False), (["gain", "roof", "-10"], -10), (["tune", "roof", "x"], "x"),
])
def test_changes(tmp_path, args, value):
    fake = Fake(tmp_path, result({"receiver": "roof", "tuning": "pending"}))
    done = fake.ctl(*args)
    assert (done.returncode, done.stderr) == (0, "")
    assert fake.request["method"] == args[0]
    assert fake.request["params"] == {"receiver": "roof", "value": value}


def test_wrong_usage():
    for args, words in [(["stauts"], ["stauts", "status"]), (["status", "clients"], ["clients"]),
                        (["status", "--kind", "gap"], ["watch only"]),
                        (["tune", "roof"], ["tune RECEIVER FREQUENCY"]),
                        (["tune", "roof", "1M", "2M"], ["2M", "too many"])]:
        failed(ctl(*args), 2, *words)
    assert ctl("--jsn").returncode == 2
    assert ctl("--socket").returncode == 2
    assert ctl("--help").returncode == 0
    assert "watch" in ctl("--help").stdout
    assert ctl("--version").stdout.startswith("hertzctl ")


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
    for word in ("08:26:11.123", "adsb", "25.7", "4840d6", "KLM1023"):
        assert word in line


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
                               ("decoders", ["adsb", "3.2 Msps"])]:
            done = ctl(command, "--socket", d.sock)
            assert (done.returncode, done.stderr) == (0, "")
            for word in words:
                assert word in done.stdout, done.stdout
            answer = json.loads(ctl(command, "--json", "--socket", d.sock).stdout)
            mine = d.rpc.result(command)
            first = (lambda v: v[0] if isinstance(v, list) else v)
            assert first(answer).keys() == first(mine).keys()
        assert ctl("reload", "--socket", d.sock).returncode == 0
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
