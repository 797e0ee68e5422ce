#include "proto/rs41/burst.h"

#include "proto/rs41/audio.h"
#include "proto/rs41/describe.h"

#include <math.h>
#include <string.h>

enum {
    BIT = HZ_RS41_BIT,
    LEAD = HZ_RS41_LEAD,
    MARGIN = 4,       /* samples of `mixed` before the lead */
    A_LOOK = 20,      /* what the search for a start costs, in tries of the list */
    A_RUN = 200,      /* what a run of the detector costs, in tries of the list */
    LONG_LIST = 1500, /* tries for each word */
    SHORT_LIST = 200, /* where other things are tried too */
    BLOCK = 8,        /* bits whose carriers are summed up */
    CLIPPED = 240,    /* samples over which the mean amplitude is taken */
};

/* Memory a of the phase reference (dsp/cpm.h): steady carriers; those that fade or are noisy. Audio
 * has lost its DC, so that the phase it makes wanders. */
static const float long_memory = 0.95f, short_memory = 0.5f, audio_memory = 0;
static const float as_clear = 0.6f;   /* of the header of a frame that failed, inside of it */
static const float stands_out = 2.5f; /* amplitude over the mean, beyond which it is an impulse */
static const float hopeless = 1;      /* signal over noise in 12.5 kHz */
/* Events overlap, and each is likelier to be drawn than it is to have happened. Measured: 1 loses
 * 0.2 dB, 2.8 half as much. */
static const float certainty = 1.8f;
static const float strong = 3;      /* signal over noise from which noise is not what damaged it */
static const float audio_scale = 8; /* log-likelihood of an event of the mean cost, for audio */
/* At this bit rate the carrier must be followed faster than the usual gains do: 2 kHz/s. */
static const struct hz_cpm_gains fading_gains = {0.004f, 0, 0};
static const struct hz_cpm_gains gains = {0.01f, 3e-5f, 0.002f};
static const double two_pi = 6.28318530717958647692;
static const double clock_off = 0.004; /* beyond what any quartz does: the loops are lost */
static const double noise_band = 12.5e3 / HZ_RS41_RATE_HZ;

struct burst {
    struct hz_rs41_detect *d;
    const float *iq; /* the lead begins there, after MARGIN and a fraction */
    struct hz_rs41_start start;
    double lead;         /* in `mixed` */
    double bit;          /* its length in samples */
    double drift;        /* of the carrier in cycles per sample and sample */
    size_t mixed;        /* samples mixed */
    float signal, noise; /* powers; noise in 12.5 kHz */
    double left;         /* of the carrier in `mixed`, at its begin, in cycles per sample */
};

/* Clips impulses. */
static void limit(float *iq, size_t n)
{
    for (size_t from = 0; from < n; from += CLIPPED) {
        size_t count = n - from < CLIPPED ? n - from : CLIPPED;
        float amplitude[CLIPPED], sum = 0, *x = iq + 2 * from;
        for (size_t i = 0; i < count; i++)
            amplitude[i] = sqrtf(x[2 * i] * x[2 * i] + x[2 * i + 1] * x[2 * i + 1]);
        for (size_t i = 0; i < count; i++)
            sum += amplitude[i];
        float most = stands_out * sum / (float)count;
        for (size_t i = 0; i < count; i++) {
            float gain = amplitude[i] > most ? most / amplitude[i] : 1;
            x[2 * i] *= gain;
            x[2 * i + 1] *= gain;
        }
    }
}

/* Mixes a frame of so many octets to 0 Hz. */
static void mix(struct burst *b, size_t len)
{
    size_t n = (LEAD + 8 * len) * BIT * 201 / 200 + 2 * MARGIN;
    struct hz_cpm_offset carrier = {b->start.freq, b->drift};
    b->mixed = n < HZ_RS41_LONGEST ? n : HZ_RS41_LONGEST;
    hz_cpm_mix(b->iq, b->mixed, &carrier, b->d->mixed);
    limit(b->d->mixed, b->mixed);
}

