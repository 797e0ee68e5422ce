/* What hertzctl can ask for, and the tables it makes of the answers. */
#ifndef HZ_DAEMON_CTL_VIEWS_H
#define HZ_DAEMON_CTL_VIEWS_H

#include <cjson/cJSON.h>
#include <stdint.h>
#include <stdio.h>

struct hz_view {
    const char *method; /* of the control interface, and the command's name */
    const char *value;  /* the VALUE of "METHOD RECEIVER VALUE"; NULL: it only asks */
    const char *what;   /* one line for people */
    void (*print)(FILE *out, const cJSON *result, int64_t now_ns);
};

/* Ends with a NULL method. */
extern const struct hz_view hz_views[];

#endif
