#include "daemon/run/health.h"
#include "daemon/base/log.h"
#include "daemon/base/notify.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
    SETTLE_MS = 20, /* interval of checks until everything has begun */
    NOTIFY_MS = 1000,
    SILENT_S = 8, /* limit of a stream without samples; the receiver should reopen it after 2 s */
    JOB_S = 8,    /* limit of a job, which normally takes some ms */
};

static double seconds_since(uint64_t mono_ns)
{
    uint64_t now = uv_hrtime();
    return now > mono_ns ? (double)(now - mono_ns) / 1e9 : 0;
}

static bool receiver_alive(const struct hz_receiver *r, char *why, size_t len)
{
    uint64_t since = (uint64_t)hz_receiver_life(r)->since_mono_ns,
             block = (uint64_t)hz_receiver_samples(r).last_block_mono_ns;
    size_t n;
    struct hz_channel *const *channels = hz_receiver_channels(r, &n);
    double silent = seconds_since(block > since ? block : since);
    /* the writer of a pipe may pause as long as it likes */
    if (hz_receiver_state(r) == HZ_RX_STREAMING && !hz_receiver_replays(r) && silent > SILENT_S) {
        snprintf(why, len, "receiver %s: no samples for %.0f s", hz_receiver_name(r), silent);
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        uint64_t busy = hz_channel_busy_since(channels[i]);
        if (busy != 0 && seconds_since(busy) > JOB_S) {
            snprintf(why, len, "channel %s: one job has been at work for %.0f s",
                     hz_channel_conf(channels[i])->name, seconds_since(busy));
            return false;
        }
    }
    return true;
}

bool hz_daemon_alive(const struct hz_daemon *d, char *why, size_t len)
{
    for (size_t i = 0; i < d->receivers.n; i++) {
        if (!receiver_alive(d->receivers.list[i], why, len))
            return false;
    }
    uint64_t since = hz_jobs_at_work_since(&d->jobs);
    if (since != 0 && seconds_since(since) > JOB_S) {
        snprintf(why, len, "a worker has been at one job for %.0f s", seconds_since(since));
        return false;
    }
    return true;
}

/* Whether a receiver delivers samples and all its channels decode. It is also healthy while it is
 * opened for the first time, and after the end of a recording. */
static bool receiver_well(const struct hz_receiver *r, char *why, size_t len)
{
    size_t n;
    struct hz_channel *const *channels = hz_receiver_channels(r, &n);
    if (hz_receiver_failing(r)) {
        snprintf(why, len, "receiver %s: %s: %s", hz_receiver_name(r),
                 hz_receiver_state_name(hz_receiver_state(r)), hz_receiver_life(r)->last_error);
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        const char *error = hz_channel_error(channels[i]);
        if (error) {
            snprintf(why, len, "channel %s: %s", hz_channel_conf(channels[i])->name, error);
            return false;
        }
    }
    return true;
}

bool hz_daemon_healthy(const struct hz_daemon *d, char *why, size_t len)
{
    if (!hz_daemon_alive(d, why, len))
        return false;
    for (size_t i = 0; i < d->receivers.n; i++) {
        if (!receiver_well(d->receivers.list[i], why, len))
            return false;
    }
    return hz_listeners_waiting(d->listeners, why, len) == 0;
}

bool hz_daemon_settled(const struct hz_daemon *d)
{
    for (size_t i = 0; i < d->receivers.n; i++) {
        const struct hz_receiver *r = d->receivers.list[i];
        enum hz_receiver_state state = hz_receiver_state(r);
        bool waits = state == HZ_RX_BACKOFF || state == HZ_RX_ENDED;
        bool open_pipe = hz_receiver_replays(r) && state == HZ_RX_STREAMING;
        if (hz_receiver_stats(r)->blocks == 0 && !waits && !open_pipe)
            return false;
    }
    return true;
}

/* ---- the headline ----------------------------------------------------------------------- */

