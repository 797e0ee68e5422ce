/* How long an AIS burst and its parts are, in bits and in samples at the detector's rate. */
#ifndef HZ_PROTO_AIS_SIZES_H
#define HZ_PROTO_AIS_SIZES_H

enum {
    HZ_AIS_RATE_HZ = 48000,
    HZ_AIS_BIT = 5, /* samples of a bit */
    /* Bits from the training on: six slots. The longest message of 1064 bits (ITU-R M.1371-5, table
       46) has up to 1336 with check, stuffing, training and flags: more than five slots. */
    HZ_AIS_BITS_MAX = 1536,
    HZ_AIS_PAYLOAD_MAX = 187, /* bytes that fit into it, with the check sequence */
    HZ_AIS_MESSAGE_BITS = 8 * HZ_AIS_PAYLOAD_MAX, /* of a message, at most */
    HZ_AIS_SYNC_BITS = 32,                        /* 24 of training, 8 of flag */
    HZ_AIS_SYNC = HZ_AIS_SYNC_BITS * HZ_AIS_BIT,
    HZ_AIS_SYNC_EARLY =
        6 *
        HZ_AIS_BIT, /* samples before a peak at which the training may have ended at the earliest */
    HZ_AIS_SYNC_LATE = 12 * HZ_AIS_BIT, /* samples after a peak, at the latest */
    HZ_AIS_LONGEST = HZ_AIS_BITS_MAX * HZ_AIS_BIT + HZ_AIS_SYNC_LATE + 64, /* of a burst */
};

#endif
