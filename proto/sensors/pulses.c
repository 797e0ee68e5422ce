#include "proto/sensors/pulses.h"

#include <math.h>
#include <string.h>

enum {
    LEVELS = 512,     /* bins of the histogram of levels, of 0.25 dB from -120 dBFS on */
    WINDOW_MAX = 64,  /* samples of a boxcar */
    WINDOW_FIRST = 4, /* of the first look, which only has to find the shortest length */
    TONES = 256,      /* bins of the histogram of frequencies, over the whole rate */
    LEAST = 8,        /* lengths of a burst */
};

static const float over_db = 8; /* on over off: below that, lengths are guesses */

/* ---- levels ----------------------------------------------------------------------------- */

static float power(const float *iq, size_t i)
{
    return iq[2 * i] * iq[2 * i] + iq[2 * i + 1] * iq[2 * i + 1];
}

static size_t level_bin(float p)
{
    float db = 10 * log10f(p + 1e-12f), bin = (db + 120) * 4;
    return bin < 0 ? 0 : bin > LEVELS - 1 ? LEVELS - 1 : (size_t)bin;
}

static float bin_db(size_t bin)
{
    return ((float)bin + 0.5f) / 4 - 120;
}

/* The level that `share` of the samples of the bins from `low` on do not reach. */
static size_t quantile(const unsigned *hist, size_t low, double share)
{
    double all = 0, sum = 0;
    for (size_t i = low; i < LEVELS; i++)
        all += hist[i];
    for (size_t i = low; i < LEVELS; i++) {
        sum += hist[i];
        if (sum >= share * all)
            return i;
    }
    return LEVELS - 1;
}

/* On is what reaches to within 6 dB of the strongest 100 samples; off is the middle of what is 10
 * dB and more below them. Means of 4 samples, so that noise has no long tail. Where nothing is that
 * low, two tones may fill the samples: their level is steady, that of noise is not. */
static bool measure_levels(struct hz_pulses *p, const float *iq, size_t n)
{
    unsigned hist[LEVELS] = {0}, below[LEVELS] = {0}, above = 0, low = 0, steady = 0;
    size_t all = 0;
    for (size_t i = 0; i + 4 <= n; i += 2, all++)
        hist[level_bin((power(iq, i) + power(iq, i + 1) + power(iq, i + 2) + power(iq, i + 3)) /
                       4)]++;
    size_t top = LEVELS - 1;
    for (; top > 0 && above < 50; top--)
        above += hist[top];
    size_t on = quantile(hist, top > 24 ? top - 24 : 0, 0.5);
    for (size_t i = 0; i < LEVELS; i++) {
        below[i] = i + 40 < on ? hist[i] : 0;
        low += below[i];
        steady += i + 12 > on && i < on + 12 ? hist[i] : 0;
    }
    p->rssi_dbfs = bin_db(on);
    p->noise_dbfs = low > 0 ? bin_db(quantile(below, 0, 0.5)) : p->rssi_dbfs - 40;
    return (100 * (size_t)low >= all || 20 * (size_t)steady >= 19 * all) &&
           p->rssi_dbfs - p->noise_dbfs >= over_db;
}

/* ---- slicing ---------------------------------------------------------------------------- */

/* Cuts a smoothed value at a threshold with hysteresis. Edges are where it passed the threshold,
 * between two samples. */
struct slicer {
    float low, threshold, high;
    bool is_on, started;
    double edge;       /* where the present length began, in samples */
    double crossed[2]; /* last crossing of the threshold: down, up */
    float last;
    float *us;
    size_t n, max;
    double us_per_sample;
    bool cut;
};

static void add_length(struct slicer *s, double until)
{
    float us = (float)((until - s->edge) * s->us_per_sample);
    if (s->n < s->max)
        s->us[s->n++] = s->is_on ? us : -us;
    else
        s->cut = true;
    s->edge = until;
}

