/* The wmbus decoder as the rest of hertzd sees it. One instance for each channel. */
#include "proto/decoder.h"
#include "proto/wmbus/describe.h"
#include "proto/wmbus/receive.h"

#include "dsp/hops.h"

#include <errno.h>
#include <stdio.h>

extern const struct hz_decoder hz_wmbus_decoder;

enum {
    RATE_HZ = 400000, /* four samples a chip of modes T and C */
    HOP = 4800,
    BEFORE = 64, /* samples in front of a hop: the margin of a pattern at its beginning */
    FINDERS = 2,
};

/* Which modes a channel listens for. */
enum listens { LISTENS_AUTO, LISTENS_TC, LISTENS_S, LISTENS_ALL };

struct options {
    enum listens modes;
};

static const char *const words[] = {"auto", "tc", "s", "all", NULL};

static const struct hz_option options[] = {
    {.name = "modes",
     .type = HZ_OPTION_CHOICE,
     .at = offsetof(struct options, modes),
     .choices = words,
     .fallback = "auto",
     .help = "`tc` (T1 and C1), `s` (S1), `all`, or `auto`: `s` up to 868.6 MHz, else `tc`"},
    {0},
};

/* What listens for one mode. */
struct finder {
    struct hz_wmbus_search search;
    struct hz_wmbus_receive receive;
};

struct wmbus {
    struct hz_hops hops;
    struct finder finder[FINDERS];
    size_t finders;
    uint64_t after; /* samples up to here belong to a telegram */
    struct hz_wmbus_state state;
};

static void wmbus_done(void *state)
{
    struct wmbus *w = state;
    for (size_t i = 0; i < FINDERS; i++) {
        hz_wmbus_search_done(&w->finder[i].search);
        hz_wmbus_receive_done(&w->finder[i].receive);
    }
    hz_hops_done(&w->hops);
}

static bool wants(const struct hz_setup *setup, enum listens what)
{
    const struct options *o = setup->options;
    enum listens modes = o ? o->modes : LISTENS_AUTO;
    if (modes == LISTENS_AUTO)
        modes = setup->freq_hz <= 868.6e6 ? LISTENS_S : LISTENS_TC;
    return modes == LISTENS_ALL || modes == what;
}

static int add_finder(struct wmbus *w, const struct hz_wmbus_mode *mode)
{
    struct finder *f = &w->finder[w->finders];
    int rc = hz_wmbus_search_init(&f->search, mode, RATE_HZ, HOP);
    rc = rc == 0 ? hz_wmbus_receive_init(&f->receive, mode, RATE_HZ) : rc;
    w->finders += rc == 0;
    return rc;
}

static int start(struct wmbus *w, const struct hz_setup *setup)
{
    size_t behind = 0;
    int rc = 0;
    if (wants(setup, LISTENS_TC))
        rc = add_finder(w, &hz_wmbus_tc);
    if (rc == 0 && wants(setup, LISTENS_S))
        rc = add_finder(w, &hz_wmbus_s);
    for (size_t i = 0; i < w->finders; i++)
        if (w->finder[i].receive.samples > behind)
            behind = w->finder[i].receive.samples;
    struct hz_hops_shape shape = {.width = 2,
                                  .hop = HOP,
                                  .before = BEFORE,
                                  .behind = behind,
                                  .room = BEFORE + 4 * HOP + behind};
    return rc == 0 ? hz_hops_init(&w->hops, &shape) : rc;
}

static int wmbus_init(void *state, const struct hz_setup *setup, char *err, size_t err_len)
{
    struct wmbus *w = state;
    if (setup->rate_hz != RATE_HZ) {
        snprintf(err, err_len, "sample rate %.10g Hz, wmbus needs %d", setup->rate_hz, RATE_HZ);
        return -EINVAL;
    }
    if (setup->keys)
        w->state.keys = *setup->keys;
    if (start(w, setup) != 0) {
        wmbus_done(w);
        snprintf(err, err_len, "no memory for the wmbus receiver");
        return -ENOMEM;
    }
    return 0;
}

