"""What is installed before hertzd is built, tested and run (.ci/setup, the Makefile, the README's table)."""
import re
import shutil
import subprocess

import pytest

from hz import ROOT

pytestmark = pytest.mark.plain
SETUP = ROOT / ".ci/setup"
SETS = ("run", "build", "test", "check", "fuzz")


def names(*sets):
    return subprocess.run([SETUP, "--list", *sets], capture_output=True, text=True, check=True).stdout.split()


def test_the_table_of_the_readme_is_what_is_installed():
    text = (ROOT / "README.md").read_text()
    told = {m[0]: m[1].split() for m in re.findall(r"^\| \S.*?`\.ci/setup (\w+)`.*?\| ([a-z0-9 .+-]+) \|", text, re.M)}
    assert set(told) == set(SETS) | {"peers"}
    for set_ in ("run", "build", "peers"):
        assert sorted(told[set_]) == names(set_), set_
    build = set(names("build"))
    for set_ in ("test", "check", "fuzz"):  # on top of those that build it
        assert set(told[set_]) == set(names(set_)) - build, set_


@pytest.mark.skipif(not shutil.which("dpkg-query"), reason="not a Debian")
def test_the_runtime_packages_are_those_of_the_libraries_that_the_programs_need():
    run = set(names("run"))
    for program in ("hertzd", "hertzctl"):
        head = subprocess.run(["readelf", "-d", ROOT / "build" / program], capture_output=True, text=True, check=True).stdout
        for library in re.findall(r"\(NEEDED\).*\[(.*)\]", head):
            owner = subprocess.run(["dpkg-query", "-S", f"*/{library}"], capture_output=True, text=True, check=True).stdout
            packages = {line.split(":")[0] for line in owner.splitlines()}
            assert packages & (run | {"libc6"}), (program, library, packages)


def test_no_peer_is_ever_installed():
    assert not set(names(*SETS)) & set(names("peers"))


@pytest.fixture
def bare(tmp_path):
    """An environment in which no package is installed, and apt-get only says what it was asked."""
    tools = tmp_path / "bin"
    tools.mkdir()
    log = tmp_path / "log"
    fakes = {
        "dpkg-query": "exit 0",
        "sudo": 'exec "$@"',
        "apt-get": f'echo "$*" >>{log}\ncase "$*" in *--print-uris*) echo "0 upgraded, 9 newly installed";'
                   ' echo "Need to get 52.2 MB of archives."; echo "After this operation, 233 MB will be used.";; esac',
    }
    for name, script in fakes.items():
        (tools / name).write_text(f"#!/bin/sh\n{script}\n")
        (tools / name).chmod(0o755)
    return log, {"PATH": f"{tools}:/usr/bin:/bin", "PKG_CONFIG_LIBDIR": "/nonexistent"}


def test_says_what_and_how_much_before_it_installs(bare):
    log, env = bare
    done = subprocess.run([SETUP, "test"], env=env, capture_output=True, text=True, check=True)
    asked = log.read_text().splitlines()
    assert [a.split()[0] for a in asked] == ["update", "install", "install"], asked
    assert "--print-uris" in asked[1] and "--print-uris" not in asked[2]
    assert set(names("test")) <= set(asked[2].split())
    assert not set(names("peers")) & set(asked[2].split())
    for line in ("9 newly installed", "52.2 MB", "233 MB", *names("test")):
        assert line in done.stderr, done.stderr


def test_make_alone_says_what_to_type(bare, tmp_path):
    log, env = bare
    done = subprocess.run(["make", f"O={tmp_path}/build", "all"], cwd=ROOT, env=env, capture_output=True, text=True)
    assert done.returncode != 0
    line = next(l for l in done.stderr.splitlines() if l.strip().startswith("sudo apt-get install"))
    assert set(names("build")) <= set(line.split())
    assert not log.exists() and not (tmp_path / "build").exists()
