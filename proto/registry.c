#include "proto/registry.h"

#include <string.h>

/* One line each, in the order in which they are shown. */
/* clang-format off */
#define DECODERS(D) \
    D(hz_adsb_decoder) \
    D(hz_ais_decoder) \
    D(hz_bell202_decoder) \
    D(hz_g3ruh_decoder) \
    D(hz_pocsag_decoder) \
    D(hz_nfm_decoder) \
    D(hz_am_decoder)
/* clang-format on */

#define DECLARE(decoder) extern const struct hz_decoder decoder;
#define LIST(decoder)    &decoder,

DECODERS(DECLARE)

const struct hz_decoder *const hz_decoders[] = {DECODERS(LIST) NULL};

const struct hz_decoder *hz_decoder_find(const char *name)
{
    for (const struct hz_decoder *const *d = hz_decoders; *d; d++) {
        if (strcmp((*d)->name, name) == 0)
            return *d;
    }
    return NULL;
}
