/* Frames of AVLC, the data link of VDL: addresses and control octet (ICAO Annex 10, volume III,
 * part I, chapter 6). Pure; any thread. */
#ifndef HZ_PROTO_VDL2_AVLC_H
#define HZ_PROTO_VDL2_AVLC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HZ_VDL2_AIRCRAFT = 1, HZ_VDL2_GROUND = 4, HZ_VDL2_GROUND_OTHER = 5, HZ_VDL2_ALL = 7 };

enum hz_vdl2_kind {
    HZ_VDL2_I,
    HZ_VDL2_RR,
    HZ_VDL2_RNR,
    HZ_VDL2_REJ,
    HZ_VDL2_SREJ,
    HZ_VDL2_UI,
    HZ_VDL2_DM,
    HZ_VDL2_DISC,
    HZ_VDL2_UA,
    HZ_VDL2_FRMR,
    HZ_VDL2_XID,
    HZ_VDL2_TEST,
    HZ_VDL2_OTHER /* a U frame that has no name */
};

struct hz_vdl2_address {
    unsigned type;    /* HZ_VDL2_AIRCRAFT, … */
    uint32_t address; /* 24 bits */
    bool status;
};

struct hz_vdl2_avlc {
    struct hz_vdl2_address src, dst;
    bool on_ground, response; /* the sender; the frame */
    enum hz_vdl2_kind kind;
    unsigned sent, received; /* N(S) of I, N(R) of I and S */
    bool poll;               /* or final */
    const uint8_t *info;     /* in the frame */
    size_t info_len;
};

/* The address in four octets, as frames and parameters of XID have it. */
void hz_vdl2_address_read(const uint8_t octet[4], struct hz_vdl2_address *a);

/* frame: n octets, check sequence included, n >= HZ_VDL2_FRAME_MIN. */
void hz_vdl2_avlc_read(const uint8_t *frame, size_t n, struct hz_vdl2_avlc *a);

/* "Aircraft", "Ground station", "All stations", "reserved": dumpvdl2's words. */
const char *hz_vdl2_type_name(unsigned type);

#endif
