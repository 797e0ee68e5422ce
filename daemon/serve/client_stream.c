/* How a client's stream begins: the hello, a subscription and its acknowledgement, or silence. */
#include "daemon/base/utc.h"
#include "daemon/serve/auth.h"
#include "proto/out/json.h"

enum { BEGIN_MS = 50 }; /* how often at most those are looked for whose silence is over */

size_t hz_client_hello(struct hz_client *c, char buf[HZ_HELLO_MAX])
{
    struct hz_json j;
    hz_json_init(&j, buf, HZ_HELLO_MAX - 1);
    hz_json_open(&j, NULL);
    hz_json_str(&j, "kind", hz_kind_name(HZ_KIND_HELLO));
    hz_json_int(&j, "schema", 1);
    hz_json_str(&j, "version", HZ_VERSION);
    hz_json_str(&j, "stream", hz_bus_stream(c->door->all->env.bus));
    hz_json_uint(&j, "seq", hz_bus_next(c->door->all->env.bus));
    if (c->role == HZ_ROLE_NONE && hz_auth_needed(c->door))
        hz_json_bool(&j, "needs_token", true);
    hz_json_close(&j);
    buf[j.len] = '\0';
    if (!c->streaming) /* it has no filter yet */
        hz_cursor_init(&c->cursor, c->door->all->env.bus);
    return j.len;
}

int hz_client_subscribe(struct hz_client *c, const struct hz_subscription *s, char *err,
                        size_t err_len)
{
    int rc = hz_cursor_subscribe(&c->cursor, s, err, err_len);
    if (rc == 0)
        c->streaming = true;
    return rc;
}

static void add_unknown(const struct hz_client *c, struct hz_json *j, enum hz_word word,
                        const char *key, const struct hz_words *words)
{
    bool any = false;
    for (int i = 0; i < words->n; i++) {
        if (hz_bus_knows(c->door->all->env.bus, word, words->names[i]))
            continue;
        if (!any)
            hz_json_open_array(j, key);
        any = true;
        hz_json_str(j, NULL, words->names[i]);
    }
    if (any)
        hz_json_close_array(j);
}

size_t hz_client_ack(struct hz_client *c, char buf[HZ_ACK_MAX])
{
    const struct hz_subscription *s = hz_cursor_words(&c->cursor);
    struct hz_json j;
    hz_json_init(&j, buf, HZ_ACK_MAX - 1);
    hz_json_open(&j, NULL);
    hz_json_str(&j, "kind", "subscribed");
    hz_json_str(&j, "stream", hz_bus_stream(c->door->all->env.bus));
    hz_json_uint(&j, "seq", hz_cursor_seq(&c->cursor));
    size_t before = j.len;
    hz_json_open(&j, "unknown");
    size_t empty = j.len;
    add_unknown(c, &j, HZ_WORD_PROTOCOL, "protocol", &s->protocol);
    add_unknown(c, &j, HZ_WORD_CHANNEL, "channel", &s->channel);
    add_unknown(c, &j, HZ_WORD_RECEIVER, "receiver", &s->receiver);
    if (j.len == empty)
        j.len = before;
    else
        hz_json_close(&j);
    hz_json_close(&j);
    buf[j.len] = '\0';
    return j.len;
}

int hz_client_subscribe_said(struct hz_client *c, const struct hz_subscription *s, char *err,
                             size_t err_len)
{
    char text[HZ_ACK_MAX];
    int rc = hz_client_subscribe(c, s, err, err_len);
    if (rc == 0)
        c->transport->say(c, text, hz_client_ack(c, text));
    return rc;
}

void hz_client_say_gap(struct hz_client *c)
{
    struct hz_cursor_gap gap;
    char text[HZ_GAP_LINE_MAX];
    if (!hz_cursor_gap(&c->cursor, &gap))
        return;
    for (int i = 0; i < HZ_LOGS; i++) {
        c->missed += gap.missed[i];
        c->door->counts.missed += gap.missed[i];
    }
    size_t n = hz_cursor_gap_line(&c->cursor, &gap, text);
    c->transport->say(c, text, n);
}

void hz_client_say_beat(struct hz_client *c)
{
    char text[160];
    struct hz_json j;
    hz_json_init(&j, text, sizeof text);
    hz_json_open(&j, NULL);
    hz_json_str(&j, "kind", "heartbeat");
    hz_json_time(&j, "time", hz_utc_now());
    hz_json_uint(&j, "seq", hz_cursor_seq(&c->cursor));
    hz_json_close(&j);
    c->transport->say(c, text, j.len);
}

/* It has said nothing so far, or no whole line. */
static bool is_silent(const struct hz_client *c)
{
    return c->begin_ms != 0 && !c->streaming && c->state == HZ_CLIENT_OPEN &&
           (c->in_len == 0 || c->hungry);
}

void hz_client_begin(struct hz_client *c)
{
    if (!is_silent(c))
        return;
    c->transport->begin(c);
    c->begin_ms = 0;
    hz_client_wake(c);
}

uint64_t hz_clients_begin(struct hz_doors *all, uint64_t now)
{
    uint64_t next = 0;
    for (struct hz_client *c = all->clients; c; c = c->next) {
        if (!is_silent(c))
            continue;
        if (c->begin_ms <= now)
            hz_client_begin(c);
        else if (next == 0 || c->begin_ms < next)
            next = c->begin_ms;
    }
    return next > 0 && next < now + BEGIN_MS ? now + BEGIN_MS : next;
}
