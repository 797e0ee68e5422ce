#include "proto/dfm/frame.h"

#include <string.h>

/* Data in the high nibble, d1 first; parities d2+d3+d4, d1+d3+d4, d1+d2+d4, d1+d2+d3. */
static uint8_t codeword(unsigned data)
{
    unsigned d1 = data >> 3 & 1, d2 = data >> 2 & 1, d3 = data >> 1 & 1, d4 = data & 1;
    unsigned parity =
        (d2 ^ d3 ^ d4) << 3 | (d1 ^ d3 ^ d4) << 2 | (d1 ^ d2 ^ d4) << 1 | (d1 ^ d2 ^ d3);
    return (uint8_t)(data << 4 | parity);
}

/* The likeliest codeword, and in how many bits it differs from the hard decisions. */
static uint8_t decide(const float bit[8], unsigned *wrong)
{
    float best = -1e30f;
    uint8_t is = 0;
    unsigned hard = 0;
    for (unsigned k = 0; k < 8; k++)
        hard |= (bit[k] > 0 ? 1u : 0u) << (7 - k);
    for (unsigned data = 0; data < 16; data++) {
        float sum = 0;
        for (unsigned k = 0; k < 8; k++)
            sum += codeword(data) >> (7 - k) & 1 ? bit[k] : -bit[k];
        if (sum > best) {
            best = sum;
            is = (uint8_t)data;
        }
    }
    *wrong += (unsigned)__builtin_popcount(codeword(is) ^ hard);
    return is;
}

static unsigned read_field(const float *soft, unsigned n, uint8_t *nibble)
{
    unsigned wrong = 0;
    for (unsigned i = 0; i < n; i++) {
        float bit[8];
        for (unsigned j = 0; j < 8; j++) {
            const float *half = soft + 2 * (n * j + i);
            bit[j] = half[1] - half[0];
        }
        nibble[i] = decide(bit, &wrong);
    }
    return wrong;
}

void hz_dfm_read(const float *soft, struct hz_dfm_frame *out)
{
    out->wrong[0] = read_field(soft, HZ_DFM_CONF, out->conf);
    soft += 2 * 8 * HZ_DFM_CONF;
    for (unsigned k = 0; k < 2; k++, soft += 2 * 8 * HZ_DFM_DATA)
        out->wrong[1 + k] = read_field(soft, HZ_DFM_DATA, out->data[k]);
}

void hz_dfm_pack(const struct hz_dfm_frame *f, uint8_t raw[HZ_DFM_RAW])
{
    memset(raw, 0, HZ_DFM_RAW);
    for (unsigned i = 0; i < HZ_DFM_CONF + 2 * HZ_DFM_DATA; i++) {
        unsigned k = i - HZ_DFM_CONF;
        uint8_t nibble = i < HZ_DFM_CONF ? f->conf[i] : f->data[k / HZ_DFM_DATA][k % HZ_DFM_DATA];
        raw[i / 2] |= (uint8_t)(nibble << (i % 2 ? 0 : 4));
    }
}
