#include "config/config.h"
#include "daemon/source/recording_parse.h"

#include <cjson/cJSON.h>
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define GET cJSON_GetObjectItemCaseSensitive

struct error {
    char *text;
    size_t size;
};

/* Reads a number of an object. False: it does not exist. *v is NAN if it is no number or negative.
 */
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

static int datatype(const cJSON *global, struct hz_recording_meta *t, struct error e)
{
    const char *name = cJSON_GetStringValue(GET(global, "core:datatype"));
    enum hz_format format;
    bool known = name && hz_format_parse(name, &format) == 0;
    if (known && hz_format_is_iq(format) != t->audio) {
        t->has_format = true;
        t->format = format;
        return 0;
    }
    snprintf(e.text, e.size, "core:datatype '%.40s' in the SigMF metadata: expected %s",
             name ? name : "",
             t->audio ? "one of real numbers for audio, as ri16_le or rf32_le"
             : known  ? "a complex one, as ci16_le (is it audio? then say so: -t audio)"
                      : "cu8, ci8, or one as ci16_le, cu16_be, ci32_le, cf32_le, cf64_le");
    return -EINVAL;
}

/* Reads a count of samples or bytes; *v is unchanged if it does not exist. */
static int count(const cJSON *object, const char *key, uint64_t *v, struct error e)
{
    double n;
    if (!number(object, key, &n))
        return 0;
    if (!(n < 1e15)) /* exact as a double, and sums of them as integers */
        return not_a_number(key, e);
    *v = (uint64_t)n;
    return 0;
}

static int global_object(const cJSON *global, struct hz_recording_meta *t, struct error e)
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
    if (count(global, "core:trailing_bytes", &t->trailing_bytes, e) < 0)
        return -EINVAL;
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

/* The resolution of a time as written. */
static int64_t resolution(const char *text)
{
    int64_t ns = 1000000000;
    const char *point = strchr(text, '.');
    for (const char *s = point ? point + 1 : ""; isdigit((unsigned char)*s) && ns > 1; s++)
        ns /= 10;
    return ns;
}

/* Reads a time. An unreadable time is ignored with a warning: --start may give it. */
static void datetime(const cJSON *capture, struct hz_capture *c, struct hz_recording_meta *t)
{
    const cJSON *item = GET(capture, "core:datetime");
    const char *text = cJSON_GetStringValue(item);
    c->utc_ns = INT64_MIN;
    if (text && hz_parse_time(text, &c->utc_ns) == 0)
        c->resolution_ns = resolution(text);
    else if (item)
        snprintf(t->odd, sizeof t->odd,
                 "core:datetime '%.60s' in the SigMF metadata is not used: expected a time as in "
                 "2026-11-23T08:26:11.5Z",
                 text ? text : "");
}

static int one_capture(const cJSON *capture, struct hz_capture *c, struct hz_recording_meta *t,
                       struct error e)
{
    *c = (struct hz_capture){.centre_hz = NAN, .global = UINT64_MAX};
    if (number(capture, "core:frequency", &c->centre_hz) && isnan(c->centre_hz))
        return not_a_number("core:frequency", e);
    datetime(capture, c, t);
    if (count(capture, "core:sample_start", &c->sample, e) < 0 ||
        count(capture, "core:header_bytes", &c->header_bytes, e) < 0 ||
        count(capture, "core:global_index", &c->global, e) < 0)
        return -EINVAL;
    return 0;
}

/* Indices in the metadata count from core:offset, the position of the file in a longer recording.
 */
static void take_offset(struct hz_recording_meta *t, uint64_t offset)
{
    for (size_t i = 0; i < t->n_captures; i++) {
        if (t->captures[i].sample < offset)
            return; /* they count from the beginning of the file */
    }
    for (size_t i = 0; i < t->n_captures; i++)
        t->captures[i].sample -= offset;
}

static int captures_array(const cJSON *root, struct hz_recording_meta *t, struct error e)
{
    const cJSON *captures = GET(root, "captures"), *capture;
    uint64_t offset = 0;
    if (count(GET(root, "global"), "core:offset", &offset, e) < 0)
        return -EINVAL;
    t->captures = calloc((size_t)cJSON_GetArraySize(captures) + 1, sizeof *t->captures);
    if (!t->captures) {
        snprintf(e.text, e.size, "no memory");
        return -ENOMEM;
    }
    cJSON_ArrayForEach(capture, captures)
    {
        struct hz_capture *c = &t->captures[t->n_captures];
        if (one_capture(capture, c, t, e) < 0)
            return -EINVAL;
        c->order = t->n_captures++;
    }
    take_offset(t, offset);
    return 0;
}

/* The line and column of a JSON error, for the error text. */
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

int hz_sigmf_parse(const char *json, size_t len, struct hz_recording_meta *t, char *err,
                   size_t err_len)
{
    struct error e = {err, err_len};
    const char *end = NULL;
    cJSON *root = cJSON_ParseWithLengthOpts(json, len, &end, false);
    if (!root)
        return bad_json(json, len, end, e);
    while (end < json + len && isspace((unsigned char)*end))
        end++;
    const cJSON *global = GET(root, "global");
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
        rc = captures_array(root, t, e);
    cJSON_Delete(root);
    return rc;
}
