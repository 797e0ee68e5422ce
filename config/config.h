/* The configuration, parsed and checked: what hertzd is to run. Plain data, owned by
 * struct hz_config; strings are never NULL unless said. Loop thread (or any one thread). */
#ifndef HZ_CONFIG_CONFIG_H
#define HZ_CONFIG_CONFIG_H

#include "config/gain.h"
#include "config/text.h"
#include "dsp/samples.h"
#include "proto/nearest.h"
#include "proto/registry.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* The most that a place in the radio spectrum may be; rates and widths end far below. */
#define HZ_RADIO_MAX_HZ 1e12

enum { HZ_NAME_MAX = 31 }; /* characters of a section's name: letters, digits, - _ . */

enum hz_pace { HZ_PACE_MAX, HZ_PACE_REALTIME };

/* Where a value stood, for errors that come later: "FILE:LINE". file is borrowed from the config.
 */
struct hz_where {
    const char *file;
    int line;
};

struct hz_source_kind;
struct hz_listen_kind;
struct hz_tokens;     /* config/tokens.h */
struct hz_sensor_set; /* proto/sensors/set.h */
struct hz_meter_keys; /* proto/wmbus/keys.h */
struct hz_conf_kind;
struct hz_conf_kinds;

/* What samples are, where it was given and is not found out: a format of samples, or "wav", whose
 * head tells it whatever the file's name is, or "audio" of a discriminator. */
struct hz_conf_format {
    enum hz_format format;
    bool given; /* the format; the others may be set without it */
    bool wav, audio;
};

/* The bands in which a receiver dwells in turn, and for how long each. */
enum { HZ_HOPS_MAX = 12 };

struct hz_conf_hop {
    double centre_hz, seconds;
};

struct hz_conf_hops {
    uint64_t n; /* 0: it stays in one band; else at least 2 */
    struct hz_conf_hop at[HZ_HOPS_MAX];
};

/* gain = best: no number that anybody could mean. */
#define HZ_GAIN_BEST (-INFINITY)

/* What all receivers have; that of a source begins with it (struct hz_conf_file, …). */
struct hz_conf_receiver {
    char name[HZ_NAME_MAX + 1];
    struct hz_where where;
    const struct hz_source_kind *source; /* in a parsed configuration never NULL */
    double rate_hz;                      /* 0: from the file, or the source's own */
    double centre_hz;                    /* 0: likewise */
    struct hz_conf_format format;
    enum hz_pace pace;          /* of what is read */
    bool loop;                  /* likewise */
    double latitude, longitude; /* degrees; NAN: not given */
    union {
        struct hz_gain gain;
        struct {
            double gain_db; /* of a tuner; NAN: automatic; HZ_GAIN_BEST: found by trying */
            char gain_stages[HZ_GAIN_TEXT];
        };
    };
    double ppm; /* crystal error that tuning and sample clock are corrected by; NAN:
                 * found out */
    bool bias_tee;
    struct hz_conf_hops hops; /* key `plan`; centre_hz is then that of the first band */
    bool chosen;              /* rate, centre or both were not given, but planned */
};

struct hz_conf_channel {
    char name[HZ_NAME_MAX + 1];
    struct hz_where where;
    const struct hz_decoder *decoder;
    char receiver[HZ_NAME_MAX + 1]; /* resolved: never empty after parsing */
    double freq_hz;      /* after parsing never 0, but for a decoder that names no frequency */
    double bandwidth_hz; /* 0: the decoder's own */
    double squelch_db;   /* opens so much over the noise; 0: always open; NAN: the decoder's own */
    enum hz_ear ear;     /* of audio with two channels; no key sets it */
    struct hz_where freq_at; /* where the frequency stood; line 0: nowhere */
    int priority;            /* lower ones are shed first, among equals the later in the file */
    int bursts;              /* decoded at a time; of a decoder that takes bursts */
    /* The declarations of sensors, of a decoder that wants them; else NULL. Borrowed from the
     * configuration; who outlives that has a reference. */
    struct hz_sensor_set *sensors;
    struct hz_meter_keys *keys; /* likewise, of a decoder that wants the keys of meters */
    /* The values of the decoder's own options, in the struct that its table describes. */
    _Alignas(max_align_t) unsigned char options[HZ_OPTIONS_SIZE];
};

