/* The fields of a record: as they are noted while the text is written, and on the bus. */
#include "daemon/bus/frame.h"
#include "proto/out/sink.h"
#include "tests/unit/fields_agree.h"

#include <criterion/criterion.h>
#include <math.h>

static const struct hz_sink_head head = {
    .receiver = "roof", .channel = "1090", .protocol = "adsb", .freq_hz = 1090e6};
static const uint8_t raw[] = {0x8d, 0x48, 0x40};

static struct hz_json *begin(struct hz_sink *s)
{
    struct hz_burst b = {.offset_hz = NAN, .raw = raw, .raw_len = sizeof raw};
    return hz_sink_begin(s, &b);
}

static struct hz_value field(const struct hz_record *r, const char *name)
{
    struct hz_value v = {"", 0};
    hz_record_field(r, name, &v);
    return v;
}

static void write_all(struct hz_json *j)
{
    hz_json_str(j, "hex", "4840d6");
    hz_json_decimals(j, "lat", -52.25, 5);
    hz_json_decimals(j, "gone", NAN, 1);
    hz_json_open_array(j, "modes");
    hz_json_str(j, NULL, "vnav");
    hz_json_open(j, NULL);
    hz_json_int(j, "hexed", 1);
    hz_json_close(j);
    hz_json_close_array(j);
    hz_json_open(j, "wx");
    hz_json_int(j, "temp", 7);
    hz_json_close(j);
    hz_json_str(j, "text", "a\"b\\\n\x01\xc3\xa9, {");
    hz_json_bool(j, "ok", true);
}

Test(field, each_is_found_by_its_name)
{
    char arena[4096], text[32];
    double number;
    struct hz_sink s;
    struct hz_record r;
    size_t at = 0;
    hz_sink_init(&s, &head, arena + 1, sizeof arena - 1);
    write_all(begin(&s));
    hz_sink_end(&s);
    begin(&s);
    hz_sink_end(&s);
    write_all(begin(&s));
    hz_sink_end(&s);
    cr_assert(hz_sink_next(&s, &at, &r));
    cr_expect_eq(r.n_fields, 6);
    cr_expect(hz_value_is(field(&r, "hex"), "\"4840d6\""));
    cr_expect(hz_value_number(field(&r, "lat"), &number));
    cr_expect_eq(number, -52.25);
    cr_expect(hz_value_is(field(&r, "modes"), "[\"vnav\",{\"hexed\":1}]"));
    cr_expect(hz_value_is(field(&r, "wx"), "{\"temp\":7}"));
    cr_expect(hz_value_string(field(&r, "text"), text, sizeof text));
    cr_expect_str_eq(text, "a\"b\\\n\x01\xc3\xa9, {");
    cr_expect(hz_value_string(field(&r, "text"), text, 8));
    cr_expect_str_eq(text, "a\"b\\\n\x01", "cut between two characters");
    cr_expect_not(hz_value_string(field(&r, "ok"), text, sizeof text));
    cr_expect_not(hz_value_number(field(&r, "ok"), &number));
    cr_expect(hz_value_is(field(&r, "ok"), "true"));
    const char *const none[] = {"he", "hexed", "temp", "gone", "receiver", "", "okay"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        struct hz_value v;
        cr_expect_not(hz_record_field(&r, none[i], &v), "%s", none[i]);
    }
    cr_assert(hz_sink_next(&s, &at, &r));
    cr_expect_eq(r.n_fields, 0);
    cr_assert(hz_sink_next(&s, &at, &r));
    cr_expect(hz_value_is(field(&r, "ok"), "true"));
    cr_expect_not(hz_sink_next(&s, &at, &r));
}

Test(field, a_frame_keeps_them)
{
    char arena[4096];
    struct hz_sink s;
    struct hz_record r;
    size_t at = 0;
    hz_sink_init(&s, &head, arena, sizeof arena);
    write_all(begin(&s));
    hz_sink_end(&s);
    cr_assert(hz_sink_next(&s, &at, &r));
    struct hz_topic *t = hz_topic_new("roof", "1090", "adsb");
    struct hz_frame *f = hz_frame_new(t, &r, ",\"heard\":[1]", 12);
    memset(arena, 0, sizeof arena);
    hz_frame_number(f, "seq", 7);
    cr_expect_eq(f->rec.n_fields, 6);
    cr_expect(hz_value_is(field(&f->rec, "hex"), "\"4840d6\""));
    cr_expect(hz_value_is(field(&f->rec, "ok"), "true"));
    hz_frame_unref(f);
    hz_topic_unref(t);
}

Test(field, too_many_are_in_the_text_only)
{
    char arena[8192], name[8];
    for (int n = HZ_FIELDS_MAX - 1; n <= HZ_FIELDS_MAX + 3; n++) {
        struct hz_sink s;
        struct hz_record r;
        size_t at = 0;
        hz_sink_init(&s, &head, arena, sizeof arena);
        struct hz_json *j = begin(&s);
        for (int i = 0; i < n; i++) {
            snprintf(name, sizeof name, "f%d", i);
            hz_json_int(j, name, i);
        }
        hz_sink_end(&s);
        cr_assert(hz_sink_next(&s, &at, &r));
        size_t seen = n < HZ_FIELDS_MAX ? (size_t)n : HZ_FIELDS_MAX;
        cr_expect_eq(r.n_fields, seen);
        for (size_t i = 0; i < seen; i++) {
            double number;
            snprintf(name, sizeof name, "f%zu", i);
            cr_expect(hz_value_number(field(&r, name), &number) && number == (double)i);
        }
    }
}

Test(field, a_number_is_what_another_parser_reads)
{
    const char *const good[] = {
        "0", "-0", "7", "-1234567890123", "0.1", "-179.999999999", "1090000000.125"};
    const char *const bad[] = {"", "-", "1e5", "1.2.3", "\"1\"", "true", "null", "[1]", "+1", " 1"};
    double number;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        cr_expect(hz_value_number((struct hz_value){good[i], strlen(good[i])}, &number));
        cr_expect_eq(number, strtod(good[i], NULL), "%s", good[i]);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        cr_expect_not(hz_value_number((struct hz_value){bad[i], strlen(bad[i])}, &number), "%s",
                      bad[i]);
}
