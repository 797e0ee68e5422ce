/* Properties of the sample clock over hundreds of random schedules, made by a model of the way that
 * samples take: a dongle, a queue of so many blocks that drops its oldest, a link of changing
 * capacity that stalls, and a delay that steps and jitters. Nothing lost: no gap is ever told.
 * Lost: it is found. Times are right within stated bounds through both. */
#include "daemon/receive/clock.h"

#include <criterion/criterion.h>
#include <math.h>

enum { QUEUE = 4096, TRANSFERS = 15 /* that librtlsdr has under way */ };
static const double block_s = 0.016, utc_ahead_s = 500, start_s = 1000;

struct way {
    uint64_t random;
    double rate, true_rate; /* asked for; the crystal's */
    /* as they are now */
    double capacity;             /* of the link, in multiples of the rate */
    double stall_from, stall_to; /* the link carries nothing */
    double delay, jitter;        /* s */
    double next_change;          /* s */
    double least_delay;          /* of the schedule, */
    double delay_steps;          /* and by how much it may rise */
    size_t room;                 /* of the queue, in blocks */
    /* blocks */
    uint64_t block, produced, counted, lost, found;
    uint64_t queue[QUEUE]; /* first samples of those that wait */
    size_t first, n;
    double link_free, arrived;
    double best;                    /* least delay of any block that has arrived */
    double worst_early, worst_late; /* error of the times against that */
    double check_from;
    int gaps;
    struct hz_clock_loss loss;
    struct hz_clock clock;
};

static double uniform(struct way *w, double low, double high)
{
    w->random = w->random * 6364136223846793005u + 1442695040888963407u;
    return low + (high - low) * (double)(w->random >> 40) / (double)(1 << 24);
}

static double chosen(struct way *w, const double *of, size_t n)
{
    return of[(size_t)uniform(w, 0, (double)n)];
}

/* A block has come, its last sample produced at that time. */
static void arrive(struct way *w, uint64_t end, double at)
{
    double made = (double)end / w->true_rate;
    w->arrived = fmax(w->arrived, at);
    w->counted += w->block;
    w->best = fmin(w->best, w->arrived - made);
    int64_t mono = (int64_t)llround((start_s + w->arrived) * 1e9);
    int64_t utc = mono + (int64_t)llround(utc_ahead_s * 1e9);
    if (hz_clock_block(&w->clock, w->counted, mono, utc, &w->loss)) {
        w->gaps++;
        w->counted += w->loss.samples;
        w->found += w->loss.samples;
        cr_assert_leq(w->loss.sample, w->counted);
    }
    struct hz_stamp s = hz_clock_stamp(&w->clock, w->counted);
    double error = (double)s.utc_ns / 1e9 - start_s - utc_ahead_s - made - w->best;
    if (w->arrived < w->check_from)
        return;
    w->worst_early = fmin(w->worst_early, error);
    w->worst_late = fmax(w->worst_late, error);
}

/* Sends what the link can carry until then. */
static void carry(struct way *w, double until)
{
    while (w->n > 0) {
        uint64_t end = w->queue[w->first] + w->block;
        double begins = fmax(w->link_free, (double)end / w->true_rate);
        if (begins >= w->stall_from && begins < w->stall_to)
            begins = w->stall_to;
        if (begins > until)
            return;
        w->link_free = begins + block_s / w->capacity;
        w->first = (w->first + 1) % QUEUE;
        w->n--;
        double jitter = -w->jitter * log(uniform(w, 1e-6, 1));
        arrive(w, end, w->link_free + w->delay + jitter);
    }
}

static void stall(struct way *w, double now, double seconds)
{
    w->stall_from = now;
    w->stall_to = now + seconds;
}

