/* The frame of the radiosondes Meteomodem M10 and M20: octets in differential Manchester code. A
 * data bit is 1 when its half-bits are those of the bit before. The first octet is the length less
 * one, the second the type; the last two are the check. (rs1729/RS, m10m20mod.)
 *
 * Pure; any thread. */
#ifndef HZ_PROTO_M10_FRAME_H
#define HZ_PROTO_M10_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    HZ_M10_HEADER = 32,   /* half-bits before the frame */
    HZ_M10_SHORTEST = 68, /* octets of a frame: an M20's without pressure */
    HZ_M10_OCTETS = 165,  /* the longest, with 64 octets of another instrument */
};

enum hz_m10_type {
    HZ_M10 = 0x9f,
    HZ_M10_LEVELS = 0x49, /* signal levels of satellites, each 10 s: no telemetry */
    HZ_M10_PLUS = 0xaf,   /* with another GPS receiver */
    HZ_M20 = 0x20,
};

/* Eight bits 0, a bit 1, a violation of the code, three bits 0. The first half-bit is in the lowest
 * bit; a 1 is the higher frequency, or the lower one of an inverted receiver. */
#define HZ_M10_HEADER_BITS 0x99329999u

struct hz_m10_frame {
    uint8_t octet[HZ_M10_OCTETS];
    size_t n;       /* octets, check included */
    unsigned fixed; /* bits that were changed */
};

/* Reads the frame from the half-bits behind the header: soft[16 octets], each positive for a 1, its
 * magnitude how sure it is. Changes one or two of the least sure bits if the check is
 * wrong. False: it stays wrong, or it is no known type. */
bool hz_m10_read(const float *soft, size_t octets, struct hz_m10_frame *out);

/* The check over `n` octets. */
uint16_t hz_m10_check(const uint8_t *octet, size_t n);

#endif
