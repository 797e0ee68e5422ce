/* A stream worked on in hops, with the samples around each at hand: what a detector needs that
 * looks back and ahead, however its samples are cut into pushes.
 *
 * Hops lie on a grid of the stream's own index, so the same stream gives the same hops. Before its
 * first sample and behind its last there is silence. Indices in here are the stream's plus
 * `before`, so that none is negative. Pure; one thread at a time. */
#ifndef HZ_DSP_HOPS_H
#define HZ_DSP_HOPS_H

#include "dsp/samples.h"

struct hz_hops_shape {
    unsigned width;        /* floats a sample: 2 for HZ_CF32, 1 for HZ_F32 */
    size_t hop;            /* samples */
    size_t before, behind; /* samples held around a hop */
    size_t room; /* samples held at most; over before + hop + behind, the more the less copied */
};

struct hz_hops {
    struct hz_hops_shape shape;
    float *x;       /* owned: samples held */
    uint64_t first; /* index of x[0] */
    uint64_t next;  /* of the hop to be worked on */
    size_t held;    /* samples in x; 0: no stream */
};

/* 0 or -ENOMEM. */
int hz_hops_init(struct hz_hops *h, const struct hz_hops_shape *shape);
void hz_hops_done(struct hz_hops *h);

/* Whether the samples go on where those before ended. */
bool hz_hops_continue(const struct hz_hops *h, const struct hz_samples *in);

/* A stream whose first sample has that index; what was held is forgotten. */
void hz_hops_begin(struct hz_hops *h, uint64_t first);

/* Takes samples off *in until h->next's hop is there with all that it wants behind: then true, and
 * to be called again after h->next has gone on by a hop. False: *in is used up. */
bool hz_hops_push(struct hz_hops *h, struct hz_samples *in);

/* The same with silence in place of samples, until h->next has come to `until`. */
bool hz_hops_drain(struct hz_hops *h, uint64_t until);

/* The index behind the last sample held. */
uint64_t hz_hops_end(const struct hz_hops *h);

/* The sample of an index that is held. */
const float *hz_hops_at(const struct hz_hops *h, uint64_t index);

#endif
