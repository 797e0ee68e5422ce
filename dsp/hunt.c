#include "dsp/hunt_own.h"

#include "dsp/clones.h"
#include "dsp/lanes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    GROUP = 100,   /* bins */
    RELEARN = 8,   /* age of floors that have followed such a change */
    LASTS = 3,     /* blocks in a row after which a change of the whole band counts */
    GONE = 25,     /* blocks of silence after which a carrier has ended */
    BESIDE = 3,    /* groups into which a spur leaks */
    PEAKS_MAX = 16 /* strong cells whose skirts are drawn */
};

#define FOLLOW   (1 / 256.0f) /* coefficient of the floor's one-pole filter */
#define FALLEN   0.5f         /* of the floor: noise never is so low; the floor falls at once */
#define STEP     1.5f         /* of the floor: the most that a cell counts for it */
#define STRONG   12.0f        /* excess from which a cell has a skirt */
#define SKIRT    0.7f         /* of that excess, one group beside it; falls with the square */
#define RAISED   1.3f   /* most of the band, against its floors, when it is taken to be raised, */
#define LINE     0.6f   /* of a group's power, in two bins: a carrier without keying */
#define LOWEST   1e-20f /* floor, full scale 1: of samples that are nothing but zeros */
#define SPREAD   0.05f  /* of noise: three tenths of the groups are so much under the mean */
#define LOWERED  0.77f  /* or lowered */
#define CAP_CELL 400.0f /* excess of a cell that counts in its own block, */
#define CAP_MEAN 1.0f   /* and in the means over several */
#define LEVEL    0.1f   /* coefficient of the mean power of a group */
/* A block after missing ones has zeros in a fifth of its samples (the overlap). */
#define TORN 1.25f

static bool allocate(struct hz_hunt *h)
{
    size_t n = h->n + 1;
    bool all = true;
    h->power = calloc(n, sizeof *h->power);
    h->floor = calloc(n, sizeof *h->floor);
    h->ratio = calloc(n, sizeof *h->ratio);
    h->level = calloc(n, sizeof *h->level);
    h->still = calloc(n, sizeof *h->still);
    h->held = calloc(n, sizeof *h->held);
    h->hold = calloc(n, sizeof *h->hold);
    h->gone = calloc(n, sizeof *h->gone);
    h->prefix = calloc(n + 1, sizeof *h->prefix);
    for (size_t i = 0; i < HZ_HUNT_RING; i++)
        all = (h->ring[i] = calloc(n, sizeof **h->ring)) && all;
    for (size_t i = 0; i < 3; i++) {
        h->sum[i] = calloc(n, sizeof **h->sum);
        h->left[i] = calloc(n, sizeof **h->left);
        all = h->sum[i] && h->left[i] && all;
    }
    return all && h->power && h->floor && h->ratio && h->level && h->still && h->held && h->hold &&
           h->gone && h->prefix;
}

struct hz_hunt *hz_hunt_new(const struct hz_band *band)
{
    struct hz_hunt *h = calloc(1, sizeof *h);
    if (!h)
        return NULL;
    double middle = hz_band_middle(band), bins = (double)hz_band_bins(band);
    /* whole groups on both sides of the middle */
    h->below = (size_t)((middle - hz_band_low(band)) / HZ_HUNT_GROUP_HZ);
    h->n = h->below + (size_t)((hz_band_high(band) - middle) / HZ_HUNT_GROUP_HZ);
    h->low_hz = middle - (double)h->below * HZ_HUNT_GROUP_HZ;
    h->has_centre = fabs(middle) < HZ_BAND_BIN_HZ / 2.0;
    h->scale = (float)(1 / (bins * bins));
    if (allocate(h))
        return h;
    hz_hunt_free(h);
    return NULL;
}

