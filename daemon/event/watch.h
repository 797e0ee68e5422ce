/* The conditions of one event, and for whom they hold. Loop thread. */
#ifndef HZ_DAEMON_EVENT_WATCH_H
#define HZ_DAEMON_EVENT_WATCH_H

#include "daemon/event/event.h"
#include "daemon/event/learning.h"
#include "daemon/event/memory.h"
#include "daemon/event/rule.h"
#include "daemon/event/told.h"

/* Whose silence is told: one id, channel or receiver of the filter, or all that passes it. */
struct hz_quiet {
    struct hz_subscription filter; /* of that one */
    const char *word;              /* static: "id", "channel", "receiver"; "": all */
    char name[HZ_NAME_MAX + 1];
    uint64_t last_ms; /* of its last message, or of the beginning */
    bool told;
};

/* Senders of one kind are forgotten after the same time. */
enum { HZ_GROUP_OTHERS = HZ_LISTS, HZ_GROUPS };

struct hz_condition {
    struct hz_memory *held[HZ_GROUPS]; /* NULL: none yet */
    struct hz_quiet *quiet;            /* of `silent`; else NULL */
    size_t n_quiet;
};

struct hz_watch {
    const struct hz_event_env *env;
    struct hz_learning *learning; /* borrowed: that of all events */
    struct hz_conf_event *conf;   /* owned */
    struct hz_event_rule rule;
    struct hz_condition conditions[HZ_WHENS_MAX];
    uint64_t begun_ms; /* of the loop's clock */
    bool seeded;       /* whom the picture had when it began is known */
    uint64_t learned, missed, failed;
    /* Called for each event; t->suppressed and t->text are not set yet. */
    void (*tell)(struct hz_watch *w, struct hz_told *t);
};

/* Fills in a zeroed watch whose first two members and `tell` are set; conf was checked. -ENOMEM: to
 * be given to hz_watch_done all the same. */
int hz_watch_init(struct hz_watch *w, const struct hz_conf_event *conf);
void hz_watch_done(struct hz_watch *w);

/* A message that passes the filter. */
void hz_watch_hear(struct hz_watch *w, const struct hz_frame *f);
/* Each second: what has ended, or is silent. */
void hz_watch_tick(struct hz_watch *w);
/* For how many its conditions hold now. */
size_t hz_watch_count(const struct hz_watch *w);

#endif
