#include "proto/packet/g3ruh/audio.h"

#include "dsp/clones.h"
#include "dsp/kaiser.h"

#include <math.h>
#include <string.h>

enum {
    BIT = HZ_G3RUH_AUDIO_HZ / 9600, /* samples */
    HOP = HZ_AX25_AUDIO_HOP,
    KEEP = HZ_G3RUH_KEEP,
    TAPS = HZ_G3RUH_TAPS,
    BEFORE = HZ_AX25_PATH_BEFORE,
    CREDIT = 8 * HZ_AX25_CHUNK,
    CREDIT_CHUNKS = 32,
};

static const double cutoff_hz[HZ_G3RUH_FILTERS] = {0, 6500}; /* 0: not filtered */
static const struct {
    double pull, push;
} clocks[HZ_G3RUH_CLOCKS] = {{0.03, 0.0001}, {0.1, 0.002}};
static const double bit_off = 0.015; /* largest relative error of a bit's length */
static const float stands_out = 3;   /* limit of the magnitude over its median */
/* main and side at first, to which they return slowly; largest magnitude of side. */
static const float main_begin = 0.9f, side_begin = 0.1f, side_most = 0.4f;
static const float level_pull = 1.0f / 64, learn = 0.01f; /* fraction of a bit's error taken over */
static const float silence = 1e-12f,
                   most_z = 3;            /* level below which there is no audio; limit of z */
static const float least_fraction = 0.8f; /* Fraction of a part's power that the levels explain in a
                                             transmission; in noise it is 0.65 */

static void sums_init(struct hz_g3ruh_sums *s, double cutoff)
{
    double h[TAPS - 1];
    memset(s, 0, sizeof *s);
    s->first = -KEEP - HOP; /* the first hop makes it -KEEP */
    hz_kaiser_lowpass(h, TAPS - 1, cutoff > 0 ? cutoff / HZ_G3RUH_AUDIO_HZ : 0.25, 40);
    for (int k = 0; k < TAPS - 1; k++)
        s->taps[k] = (float)(cutoff > 0 ? h[k] : k == TAPS / 2 - 1);
}

static void begin(struct hz_g3ruh_audio *a)
{
    a->hop.filled = 0;
    a->hop.begun = false;
    a->median = 0;
    memset(a->audio, 0, sizeof a->audio);
    for (int i = 0; i < HZ_G3RUH_FILTERS; i++)
        sums_init(&a->sums[i], cutoff_hz[i]);
    for (int i = 0; i < HZ_G3RUH_RECEIVERS; i++) {
        struct hz_g3ruh_receiver *r = &a->receiver[i];
        memset(r, 0, offsetof(struct hz_g3ruh_receiver, frames));
        r->sums = &a->sums[i / HZ_G3RUH_CLOCKS];
        r->clock = (struct hz_ax25_clock){.pull = clocks[i % HZ_G3RUH_CLOCKS].pull,
                                          .push = clocks[i % HZ_G3RUH_CLOCKS].push,
                                          .nominal = BIT,
                                          .most = bit_off,
                                          .bit = BIT};
        r->main = main_begin;
        r->side = side_begin;
        r->credit = CREDIT * CREDIT_CHUNKS;
        hz_ax25_frames_begin(&r->frames);
    }
}

/* A frame that several receivers find is written once. */
static void found(void *ctx, const struct hz_ax25_frame *frame, struct hz_sink *sink)
{
    struct hz_g3ruh_audio *a = ctx;
    struct hz_burst burst = hz_ax25_audio_burst(&a->hop, frame, 1, TAPS / 2);
    bool audio = true;
    if (!hz_ax25_is_known(&a->known, &burst, HZ_G3RUH_AUDIO_HZ / 100, &audio))
        hz_ax25_message(sink, &burst);
}

void hz_g3ruh_audio_init(struct hz_g3ruh_audio *a)
{
    const struct hz_ax25_frames_setup setup = {
        .bit_samples = BIT, .scrambled = true, .found = found, .ctx = a};
    begin(a);
    for (int i = 0; i < HZ_G3RUH_RECEIVERS; i++)
        hz_ax25_frames_init(&a->receiver[i].frames, &setup);
}

HZ_CLONES static void filter(const float *taps, const float *audio, float *out)
{
    for (int i = 0; i < HOP; i++)
        out[i] = 0;
    for (int k = 0; k < TAPS; k++)
        for (int i = 0; i < HOP; i++)
            out[i] += taps[k] * audio[TAPS - k + i];
}

