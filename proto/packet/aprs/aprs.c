/* Which kind of packet an information field is. */
#include "proto/packet/aprs/aprs.h"

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
    struct hz_about *about = j->about;
    j->about = NULL; /* what it says is about another station */
    hz_aprs_describe(&h, t, true, j);
    j->about = about;
    hz_json_close(j);
    return NULL;
}

/* What reads an information field; NULL: it does not begin as APRS does. */
static hz_aprs_parser *parser_of(struct hz_text info)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (kinds[i].dti == info.s[0] && (info.s[0] != 'T' || hz_text_starts(info, "T#")))
            return kinds[i].parse;
    }
    return NULL;
}

/* A position may stand behind the text of an old TNC: '!' within the first 40 bytes of what is no
 * other kind of packet (APRS 1.0.1, chapter 5). */
static void position_within(struct hz_aprs_packet p, struct hz_json *j)
{
    struct hz_text head = hz_text_first(p.info, 40);
    const char *at = memchr(head.s, '!', head.n);
    if (!at)
        return;
    p.info = hz_text_after(p.info, (size_t)(at - head.s));
    hz_aprs_position(&p, j);
}

void hz_aprs_describe(const struct hz_ax25_header *header, struct hz_text info, bool inner,
                      struct hz_json *j)
{
    struct hz_aprs_packet p = {header, info, inner};
    const char *why = NULL;
    if (info.n == 0)
        return;
    hz_aprs_parser *parse = hz_text_starts(info, "!!") ? hz_aprs_ultimeter : parser_of(info);
    if (parse)
        why = parse(&p, j);
    else
        position_within(p, j);
    if (why)
        hz_json_str(j, "resultcode", why);
}
