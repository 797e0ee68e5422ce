#include "proto/adsb/describe.h"

#include <stddef.h>

const struct hz_field hz_adsb_fields[] = {
    {"hex", "", "address, 6 hex digits; begins with ~ when it is none of ICAO's"},
    {"type", "",
     "kind of sender: adsb_icao, adsb_icao_nt (no transponder), adsb_other, adsr_icao, "
     "adsr_other, tisb_icao, tisb_other, tisb_trackfile, mode_s (a plain reply), unknown"},
    {"df", "", "downlink format: 0, 4, 5, 11, 16, 17, 18, 20, 21, 24"},
    {"typecode", "", "type code of an extended squitter (DF 17 and 18), 0 to 31"},
    {"airground", "", "ground or airborne, where the frame says so for sure"},
    {"flight", "", "callsign, 8 characters padded with blanks"},
    {"category", "", "emitter category, A0 to D7"},
    {"squawk", "", "mode A code, 4 octal digits"},
    {"emergency", "", "none, general, lifeguard, minfuel, nordo, unlawful, downed or reserved"},
    {"alert", "", "1: the squawk was changed, or is one of an emergency"},
    {"spi", "", "1: the pilot pressed ident"},
    {"alt_baro", "ft", "barometric altitude at 1013.25 hPa, or the word ground"},
    {"alt_geom", "ft",
     "height over the WGS84 ellipsoid; with a velocity: the barometric altitude heard up"
     " to 5 s before plus the difference sent"},
    {"gs", "kt", "ground speed; on the ground the lower end of the step sent"},
    {"track", "deg", "true track over ground"},
    {"ias", "kt", "indicated airspeed"},
    {"tas", "kt", "true airspeed"},
    {"mag_heading", "deg", "heading clockwise from magnetic north"},
    {"true_heading", "deg", "heading clockwise from true north"},
    {"baro_rate", "ft/min", "rate of climb by the barometer"},
    {"geom_rate", "ft/min", "rate of climb by satellite or inertial reference"},
    {"lat", "deg", "latitude, north positive"},
    {"lon", "deg", "longitude, east positive, -180 to below 180"},
    {"nic", "", "navigation integrity category, 0 to 11"},
    {"rc", "m", "radius that contains the position, rounded up; absent when not known"},
    {"nic_baro", "", "1: the barometric altitude was cross-checked"},
    {"nac_p", "", "accuracy category of the position, 0 to 11"},
    {"nac_v", "", "accuracy category of the velocity, 0 to 4"},
    {"sil", "", "source integrity level, 0 to 3"},
    {"sil_type", "", "what sil is the probability of: perhour, persample, unknown"},
    {"gva", "", "accuracy of the geometric altitude, 0 to 3"},
    {"sda", "", "system design assurance, 0 to 3"},
    {"version", "", "version of ADS-B: 0 DO-260, 1 DO-260A, 2 DO-260B"},
    {NULL, NULL, NULL},
};
