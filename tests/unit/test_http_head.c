#include "daemon/serve/http_head.h"
#include "daemon/serve/ws_key.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct hz_http_head head;
static const char *reason;

static int parse(const char *text)
{
    reason = "";
    return hz_http_head_parse(&head, text, strlen(text), &reason);
}

Test(http_head, cuts_a_request_into_its_parts)
{
    const char *text = "GET /stream?since=7&kind=gap HTTP/1.1\r\nHost: a.example:7380\r\n"
                       "X-Empty:\r\nConnection:\tkeep-alive , Upgrade \r\n\r\nrest";
    cr_assert_eq(parse(text), (int)(strlen(text) - 4));
    cr_assert(hz_http_is(head.method, "GET"));
    cr_assert(hz_http_is(head.path, "/stream"));
    cr_assert(hz_http_is(head.query, "since=7&kind=gap"));
    cr_assert_eq(head.minor, 1);
    cr_assert(hz_http_is(hz_http_field(&head, "host"), "a.example:7380"));
    cr_assert(hz_http_is(hz_http_field(&head, "x-empty"), ""));
    cr_assert_null(hz_http_field(&head, "origin").p);
    struct hz_http_text c = hz_http_field(&head, "connection");
    cr_assert(hz_http_is(c, "keep-alive , Upgrade"));
    cr_assert(hz_http_lists(&head, "connection", "upgrade"));
    cr_assert_not(hz_http_lists(&head, "connection", "up"));
    cr_assert_not(hz_http_lists(&head, "x-empty", "upgrade"));
}

Test(http_head, takes_what_people_type)
{
    cr_assert_gt(parse("GET / HTTP/1.0\n\n"), 0);
    cr_assert_gt(parse("HEAD http://h:1/status?x HTTP/1.1\r\nhost: h:1\r\n\r\n"), 0);
    cr_assert(hz_http_is(head.path, "/status"));
    cr_assert(hz_http_is(head.query, "x"));
    cr_assert_gt(parse("GET http://h HTTP/1.1\r\nhost: h\r\n\r\n"), 0);
    cr_assert(hz_http_is(head.path, "/"));
}

/* RFC 9112, section 2.2, and RFC 9110, section 5.3. */
Test(http_head, passes_over_empty_lines_and_joins_fields)
{
    cr_assert_eq(parse("\r\n\r\n"), 0);
    const char *text = "\r\n\nGET /a HTTP/1.1\r\nConnection: keep-alive\r\nHost: a\r\n"
                       "Connection: x, Upgrade\r\n\r\n";
    cr_assert_eq(parse(text), (int)strlen(text));
    cr_assert(hz_http_is(head.path, "/a"));
    cr_assert(hz_http_lists(&head, "connection", "upgrade"));
    cr_assert(hz_http_lists(&head, "Connection", "Keep-Alive"));
    cr_assert_not(hz_http_lists(&head, "connection", "close"));
}

Test(http_head, every_shorter_part_is_not_complete)
{
    const char *text = "GET /status HTTP/1.1\r\nHost: a\r\n\r\n";
    for (size_t n = 0; n < strlen(text); n++)
        cr_assert_eq(hz_http_head_parse(&head, text, n, &reason), 0, "at %zu", n);
    cr_assert_eq(parse(text), (int)strlen(text));
}

