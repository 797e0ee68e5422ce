#include "proto/packet/ax25/frames.h"

#include "dsp/crclist.h"

#include <math.h>
#include <string.h>

enum {
    MEMORY = 18, /* levels before a bit on which it depends */
    MARGIN = 32, /* levels before an opening flag that a repair may change */
    LEAST = 17,  /* bytes of AX.25: two addresses, control, check sequence (2.2, section 3.9) */
    /* Shortest frame of any kind with its check sequence, in bytes: FlexNet's, as in multimon-ng. A
       frame of no bytes has the check sequence 0000, which may stand between flags. */
    SHORTEST = 10,
    /* Bytes of an unfinished frame that prove a transmission, if a frame was expected. In random
       bits seven ones in a row end a frame after 32 bytes on average, so one in 3,000 gets that
       far. */
    UNDER_WAY = 256,
    ZEROS =
        16, /* zero bits before a flag that prove as much as two flags: some send such a preamble */
    EVENTS = 32,      /* events used of a stretch */
    TRIES_A_STEP = 16 /* bits of a trial that cost as much as one bit step */
};

/* Fraction of the signal's power that shows that it has not ended */
static const float there = 0.4f;
static const float faded = 0.1f; /* Fraction of it that noise before and after does not reach */
static const struct hz_crclist list = {.singles = 24, .pairs = 12, .triples = 7, .tries = 128};

void hz_ax25_frames_init(struct hz_ax25_frames *f, const struct hz_ax25_frames_setup *setup)
{
    f->setup = *setup;
    hz_ax25_frames_begin(f);
}

void hz_ax25_frames_begin(struct hz_ax25_frames *f)
{
    f->n = f->flags = f->proof = 0;
    f->proven = f->expected = false;
    f->zeros = f->before = 0;
    hz_hdlc_begin(&f->hdlc, f->bytes, sizeof f->bytes);
}

static void refuse(const struct hz_ax25_frames *f, enum hz_reason reason, struct hz_sink *sink)
{
    if (reason == HZ_SHED || !f->setup.only_shed)
        hz_sink_refuse(sink, reason);
}

/* The check of what is between two samples failed. */
static void fail(const struct hz_ax25_frames *f, double from, double to, struct hz_sink *sink)
{
    if (!f->setup.only_shed)
        hz_sink_fail(sink, (uint64_t)fmax(from, 0), (uint64_t)fmax(to, 0));
}

/* Makes bit[i] for i in from .. to-1; level[i - MEMORY] on must be there. Descrambler and NRZI
 * decoder in one. */
static void decode(const struct hz_ax25_frames *f, const uint8_t *level, size_t from, size_t to,
                   uint8_t *bit)
{
    for (size_t i = from; i < to; i++) {
        const uint8_t *l = level + i;
        bit[i] = (uint8_t)(1 ^ l[0] ^ l[-1]);
        if (f->setup.scrambled)
            bit[i] ^= (uint8_t)(l[-12] ^ l[-13] ^ l[-17] ^ l[-18]);
    }
}

static double sample_of(const struct hz_ax25_frames *f, size_t i)
{
    size_t chunk = (i < f->n ? i : f->n - 1) / HZ_AX25_CHUNK;
    return f->past[chunk].start + (double)(i - chunk * HZ_AX25_CHUNK) * f->setup.bit_samples;
}

/* A trial to read a frame between two positions. */
struct stretch {
    struct hz_ax25_frames *f;
    size_t base;        /* index of the trial's first level */
    size_t start, end;  /* in the trial: where the opening flag ends, where the bits end */
    size_t open, close; /* the same of the frame that was found */
    int len;
};

/* The first frame in bit[start .. end-1] with a right check sequence. */
static bool deframe(struct stretch *s, const uint8_t *bit, size_t start, size_t end)
{
    while (start < end) {
        size_t used;
        int len = hz_hdlc_frame(bit + start, end - start, s->f->repaired, HZ_AX25_REPAIRED, &used);
        if (len >= LEAST && hz_hdlc_crc(s->f->repaired, (size_t)len) == HZ_HDLC_GOOD) {
            s->len = len - 2;
            s->open = start;
            s->close = start + used;
            return true;
        }
        if (len < 0 && len != HZ_HDLC_RAGGED)
            return false;
        start += used;
    }
    return false;
}

