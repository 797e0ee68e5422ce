#include "proto/vdl2/describe.h"

#include "proto/acars/fields.h"
#include "proto/out/record.h"
#include "proto/vdl2/avlc.h"
#include "proto/vdl2/x25.h"
#include "proto/vdl2/xid.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define ADDRESS "'type': 'string', 'pattern': '^[0-9a-f]{6}$'"

const struct hz_field hz_vdl2_fields[] = {
    {"type", "",
     "acars, x25 or unknown, by what an I frame carries; xid; of other frames rr, rnr, rej, srej, "
     "ui, dm, disc, ua, frmr, test, other",
     "'enum': ['acars', 'x25', 'unknown', 'xid', 'rr', 'rnr', 'rej', 'srej', 'ui', 'dm', 'disc', "
     "'ua', 'frmr', 'test', 'other']"},
    {"src", "", "address of the sender: of an aircraft that of its transponder", ADDRESS},
    {"dst", "", "address of the receiver; ffffff: all", ADDRESS},
    {"tail", "", "of ACARS: the registration", "'type': 'string'"},
    {"flight", "", "of ACARS: airline and number", "'type': 'string'"},
    {"label", "", "of ACARS: what the message is about", "'type': 'string'"},
    {"text", "", "of ACARS: with the last block of a message the text of all of them",
     "'type': 'string'"},
    {"blocks", "", "of ACARS: blocks that the text was joined from; missing: one",
     "'type': 'integer', 'minimum': 2"},
    {"truncated", "", "true: not all of the text found room", "'const': true"},
    {"label_text", "", "what the label means", "'type': 'string'"},
    {"depa", "", "airport of departure, as ICAO codes it", "'type': 'string'"},
    {"dsta", "", "airport of arrival", "'type': 'string'"},
    {"eta", "UTC", "when it will be there, hhmm", "'type': 'string'"},
    {"gtout", "UTC", "when it left the gate, hhmm", "'type': 'string'"},
    {"wloff", "UTC", "when it took off", "'type': 'string'"},
    {"wlin", "UTC", "when it landed", "'type': 'string'"},
    {"gtin", "UTC", "when it reached the gate", "'type': 'string'"},
    {"ground_station", "", "of a squitter: where the station is", "'type': 'string'"},
    {"lat", "degrees",
     "where the sender says that it is, north positive; of XID to a tenth of a degree",
     "'type': 'number', 'minimum': -90, 'maximum': 90"},
    {"lon", "degrees", "the same, east positive",
     "'type': 'number', 'minimum': -180, 'maximum': 180"},
    {"alt", "ft", "height of an aircraft", "'type': 'number'"},
    {"airport", "",
     "of XID: where the aircraft goes, or which one is nearest to the ground station",
     "'type': 'string'"},
    {"burst_len_octets", "", "octets of data in the transmission",
     "'type': 'integer', 'minimum': 0"},
    {"hdr_bits_fixed", "", "bits of its header that were wrong", "'type': 'integer', 'minimum': 0"},
    {"octets_corrected_by_fec", "", "octets of its data that were wrong",
     "'type': 'integer', 'minimum': 0"},
    {"idx", "", "number of the frame in the transmission, from 0",
     "'type': 'integer', 'minimum': 0"},
    {"avlc", "",
     "the frame as dumpvdl2 tells it: `src`, `dst`, `cr`, `frame_type`, `cmd`, `rseq`, `sseq`, "
     "`poll` or `pf`, and one of `acars`, `xid`, `x25`, `unknown_proto`",
     "'type': 'object', 'required': ['src', 'dst', 'cr', 'frame_type']"},
    {0},
};

/* What a kind is called: by us, by dumpvdl2. */
static const struct {
    const char *type, *cmd;
} kinds[] = {
    [HZ_VDL2_I] = {"x25", NULL},
    [HZ_VDL2_RR] = {"rr", "Receive Ready"},
    [HZ_VDL2_RNR] = {"rnr", "Receive not Ready"},
    [HZ_VDL2_REJ] = {"rej", "Reject"},
    [HZ_VDL2_SREJ] = {"srej", "Selective Reject"},
    [HZ_VDL2_UI] = {"ui", "UI"},
    [HZ_VDL2_DM] = {"dm", "DM"},
    [HZ_VDL2_DISC] = {"disc", "DISC"},
    [HZ_VDL2_UA] = {"ua", "UA"},
    [HZ_VDL2_FRMR] = {"frmr", "FRMR"},
    [HZ_VDL2_XID] = {"xid", "XID"},
    [HZ_VDL2_TEST] = {"test", "TEST"},
    [HZ_VDL2_OTHER] = {"other", "unknown"},
};

static void put_address(const char *key, const struct hz_vdl2_address *a, const char *status,
                        struct hz_json *j)
{
    char text[8];
    snprintf(text, sizeof text, "%06X", a->address);
    hz_json_open(j, key);
    hz_json_str(j, "addr", text);
    hz_json_str(j, "type", hz_vdl2_type_name(a->type));
    if (status)
        hz_json_str(j, "status", status);
    hz_json_close(j);
}

