#include "proto/pocsag/detect.h"

#include "dsp/level.h"
#include "proto/pocsag/describe.h"

#include <errno.h>
#include <math.h>
#include <string.h>

enum {
    HOP = HZ_POCSAG_HOP,
    BEFORE = 2 * HOP, /* samples held before a hop */
    LONGEST = HZ_POCSAG_LONGEST,
    CAP = 65536,                      /* samples held at most */
    A_BATCH = 3 * HZ_POCSAG_RUN_BITS, /* bits that a batch usually costs */
    BITS_A_HOP = 2400,                /* 56,000 a second */
    BITS_MAX = 40 * BITS_A_HOP,
    MISSED = 1,       /* batches in a row that may be lost within a transmission */
    DRIFT_HOPS = 12,  /* hops from the tones to where they are measured again for drift */
    DRIFTS_HZ_S = 500 /* a carrier that moves faster drifts */
};

/* A first batch that overruled more may be a preamble at another rate. */
static const float doubtful = 0.008f;

_Static_assert(BEFORE >= (int)HZ_POCSAG_SYNC_BEFORE + (int)HZ_POCSAG_NARROW_HALF, "it looks back");
_Static_assert(LONGEST / HOP + 2 * HZ_FSK_GATE_SPAN < HZ_FSK_GATE_RING, "spectra are kept");

/* The stream begins with sample `first`. */
static void begin(struct hz_pocsag_detect *d, uint64_t first)
{
    hz_hops_begin(&d->hops, first);
    d->gauged = d->hops.next;
    d->settled = first + BEFORE + HOP; /* the channel's filter begins, too */
    d->last = UINT64_MAX;
    d->after = 0;
    d->credit = BITS_MAX;
    d->linked = false;
    d->page.words = 0;
    memset(d->gate.noise, 0, sizeof d->gate.noise);
}

int hz_pocsag_detect_init(struct hz_pocsag_detect *d, const struct hz_pocsag_how *how)
{
    d->how = *how;
    const struct hz_hops_shape shape = {
        .width = how->audio ? 1 : 2, .hop = HOP, .before = BEFORE, .behind = LONGEST, .room = CAP};
    hz_bch_init(&d->code);
    hz_pocsag_sync_init(&d->sync);
    if (hz_hops_init(&d->hops, &shape) != 0 || hz_fsk_gate_init(&d->gate) != 0 ||
        hz_pocsag_receiver_init(&d->receiver, &d->code) != 0) {
        hz_pocsag_detect_done(d);
        return -ENOMEM;
    }
    return 0;
}

void hz_pocsag_detect_done(struct hz_pocsag_detect *d)
{
    hz_pocsag_receiver_done(&d->receiver);
    hz_fsk_gate_done(&d->gate);
    hz_hops_done(&d->hops);
}

/* Writes the page in d->done. */
static void report(struct hz_pocsag_detect *d, struct hz_sink *sink)
{
    const struct hz_pocsag_page *p = &d->done;
    if (!d->how.keep_all && p->quality < hz_pocsag_quality_kept) {
        hz_sink_refuse(sink, HZ_SANITY);
        return;
    }
    uint8_t raw[4 * HZ_POCSAG_PAGE_WORDS];
    for (size_t i = 0; i < 4 * p->words; i++)
        raw[i] = (uint8_t)(p->word[i / 4] >> (24 - 8 * (i % 4)));
    float noise = hz_fsk_gate_noise(&d->gate), signal = d->page_line.signal;
    bool levels = !d->how.audio && isfinite(noise);
    struct hz_burst burst = {.sample = (uint64_t)fmax(d->page_at - BEFORE, 0),
                             .rssi_dbfs = levels ? hz_db(signal) : NAN,
                             .noise_dbfs = levels ? hz_db(noise) : NAN,
                             .snr_db = levels ? hz_db(signal) - hz_db(noise) : NAN,
                             .offset_hz = d->how.audio ? NAN : (float)d->page_line.freq_hz,
                             .fixed_bits = (int)p->fixed,
                             .raw = raw,
                             .raw_len = 4 * p->words};
    struct hz_json *j = hz_sink_begin(sink, &burst);
    hz_pocsag_describe(p, &d->page_line, &d->how.network, j);
    hz_sink_end(sink);
}

static void end(struct hz_pocsag_detect *d, struct hz_sink *sink)
{
    if (hz_pocsag_page_end(&d->page, &d->done))
        report(d, sink);
    d->linked = false;
}

/* Decodes the words of a batch whose sync word began at `begun`; d->line is that of its
 * transmission. */
