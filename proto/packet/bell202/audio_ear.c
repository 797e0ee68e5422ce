#include "proto/packet/bell202/audio_ear.h"

#include <math.h>
#include <string.h>

enum {
    BIT = HZ_BELL202_AUDIO_BIT,
    BEFORE = HZ_AX25_PATH_BEFORE,
    HALF = HZ_AX25_STATES / 2,
    BLOCK = 8, /* bits over which the tones are summed coherently */
    CREDIT = 40 * HZ_AX25_CHUNK,
    CREDIT_CHUNKS = 16,
};

/* Largest error of a bit's length: 1100 to 1300 baud are found on the air (Arduino modems,
 * satellites), 9 % either way. */
static const double bit_off = 0.09;
/* Largest error of a tone's phase advance in a bit, in cycles, from what is expected: 210 Hz, as of
 * a tone that scales with 1100 or 1300 baud. */
static const double cycles_off = 0.175;
/* Coherent fraction of the power that noise does not reach. */
static const float least_fraction = 0.4f;

void hz_bell202_audio_ear_begin(struct hz_bell202_audio_ear *e)
{
    const struct hz_bell202_audio_expects *x = e->expects;
    size_t from = offsetof(struct hz_bell202_audio_ear, begin),
           to = offsetof(struct hz_bell202_audio_ear, frames);
    memset((char *)e + from, 0, to - from);
    e->clock = (struct hz_ax25_clock){
        .pull = x->pull, .push = x->push, .nominal = BIT, .most = bit_off, .bit = BIT * x->bit};
    e->cycles[0] = x->cycles[0];
    e->cycles[1] = x->cycles[1];
    e->credit = CREDIT * CREDIT_CHUNKS;
    hz_ax25_frames_begin(&e->frames);
}

void hz_bell202_audio_ear_init(struct hz_bell202_audio_ear *e,
                               const struct hz_bell202_audio_expects *expects,
                               const struct hz_bell202_audio_sums *sums, bool only_shed,
                               hz_ax25_found *found, void *ctx)
{
    e->expects = expects;
    e->sums = sums;
    hz_ax25_frames_init(
        &e->frames, &(struct hz_ax25_frames_setup){
                        .bit_samples = BIT, .only_shed = only_shed, .found = found, .ctx = ctx});
    hz_bell202_audio_ear_begin(e);
}

struct phasor {
    float re, im;
};

static struct phasor rotated(struct phasor x, struct phasor by)
{
    return (struct phasor){x.re * by.re - x.im * by.im, x.re * by.im + x.im * by.re};
}

static struct phasor at_cycles(const struct hz_bell202_audio_ear *e, double cycles)
{
    double part = cycles - floor(cycles);
    const float *wave =
        e->sums->tables
            ->phasor[(unsigned)(part * HZ_BELL202_AUDIO_PHASORS) % HZ_BELL202_AUDIO_PHASORS];
    return (struct phasor){wave[0], wave[1]};
}

/* Matched sum of tone b between two instants. */
static struct phasor between(const struct hz_bell202_audio_ear *e,
                             const struct hz_bell202_audio_sum *from,
                             const struct hz_bell202_audio_sum *to, unsigned tone)
{
    float times = tone ? e->expects->upper : 1;
    return (struct phasor){times * (float)(to->re[tone] - from->re[tone]),
                           times * (float)(to->im[tone] - from->im[tone])};
}

static float size(struct phasor x)
{
    return sqrtf(x.re * x.re + x.im * x.im);
}

/* Survivors before a bit, by the oldest level of the state: a v, |a v|, and the metric less |a v|.
 */
struct had {
    float re[2][HALF], im[2][HALF], metric[2][HALF];
};

