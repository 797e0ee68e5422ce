#include "daemon/run/stats.h"
#include "daemon/receive/tell_stats.h"

static void on_time(uv_timer_t *t)
{
    struct hz_daemon *d = t->data;
    uint64_t now = uv_now(t->loop);
    double seconds = (double)(now - d->stats.told_ms) / 1e3;
    d->stats.told_ms = now;
    for (size_t i = 0; i < d->receivers.n; i++)
        hz_receiver_tell_stats(d->receivers.list[i], seconds);
}

void hz_stats_init(struct hz_daemon *d, uv_loop_t *loop)
{
    uv_timer_init(loop, &d->stats.timer);
    d->stats.timer.data = d;
    d->stats.told_ms = uv_now(loop);
}

void hz_stats_start(struct hz_daemon *d)
{
    uint64_t ms = d->conf.daemon.stats_s * 1000;
    if (ms == 0)
        uv_timer_stop(&d->stats.timer);
    else if (!uv_is_active((uv_handle_t *)&d->stats.timer) ||
             uv_timer_get_repeat(&d->stats.timer) != ms)
        uv_timer_start(&d->stats.timer, on_time, ms, ms);
}

void hz_stats_close(struct hz_daemon *d)
{
    uv_close((uv_handle_t *)&d->stats.timer, NULL);
}
