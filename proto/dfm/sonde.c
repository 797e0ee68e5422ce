#include "proto/dfm/sonde.h"

#include "proto/link/calendar.h"
#include "proto/out/record.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const struct hz_field hz_dfm_fields[] = {
    {"type", "", "DFM", "'const': 'DFM'"},
    {"id", "", "DFM- and the serial number, once it has come twice", "'type': 'string'"},
    {"subtype", "", "DFM06, DFM09, DFM17, DFM09P, DFM17P or PS15, with the serial number",
     "'type': 'string'"},
    {"frame", "s", "seconds of datetime since 6 January 1980: the sonde counts to 255 only",
     "'type': 'integer', 'minimum': 0"},
    {"datetime", "", "UTC of the position, as ISO 8601", "'type': 'string'"},
    {"ref_datetime", "", "UTC", "'const': 'UTC'"},
    {"lat", "degrees", "latitude, north positive",
     "'type': 'number', 'minimum': -90, 'maximum': 90"},
    {"lon", "degrees", "longitude, east positive",
     "'type': 'number', 'minimum': -180, 'maximum': 180"},
    {"alt", "m", "height over the ellipsoid of WGS84", "'type': 'number'"},
    {"ref_position", "", "GPS: heights are over the ellipsoid", "'const': 'GPS'"},
    {"vel_h", "m/s", "speed over ground", "'type': 'number', 'minimum': 0"},
    {"heading", "degrees", "direction of flight, from north",
     "'type': 'number', 'minimum': 0, 'maximum': 360"},
    {"vel_v", "m/s", "climb rate", "'type': 'number'"},
    {"sats", "", "satellites used", "'type': 'integer', 'minimum': 0"},
    {"temp", "°C", "of the air, approximately", "'type': 'number'"},
    {0},
};

enum { COUNTER, TIME, LATITUDE, LONGITUDE, ALTITUDE, DATE = 8 };
enum { NORMAL = 2, GPS_EPOCH = 315964800, ALIKE = 2, SURE_OF_DFM06 = 10 };

static const double second = 1.3; /* packets of a second come within so many */

/* Octets from i on of a packet, high first. */
static uint32_t number(const uint8_t *nibble, unsigned octet, unsigned octets)
{
    uint32_t v = 0;
    for (unsigned i = 2 * octet; i < 2 * (octet + octets); i++)
        v = v << 4 | nibble[i];
    return v;
}

/* ---- configuration ---- */

static bool decimal(const uint8_t *nibble, unsigned n, uint32_t *v)
{
    *v = 0;
    for (unsigned i = 0; i < n; i++) {
        if (nibble[i] > 9)
            return false;
        *v = *v * 10 + nibble[i];
    }
    return *v > 0;
}

static void suggest(struct hz_dfm_sonde *s, uint32_t serial, bool digits)
{
    if (s->candidate == serial && s->digits == digits)
        s->serial = serial;
    s->candidate = serial;
    s->digits = digits;
}

void hz_dfm_configure(struct hz_dfm_sonde *s, const uint8_t conf[HZ_DFM_CONF], double at)
{
    unsigned channel = conf[0];
    uint32_t digits;
    memcpy(s->channel[channel], conf, HZ_DFM_CONF);
    s->channel_at[channel] = at;
    s->confs++;
    if (conf[1] == 0xc && channel >= s->highest && conf[6] < ALIKE) {
        if (channel > s->highest)
            s->has_half[0] = s->has_half[1] = false;
        s->highest = channel;
        s->half[conf[6]] =
            (uint32_t)conf[2] << 12 | (uint32_t)conf[3] << 8 | (uint32_t)conf[4] << 4 | conf[5];
        s->has_half[conf[6]] = true;
        if (s->has_half[0] && s->has_half[1] && channel >= 0xa && conf[6] == 1)
            suggest(s, s->half[0] << 16 | s->half[1], false);
    } else if (channel > s->highest) {
        s->highest = channel;
    }
    /* the last channel of a DFM-06 */
    if (s->confs >= SURE_OF_DFM06 && s->highest == channel && (channel == 6 || channel == 8) &&
        decimal(conf + 1, 6, &digits))
        suggest(s, digits, true);
}

static const char *subtype(const struct hz_dfm_sonde *s)
{
    bool newer = s->serial >= 23000000 && s->inverted;
    switch (s->digits ? 6 : s->highest) {
    case 6:
        return "DFM06";
    case 0xa:
        return newer ? "DFM17" : "DFM09";
    case 0xb:
        return "DFM17";
    case 0xc:
        return newer ? "DFM17" : "DFM09P";
    case 0xd:
        return "DFM17P";
    default:
        return NULL;
    }
}

