#include "proto/ais/sync.h"

#include "dsp/clones.h"
#include "proto/ais/even.h"

#include <math.h>
#include <string.h>

enum {
    TRAINING = 24 * HZ_AIS_BIT,
    AROUND = HZ_AIS_SYNC_EARLY + HZ_AIS_SYNC_LATE, /* starts that are tried */
    COARSE = 2,                                    /* samples between them */
    SPAN = AROUND + HZ_AIS_SYNC + 2,
    LANES = 8,
    HALF = HZ_AIS_SYNC / COARSE, /* samples of the sequence on the coarse grid */
    /* There the training repeats itself, but for its ends, whose neighbours differ. */
    PERIOD = 4 * HZ_AIS_BIT / COARSE,
    PERIODS = 5,
    REPEATS = 5,                           /* from this sample on, */
    REPEATED = REPEATS + PERIODS * PERIOD, /* to before this one */
    FOLDED = AROUND / COARSE + LANES + PERIOD
};

/* Fraction of the energy that must be the sequence: in any noise, and of what is not noise. */
static const float least_fraction = 0.14f, least_of_signal = 0.45f;
static const float steady = 0.6f; /* likeness of what is half a period apart: of a carrier */
/* The search is by the first one. The others settle where the flag is, whose seven bits turn one
 * way: by a third of a turn too little or too much at h 0.4 or 0.6, and then another period of the
 * training fits as well. */
static const double sync_h[HZ_AIS_SYNC_HS] = {0.5, 0.43, 0.58, 0.37, 0.66};
/* On the coarse grid the best is off by up to half a step of everything, one frequency by a whole
 * one: fractions, of the least fraction, below which looking on is of no use. */
static const float coarse_fraction = 0.8f, promising_fraction = 0.5f;
static const float clearly = 1.08f; /* times the power by which another h has to fit better */
/* Carriers: a class B unit may be 3 ppm off and a receiver 25 ppm. */
static const double step_hz = 100, rate_hz = HZ_AIS_RATE_HZ, reach_hz = 5300;

/* The samples mixed down by a trial frequency. */
struct trial {
    float re[SPAN], im[SPAN];
};

/* At i, the sum of the samples REPEATS + i + n PERIOD of a trial on the coarse grid. */
struct folded {
    float re[FOLDED], im[FOLDED];
};

/* The sequence, or the part of a trial that is compared with it. */
struct part {
    const float *re, *im;
};

struct place {
    int at; /* index in the trial */
    double freq;
    unsigned form, h;
    bool upside_down;
    float power; /* of the correlation */
};

static void modulate(struct hz_ais_sync *s, const struct hz_cpm *cpm, unsigned h, unsigned form)
{
    float iq[2 * HZ_AIS_SYNC];
    hz_cpm_modulate(cpm, s->level[form], HZ_AIS_SYNC_BITS, 0, iq, HZ_AIS_SYNC);
    for (unsigned i = 0; i < HZ_AIS_SYNC; i++) {
        s->re[h][form][i] = iq[2 * i];
        s->im[h][form][i] = iq[2 * i + 1];
    }
    for (unsigned i = 0; i < HZ_AIS_SYNC / COARSE; i++) {
        s->half_re[h][form][i] = iq[4 * i] + iq[4 * i + 2];
        s->half_im[h][form][i] = iq[4 * i + 1] + iq[4 * i + 3];
    }
}

void hz_ais_sync_init(struct hz_ais_sync *s, struct hz_cpm *cpm)
{
    for (unsigned form = 0; form < HZ_AIS_SYNC_FORMS; form++) {
        /* The sequence as sent: training that ends with 1 or with 0, flag, NRZI. */
        uint8_t level = 0;
        for (unsigned i = 0; i < HZ_AIS_SYNC_BITS; i++) {
            bool bit = i < 24 ? (i + form) % 2 == 1 : i > 24 && i < 31;
            level ^= bit ? 0 : 1;
            s->level[form][i] = level;
        }
    }
    for (unsigned h = 0; h < HZ_AIS_SYNC_HS; h++) {
        hz_cpm_shape(cpm, sync_h[h], HZ_AIS_BIT, NULL);
        for (unsigned form = 0; form < HZ_AIS_SYNC_FORMS; form++)
            modulate(s, cpm, h, form);
    }
    hz_cpm_shape(cpm, sync_h[0], HZ_AIS_BIT, NULL);
}

