#include "proto/adsb/version.h"

#include <stddef.h>

enum {
    UNKNOWN = 1 << HZ_ADSB_UNKNOWN,
    V0 = 1 << HZ_ADSB_V0,
    V1 = 1 << HZ_ADSB_V1,
    V2 = 1 << HZ_ADSB_V2,
    V3 = 1 << HZ_ADSB_V3,
    V23 = V2 | V3,
    NOT3 = V0 | V1 | V2,
    ALL = UNKNOWN | NOT3 | V3,
    ANY = 4 /* any value of a supplement */
};

/* Sources: DO-260B, tables N-4 (version 0), N-11 (version 1) and 2-14 (version 2); DO-260C, table
 * 2-11 (version 3, which adds supplement D for type codes 20 to 22). bc is supplement B in the air
 * and C on the ground. The first row that matches is used; combinations that the tables lack have
 * the lower integrity of their neighbours. UNKNOWN has the lowest of all versions. */
static const struct {
    uint8_t typecode, versions, a, bc, d;
    uint8_t nic;
    uint16_t rc_m;
} rows[] = {
    {5, ALL, ANY, ANY, ANY, 11, 8},
    {6, ALL, ANY, ANY, ANY, 10, 25},
    {7, V1 | V23, 1, 0, ANY, 9, 75},
    {7, ALL, ANY, ANY, ANY, 8, 186},
    {8, V23, 1, 1, ANY, 7, 371},
    {8, V23, 1, 0, ANY, 6, 556},
    {8, V23, 0, 1, ANY, 6, 1112},
    {9, ALL, ANY, ANY, ANY, 11, 8},
    {10, ALL, ANY, ANY, ANY, 10, 25},
    {11, V1, 1, ANY, ANY, 9, 75},
    {11, V23, 1, 1, ANY, 9, 75},
    {11, ALL, ANY, ANY, ANY, 8, 186},
    {12, ALL, ANY, ANY, ANY, 7, 371},
    {13, V1 | V23, 1, ANY, ANY, 6, 1112},
    {13, V23, 0, 1, ANY, 6, 556},
    {13, NOT3 | V3, ANY, ANY, ANY, 6, 926},
    {13, UNKNOWN, ANY, ANY, ANY, 6, 1112},
    {14, ALL, ANY, ANY, ANY, 5, 1852},
    {15, ALL, ANY, ANY, ANY, 4, 3704},
    {16, V1, 1, ANY, ANY, 3, 7408},
    {16, V23, 1, 1, ANY, 3, 7408},
    {16, V1 | V23, ANY, ANY, ANY, 2, 14816},
    {16, UNKNOWN | V0, ANY, ANY, ANY, 1, 18520},
    {17, ALL, ANY, ANY, ANY, 1, 37040},
    {20, NOT3, ANY, ANY, ANY, 11, 8},
    {20, V3, ANY, ANY, 3, 11, 8},
    {20, V3, ANY, ANY, 2, 10, 25},
    {20, V3, ANY, ANY, 1, 9, 75},
    {20, UNKNOWN | V3, ANY, ANY, ANY, 8, 186},
    {21, NOT3, ANY, ANY, ANY, 10, 25},
    {21, UNKNOWN | V3, ANY, ANY, ANY, 7, 371},
    {22, V3, ANY, ANY, 3, 6, 1112},
    {22, V3, ANY, ANY, 2, 5, 1852},
    {22, V3, ANY, ANY, 1, 4, 3704},
};

enum hz_adsb_version hz_adsb_version_of(unsigned number)
{
    return number < 3 ? (enum hz_adsb_version)(HZ_ADSB_V0 + number) : HZ_ADSB_V3;
}

static bool fits(unsigned wanted, unsigned is)
{
    return wanted == ANY || wanted == is;
}

struct hz_integrity hz_adsb_integrity(unsigned typecode, enum hz_adsb_version version,
                                      const struct hz_nic_supplements *s)
{
    unsigned bc = typecode < 9 ? s->c : s->b;
    for (size_t i = 0; i < sizeof rows / sizeof *rows && rows[i].typecode <= typecode; i++) {
        if (rows[i].typecode == typecode && rows[i].versions >> version & 1 &&
            fits(rows[i].a, s->a) && fits(rows[i].bc, bc) && fits(rows[i].d, s->d))
            return (struct hz_integrity){rows[i].nic, rows[i].rc_m};
    }
    return (struct hz_integrity){0, 0};
}

/* DO-260, 2.2.3.2.4.2, for versions 0 and 1; the same paragraph of DO-260B for 2 and 3. They differ
 * only in codes 2 to 8, below 1 kt. */
bool hz_adsb_movement(unsigned code, enum hz_adsb_version version, double *kt)
{
    static const struct {
        uint8_t first;
        double kt, step;
    } ranges[] = {{124, 175, 0}, {109, 100, 5}, {94, 70, 2}, {39, 15, 1},
                  {13, 2, 0.5},  {9, 1, 0.25},  {1, 0, 0}};
    if (code == 0 || code > 124)
        return false;
    if (code >= 2 && code <= 8) {
        if (version == HZ_ADSB_UNKNOWN)
            return false;
        *kt = version < HZ_ADSB_V2 ? 0.125 * (code - 1)
              : code == 2          ? 0.0
                                   : 0.125 + (code - 3) * (0.875 / 6.0);
        return true;
    }
    unsigned i = 0;
    while (code < ranges[i].first)
        i++;
    *kt = ranges[i].kt + ranges[i].step * (code - ranges[i].first);
    return true;
}

/* DO-260B, 2.2.3.2.7.8.1.1 (versions 1 and 2) and N.2.3.4 (version 0: 6 and 7 are reserved);
 * DO-260C, 2.2.3.2.7.8.1.1 (version 3). */
const char *hz_adsb_emergency(unsigned code, enum hz_adsb_version version)
{
    static const char *const words[8] = {"none",  "general",  "lifeguard", "minfuel",
                                         "nordo", "unlawful", "downed",    "reserved"};
    if (code != 2 && code < 6)
        return words[code];
    switch (version) {
    case HZ_ADSB_UNKNOWN:
        return NULL;
    case HZ_ADSB_V0:
        return code == 2 ? words[2] : "reserved";
    case HZ_ADSB_V3:
        return code == 2 ? "lostlink" : code == 6 ? "distress_automatic" : "distress_manual";
    default:
        return words[code];
    }
}
