"""A reload of the configuration: all of it is in force afterwards, what cannot be yet is tried again,
and what did not change, or can change in place, does not notice."""
import json
import socket

import pytest

import hz
import modes
from hz import LOOP, SIM, conf, free_port, messages, wait
from test_rtl_tcp import Server

pytestmark = pytest.mark.tsan


def held_port():
    """A port that another program listens on, and the socket that does."""
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(("127.0.0.1", 0))
    s.listen()
    return s, s.getsockname()[1]


def section(name, kind, port, more=""):
    return f"[listen {name}]\ntype = {kind}\naddress = 127.0.0.1:{port}\n{more}\n"


def listeners(d, name):
    return [l for l in d.status()["listeners"] if l["name"] == name]


def rewrite(d, text):
    """The whole configuration but the control socket."""
    new = d.conf.with_suffix(".new")
    new.write_text(f"{text}\n[listen control]\ntype = unix\npath = {d.sock}\n")
    new.rename(d.conf)


# -- listeners ----------------------------------------------------------------------------------


def test_a_listener_that_cannot_listen_waits_and_then_does():
    other, port = held_port()
    with hz.Daemon(SIM) as d:
        c = hz.Lines(d.tcp)
        d.write(SIM + section("more", "tcp", port))
        why = d.rpc.ask("reload")["error"]["message"]
        assert "in force" in why and "listen more" in why and str(port) in why, why
        (more,) = listeners(d, "more")
        assert more["state"] == "waiting" and "another program listens" in more["error"]
        assert more["address"] == f"127.0.0.1:{port}"
        assert "1 listener waiting" in d.status()["headline"]
        other.close()
        wait(lambda: listeners(d, "more")[0]["state"] == "listening")
        late = hz.Lines(("127.0.0.1", port))
        assert late.next()["kind"] == "hello"
        assert listeners(d, "more")[0]["error"] == ""
        assert messages(c, 5)  # nothing of this was seen by who was there
        c.close(), late.close()
        assert "result" in d.rpc.ask("reload")


def test_it_goes_on_at_the_old_address_until_it_listens_at_the_new_one():
    other, port = held_port()
    old = free_port()
    with hz.Daemon(SIM) as d:
        d.write(SIM + section("moves", "tcp", old))
        assert "result" in d.rpc.ask("reload")
        c = hz.Lines(("127.0.0.1", old))
        d.write(SIM + section("moves", "tcp", port))
        assert "error" in d.rpc.ask("reload")
        assert {l["state"] for l in listeners(d, "moves")} == {"waiting", "leaving"}
        assert messages(c, 3)
        again = hz.Lines(("127.0.0.1", old))
        assert again.next()["kind"] == "hello"
        other.close()
        wait(lambda: [l["state"] for l in listeners(d, "moves")] == ["listening"])
        new = hz.Lines(("127.0.0.1", port))
        assert new.next()["kind"] == "hello"
        c.rest(), again.rest()  # until the daemon closes them
        with pytest.raises(ConnectionRefusedError):
            hz.Lines(("127.0.0.1", old))
        c.close(), again.close(), new.close()


def test_what_waits_is_given_up_when_the_file_does_not_want_it_any_more():
    other, port = held_port()
    with other, hz.Daemon(SIM) as d:
        d.write(SIM + section("more", "tcp", port))
        assert "error" in d.rpc.ask("reload")
        d.write(SIM)
        assert "result" in d.rpc.ask("reload")
        assert listeners(d, "more") == []


def test_a_start_with_an_address_in_use_waits_too():
    other, port = held_port()
    with hz.Daemon(SIM + section("more", "tcp", port)) as d:
        assert listeners(d, "more")[0]["state"] == "waiting"
        other.close()
        wait(lambda: listeners(d, "more")[0]["state"] == "listening")


def test_addresses_are_swapped_and_a_type_changes_with_nobody_refused():
    a, b = free_port(), free_port()
    with hz.Daemon(SIM) as d:
        rewrite(d, SIM + section("json", "tcp", a) + section("web", "http", b))
        assert "result" in d.rpc.ask("reload")
        rewrite(d, SIM + section("json", "tcp", b) + section("web", "http", a))
        assert "result" in d.rpc.ask("reload"), d.stderr()
        c = hz.Lines(("127.0.0.1", b))
        assert c.next()["kind"] == "hello"
        assert hz.http(("127.0.0.1", a), "/healthz")[0] == 200
        rewrite(d, SIM + section("json", "http", b))
        assert "result" in d.rpc.ask("reload")
        c.rest()
        assert hz.http(("127.0.0.1", b), "/healthz")[0] == 200
        c.close()


def test_limits_and_origins_change_in_place():
    port, web = free_port(), free_port()
    with hz.Daemon(SIM) as d:
        rewrite(d, SIM + section("json", "tcp", port) + section("web", "http", web))
        assert "result" in d.rpc.ask("reload")
        c = hz.Lines(("127.0.0.1", port))
        w = hz.Web(("127.0.0.1", web))
        rewrite(d, SIM + section("json", "tcp", port, "max_clients = 1")
                + section("web", "http", web, "allow_origin = https://example.org"))
        assert "result" in d.rpc.ask("reload")
        refused = hz.Lines(("127.0.0.1", port))
        assert "too many clients: 1 of 1" in refused.next()["error"]
        listed = hz.Web(("127.0.0.1", web), origin="https://example.org")
        assert listed.next()["kind"] == "hello"
        assert messages(c, 3) and messages(w, 3)
        assert listeners(d, "json")[0]["accepted"] == 1
        for client in (c, w, refused, listed):
            client.close()


