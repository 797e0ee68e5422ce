/* The keys of a WebSocket handshake. Pure: any thread. */
#ifndef HZ_DAEMON_SERVE_WS_KEY_H
#define HZ_DAEMON_SERVE_WS_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HZ_WS_ACCEPT_LEN = 28 };

/* True for a valid Sec-WebSocket-Key: the base64 of 16 bytes (RFC 6455, section 4.1). */
bool hz_ws_key_ok(const char *key, size_t n);
/* Writes Sec-WebSocket-Accept for a key of 24 characters (RFC 6455, section 4.2.2), terminated. */
void hz_ws_accept(const char key[24], char accept[HZ_WS_ACCEPT_LEN + 1]);

/* SHA-1 of a short text: n at most 119 bytes, two blocks (FIPS 180-4, section 6.1). */
void hz_sha1(const uint8_t *data, size_t n, uint8_t digest[20]);

#endif
