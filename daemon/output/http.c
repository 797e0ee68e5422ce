/* A link that posts messages to a URL, several at a time. A request that fails is sent again after
 * the wait of the link, so the server may get messages twice; one whose content the server does not
 * like is given up. */
#include "daemon/output/link.h"
#include "daemon/output/upload.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OUT_MAX = 64 * 1024, HEAD_MAX = 1024, HEADERS_MAX = 16, HEADER_MAX = 1024 };

struct hz_conf_http {
    struct hz_conf_link link;
    char *url, *headers, *token, *ca;
    uint64_t interval_s;
    int batch; /* messages */
    bool gzip, array;
};

/* Messages for one request. */
struct batch {
    char *p; /* OUT_MAX + HZ_CODED_MAX bytes, a head and an end */
    size_t n, frames;
};

struct http {
    struct hz_carrier_env env;
    const struct hz_conf_http *conf;
    const struct hz_form *form;
    bool array;
    struct batch out, flight;
    struct hz_web_call *call; /* the request under way, of `flight`; NULL: none */
    uint64_t since_ms;        /* when the first message of `out` came */
    struct hz_upload upload;
    char headers[HEADERS_MAX][HEADER_MAX];
    size_t n_headers;
};

static void http_flush(void *state);

/* ---- a request -------------------------------------------------------------------------- */

static void on_answer(void *ctx, const struct hz_web_answer *a)
{
    struct http *h = ctx;
    char why[200], line[HZ_WEB_SHOWN_MAX + sizeof why + 2], shown[HZ_WEB_SHOWN_MAX];
    h->call = NULL;
    hz_web_show(h->conf->url, shown);
    hz_upload_note(&h->upload, a, why, sizeof why);
    snprintf(line, sizeof line, "%s: %s", shown, why);
    if (!hz_web_good(a) && hz_upload_again(a)) {
        hz_link_down(h->env.link, line);
        if (a->retry_after_s > 0)
            hz_link_wait(h->env.link, a->retry_after_s);
        return;
    }
    bool good = hz_web_good(a);
    hz_link_count(h->env.link, good ? h->flight.frames : 0, good ? 0 : h->flight.frames);
    hz_link_count_bytes(h->env.link, good ? h->flight.n : 0);
    h->flight.n = h->flight.frames = 0;
    hz_link_up(h->env.link);
    hz_link_warn(h->env.link, good ? "" : line);
    http_flush(h);
    hz_link_ready(h->env.link);
}

static void post(struct http *h)
{
    const char *headers[HEADERS_MAX + 1] = {0};
    for (size_t i = 0; i < h->n_headers; i++)
        headers[i] = h->headers[i];
    struct hz_web_request r = {.url = h->conf->url,
                               .headers = headers,
                               .body = h->flight.p,
                               .len = h->flight.n,
                               .gzip = h->conf->gzip,
                               .ca = h->conf->ca};
    h->call = hz_web_post(h->env.outputs->web, &r, on_answer, h);
    if (!h->call)
        hz_link_down(h->env.link, "out of memory");
}

/* ---- gathering -------------------------------------------------------------------------- */

static bool is_full(const struct http *h)
{
    return h->out.n >= OUT_MAX || h->out.frames >= (size_t)h->conf->batch;
}

static bool http_room(void *state)
{
    const struct http *h = state;
    return !is_full(h) && (h->flight.n == 0 || h->call);
}

/* Of an array the messages are separated by commas, and `]` is put behind the last. */
static void http_send(void *state, struct hz_frame *f)
{
    struct http *h = state;
    struct batch *b = &h->out;
    size_t head = b->frames == 0 && h->form->head ? strlen(h->form->head) : h->array;
    struct hz_bytes out = {.p = b->p + b->n + head, .cap = HZ_CODED_MAX};
    hz_link_code(h->env.link, h->form, f, &out);
    if (out.n == 0)
        return;
    if (b->frames == 0)
        h->since_ms = uv_now(h->env.loop);
    if (h->array)
        b->p[b->n] = b->frames == 0 ? '[' : ',';
    else if (head > 0)
        memcpy(b->p, h->form->head, head);
    b->n += out.n + head;
    b->frames++;
    if (h->array && b->p[b->n - 1] == '\n')
        b->n--;
    if (is_full(h))
        http_flush(h);
}