enum hz_listen_type {
    HZ_LISTEN_TCP,
    HZ_LISTEN_HTTP,
    HZ_LISTEN_UNIX,
    HZ_LISTEN_RTL_TCP,
    HZ_LISTEN_REFUSE, /* of no section: tells clients that nothing is served here */
};

/* The ports of hertzd.socket and of the examples: what is served there when no section tells. */
enum { HZ_PORT_LINES = 7373, HZ_PORT_HTTP = 7380 };

/* A filter, words as in a subscription; "": all pass. */
struct hz_conf_filter {
    char *protocol, *channel, *receiver, *id, *box, *min_snr, *every;
    char *kinds; /* NULL where the section has no such key */
};

struct hz_conf_listen {
    char name[HZ_NAME_MAX + 1];
    struct hz_where where;
    const struct hz_listen_kind *kind; /* NULL: of no section */
    enum hz_listen_type type;
    char *address; /* tcp, http: HOST:PORT (numeric host, "localhost", or [v6]); else "" */
    char *path;    /* unix: path of the socket; else "" */
    /* http: further Origins that may open /stream, separated by spaces; "*" all, "localhost" those
     * of this machine */
    char *allow_origin;
    /* http: names that may stand in Host besides those that nobody else can have, likewise */
    char *allow_host;
    /* http: the address of a map server's pictures for the page, then words of thanks; "": none */
    char *tiles;
    int max_clients;
    int max_per_address; /* clients of one address that is not this machine; not of unix */
    char receiver[HZ_NAME_MAX + 1]; /* rtl_tcp: whose samples; resolved */
    /* rtl_tcp: clients may tune it; http: likewise, and more, without a token on loopback */
    bool control;
    char *format;                 /* tcp: the format of what it sends; "": hertzd's own lines */
    struct hz_conf_filter filter; /* tcp with a format of other programs: what it sends */
    char *tokens;                 /* tcp, http: the file of its tokens; "": it needs none */
    char *allow;   /* networks whose clients are admitted, beside this machine's; "": all */
    bool insecure; /* other machines may read without a token */
    struct hz_tokens *token_list; /* what the file held; NULL: `tokens` is "" */
    int passed_fd; /* a socket that systemd passed and no section names; 0: it is a section's */
    struct hz_where path_at; /* where the path stood; line 0: nowhere */
};

/* What all outputs have; that of a kind begins with it. */
struct hz_conf_output {
    char name[HZ_NAME_MAX + 1];
    struct hz_where where;
    const struct hz_conf_kind *kind; /* in a parsed configuration never NULL */
    /* Its filter, words as in a subscription; "": all pass. `kinds` is NULL where the kind of
     * output has no such key. */
    char *protocol, *channel, *receiver, *id, *box, *min_snr, *every, *kinds;
    /* Sections [event NAME] whose events it takes, whatever the other words say. */
    char *events;
};

/* [event NAME]: what a person wants to be told. What the texts mean is in daemon/event/rule.h,
 * which checks them. */
struct hz_conf_event {
    char name[HZ_NAME_MAX + 1];
    struct hz_where where;
    /* Its filter, words as in a subscription; "": all pass. */
    char *protocol, *channel, *receiver, *id, *box, *min_snr;
    char *when, *limit, *text;                      /* never "" but text */
    char *post, *body, *content_type, *header, *ca; /* "": not given */
    uint64_t again_s; /* 0: as long as the picture keeps its senders */
    uint64_t learn_s;
};

/* [capture NAME]: the recent samples of a receiver, which are saved when something happens. What
 * `trigger` and `pattern` mean is in daemon/capture/trigger.h and name.h, which check them. */
struct hz_conf_capture {
    char name[HZ_NAME_MAX + 1];
    struct hz_where where;
    char receiver[HZ_NAME_MAX + 1]; /* resolved */
    char *trigger, *path, *pattern; /* never "" */
    double seconds, after_s;        /* saved of the time before the trigger, and after it */
    uint64_t interval_s;            /* between the starts of two captures by rule; 0: none */
    uint64_t quota_bytes;           /* of all its files */
    uint64_t memory_bytes;          /* of the samples that are held */
};

/* [meter NAME]: a meter whose telegrams are enciphered. */
struct hz_conf_meter {
    char name[HZ_NAME_MAX + 1];
    struct hz_where where;
    uint32_t id;     /* its number, a digit in four bits */
    uint8_t key[16]; /* never printed */
};

