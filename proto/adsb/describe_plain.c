/* Stands in for the description of a frame until there is one: only the address. Weak, so that the
 * real one takes its place. */
#include "proto/adsb/describe.h"

#define WEAK __attribute__((weak))

WEAK size_t hz_aircraft_table_size(void)
{
    return 1;
}

WEAK void hz_aircraft_table_init(struct hz_aircraft_table *t, double latitude, double longitude)
{
    (void)t;
    (void)latitude;
    (void)longitude;
}

WEAK bool hz_adsb_insane(const uint8_t *frame, size_t len)
{
    (void)frame;
    (void)len;
    return false;
}

WEAK void hz_adsb_describe(struct hz_aircraft_table *t, const uint8_t *frame, size_t len,
                           uint32_t address, int64_t time_ns, struct hz_json *j)
{
    uint8_t hex[3] = {(uint8_t)(address >> 16), (uint8_t)(address >> 8), (uint8_t)address};
    (void)t;
    (void)frame;
    (void)len;
    (void)time_ns;
    hz_json_hex(j, "hex", hex, sizeof(hex));
}
