#include "daemon/picture/ais_class.h"

#include <stdlib.h>

static bool has_sent(const struct hz_target *t, uint64_t types)
{
    return (t->types & types) != 0;
}

static bool begins(const char *id, const char *digits)
{
    return strlen(id) == 9 && strncmp(id, digits, strlen(digits)) == 0;
}

enum hz_ais_class hz_ais_class_of(const struct hz_target *t)
{
    /* an MMSI is told as a number, without leading zeros: 00MIDxxxx has seven digits */
    size_t digits = strlen(t->id);
    if (begins(t->id, "970") || begins(t->id, "972") || begins(t->id, "974"))
        return HZ_AIS_DISTRESS;
    if (begins(t->id, "99") || has_sent(t, 1u << 21))
        return HZ_AIS_ATON;
    if (begins(t->id, "111") || has_sent(t, 1u << 9))
        return HZ_AIS_SAR;
    if (digits == 7 || has_sent(t, 1u << 4))
        return HZ_AIS_BASE;
    if (has_sent(t, 1u << 1 | 1u << 2 | 1u << 3 | 1u << 5))
        return HZ_AIS_A;
    if (has_sent(t, 1u << 18 | 1u << 19 | 1u << 24))
        return HZ_AIS_B;
    return HZ_AIS_OTHER;
}

const char *hz_ais_class_name(enum hz_ais_class c)
{
    static const char *const names[] = {"other", "A", "B", "base", "sar", "distress", "aton"};
    return names[c];
}

int hz_ais_shipclass(enum hz_ais_class c, int shiptype)
{
    enum { UNKNOWN = 1, CARGO, B, PASSENGER, SPECIAL, TANKER, FAST, FISHING };
    static const int others[] = {
        [HZ_AIS_BASE] = 11, [HZ_AIS_SAR] = 9, [HZ_AIS_DISTRESS] = 13, [HZ_AIS_ATON] = 12};
    if (c >= HZ_AIS_BASE)
        return others[c];
    switch (shiptype / 10) {
    case 8:
        return TANKER;
    case 7:
        return CARGO;
    case 6:
        return PASSENGER;
    case 5:
        return SPECIAL;
    case 4:
        return FAST;
    default:
        return shiptype == 30 ? FISHING : c == HZ_AIS_B ? B : UNKNOWN;
    }
}
