#include "dsp/audio_phase.h"

#include <errno.h>
#include <math.h>
#include <string.h>

static const float two_pi = 6.28318530718f;
static const float silence = 1e-12f; /* mean square of audio that is none */
static const float quiet = 0.01f;    /* of a hop's power: beside it another is a pause */
static const float loudest = 1e6f;

int hz_audio_phase_init(struct hz_audio_phase *p, const struct hz_audio_phase_mode *mode)
{
    if (!(mode->rate_hz >= 1000 && mode->rate_hz <= 96000) || fmod(mode->rate_hz, 50) != 0 ||
        !(mode->highpass_hz >= 0 && mode->highpass_hz < mode->rate_hz / 4) ||
        !(mode->rms_hz > 0 && mode->rms_hz < mode->rate_hz / 2))
        return -EINVAL;
    p->mode = *mode;
    p->hop = (size_t)(mode->rate_hz / 50);
    p->keep = (float)exp(-(double)two_pi * mode->highpass_hz / mode->rate_hz);
    hz_audio_phase_reset(p);
    return 0;
}

void hz_audio_phase_reset(struct hz_audio_phase *p)
{
    p->begun = false;
    p->filled = p->held = 0;
    p->in_was = p->out_was = 0;
    memset(p->power, 0, sizeof p->power);
    memset(p->turns, 0, sizeof p->turns);
}

/* What is no number, or beyond any audio, counts as silence. */
static float sane(float a)
{
    return fabsf(a) <= loudest ? a : 0;
}

static float highpass(struct hz_audio_phase *p, float a)
{
    if (p->mode.highpass_hz > 0) {
        p->out_was = p->keep * (p->out_was + a - p->in_was);
        p->in_was = a;
        a = fabsf(p->out_was) > 1e-15f ? p->out_was : (p->out_was = 0);
    }
    return a;
}

/* Cycles a sample for audio of 1, where two hops of these powers meet: by the quieter one, as an
 * open squelch's noise is louder than any signal beside it, unless that is a pause. */
static float gain_at(const struct hz_audio_phase *p, float before, float after)
{
    float least = fminf(before, after), most = fmaxf(before, after);
    float power = least > quiet * most ? least : most;
    return power > silence ? (float)(p->mode.rms_hz / p->mode.rate_hz) / sqrtf(power) : 0;
}

/* The hop in audio[0], its gain a straight line from where it meets the hop before to where it
 * meets the one after. */
static void convert(struct hz_audio_phase *p, size_t n, struct hz_samples *out)
{
    float begin = gain_at(p, p->power[0], p->power[1]), end = gain_at(p, p->power[1], p->power[2]);
    for (int g = 0; g < HZ_AUDIO_GAINS; g++) {
        double turns = p->turns[g];
        for (size_t i = 0; i < n; i++) {
            float gain = begin + (end - begin) * (float)i / (float)p->hop;
            float cycles = p->mode.gain[g] * gain * p->audio[0][i];
            turns += (double)fminf(fmaxf(cycles, -0.5f), 0.5f);
            turns -= floor(turns);
            p->iq[g][2 * i] = cosf(two_pi * (float)turns);
            p->iq[g][2 * i + 1] = sinf(two_pi * (float)turns);
        }
        p->turns[g] = turns;
        out[g] = (struct hz_samples){HZ_CF32, p->iq[g], n, p->first};
    }
}

static float mean_square(const float *a, size_t n)
{
    float sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += a[i] * a[i];
    return n > 0 ? sum / (float)n : 0;
}

/* A hop is complete, or the stream has ended. True when the one before has gone out. */
static bool turn(struct hz_audio_phase *p, struct hz_samples *out)
{
    size_t n = p->held;
    p->power[2] = mean_square(p->audio[1], p->filled);
    if (n > 0)
        convert(p, n, out);
    p->first += n;
    memcpy(p->audio[0], p->audio[1], p->filled * sizeof(float));
    p->held = p->filled;
    p->filled = 0;
    p->power[0] = p->power[1];
    p->power[1] = p->power[2];
    return n > 0;
}

bool hz_audio_phase_push(struct hz_audio_phase *p, struct hz_samples *in, struct hz_samples *out)
{
    if (!p->begun && in->n > 0) {
        p->begun = true;
        p->first = in->first;
    }
    while (in->n > 0) {
        const float *a = in->data;
        size_t n = in->n < p->hop - p->filled ? in->n : p->hop - p->filled;
        for (size_t i = 0; i < n; i++)
            p->audio[1][p->filled + i] = highpass(p, sane(a[i]));
        p->filled += n;
        hz_samples_pass(in, n);
        if (p->filled == p->hop && turn(p, out))
            return true;
    }
    return false;
}

bool hz_audio_phase_flush(struct hz_audio_phase *p, struct hz_samples *out)
{
    /* The first turn may only bring a broken hop forward. */
    return turn(p, out) || (p->held > 0 && turn(p, out));
}