/* Something of the network changes, or the capture thread of a dongle is held up. */
static void change(struct way *w, double now)
{
    if (w->clock.path == HZ_PATH_USB) {
        stall(w, now, uniform(w, 0.01, 0.2));
        w->next_change = now + uniform(w, 0.3, 5);
        return;
    }
    double kind = uniform(w, 0, 1);
    w->capacity = uniform(w, 1.05, 10);
    w->next_change = now + uniform(w, 0.5, 20);
    if (kind < 0.4) {
        w->delay = w->least_delay + uniform(w, 0, w->delay_steps);
    } else if (kind < 0.7) {
        stall(w, now, uniform(w, 0.05, 1.9));
    } else if (kind < 0.85) {
        w->capacity = uniform(w, 0.3, 0.98);
        w->next_change = now + uniform(w, 0.5, 6);
    }
}

/* From now on nothing changes. */
static void calm(struct way *w)
{
    w->next_change = INFINITY;
    w->capacity = uniform(w, 1.2, 10);
}

static double now(const struct way *w)
{
    return (double)w->produced / w->true_rate;
}

/* Lets so many seconds pass. */
static void run(struct way *w, double seconds)
{
    for (double until = now(w) + seconds; now(w) < until; w->produced += w->block) {
        double at = (double)(w->produced + w->block) / w->true_rate;
        if (at >= w->next_change)
            change(w, at);
        carry(w, at);
        while (w->n >= w->room) {
            w->first = (w->first + 1) % QUEUE;
            w->n--;
            w->lost += w->block;
        }
        w->queue[(w->first + w->n++) % QUEUE] = w->produced;
    }
}

static struct way begin(uint64_t seed, enum hz_source_path path)
{
    static const double rates[] = {250e3, 1024e3, 2.4e6};
    struct way w = {.random = seed * 7919 + 1, .best = INFINITY};
    uniform(&w, 0, 1);
    w.rate = chosen(&w, rates, 3);
    w.true_rate = w.rate * (1 + 1e-6 * uniform(&w, -100, 100));
    w.block = (uint64_t)lround(w.rate * block_s);
    w.capacity = 4;
    w.room = QUEUE - 1;
    hz_clock_start(&w.clock, w.rate, path);
    return w;
}

/* ---- TCP -------------------------------------------------------------------------------- */

static struct way begin_tcp(uint64_t seed)
{
    static const double jitters[] = {0, 0.2e-3, 1e-3, 5e-3};
    struct way w = begin(seed, HZ_PATH_TCP);
    w.jitter = chosen(&w, jitters, 4);
    w.least_delay = w.delay = uniform(&w, 0, 0.3);
    w.delay_steps = uniform(&w, 0, 0.24);
    if (uniform(&w, 0, 1) < 0.5)
        w.stall_to = uniform(&w, 0, 1.9); /* it begins with a stall */
    w.check_from = 2;
    return w;
}

static void check_times(const struct way *w, double bound_s)
{
    cr_assert_gt(w->worst_early, -bound_s);
    cr_assert_lt(w->worst_late, bound_s);
}

Test(clock_random, tcp_without_loss_has_no_gap_and_right_times)
{
    for (uint64_t seed = 0; seed < 300; seed++) {
        struct way w = begin_tcp(seed);
        run(&w, 300);
        cr_assert_eq(w.lost, 0);
        cr_assert_eq(w.gaps, 0, "seed %d: %.3f s told as lost", (int)seed,
                     (double)w.found / w.rate);
        check_times(&w, 40e-3); /* 100 ppm, unknown for 300 s, and jitter */
        double ppm = hz_clock_ppm(&w.clock);
        cr_assert(isnan(ppm) || fabs(ppm - (w.true_rate / w.rate - 1) * 1e6) < 10);
    }
}

Test(clock_random, tcp_that_only_jitters_has_times_as_good_as_usb)
{
    for (uint64_t seed = 0; seed < 20; seed++) {
        struct way w = begin_tcp(seed);
        calm(&w);
        w.jitter = fmin(w.jitter, 1e-3);
        run(&w, 1800);
        cr_assert_eq(w.gaps, 0);
        check_times(&w, 4e-3);
        cr_assert_float_eq(hz_clock_ppm(&w.clock), (w.true_rate / w.rate - 1) * 1e6, 2);
    }
}

