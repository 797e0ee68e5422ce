#include "proto/flex/describe.h"

#include "proto/out/record.h"

#include <stdio.h>
#include <string.h>

/* Quality under which a message is not told, and under which it is marked as doubtful. */
static const float quality_kept = 0.5f, quality_sure = 0.8f;

const struct hz_field hz_flex_fields[] = {
    {"sync_baud", "Bd", "symbols a second: 1600 or 3200", "'enum': [1600, 3200]"},
    {"sync_level", "", "levels of a symbol: 2 or 4", "'enum': [2, 4]"},
    {"phase_number", "", "the phase that carried it: A to D", "'enum': ['A', 'B', 'C', 'D']"},
    {"cycle_number", "", "0 to 14: four minutes of the hour; missing where it was not received",
     "'type': 'integer', 'minimum': 0, 'maximum': 15"},
    {"frame_number", "", "0 to 127: the frame of the cycle; missing where it was not received",
     "'type': 'integer', 'minimum': 0, 'maximum': 127"},
    {"inverted", "", "true: a binary 1 is the lower frequency; usual is the higher",
     "'type': 'boolean'"},
    {"capcode", "", "of the pager, up to 4297068542; 2029568 to 2029583: a group",
     "'type': 'integer', 'minimum': 0, 'maximum': 4297068542"},
    {"long", "", "true: the address has two words", "'const': true"},
    {"type", "", "what the message is",
     "'enum': ['tone', 'numeric', 'alpha', 'binary', 'secure', 'instruction']"},
    {"message", "", "text of alpha and secure, digits of numeric, hexadecimal digits of binary",
     "'type': 'string'"},
    {"number", "", "of the message, 0 to 63, as the network counts them",
     "'type': 'integer', 'minimum': 0, 'maximum': 63"},
    {"fragments", "", "from how many it was joined; missing: it came in one",
     "'type': 'integer', 'minimum': 1"},
    {"group", "", "capcodes of the pagers that a message to a group is for",
     "'type': 'array', 'items': {'type': 'integer'}"},
    {"group_capcode", "", "of an instruction: the group whose next message is for this pager too",
     "'type': 'integer', 'minimum': 2029568, 'maximum': 2029583"},
    {"group_frame", "", "and the frame in which it comes",
     "'type': 'integer', 'minimum': 0, 'maximum': 127"},
    {"tone", "", "of a tone-only page: which of the pager's tones, 0 to 7",
     "'type': 'integer', 'minimum': 0, 'maximum': 7"},
    {"bits_per_character", "", "of binary: 1 to 16", "'type': 'integer', 'minimum': 1"},
    {"maildrop", "", "true: information for many, kept apart from messages", "'const': true"},
    {"checked", "", "true: the checksum of the message is right", "'const': true"},
    {"quality", "", "how sure the codewords without a right checksum are, 0 to 1: the worst",
     "'type': 'number', 'minimum': 0, 'maximum': 1"},
    {"doubtful", "", "true: some of it may be wrong", "'const': true"},
    {"truncated", "", "true: fragments are missing", "'const': true"},
    {0},
};

bool hz_flex_trusted(const struct hz_flex_message *m)
{
    return m->page.checked || m->page.quality >= quality_kept;
}

static void describe_text(const struct hz_flex_message *m, enum hz_charset charset,
                          struct hz_json *j)
{
    char text[3 * HZ_FLEX_JOINED_TEXT];
    size_t len = 0;
    bool letters = m->page.kind == HZ_FLEX_ALPHA || m->page.kind == HZ_FLEX_SECURE;
    for (size_t i = 0; i < m->len; i++) {
        const char *other = letters ? hz_charset_text(charset, m->text[i]) : NULL;
        size_t bytes = other ? strlen(other) : 1;
        if (len + bytes > sizeof text)
            break;
        memcpy(text + len, other ? other : &m->text[i], bytes);
        len += bytes;
    }
    hz_json_strn(j, "message", text, len);
}

static void describe_parts(const struct hz_flex_message *m, struct hz_json *j)
{
    const struct hz_flex_page *p = &m->page;
    if (p->numbered)
        hz_json_uint(j, "number", p->number);
    if (m->fragments > 1)
        hz_json_uint(j, "fragments", m->fragments);
    if (m->members > 0) {
        hz_json_open_array(j, "group");
        for (unsigned i = 0; i < m->members; i++)
            hz_json_uint(j, NULL, m->member[i]);
        hz_json_close_array(j);
    }
    if (p->joins) {
        hz_json_uint(j, "group_capcode", HZ_FLEX_GROUP + p->group);
        hz_json_uint(j, "group_frame", p->group_frame);
    }
    if (p->tone >= 0)
        hz_json_int(j, "tone", p->tone);
    if (p->bits_per_character > 0)
        hz_json_uint(j, "bits_per_character", p->bits_per_character);
    if (p->maildrop)
        hz_json_bool(j, "maildrop", true);
}

static void describe_address(const struct hz_flex_page *p, struct hz_json *j)
{
    char id[24];
    snprintf(id, sizeof id, "%llu", (unsigned long long)p->capcode);
    hz_json_uint(j, "capcode", p->capcode);
    hz_about_id(j, id);
    if (p->is_long)
        hz_json_bool(j, "long", true);
}

void hz_flex_describe(const struct hz_flex_message *m, const struct hz_flex_frame *f,
                      enum hz_charset charset, struct hz_json *j)
{
    static const char *const kinds[HZ_FLEX_KINDS] = {"tone",   "numeric", "alpha",
                                                     "binary", "secure",  "instruction"};
    const struct hz_flex_page *p = &m->page;
    hz_json_uint(j, "sync_baud", hz_flex_modes[f->mode].baud);
    hz_json_uint(j, "sync_level", hz_flex_modes[f->mode].levels);
    hz_json_strn(j, "phase_number", &m->phase, 1);
    if (f->informed) {
        hz_json_uint(j, "cycle_number", f->cycle);
        hz_json_uint(j, "frame_number", f->number);
    }
    hz_json_bool(j, "inverted", f->inverted);
    describe_address(p, j);
    hz_json_str(j, "type", kinds[p->kind]);
    if (p->kind != HZ_FLEX_TONE && p->kind != HZ_FLEX_INSTRUCTION)
        describe_text(m, charset, j);
    describe_parts(m, j);
    if (p->checked)
        hz_json_bool(j, "checked", true);
    hz_json_decimals(j, "quality", (double)p->quality, 2);
    if (p->unchecked || p->quality < (p->checked ? quality_kept : quality_sure))
        hz_json_bool(j, "doubtful", true);
    if (m->truncated)
        hz_json_bool(j, "truncated", true);
}
