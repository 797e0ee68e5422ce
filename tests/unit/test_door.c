#include "daemon/serve/door.h"
#include "daemon/serve/kinds.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct hz_doors all;
static struct hz_door door;
static int gone;

static void on_gone(struct hz_door *d)
{
    (void)d;
    gone++;
}

static void open_door(const struct hz_listener_kind *kind, int max, int each)
{
    struct hz_conf_listen conf = {.name = "json",
                                  .address = (char *)"",
                                  .path = (char *)"",
                                  .allow_origin = (char *)"",
                                  .allow_host = (char *)"",
                                  .format = (char *)"",
                                  .tokens = (char *)"",
                                  .allow = (char *)"",
                                  .max_clients = max,
                                  .max_per_address = each};
    all = (struct hz_doors){.max_clients = 100, .kept_clients = 10};
    cr_assert_eq(hz_door_init(&door, &all, &conf, kind), 0);
    door.gone = on_gone;
    hz_door_ref(&door);
}

static struct hz_peer peer_v4(uint8_t last, bool local)
{
    return (struct hz_peer){.local = local, .net = {4, 192, 0, 2, last}};
}

static bool admits(const struct hz_peer *p, const char *words)
{
    char reason[HZ_ERROR_MAX] = "";
    bool ok = hz_door_admits(&door, p, reason, sizeof reason);
    if (words)
        cr_expect(!ok && strstr(reason, words), "%s, expected %s", reason, words);
    return ok;
}

Test(door, one_address_has_no_more_than_its_share)
{
    open_door(&hz_kind_lines, 50, 3);
    struct hz_peer rude = peer_v4(1, false), good = peer_v4(2, false), mine = peer_v4(3, true);
    for (int i = 0; i < 3; i++) {
        cr_expect(admits(&rude, NULL));
        hz_door_enter(&door, &rude, false);
    }
    admits(&rude, "from one address: 3 of 3 (max_per_address of listen json)");
    cr_expect(admits(&good, NULL));
    hz_door_enter(&door, &good, false);
    for (int i = 0; i < 10; i++) { /* this machine has no share */
        cr_expect(admits(&mine, NULL));
        hz_door_enter(&door, &mine, false);
    }
    hz_door_enter(&door, &rude, true); /* one that is refused takes no place */
    cr_expect_eq(door.n_clients, 14);
    cr_expect_eq(door.n_refused, 1);
    hz_door_exit(&door, &rude, true);
    hz_door_exit(&door, &rude, false);
    cr_expect(admits(&rude, NULL));
    hz_door_enter(&door, &rude, false);
    admits(&rude, "from one address");
    for (int i = 0; i < 3; i++)
        hz_door_exit(&door, &rude, false);
    hz_door_exit(&door, &good, false);
    for (int i = 0; i < 10; i++)
        hz_door_exit(&door, &mine, false);
    cr_expect_eq(door.n_clients + all.n_clients + door.n_nets, 0);
    hz_door_unref(&door);
    cr_expect_eq(gone, 1);
    hz_door_done(&door);
}

Test(door, an_address_leaves_no_trace_among_many)
{
    open_door(&hz_kind_lines, 1000, 1);
    all.max_clients = 1000;
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 200; i++) {
            struct hz_peer p = peer_v4((uint8_t)i, false);
            cr_expect(admits(&p, NULL));
            hz_door_enter(&door, &p, false);
            admits(&p, "from one address: 1 of 1");
        }
        for (int i = 0; i < 200; i++) {
            struct hz_peer p = peer_v4((uint8_t)(i * 7 % 200), false);
            hz_door_exit(&door, &p, false);
        }
        cr_expect_eq(door.n_nets, 0);
    }
    hz_door_done(&door);
}

Test(door, places_are_kept_back_for_the_control_socket)
{
    struct hz_peer p = peer_v4(1, true);
    open_door(&hz_kind_lines, 1000, 1000);
    for (int i = 0; i < 90; i++)
        hz_door_enter(&door, &p, false);
    admits(&p, "90 of the 90 that the limit of open files allows");
    door.kind = &hz_kind_rpc;
    for (int i = 0; i < 10; i++) {
        cr_expect(admits(&p, NULL));
        hz_door_enter(&door, &p, false);
    }
    admits(&p, "100 of the 100");
    hz_door_done(&door);
}

