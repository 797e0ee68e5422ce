#include "daemon/output/ha_fields.h"

#include <math.h>
#include <stdio.h>

/* clang-format off */
#define MEASURE(n, t, c, u, d) \
    {.name = n, .title = t, .class = c, .unit = u, .state_class = "measurement", .digits = d}
#define SCALED(n, t, c, u, d, s) \
    {.name = n, .title = t, .class = c, .unit = u, .state_class = "measurement", .digits = d, .scale = s}
/* Which state class it may have depends on the version of Home Assistant; none is always right. */
#define BEARING(n, t) {.name = n, .title = t, .class = "wind_direction", .unit = "°"}
#define TOTAL(n, t, c, u, d) \
    {.name = n, .title = t, .class = c, .unit = u, .state_class = "total_increasing", .digits = d, .flags = HZ_HA_STAYS}
#define HEALTH(n, t, c, u, d, s, a) \
    {.name = n, .title = t, .class = c, .unit = u, .state_class = "measurement", .digits = d, .scale = s, .add = a, \
     .flags = HZ_HA_DIAGNOSTIC | HZ_HA_STAYS}
#define BINARY(n, t, c, f) \
    {.name = n, .title = t, .platform = HZ_HA_BINARY, .class = c, .digits = -1, .flags = HZ_HA_STAYS | (f)}
#define EVENT(n, t, c) {.name = n, .title = t, .platform = HZ_HA_EVENT, .class = c, .digits = -1}

/* Sensors of homes, by the names of rtl_433. */
static const struct hz_ha_field sensors[] = {
    MEASURE("temperature_C", "Temperature", "temperature", "°C", 1),
    MEASURE("temperature_F", "Temperature", "temperature", "°F", 1),
    MEASURE("temperature_1_C", "Temperature 1", "temperature", "°C", 1),
    MEASURE("temperature_2_C", "Temperature 2", "temperature", "°C", 1),
    MEASURE("temperature_3_C", "Temperature 3", "temperature", "°C", 1),
    MEASURE("temperature_4_C", "Temperature 4", "temperature", "°C", 1),
    MEASURE("temperature_2_F", "Temperature 2", "temperature", "°F", 1),
    MEASURE("temperature_C_ext", "Temperature of the probe", "temperature", "°C", 1),
    MEASURE("setpoint_C", "Set point", "temperature", "°C", 1),
    MEASURE("humidity", "Humidity", "humidity", "%", 0),
    MEASURE("humidity_1", "Humidity 1", "humidity", "%", 0),
    MEASURE("humidity_2", "Humidity 2", "humidity", "%", 0),
    MEASURE("moisture", "Moisture", "moisture", "%", 0),
    MEASURE("pressure_hPa", "Air pressure", "atmospheric_pressure", "hPa", 1),
    MEASURE("pressure_kPa", "Pressure", "pressure", "kPa", 1),
    MEASURE("pressure_PSI", "Pressure", "pressure", "psi", 1),
    MEASURE("pressure_bar", "Pressure", "pressure", "bar", 2),
    MEASURE("wind_avg_m_s", "Wind speed", "wind_speed", "m/s", 1),
    MEASURE("wind_avg_km_h", "Wind speed", "wind_speed", "km/h", 1),
    MEASURE("wind_avg_mi_h", "Wind speed", "wind_speed", "mph", 1),
    MEASURE("wind_max_m_s", "Wind gust", "wind_speed", "m/s", 1),
    MEASURE("wind_max_km_h", "Wind gust", "wind_speed", "km/h", 1),
    MEASURE("wind_max_mi_h", "Wind gust", "wind_speed", "mph", 1),
    MEASURE("wind_gust_km_h", "Wind gust", "wind_speed", "km/h", 1),
    BEARING("wind_dir_deg", "Wind direction"),
    TOTAL("rain_mm", "Rain", "precipitation", "mm", 1),
    TOTAL("rain_in", "Rain", "precipitation", "in", 2),
    MEASURE("rain_rate_mm_h", "Rain rate", "precipitation_intensity", "mm/h", 1),
    MEASURE("rain_rate_in_h", "Rain rate", "precipitation_intensity", "in/h", 2),
    MEASURE("light_lux", "Light", "illuminance", "lx", 0),
    MEASURE("lux", "Light", "illuminance", "lx", 0),
    SCALED("light_klx", "Light", "illuminance", "lx", 0, 1000),
    MEASURE("uvi", "UV index", NULL, "UV index", 1),
    MEASURE("uv", "UV index", NULL, "UV index", 1),
    MEASURE("depth_cm", "Depth", "distance", "cm", 0),
    TOTAL("strike_count", "Lightning strikes", NULL, "strikes", 0),
    MEASURE("storm_dist_km", "Storm distance", "distance", "km", 0),
    MEASURE("strike_distance", "Storm distance", "distance", "km", 0),
    MEASURE("co2_ppm", "CO2", "carbon_dioxide", "ppm", 0),
    MEASURE("pm1_ug_m3", "PM1", "pm1", "µg/m³", 0),
    MEASURE("pm2_5_ug_m3", "PM2.5", "pm25", "µg/m³", 0),
    MEASURE("pm4_ug_m3", "PM4", NULL, "µg/m³", 0),
    MEASURE("pm10_ug_m3", "PM10", "pm10", "µg/m³", 0),
    MEASURE("estimated_pm10_0_ug_m3", "PM10, estimated", NULL, "µg/m³", 0),
    MEASURE("power_W", "Power", "power", "W", 1),
    MEASURE("power0_W", "Power 0", "power", "W", 1),
    MEASURE("power1_W", "Power 1", "power", "W", 1),
    MEASURE("power2_W", "Power 2", "power", "W", 1),
    TOTAL("energy_kWh", "Energy", "energy", "kWh", 3),
    MEASURE("current_A", "Current", "current", "A", 2),
    MEASURE("current", "Current", "current", "A", 2),
    MEASURE("voltage_V", "Voltage", "voltage", "V", 2),
    MEASURE("frequency_Hz", "Frequency", "frequency", "Hz", 2),
    TOTAL("consumption_data", "Meter", NULL, "units", 0),
    HEALTH("battery_ok", "Battery", "battery", "%", 0, 99, 1),
    HEALTH("battery_pct", "Battery", "battery", "%", 0, 1, 0),
    HEALTH("battery_mV", "Battery voltage", "voltage", "mV", 0, 1, 0),
    HEALTH("battery_V", "Battery voltage", "voltage", "V", 2, 1, 0),
    HEALTH("supercap_V", "Capacitor voltage", "voltage", "V", 2, 1, 0),
    BINARY("closed", "Opening", "opening", HZ_HA_INVERT),
    BINARY("contact_open", "Opening", "opening", 0),
    BINARY("reed_open", "Opening", "opening", 0),
    BINARY("opened", "Opening", "opening", 0),
    BINARY("motion", "Motion", "motion", 0),
    BINARY("leak_detected", "Leak", "moisture", 0),
    BINARY("detect_wet", "Leak", "moisture", 0),
    BINARY("water", "Leak", "moisture", 0),
    BINARY("leaking", "Leak", "moisture", 0),
    BINARY("alarm", "Alarm", "safety", 0),
    BINARY("tamper", "Tamper", "tamper", HZ_HA_DIAGNOSTIC),
    BINARY("moving", "Moving", "moving", 0),
    BINARY("ext_power", "External power", "plug", HZ_HA_DIAGNOSTIC),
    EVENT("button", "Button", "button"),
    EVENT("cmd", "Command", NULL),
    {0}};

