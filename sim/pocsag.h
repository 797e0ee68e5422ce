/* Encoder of POCSAG pages (ITU-R M.584, code 1). Pure: any thread. */
#ifndef HZ_SIM_POCSAG_H
#define HZ_SIM_POCSAG_H

#include <stddef.h>
#include <stdint.h>

enum { HZ_SIM_POCSAG_MAX = 576 + 17 * 32 * 16 }; /* symbols: the preamble and 16 batches */

struct hz_sim_page {
    uint32_t address;  /* 21 bits */
    unsigned function; /* 0 to 3 */
    int alpha;         /* 1: 7-bit text; 0: digits of "0123456789*U -)(" */
    const char *text;
};

/* Writes preamble and batches of one page as symbols; +1 is the higher frequency, a binary 0. Text
 * that does not fit is cut. Returns the number of symbols. */
size_t hz_sim_pocsag(const struct hz_sim_page *page, float symbols[HZ_SIM_POCSAG_MAX]);

#endif
