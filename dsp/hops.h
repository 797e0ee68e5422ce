/* A buffer that presents a stream in hops of equal length, each with samples before and after it,
 * for detectors that look back and ahead.
 *
 * Hops lie on a grid of the stream's sample index, so the same stream gives the same hops, however
 * it is cut into pushes. Before its first and after its last sample the stream is silent (zeros).
 * All indices here are the stream's index plus `before`, so that none is negative.
 *
 * Pure. One thread at a time. */
#ifndef HZ_DSP_HOPS_H
#define HZ_DSP_HOPS_H

#include "dsp/samples.h"

struct hz_hops_shape {
    unsigned width;        /* floats per sample: 2 for HZ_CF32, 1 for HZ_F32 */
    size_t hop;            /* length of a hop in samples */
    size_t before, behind; /* samples available before and after a hop */
    size_t room;           /* capacity in samples, over before + hop + behind; a larger one is
                            * compacted less often */
};

struct hz_hops {
    struct hz_hops_shape shape;
    float *x;       /* the samples; owned */
    uint64_t first; /* index of x[0] */
    uint64_t next;  /* index of the next hop; the caller advances it by `hop` */
    size_t held;    /* samples in x; 0: no stream */
};

/* 0 or -ENOMEM; then there is nothing to free. */
int hz_hops_init(struct hz_hops *h, const struct hz_hops_shape *shape);
void hz_hops_done(struct hz_hops *h);

/* Whether *in follows the samples pushed before. */
bool hz_hops_continue(const struct hz_hops *h, const struct hz_samples *in);

/* Forgets all samples and begins a stream whose first sample has the index `first`. */
void hz_hops_begin(struct hz_hops *h, uint64_t first);

/* Consumes samples from *in until the hop at h->next is complete, with the samples behind it: then
 * true; call again after h->next was advanced. Returns false when *in is used up. */
bool hz_hops_push(struct hz_hops *h, struct hz_samples *in);

/* The end of the stream: as hz_hops_push with silence as input, until h->next reaches `until`. */
bool hz_hops_drain(struct hz_hops *h, uint64_t until);

/* The index after the last sample in the buffer. */
uint64_t hz_hops_end(const struct hz_hops *h);

/* The sample with this index, which must be in the buffer. Valid until the next push or drain. */
const float *hz_hops_at(const struct hz_hops *h, uint64_t index);

#endif
