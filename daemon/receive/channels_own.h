/* What channels.c, channels_part.c and channels_visit.c share. Loop thread. */
#ifndef HZ_DAEMON_RECEIVE_CHANNELS_OWN_H
#define HZ_DAEMON_RECEIVE_CHANNELS_OWN_H

#include "daemon/receive/channels.h"

/* The environment of a channel, without its configuration section. */
struct hz_channel_env hz_channels_env_of(struct hz_channels *c, bool narrow, int priority);
/* Makes room for one more channel in the list. 0 or -ENOMEM. */
int hz_channels_reserve(struct hz_channels *c);
/* Adds the channel to the list; it decodes from now on. */
void hz_channels_join(struct hz_channels *c, struct hz_channel *channel);
/* Removes the channel at index i from the list and from the order of publication. */
void hz_channels_take_out(struct hz_channels *c, size_t i);

/* hz_band_strand_env.part: what the next spectra are to hold. */
void hz_channels_part(void *channels, double centre_hz, double *low, double *high);

/* Takes back the channels whose visits are over. True: there were some. */
bool hz_channels_end_visits(struct hz_channels *c);

/* Whether a channel takes bursts. */
bool hz_channels_host(const struct hz_channels *c);
/* A channel was added: if it takes bursts, makes the pool larger for them. 0 or -ENOMEM. */
int hz_channels_more_bursts(struct hz_channels *c, struct hz_channel *channel);
/* A channel was removed: what is open for it ends. */
void hz_channels_leave_host(struct hz_channels *c, const struct hz_channel *channel);
/* Opens a visit for each candidate that begins in a batch which is about to be given out, and ends
 * those of candidates that end in it. */
void hz_channels_open_bursts(struct hz_channels *c, const struct hz_spectra *s);

#endif
