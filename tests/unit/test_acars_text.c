/* Blocks of ACARS, their joining and their texts, held against what acarsdec and libacars said of
 * messages off the air (../shared/air), and against published texts. */
#include "proto/acars/contents.h"
#include "proto/acars/fields.h"
#include "proto/acars/labels.h"
#include "tests/unit/capture.h"
#include "tests/unit/told.h"

#include <errno.h>

/* A block's bytes from acarsdec's fields, with odd parity. */
static size_t block_bytes(const cJSON *o, const char *text, bool more, uint8_t *out)
{
    const cJSON *ack = cJSON_GetObjectItem(o, "ack"), *id = cJSON_GetObjectItem(o, "block_id");
    const char *tail = cJSON_GetStringValue(cJSON_GetObjectItem(o, "tail"));
    const char *label = cJSON_GetStringValue(cJSON_GetObjectItem(o, "label"));
    const char *number = cJSON_GetStringValue(cJSON_GetObjectItem(o, "msgno"));
    const char *flight = cJSON_GetStringValue(cJSON_GetObjectItem(o, "flight"));
    char ack_char = id ? cJSON_IsString(ack) ? *ack->valuestring : 0x15 : 0;
    int n = snprintf((char *)out, 512, "%s%.*s%s%c%c%c%c\x02%s%s%s%c",
                     cJSON_GetStringValue(cJSON_GetObjectItem(o, "mode")),
                     7 - (int)(tail ? strlen(tail) : 0), ".......", tail ? tail : "", 1, label[0],
                     label[1] == 'd' ? 0x7f : label[1], 1, number ? number : "",
                     flight ? flight : "", text, more ? 0x17 : 3);
    out[8] = (uint8_t)ack_char;
    out[11] = id ? (uint8_t)*id->valuestring : 0;
    for (int i = 0; i < n; i++)
        out[i] |= (uint8_t)(__builtin_parity(out[i]) ? 0 : 0x80);
    return (size_t)n;
}

/* The text of a message's blocks so far, as the test counts it. */
struct sofar {
    char key[32], text[4096];
};

static struct sofar *find(struct sofar *all, const char *key)
{
    struct sofar *s = all;
    while (*s->key && strcmp(s->key, key) != 0)
        s++;
    snprintf(s->key, sizeof s->key, "%s", key);
    return s;
}

static void compare(const cJSON *want, const struct hz_acars_block *b,
                    const struct hz_acars_joined *joined)
{
    static char text[16384];
    struct hz_json j;
    hz_json_init(&j, text, sizeof text - 1);
    hz_json_open(&j, NULL);
    hz_acars_write(&j, b, joined);
    hz_json_close(&j);
    text[j.len] = '\0';
    cJSON *got = cJSON_Parse(text);
    static const char *const names[] = {"mode", "label", "block_id", "ack",    "tail",
                                        "text", "msgno", "flight",   "assstat"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const cJSON *w = cJSON_GetObjectItem(want, names[i]);
        const cJSON *g = cJSON_GetObjectItem(got, names[i]);
        if (w)
            cr_expect(cJSON_Compare(w, g, true), "%s of %s", names[i], text);
        else /* 3.7 leaves empty texts out, and so does 4.4.1 where there was no STX */
            cr_expect(!g || *g->valuestring == '\0', "%s of %s", names[i], text);
    }
    cJSON_Delete(got);
}

Test(acars_text, blocks_and_joining_as_acarsdec)
{
    static struct hz_acars_join join;
    static struct sofar all[256];
    char path[512], key[32];
    snprintf(path, sizeof path, "%s/air/acars/acarshub_acars_a.jsonl", capture_shared());
    FILE *f = fopen(path, "r");
    if (!f)
        cr_skip_test("%s is not there", path);
    size_t n = 0, complete = 0;
    for (cJSON *want; (want = told_line(f)); cJSON_Delete(want), n++) {
        const char *tail = cJSON_GetStringValue(cJSON_GetObjectItem(want, "tail"));
        const char *state = cJSON_GetStringValue(cJSON_GetObjectItem(want, "assstat"));
        const char *number = cJSON_GetStringValue(cJSON_GetObjectItem(want, "msgno"));
        const char *text = cJSON_GetStringValue(cJSON_GetObjectItem(want, "text"));
        double at = cJSON_GetObjectItem(want, "timestamp")->valuedouble;
        snprintf(key, sizeof key, "%.8s %.3s", tail ? tail : "", number ? number : "");
        struct sofar *s = find(all, key);
        text = text ? text : "";
        if (strcmp(state, "complete") == 0) {
            cr_assert(strncmp(text, s->text, strlen(s->text)) == 0);
            text += strlen(s->text);
            complete++;
        }
        bool more = strcmp(state, "in progress") == 0 || strcmp(state, "duplicate") == 0;
        if (strcmp(state, "in progress") == 0)
            strcat(s->text, text);
        uint8_t bytes[512];
        struct hz_acars_block b;
        size_t len = block_bytes(want, text, more, bytes);
        cr_assert_eq(hz_acars_parse(bytes, len, &b), (int)len, "%s", text);
        struct hz_acars_joined joined = hz_acars_join_block(&join, &b, (int64_t)(at * 1000));
        compare(want, &b, &joined);
    }
    fclose(f);
    cr_expect_eq(n, 305);
    cr_expect_gt(complete, 10);
}

