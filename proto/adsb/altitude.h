/* The altitude and identity codes of Mode A, C and S. Sources: ICAO Annex 10, volume
 * IV, 3.1.2.6.5.4 (altitude) and 3.1.2.6.7.1 (identity); the table of the Gillham code in the
 * appendix to chapter 3. Pure: any thread. */
#ifndef HZ_PROTO_ADSB_ALTITUDE_H
#define HZ_PROTO_ADSB_ALTITUDE_H

#include <stdbool.h>
#include <stdint.h>

/* The 13-bit AC field in feet. False when it holds no altitude: all zero, metric (the M bit, which
 * no transponder is known to use), or an invalid Gillham code. */
bool hz_altitude_ac13(uint32_t ac, int *feet);

/* As hz_altitude_ac13 for the 12 bits of an airborne position message, which lack the M bit. */
bool hz_altitude_ac12(uint32_t ac, int *feet);

/* The 13-bit identity field as four octal digits, A B C D; not terminated. */
void hz_squawk(uint32_t id, char digits[4]);

#endif
