/* The key `plan` of a receiver that hops: in which bands it dwells in turn, which channels each
 * band holds, and what is wrong with a plan. Pure: no I/O and no state. Any thread. */
#ifndef HZ_CONFIG_HOPS_H
#define HZ_CONFIG_HOPS_H

#include "config/plan.h"

/* The plan as it would be written: "1090M 20s, 162M 10s". */
void hz_hops_text(const struct hz_conf_hops *hops, char *out, size_t size);

/* Whether a channel of known frequency (0: it hears bursts anywhere) has something to hear in that
 * band. */
bool hz_hops_hears(const struct hz_plan_band *band, const struct hz_conf_channel *c,
                   double freq_hz);

/* The index of the band around that centre; hops->n: the plan has none. */
size_t hz_hops_find(const struct hz_conf_hops *hops, double centre_hz);

/* Plans n wanted channels for all bands of a plan; `band` has the receiver's name and rate. As
 * hz_plan_make; a frequency is in `in` if one band of the plan or more holds it. */
int hz_hops_plan(struct hz_plan *plan, const struct hz_plan_band *band,
                 const struct hz_conf_hops *hops, const struct hz_conf_channel *const *wants,
                 size_t n, hz_plan_fail *fail, void *ctx);

/* As hz_plan_channel_check, for a channel that is added to a receiver that hops. Sets the channel's
 * frequency, if it has none, to the first one of its decoder that a band of the plan holds. */
int hz_hops_channel_check(const struct hz_plan_band *band, const struct hz_conf_hops *hops,
                          struct hz_conf_channel *want, char *err, size_t err_len);

#endif
