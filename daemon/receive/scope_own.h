/* A scope and its views. Private to scope.c (who looks at what) and scope_work.c (the job). */
#ifndef HZ_DAEMON_RECEIVE_SCOPE_OWN_H
#define HZ_DAEMON_RECEIVE_SCOPE_OWN_H

#include "daemon/receive/scope.h"
#include "dsp/glance.h"

enum {
    HZ_VIEW_ROWS_MAX = 8,  /* frames that one job can end */
    HZ_SCOPE_PIECES = 32,  /* blocks of one job */
    HZ_SCOPE_BATCHES = 16, /* of spectra that may wait */
    HZ_SCOPE_REPLAYED = 2, /* blocks of a replay that may wait */
};

/* A frame that a job has ended; its levels are in the view's. */
struct hz_view_row {
    int64_t utc_ns;
    float db_min;
    uint32_t span_ms;
    bool lost;
};

struct hz_view {
    struct hz_view *next;
    struct hz_scope *scope;
    struct hz_view_want want;
    struct hz_view_grant grant;
    const struct hz_view_events *events; /* NULL: it was closed while a job worked for it */
    void *ctx;
    bool working;     /* the job in flight works for it */
    uint64_t last_ms; /* of the loop's clock: when the last frame came */
    /* the worker's while it runs */
    struct hz_waterfall *waterfall; /* NULL: nothing is in the band */
    bool begun;                     /* `begin` and `due` are of `epoch` */
    bool lost;
    bool may_end; /* a frame is due by the clock too */
    uint32_t epoch;
    uint64_t begin; /* index of the frame's first sample */
    double due;     /* index at which it ends */
    struct hz_view_row rows[HZ_VIEW_ROWS_MAX];
    size_t n_rows;
    uint8_t *levels; /* grant.bins for each row */
};

struct hz_scope {
    struct hz_scopes *all;
    struct hz_scope *next;
    char name[HZ_NAME_MAX + 1];
    const void *owner; /* NULL: the receiver is not there */
    bool live;
    double rate_hz, centre_hz; /* that new views are granted by; 0: not known */
    struct hz_view *views;
    struct hz_scope_stats stats;
    struct hz_strand strand;
    bool inside;      /* it calls viewers: it must not be freed now */
    bool broken;      /* something was skipped: frames of the next piece say so */
    uint64_t waiting; /* samples of the blocks in the inbox */
    /* of the job in flight; the worker's while it runs */
    double job_rate_hz, job_centre_hz;
    struct hz_piece pieces[HZ_SCOPE_PIECES];
    size_t n_pieces;
    struct hz_view *at_work[HZ_SCOPE_VIEWS_MAX];
    size_t n_at_work;
    struct hz_glance *glance; /* NULL: no blocks come */
    uint32_t glance_epoch;
    double glance_bin_hz;
    float *powers; /* of one spectrum; room for n_powers */
    size_t n_powers;
};

struct hz_scopes {
    struct hz_jobs *jobs;
    struct hz_scope *first;
};

extern const struct hz_strand_ops hz_scope_strand_ops;

/* Computes the grants for the band of the next job, and tells those whose grant changed. */
void hz_scope_grant(struct hz_scope *s);
/* Frees a view that is in no list any more. */
void hz_view_free(struct hz_view *v);
/* The last view has left and no job is in flight: frees what only views need. */
void hz_scope_rest(struct hz_scope *s);

#endif
