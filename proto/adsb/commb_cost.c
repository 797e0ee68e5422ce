/* Common parts of the models of registers: distributions, text, the atmosphere. */
#include "proto/adsb/commb_cost.h"

#include <math.h>

float hz_commb_spread(double deviation, double scale, float cap)
{
    const float bit = 1.442695f; /* 1 / ln 2 */
    float bits = log2f((float)(2.0 * scale)) + bit * (float)(fabs(deviation) / scale);
    return bits < cap ? bits : cap;
}

/* Letters and digits of the 6-bit set (ICAO Annex 10, volume IV, table 3-8): 36, hence 5.2 bits. */
float hz_commb_text(const uint8_t *mb, unsigned first, unsigned n)
{
    const uint64_t known = UINT64_C(0x07fffffe) | UINT64_C(0x3ff) << 48;
    uint64_t word = 0;
    for (int i = 0; i < 7; i++)
        word = word << 8 | mb[i];
    word >>= 57 - first - 6 * n;
    float bits = 0.0f;
    bool end = true;
    for (; n > 0; n--, word >>= 6) {
        unsigned c = word & 63;
        bool blank = c == 32 || c == 0;
        end = end && blank;
        if (known >> c & 1)
            bits += 5.2f;
        else
            bits += end ? (c == 32 ? 1.0f : 4.0f) : blank ? 9.0f : 12.0f;
    }
    return bits;
}

/* The aircraft's own altitude is known from up to 10 s before, in a climb of up to 50 ft/s. */
float hz_commb_altitude(const struct hz_commb_known *known, double feet, double step)
{
    const double range = 50000.0, slack = 100.0;
    float any = log2f((float)(range / step));
    if (!known->altitude)
        return any;
    return hz_commb_spread((feet - known->alt_baro_ft) / step, slack / step, any + 3.0f);
}

/* The standard atmosphere (ICAO Doc 7488): 288.15 K and 1013.25 hPa at sea level, less 1.9812 K for
 * each 1,000 ft up to 36,089 ft. */
static double pressure_ratio(double feet)
{
    return feet < 36089.0 ? pow(1.0 - 6.87559e-6 * feet, 5.25588)
                          : 0.223361 * exp((36089.0 - feet) / 20805.8);
}

double hz_commb_pressure(double feet)
{
    return 1013.25 * pressure_ratio(feet);
}

double hz_commb_sound_kt(double feet)
{
    return 661.47 * sqrt(1.0 - 6.87559e-6 * (feet < 36089.0 ? feet : 36089.0));
}

/* The calibrated airspeed follows from the ratio of impact pressure to static pressure at sea
 * level, with the speed of sound there. */
double hz_commb_cas(double mach, double feet)
{
    double q = (pow(1.0 + 0.2 * mach * mach, 3.5) - 1.0) * pressure_ratio(feet);
    return 661.47 * sqrt(5.0 * (pow(q + 1.0, 2.0 / 7.0) - 1.0));
}
