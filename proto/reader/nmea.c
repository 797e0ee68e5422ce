/* AIS sentences (IEC 61162-1), one a line, as receivers, gpsd, AIS-catcher and rtl_ais send them:
 *
 *     \s:STATION,c:SECONDS*HH\!AIVDM,COUNT,NUMBER,ID,CHANNEL,PAYLOAD,FILL*HH,rSTATION,SECONDS
 *
 * The block between backslashes (TAG) and what follows the sum are optional. A payload has six bits
 * in each character. A message of several sentences is put together by proto/reader/fragments.h. */
#include "proto/reader/fragments.h"
#include "proto/reader/reader.h"

#include "proto/ais/judge.h"
#include "proto/ais/sizes.h"

#include <stdlib.h>
#include <string.h>

enum { LINE_MAX_BYTES = 1024, FIELDS = 7 };

struct nmea {
    struct hz_line_of line;
    char text[LINE_MAX_BYTES + 1];
    struct hz_fragments fragments;
    uint8_t payload[HZ_AIS_PAYLOAD_MAX + 1];
};

/* A sentence that is being read, in the line. */
struct sentence {
    char *field[FIELDS];
    struct hz_fragment of;
    unsigned fill;
};

static void bad(struct hz_unit *u, const char *why)
{
    u->kind = HZ_UNIT_BAD;
    u->why = why;
}

/* ---- the pieces of a line ---- */

/* Whether *HH at `star` is the sum of the characters from `from` on. */
static bool sum_is_right(const char *from, const char *star)
{
    int high = hz_hex_value((unsigned char)star[1]);
    int low = high < 0 ? -1 : hz_hex_value((unsigned char)star[2]);
    unsigned sum = 0;
    for (const char *p = from; p < star; p++)
        sum ^= (unsigned char)*p;
    return low >= 0 && sum == (unsigned)(high << 4 | low);
}

/* Seconds, or milliseconds, since 1970, of the years 2000 to 2200. */
static int64_t time_of(const char *digits)
{
    char *end;
    unsigned long long v = strtoull(digits, &end, 10);
    if (v > 100000000000)
        return v < 7258118400000 ? (int64_t)v * 1000000 : 0;
    return v > 946684800 && v < 7258118400 ? (int64_t)v * 1000000000 : 0;
}

static void station(struct hz_unit *u, const char *p, size_t n)
{
    bool plain = n > 0 && n <= HZ_UNIT_STATION_MAX;
    for (size_t i = 0; i < n && plain; i++)
        plain = p[i] > ' ' && p[i] < 0x7f && p[i] != '"' && p[i] != '\\';
    if (plain) {
        memcpy(u->station, p, n);
        u->station[n] = '\0';
    }
}

/* The TAG block at `text`, a backslash; returns what is behind it. One with a wrong sum tells
 * nothing. */
static char *tag_block(char *text, struct hz_unit *u)
{
    char *end = strchr(text + 1, '\\');
    if (!end)
        return text;
    *end = '\0';
    char *star = strrchr(text, '*');
    if (star && sum_is_right(text + 1, star)) {
        *star = '\0';
        for (char *p = text + 1, *next; p; p = next) {
            next = strchr(p, ',');
            size_t n = next ? (size_t)(next++ - p) : strlen(p);
            if (strncmp(p, "s:", 2) == 0)
                station(u, p + 2, n - 2);
            if (strncmp(p, "c:", 2) == 0)
                u->utc_ns = time_of(p + 2);
        }
    }
    return end + 1;
}

/* What the Coast Guard's loggers add: ",rSTATION,SECONDS" (also b). */
static void behind_sum(const char *p, struct hz_unit *u)
{
    bool had_station = false;
    for (; (p = strchr(p, ','));) {
        p++;
        size_t n = strcspn(p, ",\r\n");
        bool digits = n > 1 && strspn(p + 1, "0123456789") >= n - 1;
        if (digits && (*p == 'r' || *p == 'b')) {
            station(u, p, n);
            had_station = true;
        } else if (digits && had_station && *p >= '0' && *p <= '9') {
            u->utc_ns = time_of(p);
            return;
        }
    }
}

/* One digit from 1 to 9; 0: it is none. */
static unsigned digit(const char *field)
{
    return *field >= '1' && *field <= '9' && field[1] == '\0' ? (unsigned)(*field - '0') : 0;
}

static char channel_of(const char *field)
{
    return *field == 'A' || *field == '1' ? 'A' : *field == 'B' || *field == '2' ? 'B' : 0;
}

