#include "daemon/source/source.h"
#include "daemon/source/recording.h"

#include <math.h>
#include <string.h>

/* One line each, in the order in which they are shown. */
const struct hz_source_kind *const hz_source_kinds[] = {
    &hz_file_kind, &hz_sim_kind, &hz_rtlsdr_kind, &hz_rtl_tcp_kind, &hz_soapy_kind, NULL,
};

const struct hz_source_ops *hz_source_find(const struct hz_conf_receiver *conf)
{
    const struct hz_source_ops *ops = conf->source->ops;
    const struct hz_source_ops *instead = ops->instead ? ops->instead(conf) : NULL;
    return instead ? instead : ops;
}

bool hz_source_comes_again(const struct hz_conf_receiver *conf)
{
    const struct hz_source_ops *ops = conf->source->ops;
    return ops->comes_again && ops->comes_again(conf);
}

void hz_source_describe(struct hz_source *src, const struct hz_recording *rec)
{
    src->format = rec->format;
    src->rate_hz = rec->rate_hz;
    src->centre_hz = rec->centre_hz;
    src->start_utc_ns = rec->start_utc_ns;
}

struct hz_tuning hz_tuning_of(const struct hz_conf_receiver *conf)
{
    bool best = conf->gain_db == HZ_GAIN_BEST, found = isnan(conf->ppm);
    struct hz_tuning t = {.centre_hz = conf->centre_hz,
                          .gain_db = best ? HZ_GAIN_START_DB : conf->gain_db,
                          .ppm = found ? 0 : conf->ppm,
                          .bias_tee = conf->bias_tee,
                          .gain_best = best,
                          .ppm_auto = found};
    memcpy(t.gain_stages, conf->gain_stages, sizeof t.gain_stages);
    return t;
}

bool hz_tuning_same_gain(const struct hz_tuning *a, const struct hz_tuning *b)
{
    if (a->gain_best || b->gain_best)
        return a->gain_best == b->gain_best;
    if (strcmp(a->gain_stages, b->gain_stages) != 0)
        return false;
    return a->gain_db == b->gain_db || (isnan(a->gain_db) && isnan(b->gain_db));
}

bool hz_tuning_same_ppm(const struct hz_tuning *a, const struct hz_tuning *b)
{
    if (a->ppm_auto || b->ppm_auto)
        return a->ppm_auto == b->ppm_auto;
    return a->ppm == b->ppm;
}
