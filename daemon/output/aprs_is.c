/* A link to a server of APRS-IS, as a gateway that only receives: logs in, passes what the rules of
 * proto/format/igate.h let through, and tells its own position. What the server sends is read for
 * its comments only; the rest is dropped. */
#include "daemon/output/aprs_is.h"

#include "daemon/base/dial.h"
#include "daemon/output/service.h"
#include "proto/format/igate.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    LOGIN_MS = 30000,   /* for connection, greeting and the answer to the login */
    SILENT_MS = 120000, /* servers say something every 20 s */
    STUCK_MS = 30000,   /* it takes nothing for so long: the connection is given up */
    BEAT_MS = 60000, /* nothing was sent for so long: a comment, so that a dead line is noticed */
    OUT_MAX = 16 * 1024,
};

enum stage { DOWN, GREETING, LOGIN, UP };

struct batch {
    char p[OUT_MAX];
    size_t n, frames;
};

struct aprs_is {
    struct hz_carrier_env env;
    const struct hz_conf_aprs_is *conf;
    struct hz_dial dial;
    bool dialled, closing, reconnect; /* the dial is open; is being closed; to be opened again */
    enum stage stage;
    char line[HZ_IGATE_LINE + 1]; /* what the server says */
    size_t line_n;
    char said[HZ_IGATE_LINE + 1]; /* its latest comment */
    char server[64];              /* its name; "": it has not told it */
    struct batch *out, *flight;
    uv_write_t write;
    bool writing;
    uint64_t moved_ms, said_ms, heard_ms, beacon_ms; /* of the loop's clock; beacon: the next */
    size_t left;
    struct hz_igate_recent recent;
    uint64_t verdicts[HZ_IGATE_VERDICTS], repeats, repaired, marked, beacons;
    void (*closed)(void *ctx);
    void *closed_ctx;
    char scrap[4096];
};

static uint64_t now(const struct aprs_is *a)
{
    return uv_now(a->env.loop);
}

/* ---- the end of a connection ------------------------------------------------------------ */

static void aprs_connect(void *state);

static void aprs_free(struct aprs_is *a)
{
    void (*closed)(void *ctx) = a->closed;
    void *ctx = a->closed_ctx;
    free(a->out);
    free(a->flight);
    free(a);
    closed(ctx);
}

static void on_dial_closed(void *ctx)
{
    struct aprs_is *a = ctx;
    a->dialled = a->closing = false;
    if (a->closed)
        aprs_free(a);
    else if (a->reconnect)
        aprs_connect(a);
}

/* What is in flight is counted when libuv gives it back. */
static void hang_up(struct aprs_is *a)
{
    a->stage = DOWN;
    hz_link_count(a->env.link, 0, a->out->frames);
    a->out->n = a->out->frames = 0;
    if (a->dialled && !a->closing) {
        a->closing = true;
        hz_dial_close(&a->dial, on_dial_closed, a);
    }
}

static void down(struct aprs_is *a, const char *why)
{
    char text[400];
    if (a->closed || a->closing)
        return;
    snprintf(text, sizeof text, "%s: %s", a->conf->address, why);
    hang_up(a);
    hz_link_down(a->env.link, text);
}

/* ---- sending ---------------------------------------------------------------------------- */

static void aprs_flush(void *state);

static void on_written(uv_write_t *req, int status)
{
    struct aprs_is *a = req->data;
    size_t frames = a->flight->frames, n = a->flight->n;
    a->writing = false;
    a->flight->n = a->flight->frames = 0;
    hz_link_count(a->env.link, status == 0 ? frames : 0, status == 0 ? 0 : frames);
    if (status < 0) {
        down(a, uv_strerror(status));
        return;
    }
    hz_link_count_bytes(a->env.link, n);
    aprs_flush(a);
    hz_link_ready(a->env.link);
}

static void aprs_flush(void *state)
{
    struct aprs_is *a = state;
    if (a->stage == DOWN || a->writing || a->out->n == 0)
        return;
    struct batch *b = a->flight;
    a->flight = a->out;
    a->out = b;
    uv_buf_t buf = uv_buf_init(a->flight->p, (unsigned)a->flight->n);
    a->write.data = a;
    a->writing = true;
    a->said_ms = a->moved_ms = now(a);
    a->left = a->flight->n;
    int rc = uv_write(&a->write, hz_dial_stream(&a->dial), &buf, 1, on_written);
    if (rc < 0)
        on_written(&a->write, rc);
}

static bool aprs_room(void *state)
{
    const struct aprs_is *a = state;
    return a->stage == UP && a->out->n + HZ_IGATE_LINE <= OUT_MAX;
}

