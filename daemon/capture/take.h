/* One capture that is being taken: chunks of samples come in order and are written in jobs, some at
 * a time; then the metadata. Loop thread. */
#ifndef HZ_DAEMON_CAPTURE_TAKE_H
#define HZ_DAEMON_CAPTURE_TAKE_H

#include "daemon/capture/file.h"
#include "daemon/capture/past.h"

#include <uv.h>

enum { HZ_TAKE_ERROR_MAX = 256 };

/* What became of it. */
struct hz_taken {
    int rc;                             /* 0, or -errno: -EDQUOT the quota is less than it takes */
    char error[HZ_TAKE_ERROR_MAX];      /* one line; "": none */
    char file[HZ_CAPTURE_NAME_MAX + 1]; /* of the metadata, in the folder */
    uint64_t bytes, samples, messages;
};

struct hz_take_env {
    uv_loop_t *loop;
    struct hz_folder *folder; /* its jobs use it; nobody else may meanwhile */
    const char *pattern;      /* as all of this, borrowed until `done` */
    size_t sample_bytes;
    uint64_t bytes_most; /* what the samples will take at most */
    /* It has ended: the last call. */
    void (*done)(void *ctx, const struct hz_taken *taken);
    void *ctx;
};

struct hz_take;

/* `about`: copied, but for its lists, which are filled here. NULL: no memory. */
struct hz_take *hz_take_new(const struct hz_take_env *env, const struct hz_sigmf *about);
/* The next chunk, of which it takes a reference. Without memory it is left out: a gap. */
void hz_take_chunk(struct hz_take *t, struct hz_chunk *c);
/* No more chunks come. Writes the rest and the metadata, with those of the notes that are of its
 * samples, then calls `done` and is gone. */
void hz_take_finish(struct hz_take *t, const struct hz_notes *notes);

#endif
