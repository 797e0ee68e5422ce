/* The keys of the configuration as a table: a key is one line of it. Inside config/ only. */
#ifndef HZ_CONFIG_SCHEMA_H
#define HZ_CONFIG_SCHEMA_H

#include "config/config.h"

enum hz_section {
    HZ_SECTION_DAEMON,
    HZ_SECTION_RECEIVER,
    HZ_SECTION_CHANNEL,
    HZ_SECTION_LISTEN,
    HZ_SECTIONS
};

enum { HZ_KEYS_MAX = 24 }; /* keys of one kind of section */

/* What a key's value is, and the type of the field it goes to. */
enum hz_key_type {
    HZ_KEY_TEXT,    /* char *, owned */
    HZ_KEY_NAME,    /* char[HZ_NAME_MAX + 1] */
    HZ_KEY_WORD,    /* char[16], one of the choices */
    HZ_KEY_CHOICE,  /* int or enum: index into the choices, plus min */
    HZ_KEY_YES,     /* bool */
    HZ_KEY_INT,     /* int, min to max */
    HZ_KEY_SEED,    /* uint64_t */
    HZ_KEY_HZ,      /* double, min to max */
    HZ_KEY_DEGREES, /* double, min to max; not given: NAN */
    HZ_KEY_GAIN,    /* double, dB; "auto": NAN */
    HZ_KEY_SIGNED,  /* double, min to max */
    HZ_KEY_DB,      /* double, min to max; not given: NAN */
    HZ_KEY_TIME,    /* int64_t ns; not given: INT64_MIN */
    HZ_KEY_FORMAT,  /* struct hz_conf_receiver: has_format, format, wav */
    HZ_KEY_DECODER  /* const struct hz_decoder * */
};

struct hz_key {
    const char *name;
    enum hz_key_type type;
    size_t at; /* offset of the field in the section's struct */
    const char *const *choices;
    double min, max;
    const char *fallback; /* the default, as it would be written; NULL: none */
    const char *only;     /* works with these sources or types only; NULL: with all */
};

struct hz_section_kind {
    const char *name;          /* "receiver" */
    const struct hz_key *keys; /* ends with a NULL name */
    size_t size;               /* of the section's struct */
};

extern const struct hz_section_kind hz_section_kinds[HZ_SECTIONS];

/* Index of the key of that name; -1: there is none. */
int hz_key_find(enum hz_section kind, const char *name);

/* The nearest key as ", did you mean 'x'?", or all of them as ": expected one of …". */
void hz_key_hint(enum hz_section kind, const char *name, char *out, size_t size);

/* Puts a value into its field of `item`, freeing a text that was there. 0; -ENOMEM; -EINVAL with
 * what was expected in `expected`. */
int hz_key_set(const struct hz_key *key, void *item, const char *value, char *expected,
               size_t size);

/* All fields as if nothing were given: the defaults. -ENOMEM. */
int hz_section_init(enum hz_section kind, void *item);
void hz_section_done(enum hz_section kind, void *item);

/* Whether two of the same kind hold the same values. */
bool hz_section_same(enum hz_section kind, const void *a, const void *b);

/* A section as it was read: which keys it gave and where, for the checks that follow. */
struct hz_draft {
    enum hz_section kind;
    size_t index; /* into the config's array of its kind */
    struct hz_where where;
    int line[HZ_KEYS_MAX]; /* by index of the key; 0: not given */
    bool bad; /* something in it was told to be wrong: what follows from that is not told as well */
};

struct hz_conf_parser {
    struct hz_config *config;
    struct hz_conf_errors *errors;
    struct hz_draft *drafts;
    size_t n_drafts;
    bool open;        /* the last draft takes keys; otherwise they are passed over */
    bool lost;        /* a heading was no good: sections seem to be missing */
    const char *file; /* one of config->files */
};

/* The struct that a draft describes. */
void *hz_draft_item(const struct hz_conf_parser *p, const struct hz_draft *d);

/* Line of a key that the section gave; else the line of its heading. */
int hz_draft_line(const struct hz_draft *d, const char *key);

/* Everything that can only be told once all sections are known; then hz_config_plan. */
void hz_config_check(struct hz_conf_parser *p);

/* What an RTL-SDR dongle cannot do: rates and frequencies that it does not have, or to be opened by
 * two receivers. */
void hz_check_dongle(struct hz_conf_parser *p, const struct hz_draft *receiver);
void hz_check_dongle_channel(struct hz_conf_parser *p, const struct hz_draft *channel,
                             const struct hz_conf_receiver *r);

/* Plans every receiver: chooses what its section leaves open, puts a channel for each frequency in
 * the place of those sections that stand for several, and tells what is impossible. */
void hz_config_plan(struct hz_conf_parser *p);

#endif
