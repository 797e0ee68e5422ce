/* Where a receiver that hops dwells, when it goes on to the next one, and how much of the time
 * each band was heard. Pure: time is what the caller says. `now_s` is any clock that only goes
 * forward; seconds that were heard are those of samples, so what is cut off after a hop is no part
 * of a dwell.
 *
 * A dwell lasts as long as the plan says. If something is being received at its end, it goes on
 * until that ends, but no longer than once more its time. */
#ifndef HZ_DAEMON_RECEIVE_HOP_H
#define HZ_DAEMON_RECEIVE_HOP_H

#include "config/config.h"

enum { HZ_HOP_SLOTS = 60 };

/* Seconds heard in each of the latest slots of time; the newest is number `last`. */
struct hz_hop_recent {
    float heard_s[HZ_HOP_SLOTS];
    int64_t last;
};

struct hz_hop_band {
    uint64_t dwells;                   /* begun */
    uint64_t longer;                   /* dwells that went on after their time */
    double heard_s;                    /* ever */
    double longer_s;                   /* of these, after a dwell's time */
    struct hz_hop_recent minute, hour; /* in slots of 1 s, and of 1 min */
};

struct hz_hop {
    struct hz_conf_hops plan; /* n = 0: the receiver does not hop */
    size_t at;                /* band that is tuned now */
    double dwell_s;           /* heard in this dwell */
    bool stays;               /* this dwell goes on after its time */
    double began_s;           /* when the plan came into force */
    struct hz_hop_band band[HZ_HOPS_MAX];
};

/* Puts a plan into force: what was counted is forgotten. The first dwell is that of the plan's band
 * around centre_hz, or of its first one. */
void hz_hop_begin(struct hz_hop *h, const struct hz_conf_hops *plan, double centre_hz,
                  double now_s);

/* Counts seconds of samples of the present band that end now. */
void hz_hop_heard(struct hz_hop *h, double seconds, double now_s);

/* Whether the dwell is over. `busy`: something is being received. */
bool hz_hop_over(struct hz_hop *h, bool busy);

/* The band after the present one. */
size_t hz_hop_next(const struct hz_hop *h);
/* A dwell of that band begins. */
void hz_hop_arrive(struct hz_hop *h, size_t band);

/* Seconds of samples until the present dwell ends at the latest. */
double hz_hop_left_s(const struct hz_hop *h);
/* Seconds until band i is tuned, if no dwell is longer than planned; 0: it is tuned now. */
double hz_hop_wait_s(const struct hz_hop *h, size_t i);

/* The fraction of the last minute or hour in which band i was heard, or of the time since the plan
 * came into force if that is shorter. 0 to 1. */
double hz_hop_last_minute(const struct hz_hop *h, size_t i, double now_s);
double hz_hop_last_hour(const struct hz_hop *h, size_t i, double now_s);

#endif