Test(clock_random, tcp_server_that_drops_in_a_stall_is_found_and_sized)
{
    for (uint64_t seed = 0; seed < 300; seed++) {
        struct way w = begin_tcp(seed);
        run(&w, 40);
        calm(&w);
        run(&w, 25);
        cr_assert_eq(w.gaps, 0);
        uint64_t before = w.counted;
        double queue_s = uniform(&w, 0.3, 1);
        w.room = (size_t)(queue_s / block_s);
        stall(&w, now(&w), queue_s + uniform(&w, 0.4, 0.9));
        run(&w, 20);
        cr_assert_gt((double)w.lost / w.rate, 0.35);
        cr_assert_eq(w.gaps, 1, "seed %d: lost %.3f s, told %d times", (int)seed,
                     (double)w.lost / w.rate, w.gaps);
        cr_assert_float_eq((double)w.found, (double)w.lost, 0.03 * w.rate, "seed %d: %.4f of %.4f",
                           (int)seed, (double)w.found / w.rate, (double)w.lost / w.rate);
        /* after the last block in time, of which jitter leaves few */
        cr_assert_float_eq((double)w.loss.sample, (double)before,
                           (w.jitter < 2e-3 ? 0.05 : 5) * w.rate, "seed %d", (int)seed);
        w.check_from = now(&w);
        w.worst_early = w.worst_late = 0;
        run(&w, 60);
        cr_assert_eq(w.gaps, 1, "it is told once");
        check_times(&w, 40e-3);
    }
}

Test(clock_random, tcp_server_that_drops_is_found_while_the_network_goes_on_changing)
{
    for (uint64_t seed = 0; seed < 200; seed++) {
        struct way w = begin_tcp(seed);
        double steps = w.delay_steps = fmin(w.delay_steps, 0.1);
        run(&w, 60);
        size_t room = w.room;
        w.room = 30;
        w.next_change = now(&w) + 3;
        stall(&w, now(&w), 1.8);
        run(&w, 4);
        w.room = room;
        run(&w, 300);
        cr_assert_geq(w.gaps, 1, "seed %d: lost %.3f s", (int)seed, (double)w.lost / w.rate);
        cr_assert_float_eq((double)w.found, (double)w.lost, (steps + 0.03) * w.rate,
                           "seed %d: %.4f of %.4f", (int)seed, (double)w.found / w.rate,
                           (double)w.lost / w.rate);
    }
}

Test(clock_random, tcp_link_too_slow_for_longer_than_any_queue)
{
    struct way w = begin_tcp(3);
    w.rate = 2.4e6;
    w.true_rate = w.rate * (1 + 20e-6);
    w.block = 38400;
    hz_clock_start(&w.clock, w.rate, HZ_PATH_TCP);
    calm(&w);
    w.room = 1706; /* 500 transfers of 256 KiB */
    run(&w, 30);
    w.capacity = 0.5;
    run(&w, 20);
    double received = 0;
    cr_assert_eq(hz_clock_pace(&w.clock, &received), HZ_CLOCK_SLOW);
    cr_assert_float_eq(received, 1.2e6, 0.05e6);
    cr_assert_eq(w.gaps, 0, "it may all wait in the server");
    run(&w, 70);
    w.capacity = 3;
    run(&w, 60);
    cr_assert_gt((double)w.lost / w.rate, 10);
    cr_assert_float_eq((double)w.found / w.rate, (double)w.lost / w.rate, 0.3);
    cr_assert_eq(hz_clock_pace(&w.clock, &received), HZ_CLOCK_ON_TIME);
}

Test(clock_random, tcp_lateness_that_a_network_may_have_is_no_loss)
{
    for (uint64_t seed = 0; seed < 50; seed++) {
        struct way w = begin_tcp(seed);
        calm(&w);
        run(&w, 30);
        w.delay += uniform(&w, 0.01, 0.9);
        run(&w, 60);
        cr_assert_eq(w.gaps, 0);
        check_times(&w, 15e-3);
        w.produced += (uint64_t)(1.1 * w.rate) / w.block * w.block; /* no delay rises by so much */
        run(&w, 15);
        cr_assert_eq(w.gaps, 1);
    }
}

