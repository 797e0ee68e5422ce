/* KISS: frames of AX.25 between bytes c0, from a TNC or a program such as direwolf.
 *
 *     c0  PORT<<4|COMMAND  FRAME  c0      command 0: a frame, without its check sequence
 *
 * c0 within is sent as db dc, db as db dd. Other commands (TXDELAY and so on) set a TNC. */
#include "proto/packet/ax25/address.h"
#include "proto/reader/reader.h"

enum { FEND = 0xc0, FESC = 0xdb, TFEND = 0xdc, TFESC = 0xdd };

struct kiss {
    bool begun;      /* the first c0 was there */
    bool escape;     /* the byte before was db */
    const char *bad; /* what is wrong with this frame; NULL: nothing so far */
    size_t n;
    uint8_t body[1 + HZ_AX25_FRAME_MAX];
};

static void add(struct kiss *k, uint8_t byte)
{
    if (k->n == sizeof k->body)
        k->bad = "a frame that is too long";
    else
        k->body[k->n++] = byte;
}

static void end(struct kiss *k, struct hz_unit *u)
{
    if (k->escape)
        k->bad = "a frame that ends within an escape";
    if (k->bad) {
        u->kind = HZ_UNIT_BAD;
        u->why = k->bad;
    } else if (k->n > 0) {
        u->kind = (k->body[0] & 15) == 0 && k->n > 1 ? HZ_UNIT_MESSAGE : HZ_UNIT_SKIPPED;
        u->port = k->body[0] >> 4;
        u->data = k->body + 1;
        u->bits = 8 * (k->n - 1);
    }
    k->n = 0;
    k->escape = false;
    k->bad = NULL;
}

static void take_byte(void *state, uint8_t byte, struct hz_unit *u)
{
    struct kiss *k = state;
    if (byte == FEND) {
        end(k, u);
        k->begun = true;
    } else if (!k->begun) {
        k->bad = "bytes before the first frame";
    } else if (k->escape) {
        k->escape = false;
        if (byte != TFEND && byte != TFESC)
            k->bad = "an escape that there is not";
        add(k, byte == TFEND ? FEND : FESC);
    } else if (byte == FESC) {
        k->escape = true;
    } else {
        add(k, byte);
    }
}

static size_t take(void *state, const uint8_t *p, size_t n, uint64_t now_ms, struct hz_unit *unit)
{
    (void)now_ms;
    return hz_reader_bytes(state, p, n, unit, take_byte);
}

/* A datagram may leave out the last c0. */
static void cut(void *state, uint64_t now_ms, struct hz_unit *unit)
{
    struct kiss *k = state;
    (void)now_ms;
    *unit = (struct hz_unit){0};
    end(k, unit);
    k->begun = false;
}

static const char *const protocols[] = {"aprs", "ax25-9600", NULL};

const struct hz_reader hz_reader_kiss = {
    .name = "kiss",
    .title = "AX.25 frames of direwolf and TNCs (port 8001)",
    .protocols = protocols,
    .state_size = sizeof(struct kiss),
    .take = take,
    .cut = cut,
};
