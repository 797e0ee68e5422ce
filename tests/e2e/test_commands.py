"""The command lines of hertzd: help of each command, and what is said of a wrong word."""
import os
import subprocess

import hz
import pytest

COMMANDS = ["setup", "check", "demo", "decode", "decoders"]


def test_every_command_has_help():
    top = hz.run("--help")
    assert (top.returncode, top.stderr) == (0, b"") and top.stdout == hz.run("help").stdout
    assert max(map(len, top.stdout.decode().splitlines())) <= 80
    for command in COMMANDS:
        assert f"hertzd {command} ".encode() in top.stdout
        one = hz.run(command, "--help")
        assert (one.returncode, one.stderr) == (0, b"")
        assert one.stdout.startswith(f"usage: hertzd {command}".encode())
        assert one.stdout == hz.run("help", command).stdout == hz.run(command, "-h").stdout


@pytest.mark.parametrize("args,word,words", [
    (["chek"], "chek", ["did you mean 'check'?", "'hertzd --help'"]),
    (["help", "demos"], "demos", ["did you mean 'demo'?"]),
    (["xyzzy"], "xyzzy", ["no such command"]),
    (["--hlep"], "--hlep", ["did you mean '--help'?"]),
    (["-x"], "-x", ["no such option"]),
    (["check", "x.conf"], "x.conf", ["-c FILE", "'hertzd check --help'"]),
    (["check", "--confg", "x"], "--confg", ["did you mean '--config'?"]),
    (["check", "-c"], "-c", ["value is missing"]),
    (["decoders", "--markdwn"], "--markdwn", ["did you mean '--markdown'?"]),
    (["decoders", "all"], "all", ["no such decoder"]),
    (["demo", "now"], "now", ["not expected"]),
    (["demo", "--second", "soon"], "soon", ["seconds"]),
    (["demo", "--secnods", "3"], "--secnods", ["did you mean '--seconds'?"]),
    (["decode", "a", "b"], "b", ["one recording"]),
    (["decode", "a", "--strat", "1"], "--strat", ["did you mean '--start'?"]),
    (["decode", "a", "--repeats", "-xz"], "-x", ["no such option"]),
    (["decode", "--repeats=1", "a"], "--repeats=1", ["takes no value"]),
    (["decode", "a", "--start"], "--start", ["value is missing"]),
])
def test_wrong_usage(args, word, words):
    """One line that names the wrong word once, and where help is."""
    done = hz.run(*args)
    hz.one_line(done, 2, f"'{word}'", "--help'", *words)
    assert done.stderr.decode().count(f"'{word}'") == 1 and not done.stdout


def test_a_decoder_that_is_meant():
    hz.one_line(hz.run("decode", "-d", "asdb", "x.cu8"), 2, "asdb", "did you mean 'adsb'?")


@pytest.mark.parametrize("runs,words", [(True, ["systemctl restart hertzd"]), (False, ["enable --now hertzd"])])
def test_install_says_how_to_run_it(tmp_path, runs, words):
    """A service that runs goes on with the old program: that is said, and how to change it."""
    if subprocess.run(["make", "-q", "all"], cwd=hz.ROOT, capture_output=True).returncode != 0:
        pytest.skip("build/hertzd is not built as `make` alone would build it")
    (tmp_path / "systemctl").write_text(f"#!/bin/sh\nexit {0 if runs else 3}\n")
    (tmp_path / "systemctl").chmod(0o755)
    done = subprocess.run(["make", "install", f"PREFIX={tmp_path}/usr", f"SYSCONFDIR={tmp_path}/etc"], cwd=hz.ROOT,
                          env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "usr/bin/hertzctl").exists() and (tmp_path / "etc/hertzd/hertzd.conf").exists()
    for word in words:
        assert word in done.stdout
    assert ("runs" in done.stdout.splitlines()[-2]) == runs
