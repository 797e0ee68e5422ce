/* hertzd learn: a declaration proposed from a few recordings of one device. */
#include "config/sensors.h"
#include "daemon/base/jobs.h"
#include "daemon/cmd/commands.h"
#include "daemon/cmd/decode_args.h"
#include "daemon/cmd/learn_hear.h"
#include "daemon/cmd/learn_show.h"
#include "daemon/source/source.h"
#include "proto/sensors/collect.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FILES_MAX = 64, ENOUGH = 10, WITHOUT_MAX = 16 };

static const char usage[] =
    "usage: hertzd learn [options] FILE[=VALUE]...\n"
    "       hertzd learn [options] -r RECEIVER\n"
    "Proposes the declaration of a sensor or remote from recordings of it: a few presses of each\n"
    "key, or readings that differ. VALUE is what the device showed, as 21.4. The text goes to\n"
    "standard output, with what is sure and what is a guess, and how it reads the recordings.\n\n"
    "  -r NAME         listens with that [receiver] instead, until there are enough bursts or "
    "Ctrl-C\n"
    "  -c FILE         the configuration that has it (" HZ_DEFAULT_CONFIG ")\n"
    "  -n N            bursts that are enough (10)\n"
    "  --value V       the value of a recording: one for each FILE, in their order; - where it is\n"
    "                  not known\n"
    "  --field NAME    what the value is called (value; temperature_C and the like: "
    "docs/sensors.md)"
    "\n"
    "  --name NAME     of the section and the model (my-sensor)\n"
    "  --without MODEL takes a known model out of what the recordings are held against, "
    "repeatable\n"
    "  --rate RATE     samples per second of the recordings, as 250k (default: from file or name)\n"
    "  -f FREQ         their centre, as 433.92M (default: likewise); with -r: only there\n"
    "  -t FORMAT       their format, as `hertzd decode -t`\n"
    "  -w N            workers (default: the cores)\n";

struct learning {
    const struct hz_conf_kinds *kinds;
    const char *name, *field, *receiver, *config;
    double rate_hz, centre_hz;
    struct hz_conf_format format;
    int workers;
    unsigned enough;
    const char *file[FILES_MAX];
    double value[FILES_MAX], step[FILES_MAX];
    size_t n_files, n_values;
    const char *without[WITHOUT_MAX];
    size_t n_without;
    struct hz_sensor_set *known; /* what is declared already, without those */
    char read_as[FILES_MAX][64]; /* a model that reads the recording; "": none does */
    struct hz_learn *learn;
    int now; /* the recording that is heard */
};

static int wrong(const char *what, const char *value, const char *expected)
{
    fprintf(stderr, "hertzd learn: %s \"%s\": expected %s\n", what, value, expected);
    return -EINVAL;
}

/* ---- the command line ------------------------------------------------------------------- */

/* A number with its last digit's step. False: it is none. */
static bool parse_value(const char *text, double *value, double *step)
{
    char *end;
    const char *point = strchr(text, '.');
    *value = strtod(text, &end);
    *step = point ? pow(10, -(double)(end - point - 1)) : 1;
    return end != text && *end == '\0' && isfinite(*value);
}

static int add_value(struct learning *a, const char *text)
{
    if (a->n_values == FILES_MAX)
        return wrong("value", text, "at most 64 of them");
    size_t i = a->n_values++;
    a->value[i] = NAN;
    if (strcmp(text, "-") == 0 || parse_value(text, &a->value[i], &a->step[i]))
        return 0;
    return wrong("value", text, "a number as 21.4, or -");
}

/* FILE, or FILE=VALUE where there is no file of that whole name. */
static int add_file(struct learning *a, char *word)
{
    char *equals = strrchr(word, '=');
    double value, step;
    if (a->n_files == FILES_MAX)
        return wrong("recording", word, "at most 64 of them");
    a->file[a->n_files] = word;
    if (equals && access(word, F_OK) != 0 && parse_value(equals + 1, &value, &step)) {
        *equals = '\0';
        a->value[a->n_files] = value;
        a->step[a->n_files] = step;
    }
    a->n_files++;
    return 0;
}