static void http_flush(void *state)
{
    struct http *h = state;
    bool due = uv_now(h->env.loop) - h->since_ms >= h->conf->interval_s * 1000;
    if (h->flight.n > 0 || h->out.n == 0 || !(due || is_full(h) || hz_link_ends(h->env.link)))
        return;
    struct batch b = h->flight;
    h->flight = h->out;
    h->out = b;
    if (h->array)
        h->flight.p[h->flight.n++] = ']';
    post(h);
}

static bool http_idle(void *state)
{
    const struct http *h = state;
    return h->out.n == 0 && h->flight.n == 0;
}

/* ---- state ------------------------------------------------------------------------------ */

/* There is no connection to be made: it is up as long as no request fails. */
static void http_connect(void *state)
{
    struct http *h = state;
    if (h->flight.n > 0)
        post(h);
    else
        hz_link_up(h->env.link);
}

static void add_header(struct http *h, const char *name, const char *value, size_t n)
{
    if (h->n_headers < HEADERS_MAX)
        snprintf(h->headers[h->n_headers++], HEADER_MAX, "%s%.*s", name, (int)n, value);
}

static const char *content_type(const struct http *h)
{
    bool json = h->form->mime && strcmp(h->form->mime, "application/json") == 0;
    return !h->form->mime                             ? "text/plain; charset=utf-8"
           : json && !h->array && h->conf->batch != 1 ? "application/x-ndjson"
                                                      : h->form->mime;
}

/* "Name: value | Name: value". */
static void add_headers(struct http *h, const char *list)
{
    while (*list) {
        list += strspn(list, " |");
        size_t n = strcspn(list, "|"), len = n;
        while (len > 0 && list[len - 1] == ' ')
            len--;
        if (len > 0)
            add_header(h, "", list, len);
        list += n;
    }
}

static void http_free(struct http *h)
{
    free(h->out.p);
    free(h->flight.p);
    free(h);
}

static void *http_open(const struct hz_carrier_env *env, char *err, size_t err_len)
{
    struct http *h = calloc(1, sizeof *h);
    if (h) {
        h->out.p = malloc(OUT_MAX + HZ_CODED_MAX + HEAD_MAX);
        h->flight.p = malloc(OUT_MAX + HZ_CODED_MAX + HEAD_MAX);
    }
    if (!h || !h->out.p || !h->flight.p) {
        snprintf(err, err_len, "out of memory");
        if (h)
            http_free(h);
        return NULL;
    }
    h->env = *env;
    h->conf = (const struct hz_conf_http *)env->conf;
    h->form = hz_link_form(env->link);
    h->array = h->conf->array;
    if (!strcasestr(h->conf->headers, "content-type:"))
        add_header(h, "Content-Type: ", content_type(h), strlen(content_type(h)));
    if (*h->conf->token)
        add_header(h,
                   h->form == &hz_form_influx ? "Authorization: Token " : "Authorization: Bearer ",
                   h->conf->token, strlen(h->conf->token));
    add_headers(h, h->conf->headers);
    return h;
}

static void http_close(void *state, void (*closed)(void *ctx), void *ctx)
{
    struct http *h = state;
    if (h->call)
        hz_web_give_up(h->call);
    hz_link_count(h->env.link, 0, h->out.frames + h->flight.frames);
    http_free(h);
    closed(ctx);
}

static void http_status(void *state, cJSON *item)
{
    const struct http *h = state;
    cJSON_AddNumberToObject(item, "in_flight", (double)(h->flight.frames + h->out.frames));
    hz_upload_status(&h->upload, item);
}

/* ---- the configuration ------------------------------------------------------------------ */

/* "0", or "1s" to "7d". */
static int parse_interval(const char *text, void *seconds)
{
    uint64_t none = 0;
    if (strcmp(text, "0") != 0)
        return hz_parse_history_time(text, seconds);
    memcpy(seconds, &none, sizeof none);
    return 0;
}

static const char *http_target(const struct hz_conf_output *section)
{
    return ((const struct hz_conf_http *)section)->url;
}

static void http_show(const struct hz_conf_output *section, char out[HZ_TARGET_MAX])
{
    hz_web_show(http_target(section), out);
}

