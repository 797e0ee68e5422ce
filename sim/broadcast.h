/* A broadcast FM station with stereo pilot and RDS, as the frequency of its carrier over time.
 * Pure; one thread at a time. */
#ifndef HZ_SIM_BROADCAST_H
#define HZ_SIM_BROADCAST_H

#include "sim/rng.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HZ_SIM_RDS_GROUP_BITS = 104, HZ_SIM_RDS_PULSE = 64 };

/* What a station is, and what it says. */
struct hz_sim_programme {
    uint16_t pi;
    unsigned pty;
    const char *ps;                   /* eight characters */
    const char *text[3];              /* RadioText, one after the other; NULL: no more */
    const char *artist[3], *title[3]; /* parts of these, for RadioText Plus; NULL: none */
    unsigned mjd, minute;             /* of the clock when the station begins */
    unsigned af[3];                   /* other frequencies in 100 kHz over 87.5 MHz; 0: no more */
    bool mono;                        /* without a pilot */
    double data_hz;                   /* deviation by the data; 0: 2 kHz */
    double crystal;                   /* relative error of its clocks */
};

struct hz_sim_broadcast {
    const struct hz_sim_programme *what;
    struct hz_rng rng;
    float
        pulse[6 * HZ_SIM_RDS_PULSE + 1]; /* of a bit, 64 steps to the bit, from 3 bits before on */
    int8_t level[8];                     /* of the bits around the one on the air, +1 or -1 */
    uint8_t bits[HZ_SIM_RDS_GROUP_BITS]; /* of the group under way */
    unsigned at;                         /* next bit of it */
    uint64_t groups, begun;              /* groups so far */
    uint16_t block[4];                   /* of the group under way */
    double time, bit;                    /* seconds; bits since the one on the air began */
    int8_t last;                         /* symbol before, of the differential code */
    double tone[4];                      /* of the programme's sound: phases in turns */
    unsigned which;                      /* text */
    /* Each new group: its number and blocks, and when its first bit begins. NULL: nobody asks. */
    void (*on_group)(void *ctx, const uint16_t block[4], double begins_s);
    void *ctx;
};

void hz_sim_broadcast_init(struct hz_sim_broadcast *b, const struct hz_sim_programme *what,
                           uint64_t seed);

/* The next n values of the frequency, in Hz from the carrier, at a sample rate. */
void hz_sim_broadcast_fill(struct hz_sim_broadcast *b, double rate_hz, float *hz, size_t n);

#endif
