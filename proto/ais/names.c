#include "proto/ais/names.h"

#include <stddef.h>

#define OF(table, v) ((v) < sizeof(table) / sizeof *(table) ? (table)[v] : NULL)

const char *hz_ais_status(uint32_t v)
{
    static const char *const t[] = {
        "Under way using engine",
        "At anchor",
        "Not under command",
        "Restricted manoeuverability",
        "Constrained by her draught",
        "Moored",
        "Aground",
        "Engaged in fishing",
        "Under way sailing",
        "Reserved for HSC",
        "Reserved for WIG",
        "Power-driven vessel towing astern",
        "Power-driven vessel pushing ahead or towing alongside",
        "Reserved",
        "AIS-SART is active",
    };
    return OF(t, v);
}

/* The groups of ten that tell kind and cargo; the others are in a list. */
#define CARGO(kind)                                                                                \
    kind " - all ships of this type", kind " - Hazardous category A",                              \
        kind " - Hazardous category B", kind " - Hazardous category C",                            \
        kind " - Hazardous category D", kind " - Reserved for future use",                         \
        kind " - Reserved for future use", kind " - Reserved for future use",                      \
        kind " - Reserved for future use", kind " - No additional information"

const char *hz_ais_ship_type(uint32_t v)
{
    static const char *const t[] = {
        CARGO("Wing in ground (WIG)"),
        "Fishing",
        "Towing",
        "Towing: length exceeds 200m or breadth exceeds 25m",
        "Dredging or underwater ops",
        "Diving ops",
        "Military ops",
        "Sailing",
        "Pleasure Craft",
        "Reserved",
        "Reserved",
        CARGO("High speed craft (HSC)"),
        "Pilot Vessel",
        "Search and Rescue vessel",
        "Tug",
        "Port Tender",
        "Anti-pollution equipment",
        "Law Enforcement",
        "Spare - Local Vessel",
        "Spare - Local Vessel",
        "Medical Transport",
        "Ship according to RR Resolution No. 18",
        CARGO("Passenger"),
        CARGO("Cargo"),
        CARGO("Tanker"),
        CARGO("Other Type"),
    };
    return v < 20 ? NULL : OF(t, v - 20);
}

const char *hz_ais_epfd(uint32_t v)
{
    static const char *const t[] = {
        NULL,
        "GPS",
        "GLONASS",
        "Combined GPS/GLONASS",
        "Loran-C",
        "Chayka",
        "Integrated navigation system",
        "Surveyed",
        "Galileo",
        [15] = "Internal GNSS",
    };
    return OF(t, v);
}

const char *hz_ais_aid_type(uint32_t v)
{
    static const char *const t[] = {
        NULL,
        "Reference point",
        "RACON",
        "Fixed offshore structure",
        NULL,
        "Light, without sectors",
        "Light, with sectors",
        "Leading Light Front",
        "Leading Light Rear",
        "Beacon, Cardinal N",
        "Beacon, Cardinal E",
        "Beacon, Cardinal S",
        "Beacon, Cardinal W",
        "Beacon, Port hand",
        "Beacon, Starboard hand",
        "Beacon, Preferred Channel port hand",
        "Beacon, Preferred Channel starboard hand",
        "Beacon, Isolated danger",
        "Beacon, Safe water",
        "Beacon, Special mark",
        "Cardinal Mark N",
        "Cardinal Mark E",
        "Cardinal Mark S",
        "Cardinal Mark W",
        "Port hand Mark",
        "Starboard hand Mark",
        "Preferred Channel Port hand",
        "Preferred Channel Starboard hand",
        "Isolated danger",
        "Safe Water",
        "Special Mark",
        "Light Vessel / LANBY / Rigs",
    };
    return OF(t, v);
}

const char *hz_ais_station_type(uint32_t v)
{
    static const char *const t[] = {
        "All types of mobiles",
        "Class A mobile stations",
        "All types of Class B mobile stations",
        "SAR airborne mobile station",
        "Class B SO mobile stations",
        "Class B CS shipborne mobile station",
        "Regional use and inland waterways",
        "Regional use and inland waterways",
        "Regional use and inland waterways",
        "Regional use and inland waterways",
        "Base station coverage area",
    };
    return OF(t, v);
}

const char *hz_ais_trend(uint32_t v)
{
    static const char *const t[] = {"steady", "decreasing", "increasing"};
    return OF(t, v);
}

/* WMO code table 4.201. */
const char *hz_ais_precipitation(uint32_t v)
{
    static const char *const t[] = {NULL,        "rain", "thunderstorm", "freezing rain",
                                    "mixed/ice", "snow"};
    return OF(t, v);
}

const char *hz_ais_ice(uint32_t v)
{
    static const char *const t[] = {"no", "yes"};
    return OF(t, v);
}

const char *hz_ais_racon(uint32_t v)
{
    static const char *const t[] = {"No RACON installed", "RACON not monitored",
                                    "RACON operational", "RACON ERROR"};
    return OF(t, v);
}

const char *hz_ais_light(uint32_t v)
{
    static const char *const t[] = {"No light or no monitoring", "Light ON", "Light OFF",
                                    "Light ERROR"};
    return OF(t, v);
}

const char *hz_ais_cones(uint32_t v)
{
    static const char *const t[] = {"0 blue cones/lights", "1 blue cone/light",
                                    "2 blue cones/lights", "3 blue cones/lights", "4 B-Flag"};
    return OF(t, v);
}

const char *hz_ais_loaded(uint32_t v)
{
    static const char *const t[] = {NULL, "Unloaded", "Loaded"};
    return OF(t, v);
}

/* Vessel types of European inland navigation (ERI), the usual ones. */
const char *hz_ais_inland_type(uint32_t v)
{
    static const struct {
        uint16_t code;
        const char *name;
    } t[] = {
        {8010, "Motor freighter"},      {8020, "Motor tanker"},
        {8400, "Tug, freighter"},       {8410, "Tug, pusher"},
        {8480, "Fishing boat"},         {8430, "Pushtow boat, single"},
        {8000, "Vessel, type unknown"}, {1850, "Pleasure craft, longer than 20 m"},
    };
    for (size_t i = 0; i < sizeof t / sizeof *t; i++)
        if (t[i].code == v)
            return t[i].name;
    return NULL;
}
