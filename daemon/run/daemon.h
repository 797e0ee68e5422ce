/* The daemon: builds the parts from a configuration, and shuts them down. Loop thread: everything
 * here. */
#ifndef HZ_DAEMON_RUN_DAEMON_H
#define HZ_DAEMON_RUN_DAEMON_H

#include "config/kind.h"
#include "daemon/base/jobs.h"
#include "daemon/base/loopwatch.h"
#include "daemon/capture/captures.h"
#include "daemon/event/event.h"
#include "daemon/input/input.h"
#include "daemon/output/output.h"
#include "daemon/picture/snapshot.h"
#include "daemon/run/receivers.h"
#include "daemon/serve/listener.h"

/* State of the reload: reload.c. */
struct hz_reloads {
    uv_signal_t sighup;
    uint64_t done, refused;
};

/* State of the notifications to systemd: health.c. */
struct hz_health {
    uv_timer_t notify; /* the status text */
    bool sent_ready;   /* systemd knows that we are up */
};

/* State of the `stats` lines: stats.c. */
struct hz_stats_lines {
    uv_timer_t timer;
    uint64_t told_ms; /* time of the last ones, by the loop's clock */
};

/* The parts on which reload, health and control work. */
struct hz_daemon {
    struct hz_config conf;             /* in force */
    struct hz_conf_daemon started;     /* what [hertzd] said at the start; owns nothing */
    struct hz_text files;              /* what the files said when they were read last */
    const struct hz_conf_kinds *kinds; /* what it may name; borrowed */
    const char *conf_path;             /* NULL: no file, nothing to reload */
    struct hz_loopwatch watch;
    struct hz_jobs jobs;
    struct hz_bus *bus;
    struct hz_scopes *scopes;
    struct hz_listeners *listeners;
    struct hz_outputs *outputs;
    struct hz_inputs *inputs;
    struct hz_web *web; /* requests of outputs */
    struct hz_events *events;
    struct hz_captures *captures;
    struct hz_picture *picture;
    struct hz_snapshots snapshots; /* of it, that clients are sent */
    struct hz_receivers receivers;
    struct hz_reloads reloads;
    struct hz_health health;
    struct hz_stats_lines stats;
};

struct hz_daemon_options {
    struct hz_config *conf;            /* taken over, emptied */
    const struct hz_conf_kinds *kinds; /* what a configuration may name; borrowed */
    const struct hz_serve_calls
        *calls;            /* what clients may ask; their ctx is the struct hz_daemon */
    const char *conf_path; /* NULL: reload is refused */
    double seconds;        /* stop by itself after that; 0: never */
    bool must_listen;      /* end when a listener cannot listen at once; else it waits */
    /* Called once when all listeners are open; and with every frame (may be NULL). */
    void (*ready)(void *ctx, const struct hz_daemon *d);
    void (*tap)(void *ctx, const struct hz_frame *f);
    void *ctx;
};

/* Runs until SIGTERM, SIGINT or the end of options.seconds. Returns the exit code of the process.
 */
int hz_daemon_run(const struct hz_daemon_options *options);

#endif
