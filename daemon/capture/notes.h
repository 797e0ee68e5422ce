/* What was decoded lately of a receiver, for the annotations of a capture. Loop thread. */
#ifndef HZ_DAEMON_CAPTURE_NOTES_H
#define HZ_DAEMON_CAPTURE_NOTES_H

#include "daemon/bus/frame.h"

enum {
    HZ_NOTES_MAX = 32768, /* 1,000 messages a second for 30 s; then the oldest is forgotten */
    HZ_NOTE_RAW_MAX = 64,
};

/* A message, or a transmission that nothing explained. */
struct hz_note {
    uint64_t sample;        /* its first one, as in the record */
    int64_t utc_ns, end_ns; /* as in the record; end_ns 0: not known */
    double low_hz, high_hz; /* the part of the band; NAN: not known */
    char protocol[HZ_NAME_MAX + 1], id[HZ_ID_MAX + 1];
    bool undecoded;
    uint8_t raw[HZ_NOTE_RAW_MAX];
    size_t raw_len; /* of the message; what is longer than raw is not told */
};

struct hz_notes {
    struct hz_note *list; /* a ring; NULL: nothing was noted yet */
    size_t head, n;
    uint64_t forgotten;
};

void hz_notes_done(struct hz_notes *s);
/* Notes a record of HZ_KIND_MESSAGE, HZ_KIND_REPEAT or HZ_KIND_BURST. width_hz: of its channel; 0:
 * not known. */
void hz_notes_add(struct hz_notes *s, const struct hz_frame *f, double width_hz);
/* The i-th, oldest first. */
const struct hz_note *hz_notes_at(const struct hz_notes *s, size_t i);

#endif
