/* The system clock. Any thread. */
#ifndef HZ_DAEMON_BASE_UTC_H
#define HZ_DAEMON_BASE_UTC_H

#include <stdint.h>

/* UTC in ns since 1970. */
int64_t hz_utc_now(void);

#endif
