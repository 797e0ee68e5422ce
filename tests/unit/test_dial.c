/* Connections that we open: to what listens, to what does not, and to what never answers. */
#include "daemon/base/backoff.h"
#include "daemon/base/dial.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

struct call {
    uv_loop_t loop;
    uv_tcp_t server;
    struct hz_dial dial;
    char address[64], why[200];
    int connected, failed, closed, status;
    bool patient; /* waits for what never comes */
};

static void on_closed(void *ctx)
{
    ((struct call *)ctx)->closed++;
}

static void end(struct call *c)
{
    hz_dial_close(&c->dial, on_closed, c);
    if (c->server.loop)
        uv_close((uv_handle_t *)&c->server, NULL);
}

static void on_connected(void *ctx)
{
    struct call *c = ctx;
    c->connected++;
    cr_assert_not_null(hz_dial_stream(&c->dial));
    if (c->patient) {
        hz_dial_expect(&c->dial, "it sent no greeting");
        return;
    }
    hz_dial_done(&c->dial);
    end(c);
}

static void on_failed(void *ctx, int status, const char *why)
{
    struct call *c = ctx;
    c->failed++;
    c->status = status;
    snprintf(c->why, sizeof c->why, "%s", why);
    end(c);
}

static void on_caller(uv_stream_t *s, int status)
{
    (void)s, (void)status;
}

/* A port that listens, or one that was let go of. */
static void take_port(struct call *c, bool listens)
{
    struct sockaddr_in in;
    int len = sizeof in;
    uv_ip4_addr("127.0.0.1", 0, &in);
    uv_tcp_init(&c->loop, &c->server);
    cr_assert_eq(uv_tcp_bind(&c->server, (const struct sockaddr *)&in, 0), 0);
    if (listens)
        cr_assert_eq(uv_listen((uv_stream_t *)&c->server, 1, on_caller), 0);
    cr_assert_eq(uv_tcp_getsockname(&c->server, (struct sockaddr *)&in, &len), 0);
    snprintf(c->address, sizeof c->address, "127.0.0.1:%d", ntohs(in.sin_port));
}

static void dial(struct call *c, unsigned limit_ms)
{
    struct hz_dial_env env = {.loop = &c->loop,
                              .address = c->address,
                              .limit_ms = limit_ms,
                              .connected = on_connected,
                              .failed = on_failed,
                              .ctx = c};
    cr_assert_eq(hz_dial_open(&c->dial, &env), 0);
    uv_run(&c->loop, UV_RUN_DEFAULT); /* returns when all handles are closed */
    cr_expect_eq(c->closed, 1);
    cr_assert_eq(uv_loop_close(&c->loop), 0);
}

Test(dial, connects, .timeout = 30)
{
    struct call c = {0};
    uv_loop_init(&c.loop);
    take_port(&c, true);
    dial(&c, 20000);
    cr_expect_eq(c.connected, 1);
    cr_expect_eq(c.failed, 0);
}

Test(dial, tells_why_there_is_no_connection, .timeout = 30)
{
    struct call c = {0};
    uv_loop_init(&c.loop);
    take_port(&c, false); /* bound but not listening */
    dial(&c, 20000);
    cr_expect_eq(c.connected, 0);
    cr_expect_eq(c.status, -ECONNREFUSED);
    cr_expect_str_eq(c.why, "cannot connect: connection refused");
}

Test(dial, tells_of_a_port_that_nobody_knows, .timeout = 30)
{
    struct call c = {.address = "127.0.0.1:no such port"};
    uv_loop_init(&c.loop);
    dial(&c, 20000);
    cr_expect_eq(c.status, -EHOSTUNREACH);
    cr_expect(strncmp(c.why, "its name is not found: ", 23) == 0, "%s", c.why);
}

Test(dial, waits_no_longer_than_the_limit, .timeout = 30)
{
    struct call c = {.patient = true};
    uv_loop_init(&c.loop);
    take_port(&c, true);
    dial(&c, 1500);
    cr_expect_eq(c.connected, 1);
    cr_expect_eq(c.status, -ETIMEDOUT);
    cr_expect_str_eq(c.why, "it sent no greeting within 1.5 s");
}

Test(dial, refuses_an_address_without_a_port)
{
    struct hz_dial d = {0};
    struct hz_dial_env env = {.address = "localhost"};
    cr_expect_eq(hz_dial_open(&d, &env), -EINVAL);
}

/* Each wait is twice the last up to the limit, give or take an eighth. */
Test(backoff, doubles_up_to_the_limit)
{
    struct hz_backoff b = {0};
    static const uint64_t expected[] = {1000, 2000, 3500, 3500};
    cr_expect(!hz_backoff_failing(&b));
    for (int i = 0; i < 4; i++) {
        uint64_t ms = hz_backoff_next(&b, 3500);
        cr_expect(ms >= expected[i] * 7 / 8 && ms <= expected[i] * 9 / 8 + 1, "wait %d: %llu ms", i,
                  (unsigned long long)ms);
    }
    cr_expect(hz_backoff_failing(&b));
    hz_backoff_reset(&b);
    cr_expect_leq(hz_backoff_next(&b, 3500), 1126);
}
