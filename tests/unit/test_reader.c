/* Readers of foreign formats: what documents of these formats show, cut at every place. */
#include "proto/reader/reader.h"
#include "proto/reader/ticks.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a reader makes of bytes, as text: a line for each unit. */
static char out[8192];

static void note(const struct hz_unit *u)
{
    size_t n = strlen(out);
    if (u->kind == HZ_UNIT_NONE)
        return;
    if (u->kind == HZ_UNIT_BAD)
        n += (size_t)snprintf(out + n, sizeof out - n, "bad: %s", u->why);
    if (u->kind == HZ_UNIT_SKIPPED)
        n += (size_t)snprintf(out + n, sizeof out - n, "skipped");
    if (u->kind == HZ_UNIT_MESSAGE) {
        for (size_t i = 0; i < (u->bits + 7) / 8; i++)
            n += (size_t)snprintf(out + n, sizeof out - n, "%02x", u->data[i]);
        if (u->bits % 8)
            n += (size_t)snprintf(out + n, sizeof out - n, "/%zu", u->bits);
        if (u->counted)
            n += (size_t)snprintf(out + n, sizeof out - n, " @%llu", (unsigned long long)u->ticks);
        if (u->signal)
            n += (size_t)snprintf(out + n, sizeof out - n, " s%d", u->signal);
        if (u->channel)
            n += (size_t)snprintf(out + n, sizeof out - n, " %c", u->channel);
        if (u->port)
            n += (size_t)snprintf(out + n, sizeof out - n, " port %u", u->port);
        if (u->own)
            n += (size_t)snprintf(out + n, sizeof out - n, " own");
        if (*u->station)
            n += (size_t)snprintf(out + n, sizeof out - n, " of %s", u->station);
        if (u->utc_ns)
            n += (size_t)snprintf(out + n, sizeof out - n, " at %lld", (long long)u->utc_ns);
    }
    snprintf(out + n, sizeof out - n, "\n");
}

/* In pieces of at most `piece` bytes, each in memory of its own. */
static const char *read_in(const struct hz_reader *r, const void *bytes, size_t n, size_t piece)
{
    void *state = calloc(1, r->state_size);
    struct hz_unit u;
    out[0] = '\0';
    for (size_t at = 0; at < n; at += piece) {
        size_t len = n - at < piece ? n - at : piece;
        uint8_t *copy = malloc(len);
        memcpy(copy, (const uint8_t *)bytes + at, len);
        for (size_t i = 0; i < len;) {
            size_t read = r->take(state, copy + i, len - i, 1000, &u);
            cr_assert(read > 0 && read <= len - i);
            i += read;
            note(&u);
        }
        free(copy);
    }
    r->cut(state, 1000, &u);
    note(&u);
    free(state);
    return out;
}

static void reads(const struct hz_reader *r, const void *bytes, size_t n, const char *want)
{
    for (size_t piece = 1; piece <= n; piece++)
        cr_assert_str_eq(read_in(r, bytes, n, piece), want, "in pieces of %zu: %s", piece, out);
}

#define READS(r, literal, want) reads(&r, literal, sizeof(literal) - 1, want)

/* ---- beast ---- */

Test(reader, beast_frames_with_escapes)
{
    READS(hz_reader_beast,
          "\x1a"
          "3\x01\x6c\xe3\x67\x1c\x74\x80\x8d\x48\x40\xd6\x20\x2c\xc3\x71\xc3\x2c\xe0\x57\x60\x98"
          "\x1a"
          "2\0\0\0\0\0\x1a\x1a\x01\x1a\x1a\x5d\x4c\xa8\x45\xa1\x1a\x1a"
          "\x1a"
          "1\0\0\0\0\0\0\0\0\0",
          "8d4840d6202cc371c32ce0576098 @1567183281268 s128\n"
          "1a5d4ca845a11a @26 s1\nskipped\n");
}

