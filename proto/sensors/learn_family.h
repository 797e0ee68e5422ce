/* What the checks of the known families make of bits: the arithmetic behind learn_check.c. Private
 * to the two. */
#ifndef HZ_PROTO_SENSORS_LEARN_FAMILY_H
#define HZ_PROTO_SENSORS_LEARN_FAMILY_H

#include "proto/sensors/learn.h"

unsigned hz_check_number(const uint8_t *bit, size_t n);
unsigned hz_check_reversed(unsigned v, size_t n); /* its n bits the other way round */

/* Of a register of zeros, highest bit first; width 1 to 16. */
unsigned hz_check_crc(const uint8_t *bit, size_t n, unsigned poly, size_t width);

/* Of whole bytes: the three ways of docs/adding-a-sensor.md. */
unsigned hz_check_digest(const uint8_t *bit, size_t n, enum hz_learn_family f, unsigned gen,
                         unsigned key);

/* The sum of groups of `width` bits, or their XOR (HZ_CHECK_XOR): family, width, reversed of c. */
unsigned hz_check_sum(const uint8_t *bit, size_t n, const struct hz_learn_check *c);

/* What the check should be of a frame; not of HZ_CHECK_PARITY. (Without `init` of a CRC, which
 * changes all frames of one length alike.) */
unsigned hz_check_expected(const struct hz_learn_check *c, const uint8_t *frame);

#endif
