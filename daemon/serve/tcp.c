/* TCP clients, which read newline-delimited JSON and may send subscribe lines. Each further line
 * replaces the filter and, with `since`, the position. The stream begins with the first line, which
 * may be empty, or after SILENCE_MS without one; what was published meanwhile is then sent. */
#include "daemon/base/json_line.h"
#include "daemon/serve/auth.h"
#include "daemon/serve/kinds.h"

#include <string.h>

/* A client that waits for the hello before it sends its line is this far away, there and back, at
 * most. */
enum { SILENCE_MS = 300, TOKEN_MS = 10000 /* time limit for a token that is needed */ };

static void on_silence(uv_timer_t *timer)
{
    uint64_t now = uv_now(timer->loop), next = hz_clients_begin(timer->data, now);
    if (next > 0)
        uv_timer_start(timer, on_silence, next - now, 0);
}

/* It may read: its stream begins after some silence. */
static void await_line(struct hz_client *c)
{
    uv_timer_t *silence = &c->door->all->silence;
    c->asked = true;
    c->deadline_ms = 0;
    c->begin_ms = uv_now(silence->loop) + SILENCE_MS;
    if (!uv_is_active((uv_handle_t *)silence) && !uv_is_closing((uv_handle_t *)silence))
        uv_timer_start(silence, on_silence, SILENCE_MS, 0);
}

static int lines_open(struct hz_client *c)
{
    char hello[HZ_HELLO_MAX], err[HZ_ERROR_MAX];
    if (!hz_auth_needed(c->door))
        hz_auth(c, NULL, 0, err, sizeof err);
    c->transport->say(c, hello, hz_client_hello(c, hello));
    if (c->role != HZ_ROLE_NONE)
        await_line(c);
    else
        c->deadline_ms = uv_now(c->io.handle.loop) + TOKEN_MS;
    return 0;
}

static void lines_timeout(struct hz_client *c)
{
    hz_door_count(c->door, HZ_REFUSAL_TIMEOUT);
    hz_client_fail(c, "no token came: the first line here is {\"token\":\"…\"}");
}

static void lines_begin(struct hz_client *c)
{
    static const struct hz_subscription everything = {0};
    char err[HZ_ERROR_MAX];
    hz_client_subscribe(c, &everything, err, sizeof err);
}

static void lines_say(struct hz_client *c, const char *line, size_t n)
{
    hz_client_send(c, line, n);
    hz_client_send(c, "\n", 1);
}

static void lines_bye(struct hz_client *c, enum hz_bye why, const char *reason)
{
    if (why != HZ_BYE_AWAY) /* the end of the stream says it */
        hz_client_say_error(c, reason);
}

static int take_words(struct hz_client *c, const char *text, size_t n, char *err, size_t err_len)
{
    cJSON *json = hz_json_line(text, n);
    int rc = hz_client_words(c, json, err, err_len);
    cJSON_Delete(json);
    return rc;
}

static size_t lines_input(struct hz_client *c, const char *data, size_t n)
{
    struct hz_client_line line;
    char err[HZ_ERROR_MAX];
    bool whole = hz_client_line(c, data, n, &line), waits = c->role == HZ_ROLE_NONE;
    if (line.at > 0 && !c->streaming && !waits) /* an empty line */
        lines_begin(c);
    if (!whole)
        return line.used;
    if (!line.ended)
        hz_client_fail(c, "the line has no end");
    else if (line.len > 0 && take_words(c, data + line.at, line.len, err, sizeof err) < 0)
        hz_client_fail(c, err);
    else if (waits && c->role != HZ_ROLE_NONE)
        await_line(c);
    return line.used;
}

static size_t lines_wrap(const struct hz_bus *bus, const struct hz_frame *f, char *out)
{
    (void)bus;
    memcpy(out, f->data, f->len);
    return f->len;
}

const struct hz_transport hz_transport_lines = {
    .name = "tcp",
    .open = lines_open,
    .input = lines_input,
    .begin = lines_begin,
    .timeout = lines_timeout,
    .wrap = lines_wrap,
    .beat = hz_client_say_beat,
    .half_closed = true,
    .say = lines_say,
    .bye = lines_bye,
};

static void accept_client(struct hz_door *d, int fd, const struct hz_peer *p, const char *refuse)
{
    const struct hz_form *form = hz_form_find(d->conf.format);
    bool own = !form || form == &hz_form_json;
    hz_client_new(d, own ? &hz_transport_lines : &hz_transport_format, fd, p, refuse);
}

const struct hz_listener_kind hz_kind_lines = {.name = "tcp", .accept = accept_client};
