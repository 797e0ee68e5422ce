#include "sim/vdl2.h"

#include "sim/hdlc.h"
#include "sim/psk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- a frame ---- */

/* Four groups of seven bits, least significant address bit last of all; each octet has a bit below
 * them, which is set in the last octet of the two addresses. */
static void put_address(const struct hz_sim_vdl2_address *a, int last, uint8_t out[4])
{
    uint32_t word = (uint32_t)(a->status & 1) << 27 | (uint32_t)a->type << 24 | a->address;
    memset(out, 0, 4);
    for (int i = 0; i < 28; i++)
        out[i / 7] |= (uint8_t)((word >> (27 - i) & 1) << (1 + i % 7));
    out[3] |= (uint8_t)last;
}

size_t hz_sim_vdl2_frame(const struct hz_sim_vdl2_address *to,
                         const struct hz_sim_vdl2_address *from, uint8_t control,
                         const uint8_t *information, size_t n, uint8_t *frame)
{
    uint32_t crc = 0xffff;
    put_address(to, 0, frame);
    put_address(from, 1, frame + 4);
    frame[8] = control;
    if (n > 0)
        memcpy(frame + 9, information, n);
    for (size_t i = 0; i < 8 * (9 + n); i++) {
        uint32_t in = frame[i / 8] >> i % 8 & 1;
        crc = (crc ^ in) & 1 ? crc >> 1 ^ 0x8408 : crc >> 1;
    }
    frame[9 + n] = (uint8_t)~crc;
    frame[10 + n] = (uint8_t)(~crc >> 8);
    return n + 11;
}

size_t hz_sim_vdl2_block(uint8_t *block, size_t n)
{
    uint32_t crc = 0;
    for (size_t i = 0; i < 8 * n; i++) {
        if (i % 8 == 0) {
            unsigned ones = 0;
            for (unsigned k = 0; k < 7; k++)
                ones += block[i / 8] >> k & 1;
            block[i / 8] = (uint8_t)((block[i / 8] & 0x7f) | (ones % 2 == 0 ? 0x80 : 0));
        }
        uint32_t in = block[i / 8] >> i % 8 & 1;
        crc = (crc ^ in) & 1 ? crc >> 1 ^ 0x8408 : crc >> 1;
    }
    block[n] = (uint8_t)crc;
    block[n + 1] = (uint8_t)(crc >> 8);
    block[n + 2] = 0x7f;
    return n + 3;
}

/* ---- bits of all frames: flags are shared ---- */

static void put_frames(const struct hz_sim_vdl2_frames *frames, struct hz_sim_bits *b)
{
    hz_sim_bits_put(b, 8, 0x7e);
    for (size_t i = 0; i < frames->n; i++) {
        unsigned ones = 0;
        for (size_t k = 0; k < 8 * frames->len[i]; k++) {
            uint32_t bit = frames->frame[i][k / 8] >> k % 8 & 1;
            hz_sim_bits_put(b, 1, bit);
            ones = bit ? ones + 1 : 0;
            if (ones == 5) {
                hz_sim_bits_put(b, 1, 0);
                ones = 0;
            }
        }
        hz_sim_bits_put(b, 8, 0x7e);
    }
}

/* ---- Reed-Solomon: division by the generator over GF(256) of x^8 + x^7 + x^2 + x + 1 ---- */

static unsigned times(unsigned a, unsigned b)
{
    unsigned product = 0;
    for (; b != 0; b >>= 1) {
        product ^= b & 1 ? a : 0;
        a = a & 0x80 ? (a << 1 ^ 0x187) & 0xff : a << 1;
    }
    return product;
}

/* Six octets of parity of a row of 249. */
static void parity_of(const uint8_t row[249], uint8_t parity[6])
{
    unsigned g[7] = {1}, root = 1;
    for (int i = 0; i < 120; i++)
        root = times(root, 2);
    for (int i = 0; i < 6; i++) { /* times (x + root), highest power first */
        for (int k = i + 1; k > 0; k--)
            g[k] ^= times(g[k - 1], root);
        root = times(root, 2);
    }
    memset(parity, 0, 6);
    for (int i = 0; i < 249; i++) {
        unsigned factor = row[i] ^ parity[0];
        for (int k = 0; k < 6; k++)
            parity[k] = (uint8_t)((k < 5 ? parity[k + 1] : 0) ^ times(factor, g[k + 1]));
    }
}

static unsigned parity_sent(size_t octets)
{
    return octets > 67 ? 6 : octets > 30 ? 4 : octets > 2 ? 2 : 0;
}

