/* Listens with hertzd itself: a child with the configuration as it will be, which is asked over its
 * control socket as any other. So what is measured is what will run, and a dongle that hangs cannot
 * hold up the dialogue. */
#include "ctl/answer.h"
#include "ctl/change.h"
#include "ctl/client.h"
#include "ctl/clock.h"
#include "daemon/cmd/setup.h"

#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TRIES = 4 /* gains besides auto */, START_MS = 20000, LOOK_MS = 50, PATH_SIZE = 128 };

struct listening {
    struct hz_setup_draft *s;
    FILE *out;
    pid_t child;
    char folder[PATH_SIZE], socket[PATH_SIZE], file[PATH_SIZE];
    struct hz_ctl_client client;
};

/* ---- the child -------------------------------------------------------------------------- */

static int write_file(const char *path, const char *text_of_file)
{
    FILE *f = fopen(path, "we");
    if (!f)
        return -1;
    int rc = fputs(text_of_file, f) < 0 ? -1 : 0;
    return fclose(f) == 0 ? rc : -1;
}

static int start(struct listening *l)
{
    snprintf(l->folder, sizeof l->folder, "/tmp/hertzd-setup-XXXXXX"); /* short: of a socket */
    if (!mkdtemp(l->folder))
        return -1;
    snprintf(l->socket, sizeof l->socket, "%.100s/socket", l->folder);
    snprintf(l->file, sizeof l->file, "%.100s/hertzd.conf", l->folder);
    char *conf = hz_setup_text(l->s, l->socket);
    int rc = conf ? write_file(l->file, conf) : -1;
    free(conf);
    l->child = rc == 0 ? fork() : -1;
    if (l->child == 0) {
        char *const args[] = {(char[]){"hertzd"}, (char[]){"-c"}, l->file, NULL};
        int null = open("/dev/null", O_RDWR);
        sigset_t none;
        sigemptyset(&none); /* signals may be blocked here; it must end by one */
        sigprocmask(SIG_SETMASK, &none, NULL);
        for (int fd = 0; fd <= 2 && null >= 0; fd++)
            dup2(null, fd);
        execv("/proc/self/exe", args);
        _exit(127);
    }
    return l->child < 0 ? -1 : 0;
}

static void stop(struct listening *l)
{
    if (l->child > 0) {
        kill(l->child, SIGTERM);
        waitpid(l->child, NULL, 0);
    }
    unlink(l->file);
    unlink(l->socket);
    rmdir(l->folder);
    hz_ctl_done(&l->client);
}

/* Waits for the control socket. */
static int connect_child(struct listening *l)
{
    int left = START_MS;
    while (hz_ctl_connect(&l->client, l->socket) < 0) {
        hz_ctl_done(&l->client);
        if ((left -= LOOK_MS) < 0 || waitpid(l->child, NULL, WNOHANG) != 0)
            return -1;
        hz_ctl_pause_ms(LOOK_MS);
    }
    return 0;
}

/* Waits until samples come. 0, or -1: told why not. */
static int wait_for_samples(struct listening *l, const struct hz_setup_dongle *d)
{
    char why[HZ_SETUP_TEXT] = "";
    for (int left = START_MS; left > 0; left -= LOOK_MS) {
        cJSON *r = NULL;
        if (hz_ctl_receiver(&l->client, d->name, &r) < 0)
            break;
        bool streams = strcmp(hz_ctl_text(r, "state"), "streaming") == 0 &&
                       !isnan(hz_ctl_number(r, "level_dbfs"));
        bool failed = strcmp(hz_ctl_text(r, "state"), "backoff") == 0;
        snprintf(why, sizeof why, "%s", hz_ctl_text(r, "reason"));
        cJSON_Delete(r);
        if (streams)
            return 0;
        if (failed)
            break;
        hz_ctl_pause_ms(LOOK_MS);
    }
    fprintf(l->out, "  %s: no samples came%s%s\n", d->name, *why ? ": " : "", why);
    return -1;
}

/* ---- one dongle ------------------------------------------------------------------------- */

static double messages_of(struct listening *l, const struct hz_setup_dongle *d)
{
    cJSON *all = NULL, *row;
    double sum = 0;
    if (hz_ctl_call(&l->client, "channels", NULL, &all) < 0)
        return 0;
    cJSON_ArrayForEach(row, all)
    {
        if (strcmp(hz_ctl_text(row, "receiver"), d->name) == 0)
            sum += hz_ctl_number(row, "messages");
    }
    cJSON_Delete(all);
    return sum;
}

static int set_gain(struct listening *l, const struct hz_setup_dongle *d, double gain_db)
{
    cJSON *params = cJSON_CreateObject(), *r = NULL;
    cJSON_AddStringToObject(params, "receiver", d->name);
    if (isnan(gain_db))
        cJSON_AddStringToObject(params, "value", "auto");
    else
        cJSON_AddNumberToObject(params, "value", gain_db);
    int rc = hz_ctl_set(&l->client, "gain", params, &r);
    cJSON_Delete(params);
    cJSON_Delete(r);
    return rc;
}

