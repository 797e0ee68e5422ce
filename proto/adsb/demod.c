#include "proto/adsb/demod.h"

#include "dsp/level.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* An address is trusted for this many seconds after it was received. */
static const float trust_s = 120.0f;

void hz_adsb_demod_init(struct hz_adsb_demod *d, float rate_hz,
                        const struct hz_adsb_kernels *kernels, struct hz_aircraft_table *aircraft)
{
    d->aircraft = aircraft;
    hz_adsb_shape_init(&d->shape, rate_hz, kernels);
    hz_adsb_cancel_init(&d->cancel, &d->shape);
    hz_adsb_gate_init(&d->gate, rate_hz);
    hz_adsb_judge_init(&d->judge, (uint32_t)(trust_s * rate_hz / HZ_ADSB_BLOCK));
    hz_adsb_envelope_init(&d->envelope, kernels);
    d->credit.left = HZ_ADSB_CREDIT_MOST;
}

/* The modelled burst differs a little from the received one: after cancellation, a remainder up to
 * this fraction of its power is not another burst. */
static const float unlike = 0.03f;

/* Equal frames at most this many samples apart are the same burst. */
static const int64_t same_place = 12;

/* A burst that was covered may begin up to the length of a long frame before the one above it. */
static const float longest_us = 121.0f;

/* The first element at which a search may begin; the stages look back from there. */
enum { LEAST = 32 };

/* A burst without a preamble covers at least this many segments with more than noise. */
enum { SHORTEST_RUN = 3 };

/* Time from the start of a burst to the end of its address. */
static const float to_address_us = 40.0f;

/* True when the frame was decoded before at the same place; otherwise notes it. */
static bool known(struct hz_adsb_demod *d, int64_t sample)
{
    const struct hz_adsb_frame *f = &d->burst.frame;
    const size_t len = (size_t)f->bits / 8;
    for (int k = 0; k < HZ_ADSB_RECENT; k++) {
        const struct hz_adsb_recent *r = d->recent + k;
        if (llabs(r->sample - sample) < same_place && memcmp(r->byte, f->byte, len) == 0)
            return true;
    }
    struct hz_adsb_recent *r = d->recent + d->recents++ % HZ_ADSB_RECENT;
    r->sample = sample;
    memcpy(r->byte, f->byte, len);
    return false;
}

/* Subtracts the decoded frame, and notes the place if more than noise remains. */
static void cancel(struct hz_adsb_demod *d, float signal)
{
    struct hz_adsb_stretch s = hz_adsb_cancel_burst(&d->cancel, &d->shape, &d->burst, &d->envelope);
    hz_adsb_envelope_renew(&d->envelope, s.from, s.end);
    const float left = hz_adsb_envelope_power(&d->envelope, s.from, s.end - s.from);
    const float noise = hz_adsb_envelope_noise_power(&d->envelope);
    if (left > 1.2f * noise + unlike * signal && d->agains < HZ_ADSB_AGAIN)
        d->again[d->agains++] = s;
}

/* Writes the decoded frame to the sink and continues behind it. */
static void accept(struct hz_adsb_demod *d, struct hz_sink *sink)
{
    const struct hz_adsb_envelope *b = &d->envelope;
    const struct hz_adsb_frame *f = &d->burst.frame;
    const float start = hz_adsb_window_start(&d->burst.window, &d->shape, d->burst.step);
    const float us = d->shape.rate_hz * 1e-6f, noise = hz_adsb_envelope_noise_power(b);
    const size_t at = (size_t)ceilf(start), n = (size_t)((8.0f + (float)f->bits) * us);
    const float signal = hz_adsb_envelope_power(b, at, n) - noise;
    const int64_t sample = b->origin + lroundf(start);
    struct hz_burst burst = {
        .sample = sample > 0 ? (uint64_t)sample : 0,
        .end = (uint64_t)(sample > 0 ? sample : 0) + n,
        .rssi_dbfs = hz_db(signal > 0.1f * noise ? signal : 0.1f * noise),
        .noise_dbfs = hz_db(noise * 2.0f / us), /* white noise, in 2 MHz */
        .offset_hz = d->burst.omega / 6.2831853e-6f,
        .fixed_bits = f->corrected,
        .raw = f->byte,
        .raw_len = (size_t)f->bits / 8,
    };
    burst.snr_db = burst.rssi_dbfs - burst.noise_dbfs;
    hz_adsb_gate_skip(&d->gate, at + n - 2);
    if (known(d, sample))
        return;
    struct hz_json *j = hz_sink_begin(sink, &burst);
    hz_adsb_describe(d->aircraft, burst.raw, burst.raw_len, f->address,
                     hz_sink_time(sink, burst.sample), j);
    hz_sink_end(sink);
    if (hz_adsb_credit_pay(&d->credit, HZ_ADSB_COST_CANCEL, HZ_ADSB_CREDIT_KEPT))
        cancel(d, signal);
    else
        hz_sink_refuse(sink, HZ_SHED);
}

/* Decodes bursts that begin at the elements from `from` up to `end`. */
static void search(struct hz_adsb_demod *d, size_t from, size_t end, bool loose,
                   struct hz_sink *sink)
{
    struct hz_adsb_candidate c;
    hz_adsb_gate_open(&d->gate, &d->envelope, from, end, loose);
    while (hz_adsb_gate_next(&d->gate, &d->envelope, &c)) {
        enum hz_reason why = HZ_NO_PREAMBLE;
        if (hz_adsb_gate_plausible(&d->gate, &d->envelope, &c))
            why = hz_adsb_burst_try(&d->burst, &d->shape, &d->judge, &d->envelope, &c, &d->credit);
        if (why == HZ_MESSAGE)
            accept(d, sink);
        else
            hz_sink_refuse(sink, why);
    }
}

