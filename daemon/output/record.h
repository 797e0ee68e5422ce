/* For output.c: the list of recordings of an output of type = record. Loop thread. */
#ifndef HZ_DAEMON_OUTPUT_RECORD_H
#define HZ_DAEMON_OUTPUT_RECORD_H

#include "daemon/output/shelf.h"

/* state: of an open output. root: the folder. Both borrowed. */
const struct hz_shelf *hz_record_shelf(const void *state, const char **root);

#endif
