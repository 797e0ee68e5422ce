/* What other decoders read in real frames, and what a generator put into its own. */
#include "adsb_frames.h"

/* Frames of pymodes_adsb_a.csv in their order, against what pyModeS 2 reads in 100 of them. Its
 * altitudes, speeds and rates are whole numbers; an unset track is not there. */
static int same_number(const cJSON *want, const char *its, const cJSON *o, const char *ours,
                       double tolerance)
{
    const cJSON *v = cJSON_GetObjectItem(want, its);
    if (!v)
        return 0;
    cr_expect_float_eq(number(o, ours), v->valuedouble, tolerance, "%s: %s %f, %f", want->string,
                       ours, number(o, ours), v->valuedouble);
    return 1;
}

static int same_text(const cJSON *want, const char *its, const cJSON *o, const char *ours)
{
    const char *s = text(want, its);
    if (!*s)
        return 0;
    char padded[16];
    snprintf(padded, sizeof padded, "%s", s);
    for (char *p = padded; *p; p++)
        *p = *p == '_' ? ' ' : *p;
    cr_expect_str_eq(text(o, ours), padded, "%s: %s %s", want->string, ours, text(o, ours));
    return 1;
}

Test(recorded, pymodes_squitters)
{
    cJSON *golden = read_json("air/adsb/pymodes_golden_adsb_a.json");
    struct hz_aircraft_table *t = new_table((double)NAN, (double)NAN);
    int fields = 0;
    const cJSON *want;
    cJSON_ArrayForEach(want, golden)
    {
        cJSON *o = describe(t, want->string, 0);
        cr_expect_str_eq(text(o, "hex"), text(want, "icao"));
        fields += same_number(want, "df", o, "df", 0);
        fields += same_number(want, "typecode", o, "typecode", 0);
        fields += same_number(want, "altitude", o, "alt_baro", 0);
        fields += same_number(want, "groundspeed", o, "gs", 1.0); /* it truncates */
        fields += same_number(want, "track", o, "track", 0.005);
        fields += same_number(want, "vertical_rate", o, "geom_rate", 0);
        fields += same_text(want, "callsign", o, "flight");
        cJSON_Delete(o);
    }
    cr_expect_eq(cJSON_GetArraySize(golden), 100);
    cr_expect_eq(fields, 320);
    cJSON_Delete(golden);
    free(t);
}

/* 1000 squitters of one flight: every frame of a known aircraft has a position, and no position
 * jumps. */
Test(recorded, positions_of_one_flight)
{
    FILE *f = open_shared("air/adsb/pymodes_adsb_a.csv");
    struct hz_aircraft_table *t = new_table((double)NAN, (double)NAN);
    char line[128], hex[32];
    long seconds, last = 0, sent = 0, placed = 0;
    double lat = 0, lon = 0;
    while (fgets(line, sizeof line, f)) {
        cr_assert_eq(sscanf(line, "%ld,\"%28[0-9A-F]\"", &seconds, hex), 2, "%s", line);
        cJSON *o = describe(t, hex, seconds * SECOND);
        sent += has(o, "nic");
        if (has(o, "lat")) {
            double far = hypot(number(o, "lat") - lat, (number(o, "lon") - lon) * cos(lat / 57.3));
            if (placed > 0)
                cr_expect_lt(far * 60.0, 0.2 + (double)(seconds - last + 1) * 0.16, "%s", line);
            lat = number(o, "lat");
            lon = number(o, "lon");
            last = seconds;
            placed++;
        }
        cJSON_Delete(o);
    }
    cr_expect_eq(sent, 466);
    cr_expect_eq(placed, 462, "%ld: all but the four odd ones before the first even one", placed);
    fclose(f);
    free(t);
}