/* Runs up to before octet `end`; octets of words that are right, and if `hinted` those that are
 * expected, are given. */
static void run_octets(struct burst *b, size_t end, bool hinted)
{
    struct hz_rs41_detect *d = b->d;
    size_t at = (hz_cpm_bits(d->cpm) - LEAD) / 8;
    for (; at < end; at++) {
        unsigned word = 0;
        uint8_t i, bit[8];
        bool right = hz_rs41_word_of(at, &word, &i) && d->words.right[word];
        bool hint = hinted && d->hints.has[at];
        uint8_t value = (right ? d->words.octet[at] : d->hints.value[at]) ^ hz_rs41_white(at);
        for (unsigned k = 0; k < 8; k++)
            bit[k] = value >> k & 1;
        hz_cpm_run(d->cpm, right || hint ? bit : NULL, 8);
    }
}

static void begin(struct burst *b, float memory)
{
    struct hz_rs41_detect *d = b->d;
    uint8_t known[HZ_RS41_KNOWN];
    hz_rs41_known_bits(known);
    hz_cpm_adapt(d->cpm, b->start.h, memory, b->bit);
    hz_cpm_begin(d->cpm, d->mixed, b->mixed, b->lead);
    hz_cpm_run(d->cpm, known, HZ_RS41_KNOWN);
    hz_cpm_follow(d->cpm, memory < long_memory && !d->audio ? &fading_gains : &gains);
}

/* The type's two values differ in every bit: the majority decides. */
static size_t length_of(const uint8_t *bits)
{
    int standard = 0;
    for (unsigned k = 0; k < 8; k++)
        standard += bits[8 * HZ_RS41_TYPE + k] == ((0x0fu ^ hz_rs41_white(HZ_RS41_TYPE)) >> k & 1);
    return standard >= 4 ? HZ_RS41_STANDARD : HZ_RS41_EXTENDED;
}

/* Powers of signal and noise from the carrier along the decided bits, less the drift that the loops
 * have found: a block of eight bits has the power 64 A^2 + 8 v, eight bits by themselves 8 A^2 + 8
 * v. */
static void measure(struct burst *b)
{
    struct hz_rs41_detect *d = b->d;
    size_t count = hz_cpm_bits(d->cpm), blocks = (count - 1) / BLOCK;
    struct hz_cpm_place place;
    float sums = 0, bits = 0, last[2] = {0, 0};
    double along = 0, across = 0;
    hz_cpm_place(d->cpm, &place);
    struct hz_cpm_offset drift = {0, place.freq * BIT / (double)count};
    hz_cpm_carrier(d->cpm, d->bits, count, d->carrier);
    hz_cpm_mix(d->carrier, count - 1, &drift, d->carrier);
    for (size_t i = 0; i < blocks; i++) {
        float re = 0, im = 0;
        const float *x = d->carrier + 2 * BLOCK * i;
        for (size_t k = 0; k < BLOCK; k++) {
            re += x[2 * k];
            im += x[2 * k + 1];
            bits += x[2 * k] * x[2 * k] + x[2 * k + 1] * x[2 * k + 1];
        }
        sums += re * re + im * im;
        along += (double)(re * last[0] + im * last[1]);
        across += (double)(im * last[0] - re * last[1]);
        last[0] = re;
        last[1] = im;
    }
    b->left = atan2(across, along) / (two_pi * BLOCK * BIT);
    float n = (float)(blocks * BLOCK);
    b->signal = fmaxf((sums - bits) / (n * (BLOCK - 1) * BIT * BIT), 1e-20f);
    b->noise = fmaxf(bits / n - b->signal * BIT * BIT, 1e-20f) / BIT * (float)noise_band;
}

