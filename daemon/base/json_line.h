/* A line or message in JSON from outside. Any thread. */
#ifndef HZ_DAEMON_BASE_JSON_LINE_H
#define HZ_DAEMON_BASE_JSON_LINE_H

#include <cjson/cJSON.h>

/* The value that n bytes of text are, with white space around it and nothing else; the caller frees
 * it. NULL: they are none, or there is no memory. */
cJSON *hz_json_line(const char *text, size_t n);

#endif
