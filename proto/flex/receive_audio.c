/* Frames from the audio of a discriminator: the mean over each symbol is its level. */
#include "dsp/cpm_line.h"
#include "proto/flex/receive.h"

#include <math.h>

enum {
    BIT = HZ_FLEX_BIT,
    HEAD = HZ_FLEX_HEAD_BITS,
    TIMINGS = 4, /* tried in a symbol, for the clock */
    WINDOW = 32, /* symbols */
    WINDOWS = HZ_CPM_LINE_WINDOWS
};

static const double two_pi = 6.28318530717958647692;
/* Crystals of sound cards are better. */
static const double most_clock = 1e-3;
/* Of a symbol, about its middle, that is summed. */
static const double used = 0.8;

static float level(const float *audio, double at, double length)
{
    double from = at + length * (1 - used) / 2, to = at + length * (1 + used) / 2;
    float sum = 0;
    long a = lrint(from), b = lrint(to);
    for (long i = a; i < b; i++)
        sum += audio[i];
    return b > a ? sum / (float)(b - a) : 0;
}

/* What the synchronisation tells: the levels of the outer tones. */
struct scale {
    float centre, deviation; /* deviation > 0 */
};

static struct scale find_scale(const float *audio, double at, const struct hz_flex_start *start)
{
    float sum[2] = {0};
    unsigned n[2] = {0};
    for (int k = 0; k < HZ_FLEX_SYNC_BITS; k++) {
        bool high = (hz_flex_sync_sign(start->mode, k) > 0) != start->inverted;
        sum[high] += level(audio, at + k * BIT, BIT);
        n[high]++;
    }
    float low = sum[0] / (float)n[0], high = sum[1] / (float)n[1];
    return (struct scale){(low + high) / 2, (high - low) / 2};
}

static struct hz_cpm_line find_line(const float *audio, double at, double length, size_t symbols,
                                    float centre)
{
    struct hz_cpm_line line;
    float h[2 * WINDOWS] = {0};
    size_t windows = symbols / WINDOW < WINDOWS ? symbols / WINDOW : WINDOWS;
    for (size_t k = 0; k < windows * WINDOW; k++) {
        for (int i = 0; i < TIMINGS; i++) {
            double early = (double)i / TIMINGS;
            float x = level(audio, at + ((double)k + early) * length, length) - centre;
            h[2 * (k / WINDOW)] += x * x * (float)cos(two_pi * early);
            h[2 * (k / WINDOW) + 1] -= x * x * (float)sin(two_pi * early);
        }
    }
    hz_cpm_line_fit(h, windows, WINDOW, most_clock, &line);
    return line;
}

bool hz_flex_receive_audio(struct hz_flex_receiver *r, const float *audio, uint64_t first,
                           uint64_t hop, const struct hz_flex_start *start,
                           struct hz_flex_frame *out)
{
    double at = (double)(hop - first) + start->at;
    size_t n = hz_flex_symbols_in(start->mode);
    double bit = (double)HZ_FLEX_RATE_HZ / hz_flex_modes[start->mode].baud;
    double data = at + HEAD * BIT;
    struct scale scale = find_scale(audio, at, start);
    if (!(scale.deviation > 0))
        return false;
    float info[HZ_BCH_BITS];
    for (int k = 0; k < HZ_BCH_BITS; k++)
        info[k] = level(audio, at + (HZ_FLEX_INFO_AT + k) * BIT, BIT) - scale.centre;
    struct hz_cpm_line line = find_line(audio, data, bit, n, scale.centre);
    data += line.late * bit;
    bit *= 1 + line.clock;
    for (size_t k = 0; k < n; k++) {
        float x = level(audio, data + (double)k * bit, bit) - scale.centre;
        r->symbols.a[k] = x;
        r->symbols.b[k] = scale.deviation * 2 / 3 - fabsf(x);
    }
    r->steps += (unsigned)n;
    *out = (struct hz_flex_frame){.mode = start->mode,
                                  .inverted = start->inverted,
                                  .at = (double)first + at,
                                  .end = (double)first + at + (HEAD + 2816) * BIT,
                                  .freq_hz = NAN,
                                  .deviation_hz = NAN,
                                  .signal = NAN};
    hz_flex_frame_info(r->code, info, out);
    hz_flex_frame_read(r->code, &r->symbols, &r->soft, out);
    return hz_flex_frame_good(out);
}
