#include "proto/pocsag/sync.h"

#include "dsp/clones.h"
#include "proto/pocsag/batch.h"

#include <math.h>
#include <string.h>

enum { BITS = HZ_BCH_BITS, TRIED = HZ_POCSAG_TRIED, PLACES = HZ_POCSAG_PLACES };

const unsigned hz_pocsag_baud[HZ_POCSAG_BAUDS] = {512, 1200, 2400};

/* Decimated samples summed for a bit; samples between places that are tried. */
static const struct {
    int length, step;
} grid[HZ_POCSAG_BAUDS] = {{48, 12}, {20, 5}, {10, 2}};

/* Distance of the tones that are tried, in baud rates: a page between two of them loses 0.6 dB. */
static const double tone_step = 0.4;

/* Range of the tones: within the narrow filter, and within the channel. */
static const double narrow_hz = 6300, wide_hz = 9700;

/* Thresholds of likeness for the sync word alone, and for the end of the preamble and the word
 * together. In noise the likeness of 32 bits has a standard deviation of 0.18. */
static const float alike = 0.66f, alike_after_preamble = 0.42f, with_preamble = 0.6f;

/* Range of the distance between a page's tones: deviations of 1.2 to 7.2 kHz, plus a step of the
 * tones. */
static const double least_apart_hz = 1800, most_apart_hz = 15000;

/* Both tones must exceed the floor by this much of it, and be similar in power: at least this
 * fraction of the other. */
static const float stands_out = 0.25f, alike_in_power = 0.15f;

/* Largest offset of the carrier. */
static const double farthest_hz = 4000;

double hz_pocsag_bit(unsigned baud)
{
    return (double)HZ_POCSAG_RATE_HZ / hz_pocsag_baud[baud];
}

float hz_pocsag_sync_sign(int k)
{
    if (k < 0)
        return k % 2 ? 1 : -1;
    return HZ_POCSAG_SYNC << k >> 31 ? -1 : 1; /* a binary 1 is the lower tone */
}

size_t hz_pocsag_sync_keep(struct hz_pocsag_start *out, size_t n, const struct hz_pocsag_start *s)
{
    size_t at = n < HZ_POCSAG_STARTS ? n : HZ_POCSAG_STARTS;
    if (at == HZ_POCSAG_STARTS && out[at - 1].likeness >= s->likeness)
        return n;
    at = at < HZ_POCSAG_STARTS ? at : HZ_POCSAG_STARTS - 1;
    for (; at > 0 && out[at - 1].likeness < s->likeness; at--)
        out[at] = out[at - 1];
    out[at] = *s;
    return n < HZ_POCSAG_STARTS ? n + 1 : n;
}

void hz_pocsag_sync_init(struct hz_pocsag_sync *s)
{
    hz_pocsag_narrow_init(&s->narrow);
}

/* ---- which tones ------------------------------------------------------------------------ */

enum { SIDE = 64 }; /* tones on either side of 0 Hz, at most */

/* Mean power around a tone. */
static float power_at(const struct hz_fsk_view *view, double hz, unsigned baud)
{
    int bin = (int)lrint(hz / HZ_FSK_GATE_BIN_HZ) + HZ_FSK_GATE_BINS / 2;
    int reach = (int)lrint(hz_pocsag_baud[baud] / 4.0 / HZ_FSK_GATE_BIN_HZ);
    float sum = 0;
    for (int i = bin - reach; i <= bin + reach; i++)
        sum += view->power[i];
    return sum / (float)(2 * reach + 1);
}

/* The strongest remaining bin from `from` to `to`, or -1. */
static int strongest(const float *power, int from, int to)
{
    int best = -1;
    for (int i = from; i < to; i++)
        if (power[i] > 0 && (best < 0 || power[i] > power[best]))
            best = i;
    return best;
}

/* Chooses as many tones below the middle of the significant power as above it, the strongest ones.
 */
