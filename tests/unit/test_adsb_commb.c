/* Which register a Comm-B reply is, and what it says: against what pyModeS 2 reads in real frames,
 * and against all that is none. */
#include "adsb_frames.h"
#include "proto/adsb/commb.h"

static const struct hz_commb_known nothing;

static enum hz_register infer(const char *mb, const struct hz_commb_known *known)
{
    uint8_t bytes[14] = {0};
    cr_assert_eq(from_hex(mb, bytes), 7);
    return hz_commb_infer(bytes, known);
}

/* Fields compared so far, and those that we do not say. */
struct tally {
    int same, silent;
};

static void number_of(struct tally *c, const cJSON *want, const char *its, const cJSON *o,
                      const char *ours, double tolerance)
{
    const cJSON *v = cJSON_GetObjectItem(want, its);
    if (!v)
        return;
    if (!has(o, ours)) {
        c->silent++;
        return;
    }
    cr_expect_float_eq(number(o, ours), v->valuedouble, tolerance, "%s: %s %f, %f", want->string,
                       ours, number(o, ours), v->valuedouble);
    c->same++;
}

static void fields_of(struct tally *c, const cJSON *want, const cJSON *o)
{
    number_of(c, want, "altitude", o, "alt_baro", 0);
    number_of(c, want, "selected_altitude_mcp", o, "nav_altitude_mcp", 0);
    number_of(c, want, "selected_altitude_fms", o, "nav_altitude_fms", 0);
    number_of(c, want, "baro_pressure_setting", o, "nav_qnh", 0.001);
    number_of(c, want, "roll", o, "roll", 0.00501);
    number_of(c, want, "true_track", o, "track", 0.00501);
    number_of(c, want, "groundspeed", o, "gs", 0);
    number_of(c, want, "track_rate", o, "track_rate", 0.00501);
    number_of(c, want, "true_airspeed", o, "tas", 0);
    number_of(c, want, "magnetic_heading", o, "mag_heading", 0.00501);
    number_of(c, want, "indicated_airspeed", o, "ias", 0);
    number_of(c, want, "mach", o, "mach", 0.0001);
    number_of(c, want, "baro_vertical_rate", o, "baro_rate", 0);
    number_of(c, want, "inertial_vertical_rate", o, "geom_rate", 0);
    if (*text(want, "squawk")) {
        cr_expect_str_eq(text(o, "squawk"), text(want, "squawk"), "%s", want->string);
        c->same++;
    }
    if (*text(want, "callsign")) { /* it pads with _ */
        size_t n = strcspn(text(want, "callsign"), "_");
        cr_expect_eq(strncmp(text(o, "flight"), text(want, "callsign"), n), 0, "%s", want->string);
        cr_expect_eq(strspn(text(o, "flight") + n, " "), 8 - n);
        c->same++;
    }
}

/* Its list of registers that a reply may be ("BDS40,BDS45") holds ours ("4,0"). */
static bool listed(const char *list, const char *bds)
{
    char name[8];
    snprintf(name, sizeof name, "BDS%c%c", bds[0], bds[2]);
    return strstr(list, name) != NULL;
}

struct golden {
    int frames, same_register, one_of_several, silent;
    struct tally fields;
};

static struct golden compare(const char *name)
{
    struct golden g = {0};
    cJSON *all = read_json(name);
    const cJSON *want;
    cJSON_ArrayForEach(want, all)
    {
        struct hz_aircraft_table *t = new_table((double)NAN, (double)NAN);
        uint32_t address = (uint32_t)strtoul(text(want, "icao"), NULL, 16);
        cJSON *o = describe_as(t, want->string, address, 0);
        const char *bds = text(o, "bds"), *list = text(want, "bds");
        if (*bds)
            cr_expect(listed(list, bds), "%s: %s, not %s", want->string, bds, list);
        g.frames++;
        g.silent += !*bds;
        g.same_register += *bds && !strchr(list, ',');
        g.one_of_several += *bds && strchr(list, ',');
        cr_expect(*bds || !*list || strchr(list, ','), "%s: %s missed", want->string, list);
        fields_of(&g.fields, want, o);
        cJSON_Delete(o);
        free(t);
    }
    cJSON_Delete(all);
    return g;
}