void hz_hunt_free(struct hz_hunt *h)
{
    if (!h)
        return;
    for (size_t i = 0; i < HZ_HUNT_RING; i++)
        free(h->ring[i]);
    for (size_t i = 0; i < 3; i++) {
        free(h->sum[i]);
        free(h->left[i]);
    }
    free(h->power);
    free(h->floor);
    free(h->ratio);
    free(h->level);
    free(h->still);
    free(h->held);
    free(h->hold);
    free(h->gone);
    free(h->prefix);
    free(h);
}

void hz_hunt_forget(struct hz_hunt *h, int low, int high)
{
    size_t from = low > 0 ? (size_t)low : 0;
    size_t to = (size_t)high < h->n ? (size_t)high + 1 : h->n;
    for (size_t i = 0; i < HZ_HUNT_RING; i++)
        memset(h->ring[i] + from, 0, (to - from) * sizeof **h->ring);
    for (size_t i = 1; i < 3; i++)
        memset(h->sum[i] + from, 0, (to - from) * sizeof **h->sum);
}

void hz_hunt_reset(struct hz_hunt *h)
{
    hz_hunt_forget(h, 0, (int)h->n);
    memset(h->open, 0, sizeof h->open);
    memset(h->held, 0, h->n * sizeof *h->held);
    memset(h->hold, 0, h->n * sizeof *h->hold);
    h->begun = false;
}

/* ---- cells ------------------------------------------------------------------------------ */

/* Power of n groups of bins, which lie one behind the other at x. */
HZ_CLONES static void powers(const float *x, size_t n, float *restrict power)
{
    for (size_t g = 0; g < n; g++, x += 2 * GROUP) {
        hz_eight a = {0}, b = {0}, c = {0}, d = {0}, e = {0};
        for (size_t i = 0; i < 2 * GROUP; i += 40) {
            const hz_eight *v = (const hz_eight *)(x + i);
            a += v[0] * v[0];
            b += v[1] * v[1];
            c += v[2] * v[2];
            d += v[3] * v[3];
            e += v[4] * v[4];
        }
        a += b + c + d + e;
        power[g] = ((a[0] + a[1]) + (a[2] + a[3])) + ((a[4] + a[5]) + (a[6] + a[7]));
    }
}

static void measure(struct hz_hunt *h, const struct hz_spectrum *x)
{
    powers(x->bins + 2 * (x->n - h->below * GROUP), h->below, h->power);
    powers(x->bins, h->n - h->below, h->power + h->below);
    /* the offset of a receiver's converters is a line in bin 0, and nothing that is sent */
    if (h->has_centre && h->below < h->n)
        h->power[h->below] -= x->bins[0] * x->bins[0] + x->bins[1] * x->bins[1];
}

HZ_CLONES static void divide(const float *restrict power, const float *restrict floor, size_t n,
                             float *restrict ratio)
{
    for (size_t g = 0; g < n; g++)
        ratio[g] = power[g] / floor[g];
}

HZ_CLONES static int count_over(const float *ratio, size_t n, float least)
{
    int count = 0;
    for (size_t g = 0; g < n; g++)
        count += ratio[g] > least;
    return count;
}

/* The ratio that so many groups exceed, within 1 %. */
static float exceeded_by(const float *ratio, size_t n, size_t groups)
{
    float low = 0, high = 1;
    while (count_over(ratio, n, high) > (int)groups && high < 1e12f)
        high *= 4;
    while (high - low > 0.01f * high && high > 1e-12f) {
        float middle = (low + high) / 2;
        if (count_over(ratio, n, middle) > (int)groups)
            low = middle;
        else
            high = middle;
    }
    return high;
}

/* By how much most of the band is over its floors, or under them; 1: as it should be. */
static float common_ratio(const struct hz_hunt *h)
{
    float ratio = 1;
    if (count_over(h->ratio, h->n, RAISED) > (int)(h->n / 4))
        ratio = exceeded_by(h->ratio, h->n, h->n * 7 / 10) / (1 - SPREAD);
    else if (count_over(h->ratio, h->n, LOWERED) < (int)(h->n / 4))
        ratio = exceeded_by(h->ratio, h->n, h->n * 3 / 10) / (1 + SPREAD);
    return ratio > RAISED || ratio < LOWERED ? ratio : 1;
}

