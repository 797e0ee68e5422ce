#include "proto/ais/judge.h"

#include "proto/link/bits.h"

/* Lengths in bytes. Texts and binary data vary; a few transmitters pad. */
static const struct {
    uint8_t least, most;
} bytes_of[28] = {
    [1] = {21, 21},  [2] = {21, 21},   [3] = {21, 21},  [4] = {21, 21},  [5] = {53, 53},
    [6] = {11, 126}, [7] = {9, 21},    [8] = {7, 126},  [9] = {21, 21},  [10] = {9, 9},
    [11] = {21, 21}, [12] = {9, 126},  [13] = {9, 21},  [14] = {5, 126}, [15] = {11, 20},
    [16] = {12, 18}, [17] = {10, 102}, [18] = {21, 21}, [19] = {39, 39}, [20] = {9, 20},
    [21] = {34, 45}, [22] = {21, 21},  [23] = {20, 20}, [24] = {20, 21}, [25] = {5, 21},
    [26] = {7, 133}, [27] = {12, 12},
};

bool hz_ais_long(const uint8_t *payload)
{
    enum { SLOT_BYTES = 21 };
    unsigned type = payload[0] >> 2;
    return type < 28 && bytes_of[type].most > SLOT_BYTES;
}

uint32_t hz_ais_mmsi(const uint8_t *payload)
{
    return hz_bits(payload, 9, 30);
}

/* A country's number (MID). */
static bool country(uint32_t mid)
{
    return mid >= 201 && mid <= 775;
}

static bool station(uint32_t mmsi)
{
    if (mmsi > 999999999)
        return false;
    uint32_t top = mmsi / 10000000; /* the first two of nine digits */
    if (top == 0)
        return country(mmsi / 10000); /* shore: 00 MID */
    if (top < 10)
        return country(mmsi / 100000); /* group: 0 MID */
    if (mmsi / 1000000 == 111)
        return country(mmsi / 1000 % 1000); /* aircraft of search and rescue */
    if (top == 97)
        return mmsi / 1000000 <= 974; /* beacons of distress */
    if (top >= 98)
        return country(mmsi / 10000 % 1000); /* boats of a ship, aids to navigation */
    if (top >= 80)
        return country(mmsi / 100000 % 1000); /* handheld */
    return country(mmsi / 1000000);
}

unsigned hz_ais_odd(const uint8_t *payload, size_t bits)
{
    unsigned type = payload[0] >> 2, odd = bits % 8 ? HZ_AIS_ODD_BITS : 0;
    if (type < 1 || type > 27)
        odd |= HZ_AIS_ODD_TYPE;
    else if (bits < 8u * bytes_of[type].least || bits > 8u * bytes_of[type].most)
        odd |= HZ_AIS_ODD_LENGTH;
    return station(hz_ais_mmsi(payload)) ? odd : odd | HZ_AIS_ODD_MMSI;
}

static bool on_the_globe(const uint8_t *payload, unsigned lon, unsigned lat)
{
    int32_t x = hz_bits_signed(payload, lon, 28), y = hz_bits_signed(payload, lat, 27);
    return x <= 181 * 600000 && x >= -180 * 600000 && y <= 91 * 600000 && y >= -90 * 600000;
}

static bool heading(uint32_t degrees)
{
    return degrees < 360 || degrees == 511;
}

/* Tenths of a knot, 1023 for none: ships make up to 60 kn. */
static bool speed(uint32_t tenths)
{
    return tenths <= 700 || tenths == 1023;
}

/* The communication state of SOTDMA (ITU-R M.1371-5, annex 2, 3.3.7.2): the slot's time-out, and
 * what goes with that: a slot's number, or the time. */
static bool slot_state(const uint8_t *payload)
{
    uint32_t says = hz_bits(payload, 155, 14);
    switch (hz_bits(payload, 152, 3)) {
    case 1:
        return says >> 9 <= 24 && (says >> 2 & 127) <= 60;
    case 2:
    case 4:
    case 6:
        return says < 2250;
    default:
        return true;
    }
}

/* Class B units with carrier sense have no such state, and say so. */
static bool class_b_state(const uint8_t *payload)
{
    uint32_t state = hz_bits(payload, 150, 19);
    return hz_bits(payload, 142, 1) == 0 || state == 0x60006 || state == 0x60000;
}

