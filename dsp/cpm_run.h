/* The inside of dsp/cpm.h, for its own files. */
#ifndef HZ_DSP_CPM_RUN_H
#define HZ_DSP_CPM_RUN_H

#include "dsp/cpm.h"

#include <stdbool.h>

enum { HZ_CPM_SHIFTS = 8, HZ_CPM_STATES = 16 };

/* Over any metric: what it is taken from never wins. */
#define HZ_CPM_FORBID 1e9f

struct hz_cpm_survivors {
    float metric[HZ_CPM_STATES];
    float ref_re[HZ_CPM_STATES], ref_im[HZ_CPM_STATES];   /* v: the carrier in the last bits */
    float turn_re[HZ_CPM_STATES], turn_im[HZ_CPM_STATES]; /* R: what the modulation has turned */
};

struct hz_cpm {
    struct hz_cpm_mode mode;
    unsigned states;
    size_t max_bits;
    size_t wave;                  /* samples of a waveform: those of a bit, and one more */
    float *phases;                /* [shift][sample][4]: of patterns 0 to 3 for h = 1 */
    float *waves;                 /* [shift][sample][8]: their cosines and sines for h */
    float turn_re[8], turn_im[8]; /* exp(-j phi_p(T)) */
    const float *iq;              /* the burst; borrowed */
    size_t n;                     /* its samples */
    double start;                 /* where in them bit 0 begins */
    size_t bits;                  /* run so far */
    struct hz_cpm_survivors now;  /* after the last bit */
    uint16_t *choice;             /* [bit]: 1 << s: state s was reached from predecessor 1 */
    float *gap;                   /* [bit][state]: metric of the winner over the loser */
    uint8_t *path;                /* [bit]: the state on the best path, from hz_cpm_trace */
};

/* The samples of a bit, and the waveforms that belong to the first of them. */
struct hz_cpm_span {
    size_t first, n;
    const float *waves;
};

struct hz_cpm_span hz_cpm_locate(const struct hz_cpm *c, size_t bit);

/* The state before state s of bit k: on the survivor's path, or on that of the loser. */
static inline unsigned hz_cpm_before(const struct hz_cpm *c, size_t k, unsigned s, bool loser)
{
    unsigned j = (c->choice[k] >> s & 1) ^ (loser ? 1 : 0);
    return 2 * (s & (c->states / 2 - 1)) + j;
}

#endif
