/* Telegrams of real meters that were published, with the values that others quote with them. */
#include "proto/wmbus/describe.h"
#include "tests/unit/capture.h"

#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct hz_wmbus_state state;
static char text[65536];

static size_t unhex(const char *s, uint8_t *out, size_t room)
{
    size_t n = 0;
    for (; s[0] && s[1] && n < room; s += 2) {
        char two[3] = {s[0], s[1], '\0'};
        out[n++] = (uint8_t)strtoul(two, NULL, 16);
    }
    return n;
}

/* The telegram's object; NULL: it is none. The key, if any, is that of `id`. */
static cJSON *read_with(const char *hex, uint32_t id, const char *key)
{
    static const struct hz_wmbus_way way = {"T1", 'A'};
    static struct hz_meter_key one;
    uint8_t bytes[HZ_WMBUS_BYTES + 8];
    struct hz_json j;
    size_t n = unhex(hex, bytes, sizeof bytes);
    state.keys = (struct hz_meter_keys){0};
    if (key) {
        one.id = id;
        cr_assert_eq(unhex(key, one.key, sizeof one.key), 16);
        state.keys = (struct hz_meter_keys){.list = &one, .n = 1};
    }
    hz_json_init(&j, text, sizeof text);
    hz_json_open(&j, NULL);
    bool good = hz_wmbus_describe(&state, &way, bytes, n, &j);
    hz_json_close(&j);
    cr_assert(!j.full);
    cJSON *o = good ? cJSON_ParseWithLength(text, j.len) : NULL;
    text[j.len] = '\0';
    cr_assert(!good || o, "%s", text);
    return o;
}

static cJSON *read_clear(const char *hex)
{
    return read_with(hex, 0, NULL);
}

static double number(const cJSON *o, const char *name)
{
    const cJSON *v = cJSON_GetObjectItemCaseSensitive(o, name);
    return cJSON_IsNumber(v) ? v->valuedouble : NAN;
}

static const char *string(const cJSON *o, const char *name)
{
    const char *s = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, name));
    return s ? s : "";
}

static const cJSON *record(const cJSON *o, int i)
{
    return cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(o, "records"), i);
}

/* The text of one record, as it stands in the message. */
static void expect_record(const cJSON *o, int i, const char *want)
{
    char *is = cJSON_PrintUnformatted(record(o, i));
    cr_expect_str_eq(is ? is : "", want);
    free(is);
}

#define EXPECT(o, name, want)                                                                      \
    cr_expect_float_eq(number(o, name), want, 1e-9, "%s in %s", name, text)

Test(wmbus_telegram, clear_water_meter)
{
    cJSON *o = read_clear("1844AE4C4455223368077A55000000041389E20100023B0000");
    cr_expect_str_eq(string(o, "id"), "33225544");
    cr_expect_str_eq(string(o, "manufacturer"), "SEN");
    cr_expect_str_eq(string(o, "type"), "water");
    EXPECT(o, "version", 0x68);
    EXPECT(o, "total_m3", 123.529);
    EXPECT(o, "volume_flow_m3h", 0);
    cr_expect_str_eq(string(o, "encrypted"), "");
    cJSON_Delete(o);
}

Test(wmbus_telegram, makers_own_data_have_no_records)
{
    cJSON *o = read_clear(
        "294468502300207172f0a0009f21000000a07d2202000100000000000000000000000400030203020000");
    cr_expect_str_eq(string(o, "id"), "71200023");
    cr_expect_str_eq(string(o, "manufacturer"), "TCH");
    cr_expect_str_eq(string(o, "type"), "smoke detector");
    EXPECT(o, "version", 0x72);
    cr_expect_str_eq(string(o, "data"),
                     "009f21000000a07d2202000100000000000000000000000400030203020000");
    cr_expect_null(cJSON_GetObjectItem(o, "records"));
    cJSON_Delete(o);
}

