/* Packets as a transmitter sends them: flags while it settles, AX.25 frames, two flags. Pure. */
#ifndef HZ_SIM_PACKET_H
#define HZ_SIM_PACKET_H

#include "sim/fsk.h"
#include "sim/track.h"

#include <stddef.h>
#include <stdint.h>

struct hz_sim_packet {
    const uint8_t *frame; /* borrowed; without its check sequence */
    size_t len;           /* bytes */
    unsigned flags;       /* ahead of it */
    unsigned times;       /* the frame is sent, one after the other */
};

/* Bell 202 at 1200 baud on FM: the deviation of either tone, whose frequencies are `tone` times
 * what they should be. A sealed track. 0 or -ENOMEM. */
int hz_sim_packet_bell202(const struct hz_sim_packet *p, double deviation_hz, double tone,
                          struct hz_sim_track *track);

/* Scrambled FSK of G3RUH. A sealed track. 0 or -ENOMEM. */
int hz_sim_packet_g3ruh(const struct hz_sim_packet *p, const struct hz_sim_fsk *fsk,
                        struct hz_sim_track *track);

#endif
