/* The picture: targets out of messages, what is believed of them, and how they are forgotten. */
#include "tests/unit/picture_rig.h"

#include "daemon/base/utc.h"

#include <errno.h>

static struct said air(double at_s, const char *id, double lat, double lon)
{
    return (struct said){.protocol = "adsb", .at_s = at_s, .id = id, .lat = lat, .lon = lon};
}

static struct said ship(double at_s, const char *id, double lat, double lon)
{
    return (struct said){.protocol = "ais", .at_s = at_s, .id = id, .lat = lat, .lon = lon};
}

static struct said call(double at_s, const char *id, double lat, double lon)
{
    return (struct said){.protocol = "aprs", .at_s = at_s, .id = id, .lat = lat, .lon = lon};
}

Test(picture, the_last_of_each_field_is_kept, .init = begin, .fini = end)
{
    char name[32];
    say(air(1000, "4840d6", NAN, NAN), "hex", "\"4840d6\"", "flight", "\"KLM1023 \"", NULL);
    say(air(1001, "4840d6", NAN, NAN), "hex", "\"4840d6\"", "alt_baro", "38000", "gs", "450", NULL);
    say(air(1002, "4840d6", 53, 8), "hex", "\"4840d6\"", "alt_baro", "9000", "lat", "53", NULL);
    say(air(1003, "4840d6", NAN, NAN), "alt_baro", "\"ground\"", "squawk", "\"1000\"", NULL);
    settle();
    const struct hz_target *t = target(HZ_LIST_AIRCRAFT, "4840d6");
    cr_assert(t);
    cr_expect_eq(t->messages, 4);
    cr_expect_eq(t->first_ns, 1000000000000);
    cr_expect_eq(t->last_ns, 1003000000000);
    cr_expect(hz_target_name(t, hz_picture_now_ms(picture), name, sizeof name));
    cr_expect_str_eq(name, "KLM1023");
    cr_expect(field_is(t, "alt_baro", 0, "\"ground\""));
    cr_expect(field_is(t, "gs", 0, "450"));
    cr_expect(field_is(t, "gs", 60, "450"));
    cr_expect(field_is(t, "gs", 62, NULL), "an old speed says nothing");
    cr_expect(field_is(t, "squawk", 299, "\"1000\""), "but an old squawk does");
    cr_expect(field_is(t, "wind", 0, NULL));
    cr_expect_eq(t->fix.at.lat, 53);
    cr_expect_eq(t->fix.utc_ns, 1002000000000);
    cr_expect_eq((double)t->fix.alt, 9000);
    cr_expect_null(target(HZ_LIST_SHIPS, "4840d6"));
}

Test(picture, who_is_in_which_list, .init = begin, .fini = end)
{
    say(ship(1, "211281610", NAN, NAN), "type", "5", NULL);
    say(call(2, "DL1ABC-9", NAN, NAN), NULL);
    say((struct said){.protocol = "ax25-9600", .at_s = 3, .id = "DL1ABC-9", .lat = NAN, .lon = NAN},
        NULL);
    say((struct said){.protocol = "pocsag", .at_s = 3, .id = "1234", .lat = NAN, .lon = NAN}, NULL);
    say((struct said){.protocol = "nfm", .at_s = 3, .id = "", .lat = NAN, .lon = NAN}, NULL);
    say((struct said){.protocol = "weather", .at_s = 3, .id = "7", .lat = NAN, .lon = NAN}, NULL);
    say((struct said){.protocol = "sonde", .at_s = 3, .id = "S1", .lat = 50, .lon = 8}, NULL);
    say((struct said){.protocol = "sonde", .at_s = 4, .id = "S1", .lat = NAN, .lon = NAN}, NULL);
    settle();
    struct hz_picture_counts c = hz_picture_counts(picture);
    cr_expect_eq(c.targets[HZ_LIST_AIRCRAFT], 0);
    cr_expect_eq(c.targets[HZ_LIST_SHIPS], 1);
    cr_expect_eq(c.targets[HZ_LIST_STATIONS], 2);
    cr_expect_eq(c.placed[HZ_LIST_STATIONS], 1);
    cr_expect_eq(target(HZ_LIST_STATIONS, "DL1ABC-9")->messages, 2, "one call, two modems");
    cr_expect_eq(target(HZ_LIST_STATIONS, "S1")->messages, 2);
}

