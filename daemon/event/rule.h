/* The rules of an [event NAME] section: what its texts mean. Pure; any thread. */
#ifndef HZ_DAEMON_EVENT_RULE_H
#define HZ_DAEMON_EVENT_RULE_H

#include "config/kind.h"
#include "daemon/bus/subscription.h"
#include "daemon/event/when.h"

struct hz_event_rule {
    struct hz_subscription filter; /* of messages */
    struct hz_whens when;
    unsigned limit; /* events in limit_ms; 0: no limit */
    uint64_t limit_ms;
};

/* NULL; or, with one line in err, the key whose value is wrong, and nothing to free. `protocols`:
 * all decoders; ends with NULL. */
const char *hz_event_rule_parse(struct hz_event_rule *r, const struct hz_conf_event *conf,
                                const struct hz_decoder *const *protocols, char *err,
                                size_t err_len);
void hz_event_rule_done(struct hz_event_rule *r);

/* Whether `post` is a URL, not the name of an output. */
bool hz_event_posts_url(const struct hz_conf_event *conf);

/* For hz_conf_kinds.check_event. */
void hz_event_check(const struct hz_check *c, struct hz_conf_event *conf);

#endif
