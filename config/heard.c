#include "config/heard.h"

#include <stddef.h>
#include <string.h>

enum {
    EU = 1 << HZ_REGION_EUROPE,
    AM = 1 << HZ_REGION_AMERICA,
    AU = 1 << HZ_REGION_AUSTRALIA,
    JP = 1 << HZ_REGION_JAPAN,
    ALL = EU | AM | AU | JP,
};

const char *const hz_region_names[HZ_REGIONS + 1] = {"europe", "america", "australia", "japan",
                                                     NULL};

const struct hz_interest hz_interests[] = {
    {"aircraft", "aircraft: ADS-B and Mode S"},
    {"ships", "ships: AIS"},
    {"airlines", "airlines: ACARS texts"},
    {"datalink", "aircraft data link: VDL mode 2"},
    {"packet", "packet radio: APRS"},
    {"pagers", "pagers: POCSAG or FLEX"},
    {"sensors", "sensors, remotes and tyres around 433.92 MHz"},
    {"meters", "meters and sensors around 868 or 915 MHz"},
    {"radiosondes", "radiosondes of weather balloons"},
    {"speech", "speech of hand-held radios"},
    {"broadcast", "broadcast FM stations: names and texts (RDS)"},
    {NULL, NULL},
};

/* APRS: the frequencies of IARU's regions and of national plans. ACARS: those of SITA and ARINC.
 * POCSAG: DAPNET and the networks of e*Message; FLEX: the American 929 MHz band. Speech: PMR446
 * (ETSI EN 303 405), FRS (47 CFR 95.563), UHF CB of Australia, Japan's licence-free radios.
 * Radiosondes: every launching site has its own within 400 to 406 MHz; these are frequent. */
const struct hz_heard hz_heard[] = {
    {"aircraft", "adsb", ALL, 1090e6, 0, 1},
    {"ships", "ais", ALL, 161.975e6, 50e3, 2},
    {"airlines", "acars", EU, 131.525e6, 0, 1},
    {"airlines", "acars", EU, 131.725e6, 0, 1},
    {"airlines", "acars", EU, 131.825e6, 0, 1},
    {"airlines", "acars", AM, 130.025e6, 0, 1},
    {"airlines", "acars", AM, 130.425e6, 25e3, 2},
    {"airlines", "acars", AM, 131.125e6, 0, 1},
    {"airlines", "acars", AM | AU, 131.550e6, 0, 1},
    {"airlines", "acars", JP, 131.450e6, 0, 1},
    {"datalink", "vdl2", ALL, 136.975e6, 0, 1},
    {"datalink", "vdl2", EU, 136.725e6, 50e3, 4},
    {"datalink", "vdl2", AM, 136.650e6, 0, 1},
    {"packet", "aprs", EU, 144.800e6, 0, 1},
    {"packet", "aprs", AM, 144.390e6, 0, 1},
    {"packet", "aprs", AU, 145.175e6, 0, 1},
    {"packet", "aprs", JP, 144.640e6, 20e3, 2},
    {"pagers", "pocsag", EU, 439.9875e6, 0, 1},
    {"pagers", "flex", AM, 929.6625e6, 0, 1},
    {"pagers", "flex", AM, 931.0625e6, 0, 1},
    {"pagers", "pocsag", AU, 148.6625e6, 0, 1},
    {"sensors", "sensors", ALL, 433.92e6, 0, 1},
    {"meters", "wmbus", EU, 868.95e6, 0, 1},
    {"meters", "sensors", EU, 868.3e6, 0, 1},
    {"meters", "sensors", AM | AU, 915e6, 0, 1},
    {"radiosondes", "rs41", ALL, 402.7e6, 0, 1},
    {"radiosondes", "rs41", ALL, 403.5e6, 0, 1},
    {"radiosondes", "rs41", ALL, 404.1e6, 0, 1},
    {"radiosondes", "rs41", ALL, 404.5e6, 0, 1},
    {"radiosondes", "dfm", ALL, 403e6, 0, 1},
    {"radiosondes", "m10", ALL, 404e6, 0, 1},
    {"speech", "nfm", EU, 446.00625e6, 12.5e3, 8},
    {"speech", "nfm", AM, 462.5625e6, 25e3, 7},
    {"speech", "nfm", AU, 476.425e6, 12.5e3, 8},
    {"speech", "nfm", JP, 422.2e6, 12.5e3, 9},
    {"broadcast", "rds", ALL, 98.5e6, 0, 1},
    {NULL, NULL, 0, 0, 0, 0},
};