Test(wmbus_telegram, stored_values_dates_and_errors)
{
    cJSON *o = read_clear("2D4465327663341317077AAA0000000C13044001004C1340620000426C9F2C02BB560000"
                          "326CFFFF046D180DA924");
    cr_expect_str_eq(string(o, "id"), "13346376");
    EXPECT(o, "total_m3", 14.004);
    EXPECT(o, "target_m3", 6.24);
    cr_expect_str_eq(string(o, "target_date"), "2020-12-31");
    cr_expect_str_eq(string(o, "meter_datetime"), "2021-04-09 13:24");
    expect_record(o, 4, "{\"quantity\":\"date\",\"function\":\"error\"}"); /* none has been */
    cJSON_Delete(o);
}

Test(wmbus_telegram, announced_cipher_that_is_not_there)
{
    cJSON *o = read_clear("2e44333003020100071b7a634820252f2f0265840842658308820165950802fb1aae0142"
                          "fb1aae018201fb1aa9012f");
    cr_expect_str_eq(string(o, "id"), "00010203");
    EXPECT(o, "status", 0x48);
    EXPECT(o, "external_temperature_c", 21.8);
    EXPECT(o, "relative_humidity_rh", 43);
    expect_record(
        o, 1,
        "{\"quantity\":\"external_temperature\",\"value\":21.79,\"unit\":\"C\",\"storage\":1}");
    expect_record(
        o, 5, "{\"quantity\":\"relative_humidity\",\"value\":42.5,\"unit\":\"%\",\"storage\":2}");
    cJSON_Delete(o);
}

Test(wmbus_telegram, mode_5_with_a_clear_rest)
{
    static const char hex[] = "3944FA122162092002067A3600202567C94D48D00DC47B11213E23383DB51968A705"
                              "AAFA60C60E263D50CD259D7C9A03"
                              "FD0C08000002FD0B0011";
    cJSON *o = read_with(hex, 0x20096221, "BEDB81B52C29B5C143388CBB0D15A051");
    cr_expect_str_eq(string(o, "manufacturer"), "DWZ");
    cr_expect_str_eq(string(o, "type"), "warm water");
    EXPECT(o, "total_m3", 0.106);
    EXPECT(o, "security", 5);
    cr_expect_str_eq(string(o, "meter_datetime"), "2020-07-30 10:40");
    expect_record(
        o, 3, "{\"quantity\":\"volume\",\"value\":0,\"unit\":\"m3\",\"qualifier\":\"backward\"}");
    expect_record(o, 4, "{\"quantity\":\"model_version\",\"value\":\"000008\"}");
    expect_record(o, 5, "{\"quantity\":\"parameter_set\",\"value\":\"1100\"}");
    cJSON_Delete(o);
    o = read_clear(hex);
    cr_expect_str_eq(string(o, "encrypted"), "no_key");
    cr_expect_str_eq(string(o, "id"), "20096221");
    cr_expect_null(cJSON_GetObjectItem(o, "records"));
    cJSON_Delete(o);
    o = read_with(hex, 0x20096221, "BEDB81B52C29B5C143388CBB0D15A052");
    cr_expect_str_eq(string(o, "encrypted"), "wrong_key");
    cJSON_Delete(o);
    o = read_with(hex, 0x20096222, "BEDB81B52C29B5C143388CBB0D15A051");
    cr_expect_str_eq(string(o, "encrypted"), "no_key");
    cJSON_Delete(o);
}

Test(wmbus_telegram, mode_5_of_a_gas_meter)
{
    cJSON *o = read_with("6044B8059430040001037A1D005085E2B670BCF1A5C87E0C1A51DA18924EF984613DA2A9C"
                         "D39D8F4C7208326C76D42DB"
                         "EADF80D574192B71BD7C4F56A7F1513151768A9DB804883B28CB085CA2D0F7438C361CB9E"
                         "2734712ED9BFBB2A14EF5"
                         "5208",
                         0x00043094, "00000000000000000000000000000000");
    cr_expect_str_eq(string(o, "manufacturer"), "AMX");
    cr_expect_str_eq(string(o, "type"), "gas");
    cr_expect(strstr(text, "\"value\":917,\"unit\":\"m3\"") != NULL, "%s", text);
    cr_expect(strstr(text, "\"value\":911.32,\"unit\":\"m3\"") != NULL, "%s", text);
    cr_expect(strstr(text, "2021-09-15 13:18") != NULL, "%s", text);
    cJSON_Delete(o);
}

