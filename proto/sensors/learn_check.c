/* Which check of the known families the frames pass. A check that fits speaks for itself by the
 * bits that had to come out right, less the bits that tell which of all checks that were tried it
 * is: what is left is its margin.
 *
 * CRCs and digests are linear: what two frames differ in decides, whatever they begin with. */
#include "proto/sensors/learn.h"
#include "proto/sensors/learn_family.h"

#include <math.h>
#include <string.h>

enum { FRAMES_MAX = 64 }; /* different ones that are looked at */

static const double least = 4; /* margin, in bits, below which chance is as good */

/* The bits that are checked and those of the check, of all frames. */
struct view {
    uint8_t body[FRAMES_MAX][HZ_LEARN_BITS];
    unsigned check[FRAMES_MAX];
    size_t n, bits; /* frames; bits of a body, padding included */
    /* differences from the first frame, independent of each other */
    uint8_t diff[FRAMES_MAX][HZ_LEARN_BITS];
    unsigned diff_check[FRAMES_MAX];
    size_t rank;
};

/* Differences that are not sums of earlier ones: Gauss, each with its leading bit. */
static void find_rank(struct view *v)
{
    size_t lead[FRAMES_MAX];
    v->rank = 0;
    for (size_t k = 1; k < v->n; k++) {
        uint8_t *d = v->diff[v->rank];
        unsigned c = v->check[k] ^ v->check[0];
        for (size_t i = 0; i < v->bits; i++)
            d[i] = v->body[k][i] ^ v->body[0][i];
        for (size_t r = 0; r < v->rank; r++) {
            if (!d[lead[r]])
                continue;
            for (size_t i = 0; i < v->bits; i++)
                d[i] ^= v->diff[r][i];
            c ^= v->diff_check[r];
        }
        size_t first = 0;
        while (first < v->bits && !d[first])
            first++;
        if (first == v->bits && c == 0)
            continue;
        /* only the check differs: kept, as no linear check explains that */
        lead[v->rank] = first < v->bits ? first : 0;
        v->diff_check[v->rank++] = c;
    }
}

static void look(struct view *v, const uint8_t *const *frame, size_t n,
                 const struct hz_learn_check *c, bool lsb_first)
{
    v->n = n < FRAMES_MAX ? n : FRAMES_MAX;
    v->bits = c->n + c->pad;
    for (size_t k = 0; k < v->n; k++) {
        memset(v->body[k], 0, v->bits);
        memcpy(v->body[k], frame[k] + c->from, c->n);
        if (lsb_first) {
            for (size_t i = 0; i < c->n; i++)
                v->body[k][i] = frame[k][c->from + (i ^ 7)];
        }
        unsigned check = hz_check_number(frame[k] + c->at, c->width);
        v->check[k] = lsb_first ? hz_check_reversed(check, c->width) : check;
    }
    find_rank(v);
    /* a check that does not change with what it checks is none */
    size_t changes = 0;
    for (size_t r = 0; r < v->rank; r++)
        changes += v->diff_check[r] != 0;
    v->rank = 2 * changes < v->rank ? 0 : v->rank;
}

/* `best` has one for each family. */
static void offer(struct hz_learn_check *best, const struct hz_learn_check *c, double margin)
{
    struct hz_learn_check *b = &best[c->family];
    if (margin < least || margin <= b->margin)
        return;
    *b = *c;
    b->margin = margin;
}

/* What a place costs: most checks are at the end, of everything before them. */
static double place_cost(const struct hz_learn_check *c, size_t bits)
{
    double cost = c->pad > 0;
    cost += c->from == 0 ? 0 : c->from % 4 == 0 ? 2 : 4;
    cost += c->at + c->width == bits ? 0 : (bits - c->at - c->width) % 4 == 0 ? 2 : 4;
    return cost + (c->from + c->n == c->at ? 0 : 2);
}

/* ---- CRC -------------------------------------------------------------------------------- */

