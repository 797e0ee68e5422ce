/* A picture on a bus of its own, and messages for it; for the tests that include it. */
#ifndef HZ_TEST_PICTURE_RIG_H
#define HZ_TEST_PICTURE_RIG_H

#include "daemon/picture/snapshot.h"
#include "proto/out/sink.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static uv_loop_t loop;
static struct hz_bus *bus;
static struct hz_picture *picture;
static struct hz_snapshots snapshots;
static struct hz_place antenna = {53.76, 8.67};
static const char *mark;

static bool find_antenna(void *ctx, const char *receiver, struct hz_place *place)
{
    (void)ctx;
    *place = antenna;
    return !receiver || strcmp(receiver, "roof") == 0;
}

static inline void begin(void)
{
    uv_loop_init(&loop);
    bus = hz_bus_new(&loop, 20000, 64 << 20, "0123456789abcdef");
    struct hz_picture_env env = {.loop = &loop, .bus = bus, .antenna = find_antenna};
    picture = hz_picture_new(&env);
    snapshots = (struct hz_snapshots){.picture = picture};
    mark = NULL;
}

static inline void end(void)
{
    hz_picture_close(picture);
    hz_bus_close(bus);
    uv_run(&loop, UV_RUN_DEFAULT);
    cr_assert_eq(uv_loop_close(&loop), 0);
}

/* Lets the picture read what was published. */
static inline void settle(void)
{
    for (int i = 0; i < 1000 && hz_picture_seq(picture) + 1 < hz_bus_next(bus); i++)
        uv_run(&loop, UV_RUN_ONCE);
    cr_assert_eq(hz_picture_seq(picture) + 1, hz_bus_next(bus));
}

/* What a message tells: at seconds, of whom, where (NAN: nowhere), and further fields. */
struct said {
    const char *receiver, *channel, *protocol;
    double at_s;
    const char *id;
    double lat, lon;
    enum hz_kind kind;   /* 0: a message */
    const char *station; /* NULL: heard here */
};

/* fields: NAME, JSON, NAME, JSON, …, NULL. */
static inline void say(struct said s, ...)
{
    static char arena[1 << 16];
    struct hz_sink_head head = {.receiver = s.receiver ? s.receiver : "roof",
                                .channel = s.channel ? s.channel : "ch",
                                .protocol = s.protocol,
                                .freq_hz = 1e6};
    struct hz_burst b = {.rssi_dbfs = -20, .noise_dbfs = -40, .snr_db = 20, .offset_hz = NAN};
    struct hz_sink sink;
    struct hz_record rec;
    va_list fields;
    const char *name;
    size_t at = 0;
    hz_sink_init(&sink, &head, arena, sizeof arena);
    sink.mark = mark;
    hz_sink_rewind(&sink, (struct hz_stamp){.utc_ns = llround(s.at_s * 1e9), .ns_per_sample = 1});
    struct hz_json *j = hz_sink_begin(&sink, &b);
    hz_about_id(j, s.id);
    hz_about_position(j, s.lat, s.lon);
    va_start(fields, s);
    while ((name = va_arg(fields, const char *))) {
        const char *json = va_arg(fields, const char *);
        hz_json_int(j, name, 0); /* writes the comma and the key */
        j->len--;
        hz_json_raw(j, json, strlen(json));
    }
    va_end(fields);
    hz_sink_end(&sink);
    cr_assert(hz_sink_next(&sink, &at, &rec));
    if (s.kind)
        rec.kind = s.kind;
    struct hz_topic *t =
        hz_topic_of_station(s.station ? s.station : "", head.receiver, head.channel, head.protocol);
    hz_bus_publish(bus, hz_frame_new(t, &rec, "", 0));
    hz_topic_unref(t);
}

static inline const struct hz_target *target(enum hz_list list, const char *id)
{
    const struct hz_target *t = hz_picture_last(picture, list);
    while (t && strcmp(t->id, id) != 0)
        t = t->prev;
    return t;
}

static inline bool field_is(const struct hz_target *t, const char *name, uint64_t after_s,
                            const char *json)
{
    struct hz_value v;
    uint64_t now = hz_picture_now_ms(picture) + after_s * 1000;
    if (!hz_target_field(t, name, now, &v))
        return json == NULL;
    return json && hz_value_is(v, json);
}

#endif
