/* Compact Position Reporting: a position is sent as 17 bits each of latitude and longitude within a
 * zone, alternately in two grids of different zone size (even and odd). A receiver combines both.
 * Source: RTCA DO-260B, appendix A.1.7; ICAO Doc 9871, C.2.6. Pure: any thread. */
#ifndef HZ_PROTO_ADSB_CPR_H
#define HZ_PROTO_ADSB_CPR_H

#include <stdbool.h>
#include <stdint.h>

struct hz_position {
    double lat, lon; /* degrees, north and east positive; lon from -180 to below 180 */
};

struct hz_cpr {
    uint32_t lat, lon; /* 17 bits each, as sent */
};

/* Number of longitude zones at a latitude in degrees: 59 at the equator, 1 at the poles. */
int hz_cpr_nl(double lat);

/* The position from both grids; that of the frame received last, which odd_last names. False when
 * the two frames are in different latitude zones, or the result is not on earth. */
bool hz_cpr_airborne(struct hz_cpr even, struct hz_cpr odd, bool odd_last, struct hz_position *out);

/* As hz_cpr_airborne for a surface position, whose grid repeats every 90 degrees: of the eight
 * solutions the one nearest to `ref`. */
bool hz_cpr_surface(struct hz_cpr even, struct hz_cpr odd, bool odd_last, struct hz_position ref,
                    struct hz_position *out);

/* The position from one frame that is nearest to `ref`. It is right only if the aircraft is within
 * half a zone of `ref`: 180 NM in the air, 45 NM on the ground. False when it is not on earth. */
bool hz_cpr_local(struct hz_cpr cpr, bool odd, bool surface, struct hz_position ref,
                  struct hz_position *out);

/* Great-circle distance in nautical miles, for a spherical earth. */
double hz_distance_nm(struct hz_position a, struct hz_position b);

#endif
