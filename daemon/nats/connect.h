/* Connecting, in the thread that may wait for it: one server after the other, from a random one on.
 * Of nats.c. */
#ifndef HZ_DAEMON_NATS_CONNECT_H
#define HZ_DAEMON_NATS_CONNECT_H

#include "daemon/nats/nats.h"

enum { HZ_NATS_ERROR_MAX = 256 };

struct hz_nats_hooks {
    void (*closed)(natsConnection *nc, void *ctx);
    void (*error)(natsConnection *nc, natsSubscription *sub, natsStatus status, void *ctx);
    bool (*given_up)(void *ctx); /* asked before each server */
    void *ctx;
};

/* 0, or -errno with one line in err that says what to do; `closed` is called only after 0. */
int hz_nats_connect(const struct hz_nats_conf *conf, const char *name,
                    const struct hz_nats_hooks *hooks, natsConnection **nc, char *err,
                    size_t err_len);

/* A copy of the texts, and its end. False: no memory (what there is must be freed all the same). */
bool hz_nats_conf_copy(struct hz_nats_conf *to, const struct hz_nats_conf *from);
void hz_nats_conf_done(struct hz_nats_conf *c);

/* Why a connection that was up has ended, as a line. */
void hz_nats_ended(const struct hz_nats_conf *conf, natsStatus status, const char *text, char *why,
                   size_t size);

#endif