static void mix(const float *iq, double freq, struct trial *t)
{
    float mixed[2 * SPAN];
    struct hz_cpm_offset carrier = {freq, 0};
    hz_cpm_mix(iq, SPAN, &carrier, mixed);
    for (int i = 0; i < SPAN; i++) {
        t->re[i] = mixed[2 * i];
        t->im[i] = mixed[2 * i + 1];
    }
}

typedef float lanes __attribute__((vector_size(32), aligned(4), may_alias));

static inline float total(const lanes *x)
{
    float s[LANES];
    memcpy(s, x, sizeof s);
    return ((s[0] + s[4]) + (s[1] + s[5])) + ((s[2] + s[6]) + (s[3] + s[7]));
}

/* Powers of sum y w* and of sum y w over n samples: for the sequence, and for the inverted one. */
static inline __attribute__((always_inline)) void correlate(struct part w, struct part y, int n,
                                                            float power[2])
{
    lanes rr = {0}, ri = {0}, ir = {0}, ii = {0};
    for (int i = 0; i < n; i += LANES) {
        lanes y_re = *(const lanes *)(y.re + i), y_im = *(const lanes *)(y.im + i);
        lanes w_re = *(const lanes *)(w.re + i), w_im = *(const lanes *)(w.im + i);
        rr += y_re * w_re;
        ri += y_re * w_im;
        ir += y_im * w_re;
        ii += y_im * w_im;
    }
    lanes re = rr + ii, im = ir - ri, down_re = rr - ii, down_im = ir + ri;
    power[0] = total(&re) * total(&re) + total(&im) * total(&im);
    power[1] = total(&down_re) * total(&down_re) + total(&down_im) * total(&down_im);
}

static inline void keep_best(struct place *best, const struct place *is, const float power[2])
{
    for (int down = 0; down < 2; down++)
        if (power[down] > best->power) {
            *best = *is;
            best->upside_down = down;
            best->power = power[down];
        }
}

/* Sums of eight correlations: y times w, by real and imaginary parts. */
struct eight {
    lanes rr, ri, ir, ii;
};

/* Adds samples y, of each start at another place, times one of the sequence. */
static inline __attribute__((always_inline)) void add(struct eight *e, const float *y_re,
                                                      const float *y_im, float w_re, float w_im)
{
    lanes re = *(const lanes *)y_re, im = *(const lanes *)y_im;
    e->rr += re * w_re;
    e->ri += re * w_im;
    e->ir += im * w_re;
    e->ii += im * w_im;
}

/* Correlates eight starts at once, one in each lane. What repeats itself in the sequence is
 * multiplied once, by the sum of the samples. */
static inline __attribute__((always_inline)) void
eight_starts(const struct hz_ais_sync *s, struct place is, const struct trial *t,
             const struct folded *f, int first, struct place *best)
{
    const float *w_re = s->half_re[is.h][is.form], *w_im = s->half_im[is.h][is.form];
    const float *re = t->re + first, *im = t->im + first;
    struct eight e = {0};
    float up[LANES], down[LANES];
    for (int i = 0; i < REPEATS; i++)
        add(&e, re + i, im + i, w_re[i], w_im[i]);
    for (int i = 0; i < PERIOD; i++)
        add(&e, f->re + first + i, f->im + first + i, w_re[REPEATS + i], w_im[REPEATS + i]);
    for (int i = REPEATED; i < HALF; i++)
        add(&e, re + i, im + i, w_re[i], w_im[i]);
    lanes power = (e.rr + e.ii) * (e.rr + e.ii) + (e.ir - e.ri) * (e.ir - e.ri);
    memcpy(up, &power, sizeof up);
    power = (e.rr - e.ii) * (e.rr - e.ii) + (e.ir + e.ri) * (e.ir + e.ri);
    memcpy(down, &power, sizeof down);
    for (int l = 0; l < LANES && first + l <= AROUND / COARSE; l++) {
        is.at = COARSE * (first + l);
        keep_best(best, &is, (float[2]){up[l], down[l]});
    }
}