static void read_words(struct hz_pocsag_detect *d, const struct hz_pocsag_batch *b, double begun,
                       struct hz_sink *sink)
{
    double word = (d->line.at - begun) / (1 + HZ_POCSAG_WORDS);
    for (unsigned i = 0; i < HZ_POCSAG_WORDS; i++) {
        bool silent = hz_pocsag_batch_silent(b, i);
        if (silent ? hz_pocsag_page_end(&d->page, &d->done)
                   : hz_pocsag_page_word(&d->page, &b->word[i], i, &d->done))
            report(d, sink);
        if (d->page.words == 1) {
            d->page_line = d->line;
            d->page_at = begun + (i + 1) * word;
        }
    }
}

/* Reads the batch at line->at. False: there is none. */
static bool receive(struct hz_pocsag_detect *d, struct hz_pocsag_line *line,
                    struct hz_pocsag_batch *b)
{
    unsigned before = d->receiver.steps;
    bool good = d->how.audio
                    ? hz_pocsag_receive_audio(&d->receiver, d->hops.x, d->hops.first, line, b)
                    : hz_pocsag_receive(&d->receiver, d->hops.x, d->hops.first, line, b);
    d->credit -= (int)(d->receiver.steps - before);
    return good;
}

/* Takes a batch that was received, and prepares for the next one of its transmission. */
static void accept(struct hz_pocsag_detect *d, const struct hz_pocsag_batch *b, double begun,
                   struct hz_sink *sink)
{
    d->linked = true;
    d->missed = 0;
    d->after = d->line.at - 2 * hz_pocsag_bit(d->line.baud);
    d->doubt = 0;
    read_words(d, b, begun, sink);
}

/* Reads the next batch of the transmission. */
static void follow(struct hz_pocsag_detect *d, struct hz_sink *sink)
{
    struct hz_pocsag_batch b;
    struct hz_pocsag_line line = d->line;
    if (d->credit < A_BATCH) {
        hz_sink_refuse(sink, HZ_SHED);
        end(d, sink);
        return;
    }
    if (receive(d, &line, &b) && hz_pocsag_batch_follows(&b)) {
        double begun = d->line.at;
        d->line = line;
        accept(d, &b, begun, sink);
        return;
    }
    if (hz_pocsag_page_end(&d->page, &d->done))
        report(d, sink);
    if (++d->missed > MISSED)
        d->linked = false;
    hz_pocsag_line_on(&d->line);
}

/* Whether the carrier drifts: over a batch at 512 baud it may move by more than the bit rate. The
 * drift is estimated from the tones half a second later. */
static bool drifts(struct hz_pocsag_detect *d, const struct hz_pocsag_start *start,
                   struct hz_pocsag_line *line)
{
    const double hop_s = (double)HOP / HZ_POCSAG_RATE_HZ;
    uint64_t hop = d->hops.next / HOP;
    if (d->how.audio || line->baud > 0)
        return false;
    double now = hz_fsk_gate_carrier(&d->gate, hop, start->low_hz, start->high_hz);
    double later = hz_fsk_gate_carrier(&d->gate, hop + DRIFT_HOPS, start->low_hz, start->high_hz);
    line->drift_hz_s = (later - now) / (DRIFT_HOPS * hop_s);
    return fabs(line->drift_hz_s) > DRIFTS_HZ_S;
}

/* Reads the batch that begins there. */
static bool start_of(struct hz_pocsag_detect *d, const struct hz_pocsag_start *start,
                     struct hz_pocsag_line *line, struct hz_pocsag_batch *b)
{
    double low = start->low_hz, high = start->high_hz;
    struct hz_pocsag_line steady = {.baud = start->baud,
                                    .inverted = start->inverted,
                                    .at = (double)d->hops.next + start->at,
                                    .freq_hz = (low + high) / 2,
                                    .deviation_hz = (high - low) / 2,
                                    .clock = 1};
    *line = steady;
    if (drifts(d, start, line) && receive(d, line, b))
        return true;
    *line = steady;
    return d->credit >= A_BATCH && receive(d, line, b);
}

/* Whether a start is the next batch of the transmission, which is read when its hop comes. */
static bool is_next_batch(const struct hz_pocsag_detect *d, const struct hz_pocsag_start *start,
                          double begun)
{
    enum { NEAR_BITS = 8 };
    return d->linked && start->baud == d->line.baud &&
           fabs(d->line.at - begun) < NEAR_BITS * hz_pocsag_bit(d->line.baud);
}

