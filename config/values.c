#include "config/config.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { NUMBER_MAX = 40, NS_DIGITS = 9, UNITS_DIGITS = 9 };

static const int64_t NS = 1000000000;

/* Length of the digits with at most one point at the start of s; 0 when there is no digit. */
static size_t decimal(const char *s)
{
    size_t n = 0, digits = 0, points = 0;
    for (;; n++) {
        if (isdigit((unsigned char)s[n]))
            digits++;
        else if (s[n] == '.' && points == 0)
            points++;
        else
            return digits ? n : 0;
    }
}

/* The power of ten of a suffix; -1: not a suffix. A lower-case m or g is accepted only before a
 * unit: 162mhz cannot mean millihertz, but 5m may mean anything. */
static int suffix_power(const char *s)
{
    static const char prefixes[] = "kKMGmg";
    static const int powers[] = {3, 3, 6, 9, 6, 9};
    const char *prefix = *s ? strchr(prefixes, *s) : NULL;
    s += prefix != NULL;
    bool unit = strcasecmp(s, "Hz") == 0 || strcasecmp(s, "sps") == 0;
    if (!unit && (*s != 0 || (prefix && islower((unsigned char)*prefix) && *prefix != 'k')))
        return -1;
    return prefix ? powers[prefix - prefixes] : 0;
}

int hz_parse_hz(const char *s, double *hz)
{
    size_t n = decimal(s);
    if (n == 0 || n > NUMBER_MAX)
        return -EINVAL;
    char number[NUMBER_MAX + 16];
    memcpy(number, s, n);
    const char *rest = s + n;
    long power;
    if (*rest == ' ' && rest[1] != 0)
        rest++; /* "162.025 MHz" with a blank is accepted */
    if ((*rest == 'e' || *rest == 'E') && rest[1] != 0) {
        char *end;
        if (rest[1] != '+' && rest[1] != '-' && !isdigit((unsigned char)rest[1]))
            return -EINVAL;
        power = strtol(rest + 1, &end, 10);
        if (end == rest + 1 || suffix_power(end) != 0 || power < -30 || power > 30)
            return -EINVAL;
    } else {
        power = suffix_power(rest);
        if (power < 0)
            return -EINVAL;
    }
    /* The exponent is changed in the text, so that 162.025M gives the double nearest to 162025000.
     */
    snprintf(number + n, sizeof number - n, "e%ld", power);
    double v = strtod(number, NULL);
    if (!isfinite(v))
        return -EINVAL;
    *hz = v;
    return 0;
}

/* A frequency without a unit below this value is a mistake: MHz or kHz were meant. Radio
 * frequencies begin at about 10 kHz, and the highest are written as 30000 MHz. */
static const double BARE_MIN_HZ = 100e3;

bool hz_unit_forgotten(const char *s, char *meant, size_t size)
{
    double v;
    size_t n = decimal(s);
    if (n == 0 || s[n] != 0 || hz_parse_hz(s, &v) < 0 || v <= 0 || v >= BARE_MIN_HZ)
        return false;
    snprintf(meant, size, "%sM", s);
    return true;
}

/* Reads exactly `width` digits at s into *out. */
static int digits(const char *s, size_t width, int *out)
{
    int v = 0;
    for (size_t i = 0; i < width; i++) {
        if (!isdigit((unsigned char)s[i]))
            return -EINVAL;
        v = v * 10 + (s[i] - '0');
    }
    *out = v;
    return 0;
}

/* Reads ".123" at *s as nanoseconds and moves *s behind it. Digits beyond the ninth are ignored;
 * without a point it is 0. */
static int fraction(const char **s, int64_t *ns)
{
    *ns = 0;
    if (**s != '.')
        return 0;
    const char *p = *s + 1;
    if (!isdigit((unsigned char)*p))
        return -EINVAL;
    int n = 0;
    for (; isdigit((unsigned char)*p); p++) {
        if (n < NS_DIGITS) {
            *ns = *ns * 10 + (*p - '0');
            n++;
        }
    }
    for (; n < NS_DIGITS; n++)
        *ns *= 10;
    *s = p;
    return 0;
}

/* Days from 1970-01-01 to a date of the Gregorian calendar. */
static int64_t days_since_1970(int year, int month, int day)
{
    static const int before[12] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    int64_t y = year;
    int64_t leaps = (y - 1) / 4 - (y - 1) / 100 + (y - 1) / 400; /* before this year */
    bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
    int64_t days = (y - 1970) * 365 + leaps - 477; /* 477 of them before 1970 */
    return days + before[month - 1] + (month > 2 && leap) + day - 1;
}

static bool date_exists(int year, int month, int day)
{
    static const int length[12] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (year < 1970 || year > 2261 || month < 1 || month > 12)
        return false;
    if (day < 1 || day > length[month - 1])
        return false;
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month != 2 || day < 29 || leap;
}

static int parse_epoch(const char *s, int64_t *utc_ns)
{
    int64_t sec = 0, ns;
    if (!isdigit((unsigned char)*s))
        return -EINVAL;
    for (; isdigit((unsigned char)*s); s++) {
        sec = sec * 10 + (*s - '0');
        if (sec > INT64_MAX / NS - 1)
            return -EINVAL;
    }
    if (fraction(&s, &ns) < 0 || *s != 0)
        return -EINVAL;
    *utc_ns = sec * NS + ns;
    return 0;
}

bool hz_name_ok(const char *name)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "0123456789-_.";
    size_t n = strlen(name);
    return n > 0 && n <= HZ_NAME_MAX && strspn(name, allowed) == n;
}

