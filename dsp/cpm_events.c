/* Error events and reliabilities of a traceback, the carrier along it, and the modulator. */
#include "dsp/cpm_run.h"

#include <math.h>
#include <string.h>

enum { EVENT_BITS = 32 };

/* Follows the path that lost at state path[k] back until it joins the best path, and notes the bits
 * that differ. The predecessors of both at bit k - 1 differ only in the oldest bit, bit k - M; each
 * step back shows the bit before it. False when the event changes a bit before `from` or is too
 * long. */
static bool walk(const struct hz_cpm *c, size_t k, size_t from, struct hz_cpm_event *e)
{
    size_t m = c->mode.states_log2;
    if (k < from + m)
        return false;
    unsigned other = hz_cpm_before(c, k, c->path[k], true);
    size_t last = k - m;
    e->last = (uint32_t)last;
    e->mask = 0;
    for (unsigned i = 0; i < EVENT_BITS && last >= from + i; i++) {
        size_t at = k - 1 - i;
        if (other == c->path[at])
            return true;
        e->mask |= ((other ^ c->path[at]) & 1) << i;
        other = hz_cpm_before(c, at, other, false);
    }
    return false;
}

size_t hz_cpm_events(const struct hz_cpm *c, size_t from, struct hz_cpm_event *out, size_t max)
{
    size_t count = 0;
    for (size_t k = from; k < c->bits; k++) {
        struct hz_cpm_event e = {.cost = hz_cpm_lack(c, k, c->path[k])};
        if ((count == max && (max == 0 || e.cost >= out[max - 1].cost)) || !walk(c, k, from, &e))
            continue;
        size_t at = count < max ? count++ : max - 1;
        for (; at > 0 && out[at - 1].cost > e.cost; at--)
            out[at] = out[at - 1];
        out[at] = e;
    }
    return count;
}

void hz_cpm_sureness(const struct hz_cpm *c, float *out)
{
    for (size_t k = 0; k < c->bits; k++)
        out[k] = INFINITY;
    for (size_t k = 0; k < c->bits; k++) {
        struct hz_cpm_event e = {.cost = hz_cpm_lack(c, k, c->path[k])};
        if (!walk(c, k, 0, &e))
            continue;
        for (uint32_t mask = e.mask; mask; mask &= mask - 1) {
            float *bit = out + e.last - (unsigned)__builtin_ctz(mask);
            *bit = *bit < e.cost ? *bit : e.cost;
        }
    }
}

static unsigned pattern_of(const uint8_t *bits, size_t count, size_t k)
{
    unsigned before = k > 0 ? bits[k - 1] : bits[0] ^ 1u, after = k + 1 < count ? bits[k + 1] : 0;
    return before << 2 | (unsigned)bits[k] << 1 | after;
}

void hz_cpm_carrier(struct hz_cpm *c, const uint8_t *bits, size_t count, float *out)
{
    float rot_re = 1, rot_im = 0;
    for (size_t k = 0; k + 1 < count; k++) {
        unsigned p = pattern_of(bits, count, k), mirror = p > 3;
        struct hz_cpm_span span = hz_cpm_locate(c, k);
        const float *y = c->iq + 2 * span.first, *w = span.waves + (mirror ? 7 - p : p);
        float re = 0, im = 0, sign = mirror ? -1 : 1;
        for (size_t n = 0; n < span.n; n++, y += 2, w += 8) {
            re += y[0] * w[0] + sign * y[1] * w[4];
            im += y[1] * w[0] - sign * y[0] * w[4];
        }
        out[2 * k] = re * rot_re - im * rot_im;
        out[2 * k + 1] = re * rot_im + im * rot_re;
        float next = rot_re * c->rot_re[p] - rot_im * c->rot_im[p];
        rot_im = rot_re * c->rot_im[p] + rot_im * c->rot_re[p];
        rot_re = next;
    }
}

void hz_cpm_modulate(const struct hz_cpm *c, const uint8_t *bits, size_t count, double start,
                     float *iq, size_t n)
{
    struct hz_cpm at = {
        .mode = c->mode, .wave = c->wave, .waves = c->waves, .n = n, .start = start};
    float rot_re = 1, rot_im = 0;
    memset(iq, 0, 2 * n * sizeof *iq);
    for (size_t k = 0; k < count; k++) {
        unsigned p = pattern_of(bits, count, k), mirror = p > 3;
        struct hz_cpm_span span = hz_cpm_locate(&at, k);
        const float *w = span.waves + (mirror ? 7 - p : p);
        float *y = iq + 2 * span.first;
        for (size_t i = 0; i < span.n; i++, y += 2, w += 8) {
            float re = w[0], im = mirror ? -w[4] : w[4];
            y[0] = re * rot_re - im * rot_im;
            y[1] = re * rot_im + im * rot_re;
        }
        /* here rot is exp(j phi), not its conjugate */
        float next = rot_re * c->rot_re[p] + rot_im * c->rot_im[p];
        rot_im = rot_im * c->rot_re[p] - rot_re * c->rot_im[p];
        rot_re = next;
    }
}
