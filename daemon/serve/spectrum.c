#include "daemon/serve/spectrum.h"

#include "daemon/base/put.h"
#include "proto/out/json.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    HEAD = HZ_FEED_HEAD + 40, /* bytes before the name */
    LINE_MAX_BYTES = 512,
    FLAG_LOST = 1 << 0,
};

/* Frames come with the batches of spectra: those of one batch, but no older ones, wait for a client
 * that reads. */
#define QUEUE_S 0.1

/* One view, and all clients that look at it. */
struct spectrum {
    struct hz_feed feed; /* first */
    struct hz_view *view;
    uint64_t dropped; /* of feed.dropped: what the scope was told */
};

static void on_left(struct hz_feed *f)
{
    struct spectrum *s = (struct spectrum *)f;
    hz_scope_viewers(hz_view_scope(s->view), -1, 0);
    if (f->clients > 0)
        return;
    hz_view_close(s->view);
    free(s);
}

static const struct hz_feed_kind spectrum_kind = {
    .name = "spectrum", .type = HZ_FEED_SPECTRUM, .queue = 1, .left = on_left};

/* ---- frames ----------------------------------------------------------------------------- */

static void on_frame(void *ctx, const struct hz_view_frame *frame)
{
    struct spectrum *s = ctx;
    const size_t name_len = strlen(s->feed.name), padded = (name_len + 3) / 4 * 4;
    struct hz_feed_message *m = hz_feed_message_new(&s->feed, HEAD + padded, frame->n);
    if (!m)
        return;
    uint8_t *p = m->data + HZ_FEED_HEAD;
    hz_put_u64(p, (uint64_t)frame->utc_ns);
    hz_put_f64(p + 8, frame->from_hz);
    hz_put_f64(p + 16, frame->to_hz);
    hz_put_f32(p + 24, frame->db_min);
    hz_put_f32(p + 28, frame->db_step);
    hz_put_u32(p + 32, frame->span_ms);
    hz_put_u16(p + 36, (uint16_t)frame->n);
    p[38] = (uint8_t)name_len;
    p[39] = frame->lost ? FLAG_LOST : 0;
    memcpy(p + 40, s->feed.name, name_len);
    memcpy(p + 40 + padded, frame->levels, frame->n);
    hz_feed_push(&s->feed, m);
    hz_scope_viewers(hz_view_scope(s->view), 0, s->feed.dropped - s->dropped);
    s->dropped = s->feed.dropped;
}

/* {"kind":"spectrum",…}: what is granted now. */
static size_t grant_line(const struct spectrum *s, char buf[LINE_MAX_BYTES])
{
    struct hz_view_grant g = hz_view_grant(s->view);
    struct hz_json j;
    hz_json_init(&j, buf, LINE_MAX_BYTES);
    hz_json_open(&j, NULL);
    hz_json_str(&j, "kind", spectrum_kind.name);
    hz_json_str(&j, "receiver", s->feed.name);
    hz_json_uint(&j, "bins", g.bins);
    hz_json_decimals(&j, "fps", g.fps, 3);
    if (g.to_hz > g.from_hz) {
        hz_json_decimals(&j, "from", g.from_hz, 3);
        hz_json_decimals(&j, "to", g.to_hz, 3);
    }
    hz_json_close(&j);
    return j.len;
}

static void on_changed(void *ctx)
{
    const struct spectrum *s = ctx;
    char line[LINE_MAX_BYTES];
    hz_feed_say((struct hz_feed *)&s->feed, line, grant_line(s, line));
}

static const struct hz_view_events view_events = {on_frame, on_changed};

/* ---- viewers ---------------------------------------------------------------------------- */

static struct spectrum *spectrum_new(struct hz_scope *scope, const struct hz_view_want *want,
                                     char *err, size_t err_len, int *rc)
{
    struct spectrum *s = calloc(1, sizeof *s);
    if (!s) {
        snprintf(err, err_len, "no memory");
        *rc = -ENOMEM;
        return NULL;
    }
    *rc = hz_view_open(&s->view, scope, want, &view_events, s, err, err_len);
    if (*rc != 0) {
        free(s);
        return NULL;
    }
    hz_feed_init(&s->feed, &spectrum_kind, hz_scope_name(scope));
    s->feed.queue = (size_t)ceil(want->fps * QUEUE_S);
    return s;
}

static int join(struct hz_client *c, struct hz_scope *scope, const struct hz_view_want *want,
                char *err, size_t err_len)
{
    int rc = 0;
    if (hz_scope_stats(scope)->viewers >= HZ_SCOPE_VIEWERS_MAX) {
        snprintf(err, err_len, "spectrum of %s: it has %d viewers, the most at a time",
                 hz_scope_name(scope), HZ_SCOPE_VIEWERS_MAX);
        return -EMFILE;
    }
    struct spectrum *s = hz_view_alike(scope, want);
    if (!s && !(s = spectrum_new(scope, want, err, err_len, &rc)))
        return rc;
    struct hz_feed *old = hz_feed_of(c, &spectrum_kind, hz_scope_name(scope));
    if (old != &s->feed) {
        rc = hz_feed_join(&s->feed, c, err, err_len);
        if (rc == 0)
            hz_scope_viewers(scope, 1, 0);
        if (rc == 0 && old)
            hz_feed_leave(old, c);
    }
    char line[LINE_MAX_BYTES];
    if (rc == 0) {
        c->transport->say(c, line, grant_line(s, line));
    } else if (s->feed.clients == 0) {
        hz_view_close(s->view);
        free(s);
    }
    return rc;
}

static void stop(struct hz_client *c, struct hz_scope *scope)
{
    struct hz_feed *old = hz_feed_of(c, &spectrum_kind, hz_scope_name(scope));
    char line[LINE_MAX_BYTES];
    struct hz_json j;
    hz_json_init(&j, line, sizeof line);
    hz_json_open(&j, NULL);
    hz_json_str(&j, "kind", spectrum_kind.name);
    hz_json_str(&j, "receiver", hz_scope_name(scope));
    hz_json_uint(&j, "fps", 0);
    hz_json_close(&j);
    c->transport->say(c, line, j.len);
    if (old)
        hz_feed_leave(old, c);
}

int hz_spectrum_show(struct hz_client *c, const struct hz_spectrum_words *words, char *err,
                     size_t err_len)
{
    const struct hz_scopes *scopes = c->door->all->env.scopes;
    struct hz_scope *scope =
        hz_scopes_find(scopes, *words->receiver ? words->receiver : NULL, err, err_len);
    if (!scope)
        return -ENOENT;
    if (words->stop) {
        stop(c, scope);
        return 0;
    }
    return join(c, scope, &words->want, err, err_len);
}

int hz_spectrum_take(struct hz_client *c, const cJSON *json, char *err, size_t err_len)
{
    struct hz_spectrum_words words;
    int rc = hz_spectrum_from_json(&words, json, err, err_len);
    return rc ? rc : hz_spectrum_show(c, &words, err, err_len);
}
