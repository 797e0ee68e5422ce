#include "daemon/base/web.h"

#include "daemon/base/curl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { CONNECT_MS = 10000, ERROR_MAX = 400 };

struct hz_web {
    uv_loop_t *loop;
    struct hz_curl curl;
    CURLM *multi;
    uv_timer_t timer;
    struct hz_web_call *calls;
    int refs; /* the owner, handles that are not closed, and calls */
};

/* A socket of libcurl's that is watched. */
struct watch {
    uv_poll_t poll;
    struct hz_web *web;
    curl_socket_t fd;
};

struct hz_web_call {
    struct hz_web *web;
    struct hz_web_call *next;
    CURL *easy;
    struct curl_slist *headers;
    char *body, *packed;
    size_t len, packed_len;
    uv_work_t job;
    bool packing;                                           /* the job has the body */
    void (*done)(void *ctx, const struct hz_web_answer *a); /* NULL: given up */
    void *ctx;
    char error[CURL_ERROR_SIZE];
    char answer[HZ_WEB_ANSWER_MAX + 1];
    size_t answer_len;
};

static void unref(struct hz_web *w)
{
    if (--w->refs == 0)
        free(w);
}

/* ---- the end of a request --------------------------------------------------------------- */

static void call_free(struct hz_web_call *c)
{
    const struct hz_curl *curl = &c->web->curl;
    struct hz_web *w = c->web;
    struct hz_web_call **at = &w->calls;
    while (*at && *at != c)
        at = &(*at)->next;
    if (*at)
        *at = c->next;
    if (c->easy)
        curl->easy_cleanup(c->easy);
    curl->slist_free_all(c->headers);
    free(c->body);
    free(c->packed);
    free(c);
    unref(w);
}

void hz_web_give_up(struct hz_web_call *c)
{
    const struct hz_curl *curl = &c->web->curl;
    c->done = NULL;
    if (c->packing)
        return; /* freed when the job is done */
    curl->multi_remove_handle(c->web->multi, c->easy);
    call_free(c);
}

/* libcurl's word for what happened is for programmers. */
static void explain(const struct hz_web_call *c, CURLcode rc, char text[ERROR_MAX])
{
    const char *own = *c->error ? c->error : c->web->curl.easy_strerror(rc);
    const char *what = rc == CURLE_COULDNT_RESOLVE_HOST       ? "its name is not found"
                       : rc == CURLE_PEER_FAILED_VERIFICATION ? "its certificate is not accepted"
                       : rc == CURLE_OPERATION_TIMEDOUT       ? "no answer"
                       : rc == CURLE_COULDNT_CONNECT          ? "cannot connect"
                                                              : "the request failed";
    snprintf(text, ERROR_MAX, "%s: %s", what, own);
    for (char *p = text; *p; p++)
        *p = (unsigned char)*p < 32 ? ' ' : *p;
}

static void answer(struct hz_web_call *c, CURLcode rc)
{
    const struct hz_curl *curl = &c->web->curl;
    char error[ERROR_MAX] = "";
    long code = 0;
    curl_off_t retry = 0;
    char *location = NULL;
    curl->easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &code);
    curl->easy_getinfo(c->easy, CURLINFO_RETRY_AFTER, &retry);
    curl->easy_getinfo(c->easy, CURLINFO_REDIRECT_URL, &location);
    if (rc != CURLE_OK) {
        explain(c, rc, error);
        code = 0;
    }
    c->answer[c->answer_len] = '\0';
    struct hz_web_answer a = {.code = (int)code,
                              .error = error,
                              .location = location ? location : "",
                              .body = c->answer,
                              .len = c->answer_len,
                              .retry_after_s = retry > 0 && retry < 86400 ? (unsigned)retry : 0};
    c->done(c->ctx, &a);
}

static void take_finished(struct hz_web *w)
{
    const struct hz_curl *curl = &w->curl;
    CURLMsg *m;
    int left;
    while ((m = curl->multi_info_read(w->multi, &left))) {
        struct hz_web_call *c = NULL;
        CURL *easy = m->easy_handle;
        CURLcode rc = m->data.result;
        if (m->msg != CURLMSG_DONE)
            continue;
        curl->easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&c);
        curl->multi_remove_handle(w->multi, easy);
        answer(c, rc);
        call_free(c);
    }
}

