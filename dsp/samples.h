/* Sample formats, and a run of samples with its place in the stream.
 * Pure; any thread. Nothing here owns memory. */
#ifndef HZ_DSP_SAMPLES_H
#define HZ_DSP_SAMPLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum hz_format {          /* IQ first */
                 HZ_CU8,  /* I, Q as unsigned bytes, zero at 127.5 (RTL-SDR) */
                 HZ_CS8,  /* I, Q as signed bytes */
                 HZ_CS16, /* I, Q as little-endian int16 */
                 HZ_CF32, /* I, Q as float, full scale 1.0 */
                 HZ_F32,  /* real audio as float, full scale 1.0 */
                 HZ_S16,  /* real audio as little-endian int16 */
                 HZ_U8,   /* real audio as unsigned bytes, zero at 127.5 */
                 HZ_FORMATS
};

/* A run of consecutive samples. `first` counts samples of this stream since its epoch began. */
struct hz_samples {
    enum hz_format format;
    const void *data;
    size_t n; /* samples (pairs for IQ), not bytes */
    uint64_t first;
};

/* Takes n (at most s->n) samples off the front. */
void hz_samples_pass(struct hz_samples *s, size_t n);

/* Bytes of one sample (a pair for IQ). */
size_t hz_format_bytes(enum hz_format format);

/* Whether it is I and Q, not audio. */
bool hz_format_is_iq(enum hz_format format);

/* "cu8", "cs8", "cs16", "cf32", "f32", "s16", "u8". */
const char *hz_format_name(enum hz_format format);

/* Format by name; -EINVAL when there is none of that name. */
int hz_format_parse(const char *name, enum hz_format *format);

#endif
