/* Positions of values, their scales and the curves of the sensors: rs1729/RS, m10m20mod.c, in which
 * those of the M20's humidity and pressure are DF9DQ's. */
#include "proto/m10/sonde.h"

#include "proto/link/calendar.h"
#include "proto/out/record.h"

#include <math.h>
#include <stdio.h>

const struct hz_field hz_m10_fields[] = {
    {"type", "", "M10 or M20", "'enum': ['M10', 'M20']"},
    {"id", "", "M10- or M20- and the serial number, as it is printed on the sonde",
     "'type': 'string'"},
    {"subtype", "", "type octet of the frame: 0x9F, 0xAF (another GPS receiver), 0x20",
     "'type': 'string'"},
    {"frame", "s", "seconds of GPS time (of UTC with 0xAF) since 6 January 1980",
     "'type': 'integer', 'minimum': 0"},
    {"datetime", "", "time of the position, as ISO 8601", "'type': 'string'"},
    {"ref_datetime", "", "what datetime is: UTC, or GPS (of an M20)", "'enum': ['UTC', 'GPS']"},
    {"gpsutc_leapsec", "s", "GPS time less UTC, as the sonde knows it", "'type': 'integer'"},
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
    {"batt", "V", "voltage of the battery", "'type': 'number'"},
    {"temp", "°C", "of the air, by the nominal curve of the sensor", "'type': 'number'"},
    {"humidity", "%", "relative humidity, approximately",
     "'type': 'number', 'minimum': 0, 'maximum': 100"},
    {"pressure", "hPa", "of an M20 that measures it", "'type': 'number'"},
    {"aprsid", "", "of an M10: the name that others use in APRS", "'type': 'string'"},
    {"rawid", "", "the octets of the serial number", "'type': 'string'"},
    {0},
};

enum { GPS_EPOCH_S = 315964800, WEEK_S = 604800, DAY_MS = 86400000, ROLLED_OVER = 1304 };

static const double kelvin = 273.15;

/* High octet first. */
static uint32_t big(const uint8_t *p, unsigned octets)
{
    uint32_t v = 0;
    for (unsigned i = 0; i < octets; i++)
        v = v << 8 | p[i];
    return v;
}

/* Low octet first. */
static uint32_t little(const uint8_t *p, unsigned octets)
{
    uint32_t v = 0;
    for (unsigned i = octets; i-- > 0;)
        v = v << 8 | p[i];
    return v;
}

/* Of 24 bits. */
static int32_t signed24(uint32_t v)
{
    return (int32_t)(v << 8) >> 8;
}

static int16_t signed16(const uint8_t *p)
{
    return (int16_t)big(p, 2);
}

/* ---- identity --------------------------------------------------------------------------- */

static void tell_m20_id(const uint8_t *serial, struct hz_json *j)
{
    char text[32];
    uint32_t v = little(serial, 3);
    unsigned month = v & 0x7f;
    snprintf(text, sizeof text, "M20-%u%02u-%u-%u%04u", month / 12, month % 12 + 1,
             (v >> 7 & 7) + 1, v >> 23 & 1, v >> 10 & 0x1fff);
    hz_json_str(j, "id", text);
    hz_about_id(j, text);
}

static void tell_m10_id(const uint8_t *serial, struct hz_json *j)
{
    char text[32];
    uint32_t low = little(serial + 3, 2);
    snprintf(text, sizeof text, "M10-%X%02u-%X-%u%04u", serial[2] >> 4, serial[2] & 15u,
             serial[0] & 15u, low >> 13, low & 0x1fff);
    hz_json_str(j, "id", text);
    hz_about_id(j, text);
    snprintf(text, sizeof text, "ME%02X%1X%02X%02X", serial[2], serial[0] & 15u, serial[4],
             serial[3]);
    hz_json_str(j, "aprsid", text);
}

static void tell_raw_id(const char *type, const uint8_t *serial, unsigned n, struct hz_json *j)
{
    char text[32];
    int used = snprintf(text, sizeof text, "%s_", type);
    for (unsigned i = 0; i < n; i++)
        used += snprintf(text + used, sizeof text - (size_t)used, "%02X", serial[i]);
    hz_json_str(j, "rawid", text);
}

/* ---- time and place --------------------------------------------------------------------- */

/* ms: since 1970, of UTC, or of GPS time. frame_s: GPS seconds, which count the frames. */
static void tell_time(int64_t ms, int64_t frame_s, const char *reference, struct hz_json *j)
{
    char text[HZ_TIME_TEXT], cut[HZ_TIME_TEXT];
    hz_time_text(ms * 1000000, text);
    snprintf(cut, sizeof cut, "%.23sZ", text);
    hz_json_int(j, "frame", frame_s);
    hz_json_str(j, "datetime", cut);
    hz_json_str(j, "ref_datetime", reference);
}

