/* Opus in Ogg (RFC 7845), by libogg: packets of 20 ms as pages of one logical stream, for files and
 * for players. One thread at a time. */
#ifndef HZ_DAEMON_BASE_OGG_H
#define HZ_DAEMON_BASE_OGG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where the pages go, each in two calls. 0, or -errno, which ends what is being written. */
struct hz_ogg_out {
    int (*write)(void *ctx, const void *data, size_t n);
    void *ctx;
};

struct hz_ogg;

/* serial: names the stream; any number. NULL: no memory. */
struct hz_ogg *hz_ogg_new(uint32_t serial);
void hz_ogg_free(struct hz_ogg *o); /* NULL is allowed */

/* Writes the two head pages of speech at rate_hz. tags: "NAME=value" in UTF-8, ends with NULL.
 * room: the bytes that the tags take at least, for hz_ogg_tags. 0, or -errno of `out`; -ENOMEM. */
int hz_ogg_head(struct hz_ogg *o, unsigned rate_hz, const char *const *tags, size_t room,
                const struct hz_ogg_out *out);
/* Writes the second head page again, with other tags; -ENOSPC: they do not fit in `room`, and
 * nothing was written. So a file gets its tags when it is complete. It begins at HZ_OGG_TAGS_AT. */
enum { HZ_OGG_TAGS_AT = 47 };
int hz_ogg_tags(const struct hz_ogg *o, const char *const *tags, size_t room,
                const struct hz_ogg_out *out);

/* Adds a packet. ends: the stream ends `ends` ticks of 48 kHz after the first sample; 0: it goes
 * on. 0 or -ENOMEM. */
int hz_ogg_add(struct hz_ogg *o, const void *packet, size_t n, uint64_t ends);
/* Writes the pages that are full; all: and what waits, as a page of its own. */
int hz_ogg_write(struct hz_ogg *o, bool all, const struct hz_ogg_out *out);

#endif
