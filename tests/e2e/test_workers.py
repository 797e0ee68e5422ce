"""The same samples give the same bytes with any number of workers and any length of blocks, with
many channels: speech, packets and ships, some always open and some behind a squelch."""
import hashlib
import pathlib
import subprocess

import hz
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCENE = ROOT / "build/scene"
CENTRE, RATE = 162_400_000, 2_400_000

pytestmark = [
    pytest.mark.tsan,
    pytest.mark.skipif(not SCENE.exists(), reason="make build/scene"),
]


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    """Ships, voices, packets and pages; every protocol has messages in it."""
    path = tmp_path_factory.mktemp("port") / "mix_162.4M_2400k.cu8"
    with path.open("wb") as out:
        subprocess.run([SCENE, "mix", "3", "1.5"], stdout=out, check=True)
    return path


def plan(n):
    """n channels all over the band: packets are always open, and so is each third voice."""
    kinds = ["nfm", "ax25-9600", "nfm,squelch=0", "aprs", "nfm", "pocsag"]
    step = 2_200_000 / n
    at = [round((CENTRE - 1_100_000 + step * (i + 0.5)) / 1000) * 1000 for i in range(n)]
    args = ["-d", "ais"]
    for i, freq in enumerate(at):
        name, _, options = kinds[i % len(kinds)].partition(",")
        args += ["-d", f"{name}@{freq}" + ("," + options if options else "")]
    return args


def what_is_told(path, folder, channels, workers, block):
    """A digest of the lines and of all speech, and the number of lines."""
    done = hz.run("decode", "-w", workers, "-b", block, "--audio", folder, *plan(channels), path)
    assert done.returncode == 0, done.stderr.decode()
    files = sorted(folder.rglob("*.wav"))
    digest = hashlib.sha256(done.stdout)
    for file in files:
        digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest(), done.stdout.count(b"\n"), len(files), done.stderr.decode()


@pytest.mark.parametrize("channels", [64, pytest.param(250, marks=pytest.mark.plain)])
def test_any_number_of_workers_gives_the_same_bytes(port, tmp_path, channels):
    runs = [(1, 131072), (2, 131072), (3, 5000)] + [(4, 131072), (8, 40000), (1, 777)] * (not hz.SANITIZED)
    told = {}
    for workers, block in runs:
        folder = tmp_path / f"{workers}-{block}"
        folder.mkdir()
        told[workers, block] = what_is_told(port, folder, channels, workers, block)
    first = told[1, 131072]
    assert first[1] >= 5 and first[2] >= 1, first
    assert all(t[:3] == first[:3] for t in told.values()), told


@pytest.mark.plain
def test_the_summary_tells_what_workers_are_good_for(port, tmp_path):
    told = {w: what_is_told(port, tmp_path, 64, w, 131072)[3].splitlines() for w in (1, 2)}
    for workers, lines in told.items():
        assert lines[2].startswith("CPU: start "), lines
        assert lines[3].startswith("in order: "), lines
        plural = "" if workers == 1 else "s"
        assert lines[4].startswith(f"{workers} worker{plural}: at most "), lines
        most = float(lines[4].split("at most ")[1].split()[0])
        assert 1 <= most <= workers, lines