/* GPS week and the milliseconds in it. Weeks of receivers that counted to 1023 begin again. */
static void tell_gps_time(uint32_t week, uint32_t tow_ms, int leap_s, const char *reference,
                          struct hz_json *j)
{
    if (week > 4000 || tow_ms >= 7u * DAY_MS)
        return;
    week += week < ROLLED_OVER ? 1024 : 0;
    int64_t s = (int64_t)week * WEEK_S;
    tell_time((GPS_EPOCH_S + s - leap_s) * 1000 + tow_ms, s + (tow_ms + 500) / 1000, reference, j);
}

struct motion {
    double lat, lon, alt;   /* degrees, m */
    double east, north, up; /* m/s */
};

static void tell_place(const struct motion *m, struct hz_json *j)
{
    if (!(fabs(m->lat) <= 90 && fabs(m->lon) <= 180) || (m->lat == 0 && m->lon == 0))
        return;
    double heading = atan2(m->east, m->north) * (180 / 3.14159265358979323846);
    hz_json_decimals(j, "lat", m->lat, 6);
    hz_json_decimals(j, "lon", m->lon, 6);
    hz_json_decimals(j, "alt", m->alt, 2);
    hz_json_str(j, "ref_position", "GPS");
    hz_json_decimals(j, "vel_h", hypot(m->east, m->north), 2);
    hz_json_decimals(j, "heading", heading < 0 ? heading + 360 : heading, 1);
    hz_json_decimals(j, "vel_v", m->up, 2);
    hz_about_position(j, m->lat, m->lon);
}

/* ---- sensors ---------------------------------------------------------------------------- */

/* Temperature of the thermistor in a divider with one of three ranges; NAN: no sensible one. */
static double temperature(unsigned range, double adc)
{
    static const double series[] = {12.1e3, 36.5e3, 475e3}, parallel[] = {INFINITY, 330e3, 2e6};
    if (range > 2 || adc <= 0)
        return NAN;
    double r = series[range] / ((4095 - adc) / adc - series[range] / parallel[range]);
    double l = log(r); /* NAN of a negative one */
    double t = 1 / (1.07303516e-3 + l * (2.41296733e-4 + l * (2.26744154e-6 + l * 6.52855181e-8))) -
               kelvin;
    return t >= -120 && t <= 60 ? t : NAN;
}

static double within(double percent)
{
    return fmin(fmax(percent, 0), 100);
}

/* The ratio of two counts of an oscillator, with the sensor and with its reference at 55 %. */
static double m10_humidity(const uint8_t *octet, double temp)
{
    double reference = little(octet + 0x32, 3), count = little(octet + 0x35, 3);
    if (reference <= 0 || isnan(temp))
        return NAN;
    double rh = (count / reference - 0.8955) / 0.002;
    rh += temp < 0 ? -temp / 5.5 : 0;
    rh *= temp < -30 ? 1 + (-30 - temp) / 75 : 1;
    return within(rh);
}

/* Of the humidity sensor: a thermistor of 2.2 kOhm at 25 degrees. */
static double m20_sensor_temperature(double adc)
{
    double r = adc > 0 && adc < 4095 ? 22.1e3 * adc / (4095 - adc) : NAN;
    return 1 / (1 / (kelvin + 25) + log(r / 2200) / 3650) - kelvin;
}

static double m20_humidity(const uint8_t *octet)
{
    double value = little(octet + 2, 2), calibration = 6.4e8 / (little(octet + 0x2f, 2) + 80000.0);
    double temp = m20_sensor_temperature(little(octet + 6, 2));
    double x = 4.16e9 / ((value + 80000) * calibration * (1 - 5.8e-4 * (temp - 25)));
    double rh = ((10.087 * x - 211.62) * x + 1388.2) * x - 2797;
    return value < 48000 && rh > -20 && rh < 120 ? within(rh) : NAN;
}

static double m20_pressure(const uint8_t *octet, unsigned firmware)
{
    double v = little(octet + 0x24, 2) * 256.0 + (firmware >= 7 ? octet[0x16] : 0);
    return v > 0 && v <= 2560 * 4096.0 ? v / 4096 : NAN;
}

/* ---- the three layouts ------------------------------------------------------------------ */

static void tell_m10_sensors(const uint8_t *octet, struct hz_json *j)
{
    double temp = temperature(octet[0x3e], (double)little(octet + 0x3f, 2) - 0xa000);
    hz_json_decimals(j, "batt", little(octet + 0x45, 2) * (2.709 * 2.5 / 1023), 2);
    hz_json_decimals(j, "temp", temp, 1);
    hz_json_decimals(j, "humidity", m10_humidity(octet, temp), 1);
}

