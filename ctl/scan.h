/* hertzctl scan: sweeps the tuner of a receiver, and shows where there is traffic, and which
 * decoder fits. */
#ifndef HZ_CTL_SCAN_H
#define HZ_CTL_SCAN_H

#include "ctl/args.h"
#include "ctl/client.h"

/* Sweeps the receiver a->words[0], over a->words[1] to [2] or over what the decoders know. What is
 * heard goes to *found, an array of rows, which the caller frees; progress to standard error. The
 * tuner is put back, also after Ctrl-C. 0, or -errno with one line in c->err. */
int hz_ctl_scan(struct hz_ctl_client *c, const struct hz_ctl_args *a, cJSON **found);

/* A table of what was found. width as hz_view_print. */
void hz_ctl_scan_print(FILE *out, const cJSON *found, int width);

/* Writes the [channel] sections of what decoders heard, those outside of the receiver's present
 * band as comments; "-": to `out`. A file that is there stays, unless `force`. 0, or -errno with
 * one line in c->err. */
int hz_ctl_scan_write(struct hz_ctl_client *c, const struct hz_ctl_args *a, const cJSON *found,
                      FILE *out);

#endif
