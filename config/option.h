/* Values of options (proto/option.h): from text, into a struct, compared, copied. Any thread, for
 * structs that are the caller's. A table ends with a NULL name; NULL stands for an empty one. */
#ifndef HZ_CONFIG_OPTION_H
#define HZ_CONFIG_OPTION_H

#include "proto/option.h"

#include <stdbool.h>
#include <stdio.h>

/* The option of that name; NULL: there is none. */
const struct hz_option *hz_option_find(const struct hz_option *table, const char *name);

/* Puts a value into its field of `item`, freeing a text that was there. 0; -ENOMEM; -EINVAL with
 * what was expected in `expected`. */
int hz_option_set(const struct hz_option *o, void *item, const char *value, char *expected,
                  size_t size);

/* Likewise for a value that is not kept: whether it is a good one. */
int hz_option_try(const struct hz_option *o, const char *value, char *expected, size_t size);

/* All fields of a zeroed struct as if nothing were given: the defaults. -ENOMEM. */
int hz_options_init(const struct hz_option *table, void *item);

/* Frees the texts. */
void hz_options_done(const struct hz_option *table, void *item);

/* Texts of its own for a struct that was copied byte by byte. -ENOMEM: none of them is left. */
int hz_options_own(const struct hz_option *table, void *item);

/* Whether two structs hold the same values. */
bool hz_options_same(const struct hz_option *table, const void *a, const void *b);

/* "a, b, c" of a NULL-terminated list. */
void hz_words_join(const char *const *list, char *out, size_t size);

#endif
