/* What a client wants of the bus: which frames, and from where on. The words are the same in the
 * line of a TCP client, in the query string of /stream, and in the parameters of the control
 * socket's "subscribe":
 *
 *     protocol, channel, receiver, kind   one name or several: a frame passes when each word that
 *                                         is given names the frame's own value
 *     id                                  likewise: what its protocol calls the sender
 *     bbox                                south,west,north,east: its position is in there
 *     min_snr                             dB that it has at least, if its SNR was measured
 *     every                               of each sender the first message in each such time
 *     since, stream                       resume after that seq of that stream
 *
 * `since` other than 0 needs `stream`: a seq means nothing in another run of the daemon. `since` 0
 * is everything that is kept.
 *
 * Pure and loop-free: any thread. */
#ifndef HZ_DAEMON_BUS_SUBSCRIPTION_H
#define HZ_DAEMON_BUS_SUBSCRIPTION_H

#include "daemon/bus/bus.h"
#include "proto/decoder.h"

#include <cjson/cJSON.h>
#include <stdbool.h>

enum { HZ_WORDS_MAX = 16 }; /* names that one word of a subscription can have */

struct hz_words {
    int n; /* 0: all pass */
    char names[HZ_WORDS_MAX][HZ_NAME_MAX + 1];
};

struct hz_box {
    double south, west, north, east; /* degrees; west > east: it crosses the 180th meridian */
};

struct hz_subscription {
    struct hz_words protocol, channel, receiver, id;
    /* Events of these names pass, whatever the other words say; only outputs have it. */
    struct hz_words events;
    unsigned int kinds; /* 1u << enum hz_kind; 0: all but audio and repeat */
    bool has_box, has_min_snr;
    struct hz_box box;
    double min_snr_db;
    uint64_t every_s; /* 0: not given */
    bool has_since;
    uint64_t since;
    char stream[HZ_NAME_MAX + 1]; /* "": not given */
};

/* Each replaces *s whole; 0, or -EINVAL with one line in err and *s undefined. `protocols` lists
 * the decoders whose names are accepted; ends with NULL. The line is `{"subscribe":{…}}`, without
 * its newline. */
int hz_subscription_from_line(struct hz_subscription *s, const struct hz_decoder *const *protocols,
                              const char *line, size_t n, char *err, size_t err_len);
/* The same line as JSON. */
int hz_subscription_from_message(struct hz_subscription *s,
                                 const struct hz_decoder *const *protocols, const cJSON *json,
                                 char *err, size_t err_len);
int hz_subscription_from_json(struct hz_subscription *s, const struct hz_decoder *const *protocols,
                              const cJSON *words, char *err, size_t err_len);
/* "protocol=adsb,ais&since=7&stream=…", percent-encoded as in a URL. */
int hz_subscription_from_query(struct hz_subscription *s, const struct hz_decoder *const *protocols,
                               const char *query, size_t n, char *err, size_t err_len);

/* Adds the value of one word to a filter, as a section of the configuration has it: "adsb, ais",
 * names separated by commas or blanks (of id by commas only). 0, or -EINVAL as above. */
int hz_subscription_add(struct hz_subscription *s, const struct hz_decoder *const *protocols,
                        const char *key, const char *list, char *err, size_t err_len);

/* The filter of a section. NULL; or, with one line in err, the key whose value is wrong, and *s
 * undefined. */
const char *hz_subscription_from_section(struct hz_subscription *s,
                                         const struct hz_decoder *const *protocols,
                                         const struct hz_conf_filter *section, char *err,
                                         size_t err_len);

/* One bit a kind, 1u << enum hz_kind: those that it lets through. */
unsigned hz_subscription_kinds(const struct hz_subscription *s);
bool hz_subscription_takes_protocol(const struct hz_subscription *s, const char *protocol);
/* Whether frames of that channel or receiver pass, as far as their kind does. */
bool hz_subscription_takes_topic(const struct hz_subscription *s, const struct hz_topic *topic);
/* Whether a frame passes; `every` is not considered (daemon/bus/filter.h). */
bool hz_subscription_matches(const struct hz_subscription *s, const struct hz_frame *f);
/* Whether the filters are the same, whatever since and stream are. */
bool hz_subscription_same(const struct hz_subscription *a, const struct hz_subscription *b);

/* The filter alone, for status: {"protocol":["adsb"]}; {} when all pass. NULL: no memory. */
cJSON *hz_subscription_json(const struct hz_subscription *s);

#endif
