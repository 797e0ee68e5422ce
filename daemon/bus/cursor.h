/* A reader's position in the logs of the bus, with its filter and the count of frames that left the
 * logs before it read them. Clients and outputs use it. Loop thread. */
#ifndef HZ_DAEMON_BUS_CURSOR_H
#define HZ_DAEMON_BUS_CURSOR_H

#include "daemon/bus/filter.h"

struct hz_cursor {
    struct hz_bus *bus;       /* borrowed */
    struct hz_filter *filter; /* referenced; NULL: what passes without any word */
    bool has_since;           /* the last subscription resumed, after `since` of `stream` */
    uint64_t since;
    char stream[HZ_NAME_MAX + 1];
    uint64_t order;            /* order of the newest frame that was read */
    uint64_t at[HZ_BUS_PARTS]; /* position of the next frame to read, in each part */
    size_t n_parts;            /* number of parts that `at` and `wanted` cover */
    uint32_t wanted;           /* bit i: the filter passes frames of part i */
    /* `stream` is an earlier run, and the gap was not reported yet */
    bool ended;
    uint64_t gone[HZ_LOGS]; /* frames of each log that were missed and not reported yet */
};

/* Sets the cursor to the end of the logs, with the default filter. */
void hz_cursor_init(struct hz_cursor *c, struct hz_bus *bus);
/* Drops its filter. A cursor of zeros is allowed. */
void hz_cursor_done(struct hz_cursor *c);
/* The number of its filter, which no other has or had; 0: it has none. */
uint64_t hz_cursor_filter_number(const struct hz_cursor *c);
/* The words of its filter. */
const struct hz_subscription *hz_cursor_words(const struct hz_cursor *c);

/* Changes the filter and, with `since`, the position. 0, or -EINVAL or -ENOMEM with one line in err
 * and nothing changed. */
int hz_cursor_subscribe(struct hz_cursor *c, const struct hz_subscription *s, char *err,
                        size_t err_len);

/* The seq from which on the reader gets all messages that pass the filter, or a gap in their place.
 */
uint64_t hz_cursor_seq(const struct hz_cursor *c);

/* Frames that the reader missed since the last call of hz_cursor_gap. */
struct hz_cursor_gap {
    /* Frames of each log. For messages that left the log before a resume the number is an upper
     * limit: their protocol may be unknown, and receiver, channel and kind are not considered. */
    uint64_t missed[HZ_LOGS];
    bool ended; /* c->stream has ended: how many messages it still had is unknown */
};

/* Moves the counts of missed frames into *gap. False: nothing was missed. */
bool hz_cursor_gap(struct hz_cursor *c, struct hz_cursor_gap *gap);
/* Writes the `gap` line for the client, without a newline, into text. Returns its length. */
enum { HZ_GAP_LINE_MAX = 256 };
size_t hz_cursor_gap_line(const struct hz_cursor *c, const struct hz_cursor_gap *gap,
                          char text[HZ_GAP_LINE_MAX]);

/* The next frame that passes the filter, in the order of publication; borrowed. Each frame looked
 * at counts *looks down; NULL when none of the next *looks frames passes. */
struct hz_frame *hz_cursor_next(struct hz_cursor *c, int *looks);

/* The number of frames not yet read. */
uint64_t hz_cursor_behind(struct hz_cursor *c);
/* Whether frames have left the logs before the cursor read them. */
bool hz_cursor_lapped(struct hz_cursor *c);

#endif
