/* hertzd setup: from a dongle to a configuration that hears something. A dialogue on a terminal;
 * every answer is an option too. */
#include "daemon/cmd/setup.h"
#include "config/config.h"
#include "ctl/option.h"
#include "daemon/cmd/commands.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LISTEN_S 30.0 /* not told how long */

struct dialogue {
    struct hz_setup_draft setup;
    struct hz_setup_ask ask;
    const struct hz_conf_kinds *kinds;
    /* as options; NULL: to be asked */
    const char *config, *dongle, *place, *region, *interests, *gain, *ppm, *listen;
    bool force;
    int start; /* 1: yes; 0: no; -1: to be asked */
};

static const struct hz_cmd_syntax syntax = {
    "hertzd setup",
    "usage: hertzd setup [options]\n\n"
    "Asks what is to be heard, and writes the configuration. Answers may be options:\n\n"
    "  -c, --config FILE    default: " HZ_DEFAULT_CONFIG "\n"
    "  --yes                ask nothing: what is not given here takes its default\n"
    "  --dongle DEVICE      only this one, by serial number or USB port; default: all\n"
    "  --place LAT,LON      where the antenna is, as 48.137,11.575; default: none\n"
    "  --region NAME        europe (default; also Africa), america, australia, japan\n"
    "  --interests LIST     first things first: aircraft (default), ships, airlines,\n"
    "                       datalink, packet, pagers, sensors, meters, radiosondes,\n"
    "                       speech, broadcast\n"
    "  --listen SECONDS     to choose gain and ppm, 0 to 60; default: 30\n"
    "  --gain DB|auto|best  do not compare gains; best: it is searched while it runs\n"
    "  --ppm N|auto         do not measure the crystal; auto: that is done later\n"
    "  --force              replace a file that is there, which is kept beside it\n"
    "  --start, --no-start  start the service, or do not\n",
    "c:",
    (const struct option[]){{"config", required_argument, NULL, 'c'},
                            {"yes", no_argument, NULL, 'y'},
                            {"dongle", required_argument, NULL, 'd'},
                            {"place", required_argument, NULL, 'p'},
                            {"region", required_argument, NULL, 'r'},
                            {"interests", required_argument, NULL, 'i'},
                            {"listen", required_argument, NULL, 'l'},
                            {"gain", required_argument, NULL, 'g'},
                            {"ppm", required_argument, NULL, 'm'},
                            {"force", no_argument, NULL, 'f'},
                            {"start", no_argument, NULL, 'S'},
                            {"no-start", no_argument, NULL, 'N'},
                            {"help", no_argument, NULL, 'h'},
                            {0}}};

static void take(struct dialogue *d, int opt)
{
    const struct {
        int opt;
        const char **value;
    } values[] = {{'c', &d->config}, {'d', &d->dongle}, {'p', &d->place}, {'r', &d->region},
                  {'l', &d->listen}, {'g', &d->gain},   {'m', &d->ppm},   {'i', &d->interests}};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        if (values[i].opt == opt)
            *values[i].value = optarg;
    }
    d->ask.silent |= opt == 'y';
    d->force |= opt == 'f';
    d->start = opt == 'S' ? 1 : opt == 'N' ? 0 : d->start;
}

/* Takes the answer of an option, or asks. An option that is wrong is not asked again: -EINVAL. */
static int answer(struct dialogue *d, const char *option, const char *question, const char *usual,
                  bool (*good)(void *ctx, const char *text))
{
    if (option)
        return good(d, option) ? 0 : -EINVAL;
    return hz_setup_ask_text(&d->ask, question, usual, good, d);
}

static bool wrong(const struct dialogue *d, const char *text, const char *expected)
{
    fprintf(d->ask.out, "'%s': expected %s\n", text, expected);
    return false;
}

/* ---- the answers ------------------------------------------------------------------------ */

static bool good_place(void *ctx, const char *text)
{
    struct dialogue *d = ctx;
    char latitude[32];
    const char *comma = strchr(text, ',');
    double lat, lon;
    d->setup.latitude = d->setup.longitude = NAN;
    if (strcmp(text, "none") == 0)
        return true;
    snprintf(latitude, sizeof latitude, "%.*s", comma ? (int)(comma - text) : 0, text);
    if (!comma || hz_parse_number(latitude, &lat) < 0 ||
        hz_parse_number(comma + 1 + strspn(comma + 1, " "), &lon) < 0 || fabs(lat) > 90 ||
        fabs(lon) > 180)
        return wrong(d, text, "degrees north and east, as 48.137,11.575, or none");
    d->setup.latitude = lat;
    d->setup.longitude = lon;
    return true;
}

