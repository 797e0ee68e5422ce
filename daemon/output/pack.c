#include "daemon/output/pack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

enum { PIECE = 1 << 20, LEVEL_ZSTD = 3, LEVEL_GZIP = 6, GZIP_HEAD = 16 };

struct hz_packing {
    enum hz_pack how;
    int from, to;
    char *name; /* of `to` */
    bool complete;
    ZSTD_CCtx *zstd;
    z_stream gzip;
    bool gzip_open;
    unsigned char in[PIECE], out[PIECE];
};

const char *hz_pack_ending(enum hz_pack how)
{
    return how == HZ_PACK_ZSTD ? ".zst" : how == HZ_PACK_GZIP ? ".gz" : "";
}

static bool prepare(struct hz_packing *p)
{
    if (p->how == HZ_PACK_ZSTD) {
        p->zstd = ZSTD_createCCtx();
        return p->zstd &&
               !ZSTD_isError(
                   ZSTD_CCtx_setParameter(p->zstd, ZSTD_c_compressionLevel, LEVEL_ZSTD)) &&
               !ZSTD_isError(ZSTD_CCtx_setParameter(p->zstd, ZSTD_c_checksumFlag, 1));
    }
    p->gzip_open = deflateInit2(&p->gzip, LEVEL_GZIP, Z_DEFLATED, MAX_WBITS + GZIP_HEAD,
                                MAX_MEM_LEVEL, Z_DEFAULT_STRATEGY) == Z_OK;
    return p->gzip_open;
}

struct hz_packing *hz_packing_new(enum hz_pack how, const char *from, const char *to, char *err,
                                  size_t err_len)
{
    struct hz_packing *p = calloc(1, sizeof *p);
    if (p) {
        p->how = how;
        p->from = p->to = -1;
    }
    if (!p || !(p->name = strdup(to)) || !prepare(p)) {
        snprintf(err, err_len, "out of memory");
    } else if ((p->from = open(from, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)) < 0) {
        snprintf(err, err_len, "%s: %s", from, strerror(errno));
    } else if ((p->to = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644)) <
               0) {
        snprintf(err, err_len, "%s: %s", to, strerror(errno));
    } else {
        return p;
    }
    hz_packing_free(p);
    return NULL;
}

static bool put(struct hz_packing *p, size_t n)
{
    for (size_t at = 0; at < n;) {
        ssize_t some = write(p->to, p->out + at, n - at);
        if (some < 0 && errno != EINTR)
            return false;
        at += some > 0 ? (size_t)some : 0;
    }
    return true;
}

/* Both take n bytes of `in` (fewer than a piece: the last ones) and write what comes of them. */
static bool put_zstd(struct hz_packing *p, size_t n)
{
    ZSTD_inBuffer in = {p->in, n, 0};
    bool last = n < PIECE, more = true;
    while (more) {
        ZSTD_outBuffer out = {p->out, PIECE, 0};
        size_t left = ZSTD_compressStream2(p->zstd, &out, &in, last ? ZSTD_e_end : ZSTD_e_continue);
        if (ZSTD_isError(left)) {
            errno = ENOMEM;
            return false;
        }
        if (!put(p, out.pos))
            return false;
        more = last ? left > 0 : in.pos < in.size;
    }
    return true;
}

static bool put_gzip(struct hz_packing *p, size_t n)
{
    bool last = n < PIECE;
    p->gzip.next_in = p->in;
    p->gzip.avail_in = (unsigned)n;
    do {
        p->gzip.next_out = p->out;
        p->gzip.avail_out = PIECE;
        deflate(&p->gzip, last ? Z_FINISH : Z_NO_FLUSH);
        if (!put(p, PIECE - p->gzip.avail_out))
            return false;
    } while (p->gzip.avail_out == 0);
    return true;
}

/* A whole piece, unless the file ends. False: it cannot be read. */
static bool take(struct hz_packing *p, size_t *n)
{
    ssize_t some = 1;
    for (*n = 0; *n < PIECE && some != 0;) {
        some = read(p->from, p->in + *n, PIECE - *n);
        if (some < 0 && errno != EINTR)
            return false;
        *n += some > 0 ? (size_t)some : 0;
    }
    return true;
}

int hz_packing_step(struct hz_packing *p, char *err, size_t err_len)
{
    size_t n = 0;
    bool good = take(p, &n) && (p->how == HZ_PACK_ZSTD ? put_zstd(p, n) : put_gzip(p, n));
    if (good && n == PIECE)
        return 1;
    if (good && fdatasync(p->to) == 0) {
        p->complete = true;
        return 0;
    }
    int rc = errno ? -errno : -EIO;
    snprintf(err, err_len, "%s: %s", p->name, strerror(-rc));
    return rc;
}

void hz_packing_free(struct hz_packing *p)
{
    if (!p)
        return;
    if (p->from >= 0)
        close(p->from);
    if (p->to >= 0)
        close(p->to);
    if (p->to >= 0 && !p->complete)
        unlink(p->name);
    if (p->gzip_open)
        deflateEnd(&p->gzip);
    ZSTD_freeCCtx(p->zstd);
    free(p->name);
    free(p);
}
