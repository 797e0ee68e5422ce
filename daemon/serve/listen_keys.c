/* The keys of listeners. */
#include "daemon/serve/listen_keys.h"

#include "config/networks.h"
#include "config/tokens.h"
#include "daemon/bus/subscription.h"
#include "daemon/serve/tiles.h"
#include "proto/format/format.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

/* HOST:PORT with a numeric host, "localhost" or [v6]. Port 0 lets the system choose. */
static bool address_is_good(const char *address)
{
    char host[256];
    unsigned char bin[sizeof(struct in6_addr)];
    bool v6;
    if (hz_address_split(address, host, sizeof host, &v6) < 0)
        return false;
    if (v6)
        return inet_pton(AF_INET6, host, bin) == 1;
    return strcmp(host, "localhost") == 0 || inet_pton(AF_INET, host, bin) == 1;
}

/* Another listener before this one at the same place. */
static void check_taken(const struct hz_check *c, const struct hz_conf_listen *l, const char *key,
                        const char *place)
{
    const struct hz_config *config = hz_check_config(c);
    for (size_t i = 0; i < hz_check_index(c); i++) {
        const struct hz_conf_listen *o = &config->listens[i];
        if (strcmp(*l->path ? o->path : o->address, place) != 0)
            continue;
        hz_check_error(c, key, "%s = '%s' is taken by [listen %s] at %s:%d", key, place, o->name,
                       o->where.file, o->where.line);
        return;
    }
}

static void check_address(const struct hz_check *c, void *item)
{
    const struct hz_conf_listen *l = item;
    if (!hz_check_needs(c, "address", "address = HOST:PORT, as in 127.0.0.1:7373") || !*l->address)
        return;
    if (!address_is_good(l->address))
        hz_check_error(c, "address",
                       "address = '%s': expected HOST:PORT with a numeric host, localhost or "
                       "[IPv6] and a port of at most 65535, as in 127.0.0.1:7373",
                       l->address);
    const char *port = strrchr(l->address, ':');
    if (!port || atoi(port + 1) != 0)
        check_taken(c, l, "address", l->address);
}

/* Whether only this machine reaches it. */
static bool is_private(const char *address)
{
    char host[256];
    struct hz_ip ip;
    bool v6;
    hz_address_split(address, host, sizeof host, &v6);
    return strcmp(host, "localhost") == 0 || (hz_ip_parse(host, &ip) && hz_ip_is_loopback(&ip));
}

static void check_allow(const struct hz_check *c, const struct hz_conf_listen *l)
{
    char expected[128];
    if (*l->allow && hz_networks_check(l->allow, expected, sizeof expected) < 0)
        hz_check_error(c, "allow", "allow = %s", expected);
}

/* Whether it sends what other programs read, who cannot say who they are nor what they want. */
static bool is_foreign(const struct hz_conf_listen *l)
{
    const struct hz_form *form = hz_form_find(l->format);
    return form && form != &hz_form_json;
}

/* A filter, which can have messages that the format can tell. */
static void check_filter(const struct hz_check *c, const struct hz_conf_listen *l,
                         const struct hz_form *form)
{
    struct hz_subscription s;
    char err[256];
    const char *key =
        hz_subscription_from_section(&s, hz_check_decoders(c), &l->filter, err, sizeof err);
    if (key) {
        hz_check_error(c, key, "%s", err);
        return;
    }
    for (int i = 0; i < s.protocol.n; i++) {
        if (hz_form_takes(form, s.protocol.names[i]))
            return;
    }
    if (s.protocol.n > 0)
        hz_check_error(c, "protocol", "protocol = %s: format = %s has no words for it",
                       l->filter.protocol, form->name);
}

/* The format of a tcp listener, and what is of use only with one. */
static void check_format(const struct hz_check *c, const struct hz_conf_listen *l)
{
    static const char *const words[] = {"protocol", "channel", "receiver", "id",
                                        "bbox",     "min_snr", "every",    NULL};
    const struct hz_form *form = hz_form_find(l->format);
    if (*l->format && !form)
        hz_check_error(c, "format",
                       "format = '%s': expected one of those that `hertzd formats` lists",
                       l->format);
    else if (is_foreign(l))
        check_filter(c, l, form);
    for (const char *const *w = words; *w && (!*l->format || form == &hz_form_json); w++) {
        if (l->type == HZ_LISTEN_TCP && hz_check_gave(c, *w))
            hz_check_error(c, *w,
                           "%s without a format of other programs: expected format = beast or so; "
                           "clients of hertzd's own lines say themselves what they want",
                           *w);
    }
    if (is_foreign(l) && hz_check_gave(c, "tokens"))
        hz_check_error(c, "tokens",
                       "tokens with format = %s, whose programs cannot send one: expected allow = "
                       "192.168.0.0/16 (networks that may read)",
                       l->format);
}

