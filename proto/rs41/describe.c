#include "proto/rs41/describe.h"

#include "proto/link/calendar.h"
#include "proto/link/ecef.h"
#include "proto/out/record.h"
#include "proto/rs41/sensors.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const struct hz_field hz_rs41_fields[] = {
    {"type", "", "RS41", "'const': 'RS41'"},
    {"id", "", "serial number", "'type': 'string'"},
    {"frame", "", "number of the frame: they are sent once a second",
     "'type': 'integer', 'minimum': 0, 'maximum': 65535"},
    {"datetime", "", "time of the position, as ISO 8601", "'type': 'string'"},
    {"ref_datetime", "", "GPS or UTC: which time that is; GPS is some leap seconds ahead",
     "'enum': ['GPS', 'UTC']"},
    {"lat", "degrees", "latitude, north positive",
     "'type': 'number', 'minimum': -90, 'maximum': 90"},
    {"lon", "degrees", "longitude, east positive",
     "'type': 'number', 'minimum': -180, 'maximum': 180"},
    {"alt", "m", "height over the ellipsoid of WGS84", "'type': 'number'"},
    {"ref_position", "", "GPS: heights are over the ellipsoid", "'const': 'GPS'"},
    {"vel_h", "m/s", "speed over ground", "'type': 'number', 'minimum': 0"},
    {"heading", "degrees", "direction of flight, from north",
     "'type': 'number', 'minimum': 0, 'maximum': 360"},
    {"vel_v", "m/s", "climb rate, negative under the parachute", "'type': 'number'"},
    {"sats", "", "satellites used for the position", "'type': 'integer', 'minimum': 0"},
    {"batt", "V", "of the battery", "'type': 'number', 'minimum': 0"},
    {"temp", "°C", "of the air", "'type': 'number'"},
    {"humidity", "%", "relative humidity over water",
     "'type': 'number', 'minimum': 0, 'maximum': 100"},
    {"pressure", "hPa", "of the air; only a sonde of the type SGP measures it",
     "'type': 'number', 'minimum': 0"},
    {"calibration", "",
     "pages of calibration received, of 51; one comes with each frame, and they come in turn",
     "'type': 'integer', 'minimum': 0, 'maximum': 51"},
    {"missing", "",
     "which of temp, humidity and pressure are measured but still wait for pages of calibration",
     "'type': 'array', 'items': {'enum': ['temp', 'humidity', 'pressure']}"},
    {"encrypted", "", "true: the sonde hides where it is (RS41-SGM)", "'const': true"},
    {"subtype", "", "from the calibration: RS41-SG, RS41-SGP, …", "'type': 'string'"},
    {"bt", "s", "time until the sonde turns itself off after the burst of the balloon",
     "'type': 'integer', 'minimum': 0"},
    {"tx_frequency", "kHz", "on which it is set to transmit", "'type': 'integer'"},
    {"rs41_mainboard", "", "type of the board", "'type': 'string'"},
    {"rs41_mainboard_fw", "", "firmware of the board", "'type': 'integer'"},
    {"rs41_calconf51x16", "",
     "hex: all pages of calibration, once they have come and once in each turn after",
     "'type': 'string', 'pattern': '^[0-9a-f]{1632}$'"},
    {"aux", "", "hex: what instruments on board sent (XDATA), several joined by #",
     "'type': 'string'"},
    {0},
};

enum {
    STATUS_SIZE = 0x28,
    TIME_SIZE = 6,
    PLACE_SIZE = 21,
    FIX_SIZE = 26,
    WEEK_S = 604800,
    WEEKS = 10000,         /* until the year 2171: beyond is no date */
    GPS_EPOCH = 315964800, /* 6 January 1980, in seconds since 1970 */
    AUX = 1024,            /* bytes */
};

struct teller {
    struct hz_json *j;
    const struct hz_rs41_sonde *sonde;
    bool named, timed, placed; /* told: a second block of the kind is not */
    double altitude;           /* NAN: not told */
    struct hz_rs41_block sensors;
    bool encrypted;
    char aux[AUX];
};

