#include "proto/adsb/envelope.h"

#include "dsp/convert.h"

#include <math.h>
#include <string.h>

enum { KEPT = HZ_ADSB_BEFORE + HZ_ADSB_AHEAD };

/* Mean magnitude (`on`) of complex noise of power 1. The filter 1, 4, 1 has a power gain of 18, a
 * Rayleigh magnitude has the mean sqrt(pi) / 2, max + 3/8 min is 1.040 times the magnitude on
 * average, and the result is divided by 8. */
static const float magnitude_of_noise = 4.2426f * 0.8862f * 1.040f / 8.0f;

/* Lower bound of the noise: half of the quantisation noise of 8-bit samples. */
static const float noise_floor = 4.0f;

void hz_adsb_envelope_init(struct hz_adsb_envelope *b, const struct hz_adsb_kernels *kernels)
{
    b->kernels = kernels;
    hz_adsb_envelope_restart(b, 0, false);
}

void hz_adsb_envelope_restart(struct hz_adsb_envelope *b, uint64_t first, bool goes_on)
{
    b->before = goes_on ? 0 : HZ_ADSB_BEFORE;
    b->origin = (int64_t)first - (int64_t)b->before;
    b->fill = b->before;
    b->begun = false;
    memset(b->i, 0, sizeof(b->i));
    memset(b->q, 0, sizeof(b->q));
}

/* Appends samples of a format without a kernel. Audio is treated as silence. */
static void append_other(const struct hz_adsb_envelope *b, enum hz_format format, const char *data,
                         int16_t *i, int16_t *q, size_t n)
{
    enum { AT_ONCE = 512 };
    float x[2 * AT_ONCE] = {0};
    for (size_t some; n > 0; n -= some, i += some, q += some) {
        some = n < AT_ONCE ? n : AT_ONCE;
        if (hz_format_is_iq(format))
            hz_convert(format, data, some, x);
        data += some * hz_format_bytes(format);
        b->kernels->from_f32(x, i, q, some);
    }
}

size_t hz_adsb_envelope_append(struct hz_adsb_envelope *b, const struct hz_samples *in, size_t from)
{
    const char *data = (const char *)in->data + from * hz_format_bytes(in->format);
    size_t n = in->n - from;
    if (n > HZ_ADSB_SIZE - b->fill)
        n = HZ_ADSB_SIZE - b->fill;
    int16_t *i = b->i + b->fill, *q = b->q + b->fill;
    switch (in->format) {
    case HZ_CU8:
        b->kernels->from_u8((const uint8_t *)data, i, q, n);
        break;
    case HZ_CS8:
        b->kernels->from_s8((const int8_t *)data, i, q, n);
        break;
    case HZ_CS16:
        b->kernels->from_s16((const int16_t *)(const void *)data, i, q, n);
        break;
    case HZ_CF32:
        b->kernels->from_f32((const float *)(const void *)data, i, q, n);
        break;
    default:
        append_other(b, in->format, data, i, q, n);
    }
    b->fill += n;
    return n;
}

/* Mean of a plane: the median of the means of segments, which bursts change little. */
static float mean_of(const struct hz_adsb_kernels *k, const int16_t *x, size_t n)
{
    enum { EACH = 4 * HZ_ADSB_SEGMENT, ABOVE = HZ_ADSB_FULL * HZ_ADSB_SEGMENT };
    int32_t v[HZ_ADSB_SIZE / EACH];
    k->sums(x, EACH, v, n / EACH);
    for (size_t s = 0; s < n / EACH; s++)
        v[s] += ABOVE; /* not negative */
    return (float)(k->nth(v, n / EACH, n / EACH / 2) - ABOVE) / HZ_ADSB_SEGMENT;
}

/* Updates the DC estimate by the samples from element `from` on. */
static void estimate_dc(struct hz_adsb_envelope *b, size_t from)
{
    enum { ENOUGH = 8 * HZ_ADSB_SEGMENT };
    const size_t n = b->fill - from;
    if (n < ENOUGH)
        return;
    const float by = b->noise == 0 ? 1.0f : 0.2f;
    b->dc_i += by * (mean_of(b->kernels, b->i + from, n) - b->dc_i);
    b->dc_q += by * (mean_of(b->kernels, b->q + from, n) - b->dc_q);
}

/* Subtracts the DC from the samples from element `from` on, and computes the magnitudes and sums of
 * the segments from `first` on: in pieces, which stay in the nearest cache. */
