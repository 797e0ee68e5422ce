#include "sim/ax25.h"

#include <string.h>

/* Writes an address of seven bytes from "CALL-12" or "CALL-12*" (n characters). False: no address.
 */
static int put_address(uint8_t *out, const char *text, size_t n)
{
    unsigned ssid = 0, i = 0, at = 0;
    memset(out, ' ' << 1, 6);
    for (; at < n && text[at] != '-' && text[at] != '*'; at++) {
        if (i == 6) {
            return 0;
        }
        out[i++] = (uint8_t)(text[at] << 1);
    }
    if (at < n && text[at] == '-') {
        for (at++; at < n && text[at] >= '0' && text[at] <= '9'; at++) {
            ssid = ssid * 10 + (unsigned)(text[at] - '0');
        }
    }
    unsigned repeated = at < n && text[at] == '*' ? 0x80 : 0;
    out[6] = (uint8_t)(0x60 | ssid << 1 | repeated);
    return i > 0 && ssid < 16;
}

size_t hz_sim_ax25(const char *text, uint8_t out[HZ_SIM_AX25_MAX])
{
    const char *info = strchr(text, ':'), *from = strchr(text, '>');
    if (info == NULL || from == NULL || from > info ||
        !put_address(out + 7, text, (size_t)(from - text))) {
        return 0;
    }
    size_t n = 0; /* bytes of addresses; the destination goes first, the source second */
    for (const char *at = from; at < info; n += 7) {
        size_t len = strcspn(at + 1, ",:");
        if (n == 70 || !put_address(out + n, at + 1, len)) {
            return 0;
        }
        at += 1 + len;
        n += n == 0 ? 7 : 0;
    }
    out[6] |= 0x80;     /* a command */
    out[n - 1] |= 0x01; /* the last address */
    size_t len = strlen(info + 1);
    if (n + 2 + len > HZ_SIM_AX25_MAX) {
        return 0;
    }
    out[n++] = 0x03; /* unnumbered information, no layer 3 */
    out[n++] = 0xf0;
    memcpy(out + n, info + 1, len);
    return n + len;
}
