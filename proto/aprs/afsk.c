#include "proto/aprs/afsk.h"

#include <math.h>
#include <string.h>

enum {
    BIT = HZ_AFSK_HZ / 1200, /* samples */
    BEFORE = HZ_AX25_PATH_BEFORE,
    BLOCK = 8, /* bits whose tones are summed up in phase */
    CREDIT = 16 * HZ_AX25_CHUNK,
    CREDIT_CHUNKS = 16,
};

static const double two_pi = 6.28318530717958647692;
/* Audio as it is, and with one pole's emphasis less and more: about 6 dB an octave. */
static const struct {
    float zero, pole;
} twists[HZ_AFSK_TWISTS] = {{0, 0}, {1, 0}, {0, 0.9f}};
static const struct {
    double pull, push; /* of the clock */
    float memory;
} ears[HZ_AFSK_EARS] = {{0.05, 0.0008, 0.9f}, {0.1, 0.003, 0.65f}};
static const double bit_off = 0.03;    /* of a bit's length, at most */
static const double turn_off = 0.25;   /* radians a bit: 50 Hz */
static const double turn_pull = 0.004; /* of a bit's error in phase, sine of the angle */
static const float least_share = 0.4f; /* of the power in phase, which noise has not */

static void begin(struct hz_afsk *a)
{
    a->hop.filled = 0;
    a->hop.begun = false;
    for (int i = 0; i < HZ_AFSK_TWISTS; i++)
        hz_afsk_sums_init(&a->sums[i], &a->tables, twists[i].zero, twists[i].pole);
    for (int i = 0; i < HZ_AFSK_RECEIVERS; i++) {
        struct hz_afsk_receiver *r = &a->receiver[i];
        memset(r, 0, offsetof(struct hz_afsk_receiver, frames));
        r->sums = &a->sums[i / HZ_AFSK_EARS];
        r->memory = ears[i % HZ_AFSK_EARS].memory;
        r->clock = (struct hz_ax25_clock){.pull = ears[i % HZ_AFSK_EARS].pull,
                                          .push = ears[i % HZ_AFSK_EARS].push,
                                          .nominal = BIT,
                                          .most = bit_off,
                                          .bit = BIT};
        r->credit = CREDIT * CREDIT_CHUNKS;
        hz_ax25_frames_begin(&r->frames);
    }
}

void hz_afsk_init(struct hz_afsk *a)
{
    hz_afsk_tables_init(&a->tables);
    begin(a);
    for (int i = 0; i < HZ_AFSK_RECEIVERS; i++)
        hz_ax25_frames_init(&a->receiver[i].frames, BIT, false);
}

struct phasor {
    float re, im;
};

static struct phasor turned(struct phasor x, struct phasor by)
{
    return (struct phasor){x.re * by.re - x.im * by.im, x.re * by.im + x.im * by.re};
}

static struct phasor at_angle(double angle)
{
    return (struct phasor){(float)cos(angle), (float)sin(angle)};
}

static struct phasor between(const struct hz_afsk_sum *from, const struct hz_afsk_sum *to, int tone)
{
    return (struct phasor){(float)(to->re[tone] - from->re[tone]),
                           (float)(to->im[tone] - from->im[tone])};
}

static float size(struct phasor x)
{
    return sqrtf(x.re * x.re + x.im * x.im);
}

