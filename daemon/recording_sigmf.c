#include "config/config.h"
#include "daemon/recording_parse.h"

#include <cjson/cJSON.h>
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <string.h>

#define GET cJSON_GetObjectItemCaseSensitive

struct error {
    char *text;
    size_t size;
};

/* A number of an object. false: it is not there; anything but a number at least 0: NAN. */
static bool number(const cJSON *object, const char *key, double *v)
{
    const cJSON *item = GET(object, key);
    if (!item)
        return false;
    bool good = cJSON_IsNumber(item) && isfinite(item->valuedouble) && item->valuedouble >= 0;
    *v = good ? item->valuedouble : NAN;
    return true;
}

static int not_a_number(const char *key, struct error e)
{
    snprintf(e.text, e.size, "%s in the SigMF metadata: expected a number of at least 0", key);
    return -EINVAL;
}

static int datatype(const cJSON *global, struct hz_told *t, struct error e)
{
    static const struct {
        const char *name;
        enum hz_format format;
    } types[] = {{"cu8", HZ_CU8}, {"ci8", HZ_CS8}, {"ci16_le", HZ_CS16}, {"cf32_le", HZ_CF32}};
    const char *name = cJSON_GetStringValue(GET(global, "core:datatype"));
    for (size_t i = 0; name && i < sizeof types / sizeof types[0]; i++) {
        if (strcmp(types[i].name, name) == 0) {
            t->has_format = true;
            t->format = types[i].format;
            return 0;
        }
    }
    snprintf(e.text, e.size,
             "core:datatype '%.40s' in the SigMF metadata: expected cu8, ci8, ci16_le or cf32_le",
             name ? name : "");
    return -EINVAL;
}

static int global_object(const cJSON *global, struct hz_told *t, struct error e)
{
    double channels = 1;
    if (datatype(global, t, e) < 0)
        return -EINVAL;
    if (number(global, "core:sample_rate", &t->rate_hz) && isnan(t->rate_hz))
        return not_a_number("core:sample_rate", e);
    if (number(global, "core:num_channels", &channels) && !(fabs(channels - 1) < 0.5)) {
        snprintf(e.text, e.size, "core:num_channels in the SigMF metadata: expected 1");
        return -EINVAL;
    }
    const cJSON *dataset = GET(global, "core:dataset");
    const char *name = cJSON_GetStringValue(dataset);
    if (dataset && (!name || !*name || strchr(name, '/') || strlen(name) >= sizeof t->dataset)) {
        snprintf(e.text, e.size,
                 "core:dataset in the SigMF metadata: expected the name of a file "
                 "in the same folder");
        return -EINVAL;
    }
    if (name)
        strcpy(t->dataset, name);
    return 0;
}

static int first_capture(const cJSON *capture, struct hz_told *t, struct error e)
{
    double header;
    if (number(capture, "core:frequency", &t->centre_hz) && isnan(t->centre_hz))
        return not_a_number("core:frequency", e);
    if (number(capture, "core:header_bytes", &header)) {
        if (!(header < 1e15))
            return not_a_number("core:header_bytes", e);
        t->offset = (uint64_t)header;
    }
    const cJSON *datetime = GET(capture, "core:datetime");
    const char *text = cJSON_GetStringValue(datetime);
    if (datetime && (!text || hz_parse_time(text, &t->start_utc_ns) < 0)) {
        snprintf(e.text, e.size,
                 "core:datetime '%.60s' in the SigMF metadata: expected UTC as in "
                 "2026-11-23T08:26:11.5Z",
                 text ? text : "");
        return -EINVAL;
    }
    return 0;
}

static int captures_array(const cJSON *captures, struct hz_told *t, struct error e)
{
    const cJSON *capture;
    bool first = true;
    cJSON_ArrayForEach(capture, captures)
    {
        double hz;
        if (first && first_capture(capture, t, e) < 0)
            return -EINVAL;
        first = false;
        if (number(capture, "core:frequency", &hz) && !(fabs(hz - t->centre_hz) < 0.5)) {
            snprintf(e.text, e.size,
                     "the SigMF recording changes its frequency: expected one for all captures");
            return -EINVAL;
        }
    }
    return 0;
}

/* Where the text stops being JSON, for people. */
static int bad_json(const char *json, size_t len, const char *at, struct error e)
{
    int line = 1, column = 1;
    const char *end = json + len;
    for (const char *s = json; at && s < at && s < end; s++) {
        column = *s == '\n' ? 1 : column + 1;
        line += *s == '\n';
    }
    snprintf(e.text, e.size, "bad JSON in the SigMF metadata at line %d, column %d", line, column);
    return -EINVAL;
}

int hz_sigmf_parse(const char *json, size_t len, struct hz_told *t, char *err, size_t err_len)
{
    struct error e = {err, err_len};
    const char *end = NULL;
    cJSON *root = cJSON_ParseWithLengthOpts(json, len, &end, false);
    if (!root)
        return bad_json(json, len, end, e);
    while (end < json + len && isspace((unsigned char)*end))
        end++;
    const cJSON *global = GET(root, "global"), *captures = GET(root, "captures");
    int rc = 0;
    if (end < json + len) {
        rc = bad_json(json, len, end, e);
    } else if (!cJSON_IsObject(global)) {
        snprintf(err, err_len, "the SigMF metadata has no object 'global'");
        rc = -EINVAL;
    } else {
        rc = global_object(global, t, e);
    }
    if (rc == 0)
        rc = captures_array(captures, t, e);
    cJSON_Delete(root);
    return rc;
}