static void take_magnitudes(struct hz_adsb_envelope *b, size_t from, size_t first)
{
    enum { AT_ONCE = 16 };
    const int16_t di = (int16_t)lrintf(b->dc_i), dq = (int16_t)lrintf(b->dc_q);
    for (size_t s = first; s < HZ_ADSB_SEGMENTS; s += AT_ONCE) {
        const size_t n = s + AT_ONCE < HZ_ADSB_SEGMENTS ? AT_ONCE : HZ_ADSB_SEGMENTS - s;
        /* A magnitude needs its right neighbour. */
        size_t to = (s + n + 1) * HZ_ADSB_SEGMENT;
        to = to < b->fill ? to : b->fill;
        if (from < to && (di != 0 || dq != 0))
            b->kernels->shift(b->i + from, b->q + from, di, dq, to - from);
        from = from < to ? to : from;
        const size_t at = s * HZ_ADSB_SEGMENT;
        b->kernels->summed(b->i + at, b->q + at, b->on + at, b->mid + at, b->sum + s, n);
    }
}

/* The quietest eighth of the block's segments is noise, however dense the traffic. For noise alone,
 * that percentile is 8 % below the mean. The estimate falls at once and rises slowly, since traffic
 * can only add power. */
static void measure_noise(struct hz_adsb_envelope *b)
{
    enum { FIRST = HZ_ADSB_BEFORE / HZ_ADSB_SEGMENT, MOST = HZ_ADSB_BLOCK / HZ_ADSB_SEGMENT };
    size_t n = (b->fill - HZ_ADSB_BEFORE) / HZ_ADSB_SEGMENT;
    if (n > MOST)
        n = MOST;
    if (n == 0)
        return;
    float now = 1.08f * (float)b->kernels->nth(b->sum + FIRST, n, n / 8) / HZ_ADSB_SEGMENT;
    if (now < noise_floor)
        now = noise_floor;
    b->noise = b->noise == 0 || now < b->noise ? now : b->noise + 0.2f * (now - b->noise);
}

void hz_adsb_envelope_measure(struct hz_adsb_envelope *b)
{
    const size_t from = b->begun ? KEPT : b->before;
    const size_t first = b->begun ? KEPT / HZ_ADSB_SEGMENT : 1;
    /* The last magnitude of the block before was computed without its right neighbour. */
    const size_t before = b->begun ? KEPT - 1 : 1;
    estimate_dc(b, from);
    take_magnitudes(b, from, first);
    b->kernels->magnitudes(b->i + before, b->q + before, b->on + before, b->mid + before,
                           first * HZ_ADSB_SEGMENT - before);
    b->kernels->sums(b->on + (first - 1) * HZ_ADSB_SEGMENT, HZ_ADSB_SEGMENT, b->sum + first - 1, 1);
    measure_noise(b);
    b->begun = true;
}

void hz_adsb_envelope_renew(struct hz_adsb_envelope *b, size_t from, size_t end)
{
    from = from > 1 ? from - 1 : 1;
    end = end + 1 < HZ_ADSB_SIZE ? end + 1 : HZ_ADSB_SIZE;
    b->kernels->magnitudes(b->i + from, b->q + from, b->on + from, b->mid + from, end - from);
    b->changed = true;
}

void hz_adsb_envelope_resum(struct hz_adsb_envelope *b)
{
    if (b->changed)
        b->kernels->sums(b->on, HZ_ADSB_SEGMENT, b->sum, HZ_ADSB_SEGMENTS);
    b->changed = false;
}

void hz_adsb_envelope_advance(struct hz_adsb_envelope *b)
{
    int16_t *const planes[] = {b->i, b->q, b->on, b->mid};
    for (size_t k = 0; k < sizeof(planes) / sizeof(*planes); k++)
        memmove(planes[k], planes[k] + HZ_ADSB_BLOCK, KEPT * sizeof(**planes));
    memmove(b->sum, b->sum + HZ_ADSB_BLOCK / HZ_ADSB_SEGMENT,
            KEPT / HZ_ADSB_SEGMENT * sizeof(*b->sum));
    b->origin += HZ_ADSB_BLOCK;
    b->fill -= HZ_ADSB_BLOCK;
}

float hz_adsb_envelope_noise_power(const struct hz_adsb_envelope *b)
{
    float sigma = b->noise / (magnitude_of_noise * HZ_ADSB_FULL);
    return sigma * sigma;
}

float hz_adsb_envelope_power(const struct hz_adsb_envelope *b, size_t at, size_t n)
{
    float sum = (float)b->kernels->power(b->i + at, b->q + at, n);
    return sum / ((float)n * HZ_ADSB_FULL * HZ_ADSB_FULL);
}
