#include "dsp/level.h"
#include "dsp/convert.h"
#include "dsp/nth.h"

#include <math.h>

enum { RUN = 64, RUNS_MAX = 2048 };

/* The mean of 64 powers of white noise has a relative standard deviation of 1/8. Its tenth
 * percentile is 1.28 standard deviations below the mean. */
static const float tenth_to_mean = 1 / (1 - 1.28f / 8);

/* The largest value of a format, as a float: a sample there may have been larger. For wide formats
 * it rounds to 1. */
static float full_scale(enum hz_format format)
{
    if (format == HZ_CS8)
        return 127 / 128.0f;
    return format == HZ_CS16 || format == HZ_CS16_BE ? 32767 / 32768.0f : 1.0f;
}

float hz_db(float power)
{
    return 10 * log10f(power > 1e-20f ? power : 1e-20f);
}

double hz_db_double(double power)
{
    return power > 1e-20 ? 10 * log10(power) : -200;
}

struct hz_level hz_level_measure(const struct hz_samples *s)
{
    float power[RUNS_MAX], x[2 * RUN];
    float limit = full_scale(s->format);
    size_t runs = s->n / RUN, clipped = 0;
    double sum = 0;
    runs = runs > RUNS_MAX ? RUNS_MAX : runs;
    for (size_t r = 0; r < runs; r++) {
        hz_convert(s->format, (const char *)s->data + r * RUN * hz_format_bytes(s->format), RUN, x);
        float p = 0;
        for (size_t i = 0; i < RUN; i++) {
            float re = x[2 * i], im = x[2 * i + 1];
            p += re * re + im * im;
            clipped += fabsf(re) >= limit || fabsf(im) >= limit;
        }
        power[r] = p / RUN;
        sum += (double)power[r];
    }
    if (runs == 0)
        return (struct hz_level){.mean_dbfs = -200, .noise_dbfs = -200};
    return (struct hz_level){
        .mean_dbfs = hz_db_double(sum / (double)runs),
        .noise_dbfs = hz_db_double((double)(hz_nth(power, runs, runs / 10) * tenth_to_mean)),
        .clip_percent = 100.0 * (double)clipped / (double)(runs * RUN)};
}
