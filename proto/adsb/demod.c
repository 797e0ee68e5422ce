#include "proto/adsb/demod.h"

#include <math.h>
#include <string.h>

void hz_adsb_demod_init(struct hz_adsb_demod *d, float rate_hz,
                        const struct hz_adsb_kernels *kernels, uint32_t hold)
{
    hz_adsb_shape_init(&d->shape, rate_hz, kernels);
    hz_adsb_cancel_init(&d->cancel, &d->shape);
    hz_adsb_gate_init(&d->gate, rate_hz);
    hz_adsb_judge_init(&d->judge, hold);
    hz_adsb_envelope_init(&d->envelope, kernels);
    hz_adsb_credit_limit(&d->credit, HZ_ADSB_CREDIT_MOST);
}

/* The modelled burst differs a little from the received one: after cancellation, a remainder up to
 * this fraction of its power is not another burst. */
static const float unlike = 0.03f;

/* A burst that was covered may begin up to the length of a long frame before the one above it. */
static const float longest_us = 121.0f;

static size_t longest(const struct hz_adsb_demod *d)
{
    return (size_t)(longest_us * 1e-6f * d->shape.rate_hz);
}

/* The first element at which a search may begin; the stages look back from there. */
enum { LEAST = 32 };

/* A burst without a preamble covers at least this many segments with more than noise. */
enum { SHORTEST_RUN = 3 };

/* Time from the start of a burst to the end of its address. */
static const float to_address_us = 40.0f;

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

/* The frame of the present candidate, and where it is. */
static struct hz_adsb_found found(const struct hz_adsb_demod *d, enum hz_reason why)
{
    const struct hz_adsb_envelope *b = &d->envelope;
    const float start = hz_adsb_window_start(&d->burst.window, &d->shape, d->burst.step);
    const float us = d->shape.rate_hz * 1e-6f, noise = hz_adsb_envelope_noise_power(b);
    const size_t n = (size_t)((8.0f + (float)d->burst.frame.bits) * us);
    const int64_t sample = b->origin + lroundf(start);
    return (struct hz_adsb_found){
        .frame = d->burst.frame,
        .sample = sample,
        .samples = (uint32_t)n,
        .signal = hz_adsb_envelope_power(b, (size_t)ceilf(start), n) - noise,
        .noise = noise,
        .omega = d->burst.omega,
        .repeated = sample < d->own,
        .why = why,
    };
}

static void add(struct hz_adsb_demod *d, const struct hz_adsb_found *f)
{
    if (d->founds < HZ_ADSB_FOUND)
        d->found[d->founds++] = *f;
    else
        d->refused[HZ_SHED]++;
}

/* Takes the decoded frame and continues behind it. */
static void accept(struct hz_adsb_demod *d)
{
    const struct hz_adsb_found f = found(d, HZ_MESSAGE);
    const float start = hz_adsb_window_start(&d->burst.window, &d->shape, d->burst.step);
    hz_adsb_gate_skip(&d->gate, (size_t)ceilf(start) + f.samples - 2);
    if (hz_adsb_recent_has(&d->recent, &f))
        return;
    hz_adsb_recent_note(&d->recent, &f);
    add(d, &f);
    if (hz_adsb_credit_spare(&d->credit, HZ_ADSB_COST_CANCEL))
        cancel(d, f.signal);
    else
        d->refused[HZ_SHED]++;
}

/* Takes all readings of a burst that is only doubted: the ledger may know more. */
static void doubt(struct hz_adsb_demod *d, enum hz_reason why)
{
    for (int k = 0; k < d->burst.n_doubted; k++) {
        d->burst.frame = d->burst.doubted[k].frame;
        d->burst.step = d->burst.doubted[k].step;
        struct hz_adsb_found f = found(d, why);
        f.either = k + 1 < d->burst.n_doubted;
        add(d, &f);
    }
}

static void conclude(struct hz_adsb_demod *d, enum hz_reason why)
{
    if (why == HZ_MESSAGE)
        accept(d);
    else if (d->burst.n_doubted > 0)
        doubt(d, why);
    else
        d->refused[why]++;
}

/* Decodes bursts that begin at the elements from `from` up to `end`. */
static void search(struct hz_adsb_demod *d, size_t from, size_t end, bool loose)
{
    struct hz_adsb_candidate c;
    hz_adsb_gate_open(&d->gate, &d->envelope, from, end, loose);
    while (hz_adsb_gate_next(&d->gate, &d->envelope, &c)) {
        if (hz_adsb_gate_plausible(&d->gate, &d->envelope, &c))
            conclude(d, hz_adsb_burst_try(&d->burst, &d->shape, &d->judge, &d->envelope, &c,
                                          &d->credit));
        else
            d->refused[HZ_NO_PREAMBLE]++;
    }
}

