/* Commands that change the configuration of a running hertzd, print it and save it. */
#ifndef HZ_CTL_CONFIGURE_H
#define HZ_CTL_CONFIGURE_H

#include "ctl/args.h"
#include "ctl/client.h"

/* `channel add NAME KEY=VALUE…` and the like: the params of the method `change`. NULL: wrong usage,
 * which was printed. */
cJSON *hz_ctl_change_params(const struct hz_ctl_args *a);

/* Adds KEY=VALUE to the object; a key that repeats becomes a list. False: it is nothing of the
 * kind. */
bool hz_ctl_add_pair(cJSON *object, const char *word);

/* Writes what `hertzd` says into its file of changes, and lets it read that. 0 with the path of the
 * file in `saved`; -errno with one line in c->err. */
int hz_ctl_config_save(struct hz_ctl_client *c, char *saved, size_t size);

#endif