static int parse_option(struct learning *a, int opt, const char *arg)
{
    char *end;
    long n;
    switch (opt) {
    case 'r':
        a->receiver = arg;
        return 0;
    case 'c':
        a->config = arg;
        return 0;
    case 'v':
        return add_value(a, arg);
    case 'o':
        if (a->n_without == WITHOUT_MAX)
            return wrong("model", arg, "at most 16 of them");
        a->without[a->n_without++] = arg;
        return 0;
    case 'F':
        a->field = arg;
        return 0;
    case 'N':
        a->name = arg;
        return 0;
    case 'R':
        return hz_parse_hz(arg, &a->rate_hz) == 0 && a->rate_hz > 0
                   ? 0
                   : wrong("rate", arg, "a number over 0, as 250k");
    case 'f':
        return hz_parse_hz(arg, &a->centre_hz) == 0 && a->centre_hz > 0
                   ? 0
                   : wrong("frequency", arg, "a number over 0, as 433.92M");
    case 't':
        return hz_parse_format(arg, &a->format) == 0 ? 0
                                                     : wrong("format", arg, "cu8, cs16, wav, …");
    default:
        n = strtol(arg, &end, 10);
        if (*end || end == arg || n < 1 || n > 128)
            return wrong(opt == 'w' ? "workers" : "number", arg, "a whole number from 1 to 128");
        if (opt == 'w')
            a->workers = (int)n;
        else
            a->enough = (unsigned)n;
        return 0;
    }
}

static bool is_name(const char *s)
{
    size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");
    return n > 0 && n <= HZ_NAME_MAX && s[n] == '\0';
}

/* What the words together have to be. */
static int check(struct learning *a)
{
    if (!is_name(a->name))
        return wrong("name", a->name, "at most 31 letters, digits, - and _");
    if (!is_name(a->field) || strpbrk(a->field, "-."))
        return wrong("field", a->field, "letters, digits and _");
    if (a->receiver ? a->n_files > 0 : a->n_files == 0) {
        fputs("hertzd learn: expected recordings, or -r RECEIVER; see 'hertzd learn --help'\n",
              stderr);
        return -EINVAL;
    }
    if (a->n_values == 0 || a->n_values == a->n_files)
        return 0;
    fprintf(stderr,
            "hertzd learn: %zu values for %zu recordings: expected one for each, - where it "
            "is not known, or FILE=VALUE\n",
            a->n_values, a->n_files);
    return -EINVAL;
}

/* 0; 1: help was given; -EINVAL. */
static int parse(struct learning *a, int argc, char **argv)
{
    static const struct option longs[] = {
        {"value", required_argument, NULL, 'v'},   {"field", required_argument, NULL, 'F'},
        {"without", required_argument, NULL, 'o'}, {"name", required_argument, NULL, 'N'},
        {"rate", required_argument, NULL, 'R'},    {"config", required_argument, NULL, 'c'},
        {"help", no_argument, NULL, 'h'},          {0}};
    static const struct hz_cmd_syntax syntax = {"hertzd learn", usage, "r:c:n:f:t:w:", longs};
    int opt, code = HZ_EXIT_OK;
    for (size_t i = 0; i < FILES_MAX; i++)
        a->value[i] = NAN;
    while ((opt = hz_cmd_option(&syntax, argc, argv, &code)) >= 0) {
        if (parse_option(a, opt, optarg) != 0)
            return -EINVAL;
    }
    if (opt == HZ_CMD_END)
        return code == HZ_EXIT_OK ? 1 : -EINVAL;
    for (int i = optind; i < argc; i++) {
        if (add_file(a, argv[i]) != 0)
            return -EINVAL;
    }
    return check(a);
}

/* ---- what is known ---------------------------------------------------------------------- */

