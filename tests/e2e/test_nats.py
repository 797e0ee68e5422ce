"""[output nats] against real nats-servers: what was heard is in the stream once, whatever dies.

The streams are read back by a client of our own (nats_cluster.py) and held against the lines that the
same daemon wrote to a file. Clusters: test_nats_cluster.py.

Under ThreadSanitizer: the library is not instrumented, but its locks are seen, since they are calls of
pthread. So what it hands to us is checked without suppressions. Not with TLS: OpenSSL closes and opens
descriptors in a way that is not seen, which looks like a race."""
import json
import shutil
import signal
import subprocess
from collections import Counter

import hz
import pytest
from nats_cluster import HERE, Cable, Cluster

pytestmark = pytest.mark.skipif(not HERE, reason="nats-server is not installed")
SIM = "[receiver sky]\nsource = sim\nscene = aircraft\n[channel 1090]\ndecoder = adsb\n"
# from the server's host name, to which its certificate is
NAMES = "subjectAltName = DNS:localhost, IP:127.0.0.1"


def output(urls, more=""):
    return f"[output js]\ntype = nats\nurl = {urls}\nstation = roof\n{more}\n"


def log(path):
    return f"[output log]\ntype = file\npath = {path}\n"


def js(d):
    return next(o for o in d.rpc.result("status")["outputs"] if o["name"] == "js")


def until(d, condition):
    """The status of the output, once the condition holds of it."""
    return hz.wait(lambda: (o := js(d)) and condition(o) and o)


def is_drained(o):
    return o["state"] == "up" and o["in_flight"] == o.get("spooled", 0) == o["behind"] == 0


def checked(stored, *logs):
    """Each line of the logs is in the stream once, as it is, and nothing else is."""
    heard = {}
    for path in logs:
        lines = path.read_bytes().splitlines()
        for line in lines:
            heard[line] = None
        assert [json.loads(l)["seq"] for l in lines] == list(range(1, len(lines) + 1))
    ids = Counter(m.id for m in stored)
    assert not [i for i, n in ids.items() if n > 1], "stored twice"
    data = {m.data for m in stored}
    assert not (missing := [l for l in heard if l not in data]), (len(missing), missing[:2])
    assert len(stored) == len(heard), "what was never heard"
    return stored


def bucket(text):
    """FNV-1a."""
    h = 2166136261
    for byte in text:
        h = (h ^ byte) * 16777619 & 0xffffffff
    return h % 64


@pytest.mark.tsan
def test_each_line_becomes_a_message_of_the_stream(tmp_path):
    with Cluster(1) as nats:
        nats.create("hertzd", ["hertzd.>"])
        with hz.Daemon(SIM + output(nats.urls) + log(tmp_path / "log")) as d:
            o = until(d, lambda o: o["acks"] > 200)
            assert o["server"] == nats.urls and o["state"] == "up" and o["connects"] == 1
            assert o["ack_p99_ms"] >= o["ack_p50_ms"] > 0
            assert o["sent"] == o["acks"] and o["lost"] == o["duplicates"] == o["resent"] == 0
            c = hz.Lines(d.tcp)
            stream = c.next()["stream"]
            c.close()
            d.stop()
            told = d.stderr()
        stored = checked(nats.read("hertzd"), tmp_path / "log")
    assert "messages were not sent" not in told
    for m in stored:
        record = json.loads(m.data)
        hz.checked(m.data + b"\n")
        assert m.id == f"{stream}-{record['seq']}"
        if record["kind"] == "message":
            assert m.subject == f"hertzd.roof.adsb.{bucket(record['adsb']['hex'].encode())}", record
        else:
            assert m.subject.startswith(f"hertzd.roof.{record['kind']}."), m.subject
    assert [json.loads(m.data)["seq"] for m in stored] == list(range(1, len(stored) + 1)), "in order"


