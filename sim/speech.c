#include "sim/speech.h"

#include <math.h>

#define TURN (2 * 3.14159265358979323846)

enum { FORMANTS = 3 };

/* A two-pole resonator. */
struct formant {
    double a, b, gain, y1, y2;
};

static void tune(struct formant *f, double freq_hz, double width_hz)
{
    double radius = exp(-TURN / 2 * width_hz / HZ_SIM_SPEECH_RATE_HZ);
    f->a = 2 * radius * cos(TURN * freq_hz / HZ_SIM_SPEECH_RATE_HZ);
    f->b = -radius * radius;
    f->gain = 1 - radius;
}

static double ring(struct formant *f, double x)
{
    double y = f->gain * x + f->a * f->y1 + f->b * f->y2;
    f->y2 = f->y1;
    f->y1 = y;
    return y;
}

/* One syllable: an optional hiss, then a vowel that rises and falls. */
struct syllable {
    size_t hiss, vowel; /* samples */
    double pitch_hz;
    const double *formants_hz;
};

static struct syllable next_syllable(struct hz_rng *r, double voice_hz)
{
    /* Peterson and Barney, 1952: means for men. */
    static const double vowels[][FORMANTS] = {{730, 1090, 2440}, {270, 2290, 3010},
                                              {300, 870, 2240},  {530, 1840, 2480},
                                              {570, 840, 2410},  {660, 1720, 2410}};
    const double rate = HZ_SIM_SPEECH_RATE_HZ;
    struct syllable s = {0};
    s.hiss = hz_rng_chance(r, 0.6) ? (size_t)(rate * hz_rng_between(r, 0.02, 0.08)) : 0;
    s.vowel = (size_t)(rate * hz_rng_between(r, 0.1, 0.25));
    s.pitch_hz = voice_hz * hz_rng_between(r, 0.85, 1.2);
    s.formants_hz = vowels[hz_rng_below(r, sizeof vowels / sizeof vowels[0])];
    return s;
}

static void speak(float *audio, size_t n, struct hz_rng *r)
{
    struct formant formants[FORMANTS] = {0};
    struct syllable s = {0};
    double voice_hz = hz_rng_between(r, 95, 210), glottis = 0;
    size_t in = 0;
    for (size_t i = 0; i < n; i++, in++) {
        if (in >= s.hiss + s.vowel) {
            s = next_syllable(r, voice_hz);
            in = 0;
            for (int k = 0; k < FORMANTS; k++) {
                tune(&formants[k], s.formants_hz[k], 70 + 30 * k);
            }
        }
        double swell = 0.05, noise = hz_rng_between(r, -1, 1), pulse = 0;
        if (in >= s.hiss) {
            swell = sin(TURN / 2 * (double)(in - s.hiss) / (double)s.vowel);
            noise *= 0.02;
            glottis += s.pitch_hz / HZ_SIM_SPEECH_RATE_HZ;
        } else {
            noise *= 0.3;
            swell = 0.5;
        }
        if (glottis >= 1) {
            glottis -= 1;
            pulse = 8;
        }
        double x = swell * (pulse + noise), y = 0;
        for (int k = 0; k < FORMANTS; k++) {
            y += ring(&formants[k], x) / (1 + k);
        }
        audio[i] = (float)y;
    }
}

static void cut_below(float *audio, size_t n, double hz)
{
    double keep = exp(-TURN * hz / HZ_SIM_SPEECH_RATE_HZ), slow = 0;
    for (size_t i = 0; i < n; i++) {
        double x = (double)audio[i];
        slow = x + keep * (slow - x);
        audio[i] = (float)(x - slow);
    }
}

static float peak_of(const float *audio, size_t n)
{
    float most = 1e-9f;
    for (size_t i = 0; i < n; i++) {
        most = fmaxf(most, fabsf(audio[i]));
    }
    return most;
}

/* The audio path of a transmitter: limits the peaks, and cuts below 300 Hz (for a CTCSS tone) and
 * above 3000 Hz. */
static void shape(float *audio, size_t n)
{
    struct formant low[2] = {0};
    float peak = peak_of(audio, n);
    tune(&low[0], 0, 3000);
    tune(&low[1], 0, 3000);
    for (size_t i = 0; i < n; i++) {
        double x = tanh(3 * (double)(audio[i] / peak));
        for (int k = 0; k < 2; k++) {
            x = ring(&low[k], x * low[k].gain); /* two poles on the real axis, gain 1 at 0 Hz */
        }
        audio[i] = (float)x;
    }
    for (int k = 0; k < 4; k++) {
        cut_below(audio, n, 300);
    }
}

void hz_sim_speech(float *audio, size_t n, struct hz_rng *r)
{
    speak(audio, n, r);
    shape(audio, n);
    float peak = peak_of(audio, n);
    for (size_t i = 0; i < n; i++) {
        audio[i] /= peak;
    }
}
