/* Reed-Solomon codes over GF(256), with erasures.
 *
 * Code model: a word c of n octets is the polynomial c(x) = sum c[i] x^i. It is a codeword if c has
 * the roots b, b s, b s^2, …, `parity` of them, where b = a^first, s = a^step and a = x is a root
 * of the field's polynomial. A code that sends the coefficient of the highest power first has its
 * words reversed here. A word shorter than 255 octets is a shortened code.
 *
 * Estimate: the codeword that differs in the fewest octets, erased ones counted half: e errors and
 * f erasures are corrected if 2 e + f <= parity. (S. Lin and D. J. Costello, Error Control Coding,
 * chapter 7: syndromes, Berlekamp's algorithm started from the erasures' polynomial, Chien's search
 * and Forney's formula.)
 *
 * With f erasures the chance that a random word is taken for a codeword grows by 256^(f / 2): the
 * caller erases few octets, or has a judge of its own. Pure; any thread after hz_rs_init. */
#ifndef HZ_DSP_RS_H
#define HZ_DSP_RS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HZ_RS_ORDER = 255, HZ_RS_PARITY_MAX = 32 };

struct hz_rs {
    uint8_t exp[2 * HZ_RS_ORDER + 2]; /* a^i; twice, so that sums of logarithms need no modulo */
    uint8_t log[256];                 /* log[0] is meaningless */
    unsigned first, step, unstep;     /* exponents; step * unstep = 1 modulo 255 */
    unsigned parity;
};

/* polynomial: of the field, as 0x11d; step: without a common factor with 255; parity: at most
 * HZ_RS_PARITY_MAX. */
void hz_rs_init(struct hz_rs *rs, unsigned polynomial, unsigned first, unsigned step,
                unsigned parity);

/* Fills in the octets word[0 .. parity - 1] so that word[n] is a codeword. */
void hz_rs_encode(const struct hz_rs *rs, uint8_t *word, size_t n);

/* Syndromes s[parity] of word[n], n <= 255: all 0 for a codeword. */
void hz_rs_syndromes(const struct hz_rs *rs, const uint8_t *word, size_t n, uint8_t *s);

/* Changes the syndromes as if octet `at` were xored with `change`. */
void hz_rs_change(const struct hz_rs *rs, uint8_t *s, size_t at, uint8_t change);

/* What a decoding changes: word[at[i]] ^= change[i]. */
struct hz_rs_fix {
    unsigned n;
    uint8_t at[HZ_RS_PARITY_MAX], change[HZ_RS_PARITY_MAX];
};

/* Finds the nearest codeword by the syndromes of a word of n octets. erased[count]: indices of the
 * erased ones, count <= parity. False: there is none within reach, and *fix is meaningless. */
bool hz_rs_solve(const struct hz_rs *rs, const uint8_t *s, size_t n, const uint8_t *erased,
                 unsigned count, struct hz_rs_fix *fix);

/* Corrects word[n]. Returns the number of octets changed, or -1: none is within reach, and the word
 * is unchanged. */
int hz_rs_decode(const struct hz_rs *rs, uint8_t *word, size_t n, const uint8_t *erased,
                 unsigned count);

#endif
