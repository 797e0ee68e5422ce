/* The RDS decoder: groups from the air with what redsea says of them (its published test cases),
 * bits from the air, a capture of a generator that shares nothing with it (HZ_SHARED, default
 * ../shared), and the simulator's stations. */
#include "proto/rds/bits.h"
#include "proto/rds/describe.h"
#include "proto/rds/options.h"
#include "sim/broadcast.h"
#include "sim/noise.h"
#include "tests/unit/capture.h"
#include "tests/unit/rig.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const struct hz_decoder hz_rds_decoder;

/* ---- contents --------------------------------------------------------------------------- */

static struct hz_rds_station station;
static struct hz_rds_trellis trellis;
static char said[8192];

/* Gives the groups, as "6204 0130 966B 594C", to the station; `said` is what the last one told. */
static void tell(enum hz_rds_region region, const char *const *groups)
{
    memset(&station, 0, sizeof station);
    for (; *groups; groups++) {
        unsigned x[4];
        struct hz_rds_group g = {.sure = 1};
        struct hz_json j;
        cr_assert_eq(sscanf(*groups, "%x %x %x %x", &x[0], &x[1], &x[2], &x[3]), 4);
        for (unsigned b = 0; b < 4; b++) {
            enum hz_rds_offset offset = b == 2 && x[1] >> 11 & 1 ? HZ_RDS_C2 : b;
            uint32_t word = hz_rds_block_encode((uint16_t)x[b], offset);
            g.block[b] = (struct hz_rds_block){(uint16_t)x[b], 1};
            for (unsigned k = 0; k < HZ_RDS_BLOCK_BITS; k++)
                g.bits[b][k] = word >> (25 - k) & 1 ? 12 : -12;
        }
        unsigned told = hz_rds_station_take(&station, &trellis, &g);
        hz_json_init(&j, said, sizeof said - 1);
        hz_json_open(&j, NULL);
        hz_rds_describe(&station, told, false, region, &j);
        hz_json_close(&j);
        said[j.len] = '\0';
    }
}

static void expect(const char *part)
{
    cr_expect(strstr(said, part), "no %s in %s", part, said);
}

#define TELL(...) tell(HZ_RDS_EUROPE, (const char *const[]){__VA_ARGS__, NULL})

Test(rds, name_type_and_flags)
{
    TELL("6204 0130 966B 594C", "6204 0131 93CD 4520", "6204 0132 E472 5833",
         "6204 0137 966B 4D20");
    expect("\"pi\":\"0x6204\"");
    expect("\"prog_type\":\"Varied\"");
    expect("\"tp\":false,\"ta\":true,\"is_music\":false");
    expect("\"dynamic_pty\":false,\"compressed\":false,\"artificial_head\":false,\"stereo\":true");
    expect("\"ps\":\"YLE X3M \"");
}

Test(rds, item_number_country_and_language)
{
    TELL("6201 10E0 00E1 7C54");
    expect("\"prog_item_number\":31828,\"prog_item_started\":{\"day\":15,\"time\":\"17:20\"}");
    expect("\"country\":\"fi\"");
    TELL("6201 10E0 00E1 7C54", "6201 10E0 3027 7C54");
    expect("\"language\":\"Finnish\"");
}

Test(rds, an_american_call_sign)
{
    tell(HZ_RDS_AMERICA, (const char *const[]){"4569 00C8 CDCD 416E", NULL});
    expect("\"callsign\":\"KUFX\"");
}

Test(rds, a_text_that_ends_with_a_return)
{
    TELL("C954 24F0 4A41 434B", "C954 24F1 2039 362E", "C954 24F2 390D 0000");
    expect("\"radiotext\":\"JACK 96.9\",\"rt_ab\":\"B\"");
    TELL("C954 24F2 390D 0000", "C954 24F0 4A41 434B", "C954 24F1 2039 362E"); /* out of order */
    expect("\"radiotext\":\"JACK 96.9\"");
}

Test(rds, clocks)
{
    TELL("D314 41C1 C3EF 5AC4");
    expect("\"clock_time\":\"2017-04-04T23:43:00+02:00\"");
    TELL("4569 40DD CD92 3BAE");
    expect("\"clock_time\":\"2020-08-19T20:46:00-07:00\"");
    TELL("F201 441D D299 5EC4");
    expect("\"clock_time\":\"2022-05-25T23:59:00+02:00\"");
    TELL("F201 441D D299 6004");
    expect("\"clock_time\":\"2022-05-26T00:00:00+02:00\"");
    TELL("D314 41C0 7530 5AC4"); /* a date of 1900 */
    cr_expect_not(strstr(said, "clock_time"), "%s", said);
}