/* A line beside the frames, where there is room. */
static bool say(struct aprs_is *a, const char *text, size_t n)
{
    if (a->out->n + n > OUT_MAX)
        return false;
    memcpy(a->out->p + a->out->n, text, n);
    a->out->n += n;
    aprs_flush(a);
    return true;
}

static bool is_packet(const struct hz_frame *f)
{
    return strcmp(f->topic->protocol, "aprs") == 0 || strcmp(f->topic->protocol, "ax25-9600") == 0;
}

static void aprs_send(void *state, struct hz_frame *f)
{
    struct aprs_is *a = state;
    struct hz_igate_line line;
    if (!is_packet(f))
        return;
    if (f->rec.mark && !a->conf->marked) {
        a->marked++;
        return;
    }
    if (!a->conf->repaired && hz_service_is_repaired(f)) {
        a->repaired++;
        return;
    }
    enum hz_igate_verdict v = hz_igate_gate(f->rec.raw, f->rec.raw_len, a->conf->call, &line);
    bool again = v == HZ_IGATE_GATED && hz_igate_is_repeat(&a->recent, &line, f->rec.utc_ns);
    a->repeats += again;
    a->verdicts[v] += !again;
    if (v != HZ_IGATE_GATED || again)
        return;
    memcpy(a->out->p + a->out->n, line.text, line.n);
    a->out->n += line.n;
    a->out->frames++;
}

static bool aprs_idle(void *state)
{
    const struct aprs_is *a = state;
    return !a->writing && a->out->n == 0;
}

static void beacon(struct aprs_is *a)
{
    struct hz_igate_line line;
    if (isnan(a->conf->latitude) || now(a) < a->beacon_ms)
        return;
    if (hz_igate_beacon(a->conf->call, a->conf->latitude, a->conf->longitude, a->conf->symbol,
                        a->conf->comment, &line) &&
        say(a, line.text, line.n)) {
        a->beacons++;
        a->beacon_ms = now(a) + a->conf->beacon_s * 1000;
    }
}

static void aprs_tick(void *state)
{
    static const char beat[] = "# hertzd " HZ_VERSION "\r\n";
    struct aprs_is *a = state;
    if (a->stage != UP)
        return;
    size_t left = uv_stream_get_write_queue_size(hz_dial_stream(&a->dial));
    if (left < a->left)
        a->moved_ms = now(a);
    a->left = left;
    if (a->writing && now(a) - a->moved_ms >= STUCK_MS) {
        down(a, "it is connected, but has read nothing for 30 s");
    } else if (now(a) - a->heard_ms >= SILENT_MS) {
        down(a, "it has said nothing for 2 minutes");
    } else {
        beacon(a);
        if (now(a) - a->said_ms >= BEAT_MS)
            say(a, beat, sizeof beat - 1);
    }
}

/* ---- what the server says --------------------------------------------------------------- */

static void log_in(struct aprs_is *a)
{
    struct hz_igate_line line;
    int passcode =
        isnan(a->conf->passcode) ? hz_igate_passcode(a->conf->call) : (int)a->conf->passcode;
    if (!hz_igate_login(a->conf->call, passcode, a->conf->filter, &line)) {
        down(a, "the login is longer than 512 bytes: make `filter` shorter");
        return;
    }
    a->stage = LOGIN;
    hz_dial_expect(&a->dial, "it did not answer the login");
    say(a, line.text, line.n);
}

/* "# logresp CALL verified, server NAME" */
static void on_login_answer(struct aprs_is *a, const char *answer)
{
    char text[256], word[32] = "";
    const char *server = strstr(answer, "server ");
    snprintf(a->server, sizeof a->server, "%.*s", server ? (int)strcspn(server + 7, " ,") : 0,
             server ? server + 7 : "");
    sscanf(answer, "%*s %31[a-z]", word);
    if (strcmp(word, "verified") == 0) {
        hz_dial_done(&a->dial);
        a->stage = UP;
        a->beacon_ms = now(a);
        hz_link_up(a->env.link);
        beacon(a);
        return;
    }
    snprintf(text, sizeof text, "it does not believe the login of %s (%s)%s", a->conf->call,
             *word ? word : answer,
             isnan(a->conf->passcode) ? "; is `call` a call that may log in there?"
                                      : ": `passcode` is not the one of this call");
    down(a, text);
}

static void on_line(struct aprs_is *a)
{
    static const char answer[] = "# logresp ";
    a->line[a->line_n] = '\0';
    if (a->line[0] != '#')
        return;
    for (size_t i = 0; i < a->line_n; i++) {
        if ((unsigned char)a->line[i] < ' ' || (unsigned char)a->line[i] > '~')
            a->line[i] = '?';
    }
    memcpy(a->said, a->line, a->line_n + 1);
    if (a->stage == GREETING)
        log_in(a);
    else if (a->stage == LOGIN && strncmp(a->line, answer, sizeof answer - 1) == 0)
        on_login_answer(a, a->line + sizeof answer - 1);
}