/* What all inputs have, messages of other programs; that of a kind begins with it. */
struct hz_conf_input {
    char name[HZ_NAME_MAX + 1]; /* its messages have it as receiver and channel */
    struct hz_where where;
    const struct hz_conf_kind *kind; /* in a parsed configuration never NULL */
    double latitude, longitude;      /* of the antenna there, degrees; NAN: not given */
};

/* A frequency that a channel's decoder declares, but its receiver does not hear. */
struct hz_conf_outside {
    char channel[HZ_NAME_MAX + 1], receiver[HZ_NAME_MAX + 1];
    const struct hz_decoder *decoder;
    double freq_hz;
};

enum { HZ_STATE_DIR_MAX = 200 };

struct hz_conf_daemon {
    int workers;                       /* 0: as many as there are cores */
    int log_level;                     /* syslog priorities: 3 error … 7 debug; default 6 */
    int history;                       /* frames that the bus keeps for resume */
    uint64_t history_bytes, history_s; /* its limits of their memory and age */
    uint64_t stats_s;                  /* interval of the `stats` lines; 0: none */
    char state_dir[HZ_STATE_DIR_MAX];  /* where is kept what was found out; "": not given */
};

struct hz_config {
    struct hz_conf_daemon daemon;
    struct hz_conf_receiver **receivers;
    size_t n_receivers;
    struct hz_conf_channel *channels; /* one for each frequency; see config/plan.h */
    size_t n_channels;
    struct hz_conf_outside *outside;
    size_t n_outside;
    struct hz_conf_listen *listens;
    size_t n_listens;
    struct hz_conf_output **outputs;
    size_t n_outputs;
    struct hz_conf_event **events;
    size_t n_events;
    struct hz_conf_input **inputs;
    size_t n_inputs;
    struct hz_conf_capture **captures;
    size_t n_captures;
    struct hz_conf_meter *meters;
    size_t n_meters;
    struct hz_meter_keys *keys; /* theirs; NULL: there are none */
    /* The shipped sensors, those of the folder sensors.d beside FILE, and the sections [sensor
     * NAME]; NULL: no channel listens to sensors, and there is no such section. */
    struct hz_sensor_set *sensors;
    struct hz_text text; /* what it was made of; its names of files are what `where` points into */
};

/* Errors found: every one of them, a line each, "FILE:LINE: …\n". */
struct hz_conf_errors {
    char *text; /* NULL: none. Freed by hz_conf_errors_done */
    size_t len;
    int count;
};

/* The defaults, with nothing to run in it. */
void hz_config_init(struct hz_config *c);
void hz_config_free(struct hz_config *c);

/* Reads FILE, then by name each .conf file of the folder FILE.d (hertzd.conf.d beside hertzd.conf),
 * as config/text.h tells; where sensors are listened to, those of the folder sensors.d beside it
 * too (config/sensors.h). Returns 0, -EINVAL when there is any error (all of them are in `errors`,
 * `c` is then empty), or -errno when FILE cannot be read (also told in `errors`). */
int hz_config_load(struct hz_config *c, const struct hz_conf_kinds *kinds, const char *file,
                   struct hz_conf_errors *errors);

/* What a configuration lacks so that anybody has anything of it, though nothing in it is wrong:
 * tells that there is no receiver or no listener. */
void hz_config_check_whole(const struct hz_config *c, const char *file,
                           struct hz_conf_errors *errors);

/* Tells of each channel that does what another does: it costs, and its messages are only copies. */
void hz_config_check_twins(const struct hz_config *c, struct hz_conf_errors *errors);

/* Likewise from a text, which is taken over and emptied, and of which FILE is the main file; its
 * sensors.d counts (NULL: none does). Where a dongle's rate or centre is not given, it keeps the
 * one that it has in `before` (NULL: there is nothing), as long as that holds all of its channels.
 */
int hz_config_make(struct hz_config *c, const struct hz_conf_kinds *kinds, const char *file,
                   struct hz_text *text, const struct hz_config *before,
                   struct hz_conf_errors *errors);

/* The same from memory, as if it were FILE and alone. */
int hz_config_parse(struct hz_config *c, const struct hz_conf_kinds *kinds, const char *file,
                    const char *text, size_t len, struct hz_conf_errors *errors);
