/* hertzctl why: looks at channels for a few seconds and tells why they are silent or poor. */
#ifndef HZ_CTL_WHY_H
#define HZ_CTL_WHY_H

#include "ctl/args.h"
#include "ctl/client.h"

/* Looks at the channel that a->words[0] names, or at all, a->seconds for each
 * receiver, and prints verdicts. HZ_CTL_DONE: nothing is wrong; HZ_CTL_FAILED: something is.
 * HZ_CTL_USAGE: there is no such channel; or -errno: hertzd did not answer; each with one line in
 * c->err. */
int hz_ctl_why(struct hz_ctl_client *c, const struct hz_ctl_args *a);

#endif