static bool parse(const char *text, size_t len, struct hz_acars_block *b)
{
    return hz_acars_parse((const uint8_t *)text, len, b) >= 0;
}

#define PARSE(text, b) parse(text, sizeof text - 1, b)

Test(acars_text, a_block_without_an_end_or_with_too_much_is_none)
{
    struct hz_acars_block b;
    uint8_t long_text[400];
    cr_expect(!PARSE("2.N8719Q!H13\x02"
                     "D09AWN2340text",
                     &b));
    cr_expect(!PARSE("2.N8719Q!H13D09AWN2340text\x03", &b), "no STX");
    cr_expect(!PARSE("2.N8719Q\x03", &b));
    memset(long_text, 'x', sizeof long_text);
    long_text[12] = 2;
    long_text[13 + HZ_ACARS_TEXT] = 3;
    cr_expect_eq(hz_acars_parse(long_text, sizeof long_text, &b), HZ_ACARS_BYTES);
    long_text[13 + HZ_ACARS_TEXT] = 'x';
    long_text[14 + HZ_ACARS_TEXT] = 3;
    cr_expect_eq(hz_acars_parse(long_text, sizeof long_text, &b), -EBADMSG);
}

Test(acars_text, sublabel_and_mfi)
{
    struct hz_acars_block b;
    cr_assert(PARSE("2.N322UP\x15H16\x02"
                    "F28AUP5846#M1B/BA USADCXA.AT1\x17",
                    &b));
    cr_expect_str_eq(b.sublabel, "M1");
    cr_expect_str_eq(b.mfi, "BA");
    cr_expect_str_eq(b.text, "USADCXA.AT1");
    cr_expect_str_eq(b.number, "F28");
    cr_expect_eq(b.sequence, 'A');
    cr_expect_str_eq(b.flight, "UP5846");
    cr_expect_str_eq(hz_acars_registration(&b), "N322UP");
    cr_expect(b.more && b.downlink && b.ack == '!');
    cr_assert(PARSE("2.N322UP\x06H1B\x02- #MDREQPOS037B\x03", &b));
    cr_expect_str_eq(b.sublabel, "MD");
    cr_expect_str_eq(b.mfi, "");
    cr_expect_str_eq(b.text, "REQPOS037B");
    cr_expect(!b.more && !b.downlink && b.ack == '^');
    cr_assert(PARSE("x.LN-DYY5_\x7f"
                    "A\x03",
                    &b));
    cr_expect_str_eq(b.label, "_d");
    cr_expect(!b.has_text && !b.downlink && b.len == 0);
}

/* The blocks of a message, and what is told of each. */
static enum hz_acars_part give(struct hz_acars_join *j, const char *address, char place,
                               const char *text, bool more, int64_t ms)
{
    char block[400];
    struct hz_acars_block b;
    bool down = place >= 'A' && place <= 'H'; /* in these tests */
    int n = down ? snprintf(block, sizeof block, "2%s!H11\x02M01%cXX0001%s%c", address, place, text,
                            more ? 0x17 : 3)
                 : snprintf(block, sizeof block, "2%s!H1%c\x02%s%c", address, place, text,
                            more ? 0x17 : 3);
    cr_assert(parse(block, (size_t)n, &b));
    return hz_acars_join_block(j, &b, ms).part;
}

