#include "proto/registry.h"

#include <string.h>

extern const struct hz_decoder hz_adsb_decoder, hz_ais_decoder, hz_nfm_decoder, hz_am_decoder;

const struct hz_decoder *const hz_decoders[] = {
    &hz_adsb_decoder, &hz_ais_decoder, &hz_nfm_decoder, &hz_am_decoder, NULL,
};

const struct hz_decoder *hz_decoder_find(const char *name)
{
    for (const struct hz_decoder *const *d = hz_decoders; *d; d++) {
        if (strcmp((*d)->name, name) == 0)
            return *d;
    }
    return NULL;
}
