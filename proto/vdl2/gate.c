#include "proto/vdl2/gate.h"

#include "dsp/clones.h"
#include "dsp/lanes.h"

#include <math.h>
#include <stdbool.h>

enum {
    T = HZ_VDL2_SYMBOL,
    PLACES = HZ_VDL2_HOP + 2 * HZ_VDL2_ALONE,
    READ = PLACES + (HZ_VDL2_PREAMBLE - 1) * T,
    LANES = 8
};

/* r of a signal 2 dB over the noise in the channel's samples. Noise passes it 5 times a second. */
static const float least = 0.42f;

const uint8_t hz_vdl2_preamble[HZ_VDL2_PREAMBLE] = {0, 3, 5, 1, 1, 2, 0, 4, 5, 4, 6, 3, 1, 6, 5, 0};

/* The products of the hop and of what is around it, and the power of each sample. */
struct products {
    float re[READ], im[READ], power[READ];
};

HZ_CLONES
static void multiply(const float *iq, struct products *p)
{
    for (int i = 0; i < READ - T; i++) {
        const float *a = iq + 2 * i, *b = a + 2 * T;
        p->re[i] = b[0] * a[0] + b[1] * a[1];
        p->im[i] = b[1] * a[0] - b[0] * a[1];
        p->power[i] = a[0] * a[0] + a[1] * a[1];
    }
    for (int i = READ - T; i < READ; i++)
        p->power[i] = iq[2 * i] * iq[2 * i] + iq[2 * i + 1] * iq[2 * i + 1];
}

/* Sums over 16 samples a symbol apart, in place: of two, of four, of eight, of all. */
HZ_CLONES
static void add_power(float power[READ])
{
    for (int span = T, n = READ; span < HZ_VDL2_PREAMBLE * T; span *= 2) {
        n -= span;
        for (int i = 0; i < n; i++)
            power[i] += power[i + span];
    }
}

/* Products at place i for a step between symbols k - 1 and k. */
#define STEP(x, k) (*(const hz_eight *)((x) + i + ((k)-1) * T))

/* The fraction r at all places. Steps that turn by the same angle are added up first. */
HZ_CLONES
static void fractions(const struct products *p, float r[PLACES])
{
    const float root = 0.70710678f;
    for (int i = 0; i < PLACES; i += LANES) {
        /* steps of 0 less those of 4 eighths, and so on */
        hz_eight re04 = STEP(p->re, 4) - STEP(p->re, 3) - STEP(p->re, 7);
        hz_eight im04 = STEP(p->im, 4) - STEP(p->im, 3) - STEP(p->im, 7);
        hz_eight re26 = STEP(p->re, 2) + STEP(p->re, 10) - STEP(p->re, 6) - STEP(p->re, 12);
        hz_eight im26 = STEP(p->im, 2) + STEP(p->im, 10) - STEP(p->im, 6) - STEP(p->im, 12);
        hz_eight re15 = STEP(p->re, 5) + STEP(p->re, 8) - STEP(p->re, 11) - STEP(p->re, 13);
        hz_eight im15 = STEP(p->im, 5) + STEP(p->im, 8) - STEP(p->im, 11) - STEP(p->im, 13);
        hz_eight re37 = STEP(p->re, 1) + STEP(p->re, 15) - STEP(p->re, 9) - STEP(p->re, 14);
        hz_eight im37 = STEP(p->im, 1) + STEP(p->im, 15) - STEP(p->im, 9) - STEP(p->im, 14);
        /* a quarter of a cycle back: re, im become im, -re */
        hz_eight even_re = re04 + im26, even_im = im04 - re26;
        hz_eight odd_re = re15 + im37, odd_im = im15 - re37;
        hz_eight re = even_re + root * (odd_re + odd_im);
        hz_eight im = even_im + root * (odd_im - odd_re);
        hz_eight power = *(const hz_eight *)(p->power + i) + 1e-20f;
        *(hz_eight *)(r + i) = (re * re + im * im) / (power * power);
    }
}

/* Radians a symbol at place i. */
static float turn_at(const struct products *p, int i)
{
    float re = 0, im = 0;
    for (int k = 1; k < HZ_VDL2_PREAMBLE; k++) {
        float angle = -0.78539816f * (float)(hz_vdl2_preamble[k] - hz_vdl2_preamble[k - 1]);
        float a = p->re[i + (k - 1) * T], b = p->im[i + (k - 1) * T];
        re += a * cosf(angle) - b * sinf(angle);
        im += a * sinf(angle) + b * cosf(angle);
    }
    return atan2f(im, re);
}

/* Whether r is nowhere higher around the place, nor as high before it. */
static bool is_peak(const float *r)
{
    for (int k = 1; k <= HZ_VDL2_ALONE; k++)
        if (r[-k] >= r[0] || r[k] > r[0])
            return false;
    return true;
}

size_t hz_vdl2_gate(const float *iq, struct hz_vdl2_peak peak[HZ_VDL2_PEAKS])
{
    struct products p;
    float r[PLACES];
    size_t n = 0;
    multiply(iq - 2 * HZ_VDL2_ALONE, &p);
    add_power(p.power);
    fractions(&p, r);
    for (int i = HZ_VDL2_ALONE; i < HZ_VDL2_ALONE + HZ_VDL2_HOP; i++)
        if (r[i] >= least && is_peak(r + i) && n < HZ_VDL2_PEAKS)
            peak[n++] =
                (struct hz_vdl2_peak){i - HZ_VDL2_ALONE, turn_at(&p, i) / (2 * 3.14159265f * T)};
    return n;
}