static void sums_push(struct hz_g3ruh_sums *s, const float *audio)
{
    float y[HOP];
    filter(s->taps, audio, y);
    memmove(s->sum, s->sum + HOP, (KEEP + 1) * sizeof s->sum[0]);
    s->first += HOP;
    for (int i = 0; i < HOP; i++)
        s->sum[KEEP + 1 + i] = s->sum[KEEP + i] + (double)y[i];
}

static double sum_at(const struct hz_g3ruh_sums *s, double at)
{
    double x = at - (double)s->first, low = floor(x), part = x - low;
    const double *sum = &s->sum[(size_t)low];
    return sum[0] + (part > 0 ? part * (sum[1] - sum[0]) : 0);
}

/* z as the model predicts it from the levels of state s, for the bit before the newest one. */
static float expected(const struct hz_g3ruh_receiver *r, unsigned s)
{
    float beside = (s & 4 ? r->side : -r->side) + (s & 1 ? r->side : -r->side);
    return r->dc + beside + (s & 2 ? r->main : -r->main);
}

/* Adapts dc, main and side by the error of the best survivor. */
static void learn_from(struct hz_g3ruh_receiver *r, unsigned s, float error)
{
    float beside = (s & 4 ? 0.5f : -0.5f) + (s & 1 ? 0.5f : -0.5f);
    r->main += learn * (s & 2 ? error : -error) + learn * (main_begin - r->main);
    r->side += learn * error * beside + learn * (side_begin - r->side);
    r->side = fminf(fmaxf(r->side, -side_most), side_most);
    r->dc += learn * error;
}

/* Extends all survivors by one bit. True when a chunk is complete. *error: of the best survivor. */
static bool step(struct hz_g3ruh_receiver *r, float z, float *error)
{
    float metric[HZ_AX25_STATES], gap[HZ_AX25_STATES];
    float highest = -INFINITY;
    uint8_t from = 0;
    unsigned best = 0;
    for (unsigned s = 0; s < HZ_AX25_STATES; s++) {
        unsigned p = 2 * (s & 3);
        float e = z - expected(r, s);
        float m0 = r->metric[p] - e * e, m1 = r->metric[p + 1] - e * e;
        bool one = m1 > m0;
        metric[s] = one ? m1 : m0;
        gap[s] = fabsf(m1 - m0);
        from |= (uint8_t)(one << s);
        if (metric[s] > highest) {
            highest = metric[s];
            best = s;
        }
    }
    for (unsigned s = 0; s < HZ_AX25_STATES; s++)
        r->metric[s] = metric[s] - highest;
    *error = z - expected(r, best);
    learn_from(r, best, *error);
    return hz_ax25_path_push(&r->path, from, gap);
}

/* Power that the levels explain, by parts of the chunk and in all, and the rest of the power. */
static void strengths(const struct hz_g3ruh_receiver *r, struct hz_ax25_chunk *out)
{
    const int parts = HZ_AX25_CHUNK / HZ_AX25_PART;
    float signal = 0, noise = 0;
    for (int p = 0; p < parts; p++) {
        float all = 0, missed = 0;
        for (int i = p * HZ_AX25_PART; i < (p + 1) * HZ_AX25_PART; i++) {
            all += r->power[BEFORE + i] / HZ_AX25_PART;
            missed += r->missed[BEFORE + i] / HZ_AX25_PART;
        }
        /* Below any fraction of a signal where it is noise: nothing is repaired there. */
        out->part[p] = all - missed > least_fraction * all ? all - missed : -1;
        signal += fmaxf(all - missed, 0);
        noise += missed;
    }
    out->signal = fmaxf(signal / (float)parts, 1e-12f);
    out->noise = noise / (float)parts;
}

static void give(struct hz_g3ruh_receiver *r, struct hz_sink *sink)
{
    const size_t kept = HZ_AX25_PATH_BITS - HZ_AX25_CHUNK;
    struct hz_ax25_chunk chunk;
    hz_ax25_path_trace(&r->path, hz_ax25_best_state(r->metric), &chunk);
    chunk.start = r->start[BEFORE];
    chunk.freq = 0;
    strengths(r, &chunk);
    r->credit += r->credit < CREDIT * CREDIT_CHUNKS ? CREDIT : 0;
    hz_ax25_frames_push(&r->frames, &chunk, &r->credit, sink);
    if (r->frames.proof > HZ_AX25_STRETCH)
        r->frames.proven = false; /* the transmission has ended */
    memmove(r->power, r->power + HZ_AX25_CHUNK, kept * sizeof r->power[0]);
    memmove(r->missed, r->missed + HZ_AX25_CHUNK, kept * sizeof r->missed[0]);
    memmove(r->start, r->start + HZ_AX25_CHUNK, kept * sizeof r->start[0]);
}

