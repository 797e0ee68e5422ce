/* What may be set of a channel with the nfm decoder. */
#ifndef HZ_PROTO_VOICE_NFM_H
#define HZ_PROTO_VOICE_NFM_H

#include <stdint.h>

/* At most one of them is given; 0: transmissions with any, or none, are heard. */
struct hz_nfm_options {
    double ctcss_hz; /* only transmissions with this tone */
    uint32_t dcs;    /* only those with this word of a code, as dsp/dcs.h has it */
};

#endif
