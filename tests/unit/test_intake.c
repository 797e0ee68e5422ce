/* Bytes of other programs become frames on the bus, folded with what our own channels hear. */
#include "daemon/base/utc.h"
#include "daemon/input/budget.h"
#include "daemon/input/intake.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct hz_decoder adsb = {.name = "adsb"}, ais = {.name = "ais"};
static const struct hz_decoder *const decoders[] = {&adsb, &ais, NULL};
static char name[] = "club", empty[] = "";

static uv_loop_t loop;
static struct hz_bus *bus;
static struct hz_fold *fold;
static struct hz_input_env env;
static struct hz_intake *intake;
static struct hz_feed *feed;
static struct hz_conf_net_input conf;
static char out[16384];

static void on_frame(void *ctx, const struct hz_frame *f)
{
    (void)ctx;
    strncat(out, f->data, f->len);
}

static void begin_with(char *format)
{
    conf = (struct hz_conf_net_input){.input = {.latitude = NAN, .longitude = NAN},
                                      .format = format,
                                      .protocol = empty,
                                      .allow = empty,
                                      .token = empty};
    memcpy(conf.input.name, name, sizeof name);
    uv_loop_init(&loop);
    bus = hz_bus_new(&loop, 100, 1 << 20, "0123456789abcdef");
    hz_bus_tap(bus, on_frame, NULL);
    fold = hz_fold_new(&loop, bus);
    env = (struct hz_input_env){&loop, bus, fold, decoders, hz_input_budget_new(&loop)};
    intake = hz_intake_new(&env, &conf);
    feed = hz_feed_new(intake, "a test");
    out[0] = '\0';
}

static void on_closed(void *ctx)
{
    ++*(int *)ctx;
}

static void end(void)
{
    int closed = 0;
    hz_feed_free(feed);
    hz_intake_close(intake, on_closed, &closed);
    uv_run(&loop, UV_RUN_NOWAIT);
    hz_fold_close(fold);
    hz_input_budget_close(env.budget);
    hz_bus_close(bus);
    uv_run(&loop, UV_RUN_DEFAULT);
    cr_assert_eq(uv_loop_close(&loop), 0);
    cr_assert_eq(closed, 1);
}

static void give(const char *text)
{
    hz_feed_datagram(feed, text, strlen(text));
}

static double count(const char *key)
{
    cJSON *o = cJSON_CreateObject();
    hz_intake_status(intake, o);
    double n = cJSON_GetNumberValue(cJSON_GetObjectItem(o, key));
    cJSON_Delete(o);
    return n;
}

static bool has(const char *text)
{
    return strstr(out, text) != NULL;
}

/* A squitter that a receiver of our own hears now, with the level that dump1090 would see. */
static void hear(struct hz_topic *topic, const uint8_t *raw, size_t n)
{
    static const char text[] =
        "\"receiver\":\"roof\",\"channel\":\"1090\",\"snr_db\":20,\"adsb\":{}";
    int64_t now = hz_utc_now();
    struct hz_fold_from from = {.decoder = &adsb, .topic = topic, .stream = topic, .timed = true};
    struct hz_record rec = {.kind = HZ_KIND_MESSAGE,
                            .utc_ns = now,
                            .end_ns = now + 120000,
                            .snr_db = 20,
                            .about = {.lat = NAN, .lon = NAN},
                            .raw = raw,
                            .raw_len = n,
                            .json = text,
                            .json_len = sizeof text - 1};
    hz_fold_publish(fold, &from, &rec);
}

