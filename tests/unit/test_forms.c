/* Messages in the forms of acarsdec, dumpvdl2, auto_rx, rtl_433 and rtl_wmbus, held against what
 * these programs wrote: the same members of the same types, and the same values where they are not
 * of the reception. The fields of the messages are theirs here. */
#include "proto/format/sonde.h"
#include "tests/unit/capture.h"
#include "tests/unit/told.h"

static FILE *open_air(const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "%s/air/%s", capture_shared(), name);
    FILE *f = fopen(path, "r");
    if (!f)
        cr_skip_test("%s is not there", path);
    return f;
}

static double take_number(cJSON *o, const char *name, double otherwise)
{
    cJSON *v = cJSON_DetachItemFromObjectCaseSensitive(o, name);
    double n = cJSON_IsNumber(v) ? v->valuedouble : otherwise;
    cJSON_Delete(v);
    return n;
}

static const cJSON *member(const cJSON *o, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(o, name);
}

static double number(const cJSON *o, const char *name)
{
    return cJSON_GetNumberValue(member(o, name));
}

static const char *text(const cJSON *o, const char *name)
{
    const char *s = cJSON_GetStringValue(member(o, name));
    return s ? s : "";
}

/* Lines of acarsdec: those of the reception are taken out and come back from hertzd's own. */
static size_t compare_acars(const char *name)
{
    static const char *const apart[] = {"app", "timestamp", NULL};
    FILE *f = open_air(name);
    size_t n = 0;
    for (cJSON *want; (want = told_line(f)); cJSON_Delete(want), n++) {
        cJSON *fields = cJSON_Duplicate(want, true);
        char channel[8], station[64];
        snprintf(channel, sizeof channel, "%.0f", take_number(fields, "channel", 0));
        snprintf(station, sizeof station, "%s", text(want, "station_id"));
        double timestamp = take_number(fields, "timestamp", 0);
        struct told t = {.protocol = "acars",
                         .channel = channel,
                         .station = station,
                         .freq_hz = take_number(fields, "freq", 131.55) * 1e6,
                         .utc_ns = (int64_t)(timestamp * 1e6) * 1000,
                         .rssi_dbfs = (float)take_number(fields, "level", 0),
                         .offset_hz = NAN};
        cJSON_DeleteItemFromObject(fields, "station_id");
        cJSON_DeleteItemFromObject(fields, "app");
        cJSON *got = cJSON_Parse(told_text(&t, fields, &hz_form_acars_json));
        cr_assert(got);
        told_same(got, want, apart, true);
        cr_expect_float_eq(number(got, "timestamp"), timestamp, 1e-5);
        cr_expect_str_eq(text(member(got, "app"), "name"), "hertzd");
        cr_expect(cJSON_IsString(member(member(got, "app"), "ver")));
        cJSON_Delete(got);
        cJSON_Delete(fields);
    }
    fclose(f);
    return n;
}

Test(forms, acars_as_acarsdec)
{
    cr_expect_eq(compare_acars("acars/acarsdec_test_ch12.acarsdec.json"), 4);
}

Test(forms, acars_as_a_hub_got_it)
{
    cr_expect_eq(compare_acars("acars/acarshub_acars_a.jsonl"), 305);
}