Test(picture, simulated_and_real_ones_are_apart, .init = begin, .fini = end)
{
    say(air(1, "4840d6", NAN, NAN), NULL);
    mark = "simulated";
    say(air(1, "4840d6", NAN, NAN), NULL);
    say(air(2, "4840d6", NAN, NAN), NULL);
    settle();
    cr_expect_eq(hz_picture_counts(picture).targets[HZ_LIST_AIRCRAFT], 2);
    const struct hz_target *t = hz_picture_last(picture, HZ_LIST_AIRCRAFT);
    cr_expect_str_eq(t->mark, "simulated");
    cr_expect_eq(t->messages, 2);
    cr_expect_null(t->prev->mark);
}

Test(picture, a_wrong_position_is_set_aside, .init = begin, .fini = end)
{
    say(ship(100, "1", 53.5, 8.5), "type", "1", NULL);
    say(ship(110, "1", 53.501, 8.5), "type", "1", NULL);
    say(ship(120, "1", 10, -70), "type", "1", NULL);
    say(ship(130, "1", 53.502, 8.5), "type", "1", NULL);
    settle();
    const struct hz_target *t = target(HZ_LIST_SHIPS, "1");
    cr_expect_eq(t->fix.at.lat, 53.502);
    cr_expect_eq(t->doubted, 1);
    for (size_t i = 0; i < t->track.n; i++)
        cr_expect_gt(t->track.points[i].at.lat, 53);
    /* the first one may be the wrong one */
    say(ship(100, "2", 10, -70), "type", "1", NULL);
    say(ship(110, "2", 53.5, 8.5), "type", "1", NULL);
    settle();
    t = target(HZ_LIST_SHIPS, "2");
    cr_expect_eq(t->fix.at.lat, 10);
    say(ship(120, "2", 53.501, 8.5), "type", "1", NULL);
    settle();
    cr_expect_eq(t->fix.at.lat, 53.501, "two agree against one");
    cr_expect_eq(t->track.n, 1);
    cr_expect_eq(hz_picture_counts(picture).doubted, 2);
}

Test(picture, late_messages_and_clocks_that_are_set_back, .init = begin, .fini = end)
{
    say(air(1000, "a", 53, 8), "gs", "400", NULL);
    say(air(999.5, "a", 52.99, 8), "gs", "390", "ias", "200", NULL);
    settle();
    const struct hz_target *t = target(HZ_LIST_AIRCRAFT, "a");
    cr_expect_eq(t->last_ns, 1000000000000);
    cr_expect_eq(t->first_ns, 999500000000);
    cr_expect_eq(t->fix.at.lat, 53);
    cr_expect(field_is(t, "gs", 0, "400"));
    cr_expect(field_is(t, "ias", 0, "200"), "what was not known yet is taken");
    say(air(500, "a", 53.001, 8), "gs", "410", NULL); /* the clock was set back */
    settle();
    cr_expect_eq(t->last_ns, 500000000000);
    cr_expect_leq(t->first_ns, t->last_ns);
    cr_expect_eq(t->fix.at.lat, 53.001);
    cr_expect_eq(t->fix.utc_ns, 500000000000);
    cr_expect(field_is(t, "gs", 0, "410"));
    cr_expect_eq(t->doubted, 0);
}

