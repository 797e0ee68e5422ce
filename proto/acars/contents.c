#include "proto/acars/contents.h"

#include <math.h>
#include <string.h>

/* The forms, in the order in which they are tried. A form matches from the text's beginning on, and
 * the text may go on behind it. In it stand for
 *
 *     _   any character           %*  up to the next place where the form's next character stands
 *     %D %A %S   airport of departure, of arrival, of a ground station
 *     %O %F %N %I %E   hhmm: out of the gate, off the ground, on the ground, in the gate, expected
 *                      arrival; four blanks, dashes or zeros with a blank: not told
 *     %l  flight level, 3 digits  %a  altitude in feet, up to the next comma, slash or the end
 *     %d  N38160W077075: degrees, minutes and tenths     %s  N 390104W 754601: with seconds
 *     %c  N 3885,W 7841: hundredths of a degree          %q  N123456W1234567: 1/10000 of a degree
 *     %f  N 34.076,W107.484: degrees, comma or slash or nothing between
 *     %m  N4038.6W07427.8: degrees and minutes           %t  4435.1N07143.4W   %k  3502N10637W
 *
 * and every other character for itself. Blanks in numbers are leading zeros.
 *
 * Times and airports: acarsdec (f00b4r0) label.c. Positions: airframes.io's acars-decoder, held
 * against what aircraft sent at the same time in other forms. */
static const struct {
    char label[3];
    const char *form;
} forms[] = {
    {"QA", "%D%O"},
    {"QB", "%D%F"},
    {"QC", "%D%N"},
    {"QD", "%D%I"},
    {"QE", "%D%O%A"},
    {"QF", "%D%F%A"},
    {"QG", "%D%O%I"},
    {"QH", "%D%O"},
    {"QK", "%D%N%A"},
    {"QL", "%A____%I_%D"},
    {"QM", "%A____%D"},
    {"QN", "____%A%E"},
    {"QP", "%D%A%O"},
    {"QQ", "%D%A%F"},
    {"QR", "%D%A%N"},
    {"QS", "%D%A%I"},
    {"QT", "%D%A%O%I"},
    {"Q1", "%D%O%F%N%I____%A"},
    {"Q2", "%D%E"},
    {"10", "ARR01_______%A%E"},
    {"10", "POS______, %c,"},
    {"10", "/%f/"},
    {"11", "_____________/DS %A/ETA %E"},
    {"12", "%D,%A"},
    {"12", "POS%s,"},
    {"12", "%f,%a,"},
    {"15", "FST01%D%A%q"},
    {"15", "FST01%D%A"},
    {"15", "(2%d______%l"},
    {"16", "POSA1%d,%*,______,%l"},
    {"16", "%f,%a,"},
    {"16", "______,%a,%*,%*,%f"},
    {"17", "ETA %E,%D,%A"},
    {"1G", "%D,%A"},
    {"1L", "_________%D,%A,____,____,%f"},
    {"1L", "_________%d,"},
    {"20", "RST___________________%D%A"},
    {"20", "POS%d,%*,______,%l,"},
    {"20", "POS%d,"},
    {"21", "______,%D,%A"},
    {"21", "POS%f,%*,______,%a,"},
    {"22", "%s,%*,______,%a,"},
    {"2N", "TKO01______/________%D%A"},
    {"2Z", "%A"},
    {"30", "/EA %E/DS %A"},
    {"33", ",___________________,%D,%A"},
    {"39", "GTA01__________/________%D%A"},
    {"44", "POS02,%d,%l,%D,%A,____,____,%E"},
    {"44", "POS02,%d,"},
    {"45", "A%A"},
    {"4T", "AGFSR %*/%*/%*/%*/%*/%*/%t/%l"},
    {"58", "%*/%*/%*/%f/%a/"},
    {"5Z", "OS %A /IR ____%E"},
    {"80", "______/DEST/%A"},
    {"83", "001PR________%m"},
    {"83", "%D,%A"},
    {"8E", "%A,%E"},
    {"8S", "%A,%E"},
    {"H1", "POS%d,%*,______,%l,"},
    {"H1", "POS%d,"},
    {"SQ", "02X____%S_%k"},
};

/* What is left of the text. */
struct rest {
    const char *p;
    size_t n;
};

static bool upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

/* One of the two letters: *sign is 1 for the first, -1 for the second. */
static bool take_letter(struct rest *r, const char two[2], double *sign)
{
    if (r->n == 0 || (*r->p != two[0] && *r->p != two[1]))
        return false;
    *sign = *r->p == two[0] ? 1 : -1;
    r->p++;
    r->n--;
    return true;
}

/* A number of so many characters: leading blanks, then digits. */
static bool take_number(struct rest *r, size_t width, double *number)
{
    double v = 0;
    size_t i = 0;
    if (r->n < width)
        return false;
    while (i < width && r->p[i] == ' ')
        i++;
    if (i == width)
        return false;
    for (; i < width; i++) {
        if (!digit(r->p[i]))
            return false;
        v = 10 * v + (r->p[i] - '0');
    }
    r->p += width;
    r->n -= width;
    *number = v;
    return true;
}

/* Leading blanks, digits, perhaps a point and digits. */
static bool take_decimal(struct rest *r, double *number)
{
    double v = 0, unit = 1;
    bool point = false, any = false;
    for (; r->n > 0 && *r->p == ' '; r->n--)
        r->p++;
    for (size_t digits = 0; r->n > 0 && digits < 12; r->p++, r->n--) {
        if (*r->p == '.' && !point) {
            point = true;
        } else if (digit(*r->p)) {
            v = 10 * v + (*r->p - '0');
            unit *= point ? 10 : 1;
            any = true;
            digits++;
        } else {
            break;
        }
    }
    *number = v / unit;
    return any;
}

