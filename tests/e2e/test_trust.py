"""Who vouches for whom: a reply of Mode S or a repaired AIS burst is believed of a sender that a sure
message has named before, and of nobody else."""
import hz
import modes
import numpy as np
import pytest
import transmit
from frames import ais_bits, ais_frame
from transmitter import fsk, transmission

pytestmark = pytest.mark.plain

HEX = 0x4B1234


def overlaid(head, code):
    """A short reply whose parity carries an address or an interrogator's code."""
    parity = int.from_bytes(modes.crc24(head), "big") ^ code
    return head + parity.to_bytes(3, "big")


def surveillance(address):
    """DF5: identity 1200, on the air."""
    return overlaid(bytes([5 << 3, 0, 0x08, 0x08]), address)


def all_call(address, code):
    """DF11 that answers the interrogator `code`."""
    return overlaid(bytes([11 << 3 | 5]) + address.to_bytes(3, "big"), code)


def df18(address):
    frame = bytearray(modes.ident(address, "TISB1")[:-3])
    frame[0] = 18 << 3 | 0
    return bytes(frame) + modes.crc24(bytes(frame))


def heard(tmp_path, frames):
    path = tmp_path / "air_1090M_2400k.cu8"
    path.write_bytes(modes.capture(frames))
    records, _ = hz.decode(path)
    return [r["raw"] for r in records if r["kind"] == "message"]


@pytest.mark.parametrize("first,believed", [(modes.ident(HEX, "KLM12"), True), (df18(HEX), False)])
def test_a_squitter_vouches_for_replies_but_not_what_may_be_no_aircrafts(tmp_path, first, believed):
    """The address in DF18 may be none that a transponder has."""
    reply = surveillance(HEX)
    assert heard(tmp_path, [first, first, reply]) == [first.hex()] * 2 + [reply.hex()] * believed


def test_codes_of_interrogators_end_at_79(tmp_path):
    """16 identifiers and 63 of surveillance, coded as 16 and more (Annex 10 volume IV, 3.1.2.5.2.1.2)."""
    squitter = modes.ident(HEX, "KLM12")
    told = heard(tmp_path, [squitter] + [all_call(HEX, code) for code in range(128)])
    codes = [code for code in range(128) if all_call(HEX, code).hex() in told]
    assert max(codes) == 79 and len(codes) >= 76  # one that is a bit from 0 is repaired to 0


# -- AIS --------------------------------------------------------------------------------------------

RATE, STATIONS = 96e3, 60


def addressed(rng, mmsi):
    """Type 8 of one slot with random data: nothing in it tells a right one from a wrong one."""
    bits = np.unpackbits(np.frombuffer(ais_frame(rng, 2)[:21], np.uint8))
    bits[8:38] = [mmsi >> k & 1 for k in reversed(range(30))]
    return np.packbits(bits).tobytes()


def voyage(first_db, noise_db, seed):
    """Of each station a position at first_db and random data at -10 dBFS, in noise: (samples, frames)."""
    rng = np.random.default_rng(seed)
    slot = int(RATE * 0.06)
    iq = np.zeros(slot * (2 * STATIONS + 6), complex)
    sent = []
    for k in range(STATIONS):
        position = ais_frame(rng)
        mmsi = int.from_bytes(position[1:5], "big") >> 2
        mmsi &= (1 << 30) - 1
        sent.append((position.hex(), addressed(rng, mmsi).hex()))
        for i, (frame, db) in enumerate(zip(sent[-1], (first_db, -10))):
            symbols = ais_bits(bytes.fromhex(frame))
            burst = transmission(fsk(symbols, RATE, 9600, 2400, "BT 0.4"), RATE, transmit.PROTOCOLS["ais"]["good"], rng)
            at = slot * (2 * k + i + 5)
            iq[at:at + len(burst)] += burst * 10 ** (db / 20)
    sigma = np.sqrt(10 ** (noise_db / 10) * RATE / 25e3 / 2)
    iq += sigma * (rng.standard_normal(len(iq)) + 1j * rng.standard_normal(len(iq)))
    pairs = np.stack([iq.real, iq.imag], -1).ravel()
    return np.clip(np.floor(pairs * 127.5 + 128), 0, 255).astype(np.uint8), sent


def repaired_data(tmp_path, first_db):
    """How many stations: (position was repaired, and so was the data; position right, data repaired)."""
    samples, sent = voyage(first_db, -11.5, 3)
    path = tmp_path / "ais_162M_96k.cu8"
    samples.tofile(path)
    records, _ = hz.decode("-d", "ais@162M,squelch=0", path)
    fixed = {r["raw"]: r["fixed_bits"] for r in records if r["kind"] == "message"}
    both = sum(fixed.get(a, 0) > 0 and fixed.get(b, 0) > 0 for a, b in sent)
    vouched = sum(fixed.get(a) == 0 and fixed.get(b, 0) > 0 for a, b in sent)
    repaired = sum(fixed.get(a, 0) > 0 for a, b in sent)
    return both, vouched, repaired


def test_a_repaired_burst_does_not_vouch_for_the_next(tmp_path):
    """Of a station that is known, random data is believed although repaired; a position that was
    itself repaired does not make it known."""
    _, vouched, _ = repaired_data(tmp_path, -1)
    assert vouched >= 10
    both, _, repaired = repaired_data(tmp_path, -10)
    assert repaired >= 10 and both == 0
