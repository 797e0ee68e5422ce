#include "sim/voice.h"

#include "sim/speech.h"

#include <math.h>

#define TURN (2 * 3.14159265358979323846)

/* Pre-emphasis of 6 dB per octave from 300 Hz on (TIA-603), limited to a peak of 1. */
static void emphasise(float *audio, size_t n)
{
    float before = 0, most = 1e-9f, keep = (float)exp(-TURN * 300 / HZ_SIM_SPEECH_RATE_HZ);
    for (size_t i = 0; i < n; i++) {
        float now = audio[i];
        audio[i] = now - keep * before;
        before = now;
        most = fmaxf(most, fabsf(audio[i]));
    }
    for (size_t i = 0; i < n; i++) {
        audio[i] /= most;
    }
}

int hz_sim_nfm(double seconds, double deviation_hz, double ctcss_hz, struct hz_rng *r,
               struct hz_sim_track *track)
{
    const double rate = HZ_SIM_SPEECH_RATE_HZ;
    int err = hz_sim_track_init(track, rate, (size_t)(seconds * rate));
    if (err != 0) {
        return err;
    }
    hz_sim_speech(track->freq_hz, track->n, r);
    emphasise(track->freq_hz, track->n);
    double tone_hz = ctcss_hz > 0 ? 0.15 * deviation_hz : 0;
    for (size_t i = 0; i < track->n; i++) {
        double speech = (deviation_hz - tone_hz) * (double)track->freq_hz[i];
        double tone = tone_hz * sin(TURN * fmod(ctcss_hz * (double)i / rate, 1));
        track->freq_hz[i] = (float)(speech + tone);
    }
    hz_sim_track_seal(track);
    return 0;
}

int hz_sim_am(double seconds, double depth, struct hz_rng *r, struct hz_sim_track *track)
{
    const double rate = HZ_SIM_SPEECH_RATE_HZ;
    int err = hz_sim_track_init(track, rate, (size_t)(seconds * rate));
    if (err != 0) {
        return err;
    }
    hz_sim_speech(track->amplitude, track->n, r);
    for (size_t i = 0; i < track->n; i++) {
        track->amplitude[i] = (float)(1 + depth * (double)track->amplitude[i]);
    }
    hz_sim_track_seal(track);
    return 0;
}
