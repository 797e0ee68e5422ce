/* A channel of a replay whose decoder hears turns at the same time (struct hz_turns in
 * proto/decoder.h). Each turn is heard by a strand of its own, one of a few. The channel's strand
 * then commits what was heard, in the order of the turns, and has the result. So with one worker or
 * with many, turn n begins with what is known after turn n - at_a_time.
 *
 * Loop thread. */
#ifndef HZ_DAEMON_RECEIVE_CHANNEL_TURNS_H
#define HZ_DAEMON_RECEIVE_CHANNEL_TURNS_H

#include "daemon/receive/strand.h"
#include "proto/decoder.h"

struct hz_channel;
struct hz_turner;

/* For a channel that is being made, whose environment and strand are there. NULL: no memory. */
struct hz_turner *hz_turner_new(struct hz_channel *c, const struct hz_turns *turns);
void hz_turner_free(struct hz_turner *t);

/* Queues a block, and takes a reference to it. `reset`: the stream broke before it. */
void hz_turner_push(struct hz_turner *t, struct hz_block *b, struct hz_stamp stamp,
                    struct hz_turn turn, bool reset);
/* Queues the end of the stream. */
void hz_turner_finish(struct hz_turner *t, struct hz_turn turn, struct hz_stamp stamp);
bool hz_turner_has_room(const struct hz_turner *t);
bool hz_turner_idle(const struct hz_turner *t);
/* Blocks that wait. */
size_t hz_turner_queued(const struct hz_turner *t);
/* When the job that has been at work for longest was begun (uv_hrtime); 0: none is at work. */
uint64_t hz_turner_busy_since(const struct hz_turner *t);

/* The channel's strand: takes the next turn to commit; false: it was not heard yet. */
bool hz_turner_prepare(struct hz_turner *t);
/* It was committed; or its result was taken. What waited for that goes on. */
void hz_turner_committed(struct hz_turner *t);
void hz_turner_go_on(struct hz_turner *t);

/* Drops what is queued; then calls `closed` when no turn is being heard: perhaps at once. */
void hz_turner_close(struct hz_turner *t, void (*closed)(struct hz_channel *c));

#endif
