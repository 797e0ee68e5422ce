/* Visits: channels that open at run time where something was found, without a section in the
 * configuration, and close again. They come from a pool that is made beforehand, and may begin in
 * the past: the batches with the last HZ_VISITS_PAST spectra are held.
 *
 * The pool is bounded. A visit that finds it used up is refused and counted; those that are open go
 * on. In a replay a channel is spare again two turns after its visit's last one, and the batch of
 * that turn waits until the visit is published: which visits are refused does not depend on the
 * workers. Part of struct hz_channels, which is the interface. Loop thread. */
#ifndef HZ_DAEMON_RECEIVE_VISITS_H
#define HZ_DAEMON_RECEIVE_VISITS_H

#include "daemon/receive/channel.h"

enum {
    HZ_VISITS_PAST = HZ_HUNT_PAST + 2, /* spectra, 0.7 s */
    HZ_VISITS_HELD = HZ_VISITS_PAST,   /* batches of them, where each holds one */
    HZ_VISITS_MAX = 64,
};

struct hz_visit {
    double offset_hz;                 /* from the band's centre */
    double width_hz;                  /* 0: the decoder's own */
    const struct hz_decoder *decoder; /* of a narrow channel */
    /* Samples of the receiver. From `from` on, or from the oldest one held; the block of 20 ms
     * before it comes too. Up to `until` at least, to the end of its batch; 0: until
     * hz_channels_leave or the end of the stream. A retune ends it. */
    uint64_t from, until;
    /* One burst of a channel that takes bursts: that channel, the candidate's number, and where it
     * is, from the band's centre. NULL: it is none. */
    struct hz_channel *host;
    uint32_t candidate;
    double burst_low_hz, burst_high_hz;
    double burst_share; /* as in struct hz_setup */
};

struct hz_visits_stats {
    size_t limit, open;       /* channels of the pool, and those in use */
    uint64_t opened, refused; /* refused: the pool was used up */
};

/* A channel of the pool. */
struct hz_visit_slot {
    struct hz_channel *channel;
    uint64_t id; /* of the visit; 0: spare */
    uint64_t until;
    uint64_t until_block; /* no spectrum from that one on is heard; 0: not known, or all are */
    uint32_t candidate;   /* of a hunt; 0: none */
    uint32_t epoch;
    bool given_first; /* a batch besides those of the past */
    bool given_last;
    uint64_t last_turn; /* in which it was given its last batch */
};

struct hz_visits {
    struct hz_visit_slot *slots;
    struct hz_visits_stats stats;
    struct hz_spectra *held[HZ_VISITS_HELD + 1]; /* oldest first */
    size_t n_held, n_spectra;
    /* of the latest batch */
    uint32_t epoch;
    double rate_hz, centre_hz;
    bool ended;
};

/* Makes the pool; env as for hz_channel_new, without a section. -ENOMEM: there is none. */
int hz_visits_init(struct hz_visits *v, size_t limit, const struct hz_channel_env *env);
/* Makes the pool larger. -ENOMEM: it is as it was. */
int hz_visits_more(struct hz_visits *v, size_t more, const struct hz_channel_env *env);
/* Closes the spare channels of the pool; those in use are the caller's to close. Calls closed for
 * each, as hz_channel_close. */
void hz_visits_close(struct hz_visits *v, void (*closed)(void *ctx), void *ctx);

/* A batch is about to be given out. */
void hz_visits_see(struct hz_visits *v, const struct hz_spectra *s);
/* It was given out: holds it. */
void hz_visits_hold(struct hz_visits *v, struct hz_spectra *s);
/* The band goes away: nothing of it is held any more. */
void hz_visits_forget(struct hz_visits *v);

/* Opens a channel and gives it what is held. 0, with the slot; -EAGAIN (there is no stream with a
 * known centre), -EINVAL, -ENOBUFS (the pool is used up), -ENOMEM, with a line in err. */
int hz_visits_open(struct hz_visits *v, const struct hz_visit *visit, uint64_t first_turn,
                   struct hz_visit_slot **slot, char *err, size_t err_len);
/* Gives it what is held from visit->from on. */
void hz_visits_give_past(struct hz_visits *v, struct hz_visit_slot *slot, uint64_t from);
/* Gives it the next batch, its last one perhaps. */
void hz_visits_give(struct hz_visit_slot *slot, struct hz_spectra *s);
/* A visit is over when it was given its last batch and all of that is published. */
bool hz_visits_over(const struct hz_visit_slot *slot);
/* Replay: whether the channel is spare again in the batch of that turn, the next one. Its visit may
 * not be over yet. */
bool hz_visits_due(const struct hz_visits *v, const struct hz_visit_slot *slot, uint64_t turn);
/* Replay: whether the batch of that turn has to wait for a visit that is due and not over. */
bool hz_visits_wait(const struct hz_visits *v, uint64_t turn);
/* Takes the channel back into the pool. */
void hz_visits_shut(struct hz_visits *v, struct hz_visit_slot *slot);

/* The slot of a channel; NULL: it is one of the configuration. */
struct hz_visit_slot *hz_visits_find(const struct hz_visits *v, const struct hz_channel *c);
/* That of a visit under way; NULL: there is none. */
struct hz_visit_slot *hz_visits_find_id(const struct hz_visits *v, uint64_t id);

#endif
