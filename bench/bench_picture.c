/* Cost of the picture: CPU time per message, memory per target, and the making of /aircraft with
 * 500, 2,000 and 10,000 aircraft: in all, and its longest piece, which is what it adds to a turn of
 * the loop. Input: messages of the simulator's scene "dense" (five hundred aircraft); for more
 * aircraft the same messages under further ids. */
#include "bench/dense.h"
#include "daemon/picture/readsb.h"
#include "daemon/picture/snapshot.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SECONDS = 5, BATCH = 5000 };

static double cpu_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

struct bench {
    uv_loop_t loop;
    struct hz_bus *bus;
    struct hz_topic *topic;
    struct hz_picture *picture;
    struct hz_snapshots snapshots;
    size_t messages;
    double took_s;
};

static bool antenna(void *ctx, const char *receiver, struct hz_place *place)
{
    (void)ctx, (void)receiver;
    *place = (struct hz_place){53.76, 8.67};
    return true;
}

/* Lets the picture read what was published; the time of that counts. */
static void read_all(struct bench *b)
{
    double begun = cpu_s();
    while (hz_picture_seq(b->picture) + 1 < hz_bus_next(b->bus))
        uv_run(&b->loop, UV_RUN_NOWAIT);
    b->took_s += cpu_s() - begun;
}

/* All messages, under `times` sets of ids. */
static void publish(struct bench *b, const struct hz_sink *sink, int times)
{
    struct hz_record rec;
    for (int k = 0; k < times; k++) {
        for (size_t at = 0; hz_sink_next(sink, &at, &rec);) {
            if (k > 0)
                rec.about.id[0] = (char)('f' + k);
            hz_bus_publish(b->bus, hz_frame_new(b->topic, &rec, "", 0));
            if (++b->messages % BATCH == 0)
                read_all(b);
        }
    }
    read_all(b);
}

static void snapshot(struct bench *b, const struct hz_picture_format *format, const char *name)
{
    struct hz_snapshot *s;
    double longest = 0, total = 0;
    int rc;
    if (hz_snapshot_get(&b->snapshots, format, &s) != 0)
        exit(1);
    do {
        double begun = cpu_s();
        rc = hz_snapshot_more(s);
        double took = cpu_s() - begun;
        total += took;
        longest = took > longest ? took : longest;
    } while (rc == 0);
    printf("    %-9s %8.2f ms in all, %5.2f ms the longest piece, %7.0f kB\n", name, total * 1e3,
           longest * 1e3, (double)s->len / 1e3);
    hz_snapshot_unref(s);
}

static void run(const struct hz_sink *sink, int times)
{
    struct bench b = {0};
    uv_loop_init(&b.loop);
    b.bus = hz_bus_new(&b.loop, (size_t)2 * BATCH, 64 << 20, "0123456789abcdef");
    b.topic = hz_topic_new("bench", "1090", "adsb");
    struct hz_picture_env env = {.loop = &b.loop, .bus = b.bus, .antenna = antenna};
    b.picture = hz_picture_new(&env);
    b.snapshots = (struct hz_snapshots){.picture = b.picture};
    publish(&b, sink, times);
    struct hz_picture_counts c = hz_picture_counts(b.picture);
    size_t n = c.targets[HZ_LIST_AIRCRAFT];
    printf("%6zu aircraft, %zu with a position: %5.0f ns a message (of %zu), %.2f kB a target\n", n,
           c.placed[HZ_LIST_AIRCRAFT], b.took_s / (double)b.messages * 1e9, b.messages,
           (double)c.bytes[HZ_LIST_AIRCRAFT] / (double)n / 1e3);
    snapshot(&b, &hz_format_lists[HZ_LIST_AIRCRAFT], "/aircraft");
    snapshot(&b, &hz_format_geojson, "/geojson");
    snapshot(&b, &hz_format_kml, "/kml");
    snapshot(&b, &hz_format_readsb, "/data");
    hz_picture_close(b.picture);
    hz_topic_unref(b.topic);
    hz_bus_close(b.bus);
    uv_run(&b.loop, UV_RUN_DEFAULT);
    uv_loop_close(&b.loop);
}

int main(void)
{
    struct hz_sink sink;
    dense_decode(&sink, SECONDS, 64 << 20);
    run(&sink, 1);
    run(&sink, 4);
    run(&sink, 20);
    free(sink.arena);
    return 0;
}
