#include "proto/ais/burst.h"

#include "dsp/crclist.h"
#include "dsp/level.h"
#include "proto/ais/even.h"
#include "proto/ais/judge.h"
#include "proto/link/hdlc.h"

#include <math.h>

enum {
    SLOT = 256,  /* bits */
    USUAL = 232, /* bits after which most messages of one slot have ended */
    LOOK = 64,   /* bits from one look for the end of a longer one to the next */
    TAIL = 24,   /* bits at the end of a slot whose power shows that the burst goes on */
    HEAD = 120,  /* bits after the flag whose power is the reference */
    EVENTS = 32,
    CHECK = 16,                /* bits of the check sequence */
    A_LOOK = 3,                /* Fraction of the work allowance for examining a transmitter */
    A_MATCH = 7,               /* and for running the burst anew with its parameters */
    LEAD = 2,                  /* samples of `mixed` before the burst */
    RAMP = 8 * HZ_AIS_BIT,     /* samples: the transmitter's power rises ahead of the training */
    BLOCK = 8,                 /* bits whose carriers are summed up */
    INSIDE = 220 * HZ_AIS_BIT, /* samples: less than a slot */
    AROUND = 64,               /* samples behind the last, of which their strength depends */
    EDGE = 40                  /* samples at the end of what was evened out before these came */
};

/* Power of the end of a slot over that of the head, from which the burst goes on. */
static const float as_strong = 0.6f;
/* Signal over noise from which a failure may be due to the carrier. */
static const float strong = 0.65f;
static const float stronger = 1.2f;      /* from which it surely is */
static const float clear = 2;            /* from which hardly any bit is wrong by noise */
static const float short_memory = 0.8f;  /* four bits */
static const float fading_memory = 0.5f; /* two bits */
static const float as_clear = 0.6f;      /* of the fraction of the burst that it is in */
static const float is_there = 0.6f;      /* of the strength in training and flag */
/* Fraction that is the start, below which a long message could not be read; noise is below it. */
static const float faint = 0.25f;

/* Trials whose result is believed if it makes sense; after these it must also have a possible state
 * of its slot, or come from a known station. */
static const struct hz_crclist list = {.singles = 28, .pairs = 12, .triples = 5, .tries = 100};
enum { FIRST_TRIES = 44 };

const struct hz_cpm_mode hz_ais_gmsk = {
    .samples_per_bit = HZ_AIS_BIT, .h = 0.5, .bt = 0.4, .states_log2 = 3, .memory = 0.95f};

struct burst {
    struct hz_ais_detect *d;
    const struct hz_ais_start *start;
    struct hz_cpm_offset offset;
    const float *iq;  /* LEAD samples before the burst, as they came; d->even: evened out */
    size_t even;      /* samples of them */
    double lead;      /* from there to its exact start */
    size_t bits;      /* run, or to be run when their samples are there; 0: not begun */
    float head;       /* strength and likeness after the flag */
    size_t used;      /* bits up to the closing flag; with it */
    size_t len;       /* bits of the message without its check sequence; 0: there is none */
    bool ended;       /* in a flag, or in what cannot be data */
    int tries;        /* of the list */
    double book_lead; /* as the search found it */
    bool follow;      /* clock and carrier while it runs */
    bool shed;        /* no work was left for odd transmitters */
    size_t here;      /* samples from iq on that are there */
    size_t lacks;     /* so many were needed, and were not there; 0: all were */
};

/* Reads the frame in the levels; len is 0 if its check fails. */
static bool deframe(struct burst *b, const uint8_t *level)
{
    struct hz_ais_detect *d = b->d;
    size_t n = b->bits - HZ_AIS_SYNC_BITS;
    d->payload[0] = 0; /* the frame may end before a byte has come */
    hz_hdlc_nrzi(level + HZ_AIS_SYNC_BITS - 1, n + 1, d->bits);
    int bits = hz_hdlc_bits(d->bits, n, d->payload, sizeof d->payload, &b->used);
    b->used += HZ_AIS_SYNC_BITS;
    b->ended = bits != HZ_HDLC_NO_END;
    bool right = bits > CHECK && hz_hdlc_crc_bits(d->payload, (size_t)bits) == HZ_HDLC_GOOD;
    b->len = right ? (size_t)bits - CHECK : 0;
    if (b->len % 8) /* sent low bit first, as whole bytes are */
        d->payload[b->len / 8] = (uint8_t)(d->payload[b->len / 8] << (8 - b->len % 8));
    return right;
}

