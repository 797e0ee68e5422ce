/* The cost of 56 bits for a register: -log2 of their probability, in bits. A reserved bit that is 0
 * costs nothing. A bit without a model costs 1. A field costs less the better its value is
 * predicted by other fields or by the state of the aircraft. A register that cannot hold the bits
 * costs HZ_COMMB_NEVER. Private to proto/adsb. Pure: any thread. Layouts: ICAO Doc 9871, appendix
 * A; bits are counted from 1. */
#ifndef HZ_PROTO_ADSB_COMMB_COST_H
#define HZ_PROTO_ADSB_COMMB_COST_H

#include "proto/adsb/commb.h"
#include "proto/link/bits.h"

#define HZ_COMMB_NEVER 1000.0f

/* The cost of a register that is decoded. */
struct hz_commb_fit {
    float bits;
    float margin; /* the difference in bits to all others that is needed to choose it; 0: it cannot
                     be checked and is never chosen */
};

struct hz_commb_fit hz_commb_10(const uint8_t *mb);
struct hz_commb_fit hz_commb_17(const uint8_t *mb);
struct hz_commb_fit hz_commb_20(const uint8_t *mb);
struct hz_commb_fit hz_commb_30(const uint8_t *mb, const struct hz_commb_known *known);
struct hz_commb_fit hz_commb_40(const uint8_t *mb, const struct hz_commb_known *known);
struct hz_commb_fit hz_commb_50(const uint8_t *mb, const struct hz_commb_known *known);
struct hz_commb_fit hz_commb_60(const uint8_t *mb, const struct hz_commb_known *known);

/* The cost of a resolution advisory in bits 9 to 56, as in registers 3,0 and 6,1. */
float hz_commb_advisory(const uint8_t *mb, const struct hz_commb_known *known);

/* True when a register that is not decoded has a cost below `limit`. */
bool hz_commb_rivalled(const uint8_t *mb, const struct hz_commb_known *known, float limit);

/* The cost of a field whose value deviates from its prediction with a Laplace distribution;
 * deviation and scale are in steps of the field. At most `cap`. */
float hz_commb_spread(double deviation, double scale, float cap);

/* The cost of n characters of 6 bits: letters and digits, followed by blanks (or zeros); others
 * have a high cost. */
float hz_commb_text(const uint8_t *mb, unsigned first, unsigned n);

/* The cost of an altitude in feet that is sent in steps of `step` ft; low near the aircraft's own
 * altitude, if that is known. */
float hz_commb_altitude(const struct hz_commb_known *known, double feet, double step);

/* Calibrated airspeed in knots of a Mach number at a barometric altitude in feet. */
double hz_commb_cas(double mach, double feet);

/* Speed of sound in knots, and pressure in hPa, of the standard atmosphere at an altitude in feet.
 */
double hz_commb_sound_kt(double feet);
double hz_commb_pressure(double feet);

/* False when the status bit is 0 but the value is not, which is invalid. */
static inline bool hz_commb_guarded(const uint8_t *mb, unsigned status, unsigned first, unsigned n)
{
    return hz_bit(mb, status) || hz_bits(mb, first, n) == 0;
}

/* The angle between two directions, 0 to 180 degrees. */
static inline double hz_commb_turned(double a, double b)
{
    double d = a > b ? a - b : b - a;
    while (d >= 360.0)
        d -= 360.0;
    return d > 180.0 ? 360.0 - d : d;
}

#endif
