#include "dsp/convert.h"

#include "dsp/clones.h"

#include <math.h>
#include <string.h>

HZ_CLONES static void from_u8(const uint8_t *restrict in, size_t n, float *restrict out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = ((float)in[i] - 127.5f) * (1 / 127.5f);
}

HZ_CLONES static void from_s8(const int8_t *restrict in, size_t n, float *restrict out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = (float)in[i] * (1 / 128.0f);
}

/* Little-endian pairs of bytes, put together so that alignment and byte order do not matter. */
HZ_CLONES static void from_s16(const uint8_t *restrict in, size_t n, float *restrict out)
{
    for (size_t i = 0; i < n; i++) {
        int16_t v;
        memcpy(&v, in + 2 * i, sizeof v);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
        v = (int16_t)__builtin_bswap16((uint16_t)v);
#endif
        out[i] = (float)v * (1 / 32768.0f);
    }
}

/* What is no number, or absurd, becomes 0: one such sample would spread over a whole spectrum. */
HZ_CLONES static void from_f32(const uint8_t *restrict in, size_t n, float *restrict out)
{
    for (size_t i = 0; i < n; i++) {
        float v;
        memcpy(&v, in + 4 * i, sizeof v);
        out[i] = fabsf(v) <= HZ_CONVERT_MAX ? v : 0;
    }
}

void hz_convert(enum hz_format format, const void *in, size_t n, float *out)
{
    switch (format) {
    case HZ_CU8:
        from_u8(in, 2 * n, out);
        break;
    case HZ_CS8:
        from_s8(in, 2 * n, out);
        break;
    case HZ_CS16:
        from_s16(in, 2 * n, out);
        break;
    case HZ_CF32:
        from_f32(in, 2 * n, out);
        break;
    case HZ_F32:
        from_f32(in, n, out);
        break;
    case HZ_S16:
        from_s16(in, n, out);
        break;
    case HZ_U8:
        from_u8(in, n, out);
        break;
    case HZ_FORMATS:
        break;
    }
}
