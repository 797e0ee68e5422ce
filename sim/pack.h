/* Packs bit fields into bytes, most significant bit first. Pure: any thread; the memory is the
 * caller's. */
#ifndef HZ_SIM_PACK_H
#define HZ_SIM_PACK_H

#include <stddef.h>
#include <stdint.h>

struct hz_sim_pack {
    uint8_t *to;
    unsigned at; /* bits written */
};

/* Zeroes `bytes` bytes at `to` and begins at the first bit. */
struct hz_sim_pack hz_sim_pack_begin(uint8_t *to, size_t bytes);
/* Appends the lowest n bits of value. */
void hz_sim_pack(struct hz_sim_pack *p, unsigned n, uint32_t value);

#endif
