/* Formats where there is no room, and where a message says what it should not. */
#include "proto/format/modes.h"
#include "tests/unit/told.h"

static const uint8_t squitter[14] = {0x8d, 0x48, 0x40, 0xd6, 0x20, 0x2c, 0xc3,
                                     0x71, 0xc3, 0x2c, 0xe0, 0x57, 0x60, 0x98};

static const struct {
    const char *protocol, *fields;
    size_t raw_len;
} messages[] = {
    {"adsb",
     "{\"hex\":\"4840d6\",\"type\":\"adsb_icao\",\"df\":17,\"typecode\":11,\"flight\":\"KLM1023 \","
     "\"alt_baro\":38000,\"gs\":450.5,\"track\":90,\"lat\":52.25,\"lon\":3.91,\"baro_rate\":-64,"
     "\"squawk\":\"1000\",\"alert\":0,\"spi\":0,\"airground\":\"airborne\"}",
     14},
    {"ais",
     "{\"type\":1,\"repeat\":0,\"mmsi\":211281610,\"lat\":53.5,\"lon\":8.5,\"turn\":\"fastright\","
     "\"nmea\":[\"!AIVDM,2,1,1,A,55?MbV02,0*5C\",\"!AIVDM,2,2,1,A,88880,2*25\"]}",
     0},
    {"aprs", "{\"tnc2\":\"DL1ABC>APRS,WIDE1-1:>one\\r\\nN0CALL>APRS:>two\",\"from\":\"DL1ABC\"}",
     14},
    {"pocsag",
     "{\"baud\":1200,\"address\":1234567,\"function\":3,\"type\":\"alpha\",\"alpha\":\"a,\\\"b\\\\ "
     "=\\u0001\\n\"}",
     0},
};
enum { MESSAGES = sizeof messages / sizeof *messages };

static void tell(size_t m, const struct hz_form *form, struct hz_bytes *out)
{
    const struct told t = {.protocol = messages[m].protocol,
                           .channel = "ch",
                           .station = "here",
                           .freq_hz = 162e6,
                           .utc_ns = 1796065170123456789,
                           .rssi_dbfs = -20,
                           .noise_dbfs = -40,
                           .snr_db = 20,
                           .offset_hz = 12,
                           .raw = squitter,
                           .raw_len = messages[m].raw_len};
    cJSON *fields = cJSON_Parse(messages[m].fields);
    cr_assert(fields);
    told_into(&t, fields, form, out);
    cJSON_Delete(fields);
}

/* Of every length that is too short: nothing but the free bytes is touched, and it is told. */
Test(form_room, no_format_writes_where_there_is_no_room)
{
    enum { BEFORE = 8, AFTER = 8, MOST = 65536 };
    static char memory[BEFORE + MOST + AFTER], whole[MOST];
    size_t told = 0;
    for (const struct hz_form *const *f = hz_forms; *f; f++) {
        for (size_t m = 0; m < MESSAGES; m++) {
            if (!hz_form_takes(*f, messages[m].protocol))
                continue;
            struct hz_bytes all = {.p = whole, .cap = MOST};
            tell(m, *f, &all);
            cr_assert_not(all.full);
            told += all.n > 0;
            for (size_t cap = 0; cap < all.n; cap++) {
                struct hz_bytes out = {.p = memory, .cap = BEFORE + cap, .n = BEFORE};
                memset(memory, '#', BEFORE + cap + AFTER);
                tell(m, *f, &out);
                cr_assert(out.full, "%s with %zu of %zu bytes", (*f)->name, cap, all.n);
                for (size_t i = 0; i < BEFORE; i++)
                    cr_assert(memory[i] == '#', "%s with %zu bytes, before", (*f)->name, cap);
                for (size_t i = 0; i < AFTER; i++)
                    cr_assert(memory[BEFORE + cap + i] == '#', "%s with %zu bytes, behind",
                              (*f)->name, cap);
            }
            struct hz_bytes fits = {.p = memory, .cap = BEFORE + all.n, .n = BEFORE};
            tell(m, *f, &fits);
            cr_assert(!fits.full && fits.n == BEFORE + all.n, "%s", (*f)->name);
            cr_assert_arr_eq(memory + BEFORE, whole, all.n);
        }
    }
    cr_expect_geq(told, 16);
}

static const char *text_of(size_t m, const struct hz_form *form)
{
    static char text[4096];
    struct hz_bytes out = {.p = text, .cap = sizeof text - 1};
    tell(m, form, &out);
    cr_assert_not(out.full);
    text[out.n] = '\0';
    return text;
}

Test(form_room, a_line_end_in_a_packet_makes_no_second_line)
{
    cr_expect_str_eq(text_of(2, &hz_form_tnc2), "DL1ABC>APRS,WIDE1-1:>one\r\n");
}

Test(form_room, a_frame_without_its_time_has_the_counter_that_means_none)
{
    const struct hz_record unknown = {.clock_ns = 0}, early = {.clock_ns = 1};
    cr_expect_eq(hz_form_modes_ticks(&unknown), 0);
    cr_expect_eq(hz_form_modes_ticks(&early), 768);
}

Test(form_room, a_field_of_one_type_in_the_line_protocol)
{
    cr_expect(strstr(text_of(1, &hz_form_influx), ",turn_text=\"fastright\""));
    cr_expect(strstr(text_of(0, &hz_form_influx), ",alt_baro=38000,"));
}
