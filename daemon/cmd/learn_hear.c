#include "daemon/cmd/learn_hear.h"
#include "daemon/cmd/commands.h"
#include "daemon/receive/receiver.h"
#include "proto/out/field.h"
#include "proto/sensors/burst.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct hearing {
    uv_loop_t loop;
    struct hz_jobs jobs;
    struct hz_bus *bus;
    struct hz_fold *fold;
    struct hz_receiver *receiver;
    uv_signal_t interrupt;
    uv_timer_t over;
    struct hz_learn_hear *h;
    struct hz_pulses pulses;
    int code;
};

static void on_closed(void *ctx)
{
    (void)ctx;
}

static void stop(struct hearing *g)
{
    if (!g->receiver)
        return;
    hz_receiver_close(g->receiver, on_closed, g);
    g->receiver = NULL;
    hz_fold_close(g->fold);
    hz_bus_close(g->bus);
    uv_close((uv_handle_t *)&g->interrupt, NULL);
    uv_close((uv_handle_t *)&g->over, NULL);
}

static void on_over(uv_timer_t *t)
{
    stop(t->data);
}

static void on_interrupt(uv_signal_t *s, int signum)
{
    (void)signum;
    stop(s->data);
}

static void on_ended(void *ctx, struct hz_receiver *r, int status, const char *reason)
{
    struct hearing *g = ctx;
    (void)r;
    if (status != 0) {
        fprintf(stderr, "hertzd learn: %s\n", reason);
        g->code = HZ_EXIT_FAILED;
    }
    stop(g);
}

/* A message of a sensor that is declared. */
static void tell_known(const struct hz_learn_hear *h, const struct hz_record *rec)
{
    struct hz_value value;
    char model[64];
    if (h->known && hz_record_field(rec, "model", &value) &&
        hz_value_string(value, model, sizeof model))
        h->known(h->ctx, model);
}

static void on_frame(void *ctx, const struct hz_frame *f)
{
    struct hearing *g = ctx;
    struct hz_learn_hear *h = g->h;
    struct hz_value deviation;
    if (f->rec.kind == HZ_KIND_MESSAGE)
        tell_known(h, &f->rec);
    if (strcmp(f->topic->channel, "bursts") != 0) /* told by the decoder of sensors */
        return;
    if (f->rec.kind != HZ_KIND_BURST || !hz_burst_unpack(&g->pulses, f->rec.raw, f->rec.raw_len))
        return;
    if (hz_record_field(&f->rec, "deviation_hz", &deviation))
        hz_value_number(deviation, &g->pulses.deviation_hz);
    h->bursts++;
    h->burst(h->ctx, &g->pulses, &f->rec);
    if (h->live && h->bursts == h->enough)
        uv_timer_start(&g->over, on_over, 0, 0); /* not from here: the receiver is at work */
}

static int start(struct hearing *g)
{
    const struct hz_learn_hear *h = g->h;
    int rc = uv_loop_init(&g->loop);
    if (rc != 0)
        return rc;
    hz_jobs_init(&g->jobs, &g->loop, h->workers);
    uv_timer_init(&g->loop, &g->over);
    uv_signal_init(&g->loop, &g->interrupt);
    g->over.data = g->interrupt.data = g;
    if (h->live)
        uv_signal_start(&g->interrupt, on_interrupt, SIGINT);
    g->bus = hz_bus_new(&g->loop, 16, 1 << 20, "learn");
    g->fold = g->bus ? hz_fold_new(&g->loop, g->bus) : NULL;
    struct hz_receiver_env env = {.loop = &g->loop,
                                  .jobs = &g->jobs,
                                  .bus = g->bus,
                                  .fold = g->fold,
                                  .conf = h->conf,
                                  .once = true,
                                  .ended = on_ended,
                                  .ctx = g};
    g->receiver = g->bus ? hz_receiver_new(&env) : NULL;
    if (!g->receiver)
        return -ENOMEM;
    hz_bus_tap(g->bus, on_frame, g);
    for (size_t i = 0; i < h->n_channels && rc == 0; i++)
        rc = hz_receiver_add_channel(g->receiver, &h->channels[i]);
    return rc;
}

int hz_learn_hear_run(struct hz_learn_hear *h)
{
    struct hearing *g = calloc(1, sizeof *g);
    int rc = g ? 0 : -ENOMEM, code = HZ_EXIT_FAILED;
    if (g) {
        g->h = h;
        rc = start(g);
    }
    if (rc != 0) {
        fprintf(stderr, "hertzd learn: cannot start: %s\n", uv_strerror(rc));
    } else {
        hz_receiver_start(g->receiver);
        uv_run(&g->loop, UV_RUN_DEFAULT);
        hz_jobs_close(&g->jobs);
        uv_loop_close(&g->loop);
        code = g->code;
    }
    free(g);
    return code;
}
