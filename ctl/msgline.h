/* One message as one line that a person likes to watch; for `hertzd demo` and `hertzctl watch`. */
#ifndef HZ_CTL_MSGLINE_H
#define HZ_CTL_MSGLINE_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum { HZ_MSGTEXT_MAX = 600 };

/* What a message tells, in the columns of its protocol: 54 characters of them, or a text of any
 * length at the end. Printable characters only, whatever came off the air. */
struct hz_msgtext {
    char who[24]; /* the aircraft, ship, station or pager; "": none */
    char text[HZ_MSGTEXT_MAX];
};

/* What was shown of each aircraft and ship lately, so that a row is not mostly empty: one message
 * tells only a part. */
struct hz_msgline;

/* width: characters of a line, longer ones are cut; 0: any number. NULL: no memory. */
struct hz_msgline *hz_msgline_new(FILE *out, bool colour, int width);
void hz_msgline_free(struct hz_msgline *m);

/* The text of a message (a line of kind "message", parsed), with what is remembered. */
void hz_msgline_text(struct hz_msgline *m, const cJSON *message, struct hz_msgtext *text);

void hz_msgline_header(const struct hz_msgline *m);

/* Prints a frame (one JSON line of `len` bytes) of kind "message", "gap" or "state"; anything else
 * prints nothing. Text of the frame that a terminal could take for a command is made harmless. */
void hz_msgline_print(struct hz_msgline *m, const char *json, size_t len);

/* The first characters of a text, at most `width`, as many bytes. */
int hz_text_cut(const char *s, int width);

#endif
