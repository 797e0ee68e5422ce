#include "dsp/samples.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* The names of IQ and of stereo audio. Mono audio has the name of IQ without its first letter. */
static const struct {
    const char *name, *stereo;
    size_t bytes;
} formats[HZ_IQ_FORMATS] = {
    [HZ_CU8] = {"cu8", "u8 stereo", 2},
    [HZ_CS8] = {"cs8", "s8 stereo", 2},
    [HZ_CS16] = {"cs16", "s16 stereo", 4},
    [HZ_CF32] = {"cf32", "f32 stereo", 8},
    [HZ_CU16] = {"cu16", "u16 stereo", 4},
    [HZ_CU32] = {"cu32", "u32 stereo", 8},
    [HZ_CS24] = {"cs24", "s24 stereo", 6},
    [HZ_CS32] = {"cs32", "s32 stereo", 8},
    [HZ_CF64] = {"cf64", "f64 stereo", 16},
    [HZ_CS16_BE] = {"cs16_be", "s16_be stereo", 4},
    [HZ_CF32_BE] = {"cf32_be", "f32_be stereo", 8},
    [HZ_CU16_BE] = {"cu16_be", "u16_be stereo", 4},
    [HZ_CU32_BE] = {"cu32_be", "u32_be stereo", 8},
    [HZ_CS24_BE] = {"cs24_be", "s24_be stereo", 6},
    [HZ_CS32_BE] = {"cs32_be", "s32_be stereo", 8},
    [HZ_CF64_BE] = {"cf64_be", "f64_be stereo", 16},
};

bool hz_format_is_iq(enum hz_format format)
{
    return format < HZ_IQ_FORMATS;
}

enum hz_format hz_format_audio(enum hz_format iq, unsigned channels)
{
    return (enum hz_format)(iq + (channels == 2 ? HZ_STEREO : HZ_U8));
}

static bool is_mono(enum hz_format format)
{
    return format >= HZ_U8 && format < HZ_STEREO;
}

size_t hz_format_bytes(enum hz_format format)
{
    return formats[format % HZ_IQ_FORMATS].bytes / (is_mono(format) ? 2 : 1);
}

const char *hz_format_name(enum hz_format format)
{
    if (is_mono(format))
        return formats[format - HZ_U8].name + 1;
    return format < HZ_STEREO ? formats[format].name : formats[format - HZ_STEREO].stereo;
}

/* Converts a SigMF name to the names above. SigMF has 'r' for real numbers, 'i' for signed
 * integers, and "_le" for little-endian ones. */
static void from_sigmf(const char *name, char *out, size_t size)
{
    snprintf(out, size, "%s", name);
    size_t n = strlen(out);
    if (n > 3 && strcmp(out + n - 3, "_le") == 0)
        out[n - 3] = 0;
    if ((out[0] == 'c' || out[0] == 'r') && out[1] == 'i')
        out[1] = 's';
    if (out[0] == 'r')
        memmove(out, out + 1, strlen(out));
}

int hz_format_parse(const char *name, enum hz_format *format)
{
    char own[16];
    from_sigmf(name, own, sizeof own);
    for (int f = 0; f < HZ_STEREO; f++) {
        if (strcmp(hz_format_name((enum hz_format)f), own) == 0) {
            *format = (enum hz_format)f;
            return 0;
        }
    }
    return -EINVAL;
}

void hz_samples_pass(struct hz_samples *s, size_t n)
{
    s->data = (const char *)s->data + n * hz_format_bytes(s->format);
    s->first += n;
    s->n -= n;
}
