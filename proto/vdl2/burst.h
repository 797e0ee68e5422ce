/* One transmission of VDL2: from a peak of the gate to its messages. See detect.h. */
#ifndef HZ_PROTO_VDL2_BURST_H
#define HZ_PROTO_VDL2_BURST_H

#include "proto/vdl2/detect.h"

enum {
    HZ_VDL2_BURST_BEFORE = HZ_VDL2_SPAN + 8, /* samples that are read before a peak */
    /* and behind it: the longest transmission, its clock 200 ppm slow */
    HZ_VDL2_LONGEST =
        HZ_VDL2_SYMBOLS_MAX * HZ_VDL2_SYMBOL + HZ_VDL2_SYMBOLS_MAX / 1000 + HZ_VDL2_SPAN + 8,
    HZ_VDL2_MIXED = HZ_VDL2_BURST_BEFORE + HZ_VDL2_LONGEST,
};

/* iq: the hop's first sample, HZ_CF32. Returns the sample of the stream before which no other
 * transmission begins. */
uint64_t hz_vdl2_burst(struct hz_vdl2_detect *d, const float *iq, const struct hz_vdl2_peak *peak,
                       struct hz_sink *sink);

#endif