/* Weather stations of APRS: the object `wx` of its messages. */
static const struct hz_ha_field aprs[] = {
    MEASURE("wx.temp", "Temperature", "temperature", "°C", 1),
    MEASURE("wx.temp_in", "Temperature indoors", "temperature", "°C", 1),
    MEASURE("wx.humidity", "Humidity", "humidity", "%", 0),
    MEASURE("wx.humidity_in", "Humidity indoors", "humidity", "%", 0),
    MEASURE("wx.pressure", "Air pressure", "atmospheric_pressure", "hPa", 1),
    MEASURE("wx.wind_speed", "Wind speed", "wind_speed", "m/s", 1),
    MEASURE("wx.wind_gust", "Wind gust", "wind_speed", "m/s", 1),
    BEARING("wx.wind_direction", "Wind direction"),
    MEASURE("wx.rain_1h", "Rain of an hour", NULL, "mm", 1),
    MEASURE("wx.rain_24h", "Rain of 24 hours", NULL, "mm", 1),
    TOTAL("wx.rain_midnight", "Rain since midnight", "precipitation", "mm", 1),
    MEASURE("wx.luminosity", "Sunlight", "irradiance", "W/m²", 0),
    {0}};

/* Meters of wireless M-Bus, of water or gas, heat, electricity, rooms. */
static const struct hz_ha_field meter[] = {
    TOTAL("total_m3", "Reading", "volume", "m³", 3),
    TOTAL("total_energy_consumption_kwh", "Energy", "energy", "kWh", 2),
    TOTAL("current_consumption_hca", "Heat cost units", NULL, NULL, 0),
    MEASURE("power_kw", "Power", "power", "kW", 3),
    MEASURE("volume_flow_m3h", "Flow", "volume_flow_rate", "m³/h", 3),
    MEASURE("flow_temperature_c", "Flow temperature", "temperature", "°C", 1),
    MEASURE("return_temperature_c", "Return temperature", "temperature", "°C", 1),
    MEASURE("external_temperature_c", "Temperature", "temperature", "°C", 1),
    MEASURE("relative_humidity_rh", "Humidity", "humidity", "%", 0),
    {0}};