static void slice(struct slicer *s, double at, float value)
{
    if (s->started && (value > s->threshold) != (s->last > s->threshold)) {
        double part = (double)((s->threshold - s->last) / (value - s->last));
        s->crossed[value > s->threshold] = at - 1 + part;
    }
    if (!s->started) {
        s->started = true;
        s->is_on = value > s->threshold;
        s->edge = at;
    } else if (s->is_on ? value < s->low : value > s->high) {
        add_length(s, s->crossed[!s->is_on]);
        s->is_on = !s->is_on;
    }
    s->last = value;
}

/* ---- on and off ------------------------------------------------------------------------- */

/* Lengths of on and off over all samples, amplitudes averaged over w. */
static void slice_levels(struct slicer *s, const struct hz_pulses *p, const float *iq, size_t n,
                         size_t w)
{
    float ring[WINDOW_MAX] = {0}, sum = 0;
    float on = powf(10, p->rssi_dbfs / 20), off = powf(10, p->noise_dbfs / 20);
    s->threshold = (on + off) / 2;
    s->low = s->threshold - (on - off) / 8;
    s->high = s->threshold + (on - off) / 8;
    for (size_t i = 0; i < n; i++) {
        float a = sqrtf(power(iq, i));
        sum += a - ring[i % w];
        ring[i % w] = a;
        if (i % 65536 == 0) { /* rounding does not add up */
            sum = 0;
            for (size_t k = 0; k < w; k++)
                sum += ring[k];
        }
        if (i + 1 >= w)
            slice(s, (double)i - (double)(w - 1) / 2, sum / (float)w);
    }
    if (s->started)
        add_length(s, (double)n - 1);
}

/* ---- tones ------------------------------------------------------------------------------ */

/* Turn from one sample to the next: conj(x[i - 1]) * x[i]. */
static void turn(const float *iq, size_t i, float z[2])
{
    const float *a = iq + 2 * (i - 1), *b = iq + 2 * i;
    z[0] = a[0] * b[0] + a[1] * b[1];
    z[1] = a[0] * b[1] - a[1] * b[0];
}

/* Where a carrier was on, by lengths from sample 0 on: each is given without its edges. */
struct parts {
    const float *us;
    size_t n, at;
    double start, samples_per_us;
};

static bool next_part(struct parts *t, size_t edge, size_t n, size_t *from, size_t *until)
{
    while (t->at < t->n) {
        float us = t->us[t->at++];
        double start = t->start;
        t->start += (double)fabsf(us) * t->samples_per_us;
        if (us < 0)
            continue;
        *from = (size_t)ceil(start) + edge;
        *until = (size_t)t->start;
        *until = *until < n ? *until : n;
        if (*until > *from + edge) {
            *until -= edge;
            return true;
        }
    }
    return false;
}

/* Histogram of the frequency, means of w turns, while the carrier is on. */
static double tone_histogram(struct parts t, const float *iq, size_t n, size_t w, unsigned *hist)
{
    size_t from, until;
    double sum[2] = {0};
    while (next_part(&t, w, n, &from, &until)) {
        float z[2], mean[2] = {0};
        for (size_t i = from > 0 ? from : 1, k = 0; i < until; i++) {
            turn(iq, i, z);
            mean[0] += z[0];
            mean[1] += z[1];
            sum[0] += (double)z[0];
            sum[1] += (double)z[1];
            if (++k % w)
                continue;
            float turns = atan2f(mean[1], mean[0]) / (2 * (float)M_PI);
            hist[(size_t)((turns + 0.5f) * (TONES - 1) + 0.5f)]++;
            mean[0] = mean[1] = 0;
        }
    }
    return atan2(sum[1], sum[0]) / (2 * M_PI);
}

struct tones {
    double low, high; /* in turns a sample */
    double spread;    /* of the values around their tone */
    double fewer;     /* share of the tone that is heard less */
};

static double bin_turns(size_t i)
{
    return ((double)i) / (TONES - 1) - 0.5;
}

static double mean_of(const unsigned *hist, size_t from, size_t until, double *n, double *squares)
{
    double sum = 0, count = 0, square = 0;
    for (size_t i = from; i < until; i++) {
        sum += hist[i] * bin_turns(i);
        square += hist[i] * bin_turns(i) * bin_turns(i);
        count += hist[i];
    }
    double mean = count > 0 ? sum / count : 0;
    *n = count;
    *squares = square - count * mean * mean;
    return mean;
}

