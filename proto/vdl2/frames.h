/* The frames of a VDL2 transmission (AVLC, a kind of HDLC): flags, stuffed zeros and check
 * sequences. Pure; any thread. */
#ifndef HZ_PROTO_VDL2_FRAMES_H
#define HZ_PROTO_VDL2_FRAMES_H

#include "proto/vdl2/sizes.h"

#include <stddef.h>
#include <stdint.h>

enum {
    HZ_VDL2_FRAMES = 32,    /* of a transmission, at most */
    HZ_VDL2_FRAME_MIN = 11, /* octets: addresses, control, check sequence */
};

struct hz_vdl2_frames {
    size_t n;   /* good ones */
    size_t bad; /* others between two flags, and whatever is no frame at all */
    size_t at[HZ_VDL2_FRAMES], len[HZ_VDL2_FRAMES]; /* octets of each, check sequence included */
    uint8_t octet[HZ_VDL2_OCTETS_MAX + 1];
};

/* Reads the first `bits` bits of octet[], least significant first. */
void hz_vdl2_frames(const uint8_t *octet, size_t bits, struct hz_vdl2_frames *f);

#endif
