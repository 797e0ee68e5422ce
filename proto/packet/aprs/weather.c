/* Weather: with a position, without one, and as an Ultimeter sends it (APRS 1.0.1, chapter 12; 1.1
 * for luminosity and snow). */
#include "proto/packet/aprs/aprs.h"

#include <math.h>

#define MS_PER_MPH  0.44704
#define MM_PER_INCH 25.4

static const struct {
    const char *name;
    int decimals;
} fields[HZ_WX_FIELDS] = {
    [HZ_WX_DIRECTION] = {"wind_direction", 0},
    [HZ_WX_SPEED] = {"wind_speed", 1},
    [HZ_WX_GUST] = {"wind_gust", 1},
    [HZ_WX_TEMP] = {"temp", 1},
    [HZ_WX_TEMP_IN] = {"temp_in", 1},
    [HZ_WX_HUMIDITY] = {"humidity", 0},
    [HZ_WX_HUMIDITY_IN] = {"humidity_in", 0},
    [HZ_WX_PRESSURE] = {"pressure", 1},
    [HZ_WX_RAIN_1H] = {"rain_1h", 1},
    [HZ_WX_RAIN_24H] = {"rain_24h", 1},
    [HZ_WX_RAIN_MIDNIGHT] = {"rain_midnight", 1},
    [HZ_WX_SNOW_24H] = {"snow_24h", 1},
    [HZ_WX_LUMINOSITY] = {"luminosity", 0},
};

void hz_aprs_wx_init(struct hz_aprs_wx *wx)
{
    for (int i = 0; i < HZ_WX_FIELDS; i++)
        wx->v[i] = NAN;
    wx->soft = (struct hz_text){NULL, 0};
}

void hz_aprs_wx_json(const struct hz_aprs_wx *wx, struct hz_json *j)
{
    bool any = wx->soft.n > 0;
    for (int i = 0; i < HZ_WX_FIELDS; i++)
        any = any || !isnan(wx->v[i]);
    if (!any)
        return;
    hz_json_open(j, "wx");
    for (int i = 0; i < HZ_WX_FIELDS; i++)
        hz_json_decimals(j, fields[i].name, wx->v[i], fields[i].decimals);
    if (wx->soft.n > 0)
        hz_text_json(j, "soft", wx->soft);
    hz_json_close(j);
}

/* Bytes of a field's `width` that its number takes: blanks that pad it, a sign, digits, and, where
 * it may have one, a decimal point. Shorter ones than the book's are read as far as they go. 0: it
 * is not that. *v stays as it is where dots, blanks or dashes say that it is not known. */
static size_t value(struct hz_text t, size_t width, bool point, double *v)
{
    t = hz_text_first(t, width);
    size_t from = 0, n, digits = 0;
    while (from < t.n && t.s[from] == ' ')
        from++;
    for (n = from; n < t.n; n++) {
        bool inner = (point && t.s[n] == '.') || (n == from && t.s[n] == '-');
        if (!hz_is_digit(t.s[n]) && !inner)
            break;
        digits += hz_is_digit(t.s[n]);
    }
    double number = hz_text_decimal((struct hz_text){t.s + from, n - from});
    if (digits > 0 && !isnan(number)) {
        *v = number;
        while (n < t.n && t.s[n] == ' ')
            n++;
        return n;
    }
    for (n = 0; n < t.n && (t.s[n] == '.' || t.s[n] == ' ' || t.s[n] == '-');)
        n++;
    return n;
}

/* What each letter measures: how wide its field is (APRS 1.0.1, chapter 12: fixed, so that a
 * comment may begin with a digit), which values there are and to which unit: (v + add) * scale. */
static const struct measure {
    char letter;
    int field;
    size_t width;
    double least, most, add, scale;
} measures[] =
    {
        {'c', HZ_WX_DIRECTION, 3, 0, 360, 0, 1},
        {'s', HZ_WX_SPEED, 3, 0, 999, 0, MS_PER_MPH},
        {'g', HZ_WX_GUST, 3, 0, 999, 0, MS_PER_MPH},
        {'t', HZ_WX_TEMP, 3, -99, 999, -32, 5 / 9.0},
        {'r', HZ_WX_RAIN_1H, 3, 0, 999, 0, MM_PER_INCH / 100},
        {'p', HZ_WX_RAIN_24H, 3, 0, 999, 0, MM_PER_INCH / 100},
        {'P', HZ_WX_RAIN_MIDNIGHT, 3, 0, 999, 0, MM_PER_INCH / 100},
        {'h', HZ_WX_HUMIDITY, 2, 0, 99, 0, 1},
        {'b', HZ_WX_PRESSURE, 5, 1, 99999, 0, 0.1},
        {'L', HZ_WX_LUMINOSITY, 3, 0, 999, 0, 1},
        {'l', HZ_WX_LUMINOSITY, 3, 0, 999, 1000, 1},
        {'#', HZ_WX_FIELDS, 5, 0, 99999, 0, 1}, /* raw counter of rain: without a unit, left out */
},
  snow = {'s', HZ_WX_SNOW_24H, 3, 0, 999, 0, MM_PER_INCH}; /* the second s; may have a point */

