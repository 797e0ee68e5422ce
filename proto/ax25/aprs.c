/* Which kind of packet an information field is. */
#include "proto/ax25/aprs.h"

#include <string.h>

static hz_aprs_parser third_party;

/* By the first byte, the data type identifier (APRS 1.0.1, chapter 5). */
static const struct {
    char dti;
    hz_aprs_parser *parse;
} kinds[] = {
    {'!', hz_aprs_position},     {'=', hz_aprs_position},     {'/', hz_aprs_position},
    {'@', hz_aprs_position},     {'`', hz_aprs_mice},         {'\'', hz_aprs_mice},
    {'\x1c', hz_aprs_mice},      {'\x1d', hz_aprs_mice},      {'$', hz_aprs_nmea},
    {';', hz_aprs_object},       {')', hz_aprs_item},         {':', hz_aprs_message},
    {'>', hz_aprs_status},       {'[', hz_aprs_grid},         {'?', hz_aprs_query},
    {'<', hz_aprs_capabilities}, {'T', hz_aprs_telemetry},    {'_', hz_aprs_weather},
    {'}', third_party},          {'{', hz_aprs_user_defined},
};

/* "}SRC>DST,PATH:packet", heard elsewhere and sent again. One within another stays text. */
static const char *third_party(const struct hz_aprs_packet *p, struct hz_json *j)
{
    struct hz_ax25_header h;
    struct hz_text t = hz_text_after(p->info, 1), text = t, head = hz_text_split(&t, ':');
    if (p->inner || !hz_ax25_header_text(head.s, head.n, &h))
        return "thirdparty_inv";
    hz_json_str(j, "type", "thirdparty");
    hz_json_open(j, "thirdparty");
    hz_ax25_header_describe(&h, j);
    hz_text_json(j, "tnc2", text);
    hz_aprs_describe(&h, t, true, j);
    hz_json_close(j);
    return NULL;
}

/* A position may stand behind the text of an old TNC: '!' within the first 40 bytes. */
static bool position_within(struct hz_aprs_packet p, struct hz_json *j)
{
    struct hz_text head = hz_text_first(p.info, 40);
    const char *at = head.n ? memchr(head.s, '!', head.n) : NULL;
    if (!at)
        return false;
    p.info = hz_text_after(p.info, (size_t)(at - head.s));
    return hz_aprs_position(&p, j) == NULL;
}

void hz_aprs_describe(const struct hz_ax25_header *header, struct hz_text info, bool inner,
                      struct hz_json *j)
{
    struct hz_aprs_packet p = {header, info, inner};
    const char *why = NULL;
    if (info.n == 0)
        return;
    if (hz_text_starts(info, "!!")) {
        why = hz_aprs_ultimeter(&p, j);
    } else {
        for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
            if (kinds[i].dti != info.s[0])
                continue;
            if (info.s[0] == 'T' && !hz_text_starts(info, "T#"))
                break; /* a text that begins with T */
            why = kinds[i].parse(&p, j);
            if (!why)
                return;
        }
        if (position_within(p, j))
            return;
    }
    if (why)
        hz_json_str(j, "resultcode", why);
}
