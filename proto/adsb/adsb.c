/* The ADS-B decoder: the table of functions, options and state for proto/decoder.h. */
#include "proto/adsb/demod.h"
#include "proto/adsb/ledger.h"
#include "proto/decoder.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const struct hz_decoder hz_adsb_decoder;

/* Turns that may be heard at the same time, by a demodulator each. The first ones, some 0.4 s in
 * all, are heard by one of them as if they were pushed: a short recording is, too. */
enum { EARS = 2, ALONE = 8 };

struct ear {
    struct hz_adsb_demod demod;
    bool last;                     /* the stream ended with its turn */
    uint32_t heard[HZ_ADSB_FOUND]; /* addresses that its last turn has made trusted */
    size_t n;                      /* their number */
};

/* A stream that is pushed is heard by the first ear alone. */
struct adsb {
    struct hz_adsb_ledger ledger;
    struct ear *ear;                    /* EARS; owned */
    struct hz_aircraft_table *aircraft; /* owned */
};

/* An address is trusted for this many seconds after it was received. */
static const double trust_s = 120.0;

static void adsb_done(void *state)
{
    struct adsb *a = state;
    free(a->aircraft);
    free(a->ear);
    a->aircraft = NULL;
    a->ear = NULL;
}

static int adsb_init(void *state, const struct hz_setup *setup, char *err, size_t err_len)
{
    struct adsb *a = state;
    const struct hz_decoder *own = &hz_adsb_decoder;
    if (!(setup->rate_hz >= own->rate_min_hz && setup->rate_hz <= own->rate_max_hz)) {
        snprintf(err, err_len, "sample rate %.0f Hz, adsb needs %.0f to %.0f", setup->rate_hz,
                 own->rate_min_hz, own->rate_max_hz);
        return -EINVAL;
    }
    a->aircraft = calloc(1, hz_aircraft_table_size());
    a->ear = calloc(EARS, sizeof *a->ear);
    if (!a->aircraft || !a->ear) {
        snprintf(err, err_len, "no memory for the aircraft table");
        adsb_done(a);
        return -ENOMEM;
    }
    const uint32_t hold = (uint32_t)(trust_s * setup->rate_hz / HZ_ADSB_BLOCK);
    hz_aircraft_table_init(a->aircraft, setup->latitude, setup->longitude);
    hz_adsb_ledger_init(&a->ledger, (float)setup->rate_hz, hold, a->aircraft);
    for (size_t k = 0; k < EARS; k++)
        hz_adsb_demod_init(&a->ear[k].demod, (float)setup->rate_hz, hz_adsb_kernels()[0], hold);
    return 0;
}

/* Enters in the ledger what was found since the last time. */
static void enter(struct adsb *a, struct hz_adsb_demod *d, struct hz_sink *sink)
{
    for (size_t k = 0; k < d->founds; k++)
        hz_adsb_ledger_enter(&a->ledger, &d->found[k], sink);
    for (int r = 0; r < HZ_REASONS; r++)
        sink->count[r] += d->refused[r];
    a->ledger.now += d->blocks;
    d->judge.now = a->ledger.now;
    d->founds = 0;
    d->blocks = 0;
    memset(d->refused, 0, sizeof d->refused);
}

static void adsb_push(void *state, const struct hz_samples *samples, struct hz_sink *sink)
{
    struct adsb *a = state;
    struct hz_adsb_demod *d = &a->ear[0].demod;
    for (size_t at = 0; at < samples->n;) {
        at += hz_adsb_demod_take(d, samples, at);
        enter(a, d, sink);
    }
}

/* Both a reset and the end of the stream decode the samples in the buffer and forget them. Aircraft
 * and trusted addresses are kept. */
static void adsb_flush(void *state, struct hz_sink *sink)
{
    struct adsb *a = state;
    hz_adsb_demod_flush(&a->ear[0].demod);
    enter(a, &a->ear[0].demod, sink);
    a->ledger.recent = (struct hz_adsb_recent){0};
}

static struct ear *ear_of(const struct adsb *a, uint64_t turn)
{
    return &a->ear[turn < ALONE ? 0 : turn % EARS];
}

static void adsb_hear(void *state, uint64_t turn, const struct hz_samples *samples,
                      enum hz_turn_part part)
{
    struct ear *e = ear_of(state, turn);
    const bool before = part == HZ_TURN_BEFORE;
    e->last = part == HZ_TURN_LAST;
    if (before && turn < ALONE)
        return; /* it has heard them */
    if (before && samples->n == HZ_ADSB_OVERLAP)
        hz_adsb_demod_begin_turn(&e->demod, samples->first);
    for (size_t at = 0; at < samples->n;)
        at += hz_adsb_demod_take(&e->demod, samples, at);
    if (part == HZ_TURN_ENDS && turn + 1 >= ALONE)
        hz_adsb_demod_end_turn(&e->demod);
    if (part == HZ_TURN_LAST)
        hz_adsb_demod_flush(&e->demod);
}

/* Makes known to an ear, after its turn, the addresses that the others have heard since the one
 * before. */
static void learn(const struct adsb *a, uint64_t turn)
{
    struct ear *e = ear_of(a, turn);
    for (uint64_t back = EARS - 1; back > 0; back--) {
        const struct ear *other = ear_of(a, turn - back);
        for (size_t k = 0; k < other->n && turn >= ALONE + back; k++)
            hz_adsb_trust_add(&e->demod.judge.trust, other->heard[k], a->ledger.now);
    }
}

/* From now on all ears hear: each knows what the first one knows, and has a part of its credit. */
static void part(struct adsb *a)
{
    struct hz_adsb_credit *credit = &a->ear[0].demod.credit;
    credit->left /= EARS;
    credit->most /= EARS;
    for (size_t k = 1; k < EARS; k++)
        a->ear[k] = a->ear[0];
}

static void adsb_commit(void *state, uint64_t turn, struct hz_sink *sink)
{
    struct adsb *a = state;
    struct ear *e = ear_of(a, turn);
    e->n = 0;
    for (size_t k = 0; k < e->demod.founds; k++)
        if (e->demod.found[k].frame.certain)
            e->heard[e->n++] = e->demod.found[k].frame.address;
    enter(a, &e->demod, sink);
    learn(a, turn);
    if (e->last)
        a->ledger.recent = (struct hz_adsb_recent){0};
    if (turn == ALONE - 1)
        part(a);
}

static const struct hz_turns turns = {
    .at_a_time = EARS,
    .alone = ALONE,
    .overlap = HZ_ADSB_OVERLAP,
    .hear = adsb_hear,
    .commit = adsb_commit,
};

const struct hz_decoder hz_adsb_decoder = {
    .name = "adsb",
    .id = "hex",
    .title = "ADS-B and Mode S, 1090 MHz",
    .input = HZ_INPUT_BAND,
    .rate_min_hz = 2.0e6,
    .rate_max_hz = 3.2e6,
    .rate_hz = 2.4e6,
    .bandwidth_hz = 2.0e6,
    .freqs_hz = (const double[]){1090e6, 0},
    .knows_place = true,
    .state_size = sizeof(struct adsb),
    .quiet_ns = 2.2f,
    .busy_ns = 12,
    .init = adsb_init,
    .push = adsb_push,
    .reset = adsb_flush,
    .flush = adsb_flush,
    .done = adsb_done,
    .turns = &turns,
    .fields = hz_adsb_fields,
    .schema = "'envelope': {'required': ['raw']}, 'required': ['hex', 'type', 'df'], "
              "'dependentRequired': {'lat': ['lon'], 'lon': ['lat']}",
};