/* ---- positions --------------------------------------------------------------------------- */

/* How a coordinate of so many digits is written: its value in degrees. */
static double degrees(char kind, double v)
{
    double whole;
    switch (kind) {
    case 'd':
        whole = floor(v / 1000);
        return whole + (v - 1000 * whole) / 600;
    case 's': {
        whole = floor(v / 10000);
        double minutes = floor((v - 10000 * whole) / 100);
        return whole + minutes / 60 + fmod(v, 100) / 3600;
    }
    case 'c':
        return v / 100;
    case 'q':
        return v / 10000;
    case 'f':
        return v;
    default: /* m, t, k: degrees and minutes */
        whole = floor(v / 100);
        return whole + (v - 100 * whole) / 60;
    }
}

/* Half of a position; the letter comes before it, or behind it with t and k. */
static bool take_half(struct rest *r, char kind, const char letters[2], double *value)
{
    bool north = letters[0] == 'N', behind = kind == 't' || kind == 'k', ok;
    double sign = 1, v;
    if (!behind && !take_letter(r, letters, &sign))
        return false;
    switch (kind) {
    case 'd':
        ok = take_number(r, north ? 5 : 6, &v);
        break;
    case 's':
        ok = take_number(r, 7, &v);
        break;
    case 'c':
        ok = take_number(r, 5, &v);
        break;
    case 'q':
        ok = take_number(r, north ? 6 : 7, &v);
        break;
    case 'k':
        ok = take_number(r, north ? 4 : 5, &v);
        break;
    default:
        ok = take_decimal(r, &v);
    }
    if (!ok || (behind && !take_letter(r, letters, &sign)))
        return false;
    *value = sign * degrees(kind, v);
    return fabs(*value) <= (north ? 90 : 180);
}

static bool take_position(struct rest *r, char kind, struct hz_acars_contents *out)
{
    if (!take_half(r, kind, "NS", &out->lat))
        return false;
    if ((kind == 'c' || kind == 'f') && r->n > 0 && (*r->p == ',' || *r->p == '/')) {
        r->p++;
        r->n--;
    }
    return take_half(r, kind, "EW", &out->lon);
}

/* ---- airports, times, altitudes ---------------------------------------------------------- */

static bool take_airport(struct rest *r, char airport[5])
{
    if (r->n < 4 || !upper(r->p[0]))
        return false;
    for (int i = 1; i < 4; i++)
        if (!upper(r->p[i]) && !digit(r->p[i]))
            return false;
    memcpy(airport, r->p, 4);
    airport[4] = '\0';
    r->p += 4;
    r->n -= 4;
    return true;
}

static bool take_time(struct rest *r, char time[5])
{
    static const char *const untold[] = {"    ", "----", "****"};
    if (r->n < 4)
        return false;
    const char *p = r->p;
    r->p += 4;
    r->n -= 4;
    for (size_t i = 0; i < sizeof untold / sizeof untold[0]; i++)
        if (memcmp(p, untold[i], 4) == 0)
            return true;
    if (!digit(p[0]) || !digit(p[1]) || !digit(p[2]) || !digit(p[3]) || memcmp(p, "24", 2) >= 0 ||
        p[2] > '5')
        return false;
    memcpy(time, p, 4);
    time[4] = '\0';
    return true;
}

static bool take_altitude(struct rest *r, double *feet)
{
    return take_decimal(r, feet) && *feet <= 70000 && (r->n == 0 || *r->p == ',' || *r->p == '/');
}

static bool take_level(struct rest *r, double *feet)
{
    double level;
    if (!take_number(r, 3, &level) || level > 700)
        return false;
    *feet = 100 * level;
    return true;
}

/* Skips to the next character `until`. */
static bool skip_to(struct rest *r, char until)
{
    const char *at = memchr(r->p, until, r->n);
    if (!at)
        return false;
    r->n -= (size_t)(at - r->p);
    r->p = at;
    return true;
}

static bool take(struct rest *r, char what, char next, struct hz_acars_contents *out)
{
    switch (what) {
    case 'D':
        return take_airport(r, out->departure);
    case 'A':
        return take_airport(r, out->arrival);
    case 'S':
        return take_airport(r, out->station);
    case 'O':
        return take_time(r, out->out);
    case 'F':
        return take_time(r, out->off);
    case 'N':
        return take_time(r, out->on);
    case 'I':
        return take_time(r, out->in);
    case 'E':
        return take_time(r, out->eta);
    case 'l':
        return take_level(r, &out->alt_ft);
    case 'a':
        return take_altitude(r, &out->alt_ft);
    case '*':
        return skip_to(r, next);
    default:
        return take_position(r, what, out);
    }
}

static bool match(const char *form, struct rest r, struct hz_acars_contents *out)
{
    for (; *form; form++) {
        if (*form == '%') {
            form++;
            if (!take(&r, *form, form[1], out))
                return false;
            continue;
        }
        if (r.n == 0 || (*form != '_' && *form != *r.p))
            return false;
        r.p++;
        r.n--;
    }
    return true;
}

bool hz_acars_read(const char label[3], const char *text, size_t len, struct hz_acars_contents *out)
{
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if (strcmp(forms[i].label, label) != 0)
            continue;
        memset(out, 0, sizeof *out);
        out->lat = out->lon = out->alt_ft = NAN;
        if (match(forms[i].form, (struct rest){text, len}, out))
            return true;
    }
    return false;
}
