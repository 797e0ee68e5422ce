#include "proto/hdlc.h"

void hz_hdlc_nrzi(const uint8_t *levels, size_t n, uint8_t *bits)
{
    for (size_t i = 0; i + 1 < n; i++)
        bits[i] = (levels[i] ^ levels[i + 1] ^ 1) & 1;
}

int hz_hdlc_frame(const uint8_t *bits, size_t n, uint8_t *out, size_t room, size_t *used)
{
    size_t count = 0; /* bits put; the first seven of a closing flag are taken off again */
    unsigned ones = 0, byte = 0;
    for (size_t i = 0; i < n; i++) {
        *used = i + 1;
        if (!bits[i] && ones == 5) {
            ones = 0;
            continue;
        }
        if (!bits[i] && ones == 6) /* 0 and six ones of the flag were put as data */
            return count < 7 ? 0 : (count - 7) % 8 ? HZ_HDLC_RAGGED : (int)((count - 7) / 8);
        ones = bits[i] ? ones + 1 : 0;
        if (ones == 7)
            return HZ_HDLC_ABORT;
        byte = byte >> 1 | (unsigned)bits[i] << 7;
        if (++count % 8 == 0) {
            if (count / 8 > room)
                return HZ_HDLC_TOO_LONG;
            out[count / 8 - 1] = (uint8_t)byte;
        }
    }
    *used = n;
    return HZ_HDLC_NO_END;
}

uint16_t hz_hdlc_crc(const uint8_t *bytes, size_t n)
{
    /* Four bits at a time. */
    static const uint16_t step[16] = {0x0000, 0x1081, 0x2102, 0x3183, 0x4204, 0x5285,
                                      0x6306, 0x7387, 0x8408, 0x9489, 0xa50a, 0xb58b,
                                      0xc60c, 0xd68d, 0xe70e, 0xf78f};
    unsigned crc = 0xffff;
    for (size_t i = 0; i < n; i++) {
        crc = crc >> 4 ^ step[(crc ^ bytes[i]) & 15];
        crc = crc >> 4 ^ step[(crc ^ (unsigned)bytes[i] >> 4) & 15];
    }
    return (uint16_t)~crc;
}
