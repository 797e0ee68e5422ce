#include "daemon/serve/rtl_tcp_commands.h"
#include "daemon/source/block.h"
#include "tests/unit/wire.h"

#include <math.h>

static struct wire w;
static int port;

static void open_share(bool control)
{
    wire_open(&w, 10);
    w.tuner = 6;
    w.n_gains = 29;
    struct hz_conf_listen conf = wire_conf(HZ_LISTEN_RTL_TCP, "samples", 4);
    snprintf(conf.receiver, sizeof conf.receiver, "roof");
    conf.control = control;
    port = wire_add(&w, &conf);
}

static int join(void)
{
    uint8_t greeting[HZ_RTL_GREETING];
    int fd = wire_connect(port);
    for (size_t n = 0; n < sizeof greeting;)
        n += (size_t)wire_read(&w, fd, greeting + n, sizeof greeting - n);
    cr_assert_eq(memcmp(greeting, "RTL0\0\0\0\x06\0\0\0\x1d", sizeof greeting), 0);
    return fd;
}

static void command(int fd, uint8_t code, uint32_t value)
{
    uint8_t bytes[HZ_RTL_COMMAND] = {code, (uint8_t)(value >> 24), (uint8_t)(value >> 16),
                                     (uint8_t)(value >> 8), (uint8_t)value};
    wire_send_bytes(&w, fd, bytes, sizeof bytes);
}

static void await(const char *key, double value)
{
    uint64_t start = uv_hrtime();
    while (wire_count(&w, "samples", key) != value && uv_hrtime() - start < WIRE_LIMIT)
        wire_iterate(&w);
    cr_assert_eq(wire_count(&w, "samples", key), value, "%s", key);
}

static void expect_set(enum hz_knob knob, double value)
{
    cr_expect_str_eq(w.set_receiver, "roof");
    cr_expect_eq(w.set_knob, knob);
    cr_expect(isnan(value) ? isnan(w.set_value) : w.set_value == value, "%g", w.set_value);
}

Test(rtl_tcp_share, commands_are_calls_with_values_in_their_units)
{
    open_share(true);
    int fd = join(), done = 0;
    command(fd, 0x01, 433920000);
    await("commands_done", ++done);
    expect_set(HZ_KNOB_CENTRE, 433920000);
    cr_expect(w.set_forced);
    command(fd, 0x03, 1); /* manual: nothing yet, no gain was given */
    command(fd, 0x04, 328);
    await("commands_done", ++done);
    expect_set(HZ_KNOB_GAIN, 32.8);
    command(fd, 0x0d, 0); /* by index: the lowest of an R828D */
    await("commands_done", ++done);
    expect_set(HZ_KNOB_GAIN, 0);
    command(fd, 0x03, 0);
    await("commands_done", ++done);
    expect_set(HZ_KNOB_GAIN, NAN);
    command(fd, 0x05, (uint32_t)-12);
    await("commands_done", ++done);
    expect_set(HZ_KNOB_PPM, -12);
    command(fd, 0x0e, 1);
    await("commands_done", ++done);
    expect_set(HZ_KNOB_BIAS, 1);
    w.set_rc = -EINVAL;
    command(fd, 0x0e, 0);
    await("commands_ignored", 1);
    close(fd);
    wire_close(&w);
}

/* The latest of each kind waits while a change is under way, and is asked for again with a block.
 */
Test(rtl_tcp_share, what_must_wait_is_asked_for_again)
{
    open_share(true);
    int fd = join();
    w.set_rc = -EBUSY;
    command(fd, 0x01, 100000000);
    command(fd, 0x01, 200000000);
    while (w.n_set < 2)
        wire_iterate(&w);
    cr_expect_eq(wire_count(&w, "samples", "commands_done"), 0);
    uint8_t data[4] = {1, 2, 3, 4};
    struct hz_block b = {.n = 2, .format = HZ_CU8, .data = data};
    w.set_rc = 0;
    hz_listeners_block(w.listeners, "other", &b);
    cr_expect_eq(w.n_set, 2);
    hz_listeners_block(w.listeners, "roof", &b);
    cr_expect_eq(w.n_set, 3);
    expect_set(HZ_KNOB_CENTRE, 200000000);
    await("commands_done", 1);
    char got[4] = "";
    cr_expect_eq(wire_read(&w, fd, got, sizeof got), 4);
    cr_expect_eq(memcmp(got, data, 4), 0);
    close(fd);
    wire_close(&w);
}

Test(rtl_tcp_share, without_control_nothing_is_called)
{
    open_share(false);
    int fd = join();
    command(fd, 0x01, 433920000);
    command(fd, 0x0e, 1);
    await("commands_ignored", 2);
    cr_expect_eq(w.n_set, 0);
    close(fd);
    wire_close(&w);
}

/* A browser posts where a page tells it to; the body of its request could be commands. */
Test(rtl_tcp_share, a_browser_is_closed_before_a_command)
{
    static const char *const methods[] = {"GET /",     "POST /",    "PUT /",   "HEAD /", "DELETE /",
                                          "OPTIONS *", "CONNECT a", "PATCH /", "TRACE /"};
    open_share(true);
    int good = join();
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        int fd = join();
        char text[128];
        int n = snprintf(text, sizeof text, "%s HTTP/1.1\r\nHost: a\r\n\r\n", methods[i]);
        memcpy(text + n, "\x01\x20\0\0\0", 5);
        wire_send_bytes(&w, fd, text, (size_t)n + 5);
        char c;
        cr_expect_leq(wire_read(&w, fd, &c, 1), 0, "%s", methods[i]);
        close(fd);
        await("bad_requests", (double)i + 1);
    }
    cr_expect_eq(w.n_set, 0);
    cr_expect_eq(wire_count(&w, "samples", "commands_ignored"), 0);
    command(good, 0x0e, 1); /* whoever began with a command may go on with any bytes */
    command(good, 'G', 0x45542020);
    await("commands_done", 1);
    await("commands_ignored", 1);
    close(good);
    wire_close(&w);
}

/* The places of the listener are taken and given back like those of others. */
Test(rtl_tcp_share, counts_at_the_door)
{
    open_share(true);
    int fds[4];
    for (int i = 0; i < 4; i++)
        fds[i] = join();
    cr_expect(wire_has_clients(&w, 4));
    int fifth = wire_connect(port);
    char c;
    cr_expect_leq(wire_read(&w, fifth, &c, 1), 0, "closed without a greeting");
    cr_expect_eq(wire_count(&w, "samples", "refused"), 1);
    for (int i = 0; i < 4; i++)
        close(fds[i]);
    await("clients", 0);
    cr_expect(wire_has_clients(&w, 0));
    close(fifth);
    close(join());
    await("clients", 0);
    wire_close(&w);
}