Test(acars_text, joining_is_bounded_in_time_and_number)
{
    static struct hz_acars_join j;
    cr_expect_eq(give(&j, ".N00001", 'A', "one", true, 0), HZ_ACARS_BEGUN);
    cr_expect_eq(give(&j, ".N00001", 'A', "one", true, 1000), HZ_ACARS_REPEATED);
    cr_expect_eq(give(&j, ".N00001", 'C', "three", false, 2000), HZ_ACARS_STRAY);
    cr_expect_eq(give(&j, ".N00001", 'B', "two", true, 90000), HZ_ACARS_BEGUN);
    cr_expect_eq(give(&j, ".N00001", 'C', "three", false, 180001), HZ_ACARS_STRAY, "too late");
    /* an uplink may begin with any block id, and W is followed by A */
    cr_expect_eq(give(&j, ".N00002", 'V', "one", true, 0), HZ_ACARS_BEGUN);
    cr_expect_eq(give(&j, ".N00002", 'W', "two", false, 1), HZ_ACARS_COMPLETE);
    cr_expect_eq(strcmp(j.whole.text, "onetwo"), 0);
    for (int i = 0; i <= HZ_ACARS_OPEN; i++) {
        char address[8];
        snprintf(address, sizeof address, ".N1%04d", i);
        cr_expect_eq(give(&j, address, 'A', "one", true, i), HZ_ACARS_BEGUN);
    }
    cr_expect_eq(give(&j, ".N10000", 'B', "two", false, 100), HZ_ACARS_STRAY, "it made room");
    cr_expect_eq(give(&j, ".N10001", 'B', "two", false, 100), HZ_ACARS_COMPLETE);
    /* a text without end is cut */
    char text[221];
    memset(text, 'x', 220);
    text[220] = '\0';
    memset(&j, 0, sizeof j);
    char block[300];
    struct hz_acars_block b;
    struct hz_acars_joined joined;
    for (int i = 0; i < 17; i++) { /* A to Q */
        int n = snprintf(block, sizeof block, "2.N20000!H1%c\x02%s%c", 'A' + i, text,
                         i < 16 ? 0x17 : 3);
        cr_assert(parse(block, (size_t)n, &b));
        joined = hz_acars_join_block(&j, &b, 200);
    }
    cr_expect_eq(joined.part, HZ_ACARS_COMPLETE);
    cr_expect(joined.cut && joined.len == HZ_ACARS_WHOLE && joined.blocks == 17);
}

Test(acars_text, crc_of_a_published_block)
{
    static const uint8_t check[] = "123456789";
    cr_expect_eq(hz_acars_crc(check, 9), 0x2189); /* CRC-16/KERMIT's check value */
}

static struct hz_acars_contents read_text(const char *label, const char *text)
{
    struct hz_acars_contents c;
    cr_assert(hz_acars_read(label, text, strlen(text), &c), "%s %s", label, text);
    return c;
}

#define EXPECT_PLACE(c, la, lo)                                                                    \
    do {                                                                                           \
        cr_expect_float_eq((c).lat, la, 1e-4, "%f", (c).lat);                                      \
        cr_expect_float_eq((c).lon, lo, 1e-4, "%f", (c).lon);                                      \
    } while (0)