/* Frames of dumpvdl2. */
static size_t compare_vdl2(const char *name)
{
    static const char *const apart[] = {"app", "t", "sig_level", "noise_level", "freq_skew", NULL};
    FILE *f = open_air(name);
    size_t n = 0;
    for (cJSON *line; (line = told_line(f)); cJSON_Delete(line), n++) {
        const cJSON *want = member(line, "vdl2");
        cJSON *fields = cJSON_Duplicate(want, true);
        char station[64];
        snprintf(station, sizeof station, "%s", text(want, "station"));
        double sec = number(member(want, "t"), "sec"), usec = number(member(want, "t"), "usec");
        bool has_time = cJSON_IsObject(member(want, "t"));
        double freq = take_number(fields, "freq", 0);
        struct told t = {.protocol = "vdl2",
                         .channel = "vdl2",
                         .station = station,
                         .freq_hz = freq,
                         .utc_ns = has_time ? (int64_t)(sec * 1e6 + usec) * 1000 : 0,
                         .rssi_dbfs = (float)take_number(fields, "sig_level", 0),
                         .noise_dbfs = (float)take_number(fields, "noise_level", 0),
                         .offset_hz = (float)(take_number(fields, "freq_skew", 0) * freq / 1e6)};
        cJSON_DeleteItemFromObject(fields, "station");
        cJSON_DeleteItemFromObject(fields, "app");
        cJSON_DeleteItemFromObject(fields, "t");
        cJSON *whole = cJSON_Parse(told_text(&t, fields, &hz_form_vdl2_json));
        const cJSON *got = member(whole, "vdl2");
        cr_assert(got);
        told_same(got, want, apart, true);
        told_same(got, want, NULL, false);
        told_same(member(got, "t"), member(want, "t"), NULL, true);
        cr_expect_float_eq(number(got, "sig_level"), number(want, "sig_level"), 1e-5);
        cr_expect_float_eq(number(got, "noise_level"), number(want, "noise_level"), 1e-5);
        cr_expect_float_eq(number(got, "freq_skew"), number(want, "freq_skew"), 1e-4);
        cJSON_Delete(whole);
        cJSON_Delete(fields);
    }
    fclose(f);
    return n;
}

Test(forms, vdl2_as_dumpvdl2)
{
    cr_expect_eq(compare_vdl2("vdl2/vdl2_model_136.975M_1050k.dumpvdl2.json"), 2);
}

Test(forms, vdl2_as_a_hub_got_it)
{
    cr_expect_eq(compare_vdl2("vdl2/acarshub_vdl2_a.jsonl"), 199);
}

/* Sensors: every line that rtl_433 wrote of the recordings. */
static size_t compare_rtl433(const char *name)
{
    static const char *const apart[] = {"time", "mod", "freq", "rssi", "snr", "noise", NULL};
    char file[256];
    snprintf(file, sizeof file, "ism/%s.rtl_433.json", name);
    FILE *f = open_air(file);
    size_t n = 0;
    for (cJSON *want; (want = told_line(f)); cJSON_Delete(want), n++) {
        cJSON *fields = cJSON_Duplicate(want, true);
        struct told t = {.protocol = "sensors",
                         .channel = "ism",
                         .utc_ns = 1764000000123456789,
                         .freq_hz = take_number(fields, "freq", 0) * 1e6,
                         .rssi_dbfs = (float)take_number(fields, "rssi", 0),
                         .noise_dbfs = (float)take_number(fields, "noise", 0),
                         .snr_db = (float)take_number(fields, "snr", 0),
                         .offset_hz = NAN};
        cJSON_DeleteItemFromObject(fields, "time");
        cJSON_AddNumberToObject(fields, "repeats", 3); /* names that rtl_433 does not have */
        cJSON_AddFalseToObject(fields, "confirmed");
        cJSON *got = cJSON_Parse(told_text(&t, fields, &hz_form_rtl433));
        cr_assert(got && !cJSON_HasObjectItem(got, "repeats"));
        cr_assert(!cJSON_HasObjectItem(got, "confirmed"));
        told_same(got, want, apart, true);
        told_same(got, want, NULL, false);
        cr_expect_str_eq(text(got, "time"), "2025-11-24 16:00:00");
        cr_expect_float_eq(number(got, "freq"), number(want, "freq"), 1e-3);
        cr_expect_float_eq(number(got, "rssi"), number(want, "rssi"), 1e-3);
        cJSON_Delete(got);
        cJSON_Delete(fields);
    }
    fclose(f);
    return n;
}

