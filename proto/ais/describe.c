#include "proto/ais/describe.h"

#include "proto/ais/judge.h"
#include "proto/ais/messages.h"
#include "proto/ais/nmea.h"
#include "proto/link/bits.h"
#include "proto/out/record.h"

#include <math.h>

void hz_ais_state_init(struct hz_ais_state *st, double freq_hz)
{
    bool a = fabs(freq_hz - 161.975e6) < 12500, b = fabs(freq_hz - 162.025e6) < 12500;
    *st = (struct hz_ais_state){.channel = a ? 'A' : b ? 'B' : 0};
}

/* Deviations from the standard, by name. */
static void odd(struct hz_json *j, unsigned set)
{
    static const char *const name[] = {"type", "length", "bits", "mmsi"};
    if (set == 0)
        return;
    hz_json_open_array(j, "odd");
    for (unsigned i = 0; i < sizeof name / sizeof *name; i++)
        if (set >> i & 1)
            hz_json_str(j, NULL, name[i]);
    hz_json_close_array(j);
}

void hz_ais_describe(struct hz_ais_state *st, const uint8_t *payload, size_t bits,
                     struct hz_json *j)
{
    struct hz_ais_in in = {payload, (unsigned)bits, j};
    unsigned type = hz_bits(payload, 1, 6);
    uint32_t mmsi = hz_bits(payload, 9, 30);
    hz_json_uint(j, "type", type);
    hz_json_uint(j, "repeat", hz_bits(payload, 7, 2));
    hz_json_uint(j, "mmsi", mmsi);
    hz_about_number(j, mmsi);
    odd(j, hz_ais_odd(payload, bits));
    hz_ais_message(&in, type, mmsi);
    hz_ais_nmea(j, payload, bits, st->channel, &st->sequence);
}
