/* The bytes of one stream socket, read into a feed within the budget of the inputs: while there is
 * no time left, nothing is read, so a peer that sends too much waits. Embedded in its owner. Loop
 * thread. */
#ifndef HZ_DAEMON_INPUT_FLOW_H
#define HZ_DAEMON_INPUT_FLOW_H

#include "daemon/input/intake.h"

struct hz_flow {
    struct hz_input_waiter waiter;
    struct hz_input_budget *budget;
    uv_stream_t *stream; /* NULL: not started */
    struct hz_feed *feed;
    /* The peer has ended it, or it broke. Once, not from within hz_flow_start. */
    void (*ended)(void *ctx, const char *why);
    void *ctx;
    size_t at, n; /* of buf: what is not taken yet */
    bool reading;
    uint64_t heard_ms; /* when bytes came, by the loop's clock */
    char buf[65536];
};

/* Begins to read; its data is this then. All borrowed but what is set by hand: ended, ctx. 0 or
 * -errno. */
int hz_flow_start(struct hz_flow *f, uv_stream_t *stream, struct hz_feed *feed,
                  struct hz_input_budget *budget);
/* Reads no more; the owner closes the stream. */
void hz_flow_stop(struct hz_flow *f);
/* Whether the peer was silent for longer than it should. */
bool hz_flow_silent(const struct hz_flow *f);

#endif
