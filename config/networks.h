/* Networks of IP addresses, as a list of text: "192.168.0.0/16, fd00::/8, 10.1.2.3". Pure: any
 * thread. */
#ifndef HZ_CONFIG_NETWORKS_H
#define HZ_CONFIG_NETWORKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An address of either family: IPv4 as ::ffff:1.2.3.4. */
struct hz_ip {
    uint8_t byte[16];
};

/* Whether it is such a list. 0; -EINVAL with what was expected in `expected`. */
int hz_networks_check(const char *list, char *expected, size_t size);
/* Whether one of the networks has the address; words that are no network have none. */
bool hz_networks_have(const char *list, const struct hz_ip *ip);

/* 127.0.0.0/8, ::1. */
bool hz_ip_is_loopback(const struct hz_ip *ip);
/* From text, "192.0.2.1" or "fe80::1". False: it is neither. */
bool hz_ip_parse(const char *text, struct hz_ip *ip);

#endif
