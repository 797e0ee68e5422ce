/* Sets of sensors from a text, for the tests of the language of declarations. */
#ifndef HZ_TESTS_SENSOR_TEXT_H
#define HZ_TESTS_SENSOR_TEXT_H

#include "config/sensors.h"
#include "proto/out/json.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

/* The keys that every sensor must have, but `bits`. */
#define SENSOR_KEYS "model = T\nzero = +500 -1000\none = +500 -2000\n"

/* Every error of this text, a line each. */
static char sensor_errors[4096];

static inline void sensor_tell(void *ctx, const char *file, int line, const char *text)
{
    const size_t n = strlen(sensor_errors);
    (void)ctx;
    snprintf(sensor_errors + n, sizeof sensor_errors - n, "%s:%d: %s\n", file, line, text);
}

/* The set of the text; NULL: sensor_errors says why. */
static inline struct hz_sensor_set *sensor_set(const char *text)
{
    struct hz_sensor_set *set = NULL;
    struct hz_sensor_drafts *d = hz_sensor_drafts_new(sensor_tell, NULL);
    sensor_errors[0] = 0;
    hz_sensors_read(d, "t.conf", text, strlen(text), sensor_tell, NULL);
    if (hz_sensor_drafts_compile(d, &set) != 0)
        set = NULL;
    else if (sensor_errors[0]) { /* of the reader */
        hz_sensor_set_unref(set);
        set = NULL;
    }
    hz_sensor_drafts_free(d);
    return set;
}

/* Symbols of "0101 1" or, behind an 'x', of hex digits. */
static inline size_t sensor_bits(const char *text, uint8_t *bit)
{
    size_t n = 0;
    const bool hex = *text == 'x';
    for (text += hex; *text; text++) {
        const int v = *text <= '9' ? *text - '0' : *text - 'a' + 10;
        if (*text == ' ')
            continue;
        for (int i = hex ? 3 : 0; i >= 0; i--)
            bit[n++] = v >> i & 1;
    }
    return n;
}

#endif
