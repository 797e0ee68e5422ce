/* Channels that open where something was found, in the past, and close again: what they decode is
 * what a configured channel decodes, byte by byte, whatever the number of workers. */
#include "daemon/receive/channels.h"
#include "daemon/source/source.h"
#include "proto/registry.h"
#include "sim/scene.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RATE_HZ   1536000.0 /* of the scene vhf: AIS on two channels */
#define CENTRE_HZ 161850000.0

enum { BLOCK = 131072, BLOCKS = 94, BURSTS = 400, LINES = 400 };

/* ---- what is on the air ----------------------------------------------------------------- */

struct burst {
    uint64_t first, end; /* samples */
    double freq_hz;
};

struct air {
    uint8_t *iq; /* cu8 */
    struct burst burst[BURSTS];
    size_t n;
};

static void on_truth(void *ctx, const struct hz_scene_truth *t)
{
    struct air *a = ctx;
    if (strcmp(t->protocol, "ais") == 0 && a->n < BURSTS)
        a->burst[a->n++] =
            (struct burst){(uint64_t)t->start, (uint64_t)(t->start + t->samples) + 1, t->freq_hz};
}

static void air_init(struct air *a)
{
    struct hz_scene *s;
    *a = (struct air){.iq = malloc(2 * BLOCK * BLOCKS)};
    cr_assert_eq(hz_scene_new("vhf", 7, &s), 0);
    hz_scene_on_truth(s, on_truth, a);
    hz_scene_read(s, a->iq, BLOCK * BLOCKS);
    hz_scene_free(s);
    cr_assert_gt(a->n, 5, "%zu", a->n);
}

/* ---- one run over it -------------------------------------------------------------------- */

struct run {
    const struct air *air;
    struct hz_channels channels;
    uv_loop_t loop;
    struct hz_jobs jobs;
    char *line[LINES];
    size_t n;
    size_t next; /* burst to visit */
    size_t most; /* visits that were open at once */
    size_t opened, refused;
};

static void on_frame(void *ctx, const struct hz_frame *f)
{
    struct run *r = ctx;
    const char *body = memchr(f->data, ',', f->len); /* without the sequence number */
    cr_assert_lt(r->n, LINES);
    r->line[r->n++] = strndup(body, f->len - (size_t)(body - f->data));
}

static void on_progress(void *ctx)
{
    (void)ctx;
}

/* Visits each burst when it is wholly past: its end lies in what was given out before. */
static void on_batch(void *ctx, struct hz_spectra *s)
{
    struct run *r = ctx;
    const struct air *a = r->air;
    char err[200];
    for (; r->next < a->n && a->burst[r->next].end + BLOCK / 4 < s->first_sample; r->next++) {
        const struct burst *b = &a->burst[r->next];
        struct hz_visit visit = {.offset_hz = b->freq_hz - CENTRE_HZ,
                                 .decoder = hz_decoder_find("ais"),
                                 .from = b->first,
                                 .until = b->end};
        int64_t id = hz_channels_visit(&r->channels, &visit, err, sizeof err);
        cr_assert(id > 0 || id == -ENOBUFS, "%s", err);
        r->opened += id > 0;
        r->refused += id < 0;
        if (r->channels.visits.stats.open > r->most)
            r->most = r->channels.visits.stats.open;
    }
}

static void add_channels(struct run *r, const char *first, const char *second)
{
    struct hz_conf_channel c[2];
    hz_conf_channel_init(&c[0], first, hz_decoder_find("ais"));
    hz_conf_channel_init(&c[1], second, hz_decoder_find("ais"));
    c[0].freq_hz = 161.975e6;
    c[1].freq_hz = 162.025e6;
    cr_assert_eq(hz_channels_add(&r->channels, &c[0]), 0);
    cr_assert_eq(hz_channels_add(&r->channels, &c[1]), 0);
}

