/* Bursts of a recording, or of a live receiver, for `hertzd learn`. Loop thread. */
#ifndef HZ_DAEMON_CMD_LEARN_HEAR_H
#define HZ_DAEMON_CMD_LEARN_HEAR_H

#include "config/config.h"
#include "proto/out/record.h"
#include "proto/sensors/pulses.h"

struct hz_learn_hear {
    const struct hz_conf_receiver *conf;    /* borrowed */
    const struct hz_conf_channel *channels; /* planned */
    size_t n_channels;
    int workers;
    bool live; /* until `enough` bursts came, or Ctrl-C */
    unsigned enough;
    /* Each burst as it comes, with its record. */
    void (*burst)(void *ctx, const struct hz_pulses *p, const struct hz_record *rec);
    /* What a declaration that is known reads in it. NULL: not called. */
    void (*known)(void *ctx, const char *model);
    void *ctx;
    unsigned bursts; /* that came */
};

/* Runs until it is over. 0, or the exit code, told on standard error. */
int hz_learn_hear_run(struct hz_learn_hear *h);

#endif
