/* A strand does things in order: a bounded inbox, and at most one job in flight. So what the job
 * works on needs no lock. A job may leave a *result*; the next job then waits until the owner has
 * taken it. Channels, the meter and the scope are made of it. The band strand is, too, but does
 * several things at a time in jobs of its own, of which it keeps the order (hz_strand_done).
 *
 * Embedded in its owner, which fills in `jobs`, `ops`, `owner`, `rank` and `limit`. Loop thread,
 * but for ops->work. */
#ifndef HZ_DAEMON_RECEIVE_STRAND_H
#define HZ_DAEMON_RECEIVE_STRAND_H

#include "daemon/base/jobs.h"
#include "daemon/base/shed.h"
#include "daemon/source/block.h"
#include "proto/out/sink.h"

struct hz_spectra;
struct hz_mark;

/* Where a piece of the stream has its place in the order of publication
 * (daemon/receive/channels.h). */
struct hz_turn {
    uint64_t n;
    bool ends; /* nothing of this turn comes after */
};

/* The last samples before a turn that is heard by itself; owned by its piece. */
struct hz_overlap {
    enum hz_format format;
    uint64_t first; /* index of the first one */
    size_t n;
    unsigned char data[];
};

/* A part of a turn that is heard by itself, or its commit (daemon/receive/channel_turns.h). */
struct hz_heard {
    uint64_t turn;              /* number of the decoder's turn, which another break may end */
    bool begins, ends;          /* the first part; the last one */
    struct hz_overlap *overlap; /* of the first part; NULL: the stream begins */
    size_t samples;             /* commit: of the turn */
    uint64_t until;             /* commit: one past the last sample */
};

/* One thing to do: a block, a batch of spectra, or neither: the end of the stream. */
struct hz_piece {
    struct hz_block *block;     /* one reference */
    struct hz_spectra *spectra; /* one reference */
    /* of these spectra, for a channel with a squelch; NULL: it hears none of them */
    const struct hz_mark *marks;
    struct hz_turn turn;
    struct hz_stamp stamp;
    bool reset;     /* the stream broke before this */
    bool last;      /* nothing comes after it: a channel's decoder is flushed */
    uint64_t until; /* spectra from this block on are not heard; 0: all are */
    struct hz_heard heard;
};

/* Gives up the piece's references. The source may deliver the next block before this returns. */
void hz_piece_release(struct hz_piece *p);

struct hz_strand_ops {
    /* Loop: takes from the inbox what the next job is to do. False: not yet. */
    bool (*prepare)(void *owner);
    void (*work)(void *owner); /* worker; NULL: `prepare` has submitted jobs of its own */
    /* Loop: the job is done. Sets `result` when it left one, and only then releases its pieces. */
    void (*finished)(void *owner);
    /* Loop: it was closed and no job is in flight. Frees the owner, the strand with it. */
    void (*destroy)(void *owner);
};

enum { HZ_STRAND_INBOX_MAX = HZ_LIVE_BACKLOG_MAX };

struct hz_strand {
    struct hz_jobs *jobs;
    const struct hz_strand_ops *ops;
    void *owner;
    int64_t rank; /* of its jobs */
    size_t limit; /* pieces that may wait; less than HZ_STRAND_INBOX_MAX */
    /* A result lies ready, or there is room in the inbox again. NULL: nobody asks. */
    void (*progress)(void *ctx);
    void *ctx;
    struct hz_piece inbox[HZ_STRAND_INBOX_MAX];
    size_t first, count;
    struct hz_shed shed;
    struct hz_job job;
    size_t busy; /* jobs in flight; or with jobs of its own, what it has begun and not ended */
    bool result;
    bool closing;
    void (*closed)(void *ctx);
    void *closed_ctx;
};

bool hz_strand_has_room(const struct hz_strand *s);
/* Whether what comes now must be dropped: the inbox is full, or was and is not yet half empty. */
bool hz_strand_sheds(struct hz_strand *s);
/* Queues a piece, whose references it takes over. The end of the stream may be queued even when the
 * inbox has no room: the last place is kept for it. */
void hz_strand_push(struct hz_strand *s, struct hz_piece p);
/* The oldest piece, still in the inbox, or NULL; and takes it, with its references. */
const struct hz_piece *hz_strand_peek(const struct hz_strand *s);
struct hz_piece hz_strand_take(struct hz_strand *s);
/* The piece queued last; NULL: none waits. */
const struct hz_piece *hz_strand_last(const struct hz_strand *s);
/* Starts the next job unless one is in flight, a result waits or nothing is queued. With jobs of
 * its own it starts as many as ops->prepare lets it. */
void hz_strand_go_on(struct hz_strand *s);
/* The jobs of its own that one ops->prepare has submitted are done: calls ops->finished. */
void hz_strand_done(struct hz_strand *s);
/* The owner has taken the result. */
void hz_strand_result_taken(struct hz_strand *s);
/* True when nothing is queued, in work or ready. */
bool hz_strand_idle(const struct hz_strand *s);
/* When the job in flight was given to a worker (uv_hrtime); 0: none was. */
uint64_t hz_strand_busy_since(const struct hz_strand *s);
/* Drops what is queued and calls ops->destroy, then closed (may be NULL), once no job is in flight:
 * perhaps at once. */
void hz_strand_close(struct hz_strand *s, void (*closed)(void *ctx), void *ctx);

#endif
