/* Encoder of VDL mode 2 transmissions (ICAO Annex 10, volume III, part I, chapter 6): frames, error
 * correction, scrambler, and the phases to be keyed. It shares nothing with the decoder. Pure: any
 * thread. */
#ifndef HZ_SIM_VDL2_H
#define HZ_SIM_VDL2_H

#include "sim/track.h"

#include <stdint.h>

enum {
    HZ_SIM_VDL2_BAUD = 10500,
    HZ_SIM_VDL2_RAMP = 4,       /* symbols over which the power rises */
    HZ_SIM_VDL2_OCTETS = 2040,  /* of data, at most */
    HZ_SIM_VDL2_SYMBOLS = 5632, /* at most */
    HZ_SIM_VDL2_BITS = 16320,
};

/* An address of the data link, as it is sent. */
struct hz_sim_vdl2_address {
    unsigned type;    /* 1 aircraft, 4 and 5 ground station, 7 all stations */
    uint32_t address; /* 24 bits */
    int status;       /* destination: the sender is on the ground; source: response */
};

/* Writes both addresses, the control octet and the check sequence around n octets of information.
 * Returns the length of the frame: n + 11. */
size_t hz_sim_vdl2_frame(const struct hz_sim_vdl2_address *to,
                         const struct hz_sim_vdl2_address *from, uint8_t control,
                         const uint8_t *information, size_t n, uint8_t *frame);

/* Completes a block of ACARS as a frame holds it, behind FF FF 01: adds odd parity to its n bytes,
 * mode to ETX or ETB, and three bytes behind them: check sequence and DEL. Returns n + 3. */
size_t hz_sim_vdl2_block(uint8_t *block, size_t n);

/* The frames of a transmission, one behind the other between flags. */
struct hz_sim_vdl2_frames {
    const uint8_t *frame[8]; /* each with its check sequence */
    size_t len[8], n;
};

/* Writes the phases, in eighths of a cycle, and amplitudes: ramp, known start, header, data.
 * Returns how many; 0: it does not fit. */
size_t hz_sim_vdl2(const struct hz_sim_vdl2_frames *frames, uint8_t phase[HZ_SIM_VDL2_SYMBOLS],
                   float amplitude[HZ_SIM_VDL2_SYMBOLS]);

/* The same as a sealed track, which the caller frees. root: the transmitter has the root of the
 * raised cosine. 0, -ENOMEM, or -EMSGSIZE. */
int hz_sim_vdl2_track(const struct hz_sim_vdl2_frames *frames, int root,
                      struct hz_sim_track *track);

#endif
