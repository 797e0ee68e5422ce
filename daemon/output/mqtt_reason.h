/* Why a connection to an MQTT broker came to nothing, in words for people. Any thread. */
#ifndef HZ_DAEMON_OUTPUT_MQTT_REASON_H
#define HZ_DAEMON_OUTPUT_MQTT_REASON_H

#include "daemon/output/mqtt_client.h"

/* The broker's answer to CONNECT: a code of 3.1.1 (1 to 5) or of 5 (128 and more). */
void hz_mqtt_connack_text(const struct hz_mqtt_client_conf *conf, int code, char *out, size_t size);
/* An error of libmosquitto, or the reason with which a broker of MQTT 5 ends a connection. `error`:
 * errno of that time. `up`: the connection was made. */
void hz_mqtt_error_text(const struct hz_mqtt_client_conf *conf, int rc, int error, bool up,
                        char *out, size_t size);

#endif