Test(http_head, refuses_what_is_malformed)
{
    static const struct {
        int rc;
        const char *text;
    } cases[] = {
        {-400, "\r\n\r\nGET\r\n\r\n"},
        {-400, "GET\r\n\r\n"},
        {-400, "GET / HTTP/1.1 \r\nHost: a\r\n\r\n"},
        {-400, "GET  / HTTP/1.1\r\nHost: a\r\n\r\n"},
        {-400, "G(T / HTTP/1.1\r\nHost: a\r\n\r\n"},
        {-400, "GET status HTTP/1.1\r\nHost: a\r\n\r\n"},
        {-400, "GET /\x01 HTTP/1.1\r\nHost: a\r\n\r\n"},
        {-400, "GET /\xc3\xa4 HTTP/1.1\r\nHost: a\r\n\r\n"},
        {-400, "GET / HTTQ/1.1\r\nHost: a\r\n\r\n"},
        {-505, "GET / HTTP/2.0\r\nHost: a\r\n\r\n"},
        {-505, "GET / HTTP/1.x\r\nHost: a\r\n\r\n"},
        {-400, "GET / HTTP/1.1\r\n\r\n"},
        {-400, "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"},
        {-400, "GET / HTTP/1.1\r\nHost : a\r\n\r\n"},
        {-400, "GET / HTTP/1.1\r\nHost: a\r\n folded: b\r\n\r\n"},
        {-400, "GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n"},
        {-400, "GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cr_assert_eq(parse(cases[i].text), cases[i].rc, "%zu: %s", i, cases[i].text);
        cr_assert_gt(strlen(reason), 0);
    }
    cr_assert_eq(hz_http_head_parse(&head, "GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n", 31, &reason),
                 -400);
}

Test(http_head, is_bounded)
{
    static char big[HZ_HTTP_HEAD_MAX + 100];
    int n = snprintf(big, sizeof big, "GET / HTTP/1.1\r\nHost: a\r\nX: ");
    memset(big + n, 'x', sizeof big - (size_t)n);
    cr_assert_eq(hz_http_head_parse(&head, big, HZ_HTTP_HEAD_MAX - 1, &reason), 0);
    cr_assert_eq(hz_http_head_parse(&head, big, HZ_HTTP_HEAD_MAX, &reason), -431);
    memcpy(big + HZ_HTTP_HEAD_MAX - 4, "\r\n\r\n", 4);
    cr_assert_eq(hz_http_head_parse(&head, big, sizeof big, &reason), HZ_HTTP_HEAD_MAX);
    n = snprintf(big, sizeof big, "GET / HTTP/1.1\r\nHost: a\r\n");
    for (int i = 0; i < HZ_HTTP_FIELDS_MAX - 1; i++)
        n += snprintf(big + n, sizeof big - (size_t)n, "a: b\r\n");
    snprintf(big + n, sizeof big - (size_t)n, "\r\n");
    cr_assert_gt(parse(big), 0);
    snprintf(big + n, sizeof big - (size_t)n, "a: b\r\n\r\n");
    cr_assert_eq(parse(big), -431);
}

static void check_sha1(const char *text, const char *hex)
{
    uint8_t digest[20];
    char got[41];
    hz_sha1((const uint8_t *)text, strlen(text), digest);
    for (int i = 0; i < 20; i++)
        snprintf(got + 2 * i, 3, "%02x", digest[i]);
    cr_assert_str_eq(got, hex);
}

/* The examples of FIPS 180; the third is what sha1sum says. */
Test(ws_key, sha1_is_as_published)
{
    check_sha1("abc", "a9993e364706816aba3e25717850c26c9cd0d89d");
    check_sha1("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
               "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
    check_sha1("0123456701234567012345670123456701234567012345670123456701234567",
               "e0c094e867ef46c350ef54a7f59dd60bed92ae83");
    check_sha1("", "da39a3ee5e6b4b0d3255bfef95601890afd80709");
}

/* The example of RFC 6455, section 1.3. */
Test(ws_key, accept_is_as_published)
{
    char accept[HZ_WS_ACCEPT_LEN + 1];
    hz_ws_accept("dGhlIHNhbXBsZSBub25jZQ==", accept);
    cr_assert_str_eq(accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    cr_assert(hz_ws_key_ok("dGhlIHNhbXBsZSBub25jZQ==", 24));
    cr_assert_not(hz_ws_key_ok("dGhlIHNhbXBsZSBub25jZQ=", 23));
    cr_assert_not(hz_ws_key_ok("dGhlIHNhbXBsZSBub25jZQ=a", 24));
    cr_assert_not(hz_ws_key_ok("dGhlIHNhb BsZSBub25jZQ==", 24));
    cr_assert_not(hz_ws_key_ok(NULL, 0));
}
