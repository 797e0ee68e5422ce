/* The stations whose messages a hub takes: what is known of each, and which lines of it came
 * already. A line is known by its stream (one run of the station's hertzd) and its seq; of each
 * stream the latest WINDOW lines are told apart, so a line that is sent or delivered again is
 * dropped however it came. Loop thread. */
#ifndef HZ_DAEMON_INPUT_STATIONS_H
#define HZ_DAEMON_INPUT_STATIONS_H

#include "daemon/bus/topic.h"

#include <cjson/cJSON.h>

enum {
    HZ_STATIONS_MAX = 4096,
    /* lines of one stream that are told apart: a minute of a busy station and more, 8 KiB */
    HZ_STATION_WINDOW = 65536,
    HZ_STATION_STREAM_MAX = 63,
    HZ_STATION_STREAMS = 3, /* of a station; it was restarted so often within its spool */
};

/* One run of a station's hertzd. */
struct hz_station_stream {
    char name[HZ_STATION_STREAM_MAX + 1];
    uint64_t last;  /* the highest seq that came; 0: unused */
    uint8_t *taken; /* a bit for each of the latest seqs, by seq modulo the window */
};

struct hz_station {
    char name[HZ_NAME_MAX + 1];
    struct hz_station_stream streams[HZ_STATION_STREAMS]; /* the latest first */
    struct hz_topic **topics; /* of its channels, referenced and announced */
    size_t n_topics;
    uint64_t messages, duplicates;
    int64_t last_ns;    /* UTC of its latest message */
    uint64_t heard_ms;  /* when it came, by the loop's clock */
    double lag_s;       /* how late the last one came */
    double per_s;       /* messages, of the last seconds */
    uint64_t rate_from; /* messages at the begin of the present second */
    struct hz_station *same;
};

struct hz_stations {
    struct hz_bus *bus; /* borrowed: topics are announced there */
    struct hz_station *slots[HZ_STATIONS_MAX];
    size_t n;
};

/* The station of that name, made if it is new. NULL: no memory, or there are too many. */
struct hz_station *hz_stations_get(struct hz_stations *s, const char *name);
/* Frees all; the topics are withdrawn. */
void hz_stations_done(struct hz_stations *s);

/* Whether this line comes for the first time, which is noted. A line that is older than the window
 * counts as new: rather twice than not at all. */
bool hz_station_first(struct hz_station *st, const char *stream, uint64_t seq);

/* The topic of a channel of it. Borrowed. NULL: no memory, or it has too many. */
struct hz_topic *hz_station_topic(struct hz_stations *s, struct hz_station *st,
                                  const char *receiver, const char *channel, const char *protocol);

/* A message came. now_ms: of the loop; late_ns: now in UTC minus its time. */
void hz_station_heard(struct hz_station *st, int64_t utc_ns, uint64_t now_ms, int64_t late_ns);
/* Each second: the rates. */
void hz_stations_tick(struct hz_stations *s);
/* An array with one object for each station. NULL: no memory. */
cJSON *hz_stations_json(const struct hz_stations *s, uint64_t now_ms);

#endif
