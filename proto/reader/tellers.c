#include "proto/reader/teller.h"

#include <string.h>

/* All tellers, one line each. */
static const struct hz_teller *const tellers[] = {
    &hz_teller_adsb,
    &hz_teller_ais,
    &hz_teller_ax25,
};

const struct hz_teller *hz_teller_find(const char *protocol)
{
    for (size_t i = 0; i < sizeof tellers / sizeof *tellers; i++) {
        for (const char *const *p = tellers[i]->protocols; *p; p++) {
            if (strcmp(*p, protocol) == 0)
                return tellers[i];
        }
    }
    return NULL;
}
