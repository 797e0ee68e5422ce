/* One thing that is told: a message, a piece of speech, lost samples, a change of state. What
 * programs look at (kind, time, sender, levels, the frame) are fields; the text for clients was
 * written beside them, once, and nobody reads it again. Pure; any thread. */
#ifndef HZ_PROTO_OUT_RECORD_H
#define HZ_PROTO_OUT_RECORD_H

#include "proto/out/json.h"

#include <stdint.h>

enum hz_kind {
    HZ_KIND_HELLO,
    HZ_KIND_MESSAGE,
    HZ_KIND_GAP,
    HZ_KIND_STATE,
    HZ_KIND_STATS,
    HZ_KIND_AUDIO,
    HZ_KIND_REPEAT,
    HZ_KIND_EVENT, /* what a section [event NAME] tells: docs/events.md */
    HZ_KIND_BURST, /* a transmission that no declaration of a sensor explains */
    HZ_KINDS
};

/* "hello", "message", "gap", "state", "stats", "audio", "repeat", "event", "burst". */
const char *hz_kind_name(enum hz_kind kind);

enum { HZ_ID_MAX = 31 };

/* Whom and what place a message is about. */
struct hz_about {
    char id[HZ_ID_MAX + 1]; /* what the protocol calls the sender: "4840d6"; "": it has no name */
    double lat, lon;        /* degrees, north and east positive; NAN: it gives no position */
};

/* Of the message whose text is written: the sender, as the protocol calls it (an address, a
 * callsign), cut at HZ_ID_MAX bytes; and where the message says that it is. Nothing is added to the
 * text, and nothing is done where j is of no message. */
void hz_about_id(struct hz_json *j, const char *id);
void hz_about_number(struct hz_json *j, uint32_t id); /* in decimal digits */
void hz_about_position(struct hz_json *j, double lat, double lon);

struct hz_record {
    enum hz_kind kind;
    int64_t utc_ns; /* of its first sample */
    int64_t end_ns; /* UTC of the end of the burst; 0: not known */
    /* Of its first sample, by the clock that only counts samples (struct hz_stamp): about UTC, with
     * no step within an epoch. 0: not known. */
    int64_t clock_ns;
    uint64_t sample; /* its first one, counted in the receiver's samples */
    double freq_hz;  /* of the channel; 0: of none */
    float rssi_dbfs, noise_dbfs, snr_db, offset_hz; /* NAN: not measured */
    unsigned fixed_bits; /* of a message: bits that error correction changed */
    struct hz_about about;
    const char *mark; /* static: "simulated", "replayed"; NULL: neither */
    /* Of a message the frame after error correction; of speech 16-bit mono PCM, little-endian; of a
     * burst its lengths (proto/sensors/burst.h), which the text does not have. */
    const uint8_t *raw;
    size_t raw_len; /* bytes; 0: there is none */
    /* Members of the JSON object from "time" on, without braces. Of speech all but "data", which
     * is written for those who want it (hz_record_print). Not terminated. */
    const char *json;
    size_t json_len;
    /* Of a message: where the fields of the protocol's object are in json. hz_record_field and
     * hz_record_field_at (proto/out/field.h) read them. */
    const uint8_t *marks;
    size_t n_fields; /* 0: there are none */
    /* speech: the first sample of its transmission, as in the message that will tell of it */
    uint64_t transmission;
    unsigned rate_hz;
    bool first, last; /* speech: of its transmission */
    /* Speech: the same 20 ms as an Opus packet (dsp/opus.h); 0 bytes: nobody listens, or it was not
     * coded. */
    const uint8_t *opus;
    size_t opus_len;
};

/* Writes all members of its line into the object that is open in j, "kind" first. */
void hz_record_print(const struct hz_record *r, struct hz_json *j);

#endif