Test(reader, beast_skips_other_types_and_finds_back)
{
    READS(hz_reader_beast,
          "junk\x1a\x1a"
          "3 still junk\x1a"
          "\xe3\1\2\3\4\5\6\x1a\x1a\x08\x1a"
          "2\0\0\0\0\0\1\2\x02\xe1\x97\x17\x8f\x44\x7c\x1a"
          "4\0\0\0\0\0\0\0\1\2\3\4\5\6\7\x08\x09\x0a\x0b\x0c\x0d\x0e\x1a"
          "3\0\0\0\0\0\1\2\x8d\x1a"
          "2\0\0\0\0\0\2\3\x02\xe1\x97\x17\x8f\x44\x7c\x1a"
          "3\0\0",
          "bad: bytes between frames\nskipped\n02e197178f447c @1 s2\nskipped\n"
          "bad: a frame that ends early\n02e197178f447c @2 s3\nbad: a frame that ends early\n");
}

/* ---- avr ---- */

Test(reader, avr_in_all_its_forms)
{
    READS(hz_reader_avr,
          "*8D4840D6202CC371C32CE0576098;\r\n*5d4ca845a11a19;\n:02E197178F447C;"
          "@016CE3671C748D4840D6202CC371C32CE0576098;\n%00000000000102e197178f447c;\n"
          "<00000000000280"
          "02E197178F447C;\n*7700;\n*0000;\n\0\0",
          "8d4840d6202cc371c32ce0576098\n5d4ca845a11a19\n02e197178f447c\n"
          "8d4840d6202cc371c32ce0576098 @1567183281268\n02e197178f447c @1\n"
          "02e197178f447c @2 s128\nskipped\nskipped\n");
}

Test(reader, avr_refuses_what_is_none)
{
    READS(hz_reader_avr,
          "hello world\n*8D4840;\n*8D4840D6202CC371C32CE05760\n*8D48*02E197178F447C;\nx y\nx\n"
          "*8D4840D6202CC371C32CE05760988D4840D6202CC371C32CE0576098;\n*8D4840",
          "bad: text between frames\nbad: a number of digits that no frame has\n"
          "bad: a frame without ; at its end\nbad: a frame that ends early\n02e197178f447c\n"
          "bad: text between frames\nbad: text between frames\n"
          "bad: a frame without ; at its end\nbad: a frame that ends early\n");
}

/* ---- kiss ---- */

Test(reader, kiss_frames_ports_and_commands)
{
    READS(hz_reader_kiss,
          "\xc0\x00"
          "abc\xdb\xdc\xdb\xdd\xc0\xc0\xc0\x30"
          "def\xc0\xc0\x01\x28\xc0\xff\xc0\x00\xc0\x10g",
          "616263c0db\n646566 port 3\nskipped\nskipped\nskipped\n67 port 1\n");
}

Test(reader, kiss_refuses_what_is_none)
{
    char *longest = malloc(5000);
    READS(hz_reader_kiss,
          "text\xc0\x00"
          "a\xdb"
          "b\xc0\x00"
          "cc\xdb\xc0\x00"
          "dd\xc0",
          "bad: bytes before the first frame\nbad: an escape that there is not\n"
          "bad: a frame that ends within an escape\n6464\n");
    memset(longest, 0, 5000);
    longest[0] = longest[4999] = (char)0xc0;
    cr_assert_str_eq(read_in(&hz_reader_kiss, longest, 5000, 5000),
                     "bad: a frame that is too long\n");
    free(longest);
}

/* ---- nmea ---- */

#define POSITION "0471db85a1400005cff1fa1b3a2441fe5a9e0246d8"
#define STATIC_1 "55?MbV02;H;s<HtKR20EHE:0@T4@Dn2222222216L961O5Gf0NSQEp6ClRp8,0"
#define STATIC_2 "88888888880,2"
#define STATIC                                                                                     \
    "1453ddaa60022d82fb318f1b8820156152804241105360820820820820467091817c55ee01e8e1578193d22e0820" \
    "82082082082080"