static void take_doubts(struct burst *b)
{
    struct hz_rs41_detect *d = b->d;
    struct hz_rs41_doubts *of = &d->doubts;
    float mean = 0;
    of->n = hz_cpm_events(d->cpm, HZ_RS41_KNOWN, of->event, HZ_RS41_EVENTS);
    for (size_t i = 0; i < of->n; i++) {
        of->event[i].last -= LEAD;
        mean += of->event[i].cost / (float)of->n;
    }
    of->scale = d->audio ? audio_scale / mean
                         : certainty * 2 * sqrtf(b->signal) * (float)noise_band / b->noise;
}

static unsigned right(const struct burst *b)
{
    return (unsigned)b->d->words.right[0] + (unsigned)b->d->words.right[1];
}

static bool spend(struct burst *b, unsigned credit)
{
    if (b->d->credit < credit)
        return false;
    b->d->credit -= credit;
    return true;
}

/* A run over the whole frame and hard decoding. */
static bool run_hard(struct burst *b, float memory, bool hinted)
{
    struct hz_rs41_detect *d = b->d;
    begin(b, memory);
    run_octets(b, d->words.len, hinted);
    hz_cpm_trace(d->cpm, d->bits);
    return hz_rs41_words_hard(&d->hard, d->bits + LEAD, &d->words);
}

static bool list(struct burst *b, unsigned tries)
{
    struct hz_rs41_detect *d = b->d;
    unsigned spent = 0, most = d->credit / HZ_RS41_WORDS;
    measure(b);
    take_doubts(b);
    bool found =
        hz_rs41_words_soft(&d->hard, &d->doubts, tries < most ? tries : most, &d->words, &spent);
    d->credit -= spent < d->credit ? spent : d->credit;
    return found;
}

/* A run, with the list; and another one when that has found one of the two words, since they share
 * every second octet. */
static bool run_soft(struct burst *b, float memory, bool hinted, unsigned tries)
{
    unsigned before = right(b);
    if (!spend(b, A_RUN))
        return false;
    if (run_hard(b, memory, hinted) || list(b, tries))
        return true;
    return right(b) > before && spend(b, A_RUN) && (run_hard(b, memory, hinted) || list(b, tries));
}

/* Other than the type said: it may have met a fade. */
static void set_length(struct burst *b, size_t len)
{
    memset(&b->d->words, 0, sizeof b->d->words);
    b->d->words.len = len;
    mix(b, len);
}

/* The clock, and the carrier and its drift, as the loops have found them. */
static void take_over(struct burst *b)
{
    struct hz_cpm_place place;
    hz_cpm_place(b->d->cpm, &place);
    double bit = (place.at - b->lead) / (double)hz_cpm_bits(b->d->cpm);
    if (fabs(bit / BIT - 1) < clock_off)
        b->bit = bit;
    b->drift = place.freq / (place.at - b->lead);
    mix(b, b->d->words.len);
}

static bool first_run(struct burst *b)
{
    struct hz_rs41_detect *d = b->d;
    const float memory = d->audio ? audio_memory : long_memory;
    mix(b, HZ_RS41_STANDARD);
    begin(b, memory);
    run_octets(b, HZ_RS41_TYPE + 2, false);
    hz_cpm_trace(d->cpm, d->bits);
    d->words.len = length_of(d->bits + LEAD);
    if (d->words.len == HZ_RS41_STANDARD) {
        run_octets(b, HZ_RS41_STANDARD, false);
        hz_cpm_trace(d->cpm, d->bits);
        return hz_rs41_words_hard(&d->hard, d->bits + LEAD, &d->words);
    }
    mix(b, HZ_RS41_EXTENDED);
    return run_hard(b, memory, false);
}