void hz_conf_errors_done(struct hz_conf_errors *e);

/* What `hertzd demo` runs, as the text of a file; a printf format with %u, %u and %s: the ports of
 * the JSON lines and of HTTP, the path of the control socket. */
extern const char hz_demo_config[];
/* Where a demo's control socket goes, and hertzctl looks for it: the user's own run-time folder,
 * else a name that no other user has. */
void hz_demo_socket(char *out, size_t size);

/* Whether two sections say the same, their names included. */
bool hz_conf_receiver_same(const struct hz_conf_receiver *a, const struct hz_conf_receiver *b);
/* Of channels the sections; what they know of sensors and meters may differ. */
bool hz_conf_channel_same(const struct hz_conf_channel *a, const struct hz_conf_channel *b);
bool hz_conf_listen_same(const struct hz_conf_listen *a, const struct hz_conf_listen *b);
bool hz_conf_output_same(const struct hz_conf_output *a, const struct hz_conf_output *b);
bool hz_conf_event_same(const struct hz_conf_event *a, const struct hz_conf_event *b);
bool hz_conf_input_same(const struct hz_conf_input *a, const struct hz_conf_input *b);
bool hz_conf_capture_same(const struct hz_conf_capture *a, const struct hz_conf_capture *b);

/* Likewise, but for what can change while it runs: a receiver's tuning (centre, gain, ppm, bias
 * tee), its plan and place (latitude, longitude), a listener's limits, allowed origins and control.
 */
bool hz_conf_receiver_same_source(const struct hz_conf_receiver *a,
                                  const struct hz_conf_receiver *b);
bool hz_conf_listen_same_place(const struct hz_conf_listen *a, const struct hz_conf_listen *b);

/* The receiver of that name; NULL: there is none. */
struct hz_conf_receiver *hz_config_receiver(const struct hz_config *c, const char *name);
/* Whether it has a channel that is the same (hz_conf_channel_same). */
bool hz_config_has_channel(const struct hz_config *c, const struct hz_conf_channel *like);

/* Adds a listener with the defaults, as a section would. NULL: no memory, nothing added. */
struct hz_conf_listen *hz_config_add_listen(struct hz_config *c, const char *name,
                                            enum hz_listen_type type, const char *place);

/* A listener's section of one's own, likewise. -ENOMEM: nothing to free. */
int hz_conf_listen_copy(struct hz_conf_listen *to, const struct hz_conf_listen *from);
void hz_conf_listen_done(struct hz_conf_listen *l);

/* A receiver of that source with the defaults, for those who make one without a file; or a copy
 * that outlives its configuration (`where` does not: it is emptied). NULL: no memory. Freed by
 * hz_conf_receiver_free, which takes NULL. */
struct hz_conf_receiver *hz_conf_receiver_new(const struct hz_source_kind *source,
                                              const char *name);
struct hz_conf_receiver *hz_conf_receiver_copy(const struct hz_conf_receiver *from);
void hz_conf_receiver_free(struct hz_conf_receiver *r);

/* Likewise of an output. */
struct hz_conf_output *hz_conf_output_copy(const struct hz_conf_output *from);
void hz_conf_output_free(struct hz_conf_output *o);
struct hz_conf_event *hz_conf_event_copy(const struct hz_conf_event *from);
void hz_conf_event_free(struct hz_conf_event *e);

/* Likewise of a capture. */
struct hz_conf_capture *hz_conf_capture_copy(const struct hz_conf_capture *from);
void hz_conf_capture_free(struct hz_conf_capture *c);

/* Likewise of an input. */
struct hz_conf_input *hz_conf_input_copy(const struct hz_conf_input *from);
void hz_conf_input_free(struct hz_conf_input *i);

/* Rate and centre of a receiver as far as they are known before it runs: given or planned, told by
 * the name of a recording without a head, or a scene's. 0: not known. */
void hz_conf_band(const struct hz_conf_receiver *r, double *rate_hz, double *centre_hz);

/* Whether the receiver may be tuned to that centre: to one that its source reaches, and to no
 * number whose unit was forgotten. 0; -EINVAL with what was expected in `expected`. */
int hz_conf_centre_check(const struct hz_conf_receiver *r, double hz, char *expected, size_t size);

