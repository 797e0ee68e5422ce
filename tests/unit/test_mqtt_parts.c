/* Topics, addresses and lists of the output to MQTT. */
#include "daemon/output/ha_ids.h"
#include "daemon/output/mqtt_conf.h"
#include "daemon/output/mqtt_flight.h"
#include "daemon/output/mqtt_topic.h"

#include <criterion/criterion.h>

static const struct hz_mqtt_words words = {.station = "roof",
                                           .receiver = "stick",
                                           .channel = "",
                                           .protocol = "aprs",
                                           .id = "DL1/P +#\xc3\xa9",
                                           .kind = "message"};

Test(mqtt_topic, words_become_one_level_each)
{
    char out[HZ_MQTT_TOPIC_MAX];
    cr_assert(hz_mqtt_topic("{station}/{receiver}{channel}/x/{id}", &words, out, sizeof out));
    cr_expect_str_eq(out, "roof/stick-/x/DL1_P_____", "%s", out);
    cr_expect_not(hz_mqtt_topic("{icao}", &words, out, sizeof out));
    cr_expect_not(hz_mqtt_topic("{station}", &words, out, 4));
    cr_expect(hz_mqtt_topic("{station}", &words, out, 5));
}

Test(mqtt_topic, lists)
{
    char out[32], err[200];
    cr_expect(hz_mqtt_topic_of(" adsb: a/{id} ,ais:b", "adsb", out, sizeof out));
    cr_expect_str_eq(out, "a/{id}");
    cr_expect(hz_mqtt_topic_of(" adsb: a/{id} ,ais:b", "ais", out, sizeof out));
    cr_expect_str_eq(out, "b");
    cr_expect_not(hz_mqtt_topic_of(" adsb: a/{id} ,ais:b", "ads", out, sizeof out));
    cr_expect_not(hz_mqtt_topic_of("", "", out, sizeof out));
    cr_expect_not(hz_mqtt_topic_check("a/{id", err, sizeof err));
    cr_expect_not(hz_mqtt_topic_check("$SYS/x", err, sizeof err));
    cr_expect_not(hz_mqtt_topic_check("", err, sizeof err));
    cr_expect_not(hz_mqtt_topic_check("\xff", err, sizeof err));
    cr_expect(hz_mqtt_topic_check("wetter/m\xc3\xbcnchen/{id}", err, sizeof err));
}

Test(mqtt_url, hosts_and_ports)
{
    static const struct {
        const char *url, *host;
        unsigned port;
        bool tls;
    } good[] = {
        {"mqtt://a", "a", 1883, false},        {"mqtts://a.b", "a.b", 8883, true},
        {"mqtt://a:1", "a", 1, false},         {"mqtt://[::1]", "::1", 1883, false},
        {"mqtts://[::1]:99", "::1", 99, true}, {"mqtt://192.0.2.1/", "192.0.2.1", 1883, false}};
    static const char *const bad[] = {"",           "a",          "http://a",   "mqtt://",
                                      "mqtt://:1",  "mqtt://a:0", "mqtt://a/b", "mqtt://a:x",
                                      "mqtt://::1", "mqtt://[a",  "mqtt://u@a"};
    char host[256];
    unsigned port;
    bool tls;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        cr_expect(hz_mqtt_url(good[i].url, host, sizeof host, &port, &tls), "%s", good[i].url);
        cr_expect(strcmp(host, good[i].host) == 0 && port == good[i].port && tls == good[i].tls,
                  "%s: %s %u", good[i].url, host, port);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        cr_expect_not(hz_mqtt_url(bad[i], host, sizeof host, &port, &tls), "%s", bad[i]);
}

Test(mqtt_flight, frames_stay_when_the_connection_is_lost)
{
    struct hz_mqtt_flights all = {0};
    struct hz_mqtt_publish p = {.topic = "t", .payload = "abc", .len = 3};
    struct hz_mqtt_flight *a = hz_mqtt_flight_add(&all, &p, true);
    struct hz_mqtt_flight *b = hz_mqtt_flight_add(&all, &p, false);
    struct hz_mqtt_flight *c = hz_mqtt_flight_add(&all, &p, true);
    a->mid = 1, b->mid = 2, c->mid = 3;
    cr_expect_eq(hz_mqtt_flight_find(&all, 2), b);
    hz_mqtt_flights_lost(&all);
    cr_expect(all.n == 2 && all.frames == 2 && all.first == a && all.last == c && c->mid == 0);
    hz_mqtt_flight_remove(&all, c);
    cr_expect_eq(all.last, a);
    cr_expect(memcmp(a->publish.payload, "abc", 3) == 0 && strcmp(a->publish.topic, "t") == 0);
    hz_mqtt_flights_clear(&all);
    cr_expect(all.n == 0 && all.frames == 0 && !all.first && !all.last);
}

Test(ha_ids, there_and_back)
{
    struct hz_ha_identity who = {"roof", "simulated", "sensors", "Acurite 5n1-A-123"}, again;
    char name[HZ_HA_IDENTIFIER_MAX], key[HZ_HA_KEY_MAX], other[HZ_HA_KEY_MAX];
    hz_ha_identifier(&who, name);
    cr_expect_str_eq(name, "hertzd:roof/simulated/sensors/Acurite 5n1-A-123");
    cr_assert(hz_ha_identifier_read(name, &again));
    cr_expect_str_eq(again.station, who.station);
    cr_expect_str_eq(again.mark, who.mark);
    cr_expect_str_eq(again.group, who.group);
    cr_expect_str_eq(again.id, who.id);
    hz_ha_key(&who, key);
    cr_expect_eq(strncmp(key, "hertzd_roof_simulated_sensors_Acurite_5n1-A-123_", 48), 0, "%s",
                 key);
    strcpy(again.id, "Acurite_5n1-A-123");
    hz_ha_key(&again, other);
    cr_expect_str_eq(other, "hertzd_roof_simulated_sensors_Acurite_5n1-A-123");
    static const char *const bad[] = {"hertzd:",        "hertzd:a",   "hertzd:a/b",
                                      "hertzd:a/b/c/d", "x:a/b/c",    "hertzd:a/simulated",
                                      "hertzd:/b/c",    "hertzd:a//c"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        cr_expect_not(hz_ha_identifier_read(bad[i], &again), "%s", bad[i]);
    cr_expect(hz_ha_identifier_read("hertzd:a/station", &again));
}

Test(ha_ids, lists)
{
    struct hz_ha_identity who = {"roof", "", "sensors", "Nexus-TH-1-218"};
    char err[300];
    cr_expect_eq(hz_ha_listed("sensors/*", &who), HZ_HA_MATCHED);
    cr_expect_eq(hz_ha_listed("pocsag/1, SENSORS/nexus-th-1-218", &who), HZ_HA_NAMED);
    cr_expect_eq(hz_ha_listed("sensors/Nexus-T-*", &who), HZ_HA_UNLISTED);
    cr_expect_eq(hz_ha_listed("", &who), HZ_HA_UNLISTED);
    cr_expect(hz_ha_patterns_check("sensors/a, */b", err, sizeof err));
    cr_expect_not(hz_ha_patterns_check("sensors/a, b", err, sizeof err));
    cr_expect_not(hz_ha_patterns_check("senors/a", err, sizeof err));
}
