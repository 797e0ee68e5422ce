/* The commands tune, gain, ppm and bias of hertzctl: each requests a change and waits for the
 * outcome. */
#ifndef HZ_CTL_CHANGE_H
#define HZ_CTL_CHANGE_H

#include "ctl/args.h"
#include "ctl/client.h"

/* Requests the change, then polls the receiver until the change is done or refused, for at most 10
 * s. Without a value it only reads the receiver. 0 with the receiver, as `receivers` reports it, in
 * *receiver, which the caller frees; otherwise -errno with one line in c->err. */
int hz_ctl_change(struct hz_ctl_client *c, const struct hz_ctl_args *a, cJSON **receiver);

/* The receiver of that name, as `receivers` reports it, which the caller frees. 0, or -errno with
 * one line in c->err. */
int hz_ctl_receiver(struct hz_ctl_client *c, const char *name, cJSON **receiver);

/* Calls one of the methods tune, gain, ppm and bias, and waits for the outcome likewise. params as
 * docs/control.md has them, with `receiver`; borrowed. */
int hz_ctl_set(struct hz_ctl_client *c, const char *method, cJSON *params, cJSON **receiver);

/* Prints the receiver's present value in one line, for a gain also the tuner's steps if they are
 * known. */
void hz_ctl_change_print(FILE *out, const struct hz_ctl_args *a, const cJSON *receiver);

#endif
