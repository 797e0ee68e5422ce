/* Modulators for packet radio: leading flags, AX.25 frames, two flags. Pure: any thread. */
#ifndef HZ_SIM_PACKET_H
#define HZ_SIM_PACKET_H

#include "sim/fsk.h"
#include "sim/track.h"

#include <stddef.h>
#include <stdint.h>

struct hz_sim_packet {
    const uint8_t *frame; /* borrowed; without its check sequence */
    size_t len;           /* bytes */
    unsigned flags;       /* number of leading flags */
    unsigned times;       /* how often the frame is sent in a row */
};

/* Bell 202 at 1200 baud on FM: deviation_hz of each tone; tone is the ratio of the tones'
 * frequencies to nominal. Makes a sealed track, which the caller frees. 0 or -ENOMEM. */
int hz_sim_packet_bell202(const struct hz_sim_packet *p, double deviation_hz, double tone,
                          struct hz_sim_track *track);

/* Scrambled FSK of G3RUH. Makes a sealed track, which the caller frees. 0 or -ENOMEM. */
int hz_sim_packet_g3ruh(const struct hz_sim_packet *p, const struct hz_sim_fsk *fsk,
                        struct hz_sim_track *track);

#endif
