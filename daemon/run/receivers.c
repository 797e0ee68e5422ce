#include "daemon/run/receivers.h"

#include "config/kind.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void hz_receivers_init(struct hz_receivers *rs, const struct hz_receivers_env *env)
{
    *rs = (struct hz_receivers){.env = *env};
}

struct hz_receiver *hz_receivers_find(const struct hz_receivers *rs, const char *name)
{
    for (size_t i = 0; i < rs->n; i++) {
        if (strcmp(hz_receiver_name(rs->list[i]), name) == 0)
            return rs->list[i];
    }
    return NULL;
}

/* Calls env.stopped when every receiver has stopped. */
static void rest_if_ended(struct hz_receivers *rs)
{
    for (size_t i = 0; i < rs->n; i++) {
        if (hz_receiver_state(rs->list[i]) != HZ_RX_ENDED)
            return;
    }
    if (rs->at_rest)
        return;
    rs->at_rest = true;
    rs->env.stopped(rs->env.ctx);
}

static void on_ended(void *ctx, struct hz_receiver *r, int status, const char *reason)
{
    (void)r, (void)status, (void)reason;
    struct hz_receivers *rs = ctx;
    if (rs->stopping)
        rest_if_ended(rs);
}

static void on_block(void *ctx, struct hz_receiver *r, const struct hz_block *b)
{
    struct hz_receivers *rs = ctx;
    rs->env.block(rs->env.ctx, r, b);
}

static void on_closed(void *ctx)
{
    (void)ctx; /* uv_run returns when the last one is closed */
}

struct hz_receiver *hz_receivers_make(struct hz_receivers *rs, const struct hz_config *conf,
                                      size_t index)
{
    struct hz_receiver_env env = {.loop = rs->env.loop,
                                  .jobs = rs->env.jobs,
                                  .bus = rs->env.bus,
                                  .fold = rs->env.fold,
                                  .scopes = rs->env.scopes,
                                  .conf = conf->receivers[index],
                                  .state_dir = rs->env.state_dir,
                                  .block = on_block,
                                  .ended = on_ended,
                                  .ctx = rs};
    struct hz_receiver *r = hz_receiver_new(&env);
    for (size_t i = 0; r && i < conf->n_channels; i++) {
        if (strcmp(conf->channels[i].receiver, env.conf->name) == 0 &&
            hz_receiver_add_channel(r, &conf->channels[i]) != 0) {
            hz_receiver_close(r, on_closed, NULL);
            r = NULL;
        }
    }
    return r;
}

int hz_receivers_start(struct hz_receivers *rs, const struct hz_config *conf)
{
    rs->list = calloc(conf->n_receivers + 1, sizeof(struct hz_receiver *));
    if (!rs->list)
        return -ENOMEM;
    for (size_t i = 0; i < conf->n_receivers; i++) {
        struct hz_receiver *r = hz_receivers_make(rs, conf, i);
        if (!r)
            return -ENOMEM;
        rs->list[rs->n++] = r;
    }
    for (size_t i = 0; i < rs->n; i++)
        hz_receiver_start(rs->list[i]);
    hz_receivers_watch_usb(rs, conf);
    return 0;
}

/* A dongle was plugged in: the receivers that wait for one try again. */
static void on_dongle_came(void *ctx)
{
    struct hz_receivers *rs = ctx;
    for (size_t i = 0; i < rs->n; i++)
        hz_receiver_kick(rs->list[i]);
}

void hz_receivers_watch_usb(struct hz_receivers *rs, const struct hz_config *conf)
{
    for (size_t i = 0; i < conf->n_receivers && !rs->usb; i++) {
        if (conf->receivers[i]->source->usb)
            rs->usb = hz_usb_watch_new(rs->env.loop, on_dongle_came, rs);
    }
}

void hz_receivers_stop(struct hz_receivers *rs)
{
    rs->stopping = true;
    for (size_t i = 0; i < rs->n; i++)
        hz_receiver_stop(rs->list[i]);
    rest_if_ended(rs);
}

bool hz_receivers_close(struct hz_receivers *rs)
{
    bool wedged = false;
    for (size_t i = 0; i < rs->n; i++) {
        wedged |= hz_receiver_stats(rs->list[i])->wedged > 0;
        hz_receiver_close(rs->list[i], on_closed, NULL);
    }
    rs->n = 0;
    free(rs->list);
    rs->list = NULL;
    hz_usb_watch_close(rs->usb);
    rs->usb = NULL;
    return wedged;
}
