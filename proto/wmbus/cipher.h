/* AES-128 as wireless M-Bus uses it, by OpenSSL's libcrypto. Pure: any thread. */
#ifndef HZ_PROTO_WMBUS_CIPHER_H
#define HZ_PROTO_WMBUS_CIPHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HZ_AES_BYTES = 16 }; /* of a key and of a block */

/* Deciphers n bytes in place: CBC (n a multiple of a block) or CTR (any n; the counter is the end
 * of iv). False: the library refused. */
bool hz_aes_cbc(const uint8_t key[HZ_AES_BYTES], const uint8_t iv[HZ_AES_BYTES], uint8_t *bytes,
                size_t n);
bool hz_aes_ctr(const uint8_t key[HZ_AES_BYTES], const uint8_t iv[HZ_AES_BYTES], uint8_t *bytes,
                size_t n);

/* CMAC (NIST SP 800-38B) of n bytes, into out. */
bool hz_aes_cmac(const uint8_t key[HZ_AES_BYTES], const uint8_t *bytes, size_t n,
                 uint8_t out[HZ_AES_BYTES]);

#endif
