/* Inference of the register of a Comm-B reply. The cost of the bits is computed for every register
 * that exists (see commb_cost.h). The best of those that can be checked is chosen, if its margin to
 * all others is so large that less than 1 in 10,000 replies with another register pass. */
#include "proto/adsb/commb.h"

#include "proto/adsb/commb_cost.h"

#include <stddef.h>
#include <string.h>

enum hz_register hz_commb_infer(const uint8_t *mb, const struct hz_commb_known *known)
{
    static const uint8_t nothing[7];
    if (memcmp(mb, nothing, 7) == 0)
        return HZ_BDS_UNKNOWN;
    const struct {
        enum hz_register which;
        struct hz_commb_fit fit;
    } all[] = {{HZ_BDS_10, hz_commb_10(mb)},        {HZ_BDS_17, hz_commb_17(mb)},
               {HZ_BDS_20, hz_commb_20(mb)},        {HZ_BDS_30, hz_commb_30(mb, known)},
               {HZ_BDS_40, hz_commb_40(mb, known)}, {HZ_BDS_50, hz_commb_50(mb, known)},
               {HZ_BDS_60, hz_commb_60(mb, known)}};
    size_t best = 0, n = sizeof all / sizeof *all;
    for (size_t i = 1; i < n; i++)
        best = all[i].fit.bits < all[best].fit.bits ? i : best;
    if (all[best].fit.margin <= 0.0f)
        return HZ_BDS_UNKNOWN;
    float limit = all[best].fit.bits + all[best].fit.margin;
    for (size_t i = 0; i < n; i++)
        if (i != best && all[i].fit.bits < limit)
            return HZ_BDS_UNKNOWN;
    return hz_commb_rivalled(mb, known, limit) ? HZ_BDS_UNKNOWN : all[best].which;
}
