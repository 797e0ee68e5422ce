/* hertzd decode: a recording as fast as the machine allows, JSON lines on standard output. */
#include "daemon/bus/coded.h"
#include "daemon/cmd/commands.h"
#include "daemon/cmd/decode_args.h"
#include "daemon/output/tapes.h"
#include "daemon/receive/workload.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

struct decode {
    uv_loop_t loop;
    struct hz_jobs jobs;
    struct hz_bus *bus;
    struct hz_fold *fold;
    struct hz_receiver *receiver;
    uv_timer_t progress;
    uv_timer_t over;       /* the time of a live source is over */
    uv_signal_t interrupt; /* likewise */
    uint64_t started_ns;
    struct hz_decode_args args;
    struct hz_tapes *wavs; /* NULL: speech is not kept */
    double duration_s;     /* of the recording; 0: not known */
    bool live;             /* who reads the output does so while it comes */
    int write_error;       /* errno of standard output */
    int exit_code;
    double start_s; /* CPU time of the process before the first sample */
    double loop_s;  /* that of the loop's thread then */
    double wall_s;
    struct hz_workload work;
    char longest[HZ_NAME_MAX + 1]; /* channel with the most work */
    struct hz_receiver_stats total;
    uint64_t count[HZ_REASONS], arena_drops;
    double rate_hz;
};

/* ---- output ----------------------------------------------------------------------------- */

static void stop(struct decode *d);

static void on_broken_output(uv_timer_t *t)
{
    stop(t->data);
}

/* Speech goes to files or nowhere: the lines are for messages. */
static void keep_speech(struct decode *d, const struct hz_frame *f)
{
    char err[512];
    if (!d->wavs || hz_tapes_take(d->wavs, f, err, sizeof err) == 0)
        return;
    fprintf(stderr, "hertzd decode: %s\n", err);
    d->exit_code = HZ_EXIT_FAILED;
    hz_tapes_close(d->wavs, err, sizeof err);
    d->wavs = NULL;
    uv_timer_start(&d->progress, on_broken_output, 0, 0);
}

/* Lines go out in large pieces where nobody waits for each of them. */
static void widen_output(void)
{
    static char buffer[65536]; /* stdout has it until the process ends */
    if (!isatty(STDOUT_FILENO))
        setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
}

static void on_frame(void *ctx, const struct hz_frame *f)
{
    struct decode *d = ctx;
    if (d->write_error || f->rec.kind == HZ_KIND_STATE)
        return;
    if ((f->rec.kind == HZ_KIND_REPEAT && !d->args.repeats) ||
        (f->rec.kind == HZ_KIND_BURST && !d->args.bursts))
        return;
    if (f->rec.kind == HZ_KIND_AUDIO) {
        keep_speech(d, f);
        return;
    }
    char room[HZ_CODED_MAX];
    struct hz_bytes out = {.p = room, .cap = sizeof room};
    const char *data = f->data;
    size_t n = f->len;
    if (d->args.format != &hz_form_json) {
        hz_frame_code(f, d->args.format, &out);
        data = room;
        n = out.n;
    }
    if (n > 0 && fwrite(data, 1, n, stdout) != n) {
        d->write_error = errno ? errno : EIO;
        /* not from here: the receiver and the bus are at work on this very frame */
        uv_timer_start(&d->progress, on_broken_output, 0, 0);
    } else if (d->live) {
        fflush(stdout); /* an error is seen at the next line, or at the end */
    }
}