/* What a register began with that has this in it after n zeros. */
static unsigned unwind(unsigned r, size_t n, unsigned poly, size_t width)
{
    for (size_t i = 0; i < n; i++)
        r = r & 1 ? (r ^ poly) >> 1 | 1u << (width - 1) : r >> 1;
    return r;
}

static bool is_usual(unsigned poly, size_t width)
{
    static const unsigned usual[] = {0x07, 0x31, 0x9b,   0x2f,   0xd5,   0x1d,   0x39,   0x03,
                                     0x09, 0x13, 0x1021, 0x8005, 0x3d65, 0x0589, 0x5935, 0xc867};
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++) {
        if (usual[i] == poly && (width != 16 || poly > 0xff))
            return true;
    }
    return false;
}

static void try_poly(struct hz_learn_check *best, const struct view *v, struct hz_learn_check c,
                     unsigned poly, size_t bits)
{
    for (size_t r = 0; r < v->rank; r++) {
        if (hz_check_crc(v->diff[r], v->bits, poly, c.width) != v->diff_check[r])
            return;
    }
    unsigned ones = (1u << c.width) - 1;
    unsigned rest = hz_check_crc(v->body[0], v->bits, poly, c.width) ^ v->check[0];
    double w = (double)c.width, cost = 3 + (is_usual(poly, c.width) ? 3 : w - 1);
    c.xor = 0;
    c.init = unwind(rest, v->bits, poly, c.width);
    if (c.init == 0 || c.init == ones) {
        cost += 1;
    } else if (rest == ones || unwind(rest ^ ones, v->bits, poly, c.width) == ones) {
        cost += 2;
        c.xor = ones;
        c.init = rest == ones ? 0 : ones;
    } else {
        cost += w;
    }
    c.poly = poly;
    if (c.family == HZ_CHECK_CRC_R) {
        c.poly = hz_check_reversed(poly, c.width);
        c.init = hz_check_reversed(c.init, c.width);
        cost += 1;
    }
    offer(best, &c, w * (double)(v->rank + 1) - cost - place_cost(&c, bits));
}

static void try_crc(struct hz_learn_check *best, struct view *v, const uint8_t *const *frame,
                    size_t n, struct hz_learn_check c, size_t bits)
{
    for (int reflected = 0; reflected < 2; reflected++) {
        if (reflected && (c.n % 8 || c.pad || c.width % 8))
            continue;
        look(v, frame, n, &c, reflected);
        if (v->rank == 0)
            continue;
        c.family = reflected ? HZ_CHECK_CRC_R : HZ_CHECK_CRC;
        if (c.width <= 8) {
            for (unsigned poly = 1; poly < 1u << c.width; poly += 2)
                try_poly(best, v, c, poly, bits);
        } else {
            static const unsigned usual[] = {0x1021, 0x8005, 0x3d65, 0x0589, 0x5935, 0xc867};
            for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
                try_poly(best, v, c, usual[i], bits);
        }
    }
}

/* ---- digests of a shift register -------------------------------------------------------- */

static void try_key(struct hz_learn_check *best, const struct view *v, struct hz_learn_check c,
                    unsigned gen, unsigned key, size_t bits)
{
    for (size_t r = 1; r < v->rank; r++) {
        if (hz_check_digest(v->diff[r], v->bits, c.family, gen, key) != v->diff_check[r])
            return;
    }
    c.poly = gen;
    c.key = key;
    c.xor = hz_check_digest(v->body[0], v->bits, c.family, gen, key) ^ v->check[0];
    double cost = 3 + 16 + (c.xor == 0 ? 1 : 8) + (c.family == HZ_CHECK_DIGEST ? 0 : 1);
    offer(best, &c, 8 * (double)(v->rank + 1) - cost - place_cost(&c, bits));
}

