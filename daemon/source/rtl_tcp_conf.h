/* [receiver] with source = rtl_tcp. */
#ifndef HZ_DAEMON_SOURCE_RTL_TCP_CONF_H
#define HZ_DAEMON_SOURCE_RTL_TCP_CONF_H

#include "daemon/source/source.h"

/* HOST:PORT of the server, as it was given. */
const char *hz_rtl_tcp_address(const struct hz_conf_receiver *r);

#endif
