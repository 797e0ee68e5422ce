#include "config/plan.h"

#include "config/centre.h"
#include "dsp/band.h"
#include "dsp/fft.h"
#include "dsp/slice.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>

enum { TEXT_MAX = 400 };

/* Why a channel is impossible: the key of its section at fault, and the text of the error. */
struct fault {
    const char *key;
    char text[TEXT_MAX];
};

/* State of the planner. */
struct planner {
    struct hz_plan *plan;
    const struct hz_plan_band *band;
    const struct hz_conf_channel *const *wants;
    size_t n;
    bool sound[HZ_PLAN_CHANNELS_MAX];                 /* by want: valid apart from the frequency */
    struct hz_centre_span spans[HZ_CENTRE_SPANS_MAX]; /* of plan->in; used while a band is chosen */
    hz_plan_fail *fail;
    void *ctx;
    bool failed;
};

/* Writes the fault; returns -EINVAL. */
static int refuse(struct fault *f, const char *key, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static int refuse(struct fault *f, const char *key, const char *format, ...)
{
    va_list args;
    f->key = key;
    va_start(args, format);
    vsnprintf(f->text, sizeof f->text, format, args);
    va_end(args);
    return -EINVAL;
}

static void report(struct planner *p, size_t want, const char *key, const char *text)
{
    p->failed = true;
    p->fail(p->ctx, want, key, text);
}

double hz_plan_width(const struct hz_conf_channel *c)
{
    return c->bandwidth_hz > 0 ? c->bandwidth_hz : c->decoder->bandwidth_hz;
}

bool hz_plan_anywhere(const struct hz_conf_channel *c)
{
    return c->decoder->input == HZ_INPUT_BURST && c->freq_hz <= 0;
}

bool hz_plan_near(const struct hz_plan_band *b, const struct hz_decoder *d)
{
    for (const double *f = d->freqs_hz; *f > 0; f++) {
        if (fabs(*f - b->centre_hz) <= b->rate_hz / 2 + HZ_PLAN_NEAR_HZ)
            return true;
    }
    return false;
}

double hz_plan_squelch(const struct hz_conf_channel *c)
{
    return isnan(c->squelch_db) ? c->decoder->squelch_db : c->squelch_db;
}

/* Whether a channel of this width fits into samples at rate_hz. */
static bool holds(double rate_hz, double width_hz)
{
    return width_hz < rate_hz && hz_slice_rate_min(width_hz) <= rate_hz;
}

double hz_plan_rate(const struct hz_conf_channel *c)
{
    const struct hz_decoder *d = c->decoder;
    bool wide = d->rate_wide_hz > 0 && !holds(d->rate_hz, hz_plan_width(c));
    return wide ? d->rate_wide_hz : d->rate_hz;
}

double hz_plan_frequency(const struct hz_conf_channel *c, size_t i)
{
    if (c->freq_hz > 0)
        return i == 0 ? c->freq_hz : 0;
    return c->decoder->freqs_hz ? c->decoder->freqs_hz[i] : 0;
}

/* ---- checks that do not depend on the frequency -----------------------------------------------
 */

/* The widest channel for a decoder's rate, in multiples of 100 Hz. */
static double widest(double rate_hz)
{
    double width = floor(rate_hz / 100) * 100;
    while (width > 0 && hz_slice_rate_min(width) > rate_hz)
        width -= 100;
    return width;
}

static int check_width(const struct hz_conf_channel *c, struct fault *f)
{
    const struct hz_decoder *d = c->decoder;
    double width = hz_plan_width(c), rate = hz_plan_rate(c);
    if (d->input == HZ_INPUT_BAND || d->input == HZ_INPUT_BURST || holds(rate, width))
        return 0;
    return refuse(f, "bandwidth",
                  "bandwidth = %.10g kHz is too wide for decoder %s, which takes %.10g samples per "
                  "second: expected at most %.10g kHz",
                  width / 1e3, d->name, rate, widest(rate) / 1e3);
}

/* Checks a decoder of the whole band against the receiver's rate. */
static int check_whole(const struct hz_plan_band *b, const struct hz_decoder *d, struct fault *f)
{
    if (b->rate_hz >= d->rate_min_hz && b->rate_hz <= d->rate_max_hz)
        return 0;
    char advice[64] = "";
    if (b->tunable)
        snprintf(advice, sizeof advice, "; rate = %.10gM would do", d->rate_hz / 1e6);
    else if (b->rate_hz * 1e3 >= d->rate_min_hz && b->rate_hz * 1e3 <= d->rate_max_hz)
        snprintf(advice, sizeof advice, "; did you mean %.10gk?", b->rate_hz);
    return refuse(f, "decoder",
                  "decoder = %s needs %g to %g samples per second, but receiver %s has %g%s",
                  d->name, d->rate_min_hz, d->rate_max_hz, b->receiver, b->rate_hz, advice);
}

/* Checks that the channelizer supports the receiver's rate. */
static int check_rate(const struct hz_plan_band *b, const struct hz_conf_channel *c,
                      struct fault *f)
{
    const struct hz_decoder *d = c->decoder;
    double steps = b->rate_hz / HZ_BAND_STEP_HZ, width = hz_plan_width(c);
    bool burst = d->input == HZ_INPUT_BURST;
    double rate = burst ? d->rate_min_hz : hz_plan_rate(c);
    if (rate > b->rate_hz)
        return refuse(f, "decoder",
                      "decoder = %s needs at least %.10g samples per second, but receiver %s has "
                      "%.10g",
                      d->name, rate, b->receiver, b->rate_hz);
    if (width >= b->rate_hz && !burst)
        return refuse(f, "bandwidth",
                      "a bandwidth of %.10g kHz does not fit into receiver %s with %.10g samples "
                      "per second: expected less than those",
                      width / 1e3, b->receiver, b->rate_hz);
    if (!(steps < 1e7) || steps != floor(steps) || !hz_fft_length_ok((size_t)steps))
        return refuse(f, "decoder",
                      "decoder = %s takes a part of the band, but receiver %s has %.10g samples "
                      "per second: expected a multiple of %d without prime factors over 19, as in "
                      "1.024M, 1.536M or 2.4M",
                      d->name, b->receiver, b->rate_hz, HZ_BAND_STEP_HZ);
    return 0;
}

static int check_kind(const struct hz_plan_band *b, const struct hz_conf_channel *c,
                      struct fault *f)
{
    if (hz_plan_frequency(c, 0) <= 0)
        return refuse(f, "frequency",
                      "[channel %s] has no 'frequency', and decoder %s has none of its own: "
                      "expected frequency = FREQUENCY, as in 162.025M",
                      c->name, c->decoder->name);
    int rc = check_width(c, f);
    if (rc != 0 || b->rate_hz <= 0)
        return rc;
    return c->decoder->input == HZ_INPUT_BAND ? check_whole(b, c->decoder, f) : check_rate(b, c, f);
}

/* ---- choosing a band --------------------------------------------------------------------------
 */

static struct hz_centre_span span(const struct hz_plan_band *b, const struct hz_conf_channel *c,
                                  double freq_hz)
{
    const struct hz_decoder *d = c->decoder;
    bool whole = d->input == HZ_INPUT_BAND;
    double width = hz_plan_width(c);
    if (d->input == HZ_INPUT_BURST) /* as much of the band as there is: the highest rate */
        return (struct hz_centre_span){
            .freq_hz = freq_hz,
            .width_hz = width < d->bandwidth_hz ? width : d->bandwidth_hz,
            .rate_min_hz = b->rate_hz > 0 ? d->rate_min_hz : HZ_CENTRE_RATE_MAX_HZ,
            .rate_max_hz = INFINITY,
        };
    return (struct hz_centre_span){
        .freq_hz = freq_hz,
        .width_hz = width,
        .rate_min_hz = whole && b->rate_hz > 0 ? d->rate_min_hz : hz_plan_rate(c),
        .rate_max_hz = whole ? d->rate_max_hz : INFINITY,
        .rate_like_hz = whole ? d->rate_hz : 0,
        .whole = whole,
    };
}

/* Writes the change of rate or centre with which all n spans would fit, as an advice. False: there
 * is none. */
static bool advise(const struct hz_plan_band *b, const struct hz_centre_span *spans, size_t n,
                   char *out, size_t size)
{
    double rate = b->rate_hz, centre = 0;
    if (hz_centre_choose(spans, n, &rate, &centre)) {
        snprintf(out, size, "centre = %.10gM would do", centre / 1e6);
        return true;
    }
    rate = 0;
    centre = b->centre_hz;
    if (centre > 0 && hz_centre_choose(spans, n, &rate, &centre)) {
        snprintf(out, size, "rate = %.10gM would do", rate / 1e6);
        return true;
    }
    rate = 0;
    centre = 0;
    if (hz_centre_choose(spans, n, &rate, &centre)) {
        if (b->centre_hz > 0)
            snprintf(out, size, "centre = %.10gM with rate = %.10gM would do", centre / 1e6,
                     rate / 1e6);
        else
            snprintf(out, size, "rate = %.10gM would do", rate / 1e6);
        return true;
    }
    centre = hz_centre_middle(spans, n);
    if (hz_centre_choose(spans, n, &rate, &centre)) {
        snprintf(
            out, size,
            "centre = %.10gM would do, though the spike of a dongle there is then in a channel",
            centre / 1e6);
        return true;
    }
    snprintf(out, size, "one dongle takes channels within %.10g MHz: it needs a second receiver",
             HZ_CENTRE_RATE_MAX_HZ * HZ_CENTRE_USABLE / 1e6);
    return false;
}

/* Whether one band can hold the spans placed so far and one more. The span of that one is stored
 * after the others. */
static bool has_place(struct planner *p, size_t want, double freq_hz)
{
    struct hz_plan *plan = p->plan;
    double rate = p->band->rate_hz, centre = p->band->centre_hz;
    p->spans[plan->n_in] = span(p->band, p->wants[want], freq_hz);
    if (!hz_centre_choose(p->spans, plan->n_in + 1, &rate, &centre))
        return false;
    plan->rate_hz = rate;
    plan->centre_hz = centre;
    return true;
}

/* Writes an advice for a channel that does not fit. It must help all channels of the receiver, at
 * their frequency or their decoder's usual one: an advice that helps some would exclude others,
 * whose advice might lead back. Stores its span after those that are placed. */
static void advise_for(struct planner *p, size_t want, double freq_hz, char *out, size_t size)
{
    struct hz_centre_span all[HZ_CENTRE_SPANS_MAX], own = span(p->band, p->wants[want], freq_hz);
    size_t n = 0;
    all[n++] = own;
    for (size_t i = 0; i < p->n; i++) {
        const struct hz_conf_channel *c = p->wants[i];
        if (p->sound[i] && hz_plan_frequency(c, 0) > 0 && i != want)
            all[n++] = span(p->band, c, hz_plan_frequency(c, 0));
    }
    p->spans[p->plan->n_in] = own;
    advise(p->band, all, n, out, size);
}

static void report_no_place(struct planner *p, size_t want, double freq_hz)
{
    char advice[200], beside[96] = "", text[TEXT_MAX];
    const struct hz_plan *plan = p->plan;
    advise_for(p, want, freq_hz, advice, sizeof advice);
    if (plan->n_in > 0)
        snprintf(beside, sizeof beside, " beside %s at %.10g MHz", p->wants[plan->in[0].want]->name,
                 plan->in[0].freq_hz / 1e6);
    snprintf(text, sizeof text, "%.6f MHz has no place in the band of receiver %s%s: %s",
             freq_hz / 1e6, p->band->receiver, beside, advice);
    report(p, want, "frequency", text);
}

/* ---- channels of a known band -----------------------------------------------------------------
 */

bool hz_plan_inside(const struct hz_plan_band *b, const struct hz_conf_channel *c, double freq_hz)
{
    enum hz_input input = c->decoder->input;
    double half = input == HZ_INPUT_BAND || input == HZ_INPUT_BURST ? 0 : hz_plan_width(c) / 2;
    if (hz_plan_anywhere(c))
        return true;
    return fabs(freq_hz - b->centre_hz) + half <= b->rate_hz / 2;
}

static bool any_inside(const struct hz_plan_band *b, const struct hz_conf_channel *c)
{
    for (size_t i = 0; hz_plan_frequency(c, i) > 0; i++) {
        if (hz_plan_inside(b, c, hz_plan_frequency(c, i)))
            return true;
    }
    return false;
}

/* Reports a frequency outside the band; `advice` is used if the receiver can be tuned. */
static int outside(const struct hz_plan_band *b, double freq_hz, const char *advice,
                   struct fault *f)
{
    return refuse(f, "frequency",
                  "%.6f MHz is outside the band of receiver %s: expected %.6f to %.6f MHz%s%s",
                  freq_hz / 1e6, b->receiver, (b->centre_hz - b->rate_hz / 2) / 1e6,
                  (b->centre_hz + b->rate_hz / 2) / 1e6, b->tunable ? "; " : "",
                  b->tunable ? advice : "");
}

int hz_plan_channel_check(const struct hz_plan_band *band, const struct hz_conf_channel *want,
                          const struct hz_conf_channel *const *beside, size_t n, char *err,
                          size_t err_len)
{
    char advice[200];
    struct fault f;
    struct hz_centre_span spans[HZ_CENTRE_SPANS_MAX];
    int rc = check_kind(band, want, &f);
    if (rc == 0 && n >= HZ_PLAN_CHANNELS_MAX)
        rc = refuse(&f, "receiver", "receiver %s has %zu channels: expected at most %d of them",
                    band->receiver, n, HZ_PLAN_CHANNELS_MAX);
    if (rc == 0 && !any_inside(band, want)) {
        for (size_t i = 0; i < n; i++)
            spans[i] = span(band, beside[i], beside[i]->freq_hz);
        spans[n] = span(band, want, hz_plan_frequency(want, 0));
        advise(band, spans, n + 1, advice, sizeof advice);
        rc = outside(band, hz_plan_frequency(want, 0), advice, &f);
    }
    if (rc != 0)
        snprintf(err, err_len, "%s", f.text);
    return rc;
}

/* ---- the complete plan ------------------------------------------------------------------------
 */

static void put_out(struct hz_plan *plan, size_t want, double freq_hz)
{
    if (plan->n_out < HZ_PLAN_CHANNELS_MAX)
        plan->out[plan->n_out] = (struct hz_plan_place){want, freq_hz};
    plan->n_out++;
}

/* Places a frequency if it fits. If the band is not known before it runs, every frequency fits. */
static bool take(struct planner *p, size_t want, double freq_hz)
{
    struct hz_plan *plan = p->plan;
    const struct hz_plan_band *b = p->band;
    bool known = b->rate_hz > 0 && b->centre_hz > 0;
    if (known ? !hz_plan_inside(b, p->wants[want], freq_hz)
              : b->tunable && !has_place(p, want, freq_hz))
        return false;
    if (known)
        p->spans[plan->n_in] = span(b, p->wants[want], freq_hz);
    plan->in[plan->n_in++] = (struct hz_plan_place){want, freq_hz};
    return true;
}

static void report_outside(struct planner *p, size_t want)
{
    char advice[200];
    struct fault f;
    double freq_hz = hz_plan_frequency(p->wants[want], 0);
    advise_for(p, want, freq_hz, advice, sizeof advice);
    outside(p->band, freq_hz, advice, &f);
    report(p, want, f.key, f.text);
}

/* Places all frequencies of one channel; of one that hears bursts anywhere the first that fits. */
static void place(struct planner *p, size_t want)
{
    const struct hz_conf_channel *c = p->wants[want];
    struct hz_plan *plan = p->plan;
    bool any = false;
    for (size_t i = 0; hz_plan_frequency(c, i) > 0 && !(any && hz_plan_anywhere(c)); i++) {
        if (plan->n_in == HZ_PLAN_CHANNELS_MAX) {
            char text[TEXT_MAX];
            snprintf(text, sizeof text,
                     "receiver %s has more channels with this one: expected at most %d of them",
                     p->band->receiver, HZ_PLAN_CHANNELS_MAX);
            report(p, want, "decoder", text);
            return;
        }
        if (take(p, want, hz_plan_frequency(c, i)))
            any = true;
        else if (c->freq_hz <= 0 && !hz_plan_anywhere(c))
            put_out(plan, want, hz_plan_frequency(c, i));
    }
    if (any && hz_plan_anywhere(c))
        plan->in[plan->n_in - 1].freq_hz = 0;
    if (any)
        return;
    if (p->band->rate_hz > 0 && p->band->centre_hz > 0)
        report_outside(p, want);
    else
        report_no_place(p, want, hz_plan_frequency(c, 0));
}

/* Sorts by the order of the channels; stable for the frequencies of one channel. */
static void sort(struct hz_plan_place *a, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        struct hz_plan_place x = a[i];
        size_t k = i;
        for (; k > 0 && a[k - 1].want > x.want; k--)
            a[k] = a[k - 1];
        a[k] = x;
    }
}

