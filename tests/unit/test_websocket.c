/* WebSocket listeners, with a client of RFC 6455's own examples and rules. */
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

static int ws_connect(const char *request)
{
    int fd = wire_connect(port);
    wire_send(&w, fd, request);
    cr_assert_str_eq(wire_line(&w, fd), "HTTP/1.1 101 Switching Protocols\r");
    bool accept = false;
    const char *line;
    while ((line = wire_line(&w, fd))[0] && strcmp(line, "\r") != 0)
        accept |= strcmp(line, "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r") == 0;
    cr_assert(accept);
    return fd;
}

static void ws_send(int fd, uint8_t opcode, const void *data, size_t n)
{
    static uint8_t frame[1 << 18];
    const uint8_t mask[4] = {0x37, 0xfa, 0x21, 0x3d};
    size_t at = 2;
    frame[0] = 0x80 | opcode;
    frame[1] = 0x80 | (uint8_t)(n < 126 ? n : n < 65536 ? 126 : 127);
    for (int shift = n < 126 ? -8 : n < 65536 ? 8 : 56; shift >= 0; shift -= 8)
        frame[at++] = (uint8_t)((uint64_t)n >> shift);
    memcpy(frame + at, mask, 4);
    at += 4;
    for (size_t i = 0; i < n; i++)
        frame[at++] = ((const uint8_t *)data)[i] ^ mask[i % 4];
    wire_send_bytes(&w, fd, frame, at);
}

static void read_all(int fd, uint8_t *buf, size_t n)
{
    for (size_t at = 0; at < n;) {
        ssize_t got = wire_read(&w, fd, buf + at, n - at);
        cr_assert_gt(got, 0, "the connection ended");
        at += (size_t)got;
    }
}

/* One frame's payload, terminated; its first byte in *head. */
static const char *ws_read(int fd, uint8_t *head)
{
    static uint8_t payload[1 << 18];
    uint8_t h[2], ext[8];
    read_all(fd, h, 2);
    size_t n = h[1];
    if (n >= 126) {
        size_t bytes = n == 126 ? 2 : 8;
        read_all(fd, ext, bytes);
        n = 0;
        for (size_t i = 0; i < bytes; i++)
            n = n << 8 | ext[i];
    }
    cr_assert_lt(n, sizeof payload);
    read_all(fd, payload, n);
    payload[n] = '\0';
    *head = h[0];
    return (const char *)payload;
}

static void expect_text(int fd, const char *text)
{
    uint8_t head;
    cr_assert_str_eq(ws_read(fd, &head), text);
    cr_assert_eq(head, 0x81);
}

/* Returns the reason. */
static const char *expect_close(int fd, int code)
{
    uint8_t head;
    const char *p = ws_read(fd, &head);
    cr_assert_eq(head, 0x88);
    cr_assert_eq((uint8_t)p[0] << 8 | (uint8_t)p[1], code);
    char c;
    cr_assert_eq(wire_read(&w, fd, &c, 1), 0, "closed after the close frame");
    return p + 2;
}

static void expect_hello(int fd)
{
    uint8_t head;
    cr_assert_eq(strncmp(ws_read(fd, &head), "{\"kind\":\"hello\",\"schema\":1,", 27), 0);
}

Test(websocket, streams_by_the_words_of_the_query)
{
    open_http(4, "");
    for (int i = 1; i <= 6; i++)
        wire_publish(&w, i % 2 ? w.adsb : w.ais, i);
    int fd = ws_connect(UPGRADE("/stream?receiver=roof&since=0", ""));
    expect_hello(fd);
    expect_text(fd, ACK("1"));
    expect_text(fd, "{\"kind\":\"gap\",\"missed\":2}");
    expect_text(fd, "{\"seq\":3,\"kind\":\"message\",\"n\":3}");
    expect_text(fd, "{\"seq\":5,\"kind\":\"message\",\"n\":5}");
    wire_publish(&w, w.adsb, 7);
    expect_text(fd, "{\"seq\":7,\"kind\":\"message\",\"n\":7}");
    char big[400];
    memset(big, ' ', sizeof big);
    hz_bus_publish_json(w.bus, HZ_KIND_MESSAGE, w.adsb, 0, big, sizeof big);
    uint8_t head;
    const char *text = ws_read(fd, &head);
    cr_assert_eq(strlen(text), strlen("{\"seq\":8,\"kind\":\"message\",}") + sizeof big);
    cr_assert_eq(text[strlen(text) - 1], '}');
    const char *line = "{\"subscribe\":{\"receiver\":\"yard\",\"since\":0}}";
    ws_send(fd, 1, line, strlen(line));
    expect_text(fd, ACK("1"));
    expect_text(fd, "{\"kind\":\"gap\",\"missed\":4}");
    expect_text(fd, "{\"seq\":6,\"kind\":\"message\",\"n\":6}");
    close(fd);
    wire_await_clients(&w, 0);
    wire_close(&w);
}

