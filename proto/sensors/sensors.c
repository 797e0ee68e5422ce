/* Sensors, remotes, tyres, meters: the decoder of a burst. The samples of the burst are held and
 * decoded when it is over, or when there is no room for more of it: then with what was before the
 * border as well, so that a frame across it is not lost. */
#include "dsp/level.h"
#include "proto/decoder.h"
#include "proto/sensors/burst.h"
#include "proto/sensors/coded_tell.h"
#include "proto/sensors/engine.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const struct hz_decoder hz_sensors_decoder;

#define RATE_MIN_HZ  200000
#define RATE_HZ      250000
#define RATE_WIDE_HZ 500000
#define HELD_S       2.6 /* of a burst that are decoded together: twelve frames of 200 ms */
#define AGAIN_S      0.3 /* of them that are decoded with what follows: the longest frames */

enum { TOLD_MAX = 16 };

/* What was told of this burst, so that a part that is decoded twice is told once. */
struct told {
    const struct hz_sensor *sensor;
    uint64_t end;
    uint32_t hash;
};

struct state {
    struct hz_setup setup;
    float *iq;
    size_t n, room;
    uint64_t first; /* index of iq[0] */
    struct hz_engine engine;
    double coded_after;         /* samples of iq up to which coded frames were told */
    struct hz_burst_look *look; /* at what nothing explains */
    struct told told[TOLD_MAX];
    size_t n_told;
};

static void sensors_done(void *state)
{
    struct state *s = state;
    free(s->iq);
    free(s->look);
    hz_engine_done(&s->engine);
}

static int sensors_init(void *state, const struct hz_setup *setup, char *err, size_t err_len)
{
    struct state *s = state;
    if (!(setup->rate_hz >= RATE_MIN_HZ && setup->rate_hz <= RATE_WIDE_HZ)) {
        snprintf(err, err_len, "sample rate %.10g Hz, sensors need %d to %d", setup->rate_hz,
                 RATE_MIN_HZ, RATE_WIDE_HZ);
        return -EINVAL;
    }
    s->setup = *setup;
    if (!setup->sensors) /* nothing is declared: nothing is heard */
        return 0;
    s->room = (size_t)(HELD_S * setup->rate_hz);
    s->iq = malloc(s->room * 2 * sizeof *s->iq);
    s->look = malloc(sizeof *s->look);
    if (s->iq && s->look &&
        hz_engine_init(&s->engine, setup->sensors->classes, setup->rate_hz, s->room) == 0)
        return 0;
    free(s->iq);
    free(s->look);
    s->iq = NULL;
    s->look = NULL;
    snprintf(err, err_len, "no memory for a burst of %g s", HELD_S);
    return -ENOMEM;
}

/* ---- messages ------------------------------------------------------------------------------- */

static uint32_t hash_of(const struct hz_reading *r)
{
    uint32_t h = 2166136261u; /* FNV-1a */
    for (size_t i = 0; i < r->symbols; i++)
        h = (h ^ r->symbol[i]) * 16777619u;
    return h;
}

/* Whether it was told when the part before was decoded; else remembers it. */
static bool told_before(struct state *s, const struct hz_reading *r, uint64_t begin, uint64_t end)
{
    uint32_t hash = hash_of(r);
    for (size_t i = 0; i < s->n_told; i++) {
        struct told *t = &s->told[i];
        if (t->sensor == r->sensor && t->hash == hash && begin < t->end + s->room / 4) {
            t->end = end;
            return true;
        }
    }
    s->told[s->n_told < TOLD_MAX ? s->n_told++ : hash % TOLD_MAX] =
        (struct told){r->sensor, end, hash};
    return false;
}

static size_t pack(const struct hz_reading *r, uint8_t *bytes)
{
    uint8_t data[HZ_SENSOR_SYMBOLS_MAX];
    size_t n = hz_sensor_data(r->sensor, r->symbol, r->symbols, data);
    memset(bytes, 0, HZ_SENSOR_DATA_MAX / 8);
    for (size_t i = 0; i < n; i++)
        bytes[i / 8] |= (uint8_t)(data[i] << (7 - i % 8));
    return (n + 7) / 8;
}

/* Whether a reading is more than likely: one that rests on few checked bits and few repeats may be
 * an accident. */
static bool confirmed(const struct hz_reading *r)
{
    return r->strength >= 12 || (r->strength >= 4 && r->repeats >= 3);
}

static void tell(struct state *s, const struct hz_found *f, struct hz_sink *sink)
{
    const struct hz_reading *r = &f->reading;
    uint64_t begin = s->first + (uint64_t)fmax(r->begin, 0), end = s->first + (uint64_t)r->end;
    if (told_before(s, r, begin, end))
        return;
    uint8_t raw[HZ_SENSOR_DATA_MAX / 8];
    struct hz_burst burst = {.sample = begin,
                             .end = end,
                             .rssi_dbfs = hz_db(f->level),
                             .noise_dbfs = hz_db(f->noise),
                             .offset_hz = (float)f->freq_hz,
                             .fixed_bits = r->flips,
                             .raw = raw,
                             .raw_len = pack(r, raw)};
    burst.snr_db = burst.rssi_dbfs - burst.noise_dbfs;
    struct hz_json *j = hz_sink_begin(sink, &burst);
    hz_sensor_fields(r->sensor, r->symbol, r->symbols, j);
    hz_json_str(j, "mod", f->deviation_hz > 0 ? "FSK" : "ASK");
    if (f->deviation_hz > 0)
        hz_json_decimals(j, "deviation_hz", f->deviation_hz, 0);
    hz_json_int(j, "repeats", r->repeats);
    hz_json_decimals(j, "fit", (double)r->fit, 2);
    hz_json_int(j, "strength", r->strength < 0 ? 0 : r->strength);
    if (!confirmed(r))
        hz_json_bool(j, "confirmed", false);
    if (f->n_twins > 0) {
        hz_json_open_array(j, "twins");
        for (size_t i = 0; i < f->n_twins; i++)
            hz_json_str(j, NULL, f->twin[i]->model);
        hz_json_close_array(j);
    }
    hz_sink_end(sink);
}

