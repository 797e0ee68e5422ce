#include "proto/packet/g3ruh/track.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    BIT = HZ_G3RUH_BIT,
    BLOCK = 8, /* bits over which the carrier is summed */
    BLOCKS = HZ_G3RUH_CHUNK / BLOCK,
    LEAD = 3 * BIT /* samples of a span before its first bit */
};

static const double two_pi = 6.28318530717958647692;
static const float least_fraction = 0.3f; /* least fraction of signal power in a transmission */
static const float stands_out = 2.0f;
static const double least_bit = BIT * (1 - HZ_G3RUH_CLOCK_OFF);
static const double most_bit = BIT * (1 + HZ_G3RUH_CLOCK_OFF);
/* Memory a of the phase reference (dsp/cpm.h). If the noise is so far below the signal (both in the
 * sample rate) a short memory costs little, and it follows the phase through a fade. */
static const float long_memory = 0.85f, short_memory = 0.45f, clear = 5;
/* Fraction of the largest signal power, above which nearly all of a chunk belongs to the
 * transmission.
 */
static const float fills = 0.8f;
/* Error of the modulation index over a chunk that may be chance. */
static const float whole = 0.9f; /* of its fraction: a chunk that is filled by the transmission */
static const double h_chance = 0.02;
/* Largest change of the modulation index from the search's estimate, which is right to 6 % (two
 * standard deviations, at 2 dB). */
static const double h_moves = 0.1;
static const double freq_gain = 0.7, drift_gain = 0.25;
/* A chunk is run again with a corrected carrier if its error is larger, in cycles per sample. */
static const double freq_off = 40.0 / HZ_G3RUH_RATE_HZ;
/* Change of the carrier between the halves of a chunk that is a chirp at key-up (noise at 3 dB: 30
 * Hz). */
static const double freq_bends = 100.0 / HZ_G3RUH_RATE_HZ;
/* The clock is followed in the chunk; the carrier is measured over it. */
static const struct hz_cpm_gains gains = {0.01f, 3e-5f, 0.001f};

int hz_g3ruh_track_init(struct hz_g3ruh_track *t)
{
    struct hz_cpm_mode mode = {.samples_per_bit = BIT,
                               .h = hz_g3ruh_h(3000, BIT),
                               .bt = 0.5,
                               .states_log2 = 4,
                               .memory = long_memory};
    t->follow = hz_cpm_new(&mode, HZ_G3RUH_RUN);
    if (t->follow && hz_g3ruh_search_init(&t->search) == 0)
        return 0;
    hz_g3ruh_track_done(t);
    return -ENOMEM;
}

void hz_g3ruh_track_done(struct hz_g3ruh_track *t)
{
    hz_g3ruh_search_done(&t->search);
    hz_cpm_free(t->follow);
    t->follow = NULL;
}

double hz_g3ruh_track_from(const struct hz_g3ruh_lock *lock)
{
    return lock->now.at - HZ_G3RUH_BEFORE * lock->now.bit - LEAD;
}

/* The carrier of a chunk's bits, in blocks. */
struct carrier {
    float re[BLOCKS], im[BLOCKS];
    float blocks, bits; /* sums of the squares: of blocks, of bits */
    float h_off;        /* error of the modulation index */
};

/* From the middle of a bit to that of the next, the modulation turns the carrier by pi h, 0 or -pi
 * h. The rest of the phase step is pi times the error of h. */
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

static void measure(struct hz_cpm *c, const uint8_t *level, struct carrier *out)
{
    float carrier[2 * HZ_G3RUH_RUN];
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

/* Error of the frequency in the blocks from .. to-1, in cycles per sample, from the phase steps
 * between blocks. */
static double freq_error(const struct carrier *m, size_t from, size_t to)
{
    double re = 0, im = 0;
    for (size_t b = from + 1; b < to; b++) {
        re += (double)(m->re[b] * m->re[b - 1] + m->im[b] * m->im[b - 1]);
        im += (double)(m->im[b] * m->re[b - 1] - m->re[b] * m->im[b - 1]);
    }
    return atan2(im, re) / (two_pi * BLOCK * BIT);
}

/* Difference of that error between the second half of the chunk and the first. */
static double freq_bend(const struct carrier *m)
{
    return freq_error(m, BLOCKS / 2, BLOCKS) - freq_error(m, 0, BLOCKS / 2);
}

/* A block of eight bits of amplitude A in noise of variance v has the power 64 A^2 + 8 v; the eight
 * bits separately have 8 A^2 + 8 v. The two equations give A and v. */
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
    out->fraction = total > 0 ? out->line.signal / out->power : 0;
    const size_t per = HZ_AX25_PART / BLOCK;
    for (size_t p = 0; p < BLOCKS / per; p++) {
        float sum = 0;
        for (size_t b = p * per; b < (p + 1) * per; b++)
            sum += m->re[b] * m->re[b] + m->im[b] * m->im[b];
        out->line.part[p] = sum / (float)(per * BLOCK * BLOCK * BIT * BIT);
    }
}

/* Results of a run: the errors of its assumptions, and the clock at the chunk's end. */
struct off {
    double freq, bend, h;
    struct hz_cpm_place next;
};

/* Clips impulses: samples far above the span's mean amplitude. */
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

/* One run of the detector over a chunk and what it estimates; `start` is the chunk's first bit in
 * iq. */
