/* Error correction of a VDL2 transmission: Reed-Solomon rows of 249 octets, sent by columns.
 *
 * Signal model: symbols.h. Code: RS(255, 249) over GF(256) with the polynomial 0x187 and the roots
 * a^120 … a^125; a short row is filled up with zeros, and of its parity only as much is sent as its
 * length deserves: the rest counts as erased. Up to three octets, or six erased ones, are corrected
 * by the code alone; such a word may be wrong as often as 1 in 6, so the check sequences of the
 * frames inside are the judge of all that is done here.
 *
 * Estimates, in this order, until the judge accepts: the octets as decided; the least certain ones
 * erased; a random list of error events (dsp/rslist.h), an event being a symbol that was the second
 * nearest phase. Pure; one thread at a time. */
#ifndef HZ_PROTO_VDL2_ROWS_H
#define HZ_PROTO_VDL2_ROWS_H

#include "dsp/rs.h"
#include "dsp/rslist.h"
#include "proto/vdl2/bits.h"

/* How a transmission of so many octets of data is laid out. */
struct hz_vdl2_layout {
    size_t octets, rows, sent;                           /* of data; of data and parity */
    uint8_t row[HZ_VDL2_SENT_MAX], at[HZ_VDL2_SENT_MAX]; /* of each that is sent: row, power of x */
    uint8_t len[HZ_VDL2_ROWS], parity[HZ_VDL2_ROWS];     /* octets of each row */
};

void hz_vdl2_code(struct hz_rs *rs);

/* octets: 1 to HZ_VDL2_OCTETS_MAX. */
void hz_vdl2_layout(size_t octets, struct hz_vdl2_layout *l);

/* True when the octets of data are to be accepted. */
typedef bool hz_vdl2_judge(void *ctx, const uint8_t *octets, size_t n);

struct hz_vdl2_rows {
    struct hz_vdl2_layout layout;
    uint8_t word[HZ_VDL2_ROWS][HZ_RS_ORDER]; /* as received; of a row that is right, as it is */
    uint8_t octet[HZ_VDL2_OCTETS_MAX];       /* of data, as found */
    uint8_t heard[HZ_VDL2_OCTETS_MAX];       /* and as received */
    unsigned solved;                         /* words that were tried */
    unsigned fixed;                          /* octets that differ from what was received */
    unsigned fixed_bits;                     /* bits of data that do */
    bool right;                              /* the judge accepts the octets */
};

/* bit: those of the data and its parity, unscrambled, one a byte: the first one is behind the
 * header. tries: words that may be tried. Returns true where `right` is set; else octet holds what
 * the code alone makes of the rows, and true is not returned. */
bool hz_vdl2_rows_run(struct hz_vdl2_rows *r, const struct hz_rs *rs,
                      const struct hz_vdl2_symbols *s, const uint8_t *bit, size_t octets,
                      unsigned tries, hz_vdl2_judge *judge, void *ctx);

#endif
