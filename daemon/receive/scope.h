/* Scopes: the pictures of receivers' bands. Each receiver has a scope, by its name. Somebody who
 * looks at it opens a *view*: so many displayed bins over a range of frequencies, so many frames a
 * second (dsp/waterfall.h). All views of a scope share one job at a time. It works on the batches
 * of spectra that the band strand makes anyway or, where there are none, on the blocks of samples
 * (dsp/glance.h). A scope without views does nothing and keeps nothing.
 *
 * A view goes on when its receiver is retuned, stops and comes back, or is replaced by another of
 * its name. While there are no samples there are no frames.
 *
 * Loop thread: everything here. */
#ifndef HZ_DAEMON_RECEIVE_SCOPE_H
#define HZ_DAEMON_RECEIVE_SCOPE_H

#include "config/config.h"
#include "daemon/receive/spectra.h"

struct hz_scopes;
struct hz_scope;
struct hz_view;

/* What a viewer asks for. */
struct hz_view_want {
    double from_hz, to_hz; /* absolute; both NAN: the whole band */
    double fps;
    size_t bins;
};

enum {
    HZ_VIEW_BINS_MIN = 16,
    HZ_VIEW_BINS_MAX = 8192,
    HZ_VIEW_FPS_MAX = 50,
    HZ_SCOPE_VIEWS_MAX = 32,     /* different views of one receiver */
    HZ_SCOPE_HELD = 32,          /* batches of spectra: 16 wait, 16 are worked on */
    HZ_SCOPE_VIEWERS_MAX = 1024, /* of one receiver, by those who give frames to them */
};
#define HZ_VIEW_FPS_MIN 0.1

/* What it gets. It changes with the receiver's band: `bins` is lower where the range has fewer bins
 * of 40 Hz; the range is what of it lies in the band. */
struct hz_view_grant {
    double from_hz, to_hz; /* 0: the band is not known yet */
    size_t bins;           /* 0: nothing of it is in the band now */
    double fps;
};

struct hz_view_frame {
    int64_t utc_ns; /* of its end */
    double from_hz, to_hz;
    float db_min, db_step;
    uint32_t span_ms; /* over which the peaks were held */
    bool lost;        /* samples or spectra are missing within */
    size_t n;
    const uint8_t *levels;
};

struct hz_view_events {
    /* A frame is ready; its levels are valid during the call. The view may be closed in it. */
    void (*frame)(void *ctx, const struct hz_view_frame *f);
    /* The grant has changed. */
    void (*changed)(void *ctx);
};

/* ---- for viewers ------------------------------------------------------------------------ */

/* The scope of a receiver that is there now; name NULL: of the only receiver. NULL, with one line
 * in err: there is none, or there are several. */
struct hz_scope *hz_scopes_find(const struct hz_scopes *s, const char *name, char *err,
                                size_t err_len);
const char *hz_scope_name(const struct hz_scope *s);

/* 0; -EMFILE: the receiver has HZ_SCOPE_VIEWS_MAX; -ENOMEM; with one line in err. */
int hz_view_open(struct hz_view **view, struct hz_scope *s, const struct hz_view_want *want,
                 const struct hz_view_events *events, void *ctx, char *err, size_t err_len);
/* The ctx of an open view that is wanted alike; NULL: there is none. */
void *hz_view_alike(const struct hz_scope *s, const struct hz_view_want *want);
struct hz_scope *hz_view_scope(const struct hz_view *v);
struct hz_view_grant hz_view_grant(const struct hz_view *v);
/* No event comes after it. The scope may be freed with its last view. */
void hz_view_close(struct hz_view *v);

/* Tells the scope how its viewers are, for the status: how many came or went, and how many frames
 * did not reach one because it did not read. */
void hz_scope_viewers(struct hz_scope *s, int more, uint64_t dropped);

/* ---- for receivers ---------------------------------------------------------------------- */

/* The scope of that name, made if there is none. `owner` is the receiver; it replaces one before
 * it. live: blocks come by themselves (those of a replay are few and must not be kept). NULL: no
 * memory. */
struct hz_scope *hz_scope_attach(struct hz_scopes *s, const char *name, const void *owner,
                                 bool live);
/* The receiver goes. Nothing happens if another has replaced it. */
void hz_scope_detach(struct hz_scope *s, const void *owner);
/* The band that the receiver has or will have; 0: not known. */
void hz_scope_band(struct hz_scope *s, const void *owner, double rate_hz, double centre_hz);
/* A batch of spectra, or a block of a receiver that has none. References are taken as needed. What
 * finds the scope too far behind is skipped and counted. */
void hz_scope_spectra(struct hz_scope *s, const void *owner, struct hz_spectra *spectra);
void hz_scope_block(struct hz_scope *s, const void *owner, struct hz_block *b,
                    struct hz_stamp stamp);

struct hz_scope_stats {
    size_t views, viewers;
    uint64_t frames;  /* made for views */
    uint64_t dropped; /* of them, that a viewer did not get because it did not read */
    uint64_t skipped; /* batches or blocks, because the workers were busy */
    uint64_t jobs, cpu_ns;
};
const struct hz_scope_stats *hz_scope_stats(const struct hz_scope *s);

/* ---- all of them ------------------------------------------------------------------------ */

/* NULL: no memory. */
struct hz_scopes *hz_scopes_new(struct hz_jobs *jobs);
/* When no receiver is attached and no view is open any more. NULL is allowed. */
void hz_scopes_free(struct hz_scopes *s);

#endif
