/* The bands of a receiver that hops, for its status. Loop thread. */
#ifndef HZ_DAEMON_CONTROL_BANDS_H
#define HZ_DAEMON_CONTROL_BANDS_H

#include "daemon/receive/receiver.h"

#include <cjson/cJSON.h>

/* Adds `bands` to the receiver's status; nothing if it stays in one band. */
void hz_status_bands(cJSON *receiver, const struct hz_receiver *r);

#endif
