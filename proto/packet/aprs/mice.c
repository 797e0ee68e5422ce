/* Mic-E: latitude and message in the destination, the rest in eight bytes (APRS 1.0.1, chapter 10;
 * 1.2 for the manufacturer's bytes). */
#include "proto/packet/aprs/aprs.h"

#include <math.h>
#include <string.h>

/* One character of the destination. */
struct letter {
    int digit;   /* 10: left out */
    int message; /* bit of the message: 0, 1 standard, 2 custom */
    bool high;   /* north, 100 degrees more, west */
};

static bool read_letter(char c, struct letter *l)
{
    if (hz_is_digit(c))
        *l = (struct letter){c - '0', 0, false};
    else if (c >= 'A' && c <= 'K')
        *l = (struct letter){c - 'A', 2, false};
    else if (c == 'L')
        *l = (struct letter){10, 0, false};
    else if (c >= 'P' && c <= 'Z')
        *l = (struct letter){c - 'P', 1, true};
    else
        return false;
    return true;
}

/* Latitude, and the minutes of longitude that are left open with it. */
static const char *latitude(const struct letter l[6], struct hz_aprs_place *place)
{
    static const double middle[] = {0, 0.05, 0.5, 5, 30};
    int d[6], blanks = 0;
    while (blanks < 6 && l[5 - blanks].digit == 10)
        blanks++;
    for (int i = 0; i < 6; i++) {
        d[i] = l[i].digit == 10 ? 0 : l[i].digit;
        if (l[i].digit == 10 && i < 6 - blanks)
            return "mice_amb_inv";
    }
    if (blanks > 4)
        return "mice_amb_large";
    double minutes = d[2] * 10 + d[3] + d[4] / 10.0 + d[5] / 100.0 + middle[blanks];
    place->lat = d[0] * 10 + d[1] + minutes / 60;
    if (d[2] > 5 || place->lat > 90)
        return "loc_inv";
    place->lat = l[3].high ? place->lat : -place->lat;
    place->ambiguity = blanks;
    place->resolution_m = hz_aprs_resolution(2 - blanks);
    return NULL;
}

/* Longitude from three bytes, rounded down to the digits that the latitude has. Bytes outside the
 * tables of the reference (degrees 38 to 127, minutes 38 to 97, hundredths 28 to 127) come from a
 * station without a fix, or are damaged. */
static const char *longitude(const struct letter l[6], const uint8_t *b,
                             struct hz_aprs_place *place)
{
    static const double step[] = {0.01, 0.1, 1, 10, 60}, middle[] = {0, 0.05, 0.5, 5, 30};
    int degrees = b[0] - 28 + (l[4].high ? 100 : 0), minutes = b[1] - 28, hundredths = b[2] - 28;
    if (degrees >= 180 && degrees <= 189)
        degrees -= 80;
    else if (degrees >= 190 && degrees <= 199)
        degrees -= 190;
    minutes -= minutes >= 60 ? 60 : 0;
    if (b[0] < 38 || b[0] > 127 || b[1] < 38 || b[1] > 97 || b[2] < 28 || b[2] > 127)
        return "mice_inv_info";
    double m = minutes + hundredths / 100.0, s = step[place->ambiguity];
    if (place->ambiguity)
        m = floor(m / s + 1e-9) * s + middle[place->ambiguity];
    place->lon = degrees + m / 60;
    place->lon = l[5].high ? -place->lon : place->lon;
    return NULL;
}

static const char *course_speed(const uint8_t *b, struct hz_aprs_place *place)
{
    int s = b[0] - 28, dc = b[1] - 28, c = b[2] - 28;
    if (s < 0 || dc < 0 || c < 0 || s > 99 || dc > 97 || c > 99)
        return "mice_inv_info";
    int speed = s * 10 + dc / 10, course = dc % 10 * 100 + c;
    speed -= speed >= 800 ? 800 : 0;
    course -= course >= 400 ? 400 : 0;
    if (course <= 360)
        place->course = course;
    place->speed_kmh = speed * 1.852;
    return NULL;
}

