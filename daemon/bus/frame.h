/* A frame: a record on the bus, which all readers share and nobody changes once it is published.
 * It holds the line that clients get, `{"seq":N,"kind":…}\n`. In front of the line lies the header
 * that a server puts before it on a WebSocket (RFC 6455, section 5.2: one unmasked text frame, the
 * newline left out), so that both kinds of client are sent the same memory. Speech has its line
 * only after hz_frame_print, since nobody may want it.
 *
 * Loop thread: making, printing, counting references. Any thread may read a frame that the loop
 * holds a reference to. */
#ifndef HZ_DAEMON_BUS_FRAME_H
#define HZ_DAEMON_BUS_FRAME_H

#include "daemon/bus/topic.h"

enum { HZ_WS_ROOM = 10 }; /* bytes that the longest header of a server's WebSocket frame takes */

enum hz_ws_opcode { HZ_WS_TEXT = 1, HZ_WS_BINARY = 2 };
/* Writes the header of one whole message of n bytes so that it ends at `end`, which has HZ_WS_ROOM
 * before it. Returns its length. */
uint8_t hz_ws_header(char *end, enum hz_ws_opcode opcode, uint64_t n);

struct hz_frame {
    int refs;
    uint64_t seq; /* number within its log (daemon/bus/bus.h); 0: not published yet */
    const char
        *number;    /* what the line calls that: "seq", "repeat_seq", "audio_seq", "burst_seq" */
    uint64_t order; /* among all frames of the bus, from 1 */
    uint64_t published_ms;  /* by the loop's clock */
    struct hz_topic *topic; /* referenced: receiver, channel, protocol */
    struct hz_record rec;   /* raw, json and marks are the frame's own */
    const char *data;       /* the line, its newline included; NULL: not printed */
    size_t len;             /* bytes of data */
    uint8_t ws_len;         /* bytes of the WebSocket header, which lies right before data */
    char *printed;          /* data of speech, to be freed; NULL: it is in room */
    char room[];
};

/* A copy of the record, with one reference. `more`: members that follow the record's own in the
 * text, of more_len bytes; "": none. NULL: no memory. */
struct hz_frame *hz_frame_new(struct hz_topic *topic, const struct hz_record *rec, const char *more,
                              size_t more_len);
struct hz_frame *hz_frame_ref(struct hz_frame *f);
void hz_frame_unref(struct hz_frame *f); /* NULL is allowed */

/* Gives it its number, and the line that begins with it: once, by the bus. `number` is static. */
void hz_frame_number(struct hz_frame *f, const char *number, uint64_t seq);
/* Makes sure that a numbered frame has its line. False: no memory. */
bool hz_frame_print(struct hz_frame *f);

/* Bytes that it takes, for the limits of a log. */
size_t hz_frame_size(const struct hz_frame *f);

#endif
