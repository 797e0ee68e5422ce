/* Messages from station to station, bulletins and announcements (APRS 1.0.1, chapter 14; 1.1 for
 * acknowledgements within a message). */
#include "proto/packet/aprs/aprs.h"

/* True when t is one to five letters and digits. */
static bool is_id(struct hz_text t)
{
    for (size_t i = 0; i < t.n; i++) {
        if (!hz_is_alnum(t.s[i]))
            return false;
    }
    return t.n >= 1 && t.n <= 5;
}

/* "{42", "{42}" or "{42}41" at the end: takes it off the text, writes messageid and, of the last
 * form, messageack. */
static void take_id(struct hz_text *text, struct hz_json *j)
{
    struct hz_text t = *text;
    while (t.n > 0 && (t.s[t.n - 1] == '\r' || t.s[t.n - 1] == '\n' || t.s[t.n - 1] == ' '))
        t.n--;
    size_t at = t.n;
    while (at > 0 && t.s[at - 1] != '{')
        at--;
    struct hz_text ack = hz_text_after(t, at), id = hz_text_split(&ack, '}');
    if (at == 0 || !is_id(id) || (ack.n > 0 && !is_id(ack)))
        return;
    hz_text_json(j, "messageid", id);
    if (ack.n > 0)
        hz_text_json(j, "messageack", ack);
    text->n = at - 1;
}

/* "ack42" or "rej42", and nothing else. */
static bool answer(struct hz_text text, struct hz_json *j)
{
    bool ack = hz_text_starts(text, "ack"), rej = hz_text_starts(text, "rej");
    struct hz_text rest = hz_text_trim(hz_text_after(text, 3)), id = hz_text_split(&rest, '}');
    if (!(ack || rej) || !is_id(id) || rest.n > 5)
        return false;
    hz_text_json(j, ack ? "messageack" : "messagerej", id);
    return true;
}

static const char *kind(struct hz_text to)
{
    if (!hz_text_starts(to, "BLN") || to.n < 4)
        return "message";
    return hz_is_digit(to.s[3]) ? "bulletin" : "announcement";
}

/* ":ADDRESSEE:text{id" */
const char *hz_aprs_message(const struct hz_aprs_packet *p, struct hz_json *j)
{
    struct hz_text t = hz_text_after(p->info, 1);
    if (t.n < 10 || t.s[9] != ':')
        return "msg_inv";
    struct hz_text to = hz_text_first(t, 9), text = hz_text_after(t, 10);
    while (to.n > 0 && to.s[to.n - 1] == ' ')
        to.n--;
    for (size_t i = 0; i < to.n; i++) { /* the book names no characters: any that print */
        if (to.s[i] < ' ' || to.s[i] > '~')
            return "msg_inv";
    }
    while (text.n > 0 && (text.s[text.n - 1] == '\r' || text.s[text.n - 1] == '\n'))
        text.n--;
    bool names = hz_text_starts(text, "PARM.") || hz_text_starts(text, "UNIT.") ||
                 hz_text_starts(text, "EQNS.") || hz_text_starts(text, "BITS.");
    hz_json_str(j, "type", names ? "telemetry-message" : kind(to));
    hz_text_json(j, "destination", to);
    if (!names && answer(text, j))
        return NULL;
    take_id(&text, j);
    if (names && hz_aprs_telemetry_names(text, j))
        return NULL;
    hz_text_json(j, "message", text);
    return NULL;
}