static bool repaired(void *ctx, const uint8_t *level)
{
    struct burst *b = ctx;
    const struct hz_ais_detect *d = b->d;
    bool first = b->tries++ < FIRST_TRIES;
    if (!deframe(b, level) || !hz_ais_plausible(d->payload, b->len))
        return false;
    if (hz_ais_guarded(d->payload) && (first || hz_ais_proper(d->payload, b->len)))
        return true;
    return hz_ais_known_find(&d->known, hz_ais_mmsi(d->payload), (uint64_t)b->start->at);
}

/* With a margin for a clock that is 1.5 % slow. */
static size_t samples_of(size_t bits)
{
    return LEAD + 2 + bits * HZ_AIS_BIT * 65 / 64;
}

/* Samples that must be there for a run of so many bits. */
static size_t needs(size_t bits)
{
    return samples_of(bits) + (bits > SLOT && bits < HZ_AIS_BITS_MAX ? AROUND : 0);
}

/* Mixes so many bits of the burst, of constant amplitude, to 0 Hz. */
static void mix(struct burst *b, size_t bits)
{
    struct hz_ais_detect *d = b->d;
    size_t n = samples_of(bits);
    if (b->even < n) {
        size_t from = b->even > EDGE ? b->even - EDGE : 0;
        hz_ais_even(b->iq, from, needs(bits), d->even, d->strength);
        b->even = n;
    }
    hz_cpm_mix(d->even, n, &b->offset, d->mixed);
}

/* Mean amplitude of the burst over the bits from `first` to before `end`. */
static float strength(const struct burst *b, size_t first, size_t end)
{
    float sum = 0;
    for (size_t k = first; k < end; k++)
        sum += b->d->strength[k];
    return sum / (float)(end - first);
}

static void begin(struct burst *b)
{
    hz_cpm_begin(b->d->cpm, b->d->mixed, HZ_AIS_LONGEST, b->lead);
    if (b->follow)
        hz_cpm_follow(b->d->cpm, &hz_cpm_usual_gains);
}

/* Begins a burst, and runs what follows the flag. False: nothing does; b->bits were run. */
static bool heads(struct burst *b)
{
    struct hz_ais_detect *d = b->d;
    mix(b, USUAL);
    begin(b);
    float at_start = hz_cpm_run(d->cpm, b->start->level, HZ_AIS_SYNC_BITS);
    float head = (hz_cpm_run(d->cpm, NULL, HEAD) - at_start) / HEAD;
    b->bits = hz_cpm_bits(d->cpm);
    if (head * HZ_AIS_SYNC_BITS < is_there * at_start)
        return false;
    b->head = head * strength(b, HZ_AIS_SYNC_BITS, HZ_AIS_SYNC_BITS + HEAD);
    b->bits = USUAL;
    return true;
}

/* Runs up to b->bits. Returns the strength of the last TAIL. */
static float run_on(struct burst *b)
{
    struct hz_ais_detect *d = b->d;
    if (b->bits > USUAL)
        mix(b, b->bits);
    float before = hz_cpm_run(d->cpm, NULL, b->bits - TAIL - hz_cpm_bits(d->cpm));
    float tail = (hz_cpm_run(d->cpm, NULL, TAIL) - before) / TAIL;
    hz_cpm_trace(d->cpm, d->level);
    return tail * strength(b, b->bits - TAIL, b->bits);
}

/* Whether a burst without a frame in its slots so far goes on in another one. Its power, the type
 * and a missing end suggest it: any two of them decide, and all of them where it may be noise. */
static bool goes_on(const struct burst *b, float tail)
{
    int votes = (tail > as_strong * b->head) + hz_ais_long(b->d->payload) + !b->ended;
    return b->bits < HZ_AIS_BITS_MAX && votes >= (b->start->fraction < faint ? 3 : 2);
}

/* Runs until a frame is found or the burst is over, which is decided at the end of each slot. In
 * full channels the power of the next burst follows at once, and in fading the burst's own may be
 * low at the end of a slot. HZ_MESSAGE: a frame was found; HZ_BAD_CRC: none yet, or further samples
 * are not there (b->lacks); HZ_TOO_SHORT: nothing follows the flag. */