static void tell(struct wmbus *w, const struct hz_wmbus_found *found, struct hz_sink *sink)
{
    uint64_t hop = w->hops.next - BEFORE;
    double begin = found->begin > 0 || hop > 0 ? found->begin : 0;
    struct hz_burst burst = {.sample = (uint64_t)((double)hop + begin),
                             .end = (uint64_t)((double)hop + found->end),
                             .rssi_dbfs = NAN,
                             .noise_dbfs = NAN,
                             .snr_db = NAN,
                             .offset_hz = (float)(found->carrier * RATE_HZ),
                             .fixed_bits = found->fixed,
                             .raw = found->bytes,
                             .raw_len = found->n};
    const struct hz_wmbus_way way = {found->mode, found->format};
    struct hz_json *j = hz_sink_begin(sink, &burst);
    hz_wmbus_describe(&w->state, &way, found->bytes, found->n, j);
    hz_sink_end(sink);
}

static void search(struct wmbus *w, struct finder *f, struct hz_sink *sink)
{
    struct hz_wmbus_place place[HZ_WMBUS_FOUND];
    struct hz_wmbus_found found;
    size_t left, n = HOP + w->hops.shape.behind;
    const float *iq = hz_hops_at(&w->hops, w->hops.next);
    size_t count = hz_wmbus_search_run(&f->search, iq, place, &left);
    for (; left > 0; left--)
        hz_sink_refuse(sink, HZ_SHED);
    for (size_t i = 0; i < count; i++) {
        if (w->hops.next + place[i].at < w->after)
            continue;
        enum hz_reason why = hz_wmbus_receive_run(&f->receive, iq, BEFORE, n, &place[i], &found);
        if (why != HZ_MESSAGE) {
            hz_sink_refuse(sink, why);
            continue;
        }
        w->after = w->hops.next + (uint64_t)found.end;
        tell(w, &found, sink);
    }
}

static void hop(struct wmbus *w, struct hz_sink *sink)
{
    for (size_t i = 0; i < w->finders; i++)
        search(w, &w->finder[i], sink);
    w->hops.next += HOP;
}

static void wmbus_flush(void *state, struct hz_sink *sink)
{
    struct wmbus *w = state;
    uint64_t until = w->hops.held > 0 ? hz_hops_end(&w->hops) : 0;
    while (w->hops.held > 0 && hz_hops_drain(&w->hops, until))
        hop(w, sink);
    w->hops.held = 0;
    w->after = 0;
}

static void wmbus_push(void *state, const struct hz_samples *samples, struct hz_sink *sink)
{
    struct wmbus *w = state;
    struct hz_samples in = *samples;
    if (!hz_hops_continue(&w->hops, &in)) {
        wmbus_flush(w, sink);
        hz_hops_begin(&w->hops, in.first);
    }
    while (hz_hops_push(&w->hops, &in))
        hop(w, sink);
}

const struct hz_decoder hz_wmbus_decoder = {
    .name = "wmbus",
    .id = "id",
    .title = "Wireless M-Bus: readings of meters for water, heat, gas and electricity",
    .input = HZ_INPUT_BASEBAND,
    .rate_min_hz = RATE_HZ,
    .rate_max_hz = RATE_HZ,
    .rate_hz = RATE_HZ,
    .bandwidth_hz = 300000, /* tones 80 kHz from a carrier that is 25 kHz off, and more */
    .freqs_hz = (const double[]){868.95e6, 868.3e6, 0},
    .state_size = sizeof(struct wmbus),
    .wants_keys = true,
    .quiet_ns = 27,
    .busy_ns = 35,
    .options = options,
    .options_size = sizeof(struct options),
    .init = wmbus_init,
    .push = wmbus_push,
    .reset = wmbus_flush,
    .flush = wmbus_flush,
    .done = wmbus_done,
    .fields = hz_wmbus_fields,
    .schema = "'envelope': {'required': ['raw']}, 'required': ['mode', 'format', 'id', "
              "'manufacturer', 'version', 'type', 'type_code', 'control']",
};
