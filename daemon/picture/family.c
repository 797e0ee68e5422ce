#include "daemon/picture/family.h"

#include <math.h>
#include <string.h>

/* Speeds and slacks: an aircraft with the wind behind it does 400 m/s, of which a wrong clock makes
 * more; a helicopter with an AIS transponder 100 m/s. APRS positions may leave out digits, and
 * their clocks stand minutes apart. Reach: an aircraft at 15 km is over the horizon at 500 km, and
 * ducts take it further; over water AIS was heard at 1,000 km and more. */
const struct hz_list_rules hz_lists[HZ_LISTS] = {
    [HZ_LIST_AIRCRAFT] =
        {.name = "aircraft",
         .forget_ms = 5 * 60000,
         .speed_ms = 1000,
         .slack_m = 2000,
         .reach_m = 700e3,
         .thinning = {.span_s = 1200, .step_s = 60, .min_m = 150, .turn_deg = 5, .climb = 1000}},
    [HZ_LIST_SHIPS] =
        {.name = "ships",
         .forget_ms = 30 * 60000,
         .speed_ms = 100,
         .slack_m = 2000,
         .reach_m = 1500e3,
         .thinning = {.span_s = 7200, .step_s = 300, .min_m = 60, .turn_deg = 6, .climb = 300}},
    [HZ_LIST_STATIONS] =
        {.name = "stations",
         .forget_ms = 60 * 60000,
         .speed_ms = 400,
         .slack_m = 20000,
         .reach_m = 1000e3,
         .thinning = {.span_s = 7200, .step_s = 300, .min_m = 150, .turn_deg = 10, .climb = 300}},
};

static bool is(const struct hz_record *rec, const char *name, const char *json)
{
    struct hz_value v;
    return hz_record_field(rec, name, &v) && hz_value_is(v, json);
}

/* ---- ads-b ---- */

static const char *const adsb_names[] = {"flight", NULL};
static const char *const adsb_altitudes[] = {"alt_baro", "alt_geom", NULL};
static const char *const adsb_lasting[] = {"hex",     "type",     "flight", "squawk",
                                           "version", "category", NULL};

/* Positions of ADS-R and TIS-B are sent by a station on the ground. */
static bool adsb_direct(const struct hz_record *rec)
{
    struct hz_value type;
    return hz_record_field(rec, "type", &type) && type.n > 5 && memcmp(type.p, "\"adsb", 5) == 0;
}

/* ---- ais ---- */

static const char *const ais_names[] = {"shipname", "name", NULL};
static const char *const ais_altitudes[] = {"alt", NULL};
static const char *const ais_passing[] = {
    "status",   "status_text", "turn",  "speed", "accuracy", "course", "heading", "second",
    "maneuver", "raim",        "radio", "text",  "nmea",     "odd",    NULL,
};

/* Binary messages tell of other places: where the weather is, or an area. */
static bool ais_locates(const struct hz_record *rec)
{
    static const uint64_t types = 1u << 1 | 1u << 2 | 1u << 3 | 1u << 4 | 1u << 9 | 1u << 11 |
                                  1u << 17 | 1u << 18 | 1u << 19 | 1u << 21 | 1u << 27;
    struct hz_value v;
    double type;
    return hz_record_field(rec, "type", &v) && hz_value_number(v, &type) && type < 64 &&
           (types >> (unsigned)type & 1) != 0;
}

static bool ais_direct(const struct hz_record *rec)
{
    return is(rec, "repeat", "0") && !is(rec, "virtual_aid", "true");
}

/* ---- aprs ---- */

static const char *const aprs_names[] = {"objectname", "itemname", NULL};
static const char *const aprs_altitudes[] = {"altitude", NULL};
static const char *const aprs_passing[] = {"course", "speed", NULL};

