/* Receives a batch from the audio of an FM discriminator: each bit is integrated and compared with
 * the mean of the recent levels (the audio may be AC-coupled), for several clock rates, because
 * sound cards have clock errors too. */
#include "proto/pocsag/receive.h"

#include <math.h>

enum { BITS = HZ_POCSAG_BATCH_BITS, COARSE = 28, FINE = 20, SHIFTS = 2 };

/* Clocks tried: first +-0.7 %, the errors of sound card and transmitter together, in steps of a
 * seventh of a bit over a batch; then +-1000 ppm around the best one, or around the known one. */
static const double coarse_step = 250e-6, fine_step = 50e-6;
static const double most_clock = 0.008;
static const double shift_step = 0.1; /* of a bit */
static const float used = 0.8f; /* Fraction of a bit that is used, its middle; the edges ring */
static const float forget = 1.0f / 16; /* gain of a level's update by each bit */

struct trial {
    double at, bit; /* in samples from sum[0] */
    float opening;  /* opening of the eye: mean distance from the slicing level over its rms */
};

/* Mean of the audio over a bit's middle; sum[i] is the sum of all samples before i. */
static float integrate(const float *sum, double from, double to)
{
    size_t i = (size_t)from, k = (size_t)to;
    double a = sum[i] + (from - (double)i) * (sum[i + 1] - sum[i]);
    double b = sum[k] + (to - (double)k) * (sum[k + 1] - sum[k]);
    return (float)((b - a) / (to - from));
}

/* Running levels of ones and zeros. They begin with the mean of a sync word, half of which are
 * ones. */
struct slicer {
    float high, low;
};

static float slice(struct slicer *s, float level)
{
    float middle = (s->high + s->low) / 2;
    if (level > middle)
        s->high += forget * (level - s->high);
    else
        s->low += forget * (level - s->low);
    return level - middle;
}

static float bit_level(const float *sum, const struct trial *t, size_t k)
{
    double from = t->at + ((double)k + (1 - (double)used) / 2) * t->bit;
    return integrate(sum, from, from + (double)used * t->bit);
}

static struct slicer start(const float *sum, const struct trial *t)
{
    struct slicer s = {0, 0};
    float mean = 0;
    for (size_t k = 0; k < HZ_BCH_BITS; k++)
        mean += bit_level(sum, t, k) / HZ_BCH_BITS;
    for (size_t k = 0; k < HZ_BCH_BITS; k++) {
        float level = bit_level(sum, t, k), fraction = 2.0f / HZ_BCH_BITS;
        s.high += fraction * (level > mean ? level : mean) - fraction / 2 * mean;
        s.low += fraction * (level > mean ? mean : level) - fraction / 2 * mean;
    }
    return s;
}

static void look(const float *sum, struct trial *t)
{
    struct slicer s = start(sum, t);
    float distance = 0, power = 0;
    for (size_t k = 0; k < BITS; k++) {
        float x = slice(&s, bit_level(sum, t, k));
        distance += fabsf(x);
        power += x * x;
    }
    t->opening = power > 0 ? distance / sqrtf(power * BITS) : 0;
}

/* The trial with the most open eye, of so many clocks to either side of one. */
static struct trial most_open(const float *sum, const struct trial *about, int clocks, double step)
{
    struct trial best = {.opening = -1};
    for (int c = -clocks; c <= clocks; c++) {
        for (int shift = -SHIFTS; shift <= SHIFTS; shift++) {
            struct trial t = {.at = about->at + shift * shift_step * about->bit,
                              .bit = about->bit * (1 + c * step)};
            look(sum, &t);
            if (t.opening > best.opening)
                best = t;
        }
    }
    return best;
}

bool hz_pocsag_receive_audio(struct hz_pocsag_receiver *r, const float *audio, uint64_t first,
                             struct hz_pocsag_line *line, struct hz_pocsag_batch *out)
{
    uint64_t from = (uint64_t)line->at - HZ_POCSAG_LEAD;
    const float *x = audio + (from - first);
    float *sum = r->mixed, total = 0;
    double nominal = hz_pocsag_bit(line->baud);
    for (size_t i = 0; i < HZ_POCSAG_LONGEST; i++) {
        sum[i] = total;
        total += x[i];
    }
    struct trial best = {.at = line->at - (double)from, .bit = nominal * line->clock};
    if (!line->steady)
        best = most_open(sum, &best, COARSE, coarse_step);
    best = most_open(sum, &best, FINE, fine_step);
    r->steps += HZ_POCSAG_RUN_BITS;
    struct slicer s = start(sum, &best);
    for (size_t k = 0; k < BITS; k++) {
        float level = slice(&s, bit_level(sum, &best, k));
        r->soft.bit[k] = (level < 0) != line->inverted;
        r->soft.sure[k] = fabsf(level);
    }
    hz_pocsag_batch_read(r->code, &r->soft, out);
    if (!hz_pocsag_batch_follows(out))
        return false;
    line->steady = true;
    line->clock = fmin(fmax(best.bit / nominal, 1 - most_clock), 1 + most_clock);
    line->at = (double)from + best.at + BITS * best.bit;
    return true;
}
