/* Signals that gave no message: a channel's squelch was open, and when it had closed for a moment
 * the channel had told nothing. Loop thread. */
#ifndef HZ_DAEMON_CAPTURE_UNDECODED_H
#define HZ_DAEMON_CAPTURE_UNDECODED_H

#include "daemon/receive/receiver.h"

enum { HZ_UNDECODED_CHANNELS = 256 /* as many as a receiver may have */ };

struct hz_undecoded {
    struct hz_squelch_seen {
        uint64_t number;    /* of the channel */
        uint64_t messages;  /* when it opened */
        uint64_t closed_ms; /* when it closed; 0: it is open, or was not since */
        bool open;
    } seen[HZ_UNDECODED_CHANNELS];
    size_t n;
};

/* Looks at the receiver's channels, with each block, since a signal may be short. Returns the name
 * of a channel that heard something and told nothing; NULL: there is none now. Borrowed. */
const char *hz_undecoded_look(struct hz_undecoded *u, const struct hz_receiver *r, uint64_t now_ms);

#endif
