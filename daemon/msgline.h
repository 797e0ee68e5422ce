/* One message as one line of a table that a person likes to watch; for `hertzd demo` and
 * `hertzctl watch`. */
#ifndef HZ_DAEMON_MSGLINE_H
#define HZ_DAEMON_MSGLINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* What was shown of each aircraft lately, so that a row is not mostly empty: one message tells only
 * a part. Remembered values are dim where there is colour. */
struct hz_msgline;

/* NULL: no memory. */
struct hz_msgline *hz_msgline_new(FILE *out, bool colour);
void hz_msgline_free(struct hz_msgline *m);

void hz_msgline_header(const struct hz_msgline *m);

/* Prints a frame (one JSON line of `len` bytes) of kind "message", "gap" or "state"; anything else
 * prints nothing. Text of the frame that a terminal could take for a command is made harmless. */
void hz_msgline_print(struct hz_msgline *m, const char *json, size_t len);

#endif
