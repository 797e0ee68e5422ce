"""What is sent: frames with random contents, as the bits of the air, +1 and -1. Written from the
standards, on its own: it shares nothing with the decoders, nor with the simulator."""
import numpy as np


def bits_lsb(data):
    return np.unpackbits(np.frombuffer(bytes(data), np.uint8), bitorder="little")


def fcs(data):
    """CRC-16/X.25 of AX.25 and AIS."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x8408 if crc & 1 else 0)
    return (crc ^ 0xFFFF).to_bytes(2, "little")


FLAG = [0, 1, 1, 1, 1, 1, 1, 0]


def hdlc(frames, flags, between=1, last=2):
    """Frames between flags, with stuffed bits; NRZI: a 0 changes the level."""
    out = FLAG * flags
    for i, frame in enumerate(frames):
        ones = 0
        for bit in bits_lsb(frame + fcs(frame)):
            out.append(int(bit))
            ones = ones + 1 if bit else 0
            if ones == 5:
                out.append(0)
                ones = 0
        out += FLAG * (between if i + 1 < len(frames) else last)
    return np.array(out)


def nrzi(bits):
    return 1 - 2 * (np.cumsum(1 - bits) % 2)


# -- AX.25 ------------------------------------------------------------------------------------------


def call(rng):
    letters = "".join(chr(65 + rng.integers(26)) for _ in range(3))
    return f"{rng.choice(['DL', 'OE', 'G', 'SP', 'W'])}{rng.integers(10)}{letters}", int(rng.integers(1, 16))


def address(name, ssid, last):
    return bytes(ord(c) << 1 for c in name.ljust(6)) + bytes([0x60 | ssid << 1 | last])


def packet(rng, length=None):
    """A UI frame without its check sequence: an APRS status of 10 to 60 characters, or `length` bytes
    of information."""
    names = [("APRS", 0), call(rng), call(rng)]
    head = b"".join(address(*n, last=n is names[-1]) for n in names) + b"\x03\xf0"
    n = int(rng.integers(10, 60)) if length is None else length
    words = rng.choice(["pump", "level", "call", "north", "gate", "73", "rain", "5 km", "QRV", "Low"], n)
    return head + (">" + " ".join(words))[:n].encode()


def g3ruh(bits, register=0):
    """Scrambler 1 + x^12 + x^17."""
    out = np.empty_like(bits)
    for i, bit in enumerate(bits):
        out[i] = bit ^ (register >> 11 & 1) ^ (register >> 16 & 1)
        register = (register << 1 | int(out[i])) & 0x1FFFF
    return out


# -- AIS --------------------------------------------------------------------------------------------


def ais_frame(rng, slots=1):
    """Type 1 with every field available, or type 8 with random data that fills so many slots."""
    def field(value, width):
        return [value >> k & 1 for k in reversed(range(width))]

    mmsi = 211000000 + int(rng.integers(900000))
    if slots == 1:
        bits = field(1, 6) + field(0, 2) + field(mmsi, 30) + field(0, 4) + field(3, 8)
        bits += field(int(rng.integers(0, 200)), 10) + field(1, 1)
        bits += field(int(rng.integers(0, 180 * 600000)), 28) + field(int(rng.integers(0, 80 * 600000)), 27)
        bits += field(int(rng.integers(0, 3600)), 12) + field(int(rng.integers(0, 360)), 9)
        bits += field(int(rng.integers(0, 60)), 6) + field(0, 5) + field(0, 1) + field(2 << 14, 19)
    else:
        whole = {2: 53, 3: 85, 4: 117, 5: 121}[slots] * 8  # bytes that fit, table 7 of M.1371-5
        bits = field(8, 6) + field(0, 2) + field(mmsi, 30) + field(0, 2) + field(1, 10) + field(99, 6)
        bits += [int(b) for b in rng.integers(0, 2, whole - len(bits))]
    return np.packbits(np.array(bits, np.uint8)).tobytes()


def ais_bits(frame):
    training = np.array([0, 1] * 16)  # eight bits to rise, 24 of training
    return nrzi(np.concatenate([training, hdlc([frame], 1, last=1), [0] * 4]))


# -- POCSAG (ITU-R M.584) ---------------------------------------------------------------------------


def codeword(data21):
    """BCH(31,21), x^10+x^9+x^8+x^6+x^5+x^3+1, and even parity."""
    rest = data21 << 10
    for k in range(30, 9, -1):
        if rest >> k & 1:
            rest ^= 0b11101101001 << k - 10
    word = (data21 << 10 | rest) << 1
    return word | bin(word).count("1") & 1


def page(rng, length=None):
    """(address, text) of a page with letters."""
    n = int(rng.integers(10, 40)) if length is None else length
    words = rng.choice(["pump", "level", "call back", "ward", "check", "north", "gate", "duty"], n)
    return int(rng.integers(8, 2**21 - 8)), " ".join(words)[:n].strip()


def page_bits(pages, preamble=576):
    """Function 3; several pages go into the batches one after the other, each in its frame."""
    sync, idle = 0x7CD215D8, 0x7A89C197
    words = []
    for number, text in pages:
        stream = [ord(c) >> k & 1 for c in text + "\x03" for k in range(7)]  # ETX ends it
        stream += [0] * (-len(stream) % 20)
        while len(words) % 16 != 2 * (number & 7):
            words.append(idle)
        words.append(codeword((number >> 3) << 2 | 3))
        for k in range(0, len(stream), 20):
            words.append(codeword(1 << 20 | int("".join(map(str, stream[k:k + 20])), 2)))
        words.append(idle)
    words += [idle] * (-len(words) % 16)
    out = []
    for k, word in enumerate(words):
        out += [sync, word] if k % 16 == 0 else [word]
    bits = [1 - k % 2 for k in range(preamble)]
    bits += [word >> k & 1 for word in out for k in reversed(range(32))]
    return 1 - 2 * np.array(bits)  # a 1 is the lower frequency


# -- Mode S -----------------------------------------------------------------------------------------


def squitter(rng):
    """DF 17: an aircraft's call sign."""
    data = bytes([0x8D]) + rng.integers(1, 255, 3, np.uint8).tobytes()
    me = 4 << 3 << 48
    for k in range(8):
        me |= int(rng.integers(1, 27)) << 6 * (7 - k)
    data += me.to_bytes(7, "big")
    crc = 0
    for bit in np.unpackbits(np.frombuffer(data, np.uint8)):
        crc = (crc << 1) ^ (0xFFF409 if (crc >> 23 ^ int(bit)) & 1 else 0)
        crc &= 0xFFFFFF
    return data + crc.to_bytes(3, "big")


