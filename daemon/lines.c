/* TCP clients that read newline-delimited JSON and may send subscribe lines: the first of them is
 * usual, each further one replaces the filter (and, with `since`, the place). */
#include "daemon/client.h"

#include "proto/json.h"

#include <string.h>

static int lines_open(struct hz_client *c)
{
    static const struct hz_subscription everything = {0};
    char hello[HZ_HELLO_MAX], err[HZ_ERROR_MAX];
    size_t n = hz_client_hello(c, hello);
    c->transport->say(c, hello, n);
    return hz_client_subscribe(c, &everything, err, sizeof err);
}

static void lines_say(struct hz_client *c, const char *line, size_t n)
{
    hz_client_send(c, line, n);
    hz_client_send(c, "\n", 1);
}

static void lines_bye(struct hz_client *c, enum hz_bye why, const char *reason)
{
    if (why == HZ_BYE_AWAY)
        return; /* the stream ends: that says it */
    char text[2 * HZ_ERROR_MAX];
    struct hz_json j;
    hz_json_init(&j, text, sizeof text);
    hz_json_open(&j, NULL);
    hz_json_str(&j, "kind", "error");
    hz_json_str(&j, "error", reason);
    hz_json_close(&j);
    lines_say(c, text, j.full ? 0 : j.len);
}

static size_t lines_input(struct hz_client *c, const char *data, size_t n)
{
    const char *end = memchr(data, '\n', n);
    if (!end && n < HZ_INPUT_MAX && !c->eof)
        return 0;
    size_t len = end ? (size_t)(end - data) : n;
    size_t used = end ? len + 1 : n;
    if (len > 0 && data[len - 1] == '\r')
        len--;
    if (len > HZ_LINE_MAX || !end) {
        hz_client_fail(c, len > HZ_LINE_MAX ? "the line is over 64 KiB" : "the line has no end");
        return used;
    }
    if (len == 0)
        return used;
    struct hz_subscription s;
    char err[HZ_ERROR_MAX];
    if (hz_subscription_from_line(&s, data, len, err, sizeof err) < 0 ||
        hz_client_subscribe(c, &s, err, sizeof err) < 0)
        hz_client_fail(c, err);
    return used;
}

static size_t lines_wrap(const struct hz_frame *f, uv_buf_t *bufs)
{
    bufs[0] = uv_buf_init((char *)f->data, (unsigned int)f->len);
    return 1;
}

const struct hz_transport hz_transport_lines = {
    .name = "tcp",
    .open = lines_open,
    .input = lines_input,
    .wrap = lines_wrap,
    .say = lines_say,
    .bye = lines_bye,
};
