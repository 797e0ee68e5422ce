/* Fields into bytes, most significant bit first. Pure. */
#ifndef HZ_SIM_PACK_H
#define HZ_SIM_PACK_H

#include <stddef.h>
#include <stdint.h>

struct hz_sim_pack {
    uint8_t *to;
    unsigned at; /* bits written */
};

/* Begins at the front of so many bytes, which are zeroed. */
struct hz_sim_pack hz_sim_pack_begin(uint8_t *to, size_t bytes);
/* The lowest n bits of value. */
void hz_sim_pack(struct hz_sim_pack *p, unsigned n, uint32_t value);

#endif