Test(websocket, same_origin_allowed_origin_and_no_origin_may_open)
{
    open_http(4, "http://good.example https://other:1");
    static const char *const requests[] = {
        UPGRADE("/stream", "Origin: http://radio.example:7380\r\n"),
        UPGRADE("/stream", "Origin: https://RADIO.example:7380\r\n"),
        UPGRADE("/stream", "Origin: http://good.example\r\n"),
        UPGRADE("/stream", "Origin: https://other:1\r\n"),
        UPGRADE("/stream", ""),
    };
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        int fd = ws_connect(requests[i]);
        expect_hello(fd);
        close(fd);
    }
    wire_close(&w);
    open_http(4, "*");
    close(ws_connect(UPGRADE("/stream", "Origin: http://any.example\r\n")));
    wire_close(&w);
}

/* RFC 6454, section 6.2: a port that is the default of the scheme is left out of Origin. */
Test(websocket, a_default_port_is_the_same_origin)
{
    static const struct {
        const char *host, *origin;
        int status;
    } cases[] = {
        {"radio.example:80", "http://radio.example", 101},
        {"radio.example", "http://radio.example:80", 101},
        {"radio.example:443", "https://radio.example", 101},
        {"radio.example:80", "https://radio.example", 403},
        {"radio.example:8080", "http://radio.example", 403},
        {"radio.example", "ftp://radio.example", 403},
    };
    open_http(4, "");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char request[512];
        snprintf(request, sizeof request,
                 "GET /stream?protocol=adsb%%2Cais&&kind=message HTTP/1.1\r\nHost: %s\r\n"
                 "Origin: %s\r\nUpgrade: websocket\r\nConnection: keep-alive\r\n"
                 "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                 "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
                 cases[i].host, cases[i].origin);
        int fd = wire_connect(port);
        char status[13] = "";
        wire_send(&w, fd, request);
        wire_read(&w, fd, status, 12);
        cr_expect_eq(atoi(status + 9), cases[i].status, "%s from %s: %s", cases[i].host,
                     cases[i].origin, status);
        close(fd);
    }
    wire_close(&w);
}

/* Proxies close a connection on which nothing comes for a minute. */
Test(websocket, a_quiet_stream_gets_a_heartbeat, .timeout = 60)
{
    open_http(4, "");
    int fd = ws_connect(UPGRADE("/stream", ""));
    expect_hello(fd);
    uint8_t head = 0;
    uint64_t start = uv_hrtime();
    struct pollfd p = {.fd = fd, .events = POLLIN};
    while (poll(&p, 1, 10) == 0 && uv_hrtime() - start < 50000000000ull)
        wire_iterate(&w);
    cr_expect_gt(uv_hrtime() - start, 10000000000ull);
    const char *text = ws_read(fd, &head);
    cr_expect(strstr(text, "{\"kind\":\"heartbeat\",\"time\":\"") == text, "%s", text);
    cr_expect(strstr(text, "\",\"seq\":1}"), "%s", text);
    cr_expect_eq(head, 0x81);
    close(fd);
    wire_close(&w);
}

Test(websocket, ping_is_answered_and_close_is_returned)
{
    open_http(4, "");
    int fd = ws_connect(UPGRADE("/stream", ""));
    expect_hello(fd);
    ws_send(fd, 9, "abc", 3);
    uint8_t head;
    cr_assert_str_eq(ws_read(fd, &head), "abc");
    cr_assert_eq(head, 0x8a);
    ws_send(fd, 8,
            "\x03\xe8"
            "bye",
            5);
    expect_close(fd, 1000);
    close(fd);
    wire_await_clients(&w, 0);
    cr_assert_eq(wire_count(&w, "web", "bad_requests"), 0);
    wire_close(&w);
}