/* One bit for all survivors: z[b] is the tone's sum, go[b] what its phase goes on by. */
static bool step(struct hz_afsk_receiver *r, const struct phasor *z, const struct phasor *go)
{
    float metric[HZ_AX25_STATES], gap[HZ_AX25_STATES], highest = 0;
    struct phasor next[HZ_AX25_STATES], ref[HZ_AX25_STATES];
    float had[HZ_AX25_STATES];
    uint8_t from = 0;
    for (unsigned s = 0; s < HZ_AX25_STATES; s++) {
        ref[s] = (struct phasor){r->memory * r->re[s], r->memory * r->im[s]};
        had[s] = r->metric[s] - size(ref[s]);
    }
    for (unsigned s = 0; s < HZ_AX25_STATES; s++) {
        unsigned b = s >> 2, p = 2 * (s & 3);
        struct phasor v0 = {ref[p].re + z[b].re, ref[p].im + z[b].im};
        struct phasor v1 = {ref[p + 1].re + z[b].re, ref[p + 1].im + z[b].im};
        float m0 = had[p] + size(v0), m1 = had[p + 1] + size(v1);
        bool one = m1 > m0;
        metric[s] = one ? m1 : m0;
        gap[s] = fabsf(m1 - m0);
        next[s] = turned(one ? v1 : v0, go[b]);
        from |= (uint8_t)(one << s);
        highest = fmaxf(highest, metric[s]);
    }
    for (unsigned s = 0; s < HZ_AX25_STATES; s++) {
        r->metric[s] = metric[s] - highest;
        r->re[s] = next[s].re;
        r->im[s] = next[s].im;
    }
    return hz_ax25_path_push(&r->path, from, gap);
}

/* By the sums around a change of tone, in samples: they hold too much of the new one when they lie
 * late. */
static double lateness(const struct hz_afsk_receiver *r, unsigned state,
                       const struct hz_afsk_sum *half)
{
    unsigned now = state >> 2, was = state >> 1 & 1;
    float new = size(between(&r->middle, half, (int)now));
    float old = size(between(&r->middle, half, (int)was));
    return now != was && new + old > 0 ? (double)((old - new) / (new + old)) * BIT / 2 : 0;
}

/* The tones' error, by the phase of the best survivor's new bit against what was expected. */
static void follow_turn(struct hz_afsk_receiver *r, struct phasor expected, struct phasor z)
{
    float a = size(expected), b = size(z);
    if (a > 0 && b > 0)
        r->turn += turn_pull * (double)((z.im * expected.re - z.re * expected.im) / (a * b));
    r->turn = fmin(fmax(r->turn, -turn_off), turn_off);
}

/* How strong the chunk's tones are in phase, and what the rest is. */
static void strengths(const struct hz_afsk_receiver *r, struct hz_ax25_chunk *out)
{
    const int parts = HZ_AX25_CHUNK / HZ_AX25_PART;
    float all = 0, sum = 0;
    struct phasor back = {1, 0};
    for (int p = 0; p < parts; p++) {
        float blocks = 0, bits = 0;
        for (int k = p * HZ_AX25_PART; k < (p + 1) * HZ_AX25_PART; k += BLOCK) {
            struct phasor block = {0, 0};
            for (int i = k; i < k + BLOCK; i++) {
                unsigned b = out->level[i];
                const float *z = r->z[BEFORE + i] + 2 * b;
                struct phasor x = turned((struct phasor){z[0], z[1]}, back);
                block = (struct phasor){block.re + x.re, block.im + x.im};
                bits += x.re * x.re + x.im * x.im;
                back = turned(back, at_angle(-two_pi * hz_afsk_tone_hz[b] / 1200 - r->turn));
            }
            blocks += block.re * block.re + block.im * block.im;
        }
        float signal = (blocks - bits) / ((BLOCK - 1) * HZ_AX25_PART * BIT * BIT);
        float power = bits / (HZ_AX25_PART * BIT * BIT);
        /* Below any share of a signal where it is noise: nothing is repaired there. */
        out->part[p] = signal > least_share * power ? signal : -1;
        sum += signal;
        all += power;
    }
    out->signal = fmaxf(sum / (float)parts, 1e-12f);
    out->noise = fmaxf((all - sum) / (float)parts, 0);
}

static void give(struct hz_afsk_receiver *r, const struct hz_ax25_listener *to)
{
    struct hz_ax25_chunk chunk;
    hz_ax25_path_trace(&r->path, hz_ax25_best_state(r->metric), &chunk);
    chunk.start = r->start[BEFORE];
    chunk.freq = 0;
    strengths(r, &chunk);
    r->credit += r->credit < CREDIT * CREDIT_CHUNKS ? CREDIT : 0;
    hz_ax25_frames_push(&r->frames, &chunk, &r->credit, to);
    memmove(r->z, r->z + HZ_AX25_CHUNK, (HZ_AX25_PATH_BITS - HZ_AX25_CHUNK) * sizeof r->z[0]);
    memmove(r->start, r->start + HZ_AX25_CHUNK,
            (HZ_AX25_PATH_BITS - HZ_AX25_CHUNK) * sizeof r->start[0]);
}

