/* Expressions of declarations: every function and operator against values from elsewhere. */
#include "tests/unit/sensor_text.h"

/* What `.x = EXPRESSION` is with these bits: the text of its JSON; "" where it is absent. */
static const char *value(const char *expression, const char *bits)
{
    static char text[2048];
    char json[1024];
    uint8_t bit[HZ_SENSOR_SYMBOLS_MAX];
    const size_t n = sensor_bits(bits, bit);
    snprintf(text, sizeof text,
             "[sensor t]\n" SENSOR_KEYS "bits = %zu\n.x = %s\n._h = 0:4\n._text = \"ab\"\n"
             "._gone = 1 if 0\n._twice(a) = 2 * a\n._mix(a, b) = a - b * h\n",
             n, expression);
    struct hz_sensor_set *set = sensor_set(text);
    cr_assert(set, "%s: %s", expression, sensor_errors);
    struct hz_json j;
    hz_json_init(&j, json, sizeof json - 1);
    hz_json_open(&j, NULL);
    hz_sensor_fields(&set->list[0], bit, n, &j);
    hz_json_close(&j);
    json[j.len] = 0;
    hz_sensor_set_unref(set);
    static const char head[] = "{\"model\":\"T\"";
    cr_assert(strncmp(json, head, sizeof head - 1) == 0, "%s", json);
    const char *begin = strstr(json, ",\"x\":");
    snprintf(text, sizeof text, "%s", begin ? begin + 5 : "}");
    text[strlen(text) - 1] = 0;
    return text;
}

struct row {
    const char *expression, *expected;
};

static void check(const struct row *rows, const char *bits)
{
    for (; rows->expression; rows++) {
        const char *v = value(rows->expression, bits);
        cr_expect_str_eq(v, rows->expected, "%s: %s, expected %s", rows->expression, v,
                         rows->expected);
    }
}

/* a5 f1 09 c3 = 1010 0101 1111 0001 0000 1001 1100 0011 */
#define BITS "xa5f109c3"

Test(sensor_language, ranges)
{
    static const struct row rows[] = {
        {"0:8", "165"},         {"4:8", "95"},
        {"0:1", "1"},           {"s0:8", "-91"},
        {"s16:8", "9"},         {"r0:8", "165"},
        {"r8:8", "143"},        {"sr8:8", "-113"},
        {"B0:16", "42383"},     {"N0:16", "23288"},
        {"L0:16", "61861"},     {"L8:24", "12782065"},
        {"sL16:16", "-15607"},  {"rB0:16", "61861"},
        {"d16:8", "9"},         {"d0:8", ""},
        {"dN16:8", "9"},        {"dN20:4", "9"},
        {"0:32", "2784037315"}, {"s0:32", "-1510929981"},
        {"dr16:4", "0"},        {NULL, NULL},
    };
    check(rows, BITS);
}

Test(sensor_language, operators_bind_as_in_python)
{
    static const struct row rows[] = {
        {"1 + 2 * 3", "7"},
        {"(1 + 2) * 3", "9"},
        {"2 ** 3 ** 2", "512"},
        {"-2 ** 2", "-4"},
        {"2 ** -1", "0.5"},
        {"7 // 2", "3"},
        {"-7 // 2", "-4"},
        {"-7 % 3", "2"},
        {"7 % -3", "-2"},
        {"7 / 2", "3.5"},
        {"6 / 2", "3"},
        {"7.5 // 2", "3"},
        {"-7.5 % 2", "0.5"},
        {"1 / 0", ""},
        {"1 // 0", ""},
        {"1 % 0", ""},
        {"6 & 3 | 8", "10"},
        {"6 ^ 3 & 1", "7"},
        {"1 << 4 + 1", "32"},
        {"~0 & 255", "255"},
        {"-1 >> 1", "-1"},
        {"1 << 64", ""},
        {"0:8 & 15 == 5", "1"},
        {"not 0:1 == 0", "1"},
        {"not 0:1 and 1", "0"},
        {"1 == 1 == 1", "1"},
        {"1 < 2 < 3", "1"},
        {"1 < 3 < 2", "0"},
        {"3 < 2 < 4", "0"},
        {"1 <= 0:4 <= 10 != 3", "1"},
        {"3 in (1, 2, 3)", "1"},
        {"4 not in (1, 2, 5..9)", "1"},
        {"0:4 in (9..11)", "1"},
        {"-3 in (-4..-2)", "1"},
        {"text in (\"ab\", \"c\")", "1"},
        {"text == \"ab\"", "1"},
        {"text != \"ab\"", "0"},
        {"text + \"c\" + hex(0:8)", "\"abca5\""},
        {"0 or 5", "5"},
        {"2 and 3", "3"},
        {"1 if 0 else 2", "2"},
        {"1 if 1 else 2", "1"},
        {"1 if 0", ""},
        {"\"y\" if 0:1 else \"n\"", "\"y\""},
        {"1 if 0 else 2 if 0 else 3", "3"},
        {"(0:4 if 1 else 7) + 1", "11"},
        {"0x10 + 0b11 + 1e1", "29"},
        {"2.50 * 2", "5"},
        {"0.1 + 0.2", "0.3"},
        {"9223372036854775807", "9223372036854775807"},
        {"cat(0:32, 0:32) == cat(0:32, 0:32)", "1"},
        {"cat(0:32, 0:32) != cat(0:32, inv(0:32))", "1"},
        {NULL, NULL},
    };
    check(rows, BITS);
}

