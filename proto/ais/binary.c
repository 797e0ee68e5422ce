/* Contents of AIS binary messages, by application: those of the IMO (DAC 1; 11 in SN/Circ.236, 29
 * to 31 in SN.1/Circ.289), of inland shipping in Europe (DAC 200; CCNR, Vessel Tracking and Tracing
 * Standard for Inland Navigation, 2.4.2), and one of lighthouse authorities (235/10, 250/10; IALA
 * What these say is reserved or not available is left out. */
#include "proto/ais/messages.h"
#include "proto/ais/names.h"
#include "proto/ais/rows.h"

#define PLUS(name, at, bits, hi, add)                                                              \
    {                                                                                              \
        name, at, bits, HZ_AIS_NUMBER, 0, hi, 0, add, NULL                                         \
    }
#define PART(name, at, bits, hi, per, add)                                                         \
    {                                                                                              \
        name, at, bits, HZ_AIS_NUMBER, 0, hi, per, add, NULL                                       \
    }
/* One of which 0 is not available. */
#define SOME(name, at, bits, hi, per)                                                              \
    {                                                                                              \
        name, at, bits, HZ_AIS_NUMBER, 1, hi, per, 0, NULL                                         \
    }
#define SIGNED(name, at, bits, lo, hi)                                                             \
    {                                                                                              \
        name, at, bits, HZ_AIS_SIGNED, lo, hi, 10, 0, NULL                                         \
    }
#define WORD(name, at, bits, hi, text)                                                             \
    {                                                                                              \
        name, at, bits, HZ_AIS_NUMBER, 0, hi, 0, 0, text                                           \
    }
/* One of which 0 means nothing. */
#define KIND(name, at, bits, hi, text)                                                             \
    {                                                                                              \
        name, at, bits, HZ_AIS_NUMBER, 1, hi, 0, 0, text                                           \
    }
#define PLACE(at, bits)                                                                            \
    {                                                                                              \
        "", at, bits, HZ_AIS_POSITION, 0, 0, 0, 0, NULL                                            \
    }
#define DAY(name, at)                                                                              \
    {                                                                                              \
        name, at, 16, HZ_AIS_DAY, 0, 0, 0, 0, NULL                                                 \
    }

/* Wind, currents, waves: the same in both weather messages, but that the newer one's highest values
 * stand for all above: 126 kn, 25.1 kn, 25.1 m. */
#define WIND(s, kn)                                                                                \
    UPTO("wspeed", 65 + (s), 7, kn), UPTO("wgust", 72 + (s), 7, kn),                               \
        UPTO("wdir", 79 + (s), 9, 359), UPTO("wgustdir", 88 + (s), 9, 359)
#define CURRENTS(s, most)                                                                          \
    PART("cspeed", (s), 8, most, 10, 0), UPTO("cdir", (s) + 8, 9, 359),                            \
        PART("cspeed2", (s) + 17, 8, most, 10, 0), UPTO("cdir2", (s) + 25, 9, 359),                \
        UPTO("cdepth2", (s) + 34, 5, 30), PART("cspeed3", (s) + 39, 8, most, 10, 0),               \
        UPTO("cdir3", (s) + 47, 9, 359), UPTO("cdepth3", (s) + 56, 5, 30),                         \
        PART("waveheight", (s) + 61, 8, most, 10, 0), UPTO("waveperiod", (s) + 69, 6, 60),         \
        UPTO("wavedir", (s) + 75, 9, 359), PART("swellheight", (s) + 84, 8, most, 10, 0),          \
        UPTO("swellperiod", (s) + 92, 6, 60), UPTO("swelldir", (s) + 98, 9, 359),                  \
        UPTO("seastate", (s) + 107, 4, 12)

