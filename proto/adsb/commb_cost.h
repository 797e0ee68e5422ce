/* How likely a register is to hold given 56 bits, as a cost: the bits that its best description of
 * them takes, -log2 of their probability. A reserved bit that is 0 is free, a bit of no meaning
 * costs one, a field less the better its value is foreseen: by other fields, or by what is known of
 * the aircraft. A register that cannot hold the bits costs HZ_COMMB_NEVER. Private to proto/adsb.
 * Layouts: ICAO Doc 9871, appendix A; bits are counted from 1. */
#ifndef HZ_PROTO_ADSB_COMMB_COST_H
#define HZ_PROTO_ADSB_COMMB_COST_H

#include "proto/adsb/commb.h"
#include "proto/link/bits.h"

#define HZ_COMMB_NEVER 1000.0f

/* A register that may be told. */
struct hz_commb_fit {
    float bits;
    float margin; /* by how many bits it must be better than others to be named; 0: it cannot be
                     checked, and never is */
};

struct hz_commb_fit hz_commb_10(const uint8_t *mb);
struct hz_commb_fit hz_commb_17(const uint8_t *mb);
struct hz_commb_fit hz_commb_20(const uint8_t *mb);
struct hz_commb_fit hz_commb_30(const uint8_t *mb, const struct hz_commb_known *known);
struct hz_commb_fit hz_commb_40(const uint8_t *mb, const struct hz_commb_known *known);
struct hz_commb_fit hz_commb_50(const uint8_t *mb, const struct hz_commb_known *known);
struct hz_commb_fit hz_commb_60(const uint8_t *mb, const struct hz_commb_known *known);

/* A resolution advisory in bits 9 to 56, as 3,0 and 6,1 have it. */
float hz_commb_advisory(const uint8_t *mb, const struct hz_commb_known *known);

/* True when a register that is not told could hold the bits for less than `limit`. */
bool hz_commb_rivalled(const uint8_t *mb, const struct hz_commb_known *known, float limit);

/* A field whose value deviates from what is expected as a Laplace distribution of that scale, both
 * in steps of the field; at most `cap`. */
float hz_commb_spread(double deviation, double scale, float cap);

/* n characters of 6 bits: letters and digits, and blanks (or zeros) behind them; others are dear.
 */
float hz_commb_text(const uint8_t *mb, unsigned first, unsigned n);

/* An altitude in feet that is sent in steps of `step` ft: the aircraft's own where that is known.
 */
float hz_commb_altitude(const struct hz_commb_known *known, double feet, double step);

/* Calibrated airspeed in knots of a Mach number at a barometric altitude in feet. */
double hz_commb_cas(double mach, double feet);

/* Speed of sound in knots, and pressure in hPa, of the standard atmosphere at an altitude in feet.
 */
double hz_commb_sound_kt(double feet);
double hz_commb_pressure(double feet);

/* True when a value without its status bit is 0, as it has to be. */
static inline bool hz_commb_guarded(const uint8_t *mb, unsigned status, unsigned first, unsigned n)
{
    return hz_bit(mb, status) || hz_bits(mb, first, n) == 0;
}

/* Difference of two directions, 0 to 180 degrees. */
static inline double hz_commb_turned(double a, double b)
{
    double d = a > b ? a - b : b - a;
    while (d >= 360.0)
        d -= 360.0;
    return d > 180.0 ? 360.0 - d : d;
}

#endif