/* The truth beside the generated captures; positions within the step of the code, 5 m. */
Test(recorded, generated_scene)
{
    FILE *f = open_shared("lab/adsb_s20_1090M_2400k.jsonl");
    struct hz_aircraft_table *t = new_table((double)NAN, (double)NAN);
    char line[1024];
    int frames = 0, positions = 0;
    while (fgets(line, sizeof line, f)) {
        cJSON *sent = cJSON_Parse(line);
        const cJSON *want = cJSON_GetObjectItem(sent, "fields");
        cJSON *o = describe(t, text(sent, "hex"), (int64_t)(number(sent, "t") * 1e9));
        if (has(o, "lat")) {
            positions += same_number(want, "lat", o, "lat", 6e-5);
            same_number(want, "lon", o, "lon", 6e-5 / cos(number(o, "lat") / 57.3));
        }
        same_number(want, "altitude", o, "alt_baro", 0);
        same_number(want, "speed", o, "gs", 0.051);
        same_number(want, "track", o, "track", 0.051);
        same_number(want, "vrate", o, "baro_rate", 0);
        same_text(want, "category", o, "category");
        if (*text(want, "callsign"))
            cr_expect_eq(
                strncmp(text(o, "flight"), text(want, "callsign"), strlen(text(want, "callsign"))),
                0);
        frames++;
        cJSON_Delete(o);
        cJSON_Delete(sent);
    }
    cr_expect_eq(frames, 200);
    cr_expect_eq(positions, 40, "the second half of each pair");
    fclose(f);
    free(t);
}

/* One line of dump1090-mutability's text: 1 when it says something we say too, and agrees. */
static int same_line(const char *line, const cJSON *o)
{
    char word[64];
    double v;
    if (sscanf(line, "  Altitude: %lf ft barometric", &v) == 1)
        cr_expect_eq(number(o, "alt_baro"), v);
    else if (sscanf(line, "  Squawk: %4[0-7]", word) == 1)
        cr_expect_str_eq(text(o, "squawk"), word);
    else if (sscanf(line, "  Category: %2s", word) == 1)
        cr_expect_str_eq(text(o, "category"), word);
    else if (sscanf(line, "  Ident: %8[^\n]", word) == 1)
        cr_expect_str_eq(text(o, "flight"), word);
    else if (sscanf(line, "  Heading: %lf", &v) == 1)
        cr_expect_float_eq(number(o, "track"), v, 1.0);
    else if (sscanf(line, "  Speed: %lf kt groundspeed", &v) == 1)
        cr_expect_float_eq(number(o, "gs"), v, 1.0);
    else if (sscanf(line, "  Vertical rate: %lf ft/min barometric", &v) == 1)
        cr_expect_eq(number(o, "geom_rate"), v); /* it reads the source bit the other way round */
    else if (sscanf(line, "  CPR latitude: %lf (", &v) == 1)
        cr_expect_float_eq(number(o, "lat"), v, 1e-5);
    else if (sscanf(line, "  CPR longitude: %lf (", &v) == 1)
        cr_expect_float_eq(number(o, "lon"), v, 1e-5);
    else if (sscanf(line, "  Air/Ground: %15s", word) == 1)
        cr_expect_str_eq(text(o, "airground"), strcmp(word, "airborne?") ? word : "");
    else
        return 0;
    return 1;
}

/* Every frame of a recording and every line that dump1090-mutability prints about it. */
Test(recorded, dump1090_text)
{
    FILE *f = open_shared("air/adsb/modes1_1090M_2000k.dump1090-mutability.decoded.txt");
    struct hz_aircraft_table *t = new_table((double)NAN, (double)NAN);
    char line[256], hex[32] = "";
    int frames = 0, lines = 0;
    double us = 0;
    cJSON *o = NULL;
    while (fgets(line, sizeof line, f)) {
        if (sscanf(line, "*%28[0-9a-f];", hex) == 1)
            continue;
        if (sscanf(line, "Time: %lfus", &us) == 1) {
            cJSON_Delete(o);
            o = describe_as(t, hex, 0x4d2023, (int64_t)(us * 1e3));
            frames++;
        } else if (o) {
            lines += same_line(line, o);
        }
    }
    cJSON_Delete(o);
    cr_expect_eq(frames, 327);
    cr_expect_eq(lines, 887, "%d", lines);
    fclose(f);
    free(t);
}