Test(websocket, a_message_in_fragments_with_a_ping_between_is_one)
{
    open_http(4, "");
    wire_publish(&w, w.adsb, 1);
    wire_publish(&w, w.ais, 2);
    int fd = ws_connect(UPGRADE("/stream", ""));
    expect_hello(fd);
    /* FIN is not set in the first two frames; bytes as in ws_send, which sets it */
    static const char *const parts[] = {"{\"subscribe\":{\"recei", "ver\":\"yard\",",
                                        "\"since\":0}}"};
    for (int i = 0; i < 3; i++) {
        uint8_t frame[64] = {(uint8_t)((i == 2 ? 0x80 : 0) | (i == 0)),
                             (uint8_t)(0x80 | strlen(parts[i]))};
        memcpy(frame + 6, parts[i], strlen(parts[i])); /* the mask is 0 */
        wire_send_bytes(&w, fd, frame, 6 + strlen(parts[i]));
        ws_send(fd, 9, "abc", 3);
        uint8_t head;
        if (i == 2) {
            expect_text(fd, ACK("1"));
            expect_text(fd, "{\"seq\":2,\"kind\":\"message\",\"n\":2}");
        }
        cr_assert_str_eq(ws_read(fd, &head), "abc");
        cr_assert_eq(head, 0x8a);
    }
    close(fd);
    wire_await_clients(&w, 0);
    cr_assert_eq(wire_count(&w, "web", "bad_requests"), 0);
    wire_close(&w);
}

Test(websocket, what_is_wrong_ends_with_code_and_reason)
{
    open_http(4, "");
    int fd = ws_connect(UPGRADE("/stream", ""));
    expect_hello(fd);
    ws_send(fd, 1, "{\"subscribe\":{\"kind\":\"x\"}}", 26);
    expect_text(fd,
                "{\"kind\":\"error\",\"error\":\"unknown kind \\\"x\\\": expected one of message, "
                "gap, state, stats, audio, repeat, event, burst\"}");
    expect_close(fd, 1008);
    close(fd);

    fd = ws_connect(UPGRADE("/stream?since=99&stream=" WIRE_STREAM, ""));
    expect_hello(fd);
    expect_text(fd,
                "{\"kind\":\"error\",\"error\":\"since 99: the last seq of this stream is 0\"}");
    expect_close(fd, 1008);
    close(fd);

    fd = ws_connect(UPGRADE("/stream", ""));
    expect_hello(fd);
    ws_send(fd, 2, "abc", 3);
    expect_close(fd, 1003);
    close(fd);

    static char big[70000];
    memset(big, ' ', sizeof big);
    fd = ws_connect(UPGRADE("/stream", ""));
    expect_hello(fd);
    ws_send(fd, 1, big, sizeof big);
    cr_expect(strstr(expect_close(fd, 1009), "64 KiB"));
    close(fd);

    fd = ws_connect(UPGRADE("/stream", ""));
    expect_hello(fd);
    ws_send(fd, 1, "\xff\xff", 2); /* no UTF-8 */
    cr_expect(strstr(expect_close(fd, 1007), "UTF-8"));
    close(fd);

    fd = ws_connect(UPGRADE("/stream", ""));
    expect_hello(fd);
    wire_send(&w, fd, "\x81\x01x"); /* not masked (RFC 6455, section 5.1) */
    cr_expect(strstr(expect_close(fd, 1002), "RFC 6455"));
    close(fd);
    cr_assert_eq(wire_count(&w, "web", "bad_requests"), 6);
    wire_close(&w);
}

Test(websocket, frames_that_come_with_the_handshake_and_in_pieces_are_taken)
{
    open_http(4, "");
    static const uint8_t ping[] = {0x89, 0x83, 0, 0, 0, 0, 'x', 'y', 'z'};
    char request[512];
    int n = snprintf(request, sizeof request, "%s", UPGRADE("/stream", ""));
    memcpy(request + n, ping, sizeof ping);
    int fd = wire_connect(port);
    for (int i = 0; i < n + (int)sizeof ping; i++)
        wire_send_bytes(&w, fd, request + i, 1);
    while (strcmp(wire_line(&w, fd), "\r") != 0)
        ;
    expect_hello(fd);
    uint8_t head;
    cr_assert_str_eq(ws_read(fd, &head), "xyz");
    cr_assert_eq(head, 0x8a);
    close(fd);
    fd = wire_connect(port);
    wire_send_bytes(&w, fd, request, (size_t)n + sizeof ping);
    while (strcmp(wire_line(&w, fd), "\r") != 0)
        ;
    expect_hello(fd);
    cr_assert_str_eq(ws_read(fd, &head), "xyz");
    close(fd);
    wire_close(&w);
}

Test(websocket, going_away_is_told)
{
    open_http(1000, "");
    int fd = ws_connect(UPGRADE("/stream", ""));
    expect_hello(fd);
    for (int i = 1; i <= 500; i++)
        wire_publish(&w, w.adsb, i);
    cr_assert_eq(hz_listeners_remove(w.listeners, "web"), 0);
    uint8_t head;
    const char *text;
    while ((text = ws_read(fd, &head)), head == 0x81)
        ;
    cr_assert_eq(head, 0x88);
    cr_assert_eq((uint8_t)text[0] << 8 | (uint8_t)text[1], 1001);
    cr_assert_str_eq(text + 2, "the listener was removed");
    close(fd);
    wire_close(&w);
}