/* It names one register in 246 of the 271 replies, and we the same; in 24 it leaves two or three
 * open, of which ours is one (20) or none (4, of one aircraft whose 5,0 and 6,0 look alike); in one
 * it finds none, as we do. */
Test(commb, pymodes_df20)
{
    struct golden g = compare("air/adsb/pymodes_golden_commb_df20_a.json");
    cr_expect_eq(g.frames, 138);
    cr_expect_eq(g.same_register, 123, "%d", g.same_register);
    cr_expect_eq(g.one_of_several, 12, "%d", g.one_of_several);
    cr_expect_eq(g.silent, 3, "%d", g.silent);
    cr_expect_eq(g.fields.same, 586, "%d", g.fields.same);
    cr_expect_eq(g.fields.silent, 0, "%d", g.fields.silent);
}

Test(commb, pymodes_df21)
{
    struct golden g = compare("air/adsb/pymodes_golden_commb_df21_a.json");
    cr_expect_eq(g.frames, 133);
    cr_expect_eq(g.same_register, 123, "%d", g.same_register);
    cr_expect_eq(g.one_of_several, 8, "%d", g.one_of_several);
    cr_expect_eq(g.silent, 2, "%d", g.silent);
    cr_expect_eq(g.fields.same, 673, "%d", g.fields.same);
    cr_expect_eq(g.fields.silent, 0, "%d", g.fields.silent);
}

/* 5,000 replies in their order. What is inferred must make sense as a story: of two replies of one
 * aircraft within 30 s, speeds and angles are near each other. A wrong inference would jump. */
struct last {
    unsigned address;
    double speed[2], angle[2]; /* 5,0 and 6,0 */
    long at[2];
};

static struct last *last_of(struct last *all, int n, unsigned address)
{
    for (int i = 0; i < n; i++) {
        if (all[i].address == 0)
            all[i].address = address;
        if (all[i].address == address)
            return &all[i];
    }
    cr_assert_fail("more than %d aircraft", n);
    return NULL;
}

static bool jumps(double before, double now, double limit, double turn)
{
    double d = fabs(now - before);
    return (turn > 0 && d > turn / 2 ? turn - d : d) > limit;
}

static void story(struct last *l, int i, long seconds, double speed, double angle, const char *hex)
{
    if (l->at[i] && seconds - l->at[i] <= 30) {
        double dt = (double)(seconds - l->at[i] + 1);
        cr_expect_not(jumps(l->speed[i], speed, 20 + 3 * dt, 0), "%s: %f %f", hex, l->speed[i],
                      speed);
        cr_expect_not(jumps(l->angle[i], angle, 10 + 4 * dt, 360), "%s: %f %f", hex, l->angle[i],
                      angle);
    }
    l->at[i] = seconds;
    l->speed[i] = speed;
    l->angle[i] = angle;
}

static int walk(const char *name, int *inferred)
{
    FILE *f = open_shared(name);
    struct hz_aircraft_table *t = new_table((double)NAN, (double)NAN);
    static struct last aircraft[512];
    char line[128], hex[32];
    long seconds;
    unsigned address;
    int frames = 0;
    memset(aircraft, 0, sizeof aircraft);
    while (fgets(line, sizeof line, f)) {
        cr_assert_eq(sscanf(line, "%ld,%6x,%28[0-9A-F]", &seconds, &address, hex), 3, "%s", line);
        cJSON *o = describe_as(t, hex, address, seconds * SECOND);
        struct last *l = last_of(aircraft, 512, address);
        frames++;
        *inferred += has(o, "bds");
        if (strcmp(text(o, "bds"), "5,0") == 0)
            story(l, 0, seconds, number(o, "gs"), number(o, "track"), hex);
        if (strcmp(text(o, "bds"), "6,0") == 0)
            story(l, 1, seconds, number(o, "ias"), number(o, "mag_heading"), hex);
        cJSON_Delete(o);
    }
    fclose(f);
    free(t);
    return frames;
}

Test(commb, stories_hold_together)
{
    int inferred = 0;
    cr_expect_eq(walk("air/adsb/pymodes_commb_df20_a.csv", &inferred), 2500);
    cr_expect_eq(walk("air/adsb/pymodes_commb_df21_a.csv", &inferred), 2500);
    cr_expect_geq(inferred, 4850, "%d", inferred);
}

