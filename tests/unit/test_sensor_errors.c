/* What is wrong with a declaration, in the words of the language. */
#include "tests/unit/sensor_text.h"

#define HEAD "[sensor t]\n" SENSOR_KEYS

/* The first error of a text; behind the keys that all have, which are four lines. */
static void wrong(const char *lines, const char *expected)
{
    char text[4096];
    snprintf(text, sizeof text, HEAD "%s", lines);
    struct hz_sensor_set *set = sensor_set(text);
    cr_expect_null(set, "%s", lines);
    hz_sensor_set_unref(set);
    sensor_errors[strcspn(sensor_errors, "\n")] = 0;
    cr_expect_str_eq(sensor_errors, expected, "%s:\n  %s\n  expected %s", lines, sensor_errors,
                     expected);
}

Test(sensor_errors, errors_of_keys)
{
    wrong("", "t.conf:1: [sensor t] has no bits: expected bits = NUMBER, as 36");
    wrong("bits = 36\nsinc = +500\n", "t.conf:6: unknown key 'sinc'; did you mean 'sync'?");
    wrong("bits = 36\nbits = 37\n", "t.conf:6: a second 'bits': the first is at line 5");
    wrong("bits = 0\n", "t.conf:5: bits = 0: expected data bits, 1 to 1024, as 36 or 24..104");
    wrong("bits = 9..8\n",
          "t.conf:5: bits = 9..8: expected data bits, 1 to 1024, as 36 or 24..104");
    wrong("bits = 8\nlike = u\n", "t.conf:6: like = u: there is no [sensor u]; did you mean 't'?");
    wrong("bits = 8\nlike = t\n", "t.conf:6: like = t: [sensor t] itself: expected another");
    wrong("bits = 8\nlike = u\n[sensor u]\nlike = t\n",
          "t.conf:1: [sensor t] is like itself, over others");
    wrong("bits = 8\nmodulation = fks\n",
          "t.conf:6: modulation = fks: expected ook or fsk; did you mean 'fsk'?");
    wrong("bits = 8\ncode = mc\n", "t.conf:6: code = mc: expected plain, dm, dm1 or piwm");
    wrong("bits = 8\ndeviation = 35k\n",
          "t.conf:6: deviation = 35k: means nothing with modulation = "
          "ook: expected it with fsk");
    wrong("bits = 8\nfreq = 433.92\n", "t.conf:6: freq = 433.92: expected frequencies with their "
                                       "unit, as 433.92M 868.3M or 300M..318M");
    wrong("bits = 8\nsync = 500\n", "t.conf:6: sync = 500: '500': expected a duration in "
                                    "microseconds with its sign, + for on and - for off");
    wrong("bits = 8\nsync = (+500 -500\n",
          "t.conf:6: sync = (+500 -500: a '(' that is not closed: expected (…)xN");
    wrong("bits = 8\nsync = +500 -5x0\n",
          "t.conf:6: sync = +500 -5x0: '-5x0' is no duration: expected microseconds, as +500");
    wrong("bits = 8\npreamble = 0102\n",
          "t.conf:6: preamble = 0102: '0102': expected bits as 0101, "
          "0x2DD4 or {12}2dd");
    wrong("bits = 8\npreamble = 0x2DG4\n",
          "t.conf:6: preamble = 0x2DG4: '2DG4' is no hex: expected "
          "0 to 9 and a to f");
    wrong("bits = 8\npreamble = {8}a(1)x4\n",
          "t.conf:6: preamble = {8}a(1)x4: {8}: only 4 bits behind it");
    wrong("bits = 8\nwhiten = aab\n",
          "t.conf:6: whiten: 'aab': expected whole bytes, two digits each");
    wrong("bits = 8\nchips = 01\n", "t.conf:6: chips = 01: expected chip = MICROSECONDS too");
    wrong("bits = 8\nlength = 0:4\n",
          "t.conf:6: length = 0:4: expected it where bits is a range, as bits = 24..104");
    wrong("bits = 8\nrepeat = many\n",
          "t.conf:6: repeat = many: expected a whole number from 1 to 100");
    wrong("bits = 8\ntolerance = 5\n",
          "t.conf:6: tolerance = 5: expected 0.1 to 20 percent, as 5 %");
    wrong("bits = 8\nvaries = 4:8\n",
          "t.conf:6: varies = 4:8: expected ranges OFFSET:LENGTH within the 8 bits");
    wrong("bits = 8\nuse = maybe\n", "t.conf:6: use = maybe: expected yes or no");
    wrong("bits = 8\ntwins = u\n", "t.conf:6: twins: there is no [sensor u]; did you mean 't'?");
    struct hz_sensor_set *set =
        sensor_set("[sensor t]\nmodel = T\nzero = +5\none = +5\nbits = 8\n");
    cr_expect_null(set);
    cr_expect_str_eq(sensor_errors,
                     "t.conf:4: one = +5: the same as zero: expected other durations\n");
    cr_expect_null(sensor_set("[channel t]\n"));
    cr_expect_str_eq(sensor_errors,
                     "t.conf:1: [channel t]: expected [sensor NAME] in a file of sensors\n");
    cr_expect_null(sensor_set("[sensor]\nmodel = T\n"));
    cr_expect_str_eq(sensor_errors, "t.conf:1: [sensor] has no name: expected [sensor NAME]\n");
    cr_expect_null(sensor_set("[sensor t]\nuse = no\n"));
    cr_expect_str_eq(sensor_errors, "t.conf:1: [sensor t] has only use or prefer, and there is no "
                                    "other of that name to change\n");
}