Test(wmbus_telegram, extended_link_layer)
{
    cJSON *o = read_with(
        "2A442D2C998734761B168D2091D37CAC21E1D68CDAFFCD3DC452BD802913FF7B1706CA9E355D6C2701CC24",
        0x76348799, "28F64A24988064A079AA2C807D6102AE");
    cr_expect_str_eq(string(o, "manufacturer"), "KAM");
    cr_expect_str_eq(string(o, "type"), "cold water");
    EXPECT(o, "ci", 0x78);
    EXPECT(o, "total_m3", 6.408);
    EXPECT(o, "target_m3", 6.408);
    cr_expect(cJSON_IsTrue(cJSON_GetObjectItem(o, "authentic")));
    cr_expect(strstr(text, "\"quantity\":\"flow_temperature\",\"value\":127,\"unit\":\"C\","
                           "\"storage\":1,\"function\":\"min\"") != NULL,
              "%s", text);
    cr_expect(strstr(text, "\"quantity\":\"external_temperature\",\"value\":19,\"unit\":\"C\","
                           "\"storage\":1,\"function\":\"min\"") != NULL,
              "%s", text);
    cJSON_Delete(o);
}

Test(wmbus_telegram, heads_that_were_learnt)
{
    static const uint8_t full[] = {0x04, 0x04, 1, 0, 0, 0, 0x04, 0x84, 0x3c, 2, 0, 0, 0,
                                   0x04, 0x2b, 3, 0, 0, 0, 0x04, 0xab, 0x3c, 4, 0, 0, 0};
    static struct hz_wmbus_compact c;
    hz_wmbus_compact_learn(&c, full, sizeof full);
    cr_expect_eq(c.model[0].signature, 0x8c13);
    uint8_t compact[20] = {0x13, 0x8c, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0},
            out[HZ_WMBUS_BYTES];
    cr_expect_eq(hz_wmbus_compact_expand(&c, compact, sizeof compact, out),
                 0); /* the CRC is wrong */
    size_t n = 0;
    for (unsigned crc = 0; crc < 65536 && n == 0; crc++) {
        compact[2] = (uint8_t)crc;
        compact[3] = (uint8_t)(crc >> 8);
        n = hz_wmbus_compact_expand(&c, compact, sizeof compact, out);
    }
    cr_expect_eq(n, sizeof full);
    cr_expect_arr_eq(out, full, sizeof full);
    for (size_t i = 0; i < sizeof compact; i++) /* any length is refused but the right one */
        cr_expect(hz_wmbus_compact_expand(&c, compact, i, out) == 0);
}

Test(wmbus_telegram, every_cut_is_safe)
{
    uint8_t bytes[HZ_WMBUS_BYTES];
    static const struct hz_wmbus_way way = {"C1", 'B'};
    size_t n = unhex("2D4465327663341317077AAA0000000C13044001004C1340620000426C9F2C02BB560000326CF"
                     "FFF046D180DA924",
                     bytes, sizeof bytes);
    for (size_t cut = 0; cut < n; cut++) {
        struct hz_json j;
        bytes[0] = (uint8_t)(cut - 1);
        hz_json_init(&j, text, sizeof text);
        hz_json_open(&j, NULL);
        cr_expect_eq(hz_wmbus_describe(&state, &way, bytes, cut, &j), cut >= HZ_WMBUS_LEAST);
        hz_json_close(&j);
        cJSON *o = cJSON_ParseWithLength(text, j.len);
        cr_expect_not_null(o);
        cJSON_Delete(o);
    }
}

/* ---- telegrams beside which wmbusmeters' own tests have what it makes of them
 * -------------------- */

struct agreement {
    int telegrams, names, values, found;
};