/* Registers 0,5 and 0,9, which the contents of squitters are, can be asked for too, and are none
 * of ours. (0,8 differs from 2,0 only by its first byte.) */
Test(commb, squitters_are_none)
{
    FILE *f = open_shared("air/adsb/pymodes_adsb_a.csv");
    char line[128], hex[32];
    int frames = 0, wrong = 0, tc;
    while (fgets(line, sizeof line, f)) {
        cr_assert_eq(sscanf(line, "%*d,\"%28[0-9A-F]\",\"%*6[0-9A-F]\",%d", hex, &tc), 2);
        hex[22] = 0;
        frames += tc > 4;
        wrong += tc > 4 && infer(hex + 8, &nothing) != HZ_BDS_UNKNOWN;
    }
    fclose(f);
    cr_expect_eq(frames, 952);
    cr_expect_eq(wrong, 0);
}

/* Bits of no meaning: the bound on wrong inferences is 4 in 10,000, most of them 1,0 which says
 * nothing else; numbers (4,0 5,0 6,0) come of 1 in 5,000. */
Test(commb, noise_is_none)
{
    uint64_t s = 1;
    int any = 0, numbers = 0;
    struct hz_commb_known known = {.altitude = true, .alt_baro_ft = 35000};
    for (int i = 0; i < 1000000; i++) {
        uint8_t mb[7];
        for (int k = 0; k < 7; k++) {
            s = s * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            mb[k] = (uint8_t)(s >> 56);
        }
        enum hz_register r = hz_commb_infer(mb, i % 2 ? &known : &nothing);
        any += r != HZ_BDS_UNKNOWN;
        numbers += r >= HZ_BDS_40;
    }
    cr_expect_lt(any, 400, "%d", any);
    cr_expect_lt(numbers, 200, "%d", numbers);
}

/* 250 kt and Mach 0.78 go together at 35,000 ft (M 0.78 there is 266 kt) and nowhere near 5,000. */
Test(commb, speeds_must_fit_the_altitude)
{
    /* heading 117.2, 250 kt, Mach 0.756, +960 and +1024 ft/min: of a8000023a9b9f52f60f4201fe977 */
    struct hz_commb_known high = {.altitude = true, .alt_baro_ft = 36000};
    struct hz_commb_known low = {.altitude = true, .alt_baro_ft = 5000};
    cr_expect_eq(infer("a9b9f52f60f420", &nothing), HZ_BDS_60);
    cr_expect_eq(infer("a9b9f52f60f420", &high), HZ_BDS_60);
    cr_expect_eq(infer("a9b9f52f60f420", &low), HZ_BDS_UNKNOWN);
}

/* Roll 0.5, 466 kt, of a80000238075173a6004d94e810a: not of an aircraft known to do 300 kt. */
Test(commb, ground_speed_must_fit)
{
    struct hz_commb_known slow = {.speed = true, .gs_kt = 300};
    struct hz_commb_known fast = {.speed = true, .gs_kt = 460};
    cr_expect_eq(infer("8075173a6004d9", &nothing), HZ_BDS_50);
    cr_expect_eq(infer("8075173a6004d9", &fast), HZ_BDS_50);
    cr_expect_eq(infer("8075173a6004d9", &slow), HZ_BDS_UNKNOWN);
}

/* Only the selected altitude is set, as turboprops send it all the way up to it (33,000 ft here):
 * heading or roll alone would have the same layout, but no aircraft knows nothing else. */
Test(commb, selected_altitude_alone)
{
    struct hz_commb_known there = {.altitude = true, .alt_baro_ft = 33000};
    struct hz_commb_known below = {.altitude = true, .alt_baro_ft = 26400};
    cr_expect_eq(infer("c0780000000000", &there), HZ_BDS_40);
    cr_expect_eq(infer("c0780000000000", &below), HZ_BDS_40);
    cr_expect_eq(infer("c0780000000000", &nothing), HZ_BDS_40);
    cr_expect_neq(infer("c6500000000000", &nothing), HZ_BDS_17, "36,000 ft");
    cr_expect_neq(infer("be800000000000", &nothing), HZ_BDS_17, "32,000 ft");
    cr_expect_eq(infer("fa81c100000000", &nothing), HZ_BDS_17);
}

