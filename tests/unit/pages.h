/* Pages of the simulator's modulator, and the results of the POCSAG decoder; for the tests that
 * include it. */
#ifndef HZ_TEST_PAGES_H
#define HZ_TEST_PAGES_H

#include "proto/decoder.h"
#include "proto/pocsag/options.h"
#include "sim/fsk.h"
#include "sim/noise.h"
#include "sim/pocsag.h"
#include "tests/unit/rig.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

extern const struct hz_decoder hz_pocsag_decoder;

enum { RATE = 24000, SAMPLES = RATE * 60 };

static float samples[2 * SAMPLES];
static struct rig heard;
static const char *lines; /* all messages in `heard`, as text */
static enum hz_charset charset = HZ_CHARSET_US;

/* Everything through the decoder, in pushes of `cut` samples (0: of all sizes), the first one of
 * index `first`; returns how many messages come. */
static size_t decode(bool audio, bool keep_all, size_t n, size_t cut, uint64_t first)
{
    struct hz_setup setup = rig_setup(&hz_pocsag_decoder);
    setup.audio = audio;
    struct hz_pocsag_options options = {.network = {.charset = charset},
                                        .keep =
                                            keep_all ? HZ_POCSAG_KEEP_ALL : HZ_POCSAG_KEEP_GOOD};
    setup.options = &options;
    struct hz_samples all = {audio ? HZ_F32 : HZ_CF32, samples, n, first};
    rig_decode(&heard, &hz_pocsag_decoder, &setup, &all, cut);
    lines = heard.lines;
    return heard.n;
}

/* What the transmitter of the next pages is like. */
static struct {
    double deviation_hz, bt, offset_hz;
} sender = {4500, 2, 700};

/* Adds a page to `samples`; returns where it ends. */
static double transmit(const char *text, unsigned baud, size_t skip, bool inverted, double start,
                       double clock, double drift_hz_s)
{
    static float symbols[HZ_SIM_POCSAG_MAX];
    struct hz_sim_page page = {1234567, 3, 1, text};
    struct hz_sim_fsk fsk = {baud, sender.deviation_hz, sender.bt, 2};
    struct hz_sim_track track;
    size_t n = hz_sim_pocsag(&page, symbols) - skip;
    for (size_t i = 0; inverted && i < n + skip; i++)
        symbols[i] = -symbols[i];
    cr_assert_eq(hz_sim_fsk(&fsk, symbols + skip, n, &track), 0);
    for (size_t i = 0; i < track.n; i++)
        track.freq_hz[i] += (float)(drift_hz_s * ((double)i - (double)track.n / 2) / track.rate_hz);
    hz_sim_track_seal(&track);
    struct hz_span span = {samples, SAMPLES, 0, RATE};
    struct hz_sim_burst burst = {start, 1, sender.offset_hz, 0, clock};
    hz_sim_track_add(&track, &burst, &span);
    double end = start + hz_sim_track_samples(&track, &burst, RATE);
    hz_sim_track_done(&track);
    return end;
}

static const char long_text[] =
    "Pump 12 reports a level of 340 cm, which is 20 cm over what it should be; call the control "
    "room on 5561 before you leave, take the long hose along, and mind the dog";

#endif