Test(door, is_crowded_from_three_quarters_on)
{
    struct hz_peer p = peer_v4(1, true);
    open_door(&hz_kind_http, 40, 1000);
    for (int i = 0; i < 29; i++)
        hz_door_enter(&door, &p, false);
    cr_expect(!hz_door_crowded(&door));
    hz_door_enter(&door, &p, false);
    cr_expect(hz_door_crowded(&door));
    door.conf.max_clients = 1000;
    cr_expect(!hz_door_crowded(&door));
    for (int i = 30; i < 68; i++)
        hz_door_enter(&door, &p, false);
    cr_expect(hz_door_crowded(&door), "68 of the 90 for all");
    hz_door_done(&door);
}

Test(door, who_is_refused_by_kind_learns_why)
{
    struct hz_peer p = peer_v4(1, true);
    open_door(&hz_kind_refused, 10, 10);
    free(door.conf.address);
    door.conf.address = strdup("127.0.0.1:99");
    admits(&p, "systemd passed 127.0.0.1:99, but no [listen] section");
    hz_door_done(&door);
}

Test(door, only_networks_of_the_list_and_this_machine_come_in)
{
    open_door(&hz_kind_lines, 50, 3);
    struct hz_peer in = peer_v4(1, false), out = peer_v4(2, false), mine = peer_v4(3, true);
    hz_ip_parse("10.1.2.3", &in.ip);
    hz_ip_parse("11.1.2.3", &out.ip);
    hz_ip_parse("127.0.0.1", &mine.ip);
    cr_expect(admits(&in, NULL) && admits(&out, NULL) && admits(&mine, NULL));
    free(door.conf.allow);
    door.conf.allow = strdup("10.0.0.0/8, fd00::/8");
    cr_expect(admits(&in, NULL) && admits(&mine, NULL));
    admits(&out, "this address may not connect (allow of listen json)");
    cr_expect_eq(door.counts.why[HZ_REFUSAL_ALLOW], 1);
    hz_door_done(&door);
}

/* ---- peers ---- */

static struct hz_peer peer_of(int family, const char *listen_on)
{
    struct sockaddr_storage a = {.ss_family = (sa_family_t)family};
    socklen_t len = sizeof a;
    void *host = family == AF_INET ? (void *)&((struct sockaddr_in *)&a)->sin_addr
                                   : (void *)&((struct sockaddr_in6 *)&a)->sin6_addr;
    struct hz_peer p = {0};
    inet_pton(family, listen_on, host);
    int listener = socket(family, SOCK_STREAM, 0), client = socket(family, SOCK_STREAM, 0);
    if (bind(listener, (struct sockaddr *)&a, sizeof a) == 0 && listen(listener, 1) == 0 &&
        getsockname(listener, (struct sockaddr *)&a, &len) == 0 &&
        connect(client, (struct sockaddr *)&a, len) == 0) {
        int fd = accept(listener, NULL, NULL);
        hz_peer_of(fd, &p);
        close(fd);
    } else {
        cr_skip_test("%s is not there", listen_on);
    }
    close(client);
    close(listener);
    return p;
}

Test(peer, loopback_is_local)
{
    struct hz_peer p = peer_of(AF_INET, "127.0.0.1");
    cr_expect(p.local && !p.is_unix);
    cr_expect_eq(memcmp(p.net, "\x04\x7f\0\0\x01\0\0\0\0", 9), 0);
    cr_expect_eq(strncmp(p.name, "127.0.0.1:", 10), 0);
}

Test(peer, loopback_of_ipv6_is_local)
{
    struct hz_peer p = peer_of(AF_INET6, "::1");
    cr_expect(p.local && !p.is_unix);
    cr_expect_eq(strncmp(p.name, "[::1]:", 6), 0);
}

Test(peer, a_unix_socket_has_a_user_and_a_process)
{
    int fds[2];
    struct hz_peer p;
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    hz_peer_of(fds[0], &p);
    cr_expect(p.local && p.is_unix);
    cr_expect_eq(p.pid, getpid());
    close(fds[0]);
    close(fds[1]);
    hz_peer_of(-1, &p);
    cr_expect(!p.local);
}
