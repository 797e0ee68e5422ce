#include "proto/ais/items.h"

#include "proto/ais/sizes.h"
#include "proto/link/bits.h"
#include "proto/out/record.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { TEXT_MAX = HZ_AIS_MESSAGE_BITS / 6 };

uint32_t hz_ais_bits(const struct hz_ais_in *in, unsigned at, unsigned n)
{
    return hz_bits(in->payload, at + 1, n);
}

size_t hz_ais_chars(const struct hz_ais_in *in, unsigned at, unsigned bits, char *out)
{
    size_t n = 0;
    for (unsigned i = 0; i + 6 <= bits; i += 6) {
        uint32_t c = hz_ais_bits(in, at + i, 6);
        if (c == 0)
            break;
        out[n++] = (char)(c < 32 ? c + 64 : c);
    }
    return n;
}

size_t hz_ais_trim(const char *chars, size_t n)
{
    while (n > 0 && chars[n - 1] == ' ')
        n--;
    return n;
}

static void text(const struct hz_ais_in *in, const struct hz_ais_item *it, unsigned at)
{
    unsigned rest = in->bits - at;
    char chars[TEXT_MAX];
    size_t n = hz_ais_trim(chars, hz_ais_chars(in, at, it->bits ? it->bits : rest, chars));
    size_t zeros = 0;
    while (zeros < n && chars[zeros] == '0')
        zeros++;
    if (n > 0 && (it->lo == 0 || zeros < n))
        hz_json_strn(in->json, it->name, chars, n);
}

void hz_ais_data(const struct hz_ais_in *in, unsigned at, unsigned end)
{
    char out[8 + HZ_AIS_MESSAGE_BITS / 4 + 1];
    if (at >= end)
        return;
    int n = snprintf(out, sizeof out, "%u:", end - at);
    for (; at < end; at += 4) {
        unsigned left = end - at < 4 ? end - at : 4;
        out[n++] = "0123456789abcdef"[hz_ais_bits(in, at, left) << (4 - left)];
    }
    if (n % 2 == (strchr(out, ':') - out) % 2) /* whole bytes, as gpsd writes them */
        out[n++] = '0';
    hz_json_strn(in->json, "data", out, (size_t)n);
}

static void number(const struct hz_ais_in *in, const struct hz_ais_item *it, unsigned at)
{
    uint32_t raw = hz_ais_bits(in, at, it->bits);
    int64_t v = raw;
    if (it->kind == HZ_AIS_SIGNED)
        v = hz_bits_signed(in->payload, at + 1, it->bits);
    if (v < it->lo || (it->hi != 0 && v > it->hi))
        return;
    if (it->per == 0)
        hz_json_int(in->json, it->name, v + it->add);
    else
        hz_json_decimals(in->json, it->name, (double)v / it->per + it->add, it->per <= 10 ? 1 : 2);
    const char *words = it->text ? it->text(raw) : NULL;
    if (words) {
        char key[32];
        snprintf(key, sizeof key, "%s_text", it->name);
        hz_json_str(in->json, key, words);
    }
}

/* Minutes of arc in 1/10000 (28 bits), 1/1000 (25 and 24) or 1/10 (18): both or neither. */
static void position(const struct hz_ais_in *in, const struct hz_ais_item *it, unsigned at)
{
    bool lat_first = it->bits == 24;
    unsigned lon_bits = lat_first ? 25 : it->bits;
    int32_t lon = hz_bits_signed(in->payload, at + 1 + (lat_first ? 24 : 0), lon_bits);
    int32_t lat = hz_bits_signed(in->payload, at + 1 + (lat_first ? 0 : lon_bits), lon_bits - 1);
    int32_t per_degree = lon_bits == 28 ? 600000 : lon_bits == 25 ? 60000 : 600;
    int decimals = lon_bits == 28 ? 6 : lon_bits == 25 ? 5 : 4;
    if (lon < -180 * per_degree || lon > 180 * per_degree || lat < -90 * per_degree ||
        lat > 90 * per_degree)
        return;
    char key[8];
    snprintf(key, sizeof key, "%slon", it->name);
    hz_json_decimals(in->json, key, (double)lon / per_degree, decimals);
    snprintf(key, sizeof key, "%slat", it->name);
    hz_json_decimals(in->json, key, (double)lat / per_degree, decimals);
    if (*it->name == '\0') /* its own, not a corner of an area or so */
        hz_about_position(in->json, (double)lat / per_degree, (double)lon / per_degree);
}

