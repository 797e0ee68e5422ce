#include "proto/out/json.h"

#include "proto/out/field.h"

#include <math.h>
#include <string.h>

void hz_json_init(struct hz_json *j, char *buf, size_t cap)
{
    *j = (struct hz_json){.buf = buf, .cap = cap};
}

void hz_json_raw(struct hz_json *j, const char *s, size_t n)
{
    if (j->full || n > j->cap - j->len) {
        j->full = true;
        return;
    }
    memcpy(j->buf + j->len, s, n);
    j->len += n;
}

static void put(struct hz_json *j, char c)
{
    if (j->full || j->len == j->cap) {
        j->full = true;
        return;
    }
    j->buf[j->len++] = c;
}

/* Where the next n bytes go, which the caller fills; NULL when they do not fit. */
static char *take(struct hz_json *j, size_t n)
{
    if (j->full || n > j->cap - j->len) {
        j->full = true;
        return NULL;
    }
    j->len += n;
    return j->buf + j->len - n;
}

/* The comma that separates this value from the one before, and the key. */
static void lead(struct hz_json *j, const char *key)
{
    char last = j->len ? j->buf[j->len - 1] : '{';
    if (last != '{' && last != '[' && last != '\n')
        put(j, ',');
    if (key) {
        const size_t n = strlen(key);
        char *to = take(j, n + 3);
        if (!to)
            return;
        if (j->marks && j->depth == 0)
            hz_marks_add(j->marks, (size_t)(to + 1 - j->buf));
        *to = '"';
        memcpy(to + 1, key, n);
        memcpy(to + 1 + n, "\":", 2);
    }
}

void hz_json_open(struct hz_json *j, const char *key)
{
    lead(j, key);
    put(j, '{');
    j->depth++;
}

void hz_json_close(struct hz_json *j)
{
    j->depth--;
    put(j, '}');
}

void hz_json_open_array(struct hz_json *j, const char *key)
{
    lead(j, key);
    put(j, '[');
    j->depth++;
}

void hz_json_close_array(struct hz_json *j)
{
    j->depth--;
    put(j, ']');
}

/* Length of the UTF-8 sequence at s, 0 when it is none (overlong forms, surrogates and values
 * beyond U+10FFFF included: RFC 3629, section 4). */
static size_t utf8_length(const unsigned char *s, size_t n)
{
    unsigned char c = s[0];
    if (c < 0x80)
        return 1;
    size_t len = c >= 0xc2 && c <= 0xdf   ? 2
                 : (c & 0xf0) == 0xe0     ? 3
                 : c >= 0xf0 && c <= 0xf4 ? 4
                                          : 0;
    if (len == 0 || len > n)
        return 0;
    for (size_t i = 1; i < len; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    }
    if ((c == 0xe0 && s[1] < 0xa0) || (c == 0xed && s[1] > 0x9f) || (c == 0xf0 && s[1] < 0x90) ||
        (c == 0xf4 && s[1] > 0x8f))
        return 0;
    return len;
}

bool hz_json_is_utf8(const char *s, size_t n)
{
    for (size_t i = 0, len; i < n; i += len) {
        len = utf8_length((const unsigned char *)s + i, n - i);
        if (len == 0)
            return false;
    }
    return true;
}

static void escape(struct hz_json *j, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";
    const char u[6] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};
    const char pair[2] = {'\\', c == '\n' ? 'n' : c == '\r' ? 'r' : c == '\t' ? 't' : (char)c};
    if (c == '"' || c == '\\' || c == '\n' || c == '\r' || c == '\t')
        hz_json_raw(j, pair, sizeof pair);
    else
        hz_json_raw(j, u, sizeof u);
}

/* The number of characters from s on that are ASCII and stand for themselves. */
static size_t plain_length(const unsigned char *s, size_t n)
{
    size_t k = 0;
    while (k < n && s[k] >= 0x20 && s[k] < 0x7f && s[k] != '"' && s[k] != '\\')
        k++;
    return k;
}

void hz_json_strn(struct hz_json *j, const char *key, const char *s, size_t n)
{
    lead(j, key);
    put(j, '"');
    for (size_t i = 0; i < n;) {
        const unsigned char *p = (const unsigned char *)s + i;
        size_t len = plain_length(p, n - i);
        if (len > 0) {
            hz_json_raw(j, s + i, len);
            i += len;
            continue;
        }
        len = utf8_length(p, n - i);
        if (len == 0) {
            hz_json_raw(j, "\xef\xbf\xbd", 3);
            len = 1;
        } else if (len == 1) {
            escape(j, *p);
        } else {
            hz_json_raw(j, s + i, len);
        }
        i += len;
    }
    put(j, '"');
}

void hz_json_str(struct hz_json *j, const char *key, const char *s)
{
    hz_json_strn(j, key, s, strlen(s));
}

static void digits(struct hz_json *j, uint64_t v, int min_digits)
{
    char d[20];
    int n = 0;
    while (v != 0 || n < min_digits) {
        d[sizeof d - 1 - (size_t)n++] = (char)('0' + v % 10);
        v /= 10;
    }
    hz_json_raw(j, d + sizeof d - n, (size_t)n);
}

