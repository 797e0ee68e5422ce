/* hertzctl why: which verdicts each kind of evidence gives. That the daemon gives such evidence is
 * tested end to end (tests/e2e/test_why.py). */
#include "ctl/verdict.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* A narrow channel that receives, and of which nothing is wrong. */
static struct hz_evidence well(void)
{
    return (struct hz_evidence){
        .channel = "ships",
        .receiver = "roof",
        .decoder = "ais",
        .seconds = 5,
        .source = "rtlsdr",
        .state = "streaming",
        .reason = "",
        .streams = true,
        .samples = 12e6,
        .pace = "on time",
        .rate_hz = 2.4e6,
        .rate_received_hz = 2.4e6,
        .centre_hz = 162e6,
        .clip_percent = 0.01,
        .noise_dbfs = -35,
        .rounding_dbfs = -49.9,
        .gain_db = 30,
        .gain_most_db = 49.6,
        .ppm = 0,
        .ppm_heard = 0.5,
        .looked = true,
        .band_over_db = 30,
        .loudest_dbfs = -40,
        .moved_db = 0.2f,
        .uneven_db = 1,
        .error = "",
        .freq_hz = 162.025e6,
        .bandwidth_hz = 25e3,
        .seen = true,
        .sign = {.over_db = 15, .always_db = 0, .busy = 0.3f, .width_hz = 9000, .offset_hz = 200},
        .squelch_db = 0,
        .open = 1,
        .messages = 12,
        .failed_snr_db = NAN,
        .failed_offset_hz = NAN,
        .snr_db = 14,
        .offset_hz = 200,
        .messages_ever = 100,
        .message_age_s = 1,
        .takers = 1,
    };
}

/* The same, silent: nothing is on its frequency. */
static struct hz_evidence silent(void)
{
    struct hz_evidence e = well();
    e.messages = e.messages_ever = 0;
    e.message_age_s = e.snr_db = e.offset_hz = NAN;
    e.sign = (struct hz_ctl_seen){.over_db = 0.5f, .always_db = -0.1f, .offset_hz = NAN};
    return e;
}

static struct hz_evidence voice(void)
{
    struct hz_evidence e = silent();
    e.decoder = "nfm";
    e.speech = true;
    e.squelch_db = 6;
    e.open = 0;
    e.bandwidth_hz = 12.5e3;
    return e;
}

static struct hz_evidence aircraft(void)
{
    struct hz_evidence e = well();
    e.decoder = "adsb";
    e.whole_band = true;
    e.seen = false;
    e.squelch_db = e.ppm_heard = NAN;
    return e;
}

/* Of a receiver that hops: this channel's band was tuned for so long of six seconds. */
static struct hz_evidence hopping(struct hz_evidence e, double seconds)
{
    e.hops = true;
    e.looked_s = 6;
    e.seconds = seconds;
    e.coverage = 0.33;
    e.next_s = 12;
    return e;
}

/* The evidence gives these verdicts, given as their codes with blanks between them; the first one
 * has these words. */
static void expect(struct hz_evidence e, const char *codes, const char *words)
{
    struct hz_verdict v[HZ_VERDICTS_MAX];
    char all[256] = "";
    size_t n = hz_verdicts(&e, v);
    cr_assert(n > 0);
    for (size_t i = 0; i < n; i++) {
        snprintf(all + strlen(all), sizeof all - strlen(all), "%s%s", i ? " " : "", v[i].code);
        cr_expect(*v[i].what);
        cr_expect_eq(*v[i].remedy == '\0', v[i].severity == HZ_VERDICT_WELL, "%s", v[i].code);
    }
    cr_expect_str_eq(all, codes);
    cr_expect_not_null(strstr(v[0].what, words), "%s", v[0].what);
}

Test(verdict, well)
{
    expect(well(), "receives", "12 messages in 5.0 s, of late 14.0 dB over the noise; 0 failed");
    struct hz_evidence e = well();
    e.messages = 0;
    e.sign = silent().sign;
    expect(e, "no_signal received", "only noise on this frequency");
    e = voice();
    e.open = 0.4;
    expect(e, "receives", "40 % of 5.0 s");
    expect(aircraft(), "receives", "12 messages");
}

Test(verdict, of_a_receiver_that_hops)
{
    struct hz_evidence e = hopping(silent(), 0);
    e.looked = e.seen = false;
    e.clip_percent = e.noise_dbfs = NAN;
    expect(e, "away",
           "not tuned in 6.0 s of looking: it comes back in 12 s, and was heard for 33 %");
    expect(hopping(silent(), 2), "no_signal hops", "only noise on this frequency for 2.0 s");
    e = hopping(well(), 2);
    e.next_s = NAN;
    expect(e, "hops receives", "the 2.0 of 6.0 s in which its band was tuned (tuned now; 33 %");
}