static void choose(struct hz_pocsag_sync *s, const struct hz_fsk_view *view, bool narrow,
                   unsigned baud)
{
    float power[2 * SIDE + 1];
    double step = tone_step * hz_pocsag_baud[baud], sum = 0, moment = 0;
    int side = (int)((narrow ? narrow_hz : wide_hz) / step), n = 2 * side + 1;
    for (int i = 0; i < n; i++) {
        power[i] = power_at(view, (i - side) * step, baud);
        double weight = fmax(log((double)power[i] / (double)view->floor + 1e-30), 0);
        sum += weight;
        moment += weight * i;
    }
    int middle = sum > 0 ? (int)lrint(moment / sum) : side;
    for (int k = 0; k < TRIED; k++) {
        int best = k % 2 ? strongest(power, 0, middle) : strongest(power, middle, n);
        best = best < 0 ? strongest(power, 0, n) : best;
        s->hz[k] = best < 0 ? s->hz[0] : (float)((best - side) * step);
        s->excess[k] = best < 0 ? 0 : power[best] / view->floor - 1;
        if (best >= 0)
            power[best] = 0;
    }
}

/* ---- what they look like ---------------------------------------------------------------- */

/* exp(-j 2 pi f n) of each tone for n from 0 to length - 1, in samples. */
struct phasors {
    float re[48][TRIED], im[48][TRIED];
};

static void make_phasors(const float *hz, int length, struct phasors *t)
{
    for (int l = 0; l < TRIED; l++) {
        double angle = -6.28318530717958647692 * (double)hz[l] / HZ_POCSAG_RATE_HZ;
        double c = cos(angle), d = sin(angle), re = 1, im = 0;
        for (int n = 0; n < length; n++) {
            double next = re * c - im * d;
            t->re[n][l] = (float)re;
            t->im[n][l] = (float)im;
            im = re * d + im * c;
            re = next;
        }
    }
}

/* Vector of half of the tones. The compiler splits wider vectors than the machine has badly. */
typedef float half __attribute__((vector_size(4 * TRIED / 2), aligned(4), may_alias));

static const half *at(const float *x, int side)
{
    return (const half *)(x + side * TRIED / 2);
}

/* Sums of a step's samples from each place on; each tone's phase is 0 at the first one. */
HZ_CLONES static void sum_steps(const float *iq, int places, int step, const struct phasors *t,
                                int side, float (*re)[TRIED], float (*im)[TRIED])
{
    for (int p = 0; p < places; p++) {
        half a = {0}, b = {0};
        for (int n = 0; n < step; n++) {
            float x = iq[2 * (p * step + n)], y = iq[2 * (p * step + n) + 1];
            const half *c = at(t->re[n], side), *d = at(t->im[n], side);
            a += x * *c - y * *d;
            b += x * *d + y * *c;
        }
        memcpy(re[p] + side * TRIED / 2, &a, sizeof a);
        memcpy(im[p] + side * TRIED / 2, &b, sizeof b);
    }
}

HZ_CLONES static void sum_bits(int places, int step, int steps, const struct phasors *t, int side,
                               float (*re)[TRIED], float (*im)[TRIED], float (*tone)[TRIED])
{
    for (int p = 0; p + steps <= places; p++) {
        half a = {0}, b = {0};
        for (int k = 0; k < steps; k++) {
            const half *c = at(t->re[k * step], side), *d = at(t->im[k * step], side);
            const half *x = at(re[p + k], side), *y = at(im[p + k], side);
            a += *x * *c - *y * *d;
            b += *x * *d + *y * *c;
        }
        half power = a * a + b * b;
        for (int l = 0; l < TRIED / 2; l++)
            tone[p][side * TRIED / 2 + l] = sqrtf(power[l]);
    }
}

/* The bits of one word or two: the places of those sent at the higher tone, then of those at the
 * lower one. */
struct word {
    int place[2 * BITS], high, bits;
};

