#include "dsp/convert.h"

#include <criterion/criterion.h>
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
    };
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        /* many samples, so that the vector body and the tail are both met, from an odd address */
        uint8_t raw[1 + 37 * 8];
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
