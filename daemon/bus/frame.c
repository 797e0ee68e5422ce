#include "daemon/bus/frame.h"

#include "proto/out/field.h"

#include <stdlib.h>
#include <string.h>

enum {
    PREFIX_MAX = 64, /* `{"seq":18446744073709551615,"kind":"message",` */
    HEAD_ROOM = HZ_WS_ROOM + PREFIX_MAX,
    TAIL = 2, /* `}` and a newline */
};

/* Copies the bytes, which may be none, to that place in the frame's room. */
static const uint8_t *behind(const void *place, const void *from, size_t n)
{
    uint8_t *to = (uint8_t *)(uintptr_t)place;
    if (n > 0)
        memcpy(to, from, n);
    return to;
}

/* A room of the frame: HEAD_ROOM (not of speech), the text, TAIL, the raw bytes, the packet, the
 * marks. */
struct hz_frame *hz_frame_new(struct hz_topic *topic, const struct hz_record *rec, const char *more,
                              size_t more_len)
{
    bool lazy = rec->kind == HZ_KIND_AUDIO;
    size_t head = lazy ? 0 : HEAD_ROOM, text = rec->json_len + more_len;
    size_t marks = hz_marks_size(rec->n_fields);
    struct hz_frame *f =
        malloc(sizeof *f + head + text + TAIL + rec->raw_len + rec->opus_len + marks);
    if (!f)
        return NULL;
    *f = (struct hz_frame){.refs = 1, .topic = hz_topic_ref(topic), .rec = *rec};
    char *json = f->room + head;
    memcpy(json, rec->json, rec->json_len);
    behind(json + rec->json_len, more, more_len);
    memcpy(json + text, "}\n", TAIL);
    f->rec.json = json;
    f->rec.json_len = text;
    f->rec.raw = behind(json + text + TAIL, rec->raw, rec->raw_len);
    f->rec.opus = behind(f->rec.raw + rec->raw_len, rec->opus, rec->opus_len);
    f->rec.marks = behind(f->rec.opus + rec->opus_len, rec->marks, marks);
    return f;
}

struct hz_frame *hz_frame_ref(struct hz_frame *f)
{
    f->refs++;
    return f;
}

void hz_frame_unref(struct hz_frame *f)
{
    if (f && --f->refs == 0) {
        hz_topic_unref(f->topic);
        free(f->printed);
        free(f);
    }
}

/* FIN and the opcode, then a length of 7, 16 or 64 bits in network order. */
uint8_t hz_ws_header(char *end, enum hz_ws_opcode opcode, uint64_t n)
{
    uint8_t length_bytes = n < 126 ? 0 : n <= UINT16_MAX ? 2 : 8;
    uint8_t len = (uint8_t)(2 + length_bytes);
    char *p = end - len;
    p[0] = (char)(0x80 | opcode);
    p[1] = (char)(length_bytes == 0 ? n : length_bytes == 2 ? 126 : 127);
    for (int i = 0; i < length_bytes; i++)
        p[2 + i] = (char)(n >> (8 * (length_bytes - 1 - i)));
    return len;
}

/* `{"seq":N` */
static struct hz_json begin_line(const struct hz_frame *f, char *buf, size_t cap)
{
    struct hz_json j;
    hz_json_init(&j, buf, cap);
    hz_json_open(&j, NULL);
    hz_json_uint(&j, f->number, f->seq);
    return j;
}

void hz_frame_number(struct hz_frame *f, const char *number, uint64_t seq)
{
    f->number = number;
    f->seq = seq;
    if (f->rec.kind == HZ_KIND_AUDIO)
        return;
    char prefix[PREFIX_MAX];
    struct hz_json j = begin_line(f, prefix, sizeof prefix);
    hz_json_str(&j, "kind", hz_kind_name(f->rec.kind));
    if (f->rec.json_len > 0)
        hz_json_raw(&j, ",", 1);
    char *line = f->room + HEAD_ROOM - j.len;
    memcpy(line, prefix, j.len);
    f->data = line;
    f->len = j.len + f->rec.json_len + TAIL;
    f->ws_len = hz_ws_header(line, HZ_WS_TEXT, f->len - 1);
}

bool hz_frame_print(struct hz_frame *f)
{
    if (f->data)
        return true;
    size_t cap = PREFIX_MAX + f->rec.json_len + (f->rec.raw_len + 2) / 3 * 4 + 16 + TAIL;
    f->printed = malloc(HZ_WS_ROOM + cap);
    if (!f->printed)
        return false;
    char *line = f->printed + HZ_WS_ROOM;
    struct hz_json j = begin_line(f, line, cap);
    hz_record_print(&f->rec, &j);
    hz_json_raw(&j, "}\n", TAIL);
    f->data = line;
    f->len = j.len;
    f->ws_len = hz_ws_header(line, HZ_WS_TEXT, f->len - 1);
    return true;
}

size_t hz_frame_size(const struct hz_frame *f)
{
    return sizeof *f + HEAD_ROOM + f->rec.json_len + f->rec.raw_len + f->rec.opus_len +
           hz_marks_size(f->rec.n_fields);
}