static enum hz_reason slots(struct burst *b)
{
    struct hz_ais_detect *d = b->d;
    if (b->bits == 0 && !heads(b)) { /* the shortest messages end in there */
        hz_cpm_trace(d->cpm, d->level);
        return deframe(b, d->level) ? HZ_MESSAGE : HZ_TOO_SHORT;
    }
    for (;;) {
        if (b->here < needs(b->bits)) {
            b->lacks = needs(b->bits);
            return HZ_BAD_CRC;
        }
        float tail = run_on(b);
        if (deframe(b, d->level))
            return HZ_MESSAGE;
        if (b->bits % SLOT == 0 && !goes_on(b, tail))
            return HZ_BAD_CRC;
        b->bits = b->bits < SLOT ? SLOT : b->bits + LOOK;
    }
}

/* Signal power, and the number of bits with power, from the carrier in blocks of bits. */
static float measure(const float *carrier, size_t *count)
{
    size_t blocks = *count / BLOCK;
    float power[HZ_AIS_BITS_MAX / BLOCK], sum = 0, first = 0;
    for (size_t i = 0; i < blocks; i++) {
        float re = 0, im = 0;
        for (size_t k = i * BLOCK; k < (i + 1) * BLOCK; k++) {
            re += carrier[2 * k];
            im += carrier[2 * k + 1];
        }
        power[i] = re * re + im * im;
        first += i < (HZ_AIS_SYNC_BITS + HEAD) / BLOCK ? power[i] : 0;
    }
    first /= (HZ_AIS_SYNC_BITS + HEAD) / BLOCK;
    while (blocks > (HZ_AIS_SYNC_BITS + HEAD) / BLOCK && power[blocks - 1] < 0.4f * first)
        blocks--;
    for (size_t i = 0; i < blocks; i++)
        sum += power[i];
    *count = blocks * BLOCK;
    const float gain = BLOCK * HZ_AIS_BIT;
    return blocks > 0 ? sum / (float)blocks / (gain * gain) : 0;
}

/* Remaining error of the carrier's frequency and drift, along the decided bits. */
static struct hz_cpm_offset fit(struct burst *b, size_t bits, float *signal)
{
    float carrier[2 * HZ_AIS_BITS_MAX];
    struct hz_cpm_offset left = {0, 0};
    size_t count = bits - 1;
    hz_cpm_carrier(b->d->cpm, b->d->level, bits, carrier);
    *signal = measure(carrier, &count);
    hz_cpm_fit(&hz_ais_gmsk, carrier, count, &left);
    return left;
}

static float mean_power(const float *iq, size_t n)
{
    float sum = 0;
    for (size_t i = 0; i < 2 * n; i++)
        sum += iq[i] * iq[i];
    return sum / (float)n;
}

/* Runs the whole burst again with the carrier that was found so far. */
static bool whole_run(struct burst *b)
{
    struct hz_ais_detect *d = b->d;
    mix(b, b->bits);
    begin(b);
    hz_cpm_run(d->cpm, b->start->level, HZ_AIS_SYNC_BITS);
    hz_cpm_run(d->cpm, NULL, b->bits - HZ_AIS_SYNC_BITS);
    hz_cpm_trace(d->cpm, d->level);
    return deframe(b, d->level);
}

/* In a burst this strong hardly any bit is wrong by noise. */
static bool is_clear(struct burst *b)
{
    float signal;
    fit(b, b->used, &signal);
    float total = mean_power(b->d->even + 2 * LEAD, b->used * HZ_AIS_BIT);
    return signal > clear * (total - signal);
}

/* Whether a message is believed. In a weak burst each run has other wrong bits, and one in 65,536
 * passes its check by chance: so the result of the first runs must have a usual form, and that of
 * later runs must make sense. A clear burst is believed as it is. */
static bool believed(struct burst *b, bool first)
{
    const uint8_t *payload = b->d->payload;
    unsigned odd = hz_ais_odd(payload, b->len) & ~(unsigned)HZ_AIS_ODD_MMSI;
    return (first ? odd == 0 : hz_ais_plausible(payload, b->len)) || is_clear(b);
}

/* Runs the whole burst again, if the last run failed. */
static bool another_run(struct burst *b)
{
    return whole_run(b) && believed(b, false);
}

/* Corrects the carrier by the remaining error of the last run. Returns the signal's power. */
static float retune(struct burst *b)
{
    float signal;
    struct hz_cpm_offset left = fit(b, b->bits, &signal);
    b->offset.freq += left.freq;
    b->offset.drift += left.drift;
    return signal;
}

/* A burst this strong fails because its carrier drifts faster than the long memory follows: a short
 * memory decides most bits, which give the drift. */
