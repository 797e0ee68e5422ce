/* The shipped sensors against ../shared/sensor-facts-a.vectors.jsonl: three messages for each of
 * 230 declarations, bits and fields, that rtl_433 reads so as well. */
#include "config/sensors.h"
#include "proto/out/json.h"
#include "tests/unit/capture.h"

#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Three names of the facts that stand for one of ours. */
static const char *ours(const char *name)
{
    static const char *const same[][2] = {{"lacrosse-tx29-nohum", "lacrosse-tx29"},
                                          {"lacrosse-tx25-probe", "lacrosse-tx29"}};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        if (!strcmp(name, same[i][0]))
            return same[i][1];
    return name;
}

/* Numbers of the facts have six digits. */
static bool agree(const cJSON *want, const cJSON *got)
{
    if (cJSON_IsNumber(want) && cJSON_IsNumber(got))
        return fabs(want->valuedouble - got->valuedouble) <=
               1e-5 * fmax(1, fabs(want->valuedouble)) + 5e-5;
    return cJSON_Compare(want, got, true);
}

/* The object with all fields that our declaration reads in the bits; to be deleted. */
static cJSON *read_fields(const struct hz_sensor *s, const uint8_t *symbols, size_t n)
{
    char text[8192];
    struct hz_json j;
    hz_json_init(&j, text, sizeof text);
    hz_json_open(&j, NULL);
    hz_sensor_fields(s, symbols, n, &j);
    hz_json_close(&j);
    cJSON *o = cJSON_ParseWithLength(text, j.len);
    cr_assert(o && !j.full, "%s: %.*s", s->name, (int)j.len, text);
    return o;
}

static void check_line(const struct hz_sensor_set *set, const char *line)
{
    static uint8_t data[HZ_SENSOR_DATA_MAX], symbols[HZ_SENSOR_SYMBOLS_MAX];
    cJSON *v = cJSON_Parse(line);
    const char *bits = cJSON_GetObjectItem(v, "bits")->valuestring;
    const char *name = ours(cJSON_GetObjectItem(v, "sensor")->valuestring);
    const cJSON *want, *fields = cJSON_GetObjectItem(v, "fields");
    const struct hz_sensor *s = hz_sensor_find(set, name);
    cr_assert(s, "%s", name);
    size_t n = strlen(bits);
    for (size_t i = 0; i < n; i++)
        data[i] = bits[i] == '1';
    n = hz_sensor_symbols(s, data, n, 0, symbols);
    struct hz_verdict verdict;
    hz_sensor_judge(s, symbols, n, &verdict);
    cr_expect(verdict.passed, "%s: %s", name, bits);
    cJSON *got = read_fields(s, symbols, n);
    cr_expect_str_eq(cJSON_GetObjectItem(got, "model")->valuestring,
                     cJSON_GetObjectItem(v, "model")->valuestring);
    cr_expect_eq(cJSON_GetArraySize(got), cJSON_GetArraySize(fields) + 1, "%s: %s", name, bits);
    cJSON_ArrayForEach(want, fields)
    {
        const cJSON *have = cJSON_GetObjectItem(got, want->string);
        cr_expect(have && agree(want, have), "%s: %s: %s", name, want->string, bits);
    }
    cJSON_Delete(got);
    cJSON_Delete(v);
}

Test(sensor_vectors, all)
{
    char path[512], err[256], line[4096];
    snprintf(path, sizeof path, "%s/sensor-facts-a.vectors.jsonl", capture_shared());
    FILE *f = fopen(path, "r");
    if (!f)
        cr_skip_test("needs ../shared: %s", path);
    struct hz_sensor_set *set;
    cr_assert_eq(hz_sensor_set_builtin(&set, err, sizeof err), 0, "%s", err);
    int lines = 0;
    for (; fgets(line, sizeof line, f); lines++)
        check_line(set, line);
    cr_expect_eq(lines, 690);
    hz_sensor_set_unref(set);
    fclose(f);
}