Test(sensor_language, what_is_absent_stays_absent)
{
    static const struct row rows[] = {
        {"none", ""},
        {"gone", ""},
        {"gone + 1", ""},
        {"gone == gone", ""},
        {"max(1, gone)", ""},
        {"hex(gone, 2)", ""},
        {"known(gone)", "0"},
        {"known(h)", "1"},
        {"not gone", ""},
        {"gone or 4", "4"},
        {"1 if gone else 2", "2"},
        {"cat(0:4, none)", ""},
        {"enum(gone, 1 = 2)", ""},
        {NULL, NULL},
    };
    check(rows, BITS);
}

Test(sensor_language, names_and_functions_of_the_declaration)
{
    static const struct row rows[] = {
        {"h", "10"},           {"h + h", "20"},
        {"twice(4)", "8"},     {"twice(twice(h))", "40"},
        {"mix(100, 3)", "70"}, {"mix(twice(50), twice(1)) + twice(0:2)", "84"},
        {NULL, NULL},
    };
    check(rows, BITS);
}

Test(sensor_language, bits_from_bits)
{
    static const struct row rows[] = {
        {"hex(cat(0:4, 28:4))", "\"a3\""},
        {"hex(inv(0:16))", "\"5a0e\""},
        {"hex(rev(0:12))", "\"fa5\""},
        {"hex(revn(0:16, 8))", "\"a58f\""},
        {"hex(revn(0:16, 4))", "\"5af8\""},
        {"hex(le(0:32))", "\"c309f1a5\""},
        {"hex(swap(0:16))", "\"5a1f\""},
        {"bin(even(0:8))", "\"1100\""},
        {"bin(odd(0:8))", "\"0011\""},
        {"bin(odd(0:7))", "\"001\""},
        {"bin(un9(0:20))", "\"101001011110001000\""},
        {"hex(bits(0x1234, 12))", "\"234\""},
        {"hex(bits(-1, 5))", "\"1f\""},
        {"at(h - 6, 8)", "95"},
        {"at(25, 8)", ""},
        {"at(-1, 8)", ""},
        {"last(8)", "195"},
        {"hex(until(8, 4))", "\"f109c\""},
        {"tagged(0:32, 8, 4, 0)", "9"},
        {"tagged(0:32, 8, 4, 12)", "3"},
        {"tagged(0:32, 8, 4, 7)", ""},
        {NULL, NULL},
    };
    check(rows, BITS);
    /* two bytes, 0x41 and 0x0f, as a serial line sends them; a stop bit missing */
    check((const struct row[]){{"hex(uart(0:20))", "\"410f\""}, {NULL, NULL}},
          "0100000101 0111100001");
    check((const struct row[]){{"hex(uart(0:20))", ""}, {NULL, NULL}}, "0100000101 0111100000");
}

/* The check values of the catalogue of CRC algorithms: of the bytes "123456789". */
Test(sensor_language, crcs_of_the_catalogue)
{
    static const struct row rows[] = {
        {"hex(crc4(0:72, 3, 15, 15), 1)", "\"b\""},                   /* INTERLAKEN */
        {"hex(crc7(0:72, 9), 2)", "\"75\""},                          /* MMC */
        {"hex(crc8(0:72, 7), 2)", "\"f4\""},                          /* SMBUS */
        {"hex(crc8(0:72, 7, 0, 0x55), 2)", "\"a1\""},                 /* I-432-1 */
        {"hex(crc8(0:72, 0x31, 0xff), 2)", "\"f7\""},                 /* NRSC-5, poly 31 */
        {"hex(crc8r(0:72, 0x8c), 2)", "\"a1\""},                      /* MAXIM-DOW */
        {"hex(crc8r(0:72, 0xe0, 0xff), 2)", "\"d0\""},                /* ROHC */
        {"hex(crc16(0:72, 0x1021), 4)", "\"31c3\""},                  /* XMODEM */
        {"hex(crc16(0:72, 0x1021, 0xffff), 4)", "\"29b1\""},          /* IBM-3740 */
        {"hex(crc16(0:72, 0x8005), 4)", "\"fee8\""},                  /* UMTS */
        {"hex(crc16r(0:72, 0xa001, 0xffff), 4)", "\"4b37\""},         /* MODBUS */
        {"hex(crc16r(0:72, 0x8408, 0xffff, 0xffff), 4)", "\"906e\""}, /* IBM-SDLC */
        {"hex(crc24(0:72, 0x864cfb, 0xb704ce), 6)", "\"21cf02\""},    /* OPENPGP */
        {"hex(crc32(0:72, 0x04c11db7, 0xffffffff, 0xffffffff), 8)", "\"fc891918\""}, /* BZIP2 */
        {"hex(crc32r(0:72, 0xedb88320, 0xffffffff, 0xffffffff), 8)", "\"cbf43926\""},
        {NULL, NULL},
    };
    check(rows, "x313233343536373839");
}

