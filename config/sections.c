/* Copies and comparisons of sections, by the tables of their options: a new key needs nothing here.
 */
#include "config/schema.h"
#include "config/tokens.h"
#include "proto/sensors/set.h"
#include "proto/wmbus/keys.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- receivers, outputs, events, inputs and captures: structs of their own ---- */

/* A section of that kind with the defaults; NULL: no memory. */
static void *new_section(enum hz_section s, const struct hz_choice *choice, const char *name)
{
    char *item = calloc(1, choice->size);
    if (!item)
        return NULL;
    if (hz_section_init(s, choice, item) < 0) {
        hz_section_done(s, item);
        free(item);
        return NULL;
    }
    snprintf(item, HZ_NAME_MAX + 1, "%s", name);
    return item;
}

static void *copy_section(enum hz_section s, const void *from)
{
    struct hz_choice choice = hz_choice_of(s, from);
    size_t size = choice.kind ? choice.size : hz_sections[s].size;
    void *to = malloc(size);
    if (!to)
        return NULL;
    memcpy(to, from, size);
    if (hz_section_own(s, to) == 0)
        return to;
    free(to);
    return NULL;
}

static void free_section(enum hz_section s, void *item)
{
    if (item)
        hz_section_done(s, item);
    free(item);
}

struct hz_conf_receiver *hz_conf_receiver_new(const struct hz_source_kind *source, const char *name)
{
    struct hz_choice choice = {source, source->kind.name, source->kind.options, source->kind.size};
    return new_section(HZ_SECTION_RECEIVER, &choice, name);
}

struct hz_conf_receiver *hz_conf_receiver_copy(const struct hz_conf_receiver *from)
{
    struct hz_conf_receiver *to = copy_section(HZ_SECTION_RECEIVER, from);
    if (to)
        to->where = (struct hz_where){0};
    return to;
}

void hz_conf_receiver_free(struct hz_conf_receiver *r)
{
    free_section(HZ_SECTION_RECEIVER, r);
}

struct hz_conf_output *hz_conf_output_copy(const struct hz_conf_output *from)
{
    struct hz_conf_output *to = copy_section(HZ_SECTION_OUTPUT, from);
    if (to)
        to->where = (struct hz_where){0};
    return to;
}

void hz_conf_output_free(struct hz_conf_output *o)
{
    free_section(HZ_SECTION_OUTPUT, o);
}

struct hz_conf_event *hz_conf_event_copy(const struct hz_conf_event *from)
{
    struct hz_conf_event *to = copy_section(HZ_SECTION_EVENT, from);
    if (to)
        to->where = (struct hz_where){0};
    return to;
}

struct hz_conf_input *hz_conf_input_copy(const struct hz_conf_input *from)
{
    struct hz_conf_input *to = copy_section(HZ_SECTION_INPUT, from);
    if (to)
        to->where = (struct hz_where){0};
    return to;
}

void hz_conf_event_free(struct hz_conf_event *e)
{
    free_section(HZ_SECTION_EVENT, e);
}

bool hz_conf_event_same(const struct hz_conf_event *a, const struct hz_conf_event *b)
{
    return hz_section_same(HZ_SECTION_EVENT, a, b);
}

struct hz_conf_capture *hz_conf_capture_copy(const struct hz_conf_capture *from)
{
    struct hz_conf_capture *to = copy_section(HZ_SECTION_CAPTURE, from);
    if (to)
        to->where = (struct hz_where){0};
    return to;
}

void hz_conf_capture_free(struct hz_conf_capture *c)
{
    free_section(HZ_SECTION_CAPTURE, c);
}

bool hz_conf_capture_same(const struct hz_conf_capture *a, const struct hz_conf_capture *b)
{
    return hz_section_same(HZ_SECTION_CAPTURE, a, b);
}

void hz_conf_input_free(struct hz_conf_input *i)
{
    free_section(HZ_SECTION_INPUT, i);
}

bool hz_conf_input_same(const struct hz_conf_input *a, const struct hz_conf_input *b)
{
    return hz_section_same(HZ_SECTION_INPUT, a, b);
}

bool hz_conf_receiver_same(const struct hz_conf_receiver *a, const struct hz_conf_receiver *b)
{
    return hz_section_same(HZ_SECTION_RECEIVER, a, b);
}

bool hz_conf_output_same(const struct hz_conf_output *a, const struct hz_conf_output *b)
{
    return hz_section_same(HZ_SECTION_OUTPUT, a, b);
}