uint64_t hz_daemon_messages(const struct hz_daemon *d)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < d->receivers.n; i++) {
        size_t n;
        struct hz_channel *const *channels = hz_receiver_channels(d->receivers.list[i], &n);
        for (size_t k = 0; k < n; k++)
            sum += hz_channel_stats(channels[k]).count[HZ_MESSAGE];
    }
    return sum;
}

__attribute__((format(printf, 3, 4))) static void add(char *out, size_t len, const char *format,
                                                      ...)
{
    size_t used = strlen(out);
    va_list args;
    va_start(args, format);
    vsnprintf(out + used, len - used, format, args);
    va_end(args);
}

static const char *plural(size_t n)
{
    return n == 1 ? "" : "s";
}

static void add_marked(const struct hz_daemon *d, const char *mark, char *out, size_t len)
{
    size_t n = 0;
    for (size_t i = 0; i < d->receivers.n; i++) {
        const char *own = hz_receiver_mark(d->receivers.list[i]);
        n += own && strcmp(own, mark) == 0;
    }
    if (n > 0)
        add(out, len, ", %zu %s", n, mark);
}

void hz_daemon_headline(const struct hz_daemon *d, char *out, size_t len)
{
    size_t streaming = 0, waiting = 0;
    for (size_t i = 0; i < d->receivers.n; i++) {
        enum hz_receiver_state state = hz_receiver_state(d->receivers.list[i]);
        streaming += state == HZ_RX_STREAMING;
        waiting += state == HZ_RX_BACKOFF;
    }
    char why[200];
    size_t deaf = hz_listeners_waiting(d->listeners, why, sizeof why);
    size_t clients = hz_listeners_clients(d->listeners);
    *out = '\0';
    add(out, len, "%zu of %zu receiver%s streaming", streaming, d->receivers.n,
        plural(d->receivers.n));
    add_marked(d, "simulated", out, len);
    add_marked(d, "replayed", out, len);
    if (waiting > 0)
        add(out, len, ", %zu waiting to reopen", waiting);
    if (deaf > 0)
        add(out, len, ", %zu listener%s waiting", deaf, plural(deaf));
    add(out, len, ", %llu messages, %zu client%s", (unsigned long long)hz_daemon_messages(d),
        clients, plural(clients));
}

/* ---- systemd ---------------------------------------------------------------------------- */

static void notify(uv_timer_t *t)
{
    struct hz_daemon *d = t->data;
    char line[200], why[400] = "";
    hz_daemon_headline(d, line, sizeof line);
    if (!d->health.sent_ready && hz_daemon_settled(d)) {
        d->health.sent_ready = hz_notify("READY=1\nSTATUS=%s", line) || hz_notify_unwanted();
        if (d->health.sent_ready)
            hz_log(LOG_INFO, "ready: %s", line);
        uv_timer_set_repeat(t, d->health.sent_ready ? NOTIFY_MS : SETTLE_MS);
        return;
    }
    bool alive = hz_daemon_alive(d, why, sizeof why);
    if (alive)
        hz_daemon_healthy(d, why, sizeof why); /* only for the text */
    else
        hz_log(LOG_ERR, "unhealthy, the watchdog is not fed: %s", why);
    hz_notify("STATUS=%s%s%s\n%s", line, *why ? "; " : "", why, alive ? "WATCHDOG=1" : "");
}

void hz_health_start(struct hz_daemon *d)
{
    uv_timer_start(&d->health.notify, notify, SETTLE_MS, SETTLE_MS);
}

void hz_health_init(struct hz_daemon *d, uv_loop_t *loop)
{
    uv_timer_init(loop, &d->health.notify);
    d->health.notify.data = d;
}

void hz_health_stop(struct hz_daemon *d)
{
    uv_timer_stop(&d->health.notify);
}

void hz_health_close(struct hz_daemon *d)
{
    uv_close((uv_handle_t *)&d->health.notify, NULL);
}
