/* What can only be told once all sections are known. What is peculiar to a source, a listener, an
 * output or an input is checked by its own kind (config/kind.h). */
#include "config/schema.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int hz_address_split(const char *address, char *host, size_t size, bool *v6)
{
    const char *colon = strrchr(address, ':');
    if (!colon || colon == address || (size_t)(colon - address) >= size)
        return -1;
    size_t n = (size_t)(colon - address);
    *v6 = n > 2 && address[0] == '[' && colon[-1] == ']';
    n -= *v6 ? 2 : 0;
    memcpy(host, address + *v6, n);
    host[n] = 0;
    size_t digits = strspn(colon + 1, "0123456789");
    if (digits == 0 || digits > 5 || colon[1 + digits] != 0 || atoi(colon + 1) > 65535)
        return -1;
    return atoi(colon + 1);
}

/* "a, b or c" of the kinds of a sort. */
static void list_kinds(const struct hz_conf_kinds *kinds, enum hz_section s, char *out, size_t size)
{
    out[0] = 0;
    for (size_t i = 0, n = 0; n < size; i++) {
        struct hz_choice c = hz_choice_at(kinds, s, i);
        if (!c.kind)
            break;
        bool last = !hz_choice_at(kinds, s, i + 1).kind;
        n += (size_t)snprintf(out + n, size - n, "%s%s",
                              i == 0 ? ""
                              : last ? " or "
                                     : ", ",
                              c.name);
    }
}

/* True: the section names its kind, be it a wrong one. */
static bool names_kind(const struct hz_check *c)
{
    enum hz_section s = c->draft->section;
    const char *selector = hz_sections[s].selector;
    char kinds[400], example[sizeof kinds + 32];
    list_kinds(c->parser->kinds, s, kinds, sizeof kinds);
    snprintf(example, sizeof example, "%s = %s", selector, kinds);
    return hz_check_needs(
        c, selector,
        s == HZ_SECTION_CHANNEL ? "decoder = NAME, as `hertzd decoders` lists them" : example);
}

const struct hz_conf_receiver *hz_check_receiver(const struct hz_check *k,
                                                 char chosen[HZ_NAME_MAX + 1])
{
    const struct hz_config *c = k->parser->config;
    bool lost = k->parser->lost, gave = hz_check_gave(k, "receiver");
    if (!gave && c->n_receivers == 1) {
        memcpy(chosen, c->receivers[0]->name, HZ_NAME_MAX + 1);
        return c->receivers[0];
    }
    if (!gave) {
        if (!lost)
            hz_check_needs(k, "receiver",
                           c->n_receivers ? "receiver = NAME where there are several"
                                          : "a section [receiver NAME]");
        return NULL;
    }
    const char **names = calloc(c->n_receivers + 1, sizeof *names);
    for (size_t i = 0; names && i < c->n_receivers; i++) {
        names[i] = c->receivers[i]->name;
        if (strcmp(names[i], chosen) == 0) {
            free(names);
            return c->receivers[i];
        }
    }
    const char *near = names ? hz_nearest(chosen, names) : NULL;
    if (*chosen && !lost) /* else its value was refused already, or the receiver's heading */
        hz_check_error(k, "receiver", "receiver = '%s': there is no [receiver %s]%s%s%s", chosen,
                       chosen, near ? ", did you mean '" : "", near ? near : "", near ? "'?" : "");
    free(names);
    return NULL;
}

int hz_conf_centre_check(const struct hz_conf_receiver *r, double hz, char *expected, size_t size)
{
    char text[32], meant[64];
    snprintf(text, sizeof text, "%.10g", hz);
    if (hz_unit_forgotten(text, meant, sizeof meant)) {
        snprintf(expected, size, "a frequency in Hz; did you mean %s?", meant);
        return -EINVAL;
    }
    return r->source->reach ? r->source->reach(r, hz, expected, size) : 0;
}

/* A frequency that the receiver's source cannot be tuned to. */
static void check_frequency(const struct hz_check *c, const char *key,
                            const struct hz_conf_receiver *r, double hz)
{
    char expected[128];
    if (hz <= 0 || !r->source || !r->source->reach ||
        r->source->reach(r, hz, expected, sizeof expected) == 0)
        return;
    hz_check_error(c, key, "%s of %.10g MHz: %s has %s", key, hz / 1e6, r->source->who, expected);
}

static void check_place(const struct hz_check *c)
{
    if (hz_check_gave(c, "latitude") != hz_check_gave(c, "longitude"))
        hz_check_error(c, hz_check_gave(c, "latitude") ? "latitude" : "longitude",
                       "latitude and longitude: expected both or neither");
}

static void check_receiver(const struct hz_check *c, struct hz_conf_receiver *r)
{
    names_kind(c);
    if (r->source && r->source->kind.check)
        r->source->kind.check(c, r);
    check_frequency(c, "centre", r, r->centre_hz);
    check_place(c);
}

static void check_channel(const struct hz_check *c, struct hz_conf_channel *ch)
{
    if (hz_check_gave(c, "frequency"))
        ch->freq_at = hz_check_where(c, "frequency");
    names_kind(c);
    const struct hz_conf_receiver *r = hz_check_receiver(c, ch->receiver);
    if (!r)
        ch->receiver[0] = 0; /* told; it takes no part in a plan */
    else
        check_frequency(c, "frequency", r, ch->freq_hz);
}

static void check_listen(const struct hz_check *c, struct hz_conf_listen *l)
{
    if (names_kind(c) && l->kind && l->kind->kind.check)
        l->kind->kind.check(c, l);
}

