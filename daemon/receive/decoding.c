#include "daemon/receive/decoding.h"
#include "config/plan.h"
#include "proto/sensors/set.h"
#include "proto/wmbus/keys.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ARENA_MIN = 64 * 1024,
    ARENA_BYTES_PER_SAMPLE = 10, /* two overlapping frames of 500 bytes in each 50 us at 2 Msps */
    ARENA_BYTES_PER_SECOND = 120 * 1000, /* of a narrow channel: speech takes 60 kB a second */
    ARENA_MAX = 8 * 1024 * 1024,
};

int hz_decoding_init(struct hz_decoding *d, const struct hz_conf_channel *conf,
                     const struct hz_conf_receiver *receiver, const char *receiver_name)
{
    const struct hz_decoder *decoder = conf->decoder;
    if (d->state_cap < decoder->state_size) {
        void *state = realloc(d->state, decoder->state_size);
        if (!state)
            return -ENOMEM;
        d->state = state;
        d->state_cap = decoder->state_size;
    }
    *d = (struct hz_decoding){.conf = conf,
                              .sensors = hz_sensor_set_ref(conf->sensors),
                              .keys = hz_meter_keys_ref(conf->keys),
                              .decoder = decoder,
                              .offset_hz = NAN,
                              .state = d->state,
                              .state_cap = d->state_cap,
                              .cut.spare = d->cut.spare,
                              .sink = {.arena = d->sink.arena, .cap = d->sink.cap}};
    d->setup = (struct hz_setup){
        .latitude = receiver->latitude,
        .longitude = receiver->longitude,
        .bandwidth_hz = hz_plan_width(conf),
        .options = conf->options,
        .spec = decoder->spec,
        .sensors = d->sensors,
        .keys = d->keys,
        .freq_hz = conf->freq_hz != 0 ? conf->freq_hz : decoder->freqs_hz[0],
    };
    d->head = (struct hz_sink_head){.receiver = receiver_name,
                                    .channel = conf->name,
                                    .protocol = decoder->name,
                                    .freq_hz = d->setup.freq_hz};
    hz_sink_init(&d->sink, &d->head, d->sink.arena, d->sink.cap);
    return 0;
}

static void shut_decoder(struct hz_decoding *d)
{
    if (d->inited && d->decoder->done)
        d->decoder->done(d->state);
    d->inited = false;
}

static void forget_knowledge(struct hz_decoding *d)
{
    hz_sensor_set_unref(d->sensors);
    d->sensors = NULL;
    hz_meter_keys_unref(d->keys);
    d->keys = NULL;
}

void hz_decoding_shut(struct hz_decoding *d)
{
    hz_spectra_unref(d->cut.before);
    d->cut.before = NULL;
    hz_shared_band_unref(d->cut.band);
    d->cut.band = NULL;
    if (d->cut.ddc.slice) {
        hz_slice_free(d->cut.spare);
        d->cut.spare = d->cut.ddc.slice;
        d->cut.ddc.slice = NULL;
    }
    hz_audio_in_free(d->audio_in);
    d->audio_in = NULL;
    hz_opus_free(d->opus);
    d->opus = NULL;
    shut_decoder(d);
    forget_knowledge(d);
}

void hz_decoding_done(struct hz_decoding *d)
{
    hz_decoding_shut(d);
    hz_slice_free(d->cut.spare);
    free(d->state);
    free(d->sink.arena);
}

bool hz_decoding_narrow(const struct hz_decoding *d)
{
    return d->decoder->input != HZ_INPUT_BAND && !d->audio;
}

bool hz_decoding_gated(const struct hz_decoding *d)
{
    return hz_decoding_narrow(d) && hz_plan_squelch(d->conf) != 0;
}

struct hz_ddc_config hz_decoding_how(const struct hz_decoding *d, double centre_hz, double rate_hz)
{
    const struct hz_decoder *decoder = d->decoder;
    double most = floor(rate_hz / HZ_BAND_STEP_HZ) * HZ_BAND_STEP_HZ;
    double rate = hz_plan_rate(d->conf), offset = d->shift_hz;
    if (centre_hz != 0)
        offset += d->setup.freq_hz - centre_hz;
    return (struct hz_ddc_config){
        .offset_hz = isnan(d->offset_hz) ? offset : d->offset_hz,
        .rate_hz = rate > most && most >= decoder->rate_min_hz ? most : rate,
        .bandwidth_hz = hz_plan_width(d->conf),
        .squelch_db = (float)hz_plan_squelch(d->conf),
        .hang_s = decoder->hang_s,
    };
}

