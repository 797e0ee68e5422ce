/* TLS of an MQTT connection. libmosquitto is given a numeric address, because its own look-up of
 * names blocks, and would then compare the certificate with that address. So it gets a context made
 * here, which checks the certificate against the broker's name and tells it that name. Reading the
 * files takes up to 50 ms: make the context on a worker. */
#ifndef HZ_DAEMON_OUTPUT_MQTT_TLS_H
#define HZ_DAEMON_OUTPUT_MQTT_TLS_H

#include <openssl/ssl.h>
#include <stddef.h>

struct hz_mqtt_tls_files {
    const char *host;            /* whose certificate it must be: a name or an address */
    const char *ca, *cert, *key; /* paths; "": the system's CAs; no certificate of our own */
};

struct hz_mqtt_tls {
    SSL_CTX *ctx;
    char host[256];
    char ca[256];
    char wrong[200]; /* what was wrong with the broker's certificate; "": nothing so far */
};

/* NULL, with one line in err. Any thread. */
struct hz_mqtt_tls *hz_mqtt_tls_new(const struct hz_mqtt_tls_files *files, char *err,
                                    size_t err_len);
void hz_mqtt_tls_free(struct hz_mqtt_tls *t); /* NULL is allowed */

#endif