/* The middle of the part of the histogram: a few values between the tones do not move it. */
static double median_of(const unsigned *hist, size_t from, size_t until)
{
    double all = 0, sum = 0;
    for (size_t i = from; i < until; i++)
        all += hist[i];
    for (size_t i = from; i < until; i++) {
        if (sum + hist[i] >= all / 2)
            return bin_turns(i) + (hist[i] ? ((all / 2 - sum) / hist[i] - 0.5) / (TONES - 1) : 0);
        sum += hist[i];
    }
    return 0;
}

/* The two lumps that explain the histogram best: the cut with the least sum of squares. */
static struct tones split_tones(const unsigned *hist)
{
    struct tones best = {0};
    double least = INFINITY;
    for (size_t cut = 1; cut < TONES; cut++) {
        double n[2], sq[2];
        double low = mean_of(hist, 0, cut, &n[0], &sq[0]);
        double high = mean_of(hist, cut, TONES, &n[1], &sq[1]);
        if (n[0] < 1 || n[1] < 1 || sq[0] + sq[1] >= least)
            continue;
        least = sq[0] + sq[1];
        best = (struct tones){low, high, sqrt(fmax(least, 0) / (n[0] + n[1])),
                              fmin(n[0], n[1]) / (n[0] + n[1])};
        best.low = median_of(hist, 0, cut);
        best.high = median_of(hist, cut, TONES);
    }
    return best;
}

/* Two tones in each part of the carrier: lengths of them, with the silences between the parts.
 * `us` of the slicer gets them; silence is told as a length of 0 before a negative one. */
static size_t slice_tones(struct slicer *s, struct parts t, const float *iq, size_t n, size_t w,
                          const struct tones *tones)
{
    size_t from, until, changes = 0;
    double middle = (tones->low + tones->high) * M_PI, end = 0;
    float cr = (float)cos(middle), ci = (float)sin(middle);
    float reach = (float)sin((tones->high - tones->low) * M_PI);
    s->threshold = 0;
    s->low = -reach / 4;
    s->high = reach / 4;
    while (next_part(&t, 0, n, &from, &until)) {
        float ring[WINDOW_MAX][2] = {{0}}, sum[2] = {0};
        size_t before = s->n;
        if (until - from < 2 * w)
            continue;
        if (before > 0 && before + 2 < s->max) {
            s->us[s->n++] = 0;
            s->us[s->n++] = -(float)(((double)from - end) * s->us_per_sample);
        }
        before = s->n;
        s->started = false;
        for (size_t i = from > 0 ? from : 1, k = 0; i < until; i++, k++) {
            float z[2];
            turn(iq, i, z);
            for (int q = 0; q < 2; q++) {
                sum[q] += z[q] - ring[k % w][q];
                ring[k % w][q] = z[q];
            }
            if (k % 4096 == 0) {
                memset(sum, 0, sizeof sum);
                for (size_t m = 0; m < w; m++) {
                    sum[0] += ring[m][0];
                    sum[1] += ring[m][1];
                }
            }
            float size = sqrtf(sum[0] * sum[0] + sum[1] * sum[1]) + 1e-20f;
            if (k + 1 >= w)
                slice(s, (double)i - (double)w / 2, (sum[1] * cr - sum[0] * ci) / size);
            if (k + 1 == w)
                s->edge = (double)from;
        }
        add_length(s, (double)until);
        changes += s->n - before - 1;
        end = (double)until;
    }
    return changes;
}

/* Noise makes lengths shorter than the boxcar: the shortest boxcar with few of them. */
static size_t quiet_levels(struct slicer *s, const struct hz_pulses *p, const float *iq, size_t n)
{
    size_t w = WINDOW_FIRST;
    for (;; w *= 2) {
        size_t noisy = 0;
        struct slicer fresh = *s;
        slice_levels(&fresh, p, iq, n, w);
        for (size_t i = 0; i < fresh.n; i++)
            noisy += (double)fabsf(fresh.us[i]) < 1.5 * (double)w * s->us_per_sample;
        if (noisy * 10 <= fresh.n || w >= 16) {
            *s = fresh;
            return w;
        }
    }
}

