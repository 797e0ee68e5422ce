/* Decoders made up for the planner's tests, and channels that want a place. */
#ifndef HZ_TESTS_PLAN_WANTS_H
#define HZ_TESTS_PLAN_WANTS_H

#include "config/plan.h"

#include <stdio.h>
#include <string.h>

static const struct hz_decoder ships = {
    .name = "ships",
    .input = HZ_INPUT_BASEBAND,
    .rate_min_hz = 48000,
    .rate_max_hz = 48000,
    .rate_hz = 48000,
    .bandwidth_hz = 25000,
    .freqs_hz = (const double[]){161.975e6, 162.025e6, 156.775e6, 156.825e6, 0},
};
static const struct hz_decoder voice = {
    .name = "voice",
    .input = HZ_INPUT_BASEBAND,
    .rate_min_hz = 16000,
    .rate_max_hz = 48000,
    .rate_hz = 24000,
    .bandwidth_hz = 12500,
    .freqs_hz = (const double[]){156.8e6, 0},
    .squelch_db = 6,
    .quiet_ns = 5,
    .busy_ns = 300,
};
static const struct hz_decoder carriers = {
    .name = "carriers",
    .input = HZ_INPUT_BASEBAND,
    .rate_min_hz = 12000,
    .rate_max_hz = 48000,
    .rate_hz = 12000,
    .rate_wide_hz = 32000,
    .bandwidth_hz = 8330,
    .freqs_hz = (const double[]){121.5e6, 0},
};
static const struct hz_decoder wide = {
    .name = "wide",
    .input = HZ_INPUT_BASEBAND,
    .rate_min_hz = 200e3,
    .rate_max_hz = 200e3,
    .rate_hz = 200e3,
    .bandwidth_hz = 150e3,
};
static const struct hz_decoder planes = {
    .name = "planes",
    .input = HZ_INPUT_BAND,
    .rate_min_hz = 2e6,
    .rate_max_hz = 3.2e6,
    .rate_hz = 2.4e6,
    .bandwidth_hz = 2e6,
    .freqs_hz = (const double[]){1090e6, 0},
    .quiet_ns = 2,
    .busy_ns = 10,
};

enum { MANY = 600, TEXT = 65536 };

static struct hz_conf_channel channels[MANY];
static const struct hz_conf_channel *wants[MANY];
static size_t n_wants;
static struct hz_plan plan;
static char told[TEXT]; /* "WANT KEY: TEXT\n" each */
static bool refused[MANY];

static inline struct hz_conf_channel *want(const struct hz_decoder *d, double freq_hz)
{
    char name[HZ_NAME_MAX + 1];
    struct hz_conf_channel *c = &channels[n_wants];
    snprintf(name, sizeof name, "c%zu", n_wants);
    hz_conf_channel_init(c, name, d);
    c->freq_hz = freq_hz;
    wants[n_wants++] = c;
    return c;
}

static inline void on_fail(void *ctx, size_t i, const char *key, const char *text)
{
    (void)ctx;
    size_t len = strlen(told);
    refused[i] = true;
    snprintf(told + len, sizeof told - len, "%zu %s: %s\n", i, key, text);
}

static inline int make(struct hz_plan_band band)
{
    band.receiver = "r";
    told[0] = 0;
    memset(refused, 0, sizeof refused);
    return hz_plan_make(&plan, &band, wants, n_wants, on_fail, NULL);
}

static inline int choose(void)
{
    return make((struct hz_plan_band){.tunable = true});
}

#endif