static FILE *open_air(const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "%s/air/wmbus/%s", capture_shared(), name);
    FILE *f = fopen(path, "r");
    if (!f)
        cr_skip_test("needs ../shared: %s", path);
    return f;
}

/* The hexadecimal digits of `telegram=|HEX_HEX|HEX|+SECONDS`; false: another line. */
static bool telegram_of(const char *line, char *hex, size_t size)
{
    size_t n = 0;
    if (strncmp(line, "telegram=", 9) != 0)
        return false;
    for (const char *p = line + 9; *p && *p != '+' && n + 1 < size; p++)
        if (strchr("0123456789abcdefABCDEF", *p))
            hex[n++] = *p;
    hex[n] = '\0';
    return true;
}

static bool has_value(const cJSON *records, double want)
{
    const cJSON *r;
    cJSON_ArrayForEach(r, records)
    {
        double v = number(r, "value");
        if (fabs(v - want) < 1e-6 * (1 + fabs(want)))
            return true;
    }
    return false;
}

/* Of its values that we tell by the same name all must be equal. */
static void compare(const cJSON *ours, const cJSON *theirs, struct agreement *a)
{
    const cJSON *v, *records = cJSON_GetObjectItemCaseSensitive(ours, "records");
    cJSON_ArrayForEach(v, theirs)
    {
        const cJSON *own = cJSON_GetObjectItemCaseSensitive(ours, v->string);
        if (cJSON_IsNumber(v)) {
            a->values++;
            a->found += has_value(records, v->valuedouble);
        }
        if (!own || strcmp(v->string, "status") == 0 || strcmp(v->string, "version") == 0)
            continue; /* theirs are words, and a software's version */
        if (strcmp(string(ours, "id"), "16980785") == 0)
            continue; /* a maker that permutes its address: they know it by its driver */
        a->names++;
        if (cJSON_IsNumber(v) && cJSON_IsNumber(own))
            cr_expect_float_eq(own->valuedouble, v->valuedouble, 1e-6, "%s of %s: %g, not %g",
                               v->string, string(ours, "id"), own->valuedouble, v->valuedouble);
        else if (cJSON_IsString(v) && cJSON_IsString(own))
            cr_expect_str_eq(own->valuestring, v->valuestring, "%s of %s", v->string,
                             string(ours, "id"));
        else
            cr_expect_fail("%s of %s", v->string, string(ours, "id"));
    }
}

static struct agreement agree(const char *file)
{
    static char line[8192], hex[8192];
    struct agreement a = {0};
    FILE *f = open_air(file);
    hex[0] = '\0';
    while (fgets(line, sizeof line, f)) {
        cJSON *theirs = line[0] == '{' ? cJSON_Parse(line) : NULL;
        cJSON *ours = theirs && hex[0] ? read_clear(hex) : NULL;
        if (ours)
            a.telegrams++;
        if (ours && !cJSON_GetObjectItem(ours, "encrypted"))
            compare(ours, theirs, &a);
        cJSON_Delete(ours);
        cJSON_Delete(theirs);
        if (!telegram_of(line, hex, sizeof hex))
            hex[0] = '\0';
    }
    fclose(f);
    cr_log_info("%s: %d telegrams, %d names, %d of %d values\n", file, a.telegrams, a.names,
                a.found, a.values);
    return a;
}

Test(wmbus_telegram, agrees_with_wmbusmeters)
{
    struct agreement s1 = agree("wmbusmeters_simulation_s1.txt");
    struct agreement hca = agree("wmbusmeters_simulation_multiple_qcalorics.txt");
    struct agreement t1 = agree("wmbusmeters_simulation_t1.txt");
    cr_expect_eq(s1.telegrams, 5);
    cr_expect_eq(hca.telegrams, 3);
    cr_expect_geq(t1.telegrams, 50);
    cr_expect_geq(s1.names + hca.names + t1.names, 100, "%d", s1.names + hca.names + t1.names);
    cr_expect_geq(t1.found, 150, "%d of %d", t1.found, t1.values);
}