/* visits: so many at once, 0: none; configured: the two channels of AIS are there. */
static void play(struct run *r, const struct air *a, int workers, size_t visits, bool configured)
{
    struct hz_conf_receiver *receiver = hz_conf_receiver_new(&hz_file_kind, "rx");
    struct hz_stamp stamp = {.ns_per_sample = 1e9 / RATE_HZ};
    *r = (struct run){.air = a};
    uv_loop_init(&r->loop);
    hz_jobs_init(&r->jobs, &r->loop, workers);
    struct hz_bus *bus = hz_bus_new(&r->loop, 16, 1 << 20, "test");
    hz_bus_tap(bus, on_frame, r);
    cr_assert(receiver);
    struct hz_channels_env env = {.jobs = &r->jobs,
                                  .bus = bus,
                                  .receiver = receiver,
                                  .batch = visits ? on_batch : NULL,
                                  .progress = on_progress,
                                  .ctx = r};
    hz_channels_init(&r->channels, &env);
    if (visits)
        cr_assert_eq(hz_channels_allow_visits(&r->channels, visits), 0);
    if (configured && visits)
        add_channels(r, "a", "b");
    else if (configured)
        add_channels(r, "ais@161.975", "ais@162.025"); /* as visits are called */
    hz_channels_begin(&r->channels, HZ_CU8, RATE_HZ, CENTRE_HZ);
    struct hz_block_pool *pool = hz_block_pool_new(6, 2 * BLOCK);
    for (uint64_t i = 0; i < BLOCKS; i++) {
        struct hz_block *b;
        while (!hz_channels_have_room(&r->channels) || !(b = hz_block_take(pool)))
            uv_run(&r->loop, UV_RUN_ONCE);
        b->format = HZ_CU8;
        b->n = BLOCK;
        b->rate_hz = RATE_HZ;
        b->centre_hz = CENTRE_HZ;
        b->first_sample = i * BLOCK;
        b->ends_turn = true;
        memcpy(b->data, a->iq + 2 * BLOCK * i, 2 * BLOCK);
        hz_channels_push(&r->channels, b, stamp);
        hz_block_unref(b);
    }
    hz_channels_finish(&r->channels, stamp);
    while (!hz_channels_done(&r->channels))
        uv_run(&r->loop, UV_RUN_ONCE);
    cr_expect_eq(r->channels.visits.stats.open, 0, "a visit did not end");
    cr_expect_eq(r->channels.visits.stats.refused, r->refused);
    cr_expect_eq(r->channels.visits.stats.opened, r->opened);
    hz_channels_close(&r->channels, NULL, NULL);
    hz_block_pool_release(pool);
    hz_bus_close(bus);
    uv_run(&r->loop, UV_RUN_DEFAULT);
    hz_jobs_close(&r->jobs);
    cr_assert_eq(uv_loop_close(&r->loop), 0);
    hz_conf_receiver_free(receiver);
}

static void run_free(struct run *r)
{
    for (size_t i = 0; i < r->n; i++)
        free(r->line[i]);
}

/* The line without its noise, which a visit measures in other samples. */
static void without_noise(const char *line, char *out)
{
    const char *from = strstr(line, "\"noise_dbfs\""), *to = strstr(line, "\"offset_hz\"");
    cr_assert(from && to && strlen(line) < 1000);
    sprintf(out, "%.*s%s", (int)(from - line), line, to);
}

/* Lines of a that b has too, all but the noise. */
static size_t common(const struct run *a, const struct run *b)
{
    char x[1000], y[1000];
    size_t n = 0;
    for (size_t i = 0; i < a->n; i++) {
        bool found = false;
        for (size_t k = 0; k < b->n && !found; k++) {
            without_noise(a->line[i], x);
            without_noise(b->line[k], y);
            found = strcmp(x, y) == 0;
        }
        n += found;
    }
    return n;
}

/* Lines of channels whose names begin so. */
static size_t of_channels(const struct run *r, const char *names, const char *line[LINES])
{
    char key[40];
    size_t n = 0;
    snprintf(key, sizeof key, "\"channel\":\"%s", names);
    for (size_t i = 0; i < r->n; i++) {
        if (strstr(r->line[i], key))
            line[n++] = r->line[i];
    }
    return n;
}

