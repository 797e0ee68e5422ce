/* The methods of the control interface. */
#include "daemon/control/control.h"
#include "config/plan.h"
#include "daemon/control/channels.h"
#include "daemon/control/status.h"
#include "daemon/run/health.h"
#include "daemon/run/reload.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

struct call {
    struct hz_daemon *d;
    const char *method;
    const cJSON *params; /* an object with members, or NULL */
    char *err;
    size_t err_len;
};

static int answer(cJSON *o, cJSON **result)
{
    *result = o;
    return o ? 0 : -ENOMEM;
}

static int status(const struct call *c, cJSON **result)
{
    return answer(hz_status_status(c->d), result);
}

static int receivers(const struct call *c, cJSON **result)
{
    return answer(hz_status_receivers(c->d), result);
}

static int channels(const struct call *c, cJSON **result)
{
    return answer(hz_status_channels(c->d), result);
}

static int decoders(const struct call *c, cJSON **result)
{
    return answer(hz_status_decoders(c->d), result);
}

static int clients(const struct call *c, cJSON **result)
{
    return answer(hz_listeners_clients_json(c->d->listeners), result);
}

/* What /healthz tells: an error with the reason when all is not well. */
static int health(const struct call *c, cJSON **result)
{
    if (!hz_daemon_healthy(c->d, c->err, c->err_len))
        return -EIO;
    cJSON *o = cJSON_CreateObject();
    cJSON_AddBoolToObject(o, "healthy", 1);
    return answer(o, result);
}

static int reload(const struct call *c, cJSON **result)
{
    int rc = hz_daemon_reload(c->d, c->err, c->err_len);
    if (rc != 0)
        return rc;
    cJSON *o = cJSON_CreateObject();
    cJSON_AddBoolToObject(o, "reloaded", 1);
    return answer(o, result);
}

/* ---- tune, gain, ppm, bias -------------------------------------------------------------- */

/* Puts the call's "value" into the one field of the tuning that the method changes. */
static int change(const struct call *c, const cJSON *value, struct hz_tuning *t)
{
    double v = cJSON_IsNumber(value) ? value->valuedouble : NAN;
    const char *expected = NULL;
    if (strcmp(c->method, "tune") == 0) {
        if (v >= 1 && v <= 4294967295.0)
            t->centre_hz = v;
        else
            expected = "Hz from 1 to 4294967295";
    } else if (strcmp(c->method, "gain") == 0) {
        if (cJSON_IsString(value) && strcmp(value->valuestring, "auto") == 0)
            t->gain_db = NAN;
        else if (v >= 0 && v <= 60)
            t->gain_db = v;
        else
            expected = "dB from 0 to 60, or \"auto\" (the word, no magic number)";
    } else if (strcmp(c->method, "ppm") == 0) {
        if (fabs(v) <= 1000)
            t->ppm = v;
        else
            expected = "ppm from -1000 to 1000";
    } else {
        if (cJSON_IsBool(value))
            t->bias_tee = cJSON_IsTrue(value);
        else
            expected = "true or false";
    }
    if (!expected)
        return 0;
    char *text = cJSON_PrintUnformatted(value);
    snprintf(c->err, c->err_len, "%s: value %s: expected %s", c->method, text ? text : "(none)",
             expected);
    cJSON_free(text);
    return -EINVAL;
}

/* A centre that the receiver does not have, or at which channels that have samples would have none:
 * the latter only where it is not forced. */
