#include "proto/acars/repair.h"

#include <math.h>
#include <string.h>

enum {
    ENDS = 3, /* places of the end that are tried */
    SINGLES = 16,
    PAIRS = 10,
    TRIPLES = 5,
    CHARS = HZ_ACARS_BYTES,
};

/* More characters with wrong parity than this: noise has half, a block at 3 dB a third. */
static const float most_wrong = 0.42f;
/* The least log ratio of an end that is looked into: one of which some bits are wrong has it. */
static const float least_end = -25;
/* The mean log ratio of a bit where half of the blocks are decoded. */
static const float mean_log_ratio = 12;

static uint8_t hard(const float *soft)
{
    unsigned byte = 0;
    for (unsigned i = 0; i < 8; i++)
        byte |= (unsigned)(soft[i] > 0) << i;
    return (uint8_t)byte;
}

/* How much speaks for that byte rather than any: the log of the ratio of probabilities. `scale`
 * makes log ratios x of the soft bits; ln cosh(x / 2) is put as sqrt(x^2 / 4 + ln^2 2) - ln 2. */
static float match(const float *soft, float scale, uint8_t byte)
{
    static const float ln2 = 0.69314718f;
    float sum = 0;
    for (unsigned i = 0; i < 8; i++) {
        float half = 0.5f * scale * soft[i];
        sum += (byte >> i & 1 ? half : -half) + ln2 - sqrtf(half * half + ln2 * ln2);
    }
    return sum;
}

/* ---- the end ----------------------------------------------------------------------------- */

struct end {
    size_t at; /* the character that is ETX or ETB */
    uint8_t byte;
    float match;
};

/* The likeliest ends, the best one first. Returns how many. */
static size_t find_ends(const float *soft, size_t chars, struct end ends[ENDS])
{
    static const uint8_t bytes[] = {HZ_ACARS_ETX | 0x80, HZ_ACARS_ETB | 0x80};
    size_t n = 0;
    float sure = 0;
    for (size_t i = 0; i < 8 * (size_t)HZ_ACARS_HEAD; i++)
        sure += fabsf(soft[i]);
    const float scale = mean_log_ratio * 8 * HZ_ACARS_HEAD / (sure + 1e-30f);
    for (size_t at = HZ_ACARS_HEAD; at < CHARS && at + HZ_ACARS_TAIL < chars; at++)
        for (size_t e = 0; e < 2; e++) {
            float sum = match(soft + 8 * at, scale, bytes[e]) +
                        match(soft + 8 * (at + HZ_ACARS_TAIL), scale, HZ_ACARS_DEL);
            size_t place = n;
            if (sum < least_end)
                continue;
            while (place > 0 && ends[place - 1].match < sum)
                place--;
            if (place >= ENDS)
                continue;
            n += n < ENDS;
            memmove(ends + place + 1, ends + place, (n - place - 1) * sizeof *ends);
            ends[place] = (struct end){at, bytes[e], sum};
        }
    return n;
}

/* ---- what may be changed ----------------------------------------------------------------- */

/* Changes of bits of one byte. */
struct move {
    float cost;
    uint16_t syndrome; /* what it changes in the check */
    uint16_t byte;
    uint8_t mask;
};

struct moves {
    size_t n;
    struct move move[SINGLES]; /* the cheapest, in ascending order */
};

static void add(struct moves *m, const struct move *new)
{
    size_t place = m->n;
    while (place > 0 && m->move[place - 1].cost > new->cost)
        place--;
    if (place >= SINGLES)
        return;
    m->n += m->n < SINGLES;
    memmove(m->move + place + 1, m->move + place, (m->n - place - 1) * sizeof *m->move);
    m->move[place] = *new;
}

/* The three weakest bits of a character, the weakest first. */
static void weakest(const float *soft, unsigned bit[3])
{
    unsigned n = 0;
    for (unsigned i = 0; i < 8; i++) {
        unsigned place = n;
        while (place > 0 && fabsf(soft[bit[place - 1]]) > fabsf(soft[i]))
            place--;
        if (place >= 3)
            continue;
        n += n < 3;
        for (unsigned k = n - 1; k > place; k--)
            bit[k] = bit[k - 1];
        bit[place] = i;
    }
}

