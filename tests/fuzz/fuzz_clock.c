/* Blocks of any sizes at any times through the sample clock, on USB and on TCP: what it tells is
 * finite and possible, and what arrives evenly is no loss, once what came before is settled. The
 * clock has just started, or (bit 3 of the first byte) has heard even blocks for 48 s. */
#include "daemon/receive/clock.h"

#include <math.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    SETTLING = 4, /* losses that what came before may still be reported as */
    EVEN_MS = 64, /* of a block that arrives evenly */
    EVEN = 750,   /* of these: 48 s */
};

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

/* The number of losses found in 48 s of even blocks. */
static int run_evenly(struct run *r)
{
    uint64_t samples = (uint64_t)(r->rate * EVEN_MS / 1000);
    int found = 0;
    for (int i = 0; i < EVEN; i++)
        found += block(r, samples, (int64_t)((double)samples / r->rate * 1e9));
    return found;
}

/* Settled clocks are made once and copied. */
static struct run begin(unsigned rate, enum hz_source_path path, bool settled)
{
    static const double rates[] = {225001, 250e3, 2.4e6, 3.2e6};
    static struct run made[2][4];
    struct run *ready = &made[path == HZ_PATH_TCP][rate];
    struct run r = {.rate = rates[rate], .now = 1000000000};
    if (settled && ready->began != 0)
        return *ready;
    hz_clock_start(&r.clock, r.rate, path);
    r.began = r.now;
    if (settled) {
        if (run_evenly(&r) != 0)
            abort();
        *ready = r;
    }
    return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int64_t units_ns[] = {1000, 100000, 16000000, 250000000};
    if (size < 1)
        return 0;
    struct run r =
        begin(data[0] >> 1 & 3, data[0] & 1 ? HZ_PATH_TCP : HZ_PATH_USB, data[0] >> 3 & 1);
    uint64_t unit = (uint64_t)(r.rate * 0.016);
    for (size_t i = 1; i + 2 < size; i += 3) {
        int64_t after = units_ns[data[i] & 3] * data[i + 1];
        for (int k = 0; k <= data[i] >> 2; k++) /* up to 64 alike */
            block(&r, unit / 16 * (1 + data[i + 2] % 64), after);
    }
    if (run_evenly(&r) > SETTLING)
        abort();
    return 0;
}