Test(forms, sensors_as_rtl_433)
{
    static const char *const names[] = {"acurite_01__VN1TXC_02_433.92M_250k",
                                        "alectov1__gfile002_433.92M_250k",
                                        "ambient_weather_01__f007th_433.92M_250k",
                                        "auriol_02__gfile002_433.92M_250k",
                                        "brennstuhl_rcs_2044_01__gfile003_433.92M_250k",
                                        "dsc_01__gfile002_433.92M_250k",
                                        "fineoffset_01__gfile002_433.92M_250k",
                                        "waveman_01__gfile002_433.92M_250k",
                                        "x10_01__record_x10_b1_on_002_310M_250k",
                                        "xc0348_01__gfile003_433.92M_250k"};
    size_t n = 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        n += compare_rtl433(names[i]);
    cr_expect_geq(n, 40);
}

/* What a frame of rs41mod's text says, as the fields of a message. */
static cJSON *sonde_fields(const char *line)
{
    int frame, hour, minute, year, month, day;
    double second, lat, lon, alt, speed, heading, climb;
    char serial[16], datetime[64];
    if (sscanf(line,
               " [%d] (%15[^)]) %*3s %d-%d-%d %d:%d:%lf lat: %lf lon: %lf alt: %lf vH: %lf D: "
               "%lf vV: %lf",
               &frame, serial, &year, &month, &day, &hour, &minute, &second, &lat, &lon, &alt,
               &speed, &heading, &climb) != 14)
        return NULL;
    snprintf(datetime, sizeof datetime, "%04d-%02d-%02dT%02d:%02d:%06.3fZ", year, month, day, hour,
             minute, second);
    cJSON *o = cJSON_CreateObject();
    cJSON_AddStringToObject(o, "type", "RS41");
    cJSON_AddNumberToObject(o, "frame", frame);
    cJSON_AddStringToObject(o, "id", serial);
    cJSON_AddStringToObject(o, "datetime", datetime);
    cJSON_AddNumberToObject(o, "lat", lat);
    cJSON_AddNumberToObject(o, "lon", lon);
    cJSON_AddNumberToObject(o, "alt", alt);
    cJSON_AddNumberToObject(o, "vel_h", speed);
    cJSON_AddNumberToObject(o, "heading", heading);
    cJSON_AddNumberToObject(o, "vel_v", climb);
    cJSON_AddNumberToObject(o, "sats", 9);
    cJSON_AddNumberToObject(o, "batt", 2.7);
    cJSON_AddStringToObject(o, "subtype", "RS41-SGP");
    cJSON_AddStringToObject(o, "ref_position", "GPS");
    cJSON_AddStringToObject(o, "ref_datetime", "GPS");
    return o;
}

static const struct told sonde = {.protocol = "rs41",
                                  .channel = "sonde",
                                  .station = "DL0TST",
                                  .freq_hz = 403.5e6,
                                  .utc_ns = 1764000000123456789,
                                  .snr_db = 12.5f,
                                  .offset_hz = -1500};

