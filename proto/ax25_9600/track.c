#include "proto/ax25_9600/track.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    BIT = HZ_G3RUH_BIT,
    BLOCK = 8, /* bits whose carriers are summed up */
    BLOCKS = HZ_G3RUH_CHUNK / BLOCK,
    LEAD = 3 * BIT /* samples of a span before its first bit */
};

static const double two_pi = 6.28318530717958647692;
static const double baud = 9600;
static const double least_deviation_hz = 2000, most_deviation_hz = 4800;
static const float bt = 0.5f;          /* shape of the frequency's edges */
static const float least_share = 0.3f; /* of the power, which a transmission has */
static const float stands_out = 2.0f;
/* The detector's memory of the carrier's phase. Where the noise is so far below the signal (both in
 * the sample rate), little is lost by a short one, and it follows the phase through a fade. */
static const float long_memory = 0.9f, short_memory = 0.45f, clear = 5;
/* Error of the modulation index, measured over a chunk, that may be chance. */
static const float whole = 0.9f; /* of its share: a chunk that is filled by the transmission */
static const double h_chance = 0.02;
static const double freq_gain = 0.7, drift_gain = 0.25, at_gain = 0.5;
/* Errors, in cycles per sample and in samples, from which a chunk is run again without them. */
static const double freq_off = 40.0 / HZ_G3RUH_RATE_HZ, at_off = 0.5;

static double h_of(unsigned deviation)
{
    double step = pow(most_deviation_hz / least_deviation_hz, 1.0 / (HZ_G3RUH_DEVIATIONS - 1));
    return 2 * least_deviation_hz * pow(step, deviation) / baud;
}

static struct hz_cpm *engine(unsigned deviation, unsigned states_log2, float memory, size_t bits)
{
    struct hz_cpm_mode mode = {.samples_per_bit = BIT,
                               .h = h_of(deviation),
                               .bt = (double)bt,
                               .states_log2 = states_log2,
                               .memory = memory};
    return hz_cpm_new(&mode, bits);
}

int hz_g3ruh_track_init(struct hz_g3ruh_track *t)
{
    t->follow = engine(0, 4, long_memory, HZ_G3RUH_RUN);
    for (unsigned d = 0; d < HZ_G3RUH_DEVIATIONS; d++) {
        t->search[d] = engine(d, 2, 0.6f, HZ_G3RUH_SEARCH_BITS);
        if (!t->search[d] || !t->follow) {
            hz_g3ruh_track_done(t);
            return -ENOMEM;
        }
    }
    return 0;
}

void hz_g3ruh_track_done(struct hz_g3ruh_track *t)
{
    for (unsigned d = 0; d < HZ_G3RUH_DEVIATIONS; d++) {
        hz_cpm_free(t->search[d]);
        t->search[d] = NULL;
    }
    hz_cpm_free(t->follow);
    t->follow = NULL;
}

/* One hypothesis of a search. */
struct guess {
    double freq, at;
    unsigned deviation;
    float metric;
};

/* Tries timings at - step * count/2 ... at one frequency and deviation; keeps the best. */
static void try_at(struct hz_g3ruh_track *t, const float *iq, struct guess g, const double *at,
                   size_t count, struct guess *best)
{
    struct hz_cpm *c = t->search[g.deviation];
    struct hz_cpm_tune tune = {g.freq, 0};
    hz_cpm_mix(iq, HZ_G3RUH_SEARCH, &tune, t->mixed);
    for (size_t i = 0; i < count; i++) {
        hz_cpm_begin(c, t->mixed, HZ_G3RUH_SEARCH, at[i]);
        g.at = at[i];
        g.metric = hz_cpm_run(c, NULL, HZ_G3RUH_SEARCH_BITS);
        if (g.metric > best->metric)
            *best = g;
    }
}

