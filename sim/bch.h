/* Codewords of pagers, POCSAG and FLEX: BCH(31,21) of generator x^10 + x^9 + x^8 + x^6 + x^5 + x^3
 * + 1, then even parity. Pure: any thread. */
#ifndef HZ_SIM_BCH_H
#define HZ_SIM_BCH_H

#include <stdint.h>

/* 21 bits of data into a word, whose most significant bit is sent first, as that of the data. */
uint32_t hz_sim_bch(uint32_t data);

#endif
