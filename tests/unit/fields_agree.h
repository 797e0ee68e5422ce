/* For the tests that include it: whether the fields of a record are what its text says. */
#ifndef HZ_TEST_FIELDS_AGREE_H
#define HZ_TEST_FIELDS_AGREE_H

#include "proto/out/field.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

/* own: the protocol's object, as another parser has read it. */
static inline bool fields_agree(const struct hz_record *r, const cJSON *own)
{
    size_t i = 0;
    const cJSON *item;
    cJSON_ArrayForEach(item, own)
    {
        struct hz_value name, value, found;
        double number;
        if (i == HZ_FIELDS_MAX)
            return r->n_fields == i;
        if (i >= r->n_fields)
            return false;
        hz_record_field_at(r, i++, &name, &value);
        cJSON *read = cJSON_ParseWithLength(value.p, value.n);
        bool same = cJSON_Compare(read, item, 1) && name.n == strlen(item->string) &&
                    memcmp(name.p, item->string, name.n) == 0;
        bool is_number = hz_value_number(value, &number);
        same = same && is_number == (bool)cJSON_IsNumber(item) &&
               (!is_number || number == item->valuedouble);
        /* a name that stands there twice is found where it stands first */
        same = same && hz_record_field(r, item->string, &found) && found.p <= value.p;
        if (cJSON_IsString(item)) {
            size_t size = strlen(item->valuestring) + 1;
            char *text = malloc(size);
            same = same && text && hz_value_string(value, text, size) &&
                   strcmp(text, item->valuestring) == 0;
            free(text);
        }
        cJSON_Delete(read);
        if (!same)
            return false;
    }
    return i == r->n_fields;
}

#endif
