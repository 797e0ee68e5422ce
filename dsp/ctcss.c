#include "dsp/ctcss.h"

#include <math.h>
#include <string.h>

#define RATE 1000.0
#define LEAST_HZ                                                                                   \
    100.0f         /* deviation of the weakest tone that counts; the usual is 300 to 700 Hz        \
                    */
#define SHARE 0.5f /* of the power below 300 Hz that the tone must have */

static const float tones[HZ_CTCSS_TONES] = {
    67.0f,  69.3f,  71.9f,  74.4f,  77.0f,  79.7f,  82.5f,  85.4f,  88.5f,  91.5f,
    94.8f,  97.4f,  100.0f, 103.5f, 107.2f, 110.9f, 114.8f, 118.8f, 123.0f, 127.3f,
    131.8f, 136.5f, 141.3f, 146.2f, 151.4f, 156.7f, 159.8f, 162.2f, 165.5f, 167.9f,
    171.3f, 173.8f, 177.3f, 179.9f, 183.5f, 186.2f, 189.9f, 192.8f, 196.6f, 199.5f,
    203.5f, 206.5f, 210.7f, 218.1f, 225.7f, 229.1f, 233.6f, 241.8f, 250.3f, 254.1f,
};

void hz_ctcss_init(struct hz_ctcss *c, unsigned rate_hz)
{
    memset(c, 0, sizeof *c);
    c->down = rate_hz / (unsigned)RATE;
    hz_biquad_lowpass(&c->low[0], 280.0 / rate_hz, 0.5412);
    hz_biquad_lowpass(&c->low[1], 280.0 / rate_hz, 1.3066);
    hz_ctcss_reset(c);
}

void hz_ctcss_reset(struct hz_ctcss *c)
{
    for (int i = 0; i < 2; i++)
        c->low[i].z1 = c->low[i].z2 = 0;
    c->left = c->down;
    c->have = 0;
    c->windows = 0;
    memset(c->votes, 0, sizeof c->votes);
}

/* Power of a tone of `hz` in the window; amplitude squared / 2, as the mean square counts it. */
static float goertzel(const float *x, size_t n, float hz)
{
    float c = 2 * cosf((float)(2 * M_PI / RATE) * hz), s1 = 0, s2 = 0;
    for (size_t i = 0; i < n; i++) {
        float s = x[i] + c * s1 - s2;
        s2 = s1;
        s1 = s;
    }
    return 2 * (s1 * s1 + s2 * s2 - c * s1 * s2) / ((float)n * (float)n);
}

static void judge(struct hz_ctcss *c)
{
    float mean = 0, power = 0, best = 0;
    size_t tone = 0;
    for (size_t i = 0; i < HZ_CTCSS_WINDOW; i++)
        mean += c->window[i] / HZ_CTCSS_WINDOW;
    for (size_t i = 0; i < HZ_CTCSS_WINDOW; i++) {
        c->window[i] -= mean;
        power += c->window[i] * c->window[i] / HZ_CTCSS_WINDOW;
    }
    for (size_t t = 0; t < HZ_CTCSS_TONES; t++) {
        float p = goertzel(c->window, HZ_CTCSS_WINDOW, tones[t]);
        if (p > best) {
            best = p;
            tone = t;
        }
    }
    c->windows++;
    if (best >= LEAST_HZ * LEAST_HZ / 2 && best >= SHARE * power)
        c->votes[tone]++;
}

void hz_ctcss_push(struct hz_ctcss *c, const float *hz, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        float x = hz[i];
        hz_biquad_run(&c->low[0], &x, 1);
        hz_biquad_run(&c->low[1], &x, 1);
        if (--c->left)
            continue;
        c->left = c->down;
        c->window[c->have++] = x;
        if (c->have == HZ_CTCSS_WINDOW) {
            judge(c);
            c->have = 0;
        }
    }
}

double hz_ctcss_tone(const struct hz_ctcss *c)
{
    for (size_t t = 0; t < HZ_CTCSS_TONES; t++)
        if (2 * c->votes[t] > c->windows)
            return round(10 * (double)tones[t]) / 10;
    return 0;
}
