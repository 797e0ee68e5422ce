#include "daemon/control/channels.h"

#include "config/fail.h"
#include "config/hops.h"
#include "daemon/control/configuration.h"
#include "daemon/run/change.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *text_of(const cJSON *params, const char *key)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(params, key));
}

static int check_params(const struct hz_daemon *d, const cJSON *params, char *err, size_t err_len)
{
    const char *receiver = text_of(params, "receiver"), *name = text_of(params, "name");
    if (!receiver || !name || !text_of(params, "decoder"))
        return hz_fail(err, err_len,
                       "add_channel: expected params {\"receiver\":NAME,\"name\":NAME,"
                       "\"decoder\":NAME,\"frequency\":HZ}");
    if (!hz_name_ok(name))
        return hz_fail(err, err_len, "name \"%.40s\": expected 1 to %d letters, digits, - _ or .",
                       name, HZ_NAME_MAX);
    if (!hz_receivers_find(&d->receivers, receiver))
        return hz_fail(err, err_len, "there is no receiver \"%.40s\"", receiver);
    return 0;
}

/* Checks the channel with the error texts of `hertzd check`, and sets its frequency if it has none.
 */
static int place(const struct hz_receiver *r, struct hz_conf_channel *c, char *err, size_t err_len)
{
    const struct hz_conf_channel *beside[HZ_PLAN_CHANNELS_MAX];
    struct hz_receiver_samples in = hz_receiver_samples(r);
    const char *name = hz_receiver_name(r);
    struct hz_plan_band band = {.receiver = name, .rate_hz = in.rate_hz, .centre_hz = in.centre_hz};
    size_t n = 0, listed;
    struct hz_channel *const *channels = hz_receiver_channels(r, &listed);
    for (size_t i = 0; i < listed; i++) {
        if (!hz_channel_host(channels[i]) && n < HZ_PLAN_CHANNELS_MAX)
            beside[n++] = hz_channel_conf(channels[i]);
    }
    if (in.rate_hz <= 0 || in.centre_hz <= 0) {
        hz_fail(err, err_len, "the band of receiver %s is not known yet (%s)", name,
                hz_receiver_state_name(hz_receiver_state(r)));
        return -EAGAIN;
    }
    if (n >= HZ_PLAN_CHANNELS_MAX)
        return hz_fail(err, err_len, "receiver %s has %zu channels: expected at most %d of them",
                       name, n + 1, HZ_PLAN_CHANNELS_MAX);
    if (hz_receiver_hops(r)->n > 0)
        return hz_hops_channel_check(&band, hz_receiver_hops(r), c, err, err_len);
    int rc = hz_plan_channel_check(&band, c, beside, n, err, err_len);
    if (hz_plan_anywhere(c))
        return rc;
    for (const double *f = c->decoder->freqs_hz; rc == 0 && c->freq_hz == 0 && *f != 0; f++) {
        if (hz_plan_inside(&band, c, *f))
            c->freq_hz = *f;
    }
    return rc;
}

static int answer(const char *key, const char *name, cJSON **result)
{
    *result = cJSON_CreateObject();
    return *result && cJSON_AddStringToObject(*result, key, name) ? 0 : -ENOMEM;
}

/* One channel, though its section may stand for several: at the first of its decoder's frequencies
 * in the band, where none is given. */
static int one_frequency(struct hz_daemon *d, const char *name, struct hz_control_keys *keys,
                         char *err, size_t err_len)
{
    struct hz_conf_channel c;
    int rc = hz_conf_channel_read(&c, d->kinds, keys->list, keys->n, err, err_len);
    if (rc != 0)
        return rc;
    snprintf(c.name, sizeof c.name, "%s", name);
    const bool given = c.freq_hz > 0;
    rc = place(hz_receivers_find(&d->receivers, c.receiver), &c, err, err_len);
    if (rc != 0 || given || c.freq_hz <= 0)
        return rc;
    char *value = keys->values[keys->n];
    snprintf(value, HZ_CONTROL_VALUE_MAX, "%.15g", c.freq_hz);
    keys->list[keys->n++] = (struct hz_setting){"frequency", value, {0}};
    return 0;
}

int hz_control_add_channel(struct hz_daemon *d, const cJSON *params, cJSON **result, char *err,
                           size_t err_len)
{
    int rc = check_params(d, params, err, err_len);
    if (rc != 0)
        return rc;
    struct hz_control_keys *keys = hz_control_keys(params, err, err_len);
    if (!keys)
        return -EINVAL;
    const char *name = text_of(params, "name");
    rc = one_frequency(d, name, keys, err, err_len);
    const struct hz_change c = {HZ_CHANGE_ADD, "channel", name, keys->list, keys->n};
    if (rc == 0)
        rc = hz_daemon_change(d, &c, err, err_len);
    free(keys);
    return rc == 0 ? answer("added", name, result) : rc;
}

int hz_control_remove_channel(struct hz_daemon *d, const cJSON *params, cJSON **result, char *err,
                              size_t err_len)
{
    const char *name = text_of(params, "channel");
    if (!name || cJSON_GetArraySize(params) != 1)
        return hz_fail(err, err_len, "remove_channel: expected params {\"channel\":NAME}");
    const struct hz_change c = {.kind = HZ_CHANGE_REMOVE, .section = "channel", .name = name};
    int rc = hz_daemon_change(d, &c, err, err_len);
    return rc == 0 ? answer("removed", name, result) : rc;
}
