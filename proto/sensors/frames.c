#include "proto/sensors/frames.h"

#include <math.h>
#include <string.h>

enum {
    UNSURE = 8,       /* symbols that are tried singly */
    UNSURE_PAIRS = 6, /* and in pairs */
    READINGS = 4,     /* of one sensor at most */
    JUDGE_WORK = 200, /* of one judgement, in multiplications */
};

static const float same_symbols = 0.7f; /* share by which frames are taken as repeats */
static const float same_evidence = 0.9f;
/* What fits less is spoilt, and no repeat, though most of its symbols are the same. */
static const float fit_of_repeat = 0.6f;
/* Of the mean of a frame: symbols that are less sure may be wrong. */
static const float unsure = 0.45f;
static const float flips_strength = 16, flips_strength_repeated = 8;

/* ---- symbols of a code ---------------------------------------------------------------------- */

static bool is_dm(const struct hz_wave *w)
{
    return w->code == HZ_WAVE_DM || w->code == HZ_WAVE_DM1;
}

/* With dm the level changes at the start of each bit: symbols 2 j - 1 and 2 j are different. Two
 * such symbols are one decision. */
struct unit {
    uint16_t at, n; /* symbols */
    float sure;
};

static int units(const struct hz_wave *w, const float *soft, int n, struct unit *out)
{
    int count = 0;
    if (!is_dm(w)) {
        for (int k = 0; k < n; k++)
            out[count++] = (struct unit){(uint16_t)k, 1, fabsf(soft[k])};
        return count;
    }
    for (int k = 1; k < n; k += 2) {
        bool two = k + 1 < n;
        out[count++] = (struct unit){(uint16_t)k, two ? 2 : 1,
                                     two ? fabsf(soft[k + 1] - soft[k]) : fabsf(soft[k])};
    }
    return count;
}

void hz_frame_decide(const struct hz_wave *w, int last, struct hz_frame *f, int n)
{
    for (int k = 0; k < n; k++)
        f->symbol[k] = f->soft[k] > 0;
    if (is_dm(w)) {
        if (last >= 0 && n > 0)
            f->symbol[0] = !last;
        for (int k = 1; k + 1 < n; k += 2) {
            f->symbol[k + 1] = f->soft[k + 1] > f->soft[k];
            f->symbol[k] = !f->symbol[k + 1];
        }
    }
    f->evidence = 0;
    for (int k = 0; k < n; k++)
        f->evidence += fabsf(f->soft[k]);
}

/* ---- frames that repeat each other ---------------------------------------------------------- */

/* Share of the evidence of f that speaks for these symbols. */
static float speaks_for(const struct hz_frame *f, const uint8_t *symbol, int n)
{
    float with = 0;
    for (int k = 0; k < n; k++)
        with += (f->soft[k] > 0) == (symbol[k] != 0) ? fabsf(f->soft[k]) : 0;
    return f->evidence > 0 ? with / f->evidence : 0;
}

static float equal_share(const uint8_t *a, const uint8_t *b, int n)
{
    int equal = 0;
    for (int k = 0; k < n; k++)
        equal += a[k] == b[k];
    return (float)equal / (float)n;
}

/* Whether a frame is one of those that were counted, found a little beside: frames follow each
 * other without overlap. */
static bool counted(const struct hz_frames *f, const size_t *list, int n, const struct hz_frame *x)
{
    for (int i = 0; i < n; i++) {
        const struct hz_frame *o = &f->frame[list[i]];
        if (fabs(o->end - x->end) < 0.6 * (x->end - x->begin))
            return true;
    }
    return false;
}

/* Fills in repeats, fit and times from the frames that speak for the reading. */
static void support(const struct hz_frames *f, struct hz_reading *r)
{
    double fit = 0;
    size_t list[HZ_FRAMES_MAX];
    r->repeats = 0;
    r->evidence = 0;
    for (size_t i = 0; i < f->n; i++) {
        const struct hz_frame *x = &f->frame[i];
        float with = speaks_for(x, r->symbol, f->symbols);
        if (with < same_evidence || x->fit < fit_of_repeat || counted(f, list, r->repeats, x))
            continue;
        list[r->repeats] = i;
        r->evidence += with;
        r->begin = r->repeats == 0 ? x->begin : fmin(r->begin, x->begin);
        r->end = r->repeats == 0 ? x->end : fmax(r->end, x->end);
        fit += (double)x->fit;
        r->repeats++;
    }
    r->fit = r->repeats > 0 ? (float)(fit / r->repeats) : 0;
}

/* ---- rules ---------------------------------------------------------------------------------- */

static bool constant(const uint8_t *symbol, size_t n)
{
    for (size_t k = 1; k < n; k++) {
        if (symbol[k] != symbol[0])
            return false;
    }
    return true;
}

/* How many bits n symbols are worth of which so few are ones, or zeros: any regular pulses look
 * like a frame of one value, whatever is checked about it. log2 of the number of such frames. */
static int worth(const uint8_t *symbol, size_t n)
{
    size_t ones = 0;
    for (size_t k = 0; k < n; k++)
        ones += symbol[k] != 0;
    size_t few = ones < n - ones ? ones : n - ones;
    float bits = 0;
    for (size_t k = 0; k < few; k++)
        bits += log2f((float)(n - k) / (float)(few - k));
    return (int)bits;
}

/* The level above which a good fit of one frame says something: below it all fits that noise gives
 * to one of thousands of places. */
static const float a2_alone = 8;

