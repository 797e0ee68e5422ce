/* Blocks of any sizes at any times through the sample clock, on USB and on TCP: what it tells is
 * finite and possible, and what arrives evenly is no loss, once what
 * came before is settled. */
#include "daemon/receive/clock.h"

#include <math.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SETTLING = 4 }; /* losses that what came before may still be reported as */

struct run {
    struct hz_clock clock;
    double rate;
    int64_t began, now; /* monotonic, ns */
    uint64_t counted, reported;
};

static bool block(struct run *r, uint64_t samples, int64_t after_ns)
{
    struct hz_clock_loss loss;
    r->counted += samples;
    r->now += after_ns;
    bool found = hz_clock_block(&r->clock, r->counted, r->now, r->now + 1000000000, &loss);
    if (found) {
        r->reported += loss.samples;
        if (loss.samples == 0 || loss.sample > r->counted || !(loss.sigma >= 1))
            abort();
        if ((double)r->reported > ((double)(r->now - r->began) / 1e9 + 10) * r->rate)
            abort(); /* more than there was time for */
        r->counted += loss.samples;
    }
    struct hz_stamp s = hz_clock_stamp(&r->clock, r->counted);
    double received = r->rate, ppm = hz_clock_ppm(&r->clock);
    enum hz_clock_pace pace = hz_clock_pace(&r->clock, &received);
    if (s.sample != r->counted || !isfinite(s.ns_per_sample) || isinf(ppm) || !(received >= 0))
        abort();
    if (pace != HZ_CLOCK_ON_TIME && r->clock.path == HZ_PATH_USB)
        abort();
    return found;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const double rates[] = {225001, 250e3, 2.4e6, 3.2e6};
    static const int64_t units_ns[] = {1000, 100000, 16000000, 250000000};
    if (size < 1)
        return 0;
    struct run r = {.rate = rates[data[0] >> 1 & 3], .now = 1000000000};
    uint64_t unit = (uint64_t)(r.rate * 0.016);
    enum hz_source_path path = data[0] & 1 ? HZ_PATH_TCP : HZ_PATH_USB;
    hz_clock_start(&r.clock, r.rate, path);
    r.began = r.now;
    for (size_t i = 1; i + 2 < size; i += 3) {
        int64_t after = units_ns[data[i] & 3] * data[i + 1];
        for (int k = 0; k <= data[i] >> 2; k++) /* up to 64 alike */
            block(&r, unit / 16 * (1 + data[i + 2] % 64), after);
    }
    int reported = 0;
    for (int i = 0; i < 3000; i++) /* 48 s */
        reported += block(&r, unit, (int64_t)((double)unit / r.rate * 1e9));
    if (reported > SETTLING)
        abort();
    return 0;
}
