#include "proto/wmbus/record.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    MORE = 0x80,   /* another byte of the block follows */
    FILLER = 0x2f, /* a DIF */
    OWN = 0x0f,    /* DIFs 0x0f and 0x1f: the rest is the maker's */
    LONGEST = 11,  /* bytes of a block: the first and ten more (EN 13757-3) */
    TEXT_UNIT = 0x7c,
    CODING_VARIABLE = 13,
    CODING_OWN = 15,
    CODING_NONE = 0,
    CODING_FLOAT = 5,
    CODING_SELECT = 8, /* of answers to requests: there is no value */
};

/* Bytes of a value by the coding in its DIF; -1: the value tells, or there is none. */
static const int lengths[16] = {0, 1, 2, 3, 4, 4, 6, 8, 0, 1, 2, 3, 4, -1, 6, -1};

/* The length of the block that begins at p, or 0. */
static size_t block(const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n && i < LONGEST; i++)
        if (!(p[i] & MORE))
            return i + 1;
    return 0;
}

size_t hz_meter_record_head(const uint8_t *data, size_t n, size_t at, int *value)
{
    size_t dif = block(data + at, n - at), vif;
    if (dif == 0)
        return 0;
    unsigned coding = data[at] & 15;
    *value = lengths[coding];
    if (coding == CODING_OWN)
        return 0;
    vif = block(data + at + dif, n - at - dif);
    if (vif == 0)
        return 0;
    size_t end = at + dif + vif;
    if ((data[at + dif] & 0x7f) == TEXT_UNIT) { /* the unit's length and letters */
        if (end >= n || data[end] > n - end - 1)
            return 0;
        end += data[end] + 1u;
    }
    return end - at;
}

/* Bytes of a value of variable length, its length byte left out; -1: such a one is not known. */
static int variable(unsigned lvar)
{
    if (lvar <= 0xbf)
        return (int)lvar;
    if (lvar >= 0xc0 && lvar <= 0xc9)
        return (int)lvar - 0xc0;
    if (lvar >= 0xd0 && lvar <= 0xd9)
        return (int)lvar - 0xd0;
    if (lvar >= 0xe0 && lvar <= 0xef)
        return (int)lvar - 0xe0;
    return -1;
}

static void read_dif(struct hz_meter_record *r)
{
    const uint8_t *p = r->head;
    r->coding = p[0] & 15;
    r->function = (enum hz_function)(p[0] >> 4 & 3);
    r->storage = p[0] >> 6 & 1;
    for (unsigned i = 0; p[i] & MORE; i++) {
        unsigned e = p[i + 1];
        r->storage |= (uint64_t)(e & 15) << (1 + 4 * i);
        if (i < 10) {
            r->tariff |= (e >> 4 & 3) << (2 * i);
            r->subunit |= (e >> 6 & 1) << i;
        }
    }
}

/* ---- values ------------------------------------------------------------------------------ */

/* Digits, low byte first, as text with the leading zeros; digits beyond 9 as letters. A first
 * nibble of F stands for a minus. */
static void bcd_text(const uint8_t *p, size_t n, char *out)
{
    size_t at = 0;
    for (size_t i = n; i-- > 0;) {
        out[at++] = "0123456789ABCDEF"[p[i] >> 4];
        out[at++] = "0123456789ABCDEF"[p[i] & 15];
    }
    out[at] = '\0';
}

/* NAN where it is no number. */
static double bcd(const uint8_t *p, size_t n)
{
    double v = 0;
    bool minus = n > 0 && p[n - 1] >> 4 == 15;
    for (size_t i = n; i-- > 0;) {
        unsigned high = minus && i == n - 1 ? 0 : p[i] >> 4u, low = p[i] & 15;
        if (high > 9 || low > 9)
            return NAN;
        v = v * 100 + high * 10 + low;
    }
    return minus ? -v : v;
}

static double integer(const uint8_t *p, size_t n)
{
    uint64_t v = 0;
    for (size_t i = n; i-- > 0;)
        v = v << 8 | p[i];
    unsigned unused = 64 - 8 * (unsigned)n;
    return n == 0 ? 0 : (double)((int64_t)(v << unused) >> unused);
}

static double real(const uint8_t *p)
{
    uint32_t bits = p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
    float v;
    memcpy(&v, &bits, sizeof v);
    return (double)v;
}

static bool is_bcd(unsigned coding)
{
    return coding >= 9 && coding != CODING_VARIABLE && coding != CODING_OWN;
}

static void number(struct hz_meter_record *r)
{
    double v;
    if (r->coding == CODING_FLOAT)
        v = real(r->bytes);
    else if (is_bcd(r->coding))
        v = bcd(r->bytes, r->n);
    else
        v = integer(r->bytes, r->n);
    r->has_value = isfinite(v);
    r->value =
        r->what.exponent < 0 ? v / pow(10, -r->what.exponent) : v * pow(10, r->what.exponent);
}

/* A day from two bytes. False: there is none, as of an error that has not been. */
static bool day(const uint8_t *p, char *out, size_t size)
{
    unsigned d = p[0] & 31, m = p[1] & 15, y = (p[0] >> 5u) | (p[1] & 0xf0u) >> 1;
    if (d == 0 || m == 0 || m > 12)
        return false;
    snprintf(out, size, "20%02u-%02u-%02u", y % 100, m, d);
    return y < 100;
}