Test(intake, a_copy_of_what_we_heard_is_one_message_with_both_named)
{
    static const uint8_t raw[] = {0x8d, 0x48, 0x40, 0xd6, 0x20, 0x2c, 0xc3,
                                  0x71, 0xc3, 0x2c, 0xe0, 0x57, 0x60, 0x98};
    char avr[] = "avr";
    begin_with(avr);
    struct hz_topic *topic = hz_topic_new("roof", "1090", "adsb");
    hz_fold_join(fold, &(struct hz_fold_from){.decoder = &adsb, .topic = topic, .timed = true});
    hear(topic, raw, sizeof raw);
    cr_assert_str_eq(out, "", "it waits for copies");
    give("*8D4840D6202CC371C32CE0576098;\n");
    hz_fold_flush(fold, NULL);
    cr_assert(has("\"seq\":1,\"kind\":\"message\",\"receiver\":\"roof\""), "%s", out);
    cr_assert(has("\"heard\":[{\"receiver\":\"roof\",\"channel\":\"1090\",\"snr_db\":20},"
                  "{\"receiver\":\"club\",\"channel\":\"club\"}]"),
              "%s", out);
    cr_assert(has("\"kind\":\"repeat\"") && has("\"input\":\"avr\""));
    hz_fold_leave(fold, topic);
    hz_topic_unref(topic);
    end();
}

Test(intake, everything_is_counted)
{
    char avr[] = "avr";
    begin_with(avr);
    give("*8D4840D6202CC371C32CE0576098;\n*8D4840D6202CC371C32CE0576099;\n*0000;\nxyz\n");
    cr_assert(count("units") == 4 && count("messages") == 1 && count("refused") == 1 &&
              count("skipped") == 1 && count("bad") == 1 && count("bytes") == 73);
    end();
}

Test(intake, sentences_tell_station_and_time)
{
    char nmea[] = "nmea";
    begin_with(nmea);
    give("\\s:rORBCOMM009,c:1241544035*21\\!AIVDO,1,1,,B,177KQJ5000G?tO`K>RA1wUbN0TKH,0*5E");
    cr_assert(has("\"time\":\"2009-05-05T17:20:35.000000000Z\",\"receiver\":\"club\",\"channel\":"
                  "\"club\",\"protocol\":\"ais\",\"freq_hz\":162025000,\"input\":\"nmea\","
                  "\"own\":true,\"source\":\"rORBCOMM009\",\"fixed_bits\":0,\"raw\":"),
              "%s", out);
    end();
}

Test(intake, computed_positions_keep_their_mark)
{
    char beast[] = "beast";
    begin_with(beast);
    static const char frame[] = "\x1a"
                                "3\xff\0MLAT\0\x8d\x48\x40\xd6\x20\x2c\xc3\x71\xc3\x2c\xe0\x57\x60"
                                "\x98";
    hz_feed_datagram(feed, frame, sizeof frame - 1);
    cr_assert(has("\"input\":\"beast\",\"mlat\":true,") && has("\"sample\":280376761925204"), "%s",
              out);
    end();
}

Test(intake, lines_ask_for_what_came_meanwhile)
{
    char json[] = "json", text[300];
    begin_with(json);
    size_t n = hz_intake_greeting(intake, text, sizeof text);
    cr_assert_str_eq((text[n] = '\0', text), "{\"subscribe\":{\"kind\":[\"message\"]}}\n");
    give("{\"kind\":\"hello\",\"stream\":\"3f60a1c29be4d785\",\"seq\":7}\n"
         "{\"seq\":7,\"kind\":\"message\",\"time\":\"2026-11-23T08:26:11Z\",\"receiver\":\"r\","
         "\"channel\":\"c\",\"protocol\":\"new\",\"new\":{}}\n{\"kind\":\"heartbeat\",\"seq\":12}"
         "\n");
    n = hz_intake_greeting(intake, text, sizeof text);
    cr_assert_str_eq((text[n] = '\0', text), "{\"subscribe\":{\"kind\":[\"message\"],\"stream\":"
                                             "\"3f60a1c29be4d785\",\"since\":11}}\n");
    cr_assert(has("\"via\":[\"3f60a1c29be4d785\",\"0123456789abcdef\"]"));
    cr_assert(count("messages") == 1 && count("skipped") == 2);
    give("{\"seq\":13,\"kind\":\"message\",\"via\":[\"0123456789abcdef\"]}");
    cr_assert(count("looped") == 1);
    end();
}
