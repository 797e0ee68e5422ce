/* An rtl_tcp server: somebody else's dongle over TCP, all of it on the loop. The stream has no
 * frames and no marks: 12 bytes of greeting, then cu8 samples for ever; what we send is commands of
 * 5 bytes, which are never answered. So the stream is cut into units of about 16 ms, and a unit
 * goes either into a block or, whole, nowhere: I and Q never change places. */
#include "daemon/base/dial.h"
#include "daemon/base/shed.h"
#include "daemon/base/utc.h"
#include "daemon/source/rtl_tcp_conf.h"
#include "daemon/source/rtl_tuner.h"
#include "daemon/source/source.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    POOL_BLOCKS =
        HZ_LIVE_BACKLOG_MAX + 32, /* what one channel may hold, and half a second besides */
    OPEN_LIMIT_MS = 5000,         /* name look-up, connection and greeting together */
    GREETING = 12,
    COMMAND = 5,
    COMMANDS = 6,
    /* After a retune, what is on its way still holds the old frequency (at the start: the server's
     * own, and its own rate): at least one transfer of the server's that was being filled and one
     * waiting to be sent (librtlsdr: 256 KiB each, which rtl_tcp does not change), and what the
     * network holds of it. */
    SKIP_BYTES = 2 * 262144,
    SKIP_MS = 300,
    TEXT = 320,
};

/* Commands of rtl_tcp: one byte, then a value of 32 bits, big-endian (rtl_tcp.c of librtlsdr). */
enum {
    SET_FREQUENCY = 0x01,
    SET_RATE = 0x02,
    SET_GAIN_MODE = 0x03, /* 1: manual */
    SET_GAIN = 0x04,      /* tenths of dB */
    SET_PPM = 0x05,       /* signed */
    SET_BIAS_TEE = 0x0e,
};

struct remote {
    struct hz_source src;
    struct hz_dial dial;
    uint8_t greeting[GREETING];
    size_t greeted; /* bytes of it that have come */
    struct hz_block_pool *pool;
    size_t unit_bytes, unit_left;
    struct hz_block *block; /* where the unit goes; NULL: nowhere */
    struct hz_shed shed;    /* no room in the pool */
    uint64_t gap;           /* samples dropped since the last block */
    uint64_t skip;          /* units to throw away after a retune */
    uint32_t epoch;
    uint8_t scrap[16384];

    uv_write_t write;
    uint8_t commands[COMMANDS * COMMAND];
    bool writing;
    struct hz_tuning now, want;
    bool reported_ended;
    void (*closed)(void *ctx, int status); /* not NULL: closing */
};

/* ---- the end ---------------------------------------------------------------------------- */

static void end(struct remote *r, int status, const char *what, const char *why)
{
    char text[TEXT];
    uv_stream_t *stream = hz_dial_stream(&r->dial);
    if (r->closed || r->reported_ended)
        return;
    r->reported_ended = true;
    hz_dial_done(&r->dial);
    if (stream)
        uv_read_stop(stream);
    snprintf(text, sizeof text, "rtl_tcp server %s: %s%s%s", hz_rtl_tcp_address(r->src.conf), what,
             *why ? ": " : "", why);
    r->src.events->ended(r->src.ctx, status, text);
}

static void on_dial_closed(void *ctx)
{
    struct remote *r = ctx;
    hz_block_unref(r->block);
    hz_block_pool_release(r->pool);
    r->closed(r->src.ctx, 0);
    free(r);
}

static void close_remote(struct hz_source *src, void (*closed)(void *ctx, int status))
{
    struct remote *r = (struct remote *)src;
    r->closed = closed;
    hz_dial_close(&r->dial, on_dial_closed, r);
}

/* ---- commands --------------------------------------------------------------------------- */

static size_t put(uint8_t *out, size_t n, uint8_t command, uint32_t value)
{
    out[n] = command;
    for (size_t i = 0; i < 4; i++)
        out[n + 1 + i] = (uint8_t)(value >> (24 - 8 * i));
    return n + COMMAND;
}

/* The commands that lead from one tuning to another; `was` NULL: all. Returns bytes. */
static size_t write_tuning(uint8_t *out, size_t n, const struct hz_tuning *was,
                           const struct hz_tuning *t)
{
    bool manual = !isnan(t->gain_db);
    if (!was || was->ppm != t->ppm)
        n = put(out, n, SET_PPM, (uint32_t)(int32_t)lround(t->ppm));
    if (!was || was->centre_hz != t->centre_hz)
        n = put(out, n, SET_FREQUENCY, (uint32_t)llround(t->centre_hz));
    if (!was || isnan(was->gain_db) == manual)
        n = put(out, n, SET_GAIN_MODE, manual);
    if (manual && (!was || was->gain_db != t->gain_db))
        n = put(out, n, SET_GAIN, (uint32_t)lround(t->gain_db * 10));
    if (!was || was->bias_tee != t->bias_tee)
        n = put(out, n, SET_BIAS_TEE, t->bias_tee);
    return n;
}

