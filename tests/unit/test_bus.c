#include "daemon/bus/cursor.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char stream[] = "0123456789abcdef";

static uint64_t publish(struct hz_bus *b, struct hz_topic *t, const char *body)
{
    return hz_bus_publish_json(b, HZ_KIND_MESSAGE, t, 0, body, strlen(body));
}

static void end(uv_loop_t *loop, struct hz_bus *b, struct hz_topic *t)
{
    hz_bus_close(b);
    uv_run(loop, UV_RUN_DEFAULT);
    cr_assert_eq(uv_loop_close(loop), 0);
    hz_topic_unref(t);
}

Test(bus, numbers_frames_and_drops_the_oldest)
{
    uv_loop_t loop;
    uv_loop_init(&loop);
    struct hz_bus *b = hz_bus_new(&loop, 3, 4000, stream);
    struct hz_topic *t = hz_topic_new("roof", "1090", "adsb");
    cr_assert_str_eq(hz_bus_stream(b), stream);
    cr_assert_eq(hz_bus_first(b), 1);
    cr_assert_eq(hz_bus_next(b), 1);
    for (uint64_t i = 1; i <= 5; i++)
        cr_assert_eq(publish(b, t, ""), i);
    cr_assert_eq(hz_bus_first(b), 3);
    cr_assert_eq(hz_bus_next(b), 6);
    const struct hz_ring *ring = &hz_bus_part(b, 0)->ring;
    cr_assert_eq(ring->left_seq, 2);
    struct hz_frame *f = hz_ring_get(ring, hz_ring_after_seq(ring, 3));
    cr_assert_eq(f->seq, 4);
    cr_assert_eq(f->len, strlen("{\"seq\":4,\"kind\":\"message\"}\n"));
    cr_assert_eq(memcmp(f->data, "{\"seq\":4,\"kind\":\"message\"}\n", f->len), 0);
    cr_assert_eq(f->topic, t);
    struct hz_bus_counts n = hz_bus_counts(b);
    cr_assert_eq(n.published, 5);
    cr_assert_eq(n.frames, 3);
    cr_assert_eq(n.bytes, 3 * hz_frame_size(f));
    end(&loop, b, t);
}

Test(bus, keeps_within_its_bytes)
{
    uv_loop_t loop;
    uv_loop_init(&loop);
    struct hz_bus *b = hz_bus_new(&loop, 1000, 2000, stream);
    struct hz_topic *t = hz_topic_new("roof", "", "");
    for (int i = 0; i < 50; i++)
        publish(b, t, "");
    struct hz_bus_counts n = hz_bus_counts(b);
    cr_assert_leq(n.bytes, 2000);
    cr_assert_gt(n.bytes, 1500);
    char big[2000];
    memset(big, ' ', sizeof big);
    cr_assert_eq(hz_bus_publish_json(b, HZ_KIND_MESSAGE, t, 0, big, sizeof big), 0);
    cr_assert_eq(hz_bus_counts(b).dropped, 1);
    cr_assert_eq(hz_bus_next(b), 51, "a dropped frame takes no seq");
    cr_assert_null(hz_bus_new(&loop, 0, 1, stream));
    cr_assert_null(hz_bus_new(&loop, 1, 0, stream));
    end(&loop, b, t);
}

/* The n-th frame that is kept of a part. */
static struct hz_frame *kept(struct hz_bus *b, size_t part, uint64_t n)
{
    const struct hz_ring *r = &hz_bus_part(b, part)->ring;
    return hz_ring_get(r, r->first + n);
}

