/* The gate of a narrow channel with a squelch: what must be known of a band's spectra to tell where
 * the channel is heard. It costs the power over the channel's bins and one decision of the squelch
 * (dsp/squelch.h) for each spectrum; the channel itself (dsp/ddc.h) needs no work where the gate is
 * closed.
 *
 * To measure the power only reads, so several threads may do that for several spectra at once.
 * hz_gate_step takes them in their order, one thread at a time. A gate is of one epoch. Pure; it
 * owns nothing. */
#ifndef HZ_DSP_GATE_H
#define HZ_DSP_GATE_H

#include "dsp/ddc.h"
#include "dsp/squelch.h"

struct hz_gate {
    struct hz_bins bins; /* constant after init */
    struct hz_squelch squelch;
};

/* 0; or -EINVAL with the reason in err: the channel cannot be cut out of the band. */
int hz_gate_init(struct hz_gate *g, const struct hz_band *band, const struct hz_ddc_config *how,
                 char *err, size_t err_len);

/* What comes of the next spectrum, whose power in the channel's place (hz_bins_power) is given. */
struct hz_mark hz_gate_step(struct hz_gate *g, const struct hz_spectrum *x, float power);

#endif