Test(rds, other_networks_and_dab)
{
    TELL("D220 EA90 D220 D313");
    expect("\"other_network\":{\"pi\":\"0xD313\",\"tp\":true,\"ta\":false}");
    TELL("C204 3138 0000 0093", "C204 C124 3717 CE15");
    expect("\"kilohertz\":225648,\"channel\":\"12B\"");
}

Test(rds, in_house_data)
{
    TELL("D314 61C0 AFFE AFFE");
    expect("\"in_house_data\":[0,45054,45054]");
    TELL("D314 61DF 0000 D314");
    expect("\"in_house_data\":[31,0,54036]");
}

Test(rds, a_long_name)
{
    TELL("6255 F520 4AC3 A452", "6255 F521 5649 5241", "6255 F522 4449 4F0D");
    expect("\"long_ps\":\"J\xc3\xa4RVIRADIO\"");
}

/* All cases of redsea's own test with their groups; what is expected of them is above. */
Test(rds, published_groups_give_valid_text, .timeout = 30)
{
    char path[512], *text;
    snprintf(path, sizeof path, "%s/air/rds/redsea_hex_a.json", capture_shared());
    FILE *f = fopen(path, "r");
    if (!f)
        cr_skip_test("needs ../shared");
    text = calloc(1, 65536);
    cr_assert_gt(fread(text, 1, 65535, f), 0);
    fclose(f);
    cJSON *cases = cJSON_Parse(text), *one;
    size_t n = 0;
    cJSON_ArrayForEach(one, cases)
    {
        const cJSON *groups = cJSON_GetObjectItem(one, "groups"), *group;
        const char *list[64] = {NULL};
        size_t k = 0;
        cJSON_ArrayForEach(group, groups) if (k < 63) list[k++] = group->valuestring;
        tell(HZ_RDS_EUROPE, list);
        cJSON *told = cJSON_Parse(said);
        cr_expect_not_null(told, "%s", said);
        const char *of = cJSON_GetObjectItem(one, "section")->valuestring;
        if (strstr(of, "Random-length"))
            expect("\"radiotext\":\"Robbie Williams - Feel\"");
        if (strstr(of, "Short string with Method B"))
            expect("\"radiotext\":\"AMP\"");
        if (strstr(of, "Message changes"))
            expect("\"radiotext\":\"Papananaaman K-pop-show\"");
        if (strcmp(of, "Partial") == 0)
            expect("\"partial_radiotext\"");
        if (strstr(of, "non-ASCII characters"))
            expect("{\"content-type\":\"item.artist\",\"data\":\"Christina St\xc3\xbcrmer\"},"
                   "{\"content-type\":\"item.title\",\"data\":\"Ein Teil von mir\"}");
        if (strcmp(of, "Method B") == 0)
            expect("\"alt_frequencies_b\":{\"tuned_frequency\":94000");
        cJSON_Delete(told);
        n++;
    }
    cr_expect_eq(n, 25);
    cJSON_Delete(cases);
    free(text);
}

/* ---- bits ------------------------------------------------------------------------------- */

static struct hz_rds_groups groups;

/* Bits of a file from the air, and the groups that a plain scan finds without an error. */
static void read_file(const char *name)
{
    char path[512], line[128];
    enum { MOST = 30000 }; /* half a minute of them */
    static float llr[MOST];
    static double place[MOST];
    size_t n = 0, found = 0, expected = 0;
    snprintf(path, sizeof path, "%s/air/rds/%s.bits", capture_shared(), name);
    FILE *f = fopen(path, "r");
    if (!f)
        cr_skip_test("needs ../shared");
    for (int c, symbol = 1; (c = getc(f)) != EOF && n < MOST;) {
        if (c != '0' && c != '1')
            continue;
        symbol = c == '1' ? -symbol : symbol;
        llr[n] = 8 * (float)symbol;
        place[n] = (double)n;
        n++;
    }
    fclose(f);
    static unsigned long at[8192];
    static uint16_t heard[8192][4];
    hz_rds_groups_reset(&groups);
    for (size_t i = 0; i < n; i += 100) {
        struct hz_rds_group g;
        hz_rds_groups_push(&groups, llr + i, place + i, n - i < 100 ? n - i : 100);
        while (hz_rds_groups_next(&groups, &g)) {
            if (g.sure < 0.9f || found == 8192)
                continue;
            at[found] = (unsigned long)g.at;
            for (unsigned b = 0; b < 4; b++)
                heard[found][b] = g.block[b].info;
            found++;
        }
    }
    snprintf(path, sizeof path, "%s/air/rds/%s.groups.txt", capture_shared(), name);
    f = fopen(path, "r");
    cr_assert_not_null(f);
    size_t right = 0;
    while (fgets(line, sizeof line, f)) {
        unsigned long where;
        unsigned x[4];
        if (sscanf(line, "%lu %x %x %x %x", &where, &x[0], &x[1], &x[2], &x[3]) != 5)
            continue;
        if (where + HZ_RDS_GROUP_BITS > n)
            break;
        expected++;
        for (size_t i = 0; i < found; i++)
            right += at[i] + 1 >= where && at[i] <= where + 1 && heard[i][0] == x[0] &&
                     heard[i][1] == x[1] && heard[i][2] == x[2] && heard[i][3] == x[3];
    }
    fclose(f);
    /* Bits of these files slip now and then: some groups pass until another place is found. */
    cr_expect_geq(20 * right, 19 * expected, "%s: %zu of %zu, %zu heard", name, right, expected,
                  found);
    cr_expect_gt(expected, 50);
}

