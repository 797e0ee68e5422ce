/* Channels of a configuration: the options of their decoders, and a channel by itself. */
#include "proto/pocsag/options.h"
#include "proto/voice/nfm.h"
#include "proto/wmbus/keys.h"
#include "tests/unit/config_text.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <math.h>
#include <string.h>

static const struct hz_pocsag_options *pocsag_options(const struct hz_conf_channel *c)
{
    return (const struct hz_pocsag_options *)c->options;
}

static const struct hz_nfm_options *nfm_options(const struct hz_conf_channel *c)
{
    return (const struct hz_nfm_options *)c->options;
}

#define SKY "[receiver sky]\nsource = sim\n"

Test(config, charset_is_for_decoders_that_have_several)
{
    cr_assert_eq(parse(SKY "scene = vhf\n[channel p]\ndecoder = pocsag\nfrequency = 162M\n"
                           "charset = german\n"),
                 0, "%s", errors.text);
    cr_expect_eq(pocsag_options(&conf.channels[0])->network.charset, HZ_CHARSET_GERMAN);
    done();
    refused(SKY "[channel x]\ndecoder = adsb\ncharset = german\n",
            "t.conf:5: 'charset' has no meaning with decoder = adsb: expected only with decoder = "
            "pocsag flex\n");
}

Test(config, codes_and_tones_are_for_decoders_that_know_them)
{
    cr_assert_eq(parse(SKY "scene = vhf\n[channel a]\ndecoder = nfm\nfrequency = 161.6M\n"
                           "dcs = 047I\n[channel b]\ndecoder = nfm\nfrequency = 161.5M\n"
                           "dcs = D023N\n[channel c]\ndecoder = nfm\nfrequency = 161.4M\n"),
                 0, "%s", errors.text);
    cr_expect_eq(nfm_options(&conf.channels[0])->dcs, 0x763813, "023N and 047I sound alike");
    cr_expect_eq(nfm_options(&conf.channels[1])->dcs, 0x763813);
    cr_expect_eq(nfm_options(&conf.channels[2])->dcs, 0);
    conf.channels[1] = conf.channels[0];
    cr_expect(hz_conf_channel_same(&conf.channels[0], &conf.channels[1]));
    ((struct hz_nfm_options *)conf.channels[1].options)->dcs = 0;
    cr_expect_not(hz_conf_channel_same(&conf.channels[0], &conf.channels[1]));
    done();
    refused(
        SKY "[channel x]\ndecoder = adsb\ndcs = 023N\n",
        "t.conf:5: 'dcs' has no meaning with decoder = adsb: expected only with decoder = nfm\n");
    refused(SKY "scene = vhf\n[channel x]\ndecoder = nfm\nfrequency = 161.6M\ndcs = 089\n",
            "t.conf:7: dcs = '089': expected three octal digits, and N or I for the polarity, as "
            "in 023N\n");
    refused(
        SKY "scene = vhf\n[channel x]\ndecoder = nfm\nfrequency = 161.6M\nctcss = 88.5\n"
            "dcs = 023N\n",
        "t.conf:8: 'dcs' has no meaning with 'ctcss' beside it: a transmission has one of them\n");
}

Test(config, contents_are_for_decoders_of_pages)
{
    cr_assert_eq(parse(SKY "scene = vhf\n[channel p]\ndecoder = pocsag\nfrequency = 162M\n"
                           "contents = alpha\n"),
                 0, "%s", errors.text);
    cr_expect_eq(pocsag_options(&conf.channels[0])->network.contents, HZ_CONTENTS_ALPHA);
    done();
    refused(SKY "[channel x]\ndecoder = adsb\ncontents = numeric\n",
            "t.conf:5: 'contents' has no meaning with decoder = adsb: expected only with decoder = "
            "pocsag\n");
}

