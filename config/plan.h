/* The plan of one receiver: which channels it hears, at which centre and rate. Pure: no I/O, no
 * state; the same wishes give the same plan. Any thread.
 *
 * A channel that names no frequency stands for all that its decoder declares, as far as they lie
 * in the band. A dongle's centre and rate, where they are not given, are chosen for its channels
 * (config/centre.h). */
#ifndef HZ_CONFIG_PLAN_H
#define HZ_CONFIG_PLAN_H

#include "config/config.h"

enum { HZ_PLAN_CHANNELS_MAX = 256 }; /* of one receiver */

/* The band of a receiver. What is 0 is chosen if it is tunable; otherwise it is not known yet. */
struct hz_plan_band {
    const char *receiver; /* its name, for errors */
    double rate_hz, centre_hz;
    bool tunable;
};

/* A channel of a plan: one that was wanted, at one frequency. */
struct hz_plan_place {
    size_t want;
    double freq_hz;
};

struct hz_plan {
    double rate_hz, centre_hz; /* as given or chosen; 0: not known before it runs */
    struct hz_plan_place in[HZ_PLAN_CHANNELS_MAX], out[HZ_PLAN_CHANNELS_MAX];
    size_t n_in;
    size_t n_out; /* declared frequencies outside the band; `out` holds the first of them */
};

/* Told of each channel that cannot be heard, by index of the want: which key of it is at fault
 * ("frequency", "decoder", "bandwidth"), what was expected and what would make it possible. */
typedef void hz_plan_fail(void *ctx, size_t want, const char *key, const char *text);

/* Plans for n channels that are wanted; `in` and `out` are in their order. Where a band is chosen
 * those that name a frequency are placed first, in order, then the others; each of these needs one
 * of its frequencies in the band. 0, or -EINVAL when any was told to `fail`; those that were not
 * are planned all the same. */
int hz_plan_make(struct hz_plan *plan, const struct hz_plan_band *band,
                 const struct hz_conf_channel *const *wants, size_t n, hz_plan_fail *fail,
                 void *ctx);

/* Whether one more channel is possible in a band of known rate and centre beside the n that are
 * there (at their freq_hz; they count for the advice only). One without a frequency is when any
 * that its decoder declares is inside. 0; -EINVAL with one line in err, in the same words as from
 * hz_plan_make. */
int hz_plan_channel_check(const struct hz_plan_band *band, const struct hz_conf_channel *want,
                          const struct hz_conf_channel *const *beside, size_t n, char *err,
                          size_t err_len);

/* Whether a channel at freq_hz lies in a band of known rate and centre. Other than a chosen band,
 * it may be used to its edges; a decoder of the whole band only needs its frequency in there. */
bool hz_plan_inside(const struct hz_plan_band *band, const struct hz_conf_channel *want,
                    double freq_hz);

/* The width that a channel takes: its own, or its decoder's. */
double hz_plan_width(const struct hz_conf_channel *c);

/* The rate at which a channel of that width is sampled for its decoder: the one that the decoder
 * likes best, or its other one for wide channels. */
double hz_plan_rate(const struct hz_conf_channel *c);

/* Estimated CPU, as a share of one core of 2020: nothing heard in any channel, and all open. */
struct hz_plan_cost {
    double idle, busy;
};

/* Of the channels of a receiver at that rate, without what opening and reading its samples costs.
 */
struct hz_plan_cost hz_plan_cost(double rate_hz, const struct hz_conf_channel *const *channels,
                                 size_t n);

#endif
