#include "proto/ais/describe.h"

#include "proto/bits.h"

void hz_ais_state_init(struct hz_ais_state *st, double freq_hz)
{
    st->channel = freq_hz == 161.975e6 ? 'A' : freq_hz == 162.025e6 ? 'B' : 0;
    st->sequence = 0;
}

const struct hz_field hz_ais_fields[] = {
    {"type", "", "kind of message, 1 to 27"},
    {"mmsi", "", "identity of the station"},
    {NULL, NULL, NULL},
};

void hz_ais_describe(struct hz_ais_state *st, const uint8_t *payload, size_t bits,
                     struct hz_json *j)
{
    (void)st;
    if (bits < 40)
        return;
    hz_json_uint(j, "type", hz_bits(payload, 1, 6));
    hz_json_uint(j, "mmsi", hz_bits(payload, 9, 30));
}
