/* HTTP beyond single requests: several on a connection, bodies, roles and tokens, long answers. */
#include "tests/unit/wire.h"

#include "config/tokens.h"
#include "daemon/serve/kinds.h"
#include "daemon/serve/listener_own.h"

static struct wire w;
static int port;

#define READ    "0123456789abcdef"
#define CONTROL "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define JSON    "Content-Type: application/json\r\n"
#define BEARER  "Authorization: Bearer "
#define RPC(fields, body, n)                                                                       \
    "POST /rpc HTTP/1.1\r\nHost: a\r\n" fields "Content-Length: " n "\r\n\r\n" body

static struct hz_tokens *tokens_of(const char *text)
{
    struct hz_tokens *t = NULL;
    char err[256];
    cr_assert_eq(hz_tokens_parse(&t, text, strlen(text), err, sizeof err), 0, "%s", err);
    return t;
}

static void open_with(const char *tokens, bool control, const char *allow_origin)
{
    wire_open(&w, 100);
    struct hz_conf_listen conf = wire_conf(HZ_LISTEN_HTTP, "web", 16);
    conf.control = control;
    conf.allow_origin = (char *)allow_origin;
    conf.token_list = tokens ? tokens_of(tokens) : NULL;
    port = wire_add(&w, &conf);
    hz_tokens_unref(conf.token_list);
}

static void open_with_tokens(void)
{
    open_with("read kitchen " READ "\ncontrol me " CONTROL "\n", false, "");
}

/* Asks on a connection of its own; the whole answer. */
static const char *ask(const char *request)
{
    return wire_ask(&w, wire_connect(port), request);
}

static void is(const char *request, int status, const char *words)
{
    const char *text = ask(request);
    char begin[32];
    snprintf(begin, sizeof begin, "HTTP/1.1 %d ", status);
    cr_expect_eq(strncmp(text, begin, strlen(begin)), 0, "%s\n-> %s", request, text);
    cr_expect(strstr(text, words), "%s\n-> %s, expected %s", request, text, words);
}

static double refusals(const char *why)
{
    cJSON *all = hz_listeners_json(w.listeners);
    cJSON *of = cJSON_GetObjectItem(cJSON_GetArrayItem(all, 0), "refusals");
    double n = cJSON_GetObjectItem(of, why)->valuedouble;
    cJSON_Delete(all);
    return n;
}

/* The head of the next answer, and its body in `body`, on a connection that stays. */
static const char *next_answer(int fd, char *body, size_t size)
{
    static char head[4096];
    size_t n = 0, length = 0;
    head[0] = '\0';
    for (const char *line; *(line = wire_line(&w, fd)) && strcmp(line, "\r") != 0;) {
        n += (size_t)snprintf(head + n, sizeof head - n, "%s\n", line);
        if (strncmp(line, "Content-Length: ", 16) == 0)
            length = strtoul(line + 16, NULL, 10);
    }
    cr_assert_lt(length, size);
    for (size_t got = 0; got < length;)
        got += (size_t)wire_read(&w, fd, body + got, length - got);
    body[length] = '\0';
    return head;
}