/* All zero: not available; a zero beside others is a value. */
static void dimensions(const struct hz_ais_in *in, unsigned at)
{
    if (hz_ais_bits(in, at, 30) == 0)
        return;
    hz_json_uint(in->json, "to_bow", hz_ais_bits(in, at, 9));
    hz_json_uint(in->json, "to_stern", hz_ais_bits(in, at + 9, 9));
    hz_json_uint(in->json, "to_port", hz_ais_bits(in, at + 18, 6));
    hz_json_uint(in->json, "to_starboard", hz_ais_bits(in, at + 24, 6));
}

/* The time of day may be unknown where the date is known. */
static void date(const struct hz_ais_in *in, const struct hz_ais_item *it, unsigned at)
{
    char out[32];
    bool with_month = it->kind == HZ_AIS_DATE;
    unsigned month = with_month ? hz_ais_bits(in, at, 4) : 1;
    at += with_month ? 4 : 0;
    unsigned day = hz_ais_bits(in, at, 5), hour = hz_ais_bits(in, at + 5, 5);
    unsigned minute = hz_ais_bits(in, at + 10, 6);
    if (month < 1 || month > 12 || day < 1)
        return;
    int n = with_month ? snprintf(out, sizeof out, "%02u-%02u", month, day)
                       : snprintf(out, sizeof out, "%02u", day);
    if (hour < 24 && minute < 60)
        n += snprintf(out + n, sizeof out - (size_t)n, "T%02u:%02uZ", hour, minute);
    hz_json_strn(in->json, it->name, out, (size_t)n);
}

/* 4.733 times the root of the degrees in a minute; ±127 are faster than 5 degrees in 30 s and not
 * measured, -128 is not available (M.1371-5, table 48). */
static void turn(const struct hz_ais_in *in, unsigned at)
{
    int32_t v = hz_bits_signed(in->payload, at + 1, 8);
    if (v == 127 || v == -127) {
        hz_json_str(in->json, "turn", v > 0 ? "fastright" : "fastleft");
    } else if (v != -128) {
        double root = v / 4.733;
        hz_json_int(in->json, "turn", lround(root * fabs(root)));
    }
}

static unsigned bits_of(const struct hz_ais_item *it)
{
    switch (it->kind) {
    case HZ_AIS_POSITION:
        return it->bits == 24 ? 49 : 2u * it->bits - 1;
    case HZ_AIS_DIMENSIONS:
        return 30;
    case HZ_AIS_DATE:
        return 20;
    case HZ_AIS_DAY:
        return 16;
    case HZ_AIS_BOOL:
        return 1;
    default:
        return it->bits;
    }
}

static void write_item(const struct hz_ais_in *in, const struct hz_ais_item *it, unsigned at)
{
    switch (it->kind) {
    case HZ_AIS_NUMBER:
    case HZ_AIS_SIGNED:
        number(in, it, at);
        break;
    case HZ_AIS_BOOL:
        hz_json_bool(in->json, it->name, hz_ais_bits(in, at, 1));
        break;
    case HZ_AIS_TEXT:
        text(in, it, at);
        break;
    case HZ_AIS_POSITION:
        position(in, it, at);
        break;
    case HZ_AIS_DIMENSIONS:
        dimensions(in, at);
        break;
    case HZ_AIS_DATE:
    case HZ_AIS_DAY:
        date(in, it, at);
        break;
    case HZ_AIS_TURN:
        turn(in, at);
        break;
    case HZ_AIS_SECOND:
        if (hz_ais_bits(in, at, 6) != 60)
            hz_json_uint(in->json, it->name, hz_ais_bits(in, at, 6));
        break;
    case HZ_AIS_DATA:
        hz_ais_data(in, at, in->bits);
        break;
    case HZ_AIS_UNLESS: /* writes nothing */
        break;
    }
}

void hz_ais_items(const struct hz_ais_in *in, const struct hz_ais_item *items, unsigned shift)
{
    for (const struct hz_ais_item *it = items; it->name; it++) {
        unsigned at = it->at + shift;
        if (at + bits_of(it) > in->bits)
            continue;
        if (it->kind != HZ_AIS_UNLESS)
            write_item(in, it, at);
        else if (hz_ais_bits(in, at, it->bits) == (uint32_t)it->lo)
            for (int32_t skip = it->hi; skip > 0 && it[1].name; skip--)
                it++;
    }
}
