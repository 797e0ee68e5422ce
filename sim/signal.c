#include "sim/signal.h"

#include "sim/fsk.h"
#include "sim/noise.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

enum {
    KNOTS = 16,  /* per symbol of OOK and PSK: an edge lasts one, a change of phase two */
    A_CYCLE = 22 /* per cycle of a tone at least */
};

static const double turn = 2 * 3.14159265358979323846;

/* Steep enough to be no filter. */
static const double no_filter = 1000;

/* Symbol i over the highest one: 0 to 1. */
static double level_of(const struct hz_sim_signal *s, size_t i)
{
    unsigned levels = s->levels > 0 ? s->levels : 2;
    return (double)s->symbol[i] / (levels - 1);
}

static int make_fsk(const struct hz_sim_signal *s, struct hz_sim_track *track)
{
    const struct hz_sim_fsk how = {.baud = s->baud,
                                   .deviation_hz = s->deviation_hz,
                                   .bt = s->bt > 0 ? s->bt : no_filter,
                                   .ramp = s->ramp};
    float *symbols = malloc((s->n + 1) * sizeof *symbols);
    if (symbols == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < s->n; i++)
        symbols[i] = (float)(2 * level_of(s, i) - 1);
    int err = hz_sim_fsk(&how, symbols, s->n, track);
    free(symbols);
    return err;
}

static int make_afsk(const struct hz_sim_signal *s, struct hz_sim_track *track)
{
    double highest = 0, phase = 0; /* of the tone, in cycles; it never jumps */
    for (unsigned k = 0; k < (s->levels > 0 ? s->levels : 2); k++)
        highest = fmax(highest, s->tone_hz[k]);
    size_t knots = s->knots > 0 ? s->knots : (size_t)ceil(fmax(A_CYCLE * highest / s->baud, KNOTS));
    double rate = s->baud * (double)knots;
    int err = hz_sim_track_init(track, rate, s->n * knots + 1);
    if (err != 0)
        return err;
    for (size_t i = 0; i < s->n * knots; i++) {
        double tone = s->tone_hz[s->symbol[i / knots]];
        track->freq_hz[i] = tone > 0 ? (float)(s->deviation_hz * sin(turn * phase)) : 0;
        phase += tone / rate;
        phase -= floor(phase);
    }
    hz_sim_track_seal(track);
    return 0;
}

static int make_ook(const struct hz_sim_signal *s, struct hz_sim_track *track)
{
    int err = hz_sim_track_init(track, s->baud * KNOTS, s->n * KNOTS + 1);
    if (err != 0)
        return err;
    for (size_t i = 0; i < track->n; i++)
        track->amplitude[i] = i < s->n * KNOTS ? (float)level_of(s, i / KNOTS) : 0;
    hz_sim_track_seal(track);
    return 0;
}

/* A frequency at one knot only, with straight lines to 0 beside it, turns the phase by frequency /
 * knot rate. */
static int make_psk(const struct hz_sim_signal *s, struct hz_sim_track *track)
{
    const double rate = s->baud * KNOTS;
    unsigned levels = s->levels > 0 ? s->levels : 2;
    int err = hz_sim_track_init(track, rate, s->n * KNOTS + 1);
    if (err != 0)
        return err;
    for (size_t i = 1; i < s->n; i++) {
        double cycles = ((double)s->symbol[i] - (double)s->symbol[i - 1]) / levels;
        track->freq_hz[i * KNOTS] = (float)(rate * (cycles - floor(cycles + 0.5)));
    }
    hz_sim_track_seal(track);
    return 0;
}

int hz_sim_signal_track(const struct hz_sim_signal *s, struct hz_sim_track *track)
{
    static int (*const make[])(const struct hz_sim_signal *, struct hz_sim_track *) = {
        [HZ_SIM_FSK] = make_fsk,
        [HZ_SIM_AFSK] = make_afsk,
        [HZ_SIM_OOK] = make_ook,
        [HZ_SIM_PSK] = make_psk,
    };
    int err = make[s->keying](s, track);
    if (err == 0 && s->drift_hz_s != 0)
        hz_sim_track_drift(track, s->drift_hz_s);
    return err;
}

double hz_sim_signal_add(const struct hz_sim_signal *s, const struct hz_sim_burst *burst,
                         const struct hz_span *span)
{
    struct hz_sim_track track;
    int err = hz_sim_signal_track(s, &track);
    if (err != 0)
        return err;
    hz_sim_track_add(&track, burst, span);
    double end = burst->start + hz_sim_track_samples(&track, burst, span->rate_hz);
    hz_sim_track_done(&track);
    return end;
}

void hz_sim_signal_noise(const struct hz_span *span, double power, double bandwidth_hz,
                         uint64_t seed)
{
    struct hz_noise noise;
    hz_noise_init(&noise, seed);
    hz_noise_fill(&noise, span->iq, span->n, (float)sqrt(power * span->rate_hz / bandwidth_hz / 2));
}
