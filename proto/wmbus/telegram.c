#include "proto/wmbus/telegram.h"

#include "proto/link/crc16.h"
#include "proto/wmbus/cipher.h"

#include <string.h>

/* Bits of the control field of the fragmentation layer, and of the extended link layer's. */
enum {
    FCL_MESSAGE_LENGTH = 0x1000,
    FCL_MESSAGE_CONTROL = 0x2000,
    FCL_MAC = 0x0400,
    FCL_COUNTER = 0x0800,
    FCL_KEY_INFO = 0x0200,
    CC_OF_THE_RADIO = 0x12, /* may change on the way (repeaters): not part of the IV */
    IDLE = 0x2f,            /* filler; clear text begins with two of them */
};

/* Where reading stands, and what layers before told that those behind need. */
struct reader {
    struct hz_wmbus_telegram *t;
    const struct hz_meter_keys *keys;
    uint8_t *p; /* the rest of the bytes */
    size_t n;
    uint8_t communication; /* CC of the extended link layer */
    uint8_t message_control, counter[4];
    const uint8_t *mac;
    size_t mac_len;        /* 0: none */
    const uint8_t *sealed; /* what the MAC is over, besides these: from the transport layer's CI */
    size_t sealed_n;
};

static const uint8_t *take(struct reader *r, size_t n)
{
    const uint8_t *p = r->p;
    if (n > r->n)
        return NULL;
    r->p += n;
    r->n -= n;
    return p;
}

static bool take_into(struct reader *r, uint8_t *to, size_t n)
{
    const uint8_t *p = take(r, n);
    if (p)
        memcpy(to, p, n);
    return p != NULL;
}

/* The next key of this meter or radio from *at on; NULL: there is none. */
static const uint8_t *next_key(const struct reader *r, size_t *at)
{
    uint32_t meter = hz_wmbus_id(r->t->meter), link = hz_wmbus_id(r->t->link);
    for (; r->keys && *at < r->keys->n; (*at)++)
        if (r->keys->list[*at].id == meter || r->keys->list[*at].id == link)
            return r->keys->list[(*at)++].key;
    return NULL;
}

/* Tries the keys of this meter with `fits`, which deciphers r->p[0 .. n-1] in place if it is right.
 */
static void try_keys(struct reader *r, size_t n,
                     bool (*fits)(struct reader *r, const uint8_t *key, size_t n))
{
    uint8_t sent[HZ_WMBUS_BYTES];
    size_t at = 0;
    const uint8_t *key = next_key(r, &at);
    r->t->secrecy = key ? HZ_WMBUS_WRONG_KEY : HZ_WMBUS_ENCRYPTED;
    memcpy(sent, r->p, n);
    for (; key; key = next_key(r, &at)) {
        if (fits(r, key, n)) {
            r->t->secrecy = HZ_WMBUS_DECIPHERED;
            return;
        }
        memcpy(r->p, sent, n);
    }
}

/* ---- extended link layer ---------------------------------------------------------------- */

/* The CRC behind the session number is enciphered too. */
static bool ctr_fits(struct reader *r, const uint8_t *key, size_t n)
{
    uint8_t iv[HZ_AES_BYTES] = {0};
    memcpy(iv, r->t->link, HZ_WMBUS_ADDRESS);
    iv[8] = (uint8_t)(r->communication & ~CC_OF_THE_RADIO);
    memcpy(iv + 9, r->p - 4, 4); /* the session number */
    if (n < 3 || !hz_aes_ctr(key, iv, r->p, n))
        return false;
    uint16_t crc = (uint16_t)~hz_crc16(HZ_WMBUS_POLY, 0, r->p + 2, n - 2);
    return crc == (r->p[0] | r->p[1] << 8);
}

