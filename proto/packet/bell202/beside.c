#include "proto/packet/bell202/beside.h"

#include "dsp/level.h"

#include <math.h>
#include <string.h>

enum {
    HOP = HZ_BELL202_HOP,
    /* Hops to go on after the gate has closed: a bit is decided when 288 more have come. */
    AFTER = (HZ_AX25_CHUNK + 2 * HZ_AX25_PATH_BEHIND) * 20 / HOP + 1,
    /* Samples that a frame from audio is held: the IQ detector may find the same frame up to 0.2 s
       later, at the end of its chunk. */
    HOLD = 30 * HOP,
    BIT = 20
};

static const float noise_band = 12.5e3f / HZ_BELL202_AUDIO_IN_HZ;

static bool near(uint64_t a, uint64_t b)
{
    return (a > b ? a - b : b - a) < HZ_BELL202_SAME;
}

static void report(struct hz_bell202_held *held, struct hz_sink *sink)
{
    held->burst.raw = held->raw;
    held->due = 0;
    hz_ax25_message(sink, &held->burst);
}

/* Writes the frames that are due by then, in the order in which they were found. */
static void report_due(struct hz_bell202_beside *b, uint64_t by, struct hz_sink *sink)
{
    for (;;) {
        struct hz_bell202_held *first = NULL;
        for (int i = 0; i < HZ_BELL202_BESIDE_HELD; i++) {
            struct hz_bell202_held *h = &b->held[i];
            if (h->due > 0 && h->due <= by && (!first || h->due < first->due))
                first = h;
        }
        if (!first)
            return;
        report(first, sink);
    }
}

/* A free place. If there is none, the oldest frame is written and gives way. */
static struct hz_bell202_held *room(struct hz_bell202_beside *b, struct hz_sink *sink)
{
    struct hz_bell202_held *oldest = &b->held[0];
    for (int i = 0; i < HZ_BELL202_BESIDE_HELD; i++)
        if (b->held[i].due < oldest->due)
            oldest = &b->held[i];
    if (oldest->due > 0)
        report(oldest, sink);
    return oldest;
}

/* Measures the levels on the IQ during the frame, as audio has none. */
static void measure(const struct hz_bell202_beside *b, struct hz_burst *burst)
{
    uint64_t end = burst->sample + (burst->raw_len + 3) * 8 * BIT;
    size_t ago = b->now > end ? (size_t)(b->now - end) / HOP : 0;
    size_t hops = burst->raw_len * 8 * BIT / HOP;
    struct hz_bell202_heard heard = hz_bell202_gate_heard(b->gate, ago, hops > 0 ? hops : 1);
    float noise = hz_bell202_gate_noise(b->gate, noise_band);
    burst->rssi_dbfs = hz_db(heard.power);
    burst->offset_hz = (float)(heard.freq * HZ_BELL202_AUDIO_IN_HZ);
    burst->noise_dbfs = noise > 0 ? hz_db(noise) : NAN;
    burst->snr_db = burst->rssi_dbfs - burst->noise_dbfs;
}

/* Holds a frame from audio, unless either path found it before. */
static void found(void *ctx, const struct hz_ax25_frame *frame, struct hz_sink *sink)
{
    struct hz_bell202_beside *b = ctx;
    struct hz_burst burst = hz_bell202_audio_burst(&b->audio, frame);
    bool audio = true;
    if (hz_ax25_is_known(&b->known, &burst, HZ_BELL202_SAME, &audio))
        return;
    struct hz_bell202_held *h = room(b, sink);
    h->burst = burst;
    h->due = b->now + HOLD;
    memcpy(h->raw, burst.raw, burst.raw_len);
    measure(b, &h->burst);
}

int hz_bell202_beside_init(struct hz_bell202_beside *b, const struct hz_bell202_gate *gate)
{
    b->gate = gate;
    return hz_bell202_audio_init(&b->audio, found, b);
}

void hz_bell202_beside_done(struct hz_bell202_beside *b)
{
    hz_bell202_audio_done(&b->audio);
}

void hz_bell202_beside_begin(struct hz_bell202_beside *b)
{
    hz_bell202_audio_forget(&b->audio);
    memset(b->held, 0, sizeof b->held);
    memset(&b->known, 0, sizeof b->known);
    b->left = 0;
}

bool hz_bell202_beside_hop(struct hz_bell202_beside *b, const float *iq, uint64_t first,
                           struct hz_sink *sink)
{
    float audio[(HZ_BELL202_BESIDE_BEFORE + 1) * HOP];
    size_t before = 0;
    b->now = first + HOP;
    report_due(b, b->now, sink);
    if (b->gate->open) {
        if (b->left == 0) {
            before = HZ_BELL202_BESIDE_BEFORE * HOP;
            if (first < before)
                before = (size_t)first;
            iq -= 2 * before;
            b->fm = (struct hz_fm){iq[-2], iq[-1]};
        }
        b->left = AFTER + 1;
    }
    if (b->left == 0)
        return false;
    hz_fm_push(&b->fm, iq, before + HOP, audio);
    struct hz_samples in = {HZ_F32, audio, before + HOP, first - before};
    hz_bell202_audio_push(&b->audio, &in, sink);
    if (--b->left == 0)
        hz_bell202_audio_forget(&b->audio);
    return true;
}

bool hz_bell202_beside_reports(struct hz_bell202_beside *b, const struct hz_burst *burst)
{
    bool audio = false;
    if (!hz_ax25_is_known(&b->known, burst, HZ_BELL202_SAME, &audio) || !audio)
        return true;
    for (int i = 0; i < HZ_BELL202_BESIDE_HELD; i++) {
        struct hz_bell202_held *h = &b->held[i];
        if (h->due > 0 && h->burst.raw_len == burst->raw_len &&
            near(h->burst.sample, burst->sample) &&
            memcmp(h->raw, burst->raw, h->burst.raw_len) == 0) {
            h->due = 0;
            return true;
        }
    }
    return false;
}

void hz_bell202_beside_flush(struct hz_bell202_beside *b, struct hz_sink *sink)
{
    if (b->left > 0)
        hz_bell202_audio_flush(&b->audio, sink);
    b->left = 0;
    report_due(b, UINT64_MAX, sink);
}
