/* A telegram of a meter: whose it is, its layers, and its application data in clear text where that
 * is possible (EN 13757-4, -7 and -3; OMS volume 2). Pure: any thread. */
#ifndef HZ_PROTO_WMBUS_TELEGRAM_H
#define HZ_PROTO_WMBUS_TELEGRAM_H

#include "proto/wmbus/keys.h"

#include <stdbool.h>

enum {
    HZ_WMBUS_BYTES = 256,   /* at most: the length byte and what it counts, without CRCs */
    HZ_WMBUS_ADDRESS = 8,   /* manufacturer, number, version, type, as sent */
    HZ_WMBUS_LEAST = 1 + 10 /* bytes of the shortest telegram: up to the first layer's CI */
};

/* CRC-16 of the whole family, not yet complemented. */
#define HZ_WMBUS_POLY 0x3d65

enum hz_wmbus_secrecy {
    HZ_WMBUS_CLEAR,      /* was not enciphered */
    HZ_WMBUS_DECIPHERED, /* a key fitted */
    HZ_WMBUS_ENCRYPTED,  /* no key of this meter is known, or no such mode */
    HZ_WMBUS_WRONG_KEY,  /* the keys known do not fit */
};

struct hz_wmbus_telegram {
    uint8_t control;                 /* C field */
    uint8_t link[HZ_WMBUS_ADDRESS];  /* of the radio */
    uint8_t meter[HZ_WMBUS_ADDRESS]; /* of the meter: the same unless the telegram tells another */
    int ci;                          /* of the application; -1: the layers do not end */
    int access, status;              /* of the transport layer; -1: it has none */
    int security;                    /* mode: 0 none, 5, 7, …; -1: no layer tells */
    enum hz_wmbus_secrecy secrecy;
    bool checked;                 /* a MAC or a CRC within the cipher was right */
    uint8_t data[HZ_WMBUS_BYTES]; /* behind the application's CI and header; clear unless secrecy
                                   * says otherwise */
    size_t n;
};

/* Reads bytes[n], beginning with L, CRCs removed. False: it has no link layer, or L does not fit n.
 */
bool hz_wmbus_telegram_read(struct hz_wmbus_telegram *t, const uint8_t *bytes, size_t n,
                            const struct hz_meter_keys *keys);

/* The parts of an address. The id is decimal digits, unless a meter breaks that rule: then
 * hexadecimal ones. maker: three letters and a zero. */
uint32_t hz_wmbus_id(const uint8_t address[HZ_WMBUS_ADDRESS]);
void hz_wmbus_maker(const uint8_t address[HZ_WMBUS_ADDRESS], char maker[4]);

/* Whether three letters can stand for a manufacturer as they are sent. */
bool hz_wmbus_maker_good(const uint8_t address[HZ_WMBUS_ADDRESS]);

/* What a meter of that type measures, as "water"; NULL: not known. Techem has types of its own. */
const char *hz_wmbus_type_name(const uint8_t address[HZ_WMBUS_ADDRESS]);

#endif
