/* What stands behind a position: data extension, altitude, base 91 telemetry, DAO, and the comment
 * that is left (APRS 1.0.1, chapter 7; 1.1 and 1.2 for DAO and comment telemetry). */
#include "proto/packet/aprs/aprs.h"

#include <math.h>
#include <string.h>

/* Takes n bytes at `at` out of the comment. */
static void cut(struct hz_aprs_place *place, size_t at, size_t n)
{
    memmove(place->comment + at, place->comment + at + n, place->comment_n - at - n);
    place->comment_n -= n;
}

/* "/A=001234" or "/A=-00123": feet. */
static void altitude(struct hz_aprs_place *place)
{
    const char *s = place->comment;
    for (size_t i = 0; i + 9 <= place->comment_n; i++) {
        unsigned feet;
        bool minus = s[i + 3] == '-';
        if (memcmp(s + i, "/A=", 3) == 0 &&
            hz_text_number(s + i + 3 + minus, 6u - minus, 10, &feet)) {
            place->altitude_m = (minus ? -1.0 : 1.0) * feet * 0.3048;
            cut(place, i, 9);
            return;
        }
    }
}

/* "|ss1122334455bb|": sequence, one to five values, eight bits, each two characters of base 91. */
static void telemetry(struct hz_aprs_place *place)
{
    const char *s = place->comment;
    struct hz_aprs_telemetry *t = &place->telemetry;
    for (size_t i = place->comment_n; i-- > 0;) { /* the last one */
        unsigned v[7] = {0};
        size_t n = 0;
        while (s[i] == '|' && n < 7 && i + 2 * n + 3 < place->comment_n &&
               hz_text_base91(s + i + 1 + 2 * n, 2, &v[n]))
            n++;
        if (n < 2 || s[i + 1 + 2 * n] != '|')
            continue;
        *t = (struct hz_aprs_telemetry){.seq = (int)v[0], .bits = -1, .n = n < 6 ? n - 1 : 5};
        for (size_t k = 0; k < t->n; k++)
            t->vals[k] = v[1 + k];
        if (n == 7) { /* the first input is the least significant bit here */
            t->bits = 0;
            for (unsigned b = 0; b < 8; b++)
                t->bits |= (int)(v[6] >> b & 1) << (7 - b);
        }
        place->has_telemetry = true;
        cut(place, i, 2 + 2 * n);
        return;
    }
}

/* The further digits of DAO in minutes: of thousandths as a digit, or of hundredths in base 91. */
static double further(char c, bool digits)
{
    return digits ? (c - '0') * 0.001 : (c - '!') / 91.0 * 0.01;
}

/* "!W33!" (digits) or "!w33!" (base 91): datum, one further digit of latitude and longitude. */
static void dao(struct hz_aprs_place *place)
{
    const char *s = place->comment;
    for (size_t i = place->comment_n; i-- > 0;) { /* the last one */
        if (s[i] != '!' || i + 5 > place->comment_n || s[i + 4] != '!')
            continue;
        char d = s[i + 1], a = s[i + 2], o = s[i + 3];
        bool lower = d >= 'a' && d <= 'z', digits = hz_is_digit(a) && hz_is_digit(o);
        bool base91 = a >= '!' && a <= '{' && o >= '!' && o <= '{', none = a == ' ' && o == ' ';
        if (!(lower ? base91 || none : d >= 'A' && d <= 'Z' && (digits || none)))
            continue;
        place->datum = lower ? (char)(d - 'a' + 'A') : d;
        if (!none) {
            place->lat += copysign(further(a, !lower) / 60, place->lat);
            place->lon += copysign(further(o, !lower) / 60, place->lon);
            place->resolution_m = hz_aprs_resolution(lower ? 4 : 3);
        }
        cut(place, i, 5);
        return;
    }
}

