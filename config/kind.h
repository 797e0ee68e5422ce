/* What a section of the configuration may be: a receiver of source = file, a listener of type =
 * tcp, an output of type = wav. Each kind is declared where it is implemented, as a table of
 * options and a few functions, and is named in one list; config/ knows the kinds only by what is
 * handed to it as struct hz_conf_kinds. */
#ifndef HZ_CONFIG_KIND_H
#define HZ_CONFIG_KIND_H

#include "config/config.h"
#include "config/option.h"

struct hz_check;

struct hz_conf_kind {
    const char *name;  /* "file" */
    const char *title; /* for people, in a line */
    /* Its keys, beside those of every section of its sort: offsets into its own struct. */
    const struct hz_option *options;
    size_t size; /* of its struct, which begins with that of the section (struct hz_conf_…) */
    /* What can only be told of the whole section, and of all sections; NULL: nothing. */
    void (*check)(const struct hz_check *c, void *item);
};

struct hz_source_ops; /* daemon/source/source.h */

struct hz_source_kind {
    struct hz_conf_kind kind;
    const struct hz_source_ops *ops; /* what runs it; nothing that config/ looks into */
    bool live;                       /* samples come when they come; otherwise they are read */
    bool tunable; /* a rate and a centre that are not given are chosen for the channels */
    bool usb;     /* it is plugged in: an arrival may be what it waits for */
    bool stages;  /* its gain may be set for each stage by name (HZ_KEY_GAIN_OF_STAGES) */
    /* Rate and centre as far as they are known before it runs, where they are not given; NULL: not
     * at all. */
    void (*band)(const struct hz_conf_receiver *r, double *rate_hz, double *centre_hz);
    /* Whether it can be tuned there: 0; -EINVAL with what `who` has in `expected`, as "0.5 to 2200
     * MHz". NULL: anywhere. */
    int (*reach)(const struct hz_conf_receiver *r, double hz, char *expected, size_t size);
    const char *who; /* with reach: "a dongle" */
    /* What it listens to, in a word: the recording, the address. Never NULL. */
    const char *(*input)(const struct hz_conf_receiver *r);
};

struct hz_listen_kind {
    struct hz_conf_kind kind;
    enum hz_listen_type type;
};

/* Keys that several sources have, as lines of their tables. clang-format would spread them. */
/* clang-format off */
#define HZ_OF_RECEIVER(field) .at = offsetof(struct hz_conf_receiver, field)
#define HZ_KEY_RATE \
    {.name = "rate", .type = HZ_OPTION_HZ, HZ_OF_RECEIVER(rate_hz), .min = 1, .max = 1e9, .unit = "Hz", \
     .example = "2400k", .help = "samples per second"}
#define HZ_KEY_CENTRE \
    {.name = "centre", .type = HZ_OPTION_FREQUENCY, HZ_OF_RECEIVER(centre_hz), .min = 1, \
     .max = HZ_RADIO_MAX_HZ, .unit = "Hz", .example = "1090M", .help = "the frequency in the middle of the band"}
#define HZ_KEY_PLAN \
    {.name = "plan", .type = HZ_OPTION_PARSED, HZ_OF_RECEIVER(hops), .parse = hz_parse_hops, \
     .size = sizeof(struct hz_conf_hops), .example = "1090M 20s, 162M 10s", \
     .expected = "2 to 12 different bands, each FREQUENCY TIME (1 s to 24 h), as in 1090M 20s, 162.025M 10s", \
     .help = "instead of `centre`: the bands in which it dwells in turn, and for how long"}
#define HZ_KEY_PACE \
    {.name = "pace", .type = HZ_OPTION_CHOICE, HZ_OF_RECEIVER(pace), .choices = hz_pace_names, \
     .fallback = "realtime", \
     .help = "`realtime`, as fast as the samples were taken, or `max`, as fast as they can be decoded"}
