/* What can only be told once all sections are known. */
#include "config/schema.h"
#include "sim/scene.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

int hz_draft_line(const struct hz_draft *d, const char *key)
{
    int line = d->line[hz_key_find(d->kind, key)];
    return line ? line : d->where.line;
}

static bool gave(const struct hz_draft *d, const char *key)
{
    return d->line[hz_key_find(d->kind, key)] != 0;
}

/* Whether `word` is one of the words of a list that blanks separate. */
static bool in_words(const char *list, const char *word)
{
    size_t n = strlen(word);
    for (const char *s = list; (s = strstr(s, word)); s++) {
        if ((s == list || s[-1] == ' ') && (s[n] == 0 || s[n] == ' '))
            return true;
    }
    return false;
}

/* Keys that mean nothing with this source or type: a file's path for a simulator. */
static void check_only(struct hz_conf_parser *p, const struct hz_draft *d, const char *selector,
                       const char *chosen)
{
    const struct hz_key *keys = hz_section_kinds[d->kind].keys;
    for (int k = 0; keys[k].name; k++) {
        if (d->line[k] && keys[k].only && !in_words(keys[k].only, chosen))
            hz_conf_error(p->errors, d->where.file, d->line[k],
                          "'%s' has no meaning with %s = %s: expected only with %s = %s",
                          keys[k].name, selector, chosen, selector, keys[k].only);
    }
}

static void missing(struct hz_conf_parser *p, const struct hz_draft *d, const char *key,
                    const char *example)
{
    const char *name = hz_draft_item(p, d); /* begins with it */
    hz_conf_error(p->errors, d->where.file, d->where.line, "[%s %s] has no '%s': expected %s",
                  hz_section_kinds[d->kind].name, name, key, example);
}

enum { HOST_SIZE = 256, SCENES_MAX = 32 };

/* Takes HOST of HOST:PORT; returns the port, -1 when it is nothing of the kind. */
static int split_address(const char *address, char host[HOST_SIZE])
{
    const char *colon = strrchr(address, ':');
    if (!colon || colon == address || colon - address >= HOST_SIZE)
        return -1;
    size_t n = (size_t)(colon - address);
    memcpy(host, address, n);
    host[n] = 0;
    size_t digits = strspn(colon + 1, "0123456789");
    if (digits == 0 || digits > 5 || colon[1 + digits] != 0 || atoi(colon + 1) > 65535)
        return -1;
    return atoi(colon + 1);
}

/* A server to connect to: a name (letters, digits, '-', '.', '_'), IPv4 or [IPv6], and a port. */
static bool server_is_good(const char *address)
{
    char host[HOST_SIZE];
    unsigned char bin[sizeof(struct in6_addr)];
    if (split_address(address, host) <= 0)
        return false;
    size_t n = strlen(host);
    if (host[0] == '[' && host[n - 1] == ']') {
        host[n - 1] = 0;
        return inet_pton(AF_INET6, host + 1, bin) == 1;
    }
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._";
    return strspn(host, allowed) == n;
}

static void check_scene(struct hz_conf_parser *p, const struct hz_draft *d,
                        const struct hz_conf_receiver *r)
{
    const char *names[SCENES_MAX + 1] = {NULL};
    for (size_t i = 0; i < SCENES_MAX && hz_scenes[i].name; i++) {
        names[i] = hz_scenes[i].name;
        if (strcmp(names[i], r->scene) == 0)
            return;
    }
    const char *near = hz_nearest(r->scene, names);
    char all[256] = "";
    for (size_t i = 0, n = 0; names[i] && n < sizeof all; i++)
        n += (size_t)snprintf(all + n, sizeof all - n, "%s%s", i ? ", " : "", names[i]);
    hz_conf_error(p->errors, d->where.file, hz_draft_line(d, "scene"), "scene = '%s': %s%s%s",
                  r->scene, near ? "did you mean '" : "expected one of ", near ? near : all,
                  near ? "'?" : "");
}