/* Behind its CI. False: too short. */
static bool extended(struct reader *r, int ci)
{
    const uint8_t *head = take(r, 2), *session;
    if (!head)
        return false;
    r->communication = head[0];
    r->t->access = head[1];
    if ((ci == 0x8e || ci == 0x8f) && !take_into(r, r->t->link, HZ_WMBUS_ADDRESS))
        return false;
    if (ci == 0x8c || ci == 0x8e)
        return true;
    session = take(r, 4);
    if (!session || r->n < 2)
        return false;
    int mode = session[3] >> 5;
    if (mode != 0) {
        r->t->security = mode; /* of this layer: AES in counter mode */
        if (mode != 1)
            r->t->secrecy = HZ_WMBUS_ENCRYPTED;
        else
            try_keys(r, r->n, ctr_fits);
        if (r->t->secrecy != HZ_WMBUS_DECIPHERED)
            return false;
    }
    r->t->checked = mode != 0;
    take(r, 2);
    return true;
}

/* ---- authentication and fragmentation layer ---------------------------------------------- */

static bool fragmentation(struct reader *r)
{
    const uint8_t *length = take(r, 1);
    if (!length || length[0] < 2 || length[0] > r->n)
        return false;
    struct reader in = {.t = r->t, .p = r->p, .n = length[0]};
    take(r, length[0]);
    const uint8_t *control = take(&in, 2);
    unsigned fcl = control[0] | (unsigned)control[1] << 8;
    if (fcl & FCL_MESSAGE_CONTROL && !take_into(&in, &r->message_control, 1))
        return false;
    if (fcl & FCL_KEY_INFO && !take(&in, 2))
        return false;
    if (fcl & FCL_COUNTER && !take_into(&in, r->counter, 4))
        return false;
    size_t tail = fcl & FCL_MESSAGE_LENGTH ? 2 : 0;
    if (fcl & FCL_MAC && in.n > tail) {
        r->mac = in.p;
        r->mac_len = in.n - tail;
    }
    return true;
}

/* ---- transport layer -------------------------------------------------------------------- */

static bool clear(const struct reader *r, size_t n)
{
    return n >= 2 && r->p[0] == IDLE && r->p[1] == IDLE;
}

static bool cbc_fits(struct reader *r, const uint8_t *key, size_t n)
{
    uint8_t iv[HZ_AES_BYTES];
    memcpy(iv, r->t->meter, HZ_WMBUS_ADDRESS);
    memset(iv + HZ_WMBUS_ADDRESS, r->t->access, sizeof iv - HZ_WMBUS_ADDRESS);
    return hz_aes_cbc(key, iv, r->p, n) && clear(r, n);
}

/* A key made of the meter's for this message: OMS volume 2, 9.4. */
static bool derive(const struct reader *r, const uint8_t *key, uint8_t what,
                   uint8_t out[HZ_AES_BYTES])
{
    uint8_t text[HZ_AES_BYTES];
    memset(text, 7, sizeof text);
    text[0] = what;
    memcpy(text + 1, r->counter, 4);
    memcpy(text + 5, r->t->meter + 2, 4);
    return hz_aes_cmac(key, text, sizeof text, out);
}

static bool mac_fits(const struct reader *r, const uint8_t *key)
{
    uint8_t mac_key[HZ_AES_BYTES], text[5 + HZ_WMBUS_BYTES], mac[HZ_AES_BYTES];
    text[0] = r->message_control;
    memcpy(text + 1, r->counter, 4);
    memcpy(text + 5, r->sealed, r->sealed_n);
    return r->mac_len <= sizeof mac && derive(r, key, 1, mac_key) &&
           hz_aes_cmac(mac_key, text, 5 + r->sealed_n, mac) && memcmp(mac, r->mac, r->mac_len) == 0;
}

static bool derived_cbc_fits(struct reader *r, const uint8_t *key, size_t n)
{
    static const uint8_t iv[HZ_AES_BYTES];
    uint8_t own[HZ_AES_BYTES];
    return (r->mac_len == 0 || mac_fits(r, key)) && derive(r, key, 0, own) &&
           hz_aes_cbc(own, iv, r->p, n) && clear(r, n);
}

