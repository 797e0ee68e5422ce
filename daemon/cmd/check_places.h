/* What only the machine can tell of a configuration: recordings that are not there or cannot be
 * read, sockets that cannot be made. For `hertzd check`: a daemon tries again instead. Loop thread,
 * or before there is a loop. */
#ifndef HZ_DAEMON_CMD_CHECK_PLACES_H
#define HZ_DAEMON_CMD_CHECK_PLACES_H

#include "config/config.h"

void hz_check_places(const struct hz_config *c, struct hz_conf_errors *errors);

#endif