/* Counts what is heard with one gain for a while. */
static void try_gain(struct listening *l, const struct hz_setup_dongle *d, struct hz_setup_trial *t,
                     double ms)
{
    cJSON *r = NULL;
    if (set_gain(l, d, t->gain_db) < 0) {
        fprintf(l->out, "  %s\n", l->client.err);
        return;
    }
    double before = messages_of(l, d);
    hz_ctl_pause_ms(ms);
    t->messages = messages_of(l, d) - before;
    if (hz_ctl_receiver(&l->client, d->name, &r) < 0)
        return;
    t->clip_percent = hz_ctl_number(r, "clip_percent");
    t->level_dbfs = hz_ctl_number(r, "level_dbfs");
    cJSON_Delete(r);
    if (isnan(t->gain_db))
        fprintf(l->out, "  gain auto   ");
    else
        fprintf(l->out, "  gain %4.1f dB", t->gain_db);
    fprintf(l->out, "  %6.0f messages, level %5.1f dBFS, clipped %.1f %%\n", t->messages,
            t->level_dbfs, t->clip_percent);
    fflush(l->out);
}

/* The gains that are tried: auto, and steps of the tuner from the middle of its range upwards. */
static size_t choose_gains(struct listening *l, const struct hz_setup_dongle *d,
                           struct hz_setup_trial trials[TRIES + 1])
{
    cJSON *r = NULL;
    size_t n = 1;
    trials[0] = (struct hz_setup_trial){.gain_db = NAN};
    if (hz_ctl_receiver(&l->client, d->name, &r) < 0)
        return n;
    const cJSON *gains = cJSON_GetObjectItemCaseSensitive(r, "gains_db");
    const int steps = cJSON_GetArraySize(gains);
    for (int i = 0; i < TRIES && steps >= 2 * TRIES; i++) {
        int step = steps / 2 + (steps - 1 - steps / 2) * i / (TRIES - 1);
        trials[n++] =
            (struct hz_setup_trial){.gain_db = cJSON_GetArrayItem(gains, step)->valuedouble};
    }
    cJSON_Delete(r);
    return n;
}

static void propose_gain(struct hz_setup_dongle *d, const struct hz_setup_trial *trials, size_t n,
                         double seconds)
{
    const struct hz_setup_trial *best = hz_setup_best(trials, n);
    d->gain_db = best ? best->gain_db : NAN;
    d->gain_best = !best;
    if (best)
        snprintf(d->why_gain, sizeof d->why_gain,
                 "Of %zu gains none had clearly more messages when it was set up: %.0f in %.0f s.",
                 n, best->messages, seconds);
    else
        snprintf(
            d->why_gain, sizeof d->why_gain,
            "No message was heard when it was set up: the best gain is searched while it runs.");
}

static void propose_ppm(struct listening *l, struct hz_setup_dongle *d, double seconds)
{
    static const char *const ways[] = {"", "the carriers that were heard",
                                       "this machine's clock, which tells 3 ppm and more"};
    enum hz_setup_ppm_by by;
    double error;
    cJSON *r = NULL;
    if (hz_ctl_receiver(&l->client, d->name, &r) < 0)
        return;
    d->ppm = hz_setup_ppm(hz_ctl_number(r, "ppm_heard"), hz_ctl_number(r, "ppm_error"), seconds,
                          &error, &by);
    cJSON_Delete(r);
    d->ppm_auto = by == HZ_PPM_UNKNOWN;
    if (d->ppm_auto) {
        snprintf(
            d->why_ppm, sizeof d->why_ppm,
            "The error of its crystal was not measured when it was set up: that is done while it "
            "runs.");
        return;
    }
    snprintf(d->why_ppm, sizeof d->why_ppm,
             "The error of its crystal was %+.1f ppm when it was set up, by %s.", error, ways[by]);
    fprintf(l->out, "  %s\n", d->why_ppm);
}

static void listen_with(struct listening *l, struct hz_setup_dongle *d, double seconds)
{
    struct hz_setup_trial trials[TRIES + 1];
    fprintf(l->out, "Listening with %s\n", d->name);
    fflush(l->out);
    if (wait_for_samples(l, d) < 0)
        return;
    size_t n = choose_gains(l, d, trials);
    for (size_t i = 0; i < n; i++)
        try_gain(l, d, &trials[i], seconds * 1000 / (double)n);
    propose_gain(d, trials, n, seconds / (double)n);
    propose_ppm(l, d, seconds);
}

void hz_setup_listen(struct hz_setup_draft *s, double seconds, FILE *out)
{
    struct listening l = {.s = s, .out = out, .client = {.fd = -1}};
    size_t open = 0;
    for (size_t i = 0; i < s->n_dongles; i++)
        open += s->dongles[i].opens && hz_setup_used(s, i);
    if (open == 0 || seconds <= 0)
        return;
    if (start(&l) < 0 || connect_child(&l) < 0) {
        fputs("hertzd could not be started to listen: gain and ppm stay as they are\n", out);
    } else {
        for (size_t i = 0; i < s->n_dongles; i++) {
            if (s->dongles[i].opens && hz_setup_used(s, i))
                listen_with(&l, &s->dongles[i], seconds / (double)open);
        }
    }
    stop(&l);
}
