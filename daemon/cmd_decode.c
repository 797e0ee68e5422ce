/* hertzd decode: a recording as fast as the machine allows, JSON lines on standard output. */
#include "daemon/commands.h"
#include "daemon/receiver.h"
#include "daemon/recording.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { MAX_CHANNELS = 64 };

static const char usage[] =
    "usage: hertzd decode [options] FILE|-\n"
    "  -d NAME[@FREQ]  decoder, repeatable (default: all whose frequencies lie in the band)\n"
    "  -r RATE         samples per second, as 2400k (default: from the file or its name)\n"
    "  -f FREQ         centre frequency, as 1090M (default: likewise)\n"
    "  -t FORMAT       cu8, cs8, cs16, cf32 or wav (default: likewise)\n"
    "  -w N            workers (default: the cores)\n"
    "  -b N            samples per block (default: 131072); changes no message\n"
    "  --start TIME    UTC of the first sample, as 2026-11-23T08:26:11Z\n";

struct decode {
    uv_loop_t loop;
    struct hz_jobs jobs;
    struct hz_bus *bus;
    struct hz_receiver *receiver;
    uv_timer_t progress;
    uint64_t started_ns;
    int workers;
    size_t block_samples;
    struct hz_conf_receiver conf;
    struct hz_conf_channel channels[MAX_CHANNELS];
    size_t n_channels;
    double duration_s; /* of the recording; 0: not known */
    int write_error;   /* errno of standard output */
    int exit_code;
    struct hz_receiver_stats total;
    uint64_t count[HZ_REASONS], arena_drops;
    double rate_hz;
};

/* ---- arguments -------------------------------------------------------------------------- */

static int wrong(const char *what, const char *value, const char *expected)
{
    fprintf(stderr, "hertzd decode: %s \"%s\": expected %s\n", what, value, expected);
    return -EINVAL;
}

static int add_decoder(struct decode *d, const char *arg)
{
    char name[HZ_NAME_MAX + 1];
    const char *at = strchr(arg, '@');
    size_t len = at ? (size_t)(at - arg) : strlen(arg);
    snprintf(name, sizeof name, "%.*s", (int)(len > HZ_NAME_MAX ? HZ_NAME_MAX : len), arg);
    if (d->n_channels == MAX_CHANNELS)
        return wrong("decoder", arg, "at most 64 of them");
    struct hz_conf_channel *c = &d->channels[d->n_channels];
    c->decoder = hz_decoder_find(name);
    if (!c->decoder)
        return wrong("decoder", name, "one that `hertzd decoders` lists");
    if (at && hz_parse_hz(at + 1, &c->freq_hz) != 0)
        return wrong("frequency", at + 1, "a number as 1090M");
    if (d->n_channels == 0)
        snprintf(c->name, sizeof c->name, "%s", name);
    else
        snprintf(c->name, sizeof c->name, "%.24s-%zu", name, d->n_channels + 1);
    d->n_channels++;
    return 0;
}

static int parse_count(const char *what, const char *arg, long max, long *out)
{
    char *end;
    errno = 0;
    *out = strtol(arg, &end, 10);
    if (errno != 0 || end == arg || *end || *out < 1 || *out > max) {
        fprintf(stderr, "hertzd decode: %s \"%s\": expected a whole number from 1 to %ld\n", what,
                arg, max);
        return -EINVAL;
    }
    return 0;
}

static int parse_option(struct decode *d, int opt, const char *arg)
{
    struct hz_conf_receiver *c = &d->conf;
    long n = 0;
    int rc = 0;
    switch (opt) {
    case 'd':
        return add_decoder(d, arg);
    case 'r':
        rc = hz_parse_hz(arg, &c->rate_hz);
        return rc == 0 && c->rate_hz > 0 ? 0 : wrong("rate", arg, "a number over 0, as 2400k");
    case 'f':
        rc = hz_parse_hz(arg, &c->centre_hz);
        return rc == 0 && c->centre_hz > 0 ? 0
                                           : wrong("frequency", arg, "a number over 0, as 1090M");
    case 't':
        rc = hz_parse_format(arg, c);
        return rc == 0 ? 0 : wrong("format", arg, "cu8, cs8, cs16, cf32 or wav");
    case 'w':
        rc = parse_count("workers", arg, 256, &n);
        d->workers = (int)n;
        return rc;
    case 'b':
        rc = parse_count("samples per block", arg, 4 * 1024 * 1024, &n);
        d->block_samples = (size_t)n;
        return rc;
    case 's':
        rc = hz_parse_time(arg, &c->start_utc_ns);
        return rc == 0 ? 0 : wrong("start", arg, "UTC as 2026-11-23T08:26:11Z");
    default:
        return -EINVAL;
    }
}

