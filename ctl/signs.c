#include "ctl/signs.h"

#include <math.h>

#define LEAST_FAILED 3    /* failures that are no accident */
#define BARE_HZ      1500 /* what has no modulation is not wider, in bins of 600 Hz */

bool hz_is_silent(const struct hz_evidence *e)
{
    return e->messages == 0 && !(e->speech && e->open > 0);
}

bool hz_is_signal(const struct hz_evidence *e)
{
    return e->whole_band ? e->looked && (double)e->band_over_db >= HZ_BAND_DB
                         : e->seen && e->sign.over_db >= HZ_CTL_SEEN_DB;
}

bool hz_is_bare(const struct hz_evidence *e)
{
    return e->seen && e->sign.always_db >= HZ_CTL_SEEN_DB && e->sign.width_hz <= BARE_HZ;
}

bool hz_is_failing(const struct hz_evidence *e)
{
    bool endless = e->messages == 0 && e->seen && (double)e->sign.busy >= HZ_OPEN;
    return e->failed >= LEAST_FAILED && e->failed >= e->messages && !endless;
}

bool hz_is_off(const struct hz_evidence *e)
{
    return fabs(e->failed_offset_hz) > e->bandwidth_hz / 8;
}

double hz_ppm_of(const struct hz_evidence *e, double offset_hz)
{
    return -offset_hz / e->freq_hz * 1e6;
}

bool hz_is_failing_wide(const struct hz_evidence *e)
{
    return e->whole_band && e->failed == 0 && e->bad_crc >= LEAST_FAILED &&
           e->bad_crc > e->messages;
}

bool hz_is_beside(const struct hz_evidence *e)
{
    double offset = e->sign.offset_hz;
    return e->seen && fabs(offset) > e->bandwidth_hz / 8 &&
           fabs(hz_ppm_of(e, offset)) <= HZ_CTL_PPM_MAX;
}

bool hz_is_unread(const struct hz_evidence *e)
{
    return hz_is_silent(e) && !e->speech && hz_is_signal(e) && !hz_is_bare(e) &&
           !hz_is_failing(e) && !hz_is_failing_wide(e) && !hz_is_beside(e);
}