static uint16_t syndrome_of(const uint16_t effect[8], uint8_t mask)
{
    uint16_t s = 0;
    for (unsigned i = 0; i < 8; i++)
        s ^= mask >> i & 1 ? effect[i] : 0;
    return s;
}

/* The moves of a character: `wrong`: its weakest bit was changed for its parity. */
static void add_moves(struct moves *m, const float *soft, size_t byte, bool wrong,
                      const uint16_t effect[8])
{
    unsigned bit[3] = {0, 1, 2};
    weakest(soft, bit);
    float first = fabsf(soft[bit[0]]), sign = wrong ? -1 : 1;
    for (unsigned i = 1; i < 3; i++) {
        struct move move = {fabsf(soft[bit[i]]) + sign * first, 0, (uint16_t)byte,
                            (uint8_t)(1u << bit[0] | 1u << bit[i])};
        move.syndrome = syndrome_of(effect, move.mask);
        add(m, &move);
    }
}

/* ---- the check --------------------------------------------------------------------------- */

static bool in(char c, char low, char high)
{
    return c >= low && c <= high;
}

static bool letter_or_digit(char c)
{
    return in(c, 'A', 'Z') || in(c, '0', '9');
}

/* What texts are written in: letters, digits, signs. */
static bool usual(char c)
{
    return in(c, ' ', 'Z') || c == '_' || c == '\r' || c == '\n';
}

/* Whether the characters that were changed are such as the text has anyway: small letters where
 * others have come unchanged. */
static bool changed_well(const struct hz_acars_found *f, const float *soft)
{
    bool small = false, odd = false, has_small = false;
    for (size_t c = HZ_ACARS_HEAD + 1; c + 1 < f->len; c++) {
        bool changed = f->bytes[c] != hard(soft + 8 * c);
        char text = (char)(f->bytes[c] & 0x7f);
        bool is_small = in(text, 'a', 'z');
        small = small || (changed && is_small);
        odd = odd || (changed && !is_small && !usual(text));
        has_small = has_small || (!changed && is_small);
    }
    return !odd && (!small || has_small);
}

/* Whether a repaired block looks like one: the check sequence alone would accept one in 65,536 of
 * what the list tries. */
static bool plausible(const struct hz_acars_found *f, const float *soft)
{
    struct hz_acars_block b;
    if (hz_acars_parse(f->bytes, f->len, &b) != (int)f->len || !changed_well(f, soft))
        return false;
    for (const char *c = hz_acars_registration(&b); *c; c++)
        if (!letter_or_digit(*c) && *c != '-')
            return false;
    for (size_t i = 0; i < b.len; i++)
        if (!in(b.text[i], ' ', '~') && b.text[i] != '\r' && b.text[i] != '\n' && b.text[i] != '\t')
            return false;
    for (size_t i = 0; i < sizeof b.number - 1 && b.number[i]; i++)
        if (!letter_or_digit(b.number[i]))
            return false;
    for (size_t i = 0; i < sizeof b.flight - 1 && b.flight[i]; i++)
        if (!letter_or_digit(b.flight[i]))
            return false;
    if (b.sequence && !letter_or_digit(b.sequence))
        return false;
    return (b.mode == '2' || in(b.mode, '@', '}')) && in(b.ack, ' ', '~') &&
           in(b.label[0], ' ', '_') && in(b.label[1], ' ', 'z') &&
           (letter_or_digit(b.id) || b.id == ' ');
}

static void apply(struct hz_acars_found *f, const struct move *move)
{
    f->bytes[move->byte] ^= move->mask;
    f->fixed += __builtin_popcount(move->mask);
}