/* ---- the whole -------------------------------------------------------------------------- */

/* A third of the shortest length that is not rare: long enough against noise, short enough to leave
 * the edges where they are. */
static size_t window_for(const float *us, size_t n, double rate_hz)
{
    float sorted[HZ_PULSES_MAX];
    size_t m = 0;
    for (size_t i = 1; i + 1 < n; i++) {
        float a = fabsf(us[i]);
        if (a > 20)
            sorted[m++] = a;
    }
    struct hz_pulse_class c[HZ_PULSE_CLASSES];
    size_t classes = hz_pulse_classes(sorted, m, c, HZ_PULSE_CLASSES);
    for (size_t i = 0; i < classes; i++) {
        if (c[i].n * 20 < m)
            continue;
        double w = (double)c[i].us * rate_hz / 3e6;
        return w < WINDOW_FIRST ? WINDOW_FIRST : w > WINDOW_MAX ? WINDOW_MAX : (size_t)w;
    }
    return WINDOW_FIRST;
}

static struct slicer slicer_of(float *us, double rate_hz)
{
    return (struct slicer){.us = us, .max = HZ_PULSES_MAX, .us_per_sample = 1e6 / rate_hz};
}

/* Where the first length that is on begins and the last one ends. */
static void find_ends(struct hz_pulses *p, const struct parts *t, size_t n)
{
    double at = 0;
    p->first = n;
    for (size_t i = 0; i < t->n; i++) {
        double next = at + (double)fabsf(t->us[i]) * t->samples_per_us;
        if (t->us[i] > 0) {
            p->first = p->first < (size_t)at ? p->first : (size_t)at;
            p->end = (size_t)next < n ? (size_t)next : n;
        }
        at = next;
    }
}

bool hz_pulses_find(struct hz_pulses *p, const float *iq, size_t n, double rate_hz)
{
    *p = (struct hz_pulses){0};
    if (n < 2 * WINDOW_MAX || !measure_levels(p, iq, n))
        return false;
    float on_off[HZ_PULSES_MAX];
    struct slicer s = slicer_of(on_off, rate_hz);
    size_t first = quiet_levels(&s, p, iq, n);
    struct parts parts = {on_off, s.n, 0, (double)first / 2, rate_hz / 1e6};
    unsigned hist[TONES] = {0};
    p->carrier_hz = tone_histogram(parts, iq, n, WINDOW_FIRST, hist) * rate_hz;
    find_ends(p, &parts, n);
    struct tones tones = split_tones(hist);
    double apart_hz = (tones.high - tones.low) * rate_hz;
    if (apart_hz > 4000 && tones.high - tones.low > 4 * tones.spread && tones.fewer > 0.1) {
        struct slicer f = slicer_of(p->us, rate_hz);
        size_t on = 0, changes = slice_tones(&f, parts, iq, n, WINDOW_FIRST, &tones);
        float longest = 0;
        for (size_t i = 0; i < s.n; i++)
            longest = fmaxf(longest, on_off[i]);
        for (size_t i = 0; i < s.n; i++)
            on += on_off[i] > longest / 4;
        /* a frame has 64 bits or so; the pulses of a clipped carrier beat against themselves too */
        if (changes >= (on > 1 ? 32 : 16) * on) {
            size_t w = window_for(p->us, f.n, rate_hz);
            p->modulation = HZ_WAVE_FSK;
            p->carrier_hz = (tones.low + tones.high) / 2 * rate_hz;
            p->deviation_hz = apart_hz / 2;
            f = slicer_of(p->us, rate_hz);
            slice_tones(&f, parts, iq, n, w, &tones);
            p->cut = f.cut;
            return hz_pulses_sort(p, p->us, f.n);
        }
    }
    size_t w = window_for(on_off, s.n, rate_hz);
    if (w > first) {
        s = slicer_of(on_off, rate_hz);
        slice_levels(&s, p, iq, n, w);
    }
    p->cut = s.cut;
    return hz_pulses_sort(p, on_off, s.n);
}
