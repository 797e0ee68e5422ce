/* Any input through any of the registered decoders, which the first byte chooses, so that a new
 * decoder needs no target of its own for its samples.
 *
 * Input: the head below, then either samples or bits that are keyed here as a transmitter would, so
 * that one changed bit is one changed bit on the air and what lies behind the demodulator is
 * reached. build/fuzz/seeds has both kinds, cut from the simulator's bands (tests/fuzz/captures.c).
 */
#include "config/option.h"
#include "proto/registry.h"
#include "tests/fuzz/decoder_input.h"
#include "tests/unit/fields_agree.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whatever the input, it is no more work than this. */
enum { SAMPLES_MAX = 1400, QUIET = 64 };

static unsigned bit_at(const uint8_t *data, size_t i)
{
    return data[i / 8] >> i % 8 & 1u;
}

/* As long on the air as a burst of AIS, which at 9600 baud is a whole message. At 1200 baud no
 * frame would fit, and the search for one takes longer than all else: 10 ms there, and of audio.
 * What longer frames say is reached by the targets of levels and words. */
static size_t longest(const struct hz_setup *setup)
{
    double n = setup->rate_hz * (setup->audio || setup->rate_hz < 40e3 ? 0.010 : 0.028);
    return n < SAMPLES_MAX ? (size_t)n : SAMPLES_MAX;
}

/* Silence, then one bit after another, head->hold samples each; the number of samples. */
static size_t key_bits(const struct fuzz_head *head, bool audio, const uint8_t *data, size_t size,
                       size_t most, float *out)
{
    size_t hold = head->hold ? head->hold : 1, n = size * 8 * hold;
    n = n < most - QUIET ? n : most - QUIET;
    const float step = (float)head->deviation / 128 * 3.14159265f;
    const float tone_step[] = {(float)head->tone[0] / 256 * 3.14159265f,
                               (float)head->tone[1] / 256 * 3.14159265f};
    float phase = 0, tone = 0;
    memset(out, 0, 2 * QUIET * sizeof *out);
    out += audio ? QUIET : 2 * QUIET;
    for (size_t i = 0; i < n; i++) {
        unsigned bit = bit_at(data, i / hold);
        float x = bit ? 1 : -1;
        if (head->flags & FUZZ_TONES) {
            tone = remainderf(tone + tone_step[bit], 6.2831853f);
            x = sinf(tone);
        }
        if (audio) {
            out[i] = x;
            continue;
        }
        float level = head->flags & FUZZ_ON_OFF ? (float)bit : 1;
        phase = remainderf(phase + step * x, 6.2831853f);
        out[2 * i] = level * cosf(phase);
        out[2 * i + 1] = level * sinf(phase);
    }
    return n + QUIET;
}

/* Bytes as samples of 8 bits, or as the bits of a float, which a recording may hold any of. */
static size_t copy_samples(const struct fuzz_head *head, bool audio, const uint8_t *data,
                           size_t size, size_t most, float *out)
{
    size_t width = audio ? 1 : 2, bytes = head->flags & FUZZ_FLOATS ? sizeof(float) : 1;
    size_t n = size / width / bytes < most ? size / width / bytes : most;
    if (head->flags & FUZZ_FLOATS) {
        memcpy(out, data, n * width * sizeof(float));
        return n;
    }
    for (size_t i = 0; i < n * width; i++)
        out[i] = (float)(int8_t)data[i] / 128;
    return n;
}

/* Empties the arena: what a record tells is JSON, whatever was heard. */
static void take_records(struct hz_sink *sink)
{
    static char text[1 << 17];
    struct hz_record r;
    size_t at = 0;
    while (hz_sink_next(sink, &at, &r)) {
        struct hz_json j;
        hz_json_init(&j, text, sizeof text);
        hz_json_open(&j, NULL);
        hz_record_print(&r, &j);
        hz_json_close(&j);
        cJSON *o = j.full ? NULL : cJSON_ParseWithLength(text, j.len);
        const cJSON *own = cJSON_GetObjectItemCaseSensitive(o, sink->head->protocol);
        if (!o || (r.kind == HZ_KIND_MESSAGE && !fields_agree(&r, own)))
            abort();
        cJSON_Delete(o);
    }
    hz_sink_rewind(sink, (struct hz_stamp){.ns_per_sample = 1});
}

