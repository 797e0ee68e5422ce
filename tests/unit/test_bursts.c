/* Channels that take bursts: one visit for each candidate in the band, from its beginning on. The
 * decoder here tells what it was pushed, so that nothing of a sensor's decoder matters. */
#include "tests/unit/bursts_rig.h"

static const struct burst some[] = {
    {0.30, 0.45, -300e3, 3},   {0.35, 0.36, 210e3, 8},  {0.37, 0.60, 420e3, 2},
    {0.80, 1.70, -120e3, 0.6}, {1.00, 1.012, 503e3, 8}, {1.05, 1.25, -505e3, 20},
    {1.40, 1.46, 30e3, 100},   {1.90, 2.2, 333.3e3, 4},
};
enum { SOME = sizeof some / sizeof *some };

Test(bursts, are_heard_from_their_beginning_wherever_they_are, .timeout = 60)
{
    struct air air;
    struct run r;
    struct hz_conf_channel c = everywhere("sensors", 8);
    hz_jobs_size_pool(4);
    air_init(&air, 2.4, some, SOME);
    play(&r, &(struct play){&air, 2, TURN, .channels = &c, .n_channels = 1});
    for (size_t i = 0; i < SOME; i++)
        cr_expect_eq(whole(&r, &some[i]), 1, "burst %zu", i);
    cr_expect_leq(r.n, SOME + 1);
    cr_expect_eq(r.bursts.opened, r.n);
    cr_expect_eq(r.bursts.found, r.n);
    cr_expect_eq(r.bursts.open, 0);
    for (size_t i = 0; i < r.n; i++) {
        cr_expect(strstr(r.line[i], "\"channel\":\"sensors\""), "%s", r.line[i]);
        cr_expect_eq(number(r.line[i], "rate"), 250e3);
        cr_expect_eq(number(r.line[i], "resets"), 0);
    }
    run_free(&r);
    free(air.iq);
}

/* With too few places too: which bursts are shed is a matter of the turns. */
Test(bursts, give_the_same_bytes_for_any_block_and_number_of_workers, .timeout = 120)
{
    static const size_t block[] = {TURN, 4096, 20480, 50001};
    struct air air;
    struct run first, other;
    hz_jobs_size_pool(4);
    air_init(&air, 2.4, some, SOME);
    for (int bursts = 2; bursts <= 8; bursts += 6) {
        struct hz_conf_channel c[] = {everywhere("a", bursts), everywhere("b", 1)};
        struct play p = {&air, 1, TURN, .channels = c, .n_channels = 2};
        play(&first, &p);
        cr_expect_eq(first.bursts.shed > 0, bursts == 2);
        cr_expect_eq(first.bursts.shed, first.shed);
        for (size_t i = 0; i < 4; i++) {
            p.block = block[i];
            p.workers = i % 2 ? 1 : 4;
            play(&other, &p);
            expect_same(&first, &other);
            run_free(&other);
        }
        run_free(&first);
    }
    free(air.iq);
}

/* 0.5 s are missing in the middle of a burst, and 5 ms in another: the first is two bursts, the
 * second goes on. */
Test(bursts, end_where_samples_are_missing, .timeout = 60)
{
    static const struct burst long_one[] = {{0.30, 1.50, 200e3, 6}};
    struct air air;
    struct run r;
    struct hz_conf_channel c = everywhere("sensors", 8);
    struct play p = {&air, 2, TURN, .channels = &c, .n_channels = 1};
    hz_jobs_size_pool(4);
    air_init(&air, 1.9, long_one, 1);
    p.lost_at = 614400; /* 0.6 s */
    p.lost = 512000;
    play(&r, &p);
    cr_assert_eq(r.n, 2);
    cr_expect_leq(number(r.line[0], "from_s"), 0.3);
    cr_expect_float_eq(number(r.line[0], "to_s"), 0.62, 0.011); /* the block that they begin in */
    cr_expect_leq(number(r.line[1], "from_s"), 1.12);
    cr_expect_geq(number(r.line[1], "to_s"), 1.5);
    run_free(&r);
    p.lost = 5120;
    play(&r, &p);
    cr_assert_eq(r.n, 1);
    cr_expect_leq(number(r.line[0], "from_s"), 0.3);
    cr_expect_geq(number(r.line[0], "to_s"), 1.5);
    run_free(&r);
    free(air.iq);
}

Test(bursts, end_with_a_retune_and_with_the_stream, .timeout = 60)
{
    static const struct burst two[] = {{0.30, 0.9, 200e3, 6}, {1.3, 5, -100e3, 6}};
    struct air air;
    struct run r;
    struct hz_conf_channel c = everywhere("sensors", 8);
    hz_jobs_size_pool(4);
    air_init(&air, 1.7, two, 2);
    play(&r,
         &(struct play){&air, 2, TURN, .retuned_at = 5 * TURN, .channels = &c, .n_channels = 1});
    /* one that the retune cuts, and is a spur for whoever hears it after that; one that the end
     * cuts
     */
    cr_assert_geq(r.n, 2);
    cr_expect_leq(number(r.line[0], "to_s"), 0.64);
    cr_expect_geq(number(r.line[r.n - 1], "to_s"), 0.99); /* of the second epoch */
    run_free(&r);
    free(air.iq);
}

