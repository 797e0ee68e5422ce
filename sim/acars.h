/* ACARS on VHF: blocks and their modulation (ARINC 618). Pure: any thread. */
#ifndef HZ_SIM_ACARS_H
#define HZ_SIM_ACARS_H

#include "sim/rng.h"
#include "sim/track.h"

#include <stdint.h>

enum { HZ_SIM_ACARS_BLOCK = 300 }; /* bytes of a block at most */

struct hz_sim_acars {
    const char *registration; /* at most 7 characters; dots before it are added */
    const char *label;        /* two characters */
    const char *text;         /* at most 220 characters, message number and flight included; NULL:
                               * there is none */
    char mode, ack, id;       /* ack 0: NAK */
    bool more;                /* it ends with ETB */
};

/* From the mode to ETX or ETB, without parity. Returns the number of bytes. */
size_t hz_sim_acars_block(const struct hz_sim_acars *how, uint8_t block[HZ_SIM_ACARS_BLOCK]);

struct hz_sim_acars_radio {
    double depth;        /* of the AM; over 1 the carrier is cut off at times */
    double phase;        /* of the tones where a bit begins, in turns: 0 or 0.25 */
    unsigned key;        /* bits of the pre-key */
    unsigned bad_parity; /* every so many characters are sent with the wrong parity; 0: none */
};

/* Pre-key, sync, block, check sequence and DEL as a sealed track. 0 or -ENOMEM. */
int hz_sim_acars(const uint8_t *block, size_t n, const struct hz_sim_acars_radio *radio,
                 struct hz_sim_track *track);

/* What aircraft say in a downlink, made up: label and text (message number, block A and flight
 * first). */
void hz_sim_acars_compose(struct hz_rng *r, const char **label, char text[221]);
/* A made-up registration. */
void hz_sim_acars_registration(struct hz_rng *r, char registration[8]);

#endif
