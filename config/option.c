#include "config/option.h"

#include "config/config.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

const struct hz_option *hz_option_find(const struct hz_option *table, const char *name)
{
    for (const struct hz_option *o = table; o && o->name; o++) {
        if (strcmp(o->name, name) == 0)
            return o;
    }
    return NULL;
}

void hz_words_join(const char *const *list, char *out, size_t size)
{
    size_t n = 0;
    out[0] = 0;
    for (; *list && n < size; list++)
        n += (size_t)snprintf(out + n, size - n, "%s%s", n ? ", " : "", *list);
}

int hz_word_find(const char *const *list, const char *word, char *expected, size_t size)
{
    for (int i = 0; list[i]; i++) {
        if (strcmp(list[i], word) == 0)
            return i;
    }
    char all[400];
    hz_words_join(list, all, sizeof all);
    const char *near = hz_nearest(word, list);
    if (near)
        snprintf(expected, size, "one of %s; did you mean '%s'?", all, near);
    else
        snprintf(expected, size, "one of %s", all);
    return -1;
}

static int set_text(char **field, const char *value, char *expected, size_t size)
{
    if (!*value) {
        snprintf(expected, size, "some text");
        return -EINVAL;
    }
    char *copy = strdup(value);
    if (!copy)
        return -ENOMEM;
    free(*field);
    *field = copy;
    return 0;
}

static int set_name(char *field, const char *value, char *expected, size_t size)
{
    if (!*value || strlen(value) > HZ_NAME_MAX) {
        snprintf(expected, size, "the name of a section, at most %d characters", HZ_NAME_MAX);
        return -EINVAL;
    }
    strcpy(field, value);
    return 0;
}

static int set_choice(const struct hz_option *o, int *field, const char *value, char *expected,
                      size_t size)
{
    int i = hz_word_find(o->choices, value, expected, size);
    if (i < 0)
        return -EINVAL;
    *field = i + (int)o->min;
    return 0;
}

static int set_yes(bool *field, const char *value, char *expected, size_t size)
{
    bool yes = strcmp(value, "yes") == 0 || strcmp(value, "true") == 0;
    bool no = strcmp(value, "no") == 0 || strcmp(value, "false") == 0;
    if (!yes && !no) {
        snprintf(expected, size, "yes or no (or true, false)");
        return -EINVAL;
    }
    *field = yes;
    return 0;
}

/* A whole decimal number and nothing else; strtol alone would take blanks and signs. */
static int whole(const char *value, uint64_t max, uint64_t *out)
{
    uint64_t v = 0;
    if (!*value)
        return -EINVAL;
    for (; *value; value++) {
        uint64_t digit = (uint64_t)(*value - '0');
        if (*value < '0' || *value > '9' || v > (UINT64_MAX - digit) / 10)
            return -EINVAL;
        v = v * 10 + digit;
    }
    *out = v;
    return v <= max ? 0 : -EINVAL;
}

static int set_count(const struct hz_option *o, int *field, const char *value, char *expected,
                     size_t size)
{
    uint64_t v;
    snprintf(expected, size, "a whole number from %.0f to %.0f", o->min, o->max);
    if (whole(value, (uint64_t)o->max, &v) < 0 || v < (uint64_t)o->min)
        return -EINVAL;
    *field = (int)v;
    return 0;
}

static int set_seed(uint64_t *field, const char *value, char *expected, size_t size)
{
    uint64_t v;
    snprintf(expected, size, "a whole number from 0 to %llu", (unsigned long long)UINT64_MAX);
    if (whole(value, UINT64_MAX, &v) < 0)
        return -EINVAL;
    *field = v;
    return 0;
}

static int set_hz(const struct hz_option *o, double *field, const char *value, char *expected,
                  size_t size)
{
    double hz;
    snprintf(expected, size, "a number of Hz from %g to %g, as in 162.025M or 2400k", o->min,
             o->max);
    if (hz_parse_hz(value, &hz) < 0 || hz < o->min || hz > o->max)
        return -EINVAL;
    char meant[64];
    if (o->type == HZ_OPTION_FREQUENCY && hz_unit_forgotten(value, meant, sizeof meant)) {
        snprintf(expected, size, "a unit: did you mean %s? (%sHz, if Hz are meant)", meant, value);
        return -EINVAL;
    }
    *field = hz;
    return 0;
}

static int set_number(const struct hz_option *o, double *field, const char *value, char *expected,
                      size_t size)
{
    double v;
    if (o->word && strcmp(value, o->word) == 0) {
        *field = NAN;
        return 0;
    }
    if (o->other_word && strcmp(value, o->other_word) == 0) {
        *field = o->other_value;
        return 0;
    }
    snprintf(expected, size, "%s%sa number from %g to %g", o->word ? o->word : "",
             o->word ? " or " : "", o->min, o->max);
    if (hz_parse_number(value, &v) < 0 || v < o->min || v > o->max)
        return -EINVAL;
    *field = v;
    return 0;
}

