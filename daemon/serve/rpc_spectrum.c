#include "daemon/serve/rpc_spectrum.h"

#include "config/fail.h"
#include "daemon/serve/spectrum_words.h"
#include "proto/out/json.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    FRAMES = 20,
    FRAMES_MAX = 500,
    SECONDS_MAX = 60,
    LEVEL_BYTES = 4 /* "255," */,
    HEAD_BYTES = 512,
    LATE_MS = 5000, /* beside twice the time of the frames, so that a change of the band may be */
};

/* What differs between frames of one view. */
struct row {
    int64_t utc_ns;
    float db_min;
    bool lost;
};

struct hz_rpc_spectrum {
    struct hz_client *client;
    struct hz_view *view; /* NULL: all frames are there, or will not come */
    uv_timer_t limit;
    uint64_t limit_ms;
    char error[160];
    struct hz_view_frame band;
    char receiver[HZ_NAME_MAX + 1];
    size_t wanted, have, given;
    struct row rows[FRAMES_MAX];
    uint8_t levels[]; /* of one frame behind the other, as many as the words of the view say */
};

/* ---- looking ---------------------------------------------------------------------------- */

static void end(struct hz_rpc_spectrum *s)
{
    uv_timer_stop(&s->limit);
    hz_view_close(s->view);
    s->view = NULL;
    hz_client_wake(s->client);
}

/* A frame of another band than those before it begins anew: a result is of one band. */
static void on_frame(void *ctx, const struct hz_view_frame *f)
{
    struct hz_rpc_spectrum *s = ctx;
    const struct hz_view_frame *b = &s->band;
    if (f->n != b->n || f->from_hz != b->from_hz || f->to_hz != b->to_hz)
        s->have = 0;
    s->band = *f;
    s->rows[s->have] = (struct row){.utc_ns = f->utc_ns, .db_min = f->db_min, .lost = f->lost};
    memcpy(s->levels + s->have * f->n, f->levels, f->n);
    if (++s->have == s->wanted)
        end(s);
}

static void on_late(uv_timer_t *timer)
{
    struct hz_rpc_spectrum *s = timer->data;
    snprintf(s->error, sizeof s->error,
             "receiver %s: %zu of %zu frames in %.1f s: it stalls, or its band changes too often",
             s->receiver, s->have, s->wanted, (double)s->limit_ms / 1000);
    end(s);
}

static void on_changed(void *ctx)
{
    (void)ctx; /* the next frame tells */
}

/* Takes `frames` out of the words. */
static int take_frames(cJSON *words, size_t *frames, char *err, size_t err_len)
{
    cJSON *item = cJSON_DetachItemFromObjectCaseSensitive(words, "frames");
    double v = item ? cJSON_GetNumberValue(item) : FRAMES;
    cJSON_Delete(item);
    if (!(v >= 1 && v <= FRAMES_MAX) || v != floor(v))
        return hz_fail(err, err_len, "frames: expected a whole number, 1 to %d", FRAMES_MAX);
    *frames = (size_t)v;
    return 0;
}

static int read_words(const cJSON *params, struct hz_spectrum_words *words, size_t *frames,
                      char *err, size_t err_len)
{
    cJSON *copy = params ? cJSON_Duplicate(params, 1) : cJSON_CreateObject();
    if (!copy)
        return -ENOMEM;
    int rc = take_frames(copy, frames, err, err_len);
    if (rc == 0)
        rc = hz_spectrum_from_json(words, copy, err, err_len);
    cJSON_Delete(copy);
    if (rc == 0 && words->stop)
        rc = hz_fail(err, err_len, "fps 0: expected %g to %d", HZ_VIEW_FPS_MIN, HZ_VIEW_FPS_MAX);
    if (rc == 0 && (double)*frames > words->want.fps * SECONDS_MAX)
        rc = hz_fail(err, err_len, "%zu frames, %g a second: expected at most %d s", *frames,
                     words->want.fps, SECONDS_MAX);
    if (rc == 0 && words->want.bins * *frames > HZ_RPC_SPECTRUM_BYTES)
        rc = hz_fail(err, err_len, "%zu frames of %zu bins: expected at most %d levels in all",
                     *frames, words->want.bins, HZ_RPC_SPECTRUM_BYTES);
    return rc;
}

