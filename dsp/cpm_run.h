/* The inside of dsp/cpm.h, for its own files. */
#ifndef HZ_DSP_CPM_RUN_H
#define HZ_DSP_CPM_RUN_H

#include "dsp/cpm.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { HZ_CPM_SHIFTS = 8, HZ_CPM_STATES = 16 };

/* Four floats: every machine has that. Wider ones would serve AVX2 only (a third faster there, and
 * four times slower where gcc has to take them apart). */
typedef float hz_cpm_four __attribute__((vector_size(16)));

#define HZ_CPM_SHUFFLE(x, y, ...) __builtin_shufflevector(x, y, __VA_ARGS__)

static inline hz_cpm_four hz_cpm_load(const float *x)
{
    hz_cpm_four v;
    memcpy(&v, x, sizeof v);
    return v;
}

static inline void hz_cpm_store(float *x, hz_cpm_four v)
{
    memcpy(x, &v, sizeof v);
}

/* Over any metric: what it is taken from never wins. */
#define HZ_CPM_FORBID 1e9f

/* By state. */
struct hz_cpm_survivors {
    float metric[HZ_CPM_STATES];
    float ref_re[HZ_CPM_STATES], ref_im[HZ_CPM_STATES], ref_abs[HZ_CPM_STATES]; /* u and |u| */
};

/* The loops of hz_cpm_follow, of the next bit. */
struct hz_cpm_loops {
    struct hz_cpm_gains gains;
    float late, rate;  /* bits behind `start` and samples_per_bit; more with each bit */
    float angle, step; /* radians that the carrier is ahead; more with each bit */
    float cycles;      /* of the modulation in the reference: mean turns a bit */
    float power;       /* mean square of all patterns' cycles */
};

/* All branches into a bit: what the loops look at. */
struct hz_cpm_branches {
    float ref_re[HZ_CPM_STATES], ref_im[HZ_CPM_STATES]; /* u, by state before it */
    float sum_re[8], sum_im[8];                         /* z, by pattern */
    float metric[HZ_CPM_STATES];                        /* by state after it */
};

struct hz_cpm {
    struct hz_cpm_mode mode;
    struct hz_cpm_pulse pulse;
    unsigned states;
    size_t max_bits;
    size_t wave;                 /* samples of a waveform: those of a bit, and one more */
    float *phases;               /* [shift][sample][4]: of patterns 0 to 3 for h = 1 */
    float *waves;                /* [shift][sample][8]: their cosines and sines for h */
    double waves_bit;            /* samples of a bit that the waveforms are made for */
    float rot_re[8], rot_im[8];  /* exp(-j phi_p(T)) */
    float cycles[8];             /* phi_p(T) / 2 pi */
    const float *iq;             /* the burst; borrowed */
    size_t n;                    /* its samples */
    double start;                /* where in them bit 0 begins */
    size_t bits;                 /* run so far */
    struct hz_cpm_survivors now; /* after the last bit */
    float *gap;                  /* [bit][state]: metric from predecessor 1 over that from 0 */
    uint8_t *path;               /* [bit]: the state on the best path, from hz_cpm_trace */
    bool looped;                 /* the loops run, since hz_cpm_begin */
    struct hz_cpm_loops loops;
    float *late; /* [bit]: of the loops when its samples were taken */
};

/* The samples of a bit, and the waveforms that belong to the first of them. */
struct hz_cpm_span {
    size_t first, n;
    const float *waves;
};

/* Rounded to eighths of a sample; positions of a burst are far below the bias. */
static inline long long hz_cpm_eighths(double at)
{
    const double bias = 1099511627776.0; /* 2^40: what is converted is positive */
    return (long long)(at * HZ_CPM_SHIFTS + (bias + 0.5)) - (long long)bias;
}

/* A bit's samples end where the next one's begin. */
static inline struct hz_cpm_span hz_cpm_locate(const struct hz_cpm *c, size_t bit)
{
    double late = c->looped ? (double)c->late[bit] : 0;
    double at = c->start + ((double)bit + late) * c->mode.samples_per_bit;
    long long begin = hz_cpm_eighths(at), end = hz_cpm_eighths(at + c->mode.samples_per_bit);
    long long first = (begin + HZ_CPM_SHIFTS - 1) >> 3, next = (end + HZ_CPM_SHIFTS - 1) >> 3;
    const float *waves = c->waves + (size_t)(first * HZ_CPM_SHIFTS - begin) * c->wave * 8;
    if (first < 0) {
        waves += (size_t)(first < -(long long)c->wave ? 0 : -first) * 8;
        first = 0;
    }
    if (next > (long long)c->n)
        next = (long long)c->n;
    return (struct hz_cpm_span){(size_t)first, next > first ? (size_t)(next - first) : 0, waves};
}

/* The state before state s of bit k: on the survivor's path, or on that of the loser. */
static inline unsigned hz_cpm_before(const struct hz_cpm *c, size_t k, unsigned s, bool loser)
{
    unsigned j = (c->gap[k * c->states + s] > 0) ^ (loser ? 1 : 0);
    return 2 * (s & (c->states / 2 - 1)) + j;
}

/* The state whose metric is greatest. */
unsigned hz_cpm_best(const struct hz_cpm *c, const float *metric);

/* After the step into bit c->bits. */
void hz_cpm_loops_on(struct hz_cpm *c, const struct hz_cpm_branches *b);

/* What the loser at state s of bit k was short of. */
static inline float hz_cpm_lack(const struct hz_cpm *c, size_t k, unsigned s)
{
    return fabsf(c->gap[k * c->states + s]);
}

#endif