static void on_bytes(struct aprs_is *a, const char *p, size_t n)
{
    a->heard_ms = now(a);
    for (size_t i = 0; i < n && a->stage != DOWN; i++) {
        if (p[i] == '\n' || p[i] == '\r') {
            if (a->line_n > 0)
                on_line(a);
            a->line_n = 0;
        } else if (a->line_n < HZ_IGATE_LINE) {
            a->line[a->line_n++] = p[i]; /* the rest of a longer line is dropped */
        }
    }
}

static void on_alloc(uv_handle_t *h, size_t wanted, uv_buf_t *buf)
{
    (void)wanted;
    struct aprs_is *a = h->data;
    *buf = uv_buf_init(a->scrap, sizeof a->scrap);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct aprs_is *a = stream->data;
    char text[320];
    if (n > 0) {
        on_bytes(a, buf->base, (size_t)n);
    } else if (n == UV_EOF) {
        snprintf(text, sizeof text, "it has closed the connection%s%.200s",
                 *a->said ? "; it said: " : "", a->said);
        down(a, text);
    } else if (n < 0) {
        down(a, uv_strerror((int)n));
    }
}

/* ---- connecting ------------------------------------------------------------------------- */

static void on_connected(void *ctx)
{
    struct aprs_is *a = ctx;
    uv_stream_t *stream = hz_dial_stream(&a->dial);
    stream->data = a;
    a->stage = GREETING;
    a->line_n = 0;
    a->said[0] = a->server[0] = '\0';
    a->said_ms = a->heard_ms = now(a);
    hz_dial_expect(&a->dial, "it sent no greeting");
    uv_read_start(stream, on_alloc, on_read);
}

static void on_failed(void *ctx, int status, const char *why)
{
    (void)status;
    down(ctx, why);
}

static void aprs_connect(void *state)
{
    struct aprs_is *a = state;
    struct hz_dial_env dial = {.loop = a->env.loop,
                               .address = a->conf->address,
                               .limit_ms = LOGIN_MS,
                               .connected = on_connected,
                               .failed = on_failed,
                               .ctx = a};
    a->reconnect = a->closing;
    if (a->closing)
        return;
    int rc = hz_dial_open(&a->dial, &dial);
    a->dialled = rc == 0;
    if (rc < 0)
        down(a, uv_strerror(rc));
}

static void *aprs_open(const struct hz_carrier_env *env, char *err, size_t err_len)
{
    struct aprs_is *a = calloc(1, sizeof *a);
    if (!a || !(a->out = calloc(1, sizeof *a->out)) ||
        !(a->flight = calloc(1, sizeof *a->flight))) {
        snprintf(err, err_len, "out of memory");
        if (a)
            free(a->out);
        free(a);
        return NULL;
    }
    a->env = *env;
    a->conf = (const struct hz_conf_aprs_is *)env->conf;
    return a;
}

static void aprs_close(void *state, void (*closed)(void *ctx), void *ctx)
{
    struct aprs_is *a = state;
    a->closed = closed;
    a->closed_ctx = ctx;
    hang_up(a);
    if (!a->dialled)
        aprs_free(a);
}

static void aprs_status(void *state, cJSON *item)
{
    const struct aprs_is *a = state;
    cJSON_AddNumberToObject(item, "in_flight", (double)(a->flight->frames + a->out->frames));
    cJSON_AddStringToObject(item, "server", a->server);
    cJSON_AddNumberToObject(item, "beacons", (double)a->beacons);
    cJSON *o = cJSON_AddObjectToObject(item, "not_gated");
    cJSON_AddNumberToObject(o, "repeat", (double)a->repeats);
    cJSON_AddNumberToObject(o, "repaired", (double)a->repaired);
    cJSON_AddNumberToObject(o, "marked", (double)a->marked);
    for (enum hz_igate_verdict v = HZ_IGATE_GATED + 1; v < HZ_IGATE_VERDICTS; v++)
        cJSON_AddNumberToObject(o, hz_igate_verdict_name(v), (double)a->verdicts[v]);
}

const struct hz_carrier_ops hz_aprs_is_carrier = {
    .kinds = 1u << HZ_KIND_MESSAGE,
    .open = aprs_open,
    .connect = aprs_connect,
    .room = aprs_room,
    .send = aprs_send,
    .flush = aprs_flush,
    .idle = aprs_idle,
    .tick = aprs_tick,
    .close = aprs_close,
    .status = aprs_status,
};