Test(visits, decode_what_is_past_as_a_configured_channel_does, .timeout = 60)
{
    struct air air;
    struct run configured, visited;
    hz_jobs_size_pool(4);
    air_init(&air);
    play(&configured, &air, 2, 0, true);
    play(&visited, &air, 2, 16, false);
    cr_expect_gt(configured.n, 20);
    cr_expect_eq(visited.refused, 0);
    cr_expect_geq(visited.opened, configured.n);
    cr_expect_gt(visited.most, 1);
    cr_expect_eq(common(&configured, &visited), configured.n, "some were missed");
    cr_expect_eq(common(&visited, &configured), visited.n, "some differ");
    run_free(&configured);
    run_free(&visited);
    free(air.iq);
}

static void expect_same(const struct run *a, const struct run *b)
{
    cr_expect_eq(a->opened, b->opened);
    cr_expect_eq(a->refused, b->refused);
    cr_assert_eq(a->n, b->n);
    for (size_t i = 0; i < a->n; i++)
        cr_assert_str_eq(a->line[i], b->line[i]);
}

/* With a pool that is used up too: which visits are refused is a matter of the turns. */
Test(visits, give_the_same_bytes_with_any_number_of_workers, .timeout = 60)
{
    struct air air;
    struct run one, four;
    size_t refused[4];
    hz_jobs_size_pool(4);
    air_init(&air);
    for (size_t pool = 1; pool <= 3; pool++) {
        play(&one, &air, 1, pool, true);
        play(&four, &air, 4, pool, true);
        refused[pool] = one.refused;
        expect_same(&one, &four);
        run_free(&one);
        run_free(&four);
    }
    cr_expect_gt(refused[1], refused[2]);
    cr_expect_gt(refused[1], 0);
    free(air.iq);
}

/* Those that find the pool used up are refused and counted; the channels do not notice. */
Test(visits, disturb_no_other_channel_when_the_pool_is_used_up, .timeout = 60)
{
    struct air air;
    struct run alone, beside;
    const char *a[LINES], *b[LINES];
    hz_jobs_size_pool(4);
    air_init(&air);
    play(&alone, &air, 2, 0, true);
    play(&beside, &air, 2, 1, true);
    cr_expect_gt(beside.refused, 0);
    cr_expect_gt(beside.opened, 5);
    cr_expect_eq(beside.most, 1);
    size_t n = of_channels(&alone, "ais@", a), more = 0;
    cr_assert_eq(of_channels(&beside, "a\"", b) + of_channels(&beside, "b\"", b), n);
    for (int k = 0; k < 2; k++) { /* name by name, in their order */
        n = of_channels(&alone, k ? "ais@162.025" : "ais@161.975", a);
        more = of_channels(&beside, k ? "b\"" : "a\"", b);
        cr_assert_eq(n, more);
        for (size_t i = 0; i < n; i++)
            cr_expect_str_eq(strstr(a[i], "\"protocol\""), strstr(b[i], "\"protocol\""));
    }
    run_free(&alone);
    run_free(&beside);
    free(air.iq);
}

Test(visits, are_refused_where_there_is_nothing_to_hear)
{
    struct hz_channels c;
    struct hz_conf_receiver *receiver = hz_conf_receiver_new(&hz_file_kind, "rx");
    uv_loop_t loop;
    struct hz_jobs jobs;
    char err[200];
    uv_loop_init(&loop);
    hz_jobs_init(&jobs, &loop, 1);
    cr_assert(receiver);
    struct hz_channels_env env = {.jobs = &jobs, .receiver = receiver, .progress = on_progress};
    hz_channels_init(&c, &env);
    cr_assert_eq(hz_channels_allow_visits(&c, 2), 0);
    struct hz_visit visit = {.decoder = hz_decoder_find("ais")};
    cr_expect_eq(hz_channels_visit(&c, &visit, err, sizeof err), -EAGAIN);
    cr_expect_eq(hz_channels_leave(&c, 1), -ENOENT);
    cr_expect_eq(hz_channels_parts(&c), 2);
    hz_channels_close(&c, NULL, NULL);
    hz_jobs_close(&jobs);
    cr_assert_eq(uv_loop_close(&loop), 0);
    hz_conf_receiver_free(receiver);
}