Test(bursts, are_looked_for_where_the_section_says, .timeout = 60)
{
    struct air air;
    struct run r;
    struct hz_conf_channel c[3] = {everywhere("near", 8), everywhere("all", 8)};
    hz_jobs_size_pool(4);
    air_init(&air, 2.4, some, SOME);
    c[0].freq_hz = CENTRE_HZ + 400e3;
    c[0].bandwidth_hz = 100e3;
    hz_conf_channel_init(&c[2], "pager", hz_decoder_find("pocsag"));
    c[2].freq_hz = CENTRE_HZ - 300e3;
    play(&r, &(struct play){&air, 2, TURN, .channels = c, .n_channels = 3});
    cr_expect_eq(r.bursts.found, 1);
    cr_expect_eq(whole(&r, &some[2]), 2); /* of both */
    cr_expect_eq(whole(&r, &some[0]), 0); /* it is the pager's */
    cr_expect_eq(whole(&r, &some[5]), 1);
    run_free(&r);
    free(air.iq);
}

/* ---- crowds ----------------------------------------------------------------------------- */

/* Counts the samples of a narrow channel, and tells what they were. */
static const struct hz_decoder neighbour = {
    .name = "neighbour",
    .title = "A channel beside",
    .input = HZ_INPUT_BASEBAND,
    .rate_min_hz = 24e3,
    .rate_max_hz = 24e3,
    .rate_hz = 24e3,
    .bandwidth_hz = 12.5e3,
    .freqs_hz = (const double[]){433.92e6, 0},
    .state_size = sizeof(struct probe),
    .init = probe_init,
    .push = probe_push,
    .reset = probe_reset,
    .flush = probe_flush,
};

static struct hz_conf_channel beside(void)
{
    struct hz_conf_channel c;
    hz_conf_channel_init(&c, "beside", &neighbour);
    c.freq_hz = CENTRE_HZ + 50e3;
    return c;
}

/* The line of the channel beside. */
static const char *line_of(const struct run *r, const char *channel)
{
    char key[40];
    snprintf(key, sizeof key, "\"channel\":\"%s\"", channel);
    for (size_t i = 0; i < r->n; i++) {
        if (strstr(r->line[i], key))
            return strstr(r->line[i], "\"protocol\"");
    }
    cr_assert_fail("no line of %s", channel);
    return NULL;
}

/* 50 bursts a second, at carriers all over the band, and a jammer: work for 4 at a time, the rest
 * is counted, and the channel beside does not notice. */
Test(bursts, of_a_crowd_are_bounded_and_counted_and_hurt_no_other_channel, .timeout = 60)
{
    static struct burst crowd[100];
    struct air air;
    struct run alone, with;
    for (int i = 0; i < 100; i++)
        crowd[i] = (struct burst){0.1 + 0.02 * i, 0.13 + 0.02 * i, -450e3 + 9e3 * ((i * 37) % 100),
                                  4 + i % 7};
    struct hz_conf_channel c[] = {beside(), everywhere("sensors", 4)};
    hz_jobs_size_pool(4);
    air_init(&air, 2.3, crowd, 100);
    play(&alone, &(struct play){&air, 2, TURN, .channels = c, .n_channels = 1});
    play(&with, &(struct play){&air, 2, TURN, .channels = c, .n_channels = 2});
    cr_expect_str_eq(line_of(&alone, "beside"), line_of(&with, "beside"));
    run_free(&with);
    struct hz_conf_channel swapped[] = {c[1], c[0]};
    play(&with, &(struct play){&air, 2, TURN, .channels = swapped, .n_channels = 2});
    cr_expect_geq(with.bursts.found, 40);
    cr_expect_gt(with.bursts.shed, 0);
    cr_expect_eq(with.bursts.shed, with.shed);
    cr_expect_eq(with.bursts.opened + with.bursts.shed, with.bursts.found);
    cr_expect_eq(with.n, with.bursts.opened + 1);
    run_free(&alone);
    run_free(&with);
    free(air.iq);
}

/* One that jumps over the whole band. */
Test(bursts, of_a_jammer_are_bounded, .timeout = 60)
{
    static struct burst jammer[400];
    struct air air;
    struct run r;
    for (int i = 0; i < 400; i++)
        jammer[i] = (struct burst){0.5 + 0.004 * i, 0.504 + 0.004 * i,
                                   -500e3 + 10e3 * ((i * 29) % 101), 90};
    struct hz_conf_channel c[] = {everywhere("sensors", 4), beside()};
    hz_jobs_size_pool(4);
    air_init(&air, 2.5, jammer, 400);
    play(&r, &(struct play){&air, 2, TURN, .channels = c, .n_channels = 2});
    cr_expect_leq(r.bursts.opened, 40);
    cr_expect_eq(r.bursts.opened + r.bursts.shed, r.bursts.found);
    line_of(&r, "beside");
    run_free(&r);
    free(air.iq);
}
