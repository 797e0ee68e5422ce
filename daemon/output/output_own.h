/* One [output] at work, and the two ways in which outputs work. Private to this folder: the list is
 * in output.c, outputs of a worker in worker.c, links in link.c. Loop thread. */
#ifndef HZ_DAEMON_OUTPUT_OUTPUT_OWN_H
#define HZ_DAEMON_OUTPUT_OUTPUT_OWN_H

#include "daemon/output/output.h"

enum { HZ_OUTPUT_ERROR_MAX = 256 };

/* The first member of struct hz_worker and of struct hz_link. */
struct hz_output {
    struct hz_output *next;
    struct hz_outputs *all;
    const struct hz_output_env *env; /* borrowed of `all` */
    struct hz_conf_output *conf;     /* own copy */
    const struct hz_output_kind *kind;
    const struct hz_output_way *way;
    bool wanted; /* false: it ends when it has written everything */
};

struct hz_output_way {
    size_t size; /* of its struct, which is zero but for its first member before start */
    int (*start)(struct hz_output *o); /* 0 or -ENOMEM with nothing to undo */
    void (*tick)(struct hz_output *o); /* each second, and at once after start: opens it */
    /* It has its destination open, which another output therefore cannot have. */
    bool (*holds)(const struct hz_output *o);
    /* `wanted` became false: it writes the rest and calls hz_output_gone, never at once. */
    void (*leave)(struct hz_output *o);
    /* Adds its members to its object in the status. */
    void (*describe)(struct hz_output *o, cJSON *item);
};

extern const struct hz_output_way hz_output_of_worker, hz_output_of_link;

/* Its destination, for status and log. */
void hz_output_show(const struct hz_output *o, char out[HZ_TARGET_MAX]);
/* Whether an output that is ending still has the same destination. */
bool hz_output_must_wait(const struct hz_output *o);
/* The cursor of its section: its filter, at the end of the log. `kinds`: 1u << enum hz_kind; 0:
 * those of the section. 0 or -ENOMEM. */
int hz_output_cursor(const struct hz_output *o, struct hz_cursor *cursor, unsigned kinds);
/* The frames of all logs that it missed since the last call. */
uint64_t hz_output_missed(struct hz_cursor *cursor);
/* It has let go of everything but o: frees o. */
void hz_output_gone(struct hz_output *o);

/* The state that its kind made, if it is open; NULL: it is not, or ends. Of worker.c. */
void *hz_worker_state(const struct hz_output *o);

#endif
