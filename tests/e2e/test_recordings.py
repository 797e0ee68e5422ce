"""Recordings as other programs write them: each kind of head, name and format gives the same frames."""
import io
import json
import struct
import subprocess
import tarfile
from datetime import datetime, timezone

import hz
import numpy as np
import pytest

RATE = 2_400_000


@pytest.fixture(scope="module")
def u8(air):
    return np.frombuffer(air.read_bytes(), np.uint8)


@pytest.fixture(scope="module")
def plain(air):
    return [(r["raw"], r["sample"]) for r in hz.decode("-d", "adsb", air)[0]]


def messages(*args, **kw):
    records, err = hz.decode(*args, **kw)
    return [r for r in records if r["kind"] == "message"], err


def same(records, plain):
    assert [r["raw"] for r in records] == [p[0] for p in plain]
    assert all(abs(r["sample"] - p[1]) <= 1 for r, p in zip(records, plain))


def whole(u8):
    """As integers of 32 bits, full scale."""
    return (u8.astype(np.int64) * 2 - 255) * (1 << 23)


def s24(u8):
    return (whole(u8) >> 8).astype("<i4").view(np.uint8).reshape(-1, 4)[:, :3].tobytes()


def scaled(u8, dtype):
    return (whole(u8) / 2**31).astype(dtype).tobytes()


DATATYPES = {
    "ci16_be": lambda u: (whole(u) >> 16).astype(">i2").tobytes(),
    "ci32_le": lambda u: whole(u).astype("<i4").tobytes(),
    "ci32_be": lambda u: whole(u).astype(">i4").tobytes(),
    "cu16_le": lambda u: ((whole(u) >> 16) + 32768).astype("<u2").tobytes(),
    "cu32_be": lambda u: (whole(u) + 2**31).astype(">u4").tobytes(),
    "cf32_be": lambda u: scaled(u, ">f4"),
    "cf64_le": lambda u: scaled(u, "<f8"),
}


def write_sigmf(path, data, captures, datatype="cu8", **more):
    meta = {
        "global": {"core:datatype": datatype, "core:sample_rate": RATE, "core:version": "1.2.0", **more},
        "captures": captures,
    }
    path.with_suffix(".sigmf-meta").write_text(json.dumps(meta))
    path.with_suffix(".sigmf-data").write_bytes(data)
    return path.with_suffix(".sigmf-meta")


def capture(start, **more):
    return {"core:sample_start": start, **{"core:" + k: v for k, v in more.items()}}


@pytest.mark.parametrize("datatype", DATATYPES)
def test_sigmf_datatypes(u8, plain, tmp_path, datatype):
    meta = write_sigmf(tmp_path / "x", DATATYPES[datatype](u8), [capture(0, frequency=1090e6)], datatype)
    same(messages("-d", "adsb", meta)[0], plain)


@pytest.mark.parametrize("form", ["cs24", "cs32", "cf64", "cu16_be"])
def test_formats_by_name_and_by_option(u8, plain, tmp_path, form):
    data = {"cs24": s24(u8), "cs32": whole(u8).astype("<i4").tobytes(), "cf64": scaled(u8, "<f8"),
            "cu16_be": ((whole(u8) >> 16) + 32768).astype(">u2").tobytes()}[form]
    named = tmp_path / f"x_1090M_2400k.{form.upper()}"
    named.write_bytes(data)
    same(messages("-d", "adsb", named)[0], plain)
    unnamed = tmp_path / "unnamed"
    unnamed.write_bytes(data)
    same(messages("-d", "adsb", "-t", form, "-r", "2.4M", "-f", "1090 MHz", unnamed)[0], plain)


# -- captures --------------------------------------------------------------------------------------

HALF = 540_000  # of 300 frames, each 3600 samples after the one before: 150


def test_a_gap_between_captures(u8, plain, tmp_path):
    meta = write_sigmf(tmp_path / "x", u8.tobytes(), [
        capture(0, frequency=1090e6, datetime="2026-05-01T12:00:00.000000Z"),
        capture(HALF, datetime="2026-05-01T14:00:01.725+02:00")])
    records, _ = hz.decode("-d", "adsb", meta)
    gaps = [r for r in records if r["kind"] == "gap"]
    assert [(g["sample"], g["samples"]) for g in gaps] == [(HALF, 3_600_000)]  # 1.5 s
    assert gaps[0]["time"].startswith("2026-05-01T12:00:00.225")
    assert "recording" in gaps[0]["reason"]
    got = [r for r in records if r["kind"] == "message"]
    assert [r["raw"] for r in got] == [p[0] for p in plain]
    for r, (_, sample) in zip(got, plain):
        late = 3_600_000 if sample >= HALF else 0
        assert abs(r["sample"] - sample - late) <= 1
        told = datetime.fromisoformat(r["time"][:26]).replace(tzinfo=timezone.utc)
        true = datetime(2026, 5, 1, 12, tzinfo=timezone.utc).timestamp() + (sample + late) / RATE
        assert abs(told.timestamp() - true) < 3e-6


