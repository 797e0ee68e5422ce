/* What frames of VDL2 say, held against what dumpvdl2 told of 199 frames from the air: each is made
 * from its line by an encoder of its own, and described again. */
#include "proto/vdl2/describe.h"
#include "sim/vdl2.h"
#include "tests/unit/capture.h"
#include "tests/unit/told.h"

#include <string.h>

static const cJSON *member(const cJSON *o, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(o, name);
}

static unsigned number(const cJSON *o, const char *name)
{
    const cJSON *v = member(o, name);
    return cJSON_IsBool(v) ? cJSON_IsTrue(v) != 0 : (unsigned)cJSON_GetNumberValue(v);
}

static const char *text(const cJSON *o, const char *name)
{
    const char *s = cJSON_GetStringValue(member(o, name));
    return s ? s : "";
}

/* ---- a frame of a line ---- */

static struct hz_sim_vdl2_address address(const cJSON *o, bool status)
{
    const char *type = text(o, "type");
    return (struct hz_sim_vdl2_address){.type = strcmp(type, "Aircraft") == 0         ? 1
                                                : strcmp(type, "Ground station") == 0 ? 4
                                                                                      : 7,
                                        .address = (uint32_t)strtoul(text(o, "addr"), NULL, 16),
                                        .status = status};
}

struct octets {
    uint8_t p[600];
    size_t n;
};

static void put(struct octets *o, unsigned octet)
{
    cr_assert_lt(o->n, sizeof o->p);
    o->p[o->n++] = (uint8_t)octet;
}

static void put_text(struct octets *o, const char *s)
{
    for (; *s; s++)
        put(o, (uint8_t)*s);
}

static void put_acars(struct octets *o, const cJSON *a)
{
    const size_t begin = o->n + 3;
    bool down = text(a, "blk_id")[0] >= '0' && text(a, "blk_id")[0] <= '9';
    uint32_t crc = 0;
    put_text(o, "\xff\xff\x01");
    put_text(o, text(a, "mode"));
    put_text(o, text(a, "reg"));
    put(o, text(a, "ack")[0] == '!' ? 0x15 : (uint8_t)text(a, "ack")[0]);
    put(o, (uint8_t)text(a, "label")[0]);
    put(o, text(a, "label")[1] == 'd' && text(a, "label")[0] == '_' ? 0x7f
                                                                    : (uint8_t)text(a, "label")[1]);
    put_text(o, text(a, "blk_id"));
    put(o, 0x02);
    if (down) {
        put_text(o, text(a, "msg_num"));
        put_text(o, text(a, "msg_num_seq"));
        put_text(o, text(a, "flight"));
    }
    if (*text(a, "sublabel")) {
        put_text(o, down ? "#" : "- #");
        put_text(o, text(a, "sublabel"));
        put_text(o, down ? "B" : "");
    }
    if (*text(a, "mfi")) {
        put_text(o, "/");
        put_text(o, text(a, "mfi"));
        put_text(o, " ");
    }
    put_text(o, text(a, "msg_text"));
    put(o, number(a, "more") ? 0x17 : 0x03);
    for (size_t i = begin; i < o->n; i++)
        o->p[i] |= (uint8_t)(__builtin_parity(o->p[i]) ? 0 : 0x80);
    for (size_t i = 8 * begin; i < 8 * o->n; i++) {
        uint32_t in = o->p[i / 8] >> i % 8 & 1;
        crc = (crc ^ in) & 1 ? crc >> 1 ^ 0x8408 : crc >> 1;
    }
    put(o, crc);
    put(o, crc >> 8);
    put(o, 0x7f);
}

/* A block that others of its message follow. */
struct begun {
    char reg[8], number[4], text[700];
};

/* dumpvdl2 tells the text of the whole message with its last block: leaves that block's own, and
 * puts back what it tells. */
static void only_last_block(cJSON *a, struct begun *b)
{
    cJSON *t = cJSON_GetObjectItemCaseSensitive(a, "msg_text");
    size_t n = strlen(b->text);
    bool same = strcmp(text(a, "reg"), b->reg) == 0 && strcmp(text(a, "msg_num"), b->number) == 0;
    if (!same)
        n = 0;
    if (number(a, "more")) {
        snprintf(b->reg, sizeof b->reg, "%s", text(a, "reg"));
        snprintf(b->number, sizeof b->number, "%s", text(a, "msg_num"));
        snprintf(b->text + n, sizeof b->text - n, "%s", t->valuestring);
    } else if (same && strncmp(b->text, t->valuestring, n) == 0) {
        cJSON_SetValuestring(t, t->valuestring + n);
    }
}

/* Places are told as floats: 34.799999. */
static void round_places(cJSON *o)
{
    cJSON *item;
    cJSON_ArrayForEach(item, o)
    {
        if (cJSON_IsNumber(item))
            cJSON_SetNumberValue(item, round(10 * item->valuedouble) / 10);
        round_places(item);
    }
}

