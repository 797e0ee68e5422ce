/* hertzd setup: what follows from the listening, and which dongle hears what. */
#include "daemon/cmd/setup.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static double best_gain(const struct hz_setup_trial *trials, size_t n)
{
    const struct hz_setup_trial *best = hz_setup_best(trials, n);
    return best ? best->gain_db : -1;
}

Test(setup, the_gain_with_clearly_more_messages_is_best)
{
    const struct hz_setup_trial t[] = {{NAN, 100, 0, -30}, {20, 125, 0, -35}, {40, 160, 0.9, -20}};
    cr_expect_eq(best_gain(t, 3), 40);
    cr_expect_eq(best_gain(t, 2), 20);
}

/* 115 of 100, and 1,080 of 1,000, may come of the traffic. */
Test(setup, chance_does_not_decide)
{
    const struct hz_setup_trial few[] = {{NAN, 100, 0, -30}, {20, 115, 0, -35}};
    const struct hz_setup_trial many[] = {{10, 1000, 0, -30}, {20, 1080, 0, -35}};
    cr_expect(isnan(best_gain(few, 2)));
    cr_expect_eq(best_gain(many, 2), 10);
}

Test(setup, clipping_disqualifies_and_silence_decides_nothing)
{
    const struct hz_setup_trial clips[] = {{NAN, 10, 0, -30}, {49.6, 1000, 1.1, -3}};
    const struct hz_setup_trial silent[] = {{NAN, 0, 0, -30}, {20, 0, 0, -35}};
    cr_expect(isnan(best_gain(clips, 2)));
    cr_expect_eq(best_gain(silent, 2), -1);
}

Test(setup, ppm_by_carriers_before_the_clock)
{
    static const struct {
        double carriers, clock, seconds, ppm;
        enum hz_setup_ppm_by by;
    } cases[] = {
        {-12.4, 40, 30, -12, HZ_PPM_BY_CARRIERS}, {0.8, NAN, 5, 0, HZ_PPM_BY_CARRIERS},
        {NAN, 40.3, 25, 40, HZ_PPM_BY_CLOCK},     {NAN, -2.9, 25, 0, HZ_PPM_BY_CLOCK},
        {NAN, 40.3, 19, 0, HZ_PPM_UNKNOWN},       {NAN, NAN, 60, 0, HZ_PPM_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        enum hz_setup_ppm_by by;
        double error,
            ppm = hz_setup_ppm(cases[i].carriers, cases[i].clock, cases[i].seconds, &error, &by);
        cr_expect_eq(ppm, cases[i].ppm, "case %zu: %g", i, ppm);
        cr_expect_eq(by, cases[i].by, "case %zu", i);
    }
}

/* ---- which dongle hears what ------------------------------------------------------------- */

/* The dongles of the wishes, as "0 1 -". */
static void planned(const char *list, size_t dongles, char out[64])
{
    struct hz_setup_draft s = {.n_dongles = dongles};
    char err[HZ_SETUP_TEXT];
    FILE *nowhere = fopen("/dev/null", "w");
    size_t n = 0;
    cr_assert_eq(hz_setup_wish(&s, list, err, sizeof err), 0, "%s", err);
    hz_setup_plan(&s, nowhere);
    fclose(nowhere);
    out[0] = '\0';
    for (size_t i = 0; i < s.n_wishes; i++)
        n += (size_t)snprintf(out + n, 64 - n, s.wishes[i].dongle < 0 ? "-" : "%d",
                              s.wishes[i].dongle);
}

Test(setup, the_first_dongle_with_room_hears_it)
{
    static const struct {
        const char *list;
        size_t dongles;
        const char *planned;
    } cases[] = {
        {"aircraft", 1, "0"},          {"aircraft,ships", 1, "0-"},
        {"ships, aircraft", 2, "01"},  {"aircraft,ships,packet", 2, "01-"},
        {"aircraft,aircraft", 1, "0"}, {"sensors,pagers,speech", 2, "01-"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char out[64];
        planned(cases[i].list, cases[i].dongles, out);
        cr_expect_str_eq(out, cases[i].planned, "%s", cases[i].list);
    }
}

/* The text is a configuration whatever was wished: of each interest and region it has the sections.
 */
Test(setup, text_has_what_is_not_heard_as_comments)
{
    struct hz_setup_draft s = {.n_dongles = 1, .latitude = NAN, .longitude = NAN};
    char err[HZ_SETUP_TEXT];
    FILE *nowhere = fopen("/dev/null", "w");
    strcpy(s.dongles[0].name, "radio");
    s.dongles[0].gain_db = 40.2;
    s.dongles[0].ppm = -3;
    cr_assert_eq(hz_setup_wish(&s, "ships,packet", err, sizeof err), 0);
    hz_setup_plan(&s, nowhere);
    fclose(nowhere);
    char *text = hz_setup_text(&s, "/tmp/x.sock");
    cr_assert_not_null(text);
    cr_expect(strstr(text, "\ngain = 40.2\n") && strstr(text, "\nppm = -3\n"));
    cr_expect(strstr(text, "\n[channel ais-161.975]\n") &&
              strstr(text, "\n#[channel aprs-144.8]\n"));
    cr_expect(strstr(text, "path = /tmp/x.sock") && !strstr(text, "latitude"));
    free(text);
}