static bool repaired(void *ctx, const uint8_t *level)
{
    struct stretch *s = ctx;
    decode(s->f, level, s->start, s->end, s->f->trial_bit);
    /* Satellites send binary data at 9600 baud; at 1200 baud it is seldom right. Text with a few
     * binary bytes in it is a wrong repair at either rate: no sender does that. */
    return deframe(s, s->f->trial_bit, s->start, s->end) &&
           hz_ax25_plausible(s->f->repaired, (size_t)s->len, true) &&
           (hz_ax25_is_text(s->f->repaired, (size_t)s->len) ||
            (s->f->setup.scrambled && !hz_ax25_is_mostly_text(s->f->repaired, (size_t)s->len)));
}

/* The cheapest events of the stretch, counted from its base. */
static size_t gather(const struct stretch *s, struct hz_cpm_event *out)
{
    const struct hz_ax25_frames *f = s->f;
    size_t count = 0, first = (s->base + s->start - 10), last = s->base + s->end;
    for (size_t c = first / HZ_AX25_CHUNK; c <= (last - 1) / HZ_AX25_CHUNK; c++) {
        for (size_t i = 0; i < f->past[c].events; i++) {
            struct hz_cpm_event e = f->past[c].event[i];
            size_t at = c * HZ_AX25_CHUNK + e.last;
            if (at < first || at >= last || (count == EVENTS && e.cost >= out[EVENTS - 1].cost))
                continue;
            e.last = (uint32_t)(at - s->base);
            if (e.last < 31 && e.mask >> (e.last + 1))
                continue;
            size_t k = count < EVENTS ? count++ : EVENTS - 1;
            for (; k > 0 && out[k - 1].cost > e.cost; k--)
                out[k] = out[k - 1];
            out[k] = e;
        }
    }
    return count;
}

/* Means over the frame's chunks. Chunks that are partly empty are left out. */
static void average(const struct hz_ax25_frames *f, size_t open, size_t close,
                    struct hz_ax25_frame *frame)
{
    size_t from = open / HZ_AX25_CHUNK, to = (close - 1) / HZ_AX25_CHUNK;
    float most = 0, chunks = 0;
    for (size_t c = from; c <= to; c++)
        most = fmaxf(most, f->past[c].signal);
    for (size_t c = from; c <= to; c++) {
        if (f->past[c].signal < 0.8f * most)
            continue;
        frame->signal += f->past[c].signal;
        frame->noise += f->past[c].noise;
        frame->freq += f->past[c].freq;
        chunks++;
    }
    frame->signal /= chunks;
    frame->noise /= chunks;
    frame->freq /= (double)chunks;
}

/* Whether the transmission is present in level i, by the power of its part against the strongest
 * chunk between the levels `from` and `to`. */
static bool is_there(const struct hz_ax25_frames *f, size_t i, size_t from, size_t to)
{
    float signal = 0;
    for (size_t c = from / HZ_AX25_CHUNK; c <= (to - 1) / HZ_AX25_CHUNK; c++)
        signal = fmaxf(signal, f->past[c].signal);
    size_t part = i % HZ_AX25_CHUNK / HZ_AX25_PART;
    return f->past[i / HZ_AX25_CHUNK].part[part] >= faded * signal;
}

/* Hands on a frame between the levels `open` and `close`. */
static void report(struct hz_ax25_frames *f, struct hz_ax25_frame frame, size_t open, size_t close,
                   struct hz_sink *sink)
{
    f->proof = 0;
    f->proven = true;
    average(f, open, close, &frame);
    frame.end = sample_of(f, close);
    f->setup.found(f->setup.ctx, &frame, sink);
}

/* Whether a frame of len bytes, closed at `close` and not repaired, was sent and is not noise, of
 * which the check passes one in 65,536. A frame that looks like AX.25 was sent. For others the
 * surroundings decide: noise seldom has two flags in a row or another frame before, nor signal
 * power in all levels. */
