/* The sensors that are listened for: declarations as text (docs/adding-a-sensor.md), compiled to
 * what the engine hears by (wave.h) and to a small stack code that judges a frame's bits and reads
 * its fields.
 *
 * A set is made by one thread and only read from then on, from any thread; it is one piece of
 * memory that nobody writes to. Nothing here allocates but what makes a set. The code of a
 * declaration reads nothing outside the bits it is given and has no loops: its time is bounded by
 * its length. */
#ifndef HZ_PROTO_SENSORS_SET_H
#define HZ_PROTO_SENSORS_SET_H

#include "proto/out/json.h"
#include "proto/sensors/wave.h"

#include <stdbool.h>

enum {
    HZ_SENSOR_DATA_MAX = 1024,    /* data bits of a frame */
    HZ_SENSOR_SYMBOLS_MAX = 2048, /* and symbols: two a bit with code = dm */
    HZ_SENSORS_MAX = 4096,        /* declarations of a set */
    HZ_SENSOR_NAME_MAX = 31,      /* characters of a section's name */
};

/* Another sensor that reads the same bursts as well. */
struct hz_sensor_twin {
    uint16_t other; /* its index in the set's list */
    bool wins;      /* this one is told where both read a burst and nothing else decides */
};

struct hz_sensor_example {
    struct hz_bitrow data; /* data bits as they are on air, before `whiten` is undone */
    const char *fields;    /* the JSON object that was declared with them */
    int line;              /* where, in the file of its sensor */
};

/* Data bits that differ between the frames of one transmission. */
struct hz_sensor_varies {
    uint16_t at, n;
};

struct hz_sensor_code; /* compiled checks and fields */

struct hz_sensor {
    const char *name;  /* of its section: "nexus-th" */
    const char *model; /* "Nexus-TH" */
    struct hz_wave wave;
    double period_min_us, period_max_us; /* from frame to frame; 0: not declared */
    int strength; /* bits that are fixed or checked: a random frame passes one time in 2^strength.
                   * Of `strength =`, else counted from the checks */
    int data_min, data_max; /* data bits of a frame; wave.bits_min and bits_max are its symbols */
    bool off;               /* not listened for: `use = no` */
    const struct hz_sensor_twin *twins;
    size_t n_twins;
    const struct hz_sensor_varies *varies;
    size_t n_varies;
    const struct hz_sensor_example *examples;
    size_t n_examples;
    const char *file; /* where it was declared */
    int line;
    const struct hz_sensor_code *code;
};

struct hz_classes; /* classes.h */

struct hz_sensor_set {
    const struct hz_sensor *list; /* in the order of declaration, those that are off included */
    size_t n;
    struct hz_classes *classes; /* how they sound: for the engine */
};

/* ---- a frame -------------------------------------------------------------------------------- */

/* What was found about a frame. */
struct hz_verdict {
    bool passed;    /* its checks hold */
    bool plausible; /* and its fields lie within the ranges that were declared as plausible */
};

/* Symbols of the frame that begins with these n: by `length = …` where that is declared, else as
 * many as `bits` allows. 0: there are too few to tell, or this is no frame of the sensor. */
size_t hz_sensor_length(const struct hz_sensor *s, const uint8_t *symbol, size_t n);

/* Judges the n symbols behind sync and preamble, one a byte, 0 or 1: their code (dm …) and
 * whitening are undone here. Symbols behind the end of the frame are not looked at. True: passed
 * and plausible. v may be NULL. Typically 0.1 to 5 us. */
bool hz_sensor_judge(const struct hz_sensor *s, const uint8_t *symbol, size_t n,
                     struct hz_verdict *v);

/* Adds "model" and the fields of a frame that passed to an object that is open. */
void hz_sensor_fields(const struct hz_sensor *s, const uint8_t *symbol, size_t n,
                      struct hz_json *out);

/* Data bits as on air (code undone, whitening not) of n symbols, at most HZ_SENSOR_DATA_MAX.
 * Returns how many. And the reverse, for those who transmit: at most HZ_SENSOR_SYMBOLS_MAX symbols
 * of n data bits; `last` is the symbol before them (of preamble or sync), which code = dm needs. */
size_t hz_sensor_data(const struct hz_sensor *s, const uint8_t *symbol, size_t n, uint8_t *data);
size_t hz_sensor_symbols(const struct hz_sensor *s, const uint8_t *data, size_t n, uint8_t last,
                         uint8_t *symbol);

/* Whether the sensor reads its i-th example as declared; else what is different, in err. */
bool hz_sensor_example_passes(const struct hz_sensor *s, size_t i, char *err, size_t err_len);

/* What its checks compute, for people: "crc8 sum8"; "": they only compare bits. */
void hz_sensor_checks(const struct hz_sensor *s, char *out, size_t size);

/* ---- making a set --------------------------------------------------------------------------- */

/* Told of each error: FILE, LINE (0: the whole file), and what was wrong and expected. */
typedef void hz_sensor_tell(void *ctx, const char *file, int line, const char *text);

/* Declarations as they are read. config/sensors.h reads files into it. */
struct hz_sensor_drafts;

struct hz_sensor_drafts *hz_sensor_drafts_new(hz_sensor_tell *tell,
                                              void *ctx); /* NULL: no memory */
void hz_sensor_drafts_free(struct hz_sensor_drafts *d);
/* A section begins: its keys follow. One with the name of a section of an earlier file replaces
 * that, or, where it has only `use` and `prefer`, changes it. Strings are copied. */
void hz_sensor_drafts_section(struct hz_sensor_drafts *d, const char *file, int line,
                              const char *name);
void hz_sensor_drafts_key(struct hz_sensor_drafts *d, int line, const char *key, const char *value);
/* All of another one's behind them. 0, -ENOMEM. */
int hz_sensor_drafts_add(struct hz_sensor_drafts *d, const struct hz_sensor_drafts *from);
/* Compiles all of them, once, and runs their examples. 0; -EINVAL: something was told to be wrong,
 * there is no set; -ENOMEM. */
int hz_sensor_drafts_compile(struct hz_sensor_drafts *d, struct hz_sensor_set **set);

/* Sets are counted: by one thread at a time (the loop's), whoever else reads them. */
struct hz_sensor_set *hz_sensor_set_ref(struct hz_sensor_set *set);
void hz_sensor_set_unref(struct hz_sensor_set *set); /* NULL is allowed */

/* Whether both were made of the same declarations; NULL is the same as NULL only. */
bool hz_sensor_set_same(const struct hz_sensor_set *a, const struct hz_sensor_set *b);
/* By its section's name; NULL: there is none. */
const struct hz_sensor *hz_sensor_find(const struct hz_sensor_set *set, const char *name);

#endif