Test(forms, sondes_as_the_payload_summary_of_auto_rx)
{
    /* what auto_rx (ozimux.py) puts into every summary, and its types */
    static const char *const texts[] = {"type",    "station", "callsign", "time",
                                        "comment", "model",   "freq"};
    static const char *const numbers[] = {"latitude", "longitude", "altitude", "speed",
                                          "heading",  "frame",     "vel_h",    "vel_v",
                                          "sats",     "batt",      "snr"};
    char line[256];
    FILE *f = open_air("sonde/rs41_20150802_a.rs41mod.txt");
    size_t n = 0;
    while (fgets(line, sizeof line, f)) {
        cJSON *fields = sonde_fields(line);
        if (!fields)
            continue;
        n++;
        cJSON *got = cJSON_Parse(told_text(&sonde, fields, &hz_form_rs41_json));
        for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
            cr_expect(cJSON_IsString(member(got, texts[i])), "%s", texts[i]);
        for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
            cr_expect(cJSON_IsNumber(member(got, numbers[i])), "%s", numbers[i]);
        cr_expect_str_eq(text(got, "type"), "PAYLOAD_SUMMARY");
        cr_expect_str_eq(text(got, "station"), "DL0TST");
        cr_expect_str_eq(text(got, "callsign"), "L1830070");
        cr_expect_str_eq(text(got, "freq"), "403.5000 MHz");
        cr_expect(strncmp(text(got, "time"), text(fields, "datetime") + 11, 8) == 0);
        cr_expect_float_eq(number(got, "latitude"), number(fields, "lat"), 1e-9);
        cr_expect_float_eq(number(got, "altitude"), number(fields, "alt"), 1e-9);
        cr_expect_float_eq(number(got, "speed"), 3.6 * number(fields, "vel_h"), 1e-3);
        cr_expect_float_eq(number(got, "f_centre"), 403498500, 1);
        cr_expect_not(cJSON_HasObjectItem(got, "temp"), "a value that is missing is left out");
        cJSON_Delete(got);
        cJSON_Delete(fields);
    }
    fclose(f);
    cr_expect_eq(n, 30);
}

Test(forms, a_sonde_that_says_too_little_is_not_told)
{
    cJSON *o = cJSON_Parse("{\"type\":\"RS41\",\"id\":\"L1\",\"frame\":1,\"encrypted\":true}");
    cr_expect_str_eq(told_text(&sonde, o, &hz_form_rs41_json), "");
    cJSON_Delete(o);
    o = cJSON_Parse("{\"type\":\"RS41\",\"id\":\"L1\",\"frame\":1,\"datetime\":\"2026\",\"lat\":1,"
                    "\"lon\":1,\"alt\":1}");
    cr_expect_str_eq(told_text(&sonde, o, &hz_form_rs41_json), "");
    cJSON_Delete(o);
}

static void put_sondehub(const struct hz_form_in *in, struct hz_bytes *out)
{
    char line[4096];
    struct hz_json j;
    hz_json_init(&j, line, sizeof line);
    hz_json_open(&j, NULL);
    if (!hz_sondehub_put(in, &j))
        return;
    hz_json_close(&j);
    hz_bytes_object(out, &j);
}
static const struct hz_form sondehub = {.name = "sondehub", .put = put_sondehub};

static cJSON *for_sondehub(const char *fields)
{
    cJSON *o = cJSON_Parse(fields);
    cr_assert(o);
    cJSON *got = cJSON_Parse(told_text(&sonde, o, &sondehub));
    cJSON_Delete(o);
    return got;
}

Test(forms, a_sonde_as_sondehub_wants_it)
{
    cJSON *o = for_sondehub(
        "{\"type\":\"RS41\",\"frame\":3172,\"id\":\"L1830070\",\"datetime\":\"2015-08-02T11:59:26."
        "5Z\",\"lat\":46.01891,\"lon\":16.34725,\"alt\":14035.75,\"temp\":-50.1,\"aux\":\"01\","
        "\"bt\":30600,\"tx_frequency\":403500,\"rs41_mainboard_fw\":20224,\"batt\":2.7,"
        "\"rs41_calconf51x16\":\"00ff10\"}");
    static const char *const mandatory[] = {"manufacturer", "type",     "serial",
                                            "frame",        "datetime", "lat",
                                            "lon",          "alt",      "time_received"};
    for (size_t i = 0; i < sizeof mandatory / sizeof *mandatory; i++)
        cr_expect(member(o, mandatory[i]), "%s", mandatory[i]);
    cr_expect_str_eq(text(o, "manufacturer"), "Vaisala");
    cr_expect_str_eq(text(o, "datetime"), "2015-08-02T11:59:26.500000Z");
    cr_expect_str_eq(text(o, "time_received"), "2025-11-24T16:00:00.123456Z");
    cr_expect_str_eq(text(o, "xdata"), "01");
    cr_expect_str_eq(text(o, "rs41_mainboard_fw"), "20224");
    cr_expect_str_eq(text(o, "rs41_subframe"), "AP8Q");
    cr_expect_float_eq(number(o, "tx_frequency"), 403.5, 1e-9);
    cr_expect_float_eq(number(o, "frequency"), 403.4985, 1e-9);
    cr_expect_float_eq(number(o, "burst_timer"), 30600, 0);
    cJSON_Delete(o);
}

