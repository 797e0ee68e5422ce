#include "proto/vdl2/symbols.h"

#include <math.h>
#include <string.h>

enum {
    LOOK = 2, /* samples around a peak in which the start lies */
    STEPS = 4 * 2 * LOOK + 1,
    SHORT = HZ_VDL2_PREAMBLE * HZ_VDL2_SYMBOL + 2 * (LOOK + HZ_VDL2_SPAN + 2),
    CLOCKED = 64, /* symbols after which the clock is set right */
    WIDE = 11,    /* symbols on either side that tell the carrier's phase */
    ROUNDS = 3
};

static const float eighth = 0.78539816f;
static const double turn = 2 * 3.14159265358979323846;
/* Of the power of the known symbols, explained by the model; lower ones are noise. */
static const float least = 0.6f;
/* Loop of the carrier: follows 3 kHz a second, and fading of 50 Hz. */
static const float phase_pull = 0.2f, freq_pull = 0.015f;
/* Part of a clock error that is taken back; how the difference of two values half a sample early
 * and late depends on the lateness in samples (from the second moment of the raised cosine). */
static const float clock_pull = 0.2f, lateness = -0.2475f;

static void rotate(const float in[2], double radians, float out[2])
{
    float c = cosf((float)radians), s = sinf((float)radians);
    float re = in[0] * c - in[1] * s;
    out[1] = in[0] * s + in[1] * c;
    out[0] = re;
}

/* e^(-j pi/4 s) times in. */
static void unturn(const float in[2], unsigned s, float out[2])
{
    static const float c[8] = {1, 0.70710678f, 0, -0.70710678f, -1, -0.70710678f, 0, 0.70710678f};
    float re = c[s & 7] * in[0] + c[(s + 6) & 7] * in[1];
    out[1] = c[s & 7] * in[1] - c[(s + 6) & 7] * in[0];
    out[0] = re;
}

/* ---- the start ---- */

struct known {
    float w[HZ_VDL2_PREAMBLE][2]; /* symbols without what is known of them */
    float power, sum[2];          /* of all; their sum once the frequency is taken off */
    float turn;                   /* radians a symbol */
};

/* arg of sum w_(k + step) w*_k, less the turn that is known so far. */
static float turns(const struct known *u, int step, float by)
{
    float sum[2] = {0};
    for (int k = 0; k + step < HZ_VDL2_PREAMBLE; k++) {
        const float *a = u->w[k], *b = u->w[k + step];
        sum[0] += b[0] * a[0] + b[1] * a[1];
        sum[1] += b[1] * a[0] - b[0] * a[1];
    }
    rotate(sum, -(double)(by * (float)step), sum);
    return atan2f(sum[1], sum[0]) / (float)step;
}

static float look(const struct hz_vdl2_pulse *pulse, const float *mixed, double at, struct known *u)
{
    u->power = 0;
    u->sum[0] = u->sum[1] = 0;
    for (int k = 0; k < HZ_VDL2_PREAMBLE; k++) {
        float y[2];
        hz_vdl2_pulse_at(pulse, mixed, at + HZ_VDL2_SYMBOL * k, y);
        u->power += y[0] * y[0] + y[1] * y[1];
        unturn(y, hz_vdl2_preamble[k], u->w[k]);
    }
    u->turn = turns(u, 1, 0);
    u->turn += turns(u, 4, u->turn);
    u->turn += turns(u, 8, u->turn);
    for (int k = 0; k < HZ_VDL2_PREAMBLE; k++) {
        float v[2];
        rotate(u->w[k], -(double)(u->turn * (float)k), v);
        u->sum[0] += v[0];
        u->sum[1] += v[1];
    }
    return u->sum[0] * u->sum[0] + u->sum[1] * u->sum[1];
}

bool hz_vdl2_sync(const struct hz_vdl2_pulse *pulse, const float *iq,
                  const struct hz_vdl2_peak *peak, struct hz_vdl2_start *start)
{
    float mixed[2 * SHORT], level[STEPS];
    struct known u;
    const double middle = LOOK + HZ_VDL2_SPAN;
    int best = 0;
    for (int i = 0; i < SHORT; i++) {
        float x[2];
        hz_vdl2_sample(iq + 2 * (peak->at + i - (int)middle), x);
        rotate(x, -turn * (double)peak->freq * (i - middle), mixed + 2 * i);
    }
    for (int i = 0; i < STEPS; i++) {
        level[i] = look(pulse, mixed, middle - LOOK + 0.25 * i, &u);
        if (level[i] > level[best])
            best = i;
    }
    double shift = 0.25 * best - LOOK;
    if (best > 0 && best < STEPS - 1) {
        float a = level[best - 1], b = level[best], c = level[best + 1];
        float bend = a - 2 * b + c;
        shift += bend < 0 ? 0.125 * (double)fmaxf(fminf((a - c) / bend, 1), -1) : 0;
    }
    float sum = look(pulse, mixed, middle + shift, &u);
    start->at = peak->at + shift;
    start->freq = (double)peak->freq + (double)u.turn / (turn * HZ_VDL2_SYMBOL);
    start->phase = (double)atan2f(u.sum[1], u.sum[0]) / turn + (double)peak->freq * shift;
    start->power = u.power / HZ_VDL2_PREAMBLE;
    start->fraction = sum / (HZ_VDL2_PREAMBLE * u.power);
    return u.power > 0 && start->fraction >= least;
}