void hz_aprs_comment(struct hz_aprs_place *place, struct hz_text text)
{
    place->comment_n = text.n < sizeof place->comment ? text.n : sizeof place->comment;
    memcpy(place->comment, text.s, place->comment_n);
    altitude(place);
    telemetry(place);
    dao(place);
    struct hz_text left = hz_text_trim((struct hz_text){place->comment, place->comment_n});
    cut(place, 0, (size_t)(left.s - place->comment));
    place->comment_n = left.n;
}

/* "088/036", knots; blanks or dots: not known. Behind it "/270/729" of a direction finder. */
static size_t course_speed(struct hz_aprs_place *place, struct hz_text t)
{
    unsigned course, speed, bearing, nrq;
    if (t.n < 7 || t.s[3] != '/')
        return 0;
    for (size_t i = 0; i < 7; i++) {
        if (i != 3 && !hz_is_digit(t.s[i]) && t.s[i] != ' ' && t.s[i] != '.')
            return 0;
    }
    if (hz_text_number(t.s, 3, 10, &course) && course <= 360)
        place->course = course;
    if (hz_text_number(t.s + 4, 3, 10, &speed))
        place->speed_kmh = speed * 1.852;
    if (t.n >= 15 && place->code == '\\' && t.s[7] == '/' && t.s[11] == '/' &&
        hz_text_number(t.s + 8, 3, 10, &bearing) && bearing <= 360 &&
        hz_text_number(t.s + 12, 3, 10, &nrq)) {
        place->bearing = bearing;
        place->nrq = (struct hz_text){t.s + 12, 3};
        return 15;
    }
    return 7;
}

/* Power or strength, height, gain, directivity: digits, but for the height, whose code goes on
 * beyond 9 for balloons and mountains (APRS 1.0.1, chapter 7). */
static bool is_phgd(const char *s)
{
    return hz_is_digit(s[0]) && s[1] >= '0' && s[1] <= '~' && hz_is_digit(s[2]) &&
           hz_is_digit(s[3]);
}

/* The seven bytes of a data extension. How many it takes. */
static size_t extension(struct hz_aprs_place *place, struct hz_text t)
{
    unsigned miles;
    if ((place->table == '\\' && place->code == 'l') || t.n < 7)
        return 0; /* an area: its seven bytes look like a course */
    if (hz_text_starts(t, "PHG") && is_phgd(t.s + 3)) {
        bool rate = t.n >= 9 && t.s[8] == '/' && hz_is_alnum(t.s[7]) && !(t.s[7] >= 'a');
        place->phg = (struct hz_text){t.s + 3, rate ? 5 : 4}; /* the fifth: beacons an hour */
        return rate ? 8 : 7;
    }
    if (hz_text_starts(t, "DFS") && is_phgd(t.s + 3)) {
        place->dfs = (struct hz_text){t.s + 3, 4};
        return 7;
    }
    if (hz_text_starts(t, "RNG") && hz_text_number(t.s + 3, 4, 10, &miles)) {
        place->range_km = miles * 1.609344;
        return 7;
    }
    return isnan(place->course) ? course_speed(place, t) : 0; /* a compressed position had it */
}

void hz_aprs_tail(struct hz_aprs_place *place, struct hz_text text)
{
    bool plain = place->ambiguity >= 0;
    if (place->code == '_') {
        place->has_wx = true;
        if (!isnan(place->course)) { /* the same bytes are the wind's */
            place->wx.v[HZ_WX_DIRECTION] = place->course;
            place->wx.v[HZ_WX_SPEED] = place->speed_kmh / 3.6;
            place->course = place->speed_kmh = NAN;
        }
        text = hz_aprs_wx_read(&place->wx, text, plain);
    } else {
        size_t n = extension(place, text);
        bool parted = n > 0 && n < text.n && text.s[n] == '/' &&
                      !hz_text_starts(hz_text_after(text, n), "/A=");
        text = hz_text_after(text, n + parted); /* a stroke may stand between it and the comment */
    }
    hz_aprs_comment(place, text);
}