#define PLACE "\"frame\":7,\"datetime\":\"2026-01-01T00:00:00Z\",\"lat\":1,\"lon\":2,\"alt\":3}"

Test(forms, makers_and_serials_of_sondehub)
{
    static const struct {
        const char *fields, *manufacturer, *type, *serial;
    } kinds[] = {
        {"{\"type\":\"DFM17\",\"id\":\"DFM-23001234\"," PLACE, "Graw", "DFM", "23001234"},
        {"{\"type\":\"DFM\",\"id\":\"314377\"," PLACE, "Graw", "DFM", "314377"},
        {"{\"type\":\"PS15\",\"id\":\"DFM-1\"," PLACE, "Graw", "PS-15", "1"},
        {"{\"type\":\"M10\",\"id\":\"M10-910-2-10123\"," PLACE, "Meteomodem", "M10", "910-2-10123"},
        {"{\"type\":\"M20\",\"id\":\"M20-001-2-00123\"," PLACE, "Meteomodem", "M20", "001-2-00123"},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        cJSON *o = for_sondehub(kinds[i].fields);
        cr_expect_str_eq(text(o, "manufacturer"), kinds[i].manufacturer);
        cr_expect_str_eq(text(o, "type"), kinds[i].type);
        cr_expect_str_eq(text(o, "serial"), kinds[i].serial);
        cr_expect_str_eq(text(o, "datetime"), "2026-01-01T00:00:00.000000Z");
        cJSON_Delete(o);
    }
    cr_expect_null(for_sondehub("{\"type\":\"XYZ\",\"id\":\"1\"," PLACE), "no name there");
}

static size_t unhex(const char *hex, uint8_t *out, size_t cap)
{
    size_t n = 0;
    for (unsigned v; n < cap && sscanf(hex + 2 * n, "%2x", &v) == 1; n++)
        out[n] = (uint8_t)v;
    return n;
}

/* Lines of rtl_wmbus: mode, number and telegram in, the same columns out. */
Test(forms, meters_as_rtl_wmbus)
{
    FILE *f = open_air("wmbus/wmbus_t1_868.95M_1600k_a.rtl_wmbus.txt");
    char line[1024], id[16], hex[900], want[1100], fields[64];
    uint8_t raw[450];
    size_t n = 0;
    while (fgets(line, sizeof line, f)) {
        cr_assert_eq(sscanf(line, "T1;1;1;%*[^;];%*[^;];%15[^;];0x%899s", id, hex), 2, "%s", line);
        struct told t = {.protocol = "wmbus",
                         .channel = "868",
                         .freq_hz = 868.95e6,
                         .utc_ns = 1764000000123456789,
                         .rssi_dbfs = -36.6f,
                         .offset_hz = NAN,
                         .raw = raw,
                         .raw_len = unhex(hex, raw, sizeof raw)};
        snprintf(fields, sizeof fields, "{\"mode\":\"T1\",\"id\":\"%s\"}", id);
        cJSON *o = cJSON_Parse(fields);
        /* the file's lines have no time; that of rtl_wmbus stands behind the two flags */
        snprintf(want, sizeof want, "T1;1;1;2025-11-24 16:00:00.123;-37;-37;%s;0x%s\n", id, hex);
        cr_expect_str_eq(told_text(&t, o, &hz_form_rtl_wmbus), want);
        cJSON_Delete(o);
        n++;
    }
    fclose(f);
    cr_expect_eq(n, 2);
}
