#include "config/networks.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t v4_mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
static const char between[] = ", \t";

struct network {
    struct hz_ip ip;
    int bits; /* of 128 */
};

bool hz_ip_parse(const char *text, struct hz_ip *ip)
{
    memcpy(ip->byte, v4_mapped, sizeof v4_mapped);
    return inet_pton(AF_INET, text, ip->byte + 12) == 1 || inet_pton(AF_INET6, text, ip->byte) == 1;
}

bool hz_ip_is_loopback(const struct hz_ip *ip)
{
    static const struct hz_ip one = {.byte[15] = 1};
    bool v4 = memcmp(ip->byte, v4_mapped, sizeof v4_mapped) == 0;
    return v4 ? ip->byte[12] == 127 : memcmp(ip, &one, sizeof one) == 0;
}

static bool has(const struct network *net, const struct hz_ip *ip)
{
    size_t whole = (size_t)net->bits / 8;
    int rest = net->bits % 8;
    if (memcmp(net->ip.byte, ip->byte, whole) != 0)
        return false;
    return rest == 0 || (net->ip.byte[whole] ^ ip->byte[whole]) >> (8 - rest) == 0;
}

/* No bit is set behind the network's own: 192.168.1.7/16 is a mistake. */
static bool is_clean(const struct network *net)
{
    for (int i = net->bits; i < 128; i++) {
        if (net->ip.byte[i / 8] & 0x80 >> i % 8)
            return false;
    }
    return true;
}

/* ADDRESS or ADDRESS/BITS; n characters. */
static bool parse(const char *word, size_t n, struct network *net)
{
    char text[INET6_ADDRSTRLEN + 4];
    if (n >= sizeof text)
        return false;
    memcpy(text, word, n);
    text[n] = '\0';
    char *slash = strchr(text, '/');
    if (slash)
        *slash++ = '\0';
    bool v6 = strchr(text, ':') != NULL;
    int all = v6 ? 128 : 32;
    if (!hz_ip_parse(text, &net->ip))
        return false;
    net->bits = all;
    if (slash) {
        size_t digits = strspn(slash, "0123456789");
        if (digits == 0 || digits > 3 || slash[digits] || atoi(slash) > all)
            return false;
        net->bits = atoi(slash);
    }
    net->bits += 128 - all;
    return is_clean(net);
}

int hz_networks_check(const char *list, char *expected, size_t size)
{
    struct network net;
    int count = 0;
    for (list += strspn(list, between); *list; list += strspn(list, between), count++) {
        size_t n = strcspn(list, between);
        if (!parse(list, n, &net)) {
            snprintf(expected, size,
                     "'%.*s': expected networks as in 192.168.0.0/16, fd00::/8, whose bits behind "
                     "the slash's are 0, or addresses",
                     (int)(n < 60 ? n : 60), list);
            return -EINVAL;
        }
        list += n;
    }
    if (count == 0)
        snprintf(expected, size, "expected networks as in 192.168.0.0/16, fd00::/8");
    return count ? 0 : -EINVAL;
}

bool hz_networks_have(const char *list, const struct hz_ip *ip)
{
    struct network net;
    for (list += strspn(list, between); *list; list += strspn(list, between)) {
        size_t n = strcspn(list, between);
        if (parse(list, n, &net) && has(&net, ip))
            return true;
        list += n;
    }
    return false;
}
