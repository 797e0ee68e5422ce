/* Outputs bring the records of the bus elsewhere: into files, or over the network to other
 * programs. Each is an [output NAME] section of the configuration. A kind of output is one file
 * with a struct hz_output_kind, and one line in kinds.c.
 *
 * An output reads the bus with a cursor, as a client does, so the bus's log is its queue: records
 * that left the log before a slow output read them are missed and counted. There are two ways in
 * which an output works. One of a worker (ops) takes frames in jobs, one at a time, on the thread
 * that libuv reserves for files, so a slow disk blocks nothing else. One of a link (carrier) sends
 * them over the network from the loop, which it never holds up (link.h). Loop thread, except
 * ops->take, drain and close. */
#ifndef HZ_DAEMON_OUTPUT_OUTPUT_H
#define HZ_DAEMON_OUTPUT_OUTPUT_H

#include "config/kind.h"
#include "daemon/bus/cursor.h"

struct hz_carrier_ops; /* link.h */
struct hz_codes;       /* daemon/bus/codes.h */
struct hz_output_way;  /* output_own.h */
struct hz_picture;     /* daemon/picture/picture.h */
struct hz_web;         /* daemon/base/web.h */

/* What outputs may know of the daemon. Everything is borrowed until hz_outputs_close is done. */
struct hz_output_env {
    uv_loop_t *loop;
    struct hz_bus *bus;
    const struct hz_decoder *const *protocols; /* all decoders; ends with NULL */
    struct hz_picture *picture;                /* what is known of aircraft, ships and stations */
    struct hz_web *web;                        /* for requests over HTTP */
    struct hz_codes *codes;                    /* what was encoded lately; made by hz_outputs_new */
    /* The daemon's status, as the control method `status` has it: a new tree, which the caller
     * frees. NULL: no memory. */
    cJSON *(*status)(void *ctx);
    void *ctx;
};

enum { HZ_TARGET_MAX = 256 };

/* The functions of an output of a worker. */
struct hz_output_ops {
    /* bits 1u << enum hz_kind that it reads; 0: those of key `kind`, or that a client gets by
     * default */
    unsigned kinds;
    bool lines; /* take needs the line of each frame (hz_frame_print) */
    /* Whether the frame is passed to take. NULL: every frame is. */
    bool (*wants)(const struct hz_frame *f);
    /* Whether it needs speech as Opus. NULL: no. */
    bool (*opus)(const struct hz_conf_output *conf);
    /* Opens the output. NULL, with the reason in err. */
    void *(*open)(const struct hz_conf_output *conf, char *err, size_t err_len);
    /* Whether a job is wanted though there is no frame; asked every 5 s and after each job. NULL:
     * no.
     */
    bool (*due)(void *state);
    /* Called on the loop before and after each job but the last; NULL: nothing to do. */
    void (*before)(void *state);
    void (*after)(void *state);
    /* These run on a worker and return 0, or -errno with one line in err. The output continues
     * after an error. */
    int (*take)(void *state, const struct hz_frame *f, char *err, size_t err_len);
    int (*drain)(void *state, char *err, size_t err_len); /* after each job; NULL: nothing to do */
    int (*close)(void *state, char *err, size_t err_len); /* frees it */
};

/* A kind of output: its description for the configuration, and its functions. */
struct hz_output_kind {
    struct hz_conf_kind kind; /* must be the first member: hz_output_kinds lists pointers to it */
    /* The destination, to recognise the same output after a reload. Never NULL. */
    const char *(*target)(const struct hz_conf_output *conf);
    /* The same without passwords, for status and log; NULL: as it is. */
    void (*show)(const struct hz_conf_output *conf, char out[HZ_TARGET_MAX]);
    struct hz_output_ops ops;             /* of a worker */
    const struct hz_carrier_ops *carrier; /* of a link: then ops is not used; NULL: of a worker */
    const struct hz_output_way *way;      /* of neither: it works by itself; NULL: of one of them */
};

/* The configuration section of an output that writes to a path. */
struct hz_conf_path_output {
    struct hz_conf_output output;
    char *path;
};

/* For hz_conf_kind.check: checks the filter, and that the section has a path that no other output
 * uses. */
void hz_output_check_path(const struct hz_check *c, void *item);

/* One line each, as in kinds.c. */
extern const struct hz_output_kind hz_output_file;
extern const struct hz_output_kind hz_output_wav;
extern const struct hz_output_kind hz_output_record;
extern const struct hz_output_kind hz_output_aircraft;
extern const struct hz_output_kind hz_output_tcp;
extern const struct hz_output_kind hz_output_udp;
extern const struct hz_output_kind hz_output_http;
extern const struct hz_output_kind hz_output_aprs_is;
extern const struct hz_output_kind hz_output_sondehub;
extern const struct hz_output_kind hz_output_ais_post;
extern const struct hz_output_kind hz_output_nats;
extern const struct hz_output_kind hz_output_mqtt;

struct hz_outputs;

/* Makes an empty set of outputs. NULL: no memory. */
struct hz_outputs *hz_outputs_new(const struct hz_output_env *env);
/* Opens new outputs and closes those that are no longer in the configuration. An unchanged output
 * stays open. A changed one is closed when it has written everything, then opened again. One of a
 * worker that cannot be opened is retried every 5 s, a link after a back-off. 0 or -ENOMEM. */
int hz_outputs_set(struct hz_outputs *o, struct hz_conf_output *const *conf, size_t n);
/* Lets all outputs write what the bus still holds for them (links: within HZ_LINK_DRAIN_MS) and
 * closes them, then calls done and frees o. */
void hz_outputs_close(struct hz_outputs *o, void (*done)(void *ctx), void *ctx);

/* Calls fn for each open output of a worker with its section and the state of its kind. */
void hz_outputs_each(const struct hz_outputs *o,
                     void (*fn)(void *ctx, const struct hz_conf_output *conf, void *state),
                     void *ctx);

/* Of recordings.c. */

/* The newest recordings of all outputs, at most `limit`: {"recordings":[…]}. channel: only its;
 * NULL: of all. NULL: no memory. */
cJSON *hz_outputs_recordings(const struct hz_outputs *o, const char *channel, size_t limit);
/* The path of the recording that is listed as `file`. False: there is none, or it is too long. */
bool hz_outputs_recording(const struct hz_outputs *o, const char *file, char *path, size_t size);

/* The array of outputs for status. NULL: no memory. */
cJSON *hz_outputs_json(struct hz_outputs *o);

#endif