static bool short_run(struct burst *b)
{
    b->offset = (struct hz_cpm_offset){.freq = b->start->freq};
    hz_cpm_adapt(b->d->cpm, hz_ais_gmsk.h, short_memory, hz_ais_gmsk.samples_per_bit);
    bool found = another_run(b);
    if (!found)
        retune(b);
    hz_cpm_adapt(b->d->cpm, hz_ais_gmsk.h, hz_ais_gmsk.memory, hz_ais_gmsk.samples_per_bit);
    return found || another_run(b);
}

/* Tries the list of error events of the last run. `wary`: every result must have a usual form or
 * come from a known station. Returns the bits changed; -1: nothing was found. */
static int repair(struct burst *b, bool wary)
{
    struct hz_ais_detect *d = b->d;
    struct hz_cpm_event events[EVENTS];
    size_t n = hz_cpm_events(d->cpm, HZ_AIS_SYNC_BITS, events, EVENTS);
    b->tries = wary ? FIRST_TRIES : 0;
    int fixed = hz_crclist_run(&list, events, n, d->level, repaired, b);
    return fixed > 0 ? fixed : -1;
}

/* A burst this strong may also fail because of fading, which rotates the carrier within a few bits.
 */
static int faded_run(struct burst *b, bool with_list)
{
    b->offset = (struct hz_cpm_offset){.freq = b->start->freq};
    hz_cpm_adapt(b->d->cpm, hz_ais_gmsk.h, fading_memory, hz_ais_gmsk.samples_per_bit);
    int fixed = another_run(b) ? 0 : with_list ? repair(b, false) : -1;
    hz_cpm_adapt(b->d->cpm, hz_ais_gmsk.h, hz_ais_gmsk.memory, hz_ais_gmsk.samples_per_bit);
    return fixed;
}

/* Sets waveforms and timing to the standard's and the search's. */
static void by_the_book(struct burst *b)
{
    hz_cpm_shape(b->d->cpm, hz_ais_gmsk.h, HZ_AIS_BIT, hz_ais_book_pulse(b->d->matcher));
    b->offset = (struct hz_cpm_offset){.freq = b->start->freq};
    b->follow = false;
    b->lead = b->book_lead;
}

/* Runs a burst of a transmitter that differs from the standard: its clock, deviation and filter are
 * estimated, and the burst is run again with these and with tracking loops. A long message of a
 * regular transmitter may have needed the loops only. Returns the bits changed; -1: nothing was
 * found. */
static int odd_run(struct burst *b)
{
    struct hz_ais_detect *d = b->d;
    struct hz_ais_transmitter is = {.start = b->lead};
    if (d->matches < A_LOOK + A_MATCH) {
        b->shed = true;
        return -1;
    }
    d->matches -= A_LOOK;
    by_the_book(b);
    mix(b, SLOT);
    b->follow = true;
    if (!hz_ais_match(d->matcher, d->mixed, samples_of(SLOT), b->start->level, b->bits, &is))
        return b->bits > SLOT && another_run(b) ? 0 : -1;
    d->matches -= A_MATCH;
    b->lead = is.start;
    hz_cpm_shape(d->cpm, is.h, is.samples_per_bit, is.pulse);
    b->bits = 0;
    if (slots(b) == HZ_MESSAGE && believed(b, false))
        return 0;
    if (b->lacks)
        return -1;
    retune(b);
    return another_run(b) ? 0 : repair(b, true);
}

/* All that is tried after a failed first run: with the carrier that it showed, by the list, and for
 * unusual transmitters and fading. Returns the bits changed; -1: nothing was found. */
static int later_runs(struct burst *b)
{
    struct hz_ais_detect *d = b->d;
    float signal = retune(b);
    if (whole_run(b))
        return 0;
    float total = mean_power(d->even + 2 * LEAD, b->bits * HZ_AIS_BIT);
    bool is_strong = signal > strong * (total - signal);
    if (is_strong && short_run(b))
        return 0;
    int fixed = repair(b, false);
    if (fixed < 0 && is_strong)
        fixed = faded_run(b, signal > stronger * (total - signal));
    return fixed < 0 ? odd_run(b) : fixed;
}

/* Noise power: the residual of the signal in the burst. If the residual is under 10 % of the signal
 * it is distortion or fading, so the quietest of the last hops is taken. */
static float noise_power(const struct hz_ais_detect *d, float total, float signal)
{
    float rest = total - signal, quiet = hz_ais_quiet_floor(&d->quiet);
    if (rest <= 0 && isfinite(quiet))
        return quiet;
    return rest > 0.1f * signal ? rest : fminf(fmaxf(rest, 0), quiet);
}

