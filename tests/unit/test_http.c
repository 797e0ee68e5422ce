#include "tests/unit/wire.h"

#define UPGRADE(target, fields)                                                                    \
    "GET " target " HTTP/1.1\r\nHost: radio.example:7380\r\nUpgrade: websocket\r\n"                \
    "Connection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\n"                             \
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" fields "\r\n"

static struct wire w;
static int port;

static void open_http(size_t frames, const char *allow_origin)
{
    wire_open(&w, frames);
    port = wire_listen(&w, HZ_LISTEN_HTTP, "web", 8, allow_origin);
}

/* Asks and returns the whole answer; checks its status. */
static const char *get(const char *request, int status)
{
    const char *text = wire_ask(&w, wire_connect(port), request);
    char begin[32];
    snprintf(begin, sizeof begin, "HTTP/1.1 %d ", status);
    cr_assert_eq(strncmp(text, begin, strlen(begin)), 0, "%.40s: %s", request, text);
    wire_await_clients(&w, 0);
    return text;
}

Test(http, pages_of_this_machine)
{
    static const struct {
        const char *origin;
        int status;
    } cases[] = {
        {"http://localhost:3000", 101},      {"http://localhost", 101},
        {"https://LOCALHOST:8443", 101},     {"http://127.0.0.1:8080", 101},
        {"http://[::1]:5173", 101},          {"http://radio.example:7380", 101},
        {"http://localhost.evil", 403},      {"http://evil.localhost:80", 403},
        {"http://127.0.0.1.evil.test", 403}, {"null", 403},
        {"http://evil.test", 403},           {"file://localhost", 403},
    };
    open_http(16, "localhost");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char request[512], begin[32];
        snprintf(request, sizeof request, UPGRADE("/stream", "Origin: %s\r\n"), cases[i].origin);
        snprintf(begin, sizeof begin, "HTTP/1.1 %d ", cases[i].status);
        int fd = wire_connect(port);
        wire_send(&w, fd, request);
        shutdown(fd, SHUT_WR); /* a stream is ended by it */
        const char *text = wire_rest(&w, fd);
        cr_expect_eq(strncmp(text, begin, strlen(begin)), 0, "%s: %.40s", cases[i].origin, text);
        close(fd);
        wire_await_clients(&w, 0);
    }
    wire_close(&w);
}

Test(http, status_and_health)
{
    open_http(10, "");
    const char *text = get("GET /status HTTP/1.1\r\nHost: a\r\n\r\n", 200);
    cr_assert(strstr(text, "\r\nContent-Type: application/json\r\n"));
    cJSON *json = cJSON_Parse(strstr(text, "\r\n\r\n"));
    cr_assert_not_null(cJSON_GetObjectItem(json, "listeners"));
    cJSON_Delete(json);
    cr_assert(strstr(get("GET /healthz HTTP/1.0\n\n", 200), "\r\n\r\nok\n"));
    text = get("HEAD /healthz HTTP/1.0\r\n\r\n", 200);
    cr_assert_str_eq(strstr(text, "\r\n\r\n"), "\r\n\r\n");
    cr_assert(strstr(text, "Content-Length: 3\r\n"));
    w.sick = true;
    cr_assert(strstr(get("GET /healthz HTTP/1.0\r\n\r\n", 503), "receiver roof is lost"));
    cr_assert_eq(wire_count(&w, "web", "bad_requests"), 0);
    wire_close(&w);
}

