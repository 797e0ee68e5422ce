#include "dsp/convert.h"

#include "dsp/clones.h"

#include <math.h>
#include <stdbool.h>
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

/* Little-endian, at any alignment, on machines of either byte order. */
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

/* NaN and absurd values become 0, because one of them would spread over a whole spectrum. */
HZ_CLONES static void from_f32(const uint8_t *restrict in, size_t n, float *restrict out)
{
    for (size_t i = 0; i < n; i++) {
        float v;
        memcpy(&v, in + 4 * i, sizeof v);
        out[i] = fabsf(v) <= HZ_CONVERT_MAX ? v : 0;
    }
}

/* The bits of a number of 1 to 8 bytes, big- or little-endian. */
static uint64_t load(const uint8_t *p, unsigned bytes, bool big)
{
    uint64_t v = 0;
    for (unsigned i = 0; i < bytes; i++)
        v = v << 8 | p[big ? i : bytes - 1 - i];
    return v;
}

static float float_of(uint64_t bits, unsigned bytes)
{
    uint32_t low = (uint32_t)bits;
    float f;
    double d;
    memcpy(&f, &low, sizeof f);
    memcpy(&d, &bits, sizeof d);
    float v = bytes == 4 ? f : (float)d;
    return fabsf(v) <= HZ_CONVERT_MAX ? v : 0;
}

static float integer_of(uint64_t v, unsigned bytes, bool is_signed)
{
    const uint64_t top = 1ull << (8 * bytes - 1);
    if (is_signed) /* two's complement: the highest bit counts negative */
        return (float)((double)(int64_t)((v ^ top) - top) / (double)top);
    return (float)(((double)v + 0.5 - (double)top) / ((double)top - 0.5));
}

/* The rare formats, without a loop of their own. */
static void from_other(enum hz_format kind, const uint8_t *in, size_t n, float *out)
{
    const unsigned bytes = (unsigned)hz_format_bytes(kind) / 2;
    const bool big = kind >= HZ_CS16_BE;
    const bool is_float = kind == HZ_CF64 || kind == HZ_CF32_BE || kind == HZ_CF64_BE;
    const bool is_signed =
        kind != HZ_CU16 && kind != HZ_CU32 && kind != HZ_CU16_BE && kind != HZ_CU32_BE;
    for (size_t i = 0; i < n; i++, in += bytes) {
        uint64_t v = load(in, bytes, big);
        out[i] = is_float ? float_of(v, bytes) : integer_of(v, bytes, is_signed);
    }
}

static void numbers(enum hz_format kind, const void *in, size_t n, float *out)
{
    switch (kind) {
    case HZ_CU8:
        from_u8(in, n, out);
        break;
    case HZ_CS8:
        from_s8(in, n, out);
        break;
    case HZ_CS16:
        from_s16(in, n, out);
        break;
    case HZ_CF32:
        from_f32(in, n, out);
        break;
    default:
        from_other(kind, in, n, out);
    }
}

static void stereo(enum hz_format kind, const uint8_t *in, size_t n, float *out)
{
    enum { AT_ONCE = 256 };
    float both[2 * AT_ONCE];
    while (n > 0) {
        size_t some = n < AT_ONCE ? n : AT_ONCE;
        numbers(kind, in, 2 * some, both);
        for (size_t i = 0; i < some; i++)
            out[i] = (both[2 * i] + both[2 * i + 1]) / 2;
        in += some * hz_format_bytes(kind);
        out += some;
        n -= some;
    }
}

void hz_convert(enum hz_format format, const void *in, size_t n, float *out)
{
    if (format >= HZ_STEREO)
        stereo((enum hz_format)(format - HZ_STEREO), in, n, out);
    else if (format >= HZ_U8)
        numbers((enum hz_format)(format - HZ_U8), in, n, out);
    else
        numbers(format, in, 2 * n, out);
}