static void report(struct burst *b, int fixed, struct hz_sink *sink)
{
    struct hz_ais_detect *d = b->d;
    float signal;
    hz_cpm_mix(b->iq, samples_of(b->used), &b->offset, d->mixed); /* as strong as it came */
    struct hz_cpm_offset left = fit(b, b->used, &signal);
    float total = mean_power(b->iq + 2 * LEAD, b->used * HZ_AIS_BIT);
    /* A block's carrier holds a little noise: that of 25 kHz in 1.2 kHz. */
    const float fraction = 0.046f;
    signal = (signal - fraction * total) / (1 - fraction);
    float noise = noise_power(d, total, signal);
    double half = (double)b->used * HZ_AIS_BIT / 2;
    double freq = b->offset.freq + left.freq + (b->offset.drift + left.drift) * half;
    uint64_t at = (uint64_t)(b->start->at + 0.5) - RAMP;
    uint64_t end = (uint64_t)b->start->at + b->used * HZ_AIS_BIT;
    struct hz_burst burst = {.sample = at > HZ_AIS_BEFORE ? at - HZ_AIS_BEFORE : 0,
                             .end = end - HZ_AIS_BEFORE,
                             .rssi_dbfs = hz_db(signal),
                             .noise_dbfs = hz_db(noise),
                             .snr_db = hz_db(signal) - hz_db(noise),
                             .offset_hz = (float)(freq * HZ_AIS_RATE_HZ),
                             .fixed_bits = fixed,
                             .raw = d->payload,
                             .raw_len = (b->len + 7) / 8};
    struct hz_json *j = hz_sink_begin(sink, &burst);
    hz_ais_describe(&d->described, d->payload, b->len, j);
    hz_sink_end(sink);
}

/* What failed is taken to be as long as a message of one slot. */
static void refuse(const struct hz_ais_start *start, enum hz_reason reason, struct hz_sink *sink)
{
    uint64_t at = (uint64_t)start->at;
    if (reason == HZ_BAD_CRC && at > HZ_AIS_BEFORE)
        hz_sink_fail(sink, at - HZ_AIS_BEFORE, at - HZ_AIS_BEFORE + INSIDE);
    else
        hz_sink_refuse(sink, reason);
}

uint64_t hz_ais_burst(struct hz_ais_detect *d, const struct hz_ais_start *start, uint64_t here,
                      struct hz_sink *sink)
{
    /* The same burst again, or the end of another one. */
    if (fabs(start->at - d->failed) < HZ_AIS_BIT || start->at + 2 * HZ_AIS_BIT < (double)d->after)
        return 0;
    /* Bits of the burst that just failed that look like a start. */
    if (start->at < d->failed + INSIDE && start->fraction < as_clear * d->failed_fraction)
        return 0;
    uint64_t from = (uint64_t)start->at - LEAD;
    if (here < from + needs(USUAL))
        return from + needs(USUAL);
    struct burst b = {.d = d, .start = start, .here = (size_t)(here - from)};
    unsigned matches = d->matches;
    b.iq = hz_hops_at(&d->hops, from);
    b.book_lead = start->at - (double)from;
    by_the_book(&b);
    b.bits = d->begun.bits; /* the same burst, which waited for more samples */
    b.even = d->begun.even;
    b.head = d->begun.head;
    d->begun = (struct hz_ais_begun){0};
    enum hz_reason reason = slots(&b);
    if (b.lacks) {
        d->begun = (struct hz_ais_begun){b.bits, b.even, b.head};
        return from + b.lacks;
    }
    int fixed = reason == HZ_BAD_CRC ? later_runs(&b) : 0;
    if (b.lacks) { /* it is begun again when they are there */
        d->matches = matches;
        return from + b.lacks;
    }
    if (reason == HZ_BAD_CRC)
        reason = fixed >= 0 ? HZ_MESSAGE : b.shed ? HZ_SHED : HZ_BAD_CRC;
    if (reason == HZ_MESSAGE && (b.len < HZ_AIS_LEAST_BITS || !believed(&b, true)))
        reason = HZ_SANITY;
    if (reason != HZ_MESSAGE) {
        refuse(start, reason, sink);
        d->failed = start->at;
        d->failed_fraction = start->fraction;
        return 0;
    }
    if (fixed == 0)
        hz_ais_known_add(&d->known, hz_ais_mmsi(d->payload), (uint64_t)start->at);
    report(&b, fixed, sink);
    d->after = (uint64_t)start->at + b.used * HZ_AIS_BIT;
    return 0;
}
