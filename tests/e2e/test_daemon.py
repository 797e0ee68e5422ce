"""The daemon as its clients and its init see it."""
import json
import os
import re
import signal
import subprocess

import hz
import pytest
from hz import LOOP, SIM, all_messages, conf, free_port, messages

pytestmark = pytest.mark.tsan


def without_seq(record):
    """What a message says, without what differs between two who decode the same recording."""
    return {k: v for k, v in record.items() if k not in ("seq", "receiver", "channel", "replayed")}


@pytest.fixture(scope="module")
def plain(air):
    return [without_seq(r) for r in hz.decode("-d", "adsb", air)[0]]


# -- the same messages for everyone ------------------------------------------------------------


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_tcp_gives_what_decode_gives(air, plain, workers):
    with hz.Daemon(conf(air, "pace = max", f"workers = {workers}")) as d:
        c = hz.Lines(d.tcp)
        assert [without_seq(r) for r in all_messages(c, 300)] == plain
        c.close()


LEVELS = {"rssi_dbfs": 0.35, "noise_dbfs": 0.35, "snr_db": 0.35, "offset_hz": 100}


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_a_paced_recording_gives_the_messages_that_decode_gives(air, plain, workers):
    """It is heard without delay, block by block as from a dongle, and the levels with it: docs/receivers.md."""
    with hz.Daemon(conf(air, "pace = realtime", f"workers = {workers}")) as d:
        c = hz.Lines(d.tcp)
        told = [without_seq(r) for r in all_messages(c, 300)]
        c.close()
    for m, want in zip(told, plain, strict=True):
        assert m == {**want, **{k: m[k] for k in LEVELS}}
        assert all(abs(m[k] - want[k]) <= near for k, near in LEVELS.items()), (m, want)


def test_websocket_gives_what_decode_gives(air, plain):
    with hz.Daemon(conf(air, "pace = max")) as d:
        first = hz.Web(d.http)
        stream = first.next()["stream"]
        first.close()
        c = hz.Web(d.http, f"/stream?stream={stream}&since=0")
        assert c.next()["kind"] == "hello"
        assert [without_seq(r) for r in messages(c, 300)] == plain
        c.close()


def test_websocket_takes_subscribe_lines_too(air, plain):
    with hz.Daemon(conf(air, "pace = max")) as d:
        c = hz.Web(d.http)
        assert [without_seq(r) for r in all_messages(c, 300)] == plain
        c.close()


def test_three_transports_send_the_same_bytes(air):
    with hz.Daemon(conf(air)) as d:
        tcp, web = hz.Lines(d.tcp), hz.Web(d.http)
        assert all_messages(tcp, 300) == all_messages(web, 300)
        tcp.close(), web.close()


def test_seq_has_no_hole(air):
    with hz.Daemon(conf()) as d:
        c = hz.Lines(d.tcp)
        hello = c.next()
        d.feed(air.read_bytes() * 2)
        d.process.stdin.close()
        seqs = [r["seq"] for r in c.until(lambda r: r.get("state") == "ended")]
        assert seqs == list(range(hello["seq"], hello["seq"] + 601))
        c.close()


# -- filters and resume -----------------------------------------------------------------------------


@pytest.mark.parametrize("key,value", [
    ("protocol", "adsb"), ("receiver", "roof"), ("channel", "1090"), ("kind", "message"),
])
def test_filter_lets_through(air, key, value):
    with hz.Daemon(conf(air)) as d:
        c = hz.Lines(d.tcp)
        stream = c.next()["stream"]
        c.send({"subscribe": {key: [value], "stream": stream, "since": 0}})
        assert len(messages(c, 300)) == 300
        c.close()


