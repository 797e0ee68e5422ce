#include "proto/flex/detect.h"

#include "dsp/level.h"
#include "proto/flex/describe.h"

#include <errno.h>
#include <math.h>
#include <string.h>

enum {
    HOP = HZ_FSK_GATE_HOP,
    BEFORE = HOP, /* samples held before a hop */
    BEHIND = HZ_FLEX_LONGEST + 64,
    CAP = 98304,    /* samples held at most */
    PERIOD = 45000, /* samples from frame to frame: 1.875 s */
    A_FRAME = 3 * HZ_FLEX_SYMBOLS,
    SYMBOLS_A_HOP = 1400, /* 33,000 a second: three frames read in all ways */
    SYMBOLS_MAX = 60 * SYMBOLS_A_HOP,
    MISSED = 2, /* frames in a row that may be lost within a transmission */
    NEAR = 45   /* samples by which a frame that is due may be early or late */
};

_Static_assert((int)BEFORE >= (int)HZ_FLEX_SYNC_BEFORE + 34 * HZ_FLEX_BIT + (int)HZ_FLEX_LEAD,
               "it looks back");
_Static_assert(BEHIND / HOP + 2 * HZ_FSK_GATE_SPAN < HZ_FSK_GATE_RING, "spectra are kept");
_Static_assert(CAP > BEFORE + HOP + BEHIND, "room for the longest");

/* The stream begins with sample `first`. */
static void begin(struct hz_flex_detect *d, uint64_t first)
{
    hz_hops_begin(&d->hops, first);
    d->gauged = d->hops.next;
    d->settled = first + BEFORE + HOP; /* the channel's filter begins, too */
    d->last = UINT64_MAX;
    d->after = 0;
    d->credit = SYMBOLS_MAX;
    d->linked = false;
    d->frames = 0;
    d->first_frame = 0;
    memset(d->gate.noise, 0, sizeof d->gate.noise);
    memset(&d->join, 0, sizeof d->join);
}

int hz_flex_detect_init(struct hz_flex_detect *d, bool audio, const struct hz_flex_options *options)
{
    const struct hz_hops_shape shape = {
        .width = audio ? 1 : 2, .hop = HOP, .before = BEFORE, .behind = BEHIND, .room = CAP};
    d->audio = audio;
    d->options = *options;
    hz_bch_init(&d->code);
    if (hz_hops_init(&d->hops, &shape) != 0 || hz_fsk_gate_init(&d->gate) != 0 ||
        hz_flex_receiver_init(&d->receiver, &d->code) != 0) {
        hz_flex_detect_done(d);
        return -ENOMEM;
    }
    return 0;
}

void hz_flex_detect_done(struct hz_flex_detect *d)
{
    hz_flex_receiver_done(&d->receiver);
    hz_fsk_gate_done(&d->gate);
    hz_hops_done(&d->hops);
}

/* ---- messages --------------------------------------------------------------------------- */

/* Writes the message in d->message. */
static void report(struct hz_flex_detect *d, struct hz_sink *sink)
{
    const struct hz_flex_message *m = &d->message;
    const struct hz_flex_frame *f = &d->frame;
    if (d->options.keep == HZ_FLEX_KEEP_GOOD && !hz_flex_trusted(m)) {
        hz_sink_refuse(sink, HZ_SANITY);
        return;
    }
    uint8_t raw[4 * HZ_FLEX_JOINED_WORDS];
    for (size_t i = 0; i < 4 * m->words; i++)
        raw[i] = (uint8_t)(m->raw[i / 4] >> (24 - 8 * (i % 4)));
    float noise = hz_fsk_gate_noise(&d->gate);
    bool levels = !d->audio && isfinite(noise);
    struct hz_burst burst = {.sample = (uint64_t)fmax(f->at - BEFORE, 0),
                             .end = (uint64_t)fmax(f->end - BEFORE, 0),
                             .rssi_dbfs = levels ? hz_db(f->signal) : NAN,
                             .noise_dbfs = levels ? hz_db(noise) : NAN,
                             .snr_db = levels ? hz_db(f->signal) - hz_db(noise) : NAN,
                             .offset_hz = d->audio ? NAN : (float)f->freq_hz,
                             .fixed_bits = (int)m->page.fixed,
                             .raw = raw,
                             .raw_len = 4 * m->words};
    struct hz_json *j = hz_sink_begin(sink, &burst);
    hz_flex_describe(m, f, d->options.charset, j);
    hz_sink_end(sink);
}

static void read_phase(struct hz_flex_detect *d, unsigned p, struct hz_sink *sink)
{
    struct hz_flex_walk walk;
    struct hz_flex_page page;
    if (!hz_flex_walk_begin(&walk, &d->frame.phase[p]))
        return;
    char letter = hz_flex_modes[d->frame.mode].phases[p];
    while (hz_flex_walk_next(&walk, &page)) {
        /* Without frame information this may be no frame: only a checksum tells. */
        if (!d->frame.informed && !page.checked)
            walk.refused++;
        else if (hz_flex_join_page(&d->join, &page, letter, d->frames, d->frame.number,
                                   &d->message))
            report(d, sink);
    }
    for (unsigned i = 0; i < walk.refused; i++)
        hz_sink_refuse(sink, HZ_BAD_CRC);
}