/* Six-bit text as in names, call signs and ports: capitals, digits, a few marks; @ ends it and
 * pads. */
static bool text(const uint8_t *payload, unsigned from, unsigned chars)
{
    static const uint64_t usual = 0x07fffbc907ffffff; /* bit c: character c */
    bool ended = false;
    for (unsigned i = 0; i < chars; i++) {
        unsigned c = hz_bits(payload, from + 6 * i, 6);
        if (!(usual >> c & 1) || (ended && c != 0 && c != ' '))
            return false;
        ended |= c == 0;
    }
    return true;
}

static bool ship_type(uint32_t type)
{
    return type < 100;
}

static bool static_data(const uint8_t *payload)
{
    return text(payload, 71, 7) && text(payload, 113, 20) && ship_type(hz_bits(payload, 233, 8)) &&
           hz_bits(payload, 275, 4) <= 12 && hz_bits(payload, 284, 5) <= 24 &&
           hz_bits(payload, 289, 6) <= 60 && text(payload, 303, 20) &&
           hz_bits(payload, 424, 1) == 0;
}

/* Part A: the name; part B: type, maker, call sign, and two spare bits at the end. */
static bool static_part(const uint8_t *payload, size_t bits)
{
    switch (hz_bits(payload, 39, 2)) {
    case 0:
        return text(payload, 41, 20) && (bits == 160 || hz_bits(payload, 161, 8) == 0);
    case 1:
        return bits == 168 && ship_type(hz_bits(payload, 41, 8)) && text(payload, 49, 3) &&
               text(payload, 91, 7) && hz_bits(payload, 167, 2) == 0;
    default:
        return false;
    }
}

bool hz_ais_guarded(const uint8_t *payload)
{
    static const uint32_t types = 1u << 1 | 1u << 2 | 1u << 3 | 1u << 4 | 1u << 5 | 1u << 9 |
                                  1u << 11 | 1u << 18 | 1u << 19 | 1u << 21 | 1u << 24;
    unsigned type = payload[0] >> 2;
    return type < 32 && types >> type & 1;
}

bool hz_ais_plausible(const uint8_t *payload, size_t bits)
{
    if (bits < HZ_AIS_LEAST_BITS || hz_ais_odd(payload, bits) != 0)
        return false;
    switch (payload[0] >> 2) {
    case 1:
    case 2:
    case 3:
        return on_the_globe(payload, 62, 90) && speed(hz_bits(payload, 51, 10)) &&
               hz_bits(payload, 117, 12) <= 3600 && heading(hz_bits(payload, 129, 9)) &&
               hz_bits(payload, 144, 2) <= 2 && hz_bits(payload, 146, 3) == 0;
    case 4:
    case 11:
        return on_the_globe(payload, 80, 108) && hz_bits(payload, 53, 4) <= 12 &&
               hz_bits(payload, 62, 5) <= 24 && hz_bits(payload, 67, 6) <= 60 &&
               hz_bits(payload, 73, 6) <= 60 && hz_bits(payload, 140, 9) == 0;
    case 9:
        return on_the_globe(payload, 62, 90) && hz_bits(payload, 117, 12) <= 3600;
    case 18:
        return on_the_globe(payload, 58, 86) && speed(hz_bits(payload, 47, 10)) &&
               hz_bits(payload, 39, 8) == 0 && hz_bits(payload, 113, 12) <= 3600 &&
               heading(hz_bits(payload, 125, 9));
    case 19:
        return on_the_globe(payload, 58, 86) && hz_bits(payload, 113, 12) <= 3600 &&
               heading(hz_bits(payload, 125, 9)) && text(payload, 144, 20);
    case 21:
        return on_the_globe(payload, 165, 193) && text(payload, 44, 20);
    case 5:
        return static_data(payload);
    case 24:
        return static_part(payload, bits);
    default:
        return true;
    }
}

bool hz_ais_proper(const uint8_t *payload, size_t bits)
{
    if (!hz_ais_plausible(payload, bits))
        return false;
    switch (payload[0] >> 2) {
    case 1:
    case 2:
    case 4:
    case 11:
        return slot_state(payload);
    case 18:
        return class_b_state(payload);
    default:
        return true;
    }
}