/* What those have who get our own stream: the file of tokens is read, and without one nobody else
 * than this machine comes in by mistake. */
static void check_door(const struct hz_check *c, struct hz_conf_listen *l)
{
    char err[256];
    check_allow(c, l);
    if (hz_check_gave(c, "tokens")) {
        if (hz_tokens_read(&l->token_list, l->tokens, err, sizeof err) < 0)
            hz_check_error(c, "tokens", "tokens = '%s': %s", l->tokens, err);
        if (l->control)
            hz_check_error(c, "control",
                           "control = yes beside tokens: the role of each token tells it");
        return;
    }
    if (!address_is_good(l->address) || is_private(l->address))
        return;
    if (l->control)
        hz_check_error(
            c, "control",
            "control = yes on %s, which other machines reach: expected tokens = FILE with "
            "a token of the role control",
            l->address);
    if (l->insecure || *l->allow)
        return;
    if (is_foreign(l))
        hz_check_error(c, "address",
                       "address = '%s' can be reached by other machines, and format = %s has no "
                       "login: expected allow = 192.168.0.0/16 (networks that may read), or "
                       "insecure = yes (everybody may)",
                       l->address, l->format);
    else
        hz_check_error(c, "address",
                       "address = '%s' can be reached by other machines: expected tokens = FILE "
                       "(docs/security.md), or allow = 192.168.0.0/16 (networks that may read "
                       "without a token), or insecure = yes (everybody may)",
                       l->address);
}

/* A listener of our own stream. */
static void check_stream(const struct hz_check *c, void *item)
{
    check_address(c, item);
    check_format(c, item);
    check_door(c, item);
}

static void check_http(const struct hz_check *c, void *item)
{
    const struct hz_conf_listen *l = item;
    char origin[HZ_TILES_ORIGIN];
    check_stream(c, item);
    if (*l->tiles && hz_tiles_origin(l->tiles, origin) < 0)
        hz_check_error(c, "tiles",
                       "tiles = '%s': expected the address of pictures, as in "
                       "https://tiles.example.org/{z}/{x}/{y}.png",
                       l->tiles);
}

static void check_path(const struct hz_check *c, void *item)
{
    struct hz_conf_listen *l = item;
    const size_t path_max = sizeof((struct sockaddr_un *)0)->sun_path - 1;
    if (!hz_check_needs(c, "path", "path = SOCKET, as in /run/hertzd/hertzd.sock"))
        return;
    l->path_at = hz_check_where(c, "path");
    if (strlen(l->path) > path_max)
        hz_check_error(c, "path", "path = '%s': expected at most %zu characters for a socket",
                       l->path, path_max);
    if (*l->path)
        check_taken(c, l, "path", l->path);
}

/* rtl_tcp knows no other format than cu8. What a file turns out to hold is seen when it plays. */
static void check_samples(const struct hz_check *c, void *item)
{
    struct hz_conf_listen *l = item;
    check_address(c, l);
    check_allow(c, l);
    const struct hz_conf_receiver *r = hz_check_receiver(c, l->receiver);
    if (r && r->format.given && r->format.format != HZ_CU8)
        hz_check_error(c, "receiver", "type = rtl_tcp sends cu8, but receiver %s has format = %s",
                       r->name, hz_format_name(r->format.format));
}

/* clang-format off */
#define OF(field) .at = offsetof(struct hz_conf_listen, field)
#define KEY_ADDRESS \
    {.name = "address", .type = HZ_OPTION_TEXT, OF(address), .example = "127.0.0.1:7373", \
     .help = "HOST:PORT with a numeric host, localhost or [IPv6]; port 0: any that is free"}
#define KEY_PER_ADDRESS \
    {.name = "max_per_address", .type = HZ_OPTION_COUNT, OF(max_per_address), .min = 1, .max = 100000, \
     .fallback = "64", .help = "clients of one address at a time, not of this machine; an IPv6 network of 64 bits is one address"}
#define KEY_ALLOW \
    {.name = "allow", .type = HZ_OPTION_TEXT, OF(allow), .example = "192.168.0.0/16, fd00::/8", \
     .help = "networks whose clients are let in, beside this machine's; default: all"}
#define KEY_TOKENS \
    {.name = "tokens", .type = HZ_OPTION_TEXT, OF(tokens), .example = "/etc/hertzd/tokens", \
     .help = "file with the tokens of clients; every client then needs one"}