static void tell_m10(const uint8_t *octet, struct hz_json *j)
{
    const double angle = 360 / 4294967296.0, speed = 1 / 200.0;
    struct motion m = {.lat = (int32_t)big(octet + 0x0e, 4) * angle,
                       .lon = (int32_t)big(octet + 0x12, 4) * angle,
                       .alt = (int32_t)big(octet + 0x16, 4) * 1e-3,
                       .east = signed16(octet + 4) * speed,
                       .north = signed16(octet + 6) * speed,
                       .up = signed16(octet + 8) * speed};
    tell_gps_time(big(octet + 0x20, 2), big(octet + 0x0a, 4), octet[0x1f], "UTC", j);
    hz_json_int(j, "gpsutc_leapsec", octet[0x1f]);
    tell_place(&m, j);
    hz_json_uint(j, "sats", octet[0x1e]);
    tell_m10_sensors(octet, j);
}

/* The date as the number DDMMYY, the time as HHMMSS. */
static void tell_m10_plus(const uint8_t *octet, struct hz_json *j)
{
    struct motion m = {.lat = (int32_t)big(octet + 4, 4) * 1e-6,
                       .lon = (int32_t)big(octet + 8, 4) * 1e-6,
                       .alt = signed24(big(octet + 0x0c, 3)) * 1e-2,
                       .east = signed16(octet + 0x0f) * 1e-2,
                       .north = signed16(octet + 0x11) * 1e-2,
                       .up = signed16(octet + 0x13) * 1e-2};
    uint32_t time = big(octet + 0x15, 3), date = big(octet + 0x18, 3);
    int day = (int)(date / 10000), month = (int)(date / 100 % 100);
    if (day >= 1 && day <= 31 && month >= 1 && month <= 12 && time < 240000) {
        int64_t minutes =
            (hz_days(2000 + date % 100, month, day) * 24 + time / 10000) * 60 + time / 100 % 100;
        int64_t seconds = minutes * 60 + time % 100;
        tell_time(seconds * 1000, seconds - GPS_EPOCH_S, "UTC", j);
    }
    tell_place(&m, j);
    tell_m10_sensors(octet, j);
}

static void tell_m20(const struct hz_m10_frame *f, struct hz_json *j)
{
    const uint8_t *octet = f->octet;
    /* the version stands before the check, or where a frame of the usual length has it */
    unsigned firmware = octet[f->n < 0x46 ? f->n - 3 : 0x43];
    unsigned adc = little(octet + 4, 2), range = adc >> 12;
    struct motion m = {.lat = (int32_t)big(octet + 0x1c, 4) * 1e-6,
                       .lon = (int32_t)big(octet + 0x20, 4) * 1e-6,
                       .alt = big(octet + 8, 3) * 1e-2,
                       .east = signed16(octet + 0x0b) * 1e-2,
                       .north = signed16(octet + 0x0d) * 1e-2,
                       .up = signed16(octet + 0x18) * 1e-2};
    tell_gps_time(big(octet + 0x1a, 2), big(octet + 0x0f, 3) * 1000, 0, "GPS", j);
    tell_place(&m, j);
    hz_json_decimals(j, "batt", octet[0x26] * (3.3 / 255), 2);
    hz_json_decimals(j, "temp", temperature(range, adc & 0xfff), 1);
    hz_json_decimals(j, "humidity", m20_humidity(octet), 1);
    hz_json_decimals(j, "pressure", m20_pressure(octet, firmware > 0x20 ? 0 : firmware), 2);
}

bool hz_m10_tells(const struct hz_m10_frame *f)
{
    /* an M10 has its serial number at the end of the usual 101 octets */
    return f->octet[1] == HZ_M20 || (f->octet[1] != HZ_M10_LEVELS && f->n > 0x64);
}

void hz_m10_describe(const struct hz_m10_frame *f, struct hz_json *j)
{
    char subtype[8];
    bool m20 = f->octet[1] == HZ_M20;
    const uint8_t *serial = f->octet + (m20 ? 0x12 : 0x5d);
    snprintf(subtype, sizeof subtype, "0x%02X", f->octet[1]);
    hz_json_str(j, "type", m20 ? "M20" : "M10");
    (m20 ? tell_m20_id : tell_m10_id)(serial, j);
    hz_json_str(j, "subtype", subtype);
    if (m20)
        tell_m20(f, j);
    else if (f->octet[1] == HZ_M10_PLUS)
        tell_m10_plus(f->octet, j);
    else
        tell_m10(f->octet, j);
    tell_raw_id(m20 ? "M20" : "M10", serial, m20 ? 3 : 5, j);
}
