/* The key `plan` of a receiver that hops: what it says, and where the channels go. */
#include "config/hops.h"
#include "tests/unit/config_text.h"

#include <criterion/criterion.h>

#define DONGLE "[receiver r]\nsource = rtlsdr\nrate = 2400k\n"
#define TWO    DONGLE "plan = 1090M 20s, 162.0M 10s\n"

static void no_plan(const char *text)
{
    struct hz_conf_hops h;
    cr_expect_eq(hz_parse_hops(text, &h), -EINVAL, "'%s' was accepted", text);
}

Test(config_hops, what_a_plan_may_say)
{
    struct hz_conf_hops h;
    char text[200];
    cr_assert_eq(hz_parse_hops("1090M 20s, 162.025 MHz  1.5m,433920 kHz 1h", &h), 0);
    cr_expect_eq(h.n, 3);
    cr_expect_eq(h.at[1].centre_hz, 162.025e6);
    cr_expect_eq(h.at[1].seconds, 90);
    cr_expect_eq(hz_hops_find(&h, 433.92e6), 2);
    cr_expect_eq(hz_hops_find(&h, 1e6), 3);
    hz_hops_text(&h, text, sizeof text);
    cr_expect_str_eq(text, "1090M 20s, 162.025M 90s, 433.92M 3600s");
}

Test(config_hops, what_is_no_plan)
{
    no_plan("");
    no_plan("1090M 20s");
    no_plan("1090M 20s, ");
    no_plan("1090M 20s, 162M");
    no_plan("1090M 20s, 162M 10");
    no_plan("1090M 20s, 10s");
    no_plan("1090M 20s, 162 10s"); /* its unit was forgotten */
    no_plan("1090M 20s, 162M 0.5s");
    no_plan("1090M 20s, 162M 25h");
    no_plan("1090M 20s, 162M -5s");
    no_plan("1090M 20s, 162M nans");
    no_plan("1090M 20s, 1090M 10s");
    no_plan("1M 1s,2M 1s,3M 1s,4M 1s,5M 1s,6M 1s,7M 1s,8M 1s,9M 1s,10M 1s,11M 1s,12M 1s,13M 1s");
}

Test(config_hops, channels_are_where_a_band_holds_them)
{
    const char *const names[] = {"a", "s-161.975M", "s-162.025M", "v"};
    cr_assert_eq(parse(TWO "[channel a]\ndecoder = adsb\n[channel s]\ndecoder = ais\n"
                           "[channel v]\ndecoder = nfm\nfrequency = 161.5M\n"),
                 0, "%s", errors.text);
    cr_assert_eq(conf.n_channels, 4);
    for (size_t i = 0; i < 4; i++)
        cr_expect_str_eq(conf.channels[i].name, names[i]);
    cr_expect_eq(conf.receivers[0]->centre_hz, 1090e6);
    cr_expect_eq(conf.n_outside, 2, "the channels of long-range AIS");
    done();
}

Test(config_hops, a_band_of_bursts_is_one_near_the_decoder)
{
    cr_expect_eq(parse(DONGLE "plan = 1090M 20s, 433.5M 10s\n[channel s]\ndecoder = sensors\n"), 0,
                 "%s", errors.text);
    done();
}

Test(config_hops, what_cannot_be)
{
    refused(
        TWO "[channel v]\ndecoder = nfm\nfrequency = 145M\n",
        "t.conf:7: 145.000000 MHz is in no band of the plan of receiver r: expected 1088.800000 "
        "to 1091.200000 MHz or 160.800000 to 163.200000 MHz\n");
    refused(TWO "centre = 1090M\n[channel a]\ndecoder = adsb\n",
            "t.conf:5: [receiver r] has 'centre' and 'plan': expected one of them\n");
    refused("[receiver r]\nsource = rtlsdr\nplan = 1090M 20s, 162M 10s\n",
            "t.conf:3: [receiver r] has a plan and no 'rate', which is that of all its bands: "
            "expected rate = SAMPLES PER SECOND, as in 2400k\n");
    refused(DONGLE "plan = 1090M 20s, 5.8G 10s\n[channel a]\ndecoder = adsb\n",
            "t.conf:4: plan: 5800 MHz: expected 0.5 to 2200 MHz\n");
    refused(DONGLE "plan = 1090M 20s\n",
            "t.conf:4: plan = '1090M 20s': expected 2 to 12 different bands, each FREQUENCY TIME "
            "(1 s to 24 h), as in 1090M 20s, 162.025M 10s\n");
    refused("[receiver r]\nsource = rtlsdr\nrate = 1024k\nplan = 1090M 20s, 162M 10s\n"
            "[channel a]\ndecoder = adsb\n",
            "t.conf:6: decoder = adsb needs 2e+06 to 3.2e+06 samples per second, but receiver r "
            "has 1.024e+06; rate = 2.4M would do\n");
}