#define KEY_INSECURE \
    {.name = "insecure", .type = HZ_OPTION_YES, OF(insecure), .fallback = "no", \
     .help = "whether other machines may read without a token"}
#define KEY_FILTER(key, field, value, of, what) \
    {.name = key, .type = HZ_OPTION_TEXT, OF(filter.field), .example = value, .unit = of, \
     .help = "with a format of other programs: " what "; default: all"}
/* clang-format on */

static const struct hz_option tcp_options[] = {
    KEY_ADDRESS,
    KEY_PER_ADDRESS,
    KEY_TOKENS,
    KEY_ALLOW,
    KEY_INSECURE,
    {.name = "format",
     .type = HZ_OPTION_TEXT,
     OF(format),
     .example = "beast",
     .help = "what is sent, as `hertzd formats` lists it; default: hertzd's own lines"},
    KEY_FILTER("protocol", protocol, "adsb, ais", NULL, "only what these decoders found"),
    KEY_FILTER("channel", channel, "1090", NULL, "only what comes from these channels"),
    KEY_FILTER("receiver", receiver, "roof", NULL, "only what comes from these receivers"),
    KEY_FILTER("id", id, "4840d6, 211281610", NULL, "only messages of these senders"),
    KEY_FILTER("bbox", box, "47.5,-5.2,52,8.3", "degrees",
               "only positions within south, west, north, east"),
    KEY_FILTER("min_snr", min_snr, "6.5", "dB", "only what is so much over the noise"),
    KEY_FILTER("every", every, "10s", NULL, "of each sender one message in that time, 1s to 1d"),
    {0},
};

static const struct hz_option http_options[] = {
    KEY_ADDRESS,
    KEY_PER_ADDRESS,
    KEY_TOKENS,
    KEY_ALLOW,
    KEY_INSECURE,
    {.name = "control",
     .type = HZ_OPTION_YES,
     OF(control),
     .fallback = "no",
     .help = "whether clients of this machine may control without a token"},
    {.name = "allow_host",
     .type = HZ_OPTION_TEXT,
     OF(allow_host),
     .example = "radio.example.org",
     .help = "names by which browsers may reach it, separated by blanks; `*` for all"},
    {.name = "allow_origin",
     .type = HZ_OPTION_TEXT,
     OF(allow_origin),
     .example = "https://example.org",
     .help = "other web sites whose pages may read /stream, separated by blanks; `localhost` for "
             "pages of this machine, `*` for all"},
    {.name = "tiles",
     .type = HZ_OPTION_TEXT,
     OF(tiles),
     .example = "https://tiles.example.org/{z}/{x}/{y}.png",
     .help = "pictures for the page's map in the place of its coastlines; behind the address, "
             "after a blank, what to say of their makers"},
    {0},
};

static const struct hz_option unix_options[] = {
    {.name = "path",
     .type = HZ_OPTION_TEXT,
     OF(path),
     .example = "/run/hertzd/hertzd.sock",
     .help = "of the socket"},
    {0},
};

static const struct hz_option samples_options[] = {
    KEY_ADDRESS,
    KEY_PER_ADDRESS,
    KEY_ALLOW,
    {.name = "receiver",
     .type = HZ_OPTION_NAME,
     OF(receiver),
     .example = "roof",
     .help = "whose samples; needed only where there are several receivers"},
    {.name = "control",
     .type = HZ_OPTION_YES,
     OF(control),
     .fallback = "no",
     .help = "whether its clients may change centre, gain, ppm and bias tee, for everybody"},
    {0},
};

enum { SIZE = sizeof(struct hz_conf_listen) };

static const struct hz_listen_kind tcp_kind = {
    {"tcp", "one line of JSON a message", tcp_options, SIZE, check_stream}, HZ_LISTEN_TCP};
static const struct hz_listen_kind http_kind = {
    {"http", "the same lines over WebSocket; status", http_options, SIZE, check_http},
    HZ_LISTEN_HTTP};
static const struct hz_listen_kind unix_kind = {
    {"unix", "control, for hertzctl", unix_options, SIZE, check_path}, HZ_LISTEN_UNIX};
static const struct hz_listen_kind samples_kind = {
    {"rtl_tcp", "a receiver's raw samples", samples_options, SIZE, check_samples},
    HZ_LISTEN_RTL_TCP};

const struct hz_listen_kind *const hz_listen_kinds[] = {&tcp_kind, &http_kind, &unix_kind,
                                                        &samples_kind, NULL};
