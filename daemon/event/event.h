/* Events: what a person wants to be told, each an [event NAME] section. An event reads the messages
 * on the bus with a cursor, as a client does, and puts a record of kind `event` onto it when its
 * condition begins to hold for somebody; it may post that to a web server too. docs/events.md has
 * the rules. Loop thread. */
#ifndef HZ_DAEMON_EVENT_EVENT_H
#define HZ_DAEMON_EVENT_EVENT_H

#include "config/config.h"
#include "daemon/bus/subscription.h"
#include "daemon/picture/picture.h"

#include <cjson/cJSON.h>

struct hz_events;
struct hz_web; /* daemon/base/web.h */

struct hz_event_env {
    uv_loop_t *loop;
    struct hz_bus *bus;
    const struct hz_picture *picture;
    struct hz_web *web;
    const struct hz_decoder *const *protocols; /* all decoders; ends with NULL */
};

/* Everything of env is borrowed until hz_events_close is done. NULL: no memory. */
struct hz_events *hz_events_new(const struct hz_event_env *env);
/* Begins new events and ends those that are no longer in the configuration; an unchanged one goes
 * on and keeps what it knows. 0 or -ENOMEM. */
int hz_events_set(struct hz_events *e, struct hz_conf_event *const *conf, size_t n);
/* Ends all, gives what waits to be posted up to a second, then calls done and frees e. */
void hz_events_close(struct hz_events *e, void (*done)(void *ctx), void *ctx);

/* The array of events for status. NULL: no memory. */
cJSON *hz_events_json(const struct hz_events *e);

#endif
