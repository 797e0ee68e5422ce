/* TCP clients of a listener with a format of other programs, such as Beast: messages from now on
 * that pass the filter of the section, and nothing else. What they send is dropped: mlat-client
 * sends settings, clients of a TNC send frames. */
#include "daemon/serve/auth.h"
#include "daemon/serve/client.h"

static int format_open(struct hz_client *c)
{
    const struct hz_listen_env *env = &c->door->all->env;
    struct hz_subscription messages;
    char err[HZ_ERROR_MAX], hello[HZ_HELLO_MAX];
    hz_auth(c, NULL, 0, err, sizeof err);
    c->asked = true;
    c->form = hz_form_find(c->door->conf.format);
    if (c->form->head)
        hz_client_send(c, c->form->head, strlen(c->form->head));
    hz_subscription_from_section(&messages, env->decoders, &c->door->conf.filter, err, sizeof err);
    messages.kinds = 1u << HZ_KIND_MESSAGE;
    hz_client_hello(c, hello); /* not sent: it sets the cursor to the end of the log */
    return hz_client_subscribe(c, &messages, err, sizeof err);
}

static size_t format_input(struct hz_client *c, const char *data, size_t n)
{
    (void)c, (void)data;
    return n;
}

static void format_beat(struct hz_client *c)
{
    hz_client_send(c, c->form->beat, c->form->beat_len);
}

static void format_say(struct hz_client *c, const char *line, size_t n)
{
    (void)c, (void)line, (void)n; /* it has no words for a gap */
}

static void format_bye(struct hz_client *c, enum hz_bye why, const char *reason)
{
    (void)c, (void)why, (void)reason; /* the end of the stream says it */
}

const struct hz_transport hz_transport_format = {
    .name = "tcp",
    .open = format_open,
    .input = format_input,
    .beat = format_beat,
    .half_closed = true,
    .say = format_say,
    .bye = format_bye,
};
