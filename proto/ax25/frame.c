#include "proto/ax25/frame.h"

const struct hz_field hz_ax25_fields[] = {{NULL, NULL, NULL}};

bool hz_ax25_plausible(const uint8_t *frame, size_t len, bool strict)
{
    (void)frame;
    (void)strict;
    return len >= 15;
}

void hz_ax25_describe(const uint8_t *frame, size_t len, struct hz_json *j)
{
    (void)frame;
    (void)len;
    (void)j;
}
