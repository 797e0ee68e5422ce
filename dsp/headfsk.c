#include "dsp/headfsk.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

enum { HEADER_MAX = 64 };

static const float memory = 0.5f, most_sure = 1e6f;

int hz_headfsk_init(struct hz_headfsk *f, const struct hz_headfsk_shape *shape)
{
    const struct hz_cpm_mode mode = {.samples_per_bit = shape->word.bit,
                                     .h = shape->h,
                                     .bt = shape->bt,
                                     .states_log2 = 3,
                                     .memory = memory};
    f->shape = shape;
    f->cpm = hz_cpm_new(&mode, shape->half_bits);
    f->mixed = malloc(2 * shape->longest * sizeof *f->mixed);
    f->sure = malloc(shape->half_bits * sizeof *f->sure);
    f->carrier = malloc(2 * shape->half_bits * sizeof *f->carrier);
    f->level = malloc(shape->half_bits);
    if (!f->cpm || !f->mixed || !f->sure || !f->carrier || !f->level) {
        hz_headfsk_done(f);
        return -ENOMEM;
    }
    hz_headgate_init(&f->gate, &shape->word);
    return 0;
}

void hz_headfsk_done(struct hz_headfsk *f)
{
    hz_cpm_free(f->cpm);
    free(f->mixed);
    free(f->sure);
    free(f->carrier);
    free(f->level);
    *f = (struct hz_headfsk){0};
}

struct hz_headgate_peak *hz_headfsk_best(struct hz_headgate_peak *peak, size_t n, double from,
                                         float least)
{
    struct hz_headgate_peak *best = NULL;
    for (size_t i = 0; i < n; i++) {
        if (peak[i].at >= from && peak[i].fraction > least &&
            (!best || peak[i].fraction > best->fraction))
            best = &peak[i];
    }
    return best;
}

static void header_bits(const struct hz_headgate_word *word, bool inverted, uint8_t *out)
{
    for (unsigned i = 0; i < word->n; i++)
        out[i] = (word->bits >> i & 1) != inverted;
}

/* Sum of |c_k| over the header's half-bits, at one timing and deviation. */
static float match(struct hz_headfsk *f, const struct hz_headfsk_start *s)
{
    const struct hz_headgate_word *word = &f->shape->word;
    uint8_t known[HEADER_MAX];
    float c[2 * HEADER_MAX], sum = 0;
    header_bits(word, s->inverted, known);
    hz_cpm_adapt(f->cpm, s->h, memory, word->bit);
    hz_cpm_begin(f->cpm, f->mixed, f->shape->longest, s->at);
    hz_cpm_carrier(f->cpm, known, word->n, c);
    for (unsigned k = 0; k + 1 < word->n; k++)
        sum += sqrtf(c[2 * k] * c[2 * k] + c[2 * k + 1] * c[2 * k + 1]);
    return sum;
}

struct hz_headfsk_start hz_headfsk_begin(struct hz_headfsk *f, const float *iq,
                                         const struct hz_headgate_peak *peak)
{
    const struct hz_headfsk_shape *shape = f->shape;
    /* the carrier of an inverted header looks a quarter of the rate off */
    struct hz_headfsk_start t = {.freq = peak->freq, .inverted = fabs(peak->freq) > 0.125}, s;
    float best = 0;
    if (t.inverted)
        t.freq += peak->freq > 0 ? -0.25 : 0.25;
    struct hz_cpm_offset carrier = {t.freq, 0};
    hz_cpm_mix(iq + 2 * (peak->at - shape->margin), shape->longest, &carrier, f->mixed);
    s = t;
    for (const double *h = shape->indices; *h > 0; h++) {
        for (int late = -shape->late; late <= shape->late; late++) {
            t.h = *h;
            t.at = shape->margin + late * shape->late_step;
            float power = match(f, &t);
            if (power > best) {
                best = power;
                s = t;
            }
        }
    }
    return s;
}

/* What is left of the carrier, from half-bit to half-bit, in cycles per sample. */
static double turning(struct hz_headfsk *f, size_t n)
{
    float *c = f->carrier;
    double along = 0, across = 0;
    hz_cpm_carrier(f->cpm, f->level, n, c);
    for (size_t k = 2; k < 2 * (n - 1); k += 2) {
        along += (double)(c[k] * c[k - 2] + c[k + 1] * c[k - 1]);
        across += (double)(c[k + 1] * c[k - 2] - c[k] * c[k - 1]);
    }
    return atan2(across, along) / (6.28318530717958647692 * f->shape->word.bit);
}

double hz_headfsk_run(struct hz_headfsk *f, const struct hz_headfsk_start *s,
                      double samples_per_bit, size_t over, float *soft)
{
    const struct hz_headfsk_shape *shape = f->shape;
    const size_t header = shape->word.n;
    uint8_t known[HEADER_MAX];
    header_bits(&shape->word, s->inverted, known);
    hz_cpm_adapt(f->cpm, s->h, memory, samples_per_bit);
    hz_cpm_begin(f->cpm, f->mixed, shape->longest, s->at);
    hz_cpm_run(f->cpm, known, header);
    hz_cpm_follow(f->cpm, &hz_cpm_usual_gains);
    hz_cpm_run(f->cpm, NULL, shape->half_bits - header);
    hz_cpm_trace(f->cpm, f->level);
    hz_cpm_sureness(f->cpm, f->sure);
    for (size_t i = header; i < shape->half_bits; i++) {
        float x = fminf(f->sure[i], most_sure);
        *soft++ = (f->level[i] != 0) != s->inverted ? x : -x;
    }
    return s->freq + turning(f, over);
}
