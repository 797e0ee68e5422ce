/* Outputs: what writes records elsewhere, each an [output NAME] of the configuration. A kind of
 * output is one file with a struct hz_output_kind, and one line in kinds.c.
 *
 * An output reads the bus with a cursor, as a client does, so the log is its queue: what it is too
 * slow for is missed and counted. It takes frames in jobs, one at a time, on the thread that libuv
 * keeps for files, so a slow disk holds up nothing else. Loop thread, but for ops->take, drain and
 * close. */
#ifndef HZ_DAEMON_OUTPUT_OUTPUT_H
#define HZ_DAEMON_OUTPUT_OUTPUT_H

#include "config/kind.h"
#include "daemon/bus/cursor.h"

struct hz_output_ops {
    unsigned kinds; /* 1u << enum hz_kind: what it reads of the bus; 0: what every client gets */
    bool lines;     /* its frames must have their line */
    /* Whether take is given that frame. NULL: all. */
    bool (*wants)(const struct hz_frame *f);
    /* Where it writes to, for people and to tell outputs apart. Never NULL. */
    const char *(*target)(const struct hz_conf_output *conf);
    /* NULL with the reason in err. */
    void *(*open)(const struct hz_conf_output *conf, char *err, size_t err_len);
    /* Worker. Each of these: 0, or -errno with one line in err; the output goes on in any case. */
    int (*take)(void *state, const struct hz_frame *f, char *err, size_t err_len);
    int (*drain)(void *state, char *err, size_t err_len); /* after each job; NULL: nothing to do */
    int (*close)(void *state, char *err, size_t err_len); /* frees it */
};

/* A kind as the configuration knows it, and what runs it. */
struct hz_output_kind {
    struct hz_conf_kind kind; /* what hz_output_kinds lists: the first member */
    struct hz_output_ops ops;
};

/* The section of an output that writes to a path. */
struct hz_conf_path_output {
    struct hz_conf_output output;
    char *path;
};

/* Checks that a path is there which no other output has; for hz_conf_kind.check. */
void hz_output_check_path(const struct hz_check *c, void *item);

extern const struct hz_output_kind hz_output_file, hz_output_wav;

struct hz_outputs;

/* bus is borrowed until it is closed. NULL: no memory. */
struct hz_outputs *hz_outputs_new(uv_loop_t *loop, struct hz_bus *bus);
/* Opens those that are new, closes those that are not wanted any more. One that is as before stays
 * open; one whose section changed is closed when it has written all, and then opened anew. One that
 * cannot be opened is tried again each 5 s. 0 or -ENOMEM. */
int hz_outputs_set(struct hz_outputs *o, struct hz_conf_output *const *conf, size_t n);
/* Lets all write what the bus holds and closes them; calls done, and frees o. */
void hz_outputs_close(struct hz_outputs *o, void (*done)(void *ctx), void *ctx);

/* For status: an array. NULL: no memory. */
cJSON *hz_outputs_json(struct hz_outputs *o);

#endif
