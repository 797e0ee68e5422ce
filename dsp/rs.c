#include "dsp/rs.h"

#include "dsp/clones.h"

#include <string.h>

enum { N = HZ_RS_ORDER, TERMS = HZ_RS_PARITY_MAX + 1 };

void hz_rs_init(struct hz_rs *rs, unsigned polynomial, unsigned first, unsigned step,
                unsigned parity)
{
    unsigned x = 1;
    memset(rs, 0, sizeof *rs);
    for (unsigned i = 0; i < N; i++) {
        rs->exp[i] = rs->exp[i + N] = (uint8_t)x;
        rs->log[x] = (uint8_t)i;
        x = x & 0x80 ? (x << 1 ^ polynomial) & 0xff : x << 1;
    }
    rs->exp[2 * N] = rs->exp[0];
    rs->exp[2 * N + 1] = rs->exp[1];
    rs->first = first % N;
    rs->step = step % N;
    for (rs->unstep = 1; rs->unstep < N && rs->step * rs->unstep % N != 1;)
        rs->unstep++;
    rs->parity = parity < HZ_RS_PARITY_MAX ? parity : HZ_RS_PARITY_MAX;
}

static inline uint8_t times(const struct hz_rs *rs, uint8_t a, uint8_t b)
{
    return a && b ? rs->exp[rs->log[a] + rs->log[b]] : 0;
}

/* a times the field's element with the logarithm `log`, below 255. */
static inline uint8_t times_exp(const struct hz_rs *rs, uint8_t a, unsigned log)
{
    return a ? rs->exp[rs->log[a] + log] : 0;
}

static inline uint8_t over(const struct hz_rs *rs, uint8_t a, uint8_t b)
{
    return a ? rs->exp[rs->log[a] + N - rs->log[b]] : 0;
}

/* Logarithm of root k. */
static inline unsigned root(const struct hz_rs *rs, unsigned k)
{
    return (rs->first + rs->step * k) % N;
}

void hz_rs_syndromes(const struct hz_rs *rs, const uint8_t *word, size_t n, uint8_t *s)
{
    for (unsigned k = 0; k < rs->parity; k++) {
        unsigned by = root(rs, k);
        uint8_t sum = 0;
        for (size_t i = n; i-- > 0;)
            sum = times_exp(rs, sum, by) ^ word[i];
        s[k] = sum;
    }
}

void hz_rs_change(const struct hz_rs *rs, uint8_t *s, size_t at, uint8_t change)
{
    if (!change)
        return;
    unsigned log = (rs->log[change] + rs->first * (unsigned)at) % N;
    unsigned step = rs->step * (unsigned)at % N;
    for (unsigned k = 0; k < rs->parity; k++) {
        s[k] ^= rs->exp[log];
        log += step;
        log -= log >= N ? N : 0;
    }
}

/* The remainder of the division by the generator polynomial makes the parity. */
void hz_rs_encode(const struct hz_rs *rs, uint8_t *word, size_t n)
{
    uint8_t g[TERMS] = {1}, rest[TERMS] = {0};
    for (unsigned k = 0; k < rs->parity; k++) { /* g (x + root); g[parity] becomes 1 */
        for (unsigned i = k + 1; i > 0; i--)
            g[i] = g[i - 1] ^ times_exp(rs, g[i], root(rs, k));
        g[0] = times_exp(rs, g[0], root(rs, k));
    }
    for (size_t i = n; i-- > rs->parity;) {
        uint8_t top = word[i] ^ rest[rs->parity - 1];
        for (unsigned k = rs->parity - 1; k > 0; k--)
            rest[k] = rest[k - 1] ^ times(rs, top, g[k]);
        rest[0] = times(rs, top, g[0]);
    }
    memcpy(word, rest, rs->parity);
}

/* Polynomials have their constant term first. An octet at i has the locator X = s^i, and its root
 * in a locator polynomial is 1 / X. */
struct locators {
    uint8_t term[TERMS];
    unsigned degree;
};

static void erasures(const struct hz_rs *rs, const uint8_t *erased, unsigned count,
                     struct locators *l)
{
    memset(l->term, 0, sizeof l->term);
    l->term[0] = 1;
    for (unsigned e = 0; e < count; e++) { /* l (1 + X x) */
        unsigned x = rs->step * erased[e] % N;
        for (unsigned i = e + 1; i > 0; i--)
            l->term[i] ^= times_exp(rs, l->term[i - 1], x);
    }
    l->degree = count;
}