Test(picture, objects_of_aprs_are_not_their_senders, .init = begin, .fini = end)
{
    say(call(1, "DB0XY", 50, 8), "srccallsign", "\"DB0XY\"", NULL);
    say(call(2, "DB0XY", 51, 9), "srccallsign", "\"DB0XY\"", "objectname", "\"FLOOD    \"", "alive",
        "1", NULL);
    settle();
    cr_expect_eq(target(HZ_LIST_STATIONS, "DB0XY")->fix.at.lat, 50);
    cr_expect_eq(target(HZ_LIST_STATIONS, "FLOOD")->fix.at.lat, 51);
    say(call(3, "DB0XY", 51, 9), "objectname", "\"FLOOD    \"", "alive", "0", NULL);
    settle();
    cr_expect_null(target(HZ_LIST_STATIONS, "FLOOD"), "it was removed");
    cr_expect(target(HZ_LIST_STATIONS, "DB0XY"));
}

Test(picture, other_places_in_ais_are_not_the_senders, .init = begin, .fini = end)
{
    say(ship(1, "2111240", 53.8, 8.7), "type", "4", NULL);
    say(ship(2, "2111240", 54.2, 7.9), "type", "8", NULL);
    settle();
    cr_expect_eq(target(HZ_LIST_SHIPS, "2111240")->fix.at.lat, 53.8);
    cr_expect_eq(target(HZ_LIST_SHIPS, "2111240")->doubted, 0);
}

Test(picture, forgets_each_list_in_its_time, .init = begin, .fini = end)
{
    uint64_t now = hz_picture_now_ms(picture);
    say(air(1, "a", NAN, NAN), NULL);
    say(ship(1, "1", 53, 8), "type", "1", NULL);
    say(call(1, "C", NAN, NAN), NULL);
    settle();
    hz_picture_forget(picture, now + 4 * 60000);
    cr_expect(target(HZ_LIST_AIRCRAFT, "a"));
    hz_picture_hold(picture);
    hz_picture_forget(picture, now + 6 * 60000);
    cr_expect(target(HZ_LIST_AIRCRAFT, "a"), "it is held");
    hz_picture_release(picture);
    hz_picture_forget(picture, now + 6 * 60000);
    cr_expect_null(target(HZ_LIST_AIRCRAFT, "a"));
    cr_expect(target(HZ_LIST_SHIPS, "1"));
    hz_picture_forget(picture, now + 31 * 60000);
    cr_expect_null(target(HZ_LIST_SHIPS, "1"));
    cr_expect(target(HZ_LIST_STATIONS, "C"));
    hz_picture_forget(picture, now + 61 * 60000);
    struct hz_picture_counts c = hz_picture_counts(picture);
    cr_expect_eq(c.targets[HZ_LIST_STATIONS], 0);
    cr_expect_eq(c.placed[HZ_LIST_SHIPS], 0);
    cr_expect_eq(c.bytes[HZ_LIST_AIRCRAFT] + c.bytes[HZ_LIST_SHIPS], 0);
    cr_expect_eq(c.forgotten, 3);
}

Test(picture, a_full_list_drops_its_oldest, .init = begin, .fini = end)
{
    char id[16];
    say(ship(1, "1", NAN, NAN), "type", "5", NULL);
    for (int i = 0; i < HZ_PICTURE_TARGETS + 100; i++) {
        snprintf(id, sizeof id, "%06x", i);
        say(air(1, id, NAN, NAN), NULL);
        if (i % 5000 == 0)
            say(air(1, "000000", NAN, NAN), NULL); /* it is heard again and again */
        if (i % 1000 == 0)
            settle();
    }
    settle();
    struct hz_picture_counts c = hz_picture_counts(picture);
    cr_expect_eq(c.targets[HZ_LIST_AIRCRAFT], HZ_PICTURE_TARGETS);
    cr_expect_eq(c.evicted, 100);
    cr_expect_eq(c.missed, 0);
    cr_expect(target(HZ_LIST_AIRCRAFT, "000000"));
    cr_expect_null(target(HZ_LIST_AIRCRAFT, "000001"));
    cr_expect(target(HZ_LIST_SHIPS, "1"), "other lists have their own places");
}

