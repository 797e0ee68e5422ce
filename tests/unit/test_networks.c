#include "config/networks.h"

#include <criterion/criterion.h>
#include <errno.h>

static bool have(const char *list, const char *address)
{
    struct hz_ip ip;
    cr_assert(hz_ip_parse(address, &ip), "%s", address);
    return hz_networks_have(list, &ip);
}

Test(networks, have_their_addresses_and_no_others)
{
    static const struct {
        const char *list, *in, *out;
    } cases[] = {
        {"192.168.0.0/16", "192.168.0.0", "192.167.255.255"},
        {"192.168.0.0/16", "192.168.255.255", "192.169.0.0"},
        {"10.1.2.3", "10.1.2.3", "10.1.2.4"},
        {"10.1.2.3/32", "10.1.2.3", "10.1.2.2"},
        {"0.0.0.0/0", "255.1.2.3", "2001:db8::1"},
        {"128.0.0.0/1", "200.0.0.1", "127.255.255.255"},
        {"10.32.0.0/11", "10.63.255.255", "10.64.0.0"},
        {"fd00::/8", "fdff::1", "fc00::1"},
        {"2001:db8::/33", "2001:db8:7fff::1", "2001:db8:8000::1"},
        {"::1", "::1", "::2"},
        {"::/0", "10.0.0.1", "10.0.0.1"}, /* as ::ffff:10.0.0.1 it has IPv4 too; see below */
        {"192.168.0.0/16, fd00::/8", "fd12::1", "10.0.0.1"},
        {" \t10.0.0.0/8,,172.16.0.0/12 ", "172.31.0.1", "172.32.0.1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char expected[128];
        cr_expect_eq(hz_networks_check(cases[i].list, expected, sizeof expected), 0, "%s",
                     cases[i].list);
        cr_expect(have(cases[i].list, cases[i].in), "%s", cases[i].list);
        if (cases[i].in != cases[i].out)
            cr_expect_not(have(cases[i].list, cases[i].out), "%s", cases[i].list);
    }
    cr_expect_not(have("", "10.0.0.1"));
    cr_expect(have("10.0.0.0/8", "::ffff:10.2.3.4")); /* of a socket that takes both */
}

Test(networks, wrong_ones_are_refused)
{
    static const char *const wrong[] = {"",
                                        " ,",
                                        "x",
                                        "10.0.0.0/33",
                                        "10.0.0.0/",
                                        "10.0.0.0/-1",
                                        "10.0.0.1/8",
                                        "10.0.0/8",
                                        "fd00::/129",
                                        "fd00::1/8",
                                        "10.0.0.0/8x",
                                        "10.0.0.0/8 y",
                                        "localhost",
                                        "::/0/0",
                                        "10.0.0.0/0008",
                                        "1111:2222:3333:4444:5555:6666:7777:8888:9"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char expected[128] = "";
        cr_expect_eq(hz_networks_check(wrong[i], expected, sizeof expected), -EINVAL, "%s",
                     wrong[i]);
        cr_expect(*expected);
    }
}

Test(networks, loopback)
{
    static const char *const own[] = {"127.0.0.1", "127.255.1.2", "::1", "::ffff:127.0.0.1"};
    static const char *const others[] = {"128.0.0.1", "126.255.255.255",  "::",     "::2",
                                         "0.0.0.0",   "::ffff:128.0.0.1", "fe80::1"};
    struct hz_ip ip;
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        cr_expect(hz_ip_parse(own[i], &ip) && hz_ip_is_loopback(&ip), "%s", own[i]);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        cr_expect(hz_ip_parse(others[i], &ip) && !hz_ip_is_loopback(&ip), "%s", others[i]);
    cr_expect_not(hz_ip_parse("localhost", &ip));
}
