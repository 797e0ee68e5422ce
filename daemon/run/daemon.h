/* The daemon: puts the parts together from a configuration, and takes them apart again.
 * Loop thread: everything here. */
#ifndef HZ_DAEMON_RUN_DAEMON_H
#define HZ_DAEMON_RUN_DAEMON_H

#include "daemon/base/jobs.h"
#include "daemon/base/loopwatch.h"
#include "daemon/receive/receiver.h"
#include "daemon/serve/listener.h"
#include "daemon/source/usb_watch.h"

enum hz_daemon_phase {
    HZ_RUNNING,
    HZ_STOPPING, /* receivers decode what they have */
    HZ_DRAINING, /* clients get what the bus has */
    HZ_CLOSING,  /* handles close */
};

struct hz_daemon {
    uv_loop_t loop;
    struct hz_config conf; /* in force */
    const char *conf_path; /* NULL: no file, nothing to reload */
    struct hz_loopwatch watch;
    struct hz_jobs jobs;
    struct hz_bus *bus;
    struct hz_fold *fold;
    struct hz_listeners *listeners;
    struct hz_usb_watch *usb; /* NULL: no receiver has a dongle */
    struct hz_receiver **receivers;
    size_t n_receivers;
    uv_signal_t sigterm, sigint, sighup;
    uv_timer_t limit;  /* --seconds, later the deadline of stopping */
    uv_timer_t notify; /* status text for systemd */
    bool sent_ready;   /* systemd knows that we are up */
    enum hz_daemon_phase phase;
    uint64_t reloads, reloads_refused;
    bool wedged; /* a capture thread was given up: the process cannot end cleanly */
};

struct hz_daemon_options {
    struct hz_config *conf; /* taken over, emptied */
    const char *conf_path;  /* NULL: reload is refused */
    double seconds;         /* stop by itself after that; 0: never */
    bool must_listen;       /* end when a listener cannot listen at once; else it waits */
    /* Called once when all listeners are open; and with every frame (may be NULL). */
    void (*ready)(void *ctx, const struct hz_daemon *d);
    void (*tap)(void *ctx, const struct hz_frame *f);
    void *ctx;
};

/* Runs until SIGTERM, SIGINT or the time is up. The exit code of the process. */
int hz_daemon_run(const struct hz_daemon_options *options);

struct hz_receiver *hz_daemon_receiver(const struct hz_daemon *d, const char *name);
/* Makes conf's receiver of that index, with its channels; neither started nor among the daemon's.
 * NULL: no memory. */
struct hz_receiver *hz_daemon_new_receiver(struct hz_daemon *d, const struct hz_config *conf,
                                           size_t index);

/* Watches USB when a receiver of the configuration in force has a dongle. */
void hz_daemon_watch_usb(struct hz_daemon *d);

/* In reload.c. Reads the configuration again and applies what changed; refuses it whole on any
 * error. err (of err_len) gets the errors. Not 0 also when it is in force but for a listener that
 * waits, which err names. */
int hz_daemon_reload(struct hz_daemon *d, char *err, size_t err_len);

/* The control interface (hz_control_fn); ctx is the daemon. In control.c. */
int hz_daemon_control(void *ctx, const char *method, const cJSON *params, cJSON **result, char *err,
                      size_t err_len);

/* One line for people, how it goes: "2 receivers streaming, 12 clients, 84 messages/s". In
 * status.c. */
void hz_daemon_headline(const struct hz_daemon *d, char *out, size_t len);

#endif
