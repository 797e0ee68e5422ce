/* A channel: one decoder on the samples of one receiver. A channel is a strand
 * (daemon/receive/strand.h): its jobs run one after the other, so the decoder needs no lock and its
 * messages are in order. A wideband channel gets blocks of the receiver's samples. A narrow channel
 * gets spectra, from which it is cut out.
 *
 * What the jobs of one turn decoded is a *result*. The result stays in the channel's arena until it
 * is published (daemon/receive/channels.h says when); only then does the next job start.
 *
 * Loop thread. The state that a job works on (daemon/receive/decoding.h) is owned by the worker
 * while the job runs. */
#ifndef HZ_DAEMON_RECEIVE_CHANNEL_H
#define HZ_DAEMON_RECEIVE_CHANNEL_H

#include "daemon/bus/bus.h"
#include "daemon/bus/fold.h"
#include "daemon/receive/spectra.h"
#include "daemon/receive/tally.h"
#include "dsp/ddc.h"

struct hz_channel;

struct hz_channel_env {
    struct hz_jobs *jobs;
    struct hz_bus *bus;
    struct hz_fold *fold;               /* merges repeats; NULL: they are not merged */
    const void *stream;                 /* as struct hz_fold_from has it */
    bool timed;                         /* as struct hz_fold_from has it */
    const struct hz_conf_channel *conf; /* copied; NULL: a spare one, for hz_channel_open */
    const char *receiver;               /* its name; copied */
    double latitude, longitude;         /* of its antenna; NAN: unknown */
    /* blocks or batches that may wait in the inbox; less than HZ_STRAND_INBOX_MAX */
    size_t inbox;
    uint64_t first_turn; /* turn of the first samples that the channel gets */
    uint64_t number;     /* of the channel; larger than those of the receiver's channels before */
    int64_t rank;        /* rank of its jobs (daemon/base/jobs.h) */
    /* Called with each message that tells a carrier, before it is published: the error of our
     * crystal in ppm if the transmitter were exact, beside what the device is corrected by. NULL:
     * not called. */
    void (*heard)(void *ctx, const struct hz_channel *c, const struct hz_record *rec, double ppm);
    /* Called when a result is ready, or when the inbox has room again. */
    void (*progress)(void *ctx);
    void *ctx;
};

/* Bursts of a channel whose decoder takes bursts. */
struct hz_channel_bursts {
    size_t limit, open; /* at a time, and now */
    uint64_t found;     /* candidates in its part of the band */
    uint64_t opened;    /* of these, decoded */
    uint64_t shed;      /* of these, such that found no place */
    uint64_t too_long;  /* of those opened, ended by their length */
};

/* Counters for status; the loop's own copy, taken when a job is done. */
struct hz_channel_stats {
    uint64_t blocks, samples;
    uint64_t open_samples; /* narrow channels: of batches at whose end the squelch was open */
    uint64_t count[HZ_REASONS];
    uint64_t arena_drops;            /* messages dropped because the arena was full */
    uint64_t overruns, lost_samples; /* inbox full: how often, and samples lost */
    uint64_t cpu_ns;                 /* CPU time of its jobs: down-converter and decoder */
    int64_t last_message_mono_ns;    /* 0: none yet */
    size_t queued;                   /* blocks waiting now */
    bool open;                       /* narrow channels: the squelch is open */
    bool talking;                    /* its last speech was not the end of a transmission */
    bool receiving;                  /* its decoder is in the middle of a transmission */
    uint64_t coded;                  /* speech as packets of Opus */
    float level_dbfs, noise_dbfs;    /* narrow, with a squelch: in the channel's bandwidth */
    /* mean offset of the received carriers from the channel's frequency, over `carriers` of them */
    double carrier_ppm;
    uint64_t carriers;
    struct hz_means heard, failed;   /* as in struct hz_sink */
    struct hz_channel_bursts bursts; /* of a host */
};

/* Makes a channel. NULL: no memory. */
struct hz_channel *hz_channel_new(const struct hz_channel_env *env);

/* What a channel begins with, beside its section. */
struct hz_channel_begin {
    uint64_t first_turn;  /* it is published from this turn on */
    uint64_t from_sample; /* of the receiver, from which it decodes */
    /* One burst of a channel that has no samples of its own (HZ_INPUT_BURST): its messages are that
     * channel's. NULL: it is no such burst, and what follows has no meaning. */
    struct hz_channel *host;
    double offset_hz;                                /* from the band's centre */
    double burst_low_hz, burst_high_hz, burst_share; /* as in struct hz_setup */
};

/* Opens a spare channel for a configuration section, which is copied. -ENOMEM: it stays spare. */
int hz_channel_open(struct hz_channel *c, const struct hz_conf_channel *conf,
                    const struct hz_channel_begin *begin);
/* Whether it is a host: its decoder takes bursts, each of which a channel of its own serves. It
 * gets no samples itself. */
bool hz_channel_hosts(const struct hz_channel *c);
/* The host of a channel that serves one burst; NULL: it is no such channel. */
struct hz_channel *hz_channel_host(const struct hz_channel *c);
/* Its host goes away. */
void hz_channel_orphan(struct hz_channel *c);
/* The counters of a host's bursts, for whoever opens them. */
struct hz_channel_bursts *hz_channel_bursts(struct hz_channel *host);
/* Counts something of a host's bursts as its decoder would. */
void hz_channel_count(struct hz_channel *host, enum hz_reason reason);

