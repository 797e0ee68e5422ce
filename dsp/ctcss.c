#include "dsp/ctcss.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#define WINDOW  (4 * HZ_CTCSS_BLOCK)
#define LINE_HZ ((double)HZ_SUBAUDIO_RATE / WINDOW)
#define APART_S (2.0 * HZ_CTCSS_BLOCK / HZ_SUBAUDIO_RATE) /* of windows that are compared */

/* Deviation of the weakest tone that counts. TIA-603 has 500 to 1000 Hz (half in narrow channels);
 * radios are met that send 150 Hz. */
#define LEAST_HZ 60.0f
/* Encoders are 0.5 % off at most (TIA-603); the rest is what the closest tones, 1.4 % apart, leave.
 */
#define OFF_MOST 0.0075
/* How alike amplitude and phase must go on, 1 for a tone alone: over many windows, and what is
 * added over few, divided by their number. A vowel has a line that lasts for a few; the worst of
 * 900 pieces of talk without a high-pass had 0.97 over three windows, 0.85 over 6, 0.47 over 11;
 * nine of ten tones of 150 Hz under such talk have 0.93. */
#define ALIKE      0.5f
#define ALIKE_FEW  2.5f
#define ALIKE_MOST 0.99f
/* Share of the power below speech that a tone must have, likewise. */
#define FRACTION      0.03f
#define FRACTION_FEW  1.2f
#define FRACTION_MOST 0.4f
#define WINDOWS_LEAST 2 /* comparisons: in one alone nothing is unlike */
/* A tone that was sure after so many, 0.44 s, stays: radios turn its phase for the last 0.2 s so
 * that the other end mutes. */
#define WINDOWS_STAY 6
/* Samples without a carrier that two windows may hold together: the carrier's end falls where they
 * are weighed least, and a weak one is lost for a moment now and then. */
#define NOISY_MOST 40

static const float tones[] = {
    62.5f,  67.0f,  69.3f,  71.9f,  74.4f,  77.0f,  79.7f,  82.5f,  85.4f,  88.5f,  91.5f,
    94.8f,  97.4f,  100.0f, 103.5f, 107.2f, 110.9f, 114.8f, 118.8f, 123.0f, 127.3f, 131.8f,
    136.5f, 141.3f, 146.2f, 151.4f, 156.7f, 159.8f, 162.2f, 165.5f, 167.9f, 171.3f, 173.8f,
    177.3f, 179.9f, 183.5f, 186.2f, 189.9f, 192.8f, 196.6f, 199.5f, 203.5f, 206.5f, 210.7f,
    218.1f, 225.7f, 229.1f, 233.6f, 241.8f, 250.3f, 254.1f,
};

void hz_ctcss_init(struct hz_ctcss *c, unsigned rate_hz)
{
    memset(c, 0, sizeof *c);
    hz_subaudio_init(&c->way, rate_hz);
    for (unsigned i = 0; i < WINDOW; i++) {
        c->twiddle[i][0] = (float)cos(2 * M_PI / WINDOW * i);
        c->twiddle[i][1] = (float)-sin(2 * M_PI / WINDOW * i);
    }
}

void hz_ctcss_reset(struct hz_ctcss *c)
{
    size_t kept = offsetof(struct hz_ctcss, block);
    memset((char *)c + kept, 0, sizeof *c - kept);
    hz_subaudio_reset(&c->way);
}

/* A block's part in the lines of its windows. Phases count from the first block's first sample; a
 * window holds whole periods of each line. */
static void transform(const struct hz_ctcss *c, float part[HZ_CTCSS_LINES][2])
{
    unsigned first = c->blocks % 4 * HZ_CTCSS_BLOCK;
    memset(part, 0, HZ_CTCSS_LINES * sizeof *part);
    for (unsigned k = 0; k < HZ_CTCSS_LINES; k++) {
        for (unsigned i = 0; i < HZ_CTCSS_BLOCK; i++) {
            const float *w = c->twiddle[(k + HZ_CTCSS_LOW) * (first + i) % WINDOW];
            part[k][0] += c->block[i] * w[0];
            part[k][1] += c->block[i] * w[1];
        }
    }
}

/* The spectrum of the last four blocks through a Hann window, as amplitudes of tones. That window
 * takes a quarter of each neighbour off a line's half, turned by where the window begins: a quarter
 * of a turn a block. */
