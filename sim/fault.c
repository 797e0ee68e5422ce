#include "sim/fault.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* signal_db of "weak": so that most of a port's ships, which come with 10 to 35 dB, are at the
 * limit of the AIS decoder. */
const struct hz_fault hz_faults[] = {
    {.name = "silent", .title = "Nothing is on the air", .empty = true},
    {.name = "deaf", .title = "The gain is 30 dB too low", .gain_db = -30},
    {.name = "clipping", .title = "The gain is 34 dB too high", .gain_db = 34},
    {.name = "weak", .title = "All signals are 20 dB weaker", .signal_db = -20},
    {.name = "collisions",
     .title = "Each transmission meets another of its strength",
     .echo = true},
    {.name = "carrier",
     .title = "Nothing but a bare carrier, 125 kHz over the centre",
     .empty = true,
     .carrier = true},
    {.name = "filter", .title = "A filter takes the upper half of the band", .filter = true},
    {.name = "overload", .title = "Two strong carriers overload the receiver", .overload = true},
    {.name = NULL},
};

/* The second transmission of "collisions" comes so much later, from a transmitter so much higher.
 * An AIS message lasts 26 ms. */
#define ECHO_S  0.008
#define ECHO_HZ 400.0

#define CARRIER_LEVEL 0.05 /* full scale 1; of the noise of a scene it is 0.03 */

/* "overload": two carriers at these fractions of the rate, each on for half of every 1.6 s. The
 * amplifier y = x - |x|^2 x / 2 makes third-order products of A^3 / 2 beside them, and their phase
 * noise raises the noise of the whole band. */
#define STRONG_LEVEL 0.28
#define STRONG_LOW   0.10
#define STRONG_HIGH  0.17
#define STRONG_S     1.6
#define STRONG_NOISE 2.5f

/* "filter": 17 dB between a quarter of the rate under the centre and a quarter over it. */
#define POLE 0.75f

struct hz_fault_state {
    const struct hz_fault *fault;
    float filtered[2]; /* the last output of the filter */
    size_t late;       /* samples of the echo */
    float *past;       /* the signals of so many samples, in a ring */
    size_t at;
};

const struct hz_fault *hz_fault_find(const char *name)
{
    const struct hz_fault *f = hz_faults;
    while (f->name != NULL && strcmp(f->name, name) != 0) {
        f++;
    }
    return f->name != NULL ? f : NULL;
}

struct hz_fault_state *hz_fault_new(const struct hz_fault *fault, double rate_hz)
{
    struct hz_fault_state *f = calloc(1, sizeof *f);
    if (f == NULL) {
        return NULL;
    }
    f->fault = fault;
    f->late = (size_t)(rate_hz * ECHO_S);
    f->past = calloc(2 * f->late, sizeof *f->past);
    if (f->past == NULL) {
        free(f);
        return NULL;
    }
    return f;
}

void hz_fault_free(struct hz_fault_state *f)
{
    if (f != NULL) {
        free(f->past);
    }
    free(f);
}

/* An oscillator: its phase is that of the stream's sample, however the stream is cut. */
struct turn {
    double re, im, step_re, step_im;
};

static struct turn turn_from(const struct hz_span *span, double freq_hz)
{
    const double pi = 3.14159265358979323846;
    double step = freq_hz / span->rate_hz, cycles = (double)span->first * step;
    double phase = 2 * pi * (cycles - floor(cycles));
    return (struct turn){cos(phase), sin(phase), cos(2 * pi * step), sin(2 * pi * step)};
}

static void turn_on(struct turn *t)
{
    double re = t->re * t->step_re - t->im * t->step_im;
    t->im = t->re * t->step_im + t->im * t->step_re;
    t->re = re;
}

static void scale(struct hz_span *span, float db)
{
    float factor = powf(10, db / 20);
    for (size_t i = 0; i < 2 * span->n; i++) {
        span->iq[i] *= factor;
    }
}

static void add_carrier(struct hz_span *span, double freq_hz, double level)
{
    struct turn t = turn_from(span, freq_hz);
    for (size_t i = 0; i < span->n; i++, turn_on(&t)) {
        span->iq[2 * i] += (float)(level * t.re);
        span->iq[2 * i + 1] += (float)(level * t.im);
    }
}

static void add_echo(struct hz_fault_state *f, struct hz_span *span)
{
    struct turn t = turn_from(span, ECHO_HZ);
    for (size_t i = 0; i < span->n; i++, turn_on(&t)) {
        float *x = span->iq + 2 * i, *p = f->past + 2 * f->at, re = p[0], im = p[1];
        p[0] = x[0];
        p[1] = x[1];
        x[0] += re * (float)t.re - im * (float)t.im;
        x[1] += re * (float)t.im + im * (float)t.re;
        f->at = f->at + 1 < f->late ? f->at + 1 : 0;
    }
}

/* One pole at a quarter of the rate under the centre: y(n) = (1 - a) x(n) - j a y(n - 1). */
static void filter(struct hz_fault_state *f, struct hz_span *span)
{
    float re = f->filtered[0], im = f->filtered[1];
    for (size_t i = 0; i < span->n; i++) {
        float *x = span->iq + 2 * i, before = re;
        re = (1 - POLE) * x[0] + POLE * im;
        im = (1 - POLE) * x[1] - POLE * before;
        x[0] = re;
        x[1] = im;
    }
    f->filtered[0] = re;
    f->filtered[1] = im;
}

static bool is_keyed(const struct hz_span *span)
{
    return fmod((double)span->first / span->rate_hz, STRONG_S) < STRONG_S / 2;
}

static void mix_products(struct hz_span *span)
{
    for (size_t i = 0; i < span->n; i++) {
        float *x = span->iq + 2 * i, bent = 1 - (x[0] * x[0] + x[1] * x[1]) / 2;
        x[0] *= bent;
        x[1] *= bent;
    }
}

void hz_fault_apply(struct hz_fault_state *f, struct hz_span *span, const float *noise)
{
    const struct hz_fault *fault = f->fault;
    bool keyed = fault->overload && is_keyed(span);
    if (fault->empty) {
        memset(span->iq, 0, 2 * span->n * sizeof *span->iq);
    }
    if (fault->signal_db != 0) {
        scale(span, fault->signal_db);
    }
    if (fault->echo) {
        add_echo(f, span);
    }
    if (fault->carrier) {
        add_carrier(span, HZ_FAULT_CARRIER_HZ, CARRIER_LEVEL);
    }
    if (keyed) {
        add_carrier(span, STRONG_LOW * span->rate_hz, STRONG_LEVEL);
        add_carrier(span, STRONG_HIGH * span->rate_hz, STRONG_LEVEL);
    }
    for (size_t i = 0; i < 2 * span->n; i++) {
        span->iq[i] += keyed ? STRONG_NOISE * noise[i] : noise[i];
    }
    if (fault->filter) {
        filter(f, span);
    }
    if (fault->overload) {
        mix_products(span);
    }
    if (fault->gain_db != 0) {
        scale(span, fault->gain_db);
    }
}
