#include "dsp/agc.h"

#include <math.h>

void hz_agc_init(struct hz_agc *a, float attack, float release, float least)
{
    *a = (struct hz_agc){.attack = 1 - expf(-1 / attack),
                         .release = 1 - expf(-1 / release),
                         .level = least,
                         .least = least};
}

void hz_agc_run(struct hz_agc *a, float *x, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        float step = x[i] - a->level;
        a->level += step * (step > 0 ? a->attack : a->release);
        a->level = fmaxf(a->level, a->least);
        x[i] /= a->level;
    }
}
