#include "tests/usb/command.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/usb/events.h"
#include "tests/usb/report.h"

/* A command's arguments: the stick, then words. */
struct args {
    struct hz_dongle *dongle;
    const char *word[2]; /* NULL where missing */
};

/* Each returns NULL, or what was expected. */
typedef const char *command_fn(const struct args *a);

/* A whole number from low to high. */
static bool number(const char *word, long long low, long long high, long long *value)
{
    char *end;
    if (!word || !*word)
        return false;
    errno = 0;
    *value = strtoll(word, &end, 10);
    return *end == 0 && errno == 0 && *value >= low && *value <= high;
}

/* The number at word i, or the default where it is missing. */
static bool count(const struct args *a, int i, long long missing, unsigned *value)
{
    long long n = missing;
    if (a->word[i] && !number(a->word[i], 0, 1000000000, &n))
        return false;
    *value = (unsigned)n;
    return true;
}

/* "yes" unless told "off". */
static bool flag(const struct args *a, int i, const char *on, bool *value)
{
    const char *w = a->word[i];
    if (w && strcmp(w, on) != 0 && strcmp(w, "off") != 0)
        return false;
    *value = !w || strcmp(w, on) == 0;
    return true;
}

static const char *do_plug(const struct args *a)
{
    bool first = a->word[0] && strcmp(a->word[0], "first") == 0;
    if (a->word[0] && !first && strcmp(a->word[0], "last") != 0)
        return "first or last";
    return hz_dongle_plug(a->dongle, first) ? "more memory" : NULL;
}

static const char *do_unplug(const struct args *a)
{
    hz_dongle_unplug(a->dongle);
    return NULL;
}

static const char *do_serial(const struct args *a)
{
    if (!a->word[0] || strlen(a->word[0]) >= sizeof a->dongle->serial)
        return "a serial of at most 63 characters";
    strcpy(a->dongle->serial, a->word[0]);
    return NULL;
}

static const char *do_port(const struct args *a)
{
    static const char expected[] = "a port path like 1-4.2";
    if (!a->word[0])
        return expected;
    char *at;
    unsigned long bus = strtoul(a->word[0], &at, 10);
    uint8_t ports[HZ_PORTS_MAX];
    int n = 0;
    while (n < HZ_PORTS_MAX && (*at == '-' || *at == '.')) {
        unsigned long port = strtoul(at + 1, &at, 10);
        if (port < 1 || port > 255)
            return expected;
        ports[n++] = (uint8_t)port;
    }
    if (*at || n == 0 || bus < 1 || bus > 255)
        return expected;
    a->dongle->bus_number = (uint8_t)bus;
    a->dongle->n_ports = n;
    memcpy(a->dongle->ports, ports, sizeof ports);
    return NULL;
}

static const char *do_silence(const struct args *a)
{
    bool on;
    if (!flag(a, 0, "on", &on))
        return "on or off";
    if (a->dongle->plug)
        hz_stream_silence(&a->dongle->plug->stream, on, hz_now());
    else
        a->dongle->pipe.silent = on;
    return NULL;
}

static const char *fail_next(const struct args *a, enum libusb_transfer_status status)
{
    if (!count(a, 0, 15, &a->dongle->pipe.fail_n))
        return "a count of transfers";
    a->dongle->pipe.fail_status = status;
    return NULL;
}

static const char *do_stall(const struct args *a)
{
    return fail_next(a, LIBUSB_TRANSFER_STALL);
}

static const char *do_error(const struct args *a)
{
    return fail_next(a, LIBUSB_TRANSFER_ERROR);
}

static const char *do_refuse(const struct args *a)
{
    return count(a, 0, 15, &a->dongle->pipe.refuse_n) ? NULL : "a count of submissions";
}

static const char *do_short(const struct args *a)
{
    long long bytes;
    if (!number(a->word[0], 0, 1 << 24, &bytes) || !count(a, 1, 1, &a->dongle->pipe.short_n))
        return "bytes, and a count of transfers";
    a->dongle->pipe.short_bytes = (int)bytes;
    return NULL;
}

static const char *do_lose(const struct args *a)
{
    long long bytes;
    if (!number(a->word[0], 1, 1LL << 40, &bytes))
        return "a count of bytes";
    if (!a->dongle->plug)
        return "the dongle to be plugged in";
    hz_stream_cut(&a->dongle->plug->stream, (uint64_t)bytes, hz_now());
    return NULL;
}

static const char *do_control(const struct args *a)
{
    long long ms = 0;
    bool dead = a->word[0] && strcmp(a->word[0], "dead") == 0;
    bool ok = a->word[0] && strcmp(a->word[0], "ok") == 0;
    if (!dead && !ok && !number(a->word[0], 0, 60000, &ms))
        return "ok, dead or milliseconds";
    a->dongle->dead = dead;
    a->dongle->control_ns = ok ? hz_control_ns(a->dongle) : ms * 1000000;
    return NULL;
}

