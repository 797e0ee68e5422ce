#include "sim/pack.h"

#include <string.h>

struct hz_sim_pack hz_sim_pack_begin(uint8_t *to, size_t bytes)
{
    memset(to, 0, bytes);
    return (struct hz_sim_pack){to, 0};
}

void hz_sim_pack(struct hz_sim_pack *p, unsigned n, uint32_t value)
{
    while (n-- > 0) {
        p->to[p->at / 8] |= (uint8_t)((value >> n & 1) << (7 - p->at % 8));
        p->at++;
    }
}
