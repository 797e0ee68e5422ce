#include "proto/wmbus/frame.h"

#include "dsp/crclist.h"
#include "proto/link/crc16.h"

#include <math.h>

enum {
    BLOCK_A = 16, /* data bytes of a block of format A but the first */
    FIRST_A = 10,
    FIRST_B = 126, /* data bytes of format B before its first CRC */
    CRC = 2,
    OTHERS = 16, /* second readings that are tried in a block */
};

/* Block CRCs have 16 bits. Each try costs of them: 2^6 tries leave 10, and a frame of format A has
 * two blocks at least. */
static const struct hz_crclist tries = {.singles = OTHERS, .pairs = 8, .triples = 4, .tries = 48};
static const struct hz_crclist few_tries = {.singles = 12, .pairs = 4, .triples = 0, .tries = 16};

static const float sure_enough = 1e9f; /* in place of infinity, which has no differences */

/* ---- line codes -------------------------------------------------------------------------- */

static const uint8_t words[16] = {0x16, 0x0d, 0x0e, 0x0b, 0x1c, 0x19, 0x1a, 0x13,
                                  0x2c, 0x25, 0x26, 0x23, 0x34, 0x31, 0x32, 0x29};

static size_t symbol_chips(enum hz_wmbus_code code)
{
    return code == HZ_WMBUS_THREE_OF_SIX ? 6 : code == HZ_WMBUS_MANCHESTER ? 2 : 1;
}

static size_t symbol_bits(enum hz_wmbus_code code)
{
    return code == HZ_WMBUS_THREE_OF_SIX ? 4 : 1;
}

size_t hz_wmbus_chips(enum hz_wmbus_code code, size_t bytes)
{
    return 8 * bytes / symbol_bits(code) * symbol_chips(code);
}

/* The chips of a symbol, first one most significant. */
static unsigned word(enum hz_wmbus_code code, unsigned symbol)
{
    if (code == HZ_WMBUS_THREE_OF_SIX)
        return words[symbol];
    return code == HZ_WMBUS_MANCHESTER ? 2 - symbol : symbol;
}

/* The symbol nearest to the chips, and the one after it. */
static void read_symbol(enum hz_wmbus_code code, const uint8_t *chip, const float *sure,
                        struct hz_wmbus_bits *out)
{
    size_t chips = symbol_chips(code), bits = symbol_bits(code);
    unsigned best = 0, next = 0;
    float least = INFINITY, second = INFINITY;
    for (unsigned s = 0; s < 1u << bits; s++) {
        float cost = 0;
        for (size_t i = 0; i < chips; i++)
            if ((word(code, s) >> (chips - 1 - i) & 1) != chip[i])
                cost += sure[i] < sure_enough ? sure[i] : sure_enough;
        if (cost < least) {
            second = least;
            next = best;
            least = cost;
            best = s;
        } else if (cost < second) {
            second = cost;
            next = s;
        }
    }
    for (size_t i = bits; i-- > 0;)
        out->bit[out->n++] = best >> i & 1;
    /* bit i of an event's mask is the bit i before its last one */
    out->other[out->n_other++] = (struct hz_cpm_event){
        .last = (uint32_t)out->n - 1, .mask = best ^ next, .cost = second - least};
}

void hz_wmbus_bits_read(enum hz_wmbus_code code, const uint8_t *chip, const float *sure, size_t n,
                        struct hz_wmbus_bits *out)
{
    size_t chips = symbol_chips(code);
    out->n = out->n_other = 0;
    for (size_t at = 0; at + chips <= n && out->n + symbol_bits(code) <= HZ_WMBUS_BITS; at += chips)
        read_symbol(code, chip + at, sure + at, out);
}

/* ---- blocks ------------------------------------------------------------------------------ */

static void bytes_of(const uint8_t *bit, size_t n, uint8_t *out)
{
    for (size_t i = 0; i < n; i++) {
        unsigned v = 0;
        for (int k = 0; k < 8; k++)
            v = v << 1 | bit[8 * i + (size_t)k];
        out[i] = (uint8_t)v;
    }
}