# -- radiosondes (rs1729/RS: rs41mod.c, dfm09mod.c) -----------------------------------------------------------


def gf_times(a, b):
    product = 0
    while b:
        product ^= a if b & 1 else 0
        a = a << 1 ^ (0x11d if a & 0x80 else 0)
        b >>= 1
    return product


def crc_ccitt(data):
    crc = 0xffff
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ (0x1021 if crc & 0x8000 else 0)) & 0xffff
    return crc


def rs41_frame(blocks, length=320):
    """The frame of these blocks [(id, data)], with parity, before whitening."""
    body = bytes([0x0f])
    for number, data in blocks:
        body += bytes([number, len(data)]) + data + crc_ccitt(data).to_bytes(2, "little")
    frame = bytearray(bytes.fromhex("8635f44093df1a60") + bytes(48) + body.ljust(length - 56, b"\0"))
    generator, root = [1], 1  # lowest power first
    for _ in range(24):
        generator = [a ^ b for a, b in zip([0, *generator], [*(gf_times(g, root) for g in generator), 0])]
        root = gf_times(root, 2)
    for word in range(2):
        rest = [0] * 24
        for octet in reversed(frame[56 + word::2]):
            top = octet ^ rest[-1]
            rest = [a ^ gf_times(top, g) for a, g in zip([0, *rest[:-1]], generator)]
        frame[8 + 24 * word:32 + 24 * word] = rest
    return bytes(frame)


RS41_WHITE = bytes.fromhex("96833E51B14908983205590EF944C6262160C2EA795D6DA15469470CDCE85CF1"
                           "F776827F0799A22C937C3063F5102E61D0BCB4B606AAF423786E3BAEBF7B4CC1")


def rs41_bits(frame):
    """Levels as sent, behind 320 bits of preamble."""
    white = np.frombuffer(frame, np.uint8) ^ np.resize(np.frombuffer(RS41_WHITE, np.uint8), len(frame))
    return 2.0 * np.concatenate([np.arange(320) % 2, np.unpackbits(white, bitorder="little")]) - 1


def dfm_field(nibbles):
    """Extended Hamming codewords of the nibbles, interleaved."""
    words = []
    for d in nibbles:
        d1, d2, d3, d4 = (d >> k & 1 for k in (3, 2, 1, 0))
        words.append([d1, d2, d3, d4, d2 ^ d3 ^ d4, d1 ^ d3 ^ d4, d1 ^ d2 ^ d4, d1 ^ d2 ^ d3])
    return [word[j] for j in range(8) for word in words]


def dfm_bits(frames):
    """Levels of the half-bits of frames, each three lists of 7, 13 and 13 nibbles."""
    bits = []
    for frame in frames:
        bits += [0x45cf >> k & 1 for k in range(15, -1, -1)] + [b for nibbles in frame for b in dfm_field(nibbles)]
    return np.array([half for b in bits for half in ((-1.0, 1.0) if b else (1.0, -1.0))])


# -- Meteomodem M10 and M20 (rs1729/RS: m10m20mod.c) -----------------------------------------------------------

M10_HEADER = "10011001100110010100110010011001"


def m10_check(octets):
    """As a shift register of bits would not be shorter: the sum of what each octet adds, in 16 bits."""
    high = low = 0
    for octet in octets:
        turned = (octet >> 1 | octet << 7) & 0xff
        turned ^= turned >> 2
        parity = lambda mask: bin(low & mask).count("1") & 1  # noqa: E731
        kept = low & 0x3f | parity(0x15) << 6 | parity(0x2a) << 7
        shifted = (high << 8 | low) >> 7 & 0xff
        high, low = low, turned ^ kept ^ shifted ^ shifted >> 2
    return bytes([high, low])


def m10_frame(octets):
    """With its length and its check."""
    body = bytes([len(octets) + 2]) + octets
    return body + m10_check(body)


def m10_bits(frame):
    """Levels of the half-bits, with 16 bits before the header."""
    levels = [2.0 * (c == "1") - 1 for c in "10" * 8 + "01" * 8 + M10_HEADER]
    last = 1
    for octet in frame:
        for k in range(7, -1, -1):
            last = last if octet >> k & 1 else 1 - last
            levels += [-1.0, 1.0] if last else [1.0, -1.0]
    return np.array(levels)