/* Searches a run of segments with more than noise for bursts without a preamble. */
static void search_run(struct hz_adsb_demod *d, size_t from, size_t end)
{
    /* Stretches overlap by the length of an address, 24 us, and some slack. */
    const size_t most = HZ_ADSB_SPAN - HZ_ADSB_TAPS, overlap = (size_t)(26e-6f * d->shape.rate_hz);
    int hit[HZ_ADSB_HITS];
    for (size_t at = from; at + overlap < end; at += most - overlap) {
        size_t to = end - at < most ? end : at + most;
        int cost = HZ_ADSB_COST_HEADLESS * (int)((to - at) / 100 + 1);
        if (!hz_adsb_credit_spare(&d->credit, cost)) {
            d->refused[HZ_SHED]++;
            return;
        }
        size_t hits = hz_adsb_headless_find(&d->burst.window, &d->shape, &d->judge, &d->envelope,
                                            at, to, hit);
        for (size_t k = 0; k < hits; k++) {
            if (hit[k] / d->shape.phases >= HZ_ADSB_BEFORE + HZ_ADSB_BLOCK)
                continue; /* belongs to the next block */
            if (hz_adsb_credit_spare(&d->credit, HZ_ADSB_COST_SOFT))
                conclude(
                    d, hz_adsb_headless_try(&d->burst, &d->shape, &d->judge, &d->envelope, hit[k]));
            else
                d->refused[HZ_SHED]++;
        }
    }
}

/* Finds the runs of segments with more than noise that remain after cancellation, up to element
 * `end`, and searches them. */
static void search_headless(struct hz_adsb_demod *d, size_t end)
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
            search_run(d, (k - run) * HZ_ADSB_SEGMENT, k * HZ_ADSB_SEGMENT);
        run = 0;
    }
}

/* Decodes the present block up to element `end`: first all candidates, then the places where bursts
 * were cancelled, then bursts without a preamble. */
static void work(struct hz_adsb_demod *d, size_t end)
{
    const size_t before = longest(d);
    hz_adsb_envelope_measure(&d->envelope);
    d->agains = 0;
    hz_adsb_credit_earn(&d->credit);
    search(d, d->next, end, false);
    d->next = d->gate.at;
    for (size_t k = 0; k < d->agains; k++) {
        const struct hz_adsb_stretch s = d->again[k];
        if (!hz_adsb_credit_spare(&d->credit, HZ_ADSB_COST_AGAIN)) {
            d->refused[HZ_SHED]++;
            continue;
        }
        search(d, s.from > before + LEAST ? s.from - before : LEAST, s.end < end ? s.end : end,
               true);
    }
    const size_t beyond = end + (size_t)(to_address_us * 1e-6f * d->shape.rate_hz);
    search_headless(d, beyond < d->envelope.fill ? beyond : d->envelope.fill);
    d->judge.now++;
    d->blocks++;
}

/* The samples begin anew, or go on after those of another turn. */
static void begin(struct hz_adsb_demod *d, uint64_t first, bool goes_on)
{
    hz_adsb_envelope_restart(&d->envelope, first, goes_on);
    d->recent = (struct hz_adsb_recent){0};
    d->own = goes_on ? (int64_t)first + HZ_ADSB_BEFORE : INT64_MIN;
    /* What began before the turn may cover what begins in it, and is cancelled again. */
    d->next = goes_on ? HZ_ADSB_BEFORE - longest(d) : HZ_ADSB_BEFORE;
    d->running = true;
}

void hz_adsb_demod_begin_turn(struct hz_adsb_demod *d, uint64_t first)
{
    begin(d, first, true);
}

size_t hz_adsb_demod_take(struct hz_adsb_demod *d, const struct hz_samples *in, size_t from)
{
    if (!d->running)
        begin(d, in->first + from, false);
    const size_t n = hz_adsb_envelope_append(&d->envelope, in, from);
    if (d->envelope.fill == HZ_ADSB_SIZE) {
        work(d, HZ_ADSB_BEFORE + HZ_ADSB_BLOCK);
        hz_adsb_envelope_advance(&d->envelope);
        d->next =
            d->next > HZ_ADSB_BEFORE + HZ_ADSB_BLOCK ? d->next - HZ_ADSB_BLOCK : HZ_ADSB_BEFORE;
    }
    return n;
}

/* Searches the bursts that begin before element `end`; behind the samples is silence. */
static void work_rest(struct hz_adsb_demod *d, size_t end)
{
    struct hz_adsb_envelope *b = &d->envelope;
    const size_t most = HZ_ADSB_BEFORE + HZ_ADSB_BLOCK;
    memset(b->i + b->fill, 0, (HZ_ADSB_SIZE - b->fill) * sizeof(*b->i));
    memset(b->q + b->fill, 0, (HZ_ADSB_SIZE - b->fill) * sizeof(*b->q));
    work(d, end < most ? end : most);
}

void hz_adsb_demod_end_turn(struct hz_adsb_demod *d)
{
    if (d->running && d->envelope.fill > HZ_ADSB_OVERLAP)
        work_rest(d, d->envelope.fill - HZ_ADSB_AHEAD);
    d->running = false;
}

void hz_adsb_demod_flush(struct hz_adsb_demod *d)
{
    if (d->running && d->envelope.fill > HZ_ADSB_BEFORE)
        work_rest(d, d->envelope.fill);
    d->running = false;
}
