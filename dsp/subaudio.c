#include "dsp/subaudio.h"

/* Passes the highest tone, 254.1 Hz, and attenuates speech over 500 Hz before decimation. */
#define EDGE_HZ 280.0

void hz_subaudio_init(struct hz_subaudio *s, unsigned rate_hz)
{
    s->down = rate_hz / HZ_SUBAUDIO_RATE;
    hz_biquad_lowpass(&s->low[0], EDGE_HZ / rate_hz, 0.5412);
    hz_biquad_lowpass(&s->low[1], EDGE_HZ / rate_hz, 1.3066);
    hz_subaudio_reset(s);
}

void hz_subaudio_reset(struct hz_subaudio *s)
{
    for (int i = 0; i < 2; i++)
        s->low[i].z1 = s->low[i].z2 = 0;
    s->left = s->down;
}

bool hz_subaudio_push(struct hz_subaudio *s, const float **hz, size_t *n, float *out)
{
    while (*n > 0) {
        *out = *(*hz)++;
        (*n)--;
        hz_biquad_run(&s->low[0], out, 1);
        hz_biquad_run(&s->low[1], out, 1);
        if (--s->left == 0) {
            s->left = s->down;
            return true;
        }
    }
    return false;
}