static void decode(struct state *s, struct hz_sink *sink)
{
    struct hz_engine *e = &s->engine;
    struct hz_engine_burst b = {.iq = s->iq,
                                .n = s->n,
                                .bandwidth_hz = s->setup.bandwidth_hz,
                                .share = s->setup.burst_share,
                                .low_hz = s->setup.burst_low_hz,
                                .high_hz = s->setup.burst_high_hz};
    struct hz_coded_spans coded;
    hz_engine_run(e, &b);
    hz_coded_tell(e, &b, s->first, s->coded_after, &coded, sink);
    bool explained = false; /* by a reading that is more than likely */
    for (size_t i = 0; i < e->n_found; i++) {
        const struct hz_found *f = &e->found[i];
        explained = explained || confirmed(&f->reading);
        if (!f->doubtful || !hz_coded_covers(&coded, f->reading.begin, f->reading.end))
            tell(s, f, sink);
    }
    if (coded.n > 0)
        return;
    if (e->shed > 0)
        hz_sink_refuse(sink, HZ_SHED);
    else if (e->n_found == 0)
        hz_sink_refuse(sink, HZ_NO_PREAMBLE);
    if (!explained)
        hz_burst_tell(s->look, s->iq, s->n, &s->setup, s->first, sink);
}

/* ---- samples -------------------------------------------------------------------------------- */

static void sensors_push(void *state, const struct hz_samples *in, struct hz_sink *sink)
{
    struct state *s = state;
    struct hz_samples rest = *in;
    if (!s->iq)
        return;
    if (s->n == 0)
        s->first = rest.first;
    while (rest.n > 0) {
        size_t n = s->room - s->n < rest.n ? s->room - s->n : rest.n;
        memcpy(s->iq + 2 * s->n, rest.data, n * 2 * sizeof *s->iq);
        s->n += n;
        hz_samples_pass(&rest, n);
        if (s->n < s->room)
            return;
        decode(s, sink);
        size_t again = (size_t)(AGAIN_S * s->setup.rate_hz);
        memmove(s->iq, s->iq + 2 * (s->n - again), again * 2 * sizeof *s->iq);
        s->first += s->n - again;
        s->coded_after = (double)again;
        s->n = again;
    }
}

static void sensors_flush(void *state, struct hz_sink *sink)
{
    struct state *s = state;
    if (s->n > 0)
        decode(s, sink);
    s->n = 0;
    s->n_told = 0;
    s->coded_after = 0;
}

static const struct hz_field fields[] = {
    {"model", "", "the model's name, as rtl_433 writes it; further fields are those of the model",
     "'type': 'string'"},
    {"mod", "", "how it is keyed: `ASK` (on and off) or `FSK`", "'enum': ['ASK', 'FSK']"},
    {"deviation_hz", "Hz", "FSK: from the carrier to a tone, as measured",
     "'type': 'number', 'minimum': 0"},
    {"repeats", "", "frames of the transmission that say the same",
     "'type': 'integer', 'minimum': 1"},
    {"fit", "", "how well the frame explains what was received: 1 is all that is to be expected",
     "'type': 'number', 'minimum': 0, 'maximum': 1"},
    {"strength", "bit", "bits of the frame that are fixed or checked, less what was tried",
     "'type': 'integer', 'minimum': 0"},
    {"confirmed", "", "`false`: few bits are checked and few frames were alike", "'const': false"},
    {"twins", "", "other models whose frames look the same", "'type': 'array'"},
    {0},
};

const struct hz_decoder hz_sensors_decoder = {
    .name = "sensors",
    .title = "Sensors, remotes, tyres, meters in the bands of 315, 433, 868 and 915 MHz",
    .input = HZ_INPUT_BURST,
    .wants_sensors = true,
    .rate_min_hz = RATE_MIN_HZ,
    .rate_max_hz = RATE_WIDE_HZ,
    .rate_hz = RATE_HZ,
    .rate_wide_hz = RATE_WIDE_HZ,
    .bandwidth_hz = 240e3,
    .freqs_hz = (const double[]){433.92e6, 868.3e6, 315e6, 310e6, 318.5e6, 345e6, 903e6, 906e6,
                                 909e6, 912e6, 915e6, 918e6, 921e6, 924e6, 927e6, 0},
    .quiet_ns = 1,
    .busy_ns = 200,
    .state_size = sizeof(struct state),
    .init = sensors_init,
    .push = sensors_push,
    .reset = sensors_flush,
    .flush = sensors_flush,
    .done = sensors_done,
    .fields = fields,
    .schema = "'required': ['model']",
};
