#include "proto/vdl2/x25.h"

enum {
    DATA = 0x00,
    RECEIVE_READY = 0x01,
    REJECT = 0x09,
    CALL_REQUEST = 0x0b,
    CALL_ACCEPTED = 0x0f,
    CLEAR_REQUEST = 0x13,
    RESET_REQUEST = 0x1b,
    DIAGNOSTIC = 0xf1,
    RESTART_REQUEST = 0xfb
};

static const struct {
    uint8_t type;
    const char *name;
} types[] = {
    {DATA, "Data"},
    {RECEIVE_READY, "Receive Ready"},
    {REJECT, "Receive Reject"},
    {CALL_REQUEST, "Call Request"},
    {CALL_ACCEPTED, "Call Accepted"},
    {CLEAR_REQUEST, "Clear Request"},
    {0x17, "Clear Confirm"},
    {RESET_REQUEST, "Reset Request"},
    {0x1f, "Reset Confirm"},
    {RESTART_REQUEST, "Restart Request"},
    {0xff, "Restart Confirm"},
    {DIAGNOSTIC, "Diagnostics"},
};

/* The octet of the type without what counts packets. */
static unsigned type_of(unsigned octet)
{
    unsigned low = octet & 0x1f;
    return !(octet & 1) ? DATA : low == RECEIVE_READY || low == REJECT ? low : octet;
}

static const char *name_of(unsigned type)
{
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (types[i].type == type)
            return types[i].name;
    return NULL;
}

/* Behind addresses and facilities of a call, and of a request behind the network's identifier:
 * where the compression is told. 0: it does not fit. */
static size_t compression_at(const uint8_t *p, size_t n, unsigned type)
{
    size_t at = 3;
    if (n <= at)
        return 0;
    at += 1 + ((size_t)(p[at] >> 4) + (p[at] & 15) + 1) / 2;
    if (n <= at)
        return 0;
    at += 1 + (size_t)p[at];
    if (type == CALL_REQUEST) { /* C1, length, version 1, two octets, compression */
        if (n < at + 3 || p[at] != 0xc1 || p[at + 1] < 4 || n < at + 2 + p[at + 1])
            return 0;
        return at + 5;
    }
    return at < n ? at : 0;
}

static void put_compression(unsigned bits, struct hz_json *j)
{
    static const struct {
        uint8_t bit;
        const char *name;
    } names[] = {{0x40, "ACA"}, {0x20, "DEFLATE"}, {0x02, "LREF"}, {0x01, "LREF-CAN"}};
    hz_json_open_array(j, "compression_options");
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (bits & names[i].bit)
            hz_json_str(j, NULL, names[i].name);
    hz_json_close_array(j);
}

/* User data, under the name of its protocol. */
static void put_data(const uint8_t *p, size_t n, struct hz_json *j)
{
    if (n == 0)
        return;
    unsigned first = p[0] >> 4;
    bool compressed = first < 4 || first == 6 || first == 7 || first == 9 || first == 10;
    const char *name = p[0] == 0x81   ? "clnp"
                       : p[0] == 0x82 ? "esis"
                       : p[0] == 0xe0 ? "sndcf_error"
                       : compressed   ? "clnp_compressed"
                                      : "unknown_proto";
    hz_json_open(j, name);
    hz_json_hex(j, "data", p, n);
    hz_json_close(j);
}

bool hz_vdl2_is_x25(const uint8_t *p, size_t n)
{
    return n >= 3 && p[0] >> 4 == 1 && name_of(type_of(p[2]));
}

void hz_vdl2_x25(const uint8_t *p, size_t n, struct hz_json *j)
{
    bool known = hz_vdl2_is_x25(p, n);
    unsigned type = known ? type_of(p[2]) : 0;
    hz_json_bool(j, "err", !known);
    if (!known) {
        hz_json_open(j, "unknown_proto");
        hz_json_hex(j, "data", p, n);
        hz_json_close(j);
        return;
    }
    hz_json_uint(j, "pkt_type", type);
    hz_json_str(j, "pkt_type_name", name_of(type));
    hz_json_uint(j, "chan_group", p[0] & 15);
    hz_json_uint(j, "chan_num", p[1]);
    if (type == DATA) {
        hz_json_uint(j, "sseq", p[2] >> 1 & 7);
        hz_json_uint(j, "rseq", p[2] >> 5);
        hz_json_bool(j, "more", p[2] >> 4 & 1);
        put_data(p + 3, n - 3, j);
    } else if (type == RECEIVE_READY || type == REJECT) {
        hz_json_uint(j, "rseq", p[2] >> 5);
    } else if (type == CALL_REQUEST || type == CALL_ACCEPTED) {
        size_t at = compression_at(p, n, type);
        if (at > 0) {
            size_t data = type == CALL_REQUEST ? at - 3 + p[at - 4] : at + 1;
            put_compression(p[at], j);
            put_data(p + data, n > data ? n - data : 0, j);
        } else {
            put_data(p + 3, n - 3, j);
        }
    } else if (type == DIAGNOSTIC && n > 3) {
        hz_json_uint(j, "diag_code", p[3]);
    } else if (n > 3) {
        hz_json_uint(j, "clear_cause", p[3]);
        if (n > 4)
            hz_json_uint(j, "diag_code", p[4]);
    }
}