static const char *do_cancel(const struct args *a)
{
    long long ms = 0;
    bool hang = a->word[0] && strcmp(a->word[0], "hang") == 0;
    if (!hang && !number(a->word[0], 0, 60000, &ms))
        return "hang or milliseconds";
    a->dongle->cancel_ns = hang ? HZ_NEVER : ms * 1000000;
    return NULL;
}

static const char *do_linger(const struct args *a)
{
    long long ms;
    if (!number(a->word[0], 0, 60000, &ms))
        return "milliseconds";
    a->dongle->pipe.linger_ms = (int)ms;
    return NULL;
}

static const char *do_driver(const struct args *a)
{
    static const char *const names[] = {"none", "kernel", "stuck", "other"};
    for (int i = 0; i < 4 && a->word[0]; i++) {
        if (strcmp(a->word[0], names[i]) == 0) {
            a->dongle->driver = (enum hz_driver)i;
            a->dongle->detached = false;
            return NULL;
        }
    }
    return "none, kernel, stuck or other";
}

static const char *do_deny(const struct args *a)
{
    return flag(a, 0, "on", &a->dongle->denied) ? NULL : "on or off";
}

static const char *do_unlock(const struct args *a)
{
    if (!flag(a, 0, "on", &a->dongle->no_lock))
        return "on or off";
    if (a->dongle->plug)
        a->dongle->plug->chip.tuner.no_lock = a->dongle->no_lock;
    return NULL;
}

static const char *do_crystal(const struct args *a)
{
    char *end = NULL;
    double ppm = a->word[0] ? strtod(a->word[0], &end) : 0;
    if (!end || *end || !(ppm >= -10000 && ppm <= 10000))
        return "parts per million, -10000 to 10000";
    a->dongle->pipe.crystal_ppm = ppm;
    if (a->dongle->plug)
        hz_plug_apply(a->dongle->plug);
    return NULL;
}

static const char *do_play(const struct args *a)
{
    int err = a->word[0] ? hz_dongle_play(a->dongle, a->word[0]) : -EINVAL;
    if (err)
        return err == -EINVAL ? "a file" : strerror(-err);
    if (a->dongle->plug)
        hz_plug_apply(a->dongle->plug);
    return NULL;
}

static const char *do_pace(const struct args *a)
{
    bool on;
    if (!flag(a, 0, "on", &on))
        return "on or off";
    if (a->dongle->plug)
        hz_stream_unpaced(&a->dongle->plug->stream, !on, hz_now());
    else
        a->dongle->pipe.unpaced = !on;
    return NULL;
}

static const struct {
    const char *name;
    command_fn *fn;
} commands[] = {
    {"plug", do_plug},       {"unplug", do_unplug}, {"serial", do_serial},   {"port", do_port},
    {"play", do_play},       {"pace", do_pace},     {"silence", do_silence}, {"stall", do_stall},
    {"error", do_error},     {"refuse", do_refuse}, {"short", do_short},     {"lose", do_lose},
    {"control", do_control}, {"cancel", do_cancel}, {"linger", do_linger},   {"driver", do_driver},
    {"deny", do_deny},       {"unlock", do_unlock}, {"crystal", do_crystal},
};

static int wrong(char *error, size_t size, const char *line, const char *expected)
{
    snprintf(error, size, "\"%s\": expected %s", line, expected);
    return -EINVAL;
}

/* The only one without a dongle. */
static const char *do_hotplug(const char *word)
{
    if (!word || (strcmp(word, "on") != 0 && strcmp(word, "off") != 0))
        return "on or off";
    hz_bus.hotplug_silent = strcmp(word, "off") == 0;
    return NULL;
}

int hz_command(const char *line, char *error, size_t size)
{
    char copy[512], *rest = NULL;
    if (strlen(line) >= sizeof copy)
        return wrong(error, size, "…", "a line of at most 511 characters");
    strcpy(copy, line);
    const char *name = strtok_r(copy, " \t", &rest);
    const char *which = strtok_r(NULL, " \t", &rest);
    struct args a = {.word[0] = strtok_r(NULL, " \t", &rest)};
    a.word[1] = a.word[0] ? strtok_r(NULL, " \t", &rest) : NULL;

    const char *expected = "a command of tests/usb/README.md";
    long long n;
    if (name && strcmp(name, "hotplug") == 0) {
        expected = do_hotplug(which);
        goto done;
    }
    for (size_t i = 0; name && i < sizeof commands / sizeof *commands; i++) {
        if (strcmp(name, commands[i].name) != 0)
            continue;
        if (!number(which, 0, hz_bus.n_dongles - 1, &n))
            return wrong(error, size, line, "the number of a dongle after the command");
        a.dongle = &hz_bus.dongles[n];
        expected = commands[i].fn(&a);
        break;
    }
done:
    if (expected)
        return wrong(error, size, line, expected);
    hz_report_command(line);
    hz_events_wake_all();
    return 0;
}