static uint32_t u32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static unsigned u16(const uint8_t *p)
{
    return p[0] | (unsigned)p[1] << 8;
}

static void tell_time(struct teller *t, int64_t ms, const char *which)
{
    char text[HZ_TIME_TEXT], cut[HZ_TIME_TEXT];
    if (t->timed)
        return;
    t->timed = true;
    hz_time_text(ms * 1000000, text);
    snprintf(cut, sizeof cut, "%.23sZ", text);
    hz_json_str(t->j, "datetime", cut);
    hz_json_str(t->j, "ref_datetime", which);
}

/* p: three coordinates in cm, three velocities in cm/s. False: there was a place already. */
static bool tell_place(struct teller *t, const uint8_t *p)
{
    double xyz[3], v[3];
    for (unsigned i = 0; i < 3; i++) {
        xyz[i] = (int32_t)u32(p + 4 * i) * 0.01;
        v[i] = (int16_t)u16(p + 12 + 2 * i) * 0.01;
    }
    struct hz_ecef_place at = hz_ecef_place(xyz);
    struct hz_ecef_motion is = hz_ecef_motion(v, &at);
    if (t->placed)
        return false;
    t->placed = true;
    if (!(at.alt > -1000 && at.alt < 60000)) /* all zero without satellites */
        return true;
    t->altitude = at.alt;
    hz_json_decimals(t->j, "lat", at.lat, 6);
    hz_json_decimals(t->j, "lon", at.lon, 6);
    hz_json_decimals(t->j, "alt", at.alt, 2);
    hz_json_str(t->j, "ref_position", "GPS");
    hz_json_decimals(t->j, "vel_h", is.speed, 2);
    hz_json_decimals(t->j, "heading", is.heading, 1);
    hz_json_decimals(t->j, "vel_v", is.climb, 2);
    hz_about_position(t->j, at.lat, at.lon);
    return true;
}

/* Position and time of newer firmware; its time is UTC. */
static void tell_fix(struct teller *t, const uint8_t *p)
{
    unsigned year = u16(p + 18), month = p[20], day = p[21], hour = p[22], minute = p[23];
    bool good = year >= 2000 && year < 2100 && month >= 1 && month <= 12 && day >= 1 && day <= 31;
    if (good && hour < 24 && minute < 60 && p[24] <= 60 && p[25] < 100)
        tell_time(t,
                  ((hz_days(year, (int)month, (int)day) * 24 + hour) * 60 + minute) * 60000 +
                      p[24] * 1000 + p[25] * 10,
                  "UTC");
    tell_place(t, p);
}

static void tell_status(struct teller *t, const uint8_t *p)
{
    if (t->named)
        return;
    t->named = true;
    hz_json_str(t->j, "id", t->sonde->serial);
    hz_about_id(t->j, t->sonde->serial);
    hz_json_uint(t->j, "frame", u16(p));
    hz_json_decimals(t->j, "batt", p[10] * 0.1, 1);
}

/* The data are a number and text in hex. */
static void keep_xdata(struct teller *t, const uint8_t *p, size_t n)
{
    size_t have = strlen(t->aux);
    if (n < 2 || have + n + 1 > AUX)
        return;
    if (have > 0)
        t->aux[have++] = '#';
    for (size_t i = 1; i < n && p[i] > ' ' && p[i] <= '~'; i++)
        t->aux[have++] = (char)p[i];
    t->aux[have] = '\0';
}

