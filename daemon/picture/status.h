/* The picture's counters for the status. Loop thread. */
#ifndef HZ_DAEMON_PICTURE_STATUS_H
#define HZ_DAEMON_PICTURE_STATUS_H

#include "daemon/picture/snapshot.h"

#include <cjson/cJSON.h>

/* A new tree, owned by the caller. NULL: no memory. */
cJSON *hz_picture_status(const struct hz_snapshots *s);

#endif
