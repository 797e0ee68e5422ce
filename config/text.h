/* A configuration as text: its sections with their keys, before anything is made of them. It can be
 * changed and printed, so that a change is checked and applied like a file. Inside config/, and for
 * those who change a running daemon. Any thread, for a text that is the caller's. */
#ifndef HZ_CONFIG_TEXT_H
#define HZ_CONFIG_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct hz_conf_errors;

struct hz_text_line {
    const char *file; /* borrowed from the text */
    int line;         /* 0: of no file, but of a change */
    char *key;        /* NULL: the line is wrong, and the value says why */
    char *value;
};

struct hz_text_section {
    const char *file;
    int line;
    char *heading; /* "channel ships", with one blank; NULL: a wrong one, or (line 0) none yet */
    struct hz_text_line *lines;
    size_t n;
    size_t earlier; /* the first of them are from files that were read before */
};

struct hz_text {
    char **files; /* names of the files that were read */
    size_t n_files;
    struct hz_text_section *sections;
    size_t n;
};

/* Adds what a file says. A section that an earlier file has goes on: its keys are set anew or
 * added, and one without a value takes back what was given before. A sensor's section takes the
 * place of the earlier one; with nothing but `use` and `prefer` it changes that. [record NAME]
 * becomes [output NAME] with type = record. Mistakes become lines, told when the text is parsed.
 * -ENOMEM. */
int hz_text_read(struct hz_text *t, const char *file, const char *text, size_t len);

/* Adds FILE and then, by name, each .conf file of the folder FILE.d but `skip` (a path; NULL:
 * none). -errno of what cannot be read, told in the errors. */
int hz_text_load(struct hz_text *t, const char *file, const char *skip,
                 struct hz_conf_errors *errors);

/* Leaves out the sections that say `off = yes`. */
void hz_text_sweep(struct hz_text *t);

/* A text of one's own in zeroed *to. -ENOMEM: nothing to free. */
int hz_text_copy(struct hz_text *to, const struct hz_text *from);
void hz_text_done(struct hz_text *t);

/* Whether it declares a sensor: its keys may repeat, and their order counts. */
bool hz_text_is_sensor(const struct hz_text_section *s);

/* NULL: there is none. */
struct hz_text_section *hz_text_find(const struct hz_text *t, const char *heading);
/* The last value of a key; NULL: it is not given. */
const char *hz_text_value(const struct hz_text_section *s, const char *key);
/* The section, new if there is none; NULL: no memory. */
struct hz_text_section *hz_text_want(struct hz_text *t, const char *heading);
/* Sets a key, or takes it away (value NULL). The line is of a change. -ENOMEM. */
int hz_text_set(struct hz_text *t, struct hz_text_section *s, const char *key, const char *value);
/* One line more, of a change, whether the key is there or not. -ENOMEM. */
int hz_text_add(struct hz_text *t, struct hz_text_section *s, const char *key, const char *value);
/* Takes all lines of a key away. */
void hz_text_drop(struct hz_text_section *s, const char *key);
void hz_text_remove(struct hz_text *t, struct hz_text_section *s);
/* One more section, which says what that of another text says. -ENOMEM. */
int hz_text_append(struct hz_text *t, const struct hz_text_section *like);
/* One more section, which says what that of `heading` says. -ENOMEM. */
int hz_text_double(struct hz_text *t, const char *heading, const char *as);

/* As a file that says the same, without comments. */
void hz_text_print(const struct hz_text *t, FILE *out);

/* Whether both say the same. */
bool hz_text_same(const struct hz_text *a, const struct hz_text *b);

/* Makes in `onto` the changes that lead from `from` to `to`, but for keys and sections in which
 * `onto` differs from `from` itself. -ENOMEM. */
int hz_text_carry(struct hz_text *onto, const struct hz_text *from, const struct hz_text *to);

/* As a file that, read after those that gave `from`, leads to `to`. -ENOMEM. */
int hz_text_print_diff(const struct hz_text *from, const struct hz_text *to, FILE *out);

#endif