@pytest.mark.tsan
def test_what_is_heard_while_the_server_is_away_is_kept_over_restarts(tmp_path):
    spool = f"spool = {tmp_path}/spool"
    with Cluster(1) as nats:
        nats.create("hertzd", ["hertzd.>"])
        with hz.Daemon(SIM + output(nats.urls, spool) + log(tmp_path / "a")) as d:
            until(d, lambda o: o["acks"] > 50)
            nats.kill(0)
            o = until(d, lambda o: o["spooled"] > 100)
            assert o["state"] in ("waiting", "connecting") and o["server"] == "" and o["spool_bytes"] > 0
            assert hz.wait(lambda: js(d)["error"])
            d.stop()  # spools the rest
        with hz.Daemon(SIM + output(nats.urls, spool) + log(tmp_path / "b")) as d:
            assert until(d, lambda o: o["spooled"] > 200)["spool_dropped"] == 0
            nats.start_all()
            until(d, is_drained)
            until(d, lambda o: o["spool_bytes"] == 0)
            d.stop()
            assert "messages were not sent" not in d.stderr()
        stored = checked(nats.read("hertzd"), tmp_path / "a", tmp_path / "b")
    order = list(dict.fromkeys(m.id.split("-")[0] for m in stored))
    assert len(order) == 2, "the ids of the first run are kept"
    for stream in order:
        seqs = [json.loads(m.data)["seq"] for m in stored if m.id.startswith(stream)]
        assert seqs == sorted(seqs), "in order"


@pytest.mark.tsan
def test_a_spool_survives_a_kill(tmp_path):
    spool = f"spool = {tmp_path}/spool"
    with Cluster(1, start=False) as nats:
        with hz.Daemon(SIM + output(nats.urls, spool)) as d:
            c = hz.Lines(d.tcp)
            stream = c.next()["stream"]
            c.close()
            on_disk = until(d, lambda o: o["spool_bytes"] > 100_000)
            d.process.send_signal(signal.SIGKILL)
            d.process.wait()
        nats.start_all()
        with hz.Daemon(SIM + output(nats.urls, spool + "\ncreate = yes")) as d:
            until(d, lambda o: o["acks"] > 300 and is_drained(o))
        stored = [m for m in nats.read("hertzd") if m.id.startswith(stream)]
    seqs = [json.loads(m.data)["seq"] for m in stored]
    assert seqs == list(range(1, len(seqs) + 1)) and len(seqs) > on_disk["spool_bytes"] / 1000
    for m in stored:
        hz.checked(m.data + b"\n")  # whole


def test_a_full_spool_drops_the_oldest_and_counts(tmp_path):
    with Cluster(1, start=False) as nats:
        many = "".join(SIM.replace("sky", f"sky{i}").replace("1090]", f"{i}]") + f"receiver = sky{i}\n" for i in range(6))
        for i in range(6):
            many = many.replace(f"[channel {i}]", f"seed = {i + 1}\n[channel {i}]")
        with hz.Daemon(many + output(nats.urls, f"spool = {tmp_path}/spool\nspool_max = 1M")) as d:
            o = until(d, lambda o: o["spool_dropped"] > 0)
            assert o["spool_bytes"] <= 1 << 20 and o["lost"] == o["spool_dropped"]
            nats.start_all()
            nats.create("hertzd", ["hertzd.>"])
            o = until(d, is_drained)
        stored = nats.read("hertzd")
    assert json.loads(stored[0].data)["seq"] > o["spool_dropped"] - 600  # read ahead before they were dropped


def test_a_stream_that_is_missing_is_told_or_made():
    with Cluster(1) as nats:
        with hz.Daemon(SIM + output(nats.urls, "stream = sky")) as d:
            assert "create = yes" in until(d, lambda o: o["error"])["error"]
            assert any("create = yes" in t["what"] for t in d.status()["troubles"])
        with hz.Daemon(SIM + output(nats.urls, "stream = sky\ncreate = yes\nmax_bytes = 5M\nduplicates = 5m")) as d:
            until(d, lambda o: o["acks"] > 10)
        config = nats.info("sky")["config"]
        assert (config["subjects"], config["max_bytes"], config["duplicate_window"], config["num_replicas"]) == (
            ["hertzd.>"], 5 << 20, 300 * 10**9, 1)
        nats.create("wrong", ["other.>"])
        with hz.Daemon(SIM + output(nats.urls, "stream = wrong")) as d:
            assert "add the subject hertzd.roof.> to it" in until(d, lambda o: o["error"])["error"]


