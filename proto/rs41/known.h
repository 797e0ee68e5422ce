/* What is known of the sondes that were heard on a channel: their calibration, collected page by
 * page, and what their next frame will repeat. Pure; one thread at a time. */
#ifndef HZ_PROTO_RS41_KNOWN_H
#define HZ_PROTO_RS41_KNOWN_H

#include "proto/rs41/frame.h"

enum {
    HZ_RS41_SERIAL = 8, /* characters */
    HZ_RS41_PAGES = 51,
    HZ_RS41_PAGE = 16, /* octets */
    HZ_RS41_SONDES = 4,
};

struct hz_rs41_sonde {
    char serial[HZ_RS41_SERIAL + 1]; /* "": none */
    double at;                       /* sample at which its last header began */
    size_t len;                      /* of its last frame */
    uint8_t last[HZ_RS41_EXTENDED];
    bool have[HZ_RS41_PAGES];
    uint8_t page[HZ_RS41_PAGES * HZ_RS41_PAGE];
};

struct hz_rs41_known {
    struct hz_rs41_sonde sonde[HZ_RS41_SONDES];
    unsigned latest;
};

/* Octets of a frame that are likely known beforehand. */
struct hz_rs41_hints {
    size_t len; /* of the frame; 0: nothing is known of it */
    bool has[HZ_RS41_EXTENDED];
    uint8_t value[HZ_RS41_EXTENDED];
};

/* What a frame whose header begins at sample `at` is likely to hold: that of the sonde heard last
 * repeats its layout and serial number, counts frames and seconds on, and sends its calibration
 * again. Of an unknown sonde the usual layout. */
void hz_rs41_expect(const struct hz_rs41_known *k, double at, struct hz_rs41_hints *out);

/* Notes a frame that was decoded. Returns its sonde; NULL if it does not say which one it is. */
struct hz_rs41_sonde *hz_rs41_note(struct hz_rs41_known *k, const uint8_t *frame, size_t len,
                                   double at);

/* Calibration pages that are known. */
unsigned hz_rs41_pages(const struct hz_rs41_sonde *s);

/* Whether the octets from .. from + n - 1 of the calibration are known. */
bool hz_rs41_has(const struct hz_rs41_sonde *s, size_t from, size_t n);

#endif