static void check_receiver(struct hz_conf_parser *p, const struct hz_draft *d)
{
    struct hz_conf_receiver *r = hz_draft_item(p, d);
    r->path_line = d->line[hz_key_find(d->kind, "path")];
    if (!gave(d, "source"))
        missing(p, d, "source", "source = file, sim, rtlsdr or rtl_tcp");
    if (*r->source)
        check_only(p, d, "source", r->source);
    if (strcmp(r->source, "file") == 0 && !gave(d, "path"))
        missing(p, d, "path", "path = FILE, or - for standard input");
    if (strcmp(r->source, "rtl_tcp") == 0 && !gave(d, "address"))
        missing(p, d, "address", "address = HOST:PORT, as in 127.0.0.1:1234");
    else if (*r->address && !server_is_good(r->address))
        hz_conf_error(p->errors, d->where.file, hz_draft_line(d, "address"),
                      "address = '%s': expected HOST:PORT with a name, an IPv4 address or [IPv6], "
                      "and a port from 1 to 65535, as in attic.local:1234",
                      r->address);
    if (strcmp(r->path, "-") == 0 && r->loop)
        hz_conf_error(p->errors, d->where.file, hz_draft_line(d, "loop"),
                      "loop = yes with path = -: standard input cannot be read again");
    if (strcmp(r->source, "sim") == 0)
        check_scene(p, d, r);
    if (strcmp(r->source, "rtlsdr") == 0)
        hz_check_dongle(p, d);
    if (gave(d, "latitude") != gave(d, "longitude"))
        hz_conf_error(p->errors, d->where.file,
                      hz_draft_line(d, gave(d, "latitude") ? "latitude" : "longitude"),
                      "latitude and longitude: expected both or neither");
}

/* The receiver that a channel or listener names (in `chosen`, of its section), or the only one
 * there is; NULL: told. */
static const struct hz_conf_receiver *
find_receiver(struct hz_conf_parser *p, const struct hz_draft *d, char chosen[HZ_NAME_MAX + 1])
{
    const struct hz_config *c = p->config;
    if (!gave(d, "receiver") && c->n_receivers == 1) {
        memcpy(chosen, c->receivers[0].name, HZ_NAME_MAX + 1);
        return &c->receivers[0];
    }
    if (!gave(d, "receiver")) {
        if (!p->lost)
            missing(p, d, "receiver",
                    c->n_receivers ? "receiver = NAME where there are several"
                                   : "a section [receiver NAME]");
        return NULL;
    }
    const char **names = calloc(c->n_receivers + 1, sizeof *names);
    for (size_t i = 0; names && i < c->n_receivers; i++) {
        names[i] = c->receivers[i].name;
        if (strcmp(names[i], chosen) == 0) {
            free(names);
            return &c->receivers[i];
        }
    }
    const char *near = names ? hz_nearest(chosen, names) : NULL;
    if (*chosen && !p->lost) /* else its value was refused already, or the receiver's heading */
        hz_conf_error(p->errors, d->where.file, hz_draft_line(d, "receiver"),
                      "receiver = '%s': there is no [receiver %s]%s%s%s", chosen, chosen,
                      near ? ", did you mean '" : "", near ? near : "", near ? "'?" : "");
    free(names);
    return NULL;
}

static void check_channel(struct hz_conf_parser *p, const struct hz_draft *d)
{
    struct hz_conf_channel *ch = hz_draft_item(p, d);
    ch->freq_line = d->line[hz_key_find(d->kind, "frequency")];
    if (!gave(d, "decoder"))
        missing(p, d, "decoder", "decoder = NAME, as `hertzd decoders` lists them");
    const struct hz_conf_receiver *r = find_receiver(p, d, ch->receiver);
    if (!r)
        ch->receiver[0] = 0; /* told; it takes no part in a plan */
    const struct hz_decoder *dec = ch->decoder;
    if (r && strcmp(r->source, "rtlsdr") == 0)
        hz_check_dongle_channel(p, d, r);
    const struct hz_key *keys = hz_section_kinds[d->kind].keys;
    for (int k = 0; dec && keys[k].name; k++) {
        const char *why = hz_conf_channel_useless(dec, keys[k].name);
        if (d->line[k] && why)
            hz_conf_error(p->errors, d->where.file, d->line[k],
                          "'%s' has no meaning with decoder = %s, %s", keys[k].name, dec->name,
                          why);
    }
    if (ch->ctcss_hz > 0 && ch->dcs != 0)
        hz_conf_error(
            p->errors, d->where.file, hz_draft_line(d, "dcs"),
            "'dcs' has no meaning with 'ctcss' beside it: a transmission has one of them");
}

