/* A reader finds messages in the bytes that another program sends, in one format. A format is one
 * file and one line in registry.c. Bytes may be cut anywhere; after bytes that make no sense it
 * finds the next message. Where the bytes come from, and what a message means
 * (proto/reader/teller.h), is not its concern. Pure; its state is used by one thread at a time. */
#ifndef HZ_PROTO_READER_READER_H
#define HZ_PROTO_READER_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum hz_unit_kind {
    HZ_UNIT_NONE,    /* more bytes are needed */
    HZ_UNIT_MESSAGE, /* a message, complete */
    HZ_UNIT_SKIPPED, /* something of the format that is no message for us: a heartbeat, Mode A/C */
    HZ_UNIT_BAD,     /* bytes that are nothing: `why` tells */
};

enum { HZ_UNIT_STATION_MAX = 31 };

struct hz_unit {
    enum hz_unit_kind kind;
    const char *why;     /* static */
    const uint8_t *data; /* the frame, the payload, the line; the reader's until the next call */
    size_t bits;         /* of data */
    bool counted;        /* `ticks` is there */
    uint64_t ticks;      /* a counter of 48 bits, as sent */
    uint8_t signal;      /* as in Beast: 255 times the root of the power; 0: not told */
    int64_t utc_ns;      /* when the sender received it; 0: not told */
    char channel;        /* of AIS: 'A', 'B', or 0 */
    bool own;            /* of AIS: told by the ship's own unit (VDO), not received */
    unsigned port;       /* of KISS */
    char station[HZ_UNIT_STATION_MAX + 1]; /* who received it; "": not told */
};

struct hz_reader {
    const char *name;  /* as in `format =` */
    const char *title; /* what sends it, in a few words */
    /* Decoders whose messages it may hold, the usual one first; ends with NULL. NULL: each message
     * tells its own. */
    const char *const *protocols;
    size_t state_size;         /* bytes, which the caller zeroes before init */
    void (*init)(void *state); /* NULL: zeroes are enough */
    /* Reads of n bytes up to the end of one unit, which is filled in, or all. Returns how many it
     * read, at least one of n > 0. now_ms: any clock that goes forward, for what is waited for. */
    size_t (*take)(void *state, const uint8_t *p, size_t n, uint64_t now_ms, struct hz_unit *unit);
    /* The bytes end here, as a datagram does: what is complete without a line's end is the unit.
     * What waits for further datagrams stays. */
    void (*cut)(void *state, uint64_t now_ms, struct hz_unit *unit);
};

/* All formats; ends with NULL. */
extern const struct hz_reader *const hz_readers[];
/* NULL: there is none of that name. */
const struct hz_reader *hz_reader_find(const char *name);

extern const struct hz_reader hz_reader_beast, hz_reader_avr, hz_reader_nmea, hz_reader_kiss,
    hz_reader_json;

/* For readers: a line of text that is collected, in memory of the reader. */
struct hz_line_of {
    size_t n;
    bool too_long; /* the rest, up to the line's end, is passed over */
};
/* Reads of n bytes up to a line's end, which is left out; CR counts as one if `cr`. *complete:
 * there was an end. Returns how many it read. */
size_t hz_line_of_take(struct hz_line_of *l, char *text, size_t size, const uint8_t *p, size_t n,
                       bool cr, bool *complete);

/* For readers that look at each byte: the `take` of a reader whose `byte` takes one. */
static inline size_t hz_reader_bytes(void *state, const uint8_t *p, size_t n, struct hz_unit *unit,
                                     void (*byte)(void *state, uint8_t b, struct hz_unit *unit))
{
    size_t i = 0;
    *unit = (struct hz_unit){0};
    while (i < n && unit->kind == HZ_UNIT_NONE)
        byte(state, p[i++], unit);
    return i;
}

/* The value of a digit of hex, either case; -1: it is none. */
int hz_hex_value(unsigned char c);

#endif