int hz_plan_make(struct hz_plan *plan, const struct hz_plan_band *band,
                 const struct hz_conf_channel *const *wants, size_t n, hz_plan_fail *fail,
                 void *ctx)
{
    struct planner p = {
        .plan = plan, .band = band, .wants = wants, .n = n, .fail = fail, .ctx = ctx};
    struct fault f;
    *plan = (struct hz_plan){.rate_hz = band->rate_hz, .centre_hz = band->centre_hz};
    if (n > HZ_PLAN_CHANNELS_MAX) {
        refuse(&f, "decoder", "receiver %s has %zu channels: expected at most %d of them",
               band->receiver, n, HZ_PLAN_CHANNELS_MAX);
        report(&p, HZ_PLAN_CHANNELS_MAX, f.key, f.text);
        return -EINVAL;
    }
    bool known = band->rate_hz > 0 && band->centre_hz > 0;
    for (size_t i = 0; i < n; i++) {
        p.sound[i] = check_kind(band, wants[i], &f) == 0;
        if (!p.sound[i])
            report(&p, i, f.key, f.text);
    }
    for (size_t i = 0; i < n; i++) { /* all other errors are reported too */
        if (!p.sound[i] && known && hz_plan_frequency(wants[i], 0) > 0 &&
            !any_inside(band, wants[i]))
            report_outside(&p, i);
    }
    for (int named = 1; named >= 0; named--) {
        for (size_t i = 0; i < n; i++) {
            if (p.sound[i] && (wants[i]->freq_hz > 0) == named)
                place(&p, i);
        }
    }
    sort(plan->in, plan->n_in);
    sort(plan->out, plan->n_out < HZ_PLAN_CHANNELS_MAX ? plan->n_out : HZ_PLAN_CHANNELS_MAX);
    return p.failed ? -EINVAL : 0;
}
