/* Topics of MQTT, made from a template with words in braces, such as
 * `hertzd/{receiver}/{protocol}/{id}`. Pure; any thread. */
#ifndef HZ_DAEMON_OUTPUT_MQTT_TOPIC_H
#define HZ_DAEMON_OUTPUT_MQTT_TOPIC_H

#include <stdbool.h>
#include <stddef.h>

enum { HZ_MQTT_TOPIC_MAX = 512 }; /* bytes of a topic, its end included */

/* What the words stand for. NULL and "" are written as "-". */
struct hz_mqtt_words {
    const char *station, *output, *receiver, *channel, *protocol, *id, *kind;
};

/* Whether the template can be used: known words, nothing that a topic may not hold. False, with one
 * line in err. */
bool hz_mqtt_topic_check(const char *form, char *err, size_t err_len);

/* Writes the topic. What a word stands for becomes one level: `/`, `+`, `#`, blanks and all
 * that is not ASCII are replaced by `_`. False: it is longer than `size`, or the template is wrong.
 */
bool hz_mqtt_topic(const char *form, const struct hz_mqtt_words *words, char *out, size_t size);

/* The template for a protocol in a list such as `adsb: planes/{id}, ais: ships/{id}`, copied into
 * out. False: the list has none, or it does not fit. */
bool hz_mqtt_topic_of(const char *list, const char *protocol, char *out, size_t size);
/* Checks such a list; `known` tells whether there is a protocol of that name. False, with one line
 * in err. */
bool hz_mqtt_topics_check(const char *list, bool (*known)(const void *ctx, const char *protocol),
                          const void *ctx, char *err, size_t err_len);

#endif
