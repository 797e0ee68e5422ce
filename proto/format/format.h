/* A format writes a message in the bytes that other programs read: one message in, bytes out. A
 * format is one file and one line in registry.c. What carries the bytes (a socket, a file) is not
 * its concern. Pure; any thread. */
#ifndef HZ_PROTO_FORMAT_FORMAT_H
#define HZ_PROTO_FORMAT_FORMAT_H

#include "proto/out/field.h"

/* A message, and where it comes from. */
struct hz_form_in {
    const struct hz_record *rec;
    const char *receiver, *channel, *protocol;
    const char *station; /* what an output calls this place; NULL: as the receiver */
    const char *line;    /* the whole line in JSON, without its newline */
    size_t line_len;
};

/* Bytes that are being written, in memory of the caller. */
struct hz_bytes {
    char *p;
    size_t cap, n;
    bool full; /* something did not fit; the caller drops all of it */
};

void hz_bytes_add(struct hz_bytes *b, const void *data, size_t n);
void hz_bytes_byte(struct hz_bytes *b, unsigned value);
void hz_bytes_text(struct hz_bytes *b, const char *text);
/* As printf, for at most 400 characters. */
void hz_bytes_print(struct hz_bytes *b, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The object and a newline; full where the object did not fit its own memory. */
void hz_bytes_object(struct hz_bytes *b, const struct hz_json *j);
/* Digits of hex, upper case or lower. */
void hz_bytes_hex(struct hz_bytes *b, const uint8_t *data, size_t n, bool upper);

struct hz_form {
    const char *name;  /* as in `format =` */
    const char *title; /* what reads it, in a few words */
    /* Decoders whose messages it can tell; ends with NULL. NULL: all. */
    const char *const *protocols;
    /* HTTP's name of what it writes for one message; NULL: text/plain. "application/json": one
     * object and a newline. */
    const char *mime;
    /* What it writes tells when a message was received, so that an old one is of use too. */
    bool dated;
    const char *beat; /* what is sent to keep a quiet connection; NULL: nothing */
    size_t beat_len;
    const char *head; /* what a file begins with: the names of columns; NULL: nothing */
    bool binary;      /* what it writes is no lines of text */
    /* Writes the message, or nothing if the format cannot tell it. */
    void (*put)(const struct hz_form_in *in, struct hz_bytes *out);
};

/* All formats; ends with NULL. */
extern const struct hz_form *const hz_forms[];
/* NULL: there is none of that name. */
const struct hz_form *hz_form_find(const char *name);
/* Whether it can tell messages of that decoder. */
bool hz_form_takes(const struct hz_form *f, const char *protocol);

extern const struct hz_form hz_form_json, hz_form_beast, hz_form_avr, hz_form_avrmlat, hz_form_sbs,
    hz_form_nmea, hz_form_nmea_tag, hz_form_ais_json, hz_form_kiss, hz_form_tnc2, hz_form_multimon,
    hz_form_multimon_json, hz_form_acars_json, hz_form_vdl2_json, hz_form_rs41_json, hz_form_rtl433,
    hz_form_rtl_wmbus, hz_form_csv, hz_form_influx;

/* For formats: fields of the message. */

/* The number of the field. False: there is none of that name, or it is no number. */
bool hz_form_number(const struct hz_form_in *in, const char *name, double *number);
/* The text of the field; "" if there is none of that name, or it is no text. */
bool hz_form_text(const struct hz_form_in *in, const char *name, char *text, size_t size);
/* Whether the field has exactly this JSON text: `"ground"`, `true`. */
bool hz_form_is(const struct hz_form_in *in, const char *name, const char *json);
/* Adds the field's value to the object that is open in j, as a member called `as`. False: the
 * message has no such field. */
bool hz_form_copy(const struct hz_form_in *in, const char *name, struct hz_json *j, const char *as);
/* Likewise each field of the list, under its own name, in the list's order; it ends with NULL. */
void hz_form_copy_all(const struct hz_form_in *in, const char *const *names, struct hz_json *j);
/* Adds a value that is JSON already. */
void hz_form_member(struct hz_json *j, const char *as, size_t as_len, struct hz_value value);
/* What the other program calls the place that received the message. */
const char *hz_form_station(const struct hz_form_in *in);
/* "app":{"name":"hertzd","ver":…}, as acarsdec and dumpvdl2 name themselves. */
void hz_form_app(struct hz_json *j);

#endif
