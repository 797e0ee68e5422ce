/* A block of ACARS (ARINC 618): what is between SOH and the check sequence.
 *
 *     mode | address 7 | ack | label 2 | block id | STX text | ETX or ETB
 *
 * A block without text has no STX. The text of a downlink begins with the message's number (3), the
 * letter of the block (A, B, ... of one message) and the flight (6). Characters have 7 bits and odd
 * parity. On VHF a block is a transmission of its own (proto/acars/receive.h), in VDL mode 2 the
 * contents of a frame. Pure: any thread. */
#ifndef HZ_PROTO_ACARS_BLOCK_H
#define HZ_PROTO_ACARS_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    HZ_ACARS_SOH = 0x01,
    HZ_ACARS_STX = 0x02,
    HZ_ACARS_ETX = 0x03,
    HZ_ACARS_ETB = 0x17,
    HZ_ACARS_DEL = 0x7f,
    HZ_ACARS_HEAD = 12,  /* bytes before STX, or before ETX where there is no text */
    HZ_ACARS_TEXT = 240, /* of a text at most: 220, and some for who sends more */
    HZ_ACARS_BYTES = HZ_ACARS_HEAD + 1 + HZ_ACARS_TEXT + 1, /* mode to ETX or ETB, at most */
    HZ_ACARS_CRC_GOOD = 0, /* of a block with its check sequence behind it */
};

struct hz_acars_block {
    char mode;
    char address[8]; /* the registration, right-justified: leading dots */
    char ack;        /* the block that is acknowledged; '!': none, '^': ACK */
    char label[3];   /* DEL as 'd' */
    char id;         /* ' ': none, as in a squitter */
    bool downlink;   /* sent by an aircraft: its block id is a digit */
    bool has_text;   /* even an empty one */
    bool more;       /* it ends with ETB: other blocks of the message follow */
    /* of a downlink, else "" and 0: */
    char number[4], sequence;
    char flight[7];
    /* of label H1, if they are there; then they are not part of the text: */
    char sublabel[3], mfi[3];
    char text[HZ_ACARS_TEXT + 1]; /* NUL as '.'; terminated */
    size_t len;
};

/* CRC-16 of ACARS over bytes with their parity bits, from mode to ETX or ETB; it is sent low byte
 * first. */
uint16_t hz_acars_crc(const uint8_t *bytes, size_t n);

/* Reads a block from its mode on; parity bits are ignored, and so is what follows the first ETX or
 * ETB. Returns the bytes up to there, that one included, or -EBADMSG: no end, no STX where it
 * belongs, or more text than HZ_ACARS_TEXT. */
int hz_acars_parse(const uint8_t *bytes, size_t n, struct hz_acars_block *block);

/* The registration without its leading dots. */
const char *hz_acars_registration(const struct hz_acars_block *block);

#endif