int hz_date_utc(const struct hz_date *d, int64_t *utc_ns)
{
    if (!date_exists(d->year, d->month, d->day) || d->hour < 0 || d->hour > 23 || d->min < 0 ||
        d->min > 59 || d->sec < 0 || d->sec > 60)
        return -EINVAL;
    int64_t days = days_since_1970(d->year, d->month, d->day);
    *utc_ns = (((days * 24 + d->hour) * 60 + d->min) * 60 + d->sec) * NS + d->ns;
    return 0;
}

/* Reads a zone as minutes ahead of UTC: "Z", "+02:00", "-0330", "+02", or nothing, which is UTC. */
static int zone(const char *s, int *minutes)
{
    int sign = *s == '-' ? -1 : 1, hour = 0, min = 0;
    *minutes = 0;
    if (*s == 0 || strcasecmp(s, "Z") == 0)
        return 0;
    if ((*s != '+' && *s != '-') || digits(s + 1, 2, &hour))
        return -EINVAL;
    s += 3;
    if (*s != 0 && (digits(s + (*s == ':'), 2, &min) || s[(*s == ':') + 2] != 0))
        return -EINVAL;
    if (hour > 14 || min > 59) /* the farthest zone is +14:00 */
        return -EINVAL;
    *minutes = sign * (hour * 60 + min);
    return 0;
}

int hz_parse_time(const char *s, int64_t *utc_ns)
{
    struct hz_date d = {0};
    int64_t utc;
    int ahead;
    if (*s == '@')
        return parse_epoch(s + 1, utc_ns);
    if (strnlen(s, 19) < 19 || s[4] != '-' || s[7] != '-' || !strchr("Tt ", s[10]) ||
        s[13] != ':' || s[16] != ':')
        return -EINVAL;
    if (digits(s, 4, &d.year) || digits(s + 5, 2, &d.month) || digits(s + 8, 2, &d.day) ||
        digits(s + 11, 2, &d.hour) || digits(s + 14, 2, &d.min) || digits(s + 17, 2, &d.sec))
        return -EINVAL;
    s += 19;
    if (fraction(&s, &d.ns) < 0 || zone(s, &ahead) < 0 || hz_date_utc(&d, &utc) < 0)
        return -EINVAL;
    utc -= ahead * 60 * NS;
    if (utc < 0)
        return -EINVAL;
    *utc_ns = utc;
    return 0;
}

int hz_parse_format(const char *s, struct hz_conf_format *f)
{
    enum hz_format format = HZ_CU8;
    bool wav = strcmp(s, "wav") == 0, audio = strcmp(s, "audio") == 0;
    if (strcmp(s, "raw") == 0)
        format = HZ_S16; /* multimon-ng's meaning of "raw" */
    else if (!wav && !audio && hz_format_parse(s, &format) < 0)
        return -EINVAL;
    f->wav = wav;
    f->audio = audio || !hz_format_is_iq(format);
    f->given = !wav && !audio;
    f->format = format;
    return 0;
}

/* A whole number and one letter of `units`, times the factor that stands for that letter. */
static int parse_units(const char *s, const char *units, const uint64_t *factors, uint64_t min,
                       uint64_t max, uint64_t *out)
{
    uint64_t v = 0;
    size_t n = strspn(s, "0123456789");
    const char *unit = n > 0 && n <= UNITS_DIGITS && s[n] ? strchr(units, s[n]) : NULL;
    if (!unit || s[n + 1] != 0)
        return -EINVAL;
    for (size_t i = 0; i < n; i++)
        v = v * 10 + (uint64_t)(s[i] - '0');
    v *= factors[unit - units];
    if (v < min || v > max)
        return -EINVAL;
    *out = v;
    return 0;
}

int hz_parse_history_bytes(const char *s, void *bytes)
{
    static const uint64_t factors[] = {1 << 10, 1 << 20, 1 << 30};
    return parse_units(s, "kMG", factors, 64 << 10, 1 << 30, bytes);
}

int hz_parse_history_time(const char *s, void *seconds)
{
    static const uint64_t factors[] = {1, 60, 3600, 86400};
    return parse_units(s, "smhd", factors, 1, (uint64_t)7 * 86400, seconds);
}

int hz_parse_pause(const char *s, void *seconds)
{
    if (strcmp(s, "0") != 0)
        return hz_parse_history_time(s, seconds);
    *(uint64_t *)seconds = 0;
    return 0;
}

int hz_parse_quota(const char *s, void *bytes)
{
    static const uint64_t factors[] = {1 << 20, 1 << 30, (uint64_t)1 << 40};
    return parse_units(s, "MGT", factors, 1 << 20, (uint64_t)1000 << 40, bytes);
}

int hz_parse_keep(const char *s, void *seconds)
{
    static const uint64_t factors[] = {60, 3600, 86400};
    return parse_units(s, "mhd", factors, 60, (uint64_t)36500 * 86400, seconds);
}

int hz_parse_number(const char *s, double *number)
{
    double v;
    bool negative = *s == '-';
    if (strspn(s, "-.0123456789") != strlen(s) || hz_parse_hz(s + negative, &v) < 0)
        return -EINVAL;
    *number = negative ? -v : v;
    return 0;
}

int hz_parse_folder(const char *s, void *path)
{
    if (*s != '/' || strlen(s) >= HZ_STATE_DIR_MAX)
        return -EINVAL;
    memset(path, 0, HZ_STATE_DIR_MAX);
    memcpy(path, s, strlen(s));
    return 0;
}