Test(sensor_errors, errors_of_expressions)
{
    static const char *const rows[][2] = {
        {".x = 30:8", "30:8 ends at bit 38: expected at most the 36 bits that there are"},
        {".x = 3:0", "3:0 holds no bits: expected OFFSET:LENGTH with a length of at least 1"},
        {".x = L0:12", "L0:12: expected whole bytes with B and L, a length of 8, 16, …"},
        {".x = sd0:8", "sd0:8: expected either s or d"},
        {".x = 1 +", "expected a value before the end"},
        {".x = (1 + 2", "expected ')' before the end"},
        {".x = 1 2", "expected an operator or the end before '2'"},
        {".x = 0x", "'0x' is no number: expected one as 12, 0x1f, 0b101, 0.25 or 1e-3"},
        {".x = 1 $ 2", "'$' cannot stand in an expression"},
        {".x = \"a", "a text that is not closed: expected \"…\""},
        {".x = tempo",
         "unknown name 'tempo': expected a field of this sensor; did you mean 'temp'?"},
        {".x = temp(1)", "unknown function 'temp'"},
        {".x = crc9r(0:8)", "expected crcNr(BYTES, POLY, INIT, XOR), not ')'"},
        {".x = hexx(0:8)", "unknown function 'hexx'; did you mean 'hex'?"},
        {".x = x + 1", "'x' needs itself, over others: expected values that do not go round"},
        {".x = y\n.y = x", "'x' needs itself, over others: expected values that do not go round"},
        {".x = \"a\" * 2", "* with a text: expected a number"},
        {".x = 1 + \"a\"", "+ with a text: expected a number"},
        {".x = (1 / 2) & 3", "& with a fraction: expected whole numbers, as of int()"},
        {".x = inv(5)", "inv with a number: expected bits, as a range or bits(NUMBER, LENGTH)"},
        {".x = le(0:12)", "le with 12 bits: expected whole bytes"},
        {".x = crc8r(0:12, 7)", "crcNr with 12 bits: expected whole bytes"},
        {".x = uart(0:12)", "uart with 12 bits: expected ten for each byte"},
        {".x = hex(12)", "hex of a number: expected the number of digits too, hex(…, 4)"},
        {".x = tri(0:4, \"01\")",
         "tri with \"01\": expected four characters, for 00, 01, 10 and 11"},
        {".x = format(\"%d %d\", 1)",
         "format: 1 values for more directives: expected one for each"},
        {".x = format(\"%q\", 1)",
         "format: '%q' is unknown: expected %d, %x, %X, %s, %c, %f or %%, "
         "with a width of at most 5 characters"},
        {".x = format(\"%s\", 1)", "format: %s with a number: expected a text"},
        {".x = enum(0:4, 1 = \"a\", 2 = 3)",
         "values of two kinds, a text and a number: expected the same kind in all cases"},
        {".x = enum(0:4, 1 = 2, 1 = 3)", "enum: 1 stands twice"},
        {".x = enum(0:4)", "expected enum(VALUE, NUMBER = VALUE, …, else = VALUE)"},
        {".x = table(0:4, 2 = 0, 1 = 5)", "table: 1 behind 2: expected points that rise"},
        {".x = 1 in (5..2)", "in: 5..2 holds nothing: expected LOW..HIGH"},
        {".x = cat(0:32, 0:32) + 1", "+ with 64 bits: expected a number, which has at most 63; "
                                     "hex(), crcN() and their like take "
                                     "more"},
        {".x = f(1, 2)\n._f(a) = a", "expected f(a)"},
        {".x = f\n._f(a) = a", "'f' is a function: expected f(a)"},
        {".x = f(1)\n._f(a) = f(a)", "f: functions within functions are nested too deeply"},
        {".x = 1\n._x = 2", "stands twice, in two kinds: expected another name"},
        {".9 = 1", "expected a name of letters, digits and '_', at most 47"},
        {NULL, NULL},
    };
    for (size_t i = 0; rows[i][0]; i++) {
        char text[400], expected[400];
        const char *name = ".x";
        if (strncmp(rows[i][0], ".9", 2) == 0)
            name = ".9";
        if (strstr(rows[i][0], "\n._x"))
            name = "._x";
        snprintf(text, sizeof text, "bits = 36\n.temp = 0:4\n%s\n", rows[i][0]);
        int line = strstr(rows[i][0], "\n._x") ? 8 : 7;
        if (strstr(rows[i][0], "\n.y")) { /* found where the second one asks for the first */
            name = ".y";
            line = 8;
        }
        snprintf(expected, sizeof expected, "t.conf:%d: %s: %s", line, name, rows[i][1]);
        wrong(text, expected);
    }
    wrong("bits = 36\ncheck = 0:4\n",
          "t.conf:6: check: bits without a comparison: expected a condition, as 0:4 == 9");
    wrong("bits = 36\ncheck = \"a\"\n", "t.conf:6: check: expected a condition, as 0:4 == 9");
    wrong("bits = 36\ncheck = 1\n",
          "t.conf:6: check: a number without a comparison: expected a condition, as 0:4 == 9");
    wrong("bits = 36\nplausible = x 1..2\n",
          "t.conf:6: plausible: unknown name 'x': expected a field of this sensor");
    wrong("bits = 36\n.x = 0:4\nplausible = x 2\n",
          "t.conf:7: plausible: expected NAME LOW..HIGH, …, as temperature_C -40..70");
    wrong("bits = 36\n.x = \"a\"\nplausible = x 1..2\n",
          "t.conf:7: plausible: x is no number: expected a field that is one");
}

