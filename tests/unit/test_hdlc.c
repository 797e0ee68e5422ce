#include "proto/link/hdlc.h"
#include "sim/hdlc.h"
#include "sim/rng.h"

#include <criterion/criterion.h>
#include <string.h>

Test(hdlc, the_check_sequence_has_its_published_value)
{
    /* The catalogue's check value of CRC-16/X-25. */
    cr_expect_eq(hz_hdlc_crc((const uint8_t *)"123456789", 9), 0x906e);
    cr_expect_eq(hz_hdlc_crc_bits((const uint8_t *)"123456789", 72), 0x906e);
}

Test(hdlc, frames_of_another_encoder_come_out)
{
    uint8_t frame[40], bit[600], level[601], out[64];
    for (int seed = 0; seed < 256; seed++) {
        for (size_t i = 0; i < sizeof frame; i++)
            frame[i] = seed & 1 ? 0xff : (uint8_t)(seed * 37 + (int)(i * i));
        struct hz_sim_bits bits = {bit, 0, sizeof bit};
        float symbols[600];
        size_t used = 0;
        hz_sim_hdlc_frame(&bits, frame, sizeof frame);
        hz_sim_nrzi(&bits, symbols);
        for (size_t i = 0; i < bits.n; i++)
            level[i] = symbols[i] > 0;
        hz_hdlc_nrzi(level + 7, bits.n - 7, level);
        int len = hz_hdlc_frame(level, bits.n - 8, out, sizeof out, &used);
        cr_assert_eq(len, 42);
        cr_expect_eq(used, bits.n - 8);
        cr_expect_eq(memcmp(out, frame, sizeof frame), 0);
        cr_expect_eq(hz_hdlc_crc(out, 42), HZ_HDLC_GOOD);
        cr_expect_eq(hz_hdlc_frame(level, bits.n - 9, out, sizeof out, &used), HZ_HDLC_NO_END);
        cr_expect_eq(hz_hdlc_frame(level, bits.n - 8, out, 41, &used), HZ_HDLC_TOO_LONG);
        cr_expect_eq(hz_hdlc_frame(level, bits.n - 8, out, 42, &used), 42);
    }
}

/* X.25 divides bits by x^16 + x^12 + x^5 + 1; it does not ask for bytes. */
Test(hdlc, the_check_covers_any_number_of_bits)
{
    static const uint8_t frame[] = {0x5a, 0x0f, 0xc3, 0x96, 0xff};
    for (unsigned count = 0; count <= 24; count++) {
        uint8_t sent[8] = {0};
        memcpy(sent, frame, count / 8);
        sent[count / 8] = frame[count / 8] & (uint8_t)((1u << count % 8) - 1);
        unsigned crc = hz_hdlc_crc_bits(sent, count);
        for (unsigned k = 0; k < 16; k++)
            sent[(count + k) / 8] |= (uint8_t)((crc >> k & 1) << (count + k) % 8);
        cr_expect_eq(hz_hdlc_crc_bits(sent, count + 16), HZ_HDLC_GOOD, "%u bits", count);
        sent[0] ^= 1;
        cr_expect_neq(hz_hdlc_crc_bits(sent, count + 16), HZ_HDLC_GOOD);
    }
}

Test(hdlc, what_is_no_frame_says_why)
{
    static const uint8_t abort[] = {0, 1, 1, 1, 1, 1, 1, 1, 0};
    static const uint8_t ragged[] = {0, 1, 0, 0, 1, 1, 1, 1, 1, 1, 0};
    static const uint8_t flag[] = {0, 1, 1, 1, 1, 1, 1, 0};
    uint8_t out[8];
    size_t used;
    cr_expect_eq(hz_hdlc_frame(abort, sizeof abort, out, sizeof out, &used), HZ_HDLC_ABORT);
    cr_expect_eq(hz_hdlc_frame(ragged, sizeof ragged, out, sizeof out, &used), HZ_HDLC_RAGGED);
    cr_expect_eq(hz_hdlc_frame(flag, sizeof flag, out, sizeof out, &used), 0);
    cr_expect_eq(hz_hdlc_frame(flag, 0, out, sizeof out, &used), HZ_HDLC_NO_END);
}

