/* Short forms of rows of struct hz_ais_item, for tables of messages. Internal to proto/ais. */
#ifndef HZ_PROTO_AIS_ROWS_H
#define HZ_PROTO_AIS_ROWS_H

#include "proto/ais/items.h"

/* clang-format off */
/* a whole number */
#define NUM(name, at, bits) {name, at, bits, HZ_AIS_NUMBER, 0, 0, 0, 0, NULL}
/* one that is left out above a limit */
#define UPTO(name, at, bits, hi) {name, at, bits, HZ_AIS_NUMBER, 0, hi, 0, 0, NULL}
/* yes or no */
#define YES(name, at) {name, at, 1, HZ_AIS_BOOL, 0, 0, 0, 0, NULL}
/* characters; 0 bits: to the end */
#define TEXT(name, at, bits) {name, at, bits, HZ_AIS_TEXT, 0, 0, 0, 0, NULL}
/* no field: where the bits are `value`, the next `count` items are left out */
#define UNLESS(at, bits, value, count) {"", at, bits, HZ_AIS_UNLESS, value, count, 0, 0, NULL}
/* the end of a table */
#define END {NULL, 0, 0, HZ_AIS_NUMBER, 0, 0, 0, 0, NULL}
/* clang-format on */

#endif