static inline __attribute__((always_inline)) void add(const struct had *had, struct phasor z,
                                                      struct phasor go,
                                                      struct hz_bell202_audio_ear *e, float *gap,
                                                      int32_t *from, unsigned tone)
{
    const unsigned s = HALF * tone;
    for (unsigned p = 0; p < HALF; p++) {
        float r0 = had->re[0][p] + z.re, i0 = had->im[0][p] + z.im;
        float r1 = had->re[1][p] + z.re, i1 = had->im[1][p] + z.im;
        float size0 = sqrtf(r0 * r0 + i0 * i0), size1 = sqrtf(r1 * r1 + i1 * i1);
        float m0 = had->metric[0][p] + size0, m1 = had->metric[1][p] + size1;
        int32_t one = m1 > m0;
        float re = one ? r1 : r0, im = one ? i1 : i0;
        e->metric[s + p] = one ? m1 : m0;
        e->size[s + p] = one ? size1 : size0;
        e->re[s + p] = re * go.re - im * go.im;
        e->im[s + p] = re * go.im + im * go.re;
        gap[s + p] = fabsf(m1 - m0);
        from[s + p] = one;
    }
}

/* Extends all survivors by one bit: z[b] is the matched sum of tone b, go[b] the phasor of its
 * phase advance. */
static bool step(struct hz_bell202_audio_ear *e, const struct phasor *z, const struct phasor *go)
{
    const float a = e->expects->memory;
    float gap[HZ_AX25_STATES];
    int32_t one[HZ_AX25_STATES];
    struct had had;
    for (unsigned s = 0; s < HZ_AX25_STATES; s++) {
        had.re[s & 1][s >> 1] = a * e->re[s];
        had.im[s & 1][s >> 1] = a * e->im[s];
        had.metric[s & 1][s >> 1] = e->metric[s] - a * e->size[s];
    }
    add(&had, z[0], go[0], e, gap, one, 0);
    add(&had, z[1], go[1], e, gap, one, 1);
    unsigned from = 0;
    e->best = hz_ax25_best_state(e->metric);
    float highest = e->metric[e->best];
    for (unsigned s = 0; s < HZ_AX25_STATES; s++) {
        e->metric[s] -= highest;
        from |= (unsigned)one[s] << s;
    }
    return hz_ax25_path_push(&e->path, (uint8_t)from, gap);
}

/* Lateness of the clock at a change of tone, in samples: if the clock is late, the sums around the
 * change hold too much of the new tone. */
static double lateness(const struct hz_bell202_audio_ear *e,
                       const struct hz_bell202_audio_sum *half)
{
    unsigned now = e->best >> 2, was = e->best >> 1 & 1;
    if (now == was)
        return 0;
    float new = size(between(e, &e->middle, half, now));
    float old = size(between(e, &e->middle, half, was));
    return new + old > 0 ? (double)((old - new) / (new + old)) * BIT / 2 : 0;
}

/* Errors of the tones' frequencies, from the phase of the best survivor's new bit against the
 * expected phase: half of the error belongs to the second half of the bit before, half to the first
 * half of the new bit. */
static void follow_tones(struct hz_bell202_audio_ear *e, struct phasor expected, struct phasor z,
                         unsigned was)
{
    const struct hz_bell202_audio_expects *x = e->expects;
    float sizes = size(expected) * size(z);
    if (sizes > 0) {
        double off = x->follow * (double)((z.im * expected.re - z.re * expected.im) / sizes);
        e->cycles[was] += off / 2;
        e->cycles[e->best >> 2] += off / 2;
    }
    for (int b = 0; b < 2; b++) {
        double off = e->cycles[b] - x->cycles[b];
        off *= 1 - x->fall;
        e->cycles[b] = x->cycles[b] + fmin(fmax(off, -cycles_off), cycles_off);
    }
}

/* Power of the chunk's tones that is coherent, and of the rest. */
static void strengths(const struct hz_bell202_audio_ear *e, struct hz_ax25_chunk *out)
{
    const int parts = HZ_AX25_CHUNK / HZ_AX25_PART;
    float all = 0, sum = 0;
    double back = 0;
    for (int p = 0; p < parts; p++) {
        float blocks = 0, bits = 0;
        for (int k = p * HZ_AX25_PART; k < (p + 1) * HZ_AX25_PART; k += BLOCK) {
            struct phasor block = {0, 0};
            for (int i = k; i < k + BLOCK; i++) {
                unsigned b = out->level[i];
                const float *z = e->z[BEFORE + i] + 2 * b;
                struct phasor x = rotated((struct phasor){z[0], z[1]}, at_cycles(e, back));
                block = (struct phasor){block.re + x.re, block.im + x.im};
                bits += x.re * x.re + x.im * x.im;
                back -= (double)e->went[BEFORE + i][b];
            }
            blocks += block.re * block.re + block.im * block.im;
        }
        float signal = (blocks - bits) / ((BLOCK - 1) * HZ_AX25_PART * BIT * BIT);
        float power = bits / (HZ_AX25_PART * BIT * BIT);
        /* Below any fraction of a signal where it is noise: nothing is repaired there. */
        out->part[p] = signal > least_fraction * power ? signal : -1;
        sum += signal;
        all += power;
    }
    out->signal = fmaxf(sum / (float)parts, 1e-12f);
    out->noise = fmaxf((all - sum) / (float)parts, 0);
}