static bool believed(const struct hz_frames *f, const struct hz_reading *r)
{
    if (r->repeats < 1 || r->repeats < r->sensor->wave.repeat || r->fit < 0.6f)
        return false;
    if (constant(r->symbol, r->symbols))
        return false;
    if (r->strength >= 16)
        return true;
    if (r->strength >= 8)
        return r->repeats >= 2 ? r->fit >= 0.82f
                               : r->fit >= 0.87f && (f->a2 >= a2_alone || r->strength >= 12);
    if (r->strength >= 4)
        return r->repeats >= 3 && r->fit >= 0.85f;
    return r->repeats >= 3 && r->fit >= 0.9f;
}

static bool known(const struct hz_reading *list, size_t n, const struct hz_reading *r)
{
    for (size_t i = 0; i < n; i++) {
        if (list[i].symbols == r->symbols && memcmp(list[i].symbol, r->symbol, r->symbols) == 0)
            return true;
    }
    return false;
}

/* ---- readings ------------------------------------------------------------------------------- */

struct reader {
    const struct hz_frames *frames;
    const struct hz_sensor *sensor;
    struct hz_reading *out;
    size_t n, room;
    uint64_t *work;
};

/* Judges these symbols, and keeps them if they are believed. `tries`: patterns tried so far. */
static bool take(struct reader *p, const uint8_t *symbol, int tries, int flips, bool summed)
{
    const struct hz_sensor *s = p->sensor;
    *p->work += JUDGE_WORK;
    if (p->n == p->room || !hz_sensor_judge(s, symbol, (size_t)p->frames->symbols, NULL))
        return false;
    struct hz_reading *r = &p->out[p->n];
    r->sensor = s;
    r->symbols = (size_t)p->frames->symbols;
    r->flips = flips;
    r->summed = summed;
    r->strength = s->strength - (int)lrintf(log2f((float)tries));
    int most = worth(symbol, r->symbols);
    r->strength = r->strength < most ? r->strength : most;
    memcpy(r->symbol, symbol, r->symbols);
    if (known(p->out, p->n, r))
        return true;
    support(p->frames, r);
    if (!believed(p->frames, r))
        return false;
    p->n++;
    return true;
}

static void least_sure(const struct unit *all, int n, struct unit *out, int *count)
{
    float mean = 0;
    for (int i = 0; i < n; i++)
        mean += all[i].sure / (float)n;
    *count = 0;
    for (int i = 0; i < n; i++) {
        if (all[i].sure > unsure * mean) /* what is as sure as the rest is not wrong */
            continue;
        int at = *count < UNSURE ? (*count)++ : UNSURE;
        for (; at > 0 && out[at - 1].sure > all[i].sure; at--) {
            if (at < UNSURE)
                out[at] = out[at - 1];
        }
        if (at < UNSURE)
            out[at] = all[i];
    }
}

static void flip(uint8_t *symbol, const struct unit *u)
{
    for (int k = 0; k < u->n; k++)
        symbol[u->at + k] ^= 1;
}

/* The least sure symbols singly, then in pairs. */
static bool take_flipped(struct reader *p, const struct hz_frame *f, bool summed)
{
    struct unit all[HZ_DP_SYMBOLS_MAX], u[UNSURE];
    uint8_t symbol[HZ_DP_SYMBOLS_MAX];
    int n = units(&p->sensor->wave, f->soft, p->frames->symbols, all), count;
    least_sure(all, n, u, &count);
    memcpy(symbol, f->symbol, (size_t)p->frames->symbols);
    int tries = UNSURE + UNSURE_PAIRS * (UNSURE_PAIRS - 1) / 2;
    for (int i = 0; i < count; i++) {
        flip(symbol, &u[i]);
        if (take(p, symbol, tries, u[i].n, summed))
            return true;
        for (int j = 0; j < i && i < UNSURE_PAIRS; j++) {
            flip(symbol, &u[j]);
            if (take(p, symbol, tries, u[i].n + u[j].n, summed))
                return true;
            flip(symbol, &u[j]);
        }
        flip(symbol, &u[i]);
    }
    return false;
}

/* Sums the soft values of the frames that agree with frame i. Returns how many there are. */
static int sum(const struct hz_frames *f, size_t i, struct hz_frame *out)
{
    int n = f->symbols, summed = 0;
    memset(out->soft, 0, (size_t)n * sizeof *out->soft);
    for (size_t k = 0; k < f->n; k++) {
        const struct hz_frame *x = &f->frame[k];
        if (k != i && equal_share(x->symbol, f->frame[i].symbol, n) < same_symbols)
            continue;
        for (int j = 0; j < n; j++)
            out->soft[j] += x->soft[j];
        summed++;
    }
    return summed;
}

size_t hz_frames_read(struct hz_frames *f, const struct hz_sensor *s, struct hz_reading *out,
                      size_t room, uint64_t *work)
{
    struct reader p = {f, s, out, 0, room < READINGS ? room : READINGS, work};
    for (size_t i = 0; i < f->n; i++)
        take(&p, f->frame[i].symbol, 1, 0, false);
    if (p.n > 0)
        return p.n;
    /* nothing passed as it stands: the frames with the best sync lead what agrees with them */
    static const struct hz_frame none;
    struct hz_frame total = none;
    int last = hz_wave_symbol_before(&s->wave);
    for (size_t i = 0; i < f->n && i < 3; i++) {
        int summed = sum(f, i, &total);
        bool enough = (float)s->strength >= flips_strength ||
                      ((float)s->strength >= flips_strength_repeated && summed >= 2);
        if (summed >= 2) {
            hz_frame_decide(&s->wave, last, &total, f->symbols);
            if (take(&p, total.symbol, 2, 0, true) || (enough && take_flipped(&p, &total, true)))
                return p.n;
        }
        if (enough && take_flipped(&p, &f->frame[i], false))
            return p.n;
    }
    return p.n;
}