/* Splits what is between ! and *; NULL, or what is wrong with it. */
static const char *split(struct sentence *s, char *text, const struct hz_unit *u)
{
    for (int i = 0; i < FIELDS; i++) {
        s->field[i] = text;
        text = strchr(text, ',');
        if (!text != (i == FIELDS - 1))
            return "a sentence with more or fewer fields";
        if (text)
            *text++ = '\0';
    }
    const char *id = s->field[3];
    s->of = (struct hz_fragment){.count = digit(s->field[1]),
                                 .number = digit(s->field[2]),
                                 .id = *id && !id[1] ? *id : 0,
                                 .channel = *s->field[4],
                                 .own = s->field[0][4] == 'O',
                                 .station = u->station,
                                 .text = s->field[5]};
    s->fill = *s->field[6] == '0' ? 0 : digit(s->field[6]);
    bool fills = s->field[6][0] >= '0' && s->field[6][0] <= '5' && s->field[6][1] == '\0';
    if (s->of.count == 0 || s->of.number == 0 || s->of.number > s->of.count || !fills)
        return "a sentence whose numbers make no sense";
    return NULL;
}

/* ---- the payload ---- */

static int six_bits(char c)
{
    return c >= '0' && c <= 'W' ? c - '0' : c >= '`' && c <= 'w' ? c - '8' : -1;
}

/* Some senders always tell no fill bits: zeros behind the last whole byte, which are fewer than a
 * character's, are none of the message then. */
static size_t without_fill(const uint8_t *payload, size_t bits, unsigned fill)
{
    size_t over = bits % 8;
    bool zero = over > 0 && over < 6 && payload[bits / 8] == 0;
    return fill == 0 && zero ? bits - over : bits;
}

static const char *unpack(struct nmea *s, const char *text, unsigned fill, size_t *bits)
{
    size_t chars = strlen(text), n = 0;
    if (6 * chars < fill || 6 * chars - fill < HZ_AIS_LEAST_BITS)
        return "a message that is too short";
    if (6 * chars - fill > HZ_AIS_MESSAGE_BITS)
        return "a message that is too long";
    memset(s->payload, 0, sizeof s->payload);
    for (size_t i = 0; i < chars; i++) {
        int v = six_bits(text[i]);
        if (v < 0)
            return "a character that no payload has";
        for (int bit = 5; bit >= 0 && n < HZ_AIS_MESSAGE_BITS; bit--, n++)
            s->payload[n / 8] |= (uint8_t)((v >> bit & 1) << (7 - n % 8));
    }
    n = 6 * chars - fill;
    s->payload[n / 8] &= (uint8_t)(0xff00 >> n % 8); /* the fill bits */
    *bits = without_fill(s->payload, n, fill);
    return NULL;
}

/* ---- a line ---- */

/* Reads from the ! on. */
static void read_sentence(struct nmea *n, char *text, uint64_t now_ms, struct hz_unit *u)
{
    struct sentence s;
    char *star = strchr(text, '*');
    size_t bits = 0;
    if (!star || !sum_is_right(text + 1, star)) {
        bad(u, star ? "a wrong sum" : "a sentence without its sum");
        return;
    }
    behind_sum(star, u);
    *star = '\0';
    const char *why = split(&s, text + 1, u), *whole = s.of.text;
    if (!why && s.of.count > 1)
        whole = hz_fragments_put(&n->fragments, &s.of, now_ms, u, &why);
    if (!why && whole)
        why = unpack(n, whole, s.fill, &bits);
    if (why) {
        bad(u, why);
    } else if (whole) {
        u->kind = HZ_UNIT_MESSAGE;
        u->data = n->payload;
        u->bits = bits;
        u->channel = channel_of(s.field[4]);
        u->own = s.of.own;
    }
}

static void end(struct nmea *n, uint64_t now_ms, struct hz_unit *u)
{
    bool too_long = n->line.too_long;
    n->text[n->line.n] = '\0';
    n->line = (struct hz_line_of){0};
    char *text = n->text + strspn(n->text, " \t");
    if (too_long) {
        bad(u, "a line of more than 1024 bytes");
        return;
    }
    if (*text == '\\')
        text = tag_block(text, u);
    char *mark = strchr(text, '!'); /* what is before it may be a time of a log */
    bool vessel =
        mark && strlen(mark) > 6 && (!memcmp(mark + 3, "VDM,", 4) || !memcmp(mark + 3, "VDO,", 4));
    if (vessel)
        read_sentence(n, mark, now_ms, u);
    else if (*text == '$' || *text == '!' || *text == '#')
        u->kind = HZ_UNIT_SKIPPED; /* of other devices; a comment of a log */
    else if (*text)
        bad(u, "a line that is no sentence");
}

static size_t take(void *state, const uint8_t *p, size_t n, uint64_t now_ms, struct hz_unit *unit)
{
    struct nmea *s = state;
    bool complete = false;
    *unit = (struct hz_unit){0};
    size_t read = hz_line_of_take(&s->line, s->text, LINE_MAX_BYTES, p, n, true, &complete);
    if (complete)
        end(s, now_ms, unit);
    return read;
}

static void cut(void *state, uint64_t now_ms, struct hz_unit *unit)
{
    *unit = (struct hz_unit){0};
    end(state, now_ms, unit);
}

static const char *const protocols[] = {"ais", NULL};

const struct hz_reader hz_reader_nmea = {
    .name = "nmea",
    .title = "AIS sentences of receivers, gpsd, AIS-catcher, rtl_ais",
    .protocols = protocols,
    .state_size = sizeof(struct nmea),
    .take = take,
    .cut = cut,
};