/* out[n] = the sum over the word that begins at place n, of each bit's tone with its sign. */
HZ_CLONES static void correlate(float (*tone)[TRIED], const struct word *w, int count, int side,
                                float (*out)[TRIED])
{
    for (int n = 0; n < count; n++) {
        half high = {0}, low = {0};
        for (int k = 0; k < w->high; k++)
            high += *at(tone[n + w->place[k]], side);
        for (int k = w->high; k < w->bits; k++)
            low += *at(tone[n + w->place[k]], side);
        high -= low;
        memcpy(out[n] + side * TRIED / 2, &high, sizeof high);
    }
}

/* ---- what is a sync word ---------------------------------------------------------------- */

/* The search at one baud rate. */
struct look {
    struct hz_pocsag_sync *s;
    unsigned baud;
    int step, reach; /* samples; places that are a bit */
    int lead;        /* places of tone[] before the hop's first */
    int places;      /* of the hop */
    struct word preamble;
};

/* Distance in places from the first bit of a word to bit k, which may be negative. */
static int place_of(const struct look *l, int k)
{
    return (int)lrint(k * hz_pocsag_bit(l->baud) / l->step);
}

/* The bits from .. to - 1, by their places from bit -BITS on. */
static struct word word_of(const struct look *l, int from, int to)
{
    struct word w = {.bits = to - from};
    for (int k = from; k < to; k++)
        w.high += hz_pocsag_sync_sign(k) > 0;
    for (int k = from, high = 0, low = w.high; k < to; k++)
        w.place[hz_pocsag_sync_sign(k) > 0 ? high++ : low++] = place_of(l, k) - place_of(l, -BITS);
    return w;
}

struct pair {
    int high, low; /* the tone of the zeros of a usual transmitter, and of its ones */
};

static struct pair extremes(const float *a)
{
    struct pair p = {0, 0};
    for (int l = 1; l < TRIED; l++) {
        p.high = a[l] > a[p.high] ? l : p.high;
        p.low = a[l] < a[p.low] ? l : p.low;
    }
    return p;
}

static float spread(const float *a)
{
    float high = a[0], low = a[0];
    for (int l = 1; l < TRIED; l++) {
        high = a[l] > high ? a[l] : high;
        low = a[l] < low ? a[l] : low;
    }
    return high - low;
}

/* Likeness of a pair of tones to the bits from `from` on. */
static float likeness(const struct look *l, int n, struct pair pair, int from)
{
    float like = 0, sum = 0, power = 0;
    for (int k = from; k < BITS; k++) {
        const float *tone = l->s->tone[l->lead + n + place_of(l, k)];
        float x = tone[pair.high] - tone[pair.low];
        like += hz_pocsag_sync_sign(k) * x;
        sum += x;
        power += x * x;
    }
    float all = (float)(BITS - from) * power - sum * sum;
    return like / sqrtf(all > 1e-30f ? all : 1e-30f);
}

static bool possible(const struct look *l, struct pair pair)
{
    double a = (double)l->s->hz[pair.high], b = (double)l->s->hz[pair.low];
    double apart = fabs(a - b), centre = fabs(a + b) / 2;
    float high = l->s->excess[pair.high], low = l->s->excess[pair.low];
    float less = high < low ? high : low, more = high < low ? low : high;
    return apart >= least_apart_hz && apart <= most_apart_hz && centre <= farthest_hz &&
           less > stands_out && less > alike_in_power * more;
}

/* Likeness of the sync word for a pair; 0: below the thresholds. */
static float judge(const struct look *l, int n, struct pair pair)
{
    float alone = possible(l, pair) ? likeness(l, n, pair, 0) : 0;
    if (alone >= alike)
        return alone;
    return alone >= alike_after_preamble && likeness(l, n, pair, -BITS) >= with_preamble ? alone
                                                                                         : 0;
}

/* The pairs of tones with the largest metric of the word, and of preamble and word together. The
 * first is better for soft bits, whose alternations look like tones closer together; the second for
 * weak signals. */
