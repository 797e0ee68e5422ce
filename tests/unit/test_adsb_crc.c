#include "proto/adsb/crc.h"

#include <criterion/criterion.h>
#include <string.h>

/* Frames off the air whose contents are published all over the literature on Mode S. */
static const uint8_t ident[14] = {0x8d, 0x48, 0x40, 0xd6, 0x20, 0x2c, 0xc3,
                                  0x71, 0xc3, 0x2c, 0xe0, 0x57, 0x60, 0x98};
static const uint8_t position[14] = {0x8d, 0x40, 0x62, 0x1d, 0x58, 0xc3, 0x82,
                                     0xd6, 0x90, 0xc8, 0xac, 0x28, 0x63, 0xa7};
/* DF20 as recorded, with the address that its sender used in other frames of that day. */
static const uint8_t commb[14] = {0xa0, 0x00, 0x06, 0x38, 0xb6, 0x99, 0xf1,
                                  0x1b, 0xe3, 0x84, 0x6d, 0xca, 0x35, 0xf9};

Test(adsb_crc, published_frames_are_good)
{
    cr_expect_eq(hz_modes_residual(ident, 14), 0);
    cr_expect_eq(hz_modes_residual(position, 14), 0);
}

Test(adsb_crc, overlaid_parity_gives_the_address)
{
    cr_expect_eq(hz_modes_residual(commb, 14), 0x484cb8);
}

Test(adsb_crc, syndromes_are_the_residuals_of_single_flips)
{
    uint32_t syndrome[HZ_MODES_LONG_BITS];
    hz_modes_syndromes(syndrome);
    for (int k = 0; k < HZ_MODES_LONG_BITS; k++) {
        uint8_t f[14];
        memcpy(f, position, sizeof(f));
        f[k / 8] ^= (uint8_t)(0x80 >> k % 8);
        cr_expect_eq(hz_modes_residual(f, 14), syndrome[k], "bit %d", k);
    }
}

/* The repair of up to five bits names one set only if no two of few bits share a syndrome. */
Test(adsb_crc, syndromes_of_pairs_differ)
{
    static uint32_t seen[112 * 113 / 2];
    uint32_t syndrome[HZ_MODES_LONG_BITS];
    size_t n = 0;
    hz_modes_syndromes(syndrome);
    for (int a = 0; a < HZ_MODES_LONG_BITS; a++)
        for (int b = a; b < HZ_MODES_LONG_BITS; b++)
            seen[n++] = a == b ? syndrome[a] : syndrome[a] ^ syndrome[b];
    for (size_t k = 0; k < n; k++)
        for (size_t m = k + 1; m < n; m++)
            cr_assert_neq(seen[k], seen[m]);
}