@pytest.mark.parametrize("block", [1000, 131072])
def test_every_cut_gives_the_same(u8, tmp_path, block):
    captures = [capture(0, frequency=1090e6, datetime="2026-05-01T12:00:00.0Z")]
    captures += [capture(s, datetime=f"2026-05-01T12:0{i + 1}:00.0Z") for i, s in enumerate([1, 100_001, HALF])]
    meta = write_sigmf(tmp_path / "x", u8.tobytes(), captures)
    args = ["decode", "-d", "adsb", meta]
    assert hz.run(*args, "-b", block, "-w", 2).stdout == hz.run(*args, "-w", 1).stdout


def test_headers_in_the_data(u8, plain, tmp_path):
    b = u8.tobytes()
    data = b"h" * 77 + b[:2 * HALF] + b"H" * 1001 + b[2 * HALF:] + b"trailer"
    meta = write_sigmf(tmp_path / "x", data, [
        capture(0, frequency=1090e6, header_bytes=77), capture(HALF, header_bytes=1001)],
        **{"core:trailing_bytes": 7, "core:dataset": "x.sigmf-data"})
    got, err = messages("-d", "adsb", meta)
    same(got, plain)
    assert "no whole sample" not in err


def test_captures_at_different_frequencies(u8, plain, tmp_path):
    """Counting begins anew, with the time that is told."""
    meta = write_sigmf(tmp_path / "x", u8.tobytes(), [
        capture(0, frequency=1090e6, datetime="2026-05-01T12:00:00.0Z"),
        capture(HALF, frequency=1090.4e6, datetime="2026-05-01T13:00:00.0Z")])
    got, _ = messages("-d", "adsb", meta)
    assert [r["raw"] for r in got] == [p[0] for p in plain]
    assert got[150]["time"].startswith("2026-05-01T13:00:00.0007")
    assert abs(got[150]["sample"] - 1800) <= 1


def test_channels_across_captures(tmp_path):
    """Carriers of half a second: one channel in the band of both captures, one in that of the second."""
    rate, n = 240_000, 480_000
    some = np.random.default_rng(3)
    t = np.arange(n) / rate
    on = (t > 0.7) & (t < 1.2)
    parts = []
    for offsets in ([20e3], [-30e3, 100e3]):
        x = (some.normal(size=n) + 1j * some.normal(size=n)) * 1e-3
        x += sum(0.1 * np.exp(2j * np.pi * f * t) for f in offsets) * on
        parts.append(x)
    path = tmp_path / "x"
    meta = write_sigmf(path, np.concatenate(parts).astype("<c8").tobytes(), [
        capture(0, frequency=446.0e6, datetime="2026-05-01T12:00:00.0Z"),
        capture(n, frequency=446.05e6, datetime="2026-05-01T12:01:00.0Z")], "cf32_le",
        **{"core:sample_rate": rate})
    records, _ = hz.decode("-d", "nfm@446.02M", "-d", "nfm@446.15M", meta)
    got = sorted((r["time"][14:18], r["freq_hz"]) for r in records if r["kind"] == "message")
    assert got == [("00:0", 446020000), ("01:0", 446020000), ("01:0", 446150000)]
    assert all(abs(r["offset_hz"]) < 300 for r in records if r["kind"] == "message")
    assert [round(r["samples"] / rate) for r in records if r["kind"] == "gap"] == [58]


def test_a_time_that_nobody_can_read(u8, tmp_path):
    meta = write_sigmf(tmp_path / "x", u8.tobytes(), [capture(0, frequency=1090e6, datetime="May 1st")])
    got, err = messages("-d", "adsb", meta)
    assert got[0]["time"].startswith("1970-01-01") and "May 1st" in err
    got, _ = messages("-d", "adsb", "--start", "2026-05-01T12:00:00Z", meta)
    assert got[0]["time"].startswith("2026-05-01T12:00:00.0007")


# -- archives --------------------------------------------------------------------------------------


