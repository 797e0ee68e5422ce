#include "proto/voice/voice.h"

#include "dsp/level.h"
#include "proto/out/sink.h"

#include <math.h>
#include <string.h>

#define SMOOTH    0.3f  /* weight of the newest frame */
#define MAYBE     0.25f /* threshold at the first and last frame of a transmission */
#define END_AFTER 20    /* frames without a carrier: shorter gaps belong to the transmission */

void hz_voice_cut_init(struct hz_voice_cut *c, unsigned rate_hz)
{
    c->frame = rate_hz / 100;
    hz_voice_cut_reset(c);
}

void hz_voice_cut_reset(struct hz_voice_cut *c)
{
    c->have = 0;
}

/* Frames begin at multiples of their length; samples before the first are skipped. */
bool hz_voice_cut_push(struct hz_voice_cut *c, struct hz_samples *in)
{
    if (c->have == c->frame)
        c->have = 0;
    if (c->have == 0) {
        uint64_t skip = (c->frame - in->first % c->frame) % c->frame;
        hz_samples_pass(in, skip < in->n ? (size_t)skip : in->n);
    }
    size_t n = c->frame - c->have < in->n ? c->frame - c->have : in->n;
    memcpy(c->x + 2 * c->have, in->data, 2 * n * sizeof *c->x);
    c->have += n;
    hz_samples_pass(in, n);
    c->next = in->first;
    return c->have == c->frame;
}

void hz_voice_gate_init(struct hz_voice_gate *g)
{
    *g = (struct hz_voice_gate){0};
}

static void add(struct hz_voice_gate *g, const struct hz_voice_frame *f)
{
    g->power += (double)f->power;
    g->noise += (double)f->noise;
    g->offset_hz += (double)f->offset_hz;
    g->frames++;
    g->last = f->first + f->n;
}

enum hz_voice_event hz_voice_gate_push(struct hz_voice_gate *g, const struct hz_voice_frame *f)
{
    g->sure += SMOOTH * (f->sure - g->sure);
    bool carrier = g->sure >= MAYBE;
    if (!g->maybe) {
        if (!carrier)
            return HZ_VOICE_NOTHING;
        *g = (struct hz_voice_gate){.sure = g->sure, .maybe = true, .first = f->first};
        g->on = g->sure >= HZ_VOICE_SURE;
        add(g, f);
        return HZ_VOICE_MAYBE;
    }
    g->on = g->on || g->sure >= HZ_VOICE_SURE;
    g->quiet = carrier ? 0 : g->quiet + 1;
    if (carrier && f->sure >= MAYBE)
        add(g, f);
    if (!g->on && !carrier) {
        g->maybe = false;
        return HZ_VOICE_NOT;
    }
    return g->quiet >= END_AFTER ? hz_voice_gate_end(g) : HZ_VOICE_GOES;
}

enum hz_voice_event hz_voice_gate_end(struct hz_voice_gate *g)
{
    bool on = g->on;
    g->maybe = g->on = false;
    g->sure = 0;
    return on ? HZ_VOICE_ENDS : HZ_VOICE_NOTHING;
}

struct hz_burst hz_voice_burst(const struct hz_voice_gate *g)
{
    double n = g->frames, signal = g->power - g->noise;
    return (struct hz_burst){
        .sample = g->first,
        .rssi_dbfs = (float)hz_db_double(g->power / n),
        .noise_dbfs = (float)hz_db_double(g->noise / n),
        .snr_db =
            signal < 0 ? NAN : (float)hz_db_double(signal / n) - (float)hz_db_double(g->noise / n),
        .offset_hz = (float)(g->offset_hz / n),
    };
}

double hz_voice_quantile(const unsigned *counts, size_t n, double share)
{
    double total = 0, sum = 0;
    for (size_t i = 0; i < n; i++)
        total += counts[i];
    for (size_t i = 0; i < n; i++) {
        if (counts[i] && sum + counts[i] >= share * total)
            return (double)i + (share * total - sum) / counts[i];
        sum += counts[i];
    }
    return (double)n;
}