/* What a receiver listens to, in a word: the scene, the recording, the address or the device. */
const char *hz_conf_receiver_input(const struct hz_conf_receiver *r);

/* A channel with the defaults, those of its decoder's options too, for those who make one without a
 * file. */
void hz_conf_channel_init(struct hz_conf_channel *c, const char *name,
                          const struct hz_decoder *decoder);

/* A key as it would stand in a section. */
struct hz_setting {
    const char *key, *value;
    struct hz_where where;
};

/* A channel from the keys of its section, wherever they come from, by the rules and in the words of
 * a configuration file; the name and the receiver's existence are not looked at. 0; -EINVAL with
 * the first error in err. */
int hz_conf_channel_read(struct hz_conf_channel *c, const struct hz_conf_kinds *kinds,
                         const struct hz_setting *settings, size_t n, char *err, size_t err_len);

/* Sets keys of a receiver that hz_conf_receiver_new made, likewise. */
int hz_conf_receiver_read(struct hz_conf_receiver *r, const struct hz_conf_kinds *kinds,
                          const struct hz_setting *settings, size_t n, char *err, size_t err_len);

/* What would run, for `hertzd check`: one table for people. */
void hz_config_print(const struct hz_config *c, FILE *out);
/* A line for each socket that the installed hertzd.socket passes and no section names. */
void hz_config_print_passed(const struct hz_config *c, FILE *out);

/* Adds a line to the errors; when memory ends, at least the count is right. */
void hz_conf_error(struct hz_conf_errors *e, const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Whether a receiver, a channel or a listener may have that name. */
bool hz_name_ok(const char *name);

/* "162.025M", "2400k", "1090e6", "433.92MHz", "433.92 mhz", "2.4Msps" → Hz. -EINVAL for anything
 * else, trailing characters, a negative value, a NaN. */
int hz_parse_hz(const char *s, double *hz);

/* Whether the text is a number without a unit that is no radio frequency in Hz, as 1090 or 144.8:
 * its unit was forgotten. What was meant goes to `meant`, as "144.8M". */
bool hz_unit_forgotten(const char *s, char *meant, size_t size);

/* A date and a time of day in UTC. */
struct hz_date {
    int year, month, day, hour, min, sec;
    int64_t ns;
};

/* → ns since 1970. -EINVAL: there is no such date or time, or it is not within 1970 to 2261. */
int hz_date_utc(const struct hz_date *d, int64_t *utc_ns);

/* A time as "2026-11-23T08:26:11[.123]" (or with a blank for the T) with a zone ("Z", "+02:00";
 * none: UTC), or "@SECONDS[.FRACTION]" → ns since 1970. -EINVAL. */
int hz_parse_time(const char *s, int64_t *utc_ns);

/* "32M" → uint64_t bytes, 64 KiB to 1 GiB; "10m" → uint64_t seconds, 1 s to 7 days. -EINVAL:
 * neither that nor within these. */
int hz_parse_history_bytes(const char *s, void *bytes);
int hz_parse_history_time(const char *s, void *seconds);
/* "10m" → uint64_t seconds, 1 s to 7 days, or "0". -EINVAL. */
int hz_parse_pause(const char *s, void *seconds);
/* "2G" → uint64_t bytes, 1 MiB to 1000 TiB; "30d" → uint64_t seconds, 1 minute to 36500 days.
 * -EINVAL. */
int hz_parse_quota(const char *s, void *bytes);
int hz_parse_keep(const char *s, void *seconds);

/* "1090M 20s, 162.025M 10s" → struct hz_conf_hops: 2 to 12 different centres, each with 1 s to 24
 * h. -EINVAL. */
int hz_parse_hops(const char *s, void *hops);

/* The path of a folder → char[HZ_STATE_DIR_MAX]; absolute. -EINVAL. */
int hz_parse_folder(const char *s, void *path);

/* A format's name (dsp/samples.h), "wav", "audio", or "raw" for 16-bit audio. -EINVAL. */
int hz_parse_format(const char *s, struct hz_conf_format *f);

/* A decimal number with or without a minus, and nothing else. -EINVAL. */
int hz_parse_number(const char *s, double *number);

/* Index of a word in a NULL-terminated list; -1 with what was expected, "one of a, b, c; did you
 * mean 'b'?". */
int hz_word_find(const char *const *list, const char *word, char *expected, size_t size);

#endif
