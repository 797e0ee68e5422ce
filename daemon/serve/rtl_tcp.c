#include "daemon/serve/rtl_tcp.h"
#include "daemon/base/log.h"
#include "daemon/source/rtl_tuner.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    RING = 32, /* blocks kept for those who are behind: half a second */
    COMMAND = 5,
    KEEPALIVE_S = 30,
};

/* A block's bytes, copied: the ring refers to it, and the client that is being sent it. */
struct chunk {
    int refs;
    size_t n;
    uint8_t data[];
};

struct viewer {
    uv_tcp_t tcp;
    struct hz_share *share;
    struct viewer *next;
    uint64_t cursor; /* number of the chunk to send next */
    uv_write_t write;
    struct chunk *chunk; /* being written; NULL also while the greeting is */
    bool writing;
    uint8_t greeting[12]; /* sent first */
    uint8_t in[COMMAND];
    size_t in_len;
};

/* What a client may change. The latest wish waits here while the change before is under way. */
enum wish { WISH_CENTRE, WISH_GAIN, WISH_PPM, WISH_BIAS, WISHES };

struct hz_share {
    struct hz_listener *listener; /* referenced */
    bool closing, told_format;
    bool wished[WISHES];
    double wish[WISHES];     /* gain: NAN is automatic */
    bool manual;             /* the gain mode that clients chose last */
    double gain_db;          /* and the gain, which may come before it; NAN: none yet */
    uint32_t tuner, n_gains; /* of the source, as clients are greeted */
    struct viewer *viewers;
    struct chunk *ring[RING];
    uint64_t next; /* number of the next chunk */
    uint64_t skipped, done, ignored;
    char last[160]; /* the latest command, and what came of it */
    char scrap[4096];
};

static void chunk_unref(struct chunk *c)
{
    if (c && --c->refs == 0)
        free(c);
}

/* ---- the end ---------------------------------------------------------------------------- */

static void maybe_gone(struct hz_share *s)
{
    if (!s->closing || s->viewers)
        return;
    for (size_t i = 0; i < RING; i++)
        chunk_unref(s->ring[i]);
    struct hz_listener *l = s->listener;
    l->share = NULL;
    free(s);
    hz_listener_unref(l);
}

static void on_viewer_closed(uv_handle_t *h)
{
    struct viewer *v = h->data;
    struct hz_share *s = v->share;
    struct viewer **p = &s->viewers;
    while (*p != v)
        p = &(*p)->next;
    *p = v->next;
    s->listener->n_clients--;
    s->listener->all->n_clients--;
    chunk_unref(v->chunk);
    free(v);
    maybe_gone(s);
}

static void close_viewer(struct viewer *v)
{
    if (!uv_is_closing((uv_handle_t *)&v->tcp))
        uv_close((uv_handle_t *)&v->tcp, on_viewer_closed);
}

static void close_viewers(struct hz_share *s)
{
    for (struct viewer *v = s->viewers; v; v = v->next)
        close_viewer(v);
}

void hz_share_close(struct hz_share *s)
{
    s->closing = true;
    close_viewers(s);
    maybe_gone(s);
}

/* ---- samples ---------------------------------------------------------------------------- */

static void on_written(uv_write_t *req, int status);

/* Sends the next chunk, when the one before has gone. */
static void pump(struct viewer *v)
{
    struct hz_share *s = v->share;
    if (s->next - v->cursor > RING) { /* too far behind: on from the newer half */
        s->skipped += s->next - RING / 2 - v->cursor;
        v->cursor = s->next - RING / 2;
    }
    if (v->writing || v->cursor == s->next || uv_is_closing((uv_handle_t *)&v->tcp))
        return;
    struct chunk *c = s->ring[v->cursor++ % RING];
    uv_buf_t buf = uv_buf_init((char *)c->data, (unsigned)c->n);
    c->refs++;
    v->chunk = c;
    v->writing = true;
    if (uv_write(&v->write, (uv_stream_t *)&v->tcp, &buf, 1, on_written) != 0)
        close_viewer(v);
}

static void on_written(uv_write_t *req, int status)
{
    struct viewer *v = req->data;
    struct hz_client_counts *n = &v->share->listener->counts;
    v->writing = false;
    if (status < 0) {
        close_viewer(v);
        return;
    }
    if (v->chunk) {
        n->bytes += v->chunk->n;
        n->frames++;
    }
    chunk_unref(v->chunk);
    v->chunk = NULL;
    pump(v);
}

static void refuse_format(struct hz_share *s, enum hz_format format)
{
    if (!s->told_format)
        hz_log(LOG_ERR, "listen %s: receiver %s delivers %s: expected cu8, as rtl_tcp has it",
               s->listener->conf.name, s->listener->conf.receiver, hz_format_name(format));
    s->told_format = true;
    close_viewers(s);
}

static void try_wishes(struct hz_share *s);

