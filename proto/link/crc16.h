/* CRC-16 of any generator polynomial. (That of HDLC is hz_hdlc_crc.) Pure: any thread. */
#ifndef HZ_PROTO_LINK_CRC16_H
#define HZ_PROTO_LINK_CRC16_H

#include <stddef.h>
#include <stdint.h>

/* Most significant bit first: the register after n more bytes. `poly` without its highest term;
 * `crc`: the register before, at the beginning the CRC's initial value. A final complement is the
 * caller's. */
uint16_t hz_crc16(uint16_t poly, uint16_t crc, const uint8_t *bytes, size_t n);

/* The same with the least significant bit first: `poly` is reflected, without its highest term,
 * which is its lowest bit then. */
uint16_t hz_crc16_reflected(uint16_t poly, uint16_t crc, const uint8_t *bytes, size_t n);

#endif
