/* Beast: the binary form of Mode S that readsb, dump1090, mlat-client and aggregators take. */
#include "proto/format/modes.h"

#include <math.h>

enum { ESCAPE = 0x1a, SHORT = '2', LONG = '3' };

static void put_escaped(struct hz_bytes *out, unsigned byte)
{
    hz_bytes_byte(out, byte);
    if ((byte & 0xff) == ESCAPE)
        hz_bytes_byte(out, byte);
}

/* The root of the power, so that 255 is full scale; 0 stands for an unknown level. */
static unsigned signal_byte(float rssi_dbfs)
{
    if (isnan(rssi_dbfs))
        return 0;
    long v = lroundf(255 * powf(10, rssi_dbfs / 20));
    return v < 1 ? 1 : v > 255 ? 255 : (unsigned)v;
}

static void put(const struct hz_form_in *in, struct hz_bytes *out)
{
    const struct hz_record *r = in->rec;
    if (r->raw_len != 7 && r->raw_len != 14)
        return;
    uint64_t ticks = hz_form_modes_ticks(r);
    hz_bytes_byte(out, ESCAPE);
    hz_bytes_byte(out, r->raw_len == 7 ? SHORT : LONG);
    for (int shift = 40; shift >= 0; shift -= 8)
        put_escaped(out, (unsigned)(ticks >> shift) & 0xff);
    put_escaped(out, signal_byte(r->rssi_dbfs));
    for (size_t i = 0; i < r->raw_len; i++)
        put_escaped(out, r->raw[i]);
}

/* A Mode A/C frame of zeros, which every reader drops: the heartbeat of dump1090 and readsb. */
static const char beat[] = {ESCAPE, '1', 0, 0, 0, 0, 0, 0, 0, 0, 0};

const struct hz_form hz_form_beast = {
    .name = "beast",
    .mime = "application/octet-stream",
    .title = "Mode S for readsb, mlat-client, aggregators",
    .protocols = hz_form_modes,
    .binary = true,
    .beat = beat,
    .beat_len = sizeof beat,
    .put = put,
};