Test(reader, nmea_sentences)
{
    READS(hz_reader_nmea,
          "!AIVDM,1,1,,A,177KQJ5000G?tO`K>RA1wUbN0TKH,0*5F\r\n"
          "!AIVDO,1,1,,B,177KQJ5000G?tO`K>RA1wUbN0TKH,0*5e\n"
          "!BSVDM,1,1,,,177KQJ5000G?tO`K>RA1wUbN0TKH,0*07\r"
          "2024-09-28 12:00:00 !AIVDM,1,1,,2,177KQJ5000G?tO`K>RA1wUbN0TKH,0*2C\n"
          "$GPRMC,x*00\n# comment\n\n!AIALR,1*00\n!AIVDM,1,1,,A,H42O55i18tMET00000000000000,2*6D",
          POSITION " A\n" POSITION " B own\n" POSITION "\n" POSITION " B\n"
                   "skipped\nskipped\nskipped\n60409f145c4123c7559000000000000000000000 A\n");
}

Test(reader, nmea_tells_time_and_station)
{
    READS(hz_reader_nmea,
          "\\s:rORBCOMM009,c:1241544035*21\\!AIVDM,1,1,,A,177KQJ5000G?tO`K>RA1wUbN0TKH,0*5F\n"
          "\\c:1241544035123,g:1-2-7*29\\!AIVDM,1,1,,A,177KQJ5000G?tO`K>RA1wUbN0TKH,0*5F\n"
          "\\s:wrong,c:1241544035*22\\!AIVDM,1,1,,A,177KQJ5000G?tO`K>RA1wUbN0TKH,0*5F\n"
          "!AIVDM,1,1,,A,177KQJ5000G?tO`K>RA1wUbN0TKH,0*5F,d-109,S2105,T56.13,r003669946,"
          "1325394060,1325394001\n",
          POSITION " A of rORBCOMM009 at 1241544035000000000\n" POSITION
                   " A at 1241544035123000000\n" POSITION " A\n" POSITION
                   " A of r003669946 at 1325394060000000000\n");
}

Test(reader, nmea_messages_of_several_sentences)
{
    READS(hz_reader_nmea, "!AIVDM,2,1,1,A," STATIC_1 "*1C\n!AIVDM,2,2,1,A," STATIC_2 "*25\n",
          STATIC " A\n");
    /* two at once, one of them the wrong way around; then one that lacks its beginning */
    READS(hz_reader_nmea,
          "!AIVDM,2,2,2,A," STATIC_2 "*26\n!AIVDM,2,1,2,B," STATIC_1 "*1C\n"
          "!AIVDM,2,1,2,A," STATIC_1 "*1F\n!AIVDM,2,2,2,B," STATIC_2 "*25\n"
          "!AIVDM,2,2,2,B," STATIC_2 "*25\n!AIVDM,2,2,2,B," STATIC_2 "*25\n",
          STATIC " A\n" STATIC " B\nbad: a message of which a sentence is missing\n");
}

Test(reader, nmea_gives_up_what_waits_for_too_long)
{
    static const char first[] = "!AIVDM,2,1,1,A," STATIC_1 "*1C\n";
    static const char second[] = "!AIVDM,2,2,1,A," STATIC_2 "*25\n";
    const struct hz_reader *r = &hz_reader_nmea;
    void *state = calloc(1, r->state_size);
    struct hz_unit u;
    r->take(state, (const uint8_t *)first, sizeof first - 1, 1000, &u);
    r->take(state, (const uint8_t *)second, sizeof second - 1, 11001, &u);
    cr_assert_eq(u.kind, HZ_UNIT_BAD); /* the first one */
    r->take(state, (const uint8_t *)first, sizeof first - 1, 21001, &u);
    cr_assert_eq(u.kind, HZ_UNIT_MESSAGE); /* within 10 s of its second sentence */
    free(state);
}

Test(reader, nmea_refuses_what_is_wrong)
{
    READS(hz_reader_nmea,
          "!AIVDM,1,1,,A,177KQJ5000G?tO`K>RA1wUbN0TKH,0*5E\n"
          "!AIVDM,1,1,,A,177KQJ5000G?tO`K>RA1wUbN0TKH,0\n"
          "!AIVDM,1,1,,A,1,0*17\n!AIVDM,1,1,,A,177KQJ5X00G?tO`K>RA1wUbN0TKH,0*37\n"
          "!AIVDM,1,1,,A*16\n!AIVDM,1,2,,A,177KQJ5000G?tO`K>RA1wUbN0TKH,0*5C\n"
          "!AIVDM,1,1,,A,177KQJ5000G?tO`K>RA1wUbN0TKH,6*59\nGET / HTTP/1.1\n\\s:x\n",
          "bad: a wrong sum\nbad: a sentence without its sum\nbad: a message that is too short\n"
          "bad: a character that no payload has\nbad: a sentence with more or fewer fields\n"
          "bad: a sentence whose numbers make no sense\n"
          "bad: a sentence whose numbers make no sense\nbad: a line that is no sentence\n"
          "bad: a line that is no sentence\n");
}

