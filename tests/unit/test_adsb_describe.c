/* Frames whose contents are published: "Riddle" is J. Sun, The 1090 Megahertz Riddle, 2nd edition
 * (2021). */
#include "adsb_frames.h"

static struct hz_aircraft_table *table;

static void begin(void)
{
    table = new_table((double)NAN, (double)NAN);
}

static void end(void)
{
    free(table);
}

TestSuite(describe, .init = begin, .fini = end);

/* Riddle, chapter 4 */
Test(describe, identification)
{
    cJSON *o = describe(table, "8D4840D6202CC371C32CE0576098", 0);
    cr_expect_str_eq(text(o, "hex"), "4840d6");
    cr_expect_str_eq(text(o, "type"), "adsb_icao");
    cr_expect_eq(number(o, "df"), 17);
    cr_expect_eq(number(o, "typecode"), 4);
    cr_expect_str_eq(text(o, "flight"), "KLM1023 ");
    cr_expect_str_eq(text(o, "category"), "A0");
    cr_expect_str_eq(text(o, "airground"), "airborne");
    cJSON_Delete(o);
}

/* Riddle, chapter 5 */
Test(describe, airborne_positions)
{
    cJSON *o = describe(table, "8D40621D58C386435CC412692AD6", 0);
    cr_expect_eq(number(o, "alt_baro"), 38000);
    cr_expect_not(has(o, "lat"), "one frame of an aircraft unknown so far");
    cJSON_Delete(o);
    o = describe(table, "8D40621D58C382D690C8AC2863A7", 3 * SECOND);
    cr_expect_float_eq(number(o, "lat"), 52.25720, 5e-6);
    cr_expect_float_eq(number(o, "lon"), 3.91937, 5e-6);
    cr_expect_eq(number(o, "alt_baro"), 38000);
    cr_expect_eq(number(o, "nic"), 8);
    cr_expect_eq(number(o, "rc"), 186);
    cr_expect_eq(number(o, "alert"), 0);
    cr_expect_eq(number(o, "spi"), 0);
    cJSON_Delete(o);
    /* From now on one frame will do. */
    o = describe(table, "8D40621D58C382D690C8AC2863A7", 63 * SECOND);
    cr_expect_float_eq(number(o, "lat"), 52.25720, 5e-6);
    cJSON_Delete(o);
}

Test(describe, pair_too_far_apart)
{
    cJSON_Delete(describe(table, "8D40621D58C386435CC412692AD6", 0));
    cJSON *o = describe(table, "8D40621D58C382D690C8AC2863A7", 10 * SECOND + 1);
    cr_expect_not(has(o, "lat"));
    cJSON_Delete(o);
}

Test(describe, from_the_antenna)
{
    struct hz_aircraft_table *t = new_table(52.0, 4.4);
    cJSON *o = describe(t, "8D40621D58C382D690C8AC2863A7", 0);
    cr_expect_float_eq(number(o, "lat"), 52.25720, 5e-6);
    cr_expect_float_eq(number(o, "lon"), 3.91937, 5e-6);
    cJSON_Delete(o);
    free(t);
    t = new_table(50.0, 4.4); /* 135 NM: the answer could be one zone away */
    o = describe(t, "8D40621D58C382D690C8AC2863A7", 0);
    cr_expect_not(has(o, "lat"));
    cJSON_Delete(o);
    free(t);
}

/* Riddle, chapter 6 */
Test(describe, surface_positions)
{
    struct hz_aircraft_table *t = new_table(51.990, 4.375);
    cJSON *o = describe(t, "8C4841753AAB238733C8CD4020B1", 0);
    cr_expect_str_eq(text(o, "alt_baro"), "ground");
    cJSON_Delete(o);
    o = describe(t, "8C4841753A8A35323FAEBDAC702D", SECOND);
    cr_expect_float_eq(number(o, "lat"), 52.320607, 5e-6);
    cr_expect_float_eq(number(o, "lon"), 4.734735, 5e-6);
    cr_expect_str_eq(text(o, "airground"), "ground");
    cJSON_Delete(o);
    o = describe(t, "8C4841753A9A153237AEF0F275BE", 2 * SECOND);
    cr_expect_eq(number(o, "gs"), 17);
    cr_expect_float_eq(number(o, "track"), 92.8125, 0.005);
    cr_expect_float_eq(number(o, "lat"), 52.320561, 5e-6);
    cr_expect_float_eq(number(o, "lon"), 4.735735, 5e-6);
    cJSON_Delete(o);
    free(t);

    o = describe(table, "8C4841753AAB238733C8CD4020B1", 0);
    cJSON_Delete(o);
    o = describe(table, "8C4841753A8A35323FAEBDAC702D", SECOND);
    cr_expect_not(has(o, "lat"), "on the ground a pair alone has eight answers");
    cJSON_Delete(o);
}