/* ---- libcurl on the loop ---------------------------------------------------------------- */

static void on_poll(uv_poll_t *poll, int status, int events)
{
    const struct watch *s = poll->data;
    struct hz_web *w = s->web;
    const struct hz_curl *curl = &w->curl;
    int running, flags = (status < 0 ? CURL_CSELECT_ERR : 0) |
                         (events & UV_READABLE ? CURL_CSELECT_IN : 0) |
                         (events & UV_WRITABLE ? CURL_CSELECT_OUT : 0);
    curl->multi_socket_action(w->multi, s->fd, flags, &running);
    take_finished(w);
}

static void on_watch_closed(uv_handle_t *h)
{
    struct watch *s = h->data;
    struct hz_web *w = s->web;
    free(s);
    unref(w);
}

static struct watch *watch_new(struct hz_web *w, curl_socket_t fd)
{
    const struct hz_curl *curl = &w->curl;
    struct watch *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->web = w;
    s->fd = fd;
    if (uv_poll_init_socket(w->loop, &s->poll, fd) < 0) {
        free(s);
        return NULL;
    }
    s->poll.data = s;
    w->refs++;
    curl->multi_assign(w->multi, fd, s);
    return s;
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *ctx, void *assigned)
{
    (void)easy;
    struct hz_web *w = ctx;
    const struct hz_curl *curl = &w->curl;
    struct watch *s = assigned;
    if (what == CURL_POLL_REMOVE) {
        if (s)
            uv_close((uv_handle_t *)&s->poll, on_watch_closed);
        curl->multi_assign(w->multi, fd, NULL);
        return 0;
    }
    if (!s && !(s = watch_new(w, fd)))
        return -1;
    int events = (what & CURL_POLL_IN ? UV_READABLE : 0) | (what & CURL_POLL_OUT ? UV_WRITABLE : 0);
    uv_poll_start(&s->poll, events, on_poll);
    return 0;
}