static void attempt(struct hz_pocsag_detect *d, const struct hz_pocsag_start *start,
                    struct hz_sink *sink)
{
    struct hz_pocsag_batch b;
    struct hz_pocsag_line line;
    double begun = (double)d->hops.next + start->at;
    if (begun < d->after || is_next_batch(d, start, begun))
        return;
    if (d->credit < A_BATCH) {
        hz_sink_refuse(sink, HZ_SHED);
        return;
    }
    if (!start_of(d, start, &line, &b) || !hz_pocsag_batch_good(&b)) {
        hz_sink_refuse(sink, HZ_BAD_CRC);
        return;
    }
    if (d->doubt > 0 && begun < d->line.at && !b.plain && b.overruled >= d->doubt) {
        hz_sink_refuse(sink, HZ_BAD_CRC);
        return;
    }
    end(d, sink);
    d->line = line;
    accept(d, &b, begun, sink);
    if (!b.plain && b.overruled > doubtful) {
        d->doubt = b.overruled;
        d->after = begun + HZ_BCH_BITS * hz_pocsag_bit(line.baud);
    }
}

/* Gives all samples in memory to the gate. */
static void gauge(struct hz_pocsag_detect *d)
{
    for (; d->gauged + HOP <= hz_hops_end(&d->hops); d->gauged += HOP) {
        bool whole = d->gauged >= d->settled && d->gauged + HOP <= d->last;
        if (!d->how.audio)
            hz_fsk_gate_push(&d->gate, d->gauged / HOP, hz_hops_at(&d->hops, d->gauged), whole);
    }
}

/* Whether both searches found the start. */
static bool is_among(const struct hz_pocsag_start *s, const struct hz_pocsag_start *others,
                     size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (s->baud == others[i].baud && s->low_hz == others[i].low_hz &&
            s->high_hz == others[i].high_hz &&
            fabs(s->at - others[i].at) < hz_pocsag_bit(s->baud) / 4)
            return true;
    return false;
}

/* Searches for sync words that begin in the hop: in the whole channel, beside a strong neighbour
 * also in the narrow one, or in the audio. */
static void search(struct hz_pocsag_detect *d, const struct hz_fsk_view *view, struct hz_sink *sink)
{
    struct hz_pocsag_start start[2][HZ_POCSAG_STARTS];
    const float *here = hz_hops_at(&d->hops, d->hops.next);
    size_t n = d->how.audio ? hz_pocsag_sync_find_audio(&d->sync, here, start[0])
                            : hz_pocsag_sync_find(&d->sync, here, view, false, start[0]);
    for (size_t i = 0; i < n; i++)
        attempt(d, &start[0][i], sink);
    if (d->how.audio || !view->neighbour || d->after >= (double)(d->hops.next + HOP))
        return;
    size_t more = hz_pocsag_sync_find(&d->sync, here, view, true, start[1]);
    for (size_t i = 0; i < more; i++)
        if (!is_among(&start[1][i], start[0], n))
            attempt(d, &start[1][i], sink);
}

/* Works on one hop: all samples that a batch in it may need are in memory. */
static void hop(struct hz_pocsag_detect *d, struct hz_sink *sink)
{
    struct hz_fsk_view view;
    bool open = d->how.audio;
    gauge(d);
    d->credit = d->credit + BITS_A_HOP < BITS_MAX ? d->credit + BITS_A_HOP : BITS_MAX;
    if (!d->how.audio)
        open = hz_fsk_gate_open(&d->gate, d->hops.next / HOP, &view);
    if (d->linked && d->line.at < (double)(d->hops.next + HOP))
        follow(d, sink);
    if (open && d->after < (double)(d->hops.next + HOP))
        search(d, &view, sink);
    d->hops.next += HOP;
}

void hz_pocsag_detect_push(struct hz_pocsag_detect *d, const struct hz_samples *samples,
                           struct hz_sink *sink)
{
    struct hz_samples in = *samples;
    if (in.n > 0 && !hz_hops_continue(&d->hops, &in)) {
        hz_pocsag_detect_flush(d, sink);
        begin(d, in.first);
    }
    while (hz_hops_push(&d->hops, &in))
        hop(d, sink);
}

void hz_pocsag_detect_flush(struct hz_pocsag_detect *d, struct hz_sink *sink)
{
    if (d->hops.held == 0)
        return;
    d->last = hz_hops_end(&d->hops);
    while (hz_hops_drain(&d->hops, d->last))
        hop(d, sink);
    end(d, sink);
    d->hops.held = 0;
}
