/* What the pulled sources (recording, pipe, simulator) have in common: one block at a time is taken
 * from a pool when it is due, filled by the concrete source, and handed on. Loop thread. */
#ifndef HZ_DAEMON_SOURCE_REPLAY_H
#define HZ_DAEMON_SOURCE_REPLAY_H

#include "daemon/source/source.h"

struct hz_replay;

struct hz_replay_ops {
    /* Add bytes at block->data + filled, at most up to block->cap; later (or at once) call
     * hz_replay_filled. Never called again before that. */
    void (*fill)(struct hz_replay *r);
    /* Give up a fill in flight as soon as possible; hz_replay_filled must still be called for it.
     */
    void (*stop)(struct hz_replay *r);
    /* The block is about to be handed on: its time may be set. NULL: nothing to do. */
    void (*stamp)(struct hz_replay *r);
    /* Free what is the concrete source's, the struct itself included. */
    void (*destroy)(struct hz_replay *r);
};

/* The concrete source embeds it first. */
struct hz_replay {
    struct hz_source src;
    const struct hz_replay_ops *ops;
    const char *label; /* what errors name: the path or the scene */
    struct hz_block_pool *pool;
    struct hz_block *block; /* being filled; NULL: none was free yet */
    size_t filled;          /* bytes in it */
    uint64_t delivered;     /* samples */
    size_t turn;            /* samples of a turn (daemon/receive/channels.h) */
    uint32_t epoch;         /* of the blocks to come: counts the retunes within a recording */
    bool pulled, filling;
    bool breaks; /* set with a fill: what comes next does not follow it, so block and turn end */
    bool at_end; /* nothing more will come */
    int error;   /* -errno that ended it */
    bool realtime;
    uint64_t started_ns;
    uv_timer_t timer;
    int holds;                             /* handles and fills that must end before it is freed */
    void (*closed)(void *ctx, int status); /* not NULL: closing */
};

/* After src was filled in, format and rate included. What is not known whether it is live (a pipe)
 * asks for turns that are short enough to be heard at once: short_turns. -ENOMEM: nothing to undo.
 * On success the struct is freed by ops->destroy once closed. */
int hz_replay_init(struct hz_replay *r, const struct hz_replay_ops *ops, const char *label,
                   bool short_turns);

/* A fill is over: `bytes` > 0 were added; 0: the end; < 0: -errno. */
void hz_replay_filled(struct hz_replay *r, ssize_t bytes);

/* Keep r alive until the matching release. */
void hz_replay_hold(struct hz_replay *r);
void hz_replay_release(struct hz_replay *r);

/* The source ops that are the same for all. */
void hz_replay_pull(struct hz_source *src);
void hz_replay_close(struct hz_source *src, void (*closed)(void *ctx, int status));

#endif
