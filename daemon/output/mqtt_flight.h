/* Messages on their way to a broker: given to the library, and not written (QoS 0) or confirmed
 * yet. They are bounded here, because the library's queue is not; and kept, so that they can be
 * sent again on the next connection. Loop thread. */
#ifndef HZ_DAEMON_OUTPUT_MQTT_FLIGHT_H
#define HZ_DAEMON_OUTPUT_MQTT_FLIGHT_H

#include "daemon/output/mqtt_client.h"

struct hz_mqtt_flight {
    struct hz_mqtt_flight *next;
    int mid;                        /* of the library; 0: not given to it on this connection */
    bool frame;                     /* it is a frame of the bus, which is counted and sent again */
    uint64_t at_ms;                 /* when it was given to the library */
    struct hz_mqtt_publish publish; /* into data */
    char data[];
};

struct hz_mqtt_flights {
    struct hz_mqtt_flight *first, *last; /* in the order in which they were sent */
    unsigned n, frames;
};

/* Adds a copy. NULL: no memory. */
struct hz_mqtt_flight *hz_mqtt_flight_add(struct hz_mqtt_flights *all,
                                          const struct hz_mqtt_publish *p, bool frame);
/* The one with that number; NULL: there is none. */
struct hz_mqtt_flight *hz_mqtt_flight_find(const struct hz_mqtt_flights *all, int mid);
void hz_mqtt_flight_remove(struct hz_mqtt_flights *all, struct hz_mqtt_flight *f);
/* The connection is lost: frames stay, to be sent again; the others are made anew. */
void hz_mqtt_flights_lost(struct hz_mqtt_flights *all);
void hz_mqtt_flights_clear(struct hz_mqtt_flights *all);

#endif
