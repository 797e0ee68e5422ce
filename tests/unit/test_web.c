/* Requests over HTTP: to a server that answers, to ones that do not, and given up. */
#include "daemon/base/web.h"

#include <criterion/criterion.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

struct talk {
    uv_loop_t loop;
    uv_tcp_t server, client;
    bool has_client, patient; /* patient: the server never answers */
    uv_write_t write;
    const char *reply;
    char asked[200000], url[64];
    size_t n, want; /* bytes of the request */
    struct hz_web *web;
    int done, code;
    char line[300], body[HZ_WEB_ANSWER_MAX + 1];
    unsigned retry_s;
};

static void on_alloc(uv_handle_t *h, size_t wanted, uv_buf_t *buf)
{
    struct talk *t = h->data;
    (void)wanted;
    *buf = uv_buf_init(t->asked + t->n, (unsigned)(sizeof t->asked - 1 - t->n));
}

/* The whole request is there when its head and as many bytes as it says are. */
static void on_read(uv_stream_t *s, ssize_t n, const uv_buf_t *buf)
{
    struct talk *t = s->data;
    (void)buf;
    if (n <= 0)
        return;
    t->n += (size_t)n;
    t->asked[t->n] = 0;
    const char *end = strstr(t->asked, "\r\n\r\n"), *len = strstr(t->asked, "Content-Length: ");
    if (!end || t->patient)
        return;
    t->want = (size_t)(end + 4 - t->asked) + (len ? strtoul(len + 16, NULL, 10) : 0);
    if (t->n < t->want)
        return;
    uv_buf_t out = uv_buf_init((char *)(uintptr_t)t->reply, (unsigned)strlen(t->reply));
    uv_write(&t->write, s, &out, 1, NULL);
}

static void on_caller(uv_stream_t *server, int status)
{
    struct talk *t = server->data;
    cr_assert_eq(status, 0);
    uv_tcp_init(&t->loop, &t->client);
    t->client.data = t;
    t->has_client = true;
    cr_assert_eq(uv_accept(server, (uv_stream_t *)&t->client), 0);
    uv_read_start((uv_stream_t *)&t->client, on_alloc, on_read);
}

static struct talk *begin(const char *reply)
{
    struct talk *t = calloc(1, sizeof *t);
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int len = sizeof any;
    signal(SIGPIPE, SIG_IGN);
    uv_loop_init(&t->loop);
    uv_tcp_init(&t->loop, &t->server);
    t->server.data = t;
    t->reply = reply;
    uv_tcp_bind(&t->server, (struct sockaddr *)&any, 0);
    uv_tcp_getsockname(&t->server, (struct sockaddr *)&any, &len);
    snprintf(t->url, sizeof t->url, "http://127.0.0.1:%d/in?key=x", ntohs(any.sin_port));
    uv_listen((uv_stream_t *)&t->server, 8, on_caller);
    t->web = hz_web_new(&t->loop);
    return t;
}

static void end(struct talk *t)
{
    hz_web_close(t->web);
    if (!uv_is_closing((uv_handle_t *)&t->server))
        uv_close((uv_handle_t *)&t->server, NULL);
    if (t->has_client)
        uv_close((uv_handle_t *)&t->client, NULL);
    uv_run(&t->loop, UV_RUN_DEFAULT);
    cr_expect_eq(uv_loop_close(&t->loop), 0, "all handles are closed");
    free(t);
}

static void on_done(void *ctx, const struct hz_web_answer *a)
{
    struct talk *t = ctx;
    t->done++;
    t->code = a->code;
    t->retry_s = a->retry_after_s;
    snprintf(t->body, sizeof t->body, "%s", a->body);
    hz_web_line(a, t->line, sizeof t->line);
}

static void ask(struct talk *t, const struct hz_web_request *r)
{
    int before = t->done;
    t->n = 0;
    cr_assert_not_null(hz_web_post(t->web, r, on_done, t));
    cr_expect_eq(t->done, before, "never at once");
    while (t->done == before)
        uv_run(&t->loop, UV_RUN_ONCE);
}

Test(web, posts_and_gives_the_answer, .timeout = 30)
{
    struct talk *t = begin("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfine!");
    const char *const headers[] = {"Content-Type: text/plain", "X-Key: one", NULL};
    struct hz_web_request r = {.url = t->url, .headers = headers, .body = "hello", .len = 5};
    ask(t, &r);
    cr_expect_eq(t->code, 200);
    cr_expect_str_eq(t->body, "fine!");
    cr_expect_eq(strncmp(t->asked, "POST /in?key=x HTTP/1.1\r\n", 25), 0, "%s", t->asked);
    cr_expect(strstr(t->asked, "X-Key: one\r\n") && strstr(t->asked, "User-Agent: hertzd/"));
    cr_expect_null(strstr(t->asked, "Expect:"));
    cr_expect_str_eq(t->asked + t->want - 5, "hello");
    r.method = "PUT";
    ask(t, &r); /* over the same connection */
    cr_expect_eq(strncmp(t->asked, "PUT ", 4), 0);
    end(t);
}

