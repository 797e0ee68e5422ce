/* Passes frames as hex text to hz_adsb_describe and parses its JSON; for the tests of proto/adsb.
 */
#ifndef TESTS_ADSB_FRAMES_H
#define TESTS_ADSB_FRAMES_H

#include "proto/adsb/describe.h"
#include "proto/link/bits.h"

#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND INT64_C(1000000000)

static inline struct hz_aircraft_table *new_table(double lat, double lon)
{
    struct hz_aircraft_table *t = calloc(1, hz_aircraft_table_size());
    cr_assert_not_null(t);
    hz_aircraft_table_init(t, lat, lon);
    return t;
}

/* Bytes read. */
static inline size_t from_hex(const char *hex, uint8_t frame[14])
{
    size_t n = 0;
    unsigned byte;
    while (n < 14 && sscanf(hex + 2 * n, "%2x", &byte) == 1)
        frame[n++] = (uint8_t)byte;
    return n;
}

/* The object that a frame gives; the address is AA unless another is passed (not 0). */
static inline cJSON *describe_as(struct hz_aircraft_table *t, const char *hex, uint32_t address,
                                 int64_t time_ns)
{
    uint8_t frame[14];
    size_t n = from_hex(hex, frame);
    cr_assert(n == 7 || n == 14, "%s", hex);
    char text[1024];
    struct hz_json j;
    hz_json_init(&j, text, sizeof text);
    hz_json_open(&j, NULL);
    hz_adsb_describe(t, frame, n, address ? address : hz_bits(frame, 9, 24), time_ns, &j);
    hz_json_close(&j);
    cr_assert_not(j.full);
    cJSON *o = cJSON_ParseWithLength(text, j.len);
    cr_assert_not_null(o, "%.*s", (int)j.len, text);
    return o;
}

static inline cJSON *describe(struct hz_aircraft_table *t, const char *hex, int64_t time_ns)
{
    return describe_as(t, hex, 0, time_ns);
}

/* NAN when it is not there. */
static inline double number(const cJSON *o, const char *key)
{
    const cJSON *v = cJSON_GetObjectItemCaseSensitive(o, key);
    return cJSON_IsNumber(v) ? v->valuedouble : (double)NAN;
}

/* "" when it is not there. */
static inline const char *text(const cJSON *o, const char *key)
{
    const char *s = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, key));
    return s ? s : "";
}

static inline bool has(const cJSON *o, const char *key)
{
    return cJSON_HasObjectItem(o, key);
}

/* A file of ../shared, or NULL after marking the test as skipped. */
static inline FILE *open_shared(const char *name)
{
    const char *root = getenv("HZ_SHARED");
    char path[512];
    snprintf(path, sizeof path, "%s/%s", root ? root : "../shared", name);
    FILE *f = fopen(path, "r");
    if (!f)
        cr_skip_test("needs ../shared: %s", path);
    return f;
}

/* A JSON file of ../shared, to be deleted. */
static inline cJSON *read_json(const char *name)
{
    FILE *f = open_shared(name);
    static char all[65536];
    size_t n = fread(all, 1, sizeof all, f);
    fclose(f);
    cJSON *o = cJSON_ParseWithLength(all, n);
    cr_assert_not_null(o);
    return o;
}

#endif