/* The parameter's octets; its number is found by its name. */
static void put_parameter(struct octets *o, const cJSON *p)
{
    static const struct {
        const char *name;
        uint8_t id;
    } ids[] = {{"procedure_classes", 2}, {"hdlc_options", 3},          {"conn_mgmt", 1},
               {"xid_sequencing", 3},    {"avlc_specific_options", 4}, {"dst_airport", 0x83},
               {"ac_location", 0x84}};
    const cJSON *v = member(p, "value");
    const char *name = text(p, "name");
    struct octets value = {.n = 0};
    unsigned id = strcmp(text(p, "value"), "V") == 0 ? 0 : 1; /* of the set of parameters */
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++)
        id = strcmp(ids[i].name, name) == 0 ? ids[i].id : id;
    if (cJSON_IsString(v)) {
        put_text(&value, v->valuestring);
    } else if (cJSON_IsNumber(v)) {
        put(&value, (unsigned)v->valuedouble);
    } else if (cJSON_IsArray(v)) {
        for (const cJSON *e = v->child; e; e = e->next)
            put(&value, (unsigned)e->valuedouble);
    } else if (member(v, "seq")) {
        put(&value, number(v, "retry") << 4 | number(v, "seq"));
    } else {
        const cJSON *loc = member(v, "loc");
        int lat = (int)lround(10 * cJSON_GetNumberValue(member(loc, "lat")));
        int lon = (int)lround(10 * cJSON_GetNumberValue(member(loc, "lon")));
        uint32_t both = ((uint32_t)lat & 0xfff) << 12 | ((uint32_t)lon & 0xfff);
        put(&value, both >> 16 & 255);
        put(&value, both >> 8 & 255);
        put(&value, both & 255);
        put(&value, number(v, "alt") / 1000);
    }
    put(o, id);
    put(o, (unsigned)value.n);
    for (size_t i = 0; i < value.n; i++)
        put(o, value.p[i]);
}

static void put_group(struct octets *o, unsigned id, const cJSON *parameters)
{
    size_t begin = o->n;
    put(o, id);
    put(o, 0);
    put(o, 0);
    for (const cJSON *p = parameters->child; p; p = p->next)
        put_parameter(o, p);
    o->p[begin + 2] = (uint8_t)(o->n - begin - 3);
}

/* dumpvdl2's JSON has the two counters of an I frame the wrong way round. */
static size_t make_frame(const cJSON *avlc, uint8_t *frame)
{
    const cJSON *src = member(avlc, "src"), *xid = member(avlc, "xid");
    const char *type = text(avlc, "frame_type");
    struct octets o = {.n = 0};
    unsigned control = type[0] == 'I' ? number(avlc, "sseq") << 5 | number(avlc, "poll") << 4 |
                                            number(avlc, "rseq") << 1
                       : type[0] == 'S' ? number(avlc, "rseq") << 5 | number(avlc, "pf") << 4 | 1
                                        : 0xafu | number(avlc, "pf") << 4;
    if (member(avlc, "acars"))
        put_acars(&o, member(avlc, "acars"));
    if (xid) {
        put(&o, 0x82);
        put_group(&o, 0x80, member(xid, "pub_params"));
        put_group(&o, 0xf0, member(xid, "vdl_params"));
    }
    struct hz_sim_vdl2_address to = address(member(avlc, "dst"),
                                            strcmp(text(src, "status"), "On ground") == 0),
                               from = address(src, strcmp(text(avlc, "cr"), "Response") == 0);
    return hz_sim_vdl2_frame(&to, &from, (uint8_t)control, o.p, o.n, frame);
}

/* ---- what is told of it ---- */

static cJSON *describe(const uint8_t *frame, size_t n, struct hz_acars_join *join)
{
    static char line[16384];
    struct hz_json j;
    const struct hz_vdl2_heard heard = {.burst_octets = 100, .join = join};
    hz_json_init(&j, line, sizeof line);
    hz_json_open(&j, NULL);
    hz_vdl2_describe(frame, n, &heard, &j);
    hz_json_close(&j);
    cr_assert(!j.full);
    cJSON *o = cJSON_ParseWithLength(line, j.len);
    cr_assert(o);
    return o;
}

static void compare(const cJSON *got, const cJSON *want)
{
    static const char *const counters[] = {"rseq", "sseq", "acars", NULL};
    static const char *const other_program[] = {"arinc622", NULL};
    static const char *const none[] = {NULL};
    bool turned = text(want, "frame_type")[0] == 'I';
    told_same(got, want, turned ? counters : none, true);
    cr_expect_eq(number(got, "rseq"), number(want, turned ? "sseq" : "rseq"));
    if (turned)
        cr_expect_eq(number(got, "sseq"), number(want, "rseq"));
    if (member(want, "acars"))
        told_same(member(got, "acars"), member(want, "acars"), other_program, true);
}