static bool believed(const struct hz_ax25_frames *f, size_t len, size_t close)
{
    if (f->expected || hz_ax25_plausible(f->bytes, len, false))
        return true;
    bool there_all_along = f->proven && f->proof <= HZ_AX25_STRETCH;
    for (size_t i = f->open; i < close && there_all_along; i += HZ_AX25_PART)
        there_all_along = is_there(f, i, f->open, close);
    return there_all_along;
}

/* Whether a repair is worth its cost: noise before or after a transmission makes flags too, and a
 * descrambler makes them of anything, so two flags in a row are required there. */
static bool worth_repair(const struct hz_ax25_frames *f, size_t start, size_t end)
{
    const size_t inside = HZ_AX25_PART * 3 / 4;
    return (f->proven || !f->setup.scrambled) && end - start >= LEAST * 8 + 8 &&
           end - start <= HZ_AX25_STRETCH && is_there(f, start + inside, start, end) &&
           is_there(f, end - inside, start, end);
}

/* What worth_repair lets through, with the levels before it. */
_Static_assert(sizeof(((struct hz_ax25_frames *)0)->trial) >= (size_t)HZ_AX25_STRETCH + MARGIN,
               "a try holds the longest stretch");

/* Tries to repair the frame from the end of an opening flag to `end`. */
static bool repair(struct hz_ax25_frames *f, size_t start, size_t end, long *credit,
                   struct hz_sink *sink)
{
    size_t base = start > MARGIN ? start - MARGIN : 0, n = end - base;
    if (start - base < MEMORY)
        return false;
    long cost = (long)(list.tries * n / TRIES_A_STEP);
    if (*credit < cost) {
        refuse(f, HZ_SHED, sink);
        return false;
    }
    *credit -= cost;
    struct stretch s = {.f = f, .base = base, .start = start - base, .end = n};
    struct hz_cpm_event events[EVENTS];
    size_t count = gather(&s, events);
    memcpy(f->trial, f->level + base, n);
    int fixed = hz_crclist_run(&list, events, count, f->trial, repaired, &s);
    if (fixed == 0)
        return false;
    struct hz_ax25_frame frame = {.bytes = f->repaired, .len = (size_t)s.len, .fixed = fixed};
    frame.start = sample_of(f, s.base + s.open - 8);
    report(f, frame, s.base + s.open, s.base + s.close, sink);
    return true;
}

/* A flag, or the end of the transmission, at level `end` without a right frame before it: tries to
 * repair one. True when the levels before need not be looked at again. */
static bool close_at(struct hz_ax25_frames *f, size_t end, long *credit, struct hz_sink *sink)
{
    bool tried = false;
    if (f->flags == 0)
        return true;
    for (size_t k = f->flags; k-- > 0;) {
        size_t start = f->flag[k];
        if (!worth_repair(f, start, end))
            continue;
        tried = true;
        if (repair(f, start, end, credit, sink))
            return true;
    }
    if (tried)
        fail(f, sample_of(f, f->flag[0]), sample_of(f, end), sink);
    return false;
}

static void remember(struct hz_ax25_frames *f, size_t end, bool afresh)
{
    if (afresh)
        f->flags = 0;
    if (f->flags == HZ_AX25_FLAGS)
        memmove(f->flag, f->flag + 1, --f->flags * sizeof f->flag[0]);
    f->flag[f->flags++] = end;
    f->open = end;
    f->opened = sample_of(f, end - 8);
}

/* A flag ends before level `end`. len: bytes since the flag before, with check sequence; 0: none;
 * negative: no frame. */
