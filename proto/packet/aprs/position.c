/* Positions, plain and compressed, and what carries them: position reports, objects and items
 * (APRS 1.0.1, chapters 6, 8, 9 and 11). */
#include "proto/packet/aprs/aprs.h"

#include <math.h>
#include <string.h>

#define KMH_PER_KNOT 1.852
#define KM_PER_MILE  1.609344
#define M_PER_FOOT   0.3048

enum { PLAIN = 19, PACKED = 13, STAMP = 7 };

/* Degrees (2 or 3 digits) and minutes "DDMM.mm" with `blanks` digits of minutes left out: the
 * middle of what they leave open. NAN: it has another form. */
static double degrees(const char *s, size_t digits, int blanks)
{
    char m[4] = {s[digits], s[digits + 1], s[digits + 3], s[digits + 4]};
    static const double middle[] = {0, 0.05, 0.5, 5, 30};
    unsigned whole, minutes;
    memset(m + 4 - blanks, '0', (size_t)blanks);
    if (s[digits + 2] != '.' || !hz_text_number(s, digits, 10, &whole) ||
        !hz_text_number(m, 4, 10, &minutes) || minutes >= 6000)
        return NAN;
    return whole + (minutes / 100.0 + middle[blanks]) / 60;
}

/* The sign of a hemisphere letter of either case: 1 for names[0], -1 for names[1], 0 for any other
 * character. */
static int hemisphere(char c, const char names[2])
{
    c = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
    return c == names[0] ? 1 : c == names[1] ? -1 : 0;
}

/* "4903.50N/07201.75W-". The latitude says how many digits are left out of both. */
static const char *read_plain(struct hz_aprs_place *place, struct hz_text t)
{
    static const int at[4] = {6, 5, 3, 2}; /* of the digits of minutes, the last first */
    int blanks = 0;
    if (t.n < PLAIN)
        return "loc_short";
    while (blanks < 4 && t.s[at[blanks]] == ' ')
        blanks++;
    double lat = degrees(t.s, 2, blanks), lon = degrees(t.s + 9, 3, blanks);
    int north = hemisphere(t.s[7], "NS"), east = hemisphere(t.s[17], "EW");
    if (!(lat >= 0 && lon >= 0) || !north || !east || t.s[18] < '!' || t.s[18] > '~')
        return "loc_inv";
    if (lat > 90 || lon > 180)
        return "loc_large";
    if (!hz_aprs_is_table(t.s[8]))
        return "sym_inv_table";
    hz_aprs_place_init(place, "uncompressed");
    place->lat = north * lat;
    place->lon = east * lon;
    place->ambiguity = blanks;
    place->resolution_m = hz_aprs_resolution(2 - blanks);
    place->table = t.s[8];
    place->code = t.s[18];
    return NULL;
}

/* The three bytes behind a compressed position: altitude, range, or course and speed, as the
 * third one says. */
static void read_cst(struct hz_aprs_place *place, const char *s)
{
    unsigned c, v, type;
    if (s[0] == ' ' || !hz_text_base91(s + 2, 1, &type))
        return;
    place->fix = type >> 5 & 1;
    if (!hz_text_base91(s, 2, &v) || !hz_text_base91(s, 1, &c))
        return;
    if ((type & 0x18) == 0x10) {
        place->altitude_m = pow(1.002, v) * M_PER_FOOT;
    } else if (s[0] == '{') {
        place->range_km = 2 * pow(1.08, v % 91) * KM_PER_MILE;
    } else {
        place->course = c == 0 ? 360 : c * 4;
        place->speed_kmh = (pow(1.08, v % 91) - 1) * KMH_PER_KNOT;
    }
}

/* "/YYYYXXXX$csT" in base 91. */
static const char *read_packed(struct hz_aprs_place *place, struct hz_text t)
{
    unsigned lat, lon;
    if (t.n < PACKED)
        return "comp_short";
    char table = t.s[0];
    if (!hz_text_base91(t.s + 1, 4, &lat) || !hz_text_base91(t.s + 5, 4, &lon) || t.s[9] < '!' ||
        t.s[9] > '~')
        return "comp_inv";
    hz_aprs_place_init(place, "compressed");
    place->lat = 90 - lat / 380926.0;
    place->lon = -180 + lon / 190463.0;
    if (place->lat < -90 || place->lon > 180)
        return "loc_large";
    place->resolution_m = 0.291;
    place->table = table >= 'a' ? (char)('0' + table - 'a') : table; /* a to j: an overlay 0 to 9 */
    place->code = t.s[9];
    read_cst(place, t.s + 10);
    return NULL;
}

/* Reads a position in either form, with its extension and comment. */
static const char *read_place(struct hz_aprs_place *place, struct hz_text t)
{
    char c = t.n ? t.s[0] : 0;
    bool packed = c == '/' || c == '\\' || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'j');
    const char *why = packed ? read_packed(place, t) : read_plain(place, t);
    if (!why)
        hz_aprs_tail(place, hz_text_after(t, packed ? PACKED : PLAIN));
    return why;
}

const char *hz_aprs_position(const struct hz_aprs_packet *p, struct hz_json *j)
{
    struct hz_aprs_place place;
    struct hz_text t = hz_text_after(p->info, 1);
    char kind = p->info.s[0];
    bool stamped = kind == '/' || kind == '@';
    const char *why = read_place(&place, hz_text_after(t, stamped ? STAMP : 0));
    if (why)
        return why;
    hz_json_str(j, "type", "location");
    hz_json_int(j, "messaging", kind == '=' || kind == '@');
    if (stamped)
        hz_aprs_timestamp(t, j);
    hz_aprs_place_json(&place, j);
    return NULL;
}

/* ";NAME *092345z" and a position. '_' in place of '*' means that the object no longer exists. */
const char *hz_aprs_object(const struct hz_aprs_packet *p, struct hz_json *j)
{
    struct hz_aprs_place place;
    struct hz_text t = hz_text_after(p->info, 1);
    if (t.n < 10 + STAMP + PACKED)
        return "obj_short";
    if (t.s[9] != '*' && t.s[9] != '_')
        return "obj_inv";
    const char *why = read_place(&place, hz_text_after(t, 10 + STAMP));
    if (why)
        return why;
    hz_json_str(j, "type", "object");
    hz_text_json(j, "objectname", hz_text_first(t, 9));
    hz_json_int(j, "alive", t.s[9] == '*');
    hz_aprs_timestamp(hz_text_after(t, 10), j);
    hz_aprs_place_json(&place, j);
    return NULL;
}

/* ")NAME!" and a position. '_' in place of '!' means that the item no longer exists. */
const char *hz_aprs_item(const struct hz_aprs_packet *p, struct hz_json *j)
{
    struct hz_aprs_place place;
    struct hz_text t = hz_text_after(p->info, 1);
    size_t n = 0;
    while (n < t.n && n < 10 && t.s[n] != '!' && t.s[n] != '_')
        n++;
    if (t.n < n + 1 + PACKED)
        return "item_short";
    if (n < 3 || n > 9)
        return "item_inv";
    const char *why = read_place(&place, hz_text_after(t, n + 1));
    if (why)
        return why;
    hz_json_str(j, "type", "item");
    hz_text_json(j, "itemname", hz_text_first(t, n));
    hz_json_int(j, "alive", t.s[n] == '!');
    hz_aprs_place_json(&place, j);
    return NULL;
}
