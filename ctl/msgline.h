/* A message as one readable line, for `hertzd demo` and `hertzctl watch`. One thread. */
#ifndef HZ_CTL_MSGLINE_H
#define HZ_CTL_MSGLINE_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum { HZ_MSGTEXT_MAX = 600 };

/* The contents of a message in the columns of its protocol: 54 characters, or a text of any length
 * in the last column. It contains printable characters only, whatever was received. */
struct hz_msgtext {
    char who[24]; /* the aircraft, ship, station or pager; "": none */
    char text[HZ_MSGTEXT_MAX];
};

/* The latest fields of each aircraft and ship. One message carries only some of them; the others
 * are filled in from here. */
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
