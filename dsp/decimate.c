#include "dsp/decimate.h"

#include "dsp/clones.h"
#include "dsp/lanes.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { AT_ONCE = 16 /* outputs */ };

static const double nothing = 1e-12; /* of the largest tap: it is 0, but for its rounding */

int hz_decimate_init(struct hz_decimate *d, const double *h, size_t taps, unsigned down,
                     size_t most)
{
    double top = 0;
    *d = (struct hz_decimate){
        .down = down, .reach = (taps - 1) / down, .room = most / down + 2 * AT_ONCE};
    d->phases = calloc(2 * d->room * down, sizeof *d->phases);
    d->tap = calloc(taps, sizeof *d->tap);
    if (!d->phases || !d->tap) {
        hz_decimate_done(d);
        return -ENOMEM;
    }
    for (size_t i = 0; i < taps; i++)
        top = fmax(top, fabs(h[i]));
    for (size_t p = 0; p < down; p++)
        for (size_t i = p; i < taps; i += down)
            if (fabs(h[i]) > nothing * top)
                d->tap[d->n++] =
                    (struct hz_decimate_tap){(float)h[i], d->phases + 2 * (p * d->room + i / down)};
    return 0;
}

void hz_decimate_done(struct hz_decimate *d)
{
    free(d->phases);
    free(d->tap);
    *d = (struct hz_decimate){0};
}

/* Fills the phases from x: n samples of each. */
static inline void split(const float *x, size_t n, unsigned down, float *phases, size_t room)
{
    for (size_t i = 0; i < n; i++)
        for (size_t p = 0; p < down; p++, x += 2)
            memcpy(phases + 2 * (p * room + i), x, 2 * sizeof *x);
}

/* AT_ONCE outputs from output `at` on. */
HZ_CLONES static void sums(const struct hz_decimate *d, size_t at, float *y)
{
    hz_eight a = {0}, b = {0}, c = {0}, e = {0};
    for (size_t t = 0; t < d->n; t++) {
        const hz_eight *x = (const hz_eight *)(d->tap[t].from + 2 * at);
        float h = d->tap[t].h;
        a += x[0] * h;
        b += x[1] * h;
        c += x[2] * h;
        e += x[3] * h;
    }
    hz_eight *out = (hz_eight *)y;
    out[0] = a;
    out[1] = b;
    out[2] = c;
    out[3] = e;
}

void hz_decimate_run(struct hz_decimate *d, const float *x, size_t n, float *y)
{
    if (d->down == 2)
        split(x, n + d->reach, 2, d->phases, d->room);
    else
        split(x, n + d->reach, d->down, d->phases, d->room);
    for (size_t k = 0; k < n; k += AT_ONCE)
        sums(d, k, y + 2 * k);
}
