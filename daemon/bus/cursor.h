/* A reader's place in the logs of the bus: what it wants, what it was given, and what it missed
 * because the logs did not keep it. Clients and outputs are built on it. Loop thread. */
#ifndef HZ_DAEMON_BUS_CURSOR_H
#define HZ_DAEMON_BUS_CURSOR_H

#include "daemon/bus/subscription.h"

struct hz_cursor {
    struct hz_bus *bus; /* borrowed */
    struct hz_subscription filter;
    uint64_t order;            /* of the newest frame that was looked at */
    uint64_t at[HZ_BUS_PARTS]; /* the place in each part of the frame to look at next */
    size_t n_parts;            /* those that the next two know */
    uint32_t wanted;           /* one bit a part: the filter lets frames of it through */
    bool ended;                /* filter.stream is not this one, and the gap was not told yet */
    uint64_t gone[HZ_LOGS];    /* missed and not told yet */
};

/* At the end of the logs, with a filter that lets all through that everyone gets. */
void hz_cursor_init(struct hz_cursor *c, struct hz_bus *bus);

/* Changes the filter and, with `since`, the place. 0, or -EINVAL with one line in err: nothing has
 * changed. */
int hz_cursor_subscribe(struct hz_cursor *c, const struct hz_subscription *s, char *err,
                        size_t err_len);

/* The seq from which on it gets all messages that the filter lets through, or is told of them by a
 * gap. */
uint64_t hz_cursor_seq(const struct hz_cursor *c);

/* What was missed since the last call, told in this place. */
struct hz_cursor_gap {
    /* Frames of each log. Of messages that left before a resume the number may be too high where
     * the filter names protocols, as it is not known which they were; receiver, channel and kind
     * are not looked at. */
    uint64_t missed[HZ_LOGS];
    bool ended; /* filter.stream is over: what it still had is not known */
};

/* False: nothing was. */
bool hz_cursor_gap(struct hz_cursor *c, struct hz_cursor_gap *gap);
/* Writes the line that tells it, without a newline, into text; returns its length. */
enum { HZ_GAP_LINE_MAX = 256 };
size_t hz_cursor_gap_line(const struct hz_cursor *c, const struct hz_cursor_gap *gap,
                          char text[HZ_GAP_LINE_MAX]);

/* The next frame that the filter lets through, not referenced, in the order of publication. NULL
 * when there is none among the next *looks frames, which is counted down. */
struct hz_frame *hz_cursor_next(struct hz_cursor *c, int *looks);

/* Frames that are still to be looked at. */
uint64_t hz_cursor_behind(struct hz_cursor *c);
/* Whether the logs have dropped frames that it has not looked at. */
bool hz_cursor_lapped(struct hz_cursor *c);

#endif
