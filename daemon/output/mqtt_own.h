/* Within the MQTT client: mqtt_client.c makes and ends a connection, mqtt_socket.c has libmosquitto
 * on the loop while there is one. */
#ifndef HZ_DAEMON_OUTPUT_MQTT_OWN_H
#define HZ_DAEMON_OUTPUT_MQTT_OWN_H

#include "daemon/base/lookup.h"
#include "daemon/output/mqtt_client.h"

#include <mosquitto.h>

enum {
    HZ_MQTT_WHY_MAX = 300,
    HZ_MQTT_PASSWORD_MAX = 1024,
};

struct hz_mqtt_poll {
    uv_poll_t poll;
    struct hz_mqtt_client *client;
};

enum hz_mqtt_phase {
    HZ_MQTT_IDLE,
    HZ_MQTT_PREPARING,
    HZ_MQTT_LOOKING_UP,
    HZ_MQTT_CONNECTING,
    HZ_MQTT_UP,
    HZ_MQTT_LEAVING
};

struct hz_mqtt_client {
    uv_loop_t *loop;
    struct hz_mqtt_client_conf conf;
    struct hz_mqtt_events on;
    void *ctx;
    enum hz_mqtt_phase phase;
    uint64_t since_ms; /* of the phase, by the loop's clock */
    /* the job that reads files */
    uv_work_t job;
    bool job_busy;
    struct hz_mqtt_tls *tls;
    char password[HZ_MQTT_PASSWORD_MAX];
    /* addresses of the broker; the one to try next */
    struct hz_lookup *lookup;
    struct addrinfo *found, *next;
    /* the connection */
    struct mosquitto *mosq;
    struct hz_mqtt_poll *poll;
    int fd, events;
    bool in_library, lost;
    char why[HZ_MQTT_WHY_MAX];   /* it was lost, or could not be made */
    char error[HZ_MQTT_WHY_MAX]; /* the latest that libmosquitto has logged */
    uv_timer_t later;            /* down, which may not come at once; or the end of the farewell */
    int open_parts;
    void (*closed)(void *ctx);
    void *closed_ctx;
};

/* Of mqtt_client.c. */
void hz_mqtt_enter(struct hz_mqtt_client *c, enum hz_mqtt_phase phase);
/* The try or the connection has ended: the owner is told, or the next address is tried. */
void hz_mqtt_end(struct hz_mqtt_client *c);
/* Likewise, from within a function that the owner has called. */
void hz_mqtt_end_later(struct hz_mqtt_client *c);
/* Before the library may close the socket, or right after it did: its number may be another file's
 * soon. */
void hz_mqtt_stop_poll(struct hz_mqtt_client *c);

/* Of mqtt_socket.c. */
void hz_mqtt_set_callbacks(struct mosquitto *m);
/* After each call of the library, with what it returned: notes whether the connection is lost, and
 * watches what the library wants to be watched. */
void hz_mqtt_settle(struct hz_mqtt_client *c, int rc);

#endif