static void check_headers(const struct hz_check *c, const struct hz_conf_http *conf)
{
    size_t n = 2;
    for (const char *p = conf->headers; *p; p += strcspn(p, "|"), n++) {
        p += strspn(p, " |");
        size_t len = strcspn(p, "|"), name = strcspn(p, ":");
        if (len > 0 && (name == 0 || name >= len || len >= HEADER_MAX))
            hz_check_error(c, "headers",
                           "headers = '%s': expected Name: value, several of them separated by |",
                           conf->headers);
    }
    if (n > HEADERS_MAX)
        hz_check_error(c, "headers", "headers: expected %d of them at most", HEADERS_MAX - 2);
}

static void http_check(const struct hz_check *c, void *item)
{
    const struct hz_conf_http *conf = item;
    const struct hz_form *form = hz_form_find(conf->link.format);
    hz_link_check(c, item);
    if (hz_check_needs(c, "url", "url = http://HOST:PORT/PATH") && !hz_web_url_ok(conf->url))
        hz_check_error(c, "url", "url = '%s': expected http://HOST:PORT/PATH or https://HOST/PATH",
                       conf->url);
    check_headers(c, conf);
    if (strlen(conf->token) > HEADER_MAX - 40)
        hz_check_error(c, "token", "token: expected %d characters at most", HEADER_MAX - 40);
    if (conf->array && form && (!form->mime || strcmp(form->mime, "application/json") != 0))
        hz_check_error(c, "array", "array = yes with format = %s, which is not JSON", form->name);
}

/* clang-format off */
#define OF(field) .at = offsetof(struct hz_conf_http, field)
/* clang-format on */

static const struct hz_option options[] = {
    {.name = "url",
     .type = HZ_OPTION_TEXT,
     OF(url),
     .example = "http://127.0.0.1:8086/api/v2/write?org=home&bucket=radio",
     .help = "where messages are posted, http:// or https://"},
    {.name = "interval",
     .type = HZ_OPTION_PARSED,
     OF(interval_s),
     .parse = parse_interval,
     .size = sizeof(uint64_t),
     .expected = "0, or 1s to 7d with the unit s, m, h or d, as in 5s",
     .fallback = "5s",
     .help = "how long messages are gathered for one request, 64 kB of them at most; 0: they are "
             "posted at once"},
    {.name = "batch",
     .type = HZ_OPTION_COUNT,
     OF(batch),
     .min = 1,
     .max = 100000,
     .fallback = "1000",
     .help = "messages in one request at most"},
    {.name = "gzip",
     .type = HZ_OPTION_YES,
     OF(gzip),
     .fallback = "no",
     .help = "whether requests are packed"},
    {.name = "array",
     .type = HZ_OPTION_YES,
     OF(array),
     .fallback = "no",
     .help = "of a format in JSON: whether a request is one array; else a line for each message"},
    {.name = "token",
     .type = HZ_OPTION_TEXT,
     OF(token),
     .example = "SECRET",
     .help = "sent as `Authorization: Token …` with format = influx, else `Bearer …`"},
    {.name = "headers",
     .type = HZ_OPTION_TEXT,
     OF(headers),
     .example = "X-Station: roof | X-Key: SECRET",
     .help = "further headers of a request, separated by |"},
    {.name = "ca",
     .type = HZ_OPTION_TEXT,
     OF(ca),
     .example = "/etc/hertzd/ca.pem",
     .help = "file of the authorities whose certificates are accepted; default: the system's"},
    HZ_KEY_FORMAT,
    HZ_KEY_STATION,
    HZ_KEY_KIND,
    HZ_KEY_MAX_AGE,
    {0},
};

static const struct hz_carrier_ops carrier = {
    .open = http_open,
    .connect = http_connect,
    .room = http_room,
    .send = http_send,
    .flush = http_flush,
    .idle = http_idle,
    .tick = http_flush,
    .close = http_close,
    .status = http_status,
};

const struct hz_output_kind hz_output_http = {
    .kind = {.name = "http",
             .title = "messages in any format posted to a URL",
             .options = options,
             .size = sizeof(struct hz_conf_http),
             .check = http_check},
    .target = http_target,
    .show = http_show,
    .carrier = &carrier,
};
