/* What the frames of a DFM tell, collected: a second's worth of packets makes a message. Pure; one
 * thread at a time. */
#ifndef HZ_PROTO_DFM_SONDE_H
#define HZ_PROTO_DFM_SONDE_H

#include "proto/decoder.h"
#include "proto/dfm/frame.h"

enum { HZ_DFM_PACKETS = 9, HZ_DFM_CHANNELS = 16 };

extern const struct hz_field hz_dfm_fields[];

/* Zeroed before use. Times are in samples of any one rate. */
struct hz_dfm_sonde {
    uint8_t packet[HZ_DFM_PACKETS][HZ_DFM_DATA];
    double packet_at[HZ_DFM_PACKETS]; /* 0: not yet */
    uint8_t channel[HZ_DFM_CHANNELS][HZ_DFM_CONF];
    double channel_at[HZ_DFM_CHANNELS];
    unsigned confs;   /* configuration fields since the serial number was last in doubt */
    unsigned highest; /* channel among them */
    uint32_t half[2]; /* of a serial number, high first; of the channel `highest` */
    bool has_half[2];
    uint32_t candidate, serial; /* read once; read twice alike. 0: none */
    bool digits;                /* the serial number is six decimal digits: a DFM-06 */
    bool inverted;
};

/* Takes the configuration of a frame. */
void hz_dfm_configure(struct hz_dfm_sonde *s, const uint8_t conf[HZ_DFM_CONF], double at);

/* Takes a packet. True: the second is complete, and hz_dfm_describe may be called. */
bool hz_dfm_collect(struct hz_dfm_sonde *s, const uint8_t data[HZ_DFM_DATA], double at,
                    double rate_hz);

/* Writes the fields of the second that was completed. */
void hz_dfm_describe(const struct hz_dfm_sonde *s, struct hz_json *j);

#endif