/* 0; 1: help was asked for and given; -EINVAL: told. */
static int parse_arguments(struct decode *d, int argc, char **argv)
{
    static const struct option longs[] = {
        {"start", required_argument, NULL, 's'}, {"help", no_argument, NULL, 'h'}, {0}};
    int opt;
    while ((opt = getopt_long(argc, argv, "d:r:f:t:w:b:h", longs, NULL)) != -1) {
        if (opt == 'h') {
            fputs(usage, stdout);
            return 1;
        }
        if (opt == '?') {
            fputs(usage, stderr);
            return -EINVAL;
        }
        if (parse_option(d, opt, optarg) != 0)
            return -EINVAL;
    }
    if (optind + 1 != argc) {
        fprintf(stderr, "hertzd decode: expected one recording, or - for standard input\n%s",
                usage);
        return -EINVAL;
    }
    free(d->conf.path);
    d->conf.path = strdup(argv[optind]);
    if (!d->conf.path)
        return -ENOMEM;
    return 0;
}

/* Without -d: every decoder that can take the recording's rate and has a frequency in its band. */
static void choose_decoders(struct decode *d, const struct hz_recording *rec)
{
    for (const struct hz_decoder *const *p = hz_decoders; *p; p++) {
        if (rec->rate_hz < (*p)->rate_min_hz || rec->rate_hz > (*p)->rate_max_hz)
            continue;
        for (const double *f = (*p)->freqs_hz; *f != 0; f++) {
            if (rec->centre_hz != 0 && fabs(*f - rec->centre_hz) > rec->rate_hz / 2)
                continue;
            if (add_decoder(d, (*p)->name) == 0)
                d->channels[d->n_channels - 1].freq_hz = *f;
            if (rec->centre_hz == 0)
                break;
        }
    }
}

/* ---- output ----------------------------------------------------------------------------- */

static void stop(struct decode *d);

static void on_broken_output(uv_timer_t *t)
{
    stop(t->data);
}