Test(sensor_errors, errors_of_examples)
{
    wrong("bits = 8\n.a = 0:4\nexample = 01010000\n",
          "t.conf:7: example = 01010000: expected BITS -> {\"FIELD\": VALUE, …}");
    wrong("bits = 8\n.a = 0:4\nexample = 0101 -> {\"a\": 5}\n",
          "t.conf:7: example of t: it has 4 bits: expected as many as bits = 8 declares");
    wrong("bits = 8\n.a = 0:4\nexample = 01010000 -> {\"a\": 6}\n",
          "t.conf:7: example of t: a is 5: expected 6");
    wrong("bits = 8\n.a = 0:4\nexample = 01010000 -> {\"b\": 6}\n",
          "t.conf:7: example of t: b is absent: expected 6");
    wrong("bits = 8\n.a = 0:4\nexample = 01010000 -> {}\n",
          "t.conf:7: example of t: a is 5: the example has no such field");
    wrong("bits = 8\ncheck = 0:1\nexample = 01010000 -> {}\n",
          "t.conf:7: example of t: a check does not hold");
    wrong("bits = 8\n.a = 0:4\nplausible = a 0..4\nexample = 01010000 -> {\"a\": 5}\n",
          "t.conf:8: example of t: a field is outside what `plausible` says");
    struct hz_sensor_set *set =
        sensor_set(HEAD "bits = 12\n.a = 0:4 / 3\n.b = \"x, y\"\n.c = list(0:12, 4)\n"
                        "example = {12}518 -> { \"c\":[5, 1,8],\"model\": \"T\",\"b\":\"x, y\" , "
                        "\"a\": 1.666667}\n");
    cr_assert(set, "%s", sensor_errors);
    cr_expect_eq(set->list[0].n_examples, 1);
    hz_sensor_set_unref(set);
}
