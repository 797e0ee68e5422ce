#include "proto/format/modes.h"

const char *const hz_form_modes[] = {"adsb", NULL};

enum {
    BIT_56_NS = 8000 + 56 * 1000, /* behind the first sample: the preamble, then a bit per us */
};

uint64_t hz_form_modes_ticks(const struct hz_record *r)
{
    if (r->clock_ns == 0)
        return 0;
    /* 12 ticks per 1000 ns, in parts, so that nothing overflows */
    uint64_t ns = (uint64_t)r->clock_ns + BIT_56_NS;
    uint64_t ticks = ns / 1000 * 12 + ns % 1000 * 12 / 1000;
    return ticks & 0xffffffffffff;
}
