/* What is in an answer of hertzd: members of a cJSON object by their names. NULL for the object is
 * an object without any. What is returned belongs to the object. */
#ifndef HZ_CTL_ANSWER_H
#define HZ_CTL_ANSWER_H

#include <cjson/cJSON.h>
#include <math.h>
#include <string.h>

/* NULL: there is none of that name. */
static inline const cJSON *hz_ctl_member(const cJSON *o, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(o, name);
}

/* "" if it is not there, or is no text. */
static inline const char *hz_ctl_text(const cJSON *o, const char *name)
{
    const char *s = cJSON_GetStringValue(hz_ctl_member(o, name));
    return s ? s : "";
}

/* NAN if it is not there, or is no number. */
static inline double hz_ctl_number(const cJSON *o, const char *name)
{
    return cJSON_GetNumberValue(hz_ctl_member(o, name));
}

/* 0 if it is not there, or is no number. */
static inline double hz_ctl_count(const cJSON *o, const char *name)
{
    double n = hz_ctl_number(o, name);
    return isnan(n) ? 0 : n;
}

/* The object of an array whose "name" is that; NULL: there is none. */
static inline cJSON *hz_ctl_row(const cJSON *rows, const char *name)
{
    cJSON *row;
    cJSON_ArrayForEach(row, rows)
    {
        if (strcmp(hz_ctl_text(row, "name"), name) == 0)
            return row;
    }
    return NULL;
}

#endif
