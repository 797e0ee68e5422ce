/* The estimate of a crystal's error (dsp/crystal.h) and the correction that is made from it, in a
 * model of a receiver: its crystal is off and drifts, its transmitters are off too, and it hears
 * them only when its channels are near enough. */
#include "dsp/crystal.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { TRANSMITTERS = 40, SECONDS = 3600 };

struct model {
    double error_ppm, drift_per_min; /* of our crystal, at the start */
    double liars;                    /* share of transmitters that are far off, all to one side */
    double per_s;                    /* messages */
    double hears_ppm;                /* farther off nothing is decoded */
    /* error of the clock's line, 10 s after the device was set; falls as the time to 1.5 */
    double clock_noise_ppm;
};

struct outcome {
    double good_s;     /* from when on the whole correction is within 1 ppm; -1: never */
    double worst_ppm;  /* error of the correction after 10 minutes */
    unsigned settings; /* of the device */
    unsigned turns;    /* changes of the device's direction */
};

static double uniform(unsigned *seed)
{
    return rand_r(seed) / (RAND_MAX + 1.0);
}

static double noise(unsigned *seed)
{
    double sum = -6;
    for (int i = 0; i < 12; i++)
        sum += uniform(seed);
    return sum;
}

/* A vessel's transmitter: within 3 ppm. A liar: 10 to 20 ppm too high. */
static double transmitter_ppm(const struct model *m, unsigned i)
{
    unsigned seed = i * 7919 + 17;
    double at = uniform(&seed);
    if (i < m->liars * TRANSMITTERS)
        return 10 + 10 * at;
    return 6 * at - 3;
}

static struct outcome run(const struct model *m, unsigned seed)
{
    struct hz_crystal c;
    struct hz_crystal_correction in_force = {0};
    struct outcome o = {.good_s = -1};
    double set_s = 0, last_step = 0, z = noise(&seed);
    hz_crystal_init(&c);
    for (int t = 0; t < SECONDS; t++) {
        double error = m->error_ppm + m->drift_per_min * t / 60;
        double whole = in_force.device_ppm + in_force.rest_ppm;
        for (double k = uniform(&seed); k < m->per_s; k++) {
            unsigned who = (unsigned)(uniform(&seed) * TRANSMITTERS);
            double carrier = transmitter_ppm(m, who);
            if (fabs(error - whole - carrier) < m->hears_ppm)
                hz_crystal_hear(&c, who + 1, 1.7, error - carrier + 0.3 * noise(&seed), t);
        }
        double measured_s = t - set_s;
        if (m->clock_noise_ppm > 0 && measured_s >= 5) {
            double sigma = m->clock_noise_ppm * pow(10 / measured_s, 1.5);
            hz_crystal_clock(&c, error + sigma * z, sigma);
        }
        struct hz_crystal_estimate e = hz_crystal_now(&c);
        struct hz_crystal_correction next = hz_crystal_correct(&e, in_force);
        double step = next.device_ppm - in_force.device_ppm;
        o.settings += step != 0;
        o.turns += step * last_step < 0;
        last_step = step != 0 ? step : last_step;
        set_s = step != 0 ? t : set_s;
        z = step != 0 ? noise(&seed) : z;
        in_force = next;
        double left = fabs(error - in_force.device_ppm - in_force.rest_ppm);
        if (left > 1)
            o.good_s = -1;
        else if (o.good_s < 0)
            o.good_s = t;
        if (t > 600)
            o.worst_ppm = fmax(o.worst_ppm, left);
    }
    return o;
}

/* The worst of ten runs; settings and turns are their maximum too. */
static struct outcome worst(const char *name, struct model m)
{
    struct outcome all = {0};
    for (unsigned seed = 1; seed <= 10; seed++) {
        struct outcome o = run(&m, seed);
        all.good_s = o.good_s < 0 || all.good_s < 0 ? -1 : fmax(all.good_s, o.good_s);
        all.worst_ppm = fmax(all.worst_ppm, o.worst_ppm);
        all.settings = o.settings > all.settings ? o.settings : all.settings;
        all.turns = o.turns > all.turns ? o.turns : all.turns;
    }
    if (getenv("HZ_FIGURES"))
        printf("%-28s within 1 ppm after %4.0f s, worst after 10 min %.2f ppm, %u settings of the "
               "device, %u turns\n",
               name, all.good_s, all.worst_ppm, all.settings, all.turns);
    return all;
}

static const struct model busy = {.per_s = 2, .hears_ppm = 25, .clock_noise_ppm = 20};

static struct model off_by(double ppm)
{
    struct model m = busy;
    m.error_ppm = ppm;
    return m;
}

Test(crystal, is_found_from_80_ppm_on_either_side)
{
    struct outcome high = worst("+80 ppm", off_by(80)), low = worst("-80 ppm", off_by(-80));
    cr_expect(high.good_s >= 0 && high.good_s < 180, "%g", high.good_s);
    cr_expect(low.good_s >= 0 && low.good_s < 180, "%g", low.good_s);
    cr_expect(high.worst_ppm < 1 && low.worst_ppm < 1);
    cr_expect(high.settings <= 5 && low.settings <= 5, "%u, %u", high.settings, low.settings);
}

