#include "proto/packet/bell202/beside.h"

#include "dsp/level.h"
#include "proto/link/hdlc.h"

#include <string.h>

enum {
    HOP = HZ_BELL202_HOP,
    /* Hops behind the gate's closing: bits come out when 288 more are there. */
    AFTER = (HZ_AX25_CHUNK + 2 * HZ_AX25_PATH_BEHIND) * 20 / HOP + 1,
    /* Samples from a frame out of audio to its telling: the IQ's comes 0.2 s later at most, as it
     * may lie in a chunk that ends so much later. */
    HOLD = 30 * HOP,
    BIT = 20
};

static const float noise_band = 12.5e3f / HZ_BELL202_AUDIO_IN_HZ;

int hz_bell202_beside_init(struct hz_bell202_beside *b, const struct hz_bell202_gate *gate)
{
    b->gate = gate;
    return hz_bell202_audio_init(&b->afsk, true);
}

void hz_bell202_beside_done(struct hz_bell202_beside *b)
{
    hz_bell202_audio_done(&b->afsk);
}

void hz_bell202_beside_begin(struct hz_bell202_beside *b)
{
    hz_bell202_audio_forget(&b->afsk);
    memset(b->held, 0, sizeof b->held);
    memset(b->told, 0, sizeof b->told);
    b->left = 0;
}

static bool near(uint64_t a, uint64_t b)
{
    return (a > b ? a - b : b - a) < HZ_BELL202_SAME;
}

/* Whether that frame was found before; if not, it is from now on. *audio: the one before was out
 * of audio. */
static bool known(struct hz_bell202_beside *b, const struct hz_burst *burst, bool *audio)
{
    uint16_t crc = hz_hdlc_crc(burst->raw, burst->raw_len);
    for (int i = 0; i < HZ_BELL202_BESIDE_TOLD; i++) {
        if (b->told[i].len == burst->raw_len && b->told[i].crc == crc &&
            near(b->told[i].sample, burst->sample)) {
            *audio = b->told[i].audio;
            return true;
        }
    }
    unsigned at = b->at++ % HZ_BELL202_BESIDE_TOLD;
    b->told[at].sample = burst->sample;
    b->told[at].len = burst->raw_len;
    b->told[at].crc = crc;
    b->told[at].audio = *audio;
    return false;
}

static void tell(struct hz_bell202_held *held, const struct hz_ax25_out *out)
{
    held->burst.raw = held->raw;
    held->due = 0;
    out->found(out->ctx, &held->burst);
}

/* Those that are due by then, in the order in which they were found. */
static void tell_due(struct hz_bell202_beside *b, uint64_t by, const struct hz_ax25_out *out)
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
        tell(first, out);
    }
}

/* Room for one more: where there is none the oldest goes out. */
static struct hz_bell202_held *room(struct hz_bell202_beside *b, const struct hz_ax25_out *out)
{
    struct hz_bell202_held *oldest = &b->held[0];
    for (int i = 0; i < HZ_BELL202_BESIDE_HELD; i++)
        if (b->held[i].due < oldest->due)
            oldest = &b->held[i];
    if (oldest->due > 0)
        tell(oldest, out);
    return oldest;
}

/* Levels that audio has not: of the IQ in the time of the frame. */
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

struct listener {
    struct hz_bell202_beside *b;
    const struct hz_ax25_out *out;
};

static void found(void *ctx, const struct hz_burst *burst)
{
    const struct listener *l = ctx;
    bool audio = true;
    if (known(l->b, burst, &audio))
        return;
    struct hz_bell202_held *h = room(l->b, l->out);
    h->burst = *burst;
    h->due = l->b->now + HOLD;
    memcpy(h->raw, burst->raw, burst->raw_len);
    measure(l->b, &h->burst);
}

/* What is no frame is none for each ear: the IQ's detector counts it. */
static void refused(void *ctx, enum hz_reason reason)
{
    const struct listener *l = ctx;
    if (reason == HZ_SHED)
        l->out->refused(l->out->ctx, reason);
}

bool hz_bell202_beside_hop(struct hz_bell202_beside *b, const float *iq, uint64_t first,
                           const struct hz_ax25_out *out)
{
    struct listener l = {b, out};
    struct hz_ax25_out to = {&l, found, refused};
    float audio[(HZ_BELL202_BESIDE_BEFORE + 1) * HOP];
    size_t before = 0;
    b->now = first + HOP;
    tell_due(b, b->now, out);
    if (b->gate->open) {
        if (b->left == 0) {
            before =
                HZ_BELL202_BESIDE_BEFORE * HOP < first ? HZ_BELL202_BESIDE_BEFORE * HOP : first;
            iq -= 2 * before;
            b->fm = (struct hz_fm){iq[-2], iq[-1]};
        }
        b->left = AFTER + 1;
    }
    if (b->left == 0)
        return false;
    hz_fm_push(&b->fm, iq, before + HOP, audio);
    struct hz_samples in = {HZ_F32, audio, before + HOP, first - before};
    hz_bell202_audio_push(&b->afsk, &in, &to);
    if (--b->left == 0)
        hz_bell202_audio_forget(&b->afsk);
    return true;
}

bool hz_bell202_beside_tells(struct hz_bell202_beside *b, const struct hz_burst *burst)
{
    bool audio = false;
    if (!known(b, burst, &audio) || !audio)
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

void hz_bell202_beside_flush(struct hz_bell202_beside *b, const struct hz_ax25_out *out)
{
    struct listener l = {b, out};
    struct hz_ax25_out to = {&l, found, refused};
    if (b->left > 0)
        hz_bell202_audio_flush(&b->afsk, &to);
    b->left = 0;
    tell_due(b, UINT64_MAX, out);
}