Test(rds, bits_from_the_air, .timeout = 60)
{
    read_file("rds_fm_radio_rds1");
    read_file("rds_log_radio_zet_zz");
    read_file("rds_pr2_log1");
}

Test(rds, block_codes)
{
    /* 26 bits of the standard's offset words: the rest of what was sent is the offset. */
    static const float sure = 10;
    for (unsigned o = 0; o < HZ_RDS_OFFSETS; o++) {
        float llr[HZ_RDS_SYMBOLS], evidence[HZ_RDS_OFFSETS], bits[HZ_RDS_BLOCK_BITS];
        uint32_t word = hz_rds_block_encode(0x3aa5, o);
        int symbol = 1;
        llr[0] = sure;
        for (unsigned k = 0; k < HZ_RDS_BLOCK_BITS; k++) {
            symbol = word >> (25 - k) & 1 ? -symbol : symbol;
            llr[k + 1] = sure * (float)symbol;
        }
        llr[9] = -0.1f * llr[9]; /* two symbols wrong, and weak */
        llr[20] = -0.1f * llr[20];
        struct hz_rds_block b = hz_rds_block_read(&trellis, llr, o, NULL);
        cr_expect_eq(b.info, 0x3aa5);
        cr_expect_gt(b.sure, 0.99f);
        hz_rds_evidence(&trellis, llr, evidence);
        for (unsigned p = 0; p < HZ_RDS_OFFSETS; p++)
            cr_expect(p == o ? evidence[p] > 4 : evidence[p] < 2, "%u %u %g", o, p,
                      (double)evidence[p]);
        hz_rds_bits_of(llr, bits);
        cr_expect_eq(hz_rds_block_sum(&trellis, bits, o).info, 0x3aa5);
    }
}

/* ---- the whole decoder ------------------------------------------------------------------ */

enum { RATE = HZ_RDS_RATE_HZ, SAMPLES = 5 * RATE };

static float samples[2 * SAMPLES];
static struct rig heard;
static const struct hz_rds_options options = {.keep = HZ_RDS_KEEP_ALL};

static size_t decode(size_t n, size_t cut, uint64_t first)
{
    struct hz_setup setup = rig_setup(&hz_rds_decoder);
    struct hz_samples all = {HZ_CF32, samples, n, first};
    setup.options = &options;
    rig_decode(&heard, &hz_rds_decoder, &setup, &all, cut);
    return heard.n;
}

static unsigned sent;
static uint16_t sent_group[256][4];

static void on_group(void *ctx, const uint16_t block[4], double begins_s)
{
    (void)ctx;
    (void)begins_s;
    if (sent < 256)
        memcpy(sent_group[sent++], block, sizeof sent_group[0]);
}

/* A station of that SNR in 200 kHz; returns how many samples. No filter limits the noise, as a
 * channel does: that costs 2 dB. */
static size_t transmit(bool mono, double crystal, double offset_hz, double snr_db)
{
    static float hz[SAMPLES];
    static struct hz_sim_broadcast station_now;
    static struct hz_sim_programme what;
    struct hz_noise noise;
    what = (struct hz_sim_programme){.pi = 0xd3c2,
                                     .pty = 10,
                                     .ps = "HERTZ FM",
                                     .text = {"Now: The Dipoles - Standing Waves"},
                                     .artist = {"The Dipoles"},
                                     .title = {"Standing Waves"},
                                     .mjd = 61374,
                                     .minute = 500,
                                     .mono = mono,
                                     .crystal = crystal};
    sent = 0;
    hz_sim_broadcast_init(&station_now, &what, 3);
    station_now.on_group = on_group;
    hz_sim_broadcast_fill(&station_now, RATE, hz, SAMPLES);
    hz_noise_init(&noise, 9);
    hz_noise_fill(&noise, samples, SAMPLES,
                  (float)sqrt(0.5 * RATE / 200e3 * pow(10, -snr_db / 10)));
    double phase = 0;
    for (size_t i = 0; i < SAMPLES; i++) {
        phase += ((double)hz[i] + offset_hz) / RATE;
        samples[2 * i] += (float)cos(6.28318530717958647692 * phase);
        samples[2 * i + 1] += (float)sin(6.28318530717958647692 * phase);
    }
    return SAMPLES;
}