/* Berlekamp's algorithm. False: more errors than can be corrected. */
static bool locate(const struct hz_rs *rs, const uint8_t *s, unsigned count, struct locators *l)
{
    uint8_t before[TERMS], next[TERMS];
    memcpy(before, l->term, sizeof before);
    for (unsigned r = count; r < rs->parity; r++) {
        uint8_t lack = s[r];
        for (unsigned i = 1; i <= l->degree; i++)
            lack ^= times(rs, l->term[i], s[r - i]);
        memmove(before + 1, before, TERMS - 1);
        before[0] = 0;
        if (!lack)
            continue;
        unsigned log = rs->log[lack];
        memcpy(next, l->term, sizeof next);
        for (unsigned i = 0; i < TERMS; i++)
            next[i] ^= times_exp(rs, before[i], log);
        if (2 * l->degree <= r + count) {
            l->degree = r + 1 + count - l->degree;
            for (unsigned i = 0; i < TERMS; i++)
                before[i] = times_exp(rs, l->term[i], (N - log) % N);
        }
        memcpy(l->term, next, sizeof next);
    }
    return 2 * l->degree <= rs->parity + count && l->term[l->degree] != 0;
}

/* Chien's search: the octets whose locators are roots. The search ends when all have been found, or
 * when too few octets are left. */
static bool search(const struct hz_rs *rs, size_t n, const struct locators *l,
                   struct hz_rs_fix *fix)
{
    unsigned log[TERMS], step[TERMS], terms = 0;
    uint8_t constant = l->term[0];
    for (unsigned k = 1; k <= l->degree; k++) {
        if (!l->term[k])
            continue;
        log[terms] = rs->log[l->term[k]];
        step[terms++] = (N - rs->step * k % N) % N; /* of 1 / X from one octet to the next */
    }
    fix->n = 0;
    for (size_t i = 0; i < n && fix->n < l->degree; i++) {
        uint8_t sum = constant;
        for (unsigned k = 0; k < terms; k++) {
            sum ^= rs->exp[log[k]];
            log[k] += step[k];
            log[k] -= log[k] >= N ? N : 0;
        }
        if (sum == 0)
            fix->at[fix->n++] = (uint8_t)i;
    }
    return fix->n == l->degree;
}

/* Forney's formula: with the evaluator w = s l modulo x^parity, the change of the octet at X is
 * X^(1 - b') w(1 / X) / l'(1 / X), where s^b' = b. */
static bool evaluate(const struct hz_rs *rs, const uint8_t *s, const struct locators *l,
                     struct hz_rs_fix *fix)
{
    uint8_t w[TERMS] = {0};
    for (unsigned i = 0; i < rs->parity; i++)
        for (unsigned k = 0; k <= l->degree && k <= i; k++)
            w[i] ^= times(rs, l->term[k], s[i - k]);
    for (unsigned e = 0; e < fix->n; e++) {
        unsigned x = rs->step * fix->at[e] % N, inverse = (N - x) % N;
        uint8_t top = 0, slope = 0;
        for (unsigned i = rs->parity; i-- > 0;)
            top = times_exp(rs, top, inverse) ^ w[i];
        for (unsigned k = 1; k <= l->degree; k += 2) /* odd terms only: 2 = 0 in this field */
            slope ^= times_exp(rs, l->term[k], inverse * (k - 1) % N);
        if (!slope)
            return false;
        unsigned scale = (x + N - rs->first * fix->at[e] % N) % N;
        fix->change[e] = times_exp(rs, over(rs, top, slope), scale);
    }
    return true;
}

HZ_CLONES bool hz_rs_solve(const struct hz_rs *rs, const uint8_t *s, size_t n,
                           const uint8_t *erased, unsigned count, struct hz_rs_fix *fix)
{
    struct locators l;
    uint8_t any = 0;
    for (unsigned k = 0; k < rs->parity; k++)
        any |= s[k];
    fix->n = 0;
    if (!any)
        return true;
    erasures(rs, erased, count, &l);
    return locate(rs, s, count, &l) && search(rs, n, &l, fix) && evaluate(rs, s, &l, fix);
}

int hz_rs_decode(const struct hz_rs *rs, uint8_t *word, size_t n, const uint8_t *erased,
                 unsigned count)
{
    uint8_t s[HZ_RS_PARITY_MAX];
    struct hz_rs_fix fix;
    int changed = 0;
    hz_rs_syndromes(rs, word, n, s);
    if (!hz_rs_solve(rs, s, n, erased, count, &fix))
        return -1;
    for (unsigned i = 0; i < fix.n; i++) {
        word[fix.at[i]] ^= fix.change[i];
        changed += fix.change[i] != 0;
    }
    return changed;
}