/* ---- on the loop, between jobs ---------------------------------------------------------- */

static bool make_ddc(struct hz_decoding *d, const struct hz_band *band,
                     const struct hz_ddc_config *how)
{
    struct hz_cutting *c = &d->cut;
    struct hz_slice *spare = c->spare;
    hz_ddc_done(&c->ddc);
    c->spare = NULL;
    return hz_ddc_init(&c->ddc, band, how, spare, d->error, sizeof d->error) == 0;
}

/* Moves the down-converter if it is to be moved; it goes on without a break. Where the band has no
 * room for it, it stays, and is moved when the band has. */
static void shift(struct hz_decoding *d, const struct hz_spectra *s)
{
    struct hz_cutting *c = &d->cut;
    double offset_hz = hz_decoding_how(d, s->centre_hz, s->rate_hz).offset_hz;
    if (c->shift_hz != d->shift_hz &&
        hz_ddc_shift(&c->ddc, s->band->band, offset_hz, s->x[0].block))
        c->shift_hz = d->shift_hz;
}

bool hz_decoding_cut(struct hz_decoding *d, const struct hz_spectra *s)
{
    struct hz_cutting *c = &d->cut;
    bool same_centre = c->band_rate_hz == s->rate_hz && c->band_centre_hz == s->centre_hz;
    if (same_centre && c->band == s->band) {
        shift(d, s);
        return false;
    }
    struct hz_shared_band *gone = c->band;
    c->band = hz_shared_band_ref(s->band);
    hz_shared_band_unref(gone);
    c->shift_hz = d->shift_hz;
    c->band_rate_hz = s->rate_hz;
    c->band_centre_hz = s->centre_hz;
    if (c->before && (c->before->band != s->band || c->before->centre_hz != s->centre_hz)) {
        hz_spectra_unref(c->before);
        c->before = NULL;
    }
    struct hz_ddc_config how = hz_decoding_how(d, s->centre_hz, s->rate_hz);
    if (same_centre && c->ddc.slice)
        hz_ddc_change(&c->ddc, s->band->band, &how, d->error, sizeof d->error);
    else if (make_ddc(d, s->band->band, &how))
        d->error[0] = '\0';
    return true;
}

/* Sizes the arena for the piece, so that the messages of any piece fit. */
void hz_decoding_reserve(struct hz_sink *sink, const struct hz_piece *p, bool keep)
{
    const struct hz_spectra *x = p->spectra;
    size_t want = (p->block ? p->block->n : p->heard.samples) * ARENA_BYTES_PER_SAMPLE;
    if (x)
        want = (size_t)((double)x->samples / x->rate_hz * ARENA_BYTES_PER_SECOND);
    want += ARENA_MIN + (keep ? sink->len : 0);
    want = want > ARENA_MAX ? ARENA_MAX : want;
    if (want <= sink->cap)
        return;
    char *bigger = realloc(sink->arena, want);
    if (!bigger)
        return; /* messages that do not fit are dropped and counted */
    hz_sink_move(sink, bigger, want);
}

