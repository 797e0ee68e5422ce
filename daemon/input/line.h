/* A line of another hertzd: its text becomes a record, as if the message had been decoded here. The
 * protocol's object, the levels, the raw frame, marks such as "simulated" and members that are not
 * known here are kept, in their order; numbers and text keep their value, written as hertzd writes
 * them.
 *
 * What is changed: `receiver` and `channel` are names of this daemon. Who heard the message first
 * is in the member `origin` (`receiver`, `channel`, and `heard`, `input` and `origin` if the line
 * had them). `input` tells how it came here, and `via` lists the streams of the daemons that it
 * came through, this one last. By `via` a message that comes back is recognised.
 *
 * One thread at a time. */
#ifndef HZ_DAEMON_INPUT_LINE_H
#define HZ_DAEMON_INPUT_LINE_H

#include "config/config.h"
#include "proto/out/field.h"

/* Bytes of the longest line, bytes of the longest raw frame, daemons that a message may have come
 * through. */
enum { HZ_LINE_MAX = 65536, HZ_LINE_RAW_MAX = 8192, HZ_LINE_HOPS = 8, HZ_STREAM_MAX = 63 };

/* What this daemon calls it. All borrowed during the call. */
struct hz_line_as {
    const char *receiver, *channel; /* NULL: as the line has it */
    const char *input;              /* the format or the engine that it came by: "json" */
    const char *stream;             /* of this daemon's bus (hz_bus_stream) */
    const char *from;               /* the stream of the sender; "": not known */
    /* of a hub: the name of the sender. Then `origin` has `station`, `stream` and `seq` too, which
     * are the same however often the line comes. NULL: none */
    const char *station;
};

enum hz_line_kind {
    HZ_LINE_MESSAGE,
    HZ_LINE_HELLO, /* only `stream` and `seq` are set */
    HZ_LINE_OTHER, /* of a kind that is not taken: heartbeat, gap, state, repeat, audio … */
    HZ_LINE_LOOP,  /* a message that came through this daemon before, or through too many */
    HZ_LINE_BAD,
};

struct hz_line {
    /* Its text, marks and raw bytes are the reader's, until the next line. end_ns is its time, as
     * its length is not known; clock_ns is 0. */
    struct hz_record rec;
    /* As the line has them: receiver and channel of the sender. */
    char receiver[HZ_NAME_MAX + 1], channel[HZ_NAME_MAX + 1], protocol[HZ_NAME_MAX + 1];
    char stream[HZ_STREAM_MAX + 1]; /* of a hello, or of a message that has it; "": not told */
    uint64_t seq;                   /* 0: not told */
};

struct hz_line_reader;

/* decoders: say which field of their messages has the id; borrowed, ends with NULL. NULL: no
 * memory.
 */
struct hz_line_reader *hz_line_reader_new(const struct hz_decoder *const *decoders);
void hz_line_reader_free(struct hz_line_reader *r);

/* Reads one line, its newline included or not. err: of HZ_LINE_BAD and HZ_LINE_LOOP, one line that
 * says what is wrong; of HZ_LINE_OTHER what the sender says if the line is its error; else "". */
enum hz_line_kind hz_line_read(struct hz_line_reader *r, const char *text, size_t n,
                               const struct hz_line_as *as, struct hz_line *line, char *err,
                               size_t err_len);

#endif