static void try_digest(struct hz_learn_check *best, struct view *v, const uint8_t *const *frame,
                       size_t n, struct hz_learn_check c, size_t bits)
{
    look(v, frame, n, &c, false);
    /* three differences at least, as two unknown bytes explain two of them */
    if (c.n % 8 || c.pad || c.width != 8 || v->rank < 3)
        return;
    for (unsigned both = 0; both < 3u << 8; both++) {
        unsigned gen = both & 255, of_bit[8], sum = 0, key = 0;
        c.family = (enum hz_learn_family)(HZ_CHECK_DIGEST + (both >> 8));
        for (unsigned k = 0; k < 8; k++) /* a digest is linear in the key too */
            of_bit[k] = hz_check_digest(v->diff[0], v->bits, c.family, gen, 1u << k);
        for (unsigned i = 1; i < 256; i++) {
            unsigned k = 0; /* keys in such an order that one bit of them changes */
            while (!(i >> k & 1))
                k++;
            key ^= 1u << k;
            sum ^= of_bit[k];
            if (sum == v->diff_check[0])
                try_key(best, v, c, gen, key, bits);
        }
    }
}

/* ---- sums ------------------------------------------------------------------------------- */

static void try_sum(struct hz_learn_check *best, struct view *v, const uint8_t *const *frame,
                    size_t n, struct hz_learn_check c, size_t bits)
{
    unsigned mask = (1u << c.width) - 1;
    if (c.pad || c.n % c.width)
        return;
    look(v, frame, n, &c, false);
    if (v->rank == 0)
        return;
    for (int k = 0; k < 6; k++) {
        unsigned rest = 0;
        size_t i = 0;
        c.family = (enum hz_learn_family)(HZ_CHECK_SUM + k % 3);
        c.reversed = k >= 3;
        if (c.reversed && c.family == HZ_CHECK_XOR)
            continue; /* the same as the other */
        for (; i < v->n; i++) {
            unsigned check = c.reversed ? hz_check_reversed(v->check[i], c.width) : v->check[i];
            unsigned sum = hz_check_sum(v->body[i], v->bits, &c);
            unsigned r = c.family == HZ_CHECK_XOR   ? sum ^ check
                         : c.family == HZ_CHECK_SUM ? (check - sum) & mask
                                                    : (check + sum) & mask;
            if (i > 0 && r != rest)
                break;
            rest = r;
        }
        if (i < v->n)
            continue;
        c.xor = rest;
        double w = (double)c.width;
        double cost =
            3 + c.reversed + (c.family == HZ_CHECK_SUM_MINUS) + (rest == 0 || rest == mask ? 1 : w);
        offer(best, &c, w * (double)(v->rank + 1) - cost - place_cost(&c, bits));
    }
}

/* Whether the group has the same parity in all frames; *different counts its different contents. */
static bool steady(const uint8_t *const *frame, size_t n, size_t at, size_t width,
                   unsigned *different, unsigned *odd)
{
    for (size_t k = 0; k < n; k++) {
        unsigned ones = 0;
        bool old = false;
        for (size_t i = 0; i < width; i++)
            ones += frame[k][at + i];
        if (k > 0 && (ones & 1) != *odd)
            return false;
        *odd = ones & 1;
        for (size_t m = 0; m < k && !old; m++)
            old = memcmp(frame[k] + at, frame[m] + at, width) == 0;
        *different += !old;
    }
    return true;
}

/* Each group of bits has an even number of ones, or each an odd one. Not so where two of them would
 * do: then it is the code. */
static void try_parity(struct hz_learn_check *best, const uint8_t *const *frame, size_t n,
                       size_t bits, size_t width)
{
    struct hz_learn_check c = {.family = HZ_CHECK_PARITY, .width = width};
    for (size_t from = 0; from + 2 * width <= bits && from < width; from++) {
        unsigned different = 0, odd = 0, first = 0, pair = 0;
        size_t groups = (bits - from) / width, g = 0;
        for (; g < groups; g++) {
            if (!steady(frame, n, from + g * width, width, &different, &odd))
                break;
            first = g == 0 ? odd : first;
            if (odd != first)
                break;
        }
        for (size_t i = from; i + 2 <= bits; i += 2) {
            unsigned ignored = 0, p;
            pair += steady(frame, n, i, 2, &ignored, &p);
        }
        if (g < groups || 4 * pair > 3 * ((bits - from) / 2))
            continue;
        c.from = from;
        c.n = groups * width;
        c.xor = first;
        offer(best, &c, different - 8.0 - (from > 0 ? 3 : 0));
    }
}

