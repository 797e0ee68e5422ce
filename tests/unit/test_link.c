/* A link with a carrier that the test plays: when it tries, what it sends, what it counts. */
#include "daemon/output/link.h"
#include "proto/registry.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

/* What the carrier was asked, and what it answers. */
static struct carrier {
    struct hz_link *link;
    int opened, connects, ticks, flushes, closed;
    uint64_t got[1000]; /* seqs */
    size_t n, room;
    bool connects_at_once, busy;
} it;

static uv_loop_t loop;
static struct hz_bus *bus;
static struct hz_topic *topic;
static struct hz_outputs *outputs;
static bool done;

static void *it_open(const struct hz_carrier_env *env, char *err, size_t err_len)
{
    if (it.opened++ < 0) {
        snprintf(err, err_len, "it cannot");
        return NULL;
    }
    it.link = env->link;
    return &it;
}

static void it_connect(void *state)
{
    (void)state;
    it.connects++;
    if (it.connects_at_once)
        hz_link_up(it.link);
}

static bool it_room(void *state)
{
    (void)state;
    return it.n < it.room;
}

static void it_send(void *state, struct hz_frame *f)
{
    (void)state;
    cr_assert_not_null(f->data);
    it.got[it.n++] = f->seq;
}

static void it_flush(void *state)
{
    (void)state;
    it.flushes++;
}

static bool it_idle(void *state)
{
    (void)state;
    return !it.busy;
}

static void it_tick(void *state)
{
    (void)state;
    it.ticks++;
}

static void it_close(void *state, void (*closed)(void *ctx), void *ctx)
{
    (void)state;
    it.closed++;
    closed(ctx);
}

static void it_status(void *state, cJSON *item)
{
    (void)state;
    cJSON_AddNumberToObject(item, "in_flight", 7);
}

static const char *it_target(const struct hz_conf_output *conf)
{
    (void)conf;
    return "there";
}

static const struct hz_option options[] = {HZ_KEY_FORMAT, HZ_KEY_KIND, HZ_KEY_MAX_AGE, {0}};
static struct hz_carrier_ops ops = {.open = it_open,
                                    .connect = it_connect,
                                    .room = it_room,
                                    .send = it_send,
                                    .flush = it_flush,
                                    .idle = it_idle,
                                    .tick = it_tick,
                                    .close = it_close,
                                    .status = it_status};
static const struct hz_output_kind kind = {
    .kind = {.name = "test", .options = options, .size = sizeof(struct hz_conf_link)},
    .target = it_target,
    .carrier = &ops,
};

static void publish(int n)
{
    for (int i = 0; i < n; i++)
        hz_bus_publish_json(bus, HZ_KIND_MESSAGE, topic, 0, "\"n\":1", 5);
}

static void begin(uint64_t max_age_s, size_t history)
{
    static struct hz_conf_link conf;
    struct hz_conf_output *list[] = {&conf.output};
    it = (struct carrier){.room = 1000};
    conf = (struct hz_conf_link){.output = {.name = "out",
                                            .kind = &kind.kind,
                                            .protocol = (char *)"",
                                            .channel = (char *)"",
                                            .receiver = (char *)"",
                                            .id = (char *)"",
                                            .box = (char *)"",
                                            .min_snr = (char *)"",
                                            .every = (char *)"",
                                            .kinds = (char *)""},
                                 .format = (char *)"json",
                                 .max_age_s = max_age_s};
    uv_loop_init(&loop);
    bus = hz_bus_new(&loop, history, 1 << 20, "0123456789abcdef");
    topic = hz_topic_new("roof", "1090", "adsb");
    struct hz_output_env env = {.loop = &loop, .bus = bus, .protocols = hz_decoders};
    outputs = hz_outputs_new(&env);
    cr_assert_eq(hz_outputs_set(outputs, list, 1), 0);
    done = false;
}

static void on_done(void *ctx)
{
    (void)ctx;
    done = true;
    hz_bus_close(bus);
}

static void end(void)
{
    hz_outputs_close(outputs, on_done, NULL);
    uv_run(&loop, UV_RUN_DEFAULT);
    cr_expect(done);
    cr_expect_eq(it.closed, 1);
    cr_expect_eq(uv_loop_close(&loop), 0);
    hz_topic_unref(topic);
}

#define UNTIL(condition)                                                                           \
    while (!(condition))                                                                           \
    uv_run(&loop, UV_RUN_ONCE)

