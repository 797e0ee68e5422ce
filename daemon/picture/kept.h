/* The last value of each field that a target has told, with the time at which it was heard. One
 * piece of memory for each target; values are the JSON texts of the messages. Loop thread. */
#ifndef HZ_DAEMON_PICTURE_KEPT_H
#define HZ_DAEMON_PICTURE_KEPT_H

#include "proto/out/field.h"

#include <stdint.h>

enum {
    HZ_KEPT_MAX = 8 * 1024,   /* bytes of one target's fields */
    HZ_KEPT_VALUE_MAX = 2048, /* a longer value is not kept */
};

struct hz_kept {
    char *buf;
    uint32_t len, cap;
};

struct hz_kept_field {
    struct hz_value name, value; /* borrowed, until the next change */
    uint32_t heard_s;            /* of the loop's clock */
};

/* Takes in all fields of the message; a field that is there gets the new value. only_new: those
 * that are there stay. Returns the number of fields that were not kept: too long, or no room. */
size_t hz_kept_take(struct hz_kept *k, const struct hz_record *rec, uint32_t heard_s,
                    bool only_new);
/* The field at *at (0: the first); moves *at to the next. False: there are no more. */
bool hz_kept_next(const struct hz_kept *k, uint32_t *at, struct hz_kept_field *f);
/* The field of that name. False: there is none. */
bool hz_kept_find(const struct hz_kept *k, const char *name, struct hz_kept_field *f);
void hz_kept_free(struct hz_kept *k);

#endif
