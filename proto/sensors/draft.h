/* Declarations as text, before they are compiled. Inside proto/sensors/ only. */
#ifndef HZ_PROTO_SENSORS_DRAFT_H
#define HZ_PROTO_SENSORS_DRAFT_H

#include "proto/sensors/arena.h"
#include "proto/sensors/set.h"

/* The keys of a declaration. */
enum hz_key {
    HZ_KEY_MODEL,
    HZ_KEY_MODULATION,
    HZ_KEY_DEVIATION,
    HZ_KEY_ZERO,
    HZ_KEY_ONE,
    HZ_KEY_LEAD,
    HZ_KEY_TAIL,
    HZ_KEY_SYNC,
    HZ_KEY_PREAMBLE,
    HZ_KEY_CHIPS,
    HZ_KEY_CHIP,
    HZ_KEY_GAP,
    HZ_KEY_CODE,
    HZ_KEY_BITS,
    HZ_KEY_LENGTH,
    HZ_KEY_WHITEN,
    HZ_KEY_SENT,
    HZ_KEY_REPEAT,
    HZ_KEY_PERIOD,
    HZ_KEY_TOLERANCE,
    HZ_KEY_FREQ,
    HZ_KEY_STRENGTH,
    HZ_KEY_LIKE,
    HZ_KEY_TWINS,
    HZ_KEY_PREFER,
    HZ_KEY_USE,
    HZ_KEY_CHECK, /* these may stand several times */
    HZ_KEY_PLAUSIBLE,
    HZ_KEY_VARIES,
    HZ_KEY_EXAMPLE,
    HZ_KEY_FIELD, /* .NAME */
    HZ_KEYS,
};

extern const char *const hz_key_names[HZ_KEYS + 1]; /* ends with NULL; HZ_KEY_FIELD is ".NAME" */

struct hz_draft_key {
    enum hz_key key;
    const char *name, *value; /* as they stand there */
    const char *file;
    int line;
    bool own; /* of the section itself, not of the one it is like */
};

struct hz_draft_section {
    const char *name, *file;
    int line;
    struct hz_draft_key *keys;
    size_t n, room;
    uint8_t state; /* while `like` is followed */
    bool replaced; /* by a later one of its name; others may still be like it */
};

struct hz_sensor_drafts {
    struct hz_arena arena; /* texts */
    struct hz_draft_section *sections;
    size_t n, room;
    hz_sensor_tell *tell;
    void *ctx;
    int errors;
    bool no_memory;
    bool lost; /* the last heading was no good: its keys are passed over */
};

__attribute__((format(printf, 4, 5))) void
hz_draft_error(struct hz_sensor_drafts *d, const char *file, int line, const char *format, ...);

/* All keys of a section, those of the one it is like included, in an array of `arena`. False: an
 * error was told. */
bool hz_draft_keys(struct hz_sensor_drafts *d, struct hz_draft_section *s, struct hz_arena *arena,
                   struct hz_draft_key **keys, size_t *n);

/* Compiles a declaration with these keys (declare.c). False: an error was told. */
bool hz_declare(struct hz_sensor_drafts *d, const struct hz_draft_section *s,
                const struct hz_draft_key *keys, size_t n, struct hz_arena *arena,
                struct hz_sensor *out);
/* Its checks and fields (fields.c). */
bool hz_declare_code(struct hz_sensor_drafts *d, const struct hz_draft_key *keys, size_t n,
                     struct hz_arena *arena, struct hz_sensor *out);

/* The key of that sort; NULL: it is not there, or taken away with nothing behind its `=`. */
const struct hz_draft_key *hz_draft_find(const struct hz_draft_key *keys, size_t n,
                                         enum hz_key key);

#endif
