#include "proto/rds/bits.h"

#include <math.h>
#include <string.h>

enum {
    CHUNK = HZ_RDS_CHUNK,
    WINDOW = HZ_RDS_WINDOW,
    MIDDLE = WINDOW / 2,
    TIMINGS = HZ_RDS_TIMINGS,
    SQUARES = HZ_RDS_SQUARES,
    EACH = CHUNK / SQUARES, /* bits of a sum of squares */
    ERRORS = 193            /* errors of the subcarrier that are tried */
};

static const double two_pi = 6.28318530717958647692;
/* Crystals of both ends are together at most 200 ppm off: 11.4 Hz of 57 kHz. */
static const double most_error_hz = 12;
/* Strength of the line: 0.10 in noise, the largest of all errors tried, seldom 0.14; 0.58 where
 * half of the groups are read. */
static const float there = 0.16f, gone = 0.13f;
/* Largest |log P(1)/P(0)|: more would not be believed of anything on the air. */
static const float most_sure = 16;

void hz_rds_bits_reset(struct hz_rds_bits *b)
{
    memset(b, 0, sizeof *b);
}

void hz_rds_bits_push(struct hz_rds_bits *b, const float *x, size_t n)
{
    memcpy(b->x + 2 * b->n, x, 2 * n * sizeof *x);
    b->n += n;
}

/* Drops samples that no chunk needs any more. */
static void forget(struct hz_rds_bits *b)
{
    double oldest = b->chunks > 0 ? b->chunk[0].start : b->next;
    size_t drop = oldest > (double)b->first + 8 ? (size_t)(oldest - (double)b->first - 8) : 0;
    if (drop < HZ_RDS_HELD / 8)
        return;
    b->n -= drop;
    b->first += drop;
    memmove(b->x, b->x + 2 * drop, 2 * b->n * sizeof *b->x);
}

/* The signal between samples, by a cubic through four of them. */
static void at(const struct hz_rds_bits *b, double where, float q[2])
{
    double from = where - (double)b->first;
    size_t i = (size_t)from;
    float t = (float)(from - (double)i);
    const float *x = b->x + 2 * (i - 1);
    float w0 = -t * (t - 1) * (t - 2) / 6, w1 = (t + 1) * (t - 1) * (t - 2) / 2;
    float w2 = -(t + 1) * t * (t - 2) / 2, w3 = (t + 1) * t * (t - 1) / 6;
    for (int c = 0; c < 2; c++)
        q[c] = w0 * x[c] + w1 * x[2 + c] + w2 * x[4 + c] + w3 * x[6 + c];
}

/* Samples of a bit if the subcarrier has that error. */
static double bit_length(double error_hz)
{
    return HZ_RDS_LOW_HZ * 48.0 / (57000 + error_hz);
}

static void measure(struct hz_rds_bits *b, struct hz_rds_chunk *c)
{
    memset(c, 0, sizeof *c);
    c->start = b->next;
    c->length = bit_length(b->error_hz);
    c->used = b->timing;
    for (unsigned t = 0; t < TIMINGS; t++) {
        double early = c->start + c->length * t / TIMINGS;
        for (int k = 0; k < CHUNK; k++) {
            float q[2];
            at(b, early + k * c->length, q);
            c->size[t] += (q[0] * q[0] + q[1] * q[1]) / CHUNK;
        }
    }
}

/* Sums of squared symbols at the timing that is best now. */
static void square(const struct hz_rds_bits *b, struct hz_rds_chunk *c, unsigned timing)
{
    double early = c->start + c->length * timing / TIMINGS;
    memset(c->square, 0, sizeof c->square);
    c->used = timing;
    for (int k = 0; k < CHUNK; k++) {
        float q[2];
        at(b, early + k * c->length, q);
        c->square[k / EACH][0] += q[0] * q[0] - q[1] * q[1];
        c->square[k / EACH][1] += 2 * q[0] * q[1];
    }
}

/* By how many timings chunk c begins later in its bit than the middle one. */
static int turn_of(const struct hz_rds_bits *b, int c)
{
    const struct hz_rds_chunk *k = &b->chunk[c], *m = &b->chunk[MIDDLE];
    double bits = (k->start - m->start) / m->length;
    return (int)lrint((bits - nearbyint(bits)) * TIMINGS);
}

static unsigned wrapped(int timing)
{
    return (unsigned)(timing + 2 * TIMINGS) % TIMINGS;
}

/* The timing at which the symbols are largest. */
static unsigned best_timing(const struct hz_rds_bits *b)
{
    float sum[TIMINGS] = {0};
    unsigned best = 0;
    for (int c = 0; c < WINDOW; c++)
        for (int t = 0; t < TIMINGS; t++)
            sum[wrapped(t + turn_of(b, c))] += b->chunk[c].size[t];
    for (unsigned t = 1; t < TIMINGS; t++)
        best = sum[t] > sum[best] ? t : best;
    return best;
}

