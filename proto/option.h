/* An option as a line of a table: a decoder, a source, a listener or an output says by such a table
 * what may be set and where the value goes. All that reads, checks, compares, prints or documents
 * options is written from these tables (config/option.h), so a new option is one line and its use.
 * Plain data; any thread. */
#ifndef HZ_PROTO_OPTION_H
#define HZ_PROTO_OPTION_H

#include <stdbool.h>
#include <stddef.h>

/* What the value is, and the type of the field that it goes to. */
enum hz_option_type {
    HZ_OPTION_TEXT,      /* char *, owned, never NULL; not given: "" */
    HZ_OPTION_NAME,      /* char[32]: the name of another section; not given: "" */
    HZ_OPTION_CHOICE,    /* int or enum: index of the word in `choices`, plus min */
    HZ_OPTION_YES,       /* bool: yes or no */
    HZ_OPTION_COUNT,     /* int, min to max */
    HZ_OPTION_SEED,      /* uint64_t */
    HZ_OPTION_HZ,        /* double, min to max, with suffixes as in 2400k; not given: 0 */
    HZ_OPTION_FREQUENCY, /* likewise: a place in the radio spectrum, whose unit must not be missing
                          */
    HZ_OPTION_NUMBER,    /* double, min to max; not given: NAN */
    HZ_OPTION_TIME,      /* int64_t, ns since 1970; not given: INT64_MIN */
    HZ_OPTION_PARSED,    /* what `parse` makes of it, `size` bytes without padding */
    HZ_OPTION_KIND,      /* which of several kinds of section this is: no field */
};

struct hz_option {
    const char *name;
    enum hz_option_type type;
    size_t at; /* offset of the field in the struct that the table describes */
    double min, max;
    const char *const *choices; /* CHOICE: ends with NULL */
    const char *word;           /* NUMBER: a word that stands for NAN, as "auto"; NULL: none */
    const char *other_word;     /* NUMBER: one that stands for other_value; NULL: none */
    double other_value;
    /* PARSED: the text into the field, which is left alone on an error: 0 or -EINVAL. */
    int (*parse)(const char *text, void *field);
    size_t size;          /* PARSED: of the field, for comparisons */
    bool secret;          /* no error repeats its value */
    const char *expected; /* what is said of a wrong value; NULL: made from type, min and max */
    const char *fallback; /* the default, as it would be written; NULL: none */
    const char *example;  /* a value, for one without a default */
    const char *unit;     /* "Hz", "dB"; NULL: none */
    const char *help;     /* what it is for; a line of the documentation */
};

#endif
