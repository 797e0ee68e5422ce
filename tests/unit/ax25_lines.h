/* AX.25 frames of lines as TNC2 monitors print them, and what the decoder says of a frame. */
#ifndef HZ_TESTS_AX25_LINES_H
#define HZ_TESTS_AX25_LINES_H

#include "proto/packet/ax25/frame.h"

#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static inline size_t address(uint8_t *out, const char *text, size_t n, unsigned flags)
{
    char call[16] = "";
    unsigned ssid = 0;
    if (n == 0 || n > 9)
        return 0;
    memcpy(call, text, n);
    char *dash = strchr(call, '-');
    if (dash) {
        *dash = 0;
        ssid = (unsigned)atoi(dash + 1);
    }
    if (strlen(call) > 6 || ssid > 15)
        return 0;
    for (size_t i = 0; i < 6; i++)
        out[i] = (uint8_t)((i < strlen(call) ? (unsigned char)call[i] : ' ') << 1);
    out[6] = (uint8_t)(0x60 | ssid << 1 | flags);
    return 7;
}

/* A UI frame of a TNC2 line of n bytes. What APRS-IS added to the path (qAR and what follows) was
 * never on the air and is left out. 0: its source is no address. */
static inline size_t frame_of(const char *line, size_t n, uint8_t *out)
{
    const char *info = memchr(line, ':', n), *from = strchr(line, '>');
    size_t at = 7 + address(out + 7, line, (size_t)(from - line), 0);
    if (at == 7)
        return 0;
    for (const char *p = from; *p != ':' && at <= 70;) {
        size_t len = strcspn(p + 1, ",:");
        if (p != from && p[1] == 'q')
            break;
        bool star = p[len] == '*';
        size_t w =
            address(p == from ? out : out + at, p + 1, len - star, star || p == from ? 0x80 : 0);
        at += p == from ? 0 : w;
        p += 1 + len;
    }
    out[at - 1] |= 1;
    out[at++] = 0x03;
    out[at++] = 0xf0;
    size_t rest = n - (size_t)(info + 1 - line);
    memcpy(out + at, info + 1, rest);
    return at + rest;
}

static inline cJSON *describe(const uint8_t *frame, size_t n)
{
    static char text[16384];
    struct hz_json j;
    hz_json_init(&j, text, sizeof text);
    hz_json_open(&j, NULL);
    hz_ax25_describe(frame, n, &j);
    hz_json_close(&j);
    cr_assert(!j.full);
    cJSON *o = cJSON_ParseWithLength(text, j.len);
    cr_assert_not_null(o, "%.*s", (int)j.len, text);
    return o;
}

#endif
