/* A message with fields as a test has them, told in a format, for decoders that are not there yet
 * as well as for those that are. */
#ifndef HZ_TESTS_TOLD_H
#define HZ_TESTS_TOLD_H

#include "proto/format/format.h"
#include "proto/out/sink.h"

#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>

struct told {
    const char *protocol, *channel, *station;
    double freq_hz;
    int64_t utc_ns;
    float rssi_dbfs, noise_dbfs, snr_db, offset_hz;
    const uint8_t *raw;
    size_t raw_len;
};

/* Writes any JSON value as a decoder does. */
static inline void told_write(struct hz_json *j, const char *key, const cJSON *v)
{
    const cJSON *item;
    if (cJSON_IsString(v)) {
        hz_json_str(j, key, v->valuestring);
    } else if (cJSON_IsBool(v)) {
        hz_json_bool(j, key, cJSON_IsTrue(v));
    } else if (cJSON_IsNumber(v)) {
        hz_json_decimals(j, key, v->valuedouble, 9);
    } else if (cJSON_IsArray(v)) {
        hz_json_open_array(j, key);
        cJSON_ArrayForEach(item, v) told_write(j, NULL, item);
        hz_json_close_array(j);
    } else if (cJSON_IsObject(v)) {
        hz_json_open(j, key);
        cJSON_ArrayForEach(item, v) told_write(j, item->string, item);
        hz_json_close(j);
    }
}

/* Adds the message with these fields as `put` of a format tells it. */
static inline void told_into(const struct told *t, const cJSON *fields, const struct hz_form *form,
                             struct hz_bytes *out)
{
    static char arena[262144], line[131072];
    struct hz_sink_head head = {
        .receiver = "roof", .channel = t->channel, .protocol = t->protocol, .freq_hz = t->freq_hz};
    struct hz_burst b = {.rssi_dbfs = t->rssi_dbfs,
                         .noise_dbfs = t->noise_dbfs,
                         .snr_db = t->snr_db,
                         .offset_hz = t->offset_hz,
                         .raw = t->raw,
                         .raw_len = t->raw_len};
    struct hz_sink s;
    struct hz_record r;
    const cJSON *item;
    size_t at = 0;
    hz_sink_init(&s, &head, arena, sizeof arena);
    hz_sink_rewind(&s, (struct hz_stamp){.utc_ns = t->utc_ns, .ns_per_sample = 1});
    struct hz_json *j = hz_sink_begin(&s, &b);
    cJSON_ArrayForEach(item, fields) told_write(j, item->string, item);
    hz_sink_end(&s);
    cr_assert(hz_sink_next(&s, &at, &r));
    struct hz_json l;
    hz_json_init(&l, line, sizeof line);
    hz_json_open(&l, NULL);
    hz_record_print(&r, &l);
    hz_json_close(&l);
    struct hz_form_in in = {.rec = &r,
                            .receiver = "roof",
                            .channel = t->channel,
                            .protocol = t->protocol,
                            .station = t->station,
                            .line = line,
                            .line_len = l.len};
    cr_assert_not(l.full);
    cr_assert(hz_form_takes(form, t->protocol));
    form->put(&in, out);
}

/* The same as a text by itself; valid until the next call. */
static inline const char *told_text(const struct told *t, const cJSON *fields,
                                    const struct hz_form *form)
{
    static char text[131072];
    struct hz_bytes out = {.p = text, .cap = sizeof text - 1};
    told_into(t, fields, form, &out);
    cr_assert_not(out.full);
    text[out.n] = '\0';
    return text;
}

/* The first `n` names that an object of `want` has and `got` has not, or has with another type or,
 * where `values`, another value. Names of `apart` (a list that ends with NULL) do not count. */
static inline void told_same(const cJSON *got, const cJSON *want, const char *const *apart,
                             bool values)
{
    const cJSON *w;
    cJSON_ArrayForEach(w, want)
    {
        bool counts = true;
        for (const char *const *a = apart; a && *a; a++)
            counts &= strcmp(*a, w->string) != 0;
        if (!counts)
            continue;
        const cJSON *g = cJSON_GetObjectItemCaseSensitive(got, w->string);
        cr_expect(g, "%s is not there", w->string);
        if (!g)
            continue;
        bool truths = cJSON_IsBool(g) && cJSON_IsBool(w);
        cr_expect(truths || g->type == w->type, "%s is of another type", w->string);
        if (values)
            cr_expect(cJSON_Compare(g, w, true), "%s has another value", w->string);
    }
}

/* Next line of a file of ../shared as an object; NULL: the end. */
static inline cJSON *told_line(FILE *f)
{
    static char line[65536];
    while (fgets(line, sizeof line, f)) {
        cJSON *o = cJSON_Parse(line);
        if (cJSON_IsObject(o))
            return o;
        cJSON_Delete(o);
    }
    return NULL;
}

#endif