/* The line of the squares: error and phase of the subcarrier in the middle of the window. */
static void find_line(struct hz_rds_bits *b)
{
    double best = -1, all = 0,
           middle = b->chunk[MIDDLE].start + CHUNK / 2.0 * b->chunk[MIDDLE].length;
    double error = 0, size = 0;
    for (int c = 0; c < WINDOW; c++)
        size += (double)b->chunk[c].size[b->chunk[c].used] * CHUNK;
    for (int e = 0; e < ERRORS; e++) {
        double hz = most_error_hz * (2.0 * e / (ERRORS - 1) - 1), re = 0, im = 0;
        for (int c = 0; c < WINDOW; c++) {
            const struct hz_rds_chunk *k = &b->chunk[c];
            double step = -two_pi * 2 * hz * EACH * k->length / HZ_RDS_LOW_HZ;
            double first = k->start + (k->used / (double)TIMINGS + EACH / 2.0) * k->length - middle;
            double angle = -two_pi * 2 * hz * first / HZ_RDS_LOW_HZ;
            double wr = cos(angle), wi = sin(angle), sr = cos(step), si = sin(step);
            for (int s = 0; s < SQUARES; s++) {
                double x = (double)k->square[s][0], y = (double)k->square[s][1];
                re += x * wr - y * wi;
                im += x * wi + y * wr;
                double next = wr * sr - wi * si;
                wi = wr * si + wi * sr;
                wr = next;
            }
        }
        double power = re * re + im * im;
        if (power > best) {
            best = power;
            error = hz;
            all = atan2(im, re) / 2 / two_pi; /* in turns, of the carrier itself */
        }
    }
    b->strength = size > 0 ? (float)(sqrt(best) / size) : 0;
    b->present = b->strength > (b->present ? gone : there);
    b->error_hz = b->present ? error : 0;
    b->turns = all;
}

/* Decides the bits of chunk `which` of the window. */
static void decide(struct hz_rds_bits *b, unsigned which, struct hz_rds_soft *out)
{
    const struct hz_rds_chunk *c = &b->chunk[which], *m = &b->chunk[MIDDLE];
    double length = bit_length(b->error_hz), half = CHUNK / 2.0;
    unsigned timing = wrapped((int)b->timing - turn_of(b, (int)which));
    double early = c->start + c->length * timing / TIMINGS;
    /* The chunk goes on from the one before: a fraction of a bit is taken up, never a whole one. */
    if (b->running) {
        double off = (early - b->due) / length;
        early = b->due + (off - nearbyint(off)) * length;
    }
    double per_bit = b->error_hz * length / HZ_RDS_LOW_HZ;
    double begins = b->turns - (m->start + half * m->length - early) * b->error_hz / HZ_RDS_LOW_HZ;
    /* The phase is known but for half a turn: it goes on too. */
    if (b->running) {
        double off = begins - (b->phase + per_bit);
        begins -= nearbyint(2 * off) / 2;
    }
    b->due = early + CHUNK * length;
    double signal = 0, noise = 0;
    float x[CHUNK];
    for (int k = 0; k < CHUNK; k++) {
        float q[2];
        double angle = two_pi * (begins + k * per_bit);
        out->at[k] = early + k * length;
        at(b, out->at[k], q);
        x[k] = q[0] * (float)cos(angle) + q[1] * (float)sin(angle);
        float y = q[1] * (float)cos(angle) - q[0] * (float)sin(angle);
        signal += (double)(x[k] * x[k]) / CHUNK;
        noise += (double)(y * y) / CHUNK;
    }
    double mean = sqrt(fmax(signal - noise, 0.02 * signal));
    float scale = noise > 0 ? (float)(2 * mean / noise) : 0;
    for (int k = 0; k < CHUNK; k++)
        out->llr[k] = fmaxf(-most_sure, fminf(most_sure, scale * x[k]));
    b->phase = begins + (CHUNK - 1) * per_bit;
    b->phase -= floor(b->phase);
    b->running = true;
}

/* Begins the next chunk where this one ends, and a little off where the symbols drift away from its
 * beginning. */
static void advance(struct hz_rds_bits *b)
{
    const struct hz_rds_chunk *last = &b->chunk[b->chunks - 1];
    double off = b->running ? (b->due - b->chunk[MIDDLE].start) / last->length - 0.5 : 0;
    b->next = last->start + (CHUNK + fmax(-0.2, fmin(0.2, 0.1 * off))) * last->length;
}

/* Measures the next chunk. False: its samples are not there yet. */
static bool take_chunk(struct hz_rds_bits *b)
{
    if (b->next < 8)
        b->next = 8;
    if (b->next + (CHUNK + 4) * bit_length(0) + 4 >= (double)(b->first + b->n))
        return false;
    if (b->chunks == WINDOW) {
        memmove(b->chunk, b->chunk + 1, (WINDOW - 1) * sizeof *b->chunk);
        b->chunks--;
        b->todo -= b->todo > 0;
    }
    measure(b, &b->chunk[b->chunks++]);
    advance(b);
    forget(b);
    return true;
}

/* Timing and line of the whole window. */
static void look(struct hz_rds_bits *b)
{
    b->timing = best_timing(b);
    for (int c = 0; c < WINDOW; c++)
        square(b, &b->chunk[c], wrapped((int)b->timing - turn_of(b, c)));
    find_line(b);
    b->until = MIDDLE + 1;
}

bool hz_rds_bits_next(struct hz_rds_bits *b, bool end, struct hz_rds_soft *out)
{
    while (b->todo >= b->until) {
        if (!take_chunk(b)) {
            if (!end || b->chunks < WINDOW || b->todo >= WINDOW)
                return false;
            b->until = WINDOW;
        } else if (b->chunks == WINDOW) {
            look(b);
        }
    }
    decide(b, b->todo++, out);
    return true;
}
