#include "proto/rds/frequency.h"

#include <string.h>

enum { FILLER = 205, FEWEST = 224, MOST = 249, LOW_FOLLOWS = 250 };

unsigned hz_rds_af_khz(uint8_t code)
{
    return code >= 1 && code < FILLER ? 87500 + 100u * code : 0;
}

/* Long wave in steps of 9 kHz, then medium wave. */
static unsigned low_khz(uint8_t code)
{
    return code >= 1 && code <= 15     ? 144 + 9u * code
           : code >= 16 && code <= 135 ? 522 + 9u * (code - 15)
                                       : 0;
}

static void take(struct hz_rds_af *af, uint8_t code)
{
    if (code >= FEWEST && code <= MOST) {
        af->n = 0;
        af->expected = code - FEWEST;
        af->low = false;
        return;
    }
    if (code == LOW_FOLLOWS) {
        af->low = true;
        return;
    }
    unsigned khz = af->low ? low_khz(code) : hz_rds_af_khz(code);
    af->low = false;
    if (khz > 0 && af->n < af->expected && af->n < HZ_RDS_AFS)
        af->khz[af->n++] = khz;
}

bool hz_rds_af_take(struct hz_rds_af *af, uint16_t codes)
{
    take(af, (uint8_t)(codes >> 8));
    take(af, (uint8_t)codes);
    if (af->expected == 0 || af->n < af->expected)
        return false;
    memcpy(af->list, af->khz, sizeof af->list);
    af->listed = af->n;
    af->expected = 0;
    return true;
}

bool hz_rds_af_is_pairs(const struct hz_rds_af *af)
{
    if (af->listed < 3 || af->listed % 2 == 0)
        return false;
    for (unsigned i = 1; i + 1 < af->listed; i += 2)
        if (af->list[i] != af->list[0] && af->list[i + 1] != af->list[0])
            return false;
    return true;
}