/* Makes an open channel spare again and keeps its memory. It must have been made as a spare channel
 * and must be idle. */
void hz_channel_shut(struct hz_channel *c);

/* Frees the channel when the job in flight is done, then calls closed (may be NULL). Results that
 * are not published yet are dropped. */
void hz_channel_close(struct hz_channel *c, void (*closed)(void *ctx), void *ctx);

/* Sets the mark of each line of the channel (see struct hz_sink). Call it before a stream begins.
 */
void hz_channel_mark(struct hz_channel *c, const char *mark);
/* Sets the position of the receiver's antenna, from the next samples on. A decoder that uses the
 * position restarts if it changed. */
void hz_channel_place(struct hz_channel *c, double latitude, double longitude);
/* What the section knows of sensors and meters counts from the next samples on: the decoder
 * restarts if that is something else than before. A burst that is being decoded ends with what it
 * began with. */
void hz_channel_learn(struct hz_channel *c, const struct hz_conf_channel *conf);
/* The receiver's crystal is fast by so much, beside what the device is corrected by: a narrow
 * channel is moved to where its carriers are, to the nearest 40 Hz, with the next samples, of which
 * none is lost. Channels that serve bursts stay. */
void hz_channel_shift(struct hz_channel *c, double ppm);
/* Sets whether the channel's input is audio instead of I/Q samples of a band. */
void hz_channel_take_audio(struct hz_channel *c, bool audio);
/* Whether the channel is narrow: cut out of the spectra of the band. */
bool hz_channel_narrow(const struct hz_channel *c);
/* The down-converter's configuration of a narrow channel in a band of rate_hz around centre_hz (0:
 * unknown). */
struct hz_ddc_config hz_channel_how(const struct hz_channel *c, double centre_hz, double rate_hz);
/* Tells a narrow channel that it gets no spectra, and why; "": it gets them again. */
void hz_channel_deafen(struct hz_channel *c, const char *why);

bool hz_channel_has_room(const struct hz_channel *c);

/* Queues a block with its time stamp and takes a reference to it. If the inbox is full, the channel
 * drops this block and the next ones until half of the inbox is free: one long gap, which is
 * counted. */
void hz_channel_push(struct hz_channel *c, struct hz_block *b, struct hz_stamp stamp,
                     struct hz_turn turn);
/* The gate for a batch that is about to be made; NULL: the channel needs none, or cannot be cut out
 * of that band. Borrowed. */
struct hz_spectra_gate *hz_channel_gate(struct hz_channel *c, const struct hz_spectra *s);
/* Gives the channel a batch of spectra, and what its gate told of them (NULL: it has none there). A
 * channel whose gate was closed is done with it at once, without a job. Otherwise the batch is
 * queued, with a reference; if the inbox is full, batches are dropped as in hz_channel_push. */
void hz_channel_push_spectra(struct hz_channel *c, struct hz_spectra *s,
                             const struct hz_mark *marks);
/* Queues a batch with which the channel begins: one that was made before it was opened (past; its
 * messages are published with the channel's first turn), or the first one after those. The limit of
 * the inbox does not apply. */
void hz_channel_push_begin(struct hz_channel *c, struct hz_spectra *s, bool past);
/* Queues the channel's last batch, or with NULL only the end of the turn. Spectra from block
 * `until` on are not heard; 0: all are. The channel takes no part in later turns. */
void hz_channel_push_last(struct hz_channel *c, struct hz_spectra *s, struct hz_turn turn,
                          struct hz_stamp stamp, uint64_t until);
/* Counts samples of the receiver that were lost before they reached the channel. */
void hz_channel_lose(struct hz_channel *c, uint64_t first, size_t n);

/* Queues the end of the stream, at which the decoder is flushed. For wideband channels; narrow
 * channels get the end with the spectra. */
void hz_channel_finish(struct hz_channel *c, struct hz_turn turn, struct hz_stamp stamp);

/* Whether the result of a turn is ready. */
bool hz_channel_result(struct hz_channel *c);
/* Whether there is nothing to publish of that turn, the first that is not published: its gate was
 * closed. */
bool hz_channel_silent(const struct hz_channel *c, uint64_t turn);
/* The channel's number: channels of a receiver are listed in the order of it. */
uint64_t hz_channel_number(const struct hz_channel *c);
/* Whether the channel takes part in that turn. A channel that was added later does not. */
bool hz_channel_has_part_in(const struct hz_channel *c, uint64_t turn);
/* True if nothing is queued, being decoded, or ready to be published. */
bool hz_channel_idle(const struct hz_channel *c);
/* Publishes the ready result on the bus and continues with the inbox. */
void hz_channel_publish(struct hz_channel *c);

const struct hz_conf_channel *hz_channel_conf(const struct hz_channel *c);
struct hz_channel_stats hz_channel_stats(const struct hz_channel *c);
/* Its published messages, those of a host's bursts as well. */
const struct hz_tally *hz_channel_tally(const struct hz_channel *c);
/* How many of its jobs may be at work at the same time. */
unsigned hz_channel_at_a_time(const struct hz_channel *c);
/* How many listen to its speech as Opus. */
size_t hz_channel_listeners(const struct hz_channel *c);
/* Why the channel does not decode; NULL if it does. */
const char *hz_channel_error(const struct hz_channel *c);
/* When the job in flight was given to a worker (uv_hrtime), for the watchdog. 0: no job is in
 * flight. */
uint64_t hz_channel_busy_since(const struct hz_channel *c);

#endif