static double cpu_seconds(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void on_progress(uv_timer_t *t)
{
    struct decode *d = t->data;
    double air_s = hz_receiver_samples(d->receiver).air_s;
    double wall = (double)(uv_hrtime() - d->started_ns) / 1e9;
    char share[32] = "";
    if (d->duration_s > 0)
        snprintf(share, sizeof share, " (%.0f %%)", 100 * air_s / d->duration_s);
    fprintf(stderr, "\r%.1f s of air%s, %.1f x realtime ", air_s, share, air_s / wall);
}

static void take_totals(struct decode *d)
{
    size_t n;
    struct hz_channel *const *channels = hz_receiver_channels(d->receiver, &n);
    double rate_hz = hz_receiver_samples(d->receiver).rate_hz;
    d->total = *hz_receiver_stats(d->receiver);
    d->rate_hz = rate_hz != 0 ? rate_hz : d->rate_hz;
    d->work = hz_workload_of(&d->jobs, hz_thread_cpu_s() - d->loop_s);
    hz_workload_add(&d->work, d->receiver);
    snprintf(d->longest, sizeof d->longest, "%s", d->work.longest);
    for (size_t i = 0; i < n; i++) {
        struct hz_channel_stats s = hz_channel_stats(channels[i]);
        for (int r = 0; r < HZ_REASONS; r++)
            d->count[r] += s.count[r];
        d->arena_drops += s.arena_drops;
        /* a channel that the last centre leaves out was heard at another */
        if (hz_channel_error(channels[i]) && !d->args.retunes)
            d->exit_code = HZ_EXIT_FAILED;
    }
}

/* Where the CPU time went, and what several workers were good for. */
static void summary_of_work(const struct decode *d, double cpu)
{
    const struct hz_workload *w = &d->work;
    const struct hz_jobs_stats *j = &w->jobs;
    double files_s = fmax(w->jobs_s - w->band_s - w->channels_s, 0);
    fprintf(stderr,
            "CPU: start %.3f s, loop %.3f s, spectra %.3f s, channels %.3f s, reading %.3f s\n",
            d->start_s, w->loop_s, w->band_s, w->channels_s, files_s);
    fprintf(stderr,
            "in order: %.3f s of the spectra, %.3f s of %s; %llu jobs, %llu wakes of workers, %llu "
            "of the loop\n",
            w->order_s, w->longest_s, *d->longest ? d->longest : "no channel",
            (unsigned long long)j->done, (unsigned long long)(j->requests + j->pauses),
            (unsigned long long)(j->requests + j->tells));
    fprintf(stderr, "%d worker%s: at most %.2f times one; %.2f cores were busy\n", d->args.workers,
            d->args.workers == 1 ? "" : "s", hz_workload_speedup(w, d->args.workers, d->start_s),
            d->wall_s > 0 ? cpu / d->wall_s : 0);
}

static void summary(const struct decode *d)
{
    double air = d->rate_hz > 0 ? (double)d->total.samples / d->rate_hz : 0;
    double wall = d->wall_s, cpu = cpu_seconds();
    fprintf(stderr, "%llu samples, %.3f s of air, %.1f x realtime, %.3f s CPU",
            (unsigned long long)d->total.samples, air, wall > 0 ? air / wall : 0, cpu);
    if (d->total.samples > 0)
        fprintf(stderr, " (%.2f ns a sample)", cpu * 1e9 / (double)d->total.samples);
    fprintf(stderr, "\n%llu message%s", (unsigned long long)d->count[HZ_MESSAGE],
            d->count[HZ_MESSAGE] == 1 ? "" : "s");
    for (int r = HZ_MESSAGE + 1; r < HZ_REASONS; r++)
        fprintf(stderr, ", %s %llu", hz_reason_name((enum hz_reason)r),
                (unsigned long long)d->count[r]);
    if (d->arena_drops > 0)
        fprintf(stderr, ", lost for want of room %llu", (unsigned long long)d->arena_drops);
    fputc('\n', stderr);
    summary_of_work(d, cpu);
}

/* ---- running ---------------------------------------------------------------------------- */

static void on_closed(void *ctx)
{
    (void)ctx;
}

static void stop(struct decode *d)
{
    if (!d->receiver)
        return;
    take_totals(d);
    hz_receiver_close(d->receiver, on_closed, d);
    d->receiver = NULL;
    hz_fold_close(d->fold);
    hz_bus_close(d->bus);
    uv_close((uv_handle_t *)&d->progress, NULL);
    uv_close((uv_handle_t *)&d->over, NULL);
    uv_close((uv_handle_t *)&d->interrupt, NULL);
}

static void on_ended(void *ctx, struct hz_receiver *r, int status, const char *reason)
{
    (void)r;
    struct decode *d = ctx;
    if (isatty(STDERR_FILENO))
        fputs("\r\033[K", stderr);
    if (status != 0) {
        fprintf(stderr, "hertzd decode: %s\n", reason);
        d->exit_code = HZ_EXIT_FAILED;
    }
    stop(d);
}

static void on_over(uv_timer_t *t)
{
    hz_receiver_stop(((struct decode *)t->data)->receiver);
}

static void on_interrupt(uv_signal_t *s, int signum)
{
    (void)signum;
    struct decode *d = s->data;
    uv_timer_start(&d->over, on_over, 0, 0);
}

/* hz_receiver_env.block. Not stopped from here: the receiver is at work on the block. */
static void on_block(void *ctx, struct hz_receiver *r, const struct hz_block *b)
{
    struct decode *d = ctx;
    (void)b;
    if (d->args.seconds > 0 && hz_receiver_samples(r).air_s >= d->args.seconds)
        uv_timer_start(&d->over, on_over, 0, 0);
}

/* A recording ends by itself. */
static void watch_end(struct decode *d)
{
    uv_timer_init(&d->loop, &d->over);
    uv_signal_init(&d->loop, &d->interrupt);
    d->over.data = d->interrupt.data = d;
    if (d->args.radio)
        uv_signal_start_oneshot(&d->interrupt, on_interrupt, SIGINT);
}

static int start(struct decode *d)
{
    hz_jobs_size_pool(d->args.workers);
    int rc = uv_loop_init(&d->loop);
    if (rc != 0)
        return rc;
    hz_jobs_init(&d->jobs, &d->loop, d->args.workers);
    uv_timer_init(&d->loop, &d->progress);
    d->progress.data = d;
    watch_end(d);
    d->bus = hz_bus_new(&d->loop, 16, 1 << 20, "decode");
    d->fold = d->bus ? hz_fold_new(&d->loop, d->bus) : NULL;
    struct hz_receiver_env env = {.loop = &d->loop,
                                  .jobs = &d->jobs,
                                  .bus = d->bus,
                                  .fold = d->fold,
                                  .conf = d->args.radio ? d->args.radio : &d->args.conf->receiver,
                                  .block_samples = d->args.block_samples,
                                  .once = true,
                                  .block = d->args.radio ? on_block : NULL,
                                  .ended = on_ended,
                                  .ctx = d};
    d->receiver = d->bus ? hz_receiver_new(&env) : NULL;
    if (!d->receiver)
        return -ENOMEM;
    hz_bus_tap(d->bus, on_frame, d);
    for (size_t i = 0; i < d->args.n_channels && rc == 0; i++)
        rc = hz_receiver_add_channel(d->receiver, &d->args.channels[i]);
    if (rc == 0 && isatty(STDERR_FILENO))
        uv_timer_start(&d->progress, on_progress, 500, 500);
    return rc;
}

static int run(struct decode *d)
{
    d->started_ns = uv_hrtime();
    int rc = start(d);
    if (rc != 0) {
        fprintf(stderr, "hertzd decode: cannot start: %s\n", uv_strerror(rc));
        return HZ_EXIT_FAILED;
    }
    d->start_s = cpu_seconds();
    d->loop_s = hz_thread_cpu_s();
    hz_receiver_start(d->receiver);
    uv_run(&d->loop, UV_RUN_DEFAULT);
    d->wall_s = (double)(uv_hrtime() - d->started_ns) / 1e9;
    hz_jobs_close(&d->jobs);
    uv_loop_close(&d->loop);
    if (fflush(stdout) != 0 && !d->write_error)
        d->write_error = errno;
    if (d->exit_code == 0 || d->total.samples > 0)
        summary(d);
    if (d->write_error) {
        fprintf(stderr, "hertzd decode: standard output: %s\n", strerror(d->write_error));
        return HZ_EXIT_FAILED;
    }
    return d->exit_code;
}

/* What can be told before anything is started. 0 or the exit code. */
static int prepare(struct decode *d)
{
    const struct hz_conf_receiver *radio = d->args.radio;
    struct hz_recording rec = {.pipe = true, .format = HZ_CU8};
    char err[512] = "";
    int rc = 0;
    if (radio) { /* like a pipe with IQ, whatever its numbers are */
        rec.rate_hz = radio->rate_hz;
        rec.centre_hz = radio->centre_hz;
    } else {
        rc = hz_recording_open(d->args.conf, &rec, err, sizeof err);
    }
    if (rc != 0) {
        fprintf(stderr, "hertzd decode: %s\n", err);
        return rc == -EINVAL ? HZ_EXIT_USAGE : HZ_EXIT_FAILED;
    }
    d->rate_hz = rec.rate_hz;
    d->live = rec.pipe;
    if (!rec.pipe)
        d->duration_s = (double)rec.bytes / (double)hz_format_bytes(rec.format) / rec.rate_hz;
    int code = hz_decode_args_plan(&d->args, &rec);
    if (code == 0)
        code = hz_decode_args_sensors(&d->args);
    if (!radio)
        hz_recording_done(&rec);
    if (code == 0 && d->args.audio_dir &&
        !(d->wavs = hz_tapes_new(d->args.audio_dir, "", false, err, sizeof err))) {
        fprintf(stderr, "hertzd decode: %s\n", err);
        code = HZ_EXIT_FAILED;
    }
    return code;
}

/* The last files of speech. */
static int finish_speech(struct decode *d, int code)
{
    char err[512];
    if (hz_tapes_close(d->wavs, err, sizeof err) == 0)
        return code;
    fprintf(stderr, "hertzd decode: %s\n", err);
    return HZ_EXIT_FAILED;
}

int hz_cmd_decode(int argc, char **argv, const struct hz_conf_kinds *kinds)
{
    struct decode *d = calloc(1, sizeof *d);
    if (!d)
        return HZ_EXIT_FAILED;
    signal(SIGPIPE, SIG_IGN);
    d->args.workers = hz_jobs_default_workers();
    int code = HZ_EXIT_USAGE;
    int rc = hz_decode_args_parse(&d->args, argc, argv, kinds);
    if (rc == 1)
        code = HZ_EXIT_OK;
    else if (rc == 0)
        code = prepare(d);
    if (rc == 0 && code == 0 && !d->live)
        widen_output();
    if (rc == 0 && code == 0 && d->args.format->head)
        fputs(d->args.format->head, stdout); /* an error is seen at the end */
    if (rc == 0 && code == 0)
        code = run(d);
    code = finish_speech(d, code);
    hz_decode_args_done(&d->args);
    free(d);
    return code;
}