static inline __attribute__((always_inline)) void fold(const float *x, float *out)
{
    for (int i = 0; i < FOLDED; i++) {
        float sum = 0;
        for (int n = 0; n < PERIODS; n++)
            sum += x[REPEATS + i + n * PERIOD];
        out[i] = sum;
    }
}

/* Tries every other start at half the sample rate. The sum of two samples attenuates what aliases
 * onto the signal's 5 kHz by 10 dB or more. The modulation indices are those from `first` to
 * `last`. */
HZ_CLONES static void scan(const struct hz_ais_sync *s, const float *iq, double freq,
                           unsigned first, unsigned last, struct place *best)
{
    struct trial t;
    struct folded f;
    mix(iq, freq, &t);
    for (int i = 0; i < SPAN / COARSE; i++) {
        t.re[i] = t.re[2 * i] + t.re[2 * i + 1];
        t.im[i] = t.im[2 * i] + t.im[2 * i + 1];
    }
    fold(t.re, f.re);
    fold(t.im, f.im);
    for (struct place is = {.h = first, .freq = freq}; is.h <= last; is.h++)
        for (int i = 0; i <= AROUND / COARSE; i += LANES)
            for (is.form = 0; is.form < HZ_AIS_SYNC_FORMS; is.form++)
                eight_starts(s, is, &t, &f, i, best);
}

HZ_CLONES static void correlate_at(const struct hz_ais_sync *s, const struct place *p,
                                   const struct trial *t, int at, float power[2])
{
    correlate((struct part){s->re[p->h][p->form], s->im[p->h][p->form]},
              (struct part){t->re + at, t->im + at}, HZ_AIS_SYNC, power);
}

/* Position of the maximum of a parabola through three points one apart, from the middle one. */
static double summit(double left, double middle, double right)
{
    double bend = left - 2 * middle + right;
    double x = bend < 0 ? 0.5 * (left - right) / bend : 0;
    return x < -1 ? -1 : x > 1 ? 1 : x;
}

static double amplitude(const struct hz_ais_sync *s, const struct trial *t, const struct place *p,
                        int at)
{
    float power[2];
    correlate_at(s, p, t, at, power);
    return sqrt((double)power[p->upside_down]);
}

/* Refines the best start of the coarse grid to a fraction of a sample and of the frequency step. */
static void refine(const struct hz_ais_sync *s, const float *iq, struct place *p, double *at)
{
    double step = step_hz / rate_hz;
    struct trial t;
    mix(iq, p->freq, &t);
    int begin = p->at > 0 ? p->at - 1 : 0, end = p->at < AROUND ? p->at + 1 : AROUND;
    struct place is = *p;
    p->power = 0;
    for (is.at = begin; is.at <= end; is.at++)
        for (is.form = 0; is.form < HZ_AIS_SYNC_FORMS; is.form++) {
            float power[2];
            correlate_at(s, &is, &t, is.at, power);
            keep_best(p, &is, power);
        }
    double middle = sqrt((double)p->power), side[2];
    for (int k = 0; k < 2; k++) {
        struct trial other;
        mix(iq, p->freq + (k ? step : -step), &other);
        side[k] = amplitude(s, &other, p, p->at);
    }
    *at = p->at;
    if (p->at > 0 && p->at < AROUND)
        *at += summit(amplitude(s, &t, p, p->at - 1), middle, amplitude(s, &t, p, p->at + 1));
    p->freq += step * summit(side[0], middle, side[1]);
}