/* Key `event` of an output names sections that exist. */
static void check_events(const struct hz_check *c, const struct hz_conf_output *o)
{
    const struct hz_config *conf = c->parser->config;
    for (const char *p = o->events, *name; *(name = p + strspn(p, ", \t")); p = name) {
        int n = (int)strcspn(name, ", \t");
        bool found = false;
        for (size_t i = 0; i < conf->n_events; i++)
            found |= strlen(conf->events[i]->name) == (size_t)n &&
                     memcmp(conf->events[i]->name, name, (size_t)n) == 0;
        if (!found && !c->parser->lost)
            hz_check_error(c, "event", "event = '%.*s': there is no [event %.*s]", n, name, n,
                           name);
        name += n;
    }
}

static void check_output(const struct hz_check *c, struct hz_conf_output *o)
{
    check_events(c, o);
    if (names_kind(c) && o->kind && o->kind->check)
        o->kind->check(c, o);
}

static void check_event(const struct hz_check *c, struct hz_conf_event *e)
{
    if (c->parser->kinds->check_event)
        c->parser->kinds->check_event(c, e);
}

static void check_capture(const struct hz_check *c, struct hz_conf_capture *capture)
{
    hz_check_receiver(c, capture->receiver);
    if (c->parser->kinds->check_capture)
        c->parser->kinds->check_capture(c, capture);
}

/* Adds the event's name to those that the output takes. */
static void take_events(const struct hz_check *c, struct hz_conf_output *o)
{
    char *list = NULL;
    if (asprintf(&list, "%s%s%s", o->events, *o->events ? ", " : "", c->draft->name) < 0) {
        hz_check_error(c, "post", "out of memory");
        return;
    }
    free(o->events);
    o->events = list;
}

/* Whether it writes lines of JSON, and not in a format that has no words for events. */
static bool tells_lines(const struct hz_conf_output *o)
{
    struct hz_choice kind = hz_choice_of(HZ_SECTION_OUTPUT, o);
    const struct hz_option *format = hz_option_find(kind.options, "format");
    const char *name = "";
    if (format && format->type == HZ_OPTION_TEXT)
        memcpy(&name, (const char *)o + format->at, sizeof name);
    return o->kinds && (!*name || strcmp(name, "json") == 0);
}

void hz_check_posts_to(const struct hz_check *c, const char *key, const char *output)
{
    const struct hz_config *conf = c->parser->config;
    const char **names = calloc(conf->n_outputs + 1, sizeof *names);
    struct hz_conf_output *found = NULL;
    for (size_t i = 0; names && i < conf->n_outputs; i++) {
        names[i] = conf->outputs[i]->name;
        if (strcmp(names[i], output) == 0)
            found = conf->outputs[i];
    }
    const char *near = names ? hz_nearest(output, names) : NULL;
    if (!found && !c->parser->lost)
        hz_check_error(
            c, key,
            "%s = '%s': expected a URL (https://…) or the name of an output, and there is no "
            "[output %s]%s%s%s",
            key, output, output, near ? ", did you mean '" : "", near ? near : "",
            near ? "'?" : "");
    else if (found && found->kind && !tells_lines(found))
        hz_check_error(c, key, "%s = '%s': expected an output that writes lines of JSON", key,
                       output);
    else if (found)
        take_events(c, found);
    free(names);
}

/* Its messages have its name as their receiver. */
static void check_input_name(const struct hz_check *c, const struct hz_conf_input *in)
{
    const struct hz_config *config = c->parser->config;
    for (size_t i = 0; i < config->n_receivers; i++) {
        const struct hz_conf_receiver *r = config->receivers[i];
        if (strcmp(r->name, in->name) == 0)
            hz_conf_error(c->parser->errors, in->where.file, in->where.line,
                          "[input %s]: its messages would have the receiver %s, which is that at "
                          "%s:%d: expected another name",
                          in->name, in->name, r->where.file, r->where.line);
    }
}

static void check_input(const struct hz_check *c, struct hz_conf_input *in)
{
    check_input_name(c, in);
    if (names_kind(c) && in->kind && in->kind->check)
        in->kind->check(c, in);
    check_place(c);
}

static void check_meter(const struct hz_check *c)
{
    hz_check_needs(c, "id", "id = 20096221");
    hz_check_needs(c, "key", "key = 00112233445566778899aabbccddeeff");
}

void hz_config_check(struct hz_conf_parser *p)
{
    for (size_t i = 0; i < p->n_drafts; i++) {
        struct hz_draft *d = &p->drafts[i];
        const struct hz_check c = {p, d};
        int before = p->errors->count;
        void *item = hz_draft_item(p, d);
        if (d->section == HZ_SECTION_RECEIVER)
            check_receiver(&c, item);
        else if (d->section == HZ_SECTION_CHANNEL)
            check_channel(&c, item);
        else if (d->section == HZ_SECTION_LISTEN)
            check_listen(&c, item);
        else if (d->section == HZ_SECTION_OUTPUT)
            check_output(&c, item);
        else if (d->section == HZ_SECTION_EVENT)
            check_event(&c, item);
        else if (d->section == HZ_SECTION_INPUT)
            check_input(&c, item);
        else if (d->section == HZ_SECTION_CAPTURE)
            check_capture(&c, item);
        else if (d->section == HZ_SECTION_METER)
            check_meter(&c);
        d->bad = d->bad || p->errors->count > before;
    }
}
