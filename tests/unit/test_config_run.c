/* Configurations without a mistake of form that cannot run: what is told, and nothing besides. */
#include "tests/unit/config_text.h"

#include <criterion/criterion.h>
#include <string.h>

static void accepted(const char *text)
{
    cr_assert_eq(parse(text), 0, "%s", errors.text);
}

#define DONGLE "[receiver r]\nsource = rtlsdr\n"

Test(config_run, a_unit_that_was_forgotten)
{
    refused(
        DONGLE "[channel c]\ndecoder = aprs\nfrequency = 144.8\n",
        "t.conf:5: frequency = '144.8': expected a unit: did you mean 144.8M? (144.8Hz, if Hz are "
        "meant)\n");
    refused(DONGLE "centre = 1090\nrate = 2.4\n[channel c]\ndecoder = adsb\n",
            "t.conf:3: centre = '1090': expected a unit: did you mean 1090M? (1090Hz, if Hz are "
            "meant)\n"
            "t.conf:4: rate of 2.4 samples per second: a dongle has 225001 to 300000 and 900001 to "
            "3200000; did you mean 2.4M?\n");
    refused(DONGLE "[channel c]\ndecoder = nfm\nfrequency = 446006.25\n",
            "t.conf:5: frequency of 0.44600625 MHz: a dongle has 0.5 to 2200 MHz; did you mean "
            "446006.25k?\n");
    accepted(DONGLE "[channel c]\ndecoder = adsb\nfrequency = 1090 MHz\n");
    cr_expect_eq(conf.channels[0].freq_hz, 1090e6);
    done();
}

Test(config_run, what_a_dongle_does_not_have)
{
    refused(
        DONGLE "rate = 28M\n[channel c]\ndecoder = adsb\n",
        "t.conf:3: rate of 28000000 samples per second: a dongle has 225001 to 300000 and 900001 "
        "to 3200000; did you mean 2.8M?\n");
    refused(
        DONGLE "rate = 2400\n[channel c]\ndecoder = adsb\n",
        "t.conf:3: rate of 2400 samples per second: a dongle has 225001 to 300000 and 900001 to "
        "3200000; did you mean 2400k?\n");
    refused(DONGLE "[channel c]\ndecoder = nfm\nfrequency = 5.8G\n",
            "t.conf:5: frequency of 5800 MHz: a dongle has 0.5 to 2200 MHz\n");
    accepted(DONGLE "direct_sampling = q\n[channel c]\ndecoder = am\nfrequency = 153k\n");
    done();
    refused(DONGLE "[receiver s]\nsource = rtlsdr\ndevice = index:0\n"
                   "[channel c]\ndecoder = adsb\nreceiver = r\n"
                   "[channel d]\ndecoder = ais\nreceiver = s\n",
            "t.conf:5: device = index:0 is opened by [receiver r] at t.conf:1 already: expected "
            "another device, or its channels in that receiver\n");
    accepted(DONGLE "[receiver s]\nsource = rtlsdr\ndevice = 7\n"
                    "[channel c]\ndecoder = adsb\nreceiver = r\n"
                    "[channel d]\ndecoder = ais\nreceiver = s\n");
    done();
}

static void twins(const char *text, const char *expected)
{
    struct hz_conf_errors told = {0};
    accepted(text); /* it would run */
    hz_config_check_twins(&conf, &told);
    cr_expect_str_eq(told.text ? told.text : "", expected);
    hz_conf_errors_done(&told);
    done();
}

Test(config_run, one_frequency_twice)
{
    twins(
        DONGLE "[channel c]\ndecoder = aprs\nfrequency = 144.8M\n"
               "[channel d]\ndecoder = aprs\npriority = 3\nfrequency = 144800k\n",
        "t.conf:9: aprs at 144.8 MHz is received twice by r: channel c at t.conf:3 is the same\n");
    twins(DONGLE "[channel c]\ndecoder = ais\nfrequency = 161.975M\n[channel d]\ndecoder = ais\n",
          "t.conf:6: ais at 161.975 MHz is received twice by r: channel c at t.conf:3 is the "
          "same\n");
    twins(DONGLE "[channel c]\ndecoder = nfm\nfrequency = 446M\n"
                 "[channel d]\ndecoder = nfm\nfrequency = 446M\nctcss = 88.5\n"
                 "[channel e]\ndecoder = am\nfrequency = 446M\n",
          "");
}

Test(config_run, scenes)
{
    refused("[receiver r]\nsource = sim\nscene = aircaft\n",
            "t.conf:3: scene = 'aircaft': did you mean 'aircraft'?\n");
}

Test(config_run, a_cause_is_told_without_what_follows_from_it)
{
    /* neither that the band is another, nor that the dongle has nothing to be tuned for */
    refused(DONGLE "rate = lots\ncentre = 145M\n[channel c]\ndecoder = adsb\n",
            "t.conf:3: rate = 'lots': expected a number of Hz from 1 to 1e+09, as in 162.025M or "
            "2400k\n");
    refused(DONGLE "[chanel c]\ndecoder = adsb\n",
            "t.conf:3: unknown section 'chanel': expected hertzd, receiver, channel, listen, "
            "output, event, input, capture, meter, record or sensor; did "
            "you mean 'channel'?\n");
    /* nor that there is no such receiver */
    refused("[reciever r]\nsource = rtlsdr\n[channel c]\ndecoder = adsb\nreceiver = r\n",
            "t.conf:1: unknown section 'reciever': expected hertzd, receiver, channel, listen, "
            "output, event, input, capture, meter, record or sensor; "
            "did you mean 'receiver'?\n");
    /* nor that the channel has no place at its decoder's own frequency */
    refused(
        DONGLE "[channel a]\ndecoder = adsb\n[channel c]\ndecoder = aprs\nfrequency = soon\n",
        "t.conf:7: frequency = 'soon': expected a number of Hz from 1 to 1e+12, as in 162.025M or "
        "2400k\n");
}

Test(config_run, two_bands_for_one_dongle)
{
    /* No advice that would only move the fault to the other channel. */
    static const char *const given[] = {"", "rate = 2400k\n", "centre = 1090M\nrate = 2400k\n",
                                        "centre = 144.8M\nrate = 2400k\n"};
    for (size_t i = 0; i < sizeof given / sizeof given[0]; i++) {
        char text[400];
        snprintf(text, sizeof text,
                 DONGLE "%s[channel planes]\ndecoder = adsb\n"
                        "[channel packets]\ndecoder = aprs\nfrequency = 144.8M\n",
                 given[i]);
        errors = (struct hz_conf_errors){0};
        cr_expect_eq(hz_config_parse(&conf, all_kinds(), "t.conf", text, strlen(text), &errors),
                     -EINVAL);
        cr_expect(strstr(errors.text, "it needs a second receiver"), "%s", errors.text);
        cr_expect_null(strstr(errors.text, "would do"), "%s", errors.text);
        done();
    }
}

Test(config_run, what_is_lacking)
{
    errors = (struct hz_conf_errors){0};
    accepted("");
    hz_config_check_whole(&conf, "t.conf", &errors);
    cr_expect_str_eq(errors.text,
                     "t.conf: has no receiver: expected at least one section [receiver NAME], "
                     "or [input NAME] for messages of other programs\n"
                     "t.conf: has no listener, so that nobody gets what is received: expected at "
                     "least one section [listen NAME] or [output NAME]\n");
    done();
}
