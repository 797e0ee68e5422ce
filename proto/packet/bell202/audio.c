#include "proto/packet/bell202/audio.h"

#include <errno.h>
#include <stdlib.h>

/* Filters against a receiver's emphasis, y(n) = x(n) - zero x(n - 1) + pole y(n - 1): none, and one
 * pole's emphasis less and more, about 6 dB an octave. */
static const struct {
    float zero, pole;
} ways[HZ_BELL202_AUDIO_WAYS] = {{0, 0}, {1, 0}, {0, 0.9f}};

/* Settings of the receivers. QUICK and QUICKEST follow a transmitter whose clock or tones are off,
 * QUICKEST one that is far off; SLOW decodes the weakest transmitters that are not off. One pole's
 * emphasis makes the upper tone 5 dB stronger or weaker, which `upper` undoes. */
#define QUICK    .memory = 0.75f, .pull = 0.1, .push = 0.012, .follow = 1.6e-3, .fall = 0.005, .bit = 1
#define QUICKEST .memory = 0.5f, .pull = 0.15, .push = 0.01, .follow = 3.2e-3, .fall = 0.003
#define SLOW     .memory = 0.9f, .pull = 0.05, .push = 0.0008, .follow = 6.4e-4, .fall = 0.002, .bit = 1

static const struct {
    unsigned way;
    struct hz_bell202_audio_expects expects;
} ears[HZ_BELL202_AUDIO_EARS] = {
    /* Tones of 1200 and 2200 Hz, then of 1200 and 2400 Hz: a sixth of a cycle more in a bit. */
    {0, {QUICK, .upper = 1}},
    {0, {QUICK, .upper = 1.8f}},
    {0, {QUICK, .upper = 0.57f}},
    {0, {QUICK, .upper = 1, .cycles = {0, 1.0 / 6}}},
    {0, {QUICK, .upper = 1.8f, .cycles = {0, 1.0 / 6}}},
    {0, {QUICK, .upper = 0.57f, .cycles = {0, 1.0 / 6}}},
    /* 1120 and 1280 baud; their tones may scale with the baud rate or not. */
    {0, {QUICKEST, .bit = 1.07, .upper = 1, .cycles = {-0.045, -0.083}}},
    {0, {QUICKEST, .bit = 0.935, .upper = 1, .cycles = {0.038, 0.07}}},
    /* Tones about 4 % low. High ones need no entry: they are near 2400 Hz. */
    {0, {QUICKEST, .bit = 1, .upper = 1, .cycles = {-0.04, -0.07}}},
    {0, {SLOW, .upper = 1}},
    {1, {SLOW, .upper = 1}},
    {2, {SLOW, .upper = 1}},
    {1, {QUICK, .upper = 1}},
    {2, {QUICK, .upper = 1}},
};

void hz_bell202_audio_forget(struct hz_bell202_audio *a)
{
    a->hop.filled = 0;
    a->hop.begun = false;
    for (unsigned i = 0; i < a->ways; i++)
        hz_bell202_audio_sums_init(&a->sums[i], &a->tables, ways[i].zero, ways[i].pole);
    for (unsigned i = 0; i < a->ears; i++)
        hz_bell202_audio_ear_begin(&a->ear[i]);
}

struct hz_burst hz_bell202_audio_burst(const struct hz_bell202_audio *a,
                                       const struct hz_ax25_frame *frame)
{
    return hz_ax25_audio_burst(&a->hop, frame, (double)HZ_BELL202_AUDIO_IN_HZ / HZ_BELL202_AUDIO_HZ,
                               HZ_BELL202_AUDIO_TAPS / 2);
}

/* Receives the frames of a channel that is audio only. A frame that several ears find is written
 * once. */
static void found(void *ctx, const struct hz_ax25_frame *frame, struct hz_sink *sink)
{
    struct hz_bell202_audio *a = ctx;
    struct hz_burst burst = hz_bell202_audio_burst(a, frame);
    bool audio = true;
    if (!hz_ax25_is_known(&a->known, &burst, HZ_BELL202_SAME, &audio))
        hz_ax25_message(sink, &burst);
}

int hz_bell202_audio_init(struct hz_bell202_audio *a, hz_ax25_found *beside, void *ctx)
{
    a->ears = beside ? HZ_BELL202_AUDIO_EARS_BESIDE : HZ_BELL202_AUDIO_EARS;
    a->ways = beside ? HZ_BELL202_AUDIO_WAYS_BESIDE : HZ_BELL202_AUDIO_WAYS;
    a->ear = calloc(a->ears, sizeof *a->ear);
    if (!a->ear)
        return -ENOMEM;
    hz_bell202_audio_tables_init(&a->tables);
    for (unsigned i = 0; i < a->ears; i++)
        hz_bell202_audio_ear_init(&a->ear[i], &ears[i].expects, &a->sums[ears[i].way],
                                  beside != NULL, beside ? beside : found, beside ? ctx : a);
    hz_bell202_audio_forget(a);
    return 0;
}

void hz_bell202_audio_done(struct hz_bell202_audio *a)
{
    free(a->ear);
    a->ear = NULL;
}

static void hop(struct hz_bell202_audio *a, struct hz_sink *sink)
{
    for (unsigned i = 0; i < a->ways; i++)
        hz_bell202_audio_sums_push(&a->sums[i], a->hop.audio);
    for (unsigned i = 0; i < a->ears; i++)
        hz_bell202_audio_ear_listen(&a->ear[i], sink);
}

void hz_bell202_audio_push(struct hz_bell202_audio *a, const struct hz_samples *samples,
                           struct hz_sink *sink)
{
    struct hz_samples in = *samples;
    while (hz_ax25_hop_push(&a->hop, &in))
        hop(a, sink);
}

static bool all_decided(const struct hz_bell202_audio *a, double end)
{
    for (unsigned i = 0; i < a->ears; i++) {
        if (hz_bell202_audio_ear_decided(&a->ear[i]) < end)
            return false;
    }
    return true;
}

/* Silence follows until every ear has decided the last bits and two bytes more, so that a flag that
 * was cut off is read alike wherever chunks begin. An ear holds fewer bits than two chunks. */
void hz_bell202_audio_flush(struct hz_bell202_audio *a, struct hz_sink *sink)
{
    enum { HOPS = 3 * HZ_AX25_CHUNK * HZ_BELL202_AUDIO_BIT / HZ_BELL202_AUDIO_HOP };
    double end = (double)(a->sums[0].first + HZ_BELL202_AUDIO_KEEP + 2 * HZ_BELL202_AUDIO_HOP +
                          HZ_BELL202_AUDIO_TAPS / 2 + 16 * HZ_BELL202_AUDIO_BIT);
    for (int i = 0; i < HOPS && a->hop.begun && !all_decided(a, end); i++) {
        hz_ax25_hop_pad(&a->hop);
        hop(a, sink);
    }
    for (unsigned i = 0; i < a->ears && a->hop.begun; i++)
        hz_bell202_audio_ear_end(&a->ear[i], sink);
    hz_bell202_audio_forget(a);
}
