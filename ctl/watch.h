/* hertzctl watch: follows the messages as they come. */
#ifndef HZ_CTL_WATCH_H
#define HZ_CTL_WATCH_H

#include "ctl/args.h"
#include "ctl/client.h"

/* Prints what comes until a->count messages were shown (0), or the daemon ends it (-errno with a
 * line in c->err). Whether standard output took it is for the caller to see. */
int hz_ctl_watch(struct hz_ctl_client *c, const struct hz_ctl_args *a);

#endif
