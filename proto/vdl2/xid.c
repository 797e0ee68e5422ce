#include "proto/vdl2/xid.h"

#include "proto/link/bits.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { FORMAT = 0x82, PUBLIC = 0x80, PRIVATE = 0xf0 };

/* How a value is written. */
enum form {
    OCTETS, /* an array of numbers */
    TEXT,
    NUMBER,
    SEQUENCE,
    CAUSE,
    MODULATIONS,
    ADDRESSES,
    FREQUENCY,
    FREQUENCIES,
    PLACE,       /* of a ground station */
    PLACE_HEIGHT /* of an aircraft */
};

struct parameter {
    uint8_t id, least; /* octets that it must have */
    enum form form;
    const char *name;
};

static const struct parameter public_ones[] = {
    {0x01, 0, TEXT, "param_set_id"},
    {0x02, 0, OCTETS, "procedure_classes"},
    {0x03, 0, OCTETS, "hdlc_options"},
    {0x05, 0, OCTETS, "n1_downlink"},
    {0x06, 0, OCTETS, "n1_uplink"},
    {0x07, 0, OCTETS, "k_downlink"},
    {0x08, 0, OCTETS, "k_uplink"},
    {0x09, 0, OCTETS, "timer_t1_downlink"},
    {0x0a, 0, OCTETS, "counter_n2"},
    {0x0b, 0, OCTETS, "timer_t2"},
    {0},
};

static const struct parameter private_ones[] = {
    {0x00, 0, TEXT, "param_set_id"},
    {0x01, 1, NUMBER, "conn_mgmt"},
    {0x02, 0, OCTETS, "sqp"},
    {0x03, 1, SEQUENCE, "xid_sequencing"},
    {0x04, 0, OCTETS, "avlc_specific_options"},
    {0x05, 0, OCTETS, "expedited_sn_connection"},
    {0x06, 3, CAUSE, "lcr_cause"},
    {0x81, 1, MODULATIONS, "modulation_support"},
    {0x82, 0, ADDRESSES, "alternate_ground_stations"},
    {0x83, 0, TEXT, "dst_airport"},
    {0x84, 4, PLACE_HEIGHT, "ac_location"},
    {0x40, 2, FREQUENCY, "autotune_freq"},
    {0x41, 0, ADDRESSES, "replacement_ground_stations"},
    {0x42, 0, OCTETS, "timer_t4"},
    {0x43, 0, OCTETS, "mac_persistence"},
    {0x44, 0, OCTETS, "counter_m1"},
    {0x45, 0, OCTETS, "timer_tm2"},
    {0x46, 0, OCTETS, "timer_tg5"},
    {0x47, 0, OCTETS, "timer_t3min"},
    {0x48, 0, ADDRESSES, "gs_addr_filter"},
    {0x49, 0, OCTETS, "broadcast_connection"},
    {0xc0, 0, FREQUENCIES, "freq_support_list"},
    {0xc1, 0, TEXT, "airport_coverage"},
    {0xc3, 0, TEXT, "nearest_airport_id"},
    {0xc4, 0, OCTETS, "atn_router_nets"},
    {0xc5, 0, ADDRESSES, "system_mask"},
    {0xc6, 0, OCTETS, "timer_tg3"},
    {0xc7, 0, OCTETS, "timer_tg4"},
    {0xc8, 3, PLACE, "gs_location"},
    {0},
};

static const struct {
    uint8_t code;
    const char *text;
} causes[] = {
    {0x00, "Bad local parameter"},
    {0x01, "Out of link layer resources"},
    {0x02, "Out of packet layer resources"},
    {0x03, "Terrestrial network not available"},
    {0x04, "Terrestrial network congestion"},
    {0x05, "Cannot support autotune"},
    {0x06, "Station cannot support initiating handoff"},
    {0x7f, "Other unspecified local reason"},
    {0x80, "Bad global parameter"},
    {0x81, "Protocol violation"},
    {0x82, "Ground system out of resources"},
    {0xff, "Other unspecified system reason"},
};

/* Kinds of frame by response, final, h and r of the connection's management, which are both 1 where
 * it is not told (table 6-17). */