Test(bus, frames_leave_at_their_age)
{
    uv_loop_t loop;
    uv_loop_init(&loop);
    struct hz_bus *b = hz_bus_new(&loop, 100, 1 << 20, stream);
    struct hz_topic *adsb = hz_topic_new("roof", "1090", "adsb");
    struct hz_topic *ais = hz_topic_new("roof", "marine", "ais");
    hz_bus_expire(b, UINT64_MAX);
    hz_bus_limit_age(b, 600000);
    for (int i = 0; i < 3; i++)
        publish(b, adsb, "");
    publish(b, ais, "");
    for (uint64_t i = 0; i < 3; i++)
        kept(b, 0, i)->published_ms = 1000 * i;
    kept(b, 1, 0)->published_ms = 1500;
    hz_bus_expire(b, 599999);
    cr_assert_eq(hz_bus_counts(b).frames, 4);
    hz_bus_expire(b, 601000);
    cr_assert_eq(hz_bus_counts(b).frames, 2);
    cr_assert_eq(hz_bus_counts(b).bytes,
                 hz_bus_part(b, 0)->ring.bytes + hz_bus_part(b, 1)->ring.bytes);
    cr_assert_eq(hz_bus_part(b, 0)->ring.left_seq, 2);
    cr_assert_eq(hz_bus_first(b), 3);
    hz_bus_expire(b, 601500);
    cr_assert_eq(hz_bus_counts(b).frames, 1, "each protocol by the age of its own frames");
    hz_bus_expire(b, 602000);
    struct hz_bus_counts n = hz_bus_counts(b);
    cr_assert_eq(n.frames, 0);
    cr_assert_eq(n.bytes, 0);
    cr_assert_eq(n.expired, 4);
    cr_assert_eq(n.dropped, 0);
    cr_assert_eq(n.max_age_ms, 600000);
    cr_assert_eq(hz_bus_first(b), hz_bus_next(b));
    cr_assert_eq(publish(b, ais, ""), 5);
    hz_topic_unref(adsb);
    end(&loop, b, ais);
}

/* The loop looks by itself, also while nothing is published. */
Test(bus, old_frames_leave_without_new_ones)
{
    uv_loop_t loop;
    uv_loop_init(&loop);
    struct hz_bus *b = hz_bus_new(&loop, 100, 1 << 20, stream);
    struct hz_topic *t = hz_topic_new("roof", "1090", "adsb");
    hz_bus_limit_age(b, 1);
    publish(b, t, "");
    while (hz_bus_counts(b).frames > 0)
        uv_run(&loop, UV_RUN_ONCE);
    cr_assert_eq(hz_bus_counts(b).expired, 1);
    end(&loop, b, t);
}

/* 1090 sends far more, but its frames are small: bytes count. */
Test(bus, at_the_limit_of_bytes_the_protocol_that_holds_most_loses)
{
    uv_loop_t loop;
    uv_loop_init(&loop);
    struct hz_bus *b = hz_bus_new(&loop, 1000, 20000, stream);
    struct hz_topic *adsb = hz_topic_new("roof", "1090", "adsb");
    struct hz_topic *ais = hz_topic_new("roof", "marine", "ais");
    for (int i = 0; i < 5; i++)
        publish(b, ais, "");
    for (int i = 0; i < 500; i++)
        publish(b, adsb, "");
    cr_assert_eq(hz_bus_part(b, 0)->ring.first, 0, "no frame of AIS left");
    cr_assert_gt(hz_bus_part(b, 1)->ring.first, 0);
    cr_assert_leq(hz_bus_counts(b).bytes, 20000);
    hz_topic_unref(adsb);
    end(&loop, b, ais);
}

Test(bus, a_frame_outlives_the_log_while_it_is_referenced)
{
    uv_loop_t loop;
    uv_loop_init(&loop);
    struct hz_bus *b = hz_bus_new(&loop, 1, 1000, stream);
    struct hz_topic *t = hz_topic_new("roof", "", "");
    publish(b, t, "");
    const struct hz_ring *ring = &hz_bus_part(b, 0)->ring;
    struct hz_frame *f = hz_frame_ref(hz_ring_get(ring, ring->first));
    publish(b, t, "");
    cr_assert_eq(ring->left_seq, 1);
    cr_assert_eq(f->seq, 1);
    hz_frame_unref(f);
    end(&loop, b, t);
}