static void put(struct hz_aprs_wx *wx, const struct measure *m, double v)
{
    if (m->field == HZ_WX_FIELDS || !(v >= m->least && v <= m->most))
        return;
    bool full = m->field == HZ_WX_HUMIDITY && v == 0; /* two digits: 00 is 100 */
    wx->v[m->field] = full ? 100 : (v + m->add) * m->scale;
}

/* Humidity of three digits, which the book has no room for: a 100 that is no 10 with a number
 * behind it. */
static bool is_hundred(const struct measure *m, struct hz_text t)
{
    if (m->field != HZ_WX_HUMIDITY || !hz_text_starts(t, "h100"))
        return false;
    t = hz_text_after(t, hz_text_starts(t, "h100.") ? 5 : 4);
    return t.n == 0 || !hz_is_digit(t.s[0]);
}

/* Reads the field of m at the beginning of t. Its bytes; 0: it is none. */
static size_t field(struct hz_aprs_wx *wx, const struct measure *m, struct hz_text t)
{
    double v = NAN;
    if (t.n == 0 || t.s[0] != m->letter)
        return 0;
    if (is_hundred(m, t)) {
        wx->v[HZ_WX_HUMIDITY] = 100;
        return 4;
    }
    size_t n = value(hz_text_after(t, 1), m->width, m == &snow, &v);
    if (n == 0)
        return 0;
    put(wx, m, v);
    return 1 + n;
}

/* "WX" and three letters or so at the end tell software and unit; all else is a comment. */
static struct hz_text tail(struct hz_aprs_wx *wx, struct hz_text t)
{
    struct hz_text word = hz_text_trim(t);
    bool all = word.n >= 3 && word.n <= 5;
    for (size_t i = 0; i < word.n && all; i++)
        all = hz_is_alnum(word.s[i]) || word.s[i] == '-' || word.s[i] == '_';
    if (!all)
        return t;
    wx->soft = word;
    return hz_text_after(t, t.n);
}

/* "220/004", or blanks or dots for either: from where, and miles an hour as stations send it (the
 * book has knots here). Its bytes. */
static size_t wind(struct hz_aprs_wx *wx, struct hz_text t)
{
    double from = NAN, speed = NAN;
    if (t.n < 7 || t.s[3] != '/' || value(hz_text_first(t, 3), 3, false, &from) != 3 ||
        value(hz_text_first(hz_text_after(t, 4), 3), 3, false, &speed) != 3)
        return 0;
    put(wx, &measures[0], from);
    put(wx, &measures[1], speed);
    return 7;
}

struct hz_text hz_aprs_wx_read(struct hz_aprs_wx *wx, struct hz_text t, bool with_wind)
{
    enum { COUNT = sizeof measures / sizeof *measures };
    bool speed = !isnan(wx->v[HZ_WX_SPEED]); /* the next 's' is snow */
    bool seen[COUNT] = {false}, snowed = false;
    size_t before = with_wind ? wind(wx, t) : 0;
    speed = speed || before > 0;
    t = hz_text_after(t, before);
    for (size_t i = 0; i < COUNT;) { /* letters come in any order, each once */
        bool again = measures[i].letter == 's' && speed;
        bool *had = again ? &snowed : &seen[i];
        size_t n = *had ? 0 : field(wx, again ? &snow : &measures[i], t);
        *had = *had || n > 0;
        speed = speed || (n > 0 && measures[i].letter == 's');
        t = hz_text_after(t, n);
        i = n > 0 ? 0 : i + 1;
    }
    return tail(wx, t);
}

/* Month, day, hour and minute (APRS 1.0.1, chapter 6). */
static bool is_mdhm(const char *s)
{
    unsigned month, day, hour, minute;
    return hz_text_number(s, 2, 10, &month) && hz_text_number(s + 2, 2, 10, &day) &&
           hz_text_number(s + 4, 2, 10, &hour) && hz_text_number(s + 6, 2, 10, &minute) &&
           month >= 1 && month <= 12 && day >= 1 && day <= 31 && hour < 24 && minute < 60;
}

