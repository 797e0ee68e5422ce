#include "proto/flex/sync.h"

#include "dsp/clones.h"
#include "dsp/cpm.h"

#include <math.h>
#include <string.h>

enum {
    STEP = HZ_FLEX_SYNC_STEP,
    STEPS = HZ_FLEX_BIT / STEP, /* places of a bit */
    PLACES = HZ_FLEX_SYNC_PLACES,
    FIRST = HZ_FLEX_SYNC_BEFORE / STEP, /* the hop's first place */
    COUNT = (HZ_FSK_GATE_HOP + HZ_FLEX_SYNC_APART) / STEP,
    BITS = HZ_FLEX_SYNC_BITS, /* the dotting is not compared: some send it the other way round */
    CARRIERS = 10,            /* that are looked at */
    LANES = 16
};

_Static_assert((int)HZ_FLEX_SYNC_BEFORE >= 2 * HZ_FLEX_BIT, "it looks back");
_Static_assert((int)HZ_FLEX_SYNC_AFTER >=
                   HZ_FLEX_SYNC_APART + (HZ_FLEX_SYNC_BITS + 4) * HZ_FLEX_BIT,
               "and ahead");

const struct hz_flex_mode hz_flex_modes[HZ_FLEX_MODES] = {
    {1600, 2, 0x78f3, "A"},
    {3200, 2, 0x84e7, "AC"},
    {1600, 4, 0x4f97, "AB"},
    {3200, 4, 0x215f, "ABCD"},
};

/* Half of A that all modes share, and B. */
static const unsigned common = 0x5939, b_word = 0x5555;

/* Half of the distance of the outer tones, and of the carriers that are tried. */
static const double deviation_hz = 4800, carrier_step_hz = 533;

/* Thresholds of likeness: of the 48 bits that modes share, in noise of standard deviation 0.144;
 * and of all 80, 0.112. */
static const float alike = 0.36f, alike_all = 0.5f;

float hz_flex_sync_sign(unsigned mode, int k)
{
    unsigned code = hz_flex_modes[mode].code, bit;
    if (k < 0)
        bit = k % 2 == 0;
    else if (k < 32)
        bit = (k < 16 ? code >> (15 - k) : common >> (31 - k)) & 1;
    else if (k < 48)
        bit = b_word >> (47 - k) & 1;
    else
        bit = ~(k < 64 ? code >> (63 - k) : common >> (79 - k)) & 1;
    return bit ? 1 : -1;
}

/* Whether bit k is the same in all modes. */
static bool shared(int k)
{
    return (k >= 16 && k < 48) || k >= 64;
}

/* ---- levels ----------------------------------------------------------------------------- */

/* The size of the sum over a bit from each place on; x: samples mixed to 0 Hz. */
HZ_CLONES static void sum_bits(const float *x, float *tone)
{
    float re[PLACES], im[PLACES];
    for (int p = 0; p < PLACES; p++) {
        re[p] = x[6 * p] + x[6 * p + 2] + x[6 * p + 4];
        im[p] = x[6 * p + 1] + x[6 * p + 3] + x[6 * p + 5];
    }
    for (int p = 0; p + STEPS <= PLACES; p++) {
        float a = re[p] + re[p + 1] + re[p + 2] + re[p + 3] + re[p + 4];
        float b = im[p] + im[p + 1] + im[p + 2] + im[p + 3] + im[p + 4];
        tone[p] = sqrtf(a * a + b * b);
    }
    for (int p = PLACES - STEPS + 1; p < PLACES; p++)
        tone[p] = 0;
}

static void tone_level(struct hz_flex_sync *s, const float *iq, double hz, float *tone)
{
    struct hz_cpm_offset offset = {hz / HZ_FLEX_RATE_HZ, 0};
    hz_cpm_mix(iq - 2 * (size_t)HZ_FLEX_SYNC_BEFORE, (size_t)STEP * PLACES, &offset, s->mixed);
    sum_bits(s->mixed, tone);
}

static void carrier_levels(struct hz_flex_sync *s, const float *iq, double carrier_hz)
{
    tone_level(s, iq, carrier_hz + deviation_hz, s->tone[0]);
    tone_level(s, iq, carrier_hz - deviation_hz, s->tone[1]);
    for (int p = 0; p < PLACES; p++)
        s->level[p] = s->tone[0][p] - s->tone[1][p];
}

/* Without its mean around each place: the frequency of the transmitter, which audio keeps. */
static void audio_levels(struct hz_flex_sync *s, const float *audio)
{
    float sum[PLACES], all = 0;
    const float *x = audio - HZ_FLEX_SYNC_BEFORE;
    for (int p = 0; p < PLACES; p++) {
        sum[p] = 0;
        for (int i = 0; i < HZ_FLEX_BIT && p + i / STEP < PLACES; i++)
            sum[p] += x[p * STEP + i];
        all += sum[p] / PLACES;
    }
    for (int p = 0; p < PLACES; p++)
        s->level[p] = sum[p] - all;
}

/* ---- likeness --------------------------------------------------------------------------- */