static bool good_region(void *ctx, const char *text)
{
    struct dialogue *d = ctx;
    char expected[200];
    int i = hz_word_find(hz_region_names, text, expected, sizeof expected);
    if (i < 0)
        return wrong(d, text, expected);
    d->setup.region = (enum hz_region)i;
    return true;
}

static bool good_interests(void *ctx, const char *text)
{
    struct dialogue *d = ctx;
    char err[HZ_SETUP_TEXT];
    if (hz_setup_wish(&d->setup, text, err, sizeof err) == 0)
        return true;
    fprintf(d->ask.out, "%s\n", err);
    return false;
}

static double seconds_of(const char *text)
{
    double s;
    return hz_parse_number(text, &s) == 0 && s >= 0 && s <= 60 ? s : NAN;
}

static bool good_listen(void *ctx, const char *text)
{
    struct dialogue *d = ctx;
    return !isnan(seconds_of(text)) || wrong(d, text, "seconds, 0 to 60");
}

static bool good_gain(void *ctx, const char *text)
{
    struct dialogue *d = ctx;
    double db = NAN;
    bool best = strcmp(text, "best") == 0;
    if (!best && strcmp(text, "auto") != 0 && (hz_parse_number(text, &db) < 0 || db < 0 || db > 60))
        return wrong(d, text, "dB from 0 to 60, auto or best");
    for (size_t i = 0; i < d->setup.n_dongles; i++) {
        d->setup.dongles[i].gain_db = db;
        d->setup.dongles[i].gain_best = best;
        d->setup.dongles[i].why_gain[0] = '\0';
    }
    return true;
}

static bool good_ppm(void *ctx, const char *text)
{
    struct dialogue *d = ctx;
    double ppm = 0;
    bool found = strcmp(text, "auto") == 0;
    if (!found && (hz_parse_number(text, &ppm) < 0 || fabs(ppm) > 1000))
        return wrong(d, text, "parts per million, -1000 to 1000, or auto");
    for (size_t i = 0; i < d->setup.n_dongles; i++) {
        d->setup.dongles[i].ppm = ppm;
        d->setup.dongles[i].ppm_auto = found;
        d->setup.dongles[i].why_ppm[0] = '\0';
    }
    return true;
}

/* ---- the steps -------------------------------------------------------------------------- */

static int ask_interests(struct dialogue *d)
{
    if (!d->interests && !d->ask.silent) {
        fputs("What is of interest? First things first, with commas:\n", d->ask.out);
        for (const struct hz_interest *i = hz_interests; i->name; i++) {
            double low, high;
            if (hz_heard_span(i->name, d->setup.region, &low, &high))
                fprintf(d->ask.out, "  %-12s %s (%.7g MHz)\n", i->name, i->what, low / 1e6);
        }
    }
    int rc = answer(d, d->interests, "Interests", "aircraft", good_interests);
    if (rc == 0)
        hz_setup_plan(&d->setup, d->ask.out);
    return rc;
}

/* Asked before the listening, so that nobody waits for nothing. */
static int ask_file(struct dialogue *d)
{
    char question[HZ_SETUP_TEXT];
    if (access(d->config, F_OK) != 0 || d->force)
        return 0;
    if (d->ask.silent) {
        fprintf(d->ask.out,
                "%s is there: --force replaces it, and keeps the old one under another name\n",
                d->config);
        return -EINVAL;
    }
    snprintf(question, sizeof question, "Replace %.200s (it is kept under another name)",
             d->config);
    int yes = hz_setup_ask_yes(&d->ask, question, true);
    if (yes == 0)
        fputs("nothing was written\n", d->ask.out);
    return yes == 1 ? 0 : -ECANCELED;
}

/* Gain and ppm as given are set before, so that they count while it listens, and after it, in place
 * of what it proposes. */
static int set_given(struct dialogue *d)
{
    if (d->gain && !good_gain(d, d->gain))
        return -EINVAL;
    return d->ppm && !good_ppm(d, d->ppm) ? -EINVAL : 0;
}

/* Listens; a service that has the dongles is stopped for so long. Nothing ends this program before
 * it has started it again. */
