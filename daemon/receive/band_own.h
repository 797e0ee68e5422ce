/* The structure of a band strand, for band.c (the loop: batches, and which band they are of) and
 * band_work.c (what workers do for a batch). Private to these two. */
#ifndef HZ_DAEMON_RECEIVE_BAND_OWN_H
#define HZ_DAEMON_RECEIVE_BAND_OWN_H

#include "daemon/receive/band.h"
#include "daemon/receive/lead_in.h"

enum {
    HZ_BATCH_PIECES = 64,
    HZ_BATCHES_AT_WORK = 2, /* or ready: one begins while the one before is ended */
    HZ_BATCH_PARTS = 8,     /* jobs of a batch that transform */
};

struct hz_batch;

/* A job of a batch. It gathers the samples of its blocks after those of the part before, and
 * transforms the last of them beside the other parts. */
struct hz_batch_part {
    struct hz_job job;
    struct hz_batch *batch;
    bool last;         /* it gathers all that is left */
    uint64_t order_ns; /* wall time of what it did in order: to gather, at least */
};

/* A batch in work. Its parts gather in their order, transform at the same time, and then one job
 * does what depends on the order of the spectra. A batch of one part has no job but that. */
struct hz_batch {
    struct hz_band_strand *strand;
    bool busy;
    struct hz_batch_part part[HZ_BATCH_PARTS];
    size_t blocks; /* that one part gathers */
    bool alone;    /* there is one part */
    struct hz_job in_order;
    struct hz_spectra *out;
    uint64_t cpu_ns, order_ns;
    /* what is gathered; the worker's that does so */
    struct hz_piece piece[HZ_BATCH_PIECES];
    size_t n_pieces, at;
    struct hz_samples in;      /* of the piece before `at`, what is left */
    bool begun;                /* something of it was gathered */
    struct hz_lead_in lead_in; /* samples before it, for a new band */
    /* of the job in order */
    bool hunts, reset;
    struct hz_hunt_stats hunt;
};

struct hz_band_strand {
    struct hz_band_strand_env env;
    struct hz_band_strand_stats stats;
    struct hz_strand strand;
    struct hz_shared_band *band; /* of the next batch */
    double low_hz, high_hz;      /* which suits this part; both 0: not known */
    struct hz_lead_in lead_in;   /* collected for another that is wanted */
    struct hz_spectra_pool *pool;
    size_t waiting; /* samples in the inbox */
    uint32_t epoch; /* epoch and centre of the samples that were last given to a job */
    double centre_hz;
    bool hunts; /* somebody wants candidates */
    struct hz_batch batch[HZ_BATCHES_AT_WORK];
    struct hz_job *last_part, *last_in_order;     /* of the batch that was begun last */
    struct hz_spectra *ready[HZ_BATCHES_AT_WORK]; /* results, the oldest first */
    size_t n_ready;
    /* the workers' */
    uint32_t heard_epoch;      /* of the samples that were gathered last */
    uint64_t next;             /* number of the next block to be made */
    struct hz_spectrum before; /* the one before, by a new band that has made no other yet */
    struct hz_hunt *hunt;      /* of the jobs in order; NULL: nobody wants candidates */
};

/* Worker: a part of a batch, and what depends on the order of the spectra, after all parts; or
 * both, for a batch of one part. The owner of the second job is the batch, of the others a part. */
void hz_batch_work_part(struct hz_job *job);
void hz_batch_work_in_order(struct hz_job *job);
void hz_batch_work_alone(struct hz_job *job);

#endif
