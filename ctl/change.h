/* tune, gain, ppm and bias of hertzctl: asks for a change, and waits for what comes of it. */
#ifndef HZ_CTL_CHANGE_H
#define HZ_CTL_CHANGE_H

#include "ctl/args.h"
#include "ctl/client.h"

/* Asks, then looks at the receiver until the change is done or refused, for at most 10 s; without a
 * value it only looks. 0 with the receiver as `receivers` tells of it in *receiver, which the
 * caller frees; else -errno with a line in c->err. */
int hz_ctl_change(struct hz_ctl_client *c, const struct hz_ctl_args *a, cJSON **receiver);

/* What the receiver has now, in a line; of a gain also the tuner's steps, where they are known. */
void hz_ctl_change_print(FILE *out, const struct hz_ctl_args *a, const cJSON *receiver);

#endif