Test(acars_text, published_positions)
{
    struct hz_acars_contents c =
        read_text("H1", "POSN34261W108337,TMALE,000013,301,,,,M44,21922,849AEE");
    EXPECT_PLACE(c, 34 + 26.1 / 60, -(108 + 33.7 / 60));
    cr_expect_eq(c.alt_ft, 30100);
    c = read_text("10", "POS082150, N 3885,W 7841,---,308,26922,");
    EXPECT_PLACE(c, 38.85, -78.41);
    c = read_text("10", "/N39.182/W077.217/10/0.42/180/055/KIAD/0004/0014/00017/");
    EXPECT_PLACE(c, 39.182, -77.217);
    c = read_text("12", "POSN 390104W 754601,-------,1244,1446,,- 8,25716  11,FOB   89,ETA 1303");
    EXPECT_PLACE(c, 39 + 1 / 60.0 + 4 / 3600.0, -(75 + 46 / 60.0 + 1 / 3600.0));
    c = read_text("12", "N 34.076,W107.484,38000,001217, 204,.C-GWBT,0242");
    EXPECT_PLACE(c, 34.076, -107.484);
    cr_expect_eq(c.alt_ft, 38000);
    c = read_text("15", "(2N38448W 77216--- 28 20  7(Z");
    EXPECT_PLACE(c, 38 + 44.8 / 60, -(77 + 21.6 / 60));
    cr_expect_eq(c.alt_ft, 2000);
    c = read_text("16", "POSA1N37358W 77279,GEARS  ,221626,370,BBOBO  ,222053,,-61,148,1352");
    EXPECT_PLACE(c, 37 + 35.8 / 60, -(77 + 27.9 / 60));
    cr_expect_eq(c.alt_ft, 37000);
    c = read_text("16", "000118,34986,0154, 184,N 35.975,W109.384");
    EXPECT_PLACE(c, 35.975, -109.384);
    cr_expect_eq(c.alt_ft, 34986);
    c = read_text("1L", "000000070LOWW,KEWR,0932,1744,N 49.223,E 12.038,0659,");
    EXPECT_PLACE(c, 49.223, 12.038);
    cr_expect_str_eq(c.departure, "LOWW");
    c = read_text("20", "POSN38160W077075,,211733,360,OTT,212041,,N42,19689,40,544");
    EXPECT_PLACE(c, 38 + 16.0 / 60, -(77 + 7.5 / 60));
    cr_expect_eq(c.alt_ft, 36000);
    /* one aircraft told the same place in two forms */
    c = read_text("21", "POSN 36.321W107.771, 115,000430,35996,24411,  27,-56,010106,KPHX");
    EXPECT_PLACE(c, 36.321, -107.771);
    struct hz_acars_contents d = read_text("22", "N 361915W1074615,-------,000430,35996, ,      ,");
    cr_expect_float_eq(d.lat, c.lat, 1e-3);
    cr_expect_float_eq(d.lon, c.lon, 1e-3);
    cr_expect_eq(d.alt_ft, 35996);
    c = read_text("44", "POS02,N38171W077507,319,KJFK,KUZA,0926,0245,0327,004.6");
    EXPECT_PLACE(c, 38 + 17.1 / 60, -(77 + 50.7 / 60));
    cr_expect_str_eq(c.departure, "KJFK");
    cr_expect_str_eq(c.arrival, "KUZA");
    cr_expect_str_eq(c.eta, "0327");
    c = read_text("4T", "AGFSR AC0620/07/08/YYZHAL/0340Z/453/4435.1N07143.4W/350/ /0063/0034/");
    EXPECT_PLACE(c, 44 + 35.1 / 60, -(71 + 43.4 / 60));
    cr_expect_eq(c.alt_ft, 35000);
    c = read_text("58", "OG0704/06/230942/N39.214/W76.106/22683/N/");
    EXPECT_PLACE(c, 39.214, -76.106);
    cr_expect_eq(c.alt_ft, 22683);
    c = read_text("SQ", "02XAABQKABQ13502N10637WV136975/ARINC");
    EXPECT_PLACE(c, 35 + 2 / 60.0, -(106 + 37 / 60.0));
    cr_expect_str_eq(c.station, "KABQ");
}

Test(acars_text, times_and_airports)
{
    struct hz_acars_contents c = read_text("QR", "KPHXKABQ0019OS KABQ /FUL  75");
    cr_expect_str_eq(c.departure, "KPHX");
    cr_expect_str_eq(c.arrival, "KABQ");
    cr_expect_str_eq(c.on, "0019");
    c = read_text("Q1", "KMSP0012002203150321    KSEA");
    cr_expect_str_eq(c.out, "0012");
    cr_expect_str_eq(c.off, "0022");
    cr_expect_str_eq(c.on, "0315");
    cr_expect_str_eq(c.in, "0321");
    cr_expect_str_eq(c.arrival, "KSEA");
    c = read_text("QT", "EDDFEGLL1402    ");
    cr_expect_str_eq(c.out, "1402");
    cr_expect_str_eq(c.in, "");
    c = read_text("17", "ETA 0712,EDDM,LEMD");
    cr_expect_str_eq(c.eta, "0712");
    cr_expect_str_eq(c.arrival, "LEMD");
    c = read_text("5Z", "OS KABQ /IR KABQ0019");
    cr_expect_str_eq(c.eta, "0019");
}

Test(acars_text, other_texts_stay_texts)
{
    struct hz_acars_contents c;
    static const char *const texts[][2] = {
        {"QA", "KPHX2519"}, {"QA", "KPH"},  {"QA", "kphx0019"}, {"H1", "POSN99261W108337,"},
        {"20", ""},         {"15", "(2N"},  {"H1", "REQPOS"},   {"80", "POSN38160W077075"},
        {"33", "0019KPHX"}, {"ZZ", "KPHX"}, {"58", "////"},     {"QC", "KPHX001"},
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        cr_expect(!hz_acars_read(texts[i][0], texts[i][1], strlen(texts[i][1]), &c), "%s",
                  texts[i][1]);
    cr_expect_null(hz_acars_label("1Z"));
    cr_expect_str_eq(hz_acars_label("Q0"), "link test");
}