static void tell_block(struct teller *t, const struct hz_rs41_block *b)
{
    switch (b->id) {
    case HZ_RS41_STATUS:
        if (b->n == STATUS_SIZE)
            tell_status(t, b->data);
        break;
    case HZ_RS41_TIME:
        if (b->n >= TIME_SIZE && u16(b->data) < WEEKS && u32(b->data + 2) < 1000u * WEEK_S)
            tell_time(t, (GPS_EPOCH + (int64_t)u16(b->data) * WEEK_S) * 1000 + u32(b->data + 2),
                      "GPS");
        break;
    case HZ_RS41_PLACE:
        if (b->n >= PLACE_SIZE && tell_place(t, b->data))
            hz_json_uint(t->j, "sats", b->data[18]);
        break;
    case HZ_RS41_FIX:
        if (b->n >= FIX_SIZE)
            tell_fix(t, b->data);
        break;
    case HZ_RS41_SENSORS:
    case HZ_RS41_SGM:
        t->sensors = *b;
        t->encrypted |= b->id == HZ_RS41_SGM;
        break;
    case HZ_RS41_SEALED:
        t->encrypted = true;
        break;
    case HZ_RS41_XDATA:
        keep_xdata(t, b->data, b->n);
        break;
    default:
        break;
    }
}

static void tell_air(struct teller *t)
{
    struct hz_rs41_air air;
    if (!t->sensors.data)
        return;
    hz_rs41_air(t->sonde, t->sensors.data, t->sensors.n, t->altitude, &air);
    hz_json_decimals(t->j, "temp", air.temp, 1);
    hz_json_decimals(t->j, "humidity", air.humidity, 1);
    hz_json_decimals(t->j, "pressure", air.pressure, 2);
    hz_json_uint(t->j, "calibration", hz_rs41_pages(t->sonde));
    if (!air.no_temp && !air.no_humidity && !air.no_pressure)
        return;
    hz_json_open_array(t->j, "missing");
    if (air.no_temp)
        hz_json_str(t->j, NULL, "temp");
    if (air.no_humidity)
        hz_json_str(t->j, NULL, "humidity");
    if (air.no_pressure)
        hz_json_str(t->j, NULL, "pressure");
    hz_json_close_array(t->j);
}

/* Text in the calibration, up to a zero. */
static void tell_text(struct teller *t, const char *key, size_t at, size_t n)
{
    const char *s = (const char *)t->sonde->page + at;
    size_t len = strnlen(s, n);
    if (hz_rs41_has(t->sonde, at, n) && len > 0 && hz_json_is_utf8(s, len))
        hz_json_strn(t->j, key, s, len);
}

static void tell_calibration(struct teller *t, const uint8_t *frame)
{
    const struct hz_rs41_sonde *s = t->sonde;
    const uint8_t *p = s->page;
    /* the page of this frame: its number is at 23 in the status, which is the first block */
    unsigned page = frame[HZ_RS41_BLOCKS] == HZ_RS41_STATUS ? frame[HZ_RS41_BLOCKS + 2 + 23] : 0;
    tell_text(t, "subtype", 536, 10);
    tell_text(t, "rs41_mainboard", 546, 8);
    if (hz_rs41_has(s, 21, 2))
        hz_json_uint(t->j, "rs41_mainboard_fw", u16(p + 21));
    if (hz_rs41_has(s, 2, 2))
        hz_json_uint(t->j, "tx_frequency", 400000u + 40u * p[3] + 10u * (p[2] >> 6));
    if (hz_rs41_has(s, 800, 2) && u16(p + 800) != 0xffff)
        hz_json_uint(t->j, "bt", u16(p + 800));
    if (page == HZ_RS41_PAGES - 1 && hz_rs41_pages(s) == HZ_RS41_PAGES)
        hz_json_hex(t->j, "rs41_calconf51x16", p, sizeof s->page);
}

void hz_rs41_describe(const uint8_t *frame, size_t len, const struct hz_rs41_sonde *sonde,
                      struct hz_json *j)
{
    struct teller t = {.j = j, .sonde = sonde, .altitude = NAN};
    struct hz_rs41_block b;
    size_t at = HZ_RS41_BLOCKS;
    hz_json_str(j, "type", "RS41");
    while (hz_rs41_next(frame, len, &at, &b))
        if (b.right)
            tell_block(&t, &b);
    tell_air(&t);
    if (t.encrypted)
        hz_json_bool(j, "encrypted", true);
    tell_calibration(&t, frame);
    if (*t.aux)
        hz_json_str(j, "aux", t.aux);
}
