/* What a section [capture NAME] saves samples for: `trigger = undecoded, id:4840d6`. Words are
 * separated by commas; one is enough. Pure; any thread. */
#ifndef HZ_DAEMON_CAPTURE_TRIGGER_H
#define HZ_DAEMON_CAPTURE_TRIGGER_H

#include "daemon/bus/subscription.h"

enum hz_trigger_kind {
    HZ_TRIGGER_COMMAND,   /* "command": nothing but a request, which is always possible */
    HZ_TRIGGER_UNDECODED, /* "undecoded": a signal that gave no message (undecoded.h) */
    HZ_TRIGGER_CLIPPING,  /* "clipping": the receiver's samples begin to be clipped */
    HZ_TRIGGER_EVENT,     /* "event:NAME": what a section [event NAME] tells */
    HZ_TRIGGER_MESSAGE,   /* "id:ID", "protocol:NAME", "channel:NAME": a message */
};

enum { HZ_TRIGGERS_MAX = 16, HZ_TRIGGER_TEXT_MAX = 47 };

struct hz_trigger {
    enum hz_trigger_kind kind;
    char text[HZ_TRIGGER_TEXT_MAX + 1]; /* as it was written */
    char event[HZ_NAME_MAX + 1];
    struct hz_subscription words; /* of a message */
};

struct hz_triggers {
    struct hz_trigger list[HZ_TRIGGERS_MAX];
    size_t n;
};

/* 0, or -EINVAL with one line in err. `protocols`: all decoders; ends with NULL. */
int hz_triggers_parse(struct hz_triggers *t, const char *text,
                      const struct hz_decoder *const *protocols, char *err, size_t err_len);

/* The trigger of that kind; NULL: the section has none. */
const struct hz_trigger *hz_triggers_find(const struct hz_triggers *t, enum hz_trigger_kind kind);

/* The first trigger that a record of the receiver sets off; NULL: none. */
const struct hz_trigger *hz_triggers_frame(const struct hz_triggers *t, const struct hz_frame *f);

#endif