Test(http, wrong_requests_have_their_status)
{
    open_http(10, "http://good.example https://other:1");
    static const struct {
        int status;
        const char *request, *text;
    } cases[] = {
        {400, "GET /status?verbose=1 HTTP/1.1\r\nHost: a\r\n\r\n",
         "unknown word \"verbose=1\": /status takes none"},
        {400, "HEAD /healthz?a HTTP/1.1\r\nHost: a\r\n\r\n", ""},
        {404, "GET /x HTTP/1.1\r\nHost: a\r\n\r\n", "/stream /status /whoami"},
        {405, "POST /status HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", "Allow: GET"},
        {405, "HEAD /stream HTTP/1.1\r\nHost: a\r\n\r\n", ""},
        {400, "GET /status HTTP/1.1\r\n\r\n", "Host"},
        {400, "hello\r\n", "malformed"},
        {505, "GET / HTTP/3.0\r\n\r\n", "HTTP/1.1"},
        {426, "GET /stream HTTP/1.1\r\nHost: a\r\n\r\n", "Upgrade: websocket\r\n"},
        {426,
         "GET /stream HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: upgrade\r\n"
         "Sec-WebSocket-Version: 8\r\n\r\n",
         "Sec-WebSocket-Version: 13\r\n"},
        {400,
         "GET /stream HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: upgrade\r\n"
         "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: short\r\n\r\n",
         "16 bytes"},
        {403, UPGRADE("/stream", "Origin: http://evil.example\r\n"), "allow_origin"},
        {403, UPGRADE("/stream", "Origin: null\r\n"), "allow_origin"},
        {403, UPGRADE("/stream", "Origin: http://radio.example\r\n"), "allow_origin"},
        {403, UPGRADE("/stream", "Origin: http://good.example.evil\r\n"), "allow_origin"},
        {400, UPGRADE("/stream?protocol=adsb&x=1", ""), "unknown word"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *text = get(cases[i].request, cases[i].status);
        cr_assert(strstr(text, cases[i].text), "%s: %s", cases[i].request, text);
        cr_assert(strstr(text, "\r\nConnection: close\r\n"));
    }
    cr_assert_eq(wire_count(&w, "web", "bad_requests"), sizeof cases / sizeof *cases);
    char big[9000];
    memset(big, 'x', sizeof big);
    memcpy(big, "GET / HTTP/1.1\r\nX:", 18);
    big[sizeof big - 1] = '\0';
    get(big, 431);
    int fd = wire_connect(port);
    wire_send(&w, fd, "GET /sta");
    shutdown(fd, SHUT_WR);
    cr_assert_eq(strncmp(wire_rest(&w, fd), "HTTP/1.1 400 ", 13), 0);
    close(fd);
    wire_close(&w);
}

/* A page may let its own name lead to our address: then its Host is that name (DNS rebinding). */
Test(http, a_host_that_a_stranger_can_have_is_refused)
{
    static const struct {
        const char *host;
        int status;
    } cases[] = {
        {"127.0.0.1", 200},
        {"127.0.0.1:7380", 200},
        {"192.168.1.5:80", 200},
        {"[::1]:7380", 200},
        {"[fe80::1]", 200},
        {"localhost", 200},
        {"LOCALHOST:7380", 200},
        {"localhost.", 200},
        {"a.localhost", 200},
        {"raspberrypi", 200},
        {"raspberrypi.local", 200},
        {"pi.home.arpa:7380", 200},
        {"pi.internal", 200},
        {"radio.example", 200},
        {"Radio.Example:7380", 200},
        {"evil.example", 421},
        {"evil.example:7380", 421},
        {"127.0.0.1.evil.example", 421},
        {"localhost.evil.net", 421},
        {"radio.example.net", 421},
        {"xradio.example", 421},
        {"evil.example.", 421},
        {"[::1].evil.net", 421},
        {"[evil.net]", 421},
        {"127.0.0.1@evil.net", 421},
        {"evil%2enet", 421},
        {"", 421},
        {":80", 421},
        {"localhost:80:80", 421},
        {"[::1", 421},
        {"1.2.3", 421},
    };
    open_http(10, "");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char request[512];
        snprintf(request, sizeof request, "GET /status HTTP/1.1\r\nHost: %s\r\n\r\n",
                 cases[i].host);
        const char *text = get(request, cases[i].status);
        cr_expect(cases[i].status == 200 || strstr(text, "allow_host"), "%s", cases[i].host);
        snprintf(request, sizeof request,
                 "GET http://%s/healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", cases[i].host);
        get(request, cases[i].status);
    }
    get("GET /stream HTTP/1.1\r\nHost: evil.example\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: http://evil.example\r\n\r\n",
        421);
    wire_close(&w);
}

Test(http, every_host_where_the_configuration_says_so)
{
    wire_open(&w, 10);
    struct hz_conf_listen conf = wire_conf(HZ_LISTEN_HTTP, "web", 8);
    conf.allow_host = (char *)" a.example  *";
    port = wire_add(&w, &conf);
    get("GET /healthz HTTP/1.1\r\nHost: evil.example\r\n\r\n", 200);
    wire_close(&w);
}

Test(http, allowed_pages_may_read_status)
{
    static const struct {
        const char *origin;
        bool allowed;
    } cases[] = {
        {"https://map.example", true},
        {"http://localhost:3000", true},
        {"http://a", true},
        {"https://evil.example", false},
        {"null", false},
    };
    open_http(10, "https://map.example localhost");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        static const char *const paths[] = {"GET /status", "GET /healthz", "HEAD /status",
                                            "OPTIONS /status"};
        for (size_t k = 0; k < sizeof paths / sizeof *paths; k++) {
            char request[512], field[128];
            snprintf(request, sizeof request, "%s HTTP/1.1\r\nHost: a\r\nOrigin: %s\r\n\r\n",
                     paths[k], cases[i].origin);
            snprintf(field, sizeof field, "\r\nAccess-Control-Allow-Origin: %s\r\n",
                     cases[i].origin);
            const char *text = get(request, 200);
            cr_expect_eq(strstr(text, field) != NULL, cases[i].allowed, "%s", request);
            cr_expect_eq(strstr(text, "Access-Control-Allow-Origin") != NULL, cases[i].allowed);
            cr_expect(strstr(text, "\r\nVary: Origin\r\n"));
        }
    }
    cr_expect(!strstr(get("GET /status HTTP/1.1\r\nHost: a\r\n\r\n", 200), "Access-Control"));
    cr_expect(strstr(get("OPTIONS /status HTTP/1.1\r\nHost: a\r\nOrigin: http://a\r\n\r\n", 200),
                     "\r\nAccess-Control-Allow-Methods: GET, HEAD\r\n"));
    wire_close(&w);
}

Test(http, half_a_request_and_silence_is_answered_408, .timeout = 20)
{
    open_http(10, "");
    int half = wire_connect(port), silent = wire_connect(port);
    wire_send(&w, half, "GET /status HTTP/1.1\r\nHo");
    uint64_t start = uv_hrtime();
    while (uv_hrtime() - start < 9000000000ull) { /* the loop alone, for it must end by itself */
        wire_iterate(&w);
        poll(NULL, 0, 20);
    }
    cr_assert_eq(wire_count(&w, "web", "bad_requests"), 0);
    cr_assert_eq(strncmp(wire_rest(&w, half), "HTTP/1.1 408 ", 13), 0);
    cr_assert_eq(strncmp(wire_rest(&w, silent), "HTTP/1.1 408 ", 13), 0);
    close(half);
    close(silent);
    wire_close(&w);
}
