/* A position with its attributes: initial values and JSON output. */
#include "proto/packet/aprs/aprs.h"

#include "proto/out/record.h"

#include <math.h>

void hz_aprs_place_init(struct hz_aprs_place *place, const char *format)
{
    *place = (struct hz_aprs_place){.format = format, .ambiguity = -1, .fix = -1};
    place->course = place->speed_kmh = place->altitude_m = NAN;
    place->range_km = place->bearing = NAN;
    hz_aprs_wx_init(&place->wx);
}

double hz_aprs_resolution(int decimals)
{
    return 1852.0 * (decimals < -1 ? 60.0 : pow(10.0, -decimals));
}

bool hz_aprs_is_table(char c)
{
    return c == '/' || c == '\\' || (c >= 'A' && c <= 'Z') || hz_is_digit(c);
}

bool hz_aprs_is_symbol(char c)
{
    return c >= '!' && c <= '~';
}

static void text(struct hz_json *j, const char *key, struct hz_text t)
{
    if (t.n > 0)
        hz_text_json(j, key, t);
}

void hz_aprs_place_json(const struct hz_aprs_place *place, struct hz_json *j)
{
    hz_json_str(j, "format", place->format);
    hz_json_decimals(j, "lat", place->lat, 6);
    hz_json_decimals(j, "lon", place->lon, 6);
    hz_about_position(j, place->lat, place->lon);
    hz_json_decimals(j, "posresolution", place->resolution_m, 4);
    if (place->ambiguity >= 0)
        hz_json_int(j, "posambiguity", place->ambiguity);
    if (place->table)
        hz_json_strn(j, "symboltable", &place->table, 1);
    if (place->code)
        hz_json_strn(j, "symbolcode", &place->code, 1);
    hz_json_decimals(j, "course", place->course, 1);
    hz_json_decimals(j, "speed", place->speed_kmh, 3);
    hz_json_decimals(j, "altitude", place->altitude_m, 3);
    hz_json_decimals(j, "radiorange", place->range_km, 3);
    hz_json_decimals(j, "bearing", place->bearing, 0);
    text(j, "nrq", place->nrq);
    text(j, "phg", place->phg);
    text(j, "dfs", place->dfs);
    if (place->fix >= 0)
        hz_json_int(j, "gpsfixstatus", place->fix);
    if (place->datum)
        hz_json_strn(j, "daodatumbyte", &place->datum, 1);
    if (place->has_wx)
        hz_aprs_wx_json(&place->wx, j);
    if (place->has_telemetry)
        hz_aprs_telemetry_json(&place->telemetry, j);
    text(j, "comment", (struct hz_text){place->comment, place->comment_n});
}
