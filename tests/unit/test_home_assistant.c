/* Which senders become devices of Home Assistant, and what is published of them: with made messages
 * of sensors. What Home Assistant accepts is checked by tests/e2e/test_home_assistant.py. */
#include "daemon/output/ha.h"
#include "proto/out/sink.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static struct hz_ha *ha;
static char arena[8192];
static int64_t now_ms = 1000000;

static void start(const char *allow, const char *deny, unsigned after, unsigned max)
{
    struct hz_ha_conf conf = {.common = {.station = "roof",
                                         .prefix = "homeassistant",
                                         .base = "hertzd/roof/ha",
                                         .availability = "a",
                                         .expire_s = 3600},
                              .allow = allow,
                              .deny = deny,
                              .after = after,
                              .max_devices = max,
                              .forget_s = 86400};
    ha = hz_ha_new(&conf);
}

/* A message of a sensor; the clock goes on by 30 s. False: no event. */
static bool hear(const char *model, int id, double temperature, const char *more,
                 struct hz_ha_out *event)
{
    static const struct hz_sink_head head = {
        .receiver = "stick", .channel = "ism", .protocol = "sensors", .freq_hz = 433.92e6};
    static const uint8_t raw[] = {1};
    struct hz_burst b = {.offset_hz = NAN, .raw = raw, .raw_len = 1};
    struct hz_sink s;
    struct hz_record rec;
    size_t at = 0;
    hz_sink_init(&s, &head, arena, sizeof arena);
    struct hz_json *j = hz_sink_begin(&s, &b);
    hz_json_str(j, "model", model);
    hz_json_int(j, "id", id);
    hz_json_decimals(j, "temperature_C", temperature, 1);
    if (*more)
        hz_json_decimals(j, more, 0.5, 1);
    hz_sink_end(&s);
    cr_assert(hz_sink_next(&s, &at, &rec));
    rec.kind = HZ_KIND_MESSAGE;
    rec.utc_ns = now_ms * 1000000;
    rec.snr_db = 12.25F;
    struct hz_topic *topic = hz_topic_new("stick", "ism", "sensors");
    struct hz_frame *f = hz_frame_new(topic, &rec, "", 0);
    bool is_event = hz_ha_hear(ha, f, now_ms, event);
    hz_frame_unref(f);
    hz_topic_unref(topic);
    now_ms += 30000;
    return is_event;
}

static void hear_plain(const char *model, int id, double temperature)
{
    struct hz_ha_out event;
    cr_expect_not(hear(model, id, temperature, "", &event));
}

/* All that is to be published; returns their number. The last one whose topic ends so is in text.
 */
static size_t drain(const char *end, char *text, size_t size)
{
    struct hz_ha_out out;
    size_t n = 0;
    text[0] = '\0';
    for (; hz_ha_next(ha, &out); n++) {
        size_t len = strlen(out.topic), tail = strlen(end);
        if (len >= tail && strcmp(out.topic + len - tail, end) == 0)
            snprintf(text, size, "%s", out.payload ? out.payload : "(empty)");
        free(out.payload);
    }
    return n;
}

static double count(const char *name)
{
    cJSON *o = hz_ha_json(ha);
    double n = cJSON_GetObjectItem(o, name)->valuedouble;
    cJSON_Delete(o);
    return n;
}

Test(home_assistant, a_sender_is_a_device_when_it_was_heard_three_times)
{
    static char text[8192];
    start("sensors/*", "", 3, 10);
    hear_plain("Nexus-TH", 218, 21.04);
    now_ms -= 30000; /* a repeat of the same transmission does not count */
    hear_plain("Nexus-TH", 218, 21.04);
    hear_plain("Nexus-TH", 218, 21.05);
    cr_expect_eq(drain("", text, sizeof text), 0);
    hear_plain("Nexus-TH", 218, 21.06);
    cr_expect_eq(drain("/config", text, sizeof text), 4); /* with temperature, last_heard, snr */
    cr_expect(strstr(text, "\"name\":\"Nexus-TH-218\"") && strstr(text, "\"expire_after\":3600"));
    hear_plain("Nexus-TH", 218, -0.04);
    cr_expect_eq(drain("/temperature_C", text, sizeof text), 1);
    cr_expect_str_eq(text, "0.0");
    struct hz_ha_out event;
    hear("Nexus-TH", 218, 20, "battery_ok", &event); /* a new entity: announced again */
    drain("/battery_ok", text, sizeof text);
    cr_expect_str_eq(text, "50"); /* of 100, as rtl_433 has it: 99 x + 1 */
    hear("Nexus-TH", 218, 20, "battery_ok", &event);
    drain("/config", text, sizeof text);
    cr_expect_str_eq(text, "", "nothing new");
    hz_ha_free(ha);
}

