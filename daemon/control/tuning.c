#include "daemon/control/tuning.h"

#include "config/hops.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* The name and the range of each setting. Gain is in dB, NAN for automatic, or HZ_GAIN_BEST; ppm is
 * NAN for automatic. */
static const struct {
    const char *method;
    double min, max;
    const char *expected;
} knobs[HZ_KNOBS] = {
    [HZ_KNOB_CENTRE] = {"tune", 1, HZ_RADIO_MAX_HZ, "Hz from 1 to 1000000000000"},
    [HZ_KNOB_GAIN] = {"gain", 0, 60,
                      "dB from 0 to 60, \"best\" or \"auto\" (the words, no magic number)"},
    [HZ_KNOB_PPM] = {"ppm", -1000, 1000, "ppm from -1000 to 1000, or \"auto\""},
    [HZ_KNOB_BIAS] = {"bias", 0, 1, "true or false"},
};

static bool has_stages(const struct hz_receiver *r)
{
    return hz_receiver_conf(r)->source->stages;
}

/* The gain of a radio with stages has no range that is known here. */
static bool in_range(const struct hz_receiver *r, enum hz_knob knob, double v)
{
    if (knob == HZ_KNOB_GAIN && has_stages(r))
        return isnan(v) || (v >= HZ_GAIN_MIN_DB && v <= HZ_GAIN_MAX_DB);
    if (isnan(v))
        return knob == HZ_KNOB_GAIN || knob == HZ_KNOB_PPM;
    return (knob == HZ_KNOB_GAIN && v == HZ_GAIN_BEST) ||
           (v >= knobs[knob].min && v <= knobs[knob].max);
}

static const char *expected_of(const struct hz_receiver *r, enum hz_knob knob)
{
    return knob == HZ_KNOB_GAIN && has_stages(r) ? HZ_GAIN_EXPECTED : knobs[knob].expected;
}

static void turn(struct hz_tuning *t, enum hz_knob knob, double v)
{
    switch (knob) {
    case HZ_KNOB_CENTRE:
        t->centre_hz = v;
        break;
    case HZ_KNOB_GAIN:
        t->gain_best = v == HZ_GAIN_BEST;
        memset(t->gain_stages, 0, sizeof t->gain_stages);
        if (!t->gain_best) /* a search begins at the present gain */
            t->gain_db = v;
        else if (isnan(t->gain_db))
            t->gain_db = HZ_GAIN_START_DB;
        break;
    case HZ_KNOB_PPM:
        t->ppm_auto = isnan(v);
        if (!t->ppm_auto)
            t->ppm = v;
        break;
    default:
        t->bias_tee = v != 0;
    }
}

/* Refuses a centre outside the receiver's range, and, unless forced, a centre at which channels
 * that are inside the band would be outside. */
static int check_centre(struct hz_receiver *r, double centre_hz, bool force, char *err,
                        size_t err_len)
{
    struct hz_receiver_samples in = hz_receiver_samples(r);
    struct hz_plan_band now = {.rate_hz = in.rate_hz, .centre_hz = in.centre_hz}, then = now;
    char text[128], names[200] = "";
    size_t n = 0, n_channels;
    struct hz_channel *const *channels = hz_receiver_channels(r, &n_channels);
    then.centre_hz = centre_hz;
    if (hz_conf_centre_check(hz_receiver_conf(r), centre_hz, text, sizeof text) < 0) {
        snprintf(err, err_len, "tune: value %.10g: expected %s", centre_hz, text);
        return -EINVAL;
    }
    for (size_t i = 0; i < n_channels && n < sizeof names; i++) {
        const struct hz_conf_channel *ch = hz_channel_conf(channels[i]);
        if (hz_channel_host(channels[i]))
            continue; /* a burst, which a new centre ends */
        if (hz_plan_inside(&now, ch, ch->freq_hz) && !hz_plan_inside(&then, ch, ch->freq_hz))
            n += (size_t)snprintf(names + n, sizeof names - n, "%s%s", n ? ", " : "", ch->name);
    }
    if (n == 0 || force)
        return 0;
    snprintf(err, err_len,
             "tune: at %.10g MHz these channels would be deaf: %s; \"force\":true (hertzctl: "
             "--force) tunes all the same",
             centre_hz / 1e6, names);
    return -EINVAL;
}

/* A receiver that hops is tuned by its plan alone. */
static int check_plan(const struct hz_receiver *r, char *err, size_t err_len)
{
    char plan[200];
    const struct hz_conf_hops *hops = hz_receiver_hops(r);
    if (hops->n == 0)
        return 0;
    hz_hops_text(hops, plan, sizeof plan);
    snprintf(err, err_len,
             "tune: receiver %s hops by its plan (%s): expected another plan, or centre = in its "
             "place, in the configuration, and a reload",
             hz_receiver_name(r), plan);
    return -EINVAL;
}

