"""The output to MQTT, against a real mosquitto: what arrives, and what happens when the broker restarts,
hangs, refuses, or has the wrong certificate. HZ_MQTT_LONG=1: longer, with more restarts."""
import json
import os
import socket
import subprocess

import hz
import pytest
from broker import Broker, Script, Silent, Subscriber, certificates

LONG = bool(os.environ.get("HZ_MQTT_LONG"))
SKY = "[receiver sky]\nsource = sim\nscene = aircraft\n[channel 1090]\ndecoder = adsb\n"


def output(name, url, *keys):
    return f"[output {name}]\ntype = mqtt\nurl = {url}\nstation = roof\n" + "".join(k + "\n" for k in keys)


def status(d, name):
    return next(o for o in d.status()["outputs"] if o["name"] == name)


def until(d, name, condition):
    def ask():
        o = status(d, name)
        return o if condition(o) else None

    return hz.wait(ask)


def lines(got, topic="hertzd/sky/adsb/"):
    """The lines of hertzd among what a subscriber got, each held against its schema."""
    return [hz.checked(payload + b"\n") for _, t, payload in got if t.startswith(topic)]


@pytest.fixture(autouse=True)
def no_subscriber_stays():
    yield
    for s in set(Subscriber.open):
        s.close()


@pytest.fixture(scope="module")
def broker(tmp_path_factory):
    b = Broker(tmp_path_factory.mktemp("broker"))
    yield b
    b.stop()


@pytest.mark.parametrize("version,qos", [("3.1.1", 0), ("3.1.1", 1), ("3.1.1", 2), ("5", 1)])
def test_all_messages_arrive_in_order(broker, version, qos):
    sub = Subscriber(broker, "a/#", "hertzd/roof/#")
    words = (f"version = {version}", f"qos = {qos}", "topic = a/{receiver}/{channel}/{protocol}/{id}/{kind}")
    with hz.Daemon(SKY + output("home", broker.url("localhost"), *words, "kind = message, state")) as d:
        sub.wait(lambda: len(sub.got) > 300, "300 messages")
        d.stop()
    # the farewell is the last; of QoS 0, it may overtake those of QoS 2 that are handed over in steps
    last = 1 if qos < 2 else 100
    sub.wait(lambda: ("hertzd/roof/home/availability", b"offline") in [g[1:] for g in sub.got[-last:]], "the farewell")
    assert [g for g in sub.got if not g[0]][0][1:] == ("hertzd/roof/home/availability", b"online")
    got = [(t, hz.checked(p + b"\n")) for _, t, p in sub.got if t.startswith("a/")]
    assert [m["seq"] for _, m in got] == list(range(1, len(got) + 1)), "none is missing, none comes twice"
    for topic, m in got:
        if m["kind"] == "message":
            assert topic == f"a/sky/1090/adsb/{m['adsb']['hex']}/message"
        else:
            assert topic == "a/sky/-/-/-/state"
    sub.close()


def test_formats_and_topics_of_protocols(broker):
    keys = ("topics = adsb: planes/{id}, ais: ships/{id}", "format = sbs", "retain = yes")
    with hz.Daemon(SKY + output("sbs", broker.url(), *keys)) as d:
        until(d, "sbs", lambda o: o["sent"] > 200)
        d.stop()
    planes = broker.retained("planes/#")
    assert len(planes) > 3, "a late subscriber gets the last message of each"
    for topic, row in planes.items():
        assert row.split(",")[0] == "MSG" and topic == f"planes/{row.split(',')[4].lower()}", (topic, row)
    for topic in planes:
        broker.publish(topic, "")


def test_a_broker_forgets_messages_of_mqtt_5_in_time(broker):
    """The interval is told with each message; a subscriber gets what is left of it."""
    with hz.Daemon(SKY + output("m", broker.url(), "version = 5", "expiry = 90s", "kind = message", "retain = yes")) as d:
        until(d, "m", lambda o: o["sent"] > 100)
        done = subprocess.run(["mosquitto_sub", "-p", str(broker.port), "-V", "5", "-t", "hertzd/sky/#", "-C", "3", "-W",
                               "20", "-F", "%E"], stdout=subprocess.PIPE, timeout=hz.PATIENCE)
    assert len(done.stdout.split()) == 3 and all(0 < int(s) <= 90 for s in done.stdout.split()), done.stdout
    for topic in broker.retained("hertzd/sky/#"):
        broker.publish(topic, "")