static struct off run(struct hz_g3ruh_track *t, const float *iq, double start, double freq,
                      double drift, struct hz_g3ruh_chunk *out)
{
    struct hz_cpm *c = t->follow;
    struct carrier carrier;
    struct off off;
    uint8_t level[HZ_G3RUH_RUN];
    const double half = (HZ_G3RUH_BEFORE + HZ_G3RUH_CHUNK / 2) * BIT;
    struct hz_cpm_offset offset = {freq - drift * half, drift};
    hz_g3ruh_without_dc(&t->search, iq, HZ_G3RUH_SPAN, t->mixed);
    hz_cpm_mix(t->mixed, HZ_G3RUH_SPAN, &offset, t->mixed);
    limit(t->mixed);
    hz_cpm_begin(c, t->mixed, HZ_G3RUH_SPAN, start);
    hz_cpm_run(c, NULL, HZ_G3RUH_BEFORE);
    hz_cpm_follow(c, &gains);
    hz_cpm_run(c, NULL, HZ_G3RUH_CHUNK);
    hz_cpm_place(c, &off.next);
    hz_cpm_follow(c, NULL);
    hz_cpm_run(c, NULL, HZ_G3RUH_BEHIND);
    hz_cpm_trace(c, level);
    memcpy(out->line.level, level + HZ_G3RUH_BEFORE, sizeof out->line.level);
    out->line.events = hz_cpm_events(c, HZ_G3RUH_BEFORE, out->line.event, HZ_AX25_EVENTS);
    measure(c, level, &carrier);
    strengths(&carrier, t->mixed, out);
    off.freq = freq_error(&carrier, 0, BLOCKS);
    off.bend = freq_bend(&carrier);
    off.h = carrier.h_off;
    return off;
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

/* Corrects the modulation index if its error is more than chance. */
static bool adjust(struct hz_g3ruh_lock *lock, double off, float fraction)
{
    lock->fraction = fmaxf(lock->fraction, fraction);
    if (fraction < whole * lock->fraction)
        return false;
    lock->h_off += off;
    lock->h_seen++;
    double mean = lock->h_off / lock->h_seen;
    if (fabs(mean) * sqrt(lock->h_seen) < h_chance)
        return false;
    double h = fmax(lock->now.h + mean, lock->found_h * (1 - h_moves));
    h = fmin(h, lock->found_h * (1 + h_moves));
    bool other = h != lock->now.h;
    lock->now.h = h;
    lock->h_off = lock->h_seen = 0;
    return other;
}

static void set_up(struct hz_g3ruh_track *t, const struct hz_g3ruh_lock *lock)
{
    const struct hz_g3ruh_sender *s = &lock->now;
    /* Templates need a bit's length to 0.1 % only, so they are not made for every chunk. */
    double about = nearbyint(s->bit * 200) / 200;
    hz_cpm_shape(t->follow, s->h, about, &t->search.pulse[s->pulse]);
    hz_cpm_adapt(t->follow, s->h, lock->clear ? short_memory : long_memory, s->bit);
}

void hz_g3ruh_track_run(struct hz_g3ruh_track *t, const float *iq, uint64_t first,
                        struct hz_g3ruh_lock *lock, struct hz_g3ruh_chunk *out)
{
    struct hz_g3ruh_sender *now = &lock->now;
    const double length = HZ_G3RUH_CHUNK * now->bit;
    uint64_t from = (uint64_t)hz_g3ruh_track_from(lock);
    double start = now->at - HZ_G3RUH_BEFORE * now->bit - (double)from;
    const double expected = now->freq + lock->drift * length / 2;
    iq += 2 * (from - first);
    out->runs = 1;
    set_up(t, lock);
    struct off off = run(t, iq, start, expected, lock->drift, out);
    lock->begun = lock->begun || out->fraction > fills * lock->fraction;
    /* Nothing is adapted ahead of a packet: the levels of a bare carrier are meaningless. */
    bool good = lock->begun && hz_g3ruh_chunk_good(out) && hz_g3ruh_chunk_scrambled(out);
    bool other_h = good && adjust(lock, off.h, out->fraction);
    bool chirps = out->fraction > fills * lock->fraction && fabs(off.bend) > freq_bends;
    double freq = expected, chirp = chirps ? 2 * off.bend / length : 0;
    if (good && (fabs(off.freq) > freq_off || chirp != 0 || other_h)) {
        set_up(t, lock);
        freq += off.freq;
        out->runs = 2;
        double before = off.freq;
        off = run(t, iq, start, freq, lock->drift + chirp, out);
        off.freq += before;
    }
    out->line.start = now->at;
    out->line.freq = freq;
    rebase_events(&out->line);
    lock->clear = out->line.signal > clear * out->line.noise;
    now->freq = expected;
    now->at += length;
    if (good) {
        lock->drift += drift_gain * off.freq / length;
        now->freq += freq_gain * off.freq + chirp * length / 2;
        now->at = off.next.at + (double)from;
        now->bit = fmin(fmax(off.next.samples_per_bit, least_bit), most_bit);
    }
    now->freq += lock->drift * length / 2;
}

bool hz_g3ruh_chunk_good(const struct hz_g3ruh_chunk *c)
{
    return c->fraction > least_fraction;
}

bool hz_g3ruh_chunk_scrambled(const struct hz_g3ruh_chunk *c)
{
    return hz_g3ruh_scrambled(c->line.level, HZ_G3RUH_CHUNK);
}