static bool is_of(const struct hz_heard *h, const char *interest, enum hz_region region)
{
    return (h->regions & 1U << region) && (!interest || strcmp(h->interest, interest) == 0);
}

const struct hz_heard *hz_heard_next(const struct hz_heard *after, const char *interest,
                                     enum hz_region region)
{
    const struct hz_heard *h = after ? after + 1 : hz_heard;
    while (h->interest && !is_of(h, interest, region))
        h++;
    return h->interest ? h : NULL;
}

bool hz_heard_span(const char *interest, enum hz_region region, double *low_hz, double *high_hz)
{
    const struct hz_heard *h = NULL;
    bool any = false;
    while ((h = hz_heard_next(h, interest, region))) {
        double last = h->first_hz + h->step_hz * (h->count - 1);
        *low_hz = any && *low_hz < h->first_hz ? *low_hz : h->first_hz;
        *high_hz = any && *high_hz > last ? *high_hz : last;
        any = true;
    }
    return any;
}

/* They overlap: the narrowest counts. */
static const struct hz_heard_band bands[] = {
    {26.5e6, 28e6, "am", "citizens' band"},
    {28e6, 29.7e6, "nfm", "amateur radio, 10 m"},
    {50e6, 54e6, "nfm", "amateur radio, 6 m"},
    {87.5e6, 108e6, "rds", "broadcast FM"},
    {118e6, 137e6, "am", "aircraft, speech"},
    {131e6, 132e6, "acars", "aircraft, ACARS"},
    {136.6e6, 137e6, "vdl2", "aircraft, VDL mode 2"},
    {137e6, 138e6, NULL, "weather satellites"},
    {144e6, 148e6, "nfm", "amateur radio, 2 m"},
    {144.35e6, 144.85e6, "aprs", "packet radio"},
    {148e6, 156e6, "nfm", "land mobile"},
    {156e6, 162.05e6, "nfm", "ships, speech"},
    {161.96e6, 162.04e6, "ais", "ships, AIS"},
    {162.4e6, 162.55e6, "nfm", "weather radio"},
    {165e6, 174e6, "nfm", "land mobile"},
    {314e6, 316e6, "sensors", "remotes and sensors"},
    {344e6, 346e6, "sensors", "alarms"},
    {400.05e6, 406e6, "rs41", "radiosondes"},
    {406e6, 430e6, "nfm", "land mobile"},
    {430e6, 450e6, "nfm", "amateur radio, 70 cm"},
    {433.05e6, 434.79e6, "sensors", "sensors and remotes"},
    {439.9e6, 440e6, "pocsag", "pagers"},
    {446e6, 446.2e6, "nfm", "hand-held radios"},
    {450e6, 470e6, "nfm", "land mobile"},
    {465.9e6, 466.3e6, "pocsag", "pagers"},
    {476.4e6, 477.5e6, "nfm", "hand-held radios"},
    {863e6, 870e6, "sensors", "sensors and meters"},
    {868.9e6, 869e6, "wmbus", "meters"},
    {902e6, 928e6, "sensors", "sensors and meters"},
    {929e6, 932e6, "flex", "pagers"},
    {1089e6, 1091e6, "adsb", "aircraft, Mode S"},
    {1240e6, 1300e6, "nfm", "amateur radio, 23 cm"},
};

const struct hz_heard_band *hz_heard_band(double hz)
{
    const struct hz_heard_band *best = NULL;
    for (size_t i = 0; i < sizeof bands / sizeof *bands; i++) {
        const struct hz_heard_band *b = &bands[i];
        if (hz >= b->low_hz && hz <= b->high_hz &&
            (!best || b->high_hz - b->low_hz < best->high_hz - best->low_hz))
            best = b;
    }
    return best;
}