/* A member of the output's status as text; "": it is not there. */
static const char *status(const char *name)
{
    static char text[300];
    cJSON *all = hz_outputs_json(outputs);
    const cJSON *v = cJSON_GetObjectItemCaseSensitive(cJSON_GetArrayItem(all, 0), name);
    text[0] = '\0';
    if (cJSON_IsString(v))
        snprintf(text, sizeof text, "%s", v->valuestring);
    else if (v)
        snprintf(text, sizeof text, "%g", v->valuedouble);
    cJSON_Delete(all);
    return text;
}

Test(link, sends_what_was_kept_and_goes_on_where_it_was, .timeout = 30)
{
    begin(0, 100);
    publish(3);
    UNTIL(it.connects == 1);
    cr_expect_str_eq(status("state"), "connecting");
    cr_expect_eq(it.n, 0, "nothing before it is up");
    hz_link_up(it.link);
    UNTIL(it.n == 3);
    cr_expect_str_eq(status("state"), "up");
    cr_expect_str_eq(status("in_flight"), "7");
    hz_link_down(it.link, "it broke");
    cr_expect_str_eq(status("state"), "waiting");
    cr_expect_str_eq(status("error"), "it broke");
    publish(2);
    it.connects_at_once = true;
    UNTIL(it.n == 5);
    for (size_t i = 0; i < 5; i++)
        cr_expect_eq(it.got[i], i + 1);
    cr_expect(it.flushes >= 2 && it.connects == 2);
    cr_expect_str_eq(status("error"), "");
    hz_link_count(it.link, 4, 1);
    hz_link_warn(it.link, "slow");
    cr_expect_str_eq(status("sent"), "4");
    cr_expect_str_eq(status("lost"), "1");
    cr_expect_str_eq(status("error"), "slow");
    end();
    cr_expect_eq(it.opened, 1, "the state stays over a loss of the connection");
}

Test(link, counts_what_left_the_log_and_what_is_too_old, .timeout = 30)
{
    begin(1, 16);
    publish(20); /* 4 of them leave */
    UNTIL(it.connects == 1);
    uint64_t began = uv_now(&loop);
    UNTIL(uv_now(&loop) > began + 1100); /* ticks wake the loop */
    publish(1);                          /* the fifth leaves */
    hz_link_up(it.link);
    UNTIL(it.n == 1);
    cr_expect_eq(it.got[0], 21);
    cr_expect_str_eq(status("missed"), "5");
    cr_expect_str_eq(status("expired"), "15");
    cr_expect(it.ticks > 0);
    end();
}

Test(link, stops_when_there_is_no_room, .timeout = 30)
{
    begin(0, 100);
    it.connects_at_once = true;
    it.room = 2;
    publish(5);
    UNTIL(it.n == 2);
    for (int i = 0; i < 5; i++)
        uv_run(&loop, UV_RUN_NOWAIT);
    cr_expect_eq(it.n, 2);
    cr_expect_str_eq(status("behind"), "3");
    it.room = 100;
    hz_link_ready(it.link);
    UNTIL(it.n == 5);
    end();
}

Test(link, waits_for_what_is_in_flight_at_the_end_but_not_for_ever, .timeout = 30)
{
    begin(0, 100);
    it.connects_at_once = true;
    UNTIL(it.connects == 1);
    publish(3);
    it.busy = true; /* and stays so */
    uint64_t began = uv_hrtime();
    end();
    cr_expect_eq(it.n, 3, "it got the rest");
    cr_expect_geq(uv_hrtime() - began, (HZ_LINK_DRAIN_MS - 100) * 1000000ull);
}

Test(link, one_that_is_not_up_ends_at_once, .timeout = 30)
{
    begin(0, 100);
    publish(3);
    UNTIL(it.connects == 1);
    end();
    cr_expect_eq(it.n, 0);
}

Test(link, one_that_stores_takes_frames_while_it_is_away, .timeout = 30)
{
    ops.stores = true;
    begin(0, 100);
    publish(3);
    UNTIL(it.n == 3);
    cr_expect_str_eq(status("state"), "connecting");
    publish(1);
    end();
    cr_expect_eq(it.n, 4);
    ops.stores = false;
}

Test(link, a_state_that_cannot_be_made_is_tried_again, .timeout = 30)
{
    begin(0, 100);
    it.opened = -1;
    uv_run(&loop, UV_RUN_NOWAIT);
    cr_expect_str_eq(status("error"), "it cannot");
    cr_expect_str_eq(status("state"), "waiting");
    it.connects_at_once = true;
    UNTIL(it.connects == 1 && strcmp(status("state"), "up") == 0);
    end();
}
