/* AVR: Mode S as text.
 *
 *     *8D4840D6202CC371C32CE0576098;               also with `:` for the asterisk
 *     @016CE3671C748D4840D6202CC371C32CE0576098;   with the counter, also with `%`
 *     <016CE3671C74FF8D4840D6202CC371C32CE0576098; with the counter and the signal
 *
 * Ends of lines between them mean nothing. */
#include "proto/reader/reader.h"

#include <string.h>

enum { COUNTER_DIGITS = 12, SIGNAL_DIGITS = 2, LONGEST = COUNTER_DIGITS + SIGNAL_DIGITS + 28 };

struct avr {
    uint8_t first; /* what the message begins with; 0: between messages */
    bool passing;  /* between messages: bytes that were told bad */
    size_t n;
    uint8_t digit[LONGEST];
    uint8_t frame[14];
};

static bool begins(uint8_t c)
{
    return c != 0 && strchr("*:@%<", c);
}

static bool blank(uint8_t c)
{
    return c == '\r' || c == '\n' || c == ' ' || c == '\t' || c == 0;
}

static void bad(struct avr *a, struct hz_unit *u, const char *why)
{
    a->first = 0;
    a->passing = true;
    u->kind = HZ_UNIT_BAD;
    u->why = why;
}

static uint64_t value(const uint8_t *digit, size_t n)
{
    uint64_t v = 0;
    for (size_t i = 0; i < n; i++)
        v = v << 4 | digit[i];
    return v;
}

/* The digits are complete. */
static void end(struct avr *a, struct hz_unit *u)
{
    const uint8_t *d = a->digit;
    size_t counter = strchr("@%<", a->first) ? COUNTER_DIGITS : 0;
    size_t head = counter + (a->first == '<' ? SIGNAL_DIGITS : 0);
    size_t n = a->n >= head ? a->n - head : 0;
    if (n != 4 && n != 14 && n != 28) {
        bad(a, u, "a number of digits that no frame has");
        return;
    }
    a->first = 0;
    a->passing = false;
    u->kind = n == 4 ? HZ_UNIT_SKIPPED : HZ_UNIT_MESSAGE; /* 4: Mode A/C, or a heartbeat */
    u->counted = counter > 0;
    u->ticks = value(d, counter);
    u->signal = (uint8_t)value(d + counter, head - counter);
    for (size_t i = 0; i < n / 2 && i < sizeof a->frame; i++)
        a->frame[i] = (uint8_t)value(d + head + 2 * i, 2);
    u->data = a->frame;
    u->bits = 4 * n;
}

static void take_byte(void *state, uint8_t c, struct hz_unit *u)
{
    struct avr *a = state;
    int v = hz_hex_value(c);
    if (begins(c)) {
        if (a->first)
            bad(a, u, "a frame that ends early");
        a->first = c;
        a->n = 0;
    } else if (!a->first) {
        if (!blank(c) && !a->passing)
            bad(a, u, "text between frames");
        a->passing &= c != '\n';
    } else if (c == ';') {
        end(a, u);
    } else if (v < 0 || a->n == LONGEST) {
        bad(a, u, "a frame without ; at its end");
    } else {
        a->digit[a->n++] = (uint8_t)v;
    }
}

static size_t take(void *state, const uint8_t *p, size_t n, uint64_t now_ms, struct hz_unit *unit)
{
    (void)now_ms;
    return hz_reader_bytes(state, p, n, unit, take_byte);
}

static void cut(void *state, uint64_t now_ms, struct hz_unit *unit)
{
    struct avr *a = state;
    (void)now_ms;
    *unit = (struct hz_unit){0};
    if (a->first)
        bad(a, unit, "a frame that ends early");
    *a = (struct avr){0};
}

static const char *const protocols[] = {"adsb", NULL};

const struct hz_reader hz_reader_avr = {
    .name = "avr",
    .title = "Mode S as text of dump1090 and others (port 30002)",
    .protocols = protocols,
    .state_size = sizeof(struct avr),
    .take = take,
    .cut = cut,
};
