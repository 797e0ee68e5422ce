/* What a receiver with gain = best or ppm = auto has found out, for its status. Loop thread. */
#ifndef HZ_DAEMON_CONTROL_FOUND_STATUS_H
#define HZ_DAEMON_CONTROL_FOUND_STATUS_H

#include "daemon/receive/receiver.h"

#include <cjson/cJSON.h>

/* Adds gain_why and gain_tried, ppm_why and ppm_found: those of what is found out now. */
void hz_found_status(cJSON *receiver, const struct hz_receiver *r);

#endif
