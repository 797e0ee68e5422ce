/* Log lines to stderr, with systemd priorities ("<6>") if systemd reads it. Loop thread. */
#ifndef HZ_DAEMON_BASE_LOG_H
#define HZ_DAEMON_BASE_LOG_H

#include <syslog.h>

/* Suppresses lines less important than `level` (LOG_ERR to LOG_DEBUG). The default is LOG_INFO. */
void hz_log_level(int level);

/* Writes one line, printf-style, without a newline at its end. Lines with the same `format` are
 * written at most 5 times in 10 s; the next one says how many were suppressed. */
void hz_log(int priority, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
