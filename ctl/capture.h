/* The command capture of hertzctl: asks for a capture and waits until it is complete. */
#ifndef HZ_CTL_CAPTURE_H
#define HZ_CTL_CAPTURE_H

#include "ctl/args.h"
#include "ctl/client.h"

/* Asks for it, then polls until it is written, which takes the section's `after` and longer. 0
 * with what `captures` tells of it in *last, which the caller frees; otherwise -errno with one
 * line in c->err. */
int hz_ctl_capture(struct hz_ctl_client *c, const struct hz_ctl_args *a, cJSON **last);

#endif