def test_restarts_of_the_broker_lose_nothing(tmp_path):
    """A subscriber whose session outlives the broker gets each message at least once."""
    broker = Broker(tmp_path / "broker")
    who, seqs = ("-i", "keeper", "-c", "-x", "3600"), set()
    sub = Subscriber(broker, "hertzd/sky/#", more=who)
    with hz.Daemon(SKY + output("home", broker.url(), "keepalive = 5")) as d:
        for restarts in range(1, 7 if LONG else 3):
            sub.wait(lambda: len(sub.got) > 200, "messages")
            broker.stop()
            until(d, "home", lambda o: o["state"] == "waiting" and o["error"])
            sub.close()
            seqs |= {m["seq"] for m in lines(sub.got, "hertzd/sky/")}
            broker.start()
            until(d, "home", lambda o: o["state"] == "up")
            sub = Subscriber(broker, "hertzd/sky/#", more=who)
        last = status(d, "home")
        assert last["connects"] == restarts + 1 and last["lost"] == last["missed"] == last["expired"] == 0, last
        d.stop()
    sub.wait(lambda: len(seqs | {m["seq"] for m in lines(sub.got, "hertzd/sky/")}) >= last["sent"], f"all {last['sent']}")
    seqs |= {m["seq"] for m in lines(sub.got, "hertzd/sky/")}
    assert seqs == set(range(1, max(seqs) + 1)), "none is missing"
    sub.close()
    broker.stop()


