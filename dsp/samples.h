/* Sample formats, and a run of samples with its place in the stream.
 * Pure; any thread. Nothing here owns memory. */
#ifndef HZ_DSP_SAMPLES_H
#define HZ_DSP_SAMPLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a sample is. IQ first; then audio, of numbers of the same kinds in the same order. */
enum hz_format {
    HZ_CU8,  /* I, Q as unsigned bytes, zero at 127.5 (RTL-SDR) */
    HZ_CS8,  /* I, Q as signed bytes */
    HZ_CS16, /* I, Q as little-endian int16 */
    HZ_CF32, /* I, Q as float, full scale 1.0 */
    HZ_CU16, /* I, Q as unsigned numbers, zero in the middle */
    HZ_CU32,
    HZ_CS24, /* I, Q as signed numbers of 3 and 4 bytes */
    HZ_CS32,
    HZ_CF64,    /* I, Q as double, full scale 1.0 */
    HZ_CS16_BE, /* the same, but big-endian */
    HZ_CF32_BE,
    HZ_CU16_BE,
    HZ_CU32_BE,
    HZ_CS24_BE,
    HZ_CS32_BE,
    HZ_CF64_BE,
    HZ_IQ_FORMATS,

    HZ_U8 = HZ_IQ_FORMATS, /* audio of one channel */
    HZ_S8,
    HZ_S16,
    HZ_F32,
    HZ_STEREO = 2 * HZ_IQ_FORMATS, /* audio of two channels, of which the mean is meant */
    HZ_FORMATS = 3 * HZ_IQ_FORMATS
};

/* Which channel of audio is meant, where there are two. */
enum hz_ear { HZ_EAR_BOTH, HZ_EAR_LEFT, HZ_EAR_RIGHT };

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

/* Audio of one or two channels of the numbers that an IQ format has for I and Q. */
enum hz_format hz_format_audio(enum hz_format iq, unsigned channels);

/* "cu8", "cs16", "cs16_be"; of audio "u8", "s16", with two channels "s16 stereo". */
const char *hz_format_name(enum hz_format format);

/* Format of IQ or of audio of one channel by its name, or as SigMF calls it ("ci16_le", "rf32_be");
 * -EINVAL when there is none of that name. */
int hz_format_parse(const char *name, enum hz_format *format);

#endif
