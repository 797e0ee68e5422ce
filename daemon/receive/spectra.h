/* Batches of spectra: what one job of the band strand made, shared read-only by all narrow channels
 * of a receiver. Reference counts and the pool belong to the loop. */
#ifndef HZ_DAEMON_RECEIVE_SPECTRA_H
#define HZ_DAEMON_RECEIVE_SPECTRA_H

#include "daemon/receive/strand.h"
#include "dsp/band.h"
#include "dsp/hunt.h"

struct hz_spectra_pool;

/* The spectra that one job made, perhaps none. Read-only once made. */
struct hz_spectra {
    int refs; /* loop */
    struct hz_spectra_pool *pool;
    struct hz_turn turn;
    bool end; /* of the stream */
    uint32_t epoch;
    double rate_hz, centre_hz;  /* of the receiver's samples */
    const struct hz_band *band; /* to make tuners for; lives as long as its strand */
    struct hz_stamp stamp;
    uint64_t first_sample; /* of the receiver's samples that went in, and their number */
    size_t samples;
    uint64_t lost; /* samples that are missing before or among them */
    size_t n, cap;
    struct hz_spectrum *x;
    /* Candidates that begin or end in these spectra, in order; none where nobody hunts. */
    struct hz_hunt_event *events;
    size_t n_events;
};

struct hz_spectra *hz_spectra_ref(struct hz_spectra *s);
/* NULL is allowed. Calls the pool's on_free when the batch is free again. */
void hz_spectra_unref(struct hz_spectra *s);

enum { HZ_SPECTRA_MAX = 64 };

/* A pool of so many batches, HZ_SPECTRA_MAX at most; memory is taken when a batch is first needed.
 * on_free is called each time a batch comes back. NULL: no memory. */
struct hz_spectra_pool *hz_spectra_pool_new(size_t limit, void (*on_free)(void *ctx), void *ctx);
/* The pool's owner lets go; what is left is freed with the last batch that is still in use. */
void hz_spectra_pool_close(struct hz_spectra_pool *p);
/* An empty batch with one reference; NULL: all are in use, or no memory. */
struct hz_spectra *hz_spectra_take(struct hz_spectra_pool *p);
/* Makes room for n spectra of that band; for fewer when memory is short. */
void hz_spectra_reserve(struct hz_spectra *s, size_t n, const struct hz_band *band);

#endif
