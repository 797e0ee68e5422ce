#include "daemon/base/loopwatch.h"

/* An iteration is the time between two such calls, minus the time that the loop waited. */
static void on_prepare(uv_prepare_t *p)
{
    struct hz_loopwatch *w = p->data;
    uint64_t now = uv_hrtime(), idle = uv_metrics_idle_time(p->loop);
    uint64_t spent = now - w->last_ns, waited = idle - w->last_idle_ns;
    uint64_t busy = spent > waited ? spent - waited : 0;
    w->last_ns = now;
    w->last_idle_ns = idle;
    w->turns++;
    w->busy_ns += busy;
    w->slow += busy > 10000000;
    if (busy > w->longest_ns)
        w->longest_ns = busy;
}

int hz_loopwatch_init(struct hz_loopwatch *w, uv_loop_t *loop)
{
    *w = (struct hz_loopwatch){0};
    int rc = uv_loop_configure(loop, UV_METRICS_IDLE_TIME);
    if (rc != 0)
        return rc;
    uv_prepare_init(loop, &w->prepare);
    w->prepare.data = w;
    w->started_ns = w->last_ns = uv_hrtime();
    uv_prepare_start(&w->prepare, on_prepare);
    uv_unref((uv_handle_t *)&w->prepare);
    return 0;
}

void hz_loopwatch_close(struct hz_loopwatch *w)
{
    uv_close((uv_handle_t *)&w->prepare, NULL);
}