/* A measurement: 4 bits of exponent and 20 of mantissa. */
static double measured(const struct hz_dfm_sonde *s, unsigned channel)
{
    const uint8_t *c = s->channel[channel] + 1;
    uint32_t mantissa = 0;
    for (unsigned i = 1; i < 6; i++)
        mantissa = mantissa << 4 | c[i];
    return s->channel_at[channel] > 0 ? mantissa / (double)(1u << c[0]) : NAN;
}

/* A thermistor beside two references, by its nominal curve. */
static double temperature(const struct hz_dfm_sonde *s)
{
    double f = measured(s, 0), f1 = measured(s, 3), f2 = measured(s, 4);
    double r = f2 > 0 ? (f - f1) * 220e3 / f2 : NAN;
    double t = r > 0 ? 1 / (1 / 298.15 + log(r / 5000) / 3260) - 273.15 : NAN;
    return t > -100 && t < 60 ? t : NAN;
}

/* ---- packets ---- */

bool hz_dfm_collect(struct hz_dfm_sonde *s, const uint8_t data[HZ_DFM_DATA], double at,
                    double rate_hz)
{
    unsigned n = data[HZ_DFM_DATA - 1];
    if (n >= HZ_DFM_PACKETS)
        return false;
    memcpy(s->packet[n], data, HZ_DFM_DATA);
    s->packet_at[n] = at;
    if (n != DATE)
        return false;
    for (unsigned i = COUNTER; i <= ALTITUDE; i++)
        if (s->packet_at[i] <= 0 || at - s->packet_at[i] > second * rate_hz)
            return false;
    return number(s->packet[COUNTER], 2, 1) == NORMAL;
}

static void tell_time(const struct hz_dfm_sonde *s, struct hz_json *j)
{
    const uint8_t *p = s->packet[DATE];
    uint32_t date = number(p, 0, 4);
    unsigned year = date >> 20, month = date >> 16 & 15, day = date >> 11 & 31,
             hour = date >> 6 & 31, minute = date & 63;
    unsigned ms = number(s->packet[TIME], 4, 2);
    char text[HZ_TIME_TEXT], cut[HZ_TIME_TEXT];
    if (year < 2000 || year >= 2100 || month < 1 || month > 12 || day < 1 || hour > 23 ||
        minute > 59)
        return;
    int64_t at =
        ((hz_days((int)year, (int)month, (int)day) * 24 + hour) * 60 + minute) * 60000 + ms;
    hz_time_text(at * 1000000, text);
    snprintf(cut, sizeof cut, "%.23sZ", text);
    hz_json_int(j, "frame", at / 1000 - GPS_EPOCH);
    hz_json_str(j, "datetime", cut);
    hz_json_str(j, "ref_datetime", "UTC");
}

static void tell_place(const struct hz_dfm_sonde *s, struct hz_json *j)
{
    const uint8_t *lat = s->packet[LATITUDE], *lon = s->packet[LONGITUDE],
                  *alt = s->packet[ALTITUDE];
    double north = (int32_t)number(lat, 0, 4) * 1e-7, east = (int32_t)number(lon, 0, 4) * 1e-7;
    if (!(fabs(north) <= 90 && fabs(east) <= 180) || (north == 0 && east == 0))
        return;
    hz_json_decimals(j, "lat", north, 6);
    hz_json_decimals(j, "lon", east, 6);
    hz_json_decimals(j, "alt", (int32_t)number(alt, 0, 4) * 0.01, 2);
    hz_json_str(j, "ref_position", "GPS");
    hz_json_decimals(j, "vel_h", number(lat, 4, 2) * 0.01, 2);
    hz_json_decimals(j, "heading", fmod(number(lon, 4, 2) * 0.01, 360), 1);
    hz_json_decimals(j, "vel_v", (int16_t)number(alt, 4, 2) * 0.01, 2);
    hz_about_position(j, north, east);
}

void hz_dfm_describe(const struct hz_dfm_sonde *s, struct hz_json *j)
{
    char id[24];
    hz_json_str(j, "type", "DFM");
    if (s->serial) {
        snprintf(id, sizeof id, "DFM-%u", s->serial);
        hz_json_str(j, "id", id);
        hz_about_id(j, id);
        if (subtype(s))
            hz_json_str(j, "subtype", subtype(s));
    }
    tell_time(s, j);
    tell_place(s, j);
    hz_json_uint(j, "sats", (unsigned)__builtin_popcount(number(s->packet[TIME], 0, 4)));
    hz_json_decimals(j, "temp", temperature(s), 1);
}
