/* A channel of a replay whose decoder hears turns at the same time (struct hz_turns in
 * proto/decoder.h). Each turn is heard by a strand of its own, one of a few. The channel's strand
 * then commits what was heard, in the order of the turns. So with one worker or with many, turn n
 * begins with what is known after turn n - at_a_time. The results of two turns may wait to be
 * published, so workers go on for a turn before they need the loop.
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

/* Of the channel's strand. */
extern const struct hz_strand_ops hz_turner_ops;
/* The oldest turn that was committed and not published; NULL: there is none. */
struct hz_sink *hz_turner_result(struct hz_turner *t);
/* It was published. What waited for that goes on. */
void hz_turner_published(struct hz_turner *t);

/* Drops what is queued; then calls `closed` when no turn is being heard: perhaps at once. */
void hz_turner_close(struct hz_turner *t, void (*closed)(struct hz_channel *c));

#endif
