/* The frame of a radiosonde RS41: whitening, its two Reed-Solomon words, and its blocks.
 *
 * Octets are counted from the header on, as they are after de-whitening:
 *     0     header, 8 octets
 *     8     parity of word 0, 24 octets; 32: that of word 1
 *     56    type: 0x0f, 320 octets; 0xf0, 518
 *     57    blocks: identifier, length n, n octets, CRC-16 (low octet first) over these n
 * Word w is RS(255,231) with the roots 1, a, … a^23 over 0x11d, shortened: its parity, then the
 * octets 56 + w, 58 + w, … (rs1729/RS, rs41mod; bazjo/RS41_Decoding.)
 *
 * Pure; any thread. */
#ifndef HZ_PROTO_RS41_FRAME_H
#define HZ_PROTO_RS41_FRAME_H

#include "dsp/rs.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    HZ_RS41_HEADER = 8,
    HZ_RS41_PARITY = 24,
    HZ_RS41_TYPE = 56, /* octet */
    HZ_RS41_BLOCKS = 57,
    HZ_RS41_STANDARD = 320, /* octets of a frame */
    HZ_RS41_EXTENDED = 518,
    HZ_RS41_WORDS = 2,
};

enum hz_rs41_id {
    HZ_RS41_STATUS = 0x79,
    HZ_RS41_SENSORS = 0x7a,
    HZ_RS41_PLACE = 0x7b,
    HZ_RS41_TIME = 0x7c,
    HZ_RS41_RANGES = 0x7d,
    HZ_RS41_XDATA = 0x7e,
    HZ_RS41_SGM = 0x7f,    /* temperature and humidity of an encrypted sonde */
    HZ_RS41_SEALED = 0x80, /* encrypted */
    HZ_RS41_FIX = 0x82,    /* place and time together, firmware 50000 and later */
    HZ_RS41_EMPTY = 0x76,
};

/* The header as it is sent, 64 bits, the first one in the lowest bit. */
extern const uint64_t hz_rs41_header;

/* The octet that is sent at index i: xor it with this. */
uint8_t hz_rs41_white(size_t i);

void hz_rs41_code(struct hz_rs *rs);

/* Octets of a word of a frame with `len` octets; and which octet of the frame is number i of it. */
size_t hz_rs41_word_len(size_t len);
size_t hz_rs41_word_at(unsigned word, size_t i);

/* The word that octet `at` of a frame is in, and its index there. False: in none (the header). */
bool hz_rs41_word_of(size_t at, unsigned *word, uint8_t *i);

/* CRC-16 of the blocks: 0x1021, from 0xffff on. */
uint16_t hz_rs41_crc(const uint8_t *p, size_t n);

struct hz_rs41_block {
    uint8_t id;
    size_t n;
    const uint8_t *data;
    bool right; /* its CRC is */
};

/* The block at *at, which is moved behind it. False: there is no further one. */
bool hz_rs41_next(const uint8_t *frame, size_t len, size_t *at, struct hz_rs41_block *block);

#endif
