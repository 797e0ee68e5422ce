/* How a channel receives, for the status: what tells why it may decode little. Loop thread. */
#ifndef HZ_DAEMON_CONTROL_RECEPTION_H
#define HZ_DAEMON_CONTROL_RECEPTION_H

#include "daemon/receive/channel.h"

#include <cjson/cJSON.h>

/* The member "reception" of a channel (docs/control.md): a new tree. NULL: no memory. */
cJSON *hz_reception_json(const struct hz_channel_stats *s);

#endif