static void flag(struct hz_ax25_frames *f, size_t end, int len, long *credit, struct hz_sink *sink)
{
    bool row = len == 0, done = row;
    if (row) {
        f->proof = 0;
        f->proven = true;
    } else if (len >= SHORTEST && hz_hdlc_crc(f->bytes, (size_t)len) == HZ_HDLC_GOOD) {
        struct hz_ax25_frame frame = {
            .bytes = f->bytes, .len = (size_t)len - 2, .start = f->opened};
        done = believed(f, frame.len, end);
        if (done)
            report(f, frame, f->open, end, sink);
        else
            refuse(f, HZ_SANITY, sink);
    } else if (len > HZ_AX25_REPAIRED) {
        fail(f, f->opened, sample_of(f, end), sink);
    }
    f->expected = done || f->before >= ZEROS || len > HZ_AX25_REPAIRED;
    remember(f, end, done || close_at(f, end, credit, sink));
}

/* Makes room for a chunk: only the levels after flags that may still open a frame are kept. */
static void make_room(struct hz_ax25_frames *f)
{
    if (f->n + HZ_AX25_CHUNK <= HZ_AX25_LEVELS)
        return;
    size_t floor = f->n - HZ_AX25_STRETCH, kept = 0;
    for (size_t i = 0; i < f->flags; i++)
        if (f->flag[i] >= floor)
            f->flag[kept++] = f->flag[i];
    f->flags = kept;
    size_t chunks = (floor - MARGIN) / HZ_AX25_CHUNK, drop = chunks * HZ_AX25_CHUNK;
    f->n -= drop;
    f->open -= f->open < drop ? f->open : drop;
    for (size_t i = 0; i < f->flags; i++)
        f->flag[i] -= drop;
    memmove(f->level, f->level + drop, f->n);
    memmove(f->past, f->past + chunks, f->n / HZ_AX25_CHUNK * sizeof f->past[0]);
}

void hz_ax25_frames_push(struct hz_ax25_frames *f, const struct hz_ax25_chunk *chunk, long *credit,
                         struct hz_sink *sink)
{
    make_room(f);
    struct hz_ax25_past *past = &f->past[f->n / HZ_AX25_CHUNK];
    past->start = chunk->start;
    past->freq = chunk->freq;
    past->signal = chunk->signal;
    past->noise = chunk->noise;
    memcpy(past->part, chunk->part, sizeof past->part);
    past->events = chunk->events;
    memcpy(past->event, chunk->event, chunk->events * sizeof chunk->event[0]);
    memcpy(f->level + f->n, chunk->level, HZ_AX25_CHUNK);
    uint8_t bit[HZ_AX25_CHUNK];
    size_t base = f->n, from = base == 0 ? MEMORY : 0;
    f->n += HZ_AX25_CHUNK;
    f->proof += HZ_AX25_CHUNK;
    decode(f, f->level + base, from, HZ_AX25_CHUNK, bit);
    for (size_t i = from; i < HZ_AX25_CHUNK; i++) {
        f->before = bit[i] && f->zeros > 0 ? f->zeros : f->before;
        f->zeros = bit[i] ? 0 : f->zeros + 1;
        int len = hz_hdlc_put(&f->hdlc, bit[i]);
        if (len >= 0 || len == HZ_HDLC_RAGGED || len == HZ_HDLC_FIRST)
            flag(f, base + i + 1, len, credit, sink);
    }
    if (f->expected && f->hdlc.open && f->hdlc.count > UNDER_WAY * 8)
        f->proof = 0;
}

/* Number of levels up to the last part of sufficient power, and a few more. */
static size_t last_level(const struct hz_ax25_frames *f)
{
    const size_t parts = HZ_AX25_CHUNK / HZ_AX25_PART;
    size_t chunks = f->n / HZ_AX25_CHUNK, part = chunks * parts;
    float signal = 0;
    for (size_t c = chunks > 3 ? chunks - 3 : 0; c < chunks; c++)
        signal = fmaxf(signal, f->past[c].signal);
    while (part > 0 && f->past[(part - 1) / parts].part[(part - 1) % parts] < there * signal)
        part--;
    size_t end = part * HZ_AX25_PART + 8;
    return end < f->n ? end : f->n;
}

void hz_ax25_frames_end(struct hz_ax25_frames *f, long *credit, struct hz_sink *sink)
{
    size_t end = last_level(f);
    if (f->flags > 0 && end > f->flag[f->flags - 1])
        close_at(f, end, credit, sink);
    hz_ax25_frames_begin(f);
}