static const struct {
    const char *name, *text;
} kinds[16] = {
    [1] = {"XID_CMD_LCR", "Link Connection Refused"},
    [2] = {"XID_CMD_HO", "Handoff Request / Broadcast Handoff"},
    [3] = {"GSIF", "Ground Station Information Frame"},
    [4] = {"XID_CMD_LE", "Link Establishment"},
    [6] = {"XID_CMD_HO", "Handoff Initiation"},
    [7] = {"XID_CMD_LPM", "Link Parameter Modification"},
    [12] = {"XID_RSP_LE", "Link Establishment Response"},
    [13] = {"XID_RSP_LCR", "Link Connection Refused Response"},
    [14] = {"XID_RSP_HO", "Handoff Response"},
    [15] = {"XID_RSP_LPM", "Link Parameter Modification Response"},
};

struct octets {
    const uint8_t *p;
    size_t n;
};

/* Where groups and parameters are, one behind the other. False: no more, or cut off. */
static bool next(struct octets *all, size_t width, unsigned *id, struct octets *value)
{
    if (all->n < 1 + width)
        return false;
    *id = all->p[0];
    value->n = width == 2 ? (size_t)all->p[1] << 8 | all->p[2] : all->p[1];
    value->p = all->p + 1 + width;
    if (all->n - 1 - width < value->n)
        return false;
    all->p = value->p + value->n;
    all->n -= 1 + width + value->n;
    return true;
}

static bool find_group(const struct hz_vdl2_avlc *a, unsigned wanted, struct octets *group)
{
    struct octets all = {a->info + 1, a->info_len - 1};
    unsigned id;
    while (next(&all, 2, &id, group))
        if (id == wanted)
            return true;
    return false;
}

static void put_octets(const char *key, struct octets v, struct hz_json *j)
{
    hz_json_open_array(j, key);
    for (size_t i = 0; i < v.n; i++)
        hz_json_uint(j, NULL, v.p[i]);
    hz_json_close_array(j);
}

static void put_address(const char *key, const uint8_t *p, struct hz_json *j)
{
    struct hz_vdl2_address a;
    char text[8];
    hz_vdl2_address_read(p, &a);
    snprintf(text, sizeof text, "%06X", a.address);
    hz_json_str(j, key, text);
}

static void put_modulations(const char *key, unsigned bits, struct hz_json *j)
{
    hz_json_open_array(j, key);
    if (bits & 2)
        hz_json_str(j, NULL, "VDL-M2, D8PSK, 31500 bps");
    if (bits & 4)
        hz_json_str(j, NULL, "VDL-M3, D8PSK, 31500 bps");
    hz_json_close_array(j);
}

/* Channels are told in steps of 10 kHz, rounded down; they are multiples of 25 kHz. */
static void put_frequency(const char *key, const uint8_t *p, struct hz_json *j)
{
    unsigned khz = (hz_bits(p, 5, 12) + 10000) * 10;
    khz = (khz + 24) / 25 * 25;
    hz_json_open(j, key);
    hz_json_decimals(j, "freq_mhz", khz / 1e3, 3);
    put_modulations("modulation_support", p[0] >> 4, j);
    hz_json_close(j);
}

static void put_place(const char *key, const uint8_t *p, struct hz_vdl2_told *told,
                      struct hz_json *j)
{
    double lat = hz_bits_signed(p, 1, 12) / 10.0, lon = hz_bits_signed(p, 13, 12) / 10.0;
    hz_json_open(j, key);
    hz_json_decimals(j, "lat", lat, 1);
    hz_json_decimals(j, "lon", lon, 1);
    hz_json_close(j);
    if (fabs(lat) <= 90 && fabs(lon) <= 180) {
        told->lat = lat;
        told->lon = lon;
    }
}

static void put_cause(struct octets v, struct hz_json *j)
{
    hz_json_open(j, "value");
    hz_json_uint(j, "cause_code", v.p[0]);
    for (size_t i = 0; i < sizeof causes / sizeof causes[0]; i++)
        if (causes[i].code == v.p[0])
            hz_json_str(j, "cause_descr", causes[i].text);
    hz_json_uint(j, "delay", hz_bits(v.p, 9, 16));
    if (v.n > 3)
        put_octets("additional_data", (struct octets){v.p + 3, v.n - 3}, j);
    hz_json_close(j);
}