/* "_10090556c220s004g005t077": month, day, hour, minute; then weather, without a place. */
const char *hz_aprs_weather(const struct hz_aprs_packet *p, struct hz_json *j)
{
    struct hz_aprs_wx wx;
    unsigned stamp;
    if (p->info.n < 9 || !hz_text_number(p->info.s + 1, 8, 10, &stamp))
        return "wx_inv";
    hz_aprs_wx_init(&wx);
    struct hz_text left = hz_aprs_wx_read(&wx, hz_text_after(p->info, 9), false);
    left = hz_text_trim(left);
    hz_json_str(j, "type", "wx");
    if (is_mdhm(p->info.s + 1))
        hz_json_strn(j, "timestamp", p->info.s + 1, 8);
    hz_aprs_wx_json(&wx, j);
    if (left.n > 0)
        hz_text_json(j, "comment", left);
    return NULL;
}

/* The words of Peet Bros. Ultimeters, each four hexadecimal digits: field (HZ_WX_FIELDS: passed
 * over), signed or not, (v + add) * scale. "$ULTW" has peaks, "!!" is the logger's line. */
static const struct word {
    int field;
    bool sign;
    double add, scale;
} ultw[] =
    {
        {HZ_WX_GUST, false, 0, 0.1 / 3.6},
        {HZ_WX_DIRECTION, false, 0, 360 / 255.0},
        {HZ_WX_TEMP, true, -320, 5 / 90.0},
        {HZ_WX_FIELDS, false, 0, 0}, /* rain since it was reset */
        {HZ_WX_PRESSURE, false, 0, 0.1},
        {HZ_WX_FIELDS, false, 0, 0}, /* change, correction (two words) of the barometer */
        {HZ_WX_FIELDS, false, 0, 0},
        {HZ_WX_FIELDS, false, 0, 0},
        {HZ_WX_HUMIDITY, false, 0, 0.1},
        {HZ_WX_FIELDS, false, 0, 0}, /* day, minute */
        {HZ_WX_FIELDS, false, 0, 0},
        {HZ_WX_RAIN_MIDNIGHT, false, 0, MM_PER_INCH / 100},
        {HZ_WX_SPEED, false, 0, 0.1 / 3.6},
},
  logger[] = {
      {HZ_WX_SPEED, false, 0, 0.1 / 3.6},
      {HZ_WX_DIRECTION, false, 0, 360 / 255.0},
      {HZ_WX_TEMP, true, -320, 5 / 90.0},
      {HZ_WX_FIELDS, false, 0, 0},
      {HZ_WX_PRESSURE, false, 0, 0.1},
      {HZ_WX_TEMP_IN, true, -320, 5 / 90.0},
      {HZ_WX_HUMIDITY, false, 0, 0.1},
      {HZ_WX_HUMIDITY_IN, false, 0, 0.1},
      {HZ_WX_FIELDS, false, 0, 0},
      {HZ_WX_FIELDS, false, 0, 0},
      {HZ_WX_RAIN_MIDNIGHT, false, 0, MM_PER_INCH / 100},
      {HZ_WX_SPEED, false, 0, 0.1 / 3.6}, /* mean of a minute, in place of the moment's */
};

const char *hz_aprs_ultimeter(const struct hz_aprs_packet *p, struct hz_json *j)
{
    bool log = hz_text_starts(p->info, "!!");
    const struct word *words = log ? logger : ultw;
    size_t most = log ? sizeof logger / sizeof *logger : sizeof ultw / sizeof *ultw;
    struct hz_text t = hz_text_after(p->info, log ? 2 : 5);
    struct hz_aprs_wx wx;
    size_t read = 0;
    hz_aprs_wx_init(&wx);
    for (size_t i = 0; i < most && t.n >= 4; i++, t = hz_text_after(t, 4)) {
        unsigned v;
        if (!hz_text_number(t.s, 4, 16, &v)) /* "----": not fitted */
            continue;
        read++;
        if (words[i].field < HZ_WX_FIELDS)
            wx.v[words[i].field] =
                ((words[i].sign ? (int16_t)v : (double)v) + words[i].add) * words[i].scale;
    }
    if (read < 3)
        return "wx_unsupp";
    static const struct {
        int field;
        double least, most;
    } limits[] = {{HZ_WX_DIRECTION, 0, 360},
                  {HZ_WX_PRESSURE, 1, 6553.5},
                  {HZ_WX_HUMIDITY, 1, 100},
                  {HZ_WX_HUMIDITY_IN, 1, 100}};
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        double *v = &wx.v[limits[i].field];
        if (!(*v >= limits[i].least && *v <= limits[i].most))
            *v = NAN;
    }
    hz_json_str(j, "type", "wx");
    hz_aprs_wx_json(&wx, j);
    return NULL;
}
