/* What a frame of an RS41 tells: of a simulated flight, whose encoder shares nothing with the
 * decoder. */
#include "proto/link/ecef.h"
#include "proto/rs41/describe.h"
#include "proto/rs41/known.h"
#include "proto/rs41/sensors.h"
#include "proto/rs41/sizes.h"
#include "sim/sonde.h"

#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

static struct hz_rs41_known known;
static struct hz_sim_sonde flying;

static void launch(double alt_m)
{
    struct hz_rng r;
    hz_rng_init(&r, 3, 1);
    memset(&known, 0, sizeof known);
    hz_sim_sonde_init(&flying, &r, -33.5, 151, alt_m);
}

/* The fields of a frame, noted as the one of second `at`; the caller frees them. */
static cJSON *tell(const uint8_t *frame, size_t len, double at)
{
    static char text[8192];
    struct hz_json j;
    const struct hz_rs41_sonde *s = hz_rs41_note(&known, frame, len, at * HZ_RS41_RATE_HZ);
    cr_assert_not_null(s);
    hz_json_init(&j, text, sizeof text);
    hz_json_open(&j, NULL);
    hz_rs41_describe(frame, len, s, &j);
    hz_json_close(&j);
    cr_assert(!j.full);
    cJSON *o = cJSON_ParseWithLength(text, j.len);
    cr_assert_not_null(o, "%.*s", (int)j.len, text);
    return o;
}

static double number(const cJSON *o, const char *name)
{
    const cJSON *v = cJSON_GetObjectItemCaseSensitive(o, name);
    return cJSON_IsNumber(v) ? v->valuedouble : NAN;
}

static cJSON *next(double at)
{
    uint8_t frame[HZ_SIM_SONDE_FRAME];
    hz_sim_sonde_step(&flying);
    hz_sim_sonde_frame(&flying, frame);
    return tell(frame, sizeof frame, at);
}

Test(rs41_fields, a_flight_is_told_as_it_was)
{
    launch(2000);
    for (int i = 0; i < 30; i++) {
        cJSON *o = next(i);
        cr_expect_str_eq(cJSON_GetStringValue(cJSON_GetObjectItem(o, "id")), flying.serial);
        cr_expect_eq(number(o, "frame"), flying.frame);
        cr_expect_float_eq(number(o, "lat"), flying.lat, 1e-6);
        cr_expect_float_eq(number(o, "lon"), flying.lon, 1e-6);
        cr_expect_float_eq(number(o, "alt"), flying.alt_m, 0.02);
        cr_expect_float_eq(number(o, "vel_h"), hypot(flying.east, flying.north), 0.02);
        cr_expect_float_eq(number(o, "vel_v"), flying.up, 0.02);
        cr_expect_float_eq(
            remainder(number(o, "heading") - atan2(flying.east, flying.north) * 57.29577951, 360),
            0, 0.2);
        cr_expect_eq(number(o, "sats"), flying.satellites);
        cr_expect_eq(number(o, "batt"), 2.7);
        cJSON_Delete(o);
    }
}

static bool is_missing(const cJSON *o, const char *name)
{
    const cJSON *v;
    cJSON_ArrayForEach(v, cJSON_GetObjectItemCaseSensitive(o, "missing"))
    {
        if (strcmp(v->valuestring, name) == 0)
            return true;
    }
    return false;
}

/* A value is told or said to be missing in every frame, and with all pages told and right. */
Test(rs41_fields, the_air_is_told_once_the_calibration_has_come)
{
    unsigned whole = 0;
    launch(9000);
    for (int i = 0; i < 110; i++) {
        cJSON *o = next(i);
        unsigned pages = i < 50 ? (unsigned)i + 1 : 51;
        cr_expect_eq(number(o, "calibration"), pages);
        cr_expect_neq(isnan(number(o, "temp")), !is_missing(o, "temp"));
        cr_expect_neq(isnan(number(o, "humidity")), !is_missing(o, "humidity"));
        cr_expect_neq(isnan(number(o, "pressure")), !is_missing(o, "pressure"));
        if (pages == 51) {
            cr_expect_float_eq(number(o, "temp"), flying.temp_c, 0.1);
            cr_expect_float_eq(number(o, "humidity"), flying.humidity, 0.1);
            cr_expect_float_eq(number(o, "pressure"), flying.pressure_hpa, 0.1);
            cr_expect_str_eq(cJSON_GetStringValue(cJSON_GetObjectItem(o, "subtype")), "RS41-SGP");
            cr_expect_eq(number(o, "tx_frequency"), 403500);
            const char *all = cJSON_GetStringValue(cJSON_GetObjectItem(o, "rs41_calconf51x16"));
            whole += all != NULL;
            cr_expect(!all || strlen(all) == 1632);
        }
        cJSON_Delete(o);
    }
    cr_expect_eq(whole, 1 + (flying.frame % 51 < 8), "once a turn: %u", whole);
}

/* Humidity with all terms of its formula. Computed apart, in another language, from the formula as
 * rs41mod has it: see sensors.h. */
static void put_float(struct hz_rs41_sonde *s, size_t at, float value)
{
    memcpy(s->page + at, &value, sizeof value);
}

static void put_count(uint8_t *to, unsigned value)
{
    to[0] = (uint8_t)value;
    to[1] = (uint8_t)(value >> 8);
    to[2] = (uint8_t)(value >> 16);
}

