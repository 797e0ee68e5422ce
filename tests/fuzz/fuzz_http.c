/* Any bytes sent to an HTTP listener, or (first byte odd) over a WebSocket that is open: an answer
 * begins with a status line, and the client is gone in the end. */
#include "proto/registry.h"
#include "tests/fuzz/talk.h"

#include "daemon/serve/http_head.h"
#include "daemon/serve/http_origin.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char upgrade[] = "GET /stream HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n"
                              "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

/* The parsers alone, in memory of their own, so that a byte read beyond is seen. */
static void parse(const uint8_t *data, size_t size)
{
    struct hz_http_head head;
    struct hz_subscription s;
    const char *reason = NULL;
    char err[HZ_ERROR_MAX], *copy = malloc(size);
    memcpy(copy, data, size);
    int rc = hz_http_head_parse(&head, copy, size, &reason);
    if (rc > (int)size || (rc < 0 && !reason))
        abort();
    struct hz_http_text all = {copy, size};
    if (hz_http_host_ok(all, "") && !hz_http_host_ok(all, "*"))
        abort();
    if (hz_http_origin_ok(all, (struct hz_http_text){"a", 1}, "") &&
        !hz_http_origin_ok(all, (struct hz_http_text){"a", 1}, "*"))
        abort();
    hz_http_origin_ok(all, all, "localhost http://a");
    hz_http_begins(copy, size);
    if (rc > 0) {
        hz_http_host_ok(head.host, "radio.example");
        hz_http_lists(&head, "connection", "upgrade");
        hz_subscription_from_query(&s, hz_decoders, head.query.p, head.query.n, err, sizeof err);
    }
    if (hz_subscription_from_query(&s, hz_decoders, copy, size, err, sizeof err) < 0 && !err[0])
        abort();
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct talk *t;
    if (!t)
        t = talk_new(&hz_kind_http);
    if (size < 2)
        return 0;
    parse(data + 1, size - 1);
    size_t head = data[0] & 1 ? sizeof upgrade - 1 : 0;
    uint8_t *bytes = malloc(head + size);
    memcpy(bytes, upgrade, head);
    memcpy(bytes + head, data + 1, size - 1);
    size_t len = talk(t, bytes, head + size - 1);
    if (len > 0 && strncmp(t->answer, "HTTP/1.1 ", 9) != 0)
        abort();
    if (head > 0 && strncmp(t->answer, "HTTP/1.1 101 ", 13) != 0)
        abort();
    free(bytes);
    return 0;
}
