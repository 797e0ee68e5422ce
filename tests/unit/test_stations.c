/* What a hub knows of its stations, and how hubs share buckets. */
#include "daemon/bus/bus.h"
#include "daemon/input/share.h"
#include "daemon/input/stations.h"

#include <criterion/criterion.h>
#include <stdio.h>

static struct hz_stations stations;

static void no_more(void)
{
    hz_stations_done(&stations);
}

Test(stations, a_line_that_comes_again_is_known, .fini = no_more)
{
    struct hz_station *st = hz_stations_get(&stations, "north");
    cr_assert(st);
    cr_expect_eq(hz_stations_get(&stations, "north"), st);
    cr_expect_neq(hz_stations_get(&stations, "south"), st);
    for (uint64_t seq = 1; seq < 200000; seq += 7)
        cr_assert(hz_station_first(st, "aaaa", seq), "%ju", (uintmax_t)seq);
    for (uint64_t seq = 199999 - 50000; seq < 199999; seq++)
        cr_assert_eq(hz_station_first(st, "aaaa", seq), seq % 7 != 1, "%ju", (uintmax_t)seq);
    cr_expect(hz_station_first(st, "aaaa", 1), "too old to be known: rather twice");
    cr_expect(hz_station_first(st, "bbbb", 199993), "another run of it");
    cr_expect_not(hz_station_first(st, "bbbb", 199993));
    cr_expect(hz_station_first(st, "cccc", 1));
    cr_expect_not(hz_station_first(st, "aaaa", 199997), "three runs are known");
    cr_expect(hz_station_first(st, "dddd", 1));
    cr_expect(hz_station_first(st, "bbbb", 199993), "the one not heard for longest is not");
    cr_expect_not(hz_station_first(st, "aaaa", 199997));
}

Test(stations, a_jump_forgets_what_is_too_old, .fini = no_more)
{
    struct hz_station *st = hz_stations_get(&stations, "north");
    cr_expect(hz_station_first(st, "aaaa", 5));
    cr_expect(hz_station_first(st, "aaaa", HZ_STATION_WINDOW + 5));
    cr_expect_not(hz_station_first(st, "aaaa", HZ_STATION_WINDOW + 5));
    cr_expect(hz_station_first(st, "aaaa", HZ_STATION_WINDOW + 4));
    cr_expect(hz_station_first(st, "aaaa", 10 * HZ_STATION_WINDOW + 4));
    cr_expect(hz_station_first(st, "aaaa", 9 * HZ_STATION_WINDOW + 5));
}

Test(stations, there_is_a_limit, .fini = no_more)
{
    char name[16];
    for (int i = 0; i < HZ_STATIONS_MAX; i++) {
        snprintf(name, sizeof name, "s%d", i);
        cr_assert(hz_stations_get(&stations, name));
    }
    cr_expect_null(hz_stations_get(&stations, "more"));
    cr_expect(hz_stations_get(&stations, "s0"));
}

/* ---- buckets ---------------------------------------------------------------------------- */

enum { HUBS = 3 };

static struct hz_share hubs[HUBS];
static bool up[HUBS];

/* All that are up tell all others, and look. */
static void turn(uint64_t now_ms)
{
    for (int i = 0; i < HUBS; i++) {
        for (int k = 0; up[i] && k < HUBS; k++)
            hz_share_heard(&hubs[k], hubs[i].id, hubs[i].buckets, hubs[i].holds, now_ms);
    }
    for (int i = 0; i < HUBS; i++) {
        if (up[i])
            hz_share_update(&hubs[i], now_ms);
    }
}

static int bits(uint64_t v)
{
    return __builtin_popcountll(v);
}

static void start(int i, uint64_t now_ms)
{
    char id[8];
    snprintf(id, sizeof id, "hub%d", i);
    hz_share_begin(&hubs[i], id, UINT64_MAX, now_ms);
    up[i] = true;
}

Test(share, one_hub_takes_all)
{
    start(0, 1000);
    turn(1500);
    cr_expect_eq(hubs[0].holds, 0, "others may be there");
    turn(3000);
    cr_expect_eq(hubs[0].holds, UINT64_MAX);
}

Test(share, each_bucket_is_in_one_hub_whoever_comes_and_goes)
{
    uint64_t now = 1000, longest = 0, without = 0, before;
    for (; now < 60000; now += 500) {
        if (now == 1000 || now == 5000 || now == 10000)
            start(now == 1000 ? 0 : now == 5000 ? 1 : 2, now);
        up[1] = up[1] && now < 20000; /* it is killed */
        if (!up[1])
            hubs[1].holds = 0;
        before = hubs[0].holds;
        turn(now);
        cr_assert_eq(hubs[0].holds & hubs[1].holds, 0, "%ju", (uintmax_t)now);
        cr_assert_eq(hubs[0].holds & hubs[2].holds, 0, "%ju", (uintmax_t)now);
        cr_assert_eq(hubs[1].holds & hubs[2].holds, 0, "%ju", (uintmax_t)now);
        if (now == 15000) {
            for (int i = 0; i < HUBS; i++)
                cr_expect_geq(bits(hubs[i].holds), 12, "%d", bits(hubs[i].holds));
        }
        if (now > 20000)
            cr_assert_eq(hubs[0].holds & before, before, "who stays keeps what it has");
        without = (hubs[0].holds | hubs[1].holds | hubs[2].holds) == UINT64_MAX ? 0 : without + 500;
        longest = now > 10000 && without > longest ? without : longest;
    }
    cr_expect_eq(hubs[0].holds | hubs[2].holds, UINT64_MAX);
    cr_expect_leq(longest, HZ_SHARE_GONE_MS + HZ_SHARE_QUIET_MS);
}

Test(share, only_its_own_buckets_and_no_more_hubs_than_fit)
{
    char id[16];
    hz_share_begin(&hubs[0], "a", 0xff, 0);
    for (int i = 0; i < 200; i++) {
        snprintf(id, sizeof id, "other%d", i);
        hz_share_heard(&hubs[0], id, ~(uint64_t)0xff, 0, 10);
    }
    cr_expect_eq(hubs[0].n_hubs, HZ_SHARE_HUBS);
    cr_expect_eq(hz_share_update(&hubs[0], 2000), 0xff);
    hz_share_heard(&hubs[0], "a", UINT64_MAX, UINT64_MAX, 2500);
    cr_expect_eq(hz_share_update(&hubs[0], 2500), 0xff);
}
