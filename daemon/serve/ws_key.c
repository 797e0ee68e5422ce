#include "daemon/serve/ws_key.h"

#include <string.h>

static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static uint32_t rotl(uint32_t x, int n)
{
    return x << n | x >> (32 - n);
}

static void sha1_block(uint32_t h[5], const uint8_t *p)
{
    uint32_t w[80];
    for (int i = 0; i < 16; i++)
        w[i] = (uint32_t)p[4 * i] << 24 | (uint32_t)p[4 * i + 1] << 16 |
               (uint32_t)p[4 * i + 2] << 8 | p[4 * i + 3];
    for (int i = 16; i < 80; i++)
        w[i] = rotl(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    uint32_t a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
    for (int i = 0; i < 80; i++) {
        uint32_t f = i < 20   ? ((b & c) | (~b & d)) + 0x5a827999
                     : i < 40 ? (b ^ c ^ d) + 0x6ed9eba1
                     : i < 60 ? ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc
                              : (b ^ c ^ d) + 0xca62c1d6;
        uint32_t t = rotl(a, 5) + f + e + w[i];
        e = d;
        d = c;
        c = rotl(b, 30);
        b = a;
        a = t;
    }
    h[0] += a, h[1] += b, h[2] += c, h[3] += d, h[4] += e;
}

void hz_sha1(const uint8_t *data, size_t n, uint8_t digest[20])
{
    uint32_t h[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
    uint8_t padded[128] = {0};
    size_t total = n < 56 ? 64 : 128; /* room for the 0x80 and the length in bits */
    memcpy(padded, data, n);
    padded[n] = 0x80;
    padded[total - 2] = (uint8_t)(n * 8 >> 8);
    padded[total - 1] = (uint8_t)(n * 8);
    for (size_t i = 0; i < total; i += 64)
        sha1_block(h, padded + i);
    for (int i = 0; i < 20; i++)
        digest[i] = (uint8_t)(h[i / 4] >> (24 - 8 * (i % 4)));
}

bool hz_ws_key_ok(const char *key, size_t n)
{
    if (n != 24 || key[22] != '=' || key[23] != '=')
        return false;
    for (int i = 0; i < 22; i++) {
        if (key[i] == '\0' || !strchr(base64, key[i]))
            return false;
    }
    return true;
}

void hz_ws_accept(const char key[24], char accept[HZ_WS_ACCEPT_LEN + 1])
{
    static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    uint8_t text[24 + sizeof guid - 1], digest[21] = {0};
    memcpy(text, key, 24);
    memcpy(text + 24, guid, sizeof guid - 1);
    hz_sha1(text, sizeof text, digest);
    for (int i = 0; i < 7; i++) { /* 20 bytes are seven groups, the last one short by a byte */
        uint32_t v =
            (uint32_t)digest[3 * i] << 16 | (uint32_t)digest[3 * i + 1] << 8 | digest[3 * i + 2];
        for (int k = 0; k < 4; k++)
            accept[4 * i + k] = base64[v >> (18 - 6 * k) & 63];
    }
    accept[27] = '=';
    accept[28] = '\0';
}