void hz_g3ruh_search(struct hz_g3ruh_track *t, const float *iq, double freq,
                     struct hz_g3ruh_lock *lock)
{
    static const double every[] = {1, 2, 3, 4, 5};
    const double wide = 300.0 / HZ_G3RUH_RATE_HZ, narrow = 100.0 / HZ_G3RUH_RATE_HZ;
    struct guess best = {freq, 1, 3, 0};
    for (int k = -2; k <= 2; k++)
        try_at(t, iq, (struct guess){.freq = freq + k * wide, .deviation = 3}, every, 5, &best);
    for (unsigned d = 0; d < HZ_G3RUH_DEVIATIONS; d++) {
        struct guess g = {.freq = best.freq, .deviation = d};
        if (d != 3)
            try_at(t, iq, g, &best.at, 1, &best);
    }
    const double near[] = {best.at - 0.5, best.at, best.at + 0.5};
    struct guess middle = best;
    for (int k = -1; k <= 1; k++) {
        struct guess g = {.freq = middle.freq + k * narrow, .deviation = middle.deviation};
        try_at(t, iq, g, k ? &near[1] : near, k ? 1 : 3, &best);
    }
    *lock = (struct hz_g3ruh_lock){.at = best.at, .freq = best.freq, .h = h_of(best.deviation)};
}

double hz_g3ruh_track_from(const struct hz_g3ruh_lock *lock)
{
    return lock->at - HZ_G3RUH_BEFORE * BIT - LEAD;
}

/* The carrier of a chunk's bits, in blocks. */
struct carrier {
    float re[BLOCKS], im[BLOCKS];
    float blocks, bits; /* sums of the squares: of blocks, of bits */
    float h_off;        /* how far the modulation index is off */
};

/* From the middle of a bit to that of the next, the modulation turns the carrier by pi h, 0 or
 * -pi h: what is left of that turn is pi times the error of h. */
static float h_error(const float *carrier, const uint8_t *level)
{
    float along = 0, across = 0;
    for (size_t k = 1; k < HZ_G3RUH_CHUNK; k++) {
        const float *x = carrier + 2 * k, *was = x - 2;
        if (level[k] != level[k - 1])
            continue;
        float turned = x[1] * was[0] - x[0] * was[1];
        along += x[0] * was[0] + x[1] * was[1];
        across += level[k] ? turned : -turned;
    }
    return along > 0 ? atan2f(across, along) / (float)(two_pi / 2) : 0;
}

static void measure(struct hz_cpm *c, const uint8_t *level, const float *iq, double start,
                    struct carrier *out)
{
    float carrier[2 * HZ_G3RUH_RUN];
    hz_cpm_begin(c, iq, HZ_G3RUH_SPAN, start);
    hz_cpm_carrier(c, level, HZ_G3RUH_RUN, carrier);
    out->blocks = out->bits = 0;
    for (size_t b = 0; b < BLOCKS; b++) {
        const float *x = carrier + 2 * (HZ_G3RUH_BEFORE + b * BLOCK);
        out->re[b] = out->im[b] = 0;
        for (size_t k = 0; k < 2 * BLOCK; k += 2) {
            out->re[b] += x[k];
            out->im[b] += x[k + 1];
            out->bits += x[k] * x[k] + x[k + 1] * x[k + 1];
        }
        out->blocks += out->re[b] * out->re[b] + out->im[b] * out->im[b];
    }
    out->h_off = h_error(carrier + 2 * HZ_G3RUH_BEFORE, level + HZ_G3RUH_BEFORE);
}

/* How far the frequency is off, in cycles per sample: the turn from block to block. */
static double freq_error(const struct carrier *m)
{
    double re = 0, im = 0;
    for (size_t b = 1; b < BLOCKS; b++) {
        re += (double)(m->re[b] * m->re[b - 1] + m->im[b] * m->im[b - 1]);
        im += (double)(m->im[b] * m->re[b - 1] - m->re[b] * m->im[b - 1]);
    }
    return atan2(im, re) / (two_pi * BLOCK * BIT);
}