# -- receivers ----------------------------------------------------------------------------------


def remote(port, gain, more=""):
    return (f"[receiver roof]\nsource = rtl_tcp\naddress = localhost:{port}\nrate = 2400k\n"
            f"centre = 1090M\ngain = {gain}\n{more}\n[channel 1090]\ndecoder = adsb\n")


def receiver(d):
    return d.rpc.result("receivers")[0]


SET_FREQUENCY, SET_GAIN, SET_PPM = 1, 4, 5
QUIET = bytes([127, 128]) * 65536


def test_tuning_changes_in_place():
    with Server(data=QUIET) as server, hz.Daemon(remote(server.port, 20)) as d:
        c = hz.Lines(d.tcp)
        wait(lambda: receiver(d)["state"] == "streaming")
        d.write(remote(server.port, 30, "ppm = 2").replace("1090M", "1090.1M"))
        assert "result" in d.rpc.ask("reload")
        wait(lambda: receiver(d)["tuning"] == "done")
        wait(lambda: (SET_GAIN, 300) in server.commands)
        assert (SET_PPM, 2) in server.commands and (SET_FREQUENCY, 1090100000) in server.commands
        now = receiver(d)
        assert (now["gain_db"], now["ppm"], now["opens"]) == (30, 2, 1), now
        assert now["centre_hz"] == 1090100000
        assert server.clients == 1
        c.close()


def test_tuning_that_changes_while_the_server_is_away_comes_with_it():
    server = Server(data=QUIET)
    with hz.Daemon(remote(server.port, 20)) as d:
        wait(lambda: receiver(d)["state"] == "streaming")
        server.stop()
        wait(lambda: receiver(d)["state"] == "backoff")
        d.write(remote(server.port, 30))
        assert "result" in d.rpc.ask("reload")
        with Server(data=QUIET, port=server.port) as again:
            wait(lambda: (SET_GAIN, 300) in again.commands)
            wait(lambda: receiver(d)["gain_db"] == 30)
            assert (SET_GAIN, 200) not in again.commands


def test_several_changes_in_a_row_end_with_the_last():
    with Server(data=QUIET) as server, hz.Daemon(remote(server.port, 20)) as d:
        wait(lambda: receiver(d)["state"] == "streaming")
        for gain in (21, 22, 23, 24):
            d.write(remote(server.port, gain))
            assert "result" in d.rpc.ask("reload")
        wait(lambda: receiver(d)["gain_db"] == 24)
        wait(lambda: server.commands[-1] == (SET_GAIN, 240))
        assert receiver(d)["opens"] == 1


def test_a_place_changes_in_place(tmp_path):
    """On the ground a position is known only with the antenna's, or another one before. The frames and
    the place are those of "The 1090 Megahertz Riddle" (J. Sun), chapter on surface positions."""
    ground = [bytes.fromhex(h) for h in ("8c4841753aab238733c8cd4020b1", "8c4841753a8a35323faebdac702d")]
    path = tmp_path / "taxiing_1090M_2400k.cu8"
    path.write_bytes(modes.capture(ground * 100))
    with hz.Daemon(conf(path, LOOP)) as d:
        c = hz.Lines(d.tcp)
        assert not [m for m in messages(c, 20) if "lat" in m["adsb"]]
        d.write(conf(path, LOOP + "\nlatitude = 51.99\nlongitude = 4.375"))
        assert "result" in d.rpc.ask("reload")
        seen = c.until(lambda r: "lat" in r.get("adsb", {}))
        # whichever of the two comes first now; the aircraft moved by 270 m between them
        assert min(abs(seen[-1]["adsb"]["lat"] - lat) for lat in (52.3206, 52.3230)) < 0.001, seen[-1]
        assert not [r for r in seen if r["kind"] == "state"]
        now = receiver(d)
        assert (now["opens"], now["epoch"]) == (1, 1), now
        c.close()


def test_a_changed_source_is_opened_once_the_old_one_is_closed():
    """A server of one client at a time, as a dongle has one user: no failure in between."""
    with Server(data=QUIET) as server, hz.Daemon(remote(server.port, 20)) as d:
        wait(lambda: receiver(d)["state"] == "streaming")
        d.write(remote(server.port, 20).replace("2400k", "2048k"))
        assert "result" in d.rpc.ask("reload")
        wait(lambda: receiver(d)["state"] == "streaming" and receiver(d)["rate_hz"] == 2048000)
        now = receiver(d)
        assert (now["opens"], now["failures"]) == (1, 0), now


def test_a_reload_that_is_refused_changes_nothing_at_all(air):
    port = free_port()
    with hz.Daemon(conf(air, LOOP)) as d:
        c = hz.Lines(d.tcp)
        d.write(conf(air, LOOP + "\nlatitude = 91") + section("more", "tcp", port)
                + "[channel second]\ndecoder = adsb\n")
        assert "latitude" in d.rpc.ask("reload")["error"]["message"]
        assert listeners(d, "more") == []
        assert [ch["name"] for ch in d.rpc.result("channels")] == ["1090"]
        assert messages(c, 350)
        c.close()
        status = d.status()
        assert (status["reloads"], status["reloads_refused"]) == (0, 1), json.dumps(status)
