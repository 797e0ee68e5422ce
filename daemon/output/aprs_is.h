/* The section of an output of type = aprs-is (aprs_is_conf.c), and its carrier (aprs_is.c). */
#ifndef HZ_DAEMON_OUTPUT_APRS_IS_H
#define HZ_DAEMON_OUTPUT_APRS_IS_H

#include "daemon/output/link.h"

struct hz_conf_aprs_is {
    struct hz_conf_link link;
    char *address, *call, *filter, *symbol, *comment;
    double passcode; /* NAN: computed */
    double latitude, longitude;
    uint64_t beacon_s;
    bool marked, repaired;
};

extern const struct hz_carrier_ops hz_aprs_is_carrier;

#endif