/* The top of a parabola through the strengths a sample earlier, there, and a sample later. */
static double at_error(float early, float middle, float late)
{
    double bend = (double)(early - 2 * middle + late);
    double top = bend < 0 ? 0.5 * (double)(early - late) / bend : 0;
    return top < -1 ? -1 : top > 1 ? 1 : top;
}

/* A block of eight carriers of amplitude A in noise of variance v has 64 A^2 + 8 v, the bits by
 * themselves 8 A^2 + 8 v. */
static void strengths(const struct carrier *m, const float *iq, struct hz_g3ruh_chunk *out)
{
    float gain = BIT * BIT * (BLOCK * BLOCK - BLOCK), total = 0;
    float signal = (m->blocks - m->bits) / (BLOCKS * gain);
    out->line.signal = fmaxf(signal, 0);
    out->line.noise = fmaxf(m->bits / (BLOCKS * BLOCK) - out->line.signal * BIT * BIT, 0) / BIT;
    iq += 2 * (LEAD + HZ_G3RUH_BEFORE * BIT);
    for (int i = 0; i < 2 * HZ_G3RUH_CHUNK * BIT; i++)
        total += iq[i] * iq[i];
    out->power = total / (HZ_G3RUH_CHUNK * BIT);
    out->share = total > 0 ? out->line.signal / out->power : 0;
    const size_t per = HZ_AX25_PART / BLOCK;
    for (size_t p = 0; p < BLOCKS / per; p++) {
        float sum = 0;
        for (size_t b = p * per; b < (p + 1) * per; b++)
            sum += m->re[b] * m->re[b] + m->im[b] * m->im[b];
        out->line.part[p] = sum / (float)(per * BLOCK * BLOCK * BIT * BIT);
    }
}

struct off {
    double freq, at, h;
};

/* Sparks: what stands out of the span's mean amplitude is cut off. */
static void limit(float *iq)
{
    float sum = 0;
    for (int i = 0; i < 2 * HZ_G3RUH_SPAN; i += 2)
        sum += sqrtf(iq[i] * iq[i] + iq[i + 1] * iq[i + 1]);
    float most = stands_out * sum / HZ_G3RUH_SPAN;
    for (int i = 0; i < 2 * HZ_G3RUH_SPAN; i += 2) {
        float power = iq[i] * iq[i] + iq[i + 1] * iq[i + 1];
        if (power > most * most) {
            float gain = most / sqrtf(power);
            iq[i] *= gain;
            iq[i + 1] *= gain;
        }
    }
}

/* One run of the detector over a chunk and what it shows. */
static struct off run(struct hz_g3ruh_track *t, const float *iq, double start, double freq,
                      double drift, struct hz_g3ruh_chunk *out)
{
    struct hz_cpm *c = t->follow;
    struct carrier early, middle, late;
    uint8_t level[HZ_G3RUH_RUN];
    const double half = (HZ_G3RUH_BEFORE + HZ_G3RUH_CHUNK / 2) * BIT;
    struct hz_cpm_tune tune = {freq - drift * half, drift};
    hz_cpm_mix(iq, HZ_G3RUH_SPAN, &tune, t->mixed);
    limit(t->mixed);
    hz_cpm_begin(c, t->mixed, HZ_G3RUH_SPAN, start);
    hz_cpm_run(c, NULL, HZ_G3RUH_RUN);
    hz_cpm_trace(c, level);
    memcpy(out->line.level, level + HZ_G3RUH_BEFORE, sizeof out->line.level);
    out->line.events = hz_cpm_events(c, HZ_G3RUH_BEFORE, out->line.event, HZ_AX25_EVENTS);
    measure(c, level, t->mixed, start - 1, &early);
    measure(c, level, t->mixed, start, &middle);
    measure(c, level, t->mixed, start + 1, &late);
    strengths(&middle, t->mixed, out);
    return (struct off){freq_error(&middle), at_error(early.blocks, middle.blocks, late.blocks),
                        middle.h_off};
}