Test(rs41_fields, every_constant_of_the_calibration_counts)
{
    struct hz_rs41_sonde s = {0};
    struct hz_rs41_air air;
    uint8_t data[HZ_RS41_SENSORS_SIZE] = {0};
    const float co[6] = {-243.911f, 0.187654f, 8.2e-6f, 1.3f, 0.5f, 0.01f};
    const unsigned counts[] = {140000, 132000, 187000, 520000, 481000, 555000,
                               145000, 132000, 187000, 330000, 301000, 365000};
    memset(s.have, 1, sizeof s.have);
    put_float(&s, 61, 750);
    put_float(&s, 65, 1100);
    put_float(&s, 69, 0);
    put_float(&s, 73, 47);
    for (size_t i = 0; i < 6; i++) {
        put_float(&s, 77 + 4 * i, co[i]);
        put_float(&s, 293 + 4 * i, co[i]);
    }
    put_float(&s, 117, 24);
    put_float(&s, 121, 5);
    for (size_t i = 0; i < 42; i++)
        put_float(&s, 125 + 4 * i, (float)(30.0 / (1 + (double)i) * (i % 2 ? -1 : 1)));
    for (size_t i = 0; i < 18; i++)
        put_float(&s, 606 + 4 * i, (float)(i == 6 ? 1.5 : 0.2 / (1 + (double)i)));
    for (size_t i = 0; i < 3; i++)
        put_float(&s, 678 + 4 * i, (float)(0.2 + 0.1 * (double)i));
    for (size_t i = 0; i < 12; i++)
        put_float(&s, 698 + 4 * i, (float)(0.05 * (1 + (double)i)));
    for (size_t i = 0; i < 12; i++)
        put_count(data + 3 * i, counts[i]);
    data[38] = 0xdc; /* 15 degrees */
    data[39] = 0x05;
    hz_rs41_air(&s, data, sizeof data, 5000, &air);
    cr_expect_float_eq(air.temp, -39.53118, 1e-3, "%f", air.temp);
    cr_expect_float_eq(air.pressure, 779.61653, 1e-3, "%f", air.pressure);
    cr_expect_float_eq(air.humidity, 82.98386, 1e-3, "%f", air.humidity);
}

Test(rs41_fields, places_of_the_earth)
{
    /* the equator, a pole, and the example of the National Imagery and Mapping Agency's TR8350.2 */
    static const struct {
        double xyz[3], lat, lon, alt;
    } places[] = {{{6378137, 0, 0}, 0, 0, 0},
                  {{0, 0, 6356752.3142 + 1000}, 90, 0, 1000},
                  {{0, -6378137 - 20000, 0}, 0, -90, 20000}};
    for (size_t i = 0; i < 3; i++) {
        struct hz_ecef_place at = hz_ecef_place(places[i].xyz);
        cr_expect_float_eq(at.lat, places[i].lat, 1e-9);
        cr_expect_float_eq(at.lon, places[i].lon, 1e-9);
        cr_expect_float_eq(at.alt, places[i].alt, 1e-3);
    }
}

/* The newer blocks: place and UTC in one. */
Test(rs41_fields, firmware_with_one_block_for_place_and_time)
{
    uint8_t old[HZ_SIM_SONDE_FRAME], frame[HZ_RS41_STANDARD] = {0};
    launch(3000);
    hz_sim_sonde_frame(&flying, old);
    memcpy(frame, old, 0x65); /* header, parity, type and status */
    uint8_t *b = frame + 0x65;
    b[0] = HZ_RS41_FIX;
    b[1] = 0x26;
    memcpy(b + 2, old + 0x112 + 2, 18);
    const uint8_t when[] = {0xe8, 0x07, 2, 29, 23, 59, 58, 25}; /* 2024 */
    memcpy(b + 20, when, sizeof when);
    unsigned crc = hz_rs41_crc(b + 2, 0x26);
    b[2 + 0x26] = (uint8_t)crc;
    b[3 + 0x26] = (uint8_t)(crc >> 8);
    cJSON *o = tell(frame, sizeof frame, 0);
    cr_expect_str_eq(cJSON_GetStringValue(cJSON_GetObjectItem(o, "datetime")),
                     "2024-02-29T23:59:58.250Z");
    cr_expect_str_eq(cJSON_GetStringValue(cJSON_GetObjectItem(o, "ref_datetime")), "UTC");
    cr_expect_float_eq(number(o, "lat"), flying.lat, 1e-6);
    cr_expect_float_eq(number(o, "alt"), flying.alt_m, 0.02);
    cJSON_Delete(o);
}

Test(rs41_fields, what_a_frame_will_repeat_is_expected)
{
    uint8_t frame[HZ_SIM_SONDE_FRAME];
    struct hz_rs41_hints h;
    size_t right = 0, wrong = 0;
    launch(4000);
    for (int i = 0; i < 60; i++)
        cJSON_Delete(next(i));
    hz_sim_sonde_step(&flying);
    hz_sim_sonde_step(&flying); /* one was lost */
    hz_sim_sonde_frame(&flying, frame);
    hz_rs41_expect(&known, 61.001 * HZ_RS41_RATE_HZ, &h);
    cr_assert_eq(h.len, sizeof frame);
    for (size_t i = 0; i < h.len; i++) {
        right += h.has[i] && h.value[i] == frame[i];
        wrong += h.has[i] && h.value[i] != frame[i];
    }
    cr_expect_eq(wrong, 0);
    cr_expect_geq(right, 60, "%zu", right);
}