static void give(struct hz_bell202_audio_ear *e, struct hz_sink *sink)
{
    enum { KEPT = HZ_AX25_PATH_BITS - HZ_AX25_CHUNK };
    struct hz_ax25_chunk chunk;
    hz_ax25_path_trace(&e->path, e->best, &chunk);
    chunk.start = e->start[BEFORE];
    chunk.freq = 0;
    strengths(e, &chunk);
    e->credit += e->credit < CREDIT * CREDIT_CHUNKS ? CREDIT : 0;
    hz_ax25_frames_push(&e->frames, &chunk, &e->credit, sink);
    memmove(e->z, e->z + HZ_AX25_CHUNK, KEPT * sizeof e->z[0]);
    memmove(e->went, e->went + HZ_AX25_CHUNK, KEPT * sizeof e->went[0]);
    memmove(e->start, e->start + HZ_AX25_CHUNK, KEPT * sizeof e->start[0]);
}

/* Decides the bit at the clock's position. */
static void bit(struct hz_bell202_audio_ear *e, struct hz_sink *sink)
{
    struct hz_ax25_clock *c = &e->clock;
    struct hz_bell202_audio_sum half = hz_bell202_audio_sums_at(e->sums, c->at + c->bit / 2);
    struct hz_bell202_audio_sum end = hz_bell202_audio_sums_at(e->sums, c->at + c->bit);
    struct phasor z[2], go[2], expected = {e->re[e->best], e->im[e->best]};
    unsigned was = e->best >> 2;
    size_t i = e->path.n == HZ_AX25_PATH_BITS ? e->path.n - HZ_AX25_CHUNK : e->path.n;
    for (unsigned b = 0; b < 2; b++) {
        double cycles = hz_bell202_audio_tone_hz[b] / HZ_BELL202_AUDIO_HZ,
               went = cycles * c->bit + e->cycles[b];
        /* If a tone's frequency is off, the phase of its sum is that in the bit's middle. */
        z[b] = rotated(between(e, &e->begin, &end, b),
                       at_cycles(e, cycles * c->at - e->cycles[b] / 2));
        go[b] = at_cycles(e, went);
        e->z[i][2 * b] = z[b].re;
        e->z[i][2 * b + 1] = z[b].im;
        e->went[i][b] = (float)went;
    }
    e->start[i] = c->at;
    bool full = step(e, z, go);
    follow_tones(e, expected, z[e->best >> 2], was);
    hz_ax25_clock_on(c, lateness(e, &half));
    c->bit += e->expects->fall * (BIT * e->expects->bit - c->bit);
    e->begin = hz_bell202_audio_sums_at(e->sums, c->at);
    e->middle = hz_bell202_audio_sums_at(e->sums, c->at - c->bit / 2);
    if (full)
        give(e, sink);
}

void hz_bell202_audio_ear_listen(struct hz_bell202_audio_ear *e, struct hz_sink *sink)
{
    double known = (double)(e->sums->first + HZ_BELL202_AUDIO_KEEP + HZ_BELL202_AUDIO_HOP);
    while (e->clock.at + 1.5 * e->clock.bit + 4 < known)
        bit(e, sink);
}

double hz_bell202_audio_ear_decided(const struct hz_bell202_audio_ear *e)
{
    return e->start[BEFORE];
}

void hz_bell202_audio_ear_end(struct hz_bell202_audio_ear *e, struct hz_sink *sink)
{
    hz_ax25_frames_end(&e->frames, &e->credit, sink);
}
