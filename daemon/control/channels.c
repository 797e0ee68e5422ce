#include "daemon/control/channels.h"

#include "config/fail.h"
#include "config/plan.h"
#include "config/sensors.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEYS_MAX = 32, VALUE_SIZE = 100 };

static const char *text_of(const cJSON *params, const char *key)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(params, key));
}

static struct hz_receiver *holder(struct hz_daemon *d, const char *channel)
{
    for (size_t i = 0; i < d->receivers.n; i++) {
        size_t n;
        struct hz_channel *const *channels = hz_receiver_channels(d->receivers.list[i], &n);
        for (size_t k = 0; k < n; k++) {
            if (strcmp(hz_channel_conf(channels[k])->name, channel) == 0)
                return d->receivers.list[i];
        }
    }
    return NULL;
}

/* A JSON member as text, as it would be written in a configuration. */
static int written(const cJSON *member, char *out, size_t size, char *err, size_t err_len)
{
    if (cJSON_IsNumber(member))
        snprintf(out, size, "%.15g", member->valuedouble);
    else if (cJSON_IsString(member))
        snprintf(out, size, "%s", member->valuestring);
    else
        return hz_fail(err, err_len, "%.40s: expected a number or a string", member->string);
    return 0;
}

/* The keys of a channel's section. */
static int read_keys(const struct hz_conf_kinds *kinds, const cJSON *params,
                     struct hz_conf_channel *c, char *err, size_t err_len)
{
    char values[KEYS_MAX][VALUE_SIZE];
    struct hz_setting keys[KEYS_MAX];
    size_t n = 0;
    const cJSON *member;
    cJSON_ArrayForEach(member, params)
    {
        if (strcmp(member->string, "name") == 0)
            continue;
        if (n == KEYS_MAX)
            return hz_fail(err, err_len, "expected at most %d keys", KEYS_MAX);
        int rc = written(member, values[n], VALUE_SIZE, err, err_len);
        if (rc != 0)
            return rc;
        keys[n] = (struct hz_setting){member->string, values[n], 0};
        n++;
    }
    return hz_conf_channel_read(c, kinds, keys, n, err, err_len);
}

static int read_params(struct hz_daemon *d, const cJSON *params, struct hz_conf_channel *c,
                       char *err, size_t err_len)
{
    const char *receiver = text_of(params, "receiver"), *name = text_of(params, "name");
    if (!receiver || !name || !text_of(params, "decoder"))
        return hz_fail(err, err_len,
                       "add_channel: expected params {\"receiver\":NAME,\"name\":NAME,"
                       "\"decoder\":NAME,\"frequency\":HZ}");
    if (!hz_name_ok(name))
        return hz_fail(err, err_len, "name \"%.40s\": expected 1 to %d letters, digits, - _ or .",
                       name, HZ_NAME_MAX);
    if (holder(d, name))
        return hz_fail(err, err_len, "name \"%s\": there is a channel of that name", name);
    if (!hz_receivers_find(&d->receivers, receiver))
        return hz_fail(err, err_len, "there is no receiver \"%.40s\"", receiver);
    int rc = read_keys(d->kinds, params, c, err, err_len);
    snprintf(c->name, sizeof c->name, "%s", name);
    return rc;
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
    int rc = hz_plan_channel_check(&band, c, beside, n, err, err_len);
    if (hz_plan_anywhere(c))
        return rc;
    for (const double *f = c->decoder->freqs_hz; rc == 0 && c->freq_hz == 0 && *f != 0; f++) {
        if (hz_plan_inside(&band, c, *f))
            c->freq_hz = *f;
    }
    return rc;
}

/* The declarations of sensors: those of the configuration; or, where no channel of it wants any,
 * the shipped ones and those of the folder beside it. */
static int give_sensors(struct hz_daemon *d, struct hz_conf_channel *c, char *err, size_t err_len)
{
    if (!c->decoder->wants_sensors)
        return 0;
    if (!d->conf.sensors) {
        char *folder = d->conf_path ? hz_sensors_folder(d->conf_path) : NULL;
        int rc = hz_sensor_set_load(&d->conf.sensors, folder, false, err, err_len);
        free(folder);
        if (rc != 0)
            return rc;
    }
    c->sensors = d->conf.sensors;
    return 0;
}

static int answer(const char *key, const char *name, cJSON **result)
{
    *result = cJSON_CreateObject();
    return *result && cJSON_AddStringToObject(*result, key, name) ? 0 : -ENOMEM;
}

int hz_control_add_channel(struct hz_daemon *d, const cJSON *params, cJSON **result, char *err,
                           size_t err_len)
{
    struct hz_conf_channel c;
    int rc = read_params(d, params, &c, err, err_len);
    if (rc != 0)
        return rc;
    struct hz_receiver *r = hz_receivers_find(&d->receivers, c.receiver);
    rc = place(r, &c, err, err_len);
    if (rc == 0)
        rc = give_sensors(d, &c, err, err_len);
    c.keys = rc == 0 && c.decoder->wants_keys ? d->conf.keys : NULL;
    if (rc == 0)
        rc = hz_receiver_add_channel(r, &c);
    return rc == 0 ? answer("added", c.name, result) : rc;
}

int hz_control_remove_channel(struct hz_daemon *d, const cJSON *params, cJSON **result, char *err,
                              size_t err_len)
{
    const char *name = text_of(params, "channel");
    struct hz_receiver *r = name ? holder(d, name) : NULL;
    if (!name || cJSON_GetArraySize(params) != 1)
        return hz_fail(err, err_len, "remove_channel: expected params {\"channel\":NAME}");
    if (!r)
        return hz_fail(err, err_len, "there is no channel \"%.40s\"", name);
    int rc = hz_receiver_remove_channel(r, name);
    return rc == 0 ? answer("removed", name, result) : rc;
}
