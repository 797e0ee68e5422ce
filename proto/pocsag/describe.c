#include "proto/pocsag/describe.h"

#include "proto/out/record.h"

const float hz_pocsag_quality_kept = 0.6f, hz_pocsag_quality_sure = 0.9f;

const struct hz_field hz_pocsag_fields[] = {
    {"baud", "bit/s", "rate: 512, 1200 or 2400", "'enum': [512, 1200, 2400]"},
    {"inverted", "", "true: a binary 1 is the higher frequency; the standard says the lower",
     "'type': 'boolean'"},
    {"address", "", "of the pager (RIC, capcode), 0 to 2097151; its last three bits are the frame",
     "'type': 'integer', 'minimum': 0, 'maximum': 2097151"},
    {"function", "", "0 to 3: what the pager is to do; by custom 0 digits, 3 text",
     "'type': 'integer', 'minimum': 0, 'maximum': 3"},
    {"type", "", "tone, numeric or alpha: what the page is, or is likelier to be",
     "'enum': ['tone', 'numeric', 'alpha']"},
    {"numeric", "",
     "the message as digits, spaces at its end left out; beside alpha where it could be either",
     "'type': 'string', 'pattern': '^[0-9*U \\\\[\\\\]-]*$'"},
    {"alpha", "",
     "the message as text, NUL, ETX and EOT at its end left out; the likelier one stands first",
     "'type': 'string'"},
    {"quality", "",
     "how sure the codewords are, 0 to 1: that of the worst; 1: its batch is without an error",
     "'type': 'number', 'minimum': 0, 'maximum': 1"},
    {"doubtful", "", "true: the quality is low, some of it may be wrong", "'const': true"},
    {"truncated", "", "true: the transmission ended or was lost with the message unfinished",
     "'const': true"},
    {0},
};

void hz_pocsag_describe(const struct hz_pocsag_page *p, const struct hz_pocsag_line *line,
                        const struct hz_pocsag_network *network, struct hz_json *j)
{
    static const char *const kinds[] = {"tone", "numeric", "alpha"};
    struct hz_pocsag_text text;
    hz_pocsag_text_read(p, network, &text);
    hz_json_uint(j, "baud", hz_pocsag_baud[line->baud]);
    hz_json_bool(j, "inverted", line->inverted);
    hz_json_uint(j, "address", p->address);
    hz_about_number(j, p->address);
    hz_json_uint(j, "function", p->function);
    hz_json_str(j, "type", kinds[text.kind]);
    if (text.kind == HZ_POCSAG_NUMERIC)
        hz_json_strn(j, "numeric", text.numeric, text.numeric_len);
    if (text.kind == HZ_POCSAG_ALPHA || text.both)
        hz_json_strn(j, "alpha", text.alpha, text.alpha_len);
    if (text.kind == HZ_POCSAG_ALPHA && text.both)
        hz_json_strn(j, "numeric", text.numeric, text.numeric_len);
    hz_json_decimals(j, "quality", (double)p->quality, 2);
    if (p->quality < hz_pocsag_quality_sure)
        hz_json_bool(j, "doubtful", true);
    if (p->truncated)
        hz_json_bool(j, "truncated", true);
}