static void on_time(uv_timer_t *t)
{
    struct hz_web *w = t->data;
    const struct hz_curl *curl = &w->curl;
    int running;
    curl->multi_socket_action(w->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    take_finished(w);
}

static int on_timer(CURLM *multi, long ms, void *ctx)
{
    (void)multi;
    struct hz_web *w = ctx;
    if (ms < 0)
        uv_timer_stop(&w->timer);
    else
        uv_timer_start(&w->timer, on_time, (uint64_t)ms, 0); /* never from within libcurl */
    return 0;
}

struct hz_web *hz_web_new(uv_loop_t *loop)
{
    struct hz_web *w = calloc(1, sizeof *w);
    if (!w || hz_curl_load(&w->curl) != 0) {
        free(w);
        return NULL;
    }
    const struct hz_curl *curl = &w->curl;
    curl->global_init(CURL_GLOBAL_DEFAULT);
    w->multi = curl->multi_init();
    if (!w->multi) {
        free(w);
        return NULL;
    }
    w->loop = loop;
    w->refs = 2;
    uv_timer_init(loop, &w->timer);
    w->timer.data = w;
    curl->multi_setopt(w->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl->multi_setopt(w->multi, CURLMOPT_SOCKETDATA, w);
    curl->multi_setopt(w->multi, CURLMOPT_TIMERFUNCTION, on_timer);
    curl->multi_setopt(w->multi, CURLMOPT_TIMERDATA, w);
    return w;
}

static void on_timer_closed(uv_handle_t *h)
{
    unref(h->data);
}

void hz_web_close(struct hz_web *w)
{
    if (!w)
        return;
    for (struct hz_web_call *c = w->calls, *next; c; c = next) {
        next = c->next;
        hz_web_give_up(c);
    }
    w->curl.multi_cleanup(w->multi);
    w->multi = NULL;
    uv_close((uv_handle_t *)&w->timer, on_timer_closed);
    unref(w);
}

/* ---- a request -------------------------------------------------------------------------- */

static size_t on_answer(char *data, size_t size, size_t n, void *ctx)
{
    struct hz_web_call *c = ctx;
    size_t room = HZ_WEB_ANSWER_MAX - c->answer_len, take = size * n < room ? size * n : room;
    memcpy(c->answer + c->answer_len, data, take);
    c->answer_len += take;
    return size * n;
}

/* The file with all authorities of the system takes 40 ms to read: the folder, in which each one is
 * looked up, is as good. */
static void trust(const struct hz_curl *curl, CURL *easy, const char *ca)
{
    const curl_version_info_data *info = curl->version_info(CURLVERSION_NOW);
    if (ca && *ca) {
        curl->easy_setopt(easy, CURLOPT_CAINFO, ca);
        curl->easy_setopt(easy, CURLOPT_CAPATH, NULL);
    } else if (info->age >= CURLVERSION_SEVENTH && info->capath) {
        curl->easy_setopt(easy, CURLOPT_CAINFO, NULL);
    }
}

static bool add_header(struct hz_web_call *c, const char *header)
{
    const struct hz_curl *curl = &c->web->curl;
    struct curl_slist *more = curl->slist_append(c->headers, header);
    if (more)
        c->headers = more;
    return more != NULL;
}

static bool set_up(struct hz_web_call *c, const struct hz_web_request *r)
{
    const struct hz_curl *curl = &c->web->curl;
    bool ok = add_header(c, "Expect:");
    for (const char *const *h = r->headers; ok && h && *h; h++)
        ok = add_header(c, *h);
    if (ok && r->gzip && r->body)
        ok = add_header(c, "Content-Encoding: gzip");
    CURL *e = c->easy;
    trust(curl, e, r->ca);
    curl->easy_setopt(e, CURLOPT_PRIVATE, c);
    curl->easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
    curl->easy_setopt(e, CURLOPT_QUICK_EXIT, 1L); /* do not wait for a look-up that hangs */
    curl->easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
    curl->easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
    curl->easy_setopt(e, CURLOPT_TIMEOUT_MS, (long)(r->limit_ms ? r->limit_ms : HZ_WEB_LIMIT_MS));
    curl->easy_setopt(e, CURLOPT_USERAGENT, "hertzd/" HZ_VERSION);
    curl->easy_setopt(e, CURLOPT_HTTPHEADER, c->headers);
    curl->easy_setopt(e, CURLOPT_ERRORBUFFER, c->error);
    curl->easy_setopt(e, CURLOPT_WRITEFUNCTION, on_answer);
    curl->easy_setopt(e, CURLOPT_WRITEDATA, c);
    curl->easy_setopt(e, CURLOPT_TCP_KEEPALIVE, 1L);
    if (r->method)
        curl->easy_setopt(e, CURLOPT_CUSTOMREQUEST, r->method);
    return ok && curl->easy_setopt(e, CURLOPT_URL, r->url) == CURLE_OK;
}

static void start(struct hz_web_call *c)
{
    const struct hz_curl *curl = &c->web->curl;
    const char *body = c->packed ? c->packed : c->body;
    if (body) {
        curl->easy_setopt(c->easy, CURLOPT_POST, 1L);
        curl->easy_setopt(c->easy, CURLOPT_POSTFIELDSIZE_LARGE,
                          (curl_off_t)(c->packed ? c->packed_len : c->len));
        curl->easy_setopt(c->easy, CURLOPT_POSTFIELDS, body);
    }
    curl->multi_add_handle(c->web->multi, c->easy);
}

static void pack(uv_work_t *job)
{
    enum { GZIP = 15 + 16 };
    struct hz_web_call *c = job->data;
    z_stream z = {.next_in = (Bytef *)c->body, .avail_in = (uInt)c->len};
    if (deflateInit2(&z, 6, Z_DEFLATED, GZIP, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        return;
    size_t cap = deflateBound(&z, (uLong)c->len);
    c->packed = malloc(cap);
    z.next_out = (Bytef *)c->packed;
    z.avail_out = c->packed ? (uInt)cap : 0;
    int rc = c->packed ? deflate(&z, Z_FINISH) : Z_MEM_ERROR;
    c->packed_len = cap - z.avail_out;
    deflateEnd(&z);
    if (rc != Z_STREAM_END) {
        free(c->packed);
        c->packed = NULL;
    }
}

static void on_packed(uv_work_t *job, int status)
{
    (void)status;
    struct hz_web_call *c = job->data;
    static const struct hz_web_answer no_memory = {
        .error = "out of memory", .location = "", .body = ""};
    c->packing = false;
    if (c->done && c->packed) {
        start(c);
        return;
    }
    if (c->done)
        c->done(c->ctx, &no_memory);
    call_free(c);
}

struct hz_web_call *hz_web_post(struct hz_web *w, const struct hz_web_request *r,
                                void (*done)(void *ctx, const struct hz_web_answer *a), void *ctx)
{
    const struct hz_curl *curl = &w->curl;
    struct hz_web_call *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->web = w;
    w->refs++;
    c->done = done;
    c->ctx = ctx;
    c->len = r->len;
    c->easy = curl->easy_init();
    c->body = r->body ? malloc(r->len + 1) : NULL;
    if (!c->easy || (r->body && !c->body) || !set_up(c, r)) {
        call_free(c);
        return NULL;
    }
    if (r->body)
        memcpy(c->body, r->body, r->len);
    c->next = w->calls;
    w->calls = c;
    c->job.data = c;
    c->packing = r->gzip && r->body;
    if (c->packing)
        uv_queue_work(w->loop, &c->job, pack, on_packed);
    else
        start(c);
    return c;
}

/* ---- words for an answer, and URLs
 * ------------------------------------------------------------------------------- */

bool hz_web_good(const struct hz_web_answer *a)
{
    return a->code >= 200 && a->code < 300;
}

void hz_web_line(const struct hz_web_answer *a, char *out, size_t size)
{
    const char *hint = a->code == 401 || a->code == 403 ? " (check user, password or token)"
                       : a->code == 404                 ? " (check the path of the URL)"
                       : a->code == 413                 ? " (what is sent at a time is too long)"
                       : a->code == 429                 ? " (too often)"
                       : a->code >= 500                 ? " (the server has a problem)"
                                                        : "";
    const char *text = *a->location ? a->location : a->body;
    if (a->code == 0)
        snprintf(out, size, "%s", a->error);
    else
        snprintf(out, size, "it answers %d%s%s%.150s", a->code, hint, *text ? ": " : "", text);
    for (char *p = out; *p; p++)
        *p = (unsigned char)*p < 32 || (unsigned char)*p > 126 ? ' ' : *p;
}

static char *part(const struct hz_curl *curl, CURLU *u, CURLUPart which)
{
    char *text = NULL;
    return curl->url_get(u, which, &text, 0) == CURLUE_OK ? text : NULL;
}

bool hz_web_url_ok(const char *url)
{
    struct hz_curl loaded, *curl = &loaded;
    if (hz_curl_load(curl) != 0)
        return false;
    CURLU *u = curl->url();
    bool ok = u && curl->url_set(u, CURLUPART_URL, url, 0) == CURLUE_OK;
    char *scheme = ok ? part(curl, u, CURLUPART_SCHEME) : NULL,
         *host = ok ? part(curl, u, CURLUPART_HOST) : NULL;
    ok = scheme && host && *host && (strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0);
    curl->free(scheme);
    curl->free(host);
    curl->url_cleanup(u);
    return ok;
}

void hz_web_show(const char *url, char out[HZ_WEB_SHOWN_MAX])
{
    static const CURLUPart secret[] = {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_QUERY,
                                       CURLUPART_FRAGMENT};
    struct hz_curl loaded, *curl = &loaded;
    out[0] = '\0';
    if (hz_curl_load(curl) != 0)
        return;
    CURLU *u = curl->url();
    bool ok = u && curl->url_set(u, CURLUPART_URL, url, 0) == CURLUE_OK;
    for (size_t i = 0; ok && i < sizeof secret / sizeof *secret; i++)
        curl->url_set(u, secret[i], NULL, 0);
    char *text = ok ? part(curl, u, CURLUPART_URL) : NULL;
    snprintf(out, HZ_WEB_SHOWN_MAX, "%s", text ? text : "");
    curl->free(text);
    curl->url_cleanup(u);
}
