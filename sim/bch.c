#include "sim/bch.h"

uint32_t hz_sim_bch(uint32_t data)
{
    uint32_t rest = data << 10;
    for (int bit = 30; bit >= 10; bit--) {
        if (rest >> bit & 1) {
            rest ^= 0x769u << (bit - 10);
        }
    }
    uint32_t word = (data << 10 | rest) << 1;
    return word | (uint32_t)__builtin_parity(word);
}
