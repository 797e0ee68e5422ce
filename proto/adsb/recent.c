#include "proto/adsb/recent.h"

#include <stdlib.h>
#include <string.h>

/* Frames at most this many samples apart are of the same burst. */
static const int64_t same_place = 12;

/* Whether one may be there: one loop of vectors, and for most frames all. */
static bool near_any(const struct hz_adsb_recent *r, int64_t sample)
{
    const uint32_t reach = (uint32_t)same_place - 1, from = (uint32_t)sample - reach;
    uint32_t any = 0;
    for (size_t k = 0; k < HZ_ADSB_RECENT; k++)
        any |= r->low[k] - from <= 2 * reach ? 1 : 0;
    return any != 0;
}

bool hz_adsb_recent_has(const struct hz_adsb_recent *r, const struct hz_adsb_found *f)
{
    const bool any = f->repeated || f->frame.doubt != HZ_ADSB_CREDIBLE;
    const size_t len = (size_t)f->frame.bits / 8;
    if (!near_any(r, f->sample))
        return false;
    for (size_t k = 0; k < HZ_ADSB_RECENT && k < r->noted; k++)
        if (llabs(r->sample[k] - f->sample) < same_place &&
            (any || memcmp(r->byte[k], f->frame.byte, len) == 0))
            return true;
    return false;
}

void hz_adsb_recent_note(struct hz_adsb_recent *r, const struct hz_adsb_found *f)
{
    const size_t next = r->noted++ % HZ_ADSB_RECENT;
    r->sample[next] = f->sample;
    r->low[next] = (uint32_t)f->sample;
    memcpy(r->byte[next], f->frame.byte, sizeof r->byte[next]);
}
