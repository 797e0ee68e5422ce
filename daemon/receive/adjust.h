/* What a receiver finds out by itself: with gain = best the gain at which it decodes most
 * (dsp/gain_search.h), with ppm = auto the error of its crystal (dsp/crystal.h). This is the
 * wiring: it feeds both with what the receiver measures and decodes, sets the device, moves the
 * channels, and keeps what was found for the next start (daemon/receive/remembered.h). Loop thread.
 */
#ifndef HZ_DAEMON_RECEIVE_ADJUST_H
#define HZ_DAEMON_RECEIVE_ADJUST_H

#include "config/config.h"
#include "daemon/receive/remembered.h"
#include "dsp/crystal.h"
#include "dsp/gain_search.h"

struct hz_receiver;
struct hz_channel;
struct hz_record;

struct hz_adjust {
    char folder[HZ_STATE_DIR_MAX]; /* "": nothing is kept */
    struct hz_remembered kept;     /* as it was loaded or saved last */
    double air_s;                  /* seconds of samples, over all openings */
    double looked_s, saved_s;      /* when it looked last, and saved last */
    double deaf_until_s; /* carriers of before the device was set may be told until then */
    bool by_itself;      /* the change of tuning in progress is ours: nobody is told */
    struct hz_crystal crystal;
    double rest_ppm; /* that the channels are moved by */
    bool searches;   /* the gain */
    struct hz_gain_search gain;
    double messages; /* of all channels when it looked last */
};

/* Loads what was found before into the tuning of the first opening. */
void hz_adjust_init(struct hz_receiver *r, const char *folder);
/* The device is open: what was found of another one is forgotten. */
void hz_adjust_started(struct hz_receiver *r);
/* So many samples arrived. Looks once in a second of samples. */
void hz_adjust_samples(struct hz_receiver *r, size_t n);
/* hz_channels_env.heard. ctx is the receiver. */
void hz_adjust_heard(void *ctx, const struct hz_channel *c, const struct hz_record *rec,
                     double ppm);

#endif