Test(http_door, several_requests_on_a_connection)
{
    char body[4096];
    open_with(NULL, true, "");
    int fd = wire_connect(port);
    for (int i = 0; i < 3; i++) {
        wire_send(&w, fd, "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
        cr_expect(strstr(next_answer(fd, body, sizeof body), "HTTP/1.1 200 OK"));
        cr_expect_str_eq(body, "ok\n");
    }
    /* several at once are answered in order; a body is not taken for a request */
    wire_send(&w, fd,
              "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n" RPC(
                  JSON, "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"echo\"}",
                  "40") "GET /whoami HTTP/1.1\r\nHost: a\r\nContent-Length: 21\r\n\r\nGET /x "
                        "HTTP/1.1\r\n\r\nab"
                        "HEAD /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
    next_answer(fd, body, sizeof body);
    cr_expect_str_eq(body, "ok\n");
    next_answer(fd, body, sizeof body);
    cr_expect_str_eq(body, "{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":null}\n");
    next_answer(fd, body, sizeof body);
    cr_expect_str_eq(body, "{\"role\":\"control\",\"version\":\"" HZ_VERSION
                           "\",\"needs_token\":false}\n");
    close(fd);
    /* whoever asks for it, or speaks 1.0, is closed */
    cr_expect(strstr(ask("GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"),
                     "Connection: close"));
    cr_expect(strstr(ask("GET /healthz HTTP/1.0\r\n\r\n"), "Connection: close"));
    wire_close(&w);
}

Test(http_door, bodies)
{
    static const char text[] = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"echo\"}";
    open_with(NULL, true, "");
    is(RPC(JSON, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"echo\"}\r\n ", "43"), 200, "null}");
    is(RPC(JSON, "{\"jsonrpc\":\"2.0\",\"method\":\"echo\"}", "33"), 204, "No Content\r\n");
    is(RPC(JSON, "{", "1"), 200, "-32700");
    is(RPC(JSON, "", "0"), 200, "-32700");
    is(RPC(JSON, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"nix\"}", "39"), 200, "-32601");
    is(RPC(JSON, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"subscribe\"}", "45"), 200, "/stream");
    is(RPC(JSON, "{", "2"), 400, "the body is not complete");
    is(RPC(JSON, "x", "65537"), 413, "64 KiB");
    is(RPC(JSON, "x", "99999999999999999999999"), 413, "64 KiB");
    is(RPC(JSON, "x", "-1"), 400, "one number");
    is(RPC(JSON, "x", "1, 1"), 400, "one number");
    is(RPC(JSON "Content-Length: 1\r\n", "x", "1"), 400, "one number");
    is(RPC(JSON "Transfer-Encoding: chunked\r\n", "x", "1"), 501, "Content-Length");
    is(RPC("", "x", "1"), 415, "application/json");
    is(RPC("Content-Type: text/plain\r\n", "x", "1"), 415, "application/json");
    is(RPC("Content-Type: Application/JSON ; charset=utf-8\r\n", "{", "1"), 200, "-32700");
    is("GET /rpc HTTP/1.1\r\nHost: a\r\n\r\n", 405, "Allow: POST, OPTIONS\r\n");
    /* in pieces, and only after it was asked for */
    char body[256];
    int fd = wire_connect(port);
    wire_send(&w, fd, RPC(JSON "Expect: 100-continue\r\n", "", "40"));
    cr_expect_str_eq(wire_line(&w, fd), "HTTP/1.1 100 Continue\r");
    wire_line(&w, fd);
    for (size_t i = 0; i < sizeof text - 1; i++) {
        wire_send_bytes(&w, fd, text + i, 1);
        for (int k = 0; k < 3; k++)
            wire_iterate(&w);
    }
    next_answer(fd, body, sizeof body);
    cr_expect_str_eq(body, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":null}\n");
    close(fd);
    /* the largest */
    static char big[80000];
    int n = snprintf(big, sizeof big,
                     "POST /rpc HTTP/1.1\r\nHost: a\r\n" JSON "Content-Length: 65536\r\n\r\n"
                     "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"status\",\"x\":\"");
    memset(big + n, 'x', 65536);
    n = (int)(strstr(big, "\r\n\r\n") - big) + 4 + 65536;
    memcpy(big + n - 2, "\"}", 3);
    is(big, 200, "\"listeners\":[");
    wire_close(&w);
}

Test(http_door, the_list_of_clients_is_made_in_pieces)
{
    open_with(NULL, true, "");
    int fds[12];
    for (int i = 0; i < 12; i++)
        fds[i] = wire_connect(port);
    wire_await_clients(&w, 12);
    const char *text =
        ask(RPC(JSON, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"clients\"}", "43"));
    cr_expect(strstr(text, "Transfer-Encoding: chunked\r\n"), "%s", text);
    cr_expect(strstr(text, "\r\n0\r\n\r\n"), "%s", text);
    int n = 0;
    for (const char *p = text; (p = strstr(p, "\"listener\":\"web\"")); p++)
        n++;
    cr_expect_eq(n, 13);
    for (int i = 0; i < 12; i++)
        close(fds[i]);
    wire_close(&w);
}

Test(http_door, a_role_for_each_resource)
{
    open_with_tokens();
    is("GET /status HTTP/1.1\r\nHost: a\r\n\r\n", 401, "WWW-Authenticate: Bearer");
    is("GET /whoami HTTP/1.1\r\nHost: a\r\n\r\n", 401, "a token is needed");
    is("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n", 401, "a token is needed");
    cr_expect_eq(refusals("no_token"), 3);
    is("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n", 200, "ok");
    is("GET / HTTP/1.1\r\nHost: a\r\n\r\n", 200, "<!doctype html>");
    is("GET /?token=" READ " HTTP/1.1\r\nHost: a\r\n\r\n", 200, "<!doctype html>");
    is("GET /whoami HTTP/1.1\r\nHost: a\r\n" BEARER READ "\r\n\r\n", 200,
       "{\"role\":\"read\",\"version\":\"" HZ_VERSION
       "\",\"needs_token\":true,\"name\":\"kitchen\"}");
    is("GET /whoami HTTP/1.1\r\nHost: a\r\nauthorization: bearer  " CONTROL "\r\n\r\n", 200,
       "\"control\"");
    is("GET /whoami?token=" READ " HTTP/1.1\r\nHost: a\r\n\r\n", 200, "\"read\"");
    is("GET /whoami?token=%30%3123456789abcdef HTTP/1.1\r\nHost: a\r\n\r\n", 200, "\"read\"");
    is(RPC(JSON BEARER READ "\r\n", "{", "1"), 403, "role control");
    is(RPC(JSON, "{", "1"), 401, "a token is needed");
    is(RPC(JSON BEARER CONTROL "\r\n", "{", "1"), 200, "-32700");
    cr_expect_eq(refusals("role"), 1);
    /* the field counts before the query */
    is("GET /whoami?token=" READ " HTTP/1.1\r\nHost: a\r\n" BEARER "nix\r\n\r\n", 401, "wrong");
    static const char *const wrong[] = {"",    "x",        "0123456789abcde", READ "0",
                                        "%00", READ "%00", "0123456789ABCDEF"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char request[256];
        snprintf(request, sizeof request, "GET /status?token=%s HTTP/1.1\r\nHost: a\r\n\r\n",
                 wrong[i]);
        is(request, 401, "this token is wrong");
    }
    cr_expect_eq(refusals("wrong_token"), 8);
    /* what else is in the query is told without the token */
    is("GET /status?a=1&token=" READ "&b=2 HTTP/1.1\r\nHost: a\r\n\r\n", 400,
       "unknown word \"a=1&b=2\": /status takes none");
    is("OPTIONS /rpc HTTP/1.1\r\nHost: a\r\n\r\n", 200,
       "Access-Control-Allow-Headers: Authorization, Content-Type");
    wire_close(&w);
}

Test(http_door, control_without_tokens_only_where_the_section_says_so)
{
    open_with(NULL, false, "");
    is(RPC(JSON, "{", "1"), 403, "control over HTTP is off");
    is("GET /whoami HTTP/1.1\r\nHost: a\r\n\r\n", 200, "\"role\":\"read\"");
    is("GET /whoami?token=any HTTP/1.1\r\nHost: a\r\n\r\n", 200, "\"needs_token\":false");
    wire_close(&w);
}

Test(http_door, pages_of_strangers_change_nothing)
{
    open_with(NULL, true, "https://good.example");
    static const struct {
        const char *origin;
        int status;
    } cases[] = {{"http://a", 200},    {"https://good.example", 200},
                 {"null", 403},        {"http://evil.test", 403},
                 {"http://a:81", 403}, {"http://localhost", 403}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char request[512];
        snprintf(request, sizeof request,
                 "POST /rpc HTTP/1.1\r\nHost: a\r\nOrigin: %s\r\n" JSON
                 "Content-Length: 1\r\n\r\n{",
                 cases[i].origin);
        is(request, cases[i].status, "");
    }
    cr_expect_eq(refusals("origin"), 4);
    is("POST /rpc HTTP/1.1\r\nHost: evil.test\r\nOrigin: http://evil.test\r\n" JSON
       "Content-Length: 1\r\n\r\n{",
       421, "allow_host");
    cr_expect_eq(refusals("host"), 1);
    wire_close(&w);
}

/* ---- lines ---- */

Test(http_door, a_line_with_a_token_comes_first)
{
    wire_open(&w, 100);
    struct hz_conf_listen conf = wire_conf(HZ_LISTEN_TCP, "web", 16);
    conf.token_list = tokens_of("read kitchen " READ "\n");
    port = wire_add(&w, &conf);
    hz_tokens_unref(conf.token_list);
    static const struct {
        const char *line, *answer;
    } cases[] = {
        {"{\"token\":\"" READ "\"}\n", "\"n\":-1"},
        {"{\"token\":\"" READ "\",\"subscribe\":{}}\n", "\"subscribed\""},
        {"{\"subscribe\":{},\"token\":\"" READ "\"}\n", "\"subscribed\""},
        {"{\"token\":\"" READ "\"}\n{\"subscribe\":{}}\n", "\"subscribed\""},
        {"{\"token\":\"" READ "x\"}\n", "this token is wrong"},
        {"{\"token\":\"" READ "x\",\"subscribe\":{}}\n", "this token is wrong"},
        {"{\"token\":1}\n", "token: expected a string"},
        {"{\"subscribe\":{}}\n", "a token is needed first"},
        {"{}\n", "a token is needed first"},
        {"[]\n", "a token is needed first"},
        {"{\"token\":\"" READ "\",\"x\":1}\n", "\\\"subscribe\\\" and nothing else"},
        {"GET / HTTP/1.1\n", "not JSON"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int fd = wire_connect(port);
        cr_expect(strstr(wire_line(&w, fd), ",\"needs_token\":true}"));
        wire_send(&w, fd, "\n"); /* an empty line begins nothing here */
        wire_publish(&w, w.adsb, 5);
        wire_send(&w, fd, cases[i].line);
        shutdown(fd, SHUT_WR);
        if (i == 0) { /* it may read on; and it has not had what came before */
            wire_publish(&w, w.adsb, -1);
            while (!strstr(wire_line(&w, fd), cases[i].answer))
                ;
        } else {
            const char *line = wire_line(&w, fd);
            cr_expect(strstr(line, cases[i].answer), "%s -> %s", cases[i].line, line);
            cr_expect(!strstr(line, READ));
        }
        close(fd);
        wire_await_clients(&w, 0);
    }
    cr_expect_eq(refusals("wrong_token"), 2);
    cr_expect_eq(refusals("no_token"), 3);
    wire_close(&w);
}

/* Where none is needed one may be given. */
Test(http_door, a_token_too_many)
{
    wire_open(&w, 100);
    port = wire_listen(&w, HZ_LISTEN_TCP, "web", 16, "");
    int fd = wire_connect(port);
    cr_expect(!strstr(wire_line(&w, fd), "needs_token"));
    wire_send(&w, fd,
              "{\"token\":\"any\"}\n{\"token\":\"x\",\"subscribe\":{\"protocol\":\"ais\"}}\n");
    cr_expect(strstr(wire_line(&w, fd), "\"subscribed\""));
    close(fd);
    wire_close(&w);
}

/* ---- reload ---- */

Test(http_door, who_has_lost_its_token_is_gone_after_a_reload)
{
    char err[256];
    wire_open(&w, 100);
    struct hz_conf_listen conf = wire_conf(HZ_LISTEN_TCP, "web", 16);
    conf.token_list = tokens_of("read a " READ "\nread b " READ "b\n");
    port = wire_add(&w, &conf);
    hz_tokens_unref(conf.token_list);
    int a = wire_connect(port), b = wire_connect(port), none = wire_connect(port);
    wire_send(&w, a, "{\"token\":\"" READ "\",\"subscribe\":{}}\n");
    wire_send(&w, b, "{\"token\":\"" READ "b\",\"subscribe\":{}}\n");
    for (int i = 0; i < 2; i++) {
        wire_line(&w, a);
        wire_line(&w, b);
    }
    wire_line(&w, none);
    conf.token_list = tokens_of("read b " READ "b\n");
    cr_assert_eq(hz_listeners_set(w.listeners, &conf, 1, err, sizeof err), 0);
    hz_tokens_unref(conf.token_list);
    cr_expect_str_eq(wire_line(&w, a), "");
    wire_await_clients(&w, 2);
    wire_publish(&w, w.adsb, 77);
    while (!strstr(wire_line(&w, b), "\"n\":77"))
        ;
    wire_send(&w, none, "{\"token\":\"" READ "b\",\"subscribe\":{}}\n"); /* by the new list */
    cr_expect(strstr(wire_line(&w, none), "\"subscribed\""));
    /* without tokens all stay */
    conf.token_list = NULL;
    cr_assert_eq(hz_listeners_set(w.listeners, &conf, 1, err, sizeof err), 0);
    cr_expect(wire_has_clients(&w, 2));
    close(a), close(b), close(none);
    wire_close(&w);
}

/* ---- quotas ---- */

/* A connection that comes from another machine, as far as the daemon knows. */
static int stranger(uint8_t last)
{
    struct hz_door *d = &w.listeners->first->door;
    struct hz_peer p = {.name = "stranger", .is_unix = true, .net = {4, 192, 0, 2, last}};
    int fds[2];
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
    d->kind->accept(d, fds[1], &p, NULL);
    return fds[0];
}

static int status_for(uint8_t last, const char *request)
{
    return atoi(wire_ask(&w, stranger(last), request) + strlen("HTTP/1.1 "));
}

Test(http_door, an_address_may_be_wrong_ten_times_a_minute)
{
    static const char wrong[] = "GET /whoami?token=" READ "x HTTP/1.1\r\nHost: a\r\n\r\n";
    static const char right[] = "GET /whoami?token=" READ " HTTP/1.1\r\nHost: a\r\n\r\n";
    open_with_tokens();
    for (int i = 0; i < 10; i++) {
        cr_expect_eq(status_for(1, right), 200);
        cr_expect_eq(status_for(1, wrong), 401);
    }
    cr_expect_eq(status_for(1, wrong), 429);
    cr_expect_eq(status_for(1, right), 429); /* it is not looked at */
    cr_expect_eq(status_for(1, "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"), 200);
    cr_expect_eq(status_for(2, right), 200);
    cr_expect_eq(refusals("wrong_token"), 10);
    cr_expect_eq(refusals("too_often"), 2);
    for (int i = 0; i < 20; i++) /* this machine may be a proxy with many behind it */
        is(wrong, 401, "wrong");
    wire_close(&w);
}

Test(http_door, an_address_may_ask_a_thousand_times_in_ten_seconds)
{
    static const char one[] = "HEAD /healthz HTTP/1.1\r\nHost: a\r\n\r\n";
    open_with(NULL, false, "");
    int fd = stranger(1), ok = 0;
    for (int i = 0; i < 1000; i++) {
        wire_send(&w, fd, one);
        ok += strncmp(wire_line(&w, fd), "HTTP/1.1 200 ", 13) == 0;
        while (strcmp(wire_line(&w, fd), "\r") != 0)
            ;
    }
    cr_expect_eq(ok, 1000);
    wire_send(&w, fd, one);
    cr_expect_str_eq(wire_line(&w, fd), "HTTP/1.1 429 Too Many Requests\r");
    close(fd);
    cr_expect_eq(status_for(1, one), 429);
    cr_expect_eq(status_for(2, one), 200);
    cr_expect_eq(refusals("too_often"), 2);
    wire_close(&w);
}
