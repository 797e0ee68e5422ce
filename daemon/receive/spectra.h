/* Batches of spectra: what one job of the band strand made, shared read-only by all narrow channels
 * of a receiver. Reference counts and the pool belong to the loop. */
#ifndef HZ_DAEMON_RECEIVE_SPECTRA_H
#define HZ_DAEMON_RECEIVE_SPECTRA_H

#include "daemon/receive/shared_band.h"
#include "daemon/receive/strand.h"
#include "dsp/gate.h"
#include "dsp/hunt.h"

struct hz_spectra_pool;

/* The gate of a channel, for one epoch of its receiver and one band. */
struct hz_spectra_gate {
    int refs;         /* loop */
    uint64_t channel; /* whose it is: its number */
    uint32_t epoch;
    double rate_hz, centre_hz;   /* of the receiver's samples */
    struct hz_shared_band *band; /* one reference */
    bool shut;                   /* the channel cannot be cut out of that band; there is no gate */
    struct hz_gate gate;         /* its squelch belongs to whoever steps it; the rest is constant */
    /* The first gate of this epoch, if the band has changed since: its squelch is the one that is
     * stepped. One reference; NULL: it is this one. */
    struct hz_spectra_gate *first;
};

struct hz_spectra_gate *hz_spectra_gate_ref(struct hz_spectra_gate *g);
void hz_spectra_gate_unref(struct hz_spectra_gate *g); /* NULL is allowed */

/* The spectra that one job made, perhaps none. Read-only once made. */
struct hz_spectra {
    int refs; /* loop */
    struct hz_spectra_pool *pool;
    struct hz_turn turn;
    bool end; /* of the stream */
    uint32_t epoch;
    double rate_hz, centre_hz;   /* of the receiver's samples */
    struct hz_shared_band *band; /* of which they are; one reference. NULL: of none yet */
    struct hz_stamp stamp;
    uint64_t first_sample; /* of the receiver's samples that went in, and their number */
    size_t samples;
    uint64_t lost; /* samples that are missing before or among them */
    size_t n, cap;
    struct hz_spectrum *x;
    /* The block before x[0], if that is the first of another band (else there are no bins): a
     * channel that opens at x[0] begins with it. */
    struct hz_spectrum before;
    /* Candidates that begin or end in these spectra, in order; none where nobody hunts. */
    struct hz_hunt_event *events;
    size_t n_events;
    /* The gates of the channels that have a squelch, in the order of their numbers, one reference
     * each; and what gate k tells of spectrum i: marks[k * cap + i]. */
    struct hz_spectra_gate **gates;
    struct hz_mark *marks;
    size_t n_gates, gates_cap, marks_cap;
};

struct hz_spectra *hz_spectra_ref(struct hz_spectra *s);
/* NULL is allowed. Calls the pool's on_free when the batch is free again. */
void hz_spectra_unref(struct hz_spectra *s);

enum { HZ_SPECTRA_MAX = 128 };

/* A pool of so many batches, HZ_SPECTRA_MAX at most; memory is taken when a batch is first needed.
 * on_free is called each time a batch comes back. NULL: no memory. */
struct hz_spectra_pool *hz_spectra_pool_new(size_t limit, void (*on_free)(void *ctx), void *ctx);
/* The pool's owner lets go; what is left is freed with the last batch that is still in use. */
void hz_spectra_pool_close(struct hz_spectra_pool *p);
/* An empty batch with one reference; NULL: all are in use, or no memory. */
struct hz_spectra *hz_spectra_take(struct hz_spectra_pool *p);
/* Makes room for n spectra; for fewer when memory is short. */
void hz_spectra_reserve(struct hz_spectra *s, size_t n);
/* Adds a gate to a batch whose room was reserved, before its spectra are made. Without memory it is
 * left out: the channel is not heard in this batch. */
void hz_spectra_add_gate(struct hz_spectra *s, struct hz_spectra_gate *g);

/* The spectrum behind the last one, to be written; its memory is taken when it is first needed.
 * NULL: there is no room. By the worker that makes the batch. */
struct hz_spectrum *hz_spectra_next(struct hz_spectra *s);

/* Worker: measures the power at all gates of spectrum i, while it is in the cache. Spectra of a
 * batch may be measured by several workers at once. */
void hz_spectra_measure(struct hz_spectra *s, size_t i);
/* Worker or loop: steps all gates by spectrum i, which was measured. The spectra of a stream are
 * stepped in their order. */
void hz_spectra_step(struct hz_spectra *s, size_t i);

/* The marks of a channel, one for each spectrum; NULL: it has no gate in this batch. *at is where
 * the search goes on when channels are asked for in the order of their numbers; first 0. */
const struct hz_mark *hz_spectra_marks(const struct hz_spectra *s, uint64_t channel, size_t *at);

#endif
