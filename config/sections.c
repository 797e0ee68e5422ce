/* Copies and comparisons of sections, by the schema: a new key needs nothing here. */
#include "config/schema.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool hz_conf_receiver_same(const struct hz_conf_receiver *a, const struct hz_conf_receiver *b)
{
    return strcmp(a->name, b->name) == 0 && a->has_format == b->has_format && a->wav == b->wav &&
           a->audio == b->audio && a->format == b->format &&
           hz_section_same(HZ_SECTION_RECEIVER, a, b);
}

bool hz_conf_channel_same(const struct hz_conf_channel *a, const struct hz_conf_channel *b)
{
    return strcmp(a->name, b->name) == 0 && hz_section_same(HZ_SECTION_CHANNEL, a, b);
}

bool hz_conf_listen_same(const struct hz_conf_listen *a, const struct hz_conf_listen *b)
{
    return strcmp(a->name, b->name) == 0 && hz_section_same(HZ_SECTION_LISTEN, a, b);
}

bool hz_conf_receiver_same_source(const struct hz_conf_receiver *a,
                                  const struct hz_conf_receiver *b)
{
    struct hz_conf_receiver like = *a;
    like.centre_hz = b->centre_hz;
    like.gain_db = b->gain_db;
    like.ppm = b->ppm;
    like.bias_tee = b->bias_tee;
    like.latitude = b->latitude;
    like.longitude = b->longitude;
    return hz_conf_receiver_same(&like, b);
}

bool hz_conf_listen_same_place(const struct hz_conf_listen *a, const struct hz_conf_listen *b)
{
    struct hz_conf_listen like = *a;
    like.max_clients = b->max_clients;
    like.max_per_address = b->max_per_address;
    like.allow_origin = b->allow_origin;
    like.allow_host = b->allow_host;
    like.control = b->control;
    return hz_conf_listen_same(&like, b);
}

/* Texts of its own for a section that was copied whole. -ENOMEM: nothing to free. */
static int copy_texts(enum hz_section kind, void *to, const void *from)
{
    bool whole = true;
    for (const struct hz_key *key = hz_section_kinds[kind].keys; key->name; key++) {
        if (key->type != HZ_KEY_TEXT)
            continue;
        char **text = (char **)((char *)to + key->at);
        *text = strdup(*(char *const *)((const char *)from + key->at));
        whole = whole && *text;
    }
    if (whole)
        return 0;
    hz_section_done(kind, to);
    return -ENOMEM;
}

int hz_conf_receiver_copy(struct hz_conf_receiver *to, const struct hz_conf_receiver *from)
{
    *to = *from;
    to->where = (struct hz_where){0};
    return copy_texts(HZ_SECTION_RECEIVER, to, from);
}

int hz_conf_listen_copy(struct hz_conf_listen *to, const struct hz_conf_listen *from)
{
    *to = *from;
    to->where = (struct hz_where){0};
    return copy_texts(HZ_SECTION_LISTEN, to, from);
}

struct hz_conf_listen *hz_config_add_listen(struct hz_config *c, const char *name,
                                            enum hz_listen_type type, const char *place)
{
    struct hz_conf_listen l;
    if (hz_section_init(HZ_SECTION_LISTEN, &l) != 0) {
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

void hz_conf_listen_done(struct hz_conf_listen *l)
{
    hz_section_done(HZ_SECTION_LISTEN, l);
}

void hz_conf_receiver_done(struct hz_conf_receiver *r)
{
    hz_section_done(HZ_SECTION_RECEIVER, r);
}

const char *hz_conf_receiver_input(const struct hz_conf_receiver *r)
{
    if (strcmp(r->source, "sim") == 0)
        return r->scene;
    if (strcmp(r->source, "file") == 0)
        return r->path;
    if (strcmp(r->source, "rtl_tcp") == 0)
        return r->address;
    return *r->device ? r->device : "the first found";
}

void hz_conf_channel_init(struct hz_conf_channel *c, const char *name,
                          const struct hz_decoder *decoder)
{
    hz_section_init(HZ_SECTION_CHANNEL, c); /* without texts, it needs no memory */
    snprintf(c->name, sizeof c->name, "%s", name);
    c->decoder = decoder;
}

int hz_conf_channel_set(struct hz_conf_channel *c, const char *key, const char *value, char *err,
                        size_t err_len)
{
    char expected[256];
    int k = hz_key_find(HZ_SECTION_CHANNEL, key);
    if (k < 0) {
        hz_key_hint(HZ_SECTION_CHANNEL, key, expected, sizeof expected);
        snprintf(err, err_len, "unknown key '%.40s'%s", key, expected);
        return -EINVAL;
    }
    int rc = hz_key_set(&hz_section_kinds[HZ_SECTION_CHANNEL].keys[k], c, value, expected,
                        sizeof expected);
    if (rc == -EINVAL)
        snprintf(err, err_len, "%s = '%.40s': expected %s", key, value, expected);
    return rc;
}

const char *hz_conf_channel_useless(const struct hz_decoder *decoder, const char *key)
{
    bool shape = strcmp(key, "bandwidth") == 0 || strcmp(key, "squelch") == 0;
    if (shape && decoder->input == HZ_INPUT_BAND)
        return "which takes the whole band";
    if (strcmp(key, "ctcss") == 0 && !decoder->knows_ctcss)
        return "which knows no such tones";
    if (strcmp(key, "dcs") == 0 && !decoder->knows_ctcss)
        return "which knows no such codes";
    if (strcmp(key, "charset") == 0 && !decoder->knows_charset)
        return "whose texts have only one";
    if (strcmp(key, "contents") == 0 && !decoder->knows_contents)
        return "whose messages tell it";
    return NULL;
}

int hz_conf_receiver_init(struct hz_conf_receiver *r, const char *name, const char *source)
{
    if (hz_section_init(HZ_SECTION_RECEIVER, r) != 0) {
        hz_conf_receiver_done(r);
        return -ENOMEM;
    }
    snprintf(r->name, sizeof r->name, "%s", name);
    snprintf(r->source, sizeof r->source, "%s", source);
    return 0;
}
