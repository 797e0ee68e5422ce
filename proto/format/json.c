/* The line that a client of hertzd's own stream gets. */
#include "proto/format/format.h"

static void put(const struct hz_form_in *in, struct hz_bytes *out)
{
    hz_bytes_add(out, in->line, in->line_len);
    hz_bytes_byte(out, '\n');
}

const struct hz_form hz_form_json = {.name = "json",
                                     .mime = "application/json",
                                     .title = "hertzd's own lines",
                                     .dated = true,
                                     .put = put};