static void take_spectrum(struct hz_ctcss *c, float out[HZ_CTCSS_LINES][2])
{
    static const float quarter[4][2] = {{1, 0}, {0, 1}, {-1, 0}, {0, -1}};
    float x[HZ_CTCSS_LINES][2] = {{0}};
    const float *q = quarter[c->blocks % 4];
    for (unsigned b = 0; b < 4; b++) {
        for (unsigned k = 0; k < HZ_CTCSS_LINES; k++) {
            x[k][0] += c->parts[b][k][0];
            x[k][1] += c->parts[b][k][1];
        }
    }
    memset(out, 0, HZ_CTCSS_LINES * sizeof *out);
    for (unsigned k = 1; k + 1 < HZ_CTCSS_LINES; k++) {
        const float *a = x[k - 1], *b = x[k + 1];
        float re = a[0] * q[0] + a[1] * q[1] + b[0] * q[0] - b[1] * q[1];
        float im = a[1] * q[0] - a[0] * q[1] + b[1] * q[0] + b[0] * q[1];
        out[k][0] = (x[k][0] / 2 - re / 4) * 4 / WINDOW;
        out[k][1] = (x[k][1] / 2 - im / 4) * 4 / WINDOW;
    }
}

/* Adds how each line goes on from window a to window b. */
static void compare(struct hz_ctcss *c, float a[HZ_CTCSS_LINES][2], float b[HZ_CTCSS_LINES][2])
{
    for (unsigned k = 0; k < HZ_CTCSS_LINES; k++) {
        float re = b[k][0] * a[k][0] + b[k][1] * a[k][1];
        float im = b[k][1] * a[k][0] - b[k][0] * a[k][1];
        float length = sqrtf(re * re + im * im), root = sqrtf(length) + 1e-20f;
        c->sum[k][0] += re / root;
        c->sum[k][1] += im / root;
        c->amplitude[k] += length;
        c->power += b[k][0] * b[k][0] + b[k][1] * b[k][1];
    }
    c->compared++;
}

/* The tone next to a frequency; 0: none is near. */
static double nearest(const struct hz_ctcss *c, double hz)
{
    double best = c->also_hz;
    for (size_t t = 0; t < sizeof tones / sizeof *tones; t++) {
        double tone = round(10 * (double)tones[t]) / 10;
        if (fabs(hz - tone) < fabs(hz - best))
            best = tone;
    }
    return fabs(hz - best) <= OFF_MOST * best ? best : 0;
}

/* The tone that all windows compared so far tell; 0: none. */
static double judge(const struct hz_ctcss *c)
{
    float most = 0;
    unsigned line = 0;
    for (unsigned k = 1; k + 1 < HZ_CTCSS_LINES; k++) {
        float length = hypotf(c->sum[k][0], c->sum[k][1]);
        if (length > most) {
            most = length;
            line = k;
        }
    }
    if (c->compared < WINDOWS_LEAST || most < LEAST_HZ * (float)c->compared)
        return 0;
    float n = (float)c->compared, alike = most * most / (n * c->amplitude[line]);
    /* a tone alone is in three lines, with 1.5 times its power */
    float fraction = 1.5f * most * most / (n * c->power + 1e-20f);
    if (alike < fminf(ALIKE + ALIKE_FEW / n, ALIKE_MOST) ||
        fraction < fminf(FRACTION + FRACTION_FEW / n, FRACTION_MOST))
        return 0;
    double angle = atan2((double)c->sum[line][1], (double)c->sum[line][0]);
    double hz = (line + HZ_CTCSS_LOW) * LINE_HZ + angle / (2 * M_PI * APART_S);
    return nearest(c, hz);
}

static void end_block(struct hz_ctcss *c)
{
    transform(c, c->parts[c->blocks % 4]);
    c->blocks++;
    c->noisy[c->blocks % 8] = 0;
    if (c->blocks < 4)
        return;
    take_spectrum(c, c->spectra[c->blocks % 3]);
    unsigned noisy = 0;
    for (unsigned b = 1; b <= 6; b++)
        noisy += c->noisy[(c->blocks - b) % 8];
    if (c->blocks >= 6 && noisy <= NOISY_MOST)
        compare(c, c->spectra[(c->blocks + 1) % 3], c->spectra[c->blocks % 3]);
    if (c->tone == 0 && c->compared >= WINDOWS_STAY)
        c->tone = judge(c);
}

void hz_ctcss_carrier(struct hz_ctcss *c, bool there)
{
    c->faded = !there;
}

void hz_ctcss_push(struct hz_ctcss *c, const float *hz, size_t n)
{
    while (hz_subaudio_push(&c->way, &hz, &n, &c->block[c->have])) {
        c->noisy[c->blocks % 8] += c->faded;
        if (++c->have == HZ_CTCSS_BLOCK) {
            c->have = 0;
            end_block(c);
        }
    }
}

void hz_ctcss_also(struct hz_ctcss *c, double hz)
{
    double known = nearest(c, hz);
    c->also_hz = fabs(known - hz) < 0.5 ? 0 : hz;
}

double hz_ctcss_tone(const struct hz_ctcss *c)
{
    return c->tone > 0 ? c->tone : judge(c);
}
