/* A receiver: one source of samples, its life and its sample clock, and the channels that listen to
 * it. Loop thread: everything here. */
#ifndef HZ_DAEMON_RECEIVE_RECEIVER_H
#define HZ_DAEMON_RECEIVE_RECEIVER_H

#include "daemon/receive/channels.h"
#include "daemon/receive/clock.h"
#include "daemon/receive/meter.h"
#include "daemon/source/handoff.h"
#include "daemon/source/source.h"

enum hz_receiver_state {
    HZ_RX_CLOSED,    /* not started yet */
    HZ_RX_OPENING,   /* a dongle or a server is being opened */
    HZ_RX_STREAMING, /* samples come */
    HZ_RX_STALLED,   /* it is there, but no samples come; about to be closed */
    HZ_RX_LOST,      /* it went away; about to be closed */
    HZ_RX_STOPPING,  /* being closed */
    HZ_RX_BACKOFF,   /* waiting to open again */
    HZ_RX_ENDED,     /* a recording was played to its end, or the receiver was stopped */
};

/* "closed", "opening", "streaming", … */
const char *hz_receiver_state_name(enum hz_receiver_state state);

struct hz_receiver_stats {
    uint64_t blocks, samples;
    uint64_t gaps, lost_samples; /* lost before they reached us */
    uint64_t opens;              /* times the source was opened with success */
    uint64_t failures;           /* times it could not be opened, stalled or was lost */
    uint64_t wedged;             /* capture threads given up; the process should be restarted */
};

struct hz_receiver;

struct hz_receiver_env {
    uv_loop_t *loop;
    struct hz_jobs *jobs;
    struct hz_bus *bus;
    struct hz_fold *fold;                /* NULL: repeats are not folded */
    const struct hz_conf_receiver *conf; /* copied */
    size_t block_samples;                /* of a replay's blocks; 0: its own choice */
    size_t visits;                       /* as of hz_channels_allow_visits; 0: none */
    bool fixed;                          /* no channel is added once it was started */
    bool once; /* a source that fails or ends is not opened again: `ended` is called instead */
    /* Every block as it came, before it is decoded; NULL: nobody wants them. Must not keep it. */
    void (*block)(void *ctx, struct hz_receiver *r, const struct hz_block *b);
    /* Everything of the source was decoded and published. status as of hz_source_events.ended. */
    void (*ended)(void *ctx, struct hz_receiver *r, int status, const char *reason);
    void *ctx;
};

struct hz_receiver *hz_receiver_new(const struct hz_receiver_env *env);

/* Opens the source. What fails is retried after 1, 2, 4 … 60 s, unless `once`. */
void hz_receiver_start(struct hz_receiver *r);

/* Something was plugged in: a live source in back-off tries again at once. */
void hz_receiver_kick(struct hz_receiver *r);

/* Changes a live receiver's tuning while it streams; how it went is told by a `state` line and in
 * the info. 0: under way; -ENOSYS, -EBUSY, -EAGAIN (not streaming) with a line in err. */
int hz_receiver_tune(struct hz_receiver *r, const struct hz_tuning *want, char *err,
                     size_t err_len);

/* Whether its source can be tuned while it streams. */
bool hz_receiver_tunes(const struct hz_receiver *r);
/* The tuning that it has, or will have when the change under way is done. */
struct hz_tuning hz_receiver_wants(const struct hz_receiver *r);
/* Brings it to that tuning whatever it does now: at once while it streams, after the change under
 * way, or with the next opening. What the source refuses is told as by hz_receiver_tune. */
void hz_receiver_retune(struct hz_receiver *r, const struct hz_tuning *want);
/* The antenna stands there (NAN: not known). Decoders that want to know begin anew if it moved. */
void hz_receiver_place(struct hz_receiver *r, double latitude, double longitude);

/* Whether it has a channel as that section wants it. */
bool hz_receiver_has_channel(const struct hz_receiver *r, const struct hz_conf_channel *conf);
/* Adds a channel, at any time. -ENOMEM. */
int hz_receiver_add_channel(struct hz_receiver *r, const struct hz_conf_channel *conf);
/* Removes one; the others do not notice. -ENOENT. */
int hz_receiver_remove_channel(struct hz_receiver *r, const char *name);

/* Lets what was read be decoded and published, then closes the source; state is then ENDED. */
void hz_receiver_stop(struct hz_receiver *r);

/* Closes the source, ends the channels' jobs, frees all, then calls closed. */
void hz_receiver_close(struct hz_receiver *r, void (*closed)(void *ctx), void *ctx);

/* What others may know of it. Pointers live until the loop goes on. */

const char *hz_receiver_name(const struct hz_receiver *r);
/* Its section as it is in force: with the tuning that it has. */
const struct hz_conf_receiver *hz_receiver_conf(const struct hz_receiver *r);
enum hz_receiver_state hz_receiver_state(const struct hz_receiver *r);
/* Whether a full pipeline may pause it. */
bool hz_receiver_replays(const struct hz_receiver *r);
/* "simulated", "replayed"; NULL: neither. */
const char *hz_receiver_mark(const struct hz_receiver *r);

struct hz_receiver_life {
    enum hz_receiver_state state;
    int64_t since_mono_ns; /* when it came to this state */
    char reason[320];      /* in words, why it is in this state; "" */
    char last_error[320];  /* the latest failure in words; "" */
};
const struct hz_receiver_life *hz_receiver_life(const struct hz_receiver *r);
/* It could not be opened, stalled or was lost, and no samples came since. */
bool hz_receiver_failing(const struct hz_receiver *r);
const struct hz_receiver_stats *hz_receiver_stats(const struct hz_receiver *r);
/* "", "pending", "done", or why the last change of its tuning was refused. */
const char *hz_receiver_tuning_text(const struct hz_receiver *r);
/* The latest level of its band; NULL: not measured yet. */
const struct hz_level *hz_receiver_level(const struct hz_receiver *r);

/* The samples as they come from the source; what its section says while none is open. */
struct hz_receiver_samples {
    const char *device;      /* live: what it is; "" */
    uint32_t tuner, n_gains; /* of the source: see source.h */
    enum hz_format format;
    double rate_hz, centre_hz;
    double air_s;               /* seconds of signal since the source was opened */
    int64_t last_block_mono_ns; /* 0: none yet */
    uint32_t epoch;
};
struct hz_receiver_samples hz_receiver_samples(const struct hz_receiver *r);

/* What the sample clock knows. */
struct hz_receiver_timing {
    double ppm_error; /* of the crystal; NAN: not known */
    enum hz_clock_pace pace;
    double received_hz; /* samples that come a second; NAN: they come at their rate */
    uint64_t utc_steps; /* times the system's clock was set while it streamed */
};
struct hz_receiver_timing hz_receiver_timing(const struct hz_receiver *r);

/* What its capture thread did since the source was opened. False: it has none, or that did nothing.
 */
bool hz_receiver_capture(const struct hz_receiver *r, struct hz_handoff_counts *counts);

/* Its pool of channels for visits; `limit` 0: it has none. */
const struct hz_visits_stats *hz_receiver_visits(const struct hz_receiver *r);
struct hz_channel *const *hz_receiver_channels(const struct hz_receiver *r, size_t *n);
/* What its band strand did. False: nothing, or no channel wants spectra. */
bool hz_receiver_spectra(const struct hz_receiver *r, struct hz_band_strand_stats *stats);

#endif