void hz_share_block(struct hz_share *s, const char *receiver, const struct hz_block *b)
{
    if (s->closing || strcmp(s->listener->conf.receiver, receiver) != 0)
        return;
    try_wishes(s);
    if (b->format != HZ_CU8) {
        refuse_format(s, b->format);
        return;
    }
    s->told_format = false;
    if (!s->viewers)
        return;
    size_t n = b->n * hz_format_bytes(HZ_CU8);
    struct chunk *c = malloc(sizeof *c + n);
    if (!c)
        return;
    c->refs = 1;
    c->n = n;
    memcpy(c->data, b->data, n);
    struct chunk **place = &s->ring[s->next++ % RING];
    chunk_unref(*place);
    *place = c;
    for (struct viewer *v = s->viewers; v; v = v->next)
        pump(v);
}

/* ---- commands --------------------------------------------------------------------------- */

/* Commands have no answer in the protocol: status has it. */
static void answer(struct hz_share *s, bool done, const char *asked, const char *why)
{
    s->done += done;
    s->ignored += !done;
    snprintf(s->last, sizeof s->last, "%s: %s", asked, why);
    hz_log(LOG_DEBUG, "listen %s: a client's %s", s->listener->conf.name, s->last);
}

/* Asks for a change as hertzctl would. False: one is under way, so ask again later. */
static bool ask(struct hz_share *s, enum wish w)
{
    static const char *const methods[WISHES] = {"tune", "gain", "ppm", "bias"};
    const struct hz_listen_env *env = &s->listener->all->env;
    char err[HZ_ERROR_MAX] = "no memory";
    cJSON *result = NULL, *params = cJSON_CreateObject();
    cJSON_AddStringToObject(params, "receiver", s->listener->conf.receiver);
    if (w == WISH_BIAS)
        cJSON_AddBoolToObject(params, "value", s->wish[w] != 0);
    else if (w == WISH_GAIN && isnan(s->wish[w]))
        cJSON_AddStringToObject(params, "value", "auto");
    else
        cJSON_AddNumberToObject(params, "value", s->wish[w]);
    if (w == WISH_CENTRE) /* who lets clients tune has agreed to what that does to channels */
        cJSON_AddTrueToObject(params, "force");
    int rc = env->control(env->control_ctx, methods[w], params, &result, err, sizeof err);
    cJSON_Delete(params);
    cJSON_Delete(result);
    if (rc == -EBUSY)
        return false;
    char asked[64];
    if (isnan(s->wish[w]))
        snprintf(asked, sizeof asked, "%s auto", methods[w]);
    else
        snprintf(asked, sizeof asked, "%s %.10g", methods[w], s->wish[w]);
    if (rc == 0)
        answer(s, true, asked, "done");
    else
        answer(s, false, asked, err);
    return true;
}

static void try_wishes(struct hz_share *s)
{
    for (int w = 0; w < WISHES; w++) {
        if (s->wished[w] && ask(s, (enum wish)w))
            s->wished[w] = false;
    }
}

static void wish(struct hz_share *s, enum wish w, double value)
{
    s->wish[w] = value;
    s->wished[w] = true;
    try_wishes(s);
}

static void wish_gain(struct hz_share *s)
{
    if (!s->manual)
        wish(s, WISH_GAIN, NAN);
    else if (!isnan(s->gain_db))
        wish(s, WISH_GAIN, s->gain_db);
}

/* A gain by its index in the list of the tuner that clients were greeted with. */
static bool wish_gain_index(struct hz_share *s, uint32_t index)
{
    const struct hz_rtl_tuner *tuner = hz_rtl_tuner(s->tuner);
    if (!tuner || tuner->n_gains != s->n_gains || index >= tuner->n_gains)
        return false;
    s->gain_db = tuner->gains[index] / 10.0;
    wish_gain(s);
    return true;
}

/* True: it was taken. Commands of rtl_tcp: see source_rtl_tcp.c. */
static bool obey(struct hz_share *s, uint8_t command, uint32_t value)
{
    switch (command) {
    case 0x01:
        wish(s, WISH_CENTRE, value);
        return true;
    case 0x03:
        s->manual = value != 0;
        wish_gain(s);
        return true;
    case 0x04:
        s->gain_db = (double)(int32_t)value / 10;
        wish_gain(s);
        return true;
    case 0x05:
        wish(s, WISH_PPM, (int32_t)value);
        return true;
    case 0x0d:
        return wish_gain_index(s, value);
    case 0x0e:
        wish(s, WISH_BIAS, value != 0);
        return true;
    default: /* what would harm hertzd's own channels, or is not known */
        return false;
    }
}