static void put_control(const struct hz_vdl2_avlc *a, struct hz_json *j)
{
    hz_json_str(j, "cr", a->response ? "Response" : "Command");
    hz_json_str(j, "frame_type", a->kind == HZ_VDL2_I ? "I" : a->kind <= HZ_VDL2_SREJ ? "S" : "U");
    if (kinds[a->kind].cmd)
        hz_json_str(j, "cmd", kinds[a->kind].cmd);
    if (a->kind <= HZ_VDL2_SREJ)
        hz_json_uint(j, "rseq", a->received);
    if (a->kind == HZ_VDL2_I)
        hz_json_uint(j, "sseq", a->sent);
    hz_json_bool(j, a->kind == HZ_VDL2_I ? "poll" : "pf", a->poll);
}

/* What a frame carries. */
struct contents {
    const char *type; /* of the message */
    struct hz_vdl2_told told;
    struct hz_acars_block block; /* of type acars */
    struct hz_acars_joined joined;
    bool crc_ok;
};

static void put_hex(const struct hz_vdl2_avlc *a, struct hz_json *j)
{
    hz_json_open(j, "unknown_proto");
    hz_json_hex(j, "data", a->info, a->info_len);
    hz_json_close(j);
}

/* A block of ACARS stands behind three octets. */
static bool read_acars(const struct hz_vdl2_avlc *a, const struct hz_vdl2_heard *heard,
                       struct contents *c)
{
    static const uint8_t begins[] = {0xff, 0xff, HZ_ACARS_SOH};
    const size_t head = sizeof begins;
    if (a->info_len < head || memcmp(a->info, begins, head) != 0)
        return false;
    int n = hz_acars_parse(a->info + head, a->info_len - head, &c->block);
    if (n < 0)
        return false;
    c->crc_ok = head + (size_t)n + 2 <= a->info_len &&
                hz_acars_crc(a->info + head, (size_t)n + 2) == HZ_ACARS_CRC_GOOD;
    c->joined = hz_acars_join_block(heard->join, &c->block, heard->ms);
    return true;
}

static void put_information(const struct hz_vdl2_avlc *a, struct contents *c, struct hz_json *j)
{
    if (strcmp(c->type, "acars") == 0) {
        hz_json_open(j, "acars");
        hz_acars_write_libacars(j, &c->block, &c->joined, c->crc_ok);
        hz_json_close(j);
    } else if (a->kind == HZ_VDL2_XID) {
        hz_json_open(j, "xid");
        hz_vdl2_xid(a, &c->told, j);
        hz_json_close(j);
    } else if (a->kind == HZ_VDL2_I) {
        hz_json_open(j, "x25");
        hz_vdl2_x25(a->info, a->info_len, j);
        hz_json_close(j);
    } else if (a->info_len > 0) {
        put_hex(a, j);
    }
}

static void put_acars(const struct contents *c, struct hz_json *j)
{
    hz_json_str(j, "tail", hz_acars_registration(&c->block));
    if (c->block.flight[0])
        hz_json_str(j, "flight", c->block.flight);
    hz_json_str(j, "label", c->block.label);
    if (c->block.has_text)
        hz_json_strn(j, "text", c->joined.text, c->joined.len);
    if (c->joined.part == HZ_ACARS_COMPLETE) {
        hz_json_uint(j, "blocks", c->joined.blocks);
        if (c->joined.cut)
            hz_json_bool(j, "truncated", true);
    }
    hz_acars_write_contents(j, &c->block, &c->joined);
}

static void put_told(const struct hz_vdl2_told *told, struct hz_json *j)
{
    if (told->airport[0])
        hz_json_str(j, "airport", told->airport);
    if (isnan(told->lat))
        return;
    hz_json_decimals(j, "lat", told->lat, 1);
    hz_json_decimals(j, "lon", told->lon, 1);
    hz_about_position(j, told->lat, told->lon);
    if (told->alt_ft >= 0)
        hz_json_int(j, "alt", told->alt_ft);
}

void hz_vdl2_describe(const uint8_t *frame, size_t n, const struct hz_vdl2_heard *heard,
                      struct hz_json *j)
{
    struct hz_vdl2_avlc a;
    struct contents c = {.told = {.lat = NAN, .lon = NAN, .alt_ft = -1}};
    char src[8], dst[8];
    hz_vdl2_avlc_read(frame, n, &a);
    snprintf(src, sizeof src, "%06x", a.src.address);
    snprintf(dst, sizeof dst, "%06x", a.dst.address);
    bool data = a.kind == HZ_VDL2_I || a.kind == HZ_VDL2_UI;
    c.type = data && read_acars(&a, heard, &c)                            ? "acars"
             : a.kind == HZ_VDL2_I && !hz_vdl2_is_x25(a.info, a.info_len) ? "unknown"
                                                                          : kinds[a.kind].type;
    hz_json_str(j, "type", c.type);
    hz_json_str(j, "src", src);
    hz_json_str(j, "dst", dst);
    hz_about_id(j, src);
    if (strcmp(c.type, "acars") == 0)
        put_acars(&c, j);
    hz_json_uint(j, "burst_len_octets", heard->burst_octets);
    hz_json_uint(j, "hdr_bits_fixed", heard->header_fixed);
    hz_json_uint(j, "octets_corrected_by_fec", heard->octets_fixed);
    hz_json_uint(j, "idx", heard->index);
    hz_json_open(j, "avlc");
    put_address("src", &a.src, a.on_ground ? "On ground" : "Airborne", j);
    put_address("dst", &a.dst, NULL, j);
    put_control(&a, j);
    put_information(&a, &c, j);
    hz_json_close(j);
    put_told(&c.told, j);
}