Test(sensor_language, numbers_from_bits)
{
    static const struct row rows[] = {
        {"sum8(0:32)", "610"}, /* a5 + f1 + 09 + c3 */
        {"sum4(0:16)", "31"},  /* 10 + 5 + 15 + 1 */
        {"sum2(0:8)", "6"},    /* 2 + 2 + 1 + 1 */
        {"sum8(0:12)", "405"}, /* a5 + f0 */
        {"xor8(0:32)", "158"}, /* a5 ^ f1 ^ 09 ^ c3 */
        {"xor4(0:16)", "1"},   /* 10 ^ 5 ^ 15 ^ 1 */
        {"par(0:8)", "0"},
        {"par(8:8)", "1"},
        {"ones(0:32)", "15"},
        {"signed(cat(0:4, 4:4))", "-91"},
        {"bcd(cat(16:4, 20:4))", "9"},
        {"bcd(0:8)", ""},
        {"pick(0:4, 1, 2, 4, 8)", "5"},
        {"int(-7 / 2)", "-3"},
        {"abs(-3)", "3"},
        {"abs(-0.5)", "0.5"},
        {"min(3, 1.5, 2)", "1.5"},
        {"max(0:4, 3)", "10"},
        {"steps(0:4, 3, 10, 9, 11)", "2"},
        {"table(0:4, 0 = 0, 20 = 100)", "50"},
        {"table(0:4, 0 = 0, 10 = 5.5, 20 = 0)", "5.5"},
        {"table(0:4, 11 = 0, 20 = 100)", ""},
        {"table(0:4, 0 = 0, 9 = 100)", ""},
        {NULL, NULL},
    };
    check(rows, BITS);
}

/* Frames that people published, with the digest that their sensors send: GT-WT-03, Auriol AFT 77,
 * Thermopro TP11, Bresser 6-in-1, an Auriol HG02832. */
Test(sensor_language, digests_of_published_frames)
{
    static const struct {
        const char *expression, *bits;
    } rows[] = {
        {"roll(0:32, 0x3100) ^ 0x2d == 32:8", "xe83041059550"},
        {"digest8(4:48, 0x83, 0xec) == 60:8", "xa5cf802017300cac9"},
        {"digest8r(0:24, 0x51, 4) == 24:8", "xdb4157c2"},
        {"digest16(16:120, 0x8810, 0x5412) == 0:16", "xcc93188002c318ffffff3368030495fff067"},
        {"digest8v(0:64, 0x98, 0x25) == 64:8", "xe800293017aa55aa83d2d2d2d2d2"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        cr_expect_str_eq(value(rows[i].expression, rows[i].bits), "1", "%s", rows[i].expression);
}

Test(sensor_language, texts_lists_and_choices)
{
    static const struct row rows[] = {
        {"hex(0:32)", "\"a5f109c3\""},
        {"HEX(0:12)", "\"A5F\""},
        {"hex(1:8)", "\"4b\""},
        {"hex(16:8, 4)", "\"0009\""},
        {"hex(16:8, 1)", "\"9\""},
        {"hex(255, 4)", "\"00ff\""},
        {"hex(-1, 2)", "\"ffffffffffffffff\""},
        {"bin(0:5)", "\"10100\""},
        {"ascii(bits(0x4869, 16))", "\"Hi\""},
        {"chr(65 + h)", "\"K\""},
        {"tri(0:8, \"0FX1\")", "\"XXFF\""},
        {"b4(0:8)", "\"3322\""},
        {"format(\"%d-%02d|%4x|%X|%s|%c|100%%|%.1f\", 7, 5, 0:8, 255, text, 66, 2.25)",
         "\"7-05|  a5|FF|ab|B|100%|2.2\""},
        {"format(\"%d\", gone)", ""},
        {"format(\"<%s>\", \"\")", "\"<>\""},
        {"list(0:32, 8)", "[165,241,9,195]"},
        {"list(0:32, 9)", "[331,452,78]"},
        {"enum(0:4, 1 = \"a\", 9, 10 = \"b\")", "\"b\""},
        {"enum(0:4, 1 = \"a\", else = \"c\")", "\"c\""},
        {"enum(0:4, 1 = \"a\")", ""},
        {"enum(0:4, 10 = h * 2, 3 = 1.5) + 1", "21"},
        {"enum(-1, -1 = 3, 0xffff = 4)", "3"},
        {"enum(0:4, 1 = 0, 10 = enum(4:4, 5 = 7, else = 8), 2 = 3)", "7"},
        {NULL, NULL},
    };
    check(rows, BITS);
}