def certificate(folder, name, *more):
    """A key and a certificate by the authority in folder."""
    run = lambda *a: subprocess.run(["openssl", *map(str, a)], cwd=folder, check=True, capture_output=True)
    if not (folder / "ca.pem").exists():
        run("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "ca.key",
            "-out", "ca.pem", "-subj", "/CN=test", "-days", "2")
    (folder / f"{name}.ext").write_text(NAMES if not more else more[0])
    run("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{name}.key", "-out",
        f"{name}.csr", "-subj", f"/CN={name}")
    run("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-out",
        f"{name}.pem", "-days", more[1] if len(more) > 1 else 2, "-extfile", f"{name}.ext")


@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl is not installed")
def test_logins_and_tls(tmp_path):
    certificate(tmp_path, "server")
    certificate(tmp_path, "client")
    certificate(tmp_path, "other", "subjectAltName = DNS:elsewhere.example")
    more = (f"tls {{ cert_file: {tmp_path}/server.pem, key_file: {tmp_path}/server.key, ca_file: {tmp_path}/ca.pem,"
            " verify: true }\nauthorization { user: me, password: right }\n")
    keys = f"tls_cert = {tmp_path}/client.pem\ntls_key = {tmp_path}/client.key\ncreate = yes\n"
    ca = f"tls_ca = {tmp_path}/ca.pem\n"
    user = "user = me\npassword = right\n"
    with Cluster(1, more) as nats:
        tls = nats.urls.replace("nats://127.0.0.1", "tls://localhost")
        wrong = [  # what is configured, and what the error says
            (output(tls, keys + user), "check the server's certificate"),  # of an unknown authority
            (output(tls, keys + ca + user.replace("right", "wrong")), "check user and password"),
            (output(tls, ca + user), ""),  # without a certificate
            (output("nats://name.invalid:1"), "check the name"),
        ]
        text = SIM + "".join(o.replace("js]", f"js{i}]") for i, (o, _) in enumerate(wrong))
        with hz.Daemon(text) as d:
            for i, (_, words) in enumerate(wrong):
                mine = lambda: next(o for o in d.status()["outputs"] if o["name"] == f"js{i}")
                assert words in hz.wait(lambda: mine()["error"])
            assert "right" not in json.dumps(d.status()) + d.stderr(), "the password is told"
        with hz.Daemon(SIM + output(tls, keys + ca + user)) as d:
            o = until(d, lambda o: o["acks"] > 50)
            assert o["server"] == tls and o["lost"] == 0
    foreign = more.replace("server.", "other.")
    with Cluster(1, foreign) as nats:
        with hz.Daemon(SIM + output(nats.urls.replace("nats://127.0.0.1", "tls://localhost"), keys + ca + user)) as d:
            assert "certificate" in until(d, lambda o: o["error"])["error"], "a certificate for another name"


@pytest.mark.parametrize("text,word", [
    ("url = http://a", "expected nats://HOST:PORT"), ("stream = a.b", "letters, digits"),
    ("station = a b", "letters, digits"), ("user = me", "belong together"), ("tls_key = /k", "belong together"),
    ("user = a\npassword = b\ncredentials = /c", "expected one of them"), ("spool_max = 3M", "without spool"),
    ("format = cvs", "hertzd formats"), ("duplicates = 0", "1s to 7d"), ("ping = 0", "1 to 300")])
def test_wrong_values_are_told_with_their_line(tmp_path, text, word):
    conf = tmp_path / "c"
    url = "" if text.startswith("url") else "url = nats://a:4222\n"
    conf.write_text("[hertzd]\n" + SIM + f"[output js]\ntype = nats\n{url}{text}\n[listen l]\ntype = unix\npath = {tmp_path}/s\n")
    hz.one_line(hz.run("check", "-c", conf), 2, f"{conf}:", word)


def test_a_cable_that_is_pulled_is_noticed(tmp_path):
    with Cluster(1) as nats, Cable(nats.ports[0]) as cable:
        nats.create("hertzd", ["hertzd.>"])
        text = output(f"nats://127.0.0.1:{cable.port}", f"ping = 1\nspool = {tmp_path}/spool")
        with hz.Daemon(SIM + text + log(tmp_path / "log")) as d:
            until(d, lambda o: o["acks"] > 50)
            cable.pull()
            assert until(d, lambda o: o["state"] != "up")["error"]
            cable.plug()
            until(d, lambda o: o["connects"] == 2 and is_drained(o))
            d.stop()
        checked(nats.read("hertzd"), tmp_path / "log")