/* Riddle, chapter 7 */
Test(describe, velocities)
{
    cJSON *o = describe(table, "8D485020994409940838175B284F", 0);
    cr_expect_float_eq(number(o, "gs"), 159.20, 0.05);
    cr_expect_float_eq(number(o, "track"), 182.88, 0.005);
    cr_expect_eq(number(o, "geom_rate"), -832);
    cr_expect_not(has(o, "baro_rate"));
    cr_expect_not(has(o, "alt_geom"), "no barometric altitude to add 550 ft to");
    cr_expect_eq(number(o, "nac_v"), 0);
    cJSON_Delete(o);
    o = describe(table, "8DA05F219B06B6AF189400CBC33F", 0);
    cr_expect_eq(number(o, "tas"), 375);
    cr_expect_float_eq(number(o, "mag_heading"), 243.98, 0.005);
    cr_expect_eq(number(o, "baro_rate"), -2304);
    cr_expect_not(has(o, "gs"));
    cJSON_Delete(o);
}

Test(describe, geometric_altitude_needs_a_fresh_one)
{
    /* DF 17 altitude 38000 ft of the same aircraft, then +550 ft. */
    cJSON_Delete(describe_as(table, "8D40621D58C382D690C8AC2863A7", 0x485020, 0));
    cJSON *o = describe(table, "8D485020994409940838175B284F", 4 * SECOND);
    cr_expect_eq(number(o, "alt_geom"), 38550);
    cJSON_Delete(o);
    o = describe(table, "8D485020994409940838175B284F", 6 * SECOND);
    cr_expect_not(has(o, "alt_geom"));
    cJSON_Delete(o);
}

/* Frames heard in modes1_1090M_2000k.cu8, as dump1090-mutability reads them. */
Test(describe, replies)
{
    cJSON *o = describe(table, "5d4d20237a55a6", 0);
    cr_expect_str_eq(text(o, "hex"), "4d2023");
    cr_expect_str_eq(text(o, "type"), "mode_s");
    cr_expect_str_eq(text(o, "airground"), "airborne");
    cr_expect_eq(number(o, "df"), 11);
    cJSON_Delete(o);
    o = describe_as(table, "20000f1f684a6c", 0x4d2023, 0);
    cr_expect_eq(number(o, "df"), 4);
    cr_expect_eq(number(o, "alt_baro"), 23375);
    cr_expect_eq(number(o, "alert"), 0);
    cJSON_Delete(o);
    o = describe_as(table, "280010248c796b", 0x4d2023, 0);
    cr_expect_str_eq(text(o, "squawk"), "0112");
    cJSON_Delete(o);
    o = describe_as(table, "02e1971ce17c84", 0xad9293, 0);
    cr_expect_eq(number(o, "df"), 0);
    cr_expect_eq(number(o, "alt_baro"), 36100);
    cr_expect_not(has(o, "airground"));
    cJSON_Delete(o);
}

/* FS 4 and 1: alert and ident, then on the ground (Annex 10, volume IV, 3.1.2.6.5.1). */
Test(describe, flight_status)
{
    cJSON *o = describe_as(table, "2c0010248c796b", 0x4d2023, 0);
    cr_expect_eq(number(o, "alert"), 1);
    cr_expect_eq(number(o, "spi"), 1);
    cr_expect_not(has(o, "airground"));
    cJSON_Delete(o);
    o = describe_as(table, "29001024000000", 0x4d2023, 0);
    cr_expect_eq(number(o, "alert"), 0);
    cr_expect_str_eq(text(o, "airground"), "ground");
    cJSON_Delete(o);
}

/* As dump1090-mutability reads the frame in rsadsb_1641427457780: version 2, NACp 9, GVA 2, SIL 3
 * per hour, NICbaro 1, SDA 2, true north. */
Test(describe, operational_status)
{
    cJSON *o = describe(table, "8daa2bc4f82100020049b8db9449", 0);
    cr_expect_eq(number(o, "version"), 2);
    cr_expect_eq(number(o, "nac_p"), 9);
    cr_expect_eq(number(o, "gva"), 2);
    cr_expect_eq(number(o, "sil"), 3);
    cr_expect_str_eq(text(o, "sil_type"), "perhour");
    cr_expect_eq(number(o, "nic_baro"), 1);
    cr_expect_eq(number(o, "sda"), 2);
    cJSON_Delete(o);
    /* Now its headings are known to be true ones. */
    o = describe_as(table, "8DA05F219B06B6AF189400CBC33F", 0xaa2bc4, SECOND);
    cr_expect_float_eq(number(o, "true_heading"), 243.98, 0.005);
    cr_expect_not(has(o, "mag_heading"));
    cJSON_Delete(o);
}

