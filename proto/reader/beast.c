/* Beast: the binary form of Mode S.
 *
 *     1a TYPE  C C C C C C  S  FRAME      TYPE: '1' Mode A/C, 2 bytes; '2' 7 bytes; '3' 14 bytes
 *
 * C is the counter, S the signal. A byte 1a behind the type is sent twice, so that 1a and another
 * byte always begin something. What has another type, such as the number of a feeder (e3) or the
 * state of the hardware (4), lasts until the next one begins. */
#include "proto/reader/reader.h"

#include <string.h>

enum { MARK = 0x1a, HEAD = 7, LONGEST = HEAD + 14 };

struct beast {
    enum { BETWEEN, BEHIND_MARK, INSIDE, MARK_INSIDE } at;
    bool passing; /* of BETWEEN: the bytes belong to something of another type, or were told bad */
    size_t n, want;
    uint8_t body[LONGEST];
};

static size_t length_of(uint8_t type)
{
    return type == '1' ? HEAD + 2 : type == '2' ? HEAD + 7 : type == '3' ? HEAD + 14 : 0;
}

/* The byte behind a mark, which is none itself. */
static void begin(struct beast *b, uint8_t type, struct hz_unit *u)
{
    b->n = 0;
    b->want = length_of(type);
    b->at = b->want > 0 ? INSIDE : BETWEEN;
    b->passing = true;
    if (b->want == 0)
        u->kind = HZ_UNIT_SKIPPED;
}

static void end(struct beast *b, struct hz_unit *u)
{
    b->at = BETWEEN;
    b->passing = false;
    u->kind = b->n == HEAD + 2 ? HZ_UNIT_SKIPPED : HZ_UNIT_MESSAGE;
    u->counted = true;
    for (int i = 0; i < 6; i++)
        u->ticks = u->ticks << 8 | b->body[i];
    u->signal = b->body[6];
    u->data = b->body + HEAD;
    u->bits = 8 * (b->n - HEAD);
}

static void bad(struct hz_unit *u, const char *why)
{
    u->kind = HZ_UNIT_BAD;
    u->why = why;
}

static void add(struct beast *b, uint8_t byte, struct hz_unit *u)
{
    b->at = INSIDE;
    b->body[b->n++] = byte;
    if (b->n == b->want)
        end(b, u);
}

static void take_byte(void *state, uint8_t byte, struct hz_unit *u)
{
    struct beast *b = state;
    switch (b->at) {
    case BETWEEN:
        if (byte == MARK) {
            b->at = BEHIND_MARK;
        } else if (!b->passing) {
            b->passing = true;
            bad(u, "bytes between frames");
        }
        break;
    case BEHIND_MARK:
        if (byte == MARK)
            b->at = BETWEEN;
        else
            begin(b, byte, u);
        break;
    case INSIDE:
        if (byte == MARK)
            b->at = MARK_INSIDE;
        else
            add(b, byte, u);
        break;
    case MARK_INSIDE:
        if (byte == MARK) {
            add(b, MARK, u);
        } else {
            begin(b, byte, u);
            bad(u, "a frame that ends early");
        }
        break;
    }
}

static size_t take(void *state, const uint8_t *p, size_t n, uint64_t now_ms, struct hz_unit *unit)
{
    (void)now_ms;
    return hz_reader_bytes(state, p, n, unit, take_byte);
}

static void cut(void *state, uint64_t now_ms, struct hz_unit *unit)
{
    struct beast *b = state;
    (void)now_ms;
    *unit = (struct hz_unit){0};
    if (b->at == INSIDE || b->at == MARK_INSIDE)
        bad(unit, "a frame that ends early");
    *b = (struct beast){0};
}

static const char *const protocols[] = {"adsb", NULL};

const struct hz_reader hz_reader_beast = {
    .name = "beast",
    .title = "Mode S of readsb, dump1090, Beast and Radarcape (port 30005)",
    .protocols = protocols,
    .state_size = sizeof(struct beast),
    .take = take,
    .cut = cut,
};
