/* The forms in which the picture is given to clients: JSON for programs, GeoJSON and KML for maps.
 * A form is one file and one line in the table of resources (daemon/serve/http_picture.c). Loop
 * thread. */
#ifndef HZ_DAEMON_PICTURE_FORMAT_H
#define HZ_DAEMON_PICTURE_FORMAT_H

#include "daemon/picture/picture.h"

struct hz_picture_format {
    const char *type; /* of the contents, as HTTP calls it */
    unsigned lists;   /* one bit an enum hz_list */
    bool placed;      /* only targets with a position */
    /* Whether it shows the target. NULL: every one. */
    bool (*shows)(const struct hz_picture *p, const struct hz_target *t, uint64_t now_ms);
    void (*head)(const struct hz_picture_format *f, struct hz_json *j, const struct hz_picture *p);
    /* The comma before it, if any, is put by the writer: see proto/out/json.h. */
    void (*target)(struct hz_json *j, const struct hz_target *t, uint64_t now_ms);
    void (*tail)(struct hz_json *j);
};

extern const struct hz_picture_format hz_format_lists[HZ_LISTS];
extern const struct hz_picture_format hz_format_geojson, hz_format_geojson_lists[HZ_LISTS],
    hz_format_kml;

/* Those of /aircraft, /ships or /stations that have that id, whatever its case, with the age of
 * each field: a new text, to be freed, and its length. NULL: no memory. */
char *hz_picture_one(const struct hz_picture *p, enum hz_list list, const char *id, size_t *len);
/* /coverage, likewise. */
char *hz_picture_reach(const struct hz_picture *p, size_t *len);

/* ---- for the forms ---- */

/* UTC in seconds since 1970, to a thousandth. */
void hz_format_time(struct hz_json *j, const char *key, int64_t utc_ns);
/* Seconds since a moment of the loop's clock, to a tenth. */
void hz_format_age(struct hz_json *j, const char *key, uint64_t now_ms, uint64_t then_ms);

#endif