/* The bytes by which radios tell themselves (the registry that APRS 1.2 refers to, aprs-deviceid):
 * the older ones by one before the comment, and perhaps one behind it; newer ones by two behind it,
 * where the one before says whether they take messages (NULL: ` or '). */
static const struct device {
    const char *before, *behind, *name;
} devices[] = {
    {">", "=", "Kenwood TH-D72"},
    {">", "^", "Kenwood TH-D74"},
    {">", "&", "Kenwood TH-D75"},
    {">", "", "Kenwood TH-D7A"},
    {"]", "=", "Kenwood TM-D710"},
    {"]", "", "Kenwood TM-D700"},
    {NULL, "_ ", "Yaesu VX-8"},
    {NULL, "_\"", "Yaesu FTM-350"},
    {NULL, "_#", "Yaesu VX-8G"},
    {NULL, "_$", "Yaesu FT1D"},
    {NULL, "_%", "Yaesu FTM-400DR"},
    {NULL, "_)", "Yaesu FTM-100D"},
    {NULL, "_(", "Yaesu FT2D"},
    {NULL, "_0", "Yaesu FT3D"},
    {NULL, "_1", "Yaesu FTM-300D"},
    {NULL, "_2", "Yaesu FTM-200D"},
    {NULL, "_3", "Yaesu FT5D"},
    {NULL, "_4", "Yaesu FTM-500D"},
    {NULL, "_5", "Yaesu FTM-510D"},
    {NULL, "_6", "Yaesu FTX-1"},
    {NULL, "_7", "Yaesu FTM-310D"},
    {NULL, " X", "SainSonic AP510"},
    {NULL, "(5", "Anytone D578UV"},
    {NULL, "(8", "Anytone D878UV"},
    {NULL, "|3", "Byonics TinyTrak3"},
    {NULL, "|4", "Byonics TinyTrak4"},
    {NULL, "^v", "HinzTec anyfrog"},
    {NULL, "*v", "KissOZ Tracker"},
    {NULL, "*9", "NOR AVRT9"},
    {NULL, ":2", "SQ8L VP-Tracker"},
    {NULL, ":4", "SCS P4dragon DR-7400"},
    {NULL, ":8", "SCS P4dragon DR-7800"},
    {NULL, "[1", "APRSdroid"},
};

/* Takes the manufacturer's bytes off the text. The name, or NULL. */
static const char *device(struct hz_text *t)
{
    while (t->n > 0 && (t->s[t->n - 1] == '\r' || t->s[t->n - 1] == '\n'))
        t->n--;
    for (size_t i = 0; i < sizeof devices / sizeof *devices; i++) {
        const struct device *d = &devices[i];
        size_t n = strlen(d->behind);
        bool first = t->n > 0 && strchr(d->before ? d->before : "`'", t->s[0]) != NULL;
        if (first && t->s[0] && t->n >= 1 + n && memcmp(t->s + t->n - n, d->behind, n) == 0) {
            *t = (struct hz_text){t->s + 1, t->n - 1 - n};
            return d->name;
        }
    }
    return NULL;
}

/* Old telemetry in hexadecimal digits: ' and two values (of channels 1 and 3), or ` and five. Some
 * software made a typographic quote of the latter. */
static struct hz_text telemetry(struct hz_aprs_place *place, struct hz_text t)
{
    size_t lead = hz_text_starts(t, "\xe2\x80\x98")                  ? 3
                  : hz_text_starts(t, "'") || hz_text_starts(t, "`") ? 1
                                                                     : 0;
    bool two = hz_text_starts(t, "'");
    size_t n = two ? 2 : 5;
    unsigned v[5] = {0};
    if (!lead || t.n < lead + 2 * n)
        return t;
    for (size_t i = 0; i < n; i++) {
        if (!hz_text_number(t.s + lead + 2 * i, 2, 16, &v[two ? 2 * i : i]))
            return t;
    }
    place->has_telemetry = true;
    place->telemetry = (struct hz_aprs_telemetry){.seq = -1, .bits = -1, .n = two ? 3 : 5};
    for (size_t i = 0; i < place->telemetry.n; i++)
        place->telemetry.vals[i] = v[i];
    return hz_text_after(t, lead + 2 * n);
}