/* Searches a run of segments with more than noise for bursts without a preamble. */
static void search_run(struct hz_adsb_demod *d, size_t from, size_t end, struct hz_sink *sink)
{
    /* Stretches overlap by the length of an address, 24 us, and some slack. */
    const size_t most = HZ_ADSB_SPAN - HZ_ADSB_TAPS, overlap = (size_t)(26e-6f * d->shape.rate_hz);
    int hit[HZ_ADSB_HITS];
    for (size_t at = from; at + overlap < end; at += most - overlap) {
        size_t to = end - at < most ? end : at + most;
        int cost = HZ_ADSB_COST_HEADLESS * (int)((to - at) / 100 + 1);
        if (!hz_adsb_credit_pay(&d->credit, cost, HZ_ADSB_CREDIT_KEPT)) {
            hz_sink_refuse(sink, HZ_SHED);
            return;
        }
        size_t hits = hz_adsb_headless_find(&d->burst.window, &d->shape, &d->judge, &d->envelope,
                                            at, to, hit);
        for (size_t k = 0; k < hits; k++) {
            if (hit[k] / d->shape.phases >= HZ_ADSB_BEFORE + HZ_ADSB_BLOCK)
                continue; /* belongs to the next block */
            enum hz_reason why = HZ_SHED;
            if (hz_adsb_credit_pay(&d->credit, HZ_ADSB_COST_SOFT, HZ_ADSB_CREDIT_KEPT))
                why = hz_adsb_headless_try(&d->burst, &d->shape, &d->judge, &d->envelope, hit[k]);
            if (why == HZ_MESSAGE)
                accept(d, sink);
            else
                hz_sink_refuse(sink, why);
        }
    }
}

/* Finds the runs of segments with more than noise that remain after cancellation, up to element
 * `end`, and searches them. */
static void search_headless(struct hz_adsb_demod *d, size_t end, struct hz_sink *sink)
{
    enum { FIRST = HZ_ADSB_BEFORE / HZ_ADSB_SEGMENT };
    struct hz_adsb_envelope *b = &d->envelope;
    const int32_t least = (int32_t)(1.4f * b->noise * HZ_ADSB_SEGMENT);
    const size_t last = end / HZ_ADSB_SEGMENT;
    hz_adsb_envelope_resum(b);
    for (size_t k = FIRST, run = 0; k <= last; k++) {
        if (k < last && b->sum[k] > least) {
            run++;
            continue;
        }
        if (run >= SHORTEST_RUN)
            search_run(d, (k - run) * HZ_ADSB_SEGMENT, k * HZ_ADSB_SEGMENT, sink);
        run = 0;
    }
}

/* Decodes the present block up to element `end`: first all candidates, then the places where bursts
 * were cancelled, then bursts without a preamble. */
static void work(struct hz_adsb_demod *d, size_t end, struct hz_sink *sink)
{
    const size_t before = (size_t)(longest_us * 1e-6f * d->shape.rate_hz);
    hz_adsb_envelope_measure(&d->envelope);
    size_t from = HZ_ADSB_BEFORE > d->next ? HZ_ADSB_BEFORE : d->next;
    d->agains = 0;
    hz_adsb_credit_earn(&d->credit);
    search(d, from, end, false, sink);
    d->next = d->gate.at;
    for (size_t k = 0; k < d->agains; k++) {
        const struct hz_adsb_stretch s = d->again[k];
        if (!hz_adsb_credit_pay(&d->credit, HZ_ADSB_COST_AGAIN, HZ_ADSB_CREDIT_KEPT)) {
            hz_sink_refuse(sink, HZ_SHED);
            continue;
        }
        search(d, s.from > before + LEAST ? s.from - before : LEAST, s.end < end ? s.end : end,
               true, sink);
    }
    const size_t beyond = end + (size_t)(to_address_us * 1e-6f * d->shape.rate_hz);
    search_headless(d, beyond < d->envelope.fill ? beyond : d->envelope.fill, sink);
}

void hz_adsb_demod_push(struct hz_adsb_demod *d, const struct hz_samples *in, struct hz_sink *sink)
{
    if (!d->running && in->n > 0) {
        hz_adsb_envelope_restart(&d->envelope, in->first);
        d->next = 0;
        memset(d->recent, 0, sizeof(d->recent));
        d->running = true;
    }
    for (size_t at = 0; at < in->n;) {
        at += hz_adsb_envelope_append(&d->envelope, in, at);
        if (d->envelope.fill < HZ_ADSB_SIZE)
            break;
        work(d, HZ_ADSB_BEFORE + HZ_ADSB_BLOCK, sink);
        hz_adsb_envelope_advance(&d->envelope);
        d->next -= d->next < HZ_ADSB_BLOCK ? d->next : HZ_ADSB_BLOCK;
        d->judge.now++;
    }
}

void hz_adsb_demod_flush(struct hz_adsb_demod *d, struct hz_sink *sink)
{
    struct hz_adsb_envelope *b = &d->envelope;
    size_t end = b->fill;
    if (d->running && end > HZ_ADSB_BEFORE) {
        memset(b->i + end, 0, (HZ_ADSB_SIZE - end) * sizeof(*b->i));
        memset(b->q + end, 0, (HZ_ADSB_SIZE - end) * sizeof(*b->q));
        work(d, end < HZ_ADSB_BEFORE + HZ_ADSB_BLOCK ? end : HZ_ADSB_BEFORE + HZ_ADSB_BLOCK, sink);
    }
    d->running = false;
}
