/* One connection to an MQTT broker: libmosquitto on the loop. It knows nothing of frames. Each try
 * begins anew: files of keys and passwords are read, the name is looked up, its addresses are tried
 * one after the other. Loop thread. */
#ifndef HZ_DAEMON_OUTPUT_MQTT_CLIENT_H
#define HZ_DAEMON_OUTPUT_MQTT_CLIENT_H

#include "daemon/output/mqtt_tls.h"

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

/* Borrowed texts; "": not given. */
struct hz_mqtt_client_conf {
    bool v5, tls;
    struct hz_mqtt_tls_files files; /* host is also where to connect to */
    unsigned port;
    const char *client_id, *user, *password, *password_file;
    int keepalive_s;
    unsigned in_flight;
    const char *will_topic, *will; /* what the broker publishes, retained, when we are gone */
};

struct hz_mqtt_events {
    void (*up)(void *ctx);
    /* The connection is lost, or could not be made: one line with what to do. Not from within
     * another function of this header. */
    void (*down)(void *ctx, const char *why);
    /* A message was written (QoS 0) or confirmed. `refused`: why the broker did not take it; NULL:
     * it did. Of QoS 0 also from within hz_mqtt_client_publish, after *mid was set. */
    void (*done)(void *ctx, int mid, const char *refused);
    void (*message)(void *ctx, const char *topic, const char *payload, size_t len, bool retained);
    /* After any of these: it may publish now. */
    void (*ready)(void *ctx);
};

struct hz_mqtt_client;

/* NULL: no memory. */
struct hz_mqtt_client *hz_mqtt_client_new(uv_loop_t *loop, const struct hz_mqtt_client_conf *conf,
                                          const struct hz_mqtt_events *events, void *ctx);
/* Begins; ends, later, in `up` or `down`. */
void hz_mqtt_client_connect(struct hz_mqtt_client *c);
/* Gives a connection up: `down` comes, later, with that reason. */
void hz_mqtt_client_fail(struct hz_mqtt_client *c, const char *why);

struct hz_mqtt_publish {
    const char *topic;
    const void *payload;
    size_t len;
    int qos;
    bool retain;
    unsigned expiry_s; /* MQTT 5: the broker forgets it after that; 0: never */
};
/* 0; -ENOTCONN; -EMSGSIZE or -EINVAL: this message cannot be sent, `err` tells why. */
int hz_mqtt_client_publish(struct hz_mqtt_client *c, const struct hz_mqtt_publish *p, int *mid,
                           char *err, size_t err_len);
void hz_mqtt_client_subscribe(struct hz_mqtt_client *c, const char *topic);
/* Each second: keepalive, and the limit of a connection that is being made. */
void hz_mqtt_client_tick(struct hz_mqtt_client *c);
/* Says farewell if it is connected (what was published before is written first, for 1 s at most),
 * then closes and frees it; calls `closed`, never at once. No other callback comes any more. */
void hz_mqtt_client_close(struct hz_mqtt_client *c, void (*closed)(void *ctx), void *ctx);

#endif
