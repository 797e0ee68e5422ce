/* Listeners of JSON Lines that come, move, change and go. */
#include "tests/unit/lines.h"

#include <sys/resource.h>

Test(lines, a_listener_that_is_removed_ends_its_clients_alone)
{
    open_lines(100, 4);
    int other_port = wire_listen(&w, HZ_LISTEN_TCP, "other", 4, "");
    int a = wire_connect(port), b = wire_connect(other_port);
    expect(a, HELLO("1"));
    expect(b, HELLO("1"));
    cr_assert_eq(hz_listeners_remove(w.listeners, "nobody"), -ENOENT);
    cr_assert_eq(hz_listeners_remove(w.listeners, "json"), 0);
    expect(a, "");
    cr_assert_eq(hz_listeners_remove(w.listeners, "json"), -ENOENT);
    wire_publish(&w, w.adsb, 3);
    expect(b, "{\"seq\":1,\"kind\":\"message\",\"n\":3}");
    close(a);
    close(b);
    wire_close(&w);
}

static struct hz_conf_listen lines_at(const char *name, const char *address, int max_clients)
{
    struct hz_conf_listen conf = wire_conf(HZ_LISTEN_TCP, name, max_clients);
    conf.address = (char *)address;
    conf.max_per_address = 64;
    return conf;
}

Test(lines, an_address_in_use_or_wrong_is_told)
{
    open_lines(100, 4);
    char address[64], err[256];
    snprintf(address, sizeof address, "localhost:%d", port);
    struct hz_conf_listen conf = lines_at("twice", address, 1);
    cr_assert_eq(hz_listeners_add(w.listeners, &conf, err, sizeof err), -EADDRINUSE);
    cr_assert(strstr(err, address), "%s", err);
    static const char *const wrong[] = {
        "",       "7373",      "127.0.0.1", "host:1", "127.0.0.1:70000", "127.0.0.1:x",
        "[::1:2", "127.0.0.1:"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        conf.address = (char *)wrong[i];
        cr_assert_eq(hz_listeners_add(w.listeners, &conf, err, sizeof err), -EINVAL, "%s",
                     wrong[i]);
        cr_assert(strstr(err, "expected HOST:PORT"));
    }
    wire_close(&w);
}

Test(lines, a_new_limit_leaves_the_clients_alone)
{
    open_lines(100, 4);
    int a = wire_connect(port);
    expect(a, HELLO("1"));
    char err[256] = "";
    struct hz_conf_listen same = lines_at("json", "127.0.0.1:0", 1);
    cr_assert_eq(hz_listeners_set(w.listeners, &same, 1, err, sizeof err), 0, "%s", err);
    int b = wire_connect(port);
    cr_assert(strstr(wire_rest(&w, b), "too many clients: 1 of 1"));
    wire_publish(&w, w.adsb, 3);
    expect(a, "{\"seq\":1,\"kind\":\"message\",\"n\":3}");
    close(a);
    close(b);
    wire_close(&w);
}

Test(lines, one_that_cannot_move_stays_until_it_can, .timeout = 30)
{
    open_lines(100, 4);
    int a = wire_connect(port), other_port = wire_listen(&w, HZ_LISTEN_TCP, "other", 4, "");
    expect(a, HELLO("1"));
    char taken[64], any[] = "127.0.0.1:0", err[256] = "";
    snprintf(taken, sizeof taken, "127.0.0.1:%d", other_port);
    struct hz_conf_listen want[] = {lines_at("other", any, 4), lines_at("json", taken, 4)};
    cr_assert_eq(hz_listeners_set(w.listeners, want, 2, err, sizeof err), -EADDRINUSE);
    cr_assert(strstr(err, "listen json") && strstr(err, taken), "%s", err);
    cr_assert_eq(hz_listeners_waiting(w.listeners, err, sizeof err), 1);
    wire_publish(&w, w.adsb, 3);
    expect(a, "{\"seq\":1,\"kind\":\"message\",\"n\":3}");
    /* the address becomes free, and the next try is a second away at most */
    cr_assert_eq(hz_listeners_remove(w.listeners, "other"), 0);
    expect(a, "");
    cr_assert_eq(hz_listeners_waiting(w.listeners, err, sizeof err), 0);
    int b = wire_connect(other_port);
    expect(b, HELLO("2"));
    close(a);
    close(b);
    wire_close(&w);
}

Test(lines, a_place_that_changes_hands_is_never_closed)
{
    open_lines(100, 4);
    char at[64], err[256] = "";
    snprintf(at, sizeof at, "127.0.0.1:%d", port);
    struct hz_conf_listen renamed = lines_at("renamed", at, 4);
    cr_assert_eq(hz_listeners_set(w.listeners, &renamed, 1, err, sizeof err), 0, "%s", err);
    int a = wire_connect(port);
    expect(a, HELLO("1"));
    cr_assert_eq(hz_listeners_set(w.listeners, NULL, 0, err, sizeof err), 0);
    expect(a, "");
    close(a);
    wire_close(&w);
}

/* At boot an address may come later than the daemon. 192.0.2.0/24 is nobody's (RFC 5737). */
Test(lines, an_address_that_is_not_there_yet_is_listened_on)
{
    open_lines(100, 4);
    char err[256] = "";
    struct hz_conf_listen conf = lines_at("late", "192.0.2.1:0", 1);
    cr_assert_eq(hz_listeners_add(w.listeners, &conf, err, sizeof err), 0, "%s", err);
    wire_close(&w);
}

Test(lines, without_descriptors_connections_are_closed_and_service_goes_on)
{
    open_lines(100, 100);
    int a = wire_connect(port);
    expect(a, HELLO("1"));
    int b = wire_connect(port); /* connected by the kernel, not yet accepted */
    int fds[2];
    cr_assert_eq(pipe(fds), 0);
    close(fds[1]);
    close(fds[0]);
    struct rlimit old, none;
    getrlimit(RLIMIT_NOFILE, &old);
    none = old;
    none.rlim_cur = (rlim_t)fds[0]; /* no number below this one is free */
    setrlimit(RLIMIT_NOFILE, &none);
    expect(b, "");
    cr_assert_eq(wire_count(&w, "json", "refused"), 1);
    setrlimit(RLIMIT_NOFILE, &old);
    wire_publish(&w, w.adsb, 3);
    expect(a, "{\"seq\":1,\"kind\":\"message\",\"n\":3}");
    int c = wire_connect(port);
    expect(c, HELLO("2"));
    close(a);
    close(b);
    close(c);
    wire_close(&w);
}