static void take_command(struct hz_share *s, const uint8_t *c)
{
    static const char *const names[] = {
        [0x01] = "frequency",     [0x02] = "sample rate", [0x03] = "gain mode",
        [0x04] = "gain",          [0x05] = "ppm",         [0x06] = "IF gain",
        [0x07] = "test mode",     [0x08] = "AGC",         [0x09] = "direct sampling",
        [0x0a] = "offset tuning", [0x0b] = "crystal",     [0x0c] = "tuner crystal",
        [0x0d] = "gain by index", [0x0e] = "bias tee"};
    uint32_t value = (uint32_t)c[1] << 24 | (uint32_t)c[2] << 16 | (uint32_t)c[3] << 8 | c[4];
    const char *name = c[0] < sizeof names / sizeof *names ? names[c[0]] : NULL;
    char asked[64];
    snprintf(asked, sizeof asked, "%s (0x%02x) %u", name ? name : "unknown", c[0], value);
    if (!s->listener->conf.control)
        answer(s, false, asked, "refused: the listener has control = no");
    else if (!obey(s, c[0], value))
        answer(s, false, asked, "refused: clients may set frequency, gain, ppm and bias tee");
}

static void on_alloc(uv_handle_t *h, size_t suggested, uv_buf_t *buf)
{
    (void)suggested;
    struct viewer *v = h->data;
    *buf = uv_buf_init(v->share->scrap, sizeof v->share->scrap);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct viewer *v = stream->data;
    if (n < 0)
        close_viewer(v);
    for (ssize_t i = 0; i < n; i++) {
        v->in[v->in_len++] = (uint8_t)buf->base[i];
        if (v->in_len == COMMAND) {
            v->in_len = 0;
            take_command(v->share, v->in);
        }
    }
}

/* ---- coming ----------------------------------------------------------------------------- */

/* The tuner of the source, which may have become another; unknown: clients expect an R820T most. */
static void learn_tuner(struct hz_share *s)
{
    const struct hz_listen_env *env = &s->listener->all->env;
    char err[HZ_ERROR_MAX];
    cJSON *list = NULL, *r;
    s->tuner = HZ_RTL_R820T;
    s->n_gains = (uint32_t)hz_rtl_tuner(HZ_RTL_R820T)->n_gains;
    env->control(env->control_ctx, "receivers", NULL, &list, err, sizeof err);
    cJSON_ArrayForEach(r, list)
    {
        const char *name = cJSON_GetStringValue(cJSON_GetObjectItem(r, "name"));
        const cJSON *gains = cJSON_GetObjectItem(r, "gains");
        if (!name || strcmp(name, s->listener->conf.receiver) != 0 || !gains)
            continue;
        s->tuner = (uint32_t)cJSON_GetNumberValue(cJSON_GetObjectItem(r, "tuner_type"));
        s->n_gains = (uint32_t)cJSON_GetNumberValue(gains);
    }
    cJSON_Delete(list);
}

static void greet(struct hz_share *s, uint8_t *out)
{
    const uint32_t words[] = {s->tuner, s->n_gains};
    memcpy(out, "RTL0", 4);
    for (size_t i = 0; i < 8; i++)
        out[4 + i] = (uint8_t)(words[i / 4] >> (24 - 8 * (i % 4)));
}

void hz_share_client(struct hz_share *s, int fd)
{
    struct viewer *v = s->told_format ? NULL : calloc(1, sizeof *v);
    if (!v) {
        close(fd);
        return;
    }
    uv_tcp_init(s->listener->all->env.loop, &v->tcp);
    v->tcp.data = v->write.data = v;
    v->share = s;
    v->cursor = s->next;
    v->next = s->viewers;
    s->viewers = v;
    s->listener->n_clients++;
    s->listener->all->n_clients++;
    if (uv_tcp_open(&v->tcp, fd) != 0) {
        close(fd);
        close_viewer(v);
        return;
    }
    uv_tcp_nodelay(&v->tcp, 1);
    uv_tcp_keepalive(&v->tcp, 1, KEEPALIVE_S);
    learn_tuner(s);
    greet(s, v->greeting);
    uv_buf_t buf = uv_buf_init((char *)v->greeting, sizeof v->greeting);
    v->writing = uv_write(&v->write, (uv_stream_t *)&v->tcp, &buf, 1, on_written) == 0;
    if (!v->writing || uv_read_start((uv_stream_t *)&v->tcp, on_alloc, on_read) != 0)
        close_viewer(v);
}

struct hz_share *hz_share_new(struct hz_listener *l)
{
    struct hz_share *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->gain_db = NAN;
    s->listener = l;
    l->refs++;
    return s;
}

void hz_share_describe(const struct hz_share *s, cJSON *o)
{
    cJSON_AddStringToObject(o, "receiver", s->listener->conf.receiver);
    cJSON_AddBoolToObject(o, "control", s->listener->conf.control);
    cJSON_AddNumberToObject(o, "skipped_blocks", (double)s->skipped);
    cJSON_AddNumberToObject(o, "commands_done", (double)s->done);
    cJSON_AddNumberToObject(o, "commands_ignored", (double)s->ignored);
    cJSON_AddStringToObject(o, "last_command", s->last);
}