static int check_centre(const struct call *c, struct hz_receiver *r, double centre_hz)
{
    struct hz_receiver_samples in = hz_receiver_samples(r);
    struct hz_plan_band now = {.rate_hz = in.rate_hz, .centre_hz = in.centre_hz}, then = now;
    char text[128], names[200] = "";
    size_t n = 0, n_channels;
    struct hz_channel *const *channels = hz_receiver_channels(r, &n_channels);
    then.centre_hz = centre_hz;
    if (hz_conf_centre_check(hz_receiver_conf(r), centre_hz, text, sizeof text) < 0) {
        snprintf(c->err, c->err_len, "tune: value %.10g: expected %s", centre_hz, text);
        return -EINVAL;
    }
    for (size_t i = 0; i < n_channels && n < sizeof names; i++) {
        const struct hz_conf_channel *ch = hz_channel_conf(channels[i]);
        if (hz_plan_inside(&now, ch, ch->freq_hz) && !hz_plan_inside(&then, ch, ch->freq_hz))
            n += (size_t)snprintf(names + n, sizeof names - n, "%s%s", n ? ", " : "", ch->name);
    }
    if (n == 0 || cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(c->params, "force")))
        return 0;
    snprintf(c->err, c->err_len,
             "tune: at %.10g MHz these channels would be deaf: %s; \"force\":true (hertzctl: "
             "--force) tunes all the same",
             centre_hz / 1e6, names);
    return -EINVAL;
}

static int tune(const struct call *c, cJSON **result)
{
    const char *name =
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(c->params, "receiver"));
    struct hz_receiver *r = name ? hz_receivers_find(&c->d->receivers, name) : NULL;
    if (!r) {
        snprintf(c->err, c->err_len,
                 name ? "there is no receiver \"%s\""
                      : "%s: expected params {\"receiver\":NAME,\"value\":…}",
                 name ? name : c->method);
        return -EINVAL;
    }
    struct hz_tuning want = hz_tuning_of(hz_receiver_conf(r));
    int rc = change(c, cJSON_GetObjectItemCaseSensitive(c->params, "value"), &want);
    bool retune = strcmp(c->method, "tune") == 0 && !hz_receiver_replays(r);
    if (rc == 0 && retune)
        rc = check_centre(c, r, want.centre_hz);
    if (rc == 0)
        rc = hz_receiver_tune(r, &want, c->err, c->err_len);
    if (rc == -ENOSYS)
        rc = -ENOTSUP; /* the method is there, this receiver has no use for it */
    if (rc != 0)
        return rc;
    cJSON *o = cJSON_CreateObject();
    cJSON_AddStringToObject(o, "receiver", name);
    cJSON_AddStringToObject(o, "tuning", "pending");
    return answer(o, result);
}

static int add_channel(const struct call *c, cJSON **result)
{
    return hz_control_add_channel(c->d, c->params, result, c->err, c->err_len);
}

static int remove_channel(const struct call *c, cJSON **result)
{
    return hz_control_remove_channel(c->d, c->params, result, c->err, c->err_len);
}

/* ---- the table -------------------------------------------------------------------------- */

static const struct method {
    const char *name;
    bool takes_params;
    int (*run)(const struct call *c, cJSON **result);
} methods[] = {
    {"status", false, status},
    {"receivers", false, receivers},
    {"channels", false, channels},
    {"clients", false, clients},
    {"decoders", false, decoders},
    {"health", false, health},
    {"reload", false, reload},
    {"tune", true, tune},
    {"gain", true, tune},
    {"ppm", true, tune},
    {"bias", true, tune},
    {"add_channel", true, add_channel},
    {"remove_channel", true, remove_channel},
};
enum { METHODS = sizeof methods / sizeof *methods };

static void no_such_method(const struct call *c)
{
    size_t used = (size_t)snprintf(c->err, c->err_len,
                                   "there is no method \"%.40s\"; there are subscribe", c->method);
    for (int i = 0; i < METHODS && used < c->err_len; i++)
        used += (size_t)snprintf(c->err + used, c->err_len - used, ", %s", methods[i].name);
}

int hz_daemon_control(void *ctx, const char *method, const cJSON *params, cJSON **result, char *err,
                      size_t err_len)
{
    struct call c = {.d = ctx, .method = method, .params = params, .err = err, .err_len = err_len};
    for (int i = 0; i < METHODS; i++) {
        if (strcmp(methods[i].name, method) != 0)
            continue;
        if (!methods[i].takes_params && cJSON_GetArraySize(params) != 0) {
            snprintf(err, err_len, "%s takes no params", method);
            return -EINVAL;
        }
        return methods[i].run(&c, result);
    }
    no_such_method(&c);
    return -ENOSYS;
}
