/* Foreign JSON written again as hertzd writes it (proto/out/json.h), so that fields are found in it
 * by their marks: without white space, numbers without exponents. Values stay what they are, text
 * with NUL included; members that are null are left out. One thread at a time. */
#ifndef HZ_DAEMON_INPUT_JSON_COPY_H
#define HZ_DAEMON_INPUT_JSON_COPY_H

#include "proto/out/json.h"

#include <cjson/cJSON.h>

/* The value that n bytes of text are, which are changed; the caller frees it. NULL: they are none,
 * or there is no memory. */
cJSON *hz_json_copy_parse(char *text, size_t n);

/* Whether a member may have that name: it needs no escapes. */
bool hz_json_copy_name(const char *name);

/* Writes a value, or the members of an object or array, once: texts in it are changed. NULL; or
 * what hertzd cannot write, in words. */
const char *hz_json_copy(struct hz_json *j, const char *key, const cJSON *v);
const char *hz_json_copy_members(struct hz_json *j, const cJSON *of);

#endif
