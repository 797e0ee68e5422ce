/* What a receiver has delivered lately: its samples, as they came, in chunks of one size. Their
 * number is limited; the oldest chunk is used again for new samples, unless somebody still holds
 * it. Loop thread; a worker may read a chunk that is sealed and of which its job has a reference.
 */
#ifndef HZ_DAEMON_CAPTURE_PAST_H
#define HZ_DAEMON_CAPTURE_PAST_H

#include "daemon/source/block.h"
#include "proto/out/sink.h"

enum { HZ_CHUNK_BYTES = 256 * 1024 };

/* Consecutive samples of one epoch at one centre frequency. */
struct hz_chunk {
    int refs;
    struct hz_past *past;
    uint64_t number; /* of all chunks, without a gap */
    uint32_t epoch;
    uint64_t first; /* index of the first sample in the epoch */
    size_t n;       /* samples */
    int64_t utc_ns; /* of the first sample */
    double centre_hz;
    uint8_t data[HZ_CHUNK_BYTES];
};

struct hz_past {
    size_t sample_bytes, limit; /* chunks at most */
    size_t made;                /* chunks that exist, held ones included */
    bool released;              /* it is freed with the last chunk that somebody holds */
    struct hz_chunk **list;     /* in order of time, oldest first: a ring of `limit` places */
    size_t head, n;
    struct hz_chunk **spare;
    size_t n_spare;
    bool open;         /* the newest chunk takes more samples */
    uint64_t next;     /* number of the next chunk */
    uint64_t samples;  /* in the list */
    uint64_t not_kept; /* samples for which there was no chunk: all were held */
};

/* Room for that many samples, but for no more bytes than memory. NULL: no memory. */
struct hz_past *hz_past_new(size_t sample_bytes, uint64_t samples, uint64_t memory);
/* Chunks that somebody holds live on. NULL is allowed. */
void hz_past_release(struct hz_past *p);

/* Takes a copy of the block's samples, whose time `stamp` tells. */
void hz_past_put(struct hz_past *p, const struct hz_block *b, struct hz_stamp stamp);
/* The newest chunk takes no more samples, so it may be read by a worker. */
void hz_past_seal(struct hz_past *p);

/* The number of the chunk with which the latest `samples` begin. */
uint64_t hz_past_before(const struct hz_past *p, uint64_t samples);
/* The oldest sealed chunk with that number or a later one; NULL: there is none yet. Borrowed. */
struct hz_chunk *hz_past_from(const struct hz_past *p, uint64_t number);
/* The bytes that all its chunks take, and may take. */
uint64_t hz_past_bytes(const struct hz_past *p);
uint64_t hz_past_most(const struct hz_past *p);

struct hz_chunk *hz_chunk_ref(struct hz_chunk *c);
void hz_chunk_unref(struct hz_chunk *c);

#endif
