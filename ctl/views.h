/* The tables in which hertzctl shows the daemon's answers. */
#ifndef HZ_CTL_VIEWS_H
#define HZ_CTL_VIEWS_H

#include <cjson/cJSON.h>
#include <stdint.h>
#include <stdio.h>

struct hz_view {
    const char *method; /* of the control interface, and the command's name */
    /* width: characters that a table may have in a line; 0: any number */
    void (*print)(FILE *out, const cJSON *result, int64_t now_ns, int width);
};

/* Ends with a NULL method. */
extern const struct hz_view hz_views[];

#endif