HZ_CLONES static void match(struct hz_flex_sync *s, const float sign[BITS], int bits)
{
    for (int p = 0; p < PLACES; p++)
        s->power[p] = s->level[p] * s->level[p];
    for (int n = FIRST - STEPS; n < FIRST + COUNT + STEPS; n += LANES) {
        float like[LANES] = {0}, power[LANES] = {0};
        for (int k = 0; k < BITS; k++) {
            const float *x = s->level + n + k * STEPS;
            const float *y = s->power + n + k * STEPS;
            for (int l = 0; l < LANES; l++) {
                like[l] += sign[k] * x[l];
                power[l] += fabsf(sign[k]) * y[l];
            }
        }
        for (int l = 0; l < LANES && n + l < PLACES; l++)
            s->match[n + l] = like[l] / sqrtf((float)bits * power[l] + 1e-30f);
    }
}

/* Likeness of all bits in a mode at a place. */
static float match_mode(const struct hz_flex_sync *s, unsigned mode, int place)
{
    float like = 0, power = 0;
    for (int k = 0; k < BITS; k++) {
        float x = s->level[place + k * STEPS];
        like += hz_flex_sync_sign(mode, k) * x;
        power += x * x;
    }
    return like / sqrtf(BITS * power + 1e-30f);
}

static bool is_peak(const float *x)
{
    float here = fabsf(x[0]);
    for (int i = 1; i <= STEPS; i++)
        if (fabsf(x[-i]) >= here || fabsf(x[i]) > here)
            return false;
    return true;
}

/* Adds a start, ordered by likeness; of those at about the same place only the likeliest. 48 bits
 * off, A looks like its complement, and B like dotting. */
static size_t keep(struct hz_flex_start *out, size_t n, const struct hz_flex_start *s)
{
    for (size_t i = 0; i < n; i++) {
        if (fabs(out[i].at - s->at) > HZ_FLEX_SYNC_APART)
            continue;
        if (out[i].likeness >= s->likeness)
            return n;
        memmove(out + i, out + i + 1, (--n - i) * sizeof *out);
        i--;
    }
    size_t at = n < HZ_FLEX_STARTS ? n : HZ_FLEX_STARTS - 1;
    if (n == HZ_FLEX_STARTS && out[at].likeness >= s->likeness)
        return n;
    for (; at > 0 && out[at - 1].likeness < s->likeness; at--)
        out[at] = out[at - 1];
    out[at] = *s;
    return n < HZ_FLEX_STARTS ? n + 1 : n;
}

/* Finds the starts in the levels. */
static size_t collect(struct hz_flex_sync *s, double carrier_hz, struct hz_flex_start *out,
                      size_t n)
{
    float sign[BITS];
    int bits = 0;
    for (int k = 0; k < BITS; k++) {
        sign[k] = shared(k) ? hz_flex_sync_sign(0, k) : 0;
        bits += shared(k);
    }
    match(s, sign, bits);
    for (int p = FIRST; p < FIRST + COUNT; p++) {
        const float *m = s->match + p;
        if (fabsf(m[0]) < alike || !is_peak(m))
            continue;
        float bend = m[-1] + m[1] - 2 * m[0];
        double off = bend != 0 ? 0.5 * (double)((m[-1] - m[1]) / bend) : 0;
        struct hz_flex_start start = {.at = (p - FIRST + fmax(-1, fmin(1, off))) * STEP,
                                      .carrier_hz = carrier_hz,
                                      .inverted = m[0] < 0};
        for (unsigned mode = 0; mode < HZ_FLEX_MODES; mode++) {
            float like = match_mode(s, mode, p) * (start.inverted ? -1 : 1);
            if (like > start.likeness) {
                start.likeness = like;
                start.mode = mode;
            }
        }
        if (start.likeness >= alike_all)
            n = keep(out, n, &start);
    }
    return n;
}

/* Leaves out the starts of the next hop. */
static size_t in_hop(struct hz_flex_start *out, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (out[i].at < HZ_FSK_GATE_HOP)
            out[kept++] = out[i];
    return kept;
}

/* ---- which carriers --------------------------------------------------------------------- */

static double carrier(int i)
{
    return (i - (CARRIERS - 1) / 2.0) * carrier_step_hz;
}

/* Power in the lobe around a tone. */
static float lobe(const struct hz_fsk_view *view, double hz)
{
    enum { REACH = 4 }; /* bins on either side: 750 Hz */
    int bin = (int)lrint(hz / HZ_FSK_GATE_BIN_HZ) + HZ_FSK_GATE_BINS / 2;
    float sum = 0;
    for (int i = bin - REACH; i <= bin + REACH; i++)
        sum += i >= 0 && i < HZ_FSK_GATE_BINS ? view->power[i] : 0;
    return sum;
}

size_t hz_flex_sync_find(struct hz_flex_sync *s, const float *iq, const struct hz_fsk_view *view,
                         struct hz_flex_start out[HZ_FLEX_STARTS])
{
    float power[CARRIERS];
    size_t n = 0;
    for (int i = 0; i < CARRIERS; i++) {
        float up = lobe(view, carrier(i) + deviation_hz),
              down = lobe(view, carrier(i) - deviation_hz);
        power[i] = up + down;
    }
    for (int k = 0; k < HZ_FLEX_CARRIERS; k++) {
        int best = 0;
        for (int i = 1; i < CARRIERS; i++)
            best = power[i] > power[best] ? i : best;
        power[best] = -1;
        carrier_levels(s, iq, carrier(best));
        n = collect(s, carrier(best), out, n);
    }
    return in_hop(out, n);
}

size_t hz_flex_sync_find_audio(struct hz_flex_sync *s, const float *audio,
                               struct hz_flex_start out[HZ_FLEX_STARTS])
{
    audio_levels(s, audio);
    return in_hop(out, collect(s, 0, out, 0));
}