static void expire(struct hz_flex_detect *d, uint64_t frame, struct hz_sink *sink)
{
    while (hz_flex_join_expired(&d->join, frame, &d->message))
        report(d, sink);
}

/* ---- frames ----------------------------------------------------------------------------- */

/* Takes the frame in d->frame, whose start is given. */
static void accept(struct hz_flex_detect *d, const struct hz_flex_start *start,
                   struct hz_sink *sink)
{
    struct hz_flex_frame *f = &d->frame;
    if (d->first_frame == 0)
        d->first_frame = f->at;
    d->frames = (uint64_t)llround((f->at - d->first_frame) / PERIOD);
    d->like = *start;
    d->like.carrier_hz = d->audio ? 0 : f->freq_hz;
    d->linked = true;
    d->missed = 0;
    d->due = f->at + PERIOD;
    d->after = f->end - 2 * HZ_FLEX_BIT;
    expire(d, d->frames, sink);
    for (unsigned p = 0; p < f->phases; p++)
        read_phase(d, p, sink);
}

/* Reads the frame that begins there. False: it is none. */
static bool attempt(struct hz_flex_detect *d, const struct hz_flex_start *start,
                    struct hz_sink *sink)
{
    struct hz_flex_receiver *r = &d->receiver;
    if (d->credit < A_FRAME) {
        hz_sink_refuse(sink, HZ_SHED);
        return false;
    }
    unsigned before = r->steps;
    bool good =
        d->audio
            ? hz_flex_receive_audio(r, d->hops.x, d->hops.first, d->hops.next, start, &d->other)
            : hz_flex_receive(r, d->hops.x, d->hops.first, d->hops.next, start, &d->other);
    d->credit -= (int)(r->steps - before);
    bool next = d->linked && fabs(d->other.at - d->due) < NEAR;
    if (!good)
        return false;
    if (!d->other.informed && next) {
        d->other.number = (d->frame.number + 1 + d->missed) % 128;
        d->other.cycle = (d->frame.cycle + (d->other.number <= d->frame.number)) % 15;
        d->other.informed = d->frame.informed;
    }
    d->frame = d->other;
    accept(d, start, sink);
    return true;
}

/* The frame that was due in this hop was not found: reads where it would be, and waits for the
 * next. */
static void read_due(struct hz_flex_detect *d, struct hz_sink *sink)
{
    struct hz_flex_start start = d->like;
    start.at = d->due - (double)d->hops.next;
    if (attempt(d, &start, sink))
        return;
    d->due += PERIOD;
    if (++d->missed > MISSED)
        d->linked = false;
}

/* Gives all samples in memory to the gate. */
static void gauge(struct hz_flex_detect *d)
{
    for (; d->gauged + HOP <= hz_hops_end(&d->hops); d->gauged += HOP) {
        bool whole = d->gauged >= d->settled && d->gauged + HOP <= d->last;
        if (!d->audio)
            hz_fsk_gate_push(&d->gate, d->gauged / HOP, hz_hops_at(&d->hops, d->gauged), whole);
    }
}

/* Searches the hop for synchronisations, and reads their frames. */
static void search(struct hz_flex_detect *d, const struct hz_fsk_view *view, struct hz_sink *sink)
{
    struct hz_flex_start start[HZ_FLEX_STARTS];
    const float *here = hz_hops_at(&d->hops, d->hops.next);
    size_t n = d->audio ? hz_flex_sync_find_audio(&d->sync, here, start)
                        : hz_flex_sync_find(&d->sync, here, view, start);
    for (size_t i = 0; i < n; i++)
        if ((double)d->hops.next + start[i].at >= d->after && !attempt(d, &start[i], sink))
            hz_sink_refuse(sink, HZ_BAD_CRC);
}

/* Works on one hop: all samples that a frame in it may need are in memory. */
static void hop(struct hz_flex_detect *d, struct hz_sink *sink)
{
    struct hz_fsk_view view;
    bool open = d->audio;
    double end = (double)(d->hops.next + HOP);
    gauge(d);
    d->credit = d->credit + SYMBOLS_A_HOP < SYMBOLS_MAX ? d->credit + SYMBOLS_A_HOP : SYMBOLS_MAX;
    if (!d->audio)
        open = hz_fsk_gate_open(&d->gate, d->hops.next / HOP, &view);
    if (open && d->after < end)
        search(d, &view, sink);
    if (d->linked && d->due < end - NEAR)
        read_due(d, sink);
    d->hops.next += HOP;
}

void hz_flex_detect_push(struct hz_flex_detect *d, const struct hz_samples *samples,
                         struct hz_sink *sink)
{
    struct hz_samples in = *samples;
    if (in.n > 0 && !hz_hops_continue(&d->hops, &in)) {
        hz_flex_detect_flush(d, sink);
        begin(d, in.first);
    }
    while (hz_hops_push(&d->hops, &in))
        hop(d, sink);
}

void hz_flex_detect_flush(struct hz_flex_detect *d, struct hz_sink *sink)
{
    if (d->hops.held == 0)
        return;
    d->last = hz_hops_end(&d->hops);
    while (hz_hops_drain(&d->hops, d->last))
        hop(d, sink);
    expire(d, UINT64_MAX, sink);
    d->hops.held = 0;
    d->linked = false;
}