/* The cheapest one, two or three moves that make the check fit. */
static bool search(struct hz_acars_found *f, const struct moves *m, uint16_t syndrome)
{
    const struct move *v = m->move, *best[3] = {NULL, NULL, NULL};
    float least = INFINITY;
    for (size_t i = 0; i < m->n; i++) {
        if (v[i].syndrome == syndrome && v[i].cost < least) {
            least = v[i].cost;
            best[0] = &v[i];
            best[1] = best[2] = NULL;
        }
        for (size_t k = i + 1; k < m->n && k < PAIRS; k++) {
            uint16_t two = v[i].syndrome ^ v[k].syndrome;
            float cost = v[i].cost + v[k].cost;
            if (two == syndrome && cost < least) {
                least = cost;
                best[0] = &v[i];
                best[1] = &v[k];
                best[2] = NULL;
            }
            for (size_t l = k + 1; l < m->n && l < TRIPLES; l++)
                if ((two ^ v[l].syndrome) == syndrome && cost + v[l].cost < least) {
                    least = cost + v[l].cost;
                    best[0] = &v[i];
                    best[1] = &v[k];
                    best[2] = &v[l];
                }
        }
    }
    for (int i = 0; i < 3; i++)
        if (best[i])
            apply(f, best[i]);
    return best[0] != NULL;
}

/* The bits as they came: a sender may have other parity. */
static bool try_plain(const float *soft, const struct end *end, struct hz_acars_found *f)
{
    *f = (struct hz_acars_found){.len = end->at + 1};
    for (size_t c = 0; c < f->len + 2; c++) {
        f->bytes[c] = hard(soft + 8 * c);
        f->parity += c < f->len && !__builtin_parity(f->bytes[c]);
    }
    return f->bytes[end->at] == end->byte &&
           hz_acars_crc(f->bytes, f->len + 2) == HZ_ACARS_CRC_GOOD;
}

/* The effect of each bit of the last byte on the check. */
static void begin_effects(uint16_t effect[8])
{
    for (unsigned i = 0; i < 8; i++) {
        uint8_t bit = (uint8_t)(1u << i);
        effect[i] = hz_acars_crc(&bit, 1);
    }
}

/* The same of the byte before: the register goes through one more byte of zeros. */
static void step_effects(uint16_t effect[8])
{
    for (unsigned i = 0; i < 8; i++) {
        uint8_t low = (uint8_t)effect[i];
        effect[i] = (uint16_t)(effect[i] >> 8 ^ hz_acars_crc(&low, 1));
    }
}

/* The bits with right parity; with the list or without. */
static bool try_end(const float *soft, const struct end *end, bool list, struct hz_acars_found *f)
{
    size_t len = end->at + 1, all = len + 2;
    struct moves moves = {0};
    uint16_t effect[8];
    *f = (struct hz_acars_found){.len = len};
    begin_effects(effect);
    for (size_t c = all; c-- > 0; step_effects(effect)) {
        const float *s = soft + 8 * c;
        f->bytes[c] = c == end->at ? end->byte : hard(s);
        if (c >= len) { /* without parity */
            for (unsigned i = 0; i < 8; i++)
                add(&moves,
                    &(struct move){fabsf(s[i]), effect[i], (uint16_t)c, (uint8_t)(1u << i)});
        } else if (c != end->at) {
            bool wrong = !__builtin_parity(f->bytes[c]);
            if (wrong) {
                unsigned bit[3] = {0, 1, 2};
                weakest(s, bit);
                f->bytes[c] ^= (uint8_t)(1u << bit[0]);
                f->fixed++;
                f->parity++;
            }
            add_moves(&moves, s, c, wrong, effect);
        }
    }
    if ((float)f->parity > most_wrong * (float)len)
        return false;
    uint16_t syndrome = hz_acars_crc(f->bytes, all);
    if (syndrome == HZ_ACARS_CRC_GOOD)
        return plausible(f, soft);
    return list && search(f, &moves, syndrome) && plausible(f, soft);
}

enum hz_acars_verdict hz_acars_repair(const float *soft, size_t bits, bool list,
                                      struct hz_acars_found *found)
{
    struct end ends[ENDS + 1];
    size_t n = find_ends(soft, bits / 8, ends);
    for (size_t i = 0; i < n; i++)
        if (try_plain(soft, &ends[i], found) || try_end(soft, &ends[i], list && i == 0, found))
            return HZ_ACARS_FOUND;
    return n > 0 ? HZ_ACARS_BAD_CRC : HZ_ACARS_NO_END;
}
