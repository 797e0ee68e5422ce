/* A receiver: one source of samples with its state and its sample clock, and the channels that
 * decode it. Loop thread: everything here. */
#ifndef HZ_DAEMON_RECEIVE_RECEIVER_H
#define HZ_DAEMON_RECEIVE_RECEIVER_H

#include "daemon/receive/channels.h"
#include "daemon/receive/clock.h"
#include "daemon/receive/meter.h"
#include "daemon/receive/scope.h"
#include "daemon/source/handoff.h"
#include "daemon/source/source.h"

enum hz_receiver_state {
    HZ_RX_CLOSED,    /* not started yet */
    HZ_RX_OPENING,   /* a dongle or a server connection is being opened */
    HZ_RX_STREAMING, /* samples arrive */
    HZ_RX_STALLED,   /* the source is open, but no samples arrive; it will be closed */
    HZ_RX_LOST,      /* the source has disappeared; it will be closed */
    HZ_RX_STOPPING,  /* the source is being closed */
    HZ_RX_BACKOFF,   /* waiting for the next attempt to open the source */
    HZ_RX_ENDED,     /* a recording was played to its end, or the receiver was stopped */
};

/* "closed", "opening", "streaming", … */
const char *hz_receiver_state_name(enum hz_receiver_state state);

struct hz_receiver_stats {
    uint64_t blocks, samples;
    uint64_t gaps, lost_samples; /* lost between the antenna and this program */
    uint64_t opens;              /* times the source was opened successfully */
    uint64_t failures;           /* times the source could not be opened, stalled or was lost */
    /* capture threads that did not end and were abandoned; the process should be restarted */
    uint64_t wedged;
};

struct hz_receiver;
struct hz_adjust;

struct hz_receiver_env {
    uv_loop_t *loop;
    struct hz_jobs *jobs;
    struct hz_bus *bus;
    struct hz_fold *fold;                /* merges repeats; NULL: they are not merged */
    struct hz_scopes *scopes;            /* where its band can be looked at; NULL: nowhere */
    const struct hz_conf_receiver *conf; /* copied */
    /* samples in a block of a replay; 0: the source's own choice */
    size_t block_samples;
    const char *state_dir; /* where is kept what it finds out; "" or NULL: nowhere; copied */
    size_t visits;         /* as in hz_channels_allow_visits; 0: none */
    bool once; /* a source that fails or ends is not opened again: `ended` is called instead */
    /* Called with every block as it arrives, before it is decoded. It must not keep the block.
     * NULL: not called. */
    void (*block)(void *ctx, struct hz_receiver *r, const struct hz_block *b);
    /* Called when all samples of the source were decoded and published. `status` as in
     * hz_source_events.ended. */
    void (*ended)(void *ctx, struct hz_receiver *r, int status, const char *reason);
    void *ctx;
};

struct hz_receiver *hz_receiver_new(const struct hz_receiver_env *env);

/* Opens the source. A failure is retried after 1, 2, 4 … 60 s, unless `once` is set. */
void hz_receiver_start(struct hz_receiver *r);

/* Tells the receiver that a USB device was plugged in: a live source in back-off is tried again at
 * once. */
void hz_receiver_kick(struct hz_receiver *r);

/* Changes a live receiver's tuning while it streams. The outcome is reported by a `state` line and
 * by hz_receiver_tuning_text. 0: in progress; -ENOSYS, -EBUSY or -EAGAIN (not streaming), with one
 * line in err. */
int hz_receiver_tune(struct hz_receiver *r, const struct hz_tuning *want, char *err,
                     size_t err_len);

/* Whether the source can be tuned while it streams. */
bool hz_receiver_tunes(const struct hz_receiver *r);
/* The present tuning, or the one that it will have after the change in progress. */
struct hz_tuning hz_receiver_wants(const struct hz_receiver *r);
/* Sets the tuning in any state: at once while it streams, after a change in progress, or with the
 * next opening. A refusal by the source is reported as by hz_receiver_tune. */
void hz_receiver_retune(struct hz_receiver *r, const struct hz_tuning *want);
/* Puts a plan of bands to dwell in into force, at any time; n = 0: it stays where it is. */
void hz_receiver_plan(struct hz_receiver *r, const struct hz_conf_hops *plan);
/* Sets the antenna's position (degrees; NAN: unknown). Decoders that use it restart if it changed.
 */
void hz_receiver_place(struct hz_receiver *r, double latitude, double longitude);

/* The channel of that section takes over what it knows of sensors and meters, from the next samples
 * on. False: the receiver has no channel whose section says the same. */
bool hz_receiver_keeps_channel(struct hz_receiver *r, const struct hz_conf_channel *conf);
/* Adds a channel, at any time. 0 or -ENOMEM. */
int hz_receiver_add_channel(struct hz_receiver *r, const struct hz_conf_channel *conf);
/* Removes a channel without disturbing the others. 0, or -ENOENT if there is no such channel. */
int hz_receiver_remove_channel(struct hz_receiver *r, const char *name);

/* Stops the receiver: decodes and publishes what was read, then closes the source. The state is
 * then HZ_RX_ENDED. */
void hz_receiver_stop(struct hz_receiver *r);

/* Closes the source, waits for the channels' jobs, frees the receiver, then calls closed. */
void hz_receiver_close(struct hz_receiver *r, void (*closed)(void *ctx), void *ctx);

