#include "daemon/source/rtl_tcp_conf.h"

#include <arpa/inet.h>
#include <string.h>

struct hz_conf_rtl_tcp {
    struct hz_conf_receiver receiver;
    char *address;
};

const char *hz_rtl_tcp_address(const struct hz_conf_receiver *r)
{
    return ((const struct hz_conf_rtl_tcp *)r)->address;
}

/* A name (letters, digits, '-', '.', '_'), IPv4 or [IPv6], and a port. */
static bool address_is_good(const char *address)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._";
    char host[256];
    unsigned char bin[sizeof(struct in6_addr)];
    bool v6;
    if (hz_address_split(address, host, sizeof host, &v6) <= 0)
        return false;
    return v6 ? inet_pton(AF_INET6, host, bin) == 1 : strspn(host, allowed) == strlen(host);
}

static void check(const struct hz_check *c, void *item)
{
    const char *address = hz_rtl_tcp_address(item);
    if (hz_check_needs(c, "address", "address = HOST:PORT, as in 127.0.0.1:1234") && *address &&
        !address_is_good(address))
        hz_check_error(c, "address",
                       "address = '%s': expected HOST:PORT with a name, an IPv4 address or [IPv6], "
                       "and a port from 1 to 65535, as in attic.local:1234",
                       address);
}

static const struct hz_option options[] = {
    {.name = "address",
     .type = HZ_OPTION_TEXT,
     .at = offsetof(struct hz_conf_rtl_tcp, address),
     .example = "127.0.0.1:1234",
     .help = "HOST:PORT of the server, with a name, an IPv4 address or [IPv6]"},
    HZ_KEY_RATE,
    HZ_KEY_CENTRE,
    HZ_KEY_PLAN,
    HZ_KEY_GAIN,
    HZ_KEY_PPM,
    HZ_KEY_BIAS_TEE,
    {0},
};

const struct hz_source_kind hz_rtl_tcp_kind = {
    .kind = {.name = "rtl_tcp",
             .title = "an rtl_tcp server",
             .options = options,
             .size = sizeof(struct hz_conf_rtl_tcp),
             .check = check},
    .ops = &hz_source_rtl_tcp,
    .live = true,
    .tunable = true,
    .input = hz_rtl_tcp_address,
};