static void find_pairs(const struct look *l, int n, struct pair pair[2])
{
    float both[TRIED], *word = l->s->word[n + l->reach];
    for (int side = 0; side < 2; side++)
        correlate(l->s->tone + n + l->reach, &l->preamble, 1, side, &both);
    for (int i = 0; i < TRIED; i++)
        both[i] += word[i];
    pair[0] = extremes(both);
    pair[1] = extremes(word);
}

static bool highest(const float *x, int reach)
{
    for (int i = -reach; i <= reach; i++)
        if (x[i] > x[0] || (i < 0 && x[i] == x[0]))
            return false;
    return true;
}

static size_t collect(const struct look *l, struct hz_pocsag_start *out, size_t n)
{
    struct hz_pocsag_sync *s = l->s;
    for (int i = 0; i < l->places; i++) {
        const float *m = s->match + i + l->reach;
        struct pair pair[2];
        if (!highest(m, l->reach))
            continue;
        find_pairs(l, i, pair);
        bool same = pair[0].high == pair[1].high && pair[0].low == pair[1].low;
        float bend = m[-1] + m[1] - 2 * m[0];
        double off = bend < 0 ? 0.5 * (double)((m[-1] - m[1]) / bend) : 0;
        double early = (grid[l->baud].length - hz_pocsag_bit(l->baud)) / 2;
        for (int k = same ? 1 : 0; k < 2; k++) {
            double a = (double)s->hz[pair[k].high], b = (double)s->hz[pair[k].low];
            struct hz_pocsag_start start = {
                (i + off) * l->step + early, l->baud, a < b, fmin(a, b), fmax(a, b), 0};
            start.likeness = judge(l, i, pair[k]);
            if (start.likeness > 0)
                n = hz_pocsag_sync_keep(out, n, &start);
        }
    }
    return n;
}

/* Searches all places at one baud rate; iq is the hop. */
static size_t find(struct hz_pocsag_sync *s, unsigned baud, const float *iq,
                   struct hz_pocsag_start *out, size_t n)
{
    struct phasors phasors;
    int step = grid[baud].step, steps = grid[baud].length / step;
    struct look l = {.s = s,
                     .baud = baud,
                     .step = step,
                     .reach = (int)hz_pocsag_bit(baud) / step,
                     .places = HZ_POCSAG_HOP / step};
    l.places += HZ_POCSAG_HOP % step != 0;
    l.lead = -place_of(&l, -BITS) + l.reach;
    int count = l.places + 2 * l.reach,
        all = l.lead + l.places + l.reach + place_of(&l, BITS) + steps;
    struct word sync = word_of(&l, 0, BITS);
    l.preamble = word_of(&l, -BITS, 0);
    make_phasors(s->hz, grid[baud].length, &phasors);
    for (int side = 0; side < 2; side++) {
        sum_steps(iq - 2 * l.lead * step, all, step, &phasors, side, s->re, s->im);
        sum_bits(all, step, steps, &phasors, side, s->re, s->im, s->tone);
        correlate(s->tone, &sync, count, side, s->word);
    }
    for (int i = 0; i < count; i++)
        s->match[i] = spread(s->word[i]);
    return collect(&l, out, n);
}

size_t hz_pocsag_sync_find(struct hz_pocsag_sync *s, const float *iq,
                           const struct hz_fsk_view *view, bool narrow,
                           struct hz_pocsag_start out[HZ_POCSAG_STARTS])
{
    size_t n = 0, before = HZ_POCSAG_SYNC_BEFORE;
    if (narrow) {
        hz_pocsag_narrow_run(&s->narrow, iq - 2 * before, HZ_POCSAG_SYNC_SPAN, s->filtered);
        iq = s->filtered + 2 * before;
    }
    for (unsigned baud = 0; baud < HZ_POCSAG_BAUDS; baud++) {
        choose(s, view, narrow, baud);
        n = find(s, baud, iq, out, n);
    }
    return n;
}