Test(clock_random, tcp_server_with_another_rate_is_named)
{
    static const double factors[] = {0.8, 0.98, 1.02, 1.3, 4};
    for (size_t i = 0; i < 5; i++) {
        struct way w = begin_tcp(i);
        calm(&w);
        w.capacity = 10;
        w.true_rate = w.rate * factors[i];
        double received = 0;
        cr_assert_eq(hz_clock_pace(&w.clock, &received), HZ_CLOCK_ON_TIME);
        run(&w, 15);
        cr_assert_eq(hz_clock_pace(&w.clock, &received),
                     factors[i] > 1 ? HZ_CLOCK_FAST : HZ_CLOCK_SLOW);
        cr_assert_float_eq(received / w.rate, factors[i], 0.01);
        cr_assert_eq(w.gaps, 0);
    }
}

Test(clock_random, a_catch_up_is_hurried_and_the_rate_is_not)
{
    struct way w = begin_tcp(1);
    calm(&w);
    w.jitter = 0.2e-3;
    run(&w, 10);
    cr_assert_not(hz_clock_hurried(&w.clock));
    stall(&w, now(&w), 1);
    w.capacity = 8;
    run(&w, 1.1);
    cr_assert(hz_clock_hurried(&w.clock));
    run(&w, 10);
    cr_assert_not(hz_clock_hurried(&w.clock));
}

/* ---- USB -------------------------------------------------------------------------------- */

static struct way begin_usb(uint64_t seed)
{
    struct way w = begin(seed, HZ_PATH_USB);
    w.jitter = 0.1e-3;
    w.capacity = 1000;
    w.room = TRANSFERS;
    w.check_from = 4;
    if (uniform(&w, 0, 1) < 0.5)
        w.stall_to = uniform(&w, 0, 0.2); /* it begins late */
    return w;
}

Test(clock_random, usb_without_loss_has_no_gap_and_right_times)
{
    for (uint64_t seed = 0; seed < 300; seed++) {
        struct way w = begin_usb(seed);
        run(&w, 120);
        cr_assert_eq(w.lost, 0);
        cr_assert_eq(w.gaps, 0, "seed %d: %.4f s told as lost", (int)seed,
                     (double)w.found / w.rate);
        check_times(&w, 1e-3);
        cr_assert_float_eq(hz_clock_ppm(&w.clock), (w.true_rate / w.rate - 1) * 1e6, 10);
    }
}

Test(clock_random, usb_loss_is_found_within_4_s_placed_and_sized)
{
    for (uint64_t seed = 0; seed < 300; seed++) {
        struct way w = begin_usb(seed);
        run(&w, uniform(&w, 6, 60));
        w.next_change = INFINITY;
        run(&w, 0.3);
        uint64_t before = w.counted, lost = 0;
        if (seed % 2)
            w.produced += lost = (uint64_t)(uniform(&w, 2e-3, 1) * w.rate);
        else
            stall(&w, now(&w), uniform(&w, 0.3, 1.5));
        run(&w, 5.5); /* of which up to 1.5 s stalled */
        lost += w.lost;
        cr_assert_eq(w.gaps, 1, "seed %d: lost %.4f s, told %d times", (int)seed,
                     (double)lost / w.rate, w.gaps);
        cr_assert_float_eq((double)w.found, (double)lost, 0.5e-3 * w.rate);
        cr_assert_float_eq((double)w.loss.sample, (double)before, 1.5 * (double)w.block);
        w.check_from = now(&w);
        w.worst_early = w.worst_late = 0;
        w.next_change = 0;
        run(&w, 30);
        cr_assert_eq(w.gaps, 1);
        check_times(&w, 1e-3);
    }
}
