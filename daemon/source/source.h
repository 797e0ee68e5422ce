/* A source delivers the samples of a receiver in blocks. There are two kinds with one interface:
 * - a *replay* (recording, pipe, simulator) is pulled: it delivers one block for each `pull`, so a
 *   full pipeline pauses it and nothing is lost;
 * - a *live* source (dongle, rtl_tcp) delivers when samples arrive; samples without room are lost,
 *   and its receiver counts them.
 * Loop thread: everything here. */
#ifndef HZ_DAEMON_SOURCE_SOURCE_H
#define HZ_DAEMON_SOURCE_SOURCE_H

#include "config/kind.h"
#include "daemon/base/jobs.h"
#include "daemon/source/block.h"

struct hz_source;
struct hz_handoff_counts;

/* The way that a live source's samples take from the device to us: one that delays by a quarter of
 * a second at most (USB), or a network. */
enum hz_source_path { HZ_PATH_USB, HZ_PATH_TCP };

/* What a source tells its receiver. `ctx` is the source's `ctx`. */
struct hz_source_events {
    /* A live source is open: rate, centre and device of src are known. */
    void (*started)(void *ctx);
    /* The next run of samples; the receiver takes over the reference. format, rate, centre, n,
     * gap_before and epoch (of the source: it counts retunes) are filled in; first_sample and
     * the final epoch are the receiver's to set. */
    void (*block)(void *ctx, struct hz_block *b);
    /* No more: status 0 at the end of a recording, else -errno with the reason in words. The
     * receiver answers with close. Never called from within open. */
    void (*ended)(void *ctx, int status, const char *reason);
    /* A change asked for by `tune` is done (0) or was refused (-errno, why). */
    void (*tuned)(void *ctx, int status, const char *reason);
};

/* What can be changed while a live source streams. */
struct hz_tuning {
    double centre_hz;
    double gain_db;                 /* NAN: automatic */
    char gain_stages[HZ_GAIN_TEXT]; /* "": by gain_db; else as in struct hz_gain */
    double ppm;
    bool bias_tee;
    /* Gain and ppm are what the receiver found so far (daemon/receive/adjust.h). A source does not
     * look at these. */
    bool gain_best, ppm_auto;
};

/* With gain = best, what the first opening begins with. */
#define HZ_GAIN_START_DB 38.0

/* The tuning that a section asks for. */
struct hz_tuning hz_tuning_of(const struct hz_conf_receiver *conf);

/* Whether both ask for the same; what the receiver finds out is the same, whatever it is now. */
bool hz_tuning_same_gain(const struct hz_tuning *a, const struct hz_tuning *b);
bool hz_tuning_same_ppm(const struct hz_tuning *a, const struct hz_tuning *b);

struct hz_source_ops {
    bool live;
    const char *mark; /* what a daemon's lines of it are marked with: "simulated", "replayed"; NULL:
                       * heard on the air, or nobody can tell, as of a pipe */
    /* What runs it in its place with that section (a recording that is a pipe); NULL: nothing. */
    const struct hz_source_ops *(*instead)(const struct hz_conf_receiver *conf);
    /* Whether what ended may come again: a FIFO is read on when the next writer opens it. NULL: it
     * may not. */
    bool (*comes_again)(const struct hz_conf_receiver *conf);
    /* Opens what src->conf names. A replay sets format, rate_hz, centre_hz, start_utc_ns of src; a
     * live source begins to open, and tells by `started` or `ended`. On failure -errno, a line in
     * err, and nothing left open. */
    int (*open)(struct hz_source **src, const struct hz_source *env, char *err, size_t err_len);
    /* Replay: asks for one block. Answered later by one `block` or `ended`. */
    void (*pull)(struct hz_source *src);
    /* Live: changes what differs while it streams, one change at a time (-EBUSY, -ENOSYS with a
     * line in err). `tuned` of the events tells how it went. */
    int (*tune)(struct hz_source *src, const struct hz_tuning *want, char *err, size_t err_len);
    /* Live: stops reading, or goes on; what comes meanwhile waits on the way. NULL: nothing waits,
     * it would be lost. */
    void (*hold)(struct hz_source *src, bool held);
    /* A replay that has a crystal: the error of its sample clock after the correction, and the
     * uncertainty of that, in ppm, as arrival times tell them of a live source. False: not known
     * yet. NULL: it has none. */
    bool (*clock)(const struct hz_source *src, double *ppm, double *sigma);
    /* What its capture thread did since it was opened; NULL: it has no such thread. */
    void (*counts)(struct hz_source *src, struct hz_handoff_counts *counts);
    /* Stops and frees; `closed` is called when nothing of it is left, perhaps at once: with 0, or
     * -ETIMEDOUT when a thread hangs in USB and was given up. No event comes after close was
     * called. */
    void (*close)(struct hz_source *src, void (*closed)(void *ctx, int status));
};

/* The common head of every source; the concrete ones embed it first. */
struct hz_source {
    const struct hz_source_ops *ops;
    const struct hz_conf_receiver *conf; /* borrowed from the receiver */
    struct hz_tuning tuning; /* live: to open with; what conf says, or what was set since */
    uv_loop_t *loop;
    struct hz_jobs *jobs;
    const struct hz_source_events *events;
    void *ctx;
    size_t block_samples; /* per block; 0: the source's own choice */
    /* known after open */
    enum hz_format format;
    double rate_hz, centre_hz;
    int64_t start_utc_ns;     /* of sample 0 */
    char device[160];         /* live: what it is, in words */
    enum hz_source_path path; /* live: how its samples come here */
    /* Live: the tuner's number (rtl_tuner.h) and how many gains it has; 0: not known. */
    uint32_t tuner, n_gains;
};

extern const struct hz_source_ops hz_source_file, hz_source_pipe, hz_source_sim, hz_source_rtlsdr,
    hz_source_rtl_tcp, hz_source_soapy;

/* The kinds of `source =`, in the order of the documentation; ends with NULL. */
extern const struct hz_source_kind *const hz_source_kinds[];
extern const struct hz_source_kind hz_file_kind, hz_sim_kind, hz_rtlsdr_kind, hz_rtl_tcp_kind,
    hz_soapy_kind;

/* The ops for that section (a recording that is no regular file is a pipe). Never NULL. */
const struct hz_source_ops *hz_source_find(const struct hz_conf_receiver *conf);

/* Whether what ended may come again: a FIFO is read on when the next writer opens it. */
bool hz_source_comes_again(const struct hz_conf_receiver *conf);

struct hz_recording;
/* Takes format, rate, centre and start from what was found out of a recording. */
void hz_source_describe(struct hz_source *src, const struct hz_recording *rec);

#endif