Test(verdict, of_a_receiver)
{
    struct hz_evidence e = silent();
    e.streams = false;
    e.state = "backoff";
    e.reason = "no RTL-SDR dongle is plugged in";
    expect(e, "no_samples", "roof is backoff: no RTL-SDR");
    e.reason = "no dongle with serial number \"9\" is plugged in; there is 1";
    expect(e, "wrong_device", "there is 1");
    e.reason = "no dongle with serial number \"9\" is plugged in; there are none";
    expect(e, "no_samples", "there are none");
    e = silent();
    e.samples = 0;
    expect(e, "no_samples", "no sample came in 5.0 s");
    e = well();
    e.pace = "slow";
    e.rate_received_hz = 2.3e6;
    expect(e, "wrong_pace receives", "slow: 2300000 per second instead of 2400000");
    e = well();
    e.lost = 120e3;
    expect(e, "lost_samples receives", "1.0 %");
    e = well();
    e.clip_percent = 2;
    expect(e, "clipping receives", "2.0 %");
    e = well();
    e.noise_dbfs = -44;
    expect(e, "low_gain receives", "-44.0 dBFS");
    e.rounding_dbfs = NAN; /* of samples in floating point */
    expect(e, "receives", "");
    e = well();
    e.ppm = 50;
    e.ppm_heard = -20;
    expect(e, "ppm receives", "20.0 ppm too high: the ppm should be 30.0");
}

Test(verdict, of_a_band)
{
    struct hz_evidence e = well();
    e.loudest_dbfs = -15;
    expect(e, "receives", "");
    e.moved_db = 5;
    expect(e, "overload receives", "moves by 5.0 dB");
    e.moved_db = 0;
    e.products = true;
    e.carrier_hz[0] = 162.1e6;
    e.carrier_hz[1] = 162.2e6;
    e.product_hz[0] = 162.0e6;
    e.product_hz[1] = 162.3e6;
    expect(e, "overload receives", "162.1000 and 162.2000 MHz have products at 162.0000 and 162.3");
    e = well();
    e.uneven_db = 9;
    expect(e, "uneven_band receives", "9.0 dB");
    e = silent();
    e.band_over_db = 5;
    expect(e, "empty_band", "5.0 dB");
    e = aircraft();
    e.uneven_db = 9; /* its bursts fill the band */
    e.moved_db = 9;
    e.loudest_dbfs = -15;
    expect(e, "receives", "");
}

Test(verdict, of_a_squelch)
{
    struct hz_evidence e = voice();
    e.sign.over_db = 10;
    expect(e, "squelch_closed", "10 dB over the noise was there, and the squelch of 6 dB");
    e.open = 1;
    expect(e, "squelch_open receives", "only noise at times");
    e.sign.always_db = 8;
    e.sign.width_hz = 5000;
    expect(e, "receives", "100 % of 5.0 s"); /* somebody talks */
    e.seconds = 40;
    expect(e, "squelch_open receives", "5.0 kHz wide");
    e.seconds = 5;
    e.sign.width_hz = 600;
    expect(e, "squelch_open receives", "a bare carrier");
    e.squelch_db = 0;
    expect(e, "squelch_off receives", "");
}

Test(verdict, of_a_frequency)
{
    struct hz_evidence e = silent();
    e.sign.offset_hz = 8101.25;
    expect(e, "off_frequency",
           "8.1 kHz too high, as with a crystal that is 50 ppm wrong: the ppm "
           "would be -50");
    e.sign.offset_hz = 20e3; /* no crystal is so wrong: the channel beside it */
    expect(e, "no_signal", "");
    e = well();
    e.offset_hz = -4000;
    e.ppm_heard = NAN;
    expect(e, "off_frequency receives", "4.0 kHz too low");
    e.ppm_heard = 0.1; /* one ship */
    expect(e, "receives", "");
    e = silent();
    e.sign.over_db = 15;
    e.failed = 5;
    e.failed_snr_db = 15;
    e.failed_offset_hz = 5000;
    expect(e, "off_frequency", "5.0 kHz too high");
}

