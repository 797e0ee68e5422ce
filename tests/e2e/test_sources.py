"""One capture in every form that a source takes gives the same frames; broken input gives one
clear line and the right exit code."""
import json
import wave

import hz
import numpy as np
import pytest


def pairs(air):
    return np.frombuffer(air.read_bytes(), np.uint8)


def as_cs8(u8):
    return (u8.astype(int) - 128).astype(np.int8).tobytes()


def as_cs16(u8):
    return (u8.astype(int) * 256 - 32640).astype("<i2").tobytes()


def as_cf32(u8):
    return ((u8.astype(np.float32) - 127.5) / 127.5).astype("<f4").tobytes()


RAW = {"cu8": bytes, "cs8": as_cs8, "cs16": as_cs16, "cf32": as_cf32}
SIGMF = {"cu8": "cu8", "ci8": "cs8", "ci16_le": "cs16", "cf32_le": "cf32"}


def frames(records):
    return [(r["raw"], r["sample"]) for r in records]


@pytest.fixture(scope="module")
def plain(air):
    return frames(hz.decode(air)[0])


def same(got, plain):
    """The same frames in the same order, begun within a sample of each other."""
    assert [g[0] for g in got] == [p[0] for p in plain]
    assert all(abs(g[1] - p[1]) <= 1 for g, p in zip(got, plain))


@pytest.mark.parametrize("form", RAW)
def test_raw_formats(air, plain, tmp_path, form):
    path = tmp_path / f"x_1090M_2400k.{form}"
    path.write_bytes(RAW[form](pairs(air)))
    same(frames(hz.decode("-d", "adsb", path)[0]), plain)


def write_wav(path, u8, width):
    with wave.open(str(path), "wb") as w:
        w.setnchannels(2)
        w.setsampwidth(width)
        w.setframerate(2_400_000)
        w.writeframes(u8.tobytes() if width == 1 else as_cs16(u8))


@pytest.mark.parametrize("width", [1, 2])
def test_wav(air, plain, tmp_path, width):
    path = tmp_path / "x_1090M.wav"
    write_wav(path, pairs(air), width)
    same(frames(hz.decode("-d", "adsb", "-f", "1090M", path)[0]), plain)


def write_sigmf(path, datatype, data, rate=2_400_000, **more):
    meta = {
        "global": {"core:datatype": datatype, "core:sample_rate": rate, "core:version": "1.0.0"},
        "captures": [{"core:sample_start": 0, "core:frequency": 1090000000, **more}],
        "annotations": [],
    }
    path.with_suffix(".sigmf-meta").write_text(json.dumps(meta))
    path.with_suffix(".sigmf-data").write_bytes(data)
    return path.with_suffix(".sigmf-meta"), path.with_suffix(".sigmf-data")


@pytest.mark.parametrize("datatype", SIGMF)
def test_sigmf(air, plain, tmp_path, datatype):
    for path in write_sigmf(tmp_path / "x", datatype, RAW[SIGMF[datatype]](pairs(air))):
        same(frames(hz.decode("-d", "adsb", path)[0]), plain)


def test_sigmf_tells_the_time(air, tmp_path):
    meta, _ = write_sigmf(
        tmp_path / "x", "cu8", air.read_bytes(), **{"core:datetime": "2024-02-29T23:59:59.5Z"}
    )
    records, _ = hz.decode(meta)
    # the first frame begins 1800 samples in, 0.75 ms
    assert records[0]["time"].startswith("2024-02-29T23:59:59.50075") or records[0]["time"].startswith(
        "2024-02-29T23:59:59.50074"
    )


def test_recording_begins_in_1970(air):
    assert hz.decode(air)[0][0]["time"].startswith("1970-01-01T00:00:00.0007")


def test_standard_input(air, plain):
    args = ["-d", "adsb", "-r", "2400k", "-f", "1090M", "-t", "cu8", "-"]
    same(frames(hz.decode(*args, stdin=air.read_bytes())[0]), plain)


def test_odd_trailing_byte(air, plain):
    args = ["-d", "adsb", "-r", "2400k", "-f", "1090M", "-t", "cu8", "-"]
    records, err = hz.decode(*args, stdin=air.read_bytes() + b"\x80")
    same(frames(records), plain)
    assert "1 byte" in err


def test_nothing_on_standard_input():
    hz.one_line(hz.run("decode", "-d", "adsb", "-r", "2400k", "-f", "1090M", "-t", "cu8", "-", stdin=b""), 1)


def test_empty_file(tmp_path):
    path = tmp_path / "empty_1090M_2400k.cu8"
    path.touch()
    hz.one_line(hz.run("decode", path), 1, path.name)


def test_directory(tmp_path):
    path = tmp_path / "dir_1090M_2400k.cu8"
    path.mkdir()
    hz.one_line(hz.run("decode", path), 1, path.name, "directory")


def test_no_such_file(tmp_path):
    hz.one_line(hz.run("decode", tmp_path / "none_1090M_2400k.cu8"), 1, "none_1090M_2400k.cu8", "no such")


@pytest.mark.parametrize("rate", ["0", "-1", "nan", "inf"])
def test_impossible_rate(air, rate):
    hz.one_line(hz.run("decode", "-r", rate, air), 2, rate)


def test_rate_unknown(air, tmp_path):
    path = tmp_path / "noname.cu8"
    path.write_bytes(air.read_bytes())
    hz.one_line(hz.run("decode", "-d", "adsb", "-f", "1090M", path), 2, "rate")


def test_rate_that_the_decoder_cannot_take(air):
    hz.one_line(hz.run("decode", "-d", "adsb", "-r", "250k", air), 2, "250", "adsb")


@pytest.mark.parametrize("keep", [0, 4, 11, 20, 40])
def test_truncated_wav_head(air, tmp_path, keep):
    path = tmp_path / "cut_1090M.wav"
    write_wav(path, pairs(air)[:2000], 2)
    path.write_bytes(path.read_bytes()[:keep])
    hz.one_line(hz.run("decode", "-d", "adsb", "-f", "1090M", path), 1, path.name)


def test_wav_cut_in_its_samples(air, plain, tmp_path):
    """The head promises more than is there: what is there is decoded."""
    path = tmp_path / "cut_1090M.wav"
    write_wav(path, pairs(air), 2)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    records, _ = hz.decode("-d", "adsb", "-f", "1090M", path)
    same(frames(records), plain[: len(records)])
    assert 145 <= len(records) <= 150


def test_wav_of_one_channel(tmp_path):
    path = tmp_path / "mono_1090M.wav"
    with wave.open(str(path), "wb") as w:
        w.setnchannels(1)
        w.setsampwidth(2)
        w.setframerate(2_400_000)
        w.writeframes(bytes(2000))
    hz.one_line(hz.run("decode", "-d", "adsb", "-f", "1090M", path), 1, path.name, "channel")


@pytest.mark.parametrize("damage", ["cut", "nodata", "datatype", "rate", "notjson", "empty"])
def test_broken_sigmf(air, tmp_path, damage):
    meta, data = write_sigmf(tmp_path / "x", "cu8", air.read_bytes())
    text = meta.read_text()
    if damage == "cut":
        meta.write_text(text[: len(text) // 2])
    elif damage == "nodata":
        data.unlink()
    elif damage == "datatype":
        meta.write_text(text.replace('"cu8"', '"cq7"'))
    elif damage == "rate":
        meta.write_text(text.replace("2400000", "0"))
    elif damage == "notjson":
        meta.write_bytes(bytes(range(256)))
    else:
        meta.write_text("")
    done = hz.run("decode", meta)
    hz.one_line(done, 1, "x.sigmf")