static void push_all(const struct hz_decoder *d, void *state, struct hz_sink *sink,
                     const struct fuzz_head *head, const struct hz_samples *all)
{
    size_t cut = 1 + (size_t)head->cut * 8;
    bool broken = false;
    for (size_t at = 0; at < all->n; at += cut) {
        struct hz_samples s = *all;
        s.data = (const char *)all->data + at * hz_format_bytes(all->format);
        s.n = all->n - at < cut ? all->n - at : cut;
        s.first = at;
        d->push(state, &s, sink);
        take_records(sink);
        if (!broken && head->reset == at >> 3) {
            d->reset(state, sink);
            broken = true;
        }
    }
    d->flush(state, sink);
    take_records(sink);
}

static double rate_of(const struct hz_decoder *d, const struct fuzz_head *head)
{
    const double rates[] = {d->rate_hz, d->rate_min_hz, d->rate_max_hz, d->rate_wide_hz};
    double rate = rates[head->flags >> FUZZ_RATE_SHIFT & 3];
    return rate > 0 ? rate : d->rate_hz;
}

/* The defaults, but for one option of several words, if there is one. */
static void choose_options(const struct hz_decoder *d, unsigned number, void *options)
{
    char expected[256];
    hz_options_init(d->options, options);
    for (const struct hz_option *o = d->options; o && o->name; o++) {
        for (size_t i = 0; o->choices && o->choices[i]; i++) {
            if (number-- == 0)
                hz_option_set(o, options, o->choices[i], expected, sizeof expected);
        }
    }
}

/* Memory of a decoder's state, zeroed; kept from one input to the next, since new pages are a tenth
 * of all time. */
static void *state_of(const struct hz_decoder *d, size_t number)
{
    enum { DECODERS_MAX = 64 };
    static void *states[DECODERS_MAX];
    if (number >= DECODERS_MAX)
        abort();
    if (!states[number])
        states[number] = aligned_alloc(64, (d->state_size + 63) / 64 * 64);
    return memset(states[number], 0, d->state_size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static _Alignas(64) char arena[1 << 16];
    static float samples[2 * SAMPLES_MAX];
    struct fuzz_head head;
    size_t n_decoders = 0, n;
    while (hz_decoders[n_decoders])
        n_decoders++;
    if (size < sizeof head)
        return 0;
    memcpy(&head, data, sizeof head);
    data += sizeof head, size -= sizeof head;
    const struct hz_decoder *d = hz_decoders[head.decoder % n_decoders];
    bool known = head.flags & FUZZ_PLACE;
    double freq_hz = d->freqs_hz ? d->freqs_hz[0] : 100e6;
    _Alignas(max_align_t) unsigned char options[HZ_OPTIONS_SIZE] = {0};
    choose_options(d, head.option, options);
    struct hz_setup setup = {.rate_hz = rate_of(d, &head),
                             .centre_hz = freq_hz,
                             .freq_hz = freq_hz,
                             .latitude = known ? 48 : (double)NAN,
                             .longitude = known ? 11 : (double)NAN,
                             .audio = d->takes_audio && head.flags & FUZZ_AUDIO,
                             .options = options};
    size_t most = longest(&setup);
    if (head.flags & FUZZ_BITS)
        n = key_bits(&head, setup.audio, data, size, most, samples);
    else
        n = copy_samples(&head, setup.audio, data, size, most, samples);
    const struct hz_sink_head names = {"fuzz", "fuzz", d->name, freq_hz, NULL};
    struct hz_sink sink;
    char err[128];
    void *state = state_of(d, head.decoder % n_decoders);
    hz_sink_init(&sink, &names, arena, sizeof arena);
    if (d->init(state, &setup, err, sizeof err) == 0) {
        push_all(d, state, &sink, &head,
                 &(struct hz_samples){setup.audio ? HZ_F32 : HZ_CF32, samples, n, 0});
        if (d->done)
            d->done(state);
    }
    return 0;
}
