/* The search for a gain (dsp/gain_search.h) with models of a tuner, an antenna and its traffic. */
#include "dsp/gain_search.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const short r820t[] = {0,   9,   14,  27,  37,  77,  87,  125, 144, 157,
                              166, 197, 207, 229, 254, 280, 297, 328, 338, 364,
                              372, 386, 402, 421, 434, 439, 445, 480, 496};
enum { GAINS = sizeof r820t / sizeof *r820t, HOURS = 2 };

struct site {
    double best_db, width_db; /* where most is decoded, and how far from there it is a third */
    double per_s;             /* messages there */
    double swings;            /* traffic comes and goes by that share, in 13 minutes */
    double clips_from_db;     /* from where samples are clipped */
};

struct outcome {
    double found_s, found_db; /* when it first rested, and where */
    double clipped_s;         /* in which samples were clipped */
    double share; /* of the messages that the best gain would have decoded in two hours */
};

static double uniform(unsigned *seed)
{
    return rand_r(seed) / (RAND_MAX + 1.0);
}

static double poisson(double mean, unsigned *seed)
{
    double n = 0;
    for (double p = uniform(seed), limit = exp(-mean); p > limit; n++)
        p *= uniform(seed);
    return n;
}

static double rate(const struct site *w, double gain_db, double t)
{
    double off = (gain_db - w->best_db) / w->width_db;
    return w->per_s * exp(-off * off) * (1 + w->swings * sin(t / 125));
}

static struct outcome run(const struct site *w, double start_db, unsigned seed)
{
    struct hz_gain_search s;
    struct outcome o = {.found_s = -1};
    double got = 0, possible = 0;
    hz_gain_search_init(&s, r820t, GAINS, start_db);
    for (double t = 0; t < HOURS * 3600; t++) {
        double gain = hz_gain_search_now(&s), n = poisson(rate(w, gain, t), &seed);
        bool clips = gain >= w->clips_from_db;
        got += n;
        possible += rate(w, w->best_db, t);
        o.clipped_s += clips;
        hz_gain_search_feed(&s, 1, n, clips ? 5 : 0.01);
        if (s.phase == HZ_GAIN_RESTS && o.found_s < 0) {
            o.found_s = t;
            o.found_db = hz_gain_search_best(&s);
        }
    }
    o.share = got / possible;
    if (getenv("HZ_FIGURES"))
        printf(
            "best %4.1f dB, %5.2f messages/s: from %4.1f dB found %4.1f dB after %4.0f s, clipped "
            "%2.0f s, %2.0f %% of the messages of two hours\n",
            w->best_db, w->per_s, start_db, o.found_db, o.found_s, o.clipped_s, 100 * o.share);
    return o;
}

static const struct site busy = {36, 14, 8, 0.5, 99}, sparse = {36, 14, 0.3, 0.5, 99};

static void expect_found(const struct site *w, double start_db, double within_s, double within_db)
{
    for (unsigned seed = 1; seed <= 5; seed++) {
        struct outcome o = run(w, start_db, seed);
        cr_expect(o.found_s > 0 && o.found_s < within_s, "%g dB: %g s", start_db, o.found_s);
        cr_expect(fabs(o.found_db - w->best_db) < within_db, "%g dB: %g dB", start_db, o.found_db);
    }
}

Test(gain_search, finds_the_best_gain_from_low_and_from_high)
{
    expect_found(&busy, 0, 2400, 6);
    expect_found(&busy, 49.6, 2400, 6);
    expect_found(&busy, 36.4, 2400, 6);
}

Test(gain_search, finds_it_with_little_traffic)
{
    expect_found(&sparse, 0, 6000, 9);
    expect_found(&sparse, 49.6, 6000, 9);
}

Test(gain_search, costs_few_messages)
{
    struct outcome o = run(&busy, 36.4, 1);
    cr_expect(o.share > 0.85, "%g", o.share);
}

Test(gain_search, leaves_a_gain_that_clips_within_seconds_and_keeps_away)
{
    struct site loud = busy;
    loud.clips_from_db = 40;
    struct hz_gain_search s;
    hz_gain_search_init(&s, r820t, GAINS, 49.6);
    int t = 0;
    while (hz_gain_search_now(&s) >= 40 && t < 60)
        hz_gain_search_feed(&s, 1, 5, hz_gain_search_now(&s) >= 40 ? 5 : 0), t++;
    cr_expect(t <= 8, "%d s", t);
    struct outcome o = run(&loud, 49.6, 1);
    cr_expect(o.clipped_s < 30, "%g s", o.clipped_s);
    cr_expect(o.found_db < 40 && o.found_db > 28, "%g dB", o.found_db);
}

Test(gain_search, a_single_clipped_second_is_nothing)
{
    struct hz_gain_search s;
    hz_gain_search_init(&s, r820t, GAINS, 40.2);
    cr_expect_not(hz_gain_search_feed(&s, 1, 5, 30));
    cr_expect_not(hz_gain_search_feed(&s, 1, 5, 0));
    cr_expect_not(hz_gain_search_feed(&s, 1, 5, 30));
}

Test(gain_search, goes_through_the_gains_while_nothing_is_decoded)
{
    const struct site low = {10, 6, 2, 0, 99};
    for (unsigned seed = 1; seed <= 5; seed++) {
        struct outcome o = run(&low, 49.6, seed);
        cr_expect(fabs(o.found_db - 10) < 5 && o.found_s > 0, "%g dB after %g s", o.found_db,
                  o.found_s);
    }
}

Test(gain_search, a_silent_band_ends_where_it_began)
{
    const struct site silent = {36, 14, 0, 0, 99};
    struct outcome o = run(&silent, 36.4, 1);
    cr_expect_float_eq(o.found_db, 36.4, 0.01);
}

Test(gain_search, with_one_gain_there_is_nothing_to_do)
{
    static const short one[] = {0};
    struct hz_gain_search s;
    hz_gain_search_init(&s, one, 1, 30);
    for (int t = 0; t < 1000; t++)
        cr_assert_not(hz_gain_search_feed(&s, 1, 1, 50));
    cr_expect_float_eq(hz_gain_search_now(&s), 0, 0);
}

/* It rests again with the same gain, and counts what it had. */
Test(gain_search, looks_again_after_a_rest)
{
    struct hz_gain_search s;
    unsigned seed = 3, rests = 0;
    bool rested = false;
    hz_gain_search_init(&s, r820t, GAINS, 36.4);
    for (double t = 0; t < 4 * 3600; t++) {
        hz_gain_search_feed(&s, 1, poisson(rate(&busy, hz_gain_search_now(&s), t), &seed), 0);
        rests += s.phase == HZ_GAIN_RESTS && !rested;
        rested = s.phase == HZ_GAIN_RESTS;
    }
    cr_expect_geq(rests, 2);
    cr_expect(fabs(hz_gain_search_best(&s) - 36) < 6, "%g", hz_gain_search_best(&s));
}
