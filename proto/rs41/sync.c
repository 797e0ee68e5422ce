#include "proto/rs41/sync.h"

#include <math.h>
#include <string.h>

enum {
    BIT = HZ_RS41_BIT,
    KNOWN = HZ_RS41_KNOWN,
    BLOCK = 24, /* bits of 5 ms, in which a carrier that fades at 50 Hz keeps its phase */
    EARLY = HZ_RS41_MARGIN, /* samples before the lead */
    SPAN = KNOWN * BIT + 2 * EARLY,
};

static const float least_fraction = 0.15f;
static const double most_freq = 4500.0 / HZ_RS41_RATE_HZ; /* beyond, the channel cuts it off */
static const double two_pi = 6.28318530717958647692;
/* The gate's carrier is right to 200 Hz, two standard deviations at 2 dB. */
static const double freq_reach = 600.0 / HZ_RS41_RATE_HZ, freq_step = 24.0 / HZ_RS41_RATE_HZ;
/* Deviations of 1.5 to 4 kHz: 2.4 kHz are usual. */
static const double indices[] = {0.62, 0.75, 0.88, 1, 1.12, 1.25, 1.4, 1.65};
static const double usual_h = 1;

void hz_rs41_known_bits(uint8_t bits[HZ_RS41_KNOWN])
{
    for (unsigned i = 0; i < KNOWN; i++)
        bits[i] = (uint8_t)(i < HZ_RS41_LEAD ? i % 2 : hz_rs41_header >> (i - HZ_RS41_LEAD) & 1);
}

struct trial {
    double late, freq, h;
    float power; /* of S */
};

/* The square of the sum of |c_k|: of audio, whose lost DC turns the phase from bit to bit. */
static float incoherent(const float *carrier)
{
    float sum = 0;
    for (int k = 0; k < KNOWN - 1; k++)
        sum += sqrtf(carrier[2 * k] * carrier[2 * k] + carrier[2 * k + 1] * carrier[2 * k + 1]);
    return sum * sum;
}

/* Sum of |sum of c_k e^(-j k w)|^2 over the blocks of known bits, times their number. */
static float spectrum(const float *carrier, double w)
{
    float c = (float)cos(w), s = (float)sin(w), power = 0;
    for (int from = 0; from < KNOWN; from += BLOCK) {
        float re = 0, im = 0, a = 1, b = 0;
        for (int k = from; k < from + BLOCK; k++) {
            re += carrier[2 * k] * a + carrier[2 * k + 1] * b;
            im += carrier[2 * k + 1] * a - carrier[2 * k] * b;
            float next = a * c - b * s;
            b = a * s + b * c;
            a = next;
        }
        power += re * re + im * im;
    }
    return power * (KNOWN / BLOCK);
}

/* Keeps the better of *best and a trial, with carriers up to `reach` to either side. */
static void attempt(struct hz_cpm *cpm, const float *mixed, struct trial t, double reach,
                    struct trial *best)
{
    uint8_t bits[KNOWN];
    float carrier[2 * KNOWN] = {0}; /* the last bit has none */
    double middle = t.freq;
    hz_rs41_known_bits(bits);
    hz_cpm_adapt(cpm, t.h, 0, BIT);
    hz_cpm_begin(cpm, mixed, SPAN, EARLY + t.late);
    hz_cpm_carrier(cpm, bits, KNOWN, carrier);
    int steps = (int)(reach / freq_step + 0.5);
    for (int i = -steps; i <= steps; i++) {
        t.freq = middle + i * freq_step;
        t.power = spectrum(carrier, two_pi * t.freq * BIT);
        *best = t.power > best->power ? t : *best;
    }
}

/* Position of the maximum of a parabola through three points one apart, from the middle one. */
static double summit(float left, float middle, float right)
{
    double bend = (double)(left - 2 * middle + right);
    return bend < 0 ? fmin(fmax(0.5 * (double)(left - right) / bend, -1), 1) : 0;
}

static void refine_timing(struct hz_cpm *cpm, const float *mixed, struct trial *best)
{
    struct trial side[2] = {0};
    for (int k = 0; k < 2; k++) {
        struct trial t = *best;
        t.late += k ? 0.5 : -0.5;
        attempt(cpm, mixed, t, 0, &side[k]);
    }
    best->late += 0.5 * summit(sqrtf(side[0].power), sqrtf(best->power), sqrtf(side[1].power));
}

void hz_rs41_sync_audio(struct hz_cpm *cpm, const float *iq, const struct hz_headgate_peak *peak,
                        double h, struct hz_rs41_start *out)
{
    int from = peak->at - HZ_RS41_LEAD * BIT - EARLY;
    uint8_t bits[KNOWN];
    float carrier[2 * KNOWN], most = 0;
    hz_rs41_known_bits(bits);
    hz_cpm_adapt(cpm, h, 0, BIT);
    *out = (struct hz_rs41_start){.h = h, .fraction = 1};
    for (double late = -2; late <= 2; late += 0.25) {
        hz_cpm_begin(cpm, iq + 2 * (ptrdiff_t)from, SPAN, EARLY + late);
        hz_cpm_carrier(cpm, bits, KNOWN, carrier);
        float power = incoherent(carrier);
        if (power <= most)
            continue;
        most = power;
        out->at = from + EARLY + late;
    }
}

bool hz_rs41_sync(struct hz_cpm *cpm, const float *iq, const struct hz_headgate_peak *peak,
                  struct hz_rs41_start *out)
{
    int from = peak->at - HZ_RS41_LEAD * BIT - EARLY;
    float mixed[2 * SPAN], energy = 0;
    struct hz_cpm_offset carrier = {peak->freq, 0};
    struct trial best = {0};
    hz_cpm_mix(iq + 2 * (ptrdiff_t)from, SPAN, &carrier, mixed);
    for (int i = -2; i <= 2; i++)
        attempt(cpm, mixed, (struct trial){0.75 * i, 0, usual_h, 0}, freq_reach, &best);
    struct trial middle = best;
    for (size_t i = 0; i < sizeof indices / sizeof indices[0]; i++) {
        middle.h = indices[i];
        attempt(cpm, mixed, middle, 6 * freq_step, &best);
    }
    refine_timing(cpm, mixed, &best);
    for (int i = 2 * EARLY; i < 2 * (EARLY + KNOWN * BIT); i++)
        energy += mixed[i] * mixed[i];
    out->at = from + EARLY + best.late;
    out->freq = peak->freq + best.freq;
    out->h = best.h;
    out->fraction = energy > 0 ? best.power / (energy * KNOWN * BIT) : 0;
    return out->fraction > least_fraction && fabs(out->freq) < most_freq;
}