Test(home_assistant, foreign_tyres_and_denied_ones_are_none)
{
    static char text[8192];
    struct hz_ha_out event;
    start("sensors/*", "sensors/Acurite*", 1, 2);
    hear("Toyota", 7, 20, "pressure_kPa", &event);
    hear_plain("Acurite-606TX", 1, 20);
    cr_expect_eq(count("devices"), 0);
    cr_expect_eq(count("denied"), 2);
    for (int id = 0; id < 5; id++)
        hear_plain("Nexus-TH", id, 20);
    cr_expect_eq(count("devices"), 2, "the limit");
    cr_expect_eq(count("over_limit"), 3);
    drain("", text, sizeof text);
    hz_ha_free(ha);
    start("tyres/Toyota-7", "", 100, 2);
    hear("Toyota", 7, 20, "pressure_kPa", &event);
    cr_expect_eq(count("devices"), 1, "named: at once");
    hz_ha_free(ha);
}

Test(home_assistant, a_button_is_an_event)
{
    struct hz_ha_out event;
    static char text[8192];
    start("sensors/*", "", 1, 10);
    cr_assert(hear("Bell", 3, NAN, "button", &event));
    cr_expect_str_eq(event.topic, "hertzd/roof/ha/hertzd_roof_sensors_Bell-3/button");
    cJSON *o = cJSON_Parse(event.payload);
    cr_expect_str_eq(cJSON_GetObjectItem(o, "event_type")->valuestring, "pressed");
    cr_expect_eq(cJSON_GetObjectItem(o, "button")->valuedouble, 0.5);
    cr_expect_not(event.retain);
    cJSON_Delete(o);
    free(event.payload);
    drain("/button", text, sizeof text);
    cr_expect_str_eq(text, "", "not as a state");
    hz_ha_free(ha);
}

Test(home_assistant, a_hundred_devices_survive_a_restart_and_leave_in_time)
{
    static char text[8192], configs[100][4096], topics[100][HZ_HA_TOPIC_MAX];
    char heard[64];
    struct hz_ha_out out;
    size_t n = 0;
    start("sensors/*", "", 1, 100);
    for (int id = 0; id < 100; id++)
        hear_plain("Nexus-TH", id, 20);
    snprintf(heard, sizeof heard, "1970-01-01T00:00:00Z");
    while (hz_ha_next(ha, &out)) {
        if (strstr(out.topic, "/config")) {
            cr_assert(n < 100 && out.retain && out.len < sizeof *configs);
            snprintf(topics[n], sizeof *topics, "%s", out.topic);
            snprintf(configs[n++], sizeof *configs, "%s", out.payload);
        }
        free(out.payload);
    }
    cr_assert_eq(n, 100);
    hz_ha_free(ha);
    start("sensors/*", "sensors/Nexus-TH-7", 3, 100);
    for (size_t i = 0; i < n; i++)
        hz_ha_adopt(ha, topics[i], configs[i], strlen(configs[i]), now_ms, 86400000000000);
    cr_expect_eq(count("adopted"), 99);
    /* one of them was not heard for a day by the earlier run */
    hz_ha_adopt(ha, "hertzd/roof/ha/hertzd_roof_sensors_Nexus-TH-8/last_heard", heard,
                strlen(heard), now_ms, 90000000000000);
    drain("hertzd_roof_sensors_Nexus-TH-7/config", text, sizeof text);
    cr_expect_str_eq(text, "(empty)");
    cr_expect_eq(count("devices"), 99);
    hz_ha_sweep(ha, now_ms);
    drain("hertzd_roof_sensors_Nexus-TH-8/config", text, sizeof text);
    cr_expect_str_eq(text, "(empty)");
    cr_expect_eq(count("devices"), 98);
    hear_plain("Nexus-TH", 9, 20); /* it goes on at once, with its entities */
    drain("hertzd_roof_sensors_Nexus-TH-9/temperature_C", text, sizeof text);
    cr_expect_str_eq(text, "20.0");
    now_ms += 86400000;
    hz_ha_sweep(ha, now_ms);
    drain("", text, sizeof text);
    cr_expect_eq(count("devices"), 0);
    cr_expect_eq(count("removed"), 100);
    hz_ha_free(ha);
}

Test(home_assistant, garbage_under_our_name_is_removed_and_nothing_else)
{
    static char text[8192];
    start("sensors/*", "", 1, 10);
    static const char *const ours[] = {"hertzd_roof_sensors_x", "hertzd_roof_receiver_y"};
    static const char *const others[] = {"hertzd_roof2_sensors_x", "hertzd_roof_x", "zigbee",
                                         "a/b"};
    char topic[HZ_HA_TOPIC_MAX];
    for (size_t i = 0; i < 4; i++) {
        snprintf(topic, sizeof topic, "homeassistant/device/%s/config", others[i]);
        hz_ha_adopt(ha, topic, "{}", 2, now_ms, 0);
    }
    cr_expect_eq(drain("", text, sizeof text), 0);
    for (size_t i = 0; i < 2; i++) {
        snprintf(topic, sizeof topic, "homeassistant/device/%s/config", ours[i]);
        hz_ha_adopt(ha, topic, "{}", 2, now_ms, 0);
        hz_ha_adopt(ha, topic, "", 0, now_ms, 0);
    }
    cr_expect_eq(drain("/config", text, sizeof text), 2);
    cr_expect_str_eq(text, "(empty)");
    hz_ha_free(ha);
}