/* The bit at the clock's place. */
static void bit(struct hz_afsk_receiver *r, const struct hz_ax25_listener *to)
{
    const struct hz_ax25_clock *c = &r->clock;
    struct hz_afsk_sum half = hz_afsk_sums_at(r->sums, c->at + c->bit / 2);
    struct hz_afsk_sum end = hz_afsk_sums_at(r->sums, c->at + c->bit);
    struct phasor z[2], go[2];
    unsigned before = hz_ax25_best_state(r->metric);
    struct phasor expected = {r->re[before], r->im[before]};
    size_t i = r->path.n == HZ_AX25_PATH_BITS ? r->path.n - HZ_AX25_CHUNK : r->path.n;
    for (int b = 0; b < 2; b++) {
        double turn = two_pi * hz_afsk_tone_hz[b] / HZ_AFSK_HZ;
        z[b] = turned(between(&r->begin, &end, b), at_angle(fmod(turn * c->at, two_pi)));
        go[b] = at_angle(turn * c->bit + r->turn);
        r->z[i][2 * b] = z[b].re;
        r->z[i][2 * b + 1] = z[b].im;
    }
    r->start[i] = c->at;
    bool full = step(r, z, go);
    unsigned best = hz_ax25_best_state(r->metric);
    follow_turn(r, expected, z[best >> 2]);
    hz_ax25_clock_on(&r->clock, lateness(r, best, &half));
    r->begin = hz_afsk_sums_at(r->sums, c->at);
    r->middle = hz_afsk_sums_at(r->sums, c->at - c->bit / 2);
    if (full)
        give(r, to);
}

static struct hz_ax25_relay relay_of(const struct hz_afsk *a, const struct hz_ax25_out *out)
{
    return (struct hz_ax25_relay){&a->hop, out, (double)HZ_AFSK_IN_HZ / HZ_AFSK_HZ,
                                  HZ_AFSK_TAPS / 2};
}

static void hop(struct hz_afsk *a, const struct hz_ax25_listener *to)
{
    for (int i = 0; i < HZ_AFSK_TWISTS; i++)
        hz_afsk_sums_push(&a->sums[i], a->hop.audio);
    for (int i = 0; i < HZ_AFSK_RECEIVERS; i++) {
        struct hz_afsk_receiver *r = &a->receiver[i];
        double known = (double)(r->sums->first + HZ_AFSK_KEEP + HZ_AFSK_HOP);
        while (r->clock.at + 1.5 * r->clock.bit + 4 < known)
            bit(r, to);
    }
}

void hz_afsk_push(struct hz_afsk *a, const struct hz_samples *samples,
                  const struct hz_ax25_out *out)
{
    struct hz_ax25_relay relay = relay_of(a, out);
    struct hz_ax25_listener to = hz_ax25_relay(&relay);
    struct hz_samples in = *samples;
    while (hz_ax25_hop_push(&a->hop, &in))
        hop(a, &to);
}

void hz_afsk_flush(struct hz_afsk *a, const struct hz_ax25_out *out)
{
    enum { HOPS = 3 * HZ_AX25_CHUNK * BIT / HZ_AFSK_HOP };
    struct hz_ax25_relay relay = relay_of(a, out);
    struct hz_ax25_listener to = hz_ax25_relay(&relay);
    for (int i = 0; i < HOPS && a->hop.begun; i++) {
        hz_ax25_hop_pad(&a->hop);
        hop(a, &to);
    }
    for (int i = 0; i < HZ_AFSK_RECEIVERS && a->hop.begun; i++)
        hz_ax25_frames_end(&a->receiver[i].frames, &a->receiver[i].credit, &to);
    begin(a);
}