/* The frame of pyModeS's tests: 16992 ft at the panel, 1012.8 hPa, 66.8 degrees, autopilot, VNAV,
 * TCAS and LNAV on, altitude hold and approach off. */
Test(describe, target_state)
{
    cJSON *o = describe(table, "8DA05629EA21485CBF3F8CADAEEB", 0);
    cr_expect_eq(number(o, "nav_altitude_mcp"), 16992);
    cr_expect_not(has(o, "nav_altitude_fms"));
    cr_expect_float_eq(number(o, "nav_qnh"), 1012.8, 0.01);
    cr_expect_float_eq(number(o, "nav_heading"), 66.8, 0.01);
    char *modes = cJSON_PrintUnformatted(cJSON_GetObjectItem(o, "nav_modes"));
    cr_expect_str_eq(modes, "[\"autopilot\",\"vnav\",\"lnav\",\"tcas\"]");
    cr_expect_eq(number(o, "nac_p"), 9);
    cr_expect_eq(number(o, "sil"), 3);
    cr_expect_str_eq(text(o, "sil_type"), "perhour");
    cJSON_free(modes);
    cJSON_Delete(o);
}

/* Also of pyModeS's tests: no emergency, squawk 6513. */
Test(describe, emergency)
{
    cJSON *o = describe(table, "8DA2C1B6E112B600000000760759", 0);
    cr_expect_str_eq(text(o, "emergency"), "none");
    cr_expect_str_eq(text(o, "squawk"), "6513");
    cJSON_Delete(o);
    o = describe(table, "8DA2C1B6E1A7D700000000000000", 0); /* 5: unlawful interference */
    cr_expect_str_eq(text(o, "emergency"), "unlawful");
    cJSON_Delete(o);
}

/* What a radius means depends on the version and supplements said before (DO-260B, table 2-69). */
Test(describe, integrity_by_version)
{
    static const struct {
        const char *status;
        double nic, rc;
    } rows[] = {{"8D4840D6F8000000000000000000", 8, 186}, /* version 0 */
                {"8D4840D6F8000000003000000000", 9, 75},  /* version 1, supplement A */
                {"8D4840D6F8000000002000000000", 8, 186}, /* version 1 */
                {"8D4840D6F8000000005000000000", 9, 75}}; /* version 2, A; B is in the position */
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cJSON_Delete(describe(table, rows[i].status, 0));
        cJSON *o = describe(table, "8D4840D659C386435CC412000000", 0);
        cr_expect_eq(number(o, "nic"), rows[i].nic, "%zu", i);
        cr_expect_eq(number(o, "rc"), rows[i].rc, "%zu", i);
        cJSON_Delete(o);
    }
}

/* Annex 10, volume IV, 3.1.2.7.3: bits 1 and 2 are the format, 4 is KE, 5 to 8 are ND, 9 to 88 MD,
 * and where KE is 1, 17 to 32 are TAS. */
Test(describe, comm_d)
{
    cJSON *o = describe_as(table, "c84840d6202cc371c32ce0576098", 0x4840d6, 0);
    cr_expect_eq(number(o, "df"), 24);
    cr_expect_str_eq(text(o, "hex"), "4840d6");
    cr_expect_str_eq(text(o, "type"), "mode_s");
    cr_expect_eq(number(o, "elm_segment"), 8);
    cr_expect_str_eq(text(o, "elm_data"), "4840d6202cc371c32ce0");
    cr_expect_not(has(o, "elm_received"));
    cJSON_Delete(o);
    o = describe_as(table, "d000a00100000000000000576098", 0x4840d6, 0);
    const cJSON *received = cJSON_GetObjectItem(o, "elm_received");
    static const int segments[] = {0, 2, 15};
    cr_assert_eq(cJSON_GetArraySize(received), 3);
    for (int k = 0; k < 3; k++)
        cr_expect_eq(cJSON_GetArrayItem(received, k)->valueint, segments[k]);
    cr_expect_not(has(o, "elm_segment"));
    cJSON_Delete(o);
    const uint8_t spare[14] = {0xe0, 1};
    cr_expect(hz_adsb_insane(spare, sizeof(spare)));
}

/* The coordination reply between aircraft (DF 16) has the advisory as register 3,0 has it: active,
 * of several threats, over, none. */
Test(describe, advisories_in_coordination)
{
    static const struct {
        const char *frame, *says;
    } rows[] = {
        {"80e1971c30c00000000000000000", "active"},     {"80e1971c30400010000000000000", "active"},
        {"80e1971c30c00020000000000000", "terminated"}, {"80e1971c30400000000000000000", ""},
        {"80e1971c30000000000000000000", ""},           {"80e1971c20c00000000000000000", ""}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cJSON *o = describe_as(table, rows[i].frame, 0x4840d6, 0);
        cr_expect_str_eq(text(o, "acas_ra"), rows[i].says, "row %zu", i);
        cJSON_Delete(o);
    }
}