/* Events that end in the overlap belong to the next chunk. */
static void rebase_events(struct hz_ax25_chunk *c)
{
    size_t kept = 0;
    for (size_t i = 0; i < c->events; i++) {
        struct hz_cpm_event e = c->event[i];
        if (e.last >= HZ_G3RUH_BEFORE + HZ_G3RUH_CHUNK)
            continue;
        e.last -= HZ_G3RUH_BEFORE;
        c->event[kept++] = e;
    }
    c->events = kept;
}

/* Sets another modulation index when it is off by more than may be chance. */
static bool adjust(struct hz_g3ruh_lock *lock, double off, float share)
{
    lock->share = fmaxf(lock->share, share);
    if (share < whole * lock->share)
        return false;
    lock->h_off += off;
    lock->h_seen++;
    double mean = lock->h_off / lock->h_seen;
    if (fabs(mean) * sqrt(lock->h_seen) < h_chance)
        return false;
    double h = fmin(fmax(lock->h + mean, h_of(0)), h_of(HZ_G3RUH_DEVIATIONS - 1));
    bool other = h != lock->h;
    lock->h = h;
    lock->h_off = lock->h_seen = 0;
    return other;
}

void hz_g3ruh_track_run(struct hz_g3ruh_track *t, const float *iq, uint64_t first,
                        struct hz_g3ruh_lock *lock, struct hz_g3ruh_chunk *out)
{
    const double length = HZ_G3RUH_CHUNK * BIT;
    uint64_t from = (uint64_t)hz_g3ruh_track_from(lock);
    double at = lock->at, freq = lock->freq + lock->drift * length / 2;
    iq += 2 * (from - first);
    double bits = HZ_G3RUH_BEFORE * BIT + (double)from; /* from bit 0 to `at` in the span */
    out->runs = 1;
    const float memory = lock->clear ? short_memory : long_memory;
    hz_cpm_adapt(t->follow, lock->h, memory, BIT);
    struct off off = run(t, iq, at - bits, freq, lock->drift, out);
    bool good = hz_g3ruh_chunk_good(out);
    bool other_h = good && adjust(lock, off.h, out->share);
    if (good && (fabs(off.freq) > freq_off || fabs(off.at) > at_off || other_h)) {
        hz_cpm_adapt(t->follow, lock->h, memory, BIT);
        freq += off.freq;
        at += off.at;
        out->runs = 2;
        struct off more = run(t, iq, at - bits, freq, lock->drift, out);
        off.freq += more.freq;
        off.at += more.at;
    }
    out->line.start = at;
    out->line.freq = freq;
    rebase_events(&out->line);
    lock->clear = out->line.signal > clear * out->line.noise;
    double expected = lock->freq + lock->drift * length / 2;
    if (good) {
        lock->drift += drift_gain * off.freq / length;
        lock->freq = expected + freq_gain * off.freq;
        lock->at += at_gain * off.at;
    } else {
        lock->freq = expected;
    }
    lock->freq += lock->drift * length / 2;
    lock->at += length;
}

bool hz_g3ruh_chunk_good(const struct hz_g3ruh_chunk *c)
{
    return c->share > least_share;
}

/* Half of scrambled levels differ from the one before and from the one before that, give or take
 * 3 % (one sigma). */
bool hz_g3ruh_chunk_scrambled(const struct hz_g3ruh_chunk *c, int from)
{
    const int count = HZ_G3RUH_CHUNK - from;
    for (int lag = 1; lag <= 2; lag++) {
        int differ = 0;
        for (int i = from + lag; i < HZ_G3RUH_CHUNK; i++)
            differ += c->line.level[i] != c->line.level[i - lag];
        if (abs(differ - count / 2) > count / 7)
            return false;
    }
    return true;
}
