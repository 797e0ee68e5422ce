/* Encoder of FLEX frames, in all four modes. Pure: any thread. */
#ifndef HZ_SIM_FLEX_H
#define HZ_SIM_FLEX_H

#include <stddef.h>
#include <stdint.h>

enum {
    HZ_SIM_FLEX_BAUD = 3200,    /* of the symbols written, in every mode */
    HZ_SIM_FLEX_SYMBOLS = 6000, /* of a frame: 1.875 s */
    HZ_SIM_FLEX_PAGES = 16      /* in a frame, at most */
};

enum hz_sim_flex_kind { HZ_SIM_FLEX_ALPHA, HZ_SIM_FLEX_NUMERIC, HZ_SIM_FLEX_TONE };

struct hz_sim_flex_page {
    uint64_t capcode; /* short ones, 1 to 1933312, and long ones from 2101249 on */
    enum hz_sim_flex_kind kind;
    const char *text;  /* ASCII, or digits of "0123456789*U -][" */
    unsigned number;   /* of the message, 0 to 63 */
    unsigned fragment; /* 3: the first, then 0, 1, 2, 0, ... */
    int more;          /* 1: fragments follow */
};

struct hz_sim_flex_frame {
    unsigned baud, levels; /* 1600 or 3200; 2 or 4 */
    unsigned cycle, number;
    struct hz_sim_flex_page page[HZ_SIM_FLEX_PAGES];
    unsigned pages; /* the phases carry them in turn */
};

/* Writes the symbols, from -1 to +1: the deviation is that of the outer ones, 4.8 kHz. Pages that
 * do not fit their phase are left out; returns how many are sent. */
unsigned hz_sim_flex(const struct hz_sim_flex_frame *frame, float symbols[HZ_SIM_FLEX_SYMBOLS]);

#endif