static int set(const struct hz_option *o, void *field, const char *value, char *expected,
               size_t size)
{
    switch (o->type) {
    case HZ_OPTION_TEXT:
        return set_text(field, value, expected, size);
    case HZ_OPTION_NAME:
        return set_name(field, value, expected, size);
    case HZ_OPTION_CHOICE:
        return set_choice(o, field, value, expected, size);
    case HZ_OPTION_YES:
        return set_yes(field, value, expected, size);
    case HZ_OPTION_COUNT:
        return set_count(o, field, value, expected, size);
    case HZ_OPTION_SEED:
        return set_seed(field, value, expected, size);
    case HZ_OPTION_HZ:
    case HZ_OPTION_FREQUENCY:
        return set_hz(o, field, value, expected, size);
    case HZ_OPTION_NUMBER:
        return set_number(o, field, value, expected, size);
    case HZ_OPTION_TIME:
        snprintf(expected, size, "UTC as in 2026-11-23T08:26:11Z or @1795422371.5");
        return hz_parse_time(value, field);
    case HZ_OPTION_PARSED:
        return o->parse(value, field);
    case HZ_OPTION_KIND:
        break; /* chosen before any value is set */
    }
    return 0;
}

int hz_option_set(const struct hz_option *o, void *item, const char *value, char *expected,
                  size_t size)
{
    expected[0] = 0;
    int rc = set(o, (char *)item + o->at, value, expected, size);
    if (rc == -EINVAL && o->expected)
        snprintf(expected, size, "%s", o->expected);
    return rc;
}

int hz_option_try(const struct hz_option *o, const char *value, char *expected, size_t size)
{
    _Alignas(max_align_t) char field[256] = {0}; /* a PARSED one is smaller: hz_registry, tests */
    struct hz_option here = *o;
    here.at = 0;
    int rc = hz_option_set(&here, field, value, expected, size);
    if (o->type == HZ_OPTION_TEXT)
        free(*(char **)(void *)field);
    return rc;
}

int hz_options_init(const struct hz_option *table, void *item)
{
    char expected[256];
    for (const struct hz_option *o = table; o && o->name; o++) {
        void *field = (char *)item + o->at;
        if (o->type == HZ_OPTION_NUMBER)
            *(double *)field = NAN;
        else if (o->type == HZ_OPTION_TIME)
            *(int64_t *)field = INT64_MIN;
        else if (o->type == HZ_OPTION_TEXT && !*(char **)field && !(*(char **)field = strdup("")))
            return -ENOMEM;
        if (o->fallback && hz_option_set(o, item, o->fallback, expected, sizeof expected) < 0)
            return -ENOMEM;
    }
    return 0;
}

void hz_options_done(const struct hz_option *table, void *item)
{
    for (const struct hz_option *o = table; o && o->name; o++) {
        if (o->type != HZ_OPTION_TEXT)
            continue;
        char **text = (char **)((char *)item + o->at);
        free(*text);
        *text = NULL;
    }
}

int hz_options_own(const struct hz_option *table, void *item)
{
    bool whole_copy = true;
    for (const struct hz_option *o = table; o && o->name; o++) {
        char **text = (char **)((char *)item + o->at);
        if (o->type != HZ_OPTION_TEXT)
            continue;
        *text = strdup(*text ? *text : ""); /* one that was not set is empty */
        whole_copy = whole_copy && *text;
    }
    if (whole_copy)
        return 0;
    hz_options_done(table, item);
    return -ENOMEM;
}

static bool same_number(const void *a, const void *b)
{
    double x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return x == y || (isnan(x) && isnan(y));
}

static bool same(const struct hz_option *o, const void *a, const void *b)
{
    switch (o->type) {
    case HZ_OPTION_TEXT:
        return strcmp(*(char *const *)a, *(char *const *)b) == 0;
    case HZ_OPTION_NAME:
        return strcmp(a, b) == 0;
    case HZ_OPTION_YES:
        return *(const bool *)a == *(const bool *)b;
    case HZ_OPTION_CHOICE:
    case HZ_OPTION_COUNT:
        return *(const int *)a == *(const int *)b;
    case HZ_OPTION_SEED:
    case HZ_OPTION_TIME:
        return memcmp(a, b, sizeof(uint64_t)) == 0;
    case HZ_OPTION_HZ:
    case HZ_OPTION_FREQUENCY:
    case HZ_OPTION_NUMBER:
        return same_number(a, b);
    case HZ_OPTION_PARSED:
        return memcmp(a, b, o->size) == 0;
    case HZ_OPTION_KIND:
        break; /* the caller's */
    }
    return true;
}

bool hz_options_same(const struct hz_option *table, const void *a, const void *b)
{
    for (const struct hz_option *o = table; o && o->name; o++) {
        if (!same(o, (const char *)a + o->at, (const char *)b + o->at))
            return false;
    }
    return true;
}