bool hz_conf_receiver_same_source(const struct hz_conf_receiver *a,
                                  const struct hz_conf_receiver *b)
{
    if (a->source != b->source)
        return false;
    struct hz_conf_receiver *like = malloc(a->source->kind.size); /* borrows the texts of a */
    if (!like)
        return false;
    memcpy(like, a, a->source->kind.size);
    like->centre_hz = b->centre_hz;
    like->gain = b->gain;
    like->ppm = b->ppm;
    like->bias_tee = b->bias_tee;
    like->hops = b->hops;
    like->latitude = b->latitude;
    like->longitude = b->longitude;
    bool same = hz_conf_receiver_same(like, b);
    free(like);
    return same;
}

const char *hz_conf_receiver_input(const struct hz_conf_receiver *r)
{
    return r->source->input(r);
}

struct hz_conf_receiver *hz_config_receiver(const struct hz_config *c, const char *name)
{
    for (size_t i = 0; i < c->n_receivers; i++) {
        if (strcmp(c->receivers[i]->name, name) == 0)
            return c->receivers[i];
    }
    return NULL;
}

void hz_conf_band(const struct hz_conf_receiver *r, double *rate_hz, double *centre_hz)
{
    *rate_hz = r->rate_hz;
    *centre_hz = r->centre_hz;
    if (r->source && r->source->band)
        r->source->band(r, rate_hz, centre_hz);
}

/* ---- channels --------------------------------------------------------------------------- */

bool hz_conf_channel_same(const struct hz_conf_channel *a, const struct hz_conf_channel *b)
{
    return hz_section_same(HZ_SECTION_CHANNEL, a, b);
}

bool hz_config_has_channel(const struct hz_config *c, const struct hz_conf_channel *like)
{
    for (size_t i = 0; i < c->n_channels; i++) {
        if (hz_conf_channel_same(&c->channels[i], like))
            return true;
    }
    return false;
}

void hz_conf_channel_init(struct hz_conf_channel *c, const char *name,
                          const struct hz_decoder *decoder)
{
    struct hz_choice choice = {decoder, decoder->name, decoder->options, sizeof *c};
    *c = (struct hz_conf_channel){0};
    hz_section_init(HZ_SECTION_CHANNEL, &choice, c); /* without texts, it needs no memory */
    snprintf(c->name, sizeof c->name, "%s", name);
}

/* ---- listeners -------------------------------------------------------------------------- */

bool hz_conf_listen_same(const struct hz_conf_listen *a, const struct hz_conf_listen *b)
{
    return a->type == b->type && strcmp(a->address, b->address) == 0 &&
           strcmp(a->path, b->path) == 0 && hz_section_same(HZ_SECTION_LISTEN, a, b);
}

bool hz_conf_listen_same_place(const struct hz_conf_listen *a, const struct hz_conf_listen *b)
{
    struct hz_conf_listen like = *a;
    like.max_clients = b->max_clients;
    like.max_per_address = b->max_per_address;
    like.allow_host = b->allow_host;
    like.tiles = b->tiles;
    like.allow_origin = b->allow_origin;
    like.control = b->control;
    like.tokens = b->tokens;
    like.allow = b->allow;
    like.insecure = b->insecure;
    return hz_conf_listen_same(&like, b);
}

int hz_conf_listen_copy(struct hz_conf_listen *to, const struct hz_conf_listen *from)
{
    *to = *from;
    to->where = (struct hz_where){0};
    int rc = hz_section_own(HZ_SECTION_LISTEN, to);
    to->token_list = rc == 0 ? hz_tokens_ref(from->token_list) : NULL;
    return rc;
}

void hz_conf_listen_done(struct hz_conf_listen *l)
{
    hz_tokens_unref(l->token_list);
    l->token_list = NULL;
    hz_section_done(HZ_SECTION_LISTEN, l);
}

struct hz_conf_listen *hz_config_add_listen(struct hz_config *c, const char *name,
                                            enum hz_listen_type type, const char *place)
{
    struct hz_conf_listen l = {0};
    if (hz_section_init(HZ_SECTION_LISTEN, NULL, &l) != 0) {
        hz_conf_listen_done(&l);
        return NULL;
    }
    char *copy = strdup(place);
    struct hz_conf_listen *more = realloc(c->listens, (c->n_listens + 1) * sizeof *more);
    c->listens = more ? more : c->listens;
    if (!copy || !more) {
        free(copy);
        hz_conf_listen_done(&l);
        return NULL;
    }
    snprintf(l.name, sizeof l.name, "%s", name);
    l.type = type;
    char **text = type == HZ_LISTEN_UNIX ? &l.path : &l.address;
    free(*text);
    *text = copy;
    more[c->n_listens] = l;
    return &more[c->n_listens++];
}