/* RFC 6455, section 5.2: 0x81, then the length of the payload in 7 bits, 126 + 16, 127 + 64. */
Test(bus, carries_the_websocket_header_before_the_data)
{
    uv_loop_t loop;
    uv_loop_init(&loop);
    struct hz_bus *b = hz_bus_new(&loop, 10, 1 << 20, stream);
    struct hz_topic *t = hz_topic_new("roof", "", "");
    static const struct {
        size_t payload;
        uint8_t len, header[10];
    } cases[] = {
        {125, 2, {0x81, 125}},
        {126, 4, {0x81, 126, 0, 126}},
        {65535, 4, {0x81, 126, 0xff, 0xff}},
        {65536, 10, {0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0}},
    };
    char *body = malloc(70000);
    memset(body, ' ', 70000);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t len = cases[i].payload + 1 - strlen("{\"seq\":1,\"kind\":\"message\",}\n");
        uint64_t seq = hz_bus_publish_json(b, HZ_KIND_MESSAGE, t, 0, body, len);
        const struct hz_ring *ring = &hz_bus_part(b, 0)->ring;
        struct hz_frame *f = hz_ring_get(ring, hz_ring_after_seq(ring, seq - 1));
        cr_assert_eq(f->len, cases[i].payload + 1);
        cr_assert_eq(f->ws_len, cases[i].len);
        cr_assert_eq(memcmp(f->data - f->ws_len, cases[i].header, f->ws_len), 0);
    }
    free(body);
    end(&loop, b, t);
}

struct counter {
    struct hz_subscriber s;
    int wakes;
    int again; /* how often it asks to be woken again */
    struct hz_bus *bus;
    struct hz_subscriber *drop; /* unsubscribed in the wake */
};

static void on_wake(struct hz_subscriber *s)
{
    struct counter *c = (struct counter *)s;
    c->wakes++;
    if (c->again > 0) {
        c->again--;
        hz_bus_again(c->bus, s);
    }
    if (c->drop)
        hz_bus_unsubscribe(c->bus, c->drop);
    c->drop = NULL;
}

/* Under load wakes are bounded by the loop's own clock: 10 in a row, then one in 10 ms. */
Test(bus, wakes_at_once_at_rest_and_rarely_under_load)
{
    enum { BURST = 10, LOAD = 30 }; /* less than 16 KiB, which are told at once */
    uv_loop_t loop;
    uv_loop_init(&loop);
    struct hz_bus *b = hz_bus_new(&loop, 100, 1 << 20, stream);
    struct hz_topic *t = hz_topic_new("roof", "", "");
    struct counter a = {.s.wake = on_wake, .bus = b};
    hz_bus_subscribe(b, &a.s);
    uint64_t start = uv_now(&loop);
    for (int i = 1; i <= BURST; i++) {
        publish(b, t, "");
        publish(b, t, ""); /* of the same iteration: no wake of its own */
        uv_run(&loop, UV_RUN_NOWAIT);
        cr_expect_eq(a.wakes, i);
    }
    for (int i = 0; i < LOAD; i++) {
        publish(b, t, "");
        uv_run(&loop, UV_RUN_NOWAIT);
        cr_assert_leq(a.wakes, BURST + (int)((uv_now(&loop) - start) / 10) + 1);
    }
    int before = a.wakes;
    publish(b, t, "");
    uv_run(&loop, UV_RUN_DEFAULT); /* ends when neither timer nor turn is active */
    cr_expect_leq(a.wakes - before, 1);
    hz_bus_unsubscribe(b, &a.s);
    end(&loop, b, t);
}

Test(bus, wakes_once_for_frames_of_one_iteration_and_at_once_for_many_bytes)
{
    uv_loop_t loop;
    uv_loop_init(&loop);
    struct hz_bus *b = hz_bus_new(&loop, 1000, 1 << 20, stream);
    struct hz_topic *t = hz_topic_new("roof", "", "");
    struct counter a = {.s.wake = on_wake, .bus = b}, c = a;
    hz_bus_subscribe(b, &a.s);
    hz_bus_subscribe(b, &c.s);
    for (int i = 0; i < 10; i++)
        publish(b, t, "");
    uv_run(&loop, UV_RUN_NOWAIT);
    cr_assert_eq(a.wakes, 1, "it was long ago");
    cr_assert_eq(c.wakes, 1);
    uv_run(&loop, UV_RUN_DEFAULT); /* ends when neither timer nor idle handle is active */
    int before = a.wakes;
    char body[1024];
    memset(body, ' ', sizeof body);
    for (int i = 0; i < 17; i++)
        hz_bus_publish_json(b, HZ_KIND_MESSAGE, t, 0, body, sizeof body);
    uv_run(&loop, UV_RUN_NOWAIT);
    cr_assert_gt(a.wakes, before, "16 KiB are told in the next turn");
    uv_run(&loop, UV_RUN_DEFAULT);
    before = a.wakes;

    c.again = 3;
    int wakes = c.wakes;
    hz_bus_again(b, &c.s);
    uv_run(&loop, UV_RUN_DEFAULT);
    cr_assert_eq(c.wakes - wakes, 4);
    cr_assert_eq(a.wakes, before);

    a.drop = &c.s; /* it is woken after a: it must not be any more */
    before = c.wakes;
    publish(b, t, "");
    hz_bus_unsubscribe(b, &c.s);
    hz_bus_subscribe(b, &c.s);
    uv_run(&loop, UV_RUN_DEFAULT);
    cr_assert_eq(c.wakes, before);
    hz_bus_unsubscribe(b, &a.s);
    end(&loop, b, t);
}

