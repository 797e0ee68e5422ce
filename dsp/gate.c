#include "dsp/gate.h"

#include <math.h>

int hz_gate_init(struct hz_gate *g, const struct hz_band *band, const struct hz_ddc_config *how,
                 char *err, size_t err_len)
{
    int e =
        hz_bins_find(&g->bins, band, how->offset_hz, how->rate_hz, how->bandwidth_hz, err, err_len);
    if (e == 0)
        hz_squelch_init(&g->squelch, g->bins.n, how->squelch_db,
                        (unsigned)lroundf(how->hang_s * HZ_BAND_BLOCKS_HZ), false);
    return e;
}

struct hz_mark hz_gate_step(struct hz_gate *g, const struct hz_spectrum *x, float power)
{
    float noise = x->noise * (float)g->bins.n;
    enum hz_squelch_state s = hz_squelch_push(&g->squelch, x->block, power, noise);
    bool ends = s == HZ_SQUELCH_CLOSES;
    if (ends)
        s = hz_squelch_push(&g->squelch, x->block, power, noise);
    return (struct hz_mark){.power = power,
                            .power_db = g->squelch.power_db,
                            .noise_db = g->squelch.noise_db,
                            .ends = ends,
                            .begins = s == HZ_SQUELCH_OPENS,
                            .runs = s == HZ_SQUELCH_OPENS || s == HZ_SQUELCH_OPEN};
}
