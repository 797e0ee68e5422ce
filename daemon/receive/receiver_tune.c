/* Tuning a receiver while it streams: what was asked for by hand, and what a changed configuration
 * asks for, which waits until it can be done. */
#include "daemon/receive/receiver_parts.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>

void hz_receiver_take_tuning(struct hz_receiver *r, const struct hz_tuning *t)
{
    r->conf.centre_hz = t->centre_hz;
    r->conf.gain_db = t->gain_db;
    r->conf.ppm = t->ppm;
    r->conf.bias_tee = t->bias_tee;
}

static void report_tuned(struct hz_receiver *r, int status, const char *reason)
{
    if (status != 0) {
        snprintf(r->tuning, sizeof r->tuning, "%s", reason);
        hz_receiver_set_state(r, r->state, reason);
        return;
    }
    hz_receiver_take_tuning(r, &r->wanted);
    snprintf(r->tuning, sizeof r->tuning, "done");
    char text[200], gain[32] = "auto";
    if (!isnan(r->wanted.gain_db))
        snprintf(gain, sizeof gain, "%.1f dB", r->wanted.gain_db);
    snprintf(text, sizeof text, "centre %.6f MHz, gain %s, ppm %g, bias tee %s",
             r->wanted.centre_hz / 1e6, gain, r->wanted.ppm, r->wanted.bias_tee ? "on" : "off");
    hz_receiver_set_state(r, r->state, text);
}

void hz_receiver_try_later(struct hz_receiver *r)
{
    char err[256];
    if (!r->has_later || r->later_sent || r->state != HZ_RX_STREAMING || r->finishing)
        return;
    int rc = hz_receiver_tune(r, &r->later, err, sizeof err);
    r->later_sent = rc == 0;
    if (rc == 0 || rc == -EBUSY)
        return;
    r->has_later = false;
    report_tuned(r, rc, err);
}

void hz_receiver_tuned(void *ctx, int status, const char *reason)
{
    struct hz_receiver *r = ctx;
    r->changing = false;
    if (r->later_sent)
        r->has_later = r->later_sent = false;
    report_tuned(r, status, reason);
    hz_receiver_try_later(r);
}

int hz_receiver_tune(struct hz_receiver *r, const struct hz_tuning *want, char *err, size_t err_len)
{
    if (!r->ops->tune) {
        snprintf(err, err_len, "receiver %s has source = %s, which cannot be tuned", r->conf.name,
                 r->conf.source);
        return -ENOSYS;
    }
    if (r->state != HZ_RX_STREAMING || r->finishing) {
        snprintf(err, err_len, "receiver %s is not streaming (%s)", r->conf.name,
                 hz_receiver_state_name(r->state));
        return -EAGAIN;
    }
    int rc = r->ops->tune(r->src, want, err, err_len);
    if (rc != 0)
        return rc;
    r->wanted = *want;
    r->changing = true;
    snprintf(r->tuning, sizeof r->tuning, "pending");
    return 0;
}

bool hz_receiver_tunes(const struct hz_receiver *r)
{
    return r->ops->tune;
}

struct hz_tuning hz_receiver_wants(const struct hz_receiver *r)
{
    return r->has_later ? r->later : r->changing ? r->wanted : hz_tuning_of(&r->conf);
}

void hz_receiver_retune(struct hz_receiver *r, const struct hz_tuning *want)
{
    r->later = *want;
    r->has_later = true;
    r->later_sent = false;
    hz_receiver_try_later(r);
}