/* Read-only information for status. Pointers are valid until the loop's next iteration. */

const char *hz_receiver_name(const struct hz_receiver *r);
/* The section that the receiver was made from. Its tuning and position may have changed since. */
const struct hz_conf_receiver *hz_receiver_conf(const struct hz_receiver *r);
/* The present tuning; while no source is open, the tuning of the next opening. */
const struct hz_tuning *hz_receiver_has(const struct hz_receiver *r);
enum hz_receiver_state hz_receiver_state(const struct hz_receiver *r);
/* Whether the source can pause while the pipeline is full (a replay). */
bool hz_receiver_replays(const struct hz_receiver *r);
/* The mark of the receiver's lines: "simulated" or "replayed"; NULL: neither. */
const char *hz_receiver_mark(const struct hz_receiver *r);

struct hz_receiver_life {
    enum hz_receiver_state state;
    int64_t since_mono_ns; /* when the state began */
    char reason[320];      /* reason for the state, in words; "": none */
    char last_error[320];  /* the latest failure, in words; "": none yet */
};
const struct hz_receiver_life *hz_receiver_life(const struct hz_receiver *r);
/* Whether the source could not be opened, stalled or was lost, and no samples arrived since. */
bool hz_receiver_failing(const struct hz_receiver *r);
const struct hz_receiver_stats *hz_receiver_stats(const struct hz_receiver *r);
/* State of the last change of tuning: "" (none yet), "pending", "done", or why it was refused. */
const char *hz_receiver_tuning_text(const struct hz_receiver *r);
/* The latest measured level of the whole band; NULL: not measured yet. */
const struct hz_level *hz_receiver_level(const struct hz_receiver *r);

/* Properties of the source's samples. While no source is open they are those of the section. */
struct hz_receiver_samples {
    const char *device;      /* live sources: name of the device; "" */
    uint32_t tuner, n_gains; /* tuner and number of gains of the source (see source.h) */
    enum hz_format format;
    double rate_hz, centre_hz;
    double air_s;               /* seconds of signal since the source was opened */
    int64_t last_block_mono_ns; /* 0: none yet */
    uint32_t epoch;
};
struct hz_receiver_samples hz_receiver_samples(const struct hz_receiver *r);

/* The plan of a receiver that hops; n = 0: it stays in one band. */
const struct hz_conf_hops *hz_receiver_hops(const struct hz_receiver *r);

/* One band of its plan. Seconds are those of samples. */
struct hz_receiver_band {
    double centre_hz, seconds; /* as the plan has them */
    bool now;                  /* it is tuned now */
    bool stays;                /* now, and after the dwell's time, as something is received */
    double next_s;             /* until the next dwell, or the end of this one, as planned */
    uint64_t dwells, longer;   /* dwells begun; of these, such that went on after their time */
    double heard_s, longer_s;  /* heard, and of that after the time of a dwell */
    double minute, hour;       /* fraction of the last minute and hour in which it was heard */
};
struct hz_receiver_band hz_receiver_band(const struct hz_receiver *r, size_t i);
/* Whether that band of the plan holds the channel. */
bool hz_receiver_band_holds(const struct hz_receiver *r, size_t i, const struct hz_channel *c);
/* Whether the channel's band is not tuned now. Then *next_s is the time until its next dwell. */
bool hz_receiver_away(const struct hz_receiver *r, const struct hz_channel *c, double *next_s);

/* The time stamp of the present block, by the receiver's clock. */
struct hz_stamp hz_receiver_stamp_now(const struct hz_receiver *r);

/* What the sample clock has measured. */
struct hz_receiver_timing {
    double ppm_error; /* error of the receiver's crystal; NAN: unknown */
    enum hz_clock_pace pace;
    double received_hz; /* measured samples per second; NAN: equal to the nominal rate */
    uint64_t utc_steps; /* times the system clock was set while it streamed */
};
struct hz_receiver_timing hz_receiver_timing(const struct hz_receiver *r);

/* The error of the crystal in ppm, estimated from the carriers of transmitters: if it is fast,
 * carriers appear too low. Decoders of the whole band measure carriers too coarsely. NAN: too few
 * messages. */
double hz_receiver_ppm_heard(const struct hz_receiver *r);

/* What it found out of its gain and its crystal, if it was asked to (hz_receiver_has tells). */
const struct hz_adjust *hz_receiver_adjust(const struct hz_receiver *r);

/* Counters of the capture thread since the source was opened. False: there is no such thread, or it
 * has not run. */
bool hz_receiver_capture(const struct hz_receiver *r, struct hz_handoff_counts *counts);

/* Counters of the pool of channels for visits; `limit` 0: there is no pool. */
const struct hz_visits_stats *hz_receiver_visits(const struct hz_receiver *r);
/* The scope of its name; NULL: it has none. */
const struct hz_scope *hz_receiver_scope(const struct hz_receiver *r);
struct hz_channel *const *hz_receiver_channels(const struct hz_receiver *r, size_t *n);
/* Counters of the band strand. False: there are none, because no channel needs spectra or nothing
 * was done yet. */
bool hz_receiver_spectra(const struct hz_receiver *r, struct hz_band_strand_stats *stats);

#endif
