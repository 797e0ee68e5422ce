#include "dsp/ctcss.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#define WINDOW  (4 * HZ_CTCSS_BLOCK)
#define LINE_HZ ((double)HZ_SUBAUDIO_RATE / WINDOW)
#define APART_S (2.0 * HZ_CTCSS_BLOCK / HZ_SUBAUDIO_RATE) /* T: between compared windows */

/* Deviation of the weakest tone that is accepted. TIA-603 specifies 500 to 1000 Hz (half in narrow
 * channels); some radios send 150 Hz. */
#define LEAST_HZ 60.0f
/* Largest relative error of the frequency. Encoders are within 0.5 % (TIA-603); just over half of
 * the smallest distance between tones, 1.4 %, is allowed. */
#define OFF_MOST 0.0075
/* Threshold of the coherence: COHERENCE + COHERENCE_FEW / n, at most COHERENCE_MOST. It is higher
 * for few windows, because a vowel holds a line for a few of them. Measured on 900 pieces of speech
 * without a high-pass: at most 0.97 over 3 windows, 0.85 over 6, 0.47 over 11. Nine of ten tones
 * with 150 Hz deviation under the same speech exceed 0.93. */
#define COHERENCE      0.5f
#define COHERENCE_FEW  2.5f
#define COHERENCE_MOST 0.99f
/* Threshold of the tone's fraction of the power in all lines, of the same form. */
#define FRACTION      0.03f
#define FRACTION_FEW  1.2f
#define FRACTION_MOST 0.4f
#define WINDOWS_LEAST 2 /* terms of S: one term alone is always coherent */
/* A tone found after this many terms (0.44 s) is final: radios change its phase during the last
 * 0.2 s of a transmission to mute the receiver, which would spoil the coherence. */
#define WINDOWS_STAY 6
/* Samples without a carrier allowed in two compared windows. The Hann window gives the ends little
 * weight, and a weak carrier is lost for short moments. */
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
    hz_subaudio_init(&c->decimator, rate_hz);
    for (unsigned i = 0; i < WINDOW; i++) {
        c->twiddle[i][0] = (float)cos(2 * M_PI / WINDOW * i);
        c->twiddle[i][1] = (float)-sin(2 * M_PI / WINDOW * i);
    }
}

void hz_ctcss_reset(struct hz_ctcss *c)
{
    size_t kept = offsetof(struct hz_ctcss, block);
    memset((char *)c + kept, 0, sizeof *c - kept);
    hz_subaudio_reset(&c->decimator);
}

/* The transform of one block, as its contribution to the windows that contain it. A window holds
 * whole periods of each line, so phases may count from the first block. */
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

/* X_w of the last four blocks, scaled to the amplitudes of tones. The Hann window is applied in the
 * frequency domain: X(k) / 2 - (X(k-1) + X(k+1)) / 4, the neighbours rotated by a quarter cycle per
 * block of offset between the window and the phase reference. */
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

/* Adds the term of windows a and b to S. */
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

/* The accepted tone nearest to a frequency; 0: none within OFF_MOST. */
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

/* The decision from all terms of S so far; 0: no tone. */
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
    float n = (float)c->compared, coherence = most * most / (n * c->amplitude[line]);
    /* behind a Hann window a tone has three lines with 1.5 times the power of the middle one */
    float fraction = 1.5f * most * most / (n * c->power + 1e-20f);
    if (coherence < fminf(COHERENCE + COHERENCE_FEW / n, COHERENCE_MOST) ||
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
    while (hz_subaudio_push(&c->decimator, &hz, &n, &c->block[c->have])) {
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
