/* AVR: Mode S frames as lines of hex, with the counter of Beast in avrmlat. */
#include "proto/format/modes.h"

#include <inttypes.h>

static void put_frame(const struct hz_record *r, struct hz_bytes *out)
{
    hz_bytes_hex(out, r->raw, r->raw_len, false);
    hz_bytes_text(out, ";\n");
}

static bool is_frame(const struct hz_record *r)
{
    return r->raw_len == 7 || r->raw_len == 14;
}

static void put_avr(const struct hz_form_in *in, struct hz_bytes *out)
{
    if (!is_frame(in->rec))
        return;
    hz_bytes_byte(out, '*');
    put_frame(in->rec, out);
}

static void put_avrmlat(const struct hz_form_in *in, struct hz_bytes *out)
{
    if (!is_frame(in->rec))
        return;
    hz_bytes_print(out, "@%012" PRIX64, hz_form_modes_ticks(in->rec));
    put_frame(in->rec, out);
}

const struct hz_form hz_form_avr = {
    .name = "avr",
    .title = "Mode S as lines of hex (port 30002)",
    .protocols = hz_form_modes,
    .beat = "*0000;\n",
    .beat_len = 7,
    .put = put_avr,
};
const struct hz_form hz_form_avrmlat = {
    .name = "avrmlat",
    .title = "the same with the 12 MHz counter",
    .protocols = hz_form_modes,
    .beat = "*0000;\n",
    .beat_len = 7,
    .put = put_avrmlat,
};
