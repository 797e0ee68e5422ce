/* hertzctl watch: prints messages as they arrive. */
#ifndef HZ_CTL_WATCH_H
#define HZ_CTL_WATCH_H

#include "ctl/args.h"
#include "ctl/client.h"

/* Prints frames until a->count messages were shown (returns 0), or until the daemon closes the
 * connection (-errno with one line in c->err). The caller checks standard output for errors. */
int hz_ctl_watch(struct hz_ctl_client *c, const struct hz_ctl_args *a);

#endif
