/* Symbols of one transmission: where they are, their phases, and how sure each is.
 *
 * Signal model: y_k = A e^(j (theta_k + pi/4 s_k)) + v_k, the filtered signal (pulse.h) at the
 * instants t_k of the symbols; s_k in eighths of a cycle, theta the carrier's phase, which drifts
 * and fades slowly; white Gaussian noise v. Bits are in the differences s_k - s_(k - 1), but both
 * phases are estimated against theta, which takes half of the noise of a difference.
 *
 * Estimates: start and carrier by the known symbols; then forward, decided symbols steer the
 * carrier's phase and frequency (a loop of second order) and the clock; then theta_k is the phase
 * of the sum of y e^(-j pi/4 s) over the symbols on both sides of k, and s_k is decided again, some
 * rounds. Reliability of s_k: D = |y_k| (cos e1 - cos e2), e1 and e2 the errors against the nearest
 * and the second nearest phase: 2 A D / sigma^2 is the log-likelihood ratio of the two.
 *
 * Pure; one thread at a time. */
#ifndef HZ_PROTO_VDL2_SYMBOLS_H
#define HZ_PROTO_VDL2_SYMBOLS_H

#include "proto/vdl2/gate.h"
#include "proto/vdl2/pulse.h"

/* A sample as it is, or 0 if it is not a number or out of all bounds: nothing behind has to care.
 */
static inline void hz_vdl2_sample(const float *in, float out[2])
{
    bool good = in[0] > -1e6f && in[0] < 1e6f && in[1] > -1e6f && in[1] < 1e6f;
    out[0] = good ? in[0] : 0;
    out[1] = good ? in[1] : 0;
}

/* Where a transmission begins. */
struct hz_vdl2_start {
    double at;      /* sample of the first symbol's middle */
    double freq;    /* cycles per sample */
    double phase;   /* of the carrier at `at`, in cycles, once `freq` is taken off */
    float power;    /* of the known symbols */
    float fraction; /* of their power that the model explains */
};

/* Refines a peak of the gate. iq: the hop's first sample. False: it is no start. */
bool hz_vdl2_sync(const struct hz_vdl2_pulse *pulse, const float *iq,
                  const struct hz_vdl2_peak *peak, struct hz_vdl2_start *start);

struct hz_vdl2_symbols {
    size_t n;                              /* the known start included */
    float y[HZ_VDL2_SYMBOLS_MAX][2];       /* filtered, without the carrier's frequency */
    float carrier[HZ_VDL2_SYMBOLS_MAX][2]; /* y e^(-j pi/4 s) */
    uint8_t phase[HZ_VDL2_SYMBOLS_MAX];    /* s */
    uint8_t second[HZ_VDL2_SYMBOLS_MAX];   /* the second nearest */
    float doubt[HZ_VDL2_SYMBOLS_MAX];      /* D over the mean amplitude */
    float amplitude, noise;                /* mean |y|; sigma^2 of each of I and Q over A^2 */
    double end;                            /* sample behind the last symbol */
    double freq;                           /* mean, cycles per sample */
};

/* Estimates n symbols. iq: HZ_CF32 with the carrier's frequency taken off, its sample 0 the one
 * that start->at counts from; from start->at - HZ_VDL2_SPAN on, to HZ_VDL2_SPAN behind the end. */
void hz_vdl2_symbols_run(struct hz_vdl2_symbols *s, const struct hz_vdl2_pulse *pulse,
                         const float *iq, const struct hz_vdl2_start *start, size_t n);

#endif
