#include "daemon/source/soapy_gain.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static bool in_range(double db, SoapySDRRange range)
{
    return db >= range.minimum && db <= range.maximum;
}

/* "LNA 0 to 40, VGA 0 to 62": what may be set. */
static void stages_of(struct hz_soapy *s, char *out, size_t size)
{
    size_t n, used = 0;
    char **names = s->api.list_stages(s->dev, SOAPY_SDR_RX, s->channel, &n);
    snprintf(out, size, "no stages");
    for (size_t i = 0; i < n && used < size; i++) {
        SoapySDRRange r = s->api.stage_range(s->dev, SOAPY_SDR_RX, s->channel, names[i]);
        used += (size_t)snprintf(out + used, size - used, "%s%s %g to %g", i ? ", " : "", names[i],
                                 r.minimum, r.maximum);
    }
    s->api.strings_clear(&names, n);
}

static int refuse(struct hz_soapy *s, const char *what, char *err, size_t err_len)
{
    char stages[160];
    SoapySDRRange all = s->api.gain_range(s->dev, SOAPY_SDR_RX, s->channel);
    stages_of(s, stages, sizeof stages);
    snprintf(err, err_len, "%s: expected%s dB from %g to %g for all of it, or by stage: %s", what,
             s->api.has_gain_mode(s->dev, SOAPY_SDR_RX, s->channel) ? " auto," : "", all.minimum,
             all.maximum, stages);
    return -EINVAL;
}

static bool has_stage(struct hz_soapy *s, const char *name)
{
    size_t n;
    bool found = false;
    char **names = s->api.list_stages(s->dev, SOAPY_SDR_RX, s->channel, &n);
    for (size_t i = 0; i < n; i++)
        found = found || strcmp(names[i], name) == 0;
    s->api.strings_clear(&names, n);
    return found;
}

static int set_stages(struct hz_soapy *s, const struct hz_tuning *t, char *err, size_t err_len)
{
    char name[HZ_GAIN_NAME], what[80];
    double db;
    int rc = 0;
    for (const char *at = t->gain_stages; rc == 0 && hz_gain_next(&at, name, &db);) {
        snprintf(what, sizeof what, "gain of stage %s %g dB", name, db);
        if (!has_stage(s, name) ||
            !in_range(db, s->api.stage_range(s->dev, SOAPY_SDR_RX, s->channel, name)))
            return refuse(s, what, err, err_len);
        rc = s->api.set_stage(s->dev, SOAPY_SDR_RX, s->channel, name, db);
    }
    return rc;
}

int hz_soapy_set_gain(struct hz_soapy *s, const struct hz_tuning *t, char *err, size_t err_len)
{
    char what[80];
    bool automatic = isnan(t->gain_db), has_auto;
    has_auto = s->api.has_gain_mode(s->dev, SOAPY_SDR_RX, s->channel);
    if (automatic && !has_auto)
        return refuse(s, "gain = auto, which the device does not have", err, err_len);
    int rc = has_auto ? s->api.set_gain_mode(s->dev, SOAPY_SDR_RX, s->channel, automatic) : 0;
    if (rc == 0 && *t->gain_stages) {
        rc = set_stages(s, t, err, err_len);
        if (rc == -EINVAL)
            return rc;
    } else if (rc == 0 && !automatic) {
        snprintf(what, sizeof what, "gain %g dB", t->gain_db);
        if (!in_range(t->gain_db, s->api.gain_range(s->dev, SOAPY_SDR_RX, s->channel)))
            return refuse(s, what, err, err_len);
        rc = s->api.set_gain(s->dev, SOAPY_SDR_RX, s->channel, t->gain_db);
    }
    if (rc == 0)
        return 0;
    snprintf(err, err_len, "the device refused the gain: %s", s->api.last_error());
    return -EIO;
}
