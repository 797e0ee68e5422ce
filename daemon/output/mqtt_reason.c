#include "daemon/output/mqtt_reason.h"

#include <errno.h>
#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <stdio.h>
#include <string.h>

void hz_mqtt_connack_text(const struct hz_mqtt_client_conf *conf, int code, char *out, size_t size)
{
    switch (code) {
    case CONNACK_REFUSED_PROTOCOL_VERSION:
    case MQTT_RC_UNSUPPORTED_PROTOCOL_VERSION:
        snprintf(out, size, "the broker does not speak MQTT %s: set version = %s",
                 conf->v5 ? "5" : "3.1.1", conf->v5 ? "3.1.1" : "5");
        break;
    case CONNACK_REFUSED_IDENTIFIER_REJECTED:
    case MQTT_RC_CLIENTID_NOT_VALID:
        snprintf(out, size, "the broker does not accept the client id '%.60s': set client_id",
                 conf->client_id);
        break;
    case CONNACK_REFUSED_SERVER_UNAVAILABLE:
    case MQTT_RC_SERVER_UNAVAILABLE:
    case MQTT_RC_SERVER_BUSY:
        snprintf(out, size, "the broker says that it is not available");
        break;
    case CONNACK_REFUSED_BAD_USERNAME_PASSWORD:
    case CONNACK_REFUSED_NOT_AUTHORIZED:
    case MQTT_RC_BAD_USERNAME_OR_PASSWORD:
    case MQTT_RC_NOT_AUTHORIZED:
        snprintf(out, size, "the broker refused the login%s%.60s%s: check user and password",
                 *conf->user ? " of '" : "", conf->user, *conf->user ? "'" : "");
        break;
    default:
        snprintf(out, size, "the broker refused the connection (%d): %s", code,
                 conf->v5 ? mosquitto_reason_string(code) : mosquitto_connack_string(code));
    }
}

void hz_mqtt_error_text(const struct hz_mqtt_client_conf *conf, int rc, int error, bool up,
                        char *out, size_t size)
{
    /* EPROTO: of TLS, what the broker refuses after the handshake, as a client without a
     * certificate */
    if (rc == MOSQ_ERR_ERRNO && (error == EPIPE || error == ECONNRESET || error == 0 ||
                                 (error == EPROTO && conf->tls && !up)))
        rc = MOSQ_ERR_CONN_LOST;
    switch (rc) {
    case MOSQ_ERR_ERRNO:
        snprintf(out, size, "%s", strerror(error));
        break;
    case MOSQ_ERR_KEEPALIVE:
        snprintf(out, size, "the broker does not answer (keepalive of %d s)", conf->keepalive_s);
        break;
    case MOSQ_ERR_SUCCESS:
    case MOSQ_ERR_NO_CONN:
    case MOSQ_ERR_CONN_LOST:
        if (up)
            snprintf(out, size, "the broker closed the connection");
        else if (conf->tls)
            snprintf(out, size, "the broker closed the connection before it answered%s",
                     *conf->files.cert ? "" : ": does it want a certificate (tls_cert, tls_key)?");
        else
            snprintf(out, size,
                     "the broker closed the connection before it answered: does it "
                     "want TLS (url = mqtts://…)?");
        break;
    case MQTT_RC_SESSION_TAKEN_OVER:
        snprintf(out, size, "another client has the client id '%.60s': set client_id",
                 conf->client_id);
        break;
    case MOSQ_ERR_PROTOCOL:
    case MOSQ_ERR_MALFORMED_PACKET:
        snprintf(out, size, "what answers there does not speak MQTT as it should");
        break;
    default:
        snprintf(out, size, "%s", rc >= 128 ? mosquitto_reason_string(rc) : mosquitto_strerror(rc));
    }
}
