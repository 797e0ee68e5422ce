/* The methods of the control interface. */
#include "daemon/control/control.h"
#include "daemon/control/channels.h"
#include "daemon/control/configuration.h"
#include "daemon/control/metrics.h"
#include "daemon/control/status.h"
#include "daemon/control/tuning.h"
#include "daemon/run/apply.h"
#include "daemon/run/health.h"
#include "daemon/run/reload.h"

#include <errno.h>
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

static int events(const struct call *c, cJSON **result)
{
    return answer(hz_events_json(c->d->events), result);
}

static int decoders(const struct call *c, cJSON **result)
{
    return answer(hz_status_decoders(c->d), result);
}

static int outputs(const struct call *c, cJSON **result)
{
    return answer(hz_outputs_json(c->d->outputs), result);
}

static int inputs(const struct call *c, cJSON **result)
{
    return answer(hz_inputs_json(c->d->inputs), result);
}

static int captures(const struct call *c, cJSON **result)
{
    return answer(hz_captures_json(c->d->captures), result);
}

/* params: capture (a name), seconds. */
static int capture(const struct call *c, cJSON **result)
{
    const cJSON *name = cJSON_GetObjectItemCaseSensitive(c->params, "capture");
    const cJSON *seconds = cJSON_GetObjectItemCaseSensitive(c->params, "seconds");
    uint64_t number;
    bool good = cJSON_IsString(name) && cJSON_GetArraySize(c->params) == 1 + (seconds != NULL) &&
                (!seconds || (cJSON_IsNumber(seconds) && seconds->valuedouble > 0));
    if (!good) {
        snprintf(c->err, c->err_len,
                 "capture: expected capture (the name of a section) and seconds (more than 0)");
        return -EINVAL;
    }
    int rc = hz_captures_ask(c->d->captures, name->valuestring, seconds ? seconds->valuedouble : 0,
                             &number, c->err, c->err_len);
    if (rc != 0)
        return rc;
    cJSON *o = cJSON_CreateObject();
    cJSON_AddStringToObject(o, "capture", name->valuestring);
    cJSON_AddNumberToObject(o, "number", (double)number);
    return answer(o, result);
}

/* The verdict of /healthz: an error with the reason if something does not work. */
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
    const char *waits = hz_daemon_waits_for_restart(c->d);
    cJSON_AddBoolToObject(o, "reloaded", 1);
    if (waits)
        cJSON_AddStringToObject(o, "after_restart", waits);
    return answer(o, result);
}

/* params: channel (a name), limit. */
static int recordings(const struct call *c, cJSON **result)
{
    const cJSON *channel = cJSON_GetObjectItemCaseSensitive(c->params, "channel");
    const cJSON *limit = cJSON_GetObjectItemCaseSensitive(c->params, "limit");
    int known = (channel != NULL) + (limit != NULL);
    bool good = (!channel || cJSON_IsString(channel)) && cJSON_GetArraySize(c->params) == known &&
                (!limit || (cJSON_IsNumber(limit) && limit->valuedouble >= 1 &&
                            limit->valuedouble <= HZ_RECORDINGS_MAX));
    if (!good) {
        snprintf(c->err, c->err_len, "recordings: expected channel (a name) and limit (1 to %d)",
                 HZ_RECORDINGS_MAX);
        return -EINVAL;
    }
    size_t most = limit ? (size_t)limit->valuedouble : HZ_RECORDINGS_MAX;
    return answer(hz_outputs_recordings(c->d->outputs, cJSON_GetStringValue(channel), most),
                  result);
}

static int tune(const struct call *c, cJSON **result)
{
    return hz_control_tune(c->d, HZ_KNOB_CENTRE, c->params, result, c->err, c->err_len);
}

static int gain(const struct call *c, cJSON **result)
{
    return hz_control_tune(c->d, HZ_KNOB_GAIN, c->params, result, c->err, c->err_len);
}

static int ppm(const struct call *c, cJSON **result)
{
    return hz_control_tune(c->d, HZ_KNOB_PPM, c->params, result, c->err, c->err_len);
}

static int bias(const struct call *c, cJSON **result)
{
    return hz_control_tune(c->d, HZ_KNOB_BIAS, c->params, result, c->err, c->err_len);
}

static int add_channel(const struct call *c, cJSON **result)
{
    return hz_control_add_channel(c->d, c->params, result, c->err, c->err_len);
}

static int remove_channel(const struct call *c, cJSON **result)
{
    return hz_control_remove_channel(c->d, c->params, result, c->err, c->err_len);
}

static int change(const struct call *c, cJSON **result)
{
    return hz_control_change(c->d, c->params, result, c->err, c->err_len);
}

static int config(const struct call *c, cJSON **result)
{
    return hz_control_config(c->d, c->params, result, c->err, c->err_len);
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
    {"outputs", false, outputs},
    {"inputs", false, inputs},
    {"decoders", false, decoders},
    {"events", false, events},
    {"captures", false, captures},
    {"health", false, health},
    {"reload", false, reload},
    {"recordings", true, recordings},
    {"tune", true, tune},
    {"gain", true, gain},
    {"ppm", true, ppm},
    {"bias", true, bias},
    {"capture", true, capture},
    {"add_channel", true, add_channel},
    {"remove_channel", true, remove_channel},
    {"change", true, change},
    {"config", true, config},
};
enum { METHODS = sizeof methods / sizeof *methods };

static void no_such_method(const struct call *c)
{
    size_t used = (size_t)snprintf(
        c->err, c->err_len,
        "there is no method \"%.40s\"; there are subscribe, clients, aircraft, ships, "
        "stations, spectrum",
        c->method);
    for (int i = 0; i < METHODS && used < c->err_len; i++)
        used += (size_t)snprintf(c->err + used, c->err_len - used, ", %s", methods[i].name);
}

static int control(void *ctx, const char *method, const cJSON *params, cJSON **result, char *err,
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

/* ---- functions for the listeners -------------------------------------------------------- */

static cJSON *call_status(void *ctx)
{
    return hz_status_status(ctx);
}

static char *call_metrics(void *ctx)
{
    return hz_metrics_text(ctx);
}

static bool call_healthy(void *ctx, char *err, size_t err_len)
{
    return hz_daemon_healthy(ctx, err, err_len);
}

static int call_set(void *ctx, const char *receiver, enum hz_knob knob, double value, bool force,
                    char *err, size_t err_len)
{
    return hz_control_set(ctx, receiver, knob, value, force, err, err_len);
}

static bool call_tuner(void *ctx, const char *receiver, uint32_t *tuner, uint32_t *n_gains)
{
    return hz_control_tuner(ctx, receiver, tuner, n_gains);
}

static cJSON *call_recordings(void *ctx, const char *channel, size_t limit)
{
    const struct hz_daemon *d = ctx;
    return hz_outputs_recordings(d->outputs, channel, limit);
}

static bool call_recording(void *ctx, const char *file, char *path, size_t size)
{
    const struct hz_daemon *d = ctx;
    return hz_outputs_recording(d->outputs, file, path, size);
}

const struct hz_serve_calls hz_control_calls = {
    .status = call_status,
    .metrics = call_metrics,
    .recordings = call_recordings,
    .recording = call_recording,
    .healthy = call_healthy,
    .set = call_set,
    .tuner = call_tuner,
    .control = control,
};
