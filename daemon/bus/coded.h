/* Frames in other formats than hertzd's own lines (proto/format/format.h). A frame is written once
 * in a format, by the first who asks, and all who carry it send the same memory. Loop thread:
 * writing. Any thread may read what the loop has written. */
#ifndef HZ_DAEMON_BUS_CODED_H
#define HZ_DAEMON_BUS_CODED_H

#include "daemon/bus/frame.h"
#include "proto/format/format.h"

/* A frame in one format. It belongs to the frame. */
struct hz_coded {
    const struct hz_form *format;
    struct hz_coded *next;
    size_t n; /* bytes; 0: the format has no words for this frame */
    char data[];
};

/* The frame in that format: a message of a decoder that the format takes, else nothing. The frame
 * has its line. NULL: no memory. */
const struct hz_coded *hz_frame_coded(struct hz_frame *f, const struct hz_form *format);

/* Frees a list of them. */
void hz_coded_free(struct hz_coded *c);

#endif