Test(picture, fields_are_bounded, .init = begin, .fini = end)
{
    char name[8], value[HZ_KEPT_VALUE_MAX + 8];
    memset(value, '1', sizeof value);
    value[sizeof value - 1] = '\0';
    say(air(1, "a", NAN, NAN), "long", value, "gs", "1", NULL);
    value[1500] = '\0';
    for (int i = 0; i < 10; i++) {
        snprintf(name, sizeof name, "f%d", i);
        say(air(2, "a", NAN, NAN), name, value, NULL);
    }
    settle();
    const struct hz_target *t = target(HZ_LIST_AIRCRAFT, "a");
    cr_expect(field_is(t, "long", 0, NULL));
    cr_expect(field_is(t, "gs", 0, "1"));
    cr_expect(field_is(t, "f4", 0, value));
    cr_expect_leq(t->kept.len, HZ_KEPT_MAX);
    cr_expect_eq(hz_picture_counts(picture).cut, 1 + 5);
}

Test(picture, coverage_needs_two_positions_of_the_sender_itself, .init = begin, .fini = end)
{
    const struct hz_coverage *c = hz_picture_coverage(picture);
    say(air(1, "a", 55.0, 8.67), "type", "\"adsb_icao\"", NULL);
    settle();
    cr_expect_eq(c->n, 0, "one position is none");
    say(air(2, "a", 55.001, 8.67), "type", "\"adsb_icao\"", NULL);
    say(air(3, "a", 65, 8.67), "type", "\"adsb_icao\"", NULL);     /* it cannot be there */
    say(air(4, "a", 55.002, 8.67), "type", "\"tisb_icao\"", NULL); /* sent from the ground */
    say(ship(1, "1", 53.7, 9.5), "type", "1", "repeat", "0", NULL);
    say(ship(2, "1", 53.7, 9.5), "type", "1", "repeat", "1", NULL);
    say(call(1, "C", 53.0, 8.0), NULL);
    say(call(2, "C", 53.0, 8.0), "digipeaters", "[{\"call\":\"DB0XY\",\"wasdigied\":1}]", NULL);
    say(
        (struct said){
            .receiver = "mast", .protocol = "adsb", .at_s = 5, .id = "a", .lat = 55, .lon = 8.67},
        "type", "\"adsb_icao\"", NULL); /* where that antenna is, is not known */
    settle();
    cr_assert_eq(c->n, 1);
    cr_expect_eq(c->list[0]->messages, 1);
    cr_expect_float_eq(c->list[0]->sectors[0].max_m, 137.99e3, 300);
    cr_expect_str_eq(c->list[0]->sectors[0].id, "a");
    cr_expect_eq(c->list[0]->sectors[35].max_m, 0);
    say((struct said){.channel = "2",
                      .protocol = "adsb",
                      .at_s = 6,
                      .id = "a",
                      .lat = 55.003,
                      .lon = 8.68,
                      .kind = HZ_KIND_REPEAT},
        "type", "\"adsb_icao\"", NULL);
    say(air(6, "b", NAN, NAN), NULL); /* it is read behind the copy */
    settle();
    cr_assert_eq(c->n, 2, "a copy counts for the channel that heard it");
    cr_expect_eq(target(HZ_LIST_AIRCRAFT, "a")->messages, 5, "but is no message");
    antenna.lat = 54;
    say(air(7, "a", 55.004, 8.67), "type", "\"adsb_icao\"", NULL);
    settle();
    cr_expect_float_eq(c->list[0]->sectors[0].max_m, 111.6e3, 300, "the antenna was moved");
}

/* ---- snapshots -------------------------------------------------------------------------- */

static void finish(struct hz_snapshot *s)
{
    int rc;
    for (int i = 0; (rc = hz_snapshot_more(s)) == 0; i++)
        cr_assert_lt(i, 10000);
    cr_assert_eq(rc, 1);
}

