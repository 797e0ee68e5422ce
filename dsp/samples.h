/* Sample formats, and a run of samples with its position in the stream. Pure: any thread. Nothing
 * here owns memory. */
#ifndef HZ_DSP_SAMPLES_H
#define HZ_DSP_SAMPLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Formats of a sample: first IQ, then audio with the same number formats in the same order. */
enum hz_format {
    HZ_CU8,  /* I, Q as unsigned bytes, zero at 127.5 (RTL-SDR) */
    HZ_CS8,  /* I, Q as signed bytes */
    HZ_CS16, /* I, Q as little-endian int16 */
    HZ_CF32, /* I, Q as float, full scale 1.0 */
    HZ_CU16, /* I, Q as unsigned numbers of 2 and 4 bytes, zero in the middle of the range */
    HZ_CU32,
    HZ_CS24, /* I, Q as signed numbers of 3 and 4 bytes, little-endian */
    HZ_CS32,
    HZ_CF64,    /* I, Q as double, full scale 1.0 */
    HZ_CS16_BE, /* from here on big-endian */
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
    HZ_STEREO = 2 * HZ_IQ_FORMATS, /* audio of two channels */
    HZ_FORMATS = 3 * HZ_IQ_FORMATS
};

/* Which channel of stereo audio is used; HZ_EAR_BOTH: the mean of both. */
enum hz_ear { HZ_EAR_BOTH, HZ_EAR_LEFT, HZ_EAR_RIGHT };

/* A run of consecutive samples. `first` is the index of the first one, counted from the start of
 * the stream's epoch. */
struct hz_samples {
    enum hz_format format;
    const void *data;
    size_t n; /* samples (pairs for IQ), not bytes */
    uint64_t first;
};

/* Removes n (at most s->n) samples from the front. */
void hz_samples_pass(struct hz_samples *s, size_t n);

/* Bytes of one sample (a pair for IQ). */
size_t hz_format_bytes(enum hz_format format);

/* Whether the format is IQ, not audio. */
bool hz_format_is_iq(enum hz_format format);

/* The audio format of one or two channels with the number format of an IQ format. */
enum hz_format hz_format_audio(enum hz_format iq, unsigned channels);

/* The name: IQ "cu8", "cs16", "cs16_be"; audio "u8", "s16"; stereo "s16 stereo". */
const char *hz_format_name(enum hz_format format);

/* Finds the IQ or mono audio format of a name, also as SigMF spells it ("ci16_le", "rf32_be"). 0,
 * or -EINVAL for an unknown name. */
int hz_format_parse(const char *name, enum hz_format *format);

#endif
