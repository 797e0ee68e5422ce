/* Server-sent events, over real sockets. */
#include "wire.h"

static struct wire w;
static int port;

static void begin(void)
{
    wire_open(&w, 100);
    port = wire_listen(&w, HZ_LISTEN_HTTP, "web", 8, "https://map.example");
}

/* Asks for /events; the status. `fields` have their line ends. The head is read. */
static int ask(int fd, const char *query, const char *fields, char *head, size_t size)
{
    char request[512];
    snprintf(request, sizeof request, "GET /events%s HTTP/1.1\r\nHost: localhost\r\n%s\r\n", query,
             fields);
    wire_send(&w, fd, request);
    head[0] = '\0';
    const char *line;
    while (strcmp(line = wire_line(&w, fd), "\r") != 0 && *line)
        snprintf(head + strlen(head), size - strlen(head), "%s\n", line);
    return atoi(head + 9);
}

/* The lines of the next event, up to the empty one, with blanks between them. */
static const char *event(int fd)
{
    static char text[4096];
    const char *line;
    text[0] = '\0';
    size_t n = 0;
    while (*(line = wire_line(&w, fd)) && n + strlen(line) + 2 < sizeof text) {
        n += (size_t)sprintf(text + n, "%s", n > 0 ? " " : "");
        memcpy(text + n, line, strlen(line) + 1);
        n += strlen(line);
    }
    return text;
}

Test(events, are_the_lines_of_the_stream)
{
    char head[2048];
    begin();
    wire_publish(&w, w.adsb, 1);
    int fd = wire_connect(port);
    cr_assert_eq(ask(fd, "", "Origin: https://map.example\r\n", head, sizeof head), 200, "%s",
                 head);
    cr_expect(strstr(head, "Content-Type: text/event-stream\r"), "%s", head);
    cr_expect(strstr(head, "Access-Control-Allow-Origin: https://map.example\r"), "%s", head);
    cr_expect(strstr(head, "Cache-Control: no-store\r"), "%s", head);
    const char *text = event(fd);
    cr_expect(strstr(text, "retry: 1000 id: " WIRE_STREAM ":1 data: {\"kind\":\"hello\",") == text,
              "%s", text);
    wire_publish(&w, w.adsb, 2);
    cr_expect_str_eq(event(fd),
                     "id: " WIRE_STREAM ":2 data: {\"seq\":2,\"kind\":\"message\",\"n\":2}");
    close(fd);
    wire_close(&w);
}

Test(events, resume_where_the_browser_was)
{
    char head[2048];
    begin();
    for (int i = 1; i <= 5; i++)
        wire_publish(&w, i == 4 ? w.ais : w.adsb, i);
    int fd = wire_connect(port);
    cr_assert_eq(
        ask(fd, "?protocol=adsb", "Last-Event-ID: " WIRE_STREAM ":2\r\n", head, sizeof head), 200);
    event(fd); /* hello */
    cr_expect_str_eq(event(fd), "id: " WIRE_STREAM ":2 data: " ACK("3"));
    cr_expect(strstr(event(fd), "\"n\":3}"));
    cr_expect(strstr(event(fd), "\"n\":5}"));
    close(fd);
    /* the daemon was started again meanwhile */
    fd = wire_connect(port);
    cr_assert_eq(ask(fd, "", "Last-Event-ID: ffff:2\r\n", head, sizeof head), 200);
    event(fd);
    event(fd);
    cr_expect(strstr(event(fd), "\"ended\":\"ffff\""));
    cr_expect(strstr(event(fd), "\"n\":1}"));
    close(fd);
    wire_close(&w);
}

Test(events, wrong_requests_are_refused)
{
    static const char *const fields[] = {
        "Last-Event-ID: 7\r\n",
        "Last-Event-ID: :7\r\n",
        "Last-Event-ID: " WIRE_STREAM ":\r\n",
        "Last-Event-ID: " WIRE_STREAM ":x\r\n",
        "Last-Event-ID: a b:1\r\n",
        "Last-Event-ID: " WIRE_STREAM ":9\r\n", /* of the future */
        "Last-Event-ID: " WIRE_STREAM ":9999999999999999999999\r\n",
    };
    char head[2048];
    begin();
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        int fd = wire_connect(port);
        cr_expect_eq(ask(fd, "", fields[i], head, sizeof head), 400, "%s", fields[i]);
        close(fd);
    }
    int fd = wire_connect(port);
    cr_expect_eq(ask(fd, "?protocol=adsc", "", head, sizeof head), 400);
    close(fd);
    cr_expect_eq(wire_count(&w, "web", "bad_requests"), sizeof fields / sizeof *fields + 1);
    wire_close(&w);
}
