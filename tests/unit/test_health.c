/* What the watchdog and /healthz say of receivers, by the verdict itself. */
#include "daemon/receive/receiver_parts.h"
#include "daemon/run/daemon.h"
#include "daemon/run/health.h"

#include <criterion/criterion.h>
#include <string.h>

static const struct hz_source_ops live = {.live = true}, pipe_ops = {0};

struct rig {
    struct hz_conf_receiver conf;
    struct hz_receiver receiver;
    struct hz_receiver *list[1];
    struct hz_daemon daemon;
    char why[400];
};

static struct hz_daemon *rig(struct rig *r, enum hz_receiver_state state, double since_s,
                             double block_s)
{
    int64_t now = (int64_t)uv_hrtime();
    memset(r, 0, sizeof *r);
    r->receiver.ops = &live;
    r->receiver.life.state = state;
    r->receiver.life.since_mono_ns = now - (int64_t)(since_s * 1e9);
    r->receiver.flow.last_block = now - (int64_t)(block_s * 1e9);
    r->receiver.conf = &r->conf;
    snprintf(r->conf.name, sizeof r->conf.name, "roof");
    r->list[0] = &r->receiver;
    r->daemon.receivers.list = r->list;
    r->daemon.receivers.n = 1;
    return &r->daemon;
}

static bool alive(enum hz_receiver_state state, double since_s, double block_s)
{
    struct rig r;
    struct hz_daemon *d = rig(&r, state, since_s, block_s);
    bool is = hz_daemon_alive(d, r.why, sizeof r.why);
    cr_expect(is || strstr(r.why, "receiver roof: no samples for "), "%s", r.why);
    return is;
}

Test(health, a_receiver_that_streams_without_samples_is_not_alive)
{
    cr_expect(alive(HZ_RX_STREAMING, 100, 1));
    cr_expect(alive(HZ_RX_STREAMING, 100, 5), "the receiver itself mends that");
    cr_expect(alive(HZ_RX_STREAMING, 3, 100), "it streams for 3 s only");
    cr_expect_not(alive(HZ_RX_STREAMING, 100, 60));
    cr_expect(alive(HZ_RX_BACKOFF, 100, 60), "it waits, which is known");
}

Test(health, a_pipe_may_be_silent)
{
    struct rig r;
    struct hz_daemon *d = rig(&r, HZ_RX_STREAMING, 100, 60);
    r.receiver.ops = &pipe_ops;
    cr_expect(hz_daemon_alive(d, r.why, sizeof r.why), "%s", r.why);
}

Test(health, a_job_that_lasts_is_not_alive)
{
    struct rig r;
    struct hz_daemon *d = rig(&r, HZ_RX_STREAMING, 100, 0);
    struct hz_job_worker *w = &r.daemon.jobs.worker[0];
    r.daemon.jobs.workers = 1;
    w->since_ns = uv_hrtime() - 1000000000;
    cr_expect(hz_daemon_alive(d, r.why, sizeof r.why), "%s", r.why);
    w->since_ns -= UINT64_C(30000000000);
    cr_expect_not(hz_daemon_alive(d, r.why, sizeof r.why));
    cr_expect(strstr(r.why, "a worker has been at one job for 31 s"), "%s", r.why);
}