/* By the configuration word: blocks of 16 bytes from r->p on, 0: as many as there are. What follows
 * them is clear. */
static void decipher(struct reader *r, unsigned blocks)
{
    size_t most = r->n / HZ_AES_BYTES * HZ_AES_BYTES, n = blocks * (size_t)HZ_AES_BYTES;
    if (clear(r, r->n)) /* a few meters announce what they do not do */
        return;
    n = n == 0 || n > most ? most : n;
    if (n == 0)
        return;
    if (r->t->security == 5)
        try_keys(r, n, cbc_fits);
    else if (r->t->security == 7)
        try_keys(r, n, derived_cbc_fits);
    else
        r->t->secrecy = HZ_WMBUS_ENCRYPTED;
    r->t->checked |= r->t->secrecy == HZ_WMBUS_DECIPHERED && r->mac_len > 0;
}

static bool transport(struct reader *r, bool whole_address)
{
    uint8_t address[HZ_WMBUS_ADDRESS];
    if (whole_address) { /* number, manufacturer, version, type */
        const uint8_t *p = take(r, HZ_WMBUS_ADDRESS);
        if (!p)
            return false;
        memcpy(address, p + 4, 2);
        memcpy(address + 2, p, 4);
        memcpy(address + 6, p + 6, 2);
        memcpy(r->t->meter, address, sizeof address);
    }
    const uint8_t *head = take(r, 4);
    if (!head)
        return false;
    unsigned config = head[2] | (unsigned)head[3] << 8;
    r->t->access = head[0];
    r->t->status = head[1];
    r->t->security = (int)(config >> 8 & 31);
    if (r->t->security == 7 && !take(r, 1)) /* which function derives the key: there is one */
        return false;
    if (r->t->security != 0)
        decipher(r, config >> 4 & 15);
    return true;
}

/* ---- all together ----------------------------------------------------------------------- */

static bool is_extended(int ci)
{
    return ci >= 0x8c && ci <= 0x8f;
}

/* CIs of a transport layer with its own address, and without. */
static bool is_long(int ci)
{
    static const uint8_t list[] = {0x72, 0x73, 0x5b, 0x60, 0x64, 0x6c,
                                   0x6d, 0x7c, 0x7e, 0x80, 0x8b};
    return memchr(list, ci, sizeof list) != NULL;
}

static bool is_short(int ci)
{
    static const uint8_t list[] = {0x7a, 0x7b, 0x5a, 0x61, 0x65, 0x7d, 0x7f, 0x8a};
    return memchr(list, ci, sizeof list) != NULL;
}

static void layers(struct reader *r)
{
    const uint8_t *ci;
    bool whole = true;
    while (whole && (ci = take(r, 1))) {
        if (is_extended(*ci)) {
            whole = extended(r, *ci);
        } else if (*ci == 0x90) {
            whole = fragmentation(r);
        } else {
            r->sealed = ci;
            r->sealed_n = r->n + 1;
            r->t->ci = *ci;
            if (is_long(*ci) || is_short(*ci))
                transport(r, is_long(*ci));
            return;
        }
    }
}

bool hz_wmbus_telegram_read(struct hz_wmbus_telegram *t, const uint8_t *bytes, size_t n,
                            const struct hz_meter_keys *keys)
{
    if (n < HZ_WMBUS_LEAST || n > HZ_WMBUS_BYTES || bytes[0] + 1u != n)
        return false;
    *t = (struct hz_wmbus_telegram){
        .control = bytes[1], .ci = -1, .access = -1, .status = -1, .security = -1};
    uint8_t copy[HZ_WMBUS_BYTES];
    memcpy(copy, bytes, n);
    memcpy(t->link, bytes + 2, sizeof t->link);
    memcpy(t->meter, t->link, sizeof t->meter);
    struct reader r = {.t = t, .keys = keys, .p = copy + 10, .n = n - 10};
    layers(&r);
    memcpy(t->data, r.p, r.n);
    t->n = r.n;
    return true;
}
