#include "tests/usb/bus.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/usb/events.h"
#include "tests/usb/report.h"
#include "tests/usb/script.h"

struct hz_bus hz_bus = {.lock = PTHREAD_MUTEX_INITIALIZER};

int64_t hz_now(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return ts.tv_sec * INT64_C(1000000000) + ts.tv_nsec;
}

int64_t hz_control_ns(const struct hz_dongle *g)
{
    return g->pipe.unpaced ? 0 : 125000;
}

void hz_plug_unref(struct hz_plug *p)
{
    if (--p->refs == 0)
        free(p);
}

/* The recording for a centre: the nearest within 1 MHz, else one for all frequencies, else noise
 * (the last). */
static const struct hz_recording *hears(const struct hz_dongle *g, double centre_hz)
{
    const struct hz_recording *best = &g->plays[0];
    double best_off = 1e6;
    for (int i = 1; i < g->n_plays; i++) {
        double off = g->plays[i].freq_hz != 0 ? fabs(g->plays[i].freq_hz - centre_hz) : 999e3;
        if (off < best_off) {
            best = &g->plays[i];
            best_off = off;
        }
    }
    return best;
}

void hz_plug_apply(struct hz_plug *p)
{
    struct hz_settings s;
    double crystal = p->dongle->pipe.crystal_ppm;
    int64_t now = hz_now();
    hz_rtl2832_settings(&p->chip, crystal, &s);
    hz_stream_rate(&p->stream, 2 * s.rate_hz * (1 + crystal * 1e-6) / (1 + s.ppm * 1e-6), now);
    hz_stream_hear(&p->stream, s.test ? NULL : hears(p->dongle, s.centre_hz), now);
    hz_report_settings(p, &s);
    p->logged = s;
}

int hz_dongle_play(struct hz_dongle *g, const char *name)
{
    if (g->n_plays == HZ_PLAYS_MAX)
        return -ENOSPC;
    int err = hz_recording_open(&g->plays[g->n_plays], name);
    if (!err)
        g->n_plays++;
    return err;
}

static void on_loss(struct hz_stream *s, enum hz_loss kind, uint64_t at, uint64_t bytes)
{
    hz_report_loss((struct hz_plug *)(void *)((char *)s - offsetof(struct hz_plug, stream)), kind,
                   at, bytes);
}

int hz_dongle_plug(struct hz_dongle *g, bool first)
{
    if (g->plug)
        return 0;
    struct hz_plug *p = calloc(1, sizeof *p);
    if (!p)
        return -ENOMEM;
    *p = (struct hz_plug){.dongle = g, .refs = 1, .attached = true, .n_ports = g->n_ports};
    memcpy(p->ports, g->ports, sizeof p->ports);
    hz_bus.address = hz_bus.address % 127 + 1;
    p->address = (uint8_t)hz_bus.address;
    const char *strings[3] = {"Realtek", "RTL2838UHIDIR", g->serial};
    hz_eeprom_write(g->eeprom, strings);
    hz_rtl2832_reset(&p->chip, g->eeprom);
    p->chip.tuner.no_lock = g->no_lock;
    hz_stream_init(&p->stream, &g->pipe, &g->plays[0]);
    p->stream.on_loss = on_loss;
    struct hz_plug **link = &hz_bus.plugs;
    while (!first && *link)
        link = &(*link)->next;
    p->next = *link;
    *link = p;
    g->plug = p;
    g->detached = false;
    g->plugs++;
    hz_hotplug_arrived(p);
    hz_report_event(g, "plug");
    return 0;
}

void hz_dongle_unplug(struct hz_dongle *g)
{
    struct hz_plug *p = g->plug;
    if (!p)
        return;
    struct hz_plug **link = &hz_bus.plugs;
    while (*link != p)
        link = &(*link)->next;
    *link = p->next;
    g->plug = NULL;
    p->attached = false;
    hz_hotplug_left(p);
    hz_report_event(g, "unplug");
    hz_plug_unref(p);
}

static void fail(const char *what, const char *value, const char *why)
{
    fprintf(stderr, "virtual dongle: %s \"%s\": %s\n", what, value, why);
    _Exit(2);
}

/* Every dongle is given every recording: HZ_USB_PLAY has one a line. */
static void give_recordings(struct hz_dongle *g)
{
    g->n_plays = 1;
    if (hz_recording_noise(&g->plays[0]))
        fail("noise", "", strerror(ENOMEM));
    const char *env = getenv("HZ_USB_PLAY");
    char *list = strdup(env ? env : ""), *rest = NULL;
    for (char *name = strtok_r(list, "\n", &rest); name; name = strtok_r(NULL, "\n", &rest)) {
        int err = hz_dongle_play(g, name);
        if (err)
            fail("recording", name, strerror(-err));
    }
    free(list);
}

static void start(void)
{
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&hz_bus.changed, &attr);
    pthread_condattr_destroy(&attr);

    const char *n = getenv("HZ_USB_DONGLES");
    hz_bus.n_dongles = n ? atoi(n) : 1;
    if (hz_bus.n_dongles < 0 || hz_bus.n_dongles > HZ_DONGLES_MAX)
        fail("HZ_USB_DONGLES", n, "expected 0 to 8");
    hz_bus.start_ns = hz_now();
    const char *report = getenv("HZ_USB_REPORT");
    if (report && !(hz_bus.report = fopen(report, "ae")))
        fail("report", report, strerror(errno));

    for (int i = 0; i < hz_bus.n_dongles; i++) {
        struct hz_dongle *g = &hz_bus.dongles[i];
        g->number = i;
        snprintf(g->serial, sizeof g->serial, "%08d", i + 1);
        g->bus_number = 1;
        g->n_ports = 2;
        g->ports[0] = 1;
        g->ports[1] = (uint8_t)(i + 1);
        g->pipe.unpaced = getenv("HZ_USB_UNPACED") != NULL;
        g->pipe.since_ns = getenv("HZ_USB_TOGETHER") ? hz_bus.start_ns : 0;
        g->control_ns = hz_control_ns(g);
        give_recordings(g);
        if (hz_dongle_plug(g, false))
            fail("dongle", g->serial, strerror(ENOMEM));
    }
    char error[200];
    if (hz_script_start(error, sizeof error))
        fail("script", "", error);
}

void hz_bus_start(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, start);
}

static __attribute__((destructor)) void report_at_exit(void)
{
    pthread_mutex_lock(&hz_bus.lock);
    hz_report_end();
    pthread_mutex_unlock(&hz_bus.lock);
}