def archive(path, entries, form=tarfile.PAX_FORMAT):
    with tarfile.open(path, "w", format=form) as t:
        for name, data in entries:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            info.mtime = 1.5  # not whole: a head of its own in pax
            t.addfile(info, io.BytesIO(data))


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT])
@pytest.mark.parametrize("order", [1, -1])
def test_archive(u8, plain, tmp_path, form, order):
    meta = write_sigmf(tmp_path / "x", b"", [capture(0, frequency=1090e6)]).read_bytes()
    folder = "folder/" + ("n" * 90 if form == tarfile.USTAR_FORMAT else "n" * 150)
    entries = [(folder + "/x.sigmf-meta", meta), (folder + "/x.sigmf-data", u8.tobytes())][::order]
    archive(tmp_path / "x.sigmf", [("readme", b"words")] + entries, form)
    got, err = messages("-d", "adsb", tmp_path / "x.sigmf")
    same(got, plain)
    assert "archive" in err and "x.sigmf-data" in err


def test_archives_that_cannot_be_read(u8, tmp_path):
    path = tmp_path / "x.sigmf"
    for data, words in [(b"\x1f\x8b" + bytes(600), "compressed archive"), (b"{}" * 600, "no archive"),
                        (b"PK\x03\x04" + bytes(600), "compressed archive")]:
        path.write_bytes(data)
        hz.one_line(hz.run("decode", path), 1, "x.sigmf", words)
    archive(path, [("a/b", b"words")])
    hz.one_line(hz.run("decode", path), 1, "without a .sigmf-meta")
    meta = write_sigmf(tmp_path / "y", b"", [capture(0)]).read_bytes()
    archive(path, [("a/y.sigmf-meta", meta)])
    hz.one_line(hz.run("decode", path), 1, "missing in the archive", "a/y.sigmf-data")


# -- WAV -------------------------------------------------------------------------------------------


def chunk(name, data, says=None):
    return name + struct.pack("<I", len(data) if says is None else says) + data + b"\0" * (len(data) & 1)


def fmt(tag, bits, channels=2, align=None, rate=RATE):
    align = align or channels * bits // 8
    return chunk(b"fmt ", struct.pack("<HHIIHH", tag, channels, rate, rate * align, align, bits))


def wav(path, *chunks, magic=b"RIFF"):
    path.write_bytes(magic + struct.pack("<I", 0xFFFFFFFF) + b"WAVE" + b"".join(chunks))
    return path


def test_wav_formats(u8, plain, tmp_path):
    for tag, bits, align, data in [
            (1, 24, None, s24(u8)), (1, 24, 8, whole(u8).astype("<i4").tobytes()),
            (1, 32, None, whole(u8).astype("<i4").tobytes()),
            (3, 32, None, scaled(u8, "<f4")), (3, 64, None, scaled(u8, "<f8"))]:
        path = wav(tmp_path / "x_1090M.wav", fmt(tag, bits, align=align), chunk(b"data", data))
        got, err = messages("-d", "adsb", path)
        same(got, plain)
        assert "x_1090M.wav" not in err


def ds64(size):
    return chunk(b"ds64", struct.pack("<QQQI", size + 100, size, 0, 0))


@pytest.mark.parametrize("magic", [b"RF64", b"BW64"])
def test_long_heads(u8, plain, tmp_path, magic):
    data = u8.tobytes()
    for said in (0xFFFFFFFF, len(data)):
        path = wav(tmp_path / "x_1090M.wav", ds64(len(data)), chunk(b"JUNK", bytes(70_000)), fmt(1, 8),
                   chunk(b"data", data, said), chunk(b"LIST", b"INFOwords!"), magic=magic)
        got, err = messages("-d", "adsb", path)
        same(got, plain)
        assert "x_1090M.wav" not in err


def test_what_a_wav_says_of_its_length(u8, plain, tmp_path):
    """More than is there, less, nothing: what is there is decoded, and the difference is told."""
    data = u8.tobytes()
    for said in (len(data) + 1000, len(data) - 1000, 0):
        path = wav(tmp_path / "x_1090M.wav", fmt(1, 8), chunk(b"data", data, said))
        got, err = messages("-d", "adsb", path)
        same(got, plain)
        assert str(said) in err and "x_1090M.wav" in err
    path = wav(tmp_path / "x_1090M.wav", fmt(1, 8), chunk(b"data", data), chunk(b"id3 ", b"words"))
    got, err = messages("-d", "adsb", path)
    same(got, plain)
    assert "x_1090M.wav" not in err


