/* The devices of Home Assistant that are not heard: each receiver, and the station with its counts.
 * Loop thread. */
#ifndef HZ_DAEMON_OUTPUT_HA_RADIO_H
#define HZ_DAEMON_OUTPUT_HA_RADIO_H

#include "daemon/output/ha.h"
#include "daemon/picture/picture.h"

enum { HZ_HA_RECEIVERS = 64 }; /* further ones are not announced */

/* What was counted of a receiver since the last update. */
struct hz_ha_counted {
    char receiver[HZ_NAME_MAX + 1];
    double messages; /* as the status said last */
    int64_t at_ms;   /* when; 0: never */
    double snr_sum;
    unsigned snr_n;
};

/* All zero at first. */
struct hz_ha_radio {
    struct hz_ha_counted receivers[HZ_HA_RECEIVERS];
};

/* Takes in the SNR of a message. */
void hz_ha_radio_hear(struct hz_ha_radio *r, const struct hz_frame *f);
/* Tells the present state, from the daemon's status, which is read only. picture: NULL, or what
 * counts are made from. */
void hz_ha_radio_update(struct hz_ha_radio *r, struct hz_ha *ha, const cJSON *status,
                        const struct hz_picture *picture, int64_t now_ms);

#endif