/* A reader that publishes what it makes of what it reads. */
static struct hz_topic *told_of;
static void telling_wake(struct hz_subscriber *s)
{
    struct counter *c = (struct counter *)s;
    if (c->wakes++ == 0)
        publish(c->bus, told_of, "");
}

Test(bus, a_reader_may_publish)
{
    uv_loop_t loop;
    uv_loop_init(&loop);
    struct hz_bus *b = hz_bus_new(&loop, 100, 1 << 20, stream);
    struct counter a = {.s.wake = telling_wake, .bus = b}, c = {.s.wake = on_wake, .bus = b};
    told_of = hz_topic_new("roof", "", "");
    hz_bus_subscribe(b, &c.s);
    hz_bus_subscribe(b, &a.s);
    publish(b, told_of, "");
    uv_run(&loop, UV_RUN_DEFAULT);
    cr_expect_eq(c.wakes, 2); /* for what was published, and for what was made of it */
    publish(b, told_of, "");
    uv_run(&loop, UV_RUN_DEFAULT);
    cr_expect_eq(c.wakes, 3);
    hz_bus_unsubscribe(b, &a.s);
    hz_bus_unsubscribe(b, &c.s);
    end(&loop, b, told_of);
}

static void slow_wake(struct hz_subscriber *s)
{
    ((struct counter *)s)->wakes++;
    uint64_t start = uv_hrtime();
    while (uv_hrtime() - start < 500000)
        ;
}

Test(bus, many_subscribers_take_several_turns_of_the_loop)
{
    enum { N = 20 };
    uv_loop_t loop;
    uv_loop_init(&loop);
    struct hz_bus *b = hz_bus_new(&loop, 10, 1000, stream);
    struct hz_topic *t = hz_topic_new("roof", "", "");
    struct counter c[N] = {0};
    for (int i = 0; i < N; i++) {
        c[i].s.wake = slow_wake;
        hz_bus_subscribe(b, &c[i].s);
        hz_bus_again(b, &c[i].s);
    }
    uv_run(&loop, UV_RUN_NOWAIT);
    int woken = 0;
    for (int i = 0; i < N; i++)
        woken += c[i].wakes;
    cr_assert_geq(woken, 1);
    cr_assert_leq(woken, 6, "2 ms an iteration, 0.5 ms each");
    uv_run(&loop, UV_RUN_DEFAULT);
    for (int i = 0; i < N; i++) {
        cr_assert_eq(c[i].wakes, 1);
        hz_bus_unsubscribe(b, &c[i].s);
    }
    end(&loop, b, t);
}

static void on_tap(void *ctx, const struct hz_frame *f)
{
    *(uint64_t *)ctx = *(uint64_t *)ctx * 10 + f->seq;
}

Test(bus, the_tap_sees_every_frame_even_when_the_log_is_tiny)
{
    uv_loop_t loop;
    uv_loop_init(&loop);
    struct hz_bus *b = hz_bus_new(&loop, 1, 1000, stream);
    struct hz_topic *t = hz_topic_new("roof", "", "");
    uint64_t seen = 0;
    hz_bus_tap(b, on_tap, &seen);
    for (int i = 0; i < 4; i++)
        publish(b, t, "");
    cr_assert_eq(seen, 1234);
    end(&loop, b, t);
}
