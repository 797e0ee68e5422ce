/* Weather: with a position, without one, and as an Ultimeter sends it (APRS 1.0.1, chapter 12; 1.1
 * for luminosity and snow). */
#include "proto/ax25/aprs.h"

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
        hz_json_fixed(j, fields[i].name, wx->v[i], fields[i].decimals);
    if (wx->soft.n > 0)
        hz_text_json(j, "soft", wx->soft);
    hz_json_close(j);
}

/* A value at the beginning of t, at most `width` digits, `-` in front; or up to five blanks or
 * dots: not known. How many bytes; 0: neither. */
static size_t value(struct hz_text t, size_t width, double *v)
{
    size_t n = t.n > 0 && t.s[0] == '-', digits = 0;
    double sum = 0;
    while (n < t.n && digits < width && hz_is_digit(t.s[n])) {
        sum = sum * 10 + (t.s[n++] - '0');
        digits++;
    }
    if (digits > 0) {
        *v = t.s[0] == '-' ? -sum : sum;
        return n;
    }
    for (n = 0; n < t.n && n < width && (t.s[n] == '.' || t.s[n] == ' ' || t.s[n] == '-');)
        n++;
    return n;
}

/* What each letter measures: its widest value, and to which unit: (v + add) * scale. */
static const struct measure {
    char letter;
    int field;
    size_t width;
    double add, scale;
} measures[] = {
    {'c', HZ_WX_DIRECTION, 3, 0, 1},
    {'s', HZ_WX_SPEED, 3, 0, MS_PER_MPH},
    {'g', HZ_WX_GUST, 3, 0, MS_PER_MPH},
    {'t', HZ_WX_TEMP, 3, -32, 5 / 9.0},
    {'r', HZ_WX_RAIN_1H, 4, 0, MM_PER_INCH / 100},
    {'p', HZ_WX_RAIN_24H, 4, 0, MM_PER_INCH / 100},
    {'P', HZ_WX_RAIN_MIDNIGHT, 4, 0, MM_PER_INCH / 100},
    {'h', HZ_WX_HUMIDITY, 3, 0, 1},
    {'b', HZ_WX_PRESSURE, 6, 0, 0.1},
    {'L', HZ_WX_LUMINOSITY, 4, 0, 1},
    {'l', HZ_WX_LUMINOSITY, 4, 1000, 1},
    {'#', HZ_WX_FIELDS, 5, 0, 1}, /* raw counter of rain: without a unit, left out */
};

static void put(struct hz_aprs_wx *wx, const struct measure *m, bool snow, double v)
{
    double *out = &wx->v[snow ? HZ_WX_SNOW_24H : m->field];
    if (v < 0 && m->field != HZ_WX_TEMP)
        return;
    if (snow)
        *out = v * MM_PER_INCH;
    else if (m->field == HZ_WX_HUMIDITY)
        *out = v == 0 ? 100 : v <= 100 ? v : (double)NAN; /* two digits: 00 is 100 */
    else if (m->field == HZ_WX_DIRECTION)
        *out = v <= 360 ? v : (double)NAN;
    else
        *out = (v + m->add) * m->scale;
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

struct hz_text hz_aprs_wx_read(struct hz_aprs_wx *wx, struct hz_text t, bool wind)
{
    double v;
    bool speed = !isnan(wx->v[HZ_WX_SPEED]); /* the next 's' is snow */
    if (wind && t.n >= 7 && t.s[3] == '/') { /* miles an hour too, by use if not by the book */
        v = NAN;
        value(hz_text_first(t, 3), 3, &v);
        wx->v[HZ_WX_DIRECTION] = v >= 0 && v <= 360 ? v : (double)NAN;
        v = NAN;
        value((struct hz_text){t.s + 4, 3}, 3, &v);
        wx->v[HZ_WX_SPEED] = v >= 0 ? v * MS_PER_MPH : (double)NAN;
        speed = true;
        t = hz_text_after(t, 7);
    }
    for (size_t i = 0; i < sizeof measures / sizeof *measures;) {
        const struct measure *m = &measures[i++];
        v = NAN;
        size_t n = t.n && t.s[0] == m->letter ? value(hz_text_after(t, 1), m->width, &v) : 0;
        if (n == 0)
            continue;
        bool snow = m->letter == 's' && speed;
        if (m->field < HZ_WX_FIELDS && !isnan(v))
            put(wx, m, snow, v);
        speed = speed || m->letter == 's';
        t = hz_text_after(t, 1 + n);
        i = 0; /* letters come in any order */
    }
    return tail(wx, t);
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
        double most;
    } limits[] = {{HZ_WX_DIRECTION, 360}, {HZ_WX_HUMIDITY, 100}, {HZ_WX_HUMIDITY_IN, 100}};
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        if (wx.v[limits[i].field] > limits[i].most)
            wx.v[limits[i].field] = NAN;
    }
    hz_json_str(j, "type", "wx");
    hz_aprs_wx_json(&wx, j);
    return NULL;
}