static void on_frame(void *ctx, const struct hz_frame *f)
{
    struct decode *d = ctx;
    if (d->write_error || f->kind == HZ_KIND_STATE)
        return;
    if (fwrite(f->data, 1, f->len, stdout) != f->len) {
        d->write_error = errno ? errno : EIO;
        /* not from here: the receiver and the bus are at work on this very frame */
        uv_timer_start(&d->progress, on_broken_output, 0, 0);
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
    struct hz_receiver_info info = hz_receiver_info(d->receiver);
    double wall = (double)(uv_hrtime() - d->started_ns) / 1e9;
    char share[32] = "";
    if (d->duration_s > 0)
        snprintf(share, sizeof share, " (%.0f %%)", 100 * info.air_s / d->duration_s);
    fprintf(stderr, "\r%.1f s of air%s, %.1f x realtime ", info.air_s, share, info.air_s / wall);
}

static void take_totals(struct decode *d)
{
    struct hz_receiver_info info = hz_receiver_info(d->receiver);
    d->total = info.stats;
    d->rate_hz = info.rate_hz != 0 ? info.rate_hz : d->rate_hz;
    for (size_t i = 0; i < info.n_channels; i++) {
        struct hz_channel_stats s = hz_channel_stats(info.channels[i]);
        for (int r = 0; r < HZ_REASONS; r++)
            d->count[r] += s.count[r];
        d->arena_drops += s.arena_drops;
        if (hz_channel_error(info.channels[i]))
            d->exit_code = HZ_EXIT_FAILED;
    }
}

static void summary(const struct decode *d)
{
    double air = d->rate_hz > 0 ? (double)d->total.samples / d->rate_hz : 0;
    double wall = (double)(uv_hrtime() - d->started_ns) / 1e9;
    double cpu = cpu_seconds();
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
    hz_bus_close(d->bus);
    uv_close((uv_handle_t *)&d->progress, NULL);
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

static int start(struct decode *d)
{
    hz_jobs_size_pool(d->workers);
    int rc = uv_loop_init(&d->loop);
    if (rc != 0)
        return rc;
    hz_jobs_init(&d->jobs, &d->loop, d->workers);
    uv_timer_init(&d->loop, &d->progress);
    d->progress.data = d;
    d->bus = hz_bus_new(&d->loop, 16, 1 << 20, "decode");
    struct hz_receiver_env env = {.loop = &d->loop,
                                  .jobs = &d->jobs,
                                  .bus = d->bus,
                                  .conf = &d->conf,
                                  .block_samples = d->block_samples,
                                  .once = true,
                                  .ended = on_ended,
                                  .ctx = d};
    d->receiver = d->bus ? hz_receiver_new(&env) : NULL;
    if (!d->receiver)
        return -ENOMEM;
    hz_bus_tap(d->bus, on_frame, d);
    for (size_t i = 0; i < d->n_channels && rc == 0; i++)
        rc = hz_receiver_add_channel(d->receiver, &d->channels[i]);
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
    hz_receiver_start(d->receiver);
    uv_run(&d->loop, UV_RUN_DEFAULT);
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

/* What asks for the whole band must like its rate. */
static int check_rates(const struct decode *d, const struct hz_recording *rec)
{
    for (size_t i = 0; i < d->n_channels; i++) {
        const struct hz_decoder *p = d->channels[i].decoder;
        if (p->input != HZ_INPUT_BAND ||
            (rec->rate_hz >= p->rate_min_hz && rec->rate_hz <= p->rate_max_hz))
            continue;
        fprintf(stderr, "hertzd decode: %g samples per second: %s expected %g to %g\n",
                rec->rate_hz, p->name, p->rate_min_hz, p->rate_max_hz);
        return HZ_EXIT_USAGE;
    }
    return 0;
}

/* Looks at the recording before anything is started, so that what is wrong with the arguments is
 * told as such. */
static int prepare(struct decode *d)
{
    struct hz_recording rec;
    char err[512] = "";
    int rc = hz_recording_open(&d->conf, &rec, err, sizeof err);
    if (rc != 0) {
        fprintf(stderr, "hertzd decode: %s\n", err);
        return rc == -EINVAL ? HZ_EXIT_USAGE : HZ_EXIT_FAILED;
    }
    d->rate_hz = rec.rate_hz;
    if (!rec.pipe)
        d->duration_s = (double)rec.bytes / (double)hz_format_bytes(rec.format) / rec.rate_hz;
    if (d->n_channels == 0)
        choose_decoders(d, &rec);
    if (d->n_channels == 0) {
        fprintf(stderr,
                "hertzd decode: no decoder takes %.6g Msps at %.6g MHz; name one with -d, and see "
                "`hertzd decoders`\n",
                rec.rate_hz / 1e6, rec.centre_hz / 1e6);
        rc = HZ_EXIT_USAGE;
    } else {
        rc = check_rates(d, &rec);
    }
    hz_recording_done(&rec);
    return rc;
}

int hz_cmd_decode(int argc, char **argv)
{
    struct decode *d = calloc(1, sizeof *d);
    if (!d)
        return HZ_EXIT_FAILED;
    signal(SIGPIPE, SIG_IGN);
    d->workers = hz_jobs_default_workers();
    if (hz_conf_receiver_init(&d->conf, "file", "file") != 0)
        return HZ_EXIT_FAILED;
    d->conf.pace = HZ_PACE_MAX;
    int code = HZ_EXIT_USAGE;
    int rc = parse_arguments(d, argc, argv);
    if (rc == 1)
        code = HZ_EXIT_OK;
    else if (rc == 0)
        code = prepare(d);
    if (rc == 0 && code == 0)
        code = run(d);
    hz_conf_receiver_done(&d->conf);
    free(d);
    return code;
}
