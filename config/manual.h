/* The keys of the configuration, for people: written from the tables that its reader goes by. Any
 * thread. */
#ifndef HZ_CONFIG_MANUAL_H
#define HZ_CONFIG_MANUAL_H

#include "config/kind.h"

/* Prints the keys of a sort of section ("output"; NULL: of all), and of one of its kinds ("mqtt";
 * NULL: of all of them). 0; -EINVAL: there is no such section or kind, with what there is in
 * expected, of `size` bytes. */
int hz_manual_keys(const struct hz_conf_kinds *kinds, const char *section, const char *kind,
                   FILE *out, char *expected, size_t size);

/* The same of all sections as the body of a manual page (man(7)): headings and tagged paragraphs.
 */
void hz_manual_page(const struct hz_conf_kinds *kinds, FILE *out);

#endif
