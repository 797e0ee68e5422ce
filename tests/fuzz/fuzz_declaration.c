/* Declarations of sensors: a text, then behind a zero byte the symbols of a frame. Whatever it is,
 * each error says something, and a set that compiles judges any symbols and writes JSON. */
#include "config/sensors.h"
#include "proto/out/json.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void tell(void *ctx, const char *file, int line, const char *text)
{
    (void)ctx;
    if (!*file || line < 0 || strlen(text) < 5)
        abort();
}

/* One symbol a byte, of a piece of memory that is exactly as long. */
static void judge(const struct hz_sensor *s, const uint8_t *data, size_t size)
{
    char text[16384];
    struct hz_json j;
    struct hz_verdict v;
    const size_t n = size < HZ_SENSOR_SYMBOLS_MAX ? size : HZ_SENSOR_SYMBOLS_MAX;
    uint8_t *symbol = malloc(n ? n : 1);
    for (size_t i = 0; i < n; i++)
        symbol[i] = data[i] & 1;
    if (hz_sensor_judge(s, symbol, n, &v) && !v.passed)
        abort();
    const size_t length = hz_sensor_length(s, symbol, n);
    if (v.passed && (length == 0 || length > n))
        abort();
    hz_json_init(&j, text, sizeof text);
    hz_json_open(&j, NULL);
    hz_sensor_fields(s, symbol, n, &j);
    hz_json_close(&j);
    cJSON *o = j.full ? NULL : cJSON_ParseWithLength(text, j.len);
    if (!o && !j.full)
        abort();
    cJSON_Delete(o);
    free(symbol);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *zero = memchr(data, 0, size);
    const size_t n = zero ? (size_t)(zero - data) : size;
    struct hz_sensor_set *set = NULL;
    struct hz_sensor_drafts *d = hz_sensor_drafts_new(tell, NULL);
    if (!d)
        return 0;
    hz_sensors_read(d, "a.conf", (const char *)data, n, tell, NULL);
    if (hz_sensor_drafts_compile(d, &set) == 0) {
        for (size_t i = 0; i < set->n; i++)
            judge(&set->list[i], data + n, size - n);
        hz_sensor_set_unref(set);
    }
    hz_sensor_drafts_free(d);
    return 0;
}
