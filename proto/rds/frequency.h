/* Alternative frequencies (EN 50067, 3.2.1.6). Pure. */
#ifndef HZ_PROTO_RDS_FREQUENCY_H
#define HZ_PROTO_RDS_FREQUENCY_H

#include <stdbool.h>
#include <stdint.h>

enum { HZ_RDS_AFS = 26 };

/* A list as it comes, two codes at a time. */
struct hz_rds_af {
    unsigned khz[HZ_RDS_AFS], n;       /* of the list under way */
    unsigned expected;                 /* frequencies of it; 0: none has begun */
    bool low;                          /* the next code is one of long or medium wave */
    unsigned list[HZ_RDS_AFS], listed; /* the latest whole list */
};

/* Takes two codes. True: a list is whole. */
bool hz_rds_af_take(struct hz_rds_af *af, uint16_t codes);
/* Whether the list is one of pairs with the frequency that it is for, which is the first. */
bool hz_rds_af_is_pairs(const struct hz_rds_af *af);
/* The FM frequency of a code in kHz; 0: it is none. */
unsigned hz_rds_af_khz(uint8_t code);

#endif