int hz_control_set(struct hz_daemon *d, const char *receiver, enum hz_knob knob, double value,
                   bool force, char *err, size_t err_len)
{
    struct hz_receiver *r = hz_receivers_find(&d->receivers, receiver);
    if (!r) {
        snprintf(err, err_len, "there is no receiver \"%s\"", receiver);
        return -EINVAL;
    }
    if (!in_range(r, knob, value)) {
        snprintf(err, err_len, "%s: value %.10g: expected %s", knobs[knob].method, value,
                 expected_of(r, knob));
        return -EINVAL;
    }
    if (knob == HZ_KNOB_GAIN && value == HZ_GAIN_BEST && hz_receiver_hops(r)->n > 0) {
        snprintf(err, err_len,
                 "gain: receiver %s hops: each of its bands has a best gain of its own", receiver);
        return -EINVAL;
    }
    struct hz_tuning want = *hz_receiver_has(r);
    turn(&want, knob, value);
    int rc = 0;
    if (knob == HZ_KNOB_CENTRE)
        rc = check_plan(r, err, err_len);
    if (rc == 0 && knob == HZ_KNOB_CENTRE && !hz_receiver_replays(r))
        rc = check_centre(r, value, force, err, err_len);
    if (rc == 0)
        rc = hz_receiver_tune(r, &want, err, err_len);
    return rc == -ENOSYS ? -ENOTSUP : rc; /* -ENOSYS of a method means that it does not exist */
}

bool hz_control_tuner(const struct hz_daemon *d, const char *receiver, uint32_t *tuner,
                      uint32_t *n_gains)
{
    struct hz_receiver *r = hz_receivers_find(&d->receivers, receiver);
    if (!r)
        return false;
    struct hz_receiver_samples in = hz_receiver_samples(r);
    *tuner = in.tuner;
    *n_gains = in.n_gains;
    return in.n_gains > 0;
}

/* A gain as a text, "LNA 20, VGA 16". */
static int set_stages(struct hz_receiver *r, const char *text, char *err, size_t err_len)
{
    struct hz_tuning want = *hz_receiver_has(r);
    struct hz_gain gain;
    if (!has_stages(r) || hz_parse_gain(text, &gain) != 0) {
        snprintf(err, err_len, "gain: value \"%.100s\": expected %s", text,
                 expected_of(r, HZ_KNOB_GAIN));
        return -EINVAL;
    }
    want.gain_db = gain.db;
    memcpy(want.gain_stages, gain.stages, sizeof want.gain_stages);
    int rc = hz_receiver_tune(r, &want, err, err_len);
    return rc == -ENOSYS ? -ENOTSUP : rc;
}

/* The value in params as a number, or what stands for its word. False: wrong type. */
static bool get_value(enum hz_knob knob, const cJSON *value, double *out)
{
    const char *word = cJSON_GetStringValue(value);
    bool best = knob == HZ_KNOB_GAIN && word && strcmp(word, "best") == 0;
    bool automatic =
        (knob == HZ_KNOB_GAIN || knob == HZ_KNOB_PPM) && word && strcmp(word, "auto") == 0;
    *out = automatic ? NAN : best ? HZ_GAIN_BEST : 0;
    if (knob == HZ_KNOB_BIAS) {
        *out = cJSON_IsTrue(value) ? 1 : 0;
        return cJSON_IsBool(value);
    }
    if (cJSON_IsNumber(value))
        *out = value->valuedouble;
    return automatic || best || cJSON_IsNumber(value);
}

int hz_control_tune(struct hz_daemon *d, enum hz_knob knob, const cJSON *params, cJSON **result,
                    char *err, size_t err_len)
{
    const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(params, "receiver"));
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(params, "value");
    bool force = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(params, "force"));
    struct hz_receiver *r = name ? hz_receivers_find(&d->receivers, name) : NULL;
    double v = 0;
    int rc = 0;
    if (!name) {
        snprintf(err, err_len, "%s: expected params {\"receiver\":NAME,\"value\":…}",
                 knobs[knob].method);
        return -EINVAL;
    }
    bool good = r && get_value(knob, value, &v);
    bool text_of_gain = r && knob == HZ_KNOB_GAIN && cJSON_IsString(value) && !isnan(v);
    if (r && !good && !text_of_gain) {
        char *text = cJSON_PrintUnformatted(value);
        snprintf(err, err_len, "%s: value %s: expected %s", knobs[knob].method,
                 text ? text : "(none)", expected_of(r, knob));
        cJSON_free(text);
        return -EINVAL;
    }
    if (text_of_gain && (has_stages(r) || !good))
        rc = set_stages(r, value->valuestring, err, err_len);
    else
        rc = hz_control_set(d, name, knob, v, force, err, err_len);
    if (rc != 0)
        return rc;
    cJSON *o = *result = cJSON_CreateObject();
    cJSON_AddStringToObject(o, "receiver", name);
    cJSON_AddStringToObject(o, "tuning", "pending");
    return o ? 0 : -ENOMEM;
}