def test_what_is_wrong_is_told_and_holds_up_nobody(tmp_path):
    """Far sides that refuse, hang, freeze or have the wrong certificate, all at once, beside one that
    works: each is told in a line, and the one that works gets everything."""
    pems = certificates(tmp_path / "pems")
    tls = f"allow_anonymous true\ncafile {pems}/ca.pem\nrequire_certificate true\n"
    good = Broker(tmp_path / "good")
    frozen = Broker(tmp_path / "frozen")
    (tmp_path / "users").touch()
    subprocess.run(["mosquitto_passwd", "-b", tmp_path / "users", "me", "right"], check=True)
    (tmp_path / "users").chmod(0o644)
    (tmp_path / "secret").write_text("right\n")
    guarded = Broker(tmp_path / "guarded", f"allow_anonymous false\npassword_file {tmp_path}/users")
    safe = Broker(tmp_path / "safe", tls + f"certfile {pems}/server.pem\nkeyfile {pems}/server.key")
    old = Broker(tmp_path / "old", tls + f"certfile {pems}/expired.pem\nkeyfile {pems}/expired.key")
    silent, rude = Silent(), Script(b"HTTP/1.1 400 Bad Request\r\n\r\n" * 40)
    closed = hz.free_port()
    me = (f"tls_ca = {pems}/ca.pem", f"tls_cert = {pems}/client.pem", f"tls_key = {pems}/client.key")
    wrong = {
        "closed": ((f"mqtt://127.0.0.1:{closed}",), "Connection refused"),
        "nowhere": (("mqtt://no-such-host.invalid",), "no-such-host.invalid: "),
        "silent": ((f"mqtt://127.0.0.1:{silent.port}", "keepalive = 5"), "no answer within 5 s"),
        "silent-tls": ((f"mqtts://127.0.0.1:{silent.port}", "keepalive = 5"), "no answer within 5 s"),
        "rude": ((f"mqtt://127.0.0.1:{rude.port}",), "does not speak MQTT"),
        "rude-tls": ((f"mqtts://127.0.0.1:{rude.port}",), "TLS: wrong version number"),
        "stranger": ((guarded.url(),), "refused the login: check user and password"),
        "stranger-5": ((guarded.url(), "version = 5", "user = me", "password = wrong"), "refused the login of 'me'"),
        "no-file": ((guarded.url(), "user = me", f"password_file = {tmp_path}/none"), "No such file"),
        "other-ca": ((f"mqtts://localhost:{safe.port}", f"tls_ca = {pems}/other.pem"), "is not trusted"),
        "system-ca": ((f"mqtts://localhost:{safe.port}",), "is not trusted"),
        "no-ca": ((f"mqtts://localhost:{safe.port}", f"tls_ca = {pems}/none"), "tls_ca = "),
        "other-name": ((f"mqtts://127.0.0.1:{safe.port}", *me), "is not for '127.0.0.1'"),
        "no-cert": ((f"mqtts://localhost:{safe.port}", me[0]), "certificate"),
        "expired": ((f"mqtts://localhost:{old.port}", *me), "has expired"),
        "plain": ((f"mqtt://127.0.0.1:{safe.port}",), "does it want TLS"),
    }
    fine = {
        "good": (good.url(),), "login": (guarded.url(), "user = me", "password = right"),
        "login-file": (guarded.url(), "version = 5", "user = me", f"password_file = {tmp_path}/secret"),
        "safe": (f"mqtts://localhost:{safe.port}", *me), "safe-5": (f"mqtts://localhost:{safe.port}", "version = 5", *me),
        "frozen": (frozen.url(), "keepalive = 5"),
    }
    sub = Subscriber(good, "hertzd/sky/#")
    conf = SKY + "".join(output(n, *k) for n, (k, _) in wrong.items()) + "".join(output(n, *k) for n, k in fine.items())
    with hz.Daemon(conf) as d:
        for name in fine:
            until(d, name, lambda o: o["state"] == "up" and o["sent"] > 20)
        frozen.freeze()
        for name, (_, words) in wrong.items():
            o = until(d, name, lambda o: o["error"])
            assert words in o["error"] and o["sent"] == 0, (name, o["error"])
        o = until(d, "frozen", lambda o: o["error"])
        assert "confirmed nothing" in o["error"] or "no answer" in o["error"], o
        frozen.thaw()
        o = until(d, "frozen", lambda o: o["state"] == "up" and o["in_flight"] < 50 and o["behind"] < 50)
        assert o["lost"] == o["missed"] == 0 and o["connects"] >= 2
        print("loop:", d.status()["loop"])
        d.stop()
    seqs = [m["seq"] for m in lines(sub.got, "hertzd/sky/")]
    assert seqs == list(range(1, len(seqs) + 1)) and len(seqs) > 500
    for b in (good, frozen, guarded, safe, old):
        b.stop()
    silent.close()
    rude.close()


@pytest.mark.parametrize("keys,words", [
    ("url = http://a", "expected mqtt://HOST"), ("url = mqtt://a/b", "expected mqtt://HOST"), ("topic = x", "url = mqtt://HOST"),
    ("url = mqtt://a\ntopic = a/#", "no + and no #"), ("url = mqtt://a\ntopic = a/{icao}", "{station}, {output}"),
    ("url = mqtt://a\ntopics = adsc: a", "name of a decoder"), ("url = mqtt://a\ntls_ca = /x", "expected mqtts"),
    ("url = mqtts://a\ntls_cert = /x", "both or neither"), ("url = mqtt://a\npassword = x", "expected user"),
    ("url = mqtt://a\nexpiry = 1m", "version = 3.1.1"), ("url = mqtt://a\nhome_assistant = yes\nha_allow = Nexus", "GROUP/ID"),
    ("url = mqtt://a\nha_after = 2", "home_assistant = no"), ("url = mqtt://a\nqos = 3", "0 to 2"),
])
def test_check_tells_what_is_wrong(tmp_path, keys, words):
    file = tmp_path / "hertzd.conf"
    file.write_text(SKY + "[listen json]\ntype = tcp\naddress = 127.0.0.1:0\n[output a]\ntype = mqtt\n" + keys + "\n")
    done = hz.run("check", "-c", file)
    assert done.returncode != 0 and words in done.stderr.decode() and f"{file}:" in done.stderr.decode(), done.stderr
