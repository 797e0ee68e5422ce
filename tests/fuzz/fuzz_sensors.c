/* Bursts through the engine of sensors, with a small set that has one of each kind of wave.
 *
 * Input: a byte that chooses how the rest is keyed, then bits: on and off or two tones, some
 * samples each. Whatever is keyed, readings lie within the burst and pass their checks. */
#include "config/sensors.h"
#include "proto/sensors/engine.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SAMPLES = 8192, RATE = 250000 };

static const char text[] =
    "[sensor ppm]\nmodel = A\nsync = +500 -4000\nzero = +500 -1000\none = +500 -2000\n"
    "tail = +500\nbits = 12\nrepeat = 2\ncheck = 0:4 == 9\n.id = 4:8\n"
    "[sensor pwm]\nmodel = B\nsync = (+620 -596)x4\nzero = +220 -392\none = +408 -204\n"
    "bits = 16\ncheck = 0:8 == 8:8\n.id = 0:8\n"
    "[sensor halves]\nmodel = C\nmodulation = fsk\npreamble = 010101001111\nzero = -52\n"
    "one = +52\ncode = dm\nbits = 24\ncheck = crc8(0:16, 7) == 16:8\n.id = 0:16\n"
    "[sensor none]\nmodel = D\nzero = -60 +60\none = +60 -60\nbits = 24\n"
    "check = 0:16 == 0xf953\n.id = 16:8\n";

static struct hz_engine engine;

static void ready(void)
{
    struct hz_sensor_set *set;
    char err[200];
    if (engine.classes)
        return;
    if (hz_sensor_set_of(&set, "fuzz", text, sizeof text - 1, err, sizeof err) < 0 ||
        hz_engine_init(&engine, set->classes, RATE, SAMPLES) < 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static float iq[2 * SAMPLES];
    if (size < 2)
        return 0;
    ready();
    size_t hold = 5 + data[0] % 128, n = 512;
    bool tones = data[0] & 128;
    double phase = 0;
    uint32_t random = 1;
    for (size_t i = 0; i < SAMPLES; i++) { /* a little noise, always the same */
        random = random * 1664525u + 1013904223u;
        iq[2 * i] = ((float)(random >> 16 & 255) - 127.5f) * 1e-4f;
        iq[2 * i + 1] = ((float)(random >> 24) - 127.5f) * 1e-4f;
    }
    for (size_t bit = 0; bit < 8 * (size - 1); bit++) {
        bool on = data[1 + bit / 8] >> bit % 8 & 1;
        for (size_t i = 0; i < hold && n < SAMPLES; i++, n++) {
            phase += 2 * M_PI * (tones ? (on ? 35e3 : -35e3) : 10e3) / RATE;
            iq[2 * n] += tones || on ? 0.3f * (float)cos(phase) : 0;
            iq[2 * n + 1] += tones || on ? 0.3f * (float)sin(phase) : 0;
        }
    }
    hz_engine_run(&engine, &(struct hz_engine_burst){.iq = iq, .n = SAMPLES});
    for (size_t i = 0; i < engine.n_found; i++) {
        const struct hz_reading *r = &engine.found[i].reading;
        if (!(r->fit >= 0 && r->fit <= 1) || r->repeats < 1 || !(r->end >= r->begin) ||
            !hz_sensor_judge(r->sensor, r->symbol, r->symbols, NULL))
            abort();
    }
    return 0;
}
