/* Compact Position Reporting: positions sent as 17 bits of latitude and longitude inside a zone,
 * in two grids of different size (even and odd), to be joined by the receiver.
 * Source: RTCA DO-260B, appendix A.1.7; ICAO Doc 9871, C.2.6. Pure functions. */
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

/* Both grids to one position, where the one that was heard last (`odd_last`) says it is. False when
 * the two lie in different rows of zones, or nowhere on earth. */
bool hz_cpr_airborne(struct hz_cpr even, struct hz_cpr odd, bool odd_last, struct hz_position *out);

/* The same on the ground, where the grid repeats every 90 degrees: of the eight answers the one
 * that lies nearest to `ref`. */
bool hz_cpr_surface(struct hz_cpr even, struct hz_cpr odd, bool odd_last, struct hz_position ref,
                    struct hz_position *out);

/* One frame to the position nearest to `ref`; right only when the aircraft is within half a zone
 * of it: 180 NM in the air, 45 NM on the ground. False when it is nowhere on earth. */
bool hz_cpr_local(struct hz_cpr cpr, bool odd, bool surface, struct hz_position ref,
                  struct hz_position *out);

/* Great-circle distance in nautical miles, earth as a sphere. */
double hz_distance_nm(struct hz_position a, struct hz_position b);

#endif