static void put_list(const struct parameter *p, struct octets v, struct hz_json *j)
{
    const size_t width = p->form == ADDRESSES ? 4 : 6;
    hz_json_open_array(j, "value");
    for (size_t i = 0; i + width <= v.n; i += width) {
        if (p->form == ADDRESSES) {
            put_address(NULL, v.p + i, j);
            continue;
        }
        hz_json_open(j, NULL);
        put_address("gs_addr", v.p + i + 2, j);
        put_frequency("gs_freq", v.p + i, j);
        hz_json_close(j);
    }
    hz_json_close_array(j);
}

static void put_value(const struct parameter *p, struct octets v, struct hz_vdl2_told *told,
                      struct hz_json *j)
{
    switch (p->form) {
    case OCTETS:
        put_octets("value", v, j);
        break;
    case TEXT:
        hz_json_strn(j, "value", (const char *)v.p, v.n);
        if ((p->id == 0x83 || p->id == 0xc3) && v.n == 4)
            memcpy(told->airport, v.p, 4);
        break;
    case NUMBER:
        hz_json_uint(j, "value", v.p[0]);
        break;
    case SEQUENCE:
        hz_json_open(j, "value");
        hz_json_uint(j, "seq", v.p[0] & 7);
        hz_json_uint(j, "retry", v.p[0] >> 4);
        hz_json_close(j);
        break;
    case CAUSE:
        put_cause(v, j);
        break;
    case MODULATIONS:
        put_modulations("value", v.p[0], j);
        break;
    case ADDRESSES:
    case FREQUENCIES:
        put_list(p, v, j);
        break;
    case FREQUENCY:
        put_frequency("value", v.p, j);
        break;
    case PLACE:
        put_place("value", v.p, told, j);
        break;
    case PLACE_HEIGHT:
        hz_json_open(j, "value");
        put_place("loc", v.p, told, j);
        told->alt_ft = v.p[3] * 1000;
        hz_json_int(j, "alt", told->alt_ft);
        hz_json_close(j);
        break;
    }
}

static void put_group(const char *key, const struct parameter *known, struct octets group,
                      struct hz_vdl2_told *told, struct hz_json *j)
{
    unsigned id;
    struct octets v;
    hz_json_open_array(j, key);
    while (next(&group, 1, &id, &v)) {
        const struct parameter *p = known;
        struct parameter unknown = {.form = OCTETS};
        char name[16];
        while (p->name && p->id != id)
            p++;
        if (!p->name || v.n < p->least) {
            snprintf(name, sizeof name, "unknown_%02x", id);
            unknown.name = p->name ? p->name : name;
            p = &unknown;
        }
        hz_json_open(j, NULL);
        hz_json_str(j, "name", p->name);
        put_value(p, v, told, j);
        hz_json_close(j);
    }
    hz_json_close_array(j);
}

/* h and r of the connection's management. */
static unsigned management(struct octets group)
{
    unsigned id;
    struct octets v;
    while (next(&group, 1, &id, &v))
        if (id == 0x01 && v.n > 0)
            return (v.p[0] & 1u) << 1 | (v.p[0] >> 1 & 1u);
    return 3;
}

void hz_vdl2_xid(const struct hz_vdl2_avlc *a, struct hz_vdl2_told *told, struct hz_json *j)
{
    struct octets group;
    bool good = a->info_len > 1 && a->info[0] == FORMAT && find_group(a, PRIVATE, &group);
    hz_json_bool(j, "err", !good);
    if (!good) {
        hz_json_hex(j, "data", a->info, a->info_len);
        return;
    }
    unsigned kind = (unsigned)a->response << 3 | (unsigned)a->poll << 2 | management(group);
    hz_json_str(j, "type", kinds[kind].name ? kinds[kind].name : "");
    hz_json_str(j, "type_descr", kinds[kind].text ? kinds[kind].text : "");
    if (find_group(a, PUBLIC, &group))
        put_group("pub_params", public_ones, group, told, j);
    find_group(a, PRIVATE, &group);
    put_group("vdl_params", private_ones, group, told, j);
}