Test(verdict, of_what_is_heard)
{
    struct hz_evidence e = silent();
    expect(e, "no_signal", "30 dB over the noise");
    e.sign.over_db = 20;
    e.sign.busy = 0.5;
    e.sign.width_hz = 8000;
    expect(e, "no_preamble", "20 dB over the noise, 8.0 kHz wide, in 50 % of the time");
    e.sign.over_db = 7;
    expect(e, "too_weak", "7 dB");
    e.sign.always_db = 6.5;
    e.sign.busy = 1;
    e.sign.width_hz = 600;
    expect(e, "bare_carrier", "7 dB");
    e = silent();
    e.failed = 3;
    e.failed_snr_db = 1;
    e.failed_offset_hz = 100;
    expect(e, "crc_level", "3 transmissions failed their check, 0 did not: they are 1.0 dB");
    e.failed_snr_db = 18;
    e.sign.over_db = 18;
    e.sign.busy = 0.5;
    expect(e, "collisions", "18 dB over the noise and 0.1 kHz");
    e.sign.busy = 1; /* it never stops: nothing of it was a transmission */
    expect(e, "no_preamble", "in 100 %");
    e = well();
    e.failed = 5;
    e.failed_snr_db = 18;
    e.failed_offset_hz = 100;
    expect(e, "receives", "5 failed");
    e = silent();
    e.seen = e.looked = false;
    expect(e, "unknown", "nothing that was measured");
}

Test(verdict, of_the_whole_band)
{
    struct hz_evidence e = aircraft();
    e.messages = e.messages_ever = 0;
    expect(e, "no_preamble", "30 dB over the noise");
    e.bad_crc = 40;
    expect(e, "crc_fails", "40 transmissions failed their check, 0 did not");
    e.messages = e.messages_ever = 50;
    expect(e, "receives", "");
}

Test(verdict, of_its_surroundings)
{
    struct hz_evidence e = well();
    e.error = "162.025 MHz is outside of the band";
    expect(e, "not_decoded", "outside");
    e = well();
    e.takers = 0;
    expect(e, "nobody receives", "");
    e = well();
    e.channel_lost = 1.2e6;
    expect(e, "too_slow receives", "10.0 %");
}

Test(verdict, evidence_of_two_answers)
{
    static const char before[] =
        "{\"receivers\":[{\"name\":\"roof\",\"samples\":1000,\"lost_samples\":5}],"
        "\"channels\":[{\"name\":\"ships\",\"receiver\":\"roof\",\"messages\":7,\"samples\":1000,"
        "\"candidates\":{\"bad_crc\":3},\"reception\":{\"open_samples\":0,\"failed\":1}}]}";
    static const char after[] =
        "{\"receivers\":[{\"name\":\"roof\",\"source\":\"rtlsdr\",\"state\":\"streaming\","
        "\"format\":\"cu8\",\"samples\":3000,\"lost_samples\":9,\"noise_dbfs\":-40,"
        "\"gains_db\":[0,9.5,49.6],\"gain_db\":\"auto\"}],"
        "\"channels\":[{\"name\":\"ships\",\"receiver\":\"roof\",\"decoder\":\"nfm\",\"error\":"
        "\"\","
        "\"freq_hz\":162025000,\"bandwidth_hz\":25000,\"squelch_db\":6,\"messages\":10,"
        "\"samples\":3000,\"candidates\":{\"bad_crc\":5,\"no_preamble\":4},"
        "\"reception\":{\"open_samples\":500,\"failed\":3,\"failed_snr_db\":4},"
        "\"sound\":{\"listeners\":0}}],\"outputs\":[{}],\"events\":[]}";
    static const char clients[] =
        "[{\"streaming\":true,\"filter\":{}},{\"streaming\":false,\"filter\":{}},"
        "{\"streaming\":true,\"filter\":{\"protocol\":[\"ais\"]}},"
        "{\"streaming\":true,\"filter\":{\"channel\":[\"x\",\"ships\"]}}]";
    struct hz_ctl_answers a = {cJSON_Parse(before), cJSON_Parse(after), cJSON_Parse(clients), 2};
    const struct hz_ctl_part none = {0};
    cr_assert(a.before && a.after && a.clients);
    struct hz_evidence e = hz_ctl_evidence(&a, hz_ctl_named(a.after, "channels", "ships"), &none);
    cr_expect_eq(e.samples, 2000);
    cr_expect_eq(e.lost, 4);
    cr_expect_eq(e.messages, 3);
    cr_expect_eq(e.refused, 6);
    cr_expect_eq(e.bad_crc, 2);
    cr_expect_eq(e.failed, 2);
    cr_expect_eq(e.failed_snr_db, 4);
    cr_expect_eq(e.open, 0.25);
    cr_expect_eq(e.messages_ever, 10);
    cr_expect(e.streams && e.speech && !e.looked && !e.seen && !e.whole_band);
    cr_expect(isnan(e.gain_db) && e.gain_most_db == 49.6 && isnan(e.ppm_heard));
    /* 127.5 steps to full scale, each rounded with a variance of 1/12, in I and in Q */
    cr_expect_float_eq(e.rounding_dbfs, -49.89, 0.01);
    cr_expect_eq(e.takers, 3); /* an output, and two clients */
    cJSON_Delete((cJSON *)a.before);
    cJSON_Delete((cJSON *)a.after);
    cJSON_Delete((cJSON *)a.clients);
}
