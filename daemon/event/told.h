/* One event: the record that goes onto the bus, and the texts made of it. Loop thread. */
#ifndef HZ_DAEMON_EVENT_TOLD_H
#define HZ_DAEMON_EVENT_TOLD_H

#include "daemon/bus/bus.h"
#include "daemon/event/template.h"
#include "daemon/event/when.h"
#include "daemon/picture/target.h"

enum { HZ_TOLD_TEXT_MAX = 2000 };

struct hz_told {
    const struct hz_conf_event *conf;
    const struct hz_when *when;
    int64_t utc_ns;
    uint64_t now_ms;                /* of the loop's clock */
    const char *id, *name;          /* ""; not known */
    const char *reason;             /* for people */
    const char *mark;               /* static: "simulated", "replayed"; NULL: neither */
    struct hz_place at;             /* NAN: not known */
    struct hz_topic *topic;         /* borrowed; its names may be "" */
    const struct hz_frame *frame;   /* the message that tells; NULL: none does */
    const struct hz_target *target; /* whom it is about, in the picture; NULL: not there */
    uint64_t suppressed;            /* events before this one that were over the limit */
    char text[HZ_TOLD_TEXT_MAX + 1];
};

/* Makes the text by the section's template. */
void hz_told_write(struct hz_told *t);
/* A template with the event's values; as hz_template_fill. */
size_t hz_told_fill(const struct hz_told *t, const char *template, enum hz_escape escape, char *out,
                    size_t size);
/* Publishes the record. A reference to its frame; NULL: no memory, or it does not fit. */
struct hz_frame *hz_told_publish(const struct hz_told *t, struct hz_bus *bus);

/* "2 h", "90 s": the largest unit that it is a whole number of. */
void hz_told_span(uint64_t ms, char *out, size_t size);

#endif
