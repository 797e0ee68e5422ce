/* Any bytes as the samples of a burst, and as the lengths of several: what is told of them is valid
 * JSON, lengths come back as they were, and what is learnt from them is a declaration that the
 * language understands. */
#include "config/sensors.h"
#include "proto/sensors/burst.h"
#include "proto/sensors/learn.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SAMPLES = 4096, TEXT = 64 * 1024, LEARN_BYTES = 300 };

static struct hz_burst_look look;

/* What the sink got. */
static void check_records(const struct hz_sink *sink)
{
    static struct hz_pulses back;
    struct hz_record rec;
    size_t at = 0;
    while (hz_sink_next(sink, &at, &rec)) {
        static char text[TEXT];
        if (rec.kind != HZ_KIND_BURST || rec.json_len + 3 > sizeof text)
            abort();
        int n = snprintf(text, sizeof text, "{%.*s}", (int)rec.json_len, rec.json);
        cJSON *line = cJSON_ParseWithLength(text, (size_t)n);
        if (!line || !cJSON_GetObjectItem(line, "burst"))
            abort();
        cJSON_Delete(line);
        if (!hz_burst_unpack(&back, rec.raw, rec.raw_len) || back.n_rows != look.pulses.n_rows)
            abort();
    }
}

static void samples(const uint8_t *data, size_t size)
{
    static float iq[2 * SAMPLES];
    static char arena[TEXT];
    static const struct hz_sink_head head = {"rx", "sensors", "sensors", 433.92e6, NULL};
    const struct hz_setup setup = {.rate_hz = 250000, .centre_hz = 433.9e6};
    struct hz_sink sink;
    size_t n = size / 2 < SAMPLES ? size / 2 : SAMPLES;
    for (size_t i = 0; i < 2 * n; i++)
        iq[i] = ((float)data[i] - 127.5f) / 128;
    hz_sink_init(&sink, &head, arena, sizeof arena);
    hz_sink_rewind(&sink, (struct hz_stamp){.ns_per_sample = 4000});
    hz_burst_tell(&look, iq, n, &setup, 0, &sink);
    check_records(&sink);
}

/* Pieces of the input as bursts of one device, and what is proposed from them. */
static void learn(const uint8_t *data, size_t size)
{
    static char text[TEXT];
    static struct hz_pulses p;
    struct hz_learn *l = hz_learn_new();
    char err[400];
    if (!l)
        return;
    size_t pieces = 1 + data[0] % 4, each = (size - 1) / pieces;
    for (size_t i = 0; i < pieces; i++) {
        const struct hz_learn_about about = {.recording = (int)(i / 2),
                                             .value = data[0] & 16 ? (double)data[1] / 4 : NAN,
                                             .step = 0.1,
                                             .mhz = 433.92};
        if (hz_burst_unpack(&p, data + 1 + i * each, each))
            hz_learn_add(l, &p, &about);
    }
    struct hz_sensor_set *set = NULL;
    if (hz_learn_run(l)) {
        size_t n = hz_learn_text(l, "fuzz", "value", text, sizeof text);
        if (n >= sizeof text || hz_sensor_set_of(&set, "fuzz", text, n, err, sizeof err) != 0) {
            fprintf(stderr, "%s\n%s", err, text);
            abort();
        }
        hz_sensor_set_unref(set);
    }
    hz_learn_free(l);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct hz_pulses p;
    static struct hz_guess g;
    if (size < 8)
        return 0;
    samples(data, size);
    if (hz_burst_unpack(&p, data, size))
        hz_guess_make(&g, &p);
    if (size < LEARN_BYTES)
        learn(data, size);
    return 0;
}