#define HZ_KEY_GAIN \
    {.name = "gain", .type = HZ_OPTION_NUMBER, HZ_OF_RECEIVER(gain_db), .max = 60, .word = "auto", \
     .other_word = "best", .other_value = HZ_GAIN_BEST, \
     .expected = "auto, best, or dB from 0 to 60 as in 40.2", .fallback = "auto", .unit = "dB", \
     .help = "of the tuner, whose nearest step is taken; `auto`: the tuner's own control; `best`: the one that decodes most is searched"}
#define HZ_KEY_GAIN_OF_STAGES \
    {.name = "gain", .type = HZ_OPTION_PARSED, HZ_OF_RECEIVER(gain), .parse = hz_parse_gain, \
     .size = sizeof(struct hz_gain), .expected = HZ_GAIN_EXPECTED, .fallback = "auto", .unit = "dB", \
     .help = "of all stages together, or of each that is named, as `LNA 20, VGA 16`"}
#define HZ_KEY_PPM \
    {.name = "ppm", .type = HZ_OPTION_NUMBER, HZ_OF_RECEIVER(ppm), .min = -1000, .max = 1000, .word = "auto", \
     .expected = "auto, or a number from -1000 to 1000", .fallback = "0", .unit = "ppm", \
     .help = "error of the crystal that tuning and sample clock are corrected by; `auto`: it is found out"}
#define HZ_KEY_BIAS_TEE \
    {.name = "bias_tee", .type = HZ_OPTION_YES, HZ_OF_RECEIVER(bias_tee), .fallback = "no", \
     .help = "power for an amplifier over the antenna socket"}
/* clang-format on */

/* "max", "realtime". */
extern const char *const hz_pace_names[];

/* Everything that a configuration may name. Each list ends with NULL. */
struct hz_conf_kinds {
    const struct hz_registry *decoders;
    const struct hz_source_kind *const *sources;
    const struct hz_listen_kind *const *listens;
    const struct hz_conf_kind *const *outputs;
    void (*check_event)(const struct hz_check *c, struct hz_conf_event *e);
    void (*check_capture)(const struct hz_check *c, struct hz_conf_capture *capture);
    const struct hz_conf_kind *const *inputs; /* NULL: none */
};

/* ---- for a kind's `check` ---------------------------------------------------------------------
 */

/* Whether the section gave that key. */
bool hz_check_gave(const struct hz_check *c, const char *key);
/* Where a key was given; else where the heading is. */
struct hz_where hz_check_where(const struct hz_check *c, const char *key);
/* Tells of an error at a key. */
void hz_check_error(const struct hz_check *c, const char *key, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Tells that a key is missing unless it was given; true: it was. The example: "path = FILE". */
bool hz_check_needs(const struct hz_check *c, const char *key, const char *example);
/* Tells of a receiver above of the same source that opens the same device, as device_of calls it.
 * `given`: this one's key; "": it has none, and is called `usual`, as "the first dongle". */
void hz_check_same_device(const struct hz_check *c, const struct hz_conf_receiver *r,
                          const char *(*device_of)(const struct hz_conf_receiver *),
                          const char *given, const char *usual);
/* The configuration so far, and how many sections of the same sort stand before this one there. */
const struct hz_config *hz_check_config(const struct hz_check *c);
size_t hz_check_index(const struct hz_check *c);
/* The decoders that a channel can have; ends with NULL. */
const struct hz_decoder *const *hz_check_decoders(const struct hz_check *c);
/* The receiver that key `receiver` names, in `chosen`, which is resolved: where there is one only
 * it need not be named. NULL: told. */
const struct hz_conf_receiver *hz_check_receiver(const struct hz_check *c,
                                                 char chosen[HZ_NAME_MAX + 1]);

/* The output of that name, to which an event is posted by key `key`: one that tells lines of JSON.
 * From now on it takes the events of this section. Otherwise it is told what is wrong. */
void hz_check_posts_to(const struct hz_check *c, const char *key, const char *output);

/* HOST:PORT → host (without brackets; *v6 tells that there were some) and port; -1: it is nothing
 * of the kind. */
int hz_address_split(const char *address, char *host, size_t size, bool *v6);

#endif
