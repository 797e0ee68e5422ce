#include "dsp/audio_in.h"

#include "dsp/convert.h"
#include "dsp/resample.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 4096 }; /* samples of input converted at a time */

struct hz_audio_in {
    struct hz_resample *filter; /* NULL: the rates are the same */
    size_t late;                /* output samples still to be dropped: the delay of the filter */
    uint64_t next;              /* index of the next output sample */
    float *out;
    size_t cap;
    enum hz_ear ear;
};

static unsigned common(unsigned a, unsigned b)
{
    return b ? common(b, a % b) : a;
}

struct hz_audio_in *hz_audio_in_new(double rate_in, double rate_out, char *err, size_t err_len)
{
    bool whole = rate_in >= 1 && rate_in < 1e6 && rate_in == floor(rate_in);
    unsigned in = whole ? (unsigned)rate_in : 1, out = (unsigned)rate_out, d = common(in, out);
    if (!whole || in / d > 1000 || out / d > 1000) {
        snprintf(err, err_len,
                 "audio of %.10g samples a second: expected a whole rate in the ratio of two "
                 "numbers up to 1000 to %.10g",
                 rate_in, rate_out);
        return NULL;
    }
    struct hz_audio_in *a = calloc(1, sizeof *a);
    if (a && in != out) {
        a->filter = hz_resample_new(out / d, in / d);
        if (a->filter)
            a->late = (size_t)lround(hz_resample_delay(a->filter) * rate_out / rate_in);
    }
    if (!a || (in != out && !a->filter)) {
        free(a);
        snprintf(err, err_len, "out of memory");
        return NULL;
    }
    return a;
}

void hz_audio_in_free(struct hz_audio_in *a)
{
    if (!a)
        return;
    hz_resample_free(a->filter);
    free(a->out);
    free(a);
}

void hz_audio_in_choose(struct hz_audio_in *a, enum hz_ear ear)
{
    a->ear = ear;
}

/* Converts n samples, at most CHUNK, of the selected channel to x. */
static void to_float(const struct hz_audio_in *a, enum hz_format format, const uint8_t *in,
                     size_t n, float *x)
{
    float both[2 * CHUNK];
    if (format < HZ_STEREO || a->ear == HZ_EAR_BOTH) {
        hz_convert(format, in, n, x);
        return;
    }
    hz_convert((enum hz_format)(format - HZ_STEREO), in, n, both); /* left and right as I and Q */
    for (size_t i = 0; i < n; i++)
        x[i] = both[2 * i + (a->ear == HZ_EAR_RIGHT)];
}

static bool reserve(struct hz_audio_in *a, size_t n)
{
    if (n <= a->cap)
        return true;
    float *more = realloc(a->out, n * sizeof *more);
    if (more) {
        a->out = more;
        a->cap = n;
    }
    return more != NULL;
}

struct hz_samples hz_audio_in_push(struct hz_audio_in *a, const struct hz_samples *in)
{
    const uint8_t *bytes = in->data;
    float x[CHUNK];
    size_t have = 0;
    for (size_t at = 0; at < in->n; at += CHUNK) {
        size_t n = in->n - at < CHUNK ? in->n - at : CHUNK;
        size_t makes = a->filter ? hz_resample_count(a->filter, n) : n;
        to_float(a, in->format, bytes + at * hz_format_bytes(in->format), n, x);
        if (!reserve(a, have + makes))
            break;
        if (a->filter)
            have += hz_resample_push(a->filter, x, n, a->out + have);
        else
            memcpy(a->out + have, x, n * sizeof *x);
        have += a->filter ? 0 : n;
    }
    size_t skip = a->late < have ? a->late : have;
    a->late -= skip;
    struct hz_samples out = {
        .format = HZ_F32, .data = a->out + skip, .n = have - skip, .first = a->next};
    a->next += out.n;
    return out;
}
