/* Tuning a receiver while it streams: requests of control clients, and changes of the
 * configuration, which wait until they are possible. */
#include "daemon/receive/receiver_parts.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>

static void report_tuned(struct hz_receiver *r, int status, const char *reason)
{
    bool told = !r->adjust.by_itself;
    r->adjust.by_itself = false;
    if (status != 0) {
        snprintf(r->tuning.text, sizeof r->tuning.text, "%s", reason);
        hz_receiver_set_state(r, r->life.state, reason);
        return;
    }
    r->tuning.now = r->tuning.wanted;
    snprintf(r->tuning.text, sizeof r->tuning.text, "done");
    if (!told)
        return;
    char text[300], gain[HZ_GAIN_TEXT + 32] = "auto";
    if (*r->tuning.wanted.gain_stages)
        snprintf(gain, sizeof gain, "%s dB", r->tuning.wanted.gain_stages);
    else if (!isnan(r->tuning.wanted.gain_db))
        snprintf(gain, sizeof gain, "%.1f dB", r->tuning.wanted.gain_db);
    snprintf(text, sizeof text, "centre %.6f MHz, gain %s, ppm %g, bias tee %s",
             (r->src ? r->src->centre_hz : r->tuning.wanted.centre_hz) / 1e6, gain,
             r->tuning.wanted.ppm, r->tuning.wanted.bias_tee ? "on" : "off");
    hz_receiver_set_state(r, r->life.state, text);
}

/* Whether the change in progress is a hop, or one of hz_adjust: nobody asked for it, so others wait
 * for it. */
static bool waits(const struct hz_receiver *r)
{
    return r->tuning.hopping || (r->tuning.changing && r->adjust.by_itself);
}

void hz_receiver_try_later(struct hz_receiver *r)
{
    char err[256];
    if (!r->tuning.has_later || waits(r) || r->tuning.later_sent ||
        r->life.state != HZ_RX_STREAMING || r->flow.finishing)
        return;
    int rc = hz_receiver_tune(r, &r->tuning.later, err, sizeof err);
    r->tuning.later_sent = rc == 0;
    if (rc == 0 || rc == -EBUSY)
        return;
    r->tuning.has_later = false;
    report_tuned(r, rc, err);
}

void hz_receiver_tuned(void *ctx, int status, const char *reason)
{
    struct hz_receiver *r = ctx;
    bool hop = r->tuning.hopping;
    r->tuning.changing = r->tuning.hopping = false;
    if (r->tuning.later_sent)
        r->tuning.has_later = r->tuning.later_sent = false;
    if (hop && status == 0) /* told with the first samples of the dwell */
        r->tuning.now = r->tuning.wanted;
    else
        report_tuned(r, status, reason);
    if (hop && status != 0) /* another dwell here before it tries again */
        hz_hop_arrive(&r->hop, r->hop.at);
    hz_receiver_try_later(r);
}

int hz_receiver_tune(struct hz_receiver *r, const struct hz_tuning *want, char *err, size_t err_len)
{
    if (!r->ops->tune) {
        snprintf(err, err_len, "receiver %s has source = %s, which cannot be tuned", r->conf->name,
                 r->conf->source->kind.name);
        return -ENOSYS;
    }
    if (!r->ops->live && r->hop.plan.n == 0 && want->centre_hz != r->tuning.now.centre_hz) {
        snprintf(err, err_len,
                 "receiver %s has source = %s without a plan, which has no centre to tune to",
                 r->conf->name, r->conf->source->kind.name);
        return -ENOSYS;
    }
    if (r->life.state != HZ_RX_STREAMING || r->flow.finishing) {
        snprintf(err, err_len, "receiver %s is not streaming (%s)", r->conf->name,
                 hz_receiver_state_name(r->life.state));
        return -EAGAIN;
    }
    if (waits(r)) {
        r->tuning.later = *want;
        if (r->tuning.hopping) /* it does not undo the hop */
            r->tuning.later.centre_hz = r->tuning.wanted.centre_hz;
        r->tuning.has_later = true;
        r->tuning.later_sent = false;
        snprintf(r->tuning.text, sizeof r->tuning.text, "pending");
        return 0;
    }
    int rc = r->ops->tune(r->src, want, err, err_len);
    if (rc != 0)
        return rc;
    r->tuning.wanted = *want;
    r->tuning.changing = true;
    snprintf(r->tuning.text, sizeof r->tuning.text, "pending");
    return 0;
}

bool hz_receiver_tunes(const struct hz_receiver *r)
{
    return r->ops->tune;
}

struct hz_tuning hz_receiver_wants(const struct hz_receiver *r)
{
    return r->tuning.has_later  ? r->tuning.later
           : r->tuning.changing ? r->tuning.wanted
                                : r->tuning.now;
}

void hz_receiver_retune(struct hz_receiver *r, const struct hz_tuning *want)
{
    r->tuning.later = *want;
    r->tuning.has_later = true;
    r->tuning.later_sent = false;
    hz_receiver_try_later(r);
}