/* Lateness of the clock at a change of level, in samples: if the clock is late, the sum around the
 * change holds too much of the new level. */
static double lateness(const struct hz_g3ruh_receiver *r, unsigned state, double around)
{
    unsigned now = state >> 2, was = state >> 1 & 1;
    if (now == was || r->level <= silence)
        return 0;
    double over = around / (double)r->level - (double)r->dc;
    over = fmin(fmax(over, -1), 1);
    return (now ? -over : over) * BIT / 2;
}

/* Decides the bit at the clock's position. */
static void bit(struct hz_g3ruh_receiver *r, struct hz_sink *sink)
{
    const struct hz_ax25_clock *c = &r->clock;
    double half = sum_at(r->sums, c->at + c->bit / 2), end = sum_at(r->sums, c->at + c->bit);
    double around = half - r->middle;
    float sum = (float)(end - r->begin), error;
    size_t i = r->path.n == HZ_AX25_PATH_BITS ? r->path.n - HZ_AX25_CHUNK : r->path.n;
    r->level += level_pull * (fabsf(sum) - r->level);
    r->start[i] = c->at;
    bool full = step(r, r->z, &error);
    float apart = r->z - r->dc;
    r->power[i] = apart * apart * r->level * r->level;
    r->missed[i] = error * error * r->level * r->level;
    r->z = r->level > silence ? fminf(fmaxf(sum / r->level, -most_z), most_z) : 0;
    hz_ax25_clock_on(&r->clock, lateness(r, hz_ax25_best_state(r->metric), around));
    r->begin = sum_at(r->sums, c->at);
    r->middle = sum_at(r->sums, c->at - c->bit / 2);
    if (full)
        give(r, sink);
}

static void hop(struct hz_g3ruh_audio *a, struct hz_sink *sink)
{
    memmove(a->audio, a->audio + HOP, TAPS * sizeof a->audio[0]);
    hz_ax25_limit(a->hop.audio, stands_out, &a->median, a->audio + TAPS);
    for (int i = 0; i < HZ_G3RUH_FILTERS; i++)
        sums_push(&a->sums[i], a->audio);
    for (int i = 0; i < HZ_G3RUH_RECEIVERS; i++) {
        struct hz_g3ruh_receiver *r = &a->receiver[i];
        double known = (double)(r->sums->first + KEEP + HOP);
        while (r->clock.at + 1.5 * r->clock.bit + 2 < known)
            bit(r, sink);
    }
}

void hz_g3ruh_audio_push(struct hz_g3ruh_audio *a, const struct hz_samples *samples,
                         struct hz_sink *sink)
{
    struct hz_samples in = *samples;
    while (hz_ax25_hop_push(&a->hop, &in))
        hop(a, sink);
}

static bool all_decided(const struct hz_g3ruh_audio *a, double end)
{
    for (int i = 0; i < HZ_G3RUH_RECEIVERS; i++) {
        if (a->receiver[i].start[BEFORE] < end) /* of the first bit that is not decided for good */
            return false;
    }
    return true;
}

/* Silence follows until every receiver has decided the last bits and two bytes more, so that a flag
 * that was cut off is read alike wherever chunks begin. A receiver holds fewer bits than two
 * chunks. */
void hz_g3ruh_audio_flush(struct hz_g3ruh_audio *a, struct hz_sink *sink)
{
    enum { HOPS = 3 * HZ_AX25_CHUNK * BIT / HOP };
    double end = (double)(a->sums[0].first + KEEP + 2 * HOP + TAPS / 2 + 16 * BIT);
    for (int i = 0; i < HOPS && a->hop.begun && !all_decided(a, end); i++) {
        hz_ax25_hop_pad(&a->hop);
        hop(a, sink);
    }
    for (int i = 0; i < HZ_G3RUH_RECEIVERS && a->hop.begun; i++)
        hz_ax25_frames_end(&a->receiver[i].frames, &a->receiver[i].credit, sink);
    begin(a);
}