static int channel(struct hz_conf_channel *c, const char *keys, char *err, size_t err_len)
{
    char text[200];
    struct hz_setting list[8];
    size_t n = 0;
    snprintf(text, sizeof text, "%s", keys);
    for (char *rest, *key = strtok_r(text, ",", &rest); key; key = strtok_r(NULL, ",", &rest)) {
        char *value = strchr(key, '=');
        *value = 0;
        list[n++] = (struct hz_setting){key, value + 1, {0}};
    }
    return hz_conf_channel_read(c, all_kinds(), list, n, err, err_len);
}

/* By the same rules and in the same words, whether a file, a command line or a client gives it. */
Test(config, a_channel_by_itself)
{
    struct hz_conf_channel c;
    char err[700] = "";
    cr_expect_eq(
        channel(&c, "charset=german,decoder=pocsag,frequency=162.75M,keep=all", err, sizeof err), 0,
        "%s", err);
    cr_expect_eq(c.freq_hz, 162.75e6);
    cr_expect_eq(pocsag_options(&c)->network.charset, HZ_CHARSET_GERMAN);
    cr_expect_eq(pocsag_options(&c)->keep, HZ_POCSAG_KEEP_ALL);
    cr_expect(isnan(c.squelch_db));
    static const char *const wrong[][2] = {
        {"frequency=1M", "no decoder: expected decoder = NAME"},
        {"decoder=pocsag,squelch=61", "squelch = '61': expected dB from 0 to 60, as in 6.5"},
        {"decoder=pocsag,freqency=1M",
         "unknown key 'freqency' in [channel], did you mean 'frequency'?"},
        {"decoder=pocsag,frequency=162",
         "frequency = '162': expected a unit: did you mean 162M? (162Hz, if Hz are meant)"},
        {"decoder=ais,ctcss=88.5",
         "'ctcss' has no meaning with decoder = ais: expected only with decoder = nfm"},
        {"decoder=adsb,bandwidth=10k",
         "'bandwidth' has no meaning with decoder = adsb, which takes the whole band"},
        {"decoder=nfm,ctcss=88.5,dcs=023N",
         "'dcs' has no meaning with 'ctcss' beside it: a transmission has one of them"},
        {"decoder=nfm,ctcss=88.5,ctcss=88.5", "a second 'ctcss': expected one"},
        {"decoder=ais,klingon=1", "unknown key 'klingon' in [channel]: expected one of decoder, "
                                  "receiver, frequency, bandwidth, squelch, priority, bursts"},
        {"decoder=ais,bursts=4",
         "'bursts' has no meaning with decoder = ais, which takes no bursts"},
        {"decoder=sensors,squelch=4",
         "'squelch' has no meaning with decoder = sensors, which takes bursts that are found by "
         "themselves"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        cr_expect_eq(channel(&c, wrong[i][0], err, sizeof err), -EINVAL, "%s", wrong[i][0]);
        cr_expect_str_eq(err, wrong[i][1]);
    }
}

Test(config, keys_of_meters)
{
    cr_assert_eq(parse("[receiver r]\nsource = rtlsdr\n[channel m]\ndecoder = wmbus\n"
                       "[meter a]\nid = 20096221\nkey = 00112233445566778899aabbccddeeff\n"
                       "[meter b]\nid = 20096221\nkey = BEDB81B52C29B5C143388CBB0D15A051\n"),
                 0, "%s", errors.text);
    cr_assert_eq(conf.keys->n, 2);
    cr_expect_eq(conf.keys->list[1].id, 0x20096221);
    cr_expect_eq(conf.keys->list[1].key[15], 0x51);
    cr_expect_eq(conf.channels[0].keys, conf.keys);
    struct hz_conf_channel without = conf.channels[0];
    without.keys = NULL;
    cr_expect(hz_conf_channel_same(&conf.channels[0], &without), "learnt while it runs");
    done();
    refused("[meter a]\nid = 2009622\nkey = 00112233445566778899aabbccddeef\n[meter b]\nid = "
            "00000001\n",
            "t.conf:2: id = '2009622': expected eight digits, as in 20096221\n"
            "t.conf:3: key is wrong: expected 32 hexadecimal digits\n"
            "t.conf:4: [meter b] has no 'key': expected key = 00112233445566778899aabbccddeeff\n");
}
