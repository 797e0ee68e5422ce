/* What is told of a strong burst that no declaration explains: a record of kind "burst" with its
 * carrier, its lengths and the best guess of its bits (docs/messages.md), and the lengths
 * themselves for `hertzd learn`. Pure; any thread. */
#ifndef HZ_PROTO_SENSORS_BURST_H
#define HZ_PROTO_SENSORS_BURST_H

#include "proto/decoder.h"
#include "proto/sensors/guess.h"

/* What looking at a burst takes: 60 kB, which the caller has. */
struct hz_burst_look {
    struct hz_pulses pulses;
    struct hz_guess guess;
};

/* Looks at n samples (pairs of I and Q, as setup tells), of which the first is `first` of the
 * decoder's input. Where they hold a strong burst, tells of it and returns true; weak ones and
 * noise, false. Where setup knows between which frequencies the burst was found, another one beside
 * it is false too. */
bool hz_burst_tell(struct hz_burst_look *look, const float *iq, size_t n,
                   const struct hz_setup *setup, uint64_t first, struct hz_sink *sink);

/* The lengths of a burst as bytes: whole microseconds of each length in turn, seven bits a byte,
 * the lowest first, the top bit set but in the last; a length of 0 stands before a silence between
 * rows. The first byte is 1 where the first length is on, bit 1 set where it is FSK. Returns how
 * many bytes; what does not fit is left out. */
size_t hz_burst_pack(const struct hz_pulses *p, uint8_t *out, size_t max);

/* And back: modulation, lengths, rows and classes. Any bytes; false: they hold no burst. */
bool hz_burst_unpack(struct hz_pulses *p, const uint8_t *in, size_t n);

enum { HZ_BURST_PACKED_MAX = 3 * HZ_PULSES_MAX };

#endif
