/* The bands of a receiver that hops, for its status. Loop thread. */
#ifndef HZ_DAEMON_CONTROL_BANDS_H
#define HZ_DAEMON_CONTROL_BANDS_H

#include "daemon/receive/receiver.h"

#include <cjson/cJSON.h>

/* Adds `bands` to the receiver's status; nothing if it stays in one band. */
void hz_status_bands(cJSON *receiver, const struct hz_receiver *r);
/* Adds `bands` to a channel's status: the centres of those that hold it; nothing likewise. */
void hz_status_channel_bands(cJSON *channel, const struct hz_receiver *r,
                             const struct hz_channel *c);

#endif
