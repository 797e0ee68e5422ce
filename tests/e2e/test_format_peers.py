"""The formats beside the programs whose formats they are: what these write of the same recording, or
what they read of ours."""
import math
import os
import re
import shutil
import subprocess
import threading

import hz
import pytest
from test_formats import AIR, FILES, beast_frames, lines, listener, place, told

pytestmark = pytest.mark.plain


def needs(program):
    if not shutil.which(program):
        pytest.skip(f"{program} is not there: .ci/setup peers")


def read_all(sock, into):
    while more := sock.recv(65536):
        into.append(more)


def dump1090(recording, folder):
    """What its raw, BaseStation and Beast outputs tell of a recording (2.4 Msps, cu8). It is read from
    a FIFO, so that it begins when the readers are there."""
    ports = {name: hz.free_port() for name in ("ro", "sbs", "bo")}
    fifo = folder / "air"
    os.mkfifo(fifo)
    peer = subprocess.Popen(["dump1090-mutability", "--ifile", fifo, "--net", "--net-bind-address", "127.0.0.1", "--quiet",
                             *(w for name, port in ports.items() for w in (f"--net-{name}-port", str(port))),
                             "--net-bi-port", "0", "--net-ri-port", "0", "--net-http-port", "0"],
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        with open(fifo, "wb") as f:  # its end is the program's end, which sends what it holds back
            silence = b"\x80" * 2 * 131072  # a block: the readers come while it waits for the second
            f.write(silence)
            f.flush()
            got = {name: [] for name in ports}
            socks = {name: hz.connected(port, peer) for name, port in ports.items()}
            readers = [threading.Thread(target=read_all, args=(s, got[name]), daemon=True) for name, s in socks.items()]
            for r in readers:
                r.start()
            # it takes its readers in between blocks
            f.write(8 * silence + recording.read_bytes() + 8 * silence)
        for r in readers:
            r.join()
    finally:
        peer.kill()
        peer.wait()
    return {name: b"".join(data) for name, data in got.items()}


@pytest.fixture(scope="module")
def theirs(tmp_path_factory):
    needs("dump1090-mutability")
    if not hz.SHARED.is_dir():
        pytest.skip(f"no recordings at {hz.SHARED} (set HZ_SHARED)")
    recording = hz.SHARED / FILES["adsb"]
    return dump1090(recording, tmp_path_factory.mktemp("dump1090"))


def test_avr_is_byte_for_byte_that_of_dump1090(shared, theirs):
    assert theirs["ro"].lower() == told(shared, "adsb", "avr").replace(b"\r", b"")


def test_beast_has_the_frames_and_the_clock_of_dump1090(shared, theirs):
    ours, other = beast_frames(told(shared, "adsb", "beast")), beast_frames(theirs["bo"])
    assert [f[3] for f in ours] == [f[3] for f in other] and [f[0] for f in ours] == [f[0] for f in other]
    # its clock begins with the silence before; it knows the begin of a frame to a fifth of a sample
    apart = [theirs_[1] - f[1] for f, theirs_ in zip(ours, other)]
    assert max(apart) - min(apart) <= 10, (min(apart), max(apart))
    assert all(abs(f[2] - theirs_[2]) <= 6 for f, theirs_ in zip(ours, other)), "signal levels"


def track_of(raw):
    """Degrees, of the velocity over ground in a squitter's bits."""
    bits = bin(int(raw, 16))[2:].zfill(112)[32:88]
    east, north = int(bits[14:24], 2) - 1, int(bits[25:35], 2) - 1
    return math.degrees(math.atan2(-east if bits[13] == "1" else east, -north if bits[24] == "1" else north)) % 360


def test_sbs_is_that_of_dump1090_but_for_what_is_said_here(shared, theirs):
    ours = [r.split(",") for r in told(shared, "adsb", "sbs").decode().split("\r\n")[:-1]]
    other = [r.split(",") for r in theirs["sbs"].decode().split("\r\n")[:-1]]
    raw = [line["raw"] for line in lines(shared, "adsb")]
    assert len(ours) == len(other) == len(raw)
    same = 0
    for frame, a, b in zip(raw, ours, other):
        assert len(a) == len(b) == 22
        a[6:10] = b[6:10]  # times: the recording's here, those of its clock there
        same += a == b
        if a[1] == "3":
            # of a position's own status it tells no alert and no SPI, as readsb does
            assert a[18] in ("0", "-1") and a[20] in ("0", "-1") and b[18] == b[20] == ""
            a[18] = a[20] = ""
            for i in (14, 15):  # it cuts, and computes in another order
                assert a[i] == b[i] or abs(float(a[i]) - float(b[i])) < 1.5e-5
            a[14:16] = b[14:16]
        elif a[1] == "4":
            # its angle is wrong by up to 2 degrees: ours is that of the bits
            assert a[13] == str(int(track_of(frame))) and abs(float(a[13]) - float(b[13])) <= 2, (frame, a, b)
            # the speed in our lines is rounded to a tenth of a knot before its fraction is cut
            assert a[12] == b[12] or float(a[12]) == float(b[12]) + 1
            a[12:14] = b[12:14]
        assert a == b
    assert same > len(ours) / 3


def test_kissutil_reads_the_listener(shared):
    """direwolf's own client of a TNC prints what the recording has."""
    needs("kissutil")
    conf = (f"[receiver vhf]\nsource = file\npath = {shared / FILES['aprs']}\npace = realtime\nloop = yes\n"
            "[channel aprs]\ndecoder = aprs\nfrequency = 144.8M\n")
    with hz.Daemon(conf + listener("tnc", "kiss")) as d:
        host, port = place(d, "tnc")
        peer = subprocess.Popen(["kissutil", "-h", host, "-p", str(port)], stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        try:
            want = {line["aprs"]["tnc2"] for line in lines(shared, "aprs")}
            seen = set()
            while len(seen) < 20:
                line = peer.stdout.readline().decode(errors="replace")
                assert line, "kissutil has ended"
                if m := re.match(r"\[0\] (.*)$", line.rstrip("\r\n")):
                    seen.add(m[1])
            assert seen <= want, seen - want
        finally:
            peer.kill()
            peer.wait()


def printed(text):
    """Of multimon-ng's lines of pagers: address, function, kind and text."""
    text = re.sub(r"(<(NUL|EOT|ETX)>)+$", "", text, flags=re.M)  # it fills the last word
    rows = re.findall(r"^POCSAG\d+: Address: +(\d+) +Function: (\d)(?: +(Alpha|Numeric): *(.*))?$", text, re.M)
    return {(int(a), int(f), kind, content.rstrip()) for a, f, kind, content in rows}


@pytest.mark.parametrize("name", ["multimon_pocsag_clean.s16", "rrruark_addr0.wav", "rrruark_addr3.wav", "rrruark_addr5.wav"])
def test_multimon_is_printed_as_multimon_ng_prints(shared, name):
    """Of audio from the air: every line of multimon-ng is among ours."""
    recording = shared / "air/pocsag" / name
    rate = ["-r", "22050"] if name.endswith(".s16") else []
    done = hz.run("decode", "-F", "multimon", "-d", "pocsag", "-t", "audio", *rate, recording)
    assert done.returncode == 0, done.stderr
    theirs = recording.with_suffix(".multimon-ng.txt").read_text(errors="replace")
    ours = done.stdout.decode()
    assert printed(theirs) and printed(theirs) <= printed(ours), printed(theirs) - printed(ours)