static void date(struct hz_meter_record *r)
{
    r->has_value = r->n == 2 && day(r->bytes, r->text, sizeof r->text);
}

/* Four bytes from the minutes on, or six from the seconds on. */
static void datetime(struct hz_meter_record *r)
{
    const uint8_t *p = r->n == 6 ? r->bytes + 1 : r->bytes;
    char text[16];
    if (r->n == 2) { /* a day under the VIF of a time: some meters' */
        date(r);
        return;
    }
    if ((r->n != 4 && r->n != 6) || (p[0] & 63) > 59 || (p[1] & 31) > 23 ||
        (r->n == 4 && p[0] & 128))
        return;
    r->has_value = day(p + 2, text, sizeof text);
    int n = snprintf(r->text, sizeof r->text, "%s %02d:%02d", text, p[1] & 31, p[0] & 63);
    if (r->n == 6 && (r->bytes[0] & 63) < 60)
        snprintf(r->text + n, sizeof r->text - (size_t)n, ":%02d", r->bytes[0] & 63);
}

/* Letters, sent last one first; what is no ASCII becomes a question mark. */
static void letters(const uint8_t *p, size_t n, char *out)
{
    for (size_t i = 0; i < n; i++) {
        uint8_t c = p[n - 1 - i];
        out[i] = c >= 0x20 && c < 0x7f ? (char)c : '?';
    }
    out[n] = '\0';
}

static void hex(struct hz_meter_record *r)
{
    size_t n = r->n < (sizeof r->text - 1) / 2 ? r->n : (sizeof r->text - 1) / 2;
    for (size_t i = 0; i < n; i++)
        snprintf(r->text + 2 * i, 3, "%02x", r->bytes[i]);
    r->text[2 * n] = '\0';
    r->has_value = n > 0;
}

/* Of variable length: bytes[0] was the length. */
static void variable_value(struct hz_meter_record *r, unsigned lvar)
{
    if (lvar <= 0xbf && r->n < sizeof r->text && r->what.kind != HZ_VIF_UNKNOWN && !r->qualifier) {
        letters(r->bytes, r->n, r->text);
        r->what.kind = HZ_VIF_DIGITS;
        r->has_value = true;
    } else if (lvar >= 0xc0 && lvar <= 0xdf && r->what.kind == HZ_VIF_NUMBER) {
        double v = bcd(r->bytes, r->n) * (lvar >= 0xd0 ? -1 : 1);
        r->has_value = isfinite(v);
        r->value = v * pow(10, r->what.exponent);
    } else { /* a profile, or bytes */
        r->what.kind = HZ_VIF_UNKNOWN;
        hex(r);
    }
}

static void read_value(struct hz_meter_record *r)
{
    if (r->coding == CODING_NONE || r->coding == CODING_SELECT)
        return;
    switch (r->what.kind) {
    case HZ_VIF_NUMBER:
        number(r);
        break;
    case HZ_VIF_DIGITS:
        bcd_text(r->bytes, r->n, r->text);
        r->has_value = true;
        break;
    case HZ_VIF_DATE:
        date(r);
        break;
    case HZ_VIF_TIME:
        datetime(r);
        break;
    default:
        hex(r);
    }
}

/* The rest of the telegram, which is the maker's own. */
static void own(const uint8_t *data, size_t n, size_t *at, struct hz_meter_record *r)
{
    r->head = data + *at;
    r->head_n = 1;
    r->bytes = data + *at + 1;
    r->n = n - *at - 1;
    r->vif = r->bytes;
    r->coding = CODING_OWN;
    r->what.quantity = "manufacturer_specific";
    r->what.unit = "";
    r->what.kind = HZ_VIF_UNKNOWN;
    hex(r);
    *at = n;
}

bool hz_meter_record_next(const uint8_t *data, size_t n, size_t *at, struct hz_meter_record *r)
{
    int length;
    while (*at < n && data[*at] == FILLER)
        (*at)++;
    *r = (struct hz_meter_record){0};
    if (*at >= n)
        return false;
    if ((data[*at] & 0xef) == OWN) {
        own(data, n, at, r);
        return true;
    }
    size_t head = hz_meter_record_head(data, n, *at, &length), dif = block(data + *at, n - *at);
    if (head == 0)
        return false;
    r->head = data + *at;
    r->head_n = head;
    r->vif = r->head + dif;
    r->vif_n = block(r->vif, head - dif);
    size_t value = *at + head;
    unsigned lvar = 0;
    read_dif(r);
    if (length < 0) {
        if (value >= n)
            return false;
        lvar = data[value++];
        length = variable(lvar);
    }
    if (length < 0 || (size_t)length > n - value)
        return false;
    r->bytes = data + value;
    r->n = (size_t)length;
    hz_vif_find(r->vif, r->vif_n, &r->what, &r->qualifier, &r->odd);
    if (r->coding == CODING_VARIABLE)
        variable_value(r, lvar);
    else
        read_value(r);
    *at = value + (size_t)length;
    return true;
}
