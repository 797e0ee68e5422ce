#include "dsp/ddc.h"

#include <errno.h>
#include <math.h>

int hz_ddc_init(struct hz_ddc *t, const struct hz_band *band, const struct hz_ddc_config *how,
                struct hz_slice *spare, char *err, size_t err_len)
{
    *t = (struct hz_ddc){0};
    if (spare && hz_slice_move(spare, band, how->offset_hz, how->rate_hz, how->bandwidth_hz)) {
        t->slice = spare;
    } else {
        hz_slice_free(spare);
        t->slice =
            hz_slice_new(band, how->offset_hz, how->rate_hz, how->bandwidth_hz, err, err_len);
    }
    if (!t->slice)
        return -EINVAL;
    hz_trace_init(&t->trace, how->rate_hz, how->bandwidth_hz);
    return 0;
}

void hz_ddc_done(struct hz_ddc *t)
{
    hz_slice_free(t->slice);
    t->slice = NULL;
}

int hz_ddc_change(struct hz_ddc *t, const struct hz_band *band, const struct hz_ddc_config *how,
                  char *err, size_t err_len)
{
    hz_slice_free(t->slice);
    t->slice = hz_slice_new(band, how->offset_hz, how->rate_hz, how->bandwidth_hz, err, err_len);
    return t->slice ? 0 : -EINVAL;
}

bool hz_ddc_shift(struct hz_ddc *t, const struct hz_band *band, double offset_hz, uint64_t block)
{
    return t->slice && hz_slice_shift(t->slice, band, offset_hz, block);
}

static void stop(struct hz_ddc *t, const struct hz_ddc_output *to)
{
    if (t->running)
        to->broke(to->ctx);
    t->running = false;
}

/* The noise power in the channel: the squelch's floor, or that of the band. */
static float noise_of(const struct hz_ddc *t, const struct hz_spectrum *x, const struct hz_mark *m)
{
    return m ? powf(10, m->noise_db / 10) : x->noise * (float)hz_slice_bins(t->slice)->n;
}

static void run(struct hz_ddc *t, const struct hz_spectrum *x, const struct hz_mark *m,
                const struct hz_ddc_output *to)
{
    struct hz_samples samples = hz_slice_run(t->slice, x);
    if (t->running && samples.first != t->next)
        stop(t, to);
    t->running = true;
    t->next = samples.first + samples.n;
    hz_trace_add(&t->trace, &samples, noise_of(t, x, m));
    to->samples(to->ctx, &samples);
}

void hz_ddc_push(struct hz_ddc *t, const struct hz_spectrum *before, const struct hz_spectrum *x,
                 const struct hz_mark *m, const struct hz_ddc_output *to)
{
    if (m && m->ends)
        stop(t, to);
    if (m && m->begins && before && before->block + 1 == x->block)
        run(t, before, m, to);
    if (!m || m->runs)
        run(t, x, m, to);
}

void hz_ddc_reset(struct hz_ddc *t, const struct hz_ddc_output *to)
{
    stop(t, to);
    t->next = 0;
}
