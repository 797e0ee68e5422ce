/* Temperature, humidity and pressure of an RS41: from the counts of its sensors and references, and
 * the constants of its calibration pages (rs1729/RS, rs41mod; bazjo/RS41_Decoding). NAN where a
 * page that is needed has not come yet, or a sensor is missing. Pure; any thread. */
#ifndef HZ_PROTO_RS41_SENSORS_H
#define HZ_PROTO_RS41_SENSORS_H

#include "proto/rs41/known.h"

enum { HZ_RS41_SENSORS_SIZE = 42 }; /* octets of the block 7A; that of an SGM has 27 */

struct hz_rs41_air {
    double temp;     /* degrees C */
    double humidity; /* % over water */
    double pressure; /* hPa */
    /* The pages that the value needs have not all come. */
    bool no_temp, no_humidity, no_pressure;
};

/* data[n]: of the block of sensors. altitude_m: of the standard atmosphere, where there is no
 * pressure sensor; NAN: not known. */
void hz_rs41_air(const struct hz_rs41_sonde *s, const uint8_t *data, size_t n, double altitude_m,
                 struct hz_rs41_air *out);

#endif
