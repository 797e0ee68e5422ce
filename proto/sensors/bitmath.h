/* What sensors check their frames with, over rows of bits (one a byte, 0 or 1, first one most
 * significant). Pure functions; any thread. */
#ifndef HZ_PROTO_SENSORS_BITMATH_H
#define HZ_PROTO_SENSORS_BITMATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The number that n bits are, n at most 64. */
uint64_t hz_bits_number(const uint8_t *bit, size_t n);
/* The lowest n bits of v. */
void hz_bits_write(uint8_t *bit, uint64_t v, size_t n);
/* Two's complement of n bits, 1 to 64. */
int64_t hz_bits_signed(uint64_t v, size_t n);
/* Digits of four bits, the last one perhaps shorter; at most 18 digits. False: one is above 9. */
bool hz_bits_bcd(const uint8_t *bit, size_t n, uint64_t *v);

struct hz_crc {
    unsigned width; /* 1 to 32 */
    uint32_t poly;  /* without its highest bit; reversed where reflected */
    uint32_t init;
    uint32_t xor ;
};
/* Most significant bit first, any number of bits. */
uint32_t hz_crc_plain(const struct hz_crc *c, const uint8_t *bit, size_t n);
/* The bits of each byte least significant first; n is a multiple of 8. */
uint32_t hz_crc_reflected(const struct hz_crc *c, const uint8_t *bit, size_t n);

/* XOR of a key for each bit that is 1, the key moving by one place at each bit, with `gen` XORed
 * in when a 1 falls out. Whole bytes where they are taken from the last one. */
enum hz_digest {
    HZ_DIGEST,   /* bits in order, the key moves right */
    HZ_DIGEST_R, /* the last byte first, least significant bits first, the key moves left */
    HZ_DIGEST_V, /* the last byte first, most significant bits first, the key moves right */
};
uint32_t hz_digest(enum hz_digest kind, unsigned width, const uint8_t *bit, size_t n, uint32_t gen,
                   uint32_t key);
/* For each bit that is 1 the low byte of key >> (its place in its byte), XORed. */
uint32_t hz_roll(const uint8_t *bit, size_t n, uint32_t key);

/* Sum and XOR of groups of `size` bits (1 to 32), the last one filled with zeros. */
uint64_t hz_bits_sum(const uint8_t *bit, size_t n, size_t size);
uint32_t hz_bits_xor(const uint8_t *bit, size_t n, size_t size);
unsigned hz_bits_ones(const uint8_t *bit, size_t n);

/* From a row into another of the same length. `size` divides n in the first two. */
void hz_bits_reverse(uint8_t *out, const uint8_t *bit, size_t n, size_t size); /* in each group */
void hz_bits_order(uint8_t *out, const uint8_t *bit, size_t n, size_t size);   /* the groups */

/* The bytes of n / 10 groups of start bit 0, eight bits (least significant first), stop bit 1.
 * False: a start or stop bit is wrong. */
bool hz_bits_uart(uint8_t *out, const uint8_t *bit, size_t n);

#endif