void hz_json_uint(struct hz_json *j, const char *key, uint64_t v)
{
    lead(j, key);
    digits(j, v, 1);
}

void hz_json_int(struct hz_json *j, const char *key, int64_t v)
{
    lead(j, key);
    if (v < 0)
        put(j, '-');
    digits(j, v < 0 ? 0 - (uint64_t)v : (uint64_t)v, 1);
}

void hz_json_bool(struct hz_json *j, const char *key, bool v)
{
    lead(j, key);
    hz_json_raw(j, v ? "true" : "false", v ? 4 : 5);
}

void hz_json_decimals(struct hz_json *j, const char *key, double v, int decimals)
{
    static const uint64_t powers[] = {1,      10,      100,      1000,      10000,
                                      100000, 1000000, 10000000, 100000000, 1000000000};
    if (!isfinite(v) || fabs(v) * (double)powers[decimals] >= 9e18)
        return;
    const double exact = fabs(v) * (double)powers[decimals];
    uint64_t scaled = (uint64_t)exact;
    scaled += exact - (double)scaled >= 0.5; /* as llround, which is a call */
    while (decimals > 0 && scaled % 10 == 0) {
        scaled /= 10;
        decimals--;
    }
    const bool negative = v < 0 && scaled != 0;
    char text[24]; /* from the last digit on: no division but by ten */
    char *const end = text + sizeof text, *at = end;
    for (int k = 0; k <= decimals || scaled != 0; k++, scaled /= 10) {
        if (k == decimals && k > 0)
            *--at = '.';
        *--at = (char)('0' + scaled % 10);
    }
    if (negative)
        *--at = '-';
    lead(j, key);
    hz_json_raw(j, at, (size_t)(end - at));
}

void hz_json_hex(struct hz_json *j, const char *key, const uint8_t *bytes, size_t n)
{
    static const char hex[] = "0123456789abcdef";
    lead(j, key);
    char *to = take(j, 2 * n + 2);
    if (!to)
        return;
    *to++ = '"';
    for (size_t i = 0; i < n; i++) {
        *to++ = hex[bytes[i] >> 4];
        *to++ = hex[bytes[i] & 15];
    }
    *to = '"';
}

void hz_json_base64(struct hz_json *j, const char *key, const uint8_t *bytes, size_t n)
{
    static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint32_t bits = 0; /* those not yet written, the lowest `have` */
    int have = 0;
    lead(j, key);
    put(j, '"');
    for (size_t i = 0; i < n; i++) {
        bits = bits << 8 | bytes[i];
        for (have += 8; have >= 6; have -= 6)
            put(j, digit[bits >> (have - 6) & 63]);
    }
    if (have > 0)
        put(j, digit[bits << (6 - have) & 63]);
    for (size_t i = n; i % 3 != 0; i++)
        put(j, '=');
    put(j, '"');
}

/* Days since 1970-01-01 to year, month, day in the Gregorian calendar: counted in eras of 400
 * years that begin on 1 March, so that the leap day is the last of its year. */
static void civil(int64_t days, int64_t *year, int *month, int *day)
{
    int64_t z = days + 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;
    *day = (int)(doy - (153 * mp + 2) / 5 + 1);
    *month = (int)(mp < 10 ? mp + 3 : mp - 9);
    *year = yoe + era * 400 + (*month <= 2);
}

/* What comes before a number of two digits, and the number; returns what is behind. */
static char *two(char *to, char before, int v)
{
    to[0] = before;
    to[1] = (char)('0' + v / 10);
    to[2] = (char)('0' + v % 10);
    return to + 3;
}

void hz_json_time(struct hz_json *j, const char *key, int64_t utc_ns)
{
    int64_t s = utc_ns / 1000000000, ns = utc_ns % 1000000000;
    if (ns < 0) {
        ns += 1000000000;
        s--;
    }
    int64_t days = s / 86400, tod = s % 86400;
    if (tod < 0) {
        tod += 86400;
        days--;
    }
    int64_t year;
    int month, day;
    civil(days, &year, &month, &day);
    lead(j, key);
    put(j, '"');
    digits(j, (uint64_t)year, 4);
    char *to = take(j, sizeof "-MM-DDThh:mm:ss.nnnnnnnnnZ\"" - 1);
    if (!to)
        return;
    to = two(to, '-', month);
    to = two(to, '-', day);
    to = two(to, 'T', (int)(tod / 3600));
    to = two(to, ':', (int)(tod / 60 % 60));
    to = two(to, ':', (int)(tod % 60));
    *to = '.';
    for (int k = 9; k > 0; k--, ns /= 10)
        to[k] = (char)('0' + ns % 10);
    memcpy(to + 10, "Z\"", 2);
}

void hz_time_text(int64_t utc_ns, char text[HZ_TIME_TEXT])
{
    char quoted[HZ_TIME_TEXT + 1];
    struct hz_json j;
    hz_json_init(&j, quoted, sizeof quoted);
    hz_json_time(&j, NULL, utc_ns);
    memcpy(text, quoted + 1, HZ_TIME_TEXT - 1);
    text[HZ_TIME_TEXT - 1] = '\0';
}