/* What raises most of the band is no burst: it is divided out, and when it lasts, the floors follow
 * at once. A band that is lower says nothing for as long: perhaps samples are missing. */
static void level_out(struct hz_hunt *h)
{
    float ratio = common_ratio(h);
    bool up = ratio > 1, other = up || ratio < 1;
    h->stats.raised += up;
    h->levels = other && up == h->up ? h->levels + 1 : other;
    h->up = up;
    for (size_t g = 0; other && g < h->n; g++) {
        h->ratio[g] = up ? h->ratio[g] / ratio : 1;
        h->still[g] = HZ_HUNT_STILL;
    }
    for (size_t g = 0; h->levels == LASTS && g < h->n; g++)
        h->floor[g] *= ratio;
    if (h->levels < LASTS)
        return;
    h->levels = 0;
    h->age = h->age < RELEARN ? h->age : RELEARN;
}

/* Where keying a strong signal spreads its power, nothing else is seen. */
static void hide_skirts(struct hz_hunt *h)
{
    for (int k = 0; k < PEAKS_MAX; k++) {
        size_t peak = 0;
        float most = 0;
        for (size_t g = 0; g < h->n; g++) {
            if (h->ratio[g] > most && h->still[g] != HZ_HUNT_PEAK) {
                most = h->ratio[g];
                peak = g;
            }
        }
        if (most - 1 < STRONG)
            return;
        h->still[peak] = HZ_HUNT_PEAK;
        for (size_t g = 0; g < h->n; g++) {
            float d = (float)g - (float)peak, skirt = SKIRT * (most - 1) / (d * d);
            if (h->still[g] == HZ_HUNT_PEAK || h->ratio[g] - 1 > skirt)
                continue;
            if (skirt > 0.02f)
                h->still[g] = HZ_HUNT_STILL;
            h->ratio[g] = fminf(h->ratio[g], 1);
        }
    }
}

/* The excess of the cells of this block as integers, and the sums over the last blocks. */
HZ_CLONES static void count_cells(const float *restrict ratio, size_t n, int32_t *restrict now,
                                  int32_t *restrict sum8, int32_t *restrict sum32,
                                  const int16_t *restrict eighth, int16_t *restrict oldest)
{
    for (size_t g = 0; g < n; g++) {
        float e = ratio[g] - 1;
        float cell = e < CAP_CELL ? e : CAP_CELL, mean = e < CAP_MEAN ? e : CAP_MEAN;
        int32_t fresh = (int32_t)(mean * HZ_HUNT_ONE);
        now[g] = (int32_t)(cell * HZ_HUNT_ONE);
        sum8[g] += fresh - eighth[g];
        sum32[g] += fresh - oldest[g];
        oldest[g] = (int16_t)fresh;
    }
}

/* ---- floors ----------------------------------------------------------------------------- */

/* Whether most of a group's power is a line: a carrier that nobody keys. It may lie between two
 * bins. */
static bool is_line(const struct hz_hunt *h, const struct hz_spectrum *x, size_t g)
{
    size_t from = (x->n + g * GROUP - h->below * GROUP) % x->n;
    const float *v = x->bins + 2 * from;
    float most = 0, before = 0;
    for (size_t i = 0; i < GROUP; i++) {
        float p = v[2 * i] * v[2 * i] + v[2 * i + 1] * v[2 * i + 1];
        most = fmaxf(most, p + before);
        before = p;
    }
    return most > LINE * h->power[g];
}

/* The first block: the floors are its noise. A line that is there already is a spur of the
 * receiver, and its own floor. */