Test(vdl2_contents, frames_that_dumpvdl2_told_of)
{
    static struct hz_acars_join join;
    struct begun begun = {.reg = ""};
    char path[512];
    uint8_t frame[700];
    size_t frames = 0, positions = 0;
    snprintf(path, sizeof path, "%s/air/vdl2/acarshub_vdl2_a.jsonl", capture_shared());
    FILE *f = fopen(path, "r");
    if (!f)
        cr_skip_test("%s is not there", path);
    for (cJSON *line; (line = told_line(f)); cJSON_Delete(line), frames++) {
        cJSON *want = cJSON_GetObjectItemCaseSensitive(member(line, "vdl2"), "avlc");
        cJSON *sent = cJSON_Duplicate(want, true);
        if (member(sent, "acars"))
            only_last_block(cJSON_GetObjectItemCaseSensitive(sent, "acars"), &begun);
        cJSON *got = describe(frame, make_frame(sent, frame), &join);
        round_places(cJSON_GetObjectItemCaseSensitive(want, "xid"));
        compare(member(got, "avlc"), want);
        cr_expect_str_eq(text(member(member(got, "avlc"), "src"), "addr"),
                         text(member(want, "src"), "addr"));
        positions += cJSON_IsNumber(member(got, "lat")) != 0;
        cJSON_Delete(got);
        cJSON_Delete(sent);
    }
    fclose(f);
    cr_expect_eq(frames, 199);
    cr_expect_geq(positions, 2);
}

/* Ground stations as the tables of Annex 10 have them: position, frequencies, airports. */
Test(vdl2_contents, a_ground_station)
{
    static const uint8_t information[] = {
        0x82, 0x80, 0x00, 0x0b, 0x01, 0x09, '8',  '8',  '8',  '5',  ':',  '1',  '9',  '9',
        '3',                                                              /* */
        0xf0, 0x00, 0x1b, 0x00, 0x01, 'V',  0xc8, 0x03, 0x20, 0x2f, 0xce, /* 51.4 N, 5.0 W */
        0xc3, 0x04, 'E',  'G',  'L',  'L',  0xc0, 0x06, 0x2e, 0x71, 0x94, 0x10, 0xf0, 0xdc, /* */
        0x06, 0x03, 0x82, 0x00, 0x3c};
    const struct hz_sim_vdl2_address all = {7, 0xffffff, 1}, station = {4, 0x2207bb, 0};
    static struct hz_acars_join join;
    uint8_t frame[100];
    size_t n = hz_sim_vdl2_frame(&all, &station, 0xaf, information, sizeof information, frame);
    cJSON *got = describe(frame, n, &join);
    const cJSON *xid = member(member(got, "avlc"), "xid");
    const cJSON *list = member(xid, "vdl_params");
    cr_expect_str_eq(text(xid, "type"), "GSIF");
    cr_expect_str_eq(text(got, "dst"), "ffffff");
    cr_expect_str_eq(text(got, "airport"), "EGLL");
    cr_expect_float_eq(cJSON_GetNumberValue(member(got, "lat")), 51.4, 1e-9);
    cr_expect_float_eq(cJSON_GetNumberValue(member(got, "lon")), -5.0, 1e-9);
    const cJSON *channel = cJSON_GetArrayItem(member(cJSON_GetArrayItem(list, 3), "value"), 0);
    cr_expect_str_eq(text(channel, "gs_addr"), "2207BB");
    cr_expect_float_eq(cJSON_GetNumberValue(member(member(channel, "gs_freq"), "freq_mhz")),
                       136.975, 1e-9); /* 3697 + 10000, times 10 kHz, up to a multiple of 25 kHz */
    const cJSON *cause = member(cJSON_GetArrayItem(list, 4), "value");
    cr_expect_str_eq(text(cause, "cause_descr"), "Ground system out of resources");
    cr_expect_eq(number(cause, "delay"), 60);
    cJSON_Delete(got);
}

static void expect_packet(const uint8_t *packet, size_t n, const char *type, const char *inside)
{
    const struct hz_sim_vdl2_address to = {4, 0x1144aa, 0}, from = {1, 0xabfdaf, 0};
    static struct hz_acars_join join;
    uint8_t frame[100];
    cJSON *got = describe(frame, hz_sim_vdl2_frame(&to, &from, 0, packet, n, frame), &join);
    const cJSON *x25 = member(member(got, "avlc"), "x25");
    cr_expect_str_eq(text(x25, "pkt_type_name"), type);
    cr_expect(!*inside || member(x25, inside), "%s: %s", type, inside);
    cJSON_Delete(got);
}

Test(vdl2_contents, packets)
{
    static const uint8_t data[] = {0x10, 0x01, 0x62, 0x81, 1, 2}, ready[] = {0x10, 0x01, 0x41},
                         request[] = {0x10, 0x01, 0x0b, 0x00, 0x00, 0xc1, 0x05,
                                      0x01, 0x00, 0x00, 0x43, 0x00, 0x82, 9},
                         clear[] = {0x10, 0x01, 0x13, 0x00, 0x90}, short_one[] = {0x10};
    expect_packet(data, sizeof data, "Data", "clnp");
    expect_packet(ready, sizeof ready, "Receive Ready", "rseq");
    expect_packet(request, sizeof request, "Call Request", "esis");
    expect_packet(clear, sizeof clear, "Clear Request", "diag_code");
    expect_packet(short_one, sizeof short_one, "", "unknown_proto");
}
