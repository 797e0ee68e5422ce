#include "proto/link/bch.h"

#include <math.h>
#include <string.h>

enum { BITS = HZ_BCH_BITS, WEAK = 8 };

/* x^10 + x^9 + x^8 + x^6 + x^5 + x^3 + 1 (ITU-R M.584-2, annex 1) */
static const uint32_t generator = 0x769;

static unsigned syndrome(uint32_t word)
{
    uint32_t rest = word >> 1;
    for (int bit = 30; bit >= 10; bit--)
        rest ^= (rest >> bit & 1) * generator << (bit - 10);
    return rest;
}

uint32_t hz_bch_encode(uint32_t data)
{
    uint32_t word = data << 11;
    word |= (uint32_t)syndrome(word) << 1;
    return word | (uint32_t)__builtin_parity(word);
}

void hz_bch_init(struct hz_bch *c)
{
    memset(c, 0, sizeof *c);
    for (int i = 0; i < BITS; i++)
        c->syndrome[i] = (uint16_t)syndrome(UINT32_C(1) << i);
    for (int a = 1; a < BITS; a++) {
        c->errors[c->syndrome[a]] = UINT32_C(1) << a;
        for (int b = a + 1; b < BITS; b++)
            c->errors[c->syndrome[a] ^ c->syndrome[b]] = UINT32_C(1) << a | UINT32_C(1) << b;
    }
}

/* The received word, and its bits as numbered in a word: bit 0 was sent last. */
struct heard {
    uint32_t word;
    float sure[BITS], total;
};

struct best {
    uint32_t changed, next_changed;
    float cost, next;
};

static float cost_of(const struct heard *h, uint32_t changed)
{
    float cost = 0;
    for (; changed; changed &= changed - 1)
        cost += h->sure[__builtin_ctz(changed)];
    return cost;
}

static void weakest(const struct heard *h, unsigned weak[WEAK])
{
    unsigned n = 0;
    for (unsigned i = 0; i < BITS; i++) {
        unsigned at = n < WEAK ? n : WEAK;
        for (; at > 0 && h->sure[weak[at - 1]] > h->sure[i]; at--)
            if (at < WEAK)
                weak[at] = weak[at - 1];
        if (at < WEAK)
            weak[at] = i;
        n += n < WEAK;
    }
}

/* The codeword nearest to the word with those bits flipped, if there is one within two bits that
 * has even parity. */
static void attempt(const struct hz_bch *c, const struct heard *h, uint32_t flipped, unsigned rest,
                    struct best *best)
{
    uint32_t changed = flipped ^ c->errors[rest];
    if (rest != 0 && c->errors[rest] == 0)
        return;
    changed ^= (uint32_t)__builtin_parity(h->word ^ changed);
    if (changed == best->changed)
        return;
    float cost = cost_of(h, changed);
    if (cost < best->cost) {
        best->next = best->cost;
        best->next_changed = best->changed;
        best->cost = cost;
        best->changed = changed;
    } else if (cost < best->next) {
        best->next = cost;
        best->next_changed = changed;
    }
}

static struct best search(const struct hz_bch *c, const struct heard *h)
{
    unsigned weak[WEAK], rest = syndrome(h->word);
    struct best best = {UINT32_MAX, UINT32_MAX, INFINITY, INFINITY};
    uint32_t flipped = 0;
    float cost = 0;
    weakest(h, weak);
    for (unsigned i = 0;; i++) { /* in the order of a Gray code: one bit changes at a time */
        /* Flips that already overrule more than the runner-up are skipped; the combination without
         * them is tried separately. */
        if (cost < best.next)
            attempt(c, h, flipped, rest, &best);
        if (i + 1 == 1u << WEAK)
            break;
        unsigned bit = weak[__builtin_ctz(i + 1)];
        flipped ^= UINT32_C(1) << bit;
        cost += flipped >> bit & 1 ? h->sure[bit] : -h->sure[bit];
        rest ^= c->syndrome[bit];
    }
    return best;
}

/* The usual word competes with the best and the second one, at a cost lowered by its bonus. */
static void prefer(const struct heard *h, const struct hz_bch_usual *usual, struct best *best)
{
    uint32_t changed = h->word ^ usual->code;
    float price = cost_of(h, changed) - usual->bonus * h->total;
    if (changed == best->changed) {
        best->cost = price;
    } else if (price <= best->cost) {
        best->next = best->cost;
        best->next_changed = best->changed;
        best->cost = price;
        best->changed = changed;
    } else if (price < best->next) {
        best->next = price;
        best->next_changed = changed;
    }
}

struct hz_bch_word hz_bch_read(const struct hz_bch *c, const uint8_t *bits, const float *sure,
                               const struct hz_bch_usual *usual)
{
    struct heard h = {0};
    for (int i = 0; i < BITS; i++) {
        h.word = h.word << 1 | bits[i];
        h.sure[BITS - 1 - i] = sure[i];
        h.total += sure[i];
    }
    if (!(h.total > 0))
        return (struct hz_bch_word){
            .code = usual ? usual->code : 0, .second = usual ? usual->code : 0, .overruled = 1};
    float whole = h.total;
    unsigned near = syndrome(h.word);
    if (near == 0 && !__builtin_parity(h.word)) {
        /* Another codeword is at least six bits away: no search is needed. */
        return (struct hz_bch_word){.code = h.word, .second = h.word, .plain = true, .margin = 1};
    }
    struct best best = search(c, &h);
    if (usual)
        prefer(&h, usual, &best);
    uint32_t hard = c->errors[near];
    hard |= (uint32_t)__builtin_parity(h.word ^ hard);
    struct hz_bch_word w = {.code = h.word ^ best.changed,
                            .second =
                                h.word ^ (isfinite(best.next) ? best.next_changed : best.changed),
                            .fixed = (uint8_t)__builtin_popcount(best.changed),
                            .overruled = cost_of(&h, best.changed) / whole,
                            .margin = fminf((best.next - best.cost) / whole, 1)};
    w.plain = (near == 0 || c->errors[near] != 0) && __builtin_popcount(hard) <= 2 &&
              hard == best.changed;
    return w;
}

float hz_bch_quality(const struct hz_bch_word *w, float level, float overruled, bool plain)
{
    float noise = (overruled + w->overruled / 4) / (plain ? 2 : 1);
    float margin = w->margin * (level < 1 ? level : 1);
    return margin > 0 ? margin / (margin + noise) : 0;
}
