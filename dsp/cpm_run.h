/* Internals of dsp/cpm.h, for dsp/cpm*.c only. */
#ifndef HZ_DSP_CPM_RUN_H
#define HZ_DSP_CPM_RUN_H

#include "dsp/cpm.h"
#include "dsp/lanes.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { HZ_CPM_SHIFTS = 8, HZ_CPM_STATES = 16 };

#define HZ_CPM_SHUFFLE(x, y, ...) __builtin_shufflevector(x, y, __VA_ARGS__)

/* Larger than any metric: a state that it is subtracted from never wins. */
#define HZ_CPM_FORBID 1e9f

/* The survivors, by state: m, u and |u|. */
struct hz_cpm_survivors {
    float metric[HZ_CPM_STATES];
    float ref_re[HZ_CPM_STATES], ref_im[HZ_CPM_STATES], ref_abs[HZ_CPM_STATES];
};

/* State of the loops of hz_cpm_follow. */
struct hz_cpm_loops {
    struct hz_cpm_gains gains;
    float late, rate;  /* timing offset in bits, and its change per bit */
    float angle, step; /* phase of the carrier in radians, and its change per bit */
    float cycles;      /* mean of F_p over the memory of the reference */
    float power;       /* mean square of F_p over all patterns */
};

/* All branches of one step, as input of the loops. */
struct hz_cpm_branches {
    float ref_re[HZ_CPM_STATES], ref_im[HZ_CPM_STATES]; /* u, by state before the step */
    float sum_re[8], sum_im[8];                         /* z_p, by pattern */
    float metric[HZ_CPM_STATES];                        /* m, by state after the step */
};

struct hz_cpm {
    struct hz_cpm_mode mode;
    struct hz_cpm_pulse pulse;
    unsigned states;
    size_t max_bits;
    size_t wave;                 /* samples of a waveform: one more than those of a bit */
    float *phases;               /* [shift][sample][4]: phi_p of patterns 0 to 3 for h = 1 */
    float *waves;                /* [shift][sample][8]: cos and sin of h phi_p */
    double waves_bit;            /* samples per bit of the waveforms */
    float rot_re[8], rot_im[8];  /* exp(-j phi_p(T)) */
    float cycles[8];             /* F_p = phi_p(T) / 2 pi */
    const float *iq;             /* the burst; borrowed */
    size_t n;                    /* its samples */
    double start;                /* sample at which bit 0 begins */
    size_t bits;                 /* processed so far */
    struct hz_cpm_survivors now; /* after the last bit */
    float *gap;                  /* [bit][state]: metric via predecessor 1 minus that via 0 */
    uint8_t *path;               /* [bit]: the state on the best path, from hz_cpm_trace */
    bool looped;                 /* hz_cpm_follow was called since hz_cpm_begin */
    struct hz_cpm_loops loops;
    float *late; /* [bit]: the loops' timing offset at that bit */
};

/* The samples of a bit, and the waveforms from the first of them on. */
struct hz_cpm_span {
    size_t first, n;
    const float *waves;
};

/* `at` in eighths of a sample, rounded; |at| < 2^37. */
static inline long long hz_cpm_eighths(double at)
{
    const double bias = 1099511627776.0; /* 2^40: makes the converted number positive */
    return (long long)(at * HZ_CPM_SHIFTS + (bias + 0.5)) - (long long)bias;
}

/* The samples of a bit: from the first one not before its start to the last one before its end. */
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

/* The predecessor of state s of bit k: that of the survivor, or of the path that lost to it. */
static inline unsigned hz_cpm_before(const struct hz_cpm *c, size_t k, unsigned s, bool loser)
{
    unsigned j = (c->gap[k * c->states + s] > 0) ^ (loser ? 1 : 0);
    return 2 * (s & (c->states / 2 - 1)) + j;
}

/* The state with the greatest metric. */
unsigned hz_cpm_best(const struct hz_cpm *c, const float *metric);

/* Updates the loops after the step into bit c->bits. */
void hz_cpm_loops_on(struct hz_cpm *c, const struct hz_cpm_branches *b);

/* The metric deficit of the path that lost at state s of bit k. */
static inline float hz_cpm_lack(const struct hz_cpm *c, size_t k, unsigned s)
{
    return fabsf(c->gap[k * c->states + s]);
}

#endif
