"""hertzctl: tables for people, --json as the socket gave it, one line when there is no daemon."""
import json
import re
import select
import subprocess

import hz
import pytest
from hz import LOOP, conf

WORDS = ["status", "receivers", "channels", "clients", "decoders"]


def ctl(*args):
    return subprocess.run([hz.CTL, *map(str, args)], capture_output=True, text=True, timeout=hz.PATIENCE)


@pytest.fixture(scope="module")
def daemon(air):
    with hz.Daemon(conf(air, LOOP)) as d:
        c = hz.Lines(d.tcp)
        hz.messages(c, 20)
        yield d
        c.close()


@pytest.mark.parametrize("word", WORDS)
def test_json_is_that_of_the_socket(daemon, word):
    done = ctl("--socket", daemon.sock, word, "--json")
    assert done.returncode == 0, done.stderr
    got, asked = json.loads(done.stdout), daemon.rpc.result(word)

    def shape(v):
        """Names and types: numbers go on while they are asked for."""
        if isinstance(v, dict):
            return {k: shape(x) for k, x in v.items() if not k.endswith("age_s")}
        return [shape(x) for x in v[:1]] if isinstance(v, list) else type(v).__name__.replace("float", "int")

    assert shape(got) == shape(asked)


@pytest.mark.parametrize("word,needs", [
    ("status", ["0.1.0"]), ("receivers", ["roof", "streaming", "2.4"]),
    ("channels", ["1090", "roof", "adsb"]), ("clients", ["127.0.0.1", "tcp"]),
    ("decoders", ["adsb", "1090"]),
])
def test_tables(daemon, word, needs):
    done = ctl("--socket", daemon.sock, word)
    assert done.returncode == 0, done.stderr
    for need in needs:
        assert need in done.stdout, done.stdout
    assert "{" not in done.stdout and "\x1b" not in done.stdout


@pytest.mark.parametrize("word", ["receivers", "channels", "clients", "decoders"])
def test_tables_are_aligned(daemon, word):
    """Each heading begins where its column does: a blank stands before it in every line."""
    lines = ctl("--socket", daemon.sock, word).stdout.splitlines()
    assert len(lines) >= 2
    starts = [m.start() for m in re.finditer(r"(?<=  )\S", lines[0])]
    assert starts
    for line in lines[1:]:
        for at in starts:
            assert at >= len(line) or line[at - 1] == " ", (at, lines)


def test_watch_follows(daemon):
    p = subprocess.Popen([hz.CTL, "--socket", daemon.sock, "watch"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        seen = b""
        while not re.search(rb"HZ00\d\d\d", seen):
            ready, _, _ = select.select([p.stdout], [], [], hz.PATIENCE)
            assert ready, seen
            more = p.stdout.read1(65536)
            assert more, (seen, p.stderr.read())
            seen += more
    finally:
        p.terminate()
        p.wait(hz.PATIENCE)
        p.stdout.close(), p.stderr.close()


def test_watch_json_gives_the_lines(daemon):
    p = subprocess.Popen([hz.CTL, "--socket", daemon.sock, "watch", "--json"], stdout=subprocess.PIPE)
    try:
        records = [hz.checked(p.stdout.readline()) for _ in range(20)]
        assert sum(r["kind"] == "message" for r in records) >= 18
    finally:
        p.terminate()
        p.wait(hz.PATIENCE)
        p.stdout.close()


@pytest.mark.parametrize("word", [*WORDS, "watch"])
def test_no_daemon_there(tmp_path, word):
    done = ctl("--socket", tmp_path / "none.sock", word)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1 and "none.sock" in done.stderr
    assert "hertzd" in done.stderr and done.stdout == ""


@pytest.mark.parametrize("args", [["dance"], ["status", "--colour"], ["status", "receivers"]])
def test_wrong_usage(args):
    done = ctl(*args)
    assert done.returncode == 2
    assert args[-1] in done.stderr
