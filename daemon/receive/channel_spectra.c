/* What a narrow channel has of the band's spectra: its gate, and the batches that it is given. */
#include "daemon/base/log.h"
#include "daemon/receive/channel_own.h"

#include <stdlib.h>
#include <string.h>

/* ---- the gate --------------------------------------------------------------------------- */

static bool same_stream(const struct hz_spectra_gate *g, const struct hz_spectra *s)
{
    return g->epoch == s->epoch && g->rate_hz == s->rate_hz && g->centre_hz == s->centre_hz;
}

/* The gate whose squelch goes on in a new one for the batch; NULL: there is none. */
static struct hz_spectra_gate *first_gate(const struct hz_channel *c, const struct hz_spectra *s)
{
    if (!c->gate || c->gate->shut || !same_stream(c->gate, s))
        return NULL;
    return hz_spectra_gate_ref(c->gate->first ? c->gate->first : c->gate);
}

/* Whether the spectra are of a part of the band in which the channel does not lie. It was added a
 * moment ago, and later ones will be of more. */
static bool is_outside(const struct hz_channel *c, const struct hz_spectra *s)
{
    const struct hz_band *band = s->band->band;
    if (!hz_band_is_part(band))
        return false;
    struct hz_ddc_config how = hz_channel_how(c, s->centre_hz, s->rate_hz);
    return how.offset_hz - how.bandwidth_hz / 2 < hz_band_low(band) ||
           how.offset_hz + how.bandwidth_hz / 2 > hz_band_high(band);
}

struct hz_spectra_gate *hz_channel_gate(struct hz_channel *c, const struct hz_spectra *s)
{
    char err[sizeof c->reason] = "";
    if (!hz_decoding_gated(&c->decoding))
        return NULL;
    if (c->gate && c->gate->band == s->band && same_stream(c->gate, s))
        return c->gate->shut ? NULL : c->gate;
    if (is_outside(c, s))
        return NULL;
    struct hz_spectra_gate *g = malloc(sizeof *g);
    if (!g)
        return NULL; /* tried again with the next batch */
    struct hz_ddc_config how = hz_channel_how(c, s->centre_hz, s->rate_hz);
    *g = (struct hz_spectra_gate){.refs = 1,
                                  .channel = c->env.number,
                                  .epoch = s->epoch,
                                  .rate_hz = s->rate_hz,
                                  .centre_hz = s->centre_hz,
                                  .band = hz_shared_band_ref(s->band),
                                  .first = first_gate(c, s)};
    hz_spectra_gate_unref(c->gate);
    c->gate = g;
    g->shut = hz_gate_init(&g->gate, s->band->band, &how, err, sizeof err) != 0;
    if (g->shut && strcmp(err, c->reason) != 0)
        hz_log(LOG_WARNING, "channel %s: %s", c->conf.name, err);
    memcpy(c->reason, err, sizeof c->reason);
    return g->shut ? NULL : g;
}

/* ---- batches ---------------------------------------------------------------------------- */

void hz_channel_advance(struct hz_channel *c, const struct hz_spectra *s)
{
    double block = s->rate_hz / HZ_BAND_BLOCKS_HZ;
    if (s->n > 0)
        c->until_ns = hz_channel_utc_ns(
            &s->stamp, (uint64_t)(((double)s->x[s->n - 1].block + 1 - HZ_SLICE_DELAY) * block));
}

void hz_channel_count_spectra(struct hz_channel *c, const struct hz_spectra *s,
                              const struct hz_mark *marks)
{
    c->stats.blocks++;
    c->stats.samples += s->samples;
    c->stats.open = !hz_decoding_gated(&c->decoding) || c->decoding.cut.ddc.running;
    c->stats.open_samples += c->stats.open ? s->samples : 0;
    if (!marks || s->n == 0)
        return;
    c->stats.level_dbfs = marks[s->n - 1].power_db;
    c->stats.noise_dbfs = marks[s->n - 1].noise_db;
}

/* Whether nothing is left to do for a batch but to count it: no spectrum is heard, no run of
 * samples ends, and nothing is under way. */
static bool passes(const struct hz_channel *c, const struct hz_spectra *s,
                   const struct hz_mark *marks)
{
    const struct hz_decoding *d = &c->decoding;
    if (!hz_strand_idle(&c->strand) || c->goes_on || d->cut.ddc.running || (s->end && d->inited))
        return false;
    if (is_outside(c, s))
        return true;
    if (!hz_decoding_gated(d))
        return false;
    for (size_t i = 0; marks && i < s->n; i++) {
        if (marks[i].ends || marks[i].runs)
            return false;
    }
    return true;
}

/* The batch holds nothing for the decoder. */
static void pass(struct hz_channel *c, struct hz_spectra *s, const struct hz_mark *marks)
{
    hz_channel_broke(c, s->epoch, false, s->stamp); /* no run of samples that would have to end */
    hz_channel_count_spectra(c, s, marks);
    c->silent_to = s->turn.n + s->turn.ends;
    hz_channel_advance(c, s);
    if (c->env.fold && c->env.timed) {
        struct hz_fold_from from = hz_channel_fold_from(c);
        hz_fold_passed(c->env.fold, &from);
    }
    hz_decoding_keep_before(&c->decoding, s);
}

/* Missing samples are visible in the numbering of the spectra, so only a restarted numbering counts
 * as an interruption. */
void hz_channel_push_spectra(struct hz_channel *c, struct hz_spectra *s,
                             const struct hz_mark *marks)
{
    if (passes(c, s, marks)) {
        pass(c, s, marks);
        return;
    }
    if (!s->end && hz_strand_sheds(&c->strand)) {
        hz_channel_lose(c, s->first_sample, s->samples);
        return;
    }
    hz_strand_push(&c->strand,
                   (struct hz_piece){.spectra = hz_spectra_ref(s),
                                     .marks = marks,
                                     .turn = s->turn,
                                     .stamp = s->stamp,
                                     .reset = hz_channel_broke(c, s->epoch, false, s->stamp)});
}

void hz_channel_push_begin(struct hz_channel *c, struct hz_spectra *s, bool past)
{
    struct hz_turn first = {.n = c->first_turn};
    bool reset = hz_channel_broke(c, s->epoch, false, s->stamp);
    hz_strand_push(&c->strand, (struct hz_piece){.spectra = hz_spectra_ref(s),
                                                 .turn = past ? first : s->turn,
                                                 .stamp = s->stamp,
                                                 .reset = reset});
}

void hz_channel_push_last(struct hz_channel *c, struct hz_spectra *s, struct hz_turn turn,
                          struct hz_stamp stamp, uint64_t until)
{
    c->last_turn = turn.n;
    turn.ends = true;
    hz_strand_push(&c->strand,
                   (struct hz_piece){.spectra = s ? hz_spectra_ref(s) : NULL,
                                     .turn = turn,
                                     .stamp = stamp,
                                     .reset = s && hz_channel_broke(c, s->epoch, false, stamp),
                                     .last = true,
                                     .until = until});
}
