/* The section of an output to an MQTT broker. */
#ifndef HZ_DAEMON_OUTPUT_MQTT_CONF_H
#define HZ_DAEMON_OUTPUT_MQTT_CONF_H

#include "daemon/output/link.h"

struct hz_conf_mqtt {
    struct hz_conf_link link; /* must be the first member */
    char *url, *client_id;
    char *user, *password, *password_file;
    char *tls_ca, *tls_cert, *tls_key;
    char *topic, *topics, *availability;
    int version; /* index of "3.1.1", "5" */
    int qos, keepalive_s, in_flight;
    bool messages, retain;
    uint64_t expiry_s; /* 0: never */
    bool home_assistant;
    char *ha_prefix, *ha_allow, *ha_deny;
    int ha_after, ha_devices;
    uint64_t ha_interval_s, ha_expire_s, ha_forget_s;
};

extern const struct hz_option hz_mqtt_options[];

/* For hz_conf_kind.check. */
void hz_mqtt_check(const struct hz_check *c, void *item);
/* mqtt://HOST[:PORT] or mqtts://…, host without brackets. False: it is neither. */
bool hz_mqtt_url(const char *url, char *host, size_t size, unsigned *port, bool *tls);

#endif
