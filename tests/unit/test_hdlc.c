#include "proto/hdlc.h"
#include "sim/hdlc.h"

#include <criterion/criterion.h>
#include <string.h>

Test(hdlc, the_check_sequence_has_its_published_value)
{
    /* The catalogue's check value of CRC-16/X-25. */
    cr_expect_eq(hz_hdlc_crc((const uint8_t *)"123456789", 9), 0x906e);
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
