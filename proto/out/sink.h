/* Where a decoder's messages go. A sink makes each a record (proto/out/record.h), with its text in
 * JSON, once, in the worker, in a bounded arena; the loop later publishes it.
 *
 * Pure; used by one thread at a time (the strand that owns it). */
#ifndef HZ_PROTO_OUT_SINK_H
#define HZ_PROTO_OUT_SINK_H

#include "dsp/opus.h"
#include "dsp/trace.h"
#include "proto/out/field.h"
#include "proto/out/means.h"

#include <stdint.h>

/* What came of a candidate: counted per decoder, shown by status. */
enum hz_reason {
    HZ_MESSAGE,     /* a message was written */
    HZ_NO_PREAMBLE, /* energy, but not the shape of a burst */
    HZ_TOO_SHORT,   /* the burst or the samples ended early */
    HZ_BAD_CRC,     /* check failed, and could not be repaired */
    HZ_SANITY,      /* check passed, contents impossible or not to be trusted */
    HZ_SHED,        /* not looked into further: the work allowed in a second was used up */
    HZ_REASONS
};

/* "message", "no_preamble", "too_short", "bad_crc", "sanity", "shed". */
const char *hz_reason_name(enum hz_reason reason);

/* What a decoder knows of one received burst. Levels are means over the burst, in the
 * channel's bandwidth, relative to a full-scale complex tone (which has 0 dBFS). A level or offset
 * that is NAN is not measured by the decoder: the sink fills in what its trace holds. */
struct hz_burst {
    uint64_t sample; /* first sample of the burst, counted in the decoder's input samples */
    uint64_t end;    /* one after its last; 0: not known */
    float rssi_dbfs, noise_dbfs, snr_db;
    float offset_hz; /* transmitter's carrier against the channel */
    int fixed_bits;  /* bits changed by error correction */
    const uint8_t *raw;
    size_t raw_len; /* bytes; the frame after error correction. 0: there is none, as of speech */
};

/* Sample index to UTC, fixed for one job: utc_ns + (index - sample) * ns_per_sample. */
struct hz_stamp {
    uint64_t sample;
    int64_t utc_ns;
    double ns_per_sample;
    /* The clock that counts samples at their nominal rate, and is not corrected within an epoch:
     * its time of sample 0, about UTC, and its step. A step of 0: it is not known. */
    int64_t count_ns;
    double count_step_ns;
};

/* The part of the envelope that does not change, but for freq_hz and *more; borrowed by the sink.
 */
struct hz_sink_head {
    const char *receiver, *channel, *protocol;
    double freq_hz; /* 0: not known, and not told */
    /* Further members of messages as JSON text, without a comma before or behind; NULL: none. With
     * these, a sample of 0 is not known, and not told. */
    const char *more;
};

/* The text of the names and the frequency of a head, which all records begin with. */
struct hz_sink_names {
    char text[256];
    size_t len;     /* bytes; 0: not written yet, or too long */
    double freq_hz; /* that is in it */
};

enum { HZ_SINK_CARRIERS = 200 };
/* Signal power against the noise from which failed samples held a transmission. Noise alone does
 * not vary so much over the length of a message. */
#define HZ_SINK_SENT_DB -3

struct hz_sink {
    const struct hz_sink_head *head;
    struct hz_sink_names names;
    const char *mark; /* static: "simulated", "replayed", told in every line as KEY:true; or NULL */
    struct hz_stamp stamp;
    const struct hz_trace *trace; /* of the decoder's input, borrowed; NULL: there is none */
    double scale;                 /* receiver samples per sample of the decoder's input */
    struct hz_opus *opus;         /* codes speech, borrowed; NULL: it is not coded */
    uint64_t coded;               /* packets of Opus */
    bool talking;                 /* the last speech was not the end of its transmission */
    /* records one behind the other: struct, raw bytes, packet, text, marks */
    char *arena;
    size_t cap, len;
    struct hz_record now; /* the one being written; its text: */
    struct hz_json json;
    struct hz_marks marks;
    uint64_t count[HZ_REASONS];
    uint64_t dropped; /* records that found the arena full */
    /* Carriers against the channel, in ppm of its frequency: the mean, in which the latest
     * HZ_SINK_CARRIERS messages weigh most, and how many messages told one. */
    double carrier_ppm;
    uint64_t carriers;
    struct hz_means heard;  /* messages */
    struct hz_means failed; /* transmissions whose check failed: hz_sink_fail */
};

/* `arena` is borrowed for as long as the sink is used. */
void hz_sink_init(struct hz_sink *s, const struct hz_sink_head *head, char *arena, size_t cap);
/* Goes on in another arena, which holds what is in the one so far. */
void hz_sink_move(struct hz_sink *s, char *arena, size_t cap);

/* Empties the arena and sets the clock for the next job; counters stay. */
void hz_sink_rewind(struct hz_sink *s, struct hz_stamp stamp);

/* UTC in ns of a sample of the decoder's input. */
int64_t hz_sink_time(const struct hz_sink *s, uint64_t sample);

/* Begins a message: writes the envelope and opens the protocol's own object. The decoder adds
 * its fields to the writer that is returned (never NULL), names the sender and its position with
 * hz_about_id and hz_about_position where it knows them, and then calls hz_sink_end. */
struct hz_json *hz_sink_begin(struct hz_sink *s, const struct hz_burst *burst);

/* Closes and counts the message begun, or drops and counts it when the arena is full. */
void hz_sink_end(struct hz_sink *s);

/* The same of a transmission that nothing explains: a record of HZ_KIND_BURST, whose object is
 * "burst". It is no message, and counted by nobody but `dropped`. raw is kept, and not told. */
struct hz_json *hz_sink_begin_burst(struct hz_sink *s, const struct hz_burst *burst);
void hz_sink_end_burst(struct hz_sink *s);

/* Speech of a transmission that goes on: 16-bit mono PCM, 20 ms at most. */
struct hz_audio {
    uint64_t transmission; /* its first sample, as in the message that will tell of it */
    uint64_t sample;       /* that pcm[0] belongs to, counted in the decoder's input samples */
    unsigned rate_hz;
    const int16_t *pcm;
    size_t n;
    bool first, last; /* piece of the transmission */
};

/* Makes it a record of its own, or drops and counts it when the arena is full. */
void hz_sink_audio(struct hz_sink *s, const struct hz_audio *audio);

/* Copies the record at *at (0: the first) into r and moves *at to the next; false after the last.
 * r's raw, json and marks point into the arena. */
bool hz_sink_next(const struct hz_sink *s, size_t *at, struct hz_record *r);

/* Counts a candidate that came to nothing. */
void hz_sink_refuse(struct hz_sink *s, enum hz_reason reason);

/* Counts a candidate whose check failed, HZ_BAD_CRC, in these samples of the decoder's input. Where
 * the trace shows a transmission there, not only noise, its level and carrier are noted: they tell
 * why it may have failed. */
void hz_sink_fail(struct hz_sink *s, uint64_t first, uint64_t end);

#endif
