/* Packet radio: KISS frames for direwolf's clients, and lines in the text form of TNC2. */
#include "proto/format/format.h"

static const char *const protocols[] = {"aprs", "ax25-9600", NULL};

enum { FEND = 0xc0, FESC = 0xdb, TFEND = 0xdc, TFESC = 0xdd, DATA_PORT_0 = 0 };

/* The frame without its check sequence, between two FEND. */
static void put_kiss(const struct hz_form_in *in, struct hz_bytes *out)
{
    if (in->rec->raw_len == 0)
        return;
    hz_bytes_byte(out, FEND);
    hz_bytes_byte(out, DATA_PORT_0);
    for (size_t i = 0; i < in->rec->raw_len; i++) {
        unsigned byte = in->rec->raw[i];
        if (byte == FEND || byte == FESC)
            hz_bytes_byte(out, FESC);
        hz_bytes_byte(out, byte == FEND ? TFEND : byte == FESC ? TFESC : byte);
    }
    hz_bytes_byte(out, FEND);
}

static void put_tnc2(const struct hz_form_in *in, struct hz_bytes *out)
{
    char text[1024];
    if (!hz_form_text(in, "tnc2", text, sizeof text))
        return;
    /* what follows a line end would pass for a line of its own, of whomever it says */
    hz_bytes_add(out, text, strcspn(text, "\r\n"));
    hz_bytes_text(out, "\r\n");
}

const struct hz_form hz_form_kiss = {
    .name = "kiss",
    .mime = "application/octet-stream",
    .title = "AX.25 frames for direwolf's clients (port 8001)",
    .binary = true,
    .protocols = protocols,
    .put = put_kiss,
};
const struct hz_form hz_form_tnc2 = {
    .name = "tnc2",
    .title = "AX.25 frames as text, SRC>DST,PATH:info",
    .protocols = protocols,
    .put = put_tnc2,
};
