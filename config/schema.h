/* The sorts of section, the keys that all sections of a sort have, and how their kinds add to them.
 * Inside config/ only. */
#ifndef HZ_CONFIG_SCHEMA_H
#define HZ_CONFIG_SCHEMA_H

#include "config/config.h"
#include "config/kind.h"

enum hz_section {
    HZ_SECTION_DAEMON,
    HZ_SECTION_RECEIVER,
    HZ_SECTION_CHANNEL,
    HZ_SECTION_LISTEN,
    HZ_SECTION_OUTPUT,
    HZ_SECTION_EVENT,
    HZ_SECTION_INPUT,
    HZ_SECTION_CAPTURE,
    HZ_SECTION_METER,
    HZ_SECTIONS
};

struct hz_section_info {
    const char *name;                /* "receiver" */
    const char *selector;            /* the key that chooses the kind: "source"; NULL: no kinds */
    const struct hz_option *options; /* that every section of the sort has */
    size_t size;                     /* of the struct of all kinds */
    size_t kind_at;                  /* where it points to its kind */
    size_t own_at;                   /* what the options of its kind are offsets from */
};

extern const struct hz_section_info hz_sections[HZ_SECTIONS];
extern const struct hz_option hz_capture_options[]; /* capture_keys.c */

/* A kind of a section, whatever it is declared as: a decoder, a source, a listener, an output, an
 * input. */
struct hz_choice {
    const void *kind; /* NULL: none */
    const char *name;
    const struct hz_option *options;
    size_t size; /* of its struct, that of the section included */
};

/* The i-th kind of a sort; kind is NULL behind the last. */
struct hz_choice hz_choice_at(const struct hz_conf_kinds *kinds, enum hz_section s, size_t i);
/* The kind that a section is; kind is NULL where it was not chosen. */
struct hz_choice hz_choice_of(enum hz_section s, const void *item);
/* By name. -1: there is none, with what was expected. */
int hz_choice_find(const struct hz_conf_kinds *kinds, enum hz_section s, const char *name,
                   struct hz_choice *found, char *expected, size_t size);

/* A section's struct, zeroed, of `choice`'s size: sets kind and defaults. -ENOMEM: what is there
 * can be given to hz_section_done. */
int hz_section_init(enum hz_section s, const struct hz_choice *choice, void *item);
void hz_section_done(enum hz_section s, void *item);
/* Texts of its own for a struct that was copied byte by byte. -ENOMEM: none of them is left. */
int hz_section_own(enum hz_section s, void *item);
/* Whether two hold the same values, their kinds and names included. */
bool hz_section_same(enum hz_section s, const void *a, const void *b);

/* Told of each setting that is wrong, by its index. */
typedef void hz_settings_tell(void *ctx, size_t setting, const char *text);

struct hz_settings {
    const struct hz_conf_kinds *kinds;
    enum hz_section section;
    const struct hz_setting *list;
    size_t n;
    hz_settings_tell *tell;
    void *ctx;
};

/* The kind that the settings choose. False: they name none, or an unknown one, which is told. */
bool hz_settings_choose(const struct hz_settings *s, struct hz_choice *choice);

/* Puts the settings into the struct of a section of that kind (NULL: not known; what can be judged
 * is), and tells of those that are unknown, wrong or mean nothing with that kind. -ENOMEM. */
int hz_settings_read(const struct hz_settings *s, const struct hz_choice *choice, void *item);

/* A section as it was read: which keys it gave and where, for the checks that follow. */
struct hz_draft {
    enum hz_section section;
    size_t index; /* into the config's array of its sort */
    struct hz_where where;
    struct hz_setting *settings; /* owned, with their texts */
    size_t n_settings;
    char name[HZ_NAME_MAX + 1];
    bool bad; /* something in it was told to be wrong: what follows from that is not told as well */
};

struct hz_conf_parser {
    struct hz_config *config;
    const struct hz_conf_kinds *kinds;
    const struct hz_config *before; /* what it takes the place of; NULL: nothing */
    struct hz_conf_errors *errors;
    struct hz_draft *drafts;
    size_t n_drafts;
    bool open;        /* the last draft takes keys; otherwise they are passed over */
    bool lost;        /* a heading was no good: sections seem to be missing */
    const char *file; /* that of the section */
    struct hz_sensor_drafts *sensors; /* of [sensor NAME]; NULL: none */
    bool in_sensor;                   /* keys are of the last one */
};

/* What a kind's `check` is handed. */
struct hz_check {
    const struct hz_conf_parser *parser;
    const struct hz_draft *draft;
};

/* The struct that a draft describes. */
void *hz_draft_item(const struct hz_conf_parser *p, const struct hz_draft *d);
/* Whether it gave a key, and where; else where its heading is. */
bool hz_draft_gave(const struct hz_draft *d, const char *key);
struct hz_where hz_draft_where(const struct hz_draft *d, const char *key);
/* One more setting. -ENOMEM. */
int hz_draft_add(struct hz_draft *d, const struct hz_text_line *line);
void hz_draft_done(struct hz_draft *d);

/* Everything that can only be told once all sections are known. */
void hz_config_check(struct hz_conf_parser *p);

/* A section [sensor NAME] begins (config/sensors_config.c). */
void hz_config_sensor_section(struct hz_conf_parser *p, int line, const char *name);
/* All sections were read: makes the set of sensors where it is wanted, of the shipped ones, those
 * of the folder sensors.d beside `file` (NULL: none) and the sections. */
void hz_config_sensors(struct hz_conf_parser *p, const char *file);
void hz_config_sensors_done(struct hz_conf_parser *p);

/* Plans every receiver: chooses what its section leaves open, puts a channel for each frequency in
 * the place of those sections that stand for several, and tells what is impossible. */
void hz_config_plan(struct hz_conf_parser *p);

/* Gives the keys of all sections [meter NAME] to the channels whose decoders want them. */
void hz_config_keys(struct hz_conf_parser *p);

#endif
