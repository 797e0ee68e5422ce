/* One message as one line of a table that a person likes to watch; for `hertzd demo` and
 * `hertzctl watch`. */
#ifndef HZ_DAEMON_MSGLINE_H
#define HZ_DAEMON_MSGLINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

void hz_msgline_header(FILE *out);

/* Prints a frame (one JSON line of `len` bytes) of kind "message", "gap" or "state"; anything else
 * prints nothing. Text of the frame that a terminal could take for a command is made harmless. */
void hz_msgline_print(const char *json, size_t len, bool colour, FILE *out);

#endif
