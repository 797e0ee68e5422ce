/* Frames in other formats than hertzd's own lines (proto/format/format.h). Any thread. */
#ifndef HZ_DAEMON_BUS_CODED_H
#define HZ_DAEMON_BUS_CODED_H

#include "daemon/bus/frame.h"
#include "proto/format/format.h"

enum { HZ_CODED_MAX = 64 * 1024 }; /* bytes of a frame in any format */

/* Appends the frame in that format: a message of a decoder that the format takes, or as JSON any
 * frame that is printed (hz_frame_print). Nothing is added
 * where the format has no words for it, or where it does not fit. */
void hz_frame_code(const struct hz_frame *f, const struct hz_form *form, struct hz_bytes *out);
/* Likewise; formats that name the place that received the message call it that. "" or NULL: by the
 * name of the receiver. */
void hz_frame_code_from(const struct hz_frame *f, const struct hz_form *form, const char *station,
                        struct hz_bytes *out);

/* The frame, which is printed, as formats take it; borrowed from it. */
struct hz_form_in hz_frame_told(const struct hz_frame *f);

#endif