/* HOST:PORT with a numeric host, "localhost" or [v6]. Port 0 lets the system choose. */
static bool address_is_good(const char *address)
{
    char host[HOST_SIZE];
    unsigned char bin[sizeof(struct in6_addr)];
    if (split_address(address, host) < 0)
        return false;
    size_t n = strlen(host);
    if (n > 2 && host[0] == '[' && host[n - 1] == ']') {
        host[n - 1] = 0;
        return inet_pton(AF_INET6, host + 1, bin) == 1;
    }
    return strcmp(host, "localhost") == 0 || inet_pton(AF_INET, host, bin) == 1;
}

/* Another listener before this one at the same place. */
static void check_taken(struct hz_conf_parser *p, const struct hz_draft *d)
{
    const struct hz_conf_listen *l = hz_draft_item(p, d);
    const char *key = l->type == HZ_LISTEN_UNIX ? "path" : "address";
    const char *place = l->type == HZ_LISTEN_UNIX ? l->path : l->address;
    const char *port = strrchr(place, ':');
    if (!*place || (l->type != HZ_LISTEN_UNIX && port && atoi(port + 1) == 0))
        return;
    for (size_t i = 0; i < d->index; i++) {
        const struct hz_conf_listen *o = &p->config->listens[i];
        bool same = l->type == HZ_LISTEN_UNIX
                        ? o->type == HZ_LISTEN_UNIX && strcmp(o->path, place) == 0
                        : o->type != HZ_LISTEN_UNIX && strcmp(o->address, place) == 0;
        if (!same)
            continue;
        hz_conf_error(p->errors, d->where.file, hz_draft_line(d, key),
                      "%s = '%s' is taken by [listen %s] at %s:%d", key, place, o->name,
                      o->where.file, o->where.line);
        return;
    }
}

/* rtl_tcp knows no other format than cu8. What a file turns out to hold is seen when it plays. */
static void check_share(struct hz_conf_parser *p, const struct hz_draft *d)
{
    struct hz_conf_listen *l = hz_draft_item(p, d);
    const struct hz_conf_receiver *r = find_receiver(p, d, l->receiver);
    if (r && r->has_format && r->format != HZ_CU8)
        hz_conf_error(p->errors, d->where.file, hz_draft_line(d, "receiver"),
                      "type = rtl_tcp sends cu8, but receiver %s has format = %s", r->name,
                      hz_format_name(r->format));
}

static void check_listen(struct hz_conf_parser *p, const struct hz_draft *d)
{
    struct hz_conf_listen *l = hz_draft_item(p, d);
    l->path_line = d->line[hz_key_find(d->kind, "path")];
    const struct hz_key *type = &hz_section_kinds[d->kind].keys[hz_key_find(d->kind, "type")];
    const size_t path_max = sizeof((struct sockaddr_un *)0)->sun_path - 1;
    if (!gave(d, "type")) {
        missing(p, d, "type", "type = tcp, http, unix or rtl_tcp");
        return;
    }
    check_only(p, d, "type", type->choices[l->type]);
    if (l->type == HZ_LISTEN_UNIX) {
        if (!gave(d, "path"))
            missing(p, d, "path", "path = SOCKET, as in /run/hertzd/hertzd.sock");
        if (strlen(l->path) > path_max)
            hz_conf_error(p->errors, d->where.file, hz_draft_line(d, "path"),
                          "path = '%s': expected at most %zu characters for a socket", l->path,
                          path_max);
    } else if (!gave(d, "address")) {
        missing(p, d, "address", "address = HOST:PORT, as in 127.0.0.1:7373");
    } else if (*l->address && !address_is_good(l->address)) {
        hz_conf_error(p->errors, d->where.file, hz_draft_line(d, "address"),
                      "address = '%s': expected HOST:PORT with a numeric host, localhost or [IPv6] "
                      "and a port of at most 65535, as in 127.0.0.1:7373",
                      l->address);
    }
    if (l->type == HZ_LISTEN_RTL_TCP)
        check_share(p, d);
    check_taken(p, d);
}

void hz_config_check(struct hz_conf_parser *p)
{
    for (size_t i = 0; i < p->n_drafts; i++) {
        struct hz_draft *d = &p->drafts[i];
        int before = p->errors->count;
        if (d->kind == HZ_SECTION_RECEIVER)
            check_receiver(p, d);
        else if (d->kind == HZ_SECTION_CHANNEL)
            check_channel(p, d);
        else if (d->kind == HZ_SECTION_LISTEN)
            check_listen(p, d);
        d->bad = d->bad || p->errors->count > before;
    }
    hz_config_plan(p);
}
