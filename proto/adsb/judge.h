/* Decides whether a frame is accepted: by its parity, and, where 24 bits of parity would let too
 * many false frames pass, by trust in its address. A frame that only lacks this trust is refused
 * with a *doubt*, since another may know more (proto/adsb/ledger.h). Pure. One thread at a time;
 * the memory is the caller's. */
#ifndef HZ_PROTO_ADSB_JUDGE_H
#define HZ_PROTO_ADSB_JUDGE_H

#include "proto/adsb/crc.h"
#include "proto/adsb/repair.h"
#include "proto/adsb/trust.h"
#include "proto/out/sink.h"

/* How the parity of a format is used. */
enum hz_modes_kind {
    HZ_MODES_UNKNOWN,
    HZ_MODES_PLAIN,    /* DF 11, 17, 18: plain parity */
    HZ_MODES_OVERLAID, /* DF 0, 4, 5, 16, 20, 21, 24: parity xor address */
};

/* What a complete frame needs to be believed. */
enum hz_adsb_doubt {
    HZ_ADSB_CREDIBLE,   /* nothing more */
    HZ_ADSB_UNTRUSTED,  /* a trusted address */
    HZ_ADSB_UNREPEATED, /* that, or another repaired frame with its address */
};

struct hz_adsb_frame {
    uint8_t byte[HZ_MODES_LONG_BYTES];
    int bits;      /* 56 or 112 */
    int corrected; /* bits that were flipped */
    uint32_t address;
    bool certain; /* its address is trusted from now on */
    enum hz_adsb_doubt doubt;
};

struct hz_adsb_judge {
    struct hz_adsb_trust trust;
    uint32_t now; /* the present tick of the trust, never 0 */
    uint32_t syndrome[HZ_MODES_LONG_BITS];
};

/* In zeroed memory; hold: ticks for which an address stays trusted. */
void hz_adsb_judge_init(struct hz_adsb_judge *j, uint32_t hold);

/* The format of a frame from its first byte, and the number of bits of such a frame. */
enum hz_modes_kind hz_modes_kind(uint8_t first, int *bits);

/* Judges the frame f->byte, of which f->bits bits were received, with a plain parity. Returns
 * HZ_MESSAGE and completes f, and trusts its address (not of DF 18); or the reason of rejection. In
 * the latter case f is complete, too, where it is only doubted. */
enum hz_reason hz_adsb_judge_plain(struct hz_adsb_judge *j, struct hz_adsb_frame *f);

/* As hz_adsb_judge_plain, for a reply whose parity is combined with the address: accepted if that
 * address is trusted. */
enum hz_reason hz_adsb_judge_overlaid(struct hz_adsb_judge *j, struct hz_adsb_frame *f);

/* As hz_adsb_judge_plain, for DF 11, 17 or 18 with a wrong parity: flips the least reliable bits if
 * the result is credible. sure[bits] are the reliabilities, mean the mean of their magnitudes. A DF
 * 11 whose parity is combined with an interrogator's code is accepted too, but only if all bits are
 * reliable: a wrong bit looks the same as a code. */
enum hz_reason hz_adsb_judge_repair(struct hz_adsb_judge *j, struct hz_adsb_frame *f,
                                    const float *sure, float mean);

/* As hz_adsb_judge_plain, for a frame of any format of which only the bits are known, not how
 * reliable they are: nothing is repaired. A DF 11 with an interrogator's code must have a trusted
 * address. */
enum hz_reason hz_adsb_judge_bits(struct hz_adsb_judge *j, struct hz_adsb_frame *f);

#endif