/* ---- all places ------------------------------------------------------------------------- */

static void try_width(struct hz_learn_check *best, struct view *v, const uint8_t *const *frame,
                      size_t n, size_t bits, size_t width)
{
    /* at the end, with up to 12 bits behind it, or at the beginning */
    for (size_t behind = 0; behind <= 12 && bits >= 2 * width + behind; behind++) {
        struct hz_learn_check c = {.width = width, .at = bits - width - behind};
        for (size_t from = 0; from <= 16 && from + width <= c.at; from++) {
            c.from = from;
            for (size_t gap = 0; gap <= 4 && c.at - from > gap + 7; gap += 4) {
                c.n = c.at - from - gap;
                c.pad = 0;
                try_crc(best, v, frame, n, c, bits);
                if (width != 16)
                    try_sum(best, v, frame, n, c, bits);
                if (gap == 0)
                    try_digest(best, v, frame, n, c, bits);
                c.pad = (8 - c.n % 8) % 8;
                if (c.pad && from % 4 == 0)
                    try_crc(best, v, frame, n, c, bits);
            }
        }
    }
    for (size_t at = 0; at <= 8 && bits >= at + 3 * width; at += 4) {
        struct hz_learn_check c = {
            .width = width, .at = at, .from = at + width, .n = bits - at - width};
        for (; c.n + 8 >= bits - at - width && c.n >= 8; c.n -= 4) {
            try_crc(best, v, frame, n, c, bits);
            if (width != 16)
                try_sum(best, v, frame, n, c, bits);
        }
    }
}

/* ---- which of them -------------------------------------------------------------------------- */

/* Whether two checks are one in different words: they say the same of any frame, whatever they
 * begin with. (A digest has an equal one that runs the other way.) */
static bool same_check(const struct hz_learn_check *a, const struct hz_learn_check *b, size_t bits)
{
    uint8_t frame[HZ_LEARN_BITS] = {0};
    uint32_t random = 1;
    if (a->at != b->at || a->width != b->width || a->family == HZ_CHECK_PARITY ||
        b->family == HZ_CHECK_PARITY)
        return false;
    unsigned first = hz_check_expected(a, frame) ^ hz_check_expected(b, frame);
    for (int k = 0; k < 24; k++) {
        for (size_t i = 0; i < bits; i++) {
            random = random * 1664525u + 1013904223u;
            frame[i] = (uint8_t)(random >> 31);
        }
        if ((hz_check_expected(a, frame) ^ hz_check_expected(b, frame)) != first)
            return false;
    }
    return true;
}

struct hz_learn_check hz_learn_find_check(const uint8_t *const *frame, size_t n, size_t bits)
{
    struct hz_learn_check of[HZ_CHECKS] = {0}, *best = &of[HZ_CHECK_NONE];
    struct view v;
    if (n >= 2) {
        try_width(of, &v, frame, n, bits, 8);
        try_width(of, &v, frame, n, bits, 4);
        try_width(of, &v, frame, n, bits, 16);
        try_parity(of, frame, n, bits, 8);
    }
    for (size_t i = 1; i < HZ_CHECKS; i++)
        best = of[i].margin > best->margin ? &of[i] : best;
    for (size_t i = 1; i < HZ_CHECKS; i++)
        best->rivals += &of[i] != best && of[i].margin > 0 && of[i].margin > best->margin - 5 &&
                        !same_check(best, &of[i], bits);
    return *best;
}