@pytest.mark.parametrize("key,value", [
    ("receiver", "cellar"), ("channel", "162"), ("kind", "state"),
])
def test_filter_keeps_out(air, key, value):
    """Clients with a filter that no message passes get none, while another gets them all."""
    with hz.Daemon(conf()) as d:
        c, other = hz.Lines(d.tcp), hz.Lines(d.tcp)
        web = hz.Web(d.http, f"/stream?{key}={value}")
        c.send({"subscribe": {key: [value]}})
        while sum(client["filter"] == {key: [value]} for client in d.rpc.result("clients")) < 2:
            pass  # until the daemon has read both
        d.feed(air.read_bytes())
        assert len(messages(other, 200)) == 200
        d.process.send_signal(signal.SIGTERM)
        for client in (c, web):
            assert client.next()["kind"] == "hello"
            ack = client.next()
            assert ack["kind"] == "subscribed", ack
            assert ack.get("unknown") == (None if key == "kind" else {key: [value]})
            while (record := client.next()) is not None:
                assert record["kind"] == value, record
        assert d.process.wait(hz.PATIENCE) == 0
        c.close(), web.close(), other.close()


def test_resume_after_a_disconnect(air):
    with hz.Daemon(conf(air, LOOP, "history = 5000")) as d:
        c = hz.Lines(d.tcp)
        stream = c.next()["stream"]
        last = messages(c, 50)[-1]
        c.close()
        other = hz.Lines(d.tcp)
        messages(other, 100)
        again = hz.Lines(d.tcp)
        assert again.next()["stream"] == stream
        again.send({"subscribe": {"stream": stream, "since": last["seq"]}})
        seqs = [r["seq"] for r in messages(again, 150)]
        assert seqs[0] == last["seq"] + 1
        assert seqs == sorted(set(seqs))
        other.close(), again.close()


def test_resume_too_late_tells_the_gap(air):
    with hz.Daemon(conf(daemon="history = 100")) as d:
        c = hz.Lines(d.tcp)
        stream = c.next()["stream"]
        c.send(b"\n")
        d.feed(air.read_bytes())
        newest = messages(c, 200)[-1]["seq"]
        late = hz.Lines(d.tcp)
        late.next()
        late.send({"subscribe": {"stream": stream, "since": 3}})
        gap = late.until(lambda r: r["kind"] == "gap")[-1]
        after = late.next()
        assert gap["missed"] == after["seq"] - 4
        assert after["seq"] >= newest - 100 + 1
        c.close(), late.close()


def test_resume_after_the_time_of_the_history_tells_the_gap(air):
    with hz.Daemon(conf(daemon="history_bytes = 4M\nhistory_time = 1s")) as d:
        c = hz.Lines(d.tcp)
        stream = c.next()["stream"]
        c.send(b"\n")
        d.feed(air.read_bytes())
        messages(c, 200)
        bus = d.rpc.result("status")["bus"]
        assert (bus["max_bytes"], bus["max_age_s"]) == (4 << 20, 1)
        while d.rpc.result("status")["bus"]["frames"] > 0:
            pass
        bus = d.rpc.result("status")["bus"]
        assert bus["first_seq"] == bus["next_seq"] and bus["bytes"] == 0
        assert bus["expired"] == bus["next_seq"] - 1
        late = hz.Lines(d.tcp)
        late.next()
        late.send({"subscribe": {"stream": stream, "since": 3}})
        gap = late.until(lambda r: r["kind"] == "gap")[-1]
        assert gap["missed"] == bus["next_seq"] - 4
        c.close(), late.close()


def test_resume_of_another_stream(air):
    """seq of a run that is over means nothing: the client is told so, and gets all of this one."""
    with hz.Daemon(conf(air, LOOP)) as d:
        c = hz.Lines(d.tcp)
        c.next()
        c.send({"subscribe": {"stream": "0123456789abcdef", "since": 7}})
        gap = c.until(lambda r: r["kind"] == "gap")[-1]
        assert gap == {"kind": "gap", "missed": 0, "ended": "0123456789abcdef"}
        assert c.next()["seq"] == 1
        c.close()


# -- life ---------------------------------------------------------------------------------------


