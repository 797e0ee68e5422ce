#include "proto/adsb/recent.h"

#include <stdlib.h>
#include <string.h>

/* Frames at most this many samples apart are of the same burst. */
static const int64_t same_place = 12;

bool hz_adsb_recent_has(const struct hz_adsb_recent *r, const struct hz_adsb_found *f)
{
    const bool any = f->repeated || f->frame.doubt != HZ_ADSB_CREDIBLE;
    const size_t len = (size_t)f->frame.bits / 8;
    for (size_t k = 0; k < HZ_ADSB_RECENT && k < r->noted; k++)
        if (llabs(r->at[k].sample - f->sample) < same_place &&
            (any || memcmp(r->at[k].byte, f->frame.byte, len) == 0))
            return true;
    return false;
}

void hz_adsb_recent_note(struct hz_adsb_recent *r, const struct hz_adsb_found *f)
{
    const size_t next = r->noted++ % HZ_ADSB_RECENT;
    r->at[next].sample = f->sample;
    memcpy(r->at[next].byte, f->frame.byte, sizeof r->at[next].byte);
}