static const struct hz_ha_field pager[] = {EVENT("address", "Page", NULL), {0}};
static const struct hz_ha_field flex[] = {EVENT("capcode", "Page", NULL), {0}};
/* clang-format on */

const struct hz_ha_protocol hz_ha_protocols[] = {
    {.name = "sensors", .fields = sensors, .title = "Sensor"},
    {.name = "tyres", .fields = sensors, .title = "Tyre"},
    {.name = "aprs", .fields = aprs, .title = "Weather station"},
    {.name = "wmbus", .fields = meter, .title = "Meter"},
    {.name = "pocsag", .fields = pager, .title = "Pager"},
    {.name = "flex", .fields = flex, .title = "Pager"},
    {0}};

const char *hz_ha_platform_name(enum hz_ha_platform platform)
{
    static const char *const names[] = {"sensor", "binary_sensor", "event"};
    return names[platform];
}

const struct hz_ha_protocol *hz_ha_protocol_find(const char *name)
{
    for (const struct hz_ha_protocol *p = hz_ha_protocols; p->name; p++) {
        if (strcmp(p->name, name) == 0)
            return p;
    }
    return NULL;
}

/* A tyre of a car: it passes by. */
static bool is_tyre(const struct hz_record *rec)
{
    struct hz_value v;
    return (hz_record_field(rec, "type", &v) && hz_value_is(v, "\"TPMS\"")) ||
           hz_record_field(rec, "pressure_kPa", &v) || hz_record_field(rec, "pressure_PSI", &v) ||
           hz_record_field(rec, "pressure_bar", &v);
}

const struct hz_ha_protocol *hz_ha_protocol_of(const char *decoder, const struct hz_record *rec)
{
    const struct hz_ha_protocol *p = hz_ha_protocol_find(decoder);
    return p && p->fields == sensors && is_tyre(rec) ? hz_ha_protocol_find("tyres") : p;
}

size_t hz_ha_fields_count(const struct hz_ha_field *fields)
{
    size_t n = 0;
    while (fields[n].name)
        n++;
    return n;
}

/* The value of a member of an object of plain values, as `wx` is: {"temp":21.5,"soft":"x"}. */
static bool member(struct hz_value object, const char *name, struct hz_value *value)
{
    size_t len = strlen(name);
    const char *end = object.p + object.n;
    bool quoted = false;
    for (const char *p = object.p; p < end; p++) {
        if (*p == '\\')
            p++;
        else if (*p == '"' && !quoted && (size_t)(end - p) > len + 3 && p[len + 1] == '"' &&
                 p[len + 2] == ':' && memcmp(p + 1, name, len) == 0) {
            const char *from = p + len + 3, *to = from;
            if (*from == '"' || *from == '{' || *from == '[')
                return false; /* no number */
            while (to < end && *to != ',' && *to != '}')
                to++;
            *value = (struct hz_value){from, (size_t)(to - from)};
            return true;
        } else if (*p == '"')
            quoted = !quoted;
    }
    return false;
}

static bool find(const struct hz_record *rec, const char *name, struct hz_value *value)
{
    char object[32];
    const char *dot = strchr(name, '.');
    if (!dot)
        return hz_record_field(rec, name, value);
    if ((size_t)(dot - name) >= sizeof object)
        return false;
    snprintf(object, sizeof object, "%.*s", (int)(dot - name), name);
    return hz_record_field(rec, object, value) && member(*value, dot + 1, value);
}

bool hz_ha_field_value(const struct hz_ha_field *f, const struct hz_record *rec,
                       char text[HZ_HA_VALUE_MAX])
{
    struct hz_value value;
    double x;
    text[0] = '\0';
    if (!find(rec, f->name, &value))
        return false;
    if (f->platform == HZ_HA_EVENT)
        return true;
    if (hz_value_is(value, "true") || hz_value_is(value, "false"))
        x = hz_value_is(value, "true");
    else if (!hz_value_number(value, &x) || !isfinite(x))
        return false;
    if (f->platform == HZ_HA_BINARY) {
        bool on = (x != 0) != ((f->flags & HZ_HA_INVERT) != 0);
        snprintf(text, HZ_HA_VALUE_MAX, "%s", on ? "ON" : "OFF");
        return true;
    }
    if (f->scale != 0)
        x = x * f->scale + f->add;
    if (f->digits >= 0 && fabs(x) < 1e15)
        snprintf(text, HZ_HA_VALUE_MAX, "%.*f", f->digits, x == 0 ? 0.0 : x);
    else
        snprintf(text, HZ_HA_VALUE_MAX, "%.15g", x);
    return true;
}