static bool same_degrees(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

void hz_decoding_place(struct hz_decoding *d, double latitude, double longitude)
{
    if (same_degrees(d->setup.latitude, latitude) && same_degrees(d->setup.longitude, longitude))
        return;
    d->setup.latitude = latitude;
    d->setup.longitude = longitude;
    if (d->decoder->knows_place)
        d->tried = false; /* it is set up again with the next samples */
}

void hz_decoding_learn(struct hz_decoding *d)
{
    if (d->sensors == d->conf->sensors && d->keys == d->conf->keys)
        return;
    shut_decoder(d); /* it may look into what it knew */
    forget_knowledge(d);
    d->setup.sensors = d->sensors = hz_sensor_set_ref(d->conf->sensors);
    d->setup.keys = d->keys = hz_meter_keys_ref(d->conf->keys);
    d->tried = false; /* it is set up again with the next samples */
}

void hz_decoding_keep_before(struct hz_decoding *d, struct hz_spectra *s)
{
    if (s->n == 0)
        return;
    struct hz_spectra *gone = d->cut.before;
    d->cut.before = hz_spectra_ref(s);
    hz_spectra_unref(gone); /* the band strand may go on before this returns */
}

/* ---- setting up ------------------------------------------------------------------------- */

/* Sets the decoder up again if the samples differ from those it was set up for. */
static bool prepare(struct hz_decoding *d, double rate_hz, double centre_hz)
{
    if (d->tried && d->setup.rate_hz == rate_hz && d->setup.centre_hz == centre_hz)
        return d->inited;
    if (d->inited && d->decoder->done)
        d->decoder->done(d->state);
    memset(d->state, 0, d->decoder->state_size);
    d->setup.rate_hz = rate_hz;
    d->setup.centre_hz = centre_hz;
    d->error[0] = '\0';
    d->tried = true;
    d->inited = d->decoder->init(d->state, &d->setup, d->error, sizeof d->error) == 0;
    d->error_is_new = !d->inited;
    return d->inited;
}

/* The centre of the band; the channel's own frequency if it is unknown. */
static double centre_of(const struct hz_decoding *d, const struct hz_block *b)
{
    return b->centre_hz != 0 ? b->centre_hz : d->setup.freq_hz;
}

bool hz_decoding_fits(const struct hz_decoding *d, const struct hz_block *b, double latitude,
                      double longitude)
{
    return d->tried && d->setup.rate_hz == b->rate_hz && d->setup.centre_hz == centre_of(d, b) &&
           same_degrees(d->setup.latitude, latitude) && same_degrees(d->setup.longitude, longitude);
}

void hz_decoding_set_up(struct hz_decoding *d, const struct hz_block *b)
{
    prepare(d, b->rate_hz, centre_of(d, b));
}

/* ---- on the worker ---------------------------------------------------------------------- */

/* Makes the resampler from the audio's rate to the decoder's. */
static bool prepare_audio(struct hz_decoding *d, double rate_hz)
{
    const struct hz_decoder *decoder = d->decoder;
    if (d->audio_in)
        return prepare(d, decoder->rate_hz, d->setup.freq_hz);
    if (d->tried)
        return false;
    d->tried = true;
    d->setup.audio = true;
    d->sink.scale = rate_hz / decoder->rate_hz;
    d->sink.trace = NULL;
    if (decoder->takes_audio)
        d->audio_in = hz_audio_in_new(rate_hz, decoder->rate_hz, d->error, sizeof d->error);
    else
        snprintf(d->error, sizeof d->error, "%s cannot be decoded from audio", decoder->name);
    if (d->audio_in)
        hz_audio_in_choose(d->audio_in, d->conf->ear);
    d->error_is_new = !d->audio_in;
    return d->audio_in && prepare(d, decoder->rate_hz, d->setup.freq_hz);
}

static void hear_audio(struct hz_decoding *d, const struct hz_block *b)
{
    struct hz_samples in = {
        .format = b->format, .data = b->data, .n = b->n, .first = b->first_sample};
    if (!prepare_audio(d, b->rate_hz))
        return;
    struct hz_samples out = hz_audio_in_push(d->audio_in, &in);
    if (out.n > 0)
        d->decoder->push(d->state, &out, &d->sink);
}

static void hear_block(struct hz_decoding *d, const struct hz_block *b)
{
    struct hz_samples samples = {
        .format = b->format, .data = b->data, .n = b->n, .first = b->first_sample};
    if (prepare(d, b->rate_hz, centre_of(d, b)))
        d->decoder->push(d->state, &samples, &d->sink);
}

static void on_tuned_samples(void *ctx, const struct hz_samples *samples)
{
    struct hz_decoding *d = ctx;
    d->decoder->push(d->state, samples, &d->sink);
}

static void on_tuned_break(void *ctx)
{
    struct hz_decoding *d = ctx;
    d->decoder->reset(d->state, &d->sink);
}

static struct hz_ddc_output output(struct hz_decoding *d)
{
    return (struct hz_ddc_output){d, on_tuned_samples, on_tuned_break};
}

/* Whether the block of spectra holds samples from d->from_sample on, or is the last one before it.
 */
static bool is_wanted(const struct hz_decoding *d, const struct hz_spectra *s,
                      const struct hz_spectrum *x)
{
    double block = s->rate_hz / HZ_BAND_BLOCKS_HZ;
    return ((double)x->block + 2) * block > (double)d->from_sample;
}

/* The block before the first one of the batch; NULL: it is not available. */
static const struct hz_spectrum *block_before(const struct hz_decoding *d,
                                              const struct hz_spectra *s)
{
    const struct hz_spectra *b = d->cut.before;
    if (s->before.bins)
        return &s->before;
    return b ? &b->x[b->n - 1] : NULL;
}

/* The decoder is set up with the first spectrum that it is to hear. */
static void hear_spectra(struct hz_decoding *d, const struct hz_piece *p)
{
    const struct hz_spectra *s = p->spectra;
    struct hz_ddc_output to = output(d);
    struct hz_ddc_config how = hz_decoding_how(d, s->centre_hz, s->rate_hz);
    if (!d->cut.ddc.slice || (hz_decoding_gated(d) && !p->marks))
        return;
    d->sink.scale = s->rate_hz / how.rate_hz;
    d->sink.trace = &d->cut.ddc.trace;
    const struct hz_spectrum *before = block_before(d, s);
    for (size_t i = 0; i < s->n && (p->until == 0 || s->x[i].block < p->until); i++) {
        const struct hz_mark *m = p->marks ? &p->marks[i] : NULL;
        if (is_wanted(d, s, &s->x[i]) && (!m || m->ends || m->runs)) {
            if (!prepare(d, how.rate_hz, d->setup.freq_hz))
                return;
            hz_ddc_push(&d->cut.ddc, before, &s->x[i], m, &to);
        }
        before = &s->x[i];
    }
}

/* Resets the decoder after an interruption of the stream. */
static void forget(struct hz_decoding *d)
{
    struct hz_ddc_output to = output(d);
    if (d->inited && d->cut.ddc.slice)
        hz_ddc_reset(&d->cut.ddc, &to);
    else if (d->inited)
        d->decoder->reset(d->state, &d->sink);
}

/* Codes speech from now on, or not. */
static void code_speech(struct hz_decoding *d)
{
    if (d->heard && !d->opus)
        d->opus = hz_opus_new(d->decoder->speech_hz);
    d->sink.opus = d->heard ? d->opus : NULL;
}

static bool is_end(const struct hz_piece *p)
{
    return p->last || (p->spectra ? p->spectra->end : !p->block);
}

void hz_decoding_hear(const struct hz_decoding *d, const struct hz_piece *p)
{
    const struct hz_turns *turns = d->decoder->turns;
    const struct hz_overlap *o = p->heard.overlap;
    const struct hz_block *b = p->block;
    struct hz_samples s = {0};
    if (!d->inited)
        return;
    if (o) {
        s = (struct hz_samples){.format = o->format, .data = o->data, .n = o->n, .first = o->first};
        turns->hear(d->state, p->heard.turn, &s, HZ_TURN_BEFORE);
    }
    s = (struct hz_samples){0};
    if (b)
        s = (struct hz_samples){
            .format = b->format, .data = b->data, .n = b->n, .first = b->first_sample};
    turns->hear(d->state, p->heard.turn, &s,
                !b              ? HZ_TURN_LAST
                : p->heard.ends ? HZ_TURN_ENDS
                                : HZ_TURN_INSIDE);
}

void hz_decoding_commit(struct hz_decoding *d, const struct hz_piece *p, bool keep,
                        struct hz_sink *to)
{
    struct hz_sink *sink = &d->sink;
    char *own = sink->arena;
    size_t cap = sink->cap;
    hz_sink_move(sink, to->arena, to->cap);
    sink->len = to->len;
    if (!keep)
        hz_sink_rewind(sink, p->stamp);
    sink->stamp = p->stamp;
    if (d->inited)
        d->decoder->turns->commit(d->state, p->heard.turn, sink);
    *to = *sink;
    hz_sink_move(sink, own, cap);
}

void hz_decoding_run(struct hz_decoding *d, const struct hz_piece *p, bool keep)
{
    code_speech(d);
    if (!keep)
        hz_sink_rewind(&d->sink, p->reset ? d->sink.stamp : p->stamp);
    if (p->reset) /* messages of the samples before the interruption */
        forget(d);
    d->sink.stamp = p->stamp;
    if (p->block && d->audio)
        hear_audio(d, p->block);
    else if (p->block)
        hear_block(d, p->block);
    if (p->spectra)
        hear_spectra(d, p);
    if (is_end(p) && d->inited)
        d->decoder->flush(d->state, &d->sink);
    d->receiving = d->inited && d->decoder->receiving && d->decoder->receiving(d->state);
}
