"""The packages for other architectures on a Debian of that architecture, in an emulator: apt finds what they
depend on and installs them, and what is decoded is what the program of this machine decodes."""
import os
import shutil
import subprocess

import pytest

import machine as m
from test_package import only, pytestmark  # noqa: F401

TRIPLES = {"arm64": "aarch64-linux-gnu", "armhf": "arm-linux-gnueabihf"}


@pytest.fixture(scope="module", params=TRIPLES)
def foreign(request):
    """Architecture, and a system of it with the package installed."""
    arch = request.param
    folder = m.ROOT / "build" / TRIPLES[arch] / "deb"
    if not folder.exists():
        pytest.skip(f"make deb-{arch} makes the package")
    works = subprocess.run([m.EMULATED, arch, "true"], capture_output=True, text=True)
    if works.returncode != 0:
        pytest.skip(f"no emulator in a user namespace: {works.stderr}")
    root = m.unpacked(arch, arch)
    shutil.copy(only(folder), root / "root/hertzd.deb")
    m.in_root(root, "apt-get", "update", "-q", arch=arch)
    m.in_root(root, "apt-get", "install", "-y", "-q", "--no-install-recommends", "/root/hertzd.deb", arch=arch)
    yield arch, root
    shutil.rmtree(root)


def test_it_is_installed_as_packed(foreign):
    arch, root = foreign
    assert m.in_root(root, "dpkg-query", "-W", "-f", "${Architecture} ${Status}", "hertzd", arch=arch) == f"{arch} install ok installed"
    assert m.in_root(root, "dpkg", "--verify", "hertzd", arch=arch) == ""
    assert "hertzd:" in (root / "etc/passwd").read_text()


def test_the_installed_configuration_is_right(foreign):
    arch, root = foreign
    native = subprocess.run([m.ROOT / "build/hertzd", "check", "-c", m.ROOT / "config/hertzd.conf"], capture_output=True, text=True, check=True)
    assert m.in_root(root, "hertzd", "check", arch=arch) == native.stdout


def test_messages_are_those_of_this_machine(foreign):
    arch, root = foreign
    name = "aircraft_1090M_2400k.cu8"
    with open(root / "root" / name, "wb") as out:
        subprocess.run([m.ROOT / "build/scene", "aircraft", "1", "2"], stdout=out, check=True)
    native = subprocess.run([m.ROOT / "build/hertzd", "decode", root / "root" / name], capture_output=True, text=True, check=True)
    assert native.stdout.count("\n") > 100
    assert m.in_root(root, "hertzd", "decode", f"/root/{name}", arch=arch) == native.stdout


def test_purge(foreign):
    arch, root = foreign
    m.in_root(root, "apt-get", "purge", "-y", "-q", "hertzd", arch=arch)
    assert not (root / "etc/hertzd").exists() and not os.path.lexists(root / "usr/bin/hertzd")