struct block {
    size_t at, n; /* in bytes of the frame; n with the CRC */
    bool first;
};

/* The bits that the list decoder changes are those of the block. */
static bool accept(void *ctx, const uint8_t *bits)
{
    const struct block *b = ctx;
    uint8_t bytes[FIRST_B + CRC];
    bytes_of(bits, b->n, bytes);
    uint16_t crc = (uint16_t)~hz_crc16(HZ_WMBUS_POLY, 0, bytes, b->n - CRC);
    if (bytes[b->n - 2] != crc >> 8 || bytes[b->n - 1] != (crc & 255))
        return false;
    return !b->first || (hz_wmbus_maker_good(bytes + 2) && bytes[0] + 1 >= HZ_WMBUS_LEAST);
}

/* The second readings within the block, likeliest first, counted from the block's first bit. */
static size_t others(const struct hz_wmbus_bits *b, const struct block *block,
                     struct hz_cpm_event out[OTHERS])
{
    size_t n = 0, from = 8 * block->at, end = from + 8 * block->n;
    for (size_t i = 0; i < b->n_other; i++) {
        struct hz_cpm_event e = b->other[i];
        if (e.last < from || e.last >= end || (n == OTHERS && e.cost >= out[n - 1].cost))
            continue;
        e.last -= (uint32_t)from;
        size_t at = n < OTHERS ? n++ : n - 1;
        for (; at > 0 && out[at - 1].cost > e.cost; at--)
            out[at] = out[at - 1];
        out[at] = e;
    }
    return n;
}

static bool check(struct hz_wmbus_bits *b, const struct hz_crclist *how, struct block block,
                  int *fixed)
{
    struct hz_cpm_event list[OTHERS];
    uint8_t *bits = b->bit + 8 * block.at;
    if (8 * (block.at + block.n) > b->n)
        return false;
    if (accept(&block, bits))
        return true;
    size_t n = others(b, &block, list);
    int changed = hz_crclist_run(how, list, n, bits, accept, &block);
    *fixed += changed;
    return changed > 0;
}

/* ---- frames ------------------------------------------------------------------------------ */

size_t hz_wmbus_frame_bytes(char format, uint8_t length)
{
    size_t n = length + 1u;
    if (format == 'B')
        return n >= HZ_WMBUS_LEAST + CRC && n != FIRST_B + CRC + 1 && n != FIRST_B + 2 * CRC ? n
                                                                                             : 0;
    if (n < HZ_WMBUS_LEAST)
        return 0;
    return n + CRC + (n - FIRST_A + BLOCK_A - 1) / BLOCK_A * CRC;
}

bool hz_wmbus_head(struct hz_wmbus_bits *b, int *fixed)
{
    return check(b, &tries, (struct block){0, FIRST_A + CRC, true}, fixed);
}

/* The block that begins at byte `at` of a frame of `total` bytes. */
static struct block block_at(char format, size_t at, size_t total)
{
    size_t most = format == 'B' ? FIRST_B + CRC : (at == 0 ? FIRST_A : BLOCK_A) + CRC;
    return (struct block){at, total - at < most ? total - at : most, at == 0};
}

size_t hz_wmbus_frame(char format, struct hz_wmbus_bits *b, uint8_t out[HZ_WMBUS_BYTES], int *fixed)
{
    uint8_t length;
    size_t n = 0;
    *fixed = 0;
    if (b->n < 8 * HZ_WMBUS_HEAD || (format == 'A' && !hz_wmbus_head(b, fixed)))
        return 0;
    bytes_of(b->bit, 1, &length);
    size_t total = hz_wmbus_frame_bytes(format, length);
    for (size_t at = 0; at < total;) {
        struct block block = block_at(format, at, total);
        if (block.n <= CRC || !check(b, format == 'B' ? &few_tries : &tries, block, fixed))
            return 0;
        bytes_of(b->bit + 8 * at, block.n - CRC, out + n);
        n += block.n - CRC;
        at += block.n;
    }
    if (n > 0 && format == 'B')
        out[0] = (uint8_t)(n - 1);
    return n > 0 && out[0] + 1u == n ? n : 0;
}