/* Both addresses of one number are two aircraft. */
Test(describe, kinds_of_address)
{
    static const struct {
        const char *frame, *type, *hex;
    } rows[] = {{"904840D6202CC371C32CE0000000", "adsb_icao_nt", "4840d6"},
                {"914840D6202CC371C32CE0000000", "adsb_other", "~4840d6"},
                {"924840D6202CC371C32CE0000000", "tisb_icao", "4840d6"},
                {"924840D659C382D690C8AC000000", "tisb_trackfile", "~4840d6"},
                {"934840D6202CC371C32CE0000000", "tisb_icao", "4840d6"},
                {"954840D6202CC371C32CE0000000", "tisb_other", "~4840d6"},
                {"964840D658C382D690C8AC000000", "adsr_icao", "4840d6"},
                {"964840D659C382D690C8AC000000", "adsr_other", "~4840d6"},
                {"944840D6202CC371C32CE0000000", "unknown", "~4840d6"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cJSON *o = describe(table, rows[i].frame, 0);
        cr_expect_str_eq(text(o, "type"), rows[i].type);
        cr_expect_str_eq(text(o, "hex"), rows[i].hex);
        cJSON_Delete(o);
    }
}

static bool insane(const char *hex)
{
    uint8_t frame[14];
    size_t n = from_hex(hex, frame);
    return hz_adsb_insane(frame, n);
}

Test(describe, insane)
{
    cr_expect(insane("00000000000000"));
    cr_expect(insane("0000000000000000000000000000"));
    cr_expect(insane("5d000000000000"));
    cr_expect(insane("8dffffff202cc371c32ce0576098"));
    cr_expect(insane("974840d6202cc371c32ce0576098"), "reserved CF");
    cr_expect(insane("8d4840d6202cc3"), "DF 17 of 7 bytes");
    cr_expect(insane("5d4d20237a55a600000000000000"), "DF 11 of 14 bytes");
    cr_expect(insane("30000000000001"), "DF 6");
    cr_expect_not(insane("8D4840D6202CC371C32CE0576098"));
    cr_expect_not(insane("5d4d20237a55a6"));
    cr_expect_not(insane("a0200eb0000000000000003fc97c"));
    cr_expect_not(insane("8d4d20230000000000000000f1f1"), "an empty register is sent as it is");
}

/* 5,000 aircraft pass; the 4,096 that were heard last are still known, the others are not. */
Test(describe, table_is_bounded)
{
    for (uint32_t i = 0; i < 5000; i++) {
        int64_t now = i * (SECOND / 1000);
        cJSON_Delete(describe_as(table, "8D40621D58C386435CC412692AD6", 1000 + i, now));
        cJSON_Delete(describe_as(table, "8D40621D58C382D690C8AC2863A7", 1000 + i, now));
    }
    int known = 0;
    for (uint32_t i = 5000; i-- > 0;) {
        cJSON *o = describe_as(table, "8D40621D58C386435CC412692AD6", 1000 + i, 6 * SECOND);
        known += has(o, "lat");
        cJSON_Delete(o);
    }
    cr_expect_eq(known, 4096);
}

Test(describe, forgotten_after_five_minutes)
{
    cJSON_Delete(describe(table, "8D40621D58C386435CC412692AD6", 0));
    cJSON_Delete(describe(table, "8D40621D58C382D690C8AC2863A7", SECOND));
    cJSON *o = describe(table, "8D40621D58C382D690C8AC2863A7", 300 * SECOND);
    cr_expect(has(o, "lat"));
    cJSON_Delete(o);
    o = describe(table, "8D40621D58C382D690C8AC2863A7", 601 * SECOND);
    cr_expect_not(has(o, "lat"));
    cJSON_Delete(o);
}

/* The documented fields and the schema's are the same. */
Test(describe, schema_names_every_field)
{
    FILE *f = fopen("docs/schema/adsb.schema.json", "r");
    cr_assert_not_null(f);
    static char schema[32768];
    size_t n = fread(schema, 1, sizeof schema, f);
    fclose(f);
    cJSON *o = cJSON_ParseWithLength(schema, n);
    const cJSON *properties = cJSON_GetObjectItem(o, "properties");
    int fields = 0;
    for (; hz_adsb_fields[fields].name; fields++)
        cr_expect(has(properties, hz_adsb_fields[fields].name), "%s", hz_adsb_fields[fields].name);
    cr_expect_eq(cJSON_GetArraySize(properties), fields);
    cJSON_Delete(o);
}
