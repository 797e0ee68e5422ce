/* Characters of RDS (EN 50067, annex E, the first table) as UTF-8. Pure. */
#ifndef HZ_PROTO_RDS_CHARSET_H
#define HZ_PROTO_RDS_CHARSET_H

#include <stddef.h>
#include <stdint.h>

/* The character as UTF-8: a static text. Control characters are "". */
const char *hz_rds_character(uint8_t c);

/* Writes n characters as UTF-8 to text[size], terminated; those that do not fit are left out. */
void hz_rds_text(const uint8_t *c, size_t n, char *text, size_t size);

#endif
