/* The data subcarrier of a broadcast FM station: discriminator, shift of 57 kHz to 0 Hz, decimation
 * to 15 kHz, and the filter matched to the shaped biphase symbol (EN 50067, 1.3 and 1.4). Pure; one
 * thread at a time; memory is allocated in init only. */
#ifndef HZ_PROTO_RDS_FRONT_H
#define HZ_PROTO_RDS_FRONT_H

#include "dsp/fm.h"

#include <stddef.h>
#include <stdint.h>

enum {
    HZ_RDS_RATE_HZ = 300000,   /* of the channel */
    HZ_RDS_DOWN = 20,          /* decimation */
    HZ_RDS_LOW_HZ = 15000,     /* of the subcarrier */
    HZ_RDS_FRONT_PIECE = 6000, /* samples worked on at once */
    HZ_RDS_TAPS = 75,          /* of the matched filter: 5.9 bits */
    HZ_RDS_LOW_TAPS = 112,     /* of the decimation, zeros among them; a multiple of 8 */
};

/* Bits a second: a 48th of the subcarrier. */
#define HZ_RDS_BITS_S 1187.5

struct hz_rds_front {
    struct hz_fm fm;
    uint64_t shift;       /* samples so far: the phase of 57 kHz, and of the decimation */
    float phasor[200][2]; /* of 57 kHz at 300 kHz, which repeats after 100 samples; twice */
    float audio[HZ_RDS_FRONT_PIECE];
    float mixed[2][HZ_RDS_LOW_TAPS - 1 + HZ_RDS_FRONT_PIECE]; /* behind those before */
    float low[HZ_RDS_LOW_TAPS];                               /* the filter, last tap first */
    double delay; /* of the decimation, in samples of the channel */
    float taps[HZ_RDS_TAPS];
    float last[2]
              [HZ_RDS_TAPS - 1 + HZ_RDS_FRONT_PIECE / HZ_RDS_DOWN + 1]; /* and room for a piece */
};

void hz_rds_front_init(struct hz_rds_front *f);
/* A new stream begins. */
void hz_rds_front_reset(struct hz_rds_front *f);

/* Samples iq[2 n] of the channel, n <= HZ_RDS_FRONT_PIECE, to out[2 m] at 15 kHz, m <= n / 20 + 1;
 * returns m. */
size_t hz_rds_front_push(struct hz_rds_front *f, const float *iq, size_t n, float *out);

#endif