/* Refuses a receiver that delivers no samples now: its frames might never come. */
static int check_streams(const struct hz_client *c, const char *receiver, char *err, size_t err_len)
{
    const struct hz_listen_env *env = &c->door->all->env;
    cJSON *all = NULL;
    const cJSON *row;
    const char *state = "not there";
    if (env->calls->control(env->calls_ctx, "receivers", NULL, &all, err, err_len) < 0)
        return -ENOMEM;
    cJSON_ArrayForEach(row, all)
    {
        const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(row, "name"));
        if (name && strcmp(name, receiver) == 0)
            state = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(row, "state"));
    }
    bool streams = state && strcmp(state, "streaming") == 0;
    if (!streams)
        hz_fail(err, err_len, "receiver %s is %s: expected streaming", receiver, state);
    cJSON_Delete(all);
    return streams ? 0 : -EAGAIN;
}

int hz_rpc_spectrum_new(struct hz_client *c, const cJSON *params, struct hz_rpc_spectrum **made,
                        char *err, size_t err_len)
{
    static const struct hz_view_events events = {on_frame, on_changed};
    struct hz_spectrum_words words;
    size_t frames = 0;
    int rc = read_words(params, &words, &frames, err, err_len);
    if (rc != 0)
        return rc;
    struct hz_scope *scope = hz_scopes_find(c->door->all->env.scopes,
                                            *words.receiver ? words.receiver : NULL, err, err_len);
    if (!scope)
        return -EINVAL;
    rc = check_streams(c, hz_scope_name(scope), err, err_len);
    if (rc != 0)
        return rc;
    struct hz_rpc_spectrum *s = calloc(1, sizeof *s + words.want.bins * frames);
    if (!s)
        return -ENOMEM;
    s->client = c;
    s->wanted = frames;
    memcpy(s->receiver, hz_scope_name(scope), strlen(hz_scope_name(scope)) + 1);
    rc = hz_view_open(&s->view, scope, &words.want, &events, s, err, err_len);
    if (rc != 0) {
        free(s);
        return rc;
    }
    s->limit_ms = (uint64_t)(2000 * (double)frames / words.want.fps) + LATE_MS;
    uv_timer_init(c->door->all->env.loop, &s->limit);
    s->limit.data = s;
    uv_timer_start(&s->limit, on_late, s->limit_ms, 0);
    *made = s;
    return 0;
}

static void on_closed(uv_handle_t *timer)
{
    free(timer->data);
}

void hz_rpc_spectrum_free(struct hz_rpc_spectrum *s)
{
    if (!s)
        return;
    if (s->view)
        hz_view_close(s->view);
    uv_close((uv_handle_t *)&s->limit, on_closed);
}

bool hz_rpc_spectrum_waits(const struct hz_rpc_spectrum *s)
{
    return s->view;
}

const char *hz_rpc_spectrum_error(const struct hz_rpc_spectrum *s)
{
    return s->error;
}

/* ---- the result ------------------------------------------------------------------------- */

static void put_head(struct hz_client *c, const struct hz_rpc_spectrum *s)
{
    char text[HEAD_BYTES];
    struct hz_json j;
    hz_json_init(&j, text, sizeof text);
    hz_json_open(&j, NULL);
    hz_json_str(&j, "receiver", s->receiver);
    hz_json_decimals(&j, "from", s->band.from_hz, 3);
    hz_json_decimals(&j, "to", s->band.to_hz, 3);
    hz_json_uint(&j, "bins", s->band.n);
    hz_json_decimals(&j, "db_step", s->band.db_step, 3);
    hz_json_uint(&j, "span_ms", s->band.span_ms);
    hz_json_open_array(&j, "frames");
    hz_client_send(c, text, j.len);
}

static void put_frame(struct hz_client *c, const struct hz_rpc_spectrum *s, size_t i)
{
    char text[HEAD_BYTES + LEVEL_BYTES * HZ_VIEW_BINS_MAX];
    struct hz_json j;
    hz_json_init(&j, text, sizeof text);
    hz_json_open(&j, NULL);
    hz_json_time(&j, "time", s->rows[i].utc_ns);
    hz_json_decimals(&j, "db_min", s->rows[i].db_min, 1);
    if (s->rows[i].lost)
        hz_json_bool(&j, "lost", true);
    hz_json_open_array(&j, "levels");
    for (size_t k = 0; k < s->band.n; k++)
        hz_json_uint(&j, NULL, s->levels[i * s->band.n + k]);
    hz_json_close_array(&j);
    hz_json_close(&j);
    hz_client_send(c, ",", i > 0);
    hz_client_send(c, text, j.len);
}

enum hz_rpc_next hz_rpc_spectrum_more(struct hz_client *c, struct hz_rpc_spectrum *s)
{
    if (s->given == 0)
        put_head(c, s);
    put_frame(c, s, s->given++);
    if (s->given < s->have)
        return HZ_RPC_MORE;
    hz_client_send(c, "]}", 2);
    return HZ_RPC_END;
}