/* What refine makes of a place. */
struct fine {
    struct place place;
    double at;      /* its start */
    float came;     /* the energy there, as received without impulses */
    float fraction; /* of the energy with constant amplitude that is the sequence */
    bool settled;   /* no other sequence fits clearly better: none is more than the energy */
};

static struct fine refined(const struct hz_ais_sync *s, const float *x, const float *strength,
                           struct place best)
{
    struct fine f = {.place = best};
    float energy = 0;
    refine(s, x, &f.place, &f.at);
    for (int i = f.place.at; i < f.place.at + HZ_AIS_SYNC; i++) {
        float power = x[2 * i] * x[2 * i] + x[2 * i + 1] * x[2 * i + 1];
        float was = strength[i / HZ_AIS_BIT];
        energy += power;
        f.came += power * was * was;
    }
    f.fraction = f.place.power / (HZ_AIS_SYNC * energy);
    f.settled = clearly * f.fraction >= 1;
    return f;
}

/* The power of sum y(n) y*(n - lag) over the n samples at y. */
static float likeness(const float *y, int n, int lag)
{
    float re = 0, im = 0;
    for (int i = 0; i < 2 * n; i += 2) {
        const float *old = y + i - 2 * lag;
        re += y[i] * old[0] + y[i + 1] * old[1];
        im += y[i + 1] * old[0] - y[i] * old[1];
    }
    return re * re + im * im;
}

bool hz_ais_sync_maybe(const float *iq, uint64_t first, const struct hz_ais_peak *peak)
{
    enum { N = 20 * HZ_AIS_BIT };
    const float *y = iq + 2 * (peak->end - N - first);
    return likeness(y, N, 2 * HZ_AIS_BIT) < steady * likeness(y, N, 4 * HZ_AIS_BIT);
}

bool hz_ais_sync_find(const struct hz_ais_sync *s, const float *iq, uint64_t first,
                      const struct hz_ais_peak *peak, float noise, struct hz_ais_start *out)
{
    uint64_t begin = peak->end - TRAINING - HZ_AIS_SYNC_EARLY;
    float x[2 * SPAN], strength[SPAN / HZ_AIS_BIT + 1];
    hz_ais_even(iq + 2 * (begin - first), 0, SPAN, x, strength);
    struct place best = {.power = 0};
    double middle = 0, step = step_hz / rate_hz;
    const float least = least_fraction * HZ_AIS_SYNC * HZ_AIS_SYNC * COARSE * COARSE;
    for (int side = -2; side <= 2; side++) {
        double freq = (double)peak->freq + side * 0.05;
        struct place here = {.power = 0};
        if (fabs(freq) > reach_hz / rate_hz)
            continue;
        scan(s, x, freq, 0, 0, &here);
        for (int k = -1; k <= 1 && here.power > promising_fraction * least; k += 2)
            scan(s, x, freq + k * step, 0, 0, &here);
        middle = here.power > best.power ? freq : middle;
        best = here.power > best.power ? here : best;
    }
    if (best.power < coarse_fraction * least)
        return false;
    struct fine is = refined(s, x, strength, best);
    if (best.at >= AROUND - 1 || !is.settled) {
        struct place other = {.power = clearly * best.power};
        for (int k = -1; k <= 1; k++)
            scan(s, x, middle + k * step, 1, HZ_AIS_SYNC_HS - 1, &other);
        if (other.power > clearly * best.power) {
            best = other;
            is = refined(s, x, strength, best);
        }
    }
    if (best.at >= AROUND - 1)
        return false; /* the power still rises: the next peak will be inside it */
    *out = (struct hz_ais_start){
        .at = (double)begin + is.at, .freq = is.place.freq, .fraction = is.fraction};
    for (int i = 0; i < HZ_AIS_SYNC_BITS; i++)
        out->level[i] = s->level[is.place.form][i] ^ is.place.upside_down;
    float signal = 1 - noise * HZ_AIS_SYNC / is.came;
    return out->fraction > least_fraction && out->fraction > least_of_signal * signal;
}
