/* Codewords of POCSAG (ITU-R M.584-2, annex 1): 21 bits, ten check bits of a BCH(31,21) code, even
 * parity; most significant bit first. Any two differ in at least six bits.
 *
 * Soft decoding after D. Chase, "A class of algorithms for decoding block codes with channel
 * measurement information", IEEE Trans. Inf. Theory 18, 1972 (algorithm 2, with eight bits): the
 * eight least reliable bits are flipped in all combinations, each trial is taken to its nearest
 * codeword by its syndrome, and the codeword with the least reliability of overruled bits is
 * chosen. Pure; any thread. */
#ifndef HZ_PROTO_POCSAG_WORD_H
#define HZ_PROTO_POCSAG_WORD_H

#include <stdbool.h>
#include <stdint.h>

#define HZ_POCSAG_SYNC UINT32_C(0x7cd215d8)
#define HZ_POCSAG_IDLE UINT32_C(0x7a89c197)

enum { HZ_POCSAG_WORD_BITS = 32 };

/* For each syndrome the one or two bits whose errors cause it; 0: there are more. */
struct hz_pocsag_code {
    uint32_t errors[1024];
    uint16_t syndrome[HZ_POCSAG_WORD_BITS]; /* syndrome of each bit alone; the last one sent is 0 */
};

struct hz_pocsag_word {
    uint32_t code;   /* a codeword */
    uint8_t fixed;   /* bits changed */
    bool plain;      /* it is within two bits of what was received, as no noise would often be */
    float overruled; /* fraction of all the sureness that the changed bits had */
    float margin;    /* how much more the next codeword would have overruled */
    float quality;   /* how sure it is, 0 to 1; its batch tells (hz_pocsag_batch_read) */
};

void hz_pocsag_code_init(struct hz_pocsag_code *c);

/* The codeword for 21 bits of data. */
uint32_t hz_pocsag_encode(uint32_t data);

/* Decodes the word bits[32], the first one sent first, each 0 or 1; sure[i] (>= 0) is the
 * reliability, in any unit. */
struct hz_pocsag_word hz_pocsag_word_read(const struct hz_pocsag_code *c, const uint8_t *bits,
                                          const float *sure);

#endif