def test_ready_and_stopping_are_told():
    with hz.Daemon(SIM) as d:
        d.wait_notify("READY=1")
        code, took = d.stop()
        d.wait_notify("STOPPING=1")
        assert code == 0, d.stderr()
        assert took < hz.PATIENCE / 3


@pytest.mark.parametrize("sig", [signal.SIGTERM, signal.SIGINT])
def test_stops_with_clients_connected_and_nothing_lost(air, sig):
    with hz.Daemon(conf(air, LOOP)) as d:
        tcp, web, rpc = hz.Lines(d.tcp), hz.Web(d.http), hz.Rpc(d.sock)
        last = messages(tcp, 20)[-1]["seq"]
        code, took = d.stop(sig)
        assert code == 0, d.stderr()
        assert took < hz.PATIENCE / 3
        while (record := tcp.next()) is not None:  # flushed, in order, then the end
            if "seq" in record:
                assert record["seq"] == last + 1
                last = record["seq"]
        while web.next() is not None:
            pass
        web.close()
        assert rpc.line() == b""


def test_stops_while_a_client_does_not_read(air):
    with hz.Daemon(conf(air, "loop = yes\npace = max")) as d:
        stuck = hz.Lines(d.tcp, rcvbuf=4096)
        c = hz.Lines(d.tcp)
        messages(c, 500)
        code, took = d.stop()
        assert code == 0, d.stderr()
        assert took < hz.PATIENCE / 3
        stuck.close(), c.close()


def test_status_text_is_kept_current(air):
    with hz.Daemon(conf(air, LOOP)) as d:
        d.wait_notify(lambda line: line.startswith("STATUS=") and " 0 messages" not in line)


def test_reload_good(air):
    with hz.Daemon(conf(air, LOOP)) as d:
        c = hz.Lines(d.tcp)
        messages(c, 5)
        d.write(conf(air, LOOP) + "[channel second]\ndecoder = adsb\n")
        d.process.send_signal(signal.SIGHUP)
        d.wait_notify("RELOADING=1")
        c.until(lambda r: r.get("channel") == "second")
        assert {ch["name"] for ch in d.rpc.result("channels")} == {"1090", "second"}
        c.close()


def test_reload_that_is_wrong_changes_nothing(air):
    with hz.Daemon(conf(air, LOOP)) as d:
        c = hz.Lines(d.tcp)
        messages(c, 5)
        d.write(conf(air, LOOP + "\nspeed = 3"))
        answer = d.rpc.ask("reload")
        assert "speed" in answer["error"]["message"], answer
        d.process.send_signal(signal.SIGHUP)
        assert len(messages(c, 50)) == 50
        code, _ = d.stop()
        assert code == 0
        assert d.stderr().count("speed") >= 2, d.stderr()
        c.close()


def test_wrong_configuration_ends_with_2(tmp_path):
    path = tmp_path / "hertzd.conf"
    path.write_text("[receiver roof]\nsource = radio\n")
    done = hz.run("-c", path)
    assert done.returncode == 2
    assert f"{path}:2: ".encode() in done.stderr


def test_the_log_names_version_configuration_and_ready(air):
    with hz.Daemon(conf(air)) as d:
        code, _ = d.stop()
        assert code == 0
        lines = d.stderr().splitlines()
        assert re.fullmatch(rf"hertzd \d+\.\d+\.\d+ starts: {d.conf}, receivers 1, channels 1, inputs 0, listeners 3",
                            lines[0]), lines
        assert [l for l in lines if l.startswith("ready: ") and "receiver" in l], lines


@pytest.mark.parametrize("who,prefix", [("nobody", False), ("another", False), ("journal", True),
                                        ("exec", True), ("parent", False)])
