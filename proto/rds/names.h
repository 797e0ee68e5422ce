/* Names of codes: programme types, languages, countries, blocks of DAB, call signs (EN 50067; RBDS;
 * IEC 62106). Pure; static texts. */
#ifndef HZ_PROTO_RDS_NAMES_H
#define HZ_PROTO_RDS_NAMES_H

#include <stddef.h>
#include <stdint.h>

enum hz_rds_region { HZ_RDS_EUROPE, HZ_RDS_AMERICA };

const char *hz_rds_pty_name(unsigned pty, enum hz_rds_region region);
/* NULL: there is none of that code. */
const char *hz_rds_language_name(unsigned code);
/* The country (ISO 3166) of a PI and an extended country code: two letters, not terminated. NULL:
 * it is not known. */
const char *hz_rds_country(uint16_t pi, unsigned ecc);
/* Class of RadioText Plus, as "item.artist". */
const char *hz_rds_tag_name(unsigned type);
/* Block of DAB with that centre, as "12B". False: there is none. */
int hz_rds_dab_block(unsigned khz, char name[4]);
/* Call sign of an American PI. 0: it has none. */
int hz_rds_callsign(uint16_t pi, char name[8]);

#endif
