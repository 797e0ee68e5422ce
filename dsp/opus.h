/* Speech as Opus packets (RFC 6716), by libopus: 20 ms each, mono.
 *
 * Speech of radio channels ends near 3 kHz. It is coded as "medium band" (to 6 kHz) at 16 kbit/s on
 * average: a tone keeps its level within 0.3 dB, which narrow band (to 4 kHz) at that rate does
 * not. Wide band costs a quarter more and sounds the same.
 *
 * Memory is allocated in hz_opus_new only. Pure; one thread at a time. */
#ifndef HZ_DSP_OPUS_H
#define HZ_DSP_OPUS_H

#include <stddef.h>
#include <stdint.h>

enum {
    HZ_OPUS_PACKET_MAX = 320, /* bytes: far above what 16 kbit/s needs */
    HZ_OPUS_CLOCK_HZ = 48000, /* of all positions in Ogg Opus, whatever the rate of the speech */
    HZ_OPUS_PACKET_TICKS = HZ_OPUS_CLOCK_HZ / 50, /* a packet's 20 ms by that clock */
    /* Ticks before the first sample in what a decoder delivers ("pre-skip"), at 16 kHz. */
    HZ_OPUS_SKIP_TICKS = 312,
};

struct hz_opus;

/* "libopus 1.3.1": who made the packets. */
const char *hz_opus_version(void);

/* Of speech at rate_hz: 8000, 12000, 16000, 24000 or 48000. NULL: no memory, or another rate. */
struct hz_opus *hz_opus_new(unsigned rate_hz);
void hz_opus_free(struct hz_opus *o); /* NULL is allowed */
unsigned hz_opus_rate(const struct hz_opus *o);

/* Forgets what was coded: what follows does not depend on it. */
void hz_opus_reset(struct hz_opus *o);

/* Codes n samples, at most 20 ms; what is missing of them is silence. Returns the bytes of the
 * packet; 0: it failed. */
size_t hz_opus_code(struct hz_opus *o, const int16_t *pcm, size_t n,
                    uint8_t packet[HZ_OPUS_PACKET_MAX]);

#endif
