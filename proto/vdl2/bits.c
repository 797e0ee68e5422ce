#include "proto/vdl2/bits.h"

#include <string.h>

/* Bits of the length that each bit of parity checks: the zeros and the length as they are sent, the
 * first one in bit 19. */
static const uint32_t checked[5] = {0x00fff, 0x3f0ff, 0xc730f, 0xdb533, 0x69e55};

uint8_t hz_vdl2_step_bits(unsigned step)
{
    step &= 7;
    return (uint8_t)(step ^ step >> 1);
}

void hz_vdl2_whitening(uint8_t white[HZ_VDL2_BITS_SENT])
{
    unsigned r = 0x6959;
    for (size_t i = 0; i < HZ_VDL2_BITS_SENT; i++) {
        white[i] = (r ^ r >> 14) & 1;
        r = r >> 1 | (unsigned)white[i] << 14;
    }
}

static void put(unsigned step, const uint8_t *white, uint8_t *bit)
{
    uint8_t bits = hz_vdl2_step_bits(step);
    for (int i = 0; i < 3; i++)
        bit[i] = (bits >> (2 - i) & 1) ^ white[i];
}

void hz_vdl2_bits(const struct hz_vdl2_symbols *s, const uint8_t *white, size_t n, uint8_t *bit)
{
    const uint8_t *phase = s->phase + HZ_VDL2_PREAMBLE;
    for (size_t i = 0; i < n; i++)
        put((unsigned)(phase[i] - phase[(ptrdiff_t)i - 1]), white + 3 * i, bit + 3 * i);
}

/* Reads a header of these phases. False: zeros or parity are wrong, or the length is impossible. */
static bool read_header(const uint8_t *phase, const uint8_t *white, unsigned *length,
                        uint8_t bit[3 * HZ_VDL2_HEADER_SYMBOLS])
{
    uint32_t word = 0;
    for (int i = 0; i < HZ_VDL2_HEADER_SYMBOLS; i++)
        put((unsigned)(phase[i + 1] - phase[i]), white + 3 * (ptrdiff_t)i, bit + 3 * (ptrdiff_t)i);
    for (int i = 0; i < 20; i++)
        word = word << 1 | bit[i];
    if (word >> 17 != 0)
        return false;
    for (int i = 0; i < 5; i++)
        if ((__builtin_popcount(word & checked[i]) & 1) != bit[20 + i])
            return false;
    *length = 0;
    for (int i = 0; i < 17; i++)
        *length |= (unsigned)bit[3 + i] << i;
    /* a frame has eleven octets at least, and two flags */
    return *length >= 13 * 8 && *length <= HZ_VDL2_BITS_MAX;
}

/* Into the list, in order; a length that is there already keeps its place. */
static size_t keep(struct hz_vdl2_header *list, size_t n, const struct hz_vdl2_header *new)
{
    size_t at = n;
    for (size_t i = 0; i < n; i++)
        if (list[i].length == new->length) {
            if (list[i].doubt <= new->doubt)
                return n;
            memmove(list + i, list + i + 1, (--n - i) * sizeof *list);
            break;
        }
    for (at = 0; at < n && list[at].doubt <= new->doubt; at++)
        ;
    if (at == HZ_VDL2_GUESSES)
        return n;
    n -= n == HZ_VDL2_GUESSES;
    memmove(list + at + 1, list + at, (n - at) * sizeof *list);
    list[at] = *new;
    return n + 1;
}

size_t hz_vdl2_header_guess(const struct hz_vdl2_symbols *s, const uint8_t *white,
                            struct hz_vdl2_header guess[HZ_VDL2_GUESSES])
{
    enum { N = HZ_VDL2_HEADER_SYMBOLS };
    const size_t first = HZ_VDL2_PREAMBLE;
    uint8_t phase[N + 1], plain[3 * N], bit[3 * N];
    size_t n = 0;
    unsigned length;
    memcpy(phase, s->phase + first - 1, sizeof phase);
    read_header(phase, white, &length, plain);
    for (size_t a = 0; a <= N; a++)
        for (size_t b = a; b <= N; b++) {
            /* symbols a and b, counted from 1; 0: none */
            struct hz_vdl2_header h = {0};
            if (b == a && a > 0)
                continue;
            memcpy(phase, s->phase + first - 1, sizeof phase);
            if (a > 0) {
                phase[a] = s->second[first + a - 1];
                h.doubt += s->doubt[first + a - 1];
            }
            if (b > 0) {
                phase[b] = s->second[first + b - 1];
                h.doubt += s->doubt[first + b - 1];
            }
            if (!read_header(phase, white, &h.length, bit))
                continue;
            for (int i = 0; i < HZ_VDL2_HEADER_BITS; i++)
                h.fixed += plain[i] != bit[i];
            n = keep(guess, n, &h);
        }
    return n;
}
