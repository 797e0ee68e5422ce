/* How likely the bits of a page are as digits, and how likely as text. Each reading is a model of
 * what people send: its cost is -log2 of the probability it gives to the page, in bits, so that the
 * difference of two costs says how many doublings one reading is likelier than the other. Both
 * costs are of the same bits, so that length counts by itself: each word of 20 bits tells the two
 * apart by seven to ten doublings on the average.
 *
 * The shares are round figures: of letters, the mean of English, German, Dutch and Swedish texts
 * made flatter, since pages are full of abbreviations; of which kind of character follows which,
 * and of digits, those of dispatch texts and telephone numbers as published logs show them. Pure.
 */
#ifndef HZ_PROTO_POCSAG_LIKELY_H
#define HZ_PROTO_POCSAG_LIKELY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Cost of n characters of 4 bits, 0 to 15, padding at the end included. */
float hz_pocsag_cost_of_digits(const uint8_t *digit, size_t n);

/* Cost of n characters of 7 bits, likewise; `rest` holds the `left` bits after the last one. */
float hz_pocsag_cost_of_text(const uint8_t *c, size_t n, unsigned rest, unsigned left);

/* Whether a character pads the end of a text: NUL, ETX, EOT. */
bool hz_pocsag_fills_up(unsigned c);

#endif