static void listen_now(struct dialogue *d, bool pause)
{
    sigset_t stop, before;
    sigemptyset(&stop);
    sigaddset(&stop, SIGINT);
    sigaddset(&stop, SIGTERM);
    sigprocmask(SIG_BLOCK, &stop, &before);
    if (pause) {
        fputs("The service is stopped while this listens.\n", d->ask.out);
        hz_setup_service_pause(true);
        hz_setup_find_again(&d->setup, d->ask.out);
    }
    hz_setup_listen(&d->setup, d->listen ? seconds_of(d->listen) : LISTEN_S, d->ask.out);
    if (pause)
        hz_setup_service_pause(false);
    sigprocmask(SIG_SETMASK, &before, NULL);
}

static int listen_a_while(struct dialogue *d)
{
    size_t open = 0, busy = 0;
    int rc = set_given(d);
    for (size_t i = 0; i < d->setup.n_dongles; i++) {
        open += d->setup.dongles[i].opens;
        busy += d->setup.dongles[i].busy;
    }
    if (rc == 0 && d->listen && !good_listen(d, d->listen))
        rc = -EINVAL;
    bool pause = busy > 0 && hz_setup_service_runs();
    bool none = d->listen && seconds_of(d->listen) == 0;
    if (rc != 0 || (open == 0 && !pause) || none || (d->gain && d->ppm))
        return rc;
    if (!d->listen && !d->ask.silent) {
        const char *question = pause
                                   ? "Listen for half a minute to choose gain and ppm; the service "
                                     "stops for so long"
                                   : "Listen for half a minute to choose gain and ppm";
        int yes = hz_setup_ask_yes(&d->ask, question, true);
        if (yes <= 0)
            return yes;
    }
    listen_now(d, pause);
    return set_given(d);
}

static int write_file(const struct dialogue *d)
{
    char err[HZ_SETUP_TEXT];
    char *text = hz_setup_text(&d->setup, NULL);
    int rc = text ? hz_setup_write(d->config, text, d->ask.out, err, sizeof err) : -ENOMEM;
    free(text);
    if (rc != 0)
        fprintf(stderr, "hertzd setup: %s\n", rc == -ENOMEM ? "no memory" : err);
    else
        fprintf(d->ask.out, "\n%s is written. `hertzd check` says of it:\n\n", d->config);
    fflush(d->ask.out);
    return rc;
}

static int check(const struct dialogue *d)
{
    char *args[] = {(char[]){"check"}, (char[]){"-c"}, (char *)d->config, NULL};
    optind = 0; /* getopt begins anew */
    return hz_cmd_check(3, args, d->kinds);
}

/* 0, or -errno: told. */
static int converse(struct dialogue *d)
{
    int rc = answer(d, d->place, "Where is the antenna, in degrees north,east (or none)", "none",
                    good_place);
    if (rc == 0)
        rc =
            answer(d, d->region, "Region, for usual frequencies: europe, america, australia, japan",
                   "europe", good_region);
    if (rc == 0)
        rc = ask_interests(d);
    if (rc == 0)
        rc = ask_file(d);
    return rc == 0 ? listen_a_while(d) : rc;
}

int hz_cmd_setup(int argc, char **argv, const struct hz_conf_kinds *kinds)
{
    struct dialogue d = {.kinds = kinds,
                         .config = HZ_DEFAULT_CONFIG,
                         .start = -1,
                         .ask = {.in = stdin, .out = stdout}};
    int opt, code = HZ_EXIT_USAGE;
    while ((opt = hz_cmd_option(&syntax, argc, argv, &code)) > 0)
        take(&d, opt);
    if (opt == HZ_CMD_END)
        return code;
    if (optind < argc)
        return hz_cmd_wrong(syntax.name, argv[optind], "not expected");
    if (!d.ask.silent && !isatty(STDIN_FILENO)) {
        fputs(
            "hertzd setup: standard input is no terminal: expected --yes, and answers as options; "
            "see 'hertzd setup --help'\n",
            stderr);
        return HZ_EXIT_USAGE;
    }
    hz_setup_find(&d.setup, d.dongle, d.ask.out);
    int rc = converse(&d);
    if (rc != 0)
        return rc == -EINVAL ? HZ_EXIT_USAGE : HZ_EXIT_FAILED;
    if (write_file(&d) != 0)
        return HZ_EXIT_FAILED;
    code = check(&d);
    return code == HZ_EXIT_OK ? hz_setup_service(&d.ask, d.config, d.start) : code;
}