/* ---- json ---- */

Test(reader, json_lines)
{
    READS(hz_reader_json, "{}\r\n\n[1]\n{", "7b7d\n5b315d\n7b\n");
    char *line = malloc(65538);
    memset(line, 'x', 65538);
    line[65537] = '\n';
    cr_assert_str_eq(read_in(&hz_reader_json, line, 65538, 1000),
                     "bad: a line of more than 65536 bytes\n");
    free(line);
}

/* ---- counters ---- */

Test(ticks, time_of_a_counter_keeps_its_distances)
{
    struct hz_ticks t = {0};
    const int64_t utc = 1795422371000000000, ms = 1000000;
    /* late by 3, 0, 7 ms */
    cr_assert_eq(hz_ticks_utc(&t, 12000, utc + 4 * ms), utc + 4 * ms);
    cr_assert_eq(hz_ticks_utc(&t, 24000, utc + 2 * ms), utc + 2 * ms);
    cr_assert_eq(hz_ticks_utc(&t, 36000, utc + 10 * ms), utc + 3 * ms);
    cr_assert_eq(hz_ticks_utc(&t, 30000, utc + 11 * ms),
                 utc + 5 * ms / 2); /* one that was behind */
    cr_assert_eq(t.restarts, 0);
}

Test(ticks, a_wrap_is_no_jump_and_a_restart_is_one)
{
    struct hz_ticks t = {0};
    const int64_t utc = 1795422371000000000, ms = 1000000;
    uint64_t end = UINT64_C(1) << 48;
    hz_ticks_utc(&t, end - 12000, utc);
    cr_assert_eq(hz_ticks_utc(&t, 12000, utc + 9 * ms), utc + 2 * ms);
    cr_assert_eq(t.restarts, 0);
    cr_assert_eq(hz_ticks_utc(&t, 5, utc + 60000 * ms), utc + 60000 * ms);
    cr_assert_eq(t.restarts, 1);
}

Test(ticks, the_error_of_a_crystal_does_not_add_up)
{
    struct hz_ticks t = {0};
    const int64_t start = 1795422371000000000;
    for (int sign = -1; sign <= 1; sign += 2) {
        t = (struct hz_ticks){0};
        for (int64_t s = 0; s < 3600; s++) { /* 100 ppm, and delays of 0 to 40 ms */
            int64_t utc = start + s * 1000000000, late = s * 7 % 41 * 1000000;
            uint64_t ticks = (uint64_t)(s * (12000000 + sign * 1200));
            int64_t got = hz_ticks_utc(&t, ticks, utc + late);
            cr_assert(s < 50 || (got > utc - 8000000 && got < utc + 8000000), "%lld at %lld",
                      (long long)(got - utc), (long long)s);
        }
        cr_assert_eq(t.restarts, 0);
    }
}

Test(ticks, gps_time_of_the_day)
{
    const int64_t midnight = 1795392000000000000, hour = 3600000000000;
    uint64_t at = UINT64_C(86399) << 30 | 999999999;
    cr_assert_eq(hz_ticks_gps(at, midnight + hour), midnight - 1);
    cr_assert_eq(hz_ticks_gps(at, midnight - hour), midnight - 1);
    cr_assert_eq(hz_ticks_gps(UINT64_C(10) << 30 | 5, midnight - hour), midnight + 10000000005);
    cr_assert_eq(hz_ticks_gps(UINT64_C(86400) << 30, midnight), 0);
    cr_assert(hz_ticks_mlat(0xff004d4c4154));
}
