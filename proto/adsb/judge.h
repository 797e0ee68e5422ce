/* Is it a message? A frame's parity, helped by what has been heard before, against the false ones
 * that a parity of 24 bits lets through. Pure, no memory of its own. */
#ifndef HZ_PROTO_ADSB_JUDGE_H
#define HZ_PROTO_ADSB_JUDGE_H

#include "proto/adsb/crc.h"
#include "proto/adsb/repair.h"
#include "proto/adsb/trust.h"
#include "proto/out/sink.h"

enum { HZ_ADSB_JUDGE_WAITING = 32 };

/* How a format proves itself. */
enum hz_modes_kind {
    HZ_MODES_UNKNOWN,
    HZ_MODES_PLAIN,    /* DF 11, 17, 18: the parity is the parity */
    HZ_MODES_OVERLAID, /* DF 0, 4, 5, 16, 20, 21, 24: the parity carries the address */
};

struct hz_adsb_frame {
    uint8_t byte[HZ_MODES_LONG_BYTES];
    int bits; /* 56 or 112 */
    int corrected;
    uint32_t address;
};

/* A repaired frame that awaits another of its address. */
struct hz_adsb_waiting {
    uint32_t address, check, tick; /* check: of its contents; tick 0: free */
};

struct hz_adsb_judge {
    struct hz_adsb_trust trust;
    struct hz_adsb_waiting waiting[HZ_ADSB_JUDGE_WAITING];
    uint32_t now; /* ticks of the trust, never 0 */
    uint32_t syndrome[HZ_MODES_LONG_BITS];
};

/* In zeroed memory; hold: ticks for which an address heard stays trusted. */
void hz_adsb_judge_init(struct hz_adsb_judge *j, uint32_t hold);

/* Format of a frame by its first byte, and how many bits such a frame has. */
enum hz_modes_kind hz_modes_kind(uint8_t first, int *bits);

/* Judges f->byte as received; bits as far as they were received. On HZ_MESSAGE f is complete and
 * what it vouches for is trusted. */
enum hz_reason hz_adsb_judge_plain(struct hz_adsb_judge *j, struct hz_adsb_frame *f);

/* A reply whose parity carries the address. */
enum hz_reason hz_adsb_judge_overlaid(struct hz_adsb_judge *j, struct hz_adsb_frame *f);

/* DF 11, 17 or 18 whose parity fails: flips the least sure bits if that can be believed; mean is
 * that of |sure|. The code of an interrogator in DF 11 is believed here too, when nothing needs to
 * flip and all bits are sure, as a wrong bit looks just like a code. */
enum hz_reason hz_adsb_judge_repair(struct hz_adsb_judge *j, struct hz_adsb_frame *f,
                                    const float *sure, float mean);

#endif
