/* Power and carrier of a channel over its last second, from which the levels of any burst in it are
 * measured. A decoder that does not measure levels itself gets them from here (proto/out/sink.h).
 *
 * Model: x(n) = A e^(j (w n + phi(n))) + v(n), a burst plus white noise v that fills the channel's
 * bandwidth B. Each hop of 1 ms keeps the sums of |x(n)|^2 and of x(n) x*(n - 1). Over a burst of
 * M samples:
 *     P = sum |x|^2 / M                                mean power, burst and noise
 *     S = P - N                                        N: noise power in B, from the squelch
 *     w = arg(sum x(n) x*(n - 1) / M - N sinc(B / R))  R: sample rate
 * The last is the pulse-pair estimate of the mean frequency (R. J. Doviak and D. S. Zrnic, Doppler
 * Radar and Weather Observations, section 6.4), less what noise of that bandwidth adds to it. It is
 * the carrier where the modulation is symmetric around it.
 *
 * Pure. One thread at a time. */
#ifndef HZ_DSP_TRACE_H
#define HZ_DSP_TRACE_H

#include "dsp/samples.h"

#include <stdbool.h>

enum { HZ_TRACE_HOPS = 1024 };

struct hz_trace_hop {
    float power, re, im; /* sums over the hop's samples */
};

/* Zeroed and then initialised; it owns nothing. */
struct hz_trace {
    double rate_hz, bandwidth_hz; /* R, B */
    size_t hop;                   /* samples */
    uint64_t begin, next;         /* the run held: its first sample, and the one after its last */
    float noise;                  /* N, full scale 1; 0: not known */
    float last[2];                /* x(next - 1) */
    struct hz_trace_hop hops[HZ_TRACE_HOPS];
};

/* dBFS in the channel's bandwidth, as in struct hz_burst. NAN: not known. */
struct hz_trace_levels {
    float rssi_dbfs, noise_dbfs, snr_db, offset_hz;
};

void hz_trace_init(struct hz_trace *t, double rate_hz, double bandwidth_hz);

/* The next samples, HZ_CF32, and the noise power in the channel now. Samples that do not follow
 * those before begin a new run. */
void hz_trace_add(struct hz_trace *t, const struct hz_samples *s, float noise);

/* Measures the samples from `first` up to `end`. `end` 0: up to the last one added, less the hops
 * at both ends that are 6 dB below the loudest. Hops that are only partly within are left out if
 * there are whole ones. False: none of these samples is held. */
bool hz_trace_measure(const struct hz_trace *t, uint64_t first, uint64_t end,
                      struct hz_trace_levels *out);

#endif
