/* The status in the text format of Prometheus (docs/metrics.md). Loop thread. */
#ifndef HZ_DAEMON_CONTROL_METRICS_H
#define HZ_DAEMON_CONTROL_METRICS_H

#include "daemon/run/daemon.h"

/* A new text, terminated, which the caller frees with free(). NULL: no memory. */
char *hz_metrics_text(const struct hz_daemon *d);

#endif
