/* Random list decoding of a Reed-Solomon word: where plain decoding fails, likely errors are taken
 * back at random, by their probabilities, and the rest is decoded; again and again.
 *
 * Signal model: the received word differs from the sent one by independent error events. Event i
 * has happened with probability 1 / (1 + exp(L_i)), L_i its log-likelihood ratio. Metric: none but
 * the code's own distance; a try succeeds if what is left after undoing the drawn events is within
 * the code's reach. (Stochastic Chase decoding: C. Leroux, S. Hemati, S. Mannor and W. J. Gross,
 * IEEE Trans. Commun. 58, 2010.)
 *
 * A code that corrects t octets takes a random word for a codeword with probability of about 1 / t!
 * at most, so with small t the caller has to judge what was found. The draws are those of a fixed
 * generator: the same input gives the same result. Pure; any thread. */
#ifndef HZ_DSP_RSLIST_H
#define HZ_DSP_RSLIST_H

#include "dsp/rs.h"

enum { HZ_RSLIST_OCTETS = 4, HZ_RSLIST_EVENTS = 512 };

struct hz_rslist_event {
    float odds;                                             /* L: 0 or more */
    unsigned n;                                             /* octets that it changes */
    uint8_t at[HZ_RSLIST_OCTETS], change[HZ_RSLIST_OCTETS]; /* word[at] ^= change undoes it */
};

/* True when the word is to be accepted. */
typedef bool hz_rslist_fn(void *ctx, const uint8_t *word, size_t n);

/* Tries to correct word[n] with the events (the first HZ_RSLIST_EVENTS of them), so many times
 * at most. erased[erasures]: octets that are unknown, as in hz_rs_solve. accept: NULL for any
 * codeword.
 * Returns the number of octets changed, or -1; the word is then unchanged. *tried: the tries that
 * it took. */
int hz_rslist_run(const struct hz_rs *rs, uint8_t *word, size_t n, const uint8_t *erased,
                  unsigned erasures, const struct hz_rslist_event *events, size_t count,
                  unsigned tries, hz_rslist_fn *accept, void *ctx, unsigned *tried);

#endif