/* The shipped declarations but for those models, which have to be among them. */
static int load_known(struct learning *a)
{
    struct hz_sensor_set *all;
    char err[400], off[8192] = "";
    size_t n = 0;
    int rc = hz_sensor_set_builtin(&all, err, sizeof err);
    for (size_t k = 0; k < a->n_without && rc == 0; k++) {
        size_t before = n;
        for (size_t i = 0; i < all->n && n < sizeof off; i++) {
            if (strcmp(all->list[i].model, a->without[k]) == 0 ||
                strcmp(all->list[i].name, a->without[k]) == 0)
                n += (size_t)snprintf(off + n, sizeof off - n, "[sensor %s]\nuse = no\n",
                                      all->list[i].name);
        }
        if (n == before)
            rc = wrong("model", a->without[k], "one that `hertzd decoders sensors` lists");
        if (n >= sizeof off)
            rc = wrong("model", a->without[k], "fewer of them");
    }
    if (rc != 0 && a->n_without == 0)
        fprintf(stderr, "hertzd learn: %s\n", err);
    if (rc == 0) {
        hz_sensor_set_unref(all);
        rc = hz_sensor_set_with(&a->known, "--without", off, n, err, sizeof err);
        if (rc != 0)
            fprintf(stderr, "hertzd learn: %s\n", err);
    }
    return rc;
}

static void on_known(void *ctx, const char *model)
{
    struct learning *a = ctx;
    snprintf(a->read_as[a->now], sizeof a->read_as[0], "%s", model);
}

/* ---- hearing ---------------------------------------------------------------------------- */

static void on_burst(void *ctx, const struct hz_pulses *p, const struct hz_record *rec)
{
    struct learning *a = ctx;
    size_t i = (size_t)a->now;
    struct hz_learn_about about = {.recording = a->now,
                                   .value = a->value[i],
                                   .step = a->step[i] > 0 ? a->step[i] : 1,
                                   .begin_s = (double)rec->utc_ns / 1e9,
                                   .end_s = (double)rec->end_ns / 1e9,
                                   .level_db = (double)rec->rssi_dbfs};
    if (rec->freq_hz > 0)
        about.mhz = (rec->freq_hz + (double)rec->offset_hz) / 1e6;
    hz_learn_add(a->learn, p, &about);
    if (a->receiver)
        fprintf(stderr, "burst %zu at %.3f MHz: %zu row%s\n", a->learn->n_bursts, about.mhz,
                p->n_rows, p->n_rows == 1 ? "" : "s");
}

/* Plans the recording's band for the one decoder, as `hertzd decode` would. 0 or the exit code. */
static int plan(const struct learning *a, struct hz_decode_args *args, const char *file)
{
    struct hz_recording rec;
    char err[512] = "";
    args->kinds = a->kinds;
    args->conf = (struct hz_conf_file *)hz_conf_receiver_new(&hz_file_kind, "file");
    if (!args->conf)
        return HZ_EXIT_FAILED;
    free(args->conf->path);
    args->conf->path = strdup(file);
    args->conf->receiver.pace = HZ_PACE_MAX;
    args->conf->receiver.rate_hz = a->rate_hz;
    args->conf->receiver.centre_hz = a->centre_hz;
    args->conf->receiver.format = a->format;
    const struct hz_decoder *sensors = hz_registry_find(a->kinds->decoders, "sensors");
    hz_conf_channel_init(&args->channels[args->n_channels++], "bursts", &hz_collect_decoder);
    if (sensors && a->known) {
        hz_conf_channel_init(&args->channels[1], "sensors", sensors);
        args->channels[args->n_channels++].sensors = a->known;
    }
    int rc = hz_recording_open(args->conf, &rec, err, sizeof err);
    if (rc != 0) {
        fprintf(stderr, "hertzd learn: %s\n", err);
        return rc == -EINVAL ? HZ_EXIT_USAGE : HZ_EXIT_FAILED;
    }
    int code = hz_decode_args_plan(args, &rec);
    hz_recording_done(&rec);
    return code;
}

static int hear_file(struct learning *a, const char *file)
{
    struct hz_decode_args *args = calloc(1, sizeof *args);
    struct hz_learn_hear h = {
        .workers = a->workers, .burst = on_burst, .known = on_known, .ctx = a};
    int code = args ? plan(a, args, file) : HZ_EXIT_FAILED;
    if (code == 0) {
        h.conf = &args->conf->receiver;
        h.channels = args->channels;
        h.n_channels = args->n_channels;
        code = hz_learn_hear_run(&h);
    }
    if (code == 0 && h.bursts == 0)
        fprintf(stderr, "hertzd learn: %s: no strong burst in it\n", file);
    if (code == 0 && a->read_as[a->now][0])
        fprintf(stderr,
                "hertzd learn: %s: hertzd reads it already, as %s; --without %s goes on as if it "
                "did not\n",
                file, a->read_as[a->now], a->read_as[a->now]);
    if (args)
        hz_decode_args_done(args);
    free(args);
    return code;
}

