/* The common part of pulled sources (recording, pipe, simulator): when a block is due it is taken
 * from a pool, filled by the concrete source, and passed on. Loop thread. */
#ifndef HZ_DAEMON_SOURCE_REPLAY_H
#define HZ_DAEMON_SOURCE_REPLAY_H

#include "daemon/source/source.h"

struct hz_replay;

struct hz_replay_ops {
    /* Adds bytes at block->data + filled, at most up to block->cap, and calls hz_replay_filled, at
     * once or later. It is not called again before that. */
    void (*fill)(struct hz_replay *r);
    /* Ends a fill in flight as soon as possible; hz_replay_filled must still be called for it. */
    void (*stop)(struct hz_replay *r);
    /* Called before the block is passed on; may set its time. May be NULL. */
    void (*stamp)(struct hz_replay *r);
    /* Frees the concrete source, including the struct itself. */
    void (*destroy)(struct hz_replay *r);
};

/* The first member of the concrete source. */
struct hz_replay {
    struct hz_source src;
    const struct hz_replay_ops *ops;
    const char *label; /* the path or the scene, for errors */
    struct hz_block_pool *pool;
    struct hz_block *block; /* being filled; NULL: none was free yet */
    size_t filled;          /* bytes in it */
    uint64_t delivered;     /* samples */
    size_t turn;            /* samples of a turn (daemon/receive/channels.h) */
    uint32_t epoch;         /* of the blocks to come: counts the retunes within a recording */
    bool pulled, filling;
    bool breaks; /* set by a fill: the next samples do not follow, so block and turn end */
    bool at_end; /* the source has no more samples */
    int error;   /* the -errno that ended it */
    bool realtime;
    uint64_t started_ns;
    uv_timer_t timer;
    int holds;                             /* handles and fills that must end before it is freed */
    void (*closed)(void *ctx, int status); /* not NULL: closing */
};

/* Called after src was filled in, including format and rate. short_turns: the source may be live (a
 * pipe), so turns must be short. 0; -ENOMEM: there is nothing to undo. After success ops->destroy
 * frees the struct when it is closed. */
int hz_replay_init(struct hz_replay *r, const struct hz_replay_ops *ops, const char *label,
                   bool short_turns);

/* A fill is done: `bytes` > 0 were added; 0: end of the source; < 0: -errno. */
void hz_replay_filled(struct hz_replay *r, ssize_t bytes);

/* Keeps r alive until the matching release. */
void hz_replay_hold(struct hz_replay *r);
void hz_replay_release(struct hz_replay *r);

/* hz_source_ops that are common to all replays. */
void hz_replay_pull(struct hz_source *src);
void hz_replay_close(struct hz_source *src, void (*closed)(void *ctx, int status));

#endif