static bool aprs_subject(const struct hz_record *rec, char id[HZ_ID_MAX + 1])
{
    struct hz_value v;
    if (!hz_record_field(rec, "objectname", &v) && !hz_record_field(rec, "itemname", &v))
        return false;
    if (!hz_value_string(v, id, HZ_ID_MAX + 1))
        return false;
    for (size_t n = strlen(id); n > 0 && id[n - 1] == ' '; n--)
        id[n - 1] = '\0';
    return true;
}

static bool aprs_direct(const struct hz_record *rec)
{
    static const char relayed[] = "\"wasdigied\":1";
    struct hz_value v;
    char id[HZ_ID_MAX + 1];
    return !aprs_subject(rec, id) && !(hz_record_field(rec, "digipeaters", &v) &&
                                       memmem(v.p, v.n, relayed, sizeof relayed - 1));
}

static bool aprs_ends(const struct hz_record *rec)
{
    return is(rec, "alive", "0");
}

/* ---- which ---- */

static const char *const no_fields[] = {NULL};
static const char *const other_altitudes[] = {"altitude", "alt", NULL};

static const struct hz_family aircraft = {.name = "aircraft",
                                          .list = HZ_LIST_AIRCRAFT,
                                          .names = adsb_names,
                                          .altitudes = adsb_altitudes,
                                          .passing_s = 60,
                                          .listed_last = true,
                                          .listed = adsb_lasting,
                                          .direct = adsb_direct};
static const struct hz_family ships = {.name = "ships",
                                       .list = HZ_LIST_SHIPS,
                                       .names = ais_names,
                                       .altitudes = ais_altitudes,
                                       .passing_s = 600,
                                       .listed = ais_passing,
                                       .locates = ais_locates,
                                       .direct = ais_direct};
static const struct hz_family aprs = {.name = "aprs",
                                      .list = HZ_LIST_STATIONS,
                                      .names = aprs_names,
                                      .altitudes = aprs_altitudes,
                                      .passing_s = 600,
                                      .listed = aprs_passing,
                                      .direct = aprs_direct,
                                      .subject = aprs_subject,
                                      .ends = aprs_ends};
static const struct hz_family others = {.list = HZ_LIST_STATIONS,
                                        .only_placed = true,
                                        .names = no_fields,
                                        .altitudes = other_altitudes,
                                        .passing_s = UINT32_MAX,
                                        .listed = no_fields};

/* Aircraft by their registration, of which ADS-B does not tell; of VDL mode 2 by their addresses,
 * with positions too rough to stand beside those of ADS-B. */
static const char *const acars_names[] = {"flight", NULL};
static const struct hz_family acars = {.list = HZ_LIST_STATIONS,
                                       .only_placed = true,
                                       .names = acars_names,
                                       .altitudes = other_altitudes,
                                       .passing_s = UINT32_MAX,
                                       .listed = no_fields};

static const struct {
    const char *protocol;
    const struct hz_family *family; /* NULL: nobody of the picture */
} families[] = {
    {"adsb", &aircraft}, {"ais", &ships}, {"aprs", &aprs}, {"ax25-9600", &aprs}, {"pocsag", NULL},
    {"flex", NULL},      {"nfm", NULL},   {"am", NULL},    {"acars", &acars},    {"vdl2", &acars},
};

const struct hz_family *hz_family_of(const char *protocol)
{
    for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
        if (strcmp(families[i].protocol, protocol) == 0)
            return families[i].family;
    }
    return &others;
}

struct hz_place hz_family_place(const struct hz_family *f, const struct hz_record *rec)
{
    if (isnan(rec->about.lat) || (f->locates && !f->locates(rec)))
        return (struct hz_place){NAN, NAN};
    return (struct hz_place){rec->about.lat, rec->about.lon};
}

bool hz_family_shows(const struct hz_family *f, struct hz_value name, uint32_t age_s)
{
    if (age_s <= f->passing_s)
        return true;
    for (const char *const *p = f->listed; *p; p++) {
        if (hz_value_is(name, *p))
            return f->listed_last;
    }
    return !f->listed_last;
}
