#include "proto/ax25/frame.h"

#include "proto/ax25/address.h"

const struct hz_field hz_ax25_fields[] = {{NULL, NULL, NULL}};

bool hz_ax25_plausible(const uint8_t *frame, size_t len, bool strict)
{
    struct hz_ax25_header h;
    size_t n = len <= HZ_AX25_FRAME_MAX ? hz_ax25_header(frame, len, &h) : 0;
    if (n == 0 || n == len)
        return false;
    uint8_t control = frame[n];
    bool information = !(control & 1), ui = (control & 0xef) == 0x03;
    if ((information || ui) && n + 2 > len)
        return false; /* these have a protocol byte */
    return !strict || (ui && frame[n + 1] == 0xf0);
}

void hz_ax25_describe(const uint8_t *frame, size_t len, struct hz_json *j)
{
    struct hz_ax25_header h;
    if (hz_ax25_header(frame, len, &h))
        hz_ax25_header_describe(&h, j);
}
