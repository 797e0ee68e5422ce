#include "proto/packet/ax25/follow.h"

#include "dsp/level.h"
#include "proto/packet/ax25/message.h"

/* Of a good chunk's fraction of signal: a chunk with less holds another transmission or none. */
static const float falls_to = 0.7f;

/* A frame, unless a repeated search found it before, is measured and goes to the modem or the sink.
 */
static void found(void *ctx, const struct hz_ax25_frame *frame, struct hz_sink *sink)
{
    struct hz_ax25_follow *f = ctx;
    const struct hz_ax25_modem *m = f->modem;
    if (frame->start < f->after)
        return;
    f->after = frame->end - 10 * (double)m->bit;
    float noise = m->noise(f->of, frame);
    double at = frame->start + 0.5 - (double)m->hops.before;
    struct hz_burst burst = {.sample = at > 0 ? (uint64_t)at : 0,
                             .rssi_dbfs = hz_db(frame->signal),
                             .noise_dbfs = hz_db(noise),
                             .snr_db = hz_db(frame->signal) - hz_db(noise),
                             .offset_hz = (float)(frame->freq * m->rate_hz),
                             .fixed_bits = frame->fixed,
                             .raw = frame->bytes,
                             .raw_len = frame->len};
    if (m->found)
        m->found(f->of, &burst, sink);
    else
        hz_ax25_message(sink, &burst);
}

int hz_ax25_follow_init(struct hz_ax25_follow *f, const struct hz_ax25_modem *modem, void *of,
                        long refill)
{
    f->modem = modem;
    f->of = of;
    f->refill = refill;
    hz_ax25_frames_init(&f->frames, &(struct hz_ax25_frames_setup){.bit_samples = modem->bit,
                                                                   .scrambled = modem->scrambled,
                                                                   .found = found,
                                                                   .ctx = f});
    return hz_hops_init(&f->hops, &modem->hops);
}

void hz_ax25_follow_done(struct hz_ax25_follow *f)
{
    hz_hops_done(&f->hops);
}

/* The stream begins with sample `first`. */
static void begin(struct hz_ax25_follow *f, uint64_t first)
{
    hz_hops_begin(&f->hops, first);
    f->state = HZ_AX25_IDLE;
    f->open = false;
    f->after = 0;
    f->opened = f->silent = 0;
    f->credit = f->refill * (long)f->modem->credit_hops;
    f->modem->begin(f->of);
}

bool hz_ax25_follow_afford(struct hz_ax25_follow *f, long steps, struct hz_sink *sink)
{
    if (f->credit < steps) {
        hz_sink_refuse(sink, HZ_SHED);
        return false;
    }
    f->credit -= steps;
    return true;
}

bool hz_ax25_follow_is_due(const struct hz_ax25_follow *f)
{
    const struct hz_ax25_modem *m = f->modem;
    return f->hops.next >= f->search + (m->search_hops - 1) * m->hops.hop;
}

/* The transmission is left; the next one is searched for from `search` on, 0: from the next hop. */
static void leave(struct hz_ax25_follow *f, double search, struct hz_sink *sink)
{
    const struct hz_ax25_modem *m = f->modem;
    struct hz_ax25_leaving why = {f->search, search <= 0, f->frames.proven};
    hz_ax25_frames_end(&f->frames, &f->credit, sink);
    f->state = f->open ? HZ_AX25_RISING : HZ_AX25_IDLE;
    uint64_t least = f->search + m->search_hops * m->hops.hop;
    if (why.over)
        f->search = f->hops.next;
    else
        f->search = search > (double)least ? (uint64_t)search : least;
    if (m->left)
        m->left(f->of, &why);
}

/* Runs the chunks whose samples have come. */
static void follow(struct hz_ax25_follow *f, struct hz_sink *sink)
{
    const struct hz_ax25_modem *m = f->modem;
    while (m->needs(f->of) <= (double)(f->hops.next + m->hops.hop)) {
        if (m->over(f->of)) {
            leave(f, 0, sink);
            return;
        }
        struct hz_ax25_step s = m->step(f->of, sink);
        /* Chunks before the first good one lie ahead of the transmission. */
        bool good = s.good && s.fraction > f->fraction * falls_to;
        f->weak = good ? 0 : f->weak + 1;
        if ((f->weak == 1 && f->heard) || s.again > 0) {
            leave(f, s.again > 0 ? s.again : s.half, sink);
            return;
        }
        f->heard = f->heard || good;
        f->fraction = good ? s.fraction : f->fraction;
        if (f->weak == m->unheard) {
            if (m->unheard_is_refused)
                hz_sink_refuse(sink, HZ_NO_PREAMBLE);
            leave(f, m->unheard_is_refused ? s.half : 0, sink);
            return;
        }
    }
}

void hz_ax25_follow_start(struct hz_ax25_follow *f, struct hz_sink *sink)
{
    f->weak = 0;
    f->heard = false;
    f->fraction = 0;
    f->state = HZ_AX25_FOLLOWING;
    hz_ax25_frames_begin(&f->frames);
    follow(f, sink);
}

static void hop(struct hz_ax25_follow *f, struct hz_sink *sink)
{
    const struct hz_ax25_modem *m = f->modem;
    const bool was_open = f->open;
    f->credit += f->refill;
    f->open = m->gate(f->of, hz_hops_at(&f->hops, f->hops.next), sink);
    if (f->credit > f->refill * (long)m->credit_hops)
        f->credit = f->refill * (long)m->credit_hops;
    if (was_open && !f->open)
        f->silent = f->hops.next - m->hops.hop;
    if (!was_open && f->open) {
        f->opened = f->hops.next;
        m->opened(f->of);
    }
    if (f->state == HZ_AX25_IDLE && f->open) {
        f->state = HZ_AX25_RISING;
        f->search = f->hops.next;
    }
    if (f->state == HZ_AX25_RISING)
        m->rise(f->of, sink);
    else if (f->state == HZ_AX25_FOLLOWING)
        follow(f, sink);
    f->hops.next += m->hops.hop;
}

void hz_ax25_follow_push(struct hz_ax25_follow *f, const struct hz_samples *samples,
                         struct hz_sink *sink)
{
    struct hz_samples in = *samples;
    if (in.n > 0 && !hz_hops_continue(&f->hops, &in)) {
        hz_ax25_follow_flush(f, sink);
        begin(f, in.first);
    }
    while (hz_hops_push(&f->hops, &in))
        hop(f, sink);
}

void hz_ax25_follow_flush(struct hz_ax25_follow *f, struct hz_sink *sink)
{
    if (f->hops.held == 0)
        return;
    uint64_t end = hz_hops_end(&f->hops) + f->hops.shape.before;
    while (hz_hops_drain(&f->hops, end))
        hop(f, sink);
    f->hops.held = 0;
    if (f->modem->end)
        f->modem->end(f->of, sink);
}