def test_wav_behind_4_gib(u8, tmp_path):
    """The size went round; the last frames lie behind 4 GiB. A sparse file: nothing of it is written."""
    data = u8[:7200 * 2].tobytes()
    total = (1 << 32) + 2 * len(data)
    path = wav(tmp_path / "x_1090M.wav", fmt(1, 8), chunk(b"data", data, total & 0xFFFFFFFF))
    head = path.stat().st_size - len(data)
    with open(path, "r+b") as f:
        f.seek(head + total - len(data))
        f.write(data)
    p = subprocess.Popen([hz.BIN, "decode", "-d", "adsb", path], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    first = p.stderr.readline().decode()
    p.kill()
    p.wait()
    assert str(2 * len(data)) in first and str(total) in first


def test_name_and_head_that_differ(u8, tmp_path):
    path = wav(tmp_path / "x_1091M_96k.wav", fmt(1, 8), chunk(b"data", u8.tobytes()))
    _, err = messages("-d", "adsb", "-f", "1090M", path)
    assert "96000" in err and "2400000" in err


def auxi(start, centre):
    when = struct.pack("<8H", start.year, start.month, 0, start.day, start.hour, start.minute, start.second, 250)
    return chunk(b"auxi", when + when + struct.pack("<I", centre) + bytes(128))


def auxi_xml(start, centre, coding):
    text = (f'<?xml version="1.0"?><SDR-XML-Root><Definition CurrentTimeUTC="{start:%d-%m-%Y %H:%M:%S}" '
            f'SampleRate="{RATE}" RadioCenterFreq="{centre}"></Definition></SDR-XML-Root>')
    return chunk(b"auxi", text.encode(coding))


def test_auxi(u8, plain, tmp_path):
    start = datetime(2026, 5, 1, 12, 0, 3)
    for made in [auxi(start, 1090000000), auxi_xml(start, 1090000000, "utf-16-le"),
                 auxi_xml(start, 1090000000, "utf-16"), auxi_xml(start, 1090000000, "utf-8")]:
        got, _ = messages(wav(tmp_path / "x.wav", fmt(1, 8), made, chunk(b"data", u8.tobytes())))
        same(got, plain)
        assert got[0]["time"].startswith("2026-05-01T12:00:03.")
        assert got[0]["freq_hz"] == 1090000000


# -- names and other files -------------------------------------------------------------------------


@pytest.mark.parametrize("name", [
    "2026-05-01_12-00-03_2400000SPS_1090000000Hz.u8",
    "2026-05-01_12-00-03_2400000sps_1090000000HZ.CU8",
    "gqrx_20260501_120003_1090000000_2400000_fc.raw",
    "baseband_1090000000Hz_12-00-03_01-05-2026.wav",
    "SDRuno_20260501_120003Z_1090000kHz.wav",
    "rec0_2026-05-01T12_00_03_000.sdriq",
    "x_1090000000Hz_2400000Hz_2026-05-01T12-00-03.cs16",
])
def test_names(u8, plain, tmp_path, name):
    path = tmp_path / name
    if name.endswith("wav"):
        wav(path, fmt(1, 8), chunk(b"data", u8.tobytes()))
    elif name.endswith("raw"):
        path.write_bytes(scaled(u8, "<f4"))
    elif name.endswith("sdriq"):
        ms = int(datetime(2026, 5, 1, 12, 0, 3, tzinfo=timezone.utc).timestamp() * 1000)
        head = struct.pack("<IQQIII", RATE, 1090000000, ms, 16, 0, 0)
        path.write_bytes(head + (whole(u8) >> 16).astype("<i2").tobytes())
    elif name.endswith("cs16"):
        path.write_bytes((whole(u8) >> 16).astype("<i2").tobytes())
    else:
        path.write_bytes(u8.tobytes())
    got, err = messages(path)
    same(got, plain)
    assert got[0]["time"].startswith("2026-05-01T12:00:03.000")
    assert ("UTC" in err) == name.startswith("baseband")


def test_standard_input_from_a_file(u8, plain, tmp_path):
    """A file is a file, whoever opened it: a WAV's head is read."""
    path = wav(tmp_path / "x", fmt(1, 8), chunk(b"data", u8.tobytes()))
    with open(path, "rb") as f:
        args = [hz.BIN, "decode", "-d", "adsb", "-f", "1090M", "-"]
        done = subprocess.run(args, stdin=f, capture_output=True)
    assert done.returncode == 0, done.stderr
    got = [hz.checked(l) for l in done.stdout.splitlines(keepends=True)]
    same(got, plain)
    assert got[0]["time"].startswith("1970-01-01")


def test_a_wav_in_a_pipe_is_told(u8, tmp_path):
    """Its head cannot be read in time; that it was not is no secret."""
    path = wav(tmp_path / "x", fmt(1, 8), chunk(b"data", u8.tobytes()))
    _, err = messages("-d", "adsb", "-t", "cu8", "-r", "2.4M", "-f", "1090M", "-", stdin=path.read_bytes())
    assert "WAV" in err and "2400000" in err
