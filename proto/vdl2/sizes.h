/* Numbers of VDL mode 2 (ICAO Annex 10, volume III, part I, chapter 6) that several files need. */
#ifndef HZ_PROTO_VDL2_SIZES_H
#define HZ_PROTO_VDL2_SIZES_H

enum {
    HZ_VDL2_RATE_HZ = 42000,
    HZ_VDL2_BAUD = 10500,
    HZ_VDL2_SYMBOL = HZ_VDL2_RATE_HZ / HZ_VDL2_BAUD, /* samples */
    HZ_VDL2_PHASES = 8,
    HZ_VDL2_PREAMBLE = 16,    /* symbols of the known start */
    HZ_VDL2_HEADER_BITS = 25, /* three zeros, the length, its parity */
    HZ_VDL2_BITS_MAX = 16383, /* of data that a header may announce */
    HZ_VDL2_OCTETS_MAX = (HZ_VDL2_BITS_MAX + 7) / 8,
    HZ_VDL2_ROW = 249, /* octets of data in a full row */
    HZ_VDL2_PARITY = 6,
    HZ_VDL2_ROWS = (HZ_VDL2_OCTETS_MAX + HZ_VDL2_ROW - 1) / HZ_VDL2_ROW,
    HZ_VDL2_SENT_MAX = HZ_VDL2_OCTETS_MAX + HZ_VDL2_PARITY * HZ_VDL2_ROWS,
    HZ_VDL2_SYMBOLS_MAX = HZ_VDL2_PREAMBLE + (HZ_VDL2_HEADER_BITS + 8 * HZ_VDL2_SENT_MAX + 2) / 3,
    HZ_VDL2_FRAME_MAX = HZ_VDL2_OCTETS_MAX,
};

#endif
