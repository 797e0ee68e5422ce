/* Log lines to stderr; with systemd priorities ("<6>") when systemd reads it, the journal above
 * all. Loop thread. */
#ifndef HZ_DAEMON_BASE_LOG_H
#define HZ_DAEMON_BASE_LOG_H

#include <syslog.h>

/* Lines of a lower importance than `level` (LOG_ERR … LOG_DEBUG) are left out; default LOG_INFO. */
void hz_log_level(int level);

/* One line, printf-style, no newline at its end. A line of the same `format` is written at most 5
 * times in 10 s; how many were held back is told with the next. */
void hz_log(int priority, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