/* "xxx}" at the beginning: metres over 10 km below the sea. */
static struct hz_text altitude(struct hz_aprs_place *place, struct hz_text t)
{
    unsigned v;
    if (t.n < 4 || t.s[3] != '}' || !hz_text_base91(t.s, 3, &v))
        return t;
    place->altitude_m = (int)v - 10000;
    return hz_text_after(t, 4);
}

/* The text behind the nine bytes: maker, altitude, telemetry, comment. */
static const char *read_text(struct hz_aprs_place *place, struct hz_text t)
{
    struct hz_text rest = telemetry(place, t);
    const char *name = rest.s == t.s ? device(&rest) : NULL;
    struct hz_text high = altitude(place, rest);
    if (high.s == rest.s && !name && rest.n > 0 && strchr(">]`'", rest.s[0])) {
        struct hz_text typed = hz_text_after(rest, 1); /* a radio that is not in the table */
        high = altitude(place, typed);
        high = high.s == typed.s && rest.s[0] != '`' && rest.s[0] != '\'' ? rest : high;
    }
    double sent = place->altitude_m;
    hz_aprs_comment(place, high);
    place->altitude_m = isnan(sent) ? place->altitude_m : sent;
    return name;
}

/* What the three message bits say; NULL: standard and custom ones mixed. */
static const char *message(const struct letter l[3])
{
    static const char *const names[2][8] = {{"emergency", "priority", "special", "committed",
                                             "returning", "in service", "en route", "off duty"},
                                            {"emergency", "custom 6", "custom 5", "custom 4",
                                             "custom 3", "custom 2", "custom 1", "custom 0"}};
    unsigned bits = 0, kinds = 0;
    for (int i = 0; i < 3; i++) {
        bits = bits << 1 | (l[i].message != 0);
        kinds |= (unsigned)l[i].message;
    }
    return kinds == 3 ? NULL : names[kinds == 2][bits];
}

const char *hz_aprs_mice(const struct hz_aprs_packet *p, struct hz_json *j)
{
    struct letter l[6];
    struct hz_aprs_place place;
    const char *to = p->header->to.call, *why;
    const uint8_t *b = (const uint8_t *)p->info.s + 1;
    size_t n = strcspn(to, "-");
    if (p->info.n < 9)
        return "mice_short";
    for (size_t i = 0; i < 6; i++) {
        /* The letters A to K carry a message bit, which the last three characters of the
         * destination do not have. */
        if (i >= n || !read_letter(to[i], &l[i]) || (i >= 3 && l[i].message == 2))
            return "mice_inv";
    }
    hz_aprs_place_init(&place, "mice");
    if ((why = latitude(l, &place)) || (why = longitude(l, b, &place)) ||
        (why = course_speed(b + 3, &place)))
        return why;
    place.code = (char)b[6];
    place.table = (char)b[7];
    if (!hz_aprs_is_table(place.table))
        return "sym_inv_table";
    if (!hz_aprs_is_symbol(place.code))
        return "mice_inv_info";
    const char *name = read_text(&place, hz_text_after(p->info, 9)), *says = message(l);
    char bits[4] = {(char)('0' + l[0].message), (char)('0' + l[1].message),
                    (char)('0' + l[2].message)};
    hz_json_str(j, "type", "location");
    hz_aprs_place_json(&place, j);
    hz_json_str(j, "mbits", bits);
    if (says)
        hz_json_str(j, "mice_message", says);
    if (name)
        hz_json_str(j, "device", name);
    return NULL;
}
