/* Low-pass filter against neighbouring channels: pages of the usual deviation need only a channel
 * of 12.5 kHz, while the detector gets 20 kHz for those that are wider or off their frequency.
 * Pure; any thread. */
#ifndef HZ_PROTO_POCSAG_NARROW_H
#define HZ_PROTO_POCSAG_NARROW_H

#include <stddef.h>

enum { HZ_POCSAG_NARROW_TAPS = 91, HZ_POCSAG_NARROW_HALF = HZ_POCSAG_NARROW_TAPS / 2 };

/* Flat to 6.25 kHz, 60 dB down from 7.25 kHz on: a neighbour 12.5 kHz away fills the rest. */
#define HZ_POCSAG_NARROW_HZ 6250.0

struct hz_pocsag_narrow {
    float tap[HZ_POCSAG_NARROW_TAPS];
};

void hz_pocsag_narrow_init(struct hz_pocsag_narrow *f);

/* Writes out[2 n]: iq[2 n] filtered, without a delay. HZ_POCSAG_NARROW_HALF samples before and
 * after it must be in memory. */
void hz_pocsag_narrow_run(const struct hz_pocsag_narrow *f, const float *iq, size_t n, float *out);

#endif
