/* Pages on the air, made with the simulator's modulator, and what the POCSAG decoder makes of them;
 * for the tests that include it. */
#ifndef HZ_TEST_PAGES_H
#define HZ_TEST_PAGES_H

#include "proto/decoder.h"
#include "sim/fsk.h"
#include "sim/noise.h"
#include "sim/pocsag.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

extern const struct hz_decoder hz_pocsag_decoder;

enum { RATE = 24000, ARENA = 1 << 17, SAMPLES = RATE * 60 };

static char lines[ARENA];
static float samples[2 * SAMPLES];
static struct hz_sink sink;
static enum hz_charset charset = HZ_CHARSET_US;

/* Everything through the decoder, in pushes of `cut` samples (0: of all sizes), the first one of
 * index `first`; writes the lines into text, ended by a zero, and returns how many there are. */
static size_t decode(bool audio, bool keep_all, size_t n, size_t cut, uint64_t first, char *text)
{
    static const struct hz_sink_head head = {"r", "pager", "pocsag", 153.35e6};
    const struct hz_decoder *d = &hz_pocsag_decoder;
    struct hz_setup setup = {
        .rate_hz = RATE, .audio = audio, .keep_all = keep_all, .charset = charset};
    void *state = calloc(1, d->state_size);
    char err[128] = "";
    size_t width = audio ? 1 : 2, count = 0;
    hz_sink_init(&sink, &head, text, ARENA - 1);
    sink.scale = 1;
    sink.stamp.ns_per_sample = 1e9 / RATE;
    cr_assert_eq(d->init(state, &setup, err, sizeof err), 0, "%s", err);
    for (size_t at = 0, turn = 0; at < n; turn++) {
        size_t size = cut ? cut : 1 + turn * turn % 4003;
        size = n - at < size ? n - at : size;
        struct hz_samples s = {audio ? HZ_F32 : HZ_CF32, samples + width * at, size, first + at};
        d->push(state, &s, &sink);
        at += size;
    }
    d->flush(state, &sink);
    d->flush(state, &sink);
    d->done(state);
    free(state);
    cr_assert_eq(sink.dropped, 0);
    text[sink.json.len] = 0;
    for (const char *at = text; (at = strchr(at, '\n')) != NULL; at++)
        count++;
    return count;
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