static void begin_floors(struct hz_hunt *h, const struct hz_spectrum *x)
{
    float group = fmaxf(x->noise * (float)GROUP / h->scale, LOWEST / h->scale);
    for (size_t g = 0; g < h->n; g++)
        h->floor[g] = h->level[g] = group;
    for (size_t g = 0; g < h->n; g++) {
        size_t from = g > BESIDE ? g - BESIDE : 0, to = g + BESIDE < h->n ? g + BESIDE : h->n - 1;
        if (h->power[g] < STEP * group || !is_line(h, x, g))
            continue;
        for (size_t k = from; k <= to; k++) /* what it leaks */
            h->floor[k] = fmaxf(h->floor[k], fminf(h->power[k], h->power[g]));
    }
    h->begun = true;
    h->age = 0;
}

/* Lets the floors follow, but where something was found in this block. */
HZ_CLONES static void follow(const float *restrict power, const uint8_t *restrict still, size_t n,
                             float by, float lowest, float *restrict floor, float *restrict level)
{
    for (size_t g = 0; g < n; g++) {
        float f = floor[g], p = power[g], most = STEP * f;
        float step = p < FALLEN * f ? 0.5f : by;
        p = p < most ? p : most;
        level[g] += LEVEL * (power[g] - level[g]);
        f = still[g] ? f : f + step * (p - f);
        floor[g] = f > lowest ? f : lowest;
    }
}

/* Groups under a candidate, and those whose floor is a carrier's level. */
static void keep_still(struct hz_hunt *h, uint64_t b)
{
    for (size_t i = 0; i < HZ_HUNT_OPEN_MAX; i++) {
        const struct hz_hunt_candidate *c = &h->open[i];
        for (int g = c->low - 2; c->id && g <= c->high + 2; g++) {
            if (g >= 0 && g < (int)h->n)
                h->still[g] = HZ_HUNT_STILL;
        }
    }
    for (size_t g = 0; g < h->n; g++) {
        if (h->held[g] <= b)
            continue;
        h->gone[g] = h->power[g] < FALLEN * h->floor[g] ? h->gone[g] + 1 : 0;
        if (h->gone[g] >= GONE)
            h->held[g] = b; /* the carrier has ended */
        else
            h->still[g] = HZ_HUNT_STILL;
    }
}

static void move_floors(struct hz_hunt *h, uint64_t b)
{
    float by = 1 / (float)(h->age + 2);
    keep_still(h, b);
    follow(h->power, h->still, h->n, by > FOLLOW ? by : FOLLOW, LOWEST / h->scale, h->floor,
           h->level);
    h->age++;
}

struct hz_hunt_stats hz_hunt_stats(const struct hz_hunt *h)
{
    struct hz_hunt_stats stats = h->stats;
    float middle = h->begun ? exceeded_by(h->floor, h->n, h->n / 2) * h->scale : 0;
    stats.floor_db = 10 * log10f(fmaxf(middle, LOWEST));
    return stats;
}

/* ---- the stream ------------------------------------------------------------------------- */

size_t hz_hunt_push(struct hz_hunt *h, const struct hz_spectrum *x, struct hz_hunt_event *events)
{
    size_t n = 0, at = x->block % HZ_HUNT_RING;
    bool torn = !h->begun || x->block != h->block;
    if (torn && h->begun) {
        n = hz_hunt_end_all(h, h->block, events);
        hz_hunt_forget(h, 0, (int)h->n);
    }
    measure(h, x);
    for (size_t g = 0; torn && g < h->n; g++)
        h->power[g] *= TORN;
    if (!h->begun)
        begin_floors(h, x);
    divide(h->power, h->floor, h->n, h->ratio);
    h->block = x->block + 1;
    memset(h->still, HZ_HUNT_MOVES, h->n);
    level_out(h);
    hide_skirts(h);
    count_cells(h->ratio, h->n, h->sum[0], h->sum[1], h->sum[2],
                h->ring[(at + HZ_HUNT_RING - HZ_HUNT_SHORT) % HZ_HUNT_RING], h->ring[at]);
    hz_hunt_look(h);
    n += hz_hunt_track(h, x->block, events + n);
    move_floors(h, x->block);
    return n;
}
