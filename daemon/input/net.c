#include "daemon/input/net.h"

#include "config/networks.h"
#include "proto/reader/teller.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

const char *const hz_counter_names[] = {[HZ_COUNTER_12MHZ] = "12MHz",
                                        [HZ_COUNTER_GPS] = "gps",
                                        [HZ_COUNTER_NONE] = "none",
                                        [HZ_COUNTER_NONE + 1] = NULL};

/* Of formats that do not tell what their frames are. */
static void check_protocol(const struct hz_check *c, const struct hz_conf_net_input *in,
                           const struct hz_reader *r)
{
    const char *const *p = r->protocols;
    if (!hz_check_gave(c, "protocol"))
        return;
    if (r != &hz_reader_kiss) {
        hz_check_error(c, "protocol", "protocol has no meaning with format = %s", in->format);
        return;
    }
    while (*p && strcmp(*p, in->protocol) != 0)
        p++;
    if (!*p)
        hz_check_error(c, "protocol", "protocol = '%s': expected aprs or ax25-9600", in->protocol);
}

static void needs_format(const struct hz_check *c, const char *key, const char *format, bool has)
{
    if (hz_check_gave(c, key) && !has)
        hz_check_error(c, key, "%s has no meaning with format = %s", key, format);
}

void hz_net_check(const struct hz_check *c, const struct hz_conf_net_input *in)
{
    char names[100] = "", expected[128];
    const char *list[16];
    size_t n = 0;
    for (; hz_readers[n] && n < 15; n++) {
        list[n] = hz_readers[n]->name;
        snprintf(names + strlen(names), sizeof names - strlen(names), "%s%s", n > 0 ? ", " : "",
                 list[n]);
    }
    list[n] = NULL;
    const struct hz_reader *r = hz_reader_find(in->format);
    if (!hz_check_needs(c, "format", "format = beast, or another of what can be read"))
        return;
    if (!r) {
        hz_word_find(list, in->format, expected, sizeof expected);
        hz_check_error(c, "format", "format = '%s': expected %s", in->format, expected);
        return;
    }
    check_protocol(c, in, r);
    needs_format(c, "frequency", in->format, r == &hz_reader_kiss || r == &hz_reader_nmea);
    needs_format(c, "counter", in->format, r == &hz_reader_beast || r == &hz_reader_avr);
    if (*in->allow && hz_networks_check(in->allow, expected, sizeof expected) < 0)
        hz_check_error(c, "allow", "allow = %s", expected);
}

int hz_net_address(const char *address, struct sockaddr_storage *out)
{
    char host[256];
    bool v6 = false;
    int port = hz_address_split(address, host, sizeof host, &v6);
    if (port < 0)
        return -EINVAL;
    if (v6)
        return uv_ip6_addr(host, port, (struct sockaddr_in6 *)out) ? -EINVAL : 0;
    const char *number = strcmp(host, "localhost") == 0 ? "127.0.0.1" : host;
    return uv_ip4_addr(number, port, (struct sockaddr_in *)out) ? -EINVAL : 0;
}

void hz_net_text(const struct sockaddr *a, char text[HZ_NET_TEXT])
{
    char ip[INET6_ADDRSTRLEN] = "?";
    bool v6 = a->sa_family == AF_INET6;
    const struct sockaddr_in *four = (const void *)a;
    const struct sockaddr_in6 *six = (const void *)a;
    if (v6)
        uv_ip6_name(six, ip, sizeof ip);
    else
        uv_ip4_name(four, ip, sizeof ip);
    snprintf(text, HZ_NET_TEXT, v6 ? "[%s]:%u" : "%s:%u", ip,
             (unsigned)ntohs(v6 ? six->sin6_port : four->sin_port));
}

static void ip_of(const struct sockaddr *a, struct hz_ip *ip)
{
    *ip = (struct hz_ip){.byte = {[10] = 0xff, [11] = 0xff}};
    if (a->sa_family == AF_INET6)
        memcpy(ip->byte, &((const struct sockaddr_in6 *)(const void *)a)->sin6_addr, 16);
    else
        memcpy(ip->byte + 12, &((const struct sockaddr_in *)(const void *)a)->sin_addr, 4);
}

bool hz_net_admits(const struct hz_conf_net_input *in, const struct sockaddr *peer)
{
    struct hz_ip ip;
    ip_of(peer, &ip);
    return hz_ip_is_loopback(&ip) || hz_networks_have(in->allow, &ip);
}

/* Another input before this one at the same place. */
static void check_taken(const struct hz_check *c, const struct hz_conf_net_input *in)
{
    const struct hz_config *config = hz_check_config(c);
    const char *port = strrchr(in->address, ':');
    for (size_t i = 0; atoi(port + 1) != 0 && i < hz_check_index(c); i++) {
        const struct hz_conf_net_input *o = (const void *)config->inputs[i];
        if (o->input.kind == in->input.kind && o->address && strcmp(o->address, in->address) == 0 &&
            o->listen == in->listen)
            hz_check_error(c, "address", "address = '%s' is taken by [input %s] at %s:%d",
                           in->address, o->input.name, o->input.where.file, o->input.where.line);
    }
}

void hz_net_check_own(const struct hz_check *c, const struct hz_conf_net_input *in)
{
    struct sockaddr_storage own;
    struct hz_ip ip;
    if (!hz_check_needs(c, "address", "address = HOST:PORT of our own, as in 127.0.0.1:30004"))
        return;
    if (hz_net_address(in->address, &own) < 0) {
        hz_check_error(c, "address",
                       "address = '%s': expected HOST:PORT with a numeric host, localhost or "
                       "[IPv6], as in 127.0.0.1:30004",
                       in->address);
        return;
    }
    ip_of((const struct sockaddr *)&own, &ip);
    if (!hz_ip_is_loopback(&ip) && !*in->allow)
        hz_check_error(c, "address",
                       "address = '%s' can be reached by other machines: expected allow = "
                       "192.168.0.0/16 (networks that may send messages)",
                       in->address);
    check_taken(c, in);
}
