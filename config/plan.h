/* The plan of one receiver: its channels, centre and rate. Pure: no I/O and no state; the same
 * input gives the same plan. Any thread.
 *
 * A channel without a frequency stands for all frequencies that its decoder declares and that are
 * in the band. If a dongle's centre or rate are not given, they are chosen for its channels
 * (config/centre.h). */
#ifndef HZ_CONFIG_PLAN_H
#define HZ_CONFIG_PLAN_H

#include "config/config.h"

enum { HZ_PLAN_CHANNELS_MAX = 256 }; /* of one receiver */

/* The band of a receiver. A rate or centre of 0 is chosen if the receiver is tunable; otherwise it
 * is not known yet. */
struct hz_plan_band {
    const char *receiver; /* its name, for errors */
    double rate_hz, centre_hz;
    bool tunable;
};

/* A channel of a plan: the index of a wanted channel, and one of its frequencies. */
struct hz_plan_place {
    size_t want;
    double freq_hz;
};

struct hz_plan {
    double rate_hz, centre_hz; /* given or chosen; 0: not known before it runs */
    struct hz_plan_place in[HZ_PLAN_CHANNELS_MAX], out[HZ_PLAN_CHANNELS_MAX];
    size_t n_in;
    size_t n_out; /* declared frequencies outside the band; `out` holds the first of them */
};

/* Called for each impossible channel, with the index of the wanted channel, its key at fault
 * ("frequency", "decoder", "bandwidth"), and a text that says what was expected and what would make
 * it possible. The text is valid during the call. */
typedef void hz_plan_fail(void *ctx, size_t want, const char *key, const char *text);

/* Plans n wanted channels; `in` and `out` are in their order. If a band is chosen, channels with a
 * frequency are placed first, in order, then the others, of which each needs one of its frequencies
 * in the band. 0, or -EINVAL if `fail` was called; the other channels are planned all the same. */
int hz_plan_make(struct hz_plan *plan, const struct hz_plan_band *band,
                 const struct hz_conf_channel *const *wants, size_t n, hz_plan_fail *fail,
                 void *ctx);

/* Whether one more channel is possible in a band of known rate and centre. A channel without a
 * frequency needs one of its decoder's frequencies in the band. The n channels `beside` exist
 * already and matter only for the advice. 0, or -EINVAL with one line in err, with the texts of
 * hz_plan_make. */
int hz_plan_channel_check(const struct hz_plan_band *band, const struct hz_conf_channel *want,
                          const struct hz_conf_channel *const *beside, size_t n, char *err,
                          size_t err_len);

/* Whether a channel at freq_hz is inside a band of known rate and centre. A known band is used up
 * to its edges, unlike a chosen one. A decoder of the whole band needs only its frequency inside.
 */
bool hz_plan_inside(const struct hz_plan_band *band, const struct hz_conf_channel *want,
                    double freq_hz);

/* Whether a channel hears bursts anywhere in its receiver's band: its decoder takes bursts, and it
 * names no frequency. It has one place in a plan, of frequency 0. */
bool hz_plan_anywhere(const struct hz_conf_channel *c);

/* Whether a decoder of bursts has something to hear in that band: one of its frequencies is within
 * it, or at most HZ_PLAN_NEAR_HZ beside it. */
#define HZ_PLAN_NEAR_HZ 1.5e6
bool hz_plan_near(const struct hz_plan_band *band, const struct hz_decoder *d);

/* The i-th frequency of a channel: its own, or those that its decoder declares. 0: no more. */
double hz_plan_frequency(const struct hz_conf_channel *c, size_t i);

/* The bandwidth of a channel: its own, or its decoder's. */
double hz_plan_width(const struct hz_conf_channel *c);

/* The squelch of a channel in dB over its noise: its own, or its decoder's. 0: always open. */
double hz_plan_squelch(const struct hz_conf_channel *c);

/* The sample rate of a channel: its decoder's preferred rate, or the other one for wide channels.
 */
double hz_plan_rate(const struct hz_conf_channel *c);

/* Estimated CPU load, as a fraction of one core: while nobody sends, and while every channel is in
 * use without a pause. From the figures in the decoders' descriptions, which were measured. */
struct hz_plan_cost {
    double idle, busy;
};

/* The load of the channels of a receiver at that rate, without the cost of reading its samples. */
struct hz_plan_cost hz_plan_cost(double rate_hz, const struct hz_conf_channel *const *channels,
                                 size_t n);

#endif