static size_t count_right(size_t *wrong)
{
    size_t right = 0;
    *wrong = 0;
    for (size_t i = 0; i < heard.n; i++) {
        if (strcmp(rig_text(&heard.message[i], "type"), "group") != 0)
            continue;
        const uint8_t *raw = heard.message[i].burst.raw;
        bool is_right = false;
        for (unsigned k = 0; k < sent && !is_right; k++) {
            is_right = true;
            for (unsigned b = 0; b < 4; b++)
                is_right = is_right && (raw[2 * b] << 8 | raw[2 * b + 1]) == sent_group[k][b];
        }
        right += is_right;
        *wrong += !is_right;
    }
    return right;
}

Test(rds, stations_with_and_without_a_pilot, .timeout = 60)
{
    static const struct {
        bool mono;
        double crystal, offset_hz, snr_db;
        size_t least;
    } how[] = {{true, 0, 0, 20, 54},
               {false, 90e-6, 5000, 20, 54},
               {true, -90e-6, -5000, 20, 54},
               {false, 30e-6, 1000, 17, 45}};
    for (size_t i = 0; i < sizeof how / sizeof *how; i++) {
        size_t wrong, n = transmit(how[i].mono, how[i].crystal, how[i].offset_hz, how[i].snr_db);
        decode(n, 0, 0);
        size_t right = count_right(&wrong);
        cr_expect_geq(right, how[i].least, "%zu: %zu of %u", i, right, sent);
        cr_expect_eq(wrong, 0);
    }
    const struct rig_message *text = NULL;
    for (size_t i = 0; i < heard.n; i++)
        if (strcmp(rig_text(&heard.message[i], "type"), "radiotext") == 0)
            text = &heard.message[i];
    cr_assert_not_null(text);
    cr_expect_str_eq(rig_text(text, "radiotext"), "Now: The Dipoles - Standing Waves");
}

/* Name and text come out where hardly a group does: their repeats are summed. */
Test(rds, repeats_are_summed, .timeout = 60)
{
    size_t wrong, names = 0, n = transmit(false, 10e-6, 0, 13);
    decode(n, 0, 0);
    size_t right = count_right(&wrong);
    for (size_t i = 0; i < heard.n; i++)
        if (strcmp(rig_text(&heard.message[i], "type"), "ps") == 0)
            names += strcmp(rig_text(&heard.message[i], "ps"), "HERTZ FM") == 0;
    cr_expect_lt(right, 45, "%zu of %u", right, sent);
    cr_expect_eq(names, 1);
}

Test(rds, cuts_and_beginnings_do_not_matter, .timeout = 60)
{
    static const size_t cuts[] = {0, 7001, 4800};
    size_t n = transmit(false, 30e-6, 1000, 15) / 2;
    cr_assert_gt(decode(n, n, 1000), 20);
    struct rig whole = heard;
    heard = (struct rig){0};
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
        decode(n, cuts[i], 1000);
        rig_expect_same(&whole, &heard);
    }
    rig_free(&whole);
}

Test(rds, noise_gives_nothing, .timeout = 60)
{
    struct hz_noise noise;
    hz_noise_init(&noise, 4);
    hz_noise_fill(&noise, samples, SAMPLES, 0.3f);
    cr_expect_eq(decode(SAMPLES, 0, 0), 0);
}

Test(rds, a_capture_of_another_generator, .timeout = 60)
{
    static const struct capture_channel where = {912e3, 150e3, RATE, 220e3, SAMPLES};
    char path[512], line[1024];
    size_t n = 0, wrong;
    float *iq = capture_channel("rds_s13_98.35M_912k", &where, &n);
    if (!iq)
        cr_skip_test("needs ../shared/lab");
    memcpy(samples, iq, 2 * n * sizeof *iq);
    free(iq);
    decode(n, 0, 0);
    snprintf(path, sizeof path, "%s/lab/rds_s13_98.35M_912k.jsonl", capture_shared());
    FILE *f = fopen(path, "r");
    cr_assert_not_null(f);
    for (sent = 0; fgets(line, sizeof line, f) && sent < 256;) {
        cJSON *t = cJSON_Parse(line);
        unsigned x[4];
        cr_assert_eq(sscanf(cJSON_GetObjectItem(t, "hex")->valuestring, "%4x%4x%4x%4x", &x[0],
                            &x[1], &x[2], &x[3]),
                     4);
        for (unsigned b = 0; b < 4; b++)
            sent_group[sent][b] = (uint16_t)x[b];
        sent++;
        cJSON_Delete(t);
    }
    fclose(f);
    size_t right = count_right(&wrong);
    cr_expect_geq(right, 30, "%zu of %u", right, sent);
    cr_expect_eq(wrong, 0);
}