static int check_tuning(const struct hz_tuning *t, char *err, size_t err_len)
{
    if (t->centre_hz >= 0 && t->centre_hz <= UINT32_MAX)
        return 0;
    snprintf(err, err_len, "centre %.0f Hz: expected at most 4294967295 with rtl_tcp",
             t->centre_hz);
    return -EINVAL;
}

static int send_commands(struct remote *r, size_t n, uv_write_cb done)
{
    uv_buf_t buf = uv_buf_init((char *)r->commands, (unsigned)n);
    int rc = uv_write(&r->write, hz_dial_stream(&r->dial), &buf, 1, done);
    r->writing = rc == 0;
    return rc;
}

static void on_settled(uv_write_t *req, int status)
{
    struct remote *r = req->data;
    r->writing = false;
    if (status < 0)
        end(r, status, "the connection broke", uv_strerror(status));
}

static void on_tuned(uv_write_t *req, int status)
{
    struct remote *r = req->data;
    on_settled(req, status);
    if (r->closed || r->reported_ended)
        return;
    r->now = r->want;
    r->src.centre_hz = r->now.centre_hz;
    r->src.events->tuned(r->src.ctx, 0, "");
}

/* The samples that follow are worth nothing until what was commanded is in them. */
static void skip_old(struct remote *r)
{
    double bytes = r->src.rate_hz * 2 * SKIP_MS / 1000;
    if (bytes < SKIP_BYTES)
        bytes = SKIP_BYTES;
    r->skip = (uint64_t)(bytes / (double)r->unit_bytes) + 1;
}

static void discard_old(struct remote *r)
{
    skip_old(r);
    r->gap = 0;
    r->epoch++;
    hz_block_unref(r->block); /* the rest of its unit goes nowhere */
    r->block = NULL;
}

static int tune(struct hz_source *src, const struct hz_tuning *want, char *err, size_t err_len)
{
    struct remote *r = (struct remote *)src;
    if (r->writing) {
        snprintf(err, err_len, "the change before is still under way");
        return -EBUSY;
    }
    int rc = check_tuning(want, err, err_len);
    if (rc != 0)
        return rc;
    r->want = *want;
    rc = send_commands(r, write_tuning(r->commands, 0, &r->now, want), on_tuned);
    if (rc != 0) {
        r->want = r->now;
        snprintf(err, err_len, "rtl_tcp server %s: %s", hz_rtl_tcp_address(src->conf),
                 uv_strerror(rc));
        return rc;
    }
    if (want->centre_hz != r->now.centre_hz || want->ppm != r->now.ppm)
        discard_old(r);
    return 0;
}

/* ---- samples ---------------------------------------------------------------------------- */

/* Decides where the next unit goes. */
static void begin_unit(struct remote *r)
{
    r->unit_left = r->unit_bytes;
    if (r->skip > 0) {
        r->skip--;
        return;
    }
    bool drop = hz_shed(&r->shed, POOL_BLOCKS - hz_block_pool_room(r->pool), POOL_BLOCKS);
    r->block = drop ? NULL : hz_block_take(r->pool);
    if (!r->block)
        r->gap += r->unit_bytes / 2;
}

static void end_unit(struct remote *r)
{
    struct hz_block *b = r->block;
    if (!b)
        return;
    r->block = NULL;
    b->format = HZ_CU8;
    b->n = r->unit_bytes / 2;
    b->rate_hz = r->src.rate_hz;
    b->centre_hz = r->want.centre_hz;
    b->epoch = r->epoch;
    b->gap_before = r->gap;
    r->gap = 0;
    b->arrival_mono_ns = (int64_t)uv_hrtime();
    b->arrival_utc_ns = hz_utc_now();
    r->src.events->block(r->src.ctx, b);
}

