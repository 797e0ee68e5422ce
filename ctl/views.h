/* The tables in which hertzctl shows the daemon's answers. */
#ifndef HZ_CTL_VIEWS_H
#define HZ_CTL_VIEWS_H

#include <cjson/cJSON.h>
#include <stdint.h>
#include <stdio.h>

/* Prints the answer to a method of the control interface, one of those that hertzctl shows. width:
 * characters that a table may have in a line; 0: any number. */
void hz_view_print(FILE *out, const char *method, const cJSON *result, int64_t now_ns, int width);

#endif
