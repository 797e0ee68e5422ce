/* The keys of listeners. */
#include "daemon/serve/listen_keys.h"

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

static void check_path(const struct hz_check *c, void *item)
{
    struct hz_conf_listen *l = item;
    const size_t path_max = sizeof((struct sockaddr_un *)0)->sun_path - 1;
    if (!hz_check_needs(c, "path", "path = SOCKET, as in /run/hertzd/hertzd.sock"))
        return;
    l->path_line = hz_check_line(c, "path");
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
/* clang-format on */

static const struct hz_option tcp_options[] = {KEY_ADDRESS, KEY_PER_ADDRESS, {0}};

static const struct hz_option http_options[] = {
    KEY_ADDRESS,
    KEY_PER_ADDRESS,
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
    {"tcp", "one line of JSON a message", tcp_options, SIZE, check_address}, HZ_LISTEN_TCP};
static const struct hz_listen_kind http_kind = {
    {"http", "the same lines over WebSocket; status", http_options, SIZE, check_address},
    HZ_LISTEN_HTTP};
static const struct hz_listen_kind unix_kind = {
    {"unix", "control, for hertzctl", unix_options, SIZE, check_path}, HZ_LISTEN_UNIX};
static const struct hz_listen_kind samples_kind = {
    {"rtl_tcp", "a receiver's raw samples", samples_options, SIZE, check_samples},
    HZ_LISTEN_RTL_TCP};

const struct hz_listen_kind *const hz_listen_kinds[] = {&tcp_kind, &http_kind, &unix_kind,
                                                        &samples_kind, NULL};