/* Data by columns, then parity by columns. */
static void put_interleaved(const uint8_t *data, size_t n, struct hz_sim_bits *b)
{
    uint8_t row[9][249] = {{0}}, parity[9][6];
    size_t rows = (n + 248) / 249;
    for (size_t i = 0; i < n; i++)
        row[i / 249][i % 249] = data[i];
    for (size_t r = 0; r < rows; r++)
        parity_of(row[r], parity[r]);
    for (size_t column = 0; column < 249; column++)
        for (size_t r = 0; r < rows; r++)
            if (249 * r + column < n)
                hz_sim_bits_put(b, 8, row[r][column]);
    for (size_t column = 0; column < 6; column++)
        for (size_t r = 0; r < rows; r++)
            if (column < parity_sent(r + 1 < rows ? 249 : n - 249 * r))
                hz_sim_bits_put(b, 8, parity[r][column]);
}

/* ---- header, scrambler, phases ---- */

static void put_header(uint32_t length, struct hz_sim_bits *b)
{
    static const uint32_t mask[5] = {0x00fff, 0x3f0ff, 0xc730f, 0xdb533, 0x69e55};
    uint32_t word = 0;
    hz_sim_bits_put(b, 3, 0);
    hz_sim_bits_put(b, 17, length);
    for (int i = 0; i < 20; i++)
        word = word << 1 | b->bit[b->n - 20 + (size_t)i];
    for (int i = 0; i < 5; i++) {
        uint32_t odd = 0;
        for (uint32_t w = word & mask[i]; w != 0; w &= w - 1)
            odd ^= 1;
        hz_sim_bits_put(b, 1, odd);
    }
}

static void scramble(struct hz_sim_bits *b)
{
    unsigned reg[15], state = 0x6959; /* reg[0] is the register's first stage */
    for (int i = 0; i < 15; i++)
        reg[i] = state >> i & 1;
    for (size_t i = 0; i < b->n; i++) {
        unsigned out = reg[0] ^ reg[14];
        b->bit[i] ^= (uint8_t)out;
        memmove(reg, reg + 1, 14 * sizeof reg[0]);
        reg[14] = out;
    }
}

size_t hz_sim_vdl2(const struct hz_sim_vdl2_frames *frames, uint8_t phase[HZ_SIM_VDL2_SYMBOLS],
                   float amplitude[HZ_SIM_VDL2_SYMBOLS])
{
    static const uint8_t start[16] = {0, 3, 5, 1, 1, 2, 0, 4, 5, 4, 6, 3, 1, 6, 5, 0};
    static const uint8_t step_of[8] = {0, 1, 3, 2, 7, 6, 4, 5}; /* of bits, first one highest */
    uint8_t data_bit[HZ_SIM_VDL2_BITS + 8] = {0}, bit[3 * HZ_SIM_VDL2_SYMBOLS] = {0};
    uint8_t data[HZ_SIM_VDL2_OCTETS + 1] = {0};
    struct hz_sim_bits in = {data_bit, 0, HZ_SIM_VDL2_BITS}, out = {bit, 0, sizeof bit};
    put_frames(frames, &in);
    if (in.n >= in.room)
        return 0;
    for (size_t i = 0; i < in.n; i++)
        data[i / 8] |= (uint8_t)(data_bit[i] << i % 8);
    put_header((uint32_t)in.n, &out);
    put_interleaved(data, (in.n + 7) / 8, &out);
    scramble(&out);
    size_t n = 0;
    for (int i = 0; i < HZ_SIM_VDL2_RAMP; i++) {
        amplitude[n] = (float)(i + 1) / (HZ_SIM_VDL2_RAMP + 1);
        phase[n++] = 0;
    }
    for (int i = 0; i < 16; i++)
        phase[n++] = start[i];
    for (size_t i = 0; i < out.n; i += 3, n++)
        phase[n] = (phase[n - 1] + step_of[bit[i] << 2 | bit[i + 1] << 1 | bit[i + 2]]) & 7;
    for (size_t i = HZ_SIM_VDL2_RAMP; i < n; i++)
        amplitude[i] = 1;
    return n;
}

int hz_sim_vdl2_track(const struct hz_sim_vdl2_frames *frames, int root, struct hz_sim_track *track)
{
    const struct hz_sim_psk psk = {HZ_SIM_VDL2_BAUD, 0.6, root, 8};
    uint8_t *phase = malloc(HZ_SIM_VDL2_SYMBOLS);
    float *amplitude = malloc(HZ_SIM_VDL2_SYMBOLS * sizeof *amplitude);
    int err = -ENOMEM;
    if (phase != NULL && amplitude != NULL) {
        size_t n = hz_sim_vdl2(frames, phase, amplitude);
        err = n == 0 ? -EMSGSIZE : hz_sim_psk(&psk, phase, amplitude, n, track);
    }
    free(phase);
    free(amplitude);
    return err;
}
