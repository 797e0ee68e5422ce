/* The altitude and identity codes of Mode A, C and S. Sources: ICAO Annex 10, volume
 * IV, 3.1.2.6.5.4 (altitude) and 3.1.2.6.7.1 (identity); the Gillham code's table in its appendix
 * to chapter 3. */
#ifndef HZ_PROTO_ADSB_ALTITUDE_H
#define HZ_PROTO_ADSB_ALTITUDE_H

#include <stdbool.h>
#include <stdint.h>

/* The 13-bit AC field in feet. False when it says nothing: all zero, metric (the M bit; no
 * transponder is known to use it) or no altitude of the Gillham code. */
bool hz_altitude_ac13(uint32_t ac, int *feet);

/* The 12 bits of an airborne position message: an AC field without its M bit. */
bool hz_altitude_ac12(uint32_t ac, int *feet);

/* The 13-bit identity field as four octal digits, A B C D; not terminated. */
void hz_squawk(uint32_t id, char digits[4]);

#endif
