#include "dsp/audio_in.h"
#include "dsp/convert.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

Test(convert, every_format_to_full_scale_one)
{
    static const struct {
        enum hz_format format;
        uint8_t in[16];
        float re, im;
    } cases[] = {
        {HZ_CU8, {255, 0}, 1, -1},
        {HZ_CU8, {128, 127}, 0.5f / 127.5f, -0.5f / 127.5f},
        {HZ_CS8, {0x80, 0x40}, -1, 0.5f},
        {HZ_CS16, {0x00, 0x80, 0x00, 0x40}, -1, 0.5f},
        {HZ_CS16, {0x01, 0x00, 0xff, 0xff}, 1 / 32768.0f, -1 / 32768.0f},
        {HZ_CF32, {0, 0, 0x80, 0x3f, 0, 0, 0, 0xbf}, 1, -0.5f},
        {HZ_CF32, {0, 0, 0xc0, 0x7f, 0, 0, 0x80, 0xff}, 0, 0}, /* NaN, -infinity */
        {HZ_CF32_BE, {0x3f, 0x80, 0, 0, 0xbf, 0, 0, 0}, 1, -0.5f},
        {HZ_CF64, {0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0, 0, 0, 0, 0, 0, 0xe0, 0xbf}, 1, -0.5f},
        {HZ_CF64_BE, {0x7f, 0xf8, 0, 0, 0, 0, 0, 0, 0xbf, 0xe0, 0, 0, 0, 0, 0, 0}, 0, -0.5f},
        {HZ_CS16_BE, {0x80, 0x00, 0x40, 0x00}, -1, 0.5f},
        {HZ_CS24, {0, 0, 0x80, 0, 0, 0x40}, -1, 0.5f},
        {HZ_CS24_BE, {0x80, 0, 0, 0xff, 0xff, 0xff}, -1, -1 / 8388608.0f},
        {HZ_CS32, {0, 0, 0, 0x80, 0, 0, 0, 0x40}, -1, 0.5f},
        {HZ_CS32_BE, {0x80, 0, 0, 0, 0x40, 0, 0, 0}, -1, 0.5f},
        {HZ_CU16, {0, 0, 0xff, 0xff}, -1, 1},
        {HZ_CU16_BE, {0x80, 0x00, 0x7f, 0xff}, 0.5f / 32767.5f, -0.5f / 32767.5f},
        {HZ_CU32, {0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff}, -1, 1},
        {HZ_CU32_BE, {0xc0, 0, 0, 0, 0x40, 0, 0, 0}, 0.5f, -0.5f},
    };
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        /* many samples, so that the vector body and the tail are both met, from an odd address */
        uint8_t raw[1 + 37 * 16];
        float out[2 * 37 + 1];
        size_t bytes = hz_format_bytes(cases[c].format);
        for (size_t i = 0; i < 37; i++)
            memcpy(raw + 1 + i * bytes, cases[c].in, bytes);
        out[74] = 7;
        hz_convert(cases[c].format, raw + 1, 37, out);
        for (size_t i = 0; i < 37; i++) {
            cr_expect_float_eq(out[2 * i], cases[c].re, 1e-6, "case %zu sample %zu", c, i);
            cr_expect_float_eq(out[2 * i + 1], cases[c].im, 1e-6, "case %zu sample %zu", c, i);
        }
        cr_expect_eq(out[74], 7, "case %zu wrote too far", c);
    }
}

Test(convert, audio_is_one_number_a_sample)
{
    static const struct {
        enum hz_format format;
        uint8_t in[8];
        float out[2];
    } cases[] = {
        {HZ_U8, {255, 0}, {1, -1}},
        {HZ_S16, {0x00, 0x80, 0x00, 0x40}, {-1, 0.5f}},
        {HZ_F32, {0, 0, 0x80, 0x3f, 0, 0, 0xc0, 0x7f}, {1, 0}}, /* 1, NaN */
    };
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        float out[3] = {7, 7, 7};
        hz_convert(cases[c].format, cases[c].in, 2, out);
        cr_expect_float_eq(out[0], cases[c].out[0], 1e-6, "case %zu", c);
        cr_expect_float_eq(out[1], cases[c].out[1], 1e-6, "case %zu", c);
        cr_expect_eq(out[2], 7, "case %zu wrote too far", c);
    }
}

Test(convert, two_channels_are_their_mean)
{
    enum { N = 600 }; /* over what is converted at a time */
    static int16_t in[2 * N];
    static float out[N + 1];
    for (int i = 0; i < N; i++) {
        in[2 * i] = (int16_t)(16 * i);
        in[2 * i + 1] = (int16_t)(-8 * i);
    }
    out[N] = 7;
    hz_convert(hz_format_audio(HZ_CS16, 2), in, N, out);
    for (int i = 0; i < N; i++)
        cr_expect_float_eq(out[i], (float)(4 * i) / 32768, 1e-6, "%d", i);
    cr_expect_eq(out[N], 7);
}

Test(convert, formats_have_names)
{
    enum hz_format f;
    for (int i = 0; i < HZ_STEREO; i++) {
        cr_expect_eq(hz_format_parse(hz_format_name((enum hz_format)i), &f), 0);
        cr_expect_eq((int)f, i, "%s", hz_format_name((enum hz_format)i));
    }
    cr_expect(hz_format_parse("ci16_be", &f) == 0 && f == HZ_CS16_BE);
    cr_expect(hz_format_parse("cf32_le", &f) == 0 && f == HZ_CF32);
    cr_expect(hz_format_parse("rf32_le", &f) == 0 && f == HZ_F32);
    cr_expect(hz_format_parse("ru8", &f) == 0 && f == HZ_U8);
    cr_expect_eq(hz_format_parse("cs16 stereo", &f), -EINVAL);
    cr_expect_str_eq(hz_format_name(hz_format_audio(HZ_CS16, 2)), "s16 stereo");
    cr_expect_eq(hz_format_bytes(hz_format_audio(HZ_CS16, 2)), 4);
    cr_expect_eq(hz_format_bytes(HZ_S16), 2);
}

Test(convert, one_of_two_channels)
{
    static const int16_t in[] = {100, -200, 300, -400, 500, -600};
    static const enum hz_ear ears[] = {HZ_EAR_LEFT, HZ_EAR_RIGHT, HZ_EAR_BOTH};
    char err[100];
    for (size_t e = 0; e < 3; e++) {
        struct hz_audio_in *a = hz_audio_in_new(8000, 8000, err, sizeof err);
        struct hz_samples s = {.format = hz_format_audio(HZ_CS16, 2), .data = in, .n = 3};
        hz_audio_in_choose(a, ears[e]);
        struct hz_samples out = hz_audio_in_push(a, &s);
        cr_assert_eq(out.n, 3);
        for (size_t i = 0; i < 3; i++) {
            float want = (e == 2 ? (in[2 * i] + in[2 * i + 1]) / 2.0f : in[2 * i + e]) / 32768.0f;
            cr_expect_float_eq(((const float *)out.data)[i], want, 1e-6, "ear %zu, %zu", e, i);
        }
        hz_audio_in_free(a);
    }
}