static int hear_receiver(struct learning *a, const struct hz_config *conf)
{
    struct hz_conf_channel channel;
    struct hz_learn_hear h = {.channels = &channel,
                              .n_channels = 1,
                              .workers = a->workers,
                              .live = true,
                              .enough = a->enough,
                              .burst = on_burst,
                              .ctx = a};
    for (size_t i = 0; i < conf->n_receivers; i++) {
        if (strcmp(conf->receivers[i]->name, a->receiver) == 0)
            h.conf = conf->receivers[i];
    }
    if (!h.conf) {
        wrong("receiver", a->receiver, "the name of a [receiver] section");
        return HZ_EXIT_USAGE;
    }
    hz_conf_channel_init(&channel, "bursts", &hz_collect_decoder);
    channel.freq_hz = a->centre_hz; /* 0: anywhere */
    snprintf(channel.receiver, sizeof channel.receiver, "%s", a->receiver);
    fprintf(stderr, "hertzd learn: listening for %u bursts; Ctrl-C ends it earlier\n", a->enough);
    a->file[0] = a->receiver;
    return hz_learn_hear_run(&h);
}

static int hear(struct learning *a)
{
    struct hz_config conf;
    struct hz_conf_errors errors = {0};
    int code = 0;
    for (size_t i = 0; i < a->n_files && code == 0; i++) {
        a->now = (int)i;
        code = hear_file(a, a->file[i]);
    }
    if (!a->receiver || code != 0)
        return code;
    if (hz_config_load(&conf, a->kinds, a->config, &errors) != 0) {
        fputs(errors.text ? errors.text : "hertzd learn: the configuration cannot be read\n",
              stderr);
        hz_conf_errors_done(&errors);
        return HZ_EXIT_USAGE;
    }
    code = hear_receiver(a, &conf);
    hz_config_free(&conf);
    hz_conf_errors_done(&errors);
    return code;
}

/* ---- all -------------------------------------------------------------------------------- */

static int learn(struct learning *a)
{
    int code = load_known(a) == 0 ? hear(a) : HZ_EXIT_USAGE;
    if (code != 0)
        return code;
    if (!hz_learn_run(a->learn)) {
        fprintf(stderr,
                "hertzd learn: %zu burst%s, none of which has bits by any coding that is known "
                "here\n",
                a->learn->n_bursts, a->learn->n_bursts == 1 ? "" : "s");
        return HZ_EXIT_FAILED;
    }
    if (a->learn->n_used < a->learn->n_bursts || a->learn->left_out > 0)
        fprintf(stderr, "hertzd learn: %zu of %zu bursts are of another kind, and left out\n",
                a->learn->n_bursts - a->learn->n_used + a->learn->left_out,
                a->learn->n_bursts + a->learn->left_out);
    return hz_learn_show(a->learn, a->name, a->field, a->file);
}

int hz_cmd_learn(int argc, char **argv, const struct hz_conf_kinds *kinds)
{
    struct learning *a = calloc(1, sizeof *a);
    int code = HZ_EXIT_FAILED;
    if (!a)
        return code;
    a->kinds = kinds;
    a->name = "my-sensor";
    a->field = "value";
    a->config = HZ_DEFAULT_CONFIG;
    a->enough = ENOUGH;
    a->workers = hz_jobs_default_workers();
    a->learn = hz_learn_new();
    int rc = parse(a, argc, argv);
    if (a->learn)
        hz_jobs_size_pool(a->workers);
    if (rc != 0)
        code = rc > 0 ? HZ_EXIT_OK : HZ_EXIT_USAGE;
    else if (a->learn)
        code = learn(a);
    hz_learn_free(a->learn);
    hz_sensor_set_unref(a->known);
    free(a);
    return code;
}