static const struct hz_ais_item weather_old[] = {
    /* 1/11 */
    PLACE(0, 24),
    DAY("timestamp", 49),
    WIND(0, 120),
    PART("airtemp", 97, 11, 1200, 10, -60),
    UPTO("humidity", 108, 7, 100),
    PART("dewpoint", 115, 10, 700, 10, -20),
    PLUS("pressure", 125, 9, 400, 800),
    WORD("pressuretend", 134, 2, 2, hz_ais_trend),
    PART("visibility", 136, 8, 250, 10, 0),
    PART("waterlevel", 144, 9, 400, 10, -10),
    WORD("leveltrend", 153, 2, 2, hz_ais_trend),
    CURRENTS(155, 250),
    PART("watertemp", 266, 10, 600, 10, -10),
    KIND("preciptype", 276, 3, 5, hz_ais_precipitation),
    PART("salinity", 279, 9, 500, 10, 0),
    WORD("ice", 288, 2, 1, hz_ais_ice),
    END,
};
static const struct hz_ais_item weather[] = {
    /* 1/31 */
    PLACE(0, 25),
    YES("accuracy", 49),
    DAY("timestamp", 50),
    WIND(1, 126),
    SIGNED("airtemp", 98, 11, -600, 600),
    UPTO("humidity", 109, 7, 100),
    SIGNED("dewpoint", 116, 10, -200, 500),
    PLUS("pressure", 126, 9, 402, 799),
    WORD("pressuretend", 135, 2, 2, hz_ais_trend),
    UNLESS(138, 7, 127, 1), /* no visibility to be greater than */
    YES("visgreater", 137),
    PART("visibility", 138, 7, 126, 10, 0),
    PART("waterlevel", 145, 12, 4000, 100, -10),
    WORD("leveltrend", 157, 2, 2, hz_ais_trend),
    CURRENTS(159, 251),
    SIGNED("watertemp", 270, 10, -100, 500),
    KIND("preciptype", 280, 3, 5, hz_ais_precipitation),
    PART("salinity", 283, 9, 501, 10, 0), /* 501: above 50 */
    WORD("ice", 292, 2, 1, hz_ais_ice),
    END,
};
static const struct hz_ais_item text[] = {
    /* 1/29, 1/30 */
    SOME("linkage", 0, 10, 0, 0),
    TEXT("text", 10, 0),
    END,
};
static const struct hz_ais_item inland_ship[] = {
    /* 200/10 */
    {"vin", 0, 48, HZ_AIS_TEXT, 1, 0, 0, 0, NULL}, /* 00000000: not assigned */
    SOME("length", 48, 13, 8000, 10),
    SOME("beam", 61, 10, 1000, 10),
    KIND("shiptype", 71, 14, 0, hz_ais_inland_type),
    WORD("hazard", 85, 3, 4, hz_ais_cones),
    SOME("draught", 88, 11, 2000, 100),
    KIND("loaded", 99, 2, 2, hz_ais_loaded),
    YES("speed_q", 101),
    YES("course_q", 102),
    YES("heading_q", 103),
    END,
};
static const struct hz_ais_item inland_people[] = {
    /* 200/55 */
    UPTO("crew", 0, 8, 254),
    UPTO("passengers", 8, 13, 8190),
    UPTO("personnel", 21, 8, 254),
    END,
};
static const struct hz_ais_item aid_health[] = {
    /* 235/10, 250/10; voltages of 0.05 to 36 V, 0: not used */
    SOME("ana_int", 0, 10, 720, 20),
    SOME("ana_ext1", 10, 10, 720, 20),
    SOME("ana_ext2", 20, 10, 720, 20),
    WORD("racon", 30, 2, 0, hz_ais_racon),
    WORD("light", 32, 2, 0, hz_ais_light),
    YES("alarm", 34),
    NUM("stat_ext", 35, 8),
    YES("off_pos", 43),
    END,
};

static const struct {
    unsigned dac, fid, least; /* least: bits, below which it is no such message */
    const struct hz_ais_item *items;
} applications[] = {
    {1, 11, 290, weather_old}, {1, 31, 294, weather},       {1, 29, 16, text},
    {1, 30, 16, text},         {200, 10, 104, inland_ship}, {200, 55, 29, inland_people},
    {235, 10, 44, aid_health}, {250, 10, 44, aid_health},
};

void hz_ais_binary(const struct hz_ais_in *in, unsigned dac, unsigned fid, unsigned at,
                   unsigned end)
{
    struct hz_ais_in part = {in->payload, end, in->json};
    for (size_t i = 0; i < sizeof applications / sizeof *applications; i++) {
        if (applications[i].dac == dac && applications[i].fid == fid &&
            at + applications[i].least <= end) {
            hz_ais_items(&part, applications[i].items, at);
            return;
        }
    }
    hz_ais_data(in, at, end);
}
