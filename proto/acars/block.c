#include "proto/acars/block.h"

#include "proto/link/crc16.h"

#include <errno.h>
#include <string.h>

#define POLY 0x8408 /* x^16 + x^12 + x^5 + 1, reflected */

enum { NAK = 0x15, ACK = 0x06, OF_DOWNLINK = 10 };

uint16_t hz_acars_crc(const uint8_t *bytes, size_t n)
{
    return hz_crc16_reflected(POLY, 0, bytes, n);
}

/* Moves the first n characters of the text to `out`, which is terminated. */
static void take(struct hz_acars_block *b, size_t n, char *out)
{
    memcpy(out, b->text, n);
    out[n] = '\0';
    b->len -= n;
    memmove(b->text, b->text + n, b->len + 1);
}

static void skip(struct hz_acars_block *b, size_t n)
{
    b->len -= n;
    memmove(b->text, b->text + n, b->len + 1);
}

/* Label H1: "#M1B" of a downlink and "- #M1" of an uplink, then perhaps "/B0 ". */
static void take_sublabel(struct hz_acars_block *b)
{
    if (strcmp(b->label, "H1") != 0)
        return;
    if (b->downlink && b->len >= 4 && b->text[0] == '#' && b->text[3] == 'B') {
        skip(b, 1);
        take(b, 2, b->sublabel);
        skip(b, 1);
    } else if (!b->downlink && b->len >= 5 && memcmp(b->text, "- #", 3) == 0) {
        skip(b, 3);
        take(b, 2, b->sublabel);
    } else {
        return;
    }
    if (b->len >= 4 && b->text[0] == '/' && b->text[3] == ' ') {
        skip(b, 1);
        take(b, 2, b->mfi);
        skip(b, 1);
    }
}

static void take_downlink(struct hz_acars_block *b)
{
    char sequence[2];
    if (b->len < OF_DOWNLINK)
        return;
    take(b, 3, b->number);
    take(b, 1, sequence);
    b->sequence = sequence[0];
    take(b, 6, b->flight);
}

static char seven(uint8_t byte)
{
    return (char)(byte & 0x7f);
}

static void read_head(struct hz_acars_block *b, const uint8_t *bytes)
{
    b->mode = seven(bytes[0]);
    for (int i = 0; i < 7; i++)
        b->address[i] = seven(bytes[1 + i]);
    b->ack = seven(bytes[8]);
    b->ack = b->ack == NAK ? '!' : b->ack == ACK ? '^' : b->ack;
    b->label[0] = seven(bytes[9]);
    b->label[1] = seven(bytes[10]) == HZ_ACARS_DEL ? 'd' : seven(bytes[10]);
    b->id = seven(bytes[11]) ? seven(bytes[11]) : ' ';
    b->downlink = b->id >= '0' && b->id <= '9';
}

int hz_acars_parse(const uint8_t *bytes, size_t n, struct hz_acars_block *b)
{
    size_t end = HZ_ACARS_HEAD;
    memset(b, 0, sizeof *b);
    while (end < n && seven(bytes[end]) != HZ_ACARS_ETX && seven(bytes[end]) != HZ_ACARS_ETB)
        end++;
    if (end >= n || end >= HZ_ACARS_BYTES)
        return -EBADMSG;
    read_head(b, bytes);
    b->more = seven(bytes[end]) == HZ_ACARS_ETB;
    if (end == HZ_ACARS_HEAD)
        return (int)end + 1;
    if (seven(bytes[HZ_ACARS_HEAD]) != HZ_ACARS_STX)
        return -EBADMSG;
    b->has_text = true;
    for (size_t i = HZ_ACARS_HEAD + 1; i < end; i++)
        b->text[b->len++] = seven(bytes[i]) ? seven(bytes[i]) : '.';
    if (b->downlink)
        take_downlink(b);
    take_sublabel(b);
    return (int)end + 1;
}

const char *hz_acars_registration(const struct hz_acars_block *b)
{
    return b->address + strspn(b->address, ".");
}
