/* The set of running receivers: adding, finding, stopping and closing. Loop thread: everything
 * here. */
#ifndef HZ_DAEMON_RUN_RECEIVERS_H
#define HZ_DAEMON_RUN_RECEIVERS_H

#include "daemon/receive/receiver.h"
#include "daemon/source/usb_watch.h"

struct hz_receivers_env {
    uv_loop_t *loop;
    struct hz_jobs *jobs;
    struct hz_bus *bus;
    struct hz_fold *fold;
    struct hz_scopes *scopes;
    const char *state_dir; /* as in struct hz_receiver_env; borrowed */
    /* As in struct hz_receiver_env. */
    void (*block)(void *ctx, struct hz_receiver *r, const struct hz_block *b);
    /* Called once after hz_receivers_stop, possibly at once, when all receivers have stopped. */
    void (*stopped)(void *ctx);
    void *ctx;
};

struct hz_receivers {
    struct hz_receivers_env env;
    struct hz_receiver **list; /* in the order of the configuration */
    size_t n;
    struct hz_usb_watch *usb; /* NULL: no receiver has a dongle */
    bool stopping, at_rest;
};

void hz_receivers_init(struct hz_receivers *rs, const struct hz_receivers_env *env);

/* Creates conf's receivers with their channels and starts them. 0; -ENOMEM: some may run. */
int hz_receivers_start(struct hz_receivers *rs, const struct hz_config *conf);

/* NULL: there is none of that name. */
struct hz_receiver *hz_receivers_find(const struct hz_receivers *rs, const char *name);

/* Creates conf's receiver of that index with its channels, without starting or listing it. NULL: no
 * memory. */
struct hz_receiver *hz_receivers_make(struct hz_receivers *rs, const struct hz_config *conf,
                                      size_t index);

/* Watches the USB bus from now on if a receiver of conf has a dongle, so that plugging one in ends
 * its back-off. */
void hz_receivers_watch_usb(struct hz_receivers *rs, const struct hz_config *conf);

/* Lets all receivers decode the samples that they have, then calls env.stopped. */
void hz_receivers_stop(struct hz_receivers *rs);

/* Closes all and frees the list. True: a capture thread was given up and may still run. */
bool hz_receivers_close(struct hz_receivers *rs);

#endif
