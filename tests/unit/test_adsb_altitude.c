/* Altitude and identity codes. */
#include "proto/adsb/altitude.h"

#include <criterion/criterion.h>
#include <string.h>

/* Codes written by their pulses, as the tables of ICAO Annex 10, volume IV print them. */
static uint32_t pulses(const char *names)
{
    static const char *const order[13] = {"C1", "A1", "C2", "A2", "C4", "A4", "M",
                                          "B1", "D1", "B2", "D2", "B4", "D4"};
    uint32_t code = 0;
    for (int i = 0; i < 13; i++) {
        if (strstr(names, order[i]))
            code |= UINT32_C(4096) >> i;
    }
    return code;
}

Test(altitude, steps_of_25_feet)
{
    int feet;
    /* The AC12 field of 8D40621D58C382D690C8AC2863A7: 38000 ft (1090 MHz Riddle). */
    cr_assert(hz_altitude_ac12(0xc38, &feet));
    cr_assert_eq(feet, 38000);
    cr_assert(hz_altitude_ac13(0x10, &feet));
    cr_assert_eq(feet, -1000);
    cr_assert(hz_altitude_ac13(0x1fbf, &feet));
    cr_assert_eq(feet, 50175);
}

Test(altitude, says_nothing)
{
    int feet;
    cr_assert_not(hz_altitude_ac13(0, &feet));
    cr_assert_not(hz_altitude_ac12(0, &feet));
    cr_assert_not(hz_altitude_ac13(pulses("M C2"), &feet));
    cr_assert_not(hz_altitude_ac13(pulses("A1"), &feet), "no C pulse");
    cr_assert_not(hz_altitude_ac13(pulses("A1 C1 C4"), &feet));
    cr_assert_not(hz_altitude_ac13(pulses("A1 C1 C2 C4"), &feet));
}

/* Rows of the mode C table of Annex 10, volume IV, appendix to chapter 3. */
Test(altitude, gillham_table)
{
    static const struct {
        const char *pulses;
        int feet;
    } rows[] = {{"C4", -1200},      {"C2 C4", -1100},   {"C2", -1000},      {"C1 C2", -900},
                {"C1", -800},       {"B4 C1", -700},    {"B4 C1 C2", -600}, {"B4 C2", -500},
                {"B4 C4", -300},    {"B2 B4 C4", -200}, {"B2 B4 C2", 0},    {"B2 C2", 500},
                {"B1 B2 C2", 1000}, {"A4 B1 C2", 3000}, {"D4 C4", 62700},   {"D2 C4", 126700}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int feet = 99999;
        cr_expect(hz_altitude_ac13(pulses(rows[i].pulses), &feet));
        cr_expect_eq(feet, rows[i].feet, "%s: %d", rows[i].pulses, feet);
    }
}

/* What makes it a Gray code: from -1200 to 126,700 ft every hundred has exactly one code, and
 * neighbours differ in one pulse. */
Test(altitude, gillham_is_a_gray_code)
{
    static uint16_t code_of[1280];
    int found = 0;
    for (uint32_t ac = 1; ac < 8192; ac++) {
        int feet;
        if (ac & 0x50 || !hz_altitude_ac13(ac, &feet)) /* M, Q */
            continue;
        cr_assert(feet >= -1200 && feet <= 126700 && feet % 100 == 0, "%u: %d", ac, feet);
        cr_assert_eq(code_of[(feet + 1200) / 100], 0);
        code_of[(feet + 1200) / 100] = (uint16_t)ac;
        found++;
    }
    cr_assert_eq(found, 1280);
    for (int i = 1; i < 1280; i++)
        cr_assert_eq(__builtin_popcount(code_of[i] ^ code_of[i - 1]), 1, "%d", i);
}

Test(squawk, digits)
{
    char d[4];
    hz_squawk(pulses("A4 A2 A1 B4 B2 B1"), d);
    cr_assert_arr_eq(d, "7700", 4);
    hz_squawk(pulses("A1 B2 C2 C1 D4"), d);
    cr_assert_arr_eq(d, "1234", 4);
    /* 4132 of *280010248c796b;, which dump1090-mutability reads as 0112. */
    hz_squawk(0x1024, d);
    cr_assert_arr_eq(d, "0112", 4);
}