Test(commb, resolution_advisory)
{
    struct hz_aircraft_table *t = new_table((double)NAN, (double)NAN);
    /* climb (bits 9 and 10), threat 4d2023 */
    cr_expect_eq(infer("30c0000534808c", &nothing), HZ_BDS_30);
    cJSON *o = describe_as(t, "a0200eb030c0000534808c000000", 0x4d2023, 0);
    cr_expect_str_eq(text(o, "bds"), "3,0");
    cr_expect_str_eq(text(o, "acas_ra"), "active");
    cJSON_Delete(o);
    o = describe_as(t, "8d4d2023e2c0002534808c000000", 0x4d2023, 0); /* TC 28, subtype 2 */
    cr_expect_str_eq(text(o, "acas_ra"), "terminated");
    cJSON_Delete(o);
    cr_expect_eq(infer("30c0000d348080", &nothing), HZ_BDS_UNKNOWN, "threat type 3");
    cr_expect_eq(infer("30c0000534808f", &nothing), HZ_BDS_UNKNOWN, "bits after the address");
    free(t);
}

/* Values without their status are not said. */
Test(commb, values_that_are_not_there)
{
    struct hz_aircraft_table *t = new_table((double)NAN, (double)NAN);
    /* an ADS-B velocity: 458 kt, 263 degrees; then 5,0 without an airspeed, level at FL 350 */
    cJSON_Delete(describe_as(t, "8d4b1811990dc887200400000000", 0x4b1811, 0));
    cJSON *o = describe_as(t, "a0001838811bb139600000000000", 0x4b1811, SECOND);
    cr_expect_str_eq(text(o, "bds"), "5,0");
    cr_expect_eq(number(o, "gs"), 458);
    cr_expect_float_eq(number(o, "track"), 262.97, 0.005);
    cr_expect_float_eq(number(o, "roll"), 1.41, 0.005);
    cr_expect_not(has(o, "tas"));
    cr_expect_not(has(o, "ias"));
    cJSON_Delete(o);
    /* 6,0 without a heading: IAS 250, Mach 0.756, +960 and +1024 ft/min at 33,000 ft */
    o = describe_as(t, "a00015300009f52f60f420000000", 0x4b1812, 0);
    cr_expect_str_eq(text(o, "bds"), "6,0");
    cr_expect_eq(number(o, "ias"), 250);
    cr_expect_not(has(o, "mag_heading"));
    cJSON_Delete(o);
    free(t);
}

/* What an aircraft tells elsewhere decides between two registers: a 5,0 without an airspeed looks
 * like a 6,0 near north, unless its ground speed or its altitude is known. */
Test(commb, the_aircraft_speaks)
{
    struct hz_commb_known flying = {.speed = true, .gs_kt = 460, .track = true, .track_deg = 262};
    cr_expect_eq(infer("811bb139600000", &nothing), HZ_BDS_UNKNOWN);
    cr_expect_eq(infer("811bb139600000", &flying), HZ_BDS_50);
}

/* A surface position (0,6, type code 6, stopped or slow) is no advisory, on the ground least of
 * all. */
Test(commb, surface_position_is_no_advisory)
{
    static const char *const contents[] = {"301a0169 9200dc", "30100235 1144a4", "30f00209 f05112"};
    struct hz_commb_known parked = {.ground = true};
    for (size_t i = 0; i < sizeof contents / sizeof *contents; i++) {
        char mb[16];
        snprintf(mb, sizeof mb, "%.8s%.6s", contents[i], contents[i] + 9);
        cr_expect_eq(infer(mb, &parked), HZ_BDS_UNKNOWN, "%s", mb);
    }
    cr_expect_eq(infer("30600000000000", &nothing), HZ_BDS_UNKNOWN, "no first bit of an advisory");
}

Test(commb, nothing_asked)
{
    cr_expect_eq(infer("00000000000000", &nothing), HZ_BDS_UNKNOWN);
    cr_expect_eq(infer("ffffffffffffff", &nothing), HZ_BDS_UNKNOWN);
}
