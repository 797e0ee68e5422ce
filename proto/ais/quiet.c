#include "proto/ais/quiet.h"

#include "dsp/nth.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { LANES = 8 };

static const float worth = 0.02f; /* Fraction of the quietest hop's power; less DC does no harm */

void hz_ais_quiet_init(struct hz_ais_quiet *q)
{
    memset(q, 0, sizeof *q);
}

/* Power of the quietest hop without that DC. */
static float floor_without(const struct hz_ais_quiet *q, float dc_re, float dc_im)
{
    float quiet = INFINITY, dc = dc_re * dc_re + dc_im * dc_im;
    for (int i = 0; i < HZ_AIS_QUIET_HOPS; i++) {
        float power = q->power[i] - 2 * (q->re[i] * dc_re + q->im[i] * dc_im) + dc;
        if (q->power[i] > 0 && power < quiet)
            quiet = power;
    }
    return quiet;
}

float hz_ais_quiet_floor(const struct hz_ais_quiet *q)
{
    return floor_without(q, q->dc_re, q->dc_im);
}

static void measure(struct hz_ais_quiet *q, const float *iq)
{
    float power[LANES] = {0}, sum[LANES] = {0};
    for (int i = 0; i < 2 * HZ_AIS_HOP; i += LANES)
        for (int l = 0; l < LANES; l++)
            power[l] += iq[i + l] * iq[i + l];
    for (int i = 0; i < 2 * HZ_AIS_HOP; i += LANES)
        for (int l = 0; l < LANES; l++)
            sum[l] += iq[i + l];
    for (int l = 2; l < LANES; l++) {
        power[l % 2] += power[l];
        sum[l % 2] += sum[l];
    }
    size_t at = q->count % HZ_AIS_QUIET_HOPS;
    q->power[at] = (power[0] + power[1]) / HZ_AIS_HOP;
    q->re[at] = sum[0] / HZ_AIS_HOP;
    q->im[at] = sum[1] / HZ_AIS_HOP;
    q->count++;
}

static float median(const float *ring, size_t n)
{
    float copy[HZ_AIS_QUIET_HOPS];
    memcpy(copy, ring, n * sizeof *copy);
    return hz_nth(copy, n, n / 2);
}

/* Whether two in three hops have about that mean: a receiver's DC is steady, a voice's carrier is
 * not. */
static bool is_steady(const struct hz_ais_quiet *q, size_t n, float re, float im)
{
    size_t near = 0;
    for (size_t i = 0; i < n; i++) {
        float off_re = q->re[i] - re, off_im = q->im[i] - im;
        near += off_re * off_re + off_im * off_im < 0.4f * (re * re + im * im);
    }
    return 3 * near >= 2 * n;
}

static void update(struct hz_ais_quiet *q)
{
    size_t n = q->count < HZ_AIS_QUIET_HOPS ? q->count : HZ_AIS_QUIET_HOPS;
    float re = median(q->re, n), im = median(q->im, n), power = re * re + im * im;
    bool is = power > worth * floor_without(q, 0, 0) && is_steady(q, n, re, im);
    q->dc_re = is ? re : 0;
    q->dc_im = is ? im : 0;
    q->updated = q->count;
}

void hz_ais_quiet_take(struct hz_ais_quiet *q, float *iq, size_t hops)
{
    for (size_t i = 0; i < hops; i++)
        measure(q, iq + 2 * i * HZ_AIS_HOP);
    if (q->count >= q->updated + HZ_AIS_QUIET_UPDATE)
        update(q);
    if (q->dc_re == 0 && q->dc_im == 0)
        return;
    for (size_t i = 0; i < hops * HZ_AIS_HOP; i++) {
        iq[2 * i] -= q->dc_re;
        iq[2 * i + 1] -= q->dc_im;
    }
}