Test(picture, a_snapshot_is_the_state_of_one_moment, .init = begin, .fini = end)
{
    struct hz_snapshot *s, *same, *next;
    say(air(1, "aaaaaa", 53, 8), "gs", "111", NULL);
    settle();
    cr_assert_eq(hz_snapshot_get(&snapshots, &hz_format_lists[HZ_LIST_AIRCRAFT], &s), 0);
    cr_assert_eq(hz_snapshot_get(&snapshots, &hz_format_lists[HZ_LIST_AIRCRAFT], &same), 0);
    cr_expect_eq(s, same, "two who ask at once share it");
    say(air(2, "aaaaaa", 53, 8), "gs", "222", NULL);
    say(air(2, "bbbbbb", 53, 8), NULL);
    for (int i = 0; i < 20; i++)
        uv_run(&loop, UV_RUN_NOWAIT);
    cr_expect_eq(hz_picture_seq(picture), 1, "it is held");
    finish(s);
    cr_expect(memmem(s->text, s->len, "\"seq\":1,", 8));
    cr_expect(memmem(s->text, s->len, "\"gs\":111", 8));
    cr_expect_null(memmem(s->text, s->len, "bbbbbb", 6));
    settle();
    hz_snapshot_unref(same);
    hz_snapshot_unref(s);
    cr_assert_eq(hz_snapshot_get(&snapshots, &hz_format_lists[HZ_LIST_AIRCRAFT], &next), 0);
    finish(next);
    cr_expect(memmem(next->text, next->len, "\"seq\":3,", 8));
    cr_expect(memmem(next->text, next->len, "\"gs\":222", 8));
    hz_snapshot_unref(next);
    cr_expect_eq(snapshots.n, 0);
    cr_expect_eq(snapshots.bytes, 0);
}

Test(picture, who_leaves_before_the_end_lets_it_go_on, .init = begin, .fini = end)
{
    struct hz_snapshot_reader *r =
        hz_snapshot_reader_new(&snapshots, &hz_format_lists[HZ_LIST_SHIPS]);
    struct hz_snapshot *s;
    hz_snapshot_reader_free(r); /* it had not begun */
    cr_assert_eq(hz_snapshot_get(&snapshots, &hz_format_kml, &s), 0);
    hz_snapshot_unref(s);
    say(ship(1, "1", 53, 8), "type", "1", NULL);
    settle();
    cr_expect(target(HZ_LIST_SHIPS, "1"));
}

Test(picture, clients_cannot_hold_more_snapshots_than_allowed, .init = begin, .fini = end)
{
    struct hz_snapshot *s[HZ_SNAPSHOTS_MAX + 1];
    struct hz_picture_format forms[HZ_SNAPSHOTS_MAX + 1];
    for (int i = 0; i < HZ_SNAPSHOTS_MAX + 1; i++) {
        forms[i] = hz_format_kml;
        int rc = hz_snapshot_get(&snapshots, &forms[i], &s[i]);
        cr_expect_eq(rc, i < HZ_SNAPSHOTS_MAX ? 0 : -EBUSY);
    }
    cr_expect_eq(snapshots.refused, 1);
    for (int i = 0; i < HZ_SNAPSHOTS_MAX; i++)
        hz_snapshot_unref(s[i]);
}

/* A station of a hub had no link for some minutes: what it sends then changes nothing that is known
 * to be newer, and brings nobody back. */
Test(picture, what_a_station_sends_late_does_not_set_back, .init = begin, .fini = end)
{
    double now_s = (double)hz_utc_now() / 1e9;
    struct said late = air(now_s - 100, "4840d6", 50, 8), gone = air(now_s - 7200, "3c6666", 50, 8);
    late.station = gone.station = "north";
    say(air(now_s, "4840d6", 53, 8), "gs", "450", NULL);
    say(late, "gs", "300", "squawk", "\"1000\"", NULL);
    say(gone, "gs", "300", NULL);
    settle();
    const struct hz_target *t = target(HZ_LIST_AIRCRAFT, "4840d6");
    cr_assert(t);
    cr_expect_eq(t->messages, 2);
    cr_expect_eq(t->fix.at.lat, 53);
    cr_expect(field_is(t, "gs", 0, "450"));
    cr_expect(field_is(t, "squawk", 0, "\"1000\""), "what was not known");
    cr_expect_eq(t->last_ns, llround(now_s * 1e9));
    cr_expect_null(target(HZ_LIST_AIRCRAFT, "3c6666"));
}
