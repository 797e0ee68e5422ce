#include "proto/sensors/collect.h"
#include "proto/sensors/burst.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double longest_s = 2.5; /* of a burst: HZ_INPUT_BURST ends it there */

struct collect {
    float *iq;
    size_t n, max; /* samples */
    uint64_t first;
    struct hz_setup setup;
    struct hz_burst_look *look;
};

static void collect_done(void *state)
{
    struct collect *c = state;
    free(c->iq);
    free(c->look);
    *c = (struct collect){0};
}

static int collect_init(void *state, const struct hz_setup *setup, char *err, size_t err_len)
{
    struct collect *c = state;
    *c = (struct collect){.setup = *setup};
    /* whatever is strong in it: the edge of a burst may have been found, and of two at one time the
     * learner takes the stronger */
    c->setup.burst_low_hz = c->setup.burst_high_hz = 0;
    if (setup->rate_hz < 100e3 || setup->rate_hz > 1e6) {
        snprintf(err, err_len, "%.10g samples per second: expected 100k to 1M", setup->rate_hz);
        return -EINVAL;
    }
    c->max = (size_t)(longest_s * setup->rate_hz);
    c->iq = malloc(2 * c->max * sizeof *c->iq);
    c->look = malloc(sizeof *c->look);
    if (c->iq && c->look)
        return 0;
    collect_done(c);
    snprintf(err, err_len, "no memory for a burst of %.1f s", longest_s);
    return -ENOMEM;
}

static void collect_push(void *state, const struct hz_samples *s, struct hz_sink *sink)
{
    struct collect *c = state;
    size_t n = s->n < c->max - c->n ? s->n : c->max - c->n;
    (void)sink;
    if (c->n == 0)
        c->first = s->first;
    memcpy(c->iq + 2 * c->n, s->data, 2 * n * sizeof *c->iq);
    c->n += n;
}

static void collect_flush(void *state, struct hz_sink *sink)
{
    struct collect *c = state;
    if (c->n > 0 && !hz_burst_tell(c->look, c->iq, c->n, &c->setup, c->first, sink))
        hz_sink_refuse(sink, HZ_NO_PREAMBLE);
    c->n = 0;
}

const struct hz_decoder hz_collect_decoder = {
    .name = "bursts",
    .title = "Strong bursts, whatever they are",
    .input = HZ_INPUT_BURST,
    .rate_min_hz = 200e3,
    .rate_max_hz = 500e3,
    .rate_hz = 250e3,
    .rate_wide_hz = 500e3,
    .bandwidth_hz = 240e3,
    .freqs_hz = (const double[]){433.92e6, 868.3e6, 315e6, 345e6, 915e6, 0},
    .state_size = sizeof(struct collect),
    .init = collect_init,
    .push = collect_push,
    .reset = collect_flush,
    .flush = collect_flush,
    .done = collect_done,
};
