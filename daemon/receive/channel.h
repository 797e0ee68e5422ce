/* A channel: one decoder on one receiver's samples. A strand (daemon/receive/strand.h), so the
 * decoder needs no lock and its messages are in order. A wide channel is given blocks of the
 * receiver's samples, a narrow one spectra, out of which it is cut.
 *
 * What the jobs of one turn found is a *result*. It stays in the channel's arena until it is
 * published (daemon/receive/channels.h says when), and only then does the next job start. Loop
 * thread; what the job works with (daemon/receive/decoding.h) is the worker's while a job runs. */
#ifndef HZ_DAEMON_RECEIVE_CHANNEL_H
#define HZ_DAEMON_RECEIVE_CHANNEL_H

#include "daemon/bus/bus.h"
#include "daemon/bus/fold.h"
#include "daemon/receive/spectra.h"
#include "dsp/ddc.h"

struct hz_channel;

struct hz_channel_env {
    struct hz_jobs *jobs;
    struct hz_bus *bus;
    struct hz_fold *fold;                    /* what messages go through; NULL: none */
    const void *stream;                      /* of hz_fold_from */
    bool timed;                              /* likewise */
    const struct hz_conf_channel *conf;      /* copied; NULL: a spare one, for hz_channel_open */
    const struct hz_conf_receiver *receiver; /* copied: its name and position */
    size_t inbox;        /* blocks or batches that may wait; less than HZ_STRAND_INBOX_MAX */
    uint64_t first_turn; /* of what it will be given first */
    int64_t rank;        /* of its jobs */
    /* A result lies ready, or there is room in the inbox again. */
    void (*progress)(void *ctx);
    void *ctx;
};

/* Counters for status; the loop's own copy, taken when a job is done. */
struct hz_channel_stats {
    uint64_t blocks, samples;
    uint64_t count[HZ_REASONS];
    uint64_t arena_drops;            /* messages that found the arena full */
    uint64_t overruns, lost_samples; /* times the inbox was full, and what was lost then */
    uint64_t cpu_ns;                 /* in down-converter and decoder */
    int64_t last_message_mono_ns;    /* 0: none yet */
    size_t queued;                   /* blocks waiting now */
    bool open;                       /* narrow: the squelch */
    float level_dbfs, noise_dbfs;    /* narrow, with a squelch: in the channel's width */
    double carrier_ppm;              /* of what was heard against the channel; of `carriers` */
    uint64_t carriers;
};

/* NULL: no memory. */
struct hz_channel *hz_channel_new(const struct hz_channel_env *env);

/* A spare channel becomes one for that section (copied), from a sample of the receiver on, and in
 * the order of publication from turn first_turn on. -ENOMEM: it stays a spare one. */
int hz_channel_open(struct hz_channel *c, const struct hz_conf_channel *conf, uint64_t first_turn,
                    uint64_t from_sample);
/* An open one that was made as a spare one is spare again; it is idle. Its memory stays. */
void hz_channel_shut(struct hz_channel *c);

/* Frees it when the job in flight is done; closed (may be NULL) is called then. Publishes no more.
 */
void hz_channel_close(struct hz_channel *c, void (*closed)(void *ctx), void *ctx);

/* What every line of it is marked with (see struct hz_sink); before a stream begins. */
void hz_channel_mark(struct hz_channel *c, const char *mark);
/* The receiver's antenna stands there from the next samples on; a decoder that wants to know its
 * place begins anew if it moved. */
void hz_channel_place(struct hz_channel *c, const struct hz_conf_receiver *receiver);
/* What it will be given is audio, all of it, and no longer a band; or that no longer. */
void hz_channel_take_audio(struct hz_channel *c, bool audio);
/* Whether it is cut out of the band's spectra. */
bool hz_channel_narrow(const struct hz_channel *c);
/* What a narrow channel takes of a band of rate_hz around centre_hz (0: nobody knows). */
struct hz_ddc_config hz_channel_how(const struct hz_channel *c, double centre_hz, double rate_hz);
/* A narrow channel that is given no spectra, and why; "": it is given some again. */
void hz_channel_deafen(struct hz_channel *c, const char *why);

bool hz_channel_has_room(const struct hz_channel *c);

/* Queues a block (referenced by the channel) with its clock. When the inbox is full the block is
 * lost to this channel, and so are the next ones until half of it is free: one long gap, counted.
 */
void hz_channel_push(struct hz_channel *c, struct hz_block *b, struct hz_stamp stamp,
                     struct hz_turn turn);
/* Queues a batch of spectra (referenced); a full inbox as above. */
void hz_channel_push_spectra(struct hz_channel *c, struct hz_spectra *s);
/* Queues a batch that was made before the channel was opened, whatever the limit of the inbox. What
 * it gives is part of the first turn. */
void hz_channel_push_past(struct hz_channel *c, struct hz_spectra *s);
/* Queues the last that this channel is given: the batch, or none (NULL) and only the end of the
 * turn. It has no part in later turns. */
void hz_channel_push_last(struct hz_channel *c, struct hz_spectra *s, struct hz_turn turn,
                          struct hz_stamp stamp);
/* Samples of the receiver that were lost before they came to the channel. */
void hz_channel_lose(struct hz_channel *c, uint64_t first, size_t n);

/* Queues the end of the stream: the decoder is flushed. Spectra tell that by themselves. */
void hz_channel_finish(struct hz_channel *c, struct hz_turn turn, struct hz_stamp stamp);

/* Whether the result of a turn lies ready. */
bool hz_channel_result(const struct hz_channel *c);
/* Whether it listens to that turn at all: it may have joined later. */
bool hz_channel_has_part_in(const struct hz_channel *c, uint64_t turn);
/* True when nothing is queued, in work or ready. */
bool hz_channel_idle(const struct hz_channel *c);
/* Puts the ready result on the bus and goes on with the inbox. */
void hz_channel_publish(struct hz_channel *c);

const struct hz_conf_channel *hz_channel_conf(const struct hz_channel *c);
struct hz_channel_stats hz_channel_stats(const struct hz_channel *c);
/* Why it does not decode, or NULL when it does. */
const char *hz_channel_error(const struct hz_channel *c);
/* When its job was given to a worker (uv_hrtime), 0: none is. For the watchdog. */
uint64_t hz_channel_busy_since(const struct hz_channel *c);

#endif
