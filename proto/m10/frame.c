#include "proto/m10/frame.h"

#include <math.h>
#include <string.h>

enum { WEAK = 16, BITS = 8 * HZ_M10_OCTETS };

uint16_t hz_m10_check(const uint8_t *octet, size_t n)
{
    unsigned c = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned b = octet[i] >> 1 | (octet[i] & 1u) << 7;
        b ^= b >> 2;
        unsigned t =
            (c & 0x3f) | ((c ^ c >> 2 ^ c >> 4) & 1) << 6 | ((c >> 1 ^ c >> 3 ^ c >> 5) & 1) << 7;
        unsigned s = c >> 7 & 0xff;
        s ^= s >> 2;
        c = (c & 0xff) << 8 | (b ^ t ^ s);
    }
    return (uint16_t)c;
}

static bool known(uint8_t type)
{
    return type == HZ_M10 || type == HZ_M10_LEVELS || type == HZ_M10_PLUS || type == HZ_M20;
}

/* The octets of bits[8 octets], in which a 1 says that the second half-bit is the higher one. The
 * bit before the frame is a 1. */
static void pack(const uint8_t *bits, size_t octets, uint8_t *out)
{
    uint8_t before = 1;
    for (size_t i = 0; i < octets; i++) {
        out[i] = 0;
        for (unsigned k = 0; k < 8; k++) {
            out[i] = (uint8_t)(out[i] << 1 | (bits[8 * i + k] == before));
            before = bits[8 * i + k];
        }
    }
}

/* Whether the octets begin with a frame whose check is right. */
static bool right(const uint8_t *octet, size_t octets, size_t *n)
{
    *n = (size_t)octet[0] + 1;
    if (*n < HZ_M10_SHORTEST || *n > octets || !known(octet[1]))
        return false;
    return hz_m10_check(octet, *n - 2) == (octet[*n - 2] << 8 | octet[*n - 1]);
}

/* The bits that are least sure, the least one first. Returns their number. */
static size_t weakest(const float *sure, size_t n, size_t at[WEAK])
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        size_t k = count < WEAK ? count++ : WEAK;
        for (; k > 0 && sure[at[k - 1]] > sure[i]; k--)
            if (k < WEAK)
                at[k] = at[k - 1];
        if (k < WEAK)
            at[k] = i;
    }
    return count;
}

static bool with(uint8_t *bits, size_t octets, const size_t *change, unsigned n,
                 struct hz_m10_frame *out)
{
    for (unsigned i = 0; i < n; i++)
        bits[change[i]] ^= 1;
    pack(bits, octets, out->octet);
    for (unsigned i = 0; i < n; i++)
        bits[change[i]] ^= 1;
    out->fixed = n;
    return right(out->octet, octets, &out->n);
}

/* Only what the length says is looked at for weak bits: behind it is noise. */
static size_t stated(const uint8_t *octet, size_t octets)
{
    size_t n = (size_t)octet[0] + 1;
    return n >= HZ_M10_SHORTEST && n <= octets ? n : octets;
}

bool hz_m10_read(const float *soft, size_t octets, struct hz_m10_frame *out)
{
    uint8_t bits[BITS];
    float sure[BITS];
    size_t weak[WEAK];
    for (size_t i = 0; i < 8 * octets; i++) {
        float x = soft[2 * i + 1] - soft[2 * i];
        bits[i] = x > 0;
        sure[i] = fabsf(x);
    }
    if (with(bits, octets, NULL, 0, out))
        return true;
    size_t n = weakest(sure, 8 * stated(out->octet, octets), weak);
    for (size_t i = 0; i < n; i++)
        if (with(bits, octets, &weak[i], 1, out))
            return true;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < i; k++)
            if (with(bits, octets, (const size_t[]){weak[i], weak[k]}, 2, out))
                return true;
    return false;
}
