/* The POCSAG decoder as the rest of hertzd sees it: pages out of the detector, described and
 * written to the sink. One instance for each channel. */
#include "proto/decoder.h"
#include "proto/pocsag/describe.h"
#include "proto/pocsag/detect.h"

#include <errno.h>
#include <stdio.h>

extern const struct hz_decoder hz_pocsag_decoder;

struct pocsag {
    struct hz_pocsag_detect detect;
    bool keep_all;
    struct hz_pocsag_network network;
};

/* What the detector's listener needs to write a message. */
struct writer {
    struct pocsag *p;
    struct hz_sink *sink;
};

static int pocsag_init(void *state, const struct hz_setup *setup, char *err, size_t err_len)
{
    struct pocsag *p = state;
    if (setup->rate_hz != HZ_POCSAG_RATE_HZ) {
        snprintf(err, err_len, "sample rate %.10g Hz, pocsag needs %d", setup->rate_hz,
                 HZ_POCSAG_RATE_HZ);
        return -EINVAL;
    }
    if (hz_pocsag_detect_init(&p->detect, setup->audio) != 0) {
        snprintf(err, err_len, "no memory for the pocsag detector");
        return -ENOMEM;
    }
    p->keep_all = setup->keep_all;
    p->network = (struct hz_pocsag_network){setup->charset, setup->contents};
    return 0;
}

static void found(void *ctx, const struct hz_pocsag_page *page, const struct hz_pocsag_line *line,
                  const struct hz_burst *burst)
{
    const struct writer *w = ctx;
    if (!w->p->keep_all && page->quality < hz_pocsag_quality_kept) {
        hz_sink_refuse(w->sink, HZ_SANITY);
        return;
    }
    struct hz_json *j = hz_sink_begin(w->sink, burst);
    hz_pocsag_describe(page, line, &w->p->network, j);
    hz_sink_end(w->sink);
}

static void refused(void *ctx, enum hz_reason reason)
{
    const struct writer *w = ctx;
    hz_sink_refuse(w->sink, reason);
}

static struct hz_pocsag_listener listener(struct writer *w)
{
    return (struct hz_pocsag_listener){.ctx = w, .found = found, .refused = refused};
}

static void pocsag_push(void *state, const struct hz_samples *samples, struct hz_sink *sink)
{
    struct writer w = {state, sink};
    struct hz_pocsag_listener out = listener(&w);
    hz_pocsag_detect_push(&w.p->detect, samples, &out);
}

/* A reset and the end alike decode what is held and forget it. */
static void pocsag_flush(void *state, struct hz_sink *sink)
{
    struct writer w = {state, sink};
    struct hz_pocsag_listener out = listener(&w);
    hz_pocsag_detect_flush(&w.p->detect, &out);
}

static void pocsag_done(void *state)
{
    struct pocsag *p = state;
    hz_pocsag_detect_done(&p->detect);
}

const struct hz_decoder hz_pocsag_decoder = {
    .name = "pocsag",
    .title = "POCSAG: messages to pagers",
    .input = HZ_INPUT_BASEBAND,
    .rate_min_hz = HZ_POCSAG_RATE_HZ,
    .rate_max_hz = HZ_POCSAG_RATE_HZ,
    .rate_hz = HZ_POCSAG_RATE_HZ,
    .bandwidth_hz = 20000, /* tones 6.5 kHz from a carrier that is 2.5 kHz off, and more */
    /* DAPNET of radio amateurs; e*Message in Germany; Britain; the Netherlands; North America. */
    .freqs_hz = (const double[]){439.9875e6, 466.075e6, 448.475e6, 466.23e6, 153.35e6, 138.225e6,
                                 169.65e6, 172.45e6, 152.0075e6, 0},
    .takes_audio = true,
    .knows_charset = true,
    .knows_contents = true,
    .state_size = sizeof(struct pocsag),
    .init = pocsag_init,
    .push = pocsag_push,
    .reset = pocsag_flush,
    .flush = pocsag_flush,
    .done = pocsag_done,
    .fields = hz_pocsag_fields,
};
