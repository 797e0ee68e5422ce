#include "proto/wmbus/cipher.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

static bool decipher(const EVP_CIPHER *how, const uint8_t *key, const uint8_t *iv, uint8_t *bytes,
                     size_t n)
{
    int done = 0;
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    bool good = ctx && EVP_DecryptInit_ex(ctx, how, NULL, key, iv) == 1 &&
                EVP_CIPHER_CTX_set_padding(ctx, 0) == 1 &&
                EVP_DecryptUpdate(ctx, bytes, &done, bytes, (int)n) == 1 && (size_t)done == n;
    EVP_CIPHER_CTX_free(ctx);
    return good;
}

bool hz_aes_cbc(const uint8_t key[HZ_AES_BYTES], const uint8_t iv[HZ_AES_BYTES], uint8_t *bytes,
                size_t n)
{
    return decipher(EVP_aes_128_cbc(), key, iv, bytes, n);
}

bool hz_aes_ctr(const uint8_t key[HZ_AES_BYTES], const uint8_t iv[HZ_AES_BYTES], uint8_t *bytes,
                size_t n)
{
    return decipher(EVP_aes_128_ctr(), key, iv, bytes, n);
}

bool hz_aes_cmac(const uint8_t key[HZ_AES_BYTES], const uint8_t *bytes, size_t n,
                 uint8_t out[HZ_AES_BYTES])
{
    char cipher[] = "AES-128-CBC";
    const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER, cipher, 0),
                                 OSSL_PARAM_construct_end()};
    size_t len = 0;
    EVP_MAC *mac = EVP_MAC_fetch(NULL, "CMAC", NULL);
    EVP_MAC_CTX *ctx = mac ? EVP_MAC_CTX_new(mac) : NULL;
    bool good = ctx && EVP_MAC_init(ctx, key, HZ_AES_BYTES, params) == 1 &&
                EVP_MAC_update(ctx, bytes, n) == 1 &&
                EVP_MAC_final(ctx, out, &len, HZ_AES_BYTES) == 1 && len == HZ_AES_BYTES;
    EVP_MAC_CTX_free(ctx);
    EVP_MAC_free(mac);
    return good;
}