def test_priorities_are_for_the_journal(air, tmp_path, who, prefix):
    """systemd.exec(5): JOURNAL_STREAM is device and inode of stderr, SYSTEMD_EXEC_PID the process."""
    (tmp_path / "x.conf").write_text(conf(air) + f"[listen l]\ntype = unix\npath = {tmp_path}/s\n")
    env = {k: v for k, v in os.environ.items() if k not in ("JOURNAL_STREAM", "SYSTEMD_EXEC_PID")}
    command = [hz.BIN, "-c", tmp_path / "x.conf"]
    end, stderr = os.pipe()
    st = os.fstat(stderr)
    if who in ("journal", "another"):
        env["JOURNAL_STREAM"] = f"{st.st_dev}:{st.st_ino + (who == 'another')}"
    if who == "parent":
        env["SYSTEMD_EXEC_PID"] = str(os.getpid())
    if who == "exec":
        command = ["sh", "-c", 'SYSTEMD_EXEC_PID=$$ exec "$@"', "sh", *command]
    lines = []
    with subprocess.Popen(command, stderr=stderr, env=env) as p, open(end) as log:
        os.close(stderr)
        for line in log:
            lines.append(line)
            if "ready: " in line:
                p.terminate()
        assert p.wait(hz.PATIENCE) == 0
    assert len(lines) > 1
    assert all(bool(re.match("<[0-7]>", l)) == prefix for l in lines), lines


# -- socket activation --------------------------------------------------------------------------------


def test_first_client_comes_before_the_daemon(air, tmp_path):
    """systemd-socket-activate holds the sockets and starts hertzd at the first connection."""
    ports = free_port(), free_port()
    sock = f"{tmp_path}/ctl"
    file = tmp_path / "hertzd.conf"
    file.write_text(
        conf(air, LOOP)
        + f"[listen json]\ntype = tcp\naddress = 127.0.0.1:{ports[0]}\n"
        + f"[listen web]\ntype = http\naddress = 127.0.0.1:{ports[1]}\n"
        + f"[listen control]\ntype = unix\npath = {sock}\n"
    )
    listen = [w for a in (*(f"127.0.0.1:{p}" for p in ports), sock) for w in ("-l", a)]
    p = subprocess.Popen(
        ["systemd-socket-activate", *listen, hz.BIN, "-c", file],
        stderr=subprocess.PIPE, cwd=tmp_path,
    )
    try:
        for _ in listen[::2]:
            assert b"Listening on" in p.stderr.readline()
        tcp = hz.Lines(("127.0.0.1", ports[0]))
        assert tcp.next()["kind"] == "hello"
        assert len(messages(tcp, 20)) == 20
        web = hz.Web(("127.0.0.1", ports[1]))
        assert web.next()["kind"] == "hello"
        rpc = hz.Rpc(sock)
        assert "json" in {l["name"] for l in rpc.result("status")["listeners"]}
        tcp.close(), web.close(), rpc.close()
        p.send_signal(signal.SIGTERM)
        assert p.wait(hz.PATIENCE) == 0, p.stderr.read()
        assert os.path.exists(sock), "a socket that systemd made is not ours to remove"
    finally:
        if p.poll() is None:
            p.kill()
            p.wait()
        p.stderr.close()


# -- the plan, and the crystal -----------------------------------------------------------------


def test_a_channel_stands_for_the_frequencies_of_its_decoder():
    with hz.Daemon("[receiver port]\nsource = sim\nscene = vhf\npace = max\n"
                   "[channel ships]\ndecoder = ais\n") as d:
        c = hz.Lines(d.tcp)
        heard = []
        while len(heard) < 60:
            record = json.loads(c.line())
            heard += [(record["channel"], record["freq_hz"])] if record["kind"] == "message" else []
        c.close()
        assert set(heard) == {("ships-161.975M", 161975000), ("ships-162.025M", 162025000)}
        # the scene's receiver is 2.5 ppm fast, its ships are up to 2.5 ppm off to either side
        assert abs(d.status()["receivers"][0]["ppm_heard"] - 2.5) < 1
