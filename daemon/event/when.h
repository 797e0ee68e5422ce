/* The conditions of an [event NAME] section: `when = emergency, distress, enters 53.5,9.9,20km`.
 * Several are separated by commas or `or`; one that holds is enough. Pure; any thread. */
#ifndef HZ_DAEMON_EVENT_WHEN_H
#define HZ_DAEMON_EVENT_WHEN_H

#include "daemon/picture/earth.h"

#include <regex.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum hz_when_kind {
    HZ_WHEN_NEW,       /* somebody is heard who was not there before */
    HZ_WHEN_GONE,      /* somebody is no longer heard */
    HZ_WHEN_ENTERS,    /* a position in an area */
    HZ_WHEN_EMERGENCY, /* an aircraft tells of one */
    HZ_WHEN_DISTRESS,  /* a beacon of distress, or a station that asks for help */
    HZ_WHEN_SILENT,    /* nothing is heard */
    HZ_WHEN_TEXT,      /* a field of a message matches an expression */
    HZ_WHENS
};

/* A box, as `bbox` of a filter has it, or a circle. */
struct hz_area {
    bool circle;
    double south, west, north, east; /* degrees; west > east: it crosses the 180th meridian */
    struct hz_place middle;
    double radius_m;
};

enum { HZ_WHENS_MAX = 8, HZ_WHEN_TEXT_MAX = 200, HZ_WHEN_FIELD_MAX = 31 };

struct hz_when {
    enum hz_when_kind kind;
    uint64_t after_ms; /* of silent; of gone, 0: as long as the picture keeps its kind of sender */
    struct hz_area area;
    char field[HZ_WHEN_FIELD_MAX + 1]; /* "text": whatever people have written */
    regex_t regex;
    char words[HZ_WHEN_TEXT_MAX + 1]; /* as it was written */
};

struct hz_whens {
    struct hz_when list[HZ_WHENS_MAX];
    size_t n;
};

/* "new", "gone", "enters", "emergency", "distress", "silent", "text". */
const char *hz_when_name(enum hz_when_kind kind);

/* 0; -EINVAL with one line in err, or -ENOMEM, and nothing to free. */
int hz_whens_parse(struct hz_whens *w, const char *text, char *err, size_t err_len);
void hz_whens_done(struct hz_whens *w);

/* Whether the place is in there; of a place that is not known: no. */
bool hz_area_has(const struct hz_area *a, struct hz_place at);

/* Whether the text matches; no more than its first 1000 bytes are looked at. */
bool hz_when_matches(const struct hz_when *w, const char *text);

#endif