/* ---- all symbols ---- */

/* The nearest phase, in eighths of a cycle. */
static unsigned nearest(const float z[2])
{
    return (unsigned)lrintf(atan2f(z[1], z[0]) / eighth) & 7u;
}

struct forward {
    const struct hz_vdl2_pulse *pulse;
    const float *iq;
    double at, phase, freq, turned; /* instant; carrier; freq added up */
    float late, level;              /* sums since the clock was set right */
};

static void set_clock(struct forward *f)
{
    double late = f->level > 0 ? (double)(f->late / (lateness * f->level)) : 0;
    f->at -= (double)clock_pull * fmin(fmax(late, -1), 1);
    f->late = f->level = 0;
}

/* Adds how late the clock is by a symbol whose carrier is known: unit length. */
static void watch_clock(struct forward *f, double phase, unsigned symbol, float level)
{
    float early[2], late[2], d[2];
    hz_vdl2_pulse_at(f->pulse, f->iq, f->at - 0.5, early);
    hz_vdl2_pulse_at(f->pulse, f->iq, f->at + 0.5, late);
    d[0] = late[0] - early[0];
    d[1] = late[1] - early[1];
    rotate(d, -phase, d);
    unturn(d, symbol, d);
    f->late += d[0];
    f->level += level;
}

static void run_forward(struct hz_vdl2_symbols *s, struct forward *f)
{
    float sum = 0;
    for (size_t k = 0; k < s->n; k++) {
        float y[2], z[2], c[2];
        hz_vdl2_pulse_at(f->pulse, f->iq, f->at, y);
        rotate(y, -f->phase, z);
        unsigned symbol = k < HZ_VDL2_PREAMBLE ? hz_vdl2_preamble[k] : nearest(z);
        float level = sqrtf(y[0] * y[0] + y[1] * y[1]);
        unturn(z, symbol, c);
        float error = atan2f(c[1], c[0]);
        error = fminf(fmaxf(error, -eighth / 2), eighth / 2);
        if (k % 2 == 0)
            watch_clock(f, f->phase, symbol, level);
        rotate(y, -f->turned, s->y[k]);
        unturn(s->y[k], symbol, s->carrier[k]);
        s->phase[k] = (uint8_t)symbol;
        sum += level;
        f->freq += (double)(freq_pull * error);
        f->phase += f->freq + (double)(phase_pull * error);
        f->turned += f->freq;
        f->at += HZ_VDL2_SYMBOL;
        if (k % CLOCKED == CLOCKED - 1)
            set_clock(f);
    }
    s->amplitude = sum / (float)s->n;
    s->end = f->at;
    s->freq = f->turned / (double)s->n / turn / HZ_VDL2_SYMBOL;
}

/* Decides symbol k by the carrier around it, a. Gives the error across, over the amplitude. */
static float decide(struct hz_vdl2_symbols *s, size_t k, const float a[2])
{
    const float *y = s->y[k];
    float length = sqrtf(a[0] * a[0] + a[1] * a[1]) + 1e-30f, z[2], c[2];
    z[0] = (y[0] * a[0] + y[1] * a[1]) / length;
    z[1] = (y[1] * a[0] - y[0] * a[1]) / length;
    unsigned symbol = k < HZ_VDL2_PREAMBLE ? hz_vdl2_preamble[k] : nearest(z);
    unturn(z, symbol, c);
    float aside = fabsf(c[1]), other = 0.70710678f * (c[0] + aside);
    s->phase[k] = (uint8_t)symbol;
    s->second[k] = (uint8_t)((symbol + (c[1] > 0 ? 1 : 7)) & 7);
    s->doubt[k] = fmaxf(c[0] - other, 0) / s->amplitude;
    return aside / s->amplitude;
}

static void round_of_both_sides(struct hz_vdl2_symbols *s)
{
    float sum[2] = {0}, noise = 0;
    for (size_t k = 0; k < s->n && k < WIDE; k++) {
        sum[0] += s->carrier[k][0];
        sum[1] += s->carrier[k][1];
    }
    for (size_t k = 0; k < s->n; k++) {
        if (k + WIDE < s->n) {
            sum[0] += s->carrier[k + WIDE][0];
            sum[1] += s->carrier[k + WIDE][1];
        }
        const float around[2] = {sum[0] - s->carrier[k][0], sum[1] - s->carrier[k][1]};
        float aside = decide(s, k, around);
        noise += aside * aside;
        if (k >= WIDE) {
            sum[0] -= s->carrier[k - WIDE][0];
            sum[1] -= s->carrier[k - WIDE][1];
        }
    }
    s->noise = noise / (float)s->n;
    for (size_t k = 0; k < s->n; k++)
        unturn(s->y[k], s->phase[k], s->carrier[k]);
}

void hz_vdl2_symbols_run(struct hz_vdl2_symbols *s, const struct hz_vdl2_pulse *pulse,
                         const float *iq, const struct hz_vdl2_start *start, size_t n)
{
    struct forward f = {.pulse = pulse, .iq = iq, .at = start->at, .phase = start->phase * turn};
    s->n = n;
    run_forward(s, &f);
    s->amplitude = fmaxf(s->amplitude, 1e-30f);
    for (int i = 0; i < ROUNDS; i++)
        round_of_both_sides(s);
}
