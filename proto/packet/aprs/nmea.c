/* Raw sentences of a GPS receiver, as trackers send them (NMEA 0183: GGA, GLL, RMC; APRS 1.0.1,
 * chapters 5 and 20 for the symbol in the destination). */
#include "proto/packet/aprs/aprs.h"

#include <math.h>
#include <string.h>

enum { FIELDS = 15 };

/* The symbols of a pair of letters in the destination "GPSxyz": a letter (one or more rows) stands
 * for a run of symbols. Primary table first. */
static const struct {
    char letter, first, last; /* second character of the pair from ... to */
    char symbol;              /* of `first` */
    bool alternate;
} pairs[] = {
    {'B', 'B', 'P', '!', false}, {'P', '0', '9', '0', false}, {'M', 'R', 'X', ':', false},
    {'P', 'A', 'Z', 'A', false}, {'H', 'S', 'X', '[', false}, {'L', 'A', 'Z', 'a', false},
    {'J', '1', '4', '{', false}, {'O', 'B', 'P', '!', true},  {'A', '0', '9', '0', true},
    {'N', 'R', 'X', ':', true},  {'A', 'A', 'Z', 'A', true},  {'D', 'S', 'X', '[', true},
    {'S', 'A', 'Z', 'a', true},  {'Q', '1', '4', '{', true},
};

/* "GPSxyz", "SPCxyz" and "SYMxyz" (APRS 1.0.1, chapter 20): a pair and, on the alternate table, an
 * overlay; "GPSCnn", "GPSEnn": number of the symbol in the primary or the alternate table. */
static void destination_symbol(const char *to, struct hz_aprs_place *place)
{
    size_t n = strcspn(to, "-");
    unsigned number;
    if (n < 5 ||
        (memcmp(to, "GPS", 3) != 0 && memcmp(to, "SPC", 3) != 0 && memcmp(to, "SYM", 3) != 0))
        return;
    if (n == 6 && (to[3] == 'C' || to[3] == 'E') && hz_text_number(to + 4, 2, 10, &number) &&
        number >= 1 && number <= 94) {
        place->table = to[3] == 'C' ? '/' : '\\';
        place->code = (char)(' ' + number);
        return;
    }
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        if (to[3] != pairs[i].letter || to[4] < pairs[i].first || to[4] > pairs[i].last ||
            (n == 6 && !(pairs[i].alternate && hz_aprs_is_table(to[5]))))
            continue;
        place->code = (char)(pairs[i].symbol + to[4] - pairs[i].first);
        place->table = pairs[i].alternate ? n == 6 ? to[5] : '\\' : '/';
    }
}

/* "4903.50" with "N" or "S", "07201.75" with "E" or "W": three to five digits before the point.
 * NAN: neither. */
static double degrees(struct hz_text t, struct hz_text side, const char names[2], double most)
{
    struct hz_text rest = t, digits = hz_text_split(&rest, '.');
    double v = digits.n >= 3 && digits.n <= 5 ? hz_text_decimal(t) : NAN;
    char c = side.n == 1 ? (char)(side.s[0] & ~0x20) : 0; /* in upper case */
    if (!(v >= 0) || (c != names[0] && c != names[1]))
        return NAN;
    double whole = floor(v / 100), deg = whole + (v - whole * 100) / 60;
    if (v - whole * 100 >= 60 || deg > most)
        return NAN;
    return c == names[1] ? -deg : deg;
}

/* "063909" or "063909.00" within a day. */
static bool is_time(struct hz_text t)
{
    unsigned hour, minute;
    double second = hz_text_decimal(hz_text_after(t, 4));
    return t.n >= 6 && t.n <= 10 && hz_text_number(t.s, 2, 10, &hour) && hour < 24 &&
           hz_text_number(t.s + 2, 2, 10, &minute) && minute < 60 && second >= 0 && second < 61;
}

/* Digits behind the point. */
static int decimals(struct hz_text t)
{
    hz_text_split(&t, '.');
    return t.n < 6 ? (int)t.n : 6;
}

/* Where the fields of each sentence are: 0, it has none. */
static const struct sentence {
    const char *name;
    unsigned char lat, time, valid, speed, course, altitude;
    const char *good; /* characters of a valid fix */
    bool must;        /* it has to tell of the fix: GLL had no field for that before NMEA 2.0 */
} sentences[] = {
    {"RMC", 3, 1, 2, 7, 8, 0, "A", true},
    {"GGA", 2, 1, 6, 0, 0, 9, "123456789", true},
    {"GLL", 1, 5, 6, 0, 0, 0, "A", false},
};

/* Cuts "*hh" off. False: it is there, and wrong. */
static bool checksum(struct hz_text *t)
{
    uint8_t sum = 0;
    struct hz_text rest = *t, body = hz_text_split(&rest, '*');
    unsigned sent;
    for (size_t i = 1; i < body.n; i++)
        sum ^= (uint8_t)body.s[i];
    *t = body;
    return rest.n < 2 || (hz_text_number(rest.s, 2, 16, &sent) && sent == sum);
}

/* The place that the fields of one sentence tell. */
static const char *read_sentence(const struct sentence *s, const struct hz_text f[FIELDS],
                                 struct hz_aprs_place *place)
{
    hz_aprs_place_init(place, "nmea");
    struct hz_text valid = f[s->valid];
    if (valid.n > 0 ? !memchr(s->good, valid.s[0], strlen(s->good)) : s->must)
        return "nmea_nofix";
    place->lat = degrees(f[s->lat], f[s->lat + 1], "NS", 90);
    place->lon = degrees(f[s->lat + 2], f[s->lat + 3], "EW", 180);
    if (isnan(place->lat) || isnan(place->lon))
        return "nmea_inv_cval";
    place->resolution_m = hz_aprs_resolution(decimals(f[s->lat]));
    if (s->speed) {
        place->speed_kmh = hz_text_decimal(f[s->speed]) * 1.852;
        place->course = hz_text_decimal(f[s->course]);
        if (!(place->course >= 0 && place->course <= 360))
            place->course = NAN;
        else if (place->course == 0)
            place->course = 360; /* APRS's 0 is not known */
        if (!(place->speed_kmh >= 0))
            place->speed_kmh = NAN;
    }
    if (s->altitude && f[s->altitude + 1].n == 1 && f[s->altitude + 1].s[0] == 'M')
        place->altitude_m = hz_text_decimal(f[s->altitude]);
    return NULL;
}

const char *hz_aprs_nmea(const struct hz_aprs_packet *p, struct hz_json *j)
{
    struct hz_aprs_place place;
    struct hz_text t = p->info, f[FIELDS] = {{"", 0}};
    const struct sentence *s = NULL;
    if (hz_text_starts(t, "$ULTW"))
        return hz_aprs_ultimeter(p, j);
    for (size_t i = 0; i < 3 && t.n > 7 && t.s[1] == 'G'; i++) { /* GP, GN and other systems */
        if (memcmp(t.s + 3, sentences[i].name, 3) == 0 && t.s[6] == ',')
            s = &sentences[i];
    }
    if (!s)
        return "nmea_unsupp";
    if (!checksum(&t))
        return "nmea_inv_cksum";
    for (size_t i = 0; i < FIELDS && t.n > 0; i++)
        f[i] = hz_text_trim(hz_text_split(&t, ','));
    const char *why = read_sentence(s, f, &place);
    if (why)
        return why;
    destination_symbol(p->header->to.call, &place);
    hz_json_str(j, "type", "location");
    if (is_time(f[s->time]))
        hz_text_json(j, "timestamp", f[s->time]);
    hz_aprs_place_json(&place, j);
    return NULL;
}
