#include "daemon/output/mqtt_tls.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The reason of OpenSSL's latest error, without its numbers. */
static const char *reason(void)
{
    unsigned long code = ERR_peek_last_error();
    const char *text = code ? ERR_reason_error_string(code) : NULL;
    return text ? text : "not readable";
}

static bool is_address(const char *host)
{
    unsigned char bytes[16];
    return inet_pton(AF_INET, host, bytes) == 1 || inet_pton(AF_INET6, host, bytes) == 1;
}

/* Notes why a certificate is refused. On the loop, within libmosquitto. */
static int on_verify(int good, X509_STORE_CTX *store)
{
    const SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
    struct hz_mqtt_tls *t = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
    int code = X509_STORE_CTX_get_error(store);
    if (good || *t->wrong)
        return good;
    switch (code) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
        snprintf(t->wrong, sizeof t->wrong, "the broker's certificate has expired: renew it");
        break;
    case X509_V_ERR_CERT_NOT_YET_VALID:
        snprintf(t->wrong, sizeof t->wrong,
                 "the broker's certificate is not valid yet: check the clocks");
        break;
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
        snprintf(t->wrong, sizeof t->wrong, "the broker's certificate is not for '%.80s'", t->host);
        break;
    default:
        snprintf(t->wrong, sizeof t->wrong,
                 "the broker's certificate is not trusted (%s): check %.60s",
                 X509_verify_cert_error_string(code), *t->ca ? t->ca : "tls_ca");
    }
    return 0;
}

/* Before the handshake begins: the name that the broker is asked for (SNI), which libmosquitto has
 * set to the numeric address. */
static void on_info(const SSL *ssl, int where, int value)
{
    (void)value;
    if (!(where & SSL_CB_HANDSHAKE_START))
        return;
    struct hz_mqtt_tls *t = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
    SSL_set_tlsext_host_name((SSL *)(uintptr_t)ssl, is_address(t->host) ? NULL : t->host);
}

static int load(SSL_CTX *ctx, const struct hz_mqtt_tls_files *f, char *err, size_t err_len)
{
    if (*f->ca ? SSL_CTX_load_verify_file(ctx, f->ca) != 1
               : SSL_CTX_set_default_verify_paths(ctx) != 1)
        snprintf(err, err_len, "tls_ca = '%.100s': %s", f->ca, reason());
    else if (*f->cert && SSL_CTX_use_certificate_chain_file(ctx, f->cert) != 1)
        snprintf(err, err_len, "tls_cert = '%.100s': %s", f->cert, reason());
    else if (*f->key && SSL_CTX_use_PrivateKey_file(ctx, f->key, SSL_FILETYPE_PEM) != 1)
        snprintf(err, err_len, "tls_key = '%.100s': %s", f->key, reason());
    else
        return 0;
    return -1;
}

/* An encrypted key: there is nobody to ask for its password. */
static int no_password(char *buf, int size, int rw, void *ctx)
{
    (void)buf, (void)size, (void)rw, (void)ctx;
    return -1;
}

struct hz_mqtt_tls *hz_mqtt_tls_new(const struct hz_mqtt_tls_files *f, char *err, size_t err_len)
{
    struct hz_mqtt_tls *t = calloc(1, sizeof *t);
    ERR_clear_error();
    if (t)
        t->ctx = SSL_CTX_new(TLS_client_method());
    if (!t || !t->ctx) {
        snprintf(err, err_len, "out of memory");
        hz_mqtt_tls_free(t);
        return NULL;
    }
    snprintf(t->host, sizeof t->host, "%s", f->host);
    snprintf(t->ca, sizeof t->ca, "%s", f->ca);
    SSL_CTX_set_app_data(t->ctx, t);
    SSL_CTX_set_default_passwd_cb(t->ctx, no_password);
    SSL_CTX_set_min_proto_version(t->ctx, TLS1_2_VERSION);
    SSL_CTX_set_mode(t->ctx, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_verify(t->ctx, SSL_VERIFY_PEER, on_verify);
    SSL_CTX_set_info_callback(t->ctx, on_info);
    X509_VERIFY_PARAM *param = SSL_CTX_get0_param(t->ctx);
    if (is_address(f->host))
        X509_VERIFY_PARAM_set1_ip_asc(param, f->host);
    else
        X509_VERIFY_PARAM_set1_host(param, f->host, 0);
    if (load(t->ctx, f, err, err_len) < 0) {
        hz_mqtt_tls_free(t);
        t = NULL;
    }
    ERR_clear_error();
    return t;
}

void hz_mqtt_tls_free(struct hz_mqtt_tls *t)
{
    if (!t)
        return;
    SSL_CTX_free(t->ctx);
    free(t);
}