/* The standard's rules, a bit at a time: the bits of the frame, or why there is none. */
static int plain_bits(const uint8_t *bits, size_t n, uint8_t *out, size_t room, size_t *used)
{
    uint8_t data[512];
    size_t count = 0;
    int ones = 0;
    for (size_t i = 0; i < n; i++) {
        *used = i + 1;
        if (!bits[i] && ones >= 5) {
            if (ones == 6) {
                count = count < 7 ? 0 : count - 7;
                for (size_t k = 0; k < count % 8; k++)
                    out[count / 8] =
                        (uint8_t)((k ? out[count / 8] : 0) | data[count - count % 8 + k] << k);
                return (int)count;
            }
            ones = 0;
            continue;
        }
        ones = bits[i] ? ones + 1 : 0;
        if (ones == 7)
            return HZ_HDLC_ABORT;
        data[count++] = bits[i];
        if (count % 8 == 0 && count / 8 > room)
            return HZ_HDLC_TOO_LONG;
        for (size_t k = 0; count % 8 == 0 && k < 8; k++)
            out[count / 8 - 1] = (uint8_t)(out[count / 8 - 1] >> 1 | data[count - 8 + k] << 7);
    }
    *used = n;
    return HZ_HDLC_NO_END;
}

Test(hdlc, any_bits_read_as_the_rules_say)
{
    struct hz_rng r;
    hz_rng_init(&r, 8, 1);
    for (int round = 0; round < 20000; round++) {
        uint8_t bit[400], out[64] = {0}, plain[64] = {0};
        size_t n = hz_rng_below(&r, 400), room = hz_rng_below(&r, 64), used = 0, plain_used = 0;
        double ones = hz_rng_between(&r, 0.3, 0.95);
        for (size_t i = 0; i < n; i++)
            bit[i] = hz_rng_chance(&r, ones);
        int count = hz_hdlc_bits(bit, n, out, room, &used);
        cr_assert_eq(count, plain_bits(bit, n, plain, room, &plain_used));
        cr_assert_eq(used, plain_used);
        cr_assert_eq(memcmp(out, plain, sizeof out), 0);
        int len = hz_hdlc_frame(bit, n, out, room, &used);
        cr_assert_eq(len, count < 0 ? count : count % 8 ? HZ_HDLC_RAGGED : count / 8);
        cr_assert_eq(memcmp(out, plain, sizeof out), 0);
    }
}

/* A stream read bit by bit gives what each flag's frame gives. */
Test(hdlc, a_stream_gives_the_frames_between_its_flags)
{
    struct hz_rng r;
    size_t frames = 0;
    hz_rng_init(&r, 9, 1);
    for (int round = 0; round < 2000; round++) {
        uint8_t bit[2000], out[16] = {0}, frame[16] = {0};
        struct hz_hdlc h;
        size_t opened = 0;
        unsigned last = 0;
        double ones = hz_rng_between(&r, 0.4, 0.9);
        for (size_t i = 0; i < sizeof bit; i++)
            bit[i] = hz_rng_chance(&r, ones);
        hz_hdlc_begin(&h, out, sizeof out);
        for (size_t i = 0; i < sizeof bit; i++) {
            int got = hz_hdlc_put(&h, bit[i]);
            last = (last << 1 | bit[i]) & 0xff;
            bool flag = i >= 7 && last == 0x7e;
            cr_assert_eq(flag, got >= 0 || got == HZ_HDLC_RAGGED || got == HZ_HDLC_FIRST);
            if (!flag)
                continue;
            size_t used;
            int want = opened ? hz_hdlc_frame(bit + opened, i + 1 - opened, frame, 16, &used)
                              : HZ_HDLC_FIRST;
            if (want == HZ_HDLC_ABORT || want == HZ_HDLC_TOO_LONG)
                want = HZ_HDLC_FIRST;
            cr_assert_eq(got, want);
            for (int k = 0; k < got; k++)
                cr_assert_eq(out[k], frame[k]);
            opened = i + 1;
            frames += got > 0;
        }
    }
    cr_expect_gt(frames, 500, "%zu", frames);
}