static uint32_t number(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void on_greeting(struct remote *r)
{
    const uint8_t *g = r->greeting;
    if (memcmp(g, "RTL0", 4) != 0) {
        end(r, -EPROTO, "it does not speak rtl_tcp", "its greeting does not begin with RTL0");
        return;
    }
    hz_dial_done(&r->dial);
    r->src.tuner = number(g + 4);
    r->src.n_gains = number(g + 8);
    const struct hz_rtl_tuner *tuner = hz_rtl_tuner(r->src.tuner);
    snprintf(r->src.device, sizeof r->src.device, "rtl_tcp server %.80s, %s tuner",
             hz_rtl_tcp_address(r->src.conf), tuner ? tuner->name : "unknown");
    size_t n = put(r->commands, 0, SET_RATE, (uint32_t)llround(r->src.rate_hz));
    int rc = send_commands(r, write_tuning(r->commands, n, NULL, &r->now), on_settled);
    if (rc != 0)
        end(r, rc, "the connection broke", uv_strerror(rc));
    else
        r->src.events->started(r->src.ctx);
    skip_old(r);
}

static void on_alloc(uv_handle_t *h, size_t suggested, uv_buf_t *buf)
{
    (void)suggested;
    struct remote *r = h->data;
    if (r->greeted < GREETING) {
        *buf = uv_buf_init((char *)r->greeting + r->greeted, (unsigned)(GREETING - r->greeted));
        return;
    }
    if (r->unit_left == 0)
        begin_unit(r);
    size_t n = r->unit_left;
    if (!r->block && n > sizeof r->scrap)
        n = sizeof r->scrap;
    uint8_t *to = r->block ? r->block->data + r->unit_bytes - r->unit_left : r->scrap;
    *buf = uv_buf_init((char *)to, (unsigned)n);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    (void)buf;
    struct remote *r = stream->data;
    if (n == UV_EOF) {
        end(r, -ECONNRESET,
            r->greeted ? "it closed the connection" : "it closed the connection without a greeting",
            "");
    } else if (n < 0) {
        end(r, (int)n, "the connection broke", uv_strerror((int)n));
    } else if (n > 0 && r->greeted < GREETING) {
        r->greeted += (size_t)n;
        if (r->greeted == GREETING)
            on_greeting(r);
    } else if (n > 0) {
        r->unit_left -= (size_t)n;
        if (r->unit_left == 0)
            end_unit(r);
    }
}

static void hold(struct hz_source *src, bool held)
{
    struct remote *r = (struct remote *)src;
    uv_stream_t *stream = hz_dial_stream(&r->dial);
    if (r->closed || r->reported_ended || !stream)
        return;
    if (held)
        uv_read_stop(stream);
    else
        uv_read_start(stream, on_alloc, on_read);
}

/* ---- opening ---------------------------------------------------------------------------- */

static void on_connected(void *ctx)
{
    struct remote *r = ctx;
    uv_stream_t *stream = hz_dial_stream(&r->dial);
    stream->data = r->write.data = r;
    hz_dial_expect(&r->dial, "it sent no greeting");
    uv_read_start(stream, on_alloc, on_read);
}

static void on_failed(void *ctx, int status, const char *why)
{
    end(ctx, status, why, "");
}

static int open_remote(struct hz_source **src, const struct hz_source *env, char *err,
                       size_t err_len)
{
    struct hz_tuning tuning = env->tuning;
    int rc = check_tuning(&tuning, err, err_len);
    if (rc != 0)
        return rc;
    struct remote *r = calloc(1, sizeof *r);
    size_t unit = (size_t)lround(env->conf->rate_hz * 0.016) * 2;
    unit = unit < 512 ? 512 : unit;
    struct hz_block_pool *pool = r ? hz_block_pool_new(POOL_BLOCKS, unit) : NULL;
    snprintf(err, err_len, "rtl_tcp server %s: no memory", hz_rtl_tcp_address(env->conf));
    if (!pool) {
        free(r);
        return -ENOMEM;
    }
    r->src = *env;
    r->src.format = HZ_CU8;
    r->src.path = HZ_PATH_TCP;
    r->src.rate_hz = env->conf->rate_hz;
    r->src.centre_hz = tuning.centre_hz;
    r->now = r->want = tuning;
    r->pool = pool;
    r->unit_bytes = unit;
    struct hz_dial_env dial = {.loop = env->loop,
                               .address = hz_rtl_tcp_address(env->conf),
                               .limit_ms = OPEN_LIMIT_MS,
                               .connected = on_connected,
                               .failed = on_failed,
                               .ctx = r};
    rc = hz_dial_open(&r->dial, &dial);
    if (rc != 0) {
        snprintf(err, err_len, "rtl_tcp server %s: %s", hz_rtl_tcp_address(env->conf),
                 uv_strerror(rc));
        hz_block_pool_release(pool);
        free(r);
        return rc;
    }
    *src = &r->src;
    return 0;
}

const struct hz_source_ops hz_source_rtl_tcp = {
    .live = true,
    .open = open_remote,
    .tune = tune,
    .hold = hold,
    .close = close_remote,
};