static bool later_runs(struct burst *b)
{
    struct hz_rs41_detect *d = b->d;
    const float memory = d->audio ? audio_memory : long_memory;
    const bool fades = !d->audio && b->signal > strong * b->noise;
    const size_t said = d->words.len;
    hz_rs41_expect(&d->known, b->start.at + (double)d->hops.next, &d->hints);
    if (fades && d->hints.len != d->words.len)
        set_length(b, d->hints.len);
    bool hinted = d->hints.len == d->words.len;
    if (fades && run_soft(b, short_memory, hinted, SHORT_LIST))
        return true; /* from the start: a long memory loses clock and carrier there */
    if (!fades)
        take_over(b);
    if (hinted && run_soft(b, memory, true, LONG_LIST))
        return true;
    if (run_soft(b, memory, false, hinted ? SHORT_LIST : LONG_LIST))
        return true;
    if (said != d->words.len) {
        set_length(b, said);
        return run_soft(b, short_memory, false, SHORT_LIST);
    }
    return !fades && !d->audio && run_soft(b, short_memory, hinted, SHORT_LIST);
}

static void report(struct burst *b, struct hz_sink *sink)
{
    struct hz_rs41_detect *d = b->d;
    struct hz_cpm_place place;
    double header = b->start.at + LEAD * BIT + (double)d->hops.next - (double)d->hops.shape.before;
    double end = header + 8 * (double)d->words.len * b->bit;
    measure(b);
    hz_cpm_place(d->cpm, &place);
    double freq =
        b->start.freq + b->left + (b->drift * (place.at - b->lead) + place.freq) / 2; /* in the
                                                                              middle */
    struct hz_burst burst = {.sample = header > 0 ? (uint64_t)header : 0,
                             .end = (uint64_t)end,
                             .rssi_dbfs = NAN, /* those of the channel */
                             .noise_dbfs = NAN,
                             .snr_db = NAN,
                             .offset_hz = d->audio ? NAN : (float)(freq * HZ_RS41_RATE_HZ),
                             .fixed_bits = d->words.fixed,
                             .raw = d->words.octet,
                             .raw_len = d->words.len};
    struct hz_rs41_sonde *sonde = hz_rs41_note(&d->known, d->words.octet, d->words.len, header);
    if (!sonde) {
        hz_sink_refuse(sink, HZ_SANITY);
        return;
    }
    struct hz_json *j = hz_sink_begin(sink, &burst);
    hz_rs41_describe(d->words.octet, d->words.len, sonde, j);
    hz_sink_end(sink);
}

uint64_t hz_rs41_burst(struct hz_rs41_detect *d, const float *iq,
                       const struct hz_headgate_peak *peak, struct hz_sink *sink)
{
    struct burst b = {.d = d, .bit = BIT};
    if (!spend(&b, A_LOOK)) {
        hz_sink_refuse(sink, HZ_SHED);
        return d->after;
    }
    if (d->audio)
        hz_rs41_sync_audio(d->cpm, iq, peak, hz_rs41_audio_h, &b.start);
    else if (!hz_rs41_sync(d->cpm, iq, peak, &b.start)) {
        hz_sink_refuse(sink, HZ_NO_PREAMBLE);
        return d->after;
    }
    double begins = b.start.at + (double)d->hops.next;
    if (begins < d->failed_end && b.start.fraction < as_clear * d->failed_fraction) {
        hz_sink_refuse(sink, HZ_NO_PREAMBLE); /* data that resemble a header */
        return d->after;
    }
    if (!spend(&b, A_RUN)) {
        hz_sink_refuse(sink, HZ_SHED);
        return d->after;
    }
    ptrdiff_t from = (ptrdiff_t)floor(b.start.at) - MARGIN;
    b.iq = iq + 2 * from;
    b.lead = b.start.at - (double)from;
    memset(&d->words, 0, sizeof d->words);
    bool found = first_run(&b);
    measure(&b);
    if (!found && (d->audio || b.signal > hopeless * b.noise))
        found = later_runs(&b);
    if (!found) {
        hz_sink_refuse(sink, d->credit < A_RUN ? HZ_SHED : HZ_BAD_CRC);
        d->failed_end = begins + (double)(HZ_RS41_KNOWN + 8 * HZ_RS41_STANDARD) * BIT;
        d->failed_fraction = b.start.fraction;
        return d->after;
    }
    report(&b, sink);
    return d->hops.next + (uint64_t)(b.start.at + (LEAD + 8 * (double)d->words.len) * b.bit);
}