Test(web, packs_the_body, .timeout = 30)
{
    static char body[100000], back[sizeof body];
    struct talk *t = begin("HTTP/1.1 204 No Content\r\n\r\n");
    for (size_t i = 0; i < sizeof body; i++)
        body[i] = (char)('a' + i % 7);
    ask(t, &(struct hz_web_request){.url = t->url, .body = body, .len = sizeof body, .gzip = true});
    cr_expect_eq(t->code, 204);
    cr_expect_not_null(strstr(t->asked, "Content-Encoding: gzip\r\n"));
    const char *at = strstr(t->asked, "\r\n\r\n") + 4;
    z_stream z = {.next_in = (Bytef *)(uintptr_t)at,
                  .avail_in = (uInt)(t->n - (size_t)(at - t->asked)),
                  .next_out = (Bytef *)back,
                  .avail_out = sizeof back};
    inflateInit2(&z, 15 + 16);
    cr_expect_eq(inflate(&z, Z_FINISH), Z_STREAM_END);
    inflateEnd(&z);
    cr_expect_arr_eq(back, body, sizeof body);
    end(t);
}

Test(web, a_refusal_is_one_line_with_what_to_do, .timeout = 30)
{
    struct talk *t =
        begin("HTTP/1.1 401 Unauthorized\r\nRetry-After: 7\r\nContent-Length: 9\r\n\r\n"
              "bad\ntoken");
    ask(t, &(struct hz_web_request){.url = t->url, .body = "x", .len = 1});
    cr_expect_str_eq(t->line, "it answers 401 (check user, password or token): bad token");
    cr_expect_eq(t->retry_s, 7);
    end(t);
}

Test(web, a_redirection_is_told_and_not_followed, .timeout = 30)
{
    struct talk *t = begin("HTTP/1.1 301 Moved\r\nLocation: http://other.example/\r\n"
                           "Content-Length: 0\r\n\r\n");
    ask(t, &(struct hz_web_request){.url = t->url, .body = "x", .len = 1});
    cr_expect_str_eq(t->line, "it answers 301: http://other.example/");
    end(t);
}

Test(web, no_answer_has_a_reason, .timeout = 30)
{
    struct talk *t = begin("");
    t->patient = true;
    ask(t, &(struct hz_web_request){.url = t->url, .body = "x", .len = 1, .limit_ms = 100});
    cr_expect_eq(t->code, 0);
    cr_expect_eq(strncmp(t->line, "no answer: ", 11), 0, "%s", t->line);
    ask(t, &(struct hz_web_request){.url = "http://nowhere.invalid/", .body = "x", .len = 1});
    cr_expect_eq(strncmp(t->line, "its name is not found: ", 23), 0, "%s", t->line);
    uv_close((uv_handle_t *)&t->server, NULL);
    uv_run(&t->loop, UV_RUN_NOWAIT);
    ask(t, &(struct hz_web_request){.url = t->url, .body = "x", .len = 1});
    cr_expect_eq(strncmp(t->line, "cannot connect: ", 16), 0, "%s", t->line);
    end(t);
}

Test(web, one_that_is_given_up_says_nothing, .timeout = 30)
{
    struct talk *t = begin("");
    struct hz_web_request r = {.url = t->url, .body = "x", .len = 1};
    t->patient = true;
    struct hz_web_call *c = hz_web_post(t->web, &r, on_done, t);
    while (t->n == 0)
        uv_run(&t->loop, UV_RUN_ONCE);
    hz_web_give_up(c);
    r.gzip = true;
    hz_web_give_up(hz_web_post(t->web, &r, on_done, t));
    hz_web_post(t->web, &r, on_done, t); /* under way when all is closed */
    r.gzip = false;
    hz_web_post(t->web, &r, on_done, t);
    end(t);
}

Test(web, urls)
{
    char shown[HZ_WEB_SHOWN_MAX];
    cr_expect(hz_web_url_ok("https://user:secret@[::1]:8086/write?db=x"));
    cr_expect_not(hz_web_url_ok("ftp://x/") || hz_web_url_ok("http://") || hz_web_url_ok("x") ||
                  hz_web_url_ok("http://a:99999/") || hz_web_url_ok(""));
    hz_web_show("https://user:secret@db.example:8086/write?token=secret#x", shown);
    cr_expect_str_eq(shown, "https://db.example:8086/write");
}