Test(crystal, is_followed_when_it_drifts_by_1_ppm_a_minute)
{
    struct model m = off_by(-20);
    m.drift_per_min = 1;
    struct outcome o = worst("drift of 1 ppm a minute", m);
    cr_expect(o.worst_ppm < 1, "%g", o.worst_ppm);
    cr_expect_leq(o.turns, 2); /* the device is set forward, again and again */
}

Test(crystal, is_found_among_liars)
{
    struct model m = off_by(80);
    m.liars = 0.25;
    struct outcome o = worst("+80 ppm, a quarter lie", m);
    cr_expect(o.good_s >= 0 && o.worst_ppm < 1.2, "%g, %g", o.good_s, o.worst_ppm);
    m = off_by(-20);
    m.liars = 0.25;
    m.drift_per_min = 1;
    o = worst("drift, a quarter lie", m);
    cr_expect(o.worst_ppm < 1.5, "%g", o.worst_ppm);
}

Test(crystal, is_steady_once_found)
{
    struct outcome o = worst("0 ppm", off_by(0));
    cr_expect_eq(o.settings, 0);
    cr_expect(o.worst_ppm < 1, "%g", o.worst_ppm);
}

Test(crystal, is_found_with_few_messages)
{
    struct model m = off_by(15);
    m.per_s = 0.05; /* three a minute */
    struct outcome o = worst("three messages a minute", m);
    cr_expect(o.good_s >= 0, "%g", o.good_s);
    cr_expect_leq(o.settings, 4);
}

Test(crystal, one_transmitter_has_one_vote)
{
    struct hz_crystal c;
    hz_crystal_init(&c);
    for (int i = 0; i < 1000; i++)
        hz_crystal_hear(&c, 1, 1, 12, i);
    for (unsigned who = 2; who < 6; who++)
        hz_crystal_hear(&c, who, 1, 3, 1000);
    struct hz_crystal_estimate e = hz_crystal_now(&c);
    cr_assert_eq(e.from, HZ_CRYSTAL_AIR);
    cr_assert_eq(e.transmitters, 5);
    cr_expect_float_eq(e.ppm, 3, 0.01);
}

Test(crystal, exact_transmitters_weigh_more)
{
    struct hz_crystal c;
    hz_crystal_init(&c);
    hz_crystal_hear(&c, 1, 0.5, 7, 0);
    for (unsigned who = 2; who < 5; who++)
        hz_crystal_hear(&c, who, 3, -2, 0);
    cr_expect_float_eq(hz_crystal_now(&c).ppm, 7, 0.01);
}

Test(crystal, too_few_transmitters_say_nothing)
{
    struct hz_crystal c;
    hz_crystal_init(&c);
    cr_expect_eq(hz_crystal_now(&c).from, HZ_CRYSTAL_NOTHING);
    hz_crystal_hear(&c, 1, 1, 7, 0);
    hz_crystal_hear(&c, 2, 1, 7, 0);
    cr_expect_eq(hz_crystal_now(&c).from, HZ_CRYSTAL_NOTHING);
    struct hz_crystal_estimate none = hz_crystal_now(&c);
    struct hz_crystal_correction as_it_was = {3, 0.5};
    cr_expect_float_eq(hz_crystal_correct(&none, as_it_was).device_ppm, 3, 0);
    cr_expect_float_eq(hz_crystal_correct(&none, as_it_was).rest_ppm, 0.5, 0);
}

Test(crystal, what_was_recalled_counts_unless_the_clock_contradicts)
{
    struct hz_crystal c;
    hz_crystal_init(&c);
    hz_crystal_recall(&c, 31, 1);
    cr_expect_float_eq(hz_crystal_now(&c).ppm, 31, 0);
    hz_crystal_clock(&c, 25, 3);
    cr_expect_eq(hz_crystal_now(&c).from, HZ_CRYSTAL_RECALLED);
    hz_crystal_clock(&c, -40, 3); /* another dongle */
    cr_expect_eq(hz_crystal_now(&c).from, HZ_CRYSTAL_CLOCK);
    cr_expect_float_eq(hz_crystal_now(&c).ppm, -40, 0);
}

Test(crystal, a_step_is_followed_at_once)
{
    struct hz_crystal c;
    hz_crystal_init(&c);
    for (int t = 0; t < 60; t++)
        hz_crystal_hear(&c, (unsigned)t % 5 + 1, 1, 2, t);
    for (int t = 60; t < 85; t++)
        hz_crystal_hear(&c, (unsigned)t % 5 + 1, 1, 14, t);
    cr_expect_float_eq(hz_crystal_now(&c).ppm, 14, 1.5);
}

Test(crystal, forgets_the_transmitter_that_was_silent_for_longest)
{
    struct hz_crystal c;
    hz_crystal_init(&c);
    for (unsigned who = 1; who <= HZ_CRYSTAL_VOTES; who++)
        hz_crystal_hear(&c, who, 1, 50, who);
    for (unsigned who = 1001; who <= 1000 + HZ_CRYSTAL_VOTES; who++)
        hz_crystal_hear(&c, who, 1, 1, who);
    cr_expect_eq(hz_crystal_now(&c).transmitters, HZ_CRYSTAL_VOTES);
    cr_expect_float_eq(hz_crystal_now(&c).ppm, 1, 0.01);
}
