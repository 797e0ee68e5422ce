/* Parsers for headers of SDR programs: the WAV chunk "auxi", and the header of SDRangel's files. */
#include "config/config.h"
#include "daemon/source/recording_parse.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t number(const uint8_t *p, size_t bytes)
{
    uint64_t v = 0;
    while (bytes-- > 0)
        v = v << 8 | p[bytes];
    return v;
}

static int u16(const uint8_t *p)
{
    return (int)number(p, 2);
}

/* Windows' SYSTEMTIME: year, month, day of the week, day, hour, minute, second, millisecond. */
static int system_time(const uint8_t *p, int64_t *utc_ns)
{
    struct hz_date d = {u16(p), u16(p + 2), u16(p + 6), u16(p + 8), u16(p + 10), u16(p + 12), 0};
    d.ns = u16(p + 14) * 1000000ll;
    return u16(p + 14) < 1000 ? hz_date_utc(&d, utc_ns) : -EINVAL;
}

/* Binary contents: start, end, and centre frequency. */
static void binary(const uint8_t *p, size_t n, struct hz_recording_meta *t)
{
    int64_t start;
    if (n < 36 || system_time(p, &start) < 0)
        return;
    t->start_utc_ns = start;
    if (number(p + 32, 4) > 0)
        t->centre_hz = (double)number(p + 32, 4);
}

/* Copies the value of an XML attribute to `out`; false: it does not exist or is too long. */
static bool attribute(const char *xml, const char *name, char *out, size_t size)
{
    size_t n = strlen(name);
    for (const char *s = xml; (s = strstr(s, name)); s += n) {
        const char *value = s + n + 2, *end;
        char quote = s[n] == '=' ? s[n + 1] : 0;
        if (s == xml || !isspace((unsigned char)s[-1]) || (quote != '"' && quote != '\''))
            continue;
        end = strchr(value, quote);
        if (!end || (size_t)(end - value) >= size)
            return false;
        memcpy(out, value, (size_t)(end - value));
        out[end - value] = 0;
        return true;
    }
    return false;
}

/* "03-04-2016 11:44:32": the day first. */
static int day_first(const char *s, int64_t *utc_ns)
{
    struct hz_date d = {0};
    char end;
    if (sscanf(s, "%2d-%2d-%4d %2d:%2d:%2d%c", &d.day, &d.month, &d.year, &d.hour, &d.min, &d.sec,
               &end) != 6)
        return -EINVAL;
    return hz_date_utc(&d, utc_ns);
}

static void parse_xml(const char *xml, struct hz_recording_meta *t)
{
    char value[64], at[66];
    double hz;
    int64_t utc;
    if (attribute(xml, "RadioCenterFreq", value, sizeof value) && hz_parse_hz(value, &hz) == 0 &&
        hz > 0)
        t->centre_hz = hz;
    if (attribute(xml, "UTCSeconds", value, sizeof value)) {
        snprintf(at, sizeof at, "@%s", value);
        if (hz_parse_time(at, &utc) == 0) {
            t->start_utc_ns = utc;
            return;
        }
    }
    if (attribute(xml, "CurrentTimeUTC", value, sizeof value) && day_first(value, &utc) == 0)
        t->start_utc_ns = utc;
}

void hz_auxi_parse(const uint8_t *p, size_t n, struct hz_recording_meta *t)
{
    static const uint8_t mark16[] = {0xff, 0xfe}, mark8[] = {0xef, 0xbb, 0xbf};
    if (n >= sizeof mark16 && memcmp(p, mark16, sizeof mark16) == 0) {
        p += sizeof mark16;
        n -= sizeof mark16;
    } else if (n >= sizeof mark8 && memcmp(p, mark8, sizeof mark8) == 0) {
        p += sizeof mark8;
        n -= sizeof mark8;
    }
    if (n < 2 || p[0] != '<') {
        binary(p, n, t);
        return;
    }
    size_t step = p[1] == 0 ? 2 : 1; /* UTF-16: the attributes are ASCII */
    char *xml = malloc(n / step + 1);
    if (!xml)
        return;
    size_t len = 0;
    for (size_t i = 0; i + step <= n; i += step) {
        char c = step == 2 && p[i + 1] != 0 ? '?' : (char)p[i];
        if (c)
            xml[len++] = c;
    }
    xml[len] = 0;
    parse_xml(xml, t);
    free(xml);
}

/* Rate (4 bytes), centre (8), time since 1970 (8; in s in old versions, else in ms), bits per
 * sample (4: 16, or 24 in 4 bytes), 4 unused, CRC-32 (4). */
int hz_sdriq_parse(const uint8_t *head, size_t len, struct hz_recording_meta *t, char *err,
                   size_t err_len)
{
    static const uint64_t seconds_max = 9000000000; /* as seconds the year 2255, as ms 1970 */
    uint64_t bits = len >= HZ_SDRIQ_HEAD ? number(head + 20, 4) : 0;
    if (bits != 16 && bits != 24) {
        snprintf(err, err_len, "no head of SDRangel: expected samples of 16 or 24 bits");
        return -EINVAL;
    }
    uint64_t time = number(head + 12, 8);
    t->has_format = true;
    t->format = bits == 16 ? HZ_CS16 : HZ_CS32;
    t->rate_hz = (double)number(head, 4);
    if (number(head + 4, 8) > 0)
        t->centre_hz = (double)number(head + 4, 8);
    if (time > 0 && time < seconds_max)
        t->start_utc_ns = (int64_t)time * 1000000000;
    else if (time > 0 && time < (uint64_t)INT64_MAX / 1000000)
        t->start_utc_ns = (int64_t)time * 1000000;
    t->offset = HZ_SDRIQ_HEAD;
    if (bits == 24)
        snprintf(t->odd, sizeof t->odd, "24 bits stand in 4 bytes: levels are told 48 dB too low");
    return 0;
}
