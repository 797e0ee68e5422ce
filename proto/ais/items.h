/* The fields of AIS messages as tables: where a field lies, what it is called, which of its values
 * mean something. A message is a list of such items; what cannot be said so is a function beside
 * it. Pure. */
#ifndef HZ_PROTO_AIS_ITEMS_H
#define HZ_PROTO_AIS_ITEMS_H

#include "proto/out/json.h"

#include <stddef.h>
#include <stdint.h>

/* A message that is being described. */
struct hz_ais_in {
    const uint8_t *payload;
    unsigned bits; /* of payload */
    struct hz_json *json;
};

enum hz_ais_kind {
    HZ_AIS_NUMBER,
    HZ_AIS_SIGNED, /* two's complement */
    HZ_AIS_BOOL,
    HZ_AIS_TEXT, /* of 6-bit characters; bits 0: to the end of the message; lo other than 0: left
                  * out where every character is a 0 */
    HZ_AIS_POSITION, /* name is the prefix of lon and lat; bits of the longitude, which is first and
                      * one bit longer, or 24: latitude first */
    HZ_AIS_DIMENSIONS, /* to_bow, to_stern (9 bits each), to_port, to_starboard (6 each) */
    HZ_AIS_DATE,       /* month, day, hour, minute (4, 5, 5, 6 bits): "05-15T14:00Z" */
    HZ_AIS_DAY,        /* day, hour, minute (5, 5, 6 bits): "15T14:00Z" */
    HZ_AIS_TURN,       /* rate of turn, 8 bits */
    HZ_AIS_SECOND,     /* 0 to 63, 60: not available */
    HZ_AIS_DATA,       /* what no table explains, to the end: "bits:hex" */
    HZ_AIS_UNLESS,     /* no field: where these bits are `lo`, the next `hi` items are left out */
};

/* `at` counts from 0 as the tables of messages do. A number is left out when it is below lo or (hi
 * other than 0) above hi: that is how "not available" and what is reserved are coded. Its value is
 * raw / per + add; per 0: raw + add, an integer. */
struct hz_ais_item {
    const char *name;
    uint16_t at;
    uint8_t bits;
    enum hz_ais_kind kind;
    int32_t lo, hi;
    int16_t per, add;
    const char *(*text)(uint32_t raw); /* also writes NAME_text, unless it gives NULL */
};

uint32_t hz_ais_bits(const struct hz_ais_in *in, unsigned at, unsigned n);

/* Writes the items that are whole and known, up to the one without a name; `shift` is added to all
 * places, for contents that lie elsewhere in another message. */
void hz_ais_items(const struct hz_ais_in *in, const struct hz_ais_item *items, unsigned shift);

/* Characters of `bits` bits at `at`, up to an '@', into out (room for bits / 6 bytes); how many.
 * ITU-R M.1371-5, table 47. */
size_t hz_ais_chars(const struct hz_ais_in *in, unsigned at, unsigned bits, char *out);

/* How many of n characters are left without the blanks at the end. */
size_t hz_ais_trim(const char *chars, size_t n);

/* "bits:hex" of the bits from `at` up to `end`. */
void hz_ais_data(const struct hz_ais_in *in, unsigned at, unsigned end);

#endif
