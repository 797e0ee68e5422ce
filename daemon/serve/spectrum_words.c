#include "daemon/serve/spectrum_words.h"

#include "config/fail.h"
#include "daemon/serve/http.h"

#include <math.h>
#include <string.h>

enum { SHOWN_MAX = 40, BINS = 1024, FPS = 20 };

/* The narrowest range: so that there are enough bins of 40 Hz. */
#define SPAN_MIN_HZ (HZ_VIEW_BINS_MIN * HZ_BAND_BIN_HZ)
#define FREQ_MAX_HZ 1e12

static struct hz_spectrum_words defaults(void)
{
    return (struct hz_spectrum_words){
        .want = {.from_hz = NAN, .to_hz = NAN, .fps = FPS, .bins = BINS}};
}

static int add_number(struct hz_spectrum_words *w, const char *key, double v, char *err,
                      size_t err_len)
{
    struct hz_view_want *want = &w->want;
    if (strcmp(key, "bins") == 0) {
        if (!(v >= HZ_VIEW_BINS_MIN && v <= HZ_VIEW_BINS_MAX) || v != floor(v))
            return hz_fail(err, err_len, "bins %.10g: expected a whole number, %d to %d", v,
                           HZ_VIEW_BINS_MIN, HZ_VIEW_BINS_MAX);
        want->bins = (size_t)v;
        return 0;
    }
    if (strcmp(key, "fps") == 0) {
        if (!(v >= HZ_VIEW_FPS_MIN && v <= HZ_VIEW_FPS_MAX) && v != 0)
            return hz_fail(err, err_len, "fps %.10g: expected %g to %d", v, HZ_VIEW_FPS_MIN,
                           HZ_VIEW_FPS_MAX);
        want->fps = v;
        return 0;
    }
    if (!(v >= 0 && v <= FREQ_MAX_HZ))
        return hz_fail(err, err_len, "%s %.10g: expected a frequency in Hz", key, v);
    *(strcmp(key, "from") == 0 ? &want->from_hz : &want->to_hz) = v;
    return 0;
}

static bool is_number_key(const char *key)
{
    return strcmp(key, "bins") == 0 || strcmp(key, "fps") == 0 || strcmp(key, "from") == 0 ||
           strcmp(key, "to") == 0;
}

static int set_receiver(struct hz_spectrum_words *w, const char *name, char *err, size_t err_len)
{
    size_t n = strlen(name);
    if (n == 0 || n > HZ_NAME_MAX)
        return hz_fail(err, err_len, "receiver \"%.*s\": expected the name of a receiver",
                       SHOWN_MAX, name);
    memcpy(w->receiver, name, n + 1);
    return 0;
}

static int fail_unknown(const char *key, char *err, size_t err_len)
{
    return hz_fail(err, err_len, "unknown word \"%.*s\": expected receiver, bins, fps, from, to",
                   SHOWN_MAX, key);
}

static int check_whole(struct hz_spectrum_words *w, char *err, size_t err_len)
{
    const struct hz_view_want *want = &w->want;
    w->stop = want->fps == 0;
    if (isnan(want->from_hz) != isnan(want->to_hz))
        return hz_fail(err, err_len, "%s without %s: expected both, or none for the whole band",
                       isnan(want->to_hz) ? "from" : "to", isnan(want->to_hz) ? "to" : "from");
    if (want->to_hz - want->from_hz < SPAN_MIN_HZ)
        return hz_fail(err, err_len, "from %.10g to %.10g: expected at least %d Hz", want->from_hz,
                       want->to_hz, SPAN_MIN_HZ);
    return 0;
}

/* A number as text; a frequency may be written as in the configuration, "161.975M". */
static int add_text(struct hz_spectrum_words *w, const char *key, const char *text, char *err,
                    size_t err_len)
{
    bool freq = strcmp(key, "from") == 0 || strcmp(key, "to") == 0;
    double v;
    if ((freq ? hz_parse_hz : hz_parse_number)(text, &v) != 0)
        return hz_fail(err, err_len, "%s \"%.*s\": expected a %s", key, SHOWN_MAX, text,
                       freq ? "frequency in Hz" : "number");
    return add_number(w, key, v, err, err_len);
}

int hz_spectrum_from_query(struct hz_spectrum_words *w, const char *query, size_t n, char *err,
                           size_t err_len)
{
    struct hz_http_text rest = {query, n};
    char key[32], value[64];
    bool wrong;
    *w = defaults();
    while (hz_http_query_next(&rest, key, sizeof key, value, sizeof value, &wrong)) {
        int rc;
        if (strcmp(key, "receiver") == 0)
            rc = set_receiver(w, value, err, err_len);
        else if (!is_number_key(key))
            rc = fail_unknown(key, err, err_len);
        else
            rc = add_text(w, key, value, err, err_len);
        if (rc != 0)
            return rc;
    }
    if (wrong)
        return hz_fail(
            err, err_len,
            "query: expected receiver, bins, fps, from, to as NAME=VALUE, separated by &");
    if (w->want.fps == 0)
        return hz_fail(err, err_len, "fps 0: expected %g to %d", HZ_VIEW_FPS_MIN, HZ_VIEW_FPS_MAX);
    return check_whole(w, err, err_len);
}

int hz_spectrum_from_json(struct hz_spectrum_words *w, const cJSON *words, char *err,
                          size_t err_len)
{
    *w = defaults();
    if (!cJSON_IsObject(words))
        return hz_fail(err, err_len, "spectrum: expected an object");
    const cJSON *item;
    cJSON_ArrayForEach(item, words)
    {
        const char *key = item->string;
        int rc = 0;
        if (strcmp(key, "receiver") == 0)
            rc = cJSON_IsString(item) ? set_receiver(w, item->valuestring, err, err_len)
                                      : hz_fail(err, err_len, "receiver: expected a string");
        else if (!is_number_key(key))
            rc = fail_unknown(key, err, err_len);
        else
            rc = cJSON_IsNumber(item) ? add_number(w, key, item->valuedouble, err, err_len)
                                      : hz_fail(err, err_len, "%s: expected a number", key);
        if (rc != 0)
            return rc;
    }
    return check_whole(w, err, err_len);
}
